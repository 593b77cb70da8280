"""A file as the other source of Mobigo's registers: row MOB-23, with everything that can be wrong in a file."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from mobigo_hub import MobigoHub

HEADER = "Artikelnummer;Benämning;Enhet;Inköpspris;Pris;Prislista;Prislistans namn;Från antal"
LINES = [
    "100;Arbetstid;tim;;650;A;Standard;",
    "200;Packning;st;4;12,50;A;Standard;",
    "200;Packning;st;4;11;A;Standard;10",
    "200;Packning;st;4;9,75;B;Återförsäljare;",
    "201;Rör 15 mm;m;;;;;",
]


@pytest.fixture
def importing(mobigo_hub: MobigoHub, tmp_path: Path) -> Any:
    """Return what writes a file and imports it, and gives what `brygga import --json` prints."""
    from brygga.sync.file_import import import_file

    def run(content: str | bytes | Path, stream: str = "articles", name: str = "artiklar.csv") -> dict[str, Any]:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, str | bytes):
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig"))
        return import_file(mobigo_hub.integration(), stream, path, who="test")

    return run


def holding(hub: MobigoHub) -> tuple[Any, Any, Any]:
    """Return articles, price lists and prices of Mobigo, without ids and stamps."""
    articles = {raw["number"]: (raw["name"], raw["unit"], raw["price"], raw["purchasePrice"]) for raw in hub.mobigo.all("Articles")}
    lists = {raw["code"]: raw["name"] for raw in hub.mobigo.all("PriceLists")}
    prices = {(raw["priceListCode"], raw["articleNumber"], raw["fromQuantity"]): raw["price"] for raw in hub.mobigo.all("Prices")}
    return articles, lists, prices


def test_file_gives_articles_price_lists_and_prices_with_a_count(mobigo_hub: MobigoHub, importing: Any) -> None:
    """MOB-23: by number, made and changed; importing the same file again changes nothing."""
    hub = mobigo_hub
    result = importing("\n".join([HEADER, *LINES]))
    assert (result["status"], result["counts"]["created"], result["counts"]["failed"]) == ("done", 3 + 2 + 4, 0)
    articles, lists, prices = holding(hub)
    assert articles["200"] == ("Packning", "st", Decimal("12.5"), Decimal(4))
    assert lists == {"A": "Standard", "B": "Återförsäljare"}
    assert prices["A", "200", 10] == Decimal(11)
    assert prices["B", "200", 0] == Decimal("9.75")
    hub.clear()
    again = importing("\n".join([HEADER, *LINES]))
    assert hub.mobigo.writes() == []
    assert (again["counts"]["created"], again["counts"]["updated"]) == (0, 0)


def test_run_from_fortnox_afterwards_finds_the_same_and_links_it(mobigo_hub: MobigoHub, importing: Any) -> None:
    """MOB-23: the same result: what came from the file is what Fortnox would have brought, so nothing is written but what differs."""
    hub = mobigo_hub
    hub.fortnox.company.load(
        "prices",
        [
            {"PriceList": "A", "ArticleNumber": "100", "FromQuantity": 0, "Price": 650},
            {"PriceList": "A", "ArticleNumber": "200", "FromQuantity": 0, "Price": 12.5},
            {"PriceList": "A", "ArticleNumber": "200", "FromQuantity": 10, "Price": 11},
        ],
    )
    importing("\n".join([HEADER, *LINES[:3], LINES[4]]))
    before = holding(hub)
    hub.clear()
    result = hub.sync("articles")
    assert result["counts"]["failed"] == 0
    assert {"created", "updated"} & {name for name, count in result["counts"].items() if count} <= {"created", "updated"}
    after = holding(hub)
    assert after[0] == before[0]
    assert {key: price for key, price in after[2].items() if price} == before[2]
    assert len(hub.links("articles")) == 3


def test_workbook_gives_the_same_as_a_text_file(mobigo_hub: MobigoHub, importing: Any, tmp_path: Path) -> None:
    """MOB-23: Excel is read like CSV; a formula is no value, and its line is named."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Artiklar")
    for row in (["Artikelnummer", "Benämning", "Pris"], [100, "Arbetstid", 650], [200, "Packning", "=B2*2"], [201, "Rör", 12.1]):
        sheet.append(row)
    book.save(tmp_path / "artiklar.xlsx")
    result = importing(tmp_path / "artiklar.xlsx")
    assert sorted(holding(mobigo_hub)[0]) == ["100", "201"]
    assert [(item["left"], "formula" in item["message"]) for item in result["items"]] == [("3", True)]


def test_unknown_columns_are_told_and_mapped_by_the_person(mobigo_hub: MobigoHub, importing: Any) -> None:
    """MOB-23: without a mapping the file is refused with its columns; with it the rest is told as left out."""
    hub = mobigo_hub
    content = "Vårt nr;Vad;Hylla\n100;Arbetstid;B2\n"
    refused = importing(content)
    assert refused["status"] == "failed"
    assert "Vårt nr, Vad, Hylla" in refused["message"]
    hub.declare(file_columns={"Vårt nr": "number", "Vad": "name"})
    result = importing(content)
    assert (result["status"], result["ignored_columns"]) == ("done", ["Hylla"])
    assert hub.mobigo.get("Articles", "100")["name"] == "Arbetstid"


def test_bad_lines_are_listed_with_their_numbers_and_the_rest_is_imported(mobigo_hub: MobigoHub, importing: Any) -> None:
    """MOB-23: a price that is none, an empty name, a number that stands twice (neither is imported)."""
    lines = ["100;Arbetstid;650", "200;Packning;tolv", "201;;1", "300;Ventil;5", "400;Nippel;7", "300;Kran;6"]
    result = importing("\n".join(["Artikelnummer;Benämning;Pris", *lines]))
    assert [item["left"] for item in result["items"]] == ["3", "4", "5", "7"]
    assert (result["status"], result["counts"]["failed"]) == ("partial", 4)
    assert sorted(holding(mobigo_hub)[0]) == ["100", "400"]
    assert "line 5 already" in result["items"][3]["message"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        ("Artikelnummer;Benämning\n100;Rör\n101;Böj\n".encode("cp850"), "Save the file as CSV UTF-8"),
        (b"Artikelnummer;Namn\n100;A\n101;B\x00C\n", "line 3"),
        (b"Artikelnummer~Namn\n100~A\n", "no column for Artikelnummer"),
        (b'Artikelnummer;Namn\n100;A\n101;"B\n', "line 3"),
        (b"PK\x03\x04 not a workbook", "broken or cut off"),
    ],
)
def test_file_that_cannot_be_read_is_a_sentence_and_nothing_of_it_is_imported(
    mobigo_hub: MobigoHub, importing: Any, content: bytes, said: str
) -> None:
    """MOB-23: wrong encoding, wrong separator, empty, cut off: the line is named and Mobigo is not written to."""
    result = importing(content)
    assert (result["status"], said in result["message"]) == ("failed", True)
    assert mobigo_hub.mobigo.writes() == []


def test_file_of_a_gigabyte_is_refused_at_once(mobigo_hub: MobigoHub, importing: Any, tmp_path: Path) -> None:
    """MOB-23: its size alone is enough."""
    path = tmp_path / "stor.csv"
    path.write_text(HEADER)
    os.truncate(path, 1_000_000_000)
    result = importing(path)
    assert "1000 MB" in result["message"]
    assert mobigo_hub.mobigo.writes() == []


def test_customers_come_from_a_file_too(mobigo_hub: MobigoHub, importing: Any) -> None:
    """MOB-01, MOB-23: made and changed by customer number; what the file does not name stays as it is."""
    hub = mobigo_hub
    hub.mobigo.load("Customers", [{"number": "1042", "name": "Alm", "phone": "08-465 004 10"}])
    result = importing("Kundnr;Namn;Ort\n1042;Alm Fastigheter AB;Växjö\n1043;Björk Bygg AB;\n", "customers", "kunder.csv")
    assert (result["counts"]["created"], result["counts"]["updated"]) == (1, 1)
    known = hub.mobigo.get("Customers", "1042")
    assert (known["name"], known["address"]["city"], known["phone"]) == ("Alm Fastigheter AB", "Växjö", "08-465 004 10")


def test_register_that_is_not_ticked_and_stream_without_files_are_refused(mobigo_hub: MobigoHub, importing: Any) -> None:
    """MOB-10, MOB-22: the same condition as for the import from Fortnox."""
    mobigo_hub.declare(registers=["customers"])
    assert "not ticked" in importing("Artikelnummer;Namn\n1;A\n")["message"]
    assert "not read from a file" in importing("x", "assignments")["message"]


def test_import_that_was_interrupted_is_completed_by_importing_again(mobigo_hub: MobigoHub, importing: Any) -> None:
    """MOB-23: a lost answer in the middle leaves a part; the same file again brings the rest and doubles nothing."""
    hub = mobigo_hub
    content = "\n".join(["Artikelnummer;Benämning", *(f"{n};Artikel {n}" for n in range(250))])
    hub.mobigo.faults.arm("lost_answer", method="POST", path=".*/Articles/Batch", skip=1)
    assert importing(content)["status"] == "failed"
    assert importing(content)["status"] == "done"
    assert len(hub.mobigo.all("Articles")) == 250


def test_file_is_imported_from_the_command_line(mobigo_hub: MobigoHub, tmp_path: Path) -> None:
    """MOB-23: brygga import acme/mobigo.articles FILE, as the page of a large import proposes it."""
    path = tmp_path / "artiklar.csv"
    path.write_text("Artikelnummer;Benämning;Pris\n100;Arbetstid;650\n200;Packning;tolv\n", encoding="utf-8")
    command = [sys.executable, "-m", "brygga.cli.main", "import", "acme/mobigo.articles", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, "line 3" in said.stdout) == (1, True), said.stdout + said.stderr
    assert mobigo_hub.mobigo.get("Articles", "100")["name"] == "Arbetstid"


def resident() -> int:
    """Return how many bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_hundred_thousand_articles_come_from_a_file_in_bounded_memory(mobigo_hub: MobigoHub, tmp_path: Path) -> None:
    """MOB-23: a hundred lines at a time; what is kept of a line is a digest of its number."""
    from brygga.clients.http import Http
    from brygga.clients.mobigo import Mobigo
    from brygga.clients.mobigo.tables import open_table
    from brygga.connectors.mobigo.file_import import import_file
    from brygga.connectors.mobigo.settings import Settings

    path = tmp_path / "stor.csv"
    with path.open("w", encoding="cp1252") as file:
        file.write("Artikelnummer;Benämning;Enhet\n")
        file.writelines(f"{n};Rördel å {n};st\n" for n in range(100_000))
    process = subprocess.Popen([sys.executable, "-m", "brygga_sandbox.mobigo", "--calls", "0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    http = Http("Mobigo", sleep=lambda seconds: None)
    try:
        address, id, secret = (process.stdout.readline().split(": ")[1].strip() for _ in range(3))
        http_client = Mobigo(http.send, address, lambda: f"{id}:{secret}")
        before, held = resident(), [0]
        table = open_table(path)
        report = import_file(
            http_client, Settings(registers=("articles",)), table, "article", lambda lines: held.append(resident())
        )
        assert (report.total("created"), report.faults) == (100_000, [])
        assert max(held) - before < 60_000_000
    finally:
        http.close()
        process.terminate()
        process.wait(60)
        process.stdout.close()
