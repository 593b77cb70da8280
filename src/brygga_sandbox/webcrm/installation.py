"""One company's webCRM as its administrator has set it up: labels, lists, currencies, and which quirks it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from zoneinfo import ZoneInfo

PLACEHOLDERS: Mapping[str, str] = {"sv": "-- välj --", "da": "-- vælg --", "no": "-- velg --", "en": "-- select --"}
"""What an unset list reads as, by the installation's language. The Danish one is recorded, the others follow it [guess]."""

COMPANY_TYPE = "Kund – Företag"
PRIVATE_TYPE = "Kund – Privat"


@dataclass(frozen=True)
class FieldSetup:
    """How the installation shows one field.

    label     what people read over the field
    display   the display type of FieldsMetadata: T text, M memo, ML text on several lines, L list, C check box, D date,
              I integer, TELE telephone, EMA e-mail, NONE not in use (the codes are the definition's, their meanings a guess)
    choices   for a list, every value as it is stored and sent, codes and all: `10: 10 dagar netto`
    longest   longest text the page takes; where the definition has a length of its own, that one refuses and this is unused
    """

    label: str
    display: str = "T"
    choices: tuple[str, ...] = ()
    longest: int = 0


@dataclass(frozen=True)
class Quirks:
    """What webCRM does that its documents do not promise. All on by default; each can be switched off by itself.

    placeholders          an unset list reads as `-- välj --`, not as empty (systems.md 7.1, quirks)
    coded_base_currency   DeliveryCurrencyName of the installation's own currency reads as `00` (recorded)
    dash_for_empty_data   a Data field in use may not be empty on a row or an item of the register (vendor's code)
    double_number_locks   two deliveries with one number: neither can be written until one number is changed (vendor's code)
    drops_parallel_calls  more calls at once than Limits.parallel: by turns a dropped connection and a false 401 (vendor's code)
    patch                 what a field left out of a PATCH item becomes. "replace": emptied, as in PUT. The definition gives
                          both the same body and says no more; who sends whole objects is right in either reading, so the
                          stricter is the default. "merge": kept.
    patched               what PATCH answers for a record that it changed: its "number", or "nothing", an empty text. The
                          definition speaks of numbers for new records and of errors only; "number" is a guess.
    lines_touch_delivery  a changed row also changes DeliveryUpdatedAt. Unknown; off by default, since the client that must
                          look for changed rows itself is right in either case.
    unknown_choice        a value that a list does not have: "refuse" [guess] or "keep"
    login_refusal         an unknown application token: "body" answers 200 with IsError, the only status the definition has
                          for the call; "status" answers 401
    """

    placeholders: bool = True
    coded_base_currency: bool = True
    dash_for_empty_data: bool = True
    double_number_locks: bool = True
    drops_parallel_calls: bool = True
    patch: Literal["replace", "merge"] = "replace"
    patched: Literal["number", "nothing"] = "number"
    lines_touch_delivery: bool = False
    unknown_choice: Literal["refuse", "keep"] = "refuse"
    login_refusal: Literal["body", "status"] = "body"


@dataclass(frozen=True)
class Limits:
    """How much traffic is taken. webCRM publishes no figure, so these are guesses.

    calls     calls in any one second for an application token. The vendor's own integration leaves 20 ms between calls,
              which is 50 a second; that much must pass also when a call comes a little late, and not much more.
    creates   POSTs that make a record in any one second ("creating too fast fails", vendor's code); a PATCH is one call
    parallel  calls under way at the same time
    Beyond either rate: 429 with {"RetryAfterSeconds": whole seconds}. 0 means no limit.
    """

    calls: int = 60
    creates: int = 20
    parallel: int = 4


def _organisation_fields() -> dict[str, FieldSetup]:
    kinds = (COMPANY_TYPE, PRIVATE_TYPE, "Prospekt", "Leverantör")
    terms = (
        "00: ? Item 1",
        "10: 10 dagar netto",
        "15: 15 dagar netto",
        "20: 20 dagar netto",
        "30: 30 dagar netto",
        "60: 60 dagar netto",
    )
    return {
        "OrganisationName": FieldSetup("Namn"),
        "OrganisationDivisionName": FieldSetup("Avdelning"),
        "OrganisationAddress": FieldSetup("Besöksadress", "ML"),
        "OrganisationPostCode": FieldSetup("Postnummer", longest=20),
        "OrganisationCity": FieldSetup("Ort"),
        "OrganisationState": FieldSetup("Län", longest=50),
        "OrganisationCountry": FieldSetup("Land"),
        "OrganisationTelephone": FieldSetup("Telefon", "TELE"),
        "OrganisationFax": FieldSetup("Fax", "TELE"),
        "OrganisationWww": FieldSetup("Hemsida"),
        "OrganisationDomain": FieldSetup("Domän"),
        "OrganisationType": FieldSetup("Typ", "L", kinds),
        "OrganisationStatus": FieldSetup("Status", "L", ("A-kund", "B-kund", "C-kund", "Vilande")),
        "OrganisationIndustry": FieldSetup("Bransch", "L", ("Bygg", "Handel", "IT", "Industri", "Transport", "Övrigt")),
        "OrganisationVatNumber": FieldSetup("VAT-nummer"),
        "OrganisationComment": FieldSetup("Kommentar", "M"),
        "OrganisationMemo": FieldSetup("Anteckning", "M"),
        "OrganisationAlert": FieldSetup("Varning"),
        "OrganisationOwner": FieldSetup("Ansvarig", "UI"),
        "OrganisationExtraCustom1": FieldSetup("Kundnummer"),
        "OrganisationExtraCustom2": FieldSetup("Organisationsnummer"),
        "OrganisationExtraCustom3": FieldSetup("Fortnox-id"),
        "OrganisationExtraCustom4": FieldSetup("Fakturapostnr"),
        "OrganisationExtraCustom5": FieldSetup("Fakturaort"),
        "OrganisationExtraCustom6": FieldSetup("E-post"),
        "OrganisationExtraCustom7": FieldSetup("E-post faktura"),
        "OrganisationXText1": FieldSetup("Leveranspostnr"),
        "OrganisationXText2": FieldSetup("Leveransort"),
        "OrganisationXDate1": FieldSetup("Kund sedan", "D"),
        "OrganisationXInt1": FieldSetup("Antal anställda", "I"),
        "OrganisationCustom1": FieldSetup("Fakturaadress", "ML", longest=250),
        "OrganisationCustom2": FieldSetup("Leveransadress", "ML", longest=250),
        "OrganisationCustom3": FieldSetup("Betalningsvillkor", "L", terms),
        "OrganisationCustom4": FieldSetup("Valuta", "L", ("SEK", "EUR", "NOK", "DKK", "GBP", "USD")),
        "OrganisationCustom5": FieldSetup("Kreditspärr", "C"),
        "OrganisationCustom6": FieldSetup("Aktiv i Fortnox", "C"),
        "OrganisationPlus1": FieldSetup("Er referens", longest=50),
        "OrganisationPlus2": FieldSetup("Vår referens", longest=50),
    }


def _delivery_fields() -> dict[str, FieldSetup]:
    return {
        "DeliveryNumber": FieldSetup("Leveransnummer", longest=50),
        "DeliveryDescription": FieldSetup("Beskrivning", longest=200),
        "DeliveryStatus": FieldSetup("Status", "SD"),
        "DeliveryOrderDate": FieldSetup("Orderdatum", "D"),
        "DeliveryOrderValue": FieldSetup("Ordervärde", "R"),
        "DeliveryCurrencyName": FieldSetup("Valuta", "L"),
        "DeliveryComment": FieldSetup("Kommentar", "M"),
        "DeliveryMemo": FieldSetup("Anteckning", "M"),
        "DeliveryResponsible": FieldSetup("Ansvarig", "UI"),
        "DeliveryCustom1": FieldSetup("Fakturadatum", "D", longest=50),
        "DeliveryCustom2": FieldSetup("Fakturanummer", longest=50),
        "DeliveryCustom3": FieldSetup("Ordernummer", longest=50),
        "DeliveryCustom4": FieldSetup("Leveransdatum", "D", longest=50),
        "DeliveryCustom5": FieldSetup("Fortnox-dokument", longest=50),
        "DeliveryCustom6": FieldSetup("Bokförd", "C"),
        "DeliveryPlus1": FieldSetup("Ordertext", "ML", longest=1024),
        "DeliveryPlus2": FieldSetup("Fakturatext", "ML", longest=1024),
        # What a company may set up beside for its link to the accounts; none of it is standard (WEB-12).
        "DeliveryPersonId": FieldSetup("Kontakt", "PI"),
        "DeliveryCustom7": FieldSetup("Leveransnamn", longest=100),
        "DeliveryCustom8": FieldSetup("Leveranspostnr", longest=20),
        "DeliveryCustom9": FieldSetup("Leveransort", longest=50),
        "DeliveryCustom10": FieldSetup("Leveransland", longest=50),
        "DeliveryCustom11": FieldSetup("Er referens", longest=50),
        "DeliveryCustom12": FieldSetup("Kostnadsställe", longest=10),
        "DeliveryCustom13": FieldSetup("Projekt", longest=20),
        "DeliveryCustom14": FieldSetup("Ert ordernummer", longest=30),
        "DeliveryPlus3": FieldSetup("Leveransadress", "ML", longest=250),
        "DeliveryPlus4": FieldSetup("Förfallodatum", "D", longest=50),
        "DeliveryPlus5": FieldSetup("Saldo", longest=50),
        "DeliveryPlus6": FieldSetup("Total", longest=50),
        "DeliveryPlus7": FieldSetup("Betald", "D", longest=50),
        "DeliveryPlus8": FieldSetup("Makulerad", "C"),
        "DeliveryPlus9": FieldSetup("Krediterad", "C"),
        "DeliveryPlus10": FieldSetup("Fortnox-status", "ML", longest=500),
    }


def _person_fields() -> dict[str, FieldSetup]:
    return {
        "PersonFirstName": FieldSetup("Förnamn", longest=50),
        "PersonMiddleName": FieldSetup("Mellannamn", longest=50),
        "PersonLastName": FieldSetup("Efternamn", longest=50),
        "PersonTitle": FieldSetup("Titel", longest=50),
        "PersonDirectPhone": FieldSetup("Direkttelefon", "TELE", longest=50),
        "PersonMobilePhone": FieldSetup("Mobil", "TELE", longest=50),
        "PersonEmail": FieldSetup("E-post", "EMA", longest=100),
        "PersonEmail2": FieldSetup("E-post 2", "EMA", longest=100),
        "PersonStatus": FieldSetup("Status", "PI"),
        "PersonCustom1": FieldSetup("Roll", "L", ("Beslutsfattare", "Ekonomi", "Inköp", "Teknik")),
        "PersonCustom4": FieldSetup("Primär kontakt", "C"),
    }


def _other_fields() -> dict[str, FieldSetup]:
    return {
        "ProductCombined": FieldSetup("Produkt", longest=200),
        "ProductPrice": FieldSetup("Pris", "R"),
        "ProductQuantity": FieldSetup("Antal", "R"),
        "UserName": FieldSetup("Namn", longest=100),
        "UserEmail": FieldSetup("E-post", "EMA", longest=100),
    }


@dataclass(frozen=True)
class Installation:
    """What is set up in one webCRM account.

    fields        how each field in use is shown, by full field name; fields that are missing here are not in use
    currency      the installation's own currency, which deliveries show as the code `00`
    currencies    the others that a delivery may have
    linked_data   whether rows take their articles from the register /QuotationLines/LinkedData
    data_labels   what Data1 to Data9 of a row hold; those named are in use, the others hidden
    unique_items  whether two items of the register may share Data1 (LinkedSetupIsUniqueValueRequired)
    page_size     records on a page when the caller names no Size [guess]
    """

    language: str = "sv"
    time_zone: str = "Europe/Stockholm"
    currency: str = "SEK"
    currencies: tuple[str, ...] = ("EUR", "NOK", "DKK", "GBP", "USD")
    linked_data: bool = True
    data_labels: Mapping[int, str] = field(default_factory=lambda: {1: "Artikelnummer", 2: "Benämning", 3: "Enhet"})
    unique_items: bool = True
    page_size: int = 50
    fields: Mapping[str, FieldSetup] = field(
        default_factory=lambda: {**_organisation_fields(), **_delivery_fields(), **_person_fields(), **_other_fields()}
    )
    quirks: Quirks = field(default_factory=Quirks)
    limits: Limits = field(default_factory=Limits)

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone whose offset all times carry."""
        return ZoneInfo(self.time_zone)

    @property
    def placeholder(self) -> str:
        """Return what an unset list reads as, in the installation's language."""
        return PLACEHOLDERS[self.language]

    def labelled(self, entity: str, label: str) -> str:
        """Return the field of *entity* that people know as *label*; raises KeyError if there is none or several."""
        found = [name for name, setup in self.fields.items() if setup.label == label and name.startswith(entity)]
        if len(found) != 1:
            raise KeyError(f"{len(found)} fields of {entity} are labelled {label!r}")
        return found[0]

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the values of a list, () for a field that is none."""
        setup = self.fields.get(name)
        return setup.choices if setup is not None else ()

    def with_field(self, name: str, setup: FieldSetup) -> "Installation":
        """Return the installation with one field set up anew, as an administrator would."""
        return replace(self, fields={**self.fields, name: setup})
