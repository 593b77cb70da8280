"""What templates need: sentences in the reader's language, amounts of records as a picture, names for words of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext, pgettext

register = template.Library()


@register.filter
def say(stored: Mapping[str, Any] | None) -> str:
    """Return a stored sentence ({"template", "facts"}) in the reader's language; facts that are words are translated too."""
    if not stored:
        return ""
    template_ = str(stored["template"])
    facts = dict(stored.get("facts") or {})
    if "evidence" in facts:
        facts["evidence"] = "; ".join(gettext(part) for part in str(facts["evidence"]).split("; "))
    if "fields" in facts:
        facts["fields"] = ", ".join(word(part) for part in str(facts["fields"]).split(", "))
    return gettext(template_).format_map(facts)


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
    return pgettext("word", value) if value else ""


@register.filter
def shown(value: Any) -> str:
    """Return a stored value as people read it."""
    if value is None:
        return "–"
    if value is True:
        return gettext("yes")
    if value is False:
        return gettext("no")
    if isinstance(value, Mapping):
        return " ".join(str(part) for name, part in value.items() if name != "$" and part)
    if value in ("company", "private"):
        return word(str(value))
    return str(value) if str(value) else "–"


@register.filter
def get(values: Mapping[str, Any], name: str) -> Any:
    return values.get(name)


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
