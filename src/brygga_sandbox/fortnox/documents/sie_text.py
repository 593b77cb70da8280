"""How the SIE format writes: fields, amounts, code page 437 (accounting.md 11)."""

from decimal import Decimal

from brygga_sandbox.fortnox.documents.amounts import two_decimals

# What code page 437 lacks, or shows as a control picture, and what stands for it.
_REPLACED = str.maketrans(
    {
        "Ø": "O", "ø": "o", "€": "EUR", "–": "-", "—": "-", "’": "'", "‘": "'", "”": '"', "“": '"', "…": "...",
        "§": "par.", "©": "(c)", "®": "(r)", "™": "TM", "´": "'", "¤": "?", "³": "3", "Á": "A", "À": "A", "Â": "A",
        "È": "E", "Ê": "E", "Í": "I", "Ó": "O", "Ú": "U", "ã": "a", "Ã": "A", "õ": "o", "Õ": "O", "š": "s", "Š": "S",
        "ž": "z", "Ž": "Z", "ð": "d", "þ": "th", "ý": "y",
    }
)  # fmt: skip


def encode(text: str) -> bytes:
    """Return text in code page 437; what it lacks is replaced, at last by a question mark."""
    return text.translate(_REPLACED).encode("cp437", "replace")


def sie_field(text: str) -> str:
    """Return one field: in quotes when empty or with blanks, quotes escaped, control characters left out."""
    clean = "".join(sign for sign in text if ord(sign) >= 32 and ord(sign) != 127)
    escaped = clean.replace('"', '\\"')
    if clean and not any(sign in clean for sign in ' "{}'):
        return clean
    return f'"{escaped}"'


def sie_amount(amount: Decimal) -> str:
    """Return an amount: two decimals, point, no thousands separator, never minus zero."""
    value = two_decimals(amount)
    return f"{value if value else Decimal('0.00'):f}"


def sie_date(day: str) -> str:
    """Return a date as SIE writes it, from 2026-04-30."""
    return day.replace("-", "")
