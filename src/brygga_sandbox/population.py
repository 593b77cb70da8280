"""Believable companies and people, made from a seed, and how each system has written them down.

    people = population(seed=1, n=300)
    fortnox_customers(people)                        # raw customers, as POST /3/customers takes them
    webcrm_organisations(people, Installation())     # raw organisations, as POST /Organisations takes them

About 60 % of the companies stand in both systems, the others in one. Where both have one, they do not agree on every
letter: capitals, "Aktiebolag" for AB, telephone and number formats, missing numbers. A few stand twice in one system. The
same seed always gives the same companies, and none of the numbers belongs to anybody (`identities`).
"""

import random
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Literal, Protocol

from brygga_sandbox.identities import foreign_vat, mobile, organisation_number, personal_number, swedish_vat, telephone

Kind = Literal["ab", "hb", "enskild", "brf", "kommun", "private", "foreign"]
Where = Literal["both", "fortnox", "webcrm"]

_WORDS: dict[str, Any] = tomllib.loads((files("brygga_sandbox") / "data" / "people.toml").read_text())
_COUNTRY_NAMES = {"SE": "Sverige"} | {abroad["country"]: abroad["name"] for abroad in _WORDS["abroad"]}


@dataclass(frozen=True)
class Address:
    """Street, postcode as the country writes it, and city."""

    street: str
    postcode: str
    city: str


@dataclass(frozen=True)
class Party:
    """One company or private person.

    key             1, 2, 3 ... in one population; two parties are never the same one, but see twin_of
    number          organisation or personal number as NNNNNN-NNNN; "" for foreign ones
    vat             VAT number; "" for private persons and those without one
    country         ISO code
    invoice         where invoices go, None when that is the visiting address
    terms           days to pay, as text, "10" to "60"
    where           which systems know it
    customer_number the number that Fortnox has given it, or would
    twin_of         the key of the party that this is a second entry of, in the same system
    """

    key: int
    kind: Kind
    name: str
    number: str
    vat: str
    country: str
    visiting: Address
    invoice: Address | None
    phone: str
    mobile: str
    fax: str
    email: str
    invoice_email: str
    www: str
    currency: str
    terms: str
    contact: str
    our_reference: str
    where: Where
    customer_number: str
    twin_of: int | None = None

    @property
    def is_company(self) -> bool:
        """Tell a company from a private person."""
        return self.kind != "private"


_KINDS: tuple[tuple[Kind, int], ...] = (
    ("ab", 60),
    ("hb", 4),
    ("enskild", 8),
    ("brf", 5),
    ("kommun", 2),
    ("private", 13),
    ("foreign", 8),
)
"""How many of a hundred are of each kind."""


def population(seed: int = 1, n: int = 300) -> tuple[Party, ...]:
    """Return *n* parties; every fortieth is a second entry of a recent one, with small differences."""
    chance = random.Random(seed)
    parties: list[Party] = []
    taken: set[str] = set()
    for key in range(1, n + 1):
        if key % 40 == 0:
            recent = [party for party in parties[-20:] if party.twin_of is None]
            parties.append(_twin(chance, key, chance.choice(recent)))
        else:
            parties.append(_party(chance, key, taken))
    return tuple(parties)


def _party(chance: random.Random, key: int, taken: set[str]) -> Party:
    """Return a new party; its name is added to *taken*, which only private persons may share."""
    kind = chance.choices([kind for kind, _ in _KINDS], [weight for _, weight in _KINDS])[0]
    where: Where = chance.choices(("both", "fortnox", "webcrm"), (60, 20, 20))[0]
    person = f"{chance.choice(_WORDS['first_names'])} {chance.choice(_WORDS['last_names'])}"
    abroad = chance.choice(_WORDS["abroad"]) if kind == "foreign" else None
    visiting = _address(chance, abroad)
    name = next(
        (n for n in (_name(chance, kind, person, visiting.city, abroad) for _ in range(20)) if n not in taken),
        _name(chance, kind, person, visiting.city, abroad),
    )
    if kind != "private":
        taken.add(name)
    country = abroad["country"] if abroad else "SE"
    number = _number(chance, kind, key)
    domain = f"{_ascii(max(name.split(' ')[:2], key=len))}{key}.example" if kind != "private" else "post.example"
    mailbox = f"{_ascii(person.split(' ')[0])}.{_ascii(person.split(' ')[1])}"
    has_mail = chance.random() < 0.85
    return Party(
        key=key,
        kind=kind,
        name=name,
        number=number if chance.random() < 0.92 else "",
        vat=_vat(chance, kind, country, number, key),
        country=country,
        visiting=visiting,
        invoice=_box(chance, visiting) if country == "SE" and chance.random() < 0.3 else None,
        phone=telephone(chance, country) if kind != "private" and chance.random() < 0.9 else "",
        mobile=mobile(chance) if country == "SE" and (kind == "private" or chance.random() < 0.4) else "",
        fax=telephone(chance) if kind == "ab" and chance.random() < 0.1 else "",
        email=f"{mailbox}@{domain}" if kind == "private" else f"info@{domain}" if has_mail else "",
        invoice_email=f"faktura@{domain}" if kind not in ("private", "enskild") and chance.random() < 0.5 else "",
        www=f"https://www.{domain}" if kind != "private" and chance.random() < 0.7 else "",
        currency="EUR" if country in ("DE", "FI", "GB") else "SEK",
        terms=chance.choices(("10", "15", "20", "30", "60"), (10, 10, 10, 65, 5))[0],
        contact=person,
        our_reference=chance.choice(("Anna Lind", "Jonas Ek", "Petra Holm")),
        where=where,
        customer_number=str(1000 + key),
    )


def _twin(chance: random.Random, key: int, first: Party) -> Party:
    """Return a second entry of *first* in one of its systems: another name form, and as often as not without the number."""
    where = first.where if first.where != "both" else chance.choice(("fortnox", "webcrm"))
    name = chance.choice((first.name.upper(), f"{first.name} ", f"{first.name} ({first.visiting.city})"))
    number = first.number if chance.random() < 0.6 else ""
    return replace(
        first, key=key, name=name, number=number, where=where, customer_number=str(1000 + key), twin_of=first.key, email=""
    )


def _name(chance: random.Random, kind: Kind, person: str, city: str, abroad: dict[str, Any] | None) -> str:
    if abroad is not None:
        first, second = (chance.choice(abroad["companies"]).split(" ") for _ in range(2))
        return f"{first[0]} {second[1]} {abroad['ending']}"
    stem, trade = chance.choice(_WORDS["company_stems"]), chance.choice(_WORDS["trades"])
    family = person.split(" ")[1]
    match kind:
        case "ab":
            return chance.choice((f"{stem} {trade} AB", f"{family}s {trade} AB", f"{trade} i {city} AB", f"AB {stem} {trade}"))
        case "hb":
            other = chance.choice(_WORDS["last_names"])
            return f"{family} & {other} {trade} HB"
        case "enskild":
            return chance.choice((f"{person} {trade}", f"{family}s {trade}"))
        case "brf":
            return f"Brf {chance.choice(_WORDS['house_names'])} i {city}"
        case "kommun":
            return f"{stem}s kommun"
    return person


def _number(chance: random.Random, kind: Kind, key: int) -> str:
    if kind == "foreign":
        return ""
    if kind in ("enskild", "private"):
        return personal_number(chance)
    return organisation_number(kind, key)


def _vat(chance: random.Random, kind: Kind, country: str, number: str, key: int) -> str:
    if kind == "foreign":
        return foreign_vat(country, key * 37)
    if kind in ("private", "brf") or chance.random() > 0.7:
        return ""
    return swedish_vat(number)


def _address(chance: random.Random, abroad: dict[str, Any] | None) -> Address:
    if abroad is not None:
        street, postcode, city = chance.choice(abroad["places"])
        house = chance.randrange(1, 80)
        return Address(f"{house} {street}" if abroad["country"] == "GB" else f"{street} {house}", postcode, city)
    place = chance.choice(_WORDS["places"])
    postcode = str(chance.randint(place["first"], place["last"]))
    door = f"{chance.randrange(1, 90)}{chance.choice(('', '', '', 'A', 'B'))}"
    return Address(f"{chance.choice(_WORDS['streets'])} {door}", f"{postcode[:3]} {postcode[3:]}", place["city"])


def _box(chance: random.Random, visiting: Address) -> Address:
    """Return a post box in the same city; boxes have postcodes of their own, here the first of the city's range."""
    place = next(place for place in _WORDS["places"] if place["city"] == visiting.city)
    postcode = str(place["first"])
    return Address(f"Box {chance.randrange(10, 990)}", f"{postcode[:3]} {postcode[3:]}", visiting.city)


def _ascii(text: str) -> str:
    plain = text.lower().translate(str.maketrans("åäöéøæüß", "aaoeoaus"))
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


def fortnox_customers(people: Iterable[Party], *, seed: int = 1) -> list[dict[str, Any]]:
    """Return the customers that Fortnox has, as raw records: only fields that hold something, and Active for all."""
    chance = random.Random(f"fortnox {seed}")
    return [_fortnox_customer(chance, party) for party in people if party.where != "webcrm"]


def _fortnox_customer(chance: random.Random, party: Party) -> dict[str, Any]:
    billed = party.invoice or party.visiting
    record = {
        "CustomerNumber": party.customer_number,
        "Name": party.name,
        "Type": "COMPANY" if party.is_company else "PRIVATE",
        "OrganisationNumber": party.number,
        "VATNumber": party.vat,
        "VATType": _vat_type(party),
        "Address1": billed.street,
        "ZipCode": billed.postcode,
        "City": billed.city,
        "CountryCode": party.country,
        "Phone1": party.phone or party.mobile,
        "Phone2": party.mobile if party.phone else "",
        "Fax": party.fax,
        "Email": party.email,
        "EmailInvoice": party.invoice_email,
        "WWW": party.www,
        "Currency": party.currency,
        "TermsOfPayment": party.terms,
        "YourReference": party.contact if party.is_company else "",
        "OurReference": party.our_reference,
    }
    if party.invoice is not None:
        record |= {
            "VisitingAddress": party.visiting.street,
            "VisitingZipCode": party.visiting.postcode,
            "VisitingCity": party.visiting.city,
        }
    kept: dict[str, Any] = {name: value for name, value in record.items() if value != ""}
    kept["Active"] = chance.random() > 0.04
    return kept


def _vat_type(party: Party) -> str:
    if party.country in ("SE", ""):
        return "SEVAT"
    return "EUREVERSEDVAT" if party.country in ("DE", "DK", "FI") else "EXPORT"


class Lists(Protocol):
    """What is needed to know of a webCRM installation: which field has which label, and what its lists hold."""

    def labelled(self, entity: str, label: str) -> str:
        """Return the field of *entity* with *label*."""
        ...

    def choices(self, name: str) -> Sequence[str]:
        """Return the values of a list."""
        ...


def webcrm_organisations(people: Iterable[Party], installation: Lists, *, seed: int = 1) -> list[dict[str, Any]]:
    """Return the organisations that webCRM has, as raw records with the fields that the installation labels.

    They are spelled by other hands than Fortnox' customers: see `_respelled`. About half of those that Fortnox has too
    carry its customer number. One in eight of those that only webCRM has is no customer: Prospekt or Leverantör.
    """
    chance = random.Random(f"webcrm {seed}")
    return [_organisation(chance, party, installation) for party in people if party.where != "fortnox"]


def _organisation(chance: random.Random, party: Party, installation: Lists) -> dict[str, Any]:
    def field(label: str) -> str:
        return installation.labelled("Organisation", label)

    terms = next((c for c in installation.choices(field("Betalningsvillkor")) if c.startswith(party.terms + ":")), "")
    record = {
        "OrganisationName": _respelled(chance, party),
        "OrganisationType": _type(chance, party),
        "OrganisationAddress": party.visiting.street,
        "OrganisationPostCode": party.visiting.postcode if chance.random() < 0.7 else party.visiting.postcode.replace(" ", ""),
        "OrganisationCity": party.visiting.city if chance.random() < 0.9 else party.visiting.city.upper(),
        "OrganisationCountry": _COUNTRY_NAMES[party.country] if chance.random() < 0.8 else "",
        "OrganisationTelephone": _redialled(chance, party.phone or party.mobile),
        "OrganisationFax": party.fax,
        "OrganisationWww": party.www.removeprefix("https://"),
        "OrganisationVatNumber": party.vat if chance.random() < 0.6 else "",
        field("Organisationsnummer"): _renumbered(chance, party),
        field("Kundnummer"): party.customer_number if party.where == "both" and chance.random() < 0.5 else "",
        field("E-post"): party.email if chance.random() < 0.8 else "",
        field("E-post faktura"): party.invoice_email,
        field("Betalningsvillkor"): terms if chance.random() < 0.8 else "",
        field("Valuta"): party.currency if chance.random() < 0.9 else "",
        field("Er referens"): party.contact if party.is_company else "",
    }
    if party.invoice is not None:
        record |= {
            field("Fakturaadress"): party.invoice.street,
            field("Fakturapostnr"): party.invoice.postcode,
            field("Fakturaort"): party.invoice.city,
        }
    return {name: value for name, value in record.items() if value != ""}


def _type(chance: random.Random, party: Party) -> str:
    if party.where == "webcrm" and chance.random() < 0.125:
        return chance.choice(("Prospekt", "Leverantör"))
    return "Kund – Företag" if party.is_company else "Kund – Privat"


def _respelled(chance: random.Random, party: Party) -> str:
    """Return the name as another person would have typed it; two of three times the same."""
    if chance.random() < 0.66:
        return party.name
    forms = [party.name.upper(), party.name.replace(" ", "  ", 1), party.name + " "]
    if party.name.endswith(" AB"):
        forms += [party.name[:-3] + " Aktiebolag", party.name[:-3], party.name[:-2] + "ab"]
    if "&" in party.name:
        forms.append(party.name.replace("&", "och"))
    return chance.choice(forms)


def _redialled(chance: random.Random, phone: str) -> str:
    """Return a telephone number in another form of the same number: as it is, without signs, or international."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    if not phone.startswith("0") or chance.random() < 0.5:
        return phone
    return chance.choice((digits, f"+46 {phone[1:].replace('-', ' ')}", f"+46{digits[1:]}", phone.replace(" ", "")))


def _renumbered(chance: random.Random, party: Party) -> str:
    """Return the organisation number as webCRM has it: as it is, without hyphen, with century 16, or not at all."""
    if not party.number or chance.random() < 0.2:
        return ""
    bare = party.number.replace("-", "")
    if party.kind in ("private", "enskild"):
        return chance.choice((party.number, bare))
    return chance.choices((party.number, bare, "16" + bare), (6, 3, 1))[0]
