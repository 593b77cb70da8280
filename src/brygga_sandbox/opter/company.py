"""A believable transport company: its customers, the invoices of closed periods, and settlements with its hauliers.

Decided by a seed, so that it is the same each time. Nobody in it exists; organisation numbers are formed as the real ones are.
"""

import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from brygga_sandbox.identities import luhn, organisation_number
from brygga_sandbox.opter.shapes import JSON, ORE
from brygga_sandbox.population import Party, population

FIRST_NUMBER = 100353
FIRST_DAY = date(2026, 9, 1)
ACCOUNTS = {Decimal(25): "3001", Decimal(12): "3002", Decimal(6): "3003"}
UNITS = ("", "", "", "LUL", "UME")
SERVICES = ("Styckegods", "Kyltransport", "Kranbil", "Budbil", "Hel last", "Lagerhotell", "Drivmedelstillägg")


def customers(seed: int = 1, count: int = 120) -> list[JSON]:
    """Return customers; the ledger number is that of the bookkeeping where there is one."""
    return [_customer(party) for party in _parties(seed, count)]


def _parties(seed: int, count: int) -> list[Party]:
    return [
        party for party in population(seed, count * 2) if party.kind in ("ab", "hb", "foreign") and party.currency in ("SEK", "EUR")
    ][:count]


def _customer(party: Party) -> JSON:
    place = party.invoice or party.visiting
    return {
        "customerCode": f"K{party.key:04}",
        "customerNumber": party.customer_number,
        "name": party.name,
        "organisationNumber": party.number,
        "vatNumber": party.vat,
        "visitingAddress": _address(party.visiting, party.country),
        "postalAddress": _address(place, party.country),
        "phone": party.phone,
        "email": party.email,
        "invoiceEmail": party.invoice_email,
        "currency": party.currency,
    }


def _address(place: Any, country: str) -> JSON:
    return {"street": place.street, "postalCode": place.postcode, "city": place.city, "countryCode": country}


def invoices(seed: int = 1, count: int = 60) -> list[JSON]:
    """Return invoices of closed periods in one series without gaps: mostly in SEK, some in EUR, a credit, an interest invoice."""
    chance = random.Random(seed)
    buyers = customers(seed)
    made = [_invoice(chance, FIRST_NUMBER + place, place, chance.choice(buyers)) for place in range(count)]
    first = made[0]
    made.append(
        {
            **first,
            "invoiceNumber": str(FIRST_NUMBER + count),
            "ocrNumber": ocr(str(FIRST_NUMBER + count)),
            "kind": "credit",
            "creditedInvoiceNumber": first["invoiceNumber"],
            "coding": [{**row, "net": -row["net"]} for row in first["coding"]],
        }
    )
    interest = _invoice(chance, FIRST_NUMBER + count + 1, count + 1, chance.choice(buyers))
    interest |= {"kind": "interest", "orders": [], "remark": "Dröjsmålsränta på faktura 100360"}
    interest["coding"] = [{"account": "8313", "text": "Dröjsmålsränta", "net": Decimal("42.50"), "vatPercent": Decimal(0)}]
    return [*made, interest]


def _invoice(chance: random.Random, number: int, place: int, buyer: JSON) -> JSON:
    day = FIRST_DAY + timedelta(days=place // 2)
    foreign = buyer["currency"] == "EUR"
    rate = Decimal(0) if foreign else chance.choice((Decimal(25), Decimal(25), Decimal(25), Decimal(12)))
    coding = [_coding(chance, rate) for _ in range(chance.randint(1, 5))]
    return {
        "invoiceNumber": str(number),
        "ocrNumber": ocr(str(number)),
        "invoiceDate": day.isoformat(),
        "dueDate": (day + timedelta(days=30)).isoformat(),
        "customerCode": buyer["customerCode"],
        "currency": buyer["currency"],
        "currencyRate": Decimal("11.25") if foreign else Decimal(1),
        "orders": [{"orderNumber": str(4500 + place), "orderDate": day.isoformat()}],
        "coding": coding,
    }


def _coding(chance: random.Random, rate: Decimal) -> JSON:
    net = (Decimal(chance.randint(20_000, 900_000)) / 100).quantize(ORE, ROUND_HALF_UP)
    account = ACCOUNTS.get(rate, "3308")
    unit = chance.choice(UNITS)
    return {
        "account": account,
        "economicUnits": {"costCenter": unit, "project": ""},
        "text": chance.choice(SERVICES),
        "net": net,
        "vatPercent": rate,
    }


def ocr(number: str) -> str:
    """Return the number with its length and a check digit after it, as an office may have it (LengthAndCheck)."""
    body = number + str((len(number) + 2) % 10)
    return body + luhn(body)


def settlements(seed: int = 1, count: int = 12) -> list[JSON]:
    """Return settlements of a period with hauliers: domestic, not registered for VAT, in another EU state, without agreement, owing."""
    chance = random.Random(seed)
    return [_settlement(chance, place) for place in range(count)]


def _settlement(chance: random.Random, place: int) -> JSON:
    number = organisation_number("ab", 900 + place)
    haulier: JSON = {
        "supplierCode": f"A{place + 1:02}",
        "supplierNumber": str(200 + place),
        "name": f"Åkeri {('Nord', 'Älv', 'Skogs', 'Kust', 'Fjäll', 'Dal')[place % 6]}trans {place + 1} AB",
        "organisationNumber": number,
        "vatNumber": f"SE{number.replace('-', '')}01",
        "bankgiro": f"50{place:02}-0{place % 10}{luhn(f'50{place:02}0{place % 10}')}",
        "selfBillingAgreement": "2026-01-02",
        "address": {"street": f"Åkarvägen {place + 1}", "postalCode": "972 41", "city": "Luleå", "countryCode": "SE"},
    }
    lines: list[JSON] = [
        {"kind": "transport", "text": "Körningar", "net": Decimal(chance.randint(1_000_000, 6_000_000)) / 100},
        {"kind": "addition", "text": "Helgtillägg", "net": Decimal("1500.00")},
        {"kind": "deduction", "text": "Terminalhyra", "net": Decimal("2500.00")},
    ]
    match place:
        case 3:
            haulier |= {"vatRegistered": False, "vatNumber": ""}
            lines = [{**line, "vatPercent": Decimal(0)} if line["kind"] != "deduction" else line for line in lines]
        case 5:
            haulier |= {"countryCode": "FI", "vatNumber": "FI20774740", "organisationNumber": "2077474-0", "bankgiro": ""}
            lines = [{**line, "vatPercent": Decimal(0)} for line in lines]
        case 7:
            haulier["selfBillingAgreement"] = None
        case 9:
            lines = [lines[2], {"kind": "deduction", "text": "Diesel", "net": Decimal("8200.00")}]
    return {
        "number": "1",
        "supplier": haulier,
        "settlementDate": "2026-10-05",
        "dueDate": "2026-11-04",
        "periodFrom": "2026-09-01",
        "periodTo": "2026-09-30",
        "lines": lines,
        "texts": ["Självfakturering"],
    }
