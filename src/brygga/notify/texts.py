"""What a message says: sentences with their facts, said in the target's language when it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, override

from brygga import config
from brygga.errors import Sentence

GREETING = Sentence("You get this from Brygga. An owner of the company can change who is told what.")


def body(kind: str, subject: Sentence, lines: Iterable[Mapping[str, Any] | Sentence], page: str) -> dict[str, Any]:
    """Return what a message's row holds. *kind* is its type for programs, *page* the address on the hub where one looks next."""
    return {
        "type": kind,
        "subject": subject.as_json(),
        "lines": [line.as_json() if isinstance(line, Sentence) else dict(line) for line in lines],
        "page": page,
    }


def said(stored: Mapping[str, Any], language: str) -> tuple[str, list[str], str]:
    """Return (subject, lines, address) of a message in a language."""
    with override(language):
        lines = [_say(line) for line in stored["lines"]]
        return _say(stored["subject"]), lines, f"{config.current().url}{stored['page']}"


def say(sentence: Sentence, language: str) -> str:
    """Return one sentence in a language."""
    with override(language):
        return _say(sentence.as_json())


def _say(stored: Mapping[str, Any]) -> str:
    return gettext(str(stored["template"])).format_map(stored["facts"])
