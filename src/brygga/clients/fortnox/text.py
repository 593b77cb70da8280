"""Which characters Fortnox takes in a text, and how to bring a text into shape before it is sent."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = frozenset("0123456789 \r\n\u00a0’\\–:.`´,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@\u0308\u030a")

# What people type, and the nearest sign that Fortnox takes.
_NEAREST = {
    "—": "–",
    "‒": "–",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "'": "’",
    "‘": "’",
    '"': "’",
    "“": "’",
    "”": "’",
    "«": "’",
    "»": "’",
    "<": "(",
    ">": ")",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "|": "/",
    "\t": " ",
    "…": "...",
    "•": "*",
    "·": "*",
    "~": "-",
    "×": "*",
    "→": "–",
}

# What would say something else with its signs replaced one by one: ">=" becomes no ")=". Spaces beside it count once.
_WORDS = (
    (re.compile(r"[^\S\n]*(?:≥|>=)[^\S\n]*"), " minst "),
    (re.compile(r"[^\S\n]*(?:≤|<=)[^\S\n]*"), " högst "),
    (re.compile(r"[^\S\n]*(?:->|=>)[^\S\n]*"), " – "),
    # A number that follows tells them from brackets.
    (re.compile(r"<(\S|\S[^<>\n]*\S)>(?![^\S\n]*[0-9])"), r"(\1)"),
    (re.compile(r"[^\S\n]*<[^\S\n]*(?=[-−]?[0-9])"), " mindre än "),
    (re.compile(r"[^\S\n]*>[^\S\n]*(?=[-−]?[0-9])"), " mer än "),
)


def forbidden(text: str) -> str:
    """Return the characters of a text that Fortnox refuses with 2000359, each once, in order (Fortnox API, section 5)."""
    return "".join(dict.fromkeys(sign for sign in text if not (sign.isalpha() or sign in _SIGNS)))


def cleaned(text: str, longest: int | None = None) -> str:
    """Return the text as Fortnox takes it: the nearest allowed sign for a forbidden one, the rest left out, cut at *longest*.

    What is lost is lost in Fortnox only; a caller that must not lose it compares with the original.
    """
    composed = unicodedata.normalize("NFC", text)
    for signs, words in _WORDS:
        composed = signs.sub(words, composed).removeprefix(" ") if signs.search(composed) else composed
    made = sign_by_sign(composed)
    return made if longest is None else made[:longest].rstrip()


def sign_by_sign(text: str) -> str:
    """Return the text with the nearest sign for each that Fortnox refuses, whatever that says then: as it was once written."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(sign if sign.isalpha() or sign in _SIGNS else _NEAREST.get(sign, "") for sign in composed)
