"""What can move between each business system and Fortnox, as a person chooses it before anything is connected.

A flow is a stream in a person's words: its direction, what has to be chosen for it, and what it needs of Fortnox.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from brygga.errors import SettingsError

Way = Literal["both", "to_fortnox", "from_fortnox"]


@dataclass(frozen=True, slots=True)
class Flow:
    """One thing that moves.

    stream   the stream that carries it
    text     what moves, in a sentence
    keys     the settings to be chosen for it; one that is empty by default must be filled in
    implies  settings that the choice itself decides; of a list the member that it adds
    after    the flows without which it cannot be
    against  the flow that cannot be on at the same time
    kinds    what is read or written in Fortnox for it: what the preflight tries
    chooser  the setting that says which documents are made: a word, or a table of words; they are tried when it is filled in
    books    whether documents are made in Fortnox, so that today must lie in an open period
    saved    whether it is read by a person and saved by a person, and so neither forecast nor carried through at the start
    chosen_by  the settings of which one is given where the flow is wanted; (): it is wanted with the system
    tried    the streams of which one real record can be tried: the flow's own, and parts of its run
    """

    stream: str
    way: Way
    text: str
    keys: tuple[str, ...] = ()
    implies: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    against: str = ""
    kinds: tuple[str, ...] = ("customer",)
    chooser: str = ""
    books: bool = False
    saved: bool = False
    chosen_by: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


_UPSALES = ("module", "placeholder_user", "won_stage", "lost_stage", "price_list")

FLOWS: Mapping[str, tuple[Flow, ...]] = {
    "mobigo": (
        Flow(
            "customers",
            "from_fortnox",
            "Customers of Fortnox are there to choose from in Mobigo.",
            implies={"registers": "customers"},
        ),
        Flow(
            "articles",
            "from_fortnox",
            "Articles, price lists and prices of Fortnox are there in Mobigo.",
            implies={"registers": "articles"},
            kinds=("article", "price_list"),
        ),
        Flow(
            "assignments",
            "to_fortnox",
            "Finished assignments become orders or invoices.",
            ("document",),
            kinds=("customer", "article"),
            chooser="document",
            books=True,
            chosen_by=("document",),
        ),
    ),
    "opter": (
        Flow(
            "customers",
            "to_fortnox",
            "Invoices of closed periods become invoices in Fortnox, with their customers.",
            ("customer_number", "send"),
            kinds=("customer", "invoice"),
            books=True,
            chosen_by=("customer_number", "send", "update_customers", "even_out"),
            tried=("customers", "invoices"),
        ),
        Flow(
            "settlements",
            "to_fortnox",
            "Settlements with hauliers become supplier invoices.",
            ("supplier_number",),
            kinds=("settlement",),
            books=True,
            chosen_by=("supplier_number", "settlement_accounts", "settlement_pdf"),
        ),
        Flow(
            "payments",
            "from_fortnox",
            "Payments of customers come back to be registered, read first and saved by you.",
            ("payment_definitions",),
            after=("customers",),
            kinds=("payment",),
            saved=True,
            chosen_by=("payment_definitions",),
        ),
    ),
    "textalk": (
        Flow(
            "buyers",
            "to_fortnox",
            "Orders of the shop become offers, orders, invoices or cash invoices, with their customers and payments.",
            ("documents", "create_needed_articles"),
            kinds=("customer", "article"),
            chooser="documents",
            books=True,
            chosen_by=("documents",),
            tried=("buyers", "offers", "orders", "invoices", "cash_invoices"),
        ),
        Flow(
            "article_export",
            "to_fortnox",
            "Articles that are added or changed in the shop follow to Fortnox.",
            implies={"export_articles": True},
            against="article_import",
            kinds=("article",),
        ),
        Flow(
            "article_import",
            "from_fortnox",
            "Articles of Fortnox are brought to the shop once a day.",
            implies={"import_articles": True},
            against="article_export",
            kinds=("article",),
        ),
        Flow(
            "customer_export",
            "to_fortnox",
            "New and changed customers of the shop follow to Fortnox.",
            implies={"export_customers": True},
            against="customer_import",
        ),
        Flow(
            "customer_import",
            "from_fortnox",
            "New and changed customers of Fortnox are put in the shop.",
            implies={"import_customers": True},
            against="customer_export",
        ),
    ),
    "upsales": (
        Flow("customers", "both", "Companies and customers are kept in step.", _UPSALES),
        Flow(
            "products",
            "from_fortnox",
            "Articles of Fortnox with their prices become products.",
            _UPSALES,
            after=("customers",),
            kinds=("article", "price_list"),
            chosen_by=("price_list",),
        ),
        Flow(
            "offers",
            "both",
            "Opportunities in the offer stage become offers, and offers opportunities.",
            (*_UPSALES, "offer_stage"),
            {"module": "order_offer"},
            after=("customers", "products"),
            kinds=("offer",),
            books=True,
            chosen_by=("offer_stage",),
        ),
        Flow(
            "sales",
            "both",
            "Won sales become orders or invoices, and orders or invoices sales, with what is paid.",
            _UPSALES,
            after=("customers", "products"),
            kinds=(),
            chooser="module",
            books=True,
            chosen_by=("module",),
        ),
    ),
    "webcrm": (
        Flow(
            "customers",
            "both",
            "Organisations and customers are kept in step.",
            ("customer_types", "company_type", "private_type", "customer_number_governed_by", "import_active_customers"),
        ),
        Flow(
            "articles",
            "from_fortnox",
            "Articles of Fortnox are there to choose from on quotation lines.",
            ("article_fields",),
            kinds=("article",),
            chosen_by=("article_fields",),
        ),
        Flow(
            "deliveries",
            "both",
            "Deliveries become orders or invoices, and orders or invoices deliveries, with their rows.",
            ("document", "import_documents"),
            after=("customers",),
            chooser="document",
            books=True,
            chosen_by=("document",),
        ),
    ),
}
"""System -> its flows, in the order in which they are first carried through."""


def chosen(system: str, streams: Collection[str]) -> list[Flow]:
    """Return the flows of these streams, in their order. Raises SettingsError for none, or for some that cannot be together."""
    flows = FLOWS.get(system, ())
    found = [flow for flow in flows if flow.stream in streams]
    if not found or len(found) < len(set(streams)):
        raise SettingsError("Nothing was chosen that could move.", repair="Choose at least one thing.")
    for flow in found:
        missing = [name for name in flow.after if name not in streams]
        if missing:
            raise SettingsError(
                "What you chose cannot be without {fields}.", repair="Choose that as well.", fields=", ".join(missing)
            )
        if flow.against in streams:
            raise SettingsError(
                "The same records cannot go both ways here: each system would overwrite what was changed in the other.",
                repair="Choose one of the two directions.",
            )
    return found


def implied(system: str, streams: Collection[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with what the chosen flows decide: set for those that are chosen, and not for the others."""
    result = dict(settings)
    for flow in FLOWS[system]:
        on = flow.stream in streams
        for key, value in flow.implies.items():
            if key == "registers":
                kept = [one for one in result.get(key, ()) if one != value]
                result[key] = [*kept, value] if on else kept
            elif on:
                result[key] = value
            elif result.get(key) == value:
                result.pop(key)
    return result


def why_off(system: str, stream: str, given: Mapping[str, Any]) -> str:
    """Return why a stream is not wanted where nobody named it, an English half sentence; "" where these settings ask for it.

    given  the settings as they were written, without defaults: a default is nobody's choice
    """
    flow = next(flow for flow in FLOWS[system] if flow.stream == stream)
    for key, value in flow.implies.items():
        asked = value in given.get(key, ()) if key == "registers" else given.get(key) == value
        if not asked:
            return f"{key} does not ask for it"
    if flow.chosen_by and not any(given.get(key) not in (None, "", {}, []) for key in flow.chosen_by):
        return (
            "none of " + ", ".join(flow.chosen_by) + " is chosen"
            if len(flow.chosen_by) > 1
            else f"{flow.chosen_by[0]} is not chosen"
        )
    return ""


def text_of(system: str, stream: str) -> str:
    """Return what a stream does, in an English sentence."""
    return next(flow.text for flow in FLOWS[system] if flow.stream == stream)


def keys(system: str, streams: Collection[str]) -> list[str]:
    """Return the settings that have to be chosen for these flows, each once; what a flow decides itself is left out."""
    flows = [flow for flow in FLOWS[system] if flow.stream in streams]
    decided = {key for flow in flows for key in flow.implies}
    return [key for key in dict.fromkeys(key for flow in flows for key in flow.keys) if key not in decided]


_DOCUMENTS: Mapping[str, tuple[str, ...]] = {"order_offer": ("order", "offer")}


def kinds(system: str, streams: Collection[str], settings: Mapping[str, Any]) -> list[str]:
    """Return what these flows read or write in Fortnox, with the documents as far as they are chosen; each once."""
    found: list[str] = []
    for flow in FLOWS[system]:
        if flow.stream not in streams:
            continue
        found += flow.kinds
        value = settings.get(flow.chooser) if flow.chooser else None
        words = list(value.values()) if isinstance(value, Mapping) else [value] if value else []
        found += [kind for word in words for kind in _DOCUMENTS.get(str(word), (str(word),))]
    return list(dict.fromkeys(found))
