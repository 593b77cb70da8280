"""What a person chooses for webCRM, in webCRM's own words (Fortnox integration, sections Kunder, Faktura och Order)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from brygga.connectors import settings as table
from brygga.connectors.settings import Setting, Source, named, words
from brygga.connectors.several import GETS, GIVES, several_of
from brygga.connectors.webcrm.document_settings import DOCUMENT_SETTINGS, DocumentSettings, document_settings
from brygga.core.match import KEYS
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.several import Several
from brygga.errors import SettingsError

# Where webCRM's standard fields lie; all others are custom fields, which each installation labels for itself (WEB-12).
STANDARD: Mapping[str, str] = {
    "name": "OrganisationName",
    "kind": "OrganisationType",
    "phone": "OrganisationTelephone",
    "fax": "OrganisationFax",
    "website": "OrganisationWww",
    "vat_number": "OrganisationVatNumber",
    "visiting_street": "OrganisationAddress",
    "visiting_postcode": "OrganisationPostCode",
    "visiting_city": "OrganisationCity",
    "visiting_country": "OrganisationCountry",
}
CUSTOM: Mapping[str, str] = {
    "number": "Kundnummer",
    "organisation_number": "Organisationsnummer",
    "invoice_street": "Fakturaadress",
    "invoice_postcode": "Fakturapostnummer",
    "invoice_city": "Fakturaort",
    "terms_of_payment": "Betalningsvillkor",
    "currency": "Valuta",
}
OPTIONAL = (
    "invoice_country",
    "email",
    "email_invoice",
    "phone2",
    "our_reference",
    "your_reference",
    "delivery_name",
    "delivery_street",
    "delivery_postcode",
    "delivery_city",
    "delivery_country",
)
# Where an article's texts lie in the register of quotation lines: Data1 to Data9, by what each installation makes of them. The
# prices have fields of their own (WEB-34, WEB-35).
ARTICLE: Mapping[str, str] = {"number": "Data1", "name": "Data2", "unit": ""}
DATA = tuple(f"Data{number}" for number in range(1, 10))

MAPPABLE = (*STANDARD, *CUSTOM, *OPTIONAL)

# Ruling D3: numbers, terms, VAT and currency belong to Fortnox, contact data to the business system. Company or private
# decides the VAT, so the kind goes with it.
FORTNOX_OWNS = frozenset({"number", "organisation_number", "vat_number", "terms_of_payment", "currency", "kind"})

type_key = table.loosely
"""How values of the Type field are compared: trimmed, in one case, with any dash, spaced or not, as the same (WEB-10)."""

# The preflight of webCRM has its own rows for types and places (WEB-08, WEB-12).
_TYPES = Source("types", loose=True, compared=False)
_PLACES = Source("organisation_fields", loose=True, compared=False)


def _place(value: object) -> str:
    return "" if value == "" else table.text(value)


_OWNER: Mapping[str, Side] = {"webcrm": LEFT, "fortnox": RIGHT}

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "customer_types",
        "Alternativ i Typ-fältet som styr synk",
        "Organisations with one of these values in the Type field are synced to Fortnox; all others are left alone.",
        ["Kund – Företag", "Kund – Privat"],
        "a list of values of the Type field; kinds of dashes and spaces around them do not matter",
        table.texts,
        values=_TYPES,
    ),
    Setting(
        "company_type",
        "Typ för företag",
        "The Type value that says company. It is given to companies that come from Fortnox.",
        "Kund – Företag",
        "one of customer_types",
        table.text,
        values=_TYPES,
    ),
    Setting(
        "private_type",
        "Typ för privatperson",
        "The Type value that says private person. It is given to private customers that come from Fortnox.",
        "Kund – Privat",
        "one of customer_types",
        table.text,
        values=_TYPES,
    ),
    Setting(
        "customer_number_governed_by",
        "Vem styr kundnummer",
        "fortnox: Fortnox assigns the number and it is written to webCRM. webcrm: it is typed in by hand in webCRM, and an "
        "organisation without one waits.",
        "fortnox",
        "fortnox, webcrm",
        table.one_of("fortnox", "webcrm"),
        values=words("fortnox", "webcrm"),
    ),
    Setting(
        "import_active_customers",
        "Importera alla aktiva kunder från Fortnox vid uppstart",
        "Whether the first sync brings all active customers of Fortnox to webCRM. Without it only those that are made or "
        "changed from then on come.",
        True,
        "true, false",
        table.switch,
    ),
    *DOCUMENT_SETTINGS,
    Setting(
        "fields",
        "Fält",
        "Where each field lives in webCRM: the label of a field, or its name in the API (OrganisationExtraCustom1). An empty "
        "text leaves the field out. What is not named keeps its default.",
        {},
        "a table of " + ", ".join(name for name in MAPPABLE if name != "kind") + ", each a label or a name",
        table.mapping((name for name in MAPPABLE if name != "kind"), _place),
        keys=words(*(name for name in MAPPABLE if name != "kind")),
        values=_PLACES,
        empties=True,
        filled={name: target for name, target in {**STANDARD, **CUSTOM}.items() if name != "kind"},
    ),
    Setting(
        "article_fields",
        "Artikelfält i offertrader (länkad data)",
        "Which Data field of webCRM's register of quotation lines holds an article's number, name and unit, as set up under "
        "linked data. An empty text leaves the unit out. Cost price and list price have fields of their own.",
        {},
        "a table of number, name and unit, each Data1 to Data9",
        table.mapping(ARTICLE, table.one_of(*DATA, "")),
        keys=words(*ARTICLE),
        values=words(*DATA),
        empties=True,
        filled=ARTICLE,
    ),
    Setting(
        "owners",
        "Vem äger fältet",
        "Whose value holds when both systems changed a field between two syncs. By default Fortnox owns numbers, terms, VAT "
        "and currency, webCRM everything else.",
        {},
        "a table of fields, each fortnox or webcrm",
        table.mapping(MAPPABLE, table.one_of("fortnox", "webcrm")),
        keys=words(*MAPPABLE),
        values=words("webcrm", "fortnox"),
        filled={name: "fortnox" if name in FORTNOX_OWNS else "webcrm" for name in MAPPABLE},
    ),
    Setting(
        "match_keys",
        "Matchningsnycklar",
        "By what a customer that is not linked yet is recognised in the other system, the surest first. By a key that is left out "
        "nothing is recognised. Numbers link; an e-mail address or a name with its postcode is a question.",
        list(KEYS),
        "a list of " + ", ".join(KEYS),
        table.some_of(*KEYS),
        values=words(*KEYS),
    ),
    GIVES,
    GETS,
    Setting(
        "country_language",
        "Språk för landsnamn",
        "The language in which countries are written to webCRM. Names in all of these languages are understood.",
        "sv",
        "sv, nb, nn, da, en, de",
        table.one_of("sv", "nb", "nn", "da", "en", "de"),
        values=named({"sv": "svenska", "nb": "norsk bokmål", "nn": "nynorsk", "da": "dansk", "en": "English", "de": "Deutsch"}),
    ),
    table.from_card(*table.CARD_TERMS, *table.CARD_OBJECTS),
    table.ACCEPTED_DIFFERENCES,
    Setting(
        "brake",
        "Broms",
        "A sync that would change more than this share of the linked customers (counted from 20 on) stops before it writes.",
        0.30,
        "a number above 0, at most 1",
        table.share,
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one webCRM integration, checked.

    places   our field -> label or name of webCRM's field, for the fields that are mapped; "kind" is always the Type field
    owners   our field -> the side that owns it
    """

    customer_types: tuple[str, ...]
    company_type: str
    private_type: str
    customer_number_governed_by: Literal["fortnox", "webcrm"]
    import_active_customers: bool
    documents: DocumentSettings
    places: Mapping[str, str]
    chosen_places: frozenset[str]
    """The fields whose place a person named; a default place may be missing in an installation."""
    owners: Mapping[str, Side]
    match_keys: tuple[str, ...]
    several: Several
    country_language: str
    from_card: tuple[str, ...]
    brake: float
    accepted_differences: tuple[str, ...]
    article_fields: Mapping[str, str] = field(default_factory=lambda: {name: place for name, place in ARTICLE.items() if place})
    """article's field -> Data field of the register of quotation lines"""
    type_keys: frozenset[str] = field(default_factory=frozenset)

    @property
    def webcrm_governs_numbers(self) -> bool:
        return self.customer_number_governed_by == "webcrm"

    def syncs(self, type_value: str) -> bool:
        """Say whether organisations of this Type are synced (WEB-08 to WEB-10)."""
        return type_key(type_value) in self.type_keys


def read(given: Mapping[str, object], place: str = "settings") -> Settings:
    """Read webCRM's settings. Raises SettingsError naming the place, the key and what is allowed."""
    values = table.read(SETTINGS, given, place)
    types = {type_key(value) for value in values["customer_types"]}
    for key in ("company_type", "private_type"):
        if type_key(values[key]) not in types:
            raise SettingsError(
                "{place}.{key} is “{value}”, which is not among customer_types: {types}.",
                repair="Add it to customer_types, or name one of them here.",
                place=place,
                key=key,
                value=values[key],
                types=", ".join(values["customer_types"]),
            )
    if type_key(values["company_type"]) == type_key(values["private_type"]):
        raise SettingsError(
            "{place}.company_type and {place}.private_type are both “{value}”: company and private person could not be told apart.",
            repair="Name two different values of the Type field.",
            place=place,
            value=values["company_type"],
        )
    places = {name: target for name, target in {**STANDARD, **CUSTOM, **values["fields"]}.items() if target}
    _check_places(places, place)
    owners: dict[str, Side] = {name: RIGHT if name in FORTNOX_OWNS else LEFT for name in MAPPABLE}
    owners.update({name: _OWNER[owner] for name, owner in values["owners"].items()})
    return Settings(
        customer_types=values["customer_types"],
        company_type=values["company_type"],
        private_type=values["private_type"],
        customer_number_governed_by=values["customer_number_governed_by"],
        import_active_customers=values["import_active_customers"],
        documents=document_settings(values, place),
        places=places,
        chosen_places=frozenset(values["fields"]),
        owners=owners,
        match_keys=values["match_keys"],
        several=several_of(values),
        country_language=values["country_language"],
        from_card=values["from_card"],
        brake=values["brake"],
        accepted_differences=values["accepted_differences"],
        article_fields=_article_fields(values["article_fields"], place),
        type_keys=frozenset(types),
    )


def _check_places(places: Mapping[str, str], place: str) -> None:
    for name in ("name", "number"):
        if name not in places:
            raise SettingsError(
                "{place}.fields.{name} is empty, but a customer needs it.",
                repair="Name the field of webCRM that holds it.",
                place=place,
                name=name,
            )
    taken: dict[str, str] = {}
    for name, target in places.items():
        if target in taken:
            raise SettingsError(
                "{place}.fields: {one} and {other} are both kept in “{target}”.",
                repair="Give each its own field of webCRM.",
                place=place,
                one=taken[target],
                other=name,
                target=target,
            )
        taken[target] = name


def _article_fields(given: Mapping[str, str], place: str) -> dict[str, str]:
    found = {name: target for name, target in {**ARTICLE, **given}.items() if target}
    for name in ("number", "name"):
        if name not in found:
            raise SettingsError(
                "{place}.article_fields.{name} is empty, but an article needs it.",
                repair="Name one of Data1 to Data9.",
                place=place,
                key="article_fields",
                name=name,
            )
    if len(set(found.values())) < len(found):
        raise SettingsError(
            "{place}.article_fields keeps two things in one field: {fields}.",
            repair="Give each its own of Data1 to Data9.",
            place=place,
            key="article_fields",
            fields=", ".join(f"{name} in {target}" for name, target in found.items()),
        )
    return found


def explain() -> list[dict[str, object]]:
    """Return the settings as rows: key, term, help, default, allows; the default place of each field is written out."""
    return table.explain(SETTINGS)
