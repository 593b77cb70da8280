"""The payment reference of an invoice (Fortnox API, section 10.4; accounting.md 5.1)."""


def luhn_digit(digits: str) -> int:
    """Return the check digit (modulus 10) that follows the digits."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def make_ocr(number: str) -> str:
    """Return the payment reference of an invoice number: number, length of the whole modulo 10, check digit."""
    with_length = number + str((len(number) + 2) % 10)
    return with_length + str(luhn_digit(with_length))


def ocr_holds(reference: str) -> bool:
    """Tell whether a reference has a right check digit and 2 to 25 digits; blanks are let through."""
    digits = reference.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 25):
        return False
    return luhn_digit(digits[:-1]) == int(digits[-1])
