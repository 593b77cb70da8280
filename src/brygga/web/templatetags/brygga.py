"""What templates need: sentences in the reader's language, amounts of records as a picture, names for words of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, pgettext

from brygga.core.document import Row
from brygga.core.money import Money
from brygga.core.record import ABSENT
from brygga.errors import in_plain_words
from brygga.store import values

register = template.Library()

_LONG, _FEW = 6, 3
"""A table of more names than this, with at most so many different values, is shown by value."""


@register.filter
def say(stored: Mapping[str, Any] | None) -> str:
    """Return a stored sentence ({"template", "facts", "called"}) in the reader's language; facts that are words are translated too."""
    if not stored:
        return ""
    template_ = str(stored["template"])
    facts = {name: in_plain_words(str(fact)) for name, fact in (stored.get("facts") or {}).items()}
    if "evidence" in facts:
        facts["evidence"] = "; ".join(gettext(part) for part in str(facts["evidence"]).split("; "))
    if "term" in facts:
        facts["term"] = term(str(facts["term"]))
    if "fields" in facts:
        facts["fields"] = ", ".join(word(part) for part in str(facts["fields"]).split(", "))
    said = gettext(template_).format_map(facts)
    return f"{called}: {said}" if (called := stored.get("called")) else said


@register.filter
def plain(id: str) -> str:
    """Return a record's id as people know it."""
    return in_plain_words(id)


@register.filter
def when(iso: str | None) -> str:
    """Return a time that comes as text, as people write it."""
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M") if iso else "–"


@register.filter
def schedule(of: Mapping[str, Any]) -> str:
    """Return when a stream runs, as people say it."""
    match of.get("mode"):
        case "every":
            return gettext("every %(minutes)s minutes") % {"minutes": int(of["every"]) // 60}
        case "at":
            return gettext("daily at %(time)s") % {"time": of["at"]}
        case "off":
            return gettext("off")
        case _:
            return gettext("by hand")


@register.filter
def word(value: str) -> str:
    """Return what people call a word of the store: a state, an action, a field."""
    if not value:
        return ""
    found = pgettext("word", value)
    # English needs no catalogue: the store's own words are English.
    return found if found != value else value.replace("_", " ")


@register.filter
def term(value: str) -> str:
    """Return what a setting is called: in the vendor's own words, which are Swedish where no other language has them."""
    return pgettext("term", value)


@register.filter
def called(text: str, offer: Any) -> str:
    """Return what a value of a setting is called on its form: a word of ours is translated, a name of a system is not."""
    return word(text).replace("_", " ") if offer and offer.words else text


@register.filter
def offered(choice: Any, offer: Any) -> str:
    """Return a choice by value and name, as "3001 · Försäljning varor 25 %"."""
    name = called(choice.value, offer)
    return f"{name} · {choice.name}" if choice.name and choice.name not in (choice.value, name) else name


@register.filter
def beside(choice: Any, offer: Any) -> str:
    """Return what a suggestion is called, "" where its value is all there is to say: then the browser shows the value."""
    name = offered(choice, offer)
    return "" if name == choice.value else name


@register.filter
def shown(value: Any) -> str:
    """Return a value of a record as people read it, stored or live; the rows of a document are lines of text, one each."""
    value = values.decode(value)
    if value is None or value is ABSENT or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Money):
        return f"{_number(value.amount, 2)} {value.currency}"
    if isinstance(value, Decimal):
        return _number(value, 0)
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Row):
        return _row(value)
    if is_dataclass(value):
        return ", ".join(f"{word(f.name)} {shown(held)}" for f in fields(value) if (held := getattr(value, f.name)) is not ABSENT)
    if isinstance(value, Mapping):
        return "\n".join(f"{word(str(name))}: {shown(held)}" for name, held in value.items()) or "–"
    if isinstance(value, list | tuple):
        return "\n".join(shown(item) for item in value) or "–"
    return word(str(value)) if value in ("company", "private") else str(value)


def _number(value: Decimal, least: int) -> str:
    """Return a number in the reader's writing, with *least* decimals or as many more as it has."""
    exponent = value.normalize().as_tuple().exponent
    places = max(least, -exponent) if isinstance(exponent, int) else least
    return number_format(value, decimal_pos=places, force_grouping=abs(value) >= 10_000)


def _row(row: Row) -> str:
    """Return a document's row as one line: article, text, quantity × price, discount, VAT, account."""
    parts = [str(text) for text in (row.article_number, row.description) if text is not ABSENT and text]
    if row.quantity is not ABSENT and row.quantity is not None:
        unit = f" {row.unit}" if row.unit is not ABSENT and row.unit else ""
        price = f" × {shown(row.price)}" if row.price is not ABSENT and row.price is not None else ""
        parts.append(f"{shown(row.quantity)}{unit}{price}")
    if row.discount is not ABSENT and row.discount:
        kind = "" if row.discount_kind == "amount" else " %"
        parts.append(f"−{shown(row.discount)}{kind}")
    if row.vat is not ABSENT and row.vat is not None:
        parts.append(f"{word('vat')} {shown(row.vat)} %")
    if row.account is not ABSENT and row.account:
        parts.append(f"{word('account')} {row.account}")
    return " · ".join(parts) or "–"


@register.filter
def amount(text: str, currency: str) -> str:
    """Return an amount that comes as text, with its öre and currency, as the reader writes it."""
    return f"{_number(Decimal(text), 2)}\N{NO-BREAK SPACE}{currency}"


@register.filter
def amounts(totals: Mapping[str, str]) -> str:
    """Return amounts by currency as one text; a dash where there is none."""
    return " + ".join(amount(text, currency) for currency, text in sorted(totals.items())) or "–"


@register.filter
def chosen(value: Any) -> str:
    """Return what a setting is set to, in words. A long table that has few values is shown the other way: value, then its names."""
    if isinstance(value, Mapping):
        names = {str(name): chosen(held) for name, held in value.items()}
        if len(names) > _LONG and len(set(names.values())) <= _FEW:
            by_value = {held: [word(name) for name, other in names.items() if other == held] for held in names.values()}
            return "\n".join(f"{held}: {', '.join(found)}" for held, found in by_value.items())
        return "\n".join(f"{word(name)}: {held}" for name, held in names.items()) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(chosen(item) for item in value) or "–"
    if isinstance(value, str):
        return word(value) or "–"
    if isinstance(value, float):
        return number_format(value)
    return shown(value)


@register.filter
def is_rows(value: Any) -> bool:
    """Say whether a value is the rows of a document, as read or as stored."""
    return isinstance(value, tuple) or (isinstance(value, Mapping) and value.get("$") == "tuple")


@register.filter
def get(held: Mapping[str, Any], name: str) -> Any:
    return held.get(name)


@register.filter
def pairs(held: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """Return names and values of a mapping, for a loop.

    Never `held.items` in a template: Django looks a key of that name up first, and what people name (a plan's ticked "items", a
    record's field "values") is then taken for the method.
    """
    return list((held or {}).items())


@register.inclusion_tag("brygga/_bars.html")
def bars(days: Sequence[tuple[str, int, int]]) -> dict[str, Any]:
    """Draw what each day moved: written records upwards, failed ones in another colour. One (day, written, failed) each."""
    most = max((written + failed for _, written, failed in days), default=0) or 1
    drawn = []
    for place, (day, written, failed) in enumerate(days):
        # Whole numbers: a decimal comma in a picture's coordinates means something else.
        good, bad = round(60 * written / most), round(60 * failed / most)
        drawn.append(
            {
                "day": day,
                "x": place * 10,
                "written": written,
                "failed": failed,
                "good": good,
                "bad": bad,
                "y": 62 - good,
                "z": 62 - good - bad,
            }
        )
    return {"bars": drawn, "width": len(days) * 10, "total": sum(w for _, w, _ in days), "failed": sum(f for _, _, f in days)}
