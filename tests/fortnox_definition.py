"""The published definition of Fortnox as the tests hold the sandbox to it: its own text, and where the real service differs.

The definition says of no field that it may be null and leaves out what unset texts look like; recorded answers say it. So a schema
takes what `recorded-profile.json` recorded of the field besides what the definition says (`RECORDED`), and the differences that no
recording shows are in `DIFFERS`, each with its source.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

# Schema of the definition and the recorded key set that is the same thing.
RECORDED = {
    "ArticleListItem": "Articles (list)",
    "ArticleSingleItem": "Article (detail)",
    "DocumentEDIFieldSingleItem": "Invoice (detail).EDIInformation",
    "DocumentEmailFieldSingleItem": "Invoice (detail).EmailInformation",
    "Kf_CustomerSingleItem": "Customer (detail)",
    "Kf_InvoiceListItem": "Invoices (list)",
    "Kf_InvoiceRowSingleItem": "Invoice (detail).InvoiceRows[]",
    "Kf_InvoiceSingleItem": "Invoice (detail)",
    "Order_OrderListItem": "Orders (list)",
    "Order_OrderRowSingleItem": "Order (detail).OrderRows[]",
    "Order_OrderSingleItem": "Order (detail)",
    "Offer_OfferRowSingleItem": "Order (detail).OrderRows[]",
    "Offer_OfferSingleItem": "Order (detail)",
    "Project_ProjectListItem": "Projects (list)",
    "Project_ProjectSingleItem": "Project (detail)",
}
WORDS: dict[str, dict[str, Any]] = {
    "null": {"type": "null"},
    '""': {"enum": [""]},
    "str": {"type": "string"},
    "str#": {"type": "string"},
    "bool-str": {"enum": ["true", "false"]},
    "int": {"type": "number"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
}
# Kinds that a type of the definition names itself; an empty text is not among them where there is an enumeration or a shortest length.
SAID = {
    "string": frozenset({"str", "str#", "bool-str"}),
    "number": frozenset({"int", "float"}),
    "integer": frozenset({"int"}),
    "boolean": frozenset({"bool"}),
}

AS_INVOICES = "Fortnox API, section 5.2: what invoices show where nothing is set"
TEXTS = "Fortnox API, section 5.2: unset texts are empty"
TEXT_ROW = "Fortnox API, section 9.8: account 0 marks a row of text [recorded]"
OF_2014 = "Fortnox API, appendix B, structure recorded in 2014"
NOT_SET = "Fortnox API, section 9.2: an account that is not set is 0 [recorded]"
INVOICE_ROWS = "recorded-profile: null on rows of text of invoices"
VOUCHER = "VoucherNumber VoucherSeries VoucherYear"

# Schema, fields, what they also may be, and where that is written.
DIFFERS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("Bf_AccountListItem", "VATCode", ("null",), OF_2014),
    ("Bf_AccountSingleItem", "VATCode", ("null",), OF_2014),
    ("Bf_VoucherSingleItem", "Comments", ("null",), OF_2014),
    ("Kf_InvoicePaymentSingleItem", VOUCHER, ("null",), AS_INVOICES),
    ("Lf_SupplierInvoicePaymentSingleItem", VOUCHER, ("null",), AS_INVOICES),
    ("Lf_SupplierInvoiceSingleItem", VOUCHER, ("null",), AS_INVOICES),
    ("Lf_SupplierInvoiceSingleItem", "FinalPayDate", ("null",), AS_INVOICES),
    ("Lf_SupplierInvoiceListItem", "FinalPayDate", ("null",), AS_INVOICES),
    ("TaxReductionSingleItem", VOUCHER, ("null",), AS_INVOICES),
    ("LockedPeriodSettingsSingleItem", "EndDate", ("null",), "Fortnox API, section 9.14: EndDate null when nothing is locked"),
    ("Lf_SupplierListItem", "PreDefinedAccount", ('""',), TEXTS),
    ("Lf_SupplierSingleItem", "PreDefinedAccount", ('""',), TEXTS),
    ("Order_OrderRowSingleItem", "VATCode", ("null",), INVOICE_ROWS),
    ("Offer_OfferRowSingleItem", "VATCode", ("null",), INVOICE_ROWS),
    ("Kf_InvoiceRowSingleItem", "AccountNumber", ("int",), TEXT_ROW),
    ("Order_OrderRowSingleItem", "AccountNumber", ("int",), TEXT_ROW),
    ("Offer_OfferRowSingleItem", "AccountNumber", ("int",), TEXT_ROW),
    ("PreDefinedAccountSingleItem", "Account", ("int",), NOT_SET),
    ("ArticleSingleItem", "ConstructionAccount", ("int",), NOT_SET),
)
# Operations whose answer the definition draws as one item while its own text says a list (Fortnox API, appendix A, Attachment).
LISTS = (
    ("/api/fileattachments/attachments-v1", "get", "200"),
    ("/api/fileattachments/attachments-v1", "post", "201"),
    ("/api/fileattachments/attachments-v1/numberofattachments", "get", "200"),
)
# Payloads that the definition draws without their wrapper, and the wrapper (Fortnox API, section 5: every body is one object with one key).
BARE = {"fortnox_SinvoiceExternalUrlConnectionSinglePayloadItem": "SupplierInvoiceExternalURLConnection"}
# An error is JSON also where the definition names only the PDF (Fortnox API, sections 2 and 7.1).
ERROR = {
    "description": "refused",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/fortnox_ErrorInformation_Wrap"}}},
}


def definition(shared: Path, operations: set[tuple[str, str]]) -> dict[str, Any]:
    """Return the newest definition cut down to these operations (method, path with `{}` for each key), the differences worked in."""
    folder = shared / "fortnox"
    document: dict[str, Any] = json.loads((folder / "openapi" / "fortnox-openapi-2026-04.json").read_text("utf-8"))
    profile: dict[str, dict[str, dict[str, int]]] = json.loads((folder / "recorded-profile.json").read_text("utf-8"))
    paths: dict[str, Any] = {}
    for path, about in document["paths"].items():
        kept = {method: one for method, one in about.items() if (method.upper(), re.sub(r"\{[^}]*\}", "{}", path)) in operations}
        if kept:
            paths[path] = kept
    document["paths"] = paths
    schemas = document["components"]["schemas"]
    for name, recorded in RECORDED.items():
        for field, kinds in profile[recorded].items():
            _widen(schemas, name, field, tuple(kinds))
    for name, fields, kinds_also, _ in DIFFERS:
        for field in fields.split():
            _widen(schemas, name, field, kinds_also, must_exist=True)
    for path, method, status in LISTS:
        content = paths[path][method]["responses"][status]["content"]["application/json"]
        content["schema"] = {"type": "array", "items": content["schema"]}
    for about in paths.values():
        for one in about.values():
            if "application/json" not in str(one["responses"].get("default")):
                one["responses"]["default"] = ERROR
            _say_what_is_sent(schemas, one.get("requestBody", {}).get("content", {}))
    return document


def _say_what_is_sent(schemas: dict[str, Any], content: dict[str, Any]) -> None:
    """Let bodies be JSON, for which the definition writes any kind, with their one wrapper and no field but the named (Fortnox API, sections 2 and 5)."""
    if "*/*" in content:
        content["application/json"] = content.pop("*/*")
    for kind in content.values():
        bare = BARE.get(kind["schema"].get("$ref", "").rpartition("/")[2])
        if bare is not None:
            kind["schema"] = {"type": "object", "properties": {bare: kind["schema"]}}
        kind["schema"] = _closed(schemas, kind["schema"], top=True)


def _closed(schemas: dict[str, Any], schema: dict[str, Any], *, top: bool = False) -> dict[str, Any]:
    """Return a schema of what is sent: a copy beside the one of answers, its names closed, its wrapper required."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if f"sent_{name}" not in schemas:
            schemas[f"sent_{name}"] = {}
            schemas[f"sent_{name}"] |= _closed(schemas, schemas[name], top=top)
        return {"$ref": f"#/components/schemas/sent_{name}"}
    copy = dict(schema)
    if "items" in copy:
        copy["items"] = _closed(schemas, copy["items"])
    if "properties" in copy:
        copy["properties"] = {field: _closed(schemas, one) for field, one in copy["properties"].items()}
        copy["additionalProperties"] = False
        if top and len(copy["properties"]) == 1:
            copy["required"] = list(copy["properties"])
    return copy


def _widen(schemas: dict[str, Any], name: str, field: str, kinds: tuple[str, ...], *, must_exist: bool = False) -> None:
    """Let a field be what the definition says or one of the kinds; recorded fields that the definition lacks are no matter."""
    fields = schemas[f"fortnox_{name}"]["properties"]
    if field not in fields and not must_exist:
        return
    said = SAID.get(str(fields[field].get("type")), frozenset())
    also = [WORDS[kind] for kind in kinds if kind in WORDS and (must_exist or kind not in said)]
    if also:
        fields[field] = {"anyOf": [fields[field], *also]}
