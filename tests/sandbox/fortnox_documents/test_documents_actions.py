"""What may be done with a document in which state: the shared cases, each played over HTTP."""

from decimal import Decimal
from typing import Any

TOPICS = {"test_an_action_is_taken_or_refused_by_the_state": ("document_actions", lambda case: True)}


def test_an_action_is_taken_or_refused_by_the_state(api: Any, company: Any, case: Any) -> None:
    """Accounting.md 7.1, 7.2: a document is brought into the state of the case, then the action is tried."""
    document, action = case["input"]["document"], case["input"]["action"]
    if document["method"] == "CASH":
        company.set("accounting_method", "CASH")
    path = bring(api, company, document)
    if document["period_locked"]:
        company.set("locked_until", "2026-12-31")
    before = api.get(path)
    response = attempt(api, path, action, document["type"])
    assert (response.status_code < 300) is case["expected"]["allowed"], response.text
    if not case["expected"]["allowed"]:
        assert response.status_code in (400, 404)
        assert api.get(path) == before


def bring(api: Any, company: Any, document: dict[str, Any]) -> str:
    """Make a document and bring it into a state; return its path."""
    kind, price = document["type"], Decimal(document["total"]) / Decimal("1.25")
    row = {"ArticleNumber": "A1", "Price": price}
    if kind in ("offer", "order"):
        one, quantity = kind.capitalize(), "Quantity" if kind == "offer" else "DeliveredQuantity"
        api.post(f"{kind}s", one, **{"CustomerNumber": "1", f"{one}Rows": [{**row, quantity: "1"}]})
        path = f"{kind}s/1"
        if document["order_invoiced"]:
            api.act(f"{path}/createinvoice")
    else:
        path = "invoices/1"
        more = {"InvoiceType": "CASHINVOICE", "PaymentWay": "CASH"} if kind == "cash_invoice" else {}
        api.invoice({**row, "DeliveredQuantity": "1"}, **more)
        if kind == "credit_invoice":
            api.act("invoices/1/bookkeep")
            api.act("invoices/1/credit")
            path = "invoices/2"
    if document["booked"]:
        api.act(f"{path}/bookkeep")
    if document["sent"]:
        api.act(f"{path}/externalprint")
    if document["cancelled"]:
        api.act(f"{path}/cancel")
    if document["credited"]:
        api.act(f"{path}/credit")
    paid = Decimal(document["total"]) - Decimal(document["balance"])
    if paid and kind == "invoice" and (document["booked"] or document["method"] == "CASH"):
        api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=paid)
        api.act("invoicepayments/1/bookkeep")
    return path


def attempt(api: Any, path: str, action: str, kind: str) -> Any:
    """Try an action of the shared words."""
    one = {"offer": "Offer", "order": "Order"}.get(kind, "Invoice")
    number = int(path.split("/")[1])
    match action:
        case "update_rows":
            quantity = "Quantity" if one == "Offer" else "DeliveredQuantity"
            return api.call("PUT", path, json={one: {f"{one}Rows": [{"ArticleNumber": "A1", quantity: "2", "Price": 7}]}})
        case "update_due_date":
            return api.call("PUT", path, json={one: {"DueDate": "2026-12-24"}})
        case "register_payment":
            return api.call("POST", "invoicepayments", json={"InvoicePayment": {"InvoiceNumber": number, "Amount": 1}})
        case "create_invoice":
            return api.call("PUT", f"{path}/createinvoice", json={})
        case "delete":
            return api.call("DELETE", path)
    return api.call("PUT", f"{path}/{action}", json={})
