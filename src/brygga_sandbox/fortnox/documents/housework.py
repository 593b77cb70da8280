"""House work on documents: which kinds of work go together, what the reduction is (Fortnox API, 9.9; accounting.md 7.5)."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from brygga_sandbox.fortnox.documents.amounts import HUNDRED, ZERO, two_decimals, vat_of_net
from brygga_sandbox.fortnox.errors import refusal, refusal_text

ROT = frozenset({"CONSTRUCTION", "ELECTRICITY", "GLASSMETALWORK", "GROUNDDRAINAGEWORK", "MASONRY", "PAINTINGWALLPAPERING", "HVAC"})
RUT = frozenset(
    {
        "CLEANING",
        "TEXTILECLOTHING",
        "SNOWPLOWING",
        "GARDENING",
        "BABYSITTING",
        "OTHERCARE",
        "MAJORAPPLIANCEREPAIR",
        "MOVINGSERVICES",
        "ITSERVICES",
        "HOMEMAINTENANCE",
        "FURNISHING",
        "TRANSPORTATIONSERVICES",
        "WASHINGANDCAREOFCLOTHING",
    }
)
GREEN = frozenset({"SOLARCELLS", "STORAGESELFPRODUCEDELECTRICITY", "CHARGINGSTATIONELECTRICVEHICLE"})
ENDED = frozenset({"COOKING", "TUTORING"})
ANY = frozenset({"OTHERCOSTS", "EMPTYHOUSEWORK"})
KINDS = {"rot": ROT, "rut": RUT, "green": GREEN}
# Half of what these cost counts as work.
FLAT_RATE = frozenset({"TEXTILECLOTHING", "WASHINGANDCAREOFCLOTHING", "TRANSPORTATIONSERVICES"})


def check_rows(reduction: str, currency: str, rows: Iterable[dict[str, Any]]) -> None:
    """Raise Refusal when a row's kind of work does not fit the document."""
    for row in rows:
        kind = row.get("HouseWorkType")
        if kind in ENDED:
            raise refusal(2003157)
        if reduction == "none":
            if kind or row.get("HouseWork"):
                raise refusal(2004019)
            continue
        if kind == "OTHERCOSTS" and row.get("HouseWork"):
            raise refusal(2002980)
        if kind and kind not in KINDS[reduction] | ANY:
            raise refusal(2004021, reduction, kind)
        if not kind and not is_text_row(row):
            raise refusal_text("Alla rader på ett dokument med skattereduktion måste ha en husarbetestyp.")
    if reduction != "none" and currency != "SEK":
        raise refusal_text("Dokument med skattereduktion måste vara i SEK.")


def is_text_row(row: dict[str, Any]) -> bool:
    """Tell whether a finished row only carries text."""
    return not row.get("AccountNumber")


def percent(reduction: str, kind: str, day: str) -> Decimal:
    """Return the share of the work that is deducted, by the day of the document (2026-03-01 as text)."""
    if reduction == "rot":
        return Decimal(50) if "2025-05-12" <= day <= "2025-12-31" else Decimal(30)
    if reduction == "green" and kind == "SOLARCELLS":
        return Decimal(20) if day < "2025-07-01" else Decimal(15)
    return Decimal(25) if kind in FLAT_RATE else Decimal(50)


def labour(rows: Iterable[dict[str, Any]], vat_included: bool) -> list[tuple[str, Decimal]]:
    """Return (kind of work, amount including VAT) of the rows that are work."""
    found: list[tuple[str, Decimal]] = []
    for row in rows:
        amount = Decimal(row["Total"])
        if row.get("HouseWork") and amount:
            gross = amount if vat_included else amount + vat_of_net(amount, Decimal(row["VAT"]))
            found.append((str(row.get("HouseWorkType") or ""), two_decimals(gross)))
    return found


def reduction_of(reduction: str, work: Iterable[tuple[str, Decimal]], day: str) -> int:
    """Return what is deducted from the total, in whole kronor, cut downwards."""
    amount = sum((gross * percent(reduction, kind, day) / HUNDRED for kind, gross in work), ZERO)
    return int(amount.to_integral_value(ROUND_FLOOR))


def asked(application: Mapping[str, Any]) -> int:
    """Return the amount that an application asks for, in kronor.

    One whose personal number lacks its century counts for nothing, without a word (Fortnox API, section 9.9, measured).
    """
    digits = sum(letter.isdigit() for letter in str(application["SocialSecurityNumber"]))
    return int(application.get("AskedAmount") or 0) if digits == 12 else 0
