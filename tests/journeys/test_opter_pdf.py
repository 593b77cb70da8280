"""Opter's PDF on invoices and supplier invoices of Fortnox: rows OPT-01, OPT-03; systems.md 6.2; Fortnox API, sections 9.13, 9.15."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from opter_hub import OpterHub

ATTACHMENTS = "/api/fileattachments/attachments-v1"
CONNECTIONS = "/3/supplierinvoicefileconnections"
PAGE = b"%PDF-1.4\n% Faktura 100353\n%%EOF\n"
SETTLEMENT: Mapping[str, Any] = {
    "id": 7,
    "number": "1",
    "supplier": {
        "supplierCode": "A01",
        "supplierNumber": "200",
        "name": "Åkeri Nordtrans AB",
        "organisationNumber": "556036-0793",
        "vatNumber": "SE556036079301",
        "selfBillingAgreement": "2026-01-02",
    },
    "settlementDate": "2026-10-05",
    "dueDate": "2026-11-04",
    "lines": [{"kind": "transport", "text": "Körningar", "net": 48250, "vatPercent": 25}],
    "texts": ["Självfakturering"],
}


def printed(hub: OpterHub, name: str, key: str, content: bytes) -> str:
    """Print a document in Opter; return the SHA-256 of what came out."""
    with hub.opter.lock:
        hub.opter.state.print(name, key, content)
    return hashlib.sha256(content).hexdigest()


def contents(hub: OpterHub) -> dict[str, bytes]:
    """Return ArchiveFileId -> content of all that lies in Fortnox' inbox and archive."""
    return {file["ArchiveFileId"]: base64.b64decode(file["_content"]) for file in hub.records("files")}


def sent_along(hub: OpterHub) -> list[tuple[int, bytes]]:
    """Return invoice and content of each attachment that is sent along."""
    held = contents(hub)
    return [(one["entityId"], held[one["fileId"]]) for one in hub.records("fileattachments") if one["includeOnSend"]]


def connected(hub: OpterHub) -> list[tuple[str, bytes]]:
    """Return name and content of each file that is connected to a supplier invoice."""
    held = {file["Id"]: base64.b64decode(file["_content"]) for file in hub.records("files")}
    return [(one["Name"], held[one["FileId"]]) for one in hub.records("supplierinvoicefileconnections")]


def mails(hub: OpterHub) -> int:
    return len([seen for seen in hub.fortnox.requests if seen.path.endswith("/email")])


def rest(hub: OpterHub, stream: str = "customers") -> None:
    """Run until a run has nothing more to do."""
    for _ in range(4):
        hub.age()
        hub.sync(stream)


def settle(hub: OpterHub, **more: Any) -> str:
    """Make a closed settlement whose accounts Fortnox has; return its id."""
    hub.declare(settlement_pdf=True)
    have = {str(row["Number"]) for row in hub.fortnox_call("GET", "/3/accounts?limit=500")["Accounts"]}
    for number in {"4610", "2641", "2440"} - have:
        hub.fortnox_call("POST", "/3/accounts", {"Account": {"Number": int(number), "Description": f"Konto {number}"}})
    return hub.opter.load("Settlements", [{**SETTLEMENT, **more}])[0]


def test_invoice_is_mailed_once_with_opters_pdf_attached(opter_hub_on_both: OpterHub) -> None:
    """OPT-01: fortnox_with_pdf: the PDF lies in the inbox, is attached to be sent along, and only then the invoice is mailed."""
    hub = opter_hub_on_both
    hub.declare(send="fortnox_with_pdf")
    hub.invoice()
    printed(hub, "Invoices", "100353", PAGE)
    result = hub.sync()
    assert result["status"] == "done", [item["message"] for item in result["items"]]
    order = [seen.path for seen in hub.fortnox.requests if seen.path.endswith("/email") or seen.path == ATTACHMENTS]
    assert (sent_along(hub), order[-1]) == ([(100353, PAGE)], "/3/invoices/100353/email")
    [file] = hub.records("files")
    assert (file["Name"], file["_folder"]) == ("Faktura 100353.pdf", "Inbox_kf")
    rest(hub)
    assert (len(hub.records("files")), len(sent_along(hub)), mails(hub)) == (1, 1, 1)


def test_second_run_looks_at_no_file(opter_hub: OpterHub) -> None:
    """OPT-01: what is attached is known, and neither system is asked for it again."""
    hub = opter_hub
    hub.declare(send="fortnox_with_pdf")
    hub.invoice()
    rest(hub)
    hub.a_day_later()
    hub.clear()
    hub.sync()
    asked = [seen.path for box in (hub.fortnox, hub.opter) for seen in box.requests]
    assert not [path for path in asked if "Pdf" in path or "inbox" in path or "attachments" in path or "archive" in path]


def test_without_pdf_nothing_is_attached(opter_hub: OpterHub) -> None:
    """OPT-01: the other ways of sending leave Opter's PDF in Opter."""
    hub = opter_hub
    for place, way in enumerate(("fortnox", "opter", "by_hand")):
        hub.declare(send=way)
        hub.invoice(str(100360 + place))
        hub.sync()
    assert (hub.records("files"), hub.records("fileattachments")) == ([], [])


@pytest.mark.performs(
    "Print it in Opter, or choose fortnox instead of fortnox_with_pdf under Fakturautskick.",
)
def test_invoice_that_is_not_printed_waits_and_the_others_go(opter_hub: OpterHub) -> None:
    """OPT-01: never mailed without the PDF that was to go along; printed, it goes."""
    hub = opter_hub
    hub.declare(send="fortnox_with_pdf")
    hub.invoice(hasPdf=False)
    hub.invoice("100354")
    hub.sync()
    [problem] = hub.problems("customers", "hold")
    assert problem["text"] == "Invoice 100353 has not been printed in Opter, and is to be sent with its PDF."
    assert [number for number, _ in sent_along(hub)] == [100354]
    printed(hub, "Invoices", "100353", PAGE)
    rest(hub)
    assert sorted(number for number, _ in sent_along(hub)) == [100353, 100354]
    assert mails(hub) == 2


@pytest.mark.parametrize("fault", ["lost_answer", "error_after", "error_before"])
@pytest.mark.parametrize("path", ["/3/inbox", ATTACHMENTS, "/3/invoices/100353/email"])
def test_answer_lost_on_the_way_to_the_mail_leaves_one_file_attached_and_one_mail(
    opter_hub: OpterHub, path: str, fault: str
) -> None:
    """OPT-01: uploaded, attached, mailed: each found again, and none done twice."""
    hub = opter_hub
    hub.declare(send="fortnox_with_pdf")
    hub.invoice()
    method = "GET" if path.endswith("email") else "POST"
    hub.fortnox.faults.arm(fault, method=method, path=path)
    rest(hub)
    assert [number for number, _ in sent_along(hub)] == [100353]
    assert len(hub.records("files")) == 1
    assert hub.held("invoices", "100353")["Sent"] is True
    assert hub.problems("customers", "failed", "hold") == []


@pytest.mark.parametrize("path", ["/3/inbox", ATTACHMENTS])
def test_what_fortnox_shows_late_is_not_put_there_twice(opter_hub: OpterHub, path: str) -> None:
    """OPT-01: the answer is lost and the list is late: the look after the settle time finds it."""
    hub = opter_hub
    hub.declare(send="fortnox_with_pdf")
    hub.invoice()
    hub.fortnox.faults.arm("lost_answer", method="POST", path=path)
    hub.fortnox.faults.arm("hide", method="POST", path=path, seconds=0.3)
    rest(hub)
    assert ([number for number, _ in sent_along(hub)], len(hub.records("files")), mails(hub)) == ([100353], 1, 1)


def test_pdf_that_is_printed_anew_takes_the_place_of_the_old_one_until_the_invoice_is_sent(opter_hub: OpterHub) -> None:
    """OPT-01: one file is attached, the one that belongs to what the invoice says; what was sent keeps what it was sent with."""
    hub = opter_hub
    hub.declare(send="fortnox_with_pdf")
    hub.invoice()
    hub.fortnox.faults.arm("error_before", method="GET", path=".*/email", times=None, status=503)
    hub.sync()
    assert hub.held("invoices", "100353")["Sent"] is False
    hub.opter.edit("Invoices", "100353", coding=[{"account": "3001", "text": "Kyltransport", "net": 1200, "vatPercent": 25}])
    printed(hub, "Invoices", "100353", PAGE)
    rest(hub)
    assert (sent_along(hub), float(hub.held("invoices", "100353")["Net"])) == ([(100353, PAGE)], 1200)
    hub.fortnox.faults.clear()
    rest(hub)
    assert hub.held("invoices", "100353")["Sent"] is True
    printed(hub, "Invoices", "100353", PAGE + b"% tredje\n")
    hub.a_day_later()
    result = hub.sync()
    assert sent_along(hub) == [(100353, PAGE)]
    assert any("was sent from Fortnox, so this is not carried over: attached" in str(item["message"]) for item in result["items"])


def test_answer_lost_while_the_old_pdf_is_taken_off_leaves_the_new_one(opter_hub: OpterHub) -> None:
    """OPT-01: never two, also when it stops in the middle of the exchange."""
    hub = opter_hub
    hub.declare(send="fortnox_with_pdf")
    hub.invoice()
    hub.fortnox.faults.arm("error_before", method="GET", path=".*/email", times=None, status=503)
    hub.sync()
    printed(hub, "Invoices", "100353", PAGE)
    hub.fortnox.faults.arm("lost_answer", method="DELETE", path=ATTACHMENTS + "/.*")
    rest(hub)
    assert sent_along(hub) == [(100353, PAGE)]


def test_pdf_that_a_person_attached_already_is_sent_along_and_not_attached_again(opter_hub: OpterHub) -> None:
    """OPT-01: known by what is in it, whatever its name."""
    hub = opter_hub
    hub.declare(send="by_hand")
    hub.invoice()
    printed(hub, "Invoices", "100353", PAGE)
    hub.sync()
    headers = {"Authorization": f"Bearer {hub.fortnox.access_token}"}
    scan = {"file": ("scan.pdf", PAGE, "application/pdf")}
    kept = httpx2.post(f"{hub.fortnox.base_url}/3/inbox?path=Inbox_kf", headers=headers, files=scan, verify=False).json()["File"]
    hub.fortnox_call("POST", ATTACHMENTS, [{"entityId": 100353, "entityType": "F", "fileId": kept["ArchiveFileId"]}])
    hub.declare(send="fortnox_with_pdf")
    rest(hub)
    assert (sent_along(hub), len(hub.records("files")), len(hub.records("fileattachments"))) == ([(100353, PAGE)], 1, 1)


def test_file_that_fortnox_does_not_take_fails_its_invoice_and_no_mail_goes(opter_hub: OpterHub) -> None:
    """OPT-01: too large a PDF is told in Fortnox' word, and the invoice is not mailed without it; the next one goes."""
    hub = opter_hub
    hub.declare(send="fortnox_with_pdf")
    hub.invoice()
    hub.invoice("100354")
    printed(hub, "Invoices", "100353", PAGE + b" " * (11 * 1024 * 1024))
    hub.sync()
    [problem] = hub.problems("customers", "failed")
    assert "file_too_big" in problem["text"]
    assert [number for number, _ in sent_along(hub)] == [100354]
    assert (hub.held("invoices", "100353")["Sent"], hub.held("invoices", "100354")["Sent"]) == (False, True)


def test_settlement_s_pdf_is_connected_to_its_supplier_invoice_once(opter_hub_on_both: OpterHub) -> None:
    """OPT-03: the PDF if the setting is on; a new one takes its place until the supplier invoice is booked."""
    hub = opter_hub_on_both
    id = settle(hub)
    first = PAGE + b"% one\n"
    printed(hub, "Settlements", id, first)
    rest(hub, "settlements")
    assert connected(hub) == [("Avräkning 7.pdf", first)]
    printed(hub, "Settlements", id, PAGE)
    rest(hub, "settlements")
    assert connected(hub) == [("Avräkning 7.pdf", PAGE)]
    [record] = hub.records("supplierinvoices")
    hub.fortnox_call("PUT", f"/3/supplierinvoices/{record['GivenNumber']}/bookkeep")
    printed(hub, "Settlements", id, PAGE + b"% tredje\n")
    rest(hub, "settlements")
    assert connected(hub) == [("Avräkning 7.pdf", PAGE)]
    [problem] = hub.problems("settlements", "failed")
    assert "is booked or cancelled in Fortnox and is not changed" in problem["text"]


@pytest.mark.parametrize("fault", ["lost_answer", "error_after", "error_before"])
@pytest.mark.parametrize("path", ["/3/inbox", CONNECTIONS])
def test_answer_lost_on_the_way_to_the_supplier_invoice_leaves_one_file(opter_hub: OpterHub, path: str, fault: str) -> None:
    """OPT-03: uploaded, connected: each found again, and none done twice."""
    hub = opter_hub
    settle(hub)
    hub.fortnox.faults.arm(fault, method="POST", path=path)
    rest(hub, "settlements")
    assert ([name for name, _ in connected(hub)], len(hub.records("files"))) == (["Avräkning 7.pdf"], 1)


def test_settlement_s_pdf_stays_in_opter_unless_it_is_chosen(opter_hub: OpterHub) -> None:
    """OPT-03: without the setting nothing is connected."""
    hub = opter_hub
    settle(hub)
    hub.declare(settlement_pdf=False)
    rest(hub, "settlements")
    assert (len(hub.records("supplierinvoices")), hub.records("files")) == (1, [])


def test_consent_asks_for_what_settlements_and_pdfs_need_and_the_preflight_tells_what_lacks(opter_hub: OpterHub) -> None:
    """OPT-03, OPT-08: a company with Opter is asked for suppliers and files; a connection from before is told."""
    from brygga.store import secrets
    from brygga.sync.check import check_company
    from brygga.sync.connect import begin, fortnox_of

    [asked] = parse_qs(urlsplit(begin(fortnox_of("acme"))).query)["scope"]
    assert {"invoice", "supplier", "supplierinvoice", "inbox", "archive", "connectfile"} <= set(asked.split())
    told = {row["subject"] for row in check_company("acme") if "fortnox" in row["connection"]}
    assert "scopes" not in told
    connection = fortnox_of("acme")
    secrets.write(connection, {**secrets.read(connection), "scopes": [one for one in asked.split() if one != "inbox"]})
    [row] = [row for row in check_company("acme") if row["subject"] == "scopes"]
    assert (row["level"], row["text"]) == ("warning", "The connection to Fortnox lacks the scopes inbox.")
