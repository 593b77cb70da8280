"""The preflight of the shop: does the token work, which shop is it, and has each payment method its document? A row each."""

from __future__ import annotations

from brygga.clients.textalk import Textalk, wire
from brygga.connectors.contract import Finding
from brygga.connectors.textalk import order_map
from brygga.connectors.textalk.settings import Settings
from brygga.connectors.textalk.shop import Shop
from brygga.errors import BryggaError, Sentence


def findings(client: Textalk, shop: Shop, settings: Settings) -> list[Finding]:
    """Try the connection and compare the shop with the settings. Errors of the shop become rows."""
    try:
        raw = client.webshop()
        methods = shop.methods
    except BryggaError as error:
        return [Finding("error", "sign-in", error.sentence, error.repair, error.exit_status)]
    facts = {"name": wire.spoken(raw.get("name")), "number": str(raw.get("companyNumber") or ""), "id": str(raw.get("uid"))}
    account = ", ".join(filter(None, (facts["name"], facts["number"])))
    rows = [Finding("ok", "sign-in", Sentence("Connected to the shop {name} ({id}), {number}.", facts), account=account)]
    if settings.export_orders == "never":
        return rows
    for uid, method in methods.items():
        names = order_map.names_of(uid, methods)
        if not method.get("active") or any(name in settings.other_payments for name in names):
            continue
        chosen = next((settings.documents[name] for name in names if name in settings.documents), "")
        told = {"method": names[-1], "kind": chosen}
        if chosen:
            rows.append(Finding("ok", "payment methods", Sentence("Orders paid by {method} become {kind}.", told)))
        else:
            repair = Sentence("Choose one under “Typ av resurs i Fortnox”; until then its orders wait.")
            rows.append(Finding("warning", "payment methods", Sentence("{method} has no type of document.", told), repair))
    return rows
