"""Make the client's compact field and parameter tables from the published definition.

    python scripts/fortnox_fields.py ../shared/fortnox

Writes src/brygga/clients/fortnox/fields.csv and parameters.csv. What the definition gets wrong is put right here, each line
with the section of the Fortnox API notes that says so.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parents[1] / "src" / "brygga" / "clients" / "fortnox"

# Section 9.9: the enumerations of the definition differ from resource to resource, two of them out of date.
HOUSEWORK = (
    "CONSTRUCTION|ELECTRICITY|GLASSMETALWORK|GROUNDDRAINAGEWORK|MASONRY|PAINTINGWALLPAPERING|HVAC|CLEANING|TEXTILECLOTHING|"
    "SNOWPLOWING|GARDENING|BABYSITTING|OTHERCARE|MAJORAPPLIANCEREPAIR|MOVINGSERVICES|ITSERVICES|HOMEMAINTENANCE|FURNISHING|"
    "TRANSPORTATIONSERVICES|WASHINGANDCAREOFCLOTHING|SOLARCELLS|STORAGESELFPRODUCEDELECTRICITY|"
    "CHARGINGSTATIONELECTRICVEHICLE|OTHERCOSTS|EMPTYHOUSEWORK"
)

CORRECTIONS: dict[tuple[str, str], dict[str, str]] = {
    ("Customers", "Country"): {"sent": ""},  # 5.3: derived from CountryCode
    ("Articles", "SalesPrice"): {"sent": ""},  # 9.2: refused with 2000321, set through prices
    ("Articles", "DisposableQuantity"): {"sent": ""},  # 9.2: calculated
    ("Articles", "StockValue"): {"sent": ""},  # 9.2: calculated
    ("Customers", "DefaultDeliveryTypes.Invoice"): {"values": "PRINT|EMAIL|PRINTSERVICE|ELECTRONICINVOICE"},  # 9.1
    ("Orders", "OrderRows[].RowId"): {"sent": "U"},  # 9.5: rows are named by RowId on every kind of document
    ("Orders", "YourOrderNumber"): {"length": "..30"},  # 5: cut at 30 without a word, though 75 is stated
    ("Orders", "Comments"): {"length": "..1024"},  # 5: refused above 1024 with 2001896
    ("Offers", "YourReference"): {"length": "..50"},  # 5: refused above 50 with 2001600
    ("Offers", "OurReference"): {"length": "..50"},
    ("Offers", "Remarks"): {"length": "..1024"},  # 9.6
    ("Invoices", "InvoiceRows[].AccountNumber"): {"range": "0..9999"},  # 9.8: 0 marks a text row
    ("Contracts", "InvoiceRows[].AccountNumber"): {"range": "0..9999"},
    ("Contracts", "InvoiceRows[].ArticleNumber"): {"required": ""},
    ("Vouchers", "Year"): {"required": ""},  # 9.12: follows from the date
    ("Customers", "InvoiceAdministrationFee"): {"type": "num"},  # appendix B: recorded as numbers
    ("Customers", "InvoiceFreight"): {"type": "num"},
    ("ModesOfPayments", "Code"): {"required": "1"},  # 9.14: the key of the register
    ("TaxReductions", "AskedAmount"): {"required": "", "range": "0.."},  # 9.9: whole kronor, not negative; optional for green
    ("FinancialYears", "AccountingMethod"): {"values": "ACCRUAL|CASH"},
    ("Invoices", "PaymentWay"): {"values": "CASH|CARD|AG|"},  # 9.7
}
# The definition names the body of an upload only by its schema.
for _field in ("entityId", "entityType", "fileId", "includeOnSend"):
    CORRECTIONS[("Attachment", _field)] = {"sent": "CU"}
for _document in ("Offers", "Orders", "Invoices"):
    for _line in ("DeliveryAddress1", "DeliveryAddress2"):
        CORRECTIONS[(_document, _line)] = {"length": "..60"}  # 5: cut at 60 without a word

# Section 6.4: names are in lower case; the years' filter works as "date" (appendix B).
# Section 9.15: likewise the year of a SIE file.
PARAMETER_NAMES = {("/3/financialyears", "Date"): "date", ("/3/sie/{Type}", "financialYear"): "financialyear"}

# Section 6.5: documented, though the definition lacks them.
MORE_PARAMETERS = [
    (path, name, kind)
    for path in ("/3/accounts", "/3/accounts/{Number}", "/3/voucherseries", "/3/voucherseries/{Code}", "/3/vouchers")
    for name, kind in (("financialyear", "int"), ("financialyeardate", "date"))
] + [(path, "lastmodified", "str") for path in ("/3/voucherseries", "/3/costcenters", "/3/projects")]
MORE_PARAMETERS.append(("/3/taxreductions", "referencenumber", "str"))  # 9.9: recorded in @urlTaxReductionList


def fields(rows: Iterable[dict[str, str]]) -> Iterable[dict[str, str]]:
    for row in rows:
        prefix, _, resource = row["tag"].partition("_")
        if prefix not in ("fortnox", "fileattachments"):
            continue
        name = row["field"]
        is_housework = name.split(".")[-1].lower() == "houseworktype"
        made = {
            "resource": resource,
            "field": name,
            "type": row["type"],
            "length": _span(row["min_length"], row["max_length"]),
            "range": _span(row["minimum"], row["maximum"]),
            "values": HOUSEWORK if is_housework else row["enum"],
            "sent": "C" * bool(row["in_post"]) + "U" * bool(row["in_put"]),
            "required": row["required"],
            "seen": "L" * bool(row["in_list"]) + "D" * bool(row["in_detail"]),
        }
        yield {**made, **CORRECTIONS.get((resource, name), {})}


def parameters(definitions: Iterable[dict]) -> Iterable[dict[str, str]]:
    """Yield the query parameters of every GET, the union of both copies."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for definition in definitions:
        for path, operations in definition["paths"].items():
            for one in operations.get("get", {}).get("parameters") or []:
                if one["in"] != "query":
                    continue
                name = PARAMETER_NAMES.get((path, one["name"]), one["name"])
                schema = one["schema"]
                kind = {"boolean": "bool", "integer": "int", "number": "num", "array": "list"}.get(schema.get("type"), "str")
                if schema.get("format") in ("date", "date-time") and name != "lastmodified":
                    kind = "date"
                values = found.get((path, name), {}).get("values") or "|".join(schema.get("enum") or [])
                found[(path, name)] = {"path": path, "parameter": name, "type": kind, "values": values}
    for path, name, kind in MORE_PARAMETERS:
        found.setdefault((path, name), {"path": path, "parameter": name, "type": kind, "values": ""})
    return sorted(found.values(), key=lambda one: (one["path"], one["parameter"]))


def _span(low: str, high: str) -> str:
    return f"{low}..{high}" if low or high else ""


def write(target: Path, rows: Iterable[dict[str, str]]) -> None:
    rows = list(rows)
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main(facts: Path, target: Path = HERE) -> None:
    with (facts / "fields.csv").open(encoding="utf-8", newline="") as file:
        write(target / "fields.csv", fields(csv.DictReader(file)))
    copies = [json.loads((facts / "openapi" / f"fortnox-openapi-2026-{month}.json").read_text("utf-8")) for month in ("04", "03")]
    write(target / "parameters.csv", parameters(copies))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
