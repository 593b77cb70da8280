"""What Fortnox fills of a new document from the customer's card where it is left out, and what is said instead. Pure.

Fortnox API, sections 9.1 (what a card prefills), 12.13 and 12.14; accounting.md 3.3: send 0 when the order carries no fee. An empty
text works on POST (12.14); on PUT it leaves a value as it is and null clears it (5.1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from brygga.core.document import Document
from brygga.core.money import ZERO, Money

Raw = Mapping[str, Any]

PARTY: Final = ("Address1", "Address2", "ZipCode", "City", "Country", "Phone1", "Phone2")
"""The buyer's address on a document, one block: a street of the order never stands beside a city of the card."""
DELIVERY: Final = ("DeliveryName", "DeliveryAddress1", "DeliveryAddress2", "DeliveryZipCode", "DeliveryCity", "DeliveryCountry")

NEUTRAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "prices_include_vat": {"VATIncluded": False},
    "freight": {"Freight": ZERO},
    "fee": {"AdministrationFee": ZERO},
    "text": {"Remarks": ""},
    "delivery_address": dict.fromkeys(DELIVERY, ""),
    "our_reference": {"OurReference": ""},
    "your_reference": {"YourReference": ""},
    "terms_of_payment": {"TermsOfPayment": ""},
    "terms_of_delivery": {"TermsOfDelivery": ""},
    "way_of_delivery": {"WayOfDelivery": ""},
    "language": {"Language": "SV"},
    "price_list": {"PriceList": ""},
    "cost_center": {"CostCenter": ""},
    "project": {"Project": ""},
}
"""What a document says where its source says nothing and the settings do not name it as wanted from the card."""

_FOLLOW: Final = (
    "TermsOfPayment",
    "TermsOfDelivery",
    "WayOfDelivery",
    "Language",
    "PriceList",
    "CostCenter",
    "Project",
    "YourReference",
)
"""What goes with the customer when it came from the old one's card, and stays where somebody wrote it."""
_STAY: Final = ("VATIncluded", "Freight", "AdministrationFee", "Remarks", "OurReference", "Currency", *DELIVERY)


def stated(body: Mapping[str, Any], document: Document, from_card: Collection[str]) -> dict[str, Any]:
    """Return the head of a new document with every field that Fortnox would fill from the card said, but for those of *from_card*."""
    made: dict[str, Any] = {"Currency": currency_of(document), **body}
    for name, fields in NEUTRAL.items():
        if name not in from_card or any(made.get(field) for field in fields):
            made = {**fields, **made}
    if any(made.get(field) for field in PARTY[:4]):
        made = {**dict.fromkeys(PARTY, ""), **made}
    return made


def currency_of(document: Document) -> str:
    """Return the currency of a document: its own, else that of its prices, else kronor; never the card's."""
    if document.currency:
        return str(document.currency)
    return next((row.price.currency for row in document.lines if isinstance(row.price, Money)), "SEK")


def restated(raw: Raw, card: Raw, changes: Raw, from_card: Collection[str]) -> dict[str, Any]:
    """Return what a change of customer has to say again so that it stays; *raw* is the document, *card* its customer until now.

    Fortnox fills a document anew from the new customer's card (section 9.5). Name and address are to be the new customer's. Terms and
    the like that came from the old card come from the new one; what was written on the document stays, amounts and mode of prices always.
    """
    names = list(_STAY)
    names += [name for name in _FOLLOW if not _from(card, name, raw.get(name))]
    kept = {name: raw[name] for name in names if name in raw and name not in changes}
    return {name: None if value in ("", None) else value for name, value in kept.items()}


def _from(card: Raw, name: str, value: object) -> bool:
    return (card.get(name) or "") == (value or "")
