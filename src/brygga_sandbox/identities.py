"""Numbers for made-up companies and people: right by their check digits, and given to nobody.

==========================  ==========================================================================================
limited company             558NNN-NNNN. Companies were numbered from 556 and then from 559; 558 has not been given out.
trading partnership         968NNN-NNNN; those in use begin with 902, 916 and 969.
housing association         768NNN-NNNN; those in use begin with 702, 716 and 769.
municipality                2129NN-NNNN; all real ones stand under 212000.
private person              birth numbers 238 and 239, the ones of the tax agency's published test numbers
Norway                      begins with 3: the range of synthetic organisations in the Norwegian authorities' test data
Denmark, Finland, Germany,  begin with 99, 9, 999 and 999: far beyond what has been given out
Great Britain
telephones                  the numbers that the Swedish, British and German authorities keep free for books and films
==========================  ==========================================================================================

What has been given out was checked from general knowledge only, not against a register: do not use these as proof of
anything. Sources of the check digits: accounting.md, 8.1 and 8.2, and the national formats named there.
"""

import random
from datetime import date, timedelta


def luhn(digits: str) -> str:
    """Return the check digit that makes *digits* with it pass the Luhn check."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


SERIES = {"ab": "558", "hb": "968", "brf": "768", "kommun": "2129"}


def organisation_number(kind: str, serial: int) -> str:
    """Return a number of a kind of organisation as NNNNNN-NNNN; no two serials below 100,000 share one."""
    length = 9 - len(SERIES[kind])
    body = f"{SERIES[kind]}{serial * 7919 % 10**length:0{length}d}"
    return f"{body[:6]}-{body[6:]}{luhn(body)}"


def personal_number(chance: random.Random) -> str:
    """Return a person's number as YYMMDD-NNNN, born between 1940 and 2004."""
    born = date(1940, 1, 1) + timedelta(days=chance.randrange(65 * 365))
    body = f"{born:%y%m%d}{chance.choice(('238', '239'))}"
    return f"{body[:6]}-{body[6:]}{luhn(body)}"


def swedish_vat(number: str) -> str:
    """Return the VAT number that belongs to an organisation or personal number."""
    return f"SE{number.replace('-', '')}01"


def foreign_vat(country: str, serial: int) -> str:
    """Return a made-up VAT number of NO, DK, FI, DE or GB with a right check digit; the first from *serial* on that has one."""
    while (number := _FOREIGN[country](serial)) is None:
        serial += 1
    return number


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(sign) * weight for sign, weight in zip(digits, weights, strict=True))


def _norway(serial: int) -> str | None:
    body = f"31{serial % 10**6:06d}"
    check = -_weighted(body, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return None if check == 10 else f"NO{body}{check}MVA"


def _denmark(serial: int) -> str | None:
    number = f"99{serial % 10**6:06d}"
    return f"DK{number}" if _weighted(number, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0 else None


def _finland(serial: int) -> str | None:
    body = f"9{serial % 10**6:06d}"
    check = -_weighted(body, (7, 9, 10, 5, 8, 4, 2)) % 11
    return None if check == 10 else f"FI{body}{check}"


def _germany(serial: int) -> str:
    body = f"999{serial % 10**5:05d}"
    product = 10
    for sign in body:
        total = (int(sign) + product) % 10 or 10
        product = total * 2 % 11
    return f"DE{body}{(11 - product) % 10}"


def _britain(serial: int) -> str:
    body = f"999{serial % 10**4:04d}"
    check = 97 - _weighted(body, (8, 7, 6, 5, 4, 3, 2)) % 97
    return f"GB{body}{check:02d}"


_FOREIGN = {"NO": _norway, "DK": _denmark, "FI": _finland, "DE": _germany, "GB": _britain}


def telephone(chance: random.Random, country: str = "SE") -> str:
    """Return a telephone number that is kept free for fiction, or "" for countries that keep none known to us."""
    if country == "SE":
        number = chance.randrange(100)
        return chance.choice(
            (
                f"08-465 004 {number:02d}",
                f"031-390 06 {number:02d}",
                f"040-628 04 {number:02d}",
                f"0980-319 2{number:02d}",
            )
        )
    if country == "GB":
        return f"+44 20 7946 0{chance.randrange(1000):03d}"
    if country == "DE":
        return f"+49 30 23125 {chance.randrange(1000):03d}"
    return ""


def mobile(chance: random.Random) -> str:
    """Return a Swedish mobile number that is kept free for fiction."""
    return f"070-174 06 {chance.randrange(5, 100):02d}"
