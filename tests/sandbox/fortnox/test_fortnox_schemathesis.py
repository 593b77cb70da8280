"""The published definition, run by schemathesis against the sandbox over HTTP: no 500, no answer off its schema.

Every operation gets cases that the definition allows and cases that it does not (`ANY` of them), then allowed ones brought down to
what a company of the sandbox knows (`KNOWN` of them), so that answers of success are held to their schemas too. Where the real service
differs from its definition: `fortnox_definition`. The cases are the same on every run.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from brygga_sandbox import fortnox
from brygga_sandbox.fortnox.app import all_resources
from fortnox_company import NOW, TODAY, furnish
from fortnox_definition import definition

ANY, KNOWN = 6, 12
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
RESOURCES = all_resources()
ORDER = ("get", "put", "post", "delete")

# What the furnished company knows, by the name of the field; None leaves the field out.
FIELDS: dict[str, Any] = {
    "Account": 3001, "AmountCurrency": 1, "Amount": 1, "ArticleNumber": "1", "BG": "5050-1055", "CostCenter": "NORR",
    "Country": "Sverige", "CountryCode": "SE", "Currency": "SEK", "CustomerNumber": "1", "DeliveryCountry": "Sverige",
    "DeliveryCountryCode": "SE", "DocumentNumber": None, "ExternalURLConnection": "https://exempel.se/1", "GLN": "7300009032094",
    "GLNDelivery": "7300009032094", "HouseWork": None, "HouseWorkType": None, "InvoiceNumber": 3, "Labels": None,
    "ModeOfPayment": "BG", "OCR": None, "PG": None, "PrintTemplate": None, "PriceList": "A", "Project": "1",
    "ReferenceDocumentType": "INVOICE", "ReferenceNumber": "5", "SocialSecurityNumber": "19900101-2384", "StockPointCode": None,
    "StockPointId": None, "SupplierInvoiceNumber": "1", "SupplierNumber": "1", "TaxReductionType": "none", "TermsOfDelivery": "FVL",
    "TermsOfPayment": "30", "URLConnection": "https://exempel.se/1", "Unit": "st", "VAT": 25, "VATNumber": "SE556036079301",
    "VisitingCountryCode": "SE", "VoucherNumber": "1", "VoucherSeries": "A", "WayOfDelivery": "B", "Year": 2,
    # Read-only on customers whatever the definition says (Fortnox API, section 5.3), and what no company without the warehouse may send.
    "VisitingCountry": None, "DefaultStockPoint": None, "DefaultStockLocation": None,
}  # fmt: skip
# The same for one resource.
FIELDS_OF: dict[str, dict[str, Any]] = {
    "accounts": {"Number": 3999},
    "currencies": {"Code": "DKK", "Unit": 1},
    "customerreferences": {"Id": None},
    "financialyears": {"FromDate": "2027-01-01", "ToDate": "2027-12-31"},
    "invoicepayments": {"InvoiceNumber": 2, "CurrencyRate": None, "WriteOffs": None},
    "fileattachments": {"entityId": 3, "entityType": "F"},
    "prices": {"PriceList": "B", "Date": None, "FromQuantity": 5},
    "supplierinvoicepayments": {"InvoiceNumber": "1", "CurrencyRate": None, "WriteOffs": None},
    "supplierinvoicefileconnections": {"SupplierName": None, "Name": None},
    "taxreductions": {"SocialSecurityNumber": "19850701-2396", "ReferenceNumber": "5"},
}
FILES = {"FileId": "loose", "fileId": "archived", "id": "attachment"}
# What the cases never bring about; the journeys of the other tests and `furnish` do.
NEVER_TAKEN = {
    "POST /3/archive", "POST /3/inbox",  # a file, which the definition draws as an object
    "DELETE /3/archive",  # a path of a folder
    "POST /3/vouchers",  # rows that balance
    "GET /3/invoices/{DocumentNumber}/printreminder",  # an overdue invoice
    "DELETE /3/taxreductions/{Id}",  # more than one of a document
    "POST /api/fileattachments/attachments-v1", "POST /api/fileattachments/attachments-v1/validateincludedonsend",
}  # fmt: skip


@pytest.fixture(scope="module")
def schema(shared_facts: Path) -> Any:
    operations = {one for resource in RESOURCES.values() for one in resource.operations()}
    return schemathesis.openapi.from_dict(definition(shared_facts, operations))


def fresh(sandbox: fortnox.Sandbox) -> dict[str, str]:
    """Furnish the sandbox anew; invoices may be sent as letters and e-invoices from then on."""
    with sandbox.lock:
        sandbox.reset()
        sandbox.clock.stop_at(datetime.fromisoformat(NOW))
    ids = furnish(sandbox)
    with sandbox.lock:
        for setting in ("eprint", "einvoice"):
            sandbox.company.set(setting, True)
    return ids


def approve(sandbox: fortnox.Sandbox, operation: APIOperation[Any, Any, Any, Any]) -> None:
    """Let supplier invoices wait for approval where approving is what is tried."""
    with sandbox.lock:
        sandbox.company.set("approval_of_supplier_invoices", "approval" in operation.path)


def took(statuses: Counter[str]) -> bool:
    """Tell whether any call was carried out."""
    return any(status.startswith("2") for status in statuses)


@pytest.fixture
def ids(sandbox: fortnox.Sandbox) -> dict[str, str]:
    return fresh(sandbox)


@pytest.fixture
def session(sandbox: fortnox.Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.headers["Authorization"] = f"Bearer {sandbox.access_token}"
        yield made


def below(path: str, resource: Any) -> bool:
    """Tell whether a path of the definition is the resource's own."""
    address = f"/{resource.prefix}/{resource.address}"
    return path == address or path.startswith(address + "/")


def known(value: Any, ids: dict[str, str], own: dict[str, Any], name: str = "") -> Any:
    """Return a body with the records of the company in the places of invented ones, its texts made of plain letters."""
    fields = FIELDS | own
    if isinstance(value, dict):
        return {key: known(inner, ids, own, key) for key, inner in value.items() if fields.get(key, 0) is not None}
    if isinstance(value, list):
        return [known(one, ids, own, name) for one in value[:3]]
    if name in fields:
        return fields[name]
    if name in FILES:
        return ids[FILES[name]]
    if "Account" in name and not isinstance(value, bool):
        return 3001
    if isinstance(value, str):
        if "Email" in name:
            return "anna@exempel.se"
        if re.fullmatch(r"\d{4}-\d\d-\d\d.*", value):
            return TODAY
        return value if value.isupper() and value.isascii() else re.sub("[^A-Za-z0-9]", "", value)[:10]
    return round(value % 1000, 2) if isinstance(value, int | float) and not isinstance(value, bool) else value


def aim(case: Any, sandbox: fortnox.Sandbox, resource: Any, pick: int, ids: dict[str, str]) -> None:
    """Put the key of a record of the company into the path of a case."""
    if not case.path_parameters:
        return
    if resource.name == "sie":
        case.path_parameters["Type"] = str(pick % 4 + 1)
        return
    with sandbox.lock:
        keys = sandbox.company.table(resource.name).keys()
    if resource.name in ("archive", "inbox"):
        keys = [ids["loose"]]
    if not keys:
        return
    key = keys[pick % len(keys)]
    parts = [str(part) for part in key] if isinstance(key, tuple) else [str(key)]
    names = re.findall(r"\{(.+?)\}", case.path)
    # Keys of prices begin with what a shorter path names, those of the books with the year, which is no part of a path.
    parts = parts[: len(names)] if resource.name == "prices" else parts[-len(names) :]
    case.path_parameters.update(zip(names, parts, strict=False))


def run(
    operation: APIOperation[Any, Any, Any, Any], mode: list[GenerationMode], examples: int, prepare: Any, sandbox: Any, session: Any
) -> Counter[str]:
    """Return how often each status came, with the refusal, for the cases of one operation, each answer held to the definition."""
    statuses: Counter[str] = Counter()
    picks = st.integers(0, 1000)
    silenced = list(HealthCheck)
    strategy = st.one_of(*(operation.as_strategy(generation_mode=one) for one in mode))

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=silenced,
    )
    @given(case=strategy, pick=picks)
    def each(case: Any, pick: int) -> None:
        prepare(case, pick)
        response = case.call(base_url=sandbox.base_url, session=session)
        refused = "" if response.status_code < 400 else response.content.decode("utf-8", "replace")[:120]
        statuses[f"{response.status_code} {refused}"] += 1
        case.validate_response(response, checks=CHECKS)

    each()
    return statuses


@pytest.mark.parametrize("name", [name for name in RESOURCES if RESOURCES[name].operations()])
def test_answers_are_those_of_the_definition(
    name: str, schema: Any, sandbox: fortnox.Sandbox, ids: dict[str, str], session: requests.Session
) -> None:
    resource = RESOURCES[name]
    found = [one.ok() for one in schema.get_all_operations()]
    mine = sorted((one for one in found if below(one.path, resource)), key=lambda one: ORDER.index(one.method))
    own = FIELDS_OF.get(name, {})
    keys = dict.fromkeys(("PriceList", "ArticleNumber", "FromQuantity") if name == "prices" else (resource.key_field,))
    assert mine, "no operation of the definition"

    def leave(case: Any, pick: int) -> None:
        if pick % 2:
            aim(case, sandbox, resource, pick, ids)

    def tame(case: Any, pick: int) -> None:
        aim(case, sandbox, resource, pick, ids)
        if isinstance(case.body, dict | list):
            case.body = known(case.body, ids, own | keys if case.method == "PUT" else own)
        if pick % 4:
            case.query = {}

    for operation in mine:
        approve(sandbox, operation)
        run(operation, list(GenerationMode), ANY, leave, sandbox, session)
        statuses = run(operation, [GenerationMode.POSITIVE], KNOWN, tame, sandbox, session)
        if operation.label in NEVER_TAKEN:
            continue
        for more in (1, 4, 16):  # what came before may have used up the records, and the next picks may miss the new ones
            if took(statuses):
                break
            ids.update(fresh(sandbox))
            approve(sandbox, operation)
            statuses = run(operation, [GenerationMode.POSITIVE], more * KNOWN, tame, sandbox, session)
        assert took(statuses), f"{operation.label} takes nothing that it should take: {dict(statuses)}"
    assert sandbox.failures == []


def test_an_answer_off_its_schema_is_noticed(
    shared_facts: Path, schema: Any, sandbox: fortnox.Sandbox, session: requests.Session
) -> None:
    """An end of the locked period that is null is one of the differences; the definition as published does not take it."""
    published = json.loads((shared_facts / "fortnox" / "openapi" / "fortnox-openapi-2026-04.json").read_text("utf-8"))
    for definition_, noticed in ((schemathesis.openapi.from_dict(published), True), (schema, False)):
        case = definition_["/3/settings/lockedperiod"]["GET"].Case()
        response = case.call(base_url=sandbox.base_url, session=session)
        if noticed:
            with pytest.raises(FailureGroup, match="not of type"):
                case.validate_response(response, checks=CHECKS)
        else:
            case.validate_response(response, checks=CHECKS)
