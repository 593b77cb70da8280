"""When two texts, numbers or addresses mean the same, by the facts: what Fortnox can hold, how numbers are written (accounting.md 8)."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

COUNTRIES: Final = {
    "SE": {"sverige", "sweden"}, "NO": {"norge", "norway"}, "DK": {"danmark", "denmark"}, "FI": {"finland"},
    "DE": {"tyskland", "germany"}, "FR": {"frankrike", "france"}, "GB": {"storbritannien", "united kingdom"}, "PL": {"polen", "poland"},
    "NL": {"nederländerna", "netherlands"}, "US": {"usa", "united states"},
}  # fmt: skip
"""Countries that the worlds have, in the languages that a document may say them in (accounting.md 8.3)."""
EU: Final = frozenset({"DK", "FI", "DE", "FR", "PL", "NL"})
"""The worlds' countries in the EU, Sweden left out."""
_NEAR: Final = {"—": "-", "–": "-", "‒": "-", "−": "-", "‐": "-", "‑": "-", "'": "’", "‘": "’", '"': "’", "“": "’", "”": "’", "«": "’",
                "»": "’", "…": "...",  "×": "*", "•": "*", "·": "*", "~": "-", "|": "/",
                "[": "(", "]": ")", "{": "(", "}": ")"}  # fmt: skip
_SPOKEN: Final = {"≥": "minst", "≤": "högst", ">=": "minst", "<=": "högst"}
"""Signs that Fortnox refuses whichever way they are written (api.md 5: no `<`, no `>`): a word may stand for them."""
_ANGLES: Final = str.maketrans({"<": "(", ">": ")"})
_TAKEN: Final = frozenset("0123456789’\\:.`´,;^¤#%§£$€¢¥©™°&/()=+-*_!?²³®½@")


def folded(text: object) -> str:
    """Return what a text says as far as Fortnox can hold it.

    Entities decoded, blanks and line ends as one, signs that Fortnox refuses (api.md 5) as their neighbours or left out; the comparing
    of two texts so folded lets a hub clean a text in its own way, but not change a letter or a digit of it.
    """
    plain = unicodedata.normalize("NFC", html.unescape(html.unescape(str(text or ""))))
    for sign, word in _SPOKEN.items():
        plain = plain.replace(sign, f" {word} ")
    near = "".join(_NEAR.get(sign, sign) for sign in plain).translate(_ANGLES)
    kept = "".join(sign if sign.isalpha() or sign in _TAKEN else " " for sign in near)
    return re.sub(r"[\s’]+", " ", kept).strip()


def same_text(source: object, held: object, longest: int = 0) -> bool:
    """Say whether two texts say the same; one that is longer than its field must be cut nowhere but at its end."""
    here, there = folded(source), folded(held)
    if here == there or here.replace(" ", "") == there.replace(" ", ""):
        return True
    near_end = bool(longest) and len(str(held or "")) >= longest - 12
    return near_end and len(there) > longest * 3 // 4 and here.replace(" ", "").startswith(there.replace(" ", ""))


def was_cut(source: object, held: object) -> bool:
    """Say whether the end of a text is missing."""
    return len(folded(source).replace(" ", "")) > len(folded(held).replace(" ", ""))


def digits(number: object) -> str:
    """Return the ten digits of a Swedish organisation number, however it is written; other numbers by their letters and digits."""
    plain = re.sub(r"[^0-9A-Z]", "", str(number or "").upper())
    if re.fullmatch(r"SE\d{10}(01)?", plain):
        plain = plain[2:12]
    if re.fullmatch(r"16\d{10}", plain):
        plain = plain[2:]
    if re.fullmatch(r"\d{10}01", plain):
        plain = plain[:10]
    return plain


def same_country(source: object, held: object) -> bool:
    """Say whether a code and a name, or a code, are one country; Sweden may be left out on a Swedish document."""
    said, name = str(source or "SE").strip(), str(held or "").strip().lower()
    code = next((one for one, names in COUNTRIES.items() if said.lower() in names), said.upper())
    return name in COUNTRIES.get(code, {code.lower()}) or name == code.lower() or (code == "SE" and not name)


def postcode(value: object) -> str:
    """Return the letters and digits of a postcode, its country prefix left out."""
    return re.sub(r"^(SE|S)(?=\d{5}$)", "", re.sub(r"[^0-9A-Z]", "", str(value or "").upper()))
