"""A client in another language, which we did not write: the npm package fortnox-api does its work on the sandbox over HTTP.

The package (JavaScript, of 2014) has functions for articles and orders and a sender for anything else. It sends the retired header
tokens; the bearer header takes their place in the table of headers that the package keeps as `defaults`. `npm ci` lays it down once, in
the version that `npm/package-lock.json` names, outside the repository's files.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from brygga_sandbox import fortnox
from fortnox_far import ROOT

HERE = Path(__file__).parent / "npm"
LAID_DOWN = ROOT / ".tools" / "npm-clients"


@pytest.fixture(scope="session")
def modules() -> Path:
    """Return the folder that holds the package. Fails with what to do when node is missing or the package cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.fail("this test runs a JavaScript client: install Node.js 18 or later, with npm")
    LAID_DOWN.mkdir(parents=True, exist_ok=True)
    with (LAID_DOWN / "lock").open("w") as held:  # several test processes lay it down in one folder: one after the other
        fcntl.flock(held, fcntl.LOCK_EX)
        _lay_down(npm)
    return LAID_DOWN / "node_modules"


def _lay_down(npm: str) -> None:
    lock = (HERE / "package-lock.json").read_bytes()
    kept = LAID_DOWN / "package-lock.json"
    if kept.is_file() and kept.read_bytes() == lock and (LAID_DOWN / "node_modules" / "fortnox-api").is_dir():
        return
    shutil.copy(HERE / "package.json", LAID_DOWN)
    kept.write_bytes(lock)
    arguments = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(arguments, cwd=LAID_DOWN, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        kept.unlink(missing_ok=True)
        pytest.fail(f"npm ci could not fetch the client: {done.stderr[-500:]}")


class Theirs:
    """The package at work: every call of `run` is one run of node."""

    def __init__(self, modules: Path, sandbox: fortnox.Sandbox) -> None:
        self.modules, self.sandbox = modules, sandbox

    def run(self, *steps: tuple[str, Any], headers: str = "bearer") -> list[dict[str, Any]]:
        """Carry out steps, each a function of the package and its arguments; return what its callback got."""
        arguments = ["node", str(HERE / "drive.js"), str(self.modules), self.sandbox.base_url, self.sandbox.access_token, headers]
        wishes = json.dumps([{"call": name, "args": given if isinstance(given, list) else [given]} for name, given in steps])
        done = subprocess.run(arguments, input=wishes, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def took(self, *steps: tuple[str, Any]) -> list[Any]:
        """Carry out steps that must all be taken; return the bodies."""
        answers = self.run(*steps)
        assert [one["error"] for one in answers] == [None] * len(steps)
        return [one["body"] for one in answers]


@pytest.fixture
def theirs(modules: Path, sandbox: fortnox.Sandbox) -> Theirs:
    return Theirs(modules, sandbox)


def test_its_retired_headers_are_refused_and_nothing_is_shown(theirs: Theirs, sandbox: fortnox.Sandbox) -> None:
    (answer,) = theirs.run(("articles.list", {"limit": 10}), headers="retired")
    # It knows the keys of an error in small letters only, so it cannot say the code; that it is an error it sees.
    assert answer["error"] is not None
    assert answer["body"] is None
    assert [seen.status for seen in sandbox.requests] == [403]


def test_articles_are_made_listed_read_and_changed(theirs: Theirs, sandbox: fortnox.Sandbox) -> None:
    made = theirs.run(("articles.create", {"Article": {"Description": "Lampa", "PurchasePrice": 93.5}}))
    # Its create calls nobody back when it has gone well.
    assert made == []
    with sandbox.lock:
        assert [one["Description"] for one in sandbox.company.table("articles").all()] == ["Lampa"]
    listed, read, changed, again = theirs.took(
        ("articles.list", {"limit": 10}),
        ("articles.get", "1"),
        ("send.put", {"url": "/3/articles/1", "body": {"Article": {"Description": "Bordslampa"}}}),
        ("articles.get", "1"),
    )
    assert listed["MetaInformation"] == {"@TotalResources": 1, "@TotalPages": 1, "@CurrentPage": 1}
    assert [(one["ArticleNumber"], one["PurchasePrice"], one["VAT"]) for one in listed["Articles"]] == [("1", "93.5", "25")]
    assert (read["Article"]["Description"], changed["Article"]["Description"]) == ("Lampa", "Bordslampa")
    assert again["Article"]["Description"] == "Bordslampa"


def test_an_order_becomes_a_booked_invoice(theirs: Theirs) -> None:
    rows = [{"ArticleNumber": "1", "OrderedQuantity": 2, "DeliveredQuantity": 2, "Price": 100}]
    *_, ordered, listed, invoiced, booked = theirs.took(
        ("send.post", {"url": "/3/customers", "body": {"Customer": {"Name": "Ängens Åkeri AB"}}}),
        ("send.post", {"url": "/3/articles", "body": {"Article": {"Description": "Lampa", "SalesAccount": 3001}}}),
        ("orders.create", {"Order": {"CustomerNumber": "1", "OrderRows": rows}}),
        ("orders.list", {}),
        ("orders.createInvoice", "1"),
        ("send.put", {"url": "/3/invoices/1/bookkeep"}),
    )
    assert (ordered["Order"]["Total"], ordered["Order"]["CustomerName"]) == (250, "Ängens Åkeri AB")
    assert [one["DocumentNumber"] for one in listed["Orders"]] == ["1"]
    assert next(iter(invoiced.values()))["DocumentNumber"] == "1"
    assert (booked["Invoice"]["Booked"], booked["Invoice"]["VoucherSeries"]) == (True, "B")


def test_a_refusal_reaches_it_with_code_and_message(theirs: Theirs) -> None:
    unknown, twice = theirs.run(
        ("orders.create", {"Order": {"CustomerNumber": "9"}}),
        ("send.put", {"url": "/3/articles", "body": {"Article": {"Description": "x"}}}),
    )
    assert (unknown["error"]["code"], twice["error"]["code"]) == (2000204, 2000729)
    assert twice["error"]["message"] == "2000729 A valid identifier was not provided."
