"""From offer to order to invoice: what goes along (Fortnox API, sections 9.4, 9.6)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Record

if TYPE_CHECKING:
    from brygga_sandbox.fortnox.documents.document import Document

# What the next document makes anew.
_OWN = frozenset(
    [
        "DocumentNumber",
        "Sent",
        "Cancelled",
        "EmailInformation",
        "PrintTemplate",
        "OutboundDate",
        "OCR",
        "InvoiceReference",
        "OrderReference",
        "OfferReference",
        "WarehouseReady",
        "NotCompleted",
        "DeliveryState",
        "OrderType",
        "TaxReduction",
        "CopyRemarks",
    ]
)


def carried(source: "Document", record: Record, target: "Document") -> dict[str, Any]:
    """Return the fields of a document that the next one takes over; Remarks only with CopyRemarks."""
    found = {
        name: value
        for name, value in record.items()
        if name in target.blank and name not in _OWN and name != source.kind.field and not name.startswith("_")
    }
    found["_VATType"] = record.get("_VATType") or "SEVAT"
    if source is not target and not record.get("CopyRemarks"):
        found["Remarks"] = target.blank["Remarks"]
    if "YourReferenceNumber" in record and "YourOrderNumber" in target.blank:
        found["YourOrderNumber"] = record["YourReferenceNumber"]
    found["EmailInformation"] = dict(record["EmailInformation"])
    return found


def wish_for(row: Mapping[str, Any], quantity: str, target: "Document") -> dict[str, Any]:
    """Return a row of the source as a wish for a row of the target, its quantity under the target's name."""
    if not row["AccountNumber"]:
        return {"Description": row["Description"]}
    wish = {name: value for name, value in row.items() if name in target.kind.blank and name != "RowId"}
    wish[target.kind.quantity] = row[quantity]
    if "OrderedQuantity" in target.kind.blank and "OrderedQuantity" not in row:
        wish["OrderedQuantity"] = row[quantity]
    return wish


def reductions_follow(company: Company, source: "Document", record: Record, target: "Document", made: Record) -> None:
    """Copy the tax reduction applications of a document to the one made of it, with new ids, and add it up again."""
    held = company.table("reductions_of").records.get((source.kind_of_document, record["DocumentNumber"])) or {}
    ids: list[int] = []
    for number in held.get("ids", ()):
        application = company.get("taxreductions", number)
        if application is None:
            continue
        application["Id"] = company.count("taxreductions")
        application["ReferenceDocumentType"] = target.kind_of_document
        application["ReferenceNumber"] = made["DocumentNumber"]
        company.put("taxreductions", application["Id"], application)
        ids.append(application["Id"])
    if ids:
        company.put("reductions_of", (target.kind_of_document, made["DocumentNumber"]), {"ids": ids})
        target.add_up(company, made)
        company.put(target.name, target.key_of(made), made)
