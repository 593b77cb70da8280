"""Opter by files: invoices and settlements in, payments out (docs/opter-files.md; rows OPT-01 to OPT-03, OPT-27)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.clients.limits import Unlimited
from brygga.clients.opter import OpterFolder
from brygga.clients.opter.xml_files import payments_file, payments_of, records
from brygga.errors import SettingsError
from brygga_sandbox import fortnox as fortnox_sandbox
from opter_hub import OpterHub

DOCS = Path(__file__).parents[2] / "docs" / "opter-files.md"


def examples() -> list[str]:
    """Return the files that the page shows."""
    return re.findall(r"```xml\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OpterHub]:
    """A hub between a Fortnox and a folder."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "100353.pdf").write_bytes(b"%PDF-1.4 hundra")
    with fortnox_sandbox.running(rate_limit=False) as fortnox:
        monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("OPTER_KEY", "-")
        folder: Any = type("Folder", (), {"base_url": tmp_path.as_uri(), "path": tmp_path, "requests": []})()
        made = OpterHub(sqlite_database.home, fortnox, folder)
        made.declare(send="opter")
        yield made


def put(hub: Any, name: str, text: str, encoding: str = "utf-8") -> None:
    (hub.opter.path / "in" / name).write_bytes(text.encode(encoding))


def test_files_of_the_page_become_invoices_and_a_supplier_invoice(hub: OpterHub) -> None:
    """OPT-01, OPT-03: the examples of the page, as they stand there; what became of them is noted in the folder."""
    invoices, settlements, *_ = examples()
    put(hub, "invoices.xml", invoices)
    put(hub, "settlements.xml", settlements)
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (invoice["InvoiceRows"][0]["Description"], float(invoice["Total"])) == ("Faktura 100353, 4555, 2026-09-04", 1250)
    assert hub.sync("settlements")["counts"]["created"] == 1
    exported = OpterFolder(hub.opter.path).exported()
    assert exported["Invoices/100353"]["documentNumber"] == "100353"
    hub.sync()
    assert OpterFolder(hub.opter.path).exported()["Invoices/100353"]["booked"] is True
    assert hub.sync()["counts"]["updated"] == 0


def test_payments_are_written_into_a_file_once(hub: OpterHub) -> None:
    """OPT-02, OPT-27: nothing is written before they are saved; saved again there is no second file."""
    from brygga.sync.payments import Wish
    from brygga.sync.start import begin_run, execute

    put(hub, "invoices.xml", examples()[0])
    hub.sync()
    body = {"InvoicePayment": {"InvoiceNumber": 100353, "Amount": 1250, "PaymentDate": "2026-10-01"}}
    number = hub.fortnox_call("POST", "/3/invoicepayments", body)["InvoicePayment"]["Number"]
    hub.fortnox_call("PUT", f"/3/invoicepayments/{number}/bookkeep")
    out = hub.opter.path / "out"
    for save in (False, True, True):
        execute(begin_run(hub.integration(), "payments", trigger="person", only=Wish(save=save).only()).pk)
        assert len(list(out.glob("payments-*.xml"))) == int(save)
    [file] = out.glob("payments-*.xml")
    [payment] = payments_of(file.read_bytes(), file.name)
    assert (payment["invoiceNumber"], payment["amount"], payment["paymentDate"]) == ("100353", Decimal(1250), "2026-10-01")
    assert not list(out.glob("*.part"))


def test_pdf_beside_the_file_goes_with_the_invoice_and_one_that_lacks_stops_the_run(hub: OpterHub) -> None:
    """OPT-01: the page's example names its PDF; nothing outside of the folder is read."""
    hub.declare(send="fortnox_with_pdf")
    text = examples()[0]
    assert 'pdf="100353.pdf"' in text
    (hub.opter.path / "in" / "100353.pdf").unlink()
    (hub.opter.path / "secret.pdf").write_bytes(b"%PDF-1.4 elsewhere")
    for name in ("100353.pdf", "../secret.pdf"):
        put(hub, "invoices.xml", text.replace("100353.pdf", name))
        assert f"names the PDF {name}, which is not in the same folder" in hub.sync()["message"]
    put(hub, "invoices.xml", text)
    put(hub, "100353.pdf", "an image")
    assert "The file 100353.pdf is no PDF" in hub.sync()["message"]
    put(hub, "100353.pdf", "%PDF-1.4 hundra")
    hub.sync()
    [along] = hub.records("fileattachments")
    assert (along["entityId"], along["includeOnSend"], hub.held("invoices", "100353")["Sent"]) == (100353, True, True)
    hub.age()
    hub.sync()
    assert len(hub.records("files")) == 1


def test_payment_within_the_accepted_deviation_is_right(hub: OpterHub) -> None:
    """OPT-28: Opter's setting cannot be read from files, so it is said here; a krona short is right, and two are not."""
    from brygga.sync.payments import Wish, payment_rows
    from brygga.sync.start import begin_run, execute

    hub.declare(accepted_deviation="1.00")
    put(hub, "invoices.xml", examples()[0])
    hub.sync()
    for amount in (1249, 1248):
        body = {"InvoicePayment": {"InvoiceNumber": 100353, "Amount": amount, "PaymentDate": "2026-10-01"}}
        number = hub.fortnox_call("POST", "/3/invoicepayments", body)["InvoicePayment"]["Number"]
        hub.fortnox_call("PUT", f"/3/invoicepayments/{number}/bookkeep")
    execute(begin_run(hub.integration(), "payments", trigger="person", only=Wish().only()).pk)
    marks = {row["amount"]: (row["mark"], row["warning"]) for row in payment_rows(hub.integration())}
    assert marks == {"1249.00": ("green", None), "1248.00": ("red", "Partial payment")}


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('net="1000.00"', 'net="tusen"', "Invoice 100353: net “tusen” is no number"),
        ('date="2026-09-04" due', 'date="4/9" due', "Invoice 100353: date “4/9” is no day"),
        ('account="3001"', "", "Invoice 100353: account is missing"),
        ('vatPercent="25"', 'vatCode="MP9"', "“MP9” is not in the table of codes"),
        ("<OpterInvoices", "<Something", "mismatched tag"),
        ('encoding="UTF-8"', 'encoding="UTF-16"', "is written in UTF-16"),
        ("<OpterInvoices", '<!DOCTYPE x [<!ENTITY a "b">]><OpterInvoices', "has a document type or entities"),
    ],
)
def test_file_that_is_wrong_is_refused_by_place_and_nothing_of_it_is_taken(hub: OpterHub, was: str, now: str, said: str) -> None:
    """OPT-01: file, record and attribute; Fortnox sees nothing."""
    text = examples()[0]
    assert was in text
    put(hub, "invoices.xml", text.replace(was, now, 1))
    result = hub.sync()
    assert "The file invoices.xml cannot be read" in result["message"]
    assert said in result["message"]
    assert hub.records("invoices") == []


def test_codes_and_latin_letters_are_read(hub: OpterHub) -> None:
    """OPT-01: a table of VAT codes beside the files, and ISO-8859-1."""
    (hub.opter.path / "codes.csv").write_text("code;percent\nMP1;25\n", encoding="utf-8")
    text = (
        examples()[0]
        .replace('vatPercent="25"', 'vatCode="MP1"')
        .replace("UTF-8", "ISO-8859-1")
        .replace("Styckegods", "Kyltransport åäö")
    )
    put(hub, "invoices.xml", text, "iso-8859-1")
    hub.sync()
    assert hub.held("invoices", "100353")["InvoiceRows"][1]["Description"] == "Kyltransport åäö"
    (hub.opter.path / "codes.csv").write_text("MP1;mycket\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 1"):
        OpterFolder(hub.opter.path).invoices.changed(None)


def test_newest_file_of_a_record_holds(hub: OpterHub) -> None:
    """OPT-01: exported anew, the invoice is updated while it is not booked."""
    hub.declare(send="by_hand")
    put(hub, "a.xml", examples()[0])
    os.utime(hub.opter.path / "in" / "a.xml", (1, 1))
    hub.sync()
    put(hub, "b.xml", examples()[0].replace('net="1000.00"', 'net="1200.00"'))
    hub.age()
    hub.sync()
    assert float(hub.held("invoices", "100353")["Net"]) == 1200


def test_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no folder"):
        OpterFolder(tmp_path)


_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_characters="\x7f"), max_size=20).map(str.strip)
_MONEY = st.decimals(-(10**9), 10**9, places=2)


@given(st.lists(st.fixed_dictionaries({"reference": _TEXT, "invoiceNumber": _TEXT, "amount": _MONEY, "currencyRate": _MONEY})))
def test_payments_come_back_from_a_file_as_they_were_written(payments: list[dict[str, Any]]) -> None:
    shown = [{name: value for name, value in one.items() if value != ""} for one in payments]
    assert list(payments_of(payments_file(payments), "out.xml")) == shown


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    for head in (b"", b"<OpterInvoices>"):
        with suppress(SettingsError):
            kind, made, _ = records(head + content, "x.xml", {})
            assert (kind in ("OpterInvoices", "OpterSettlements"), isinstance(made, list)) == (True, True)
