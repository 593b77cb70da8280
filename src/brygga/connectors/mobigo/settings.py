"""What a person chooses for Mobigo's Fortnox module, in the words of Mobigo and its sister modules (systems.md 3.2 and 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from brygga.clients.mobigo.columns import KINDS
from brygga.clients.mobigo.tables import ENCODINGS, SEPARATORS
from brygga.connectors import settings as table
from brygga.connectors.settings import Setting, Source, Wrong, named, words
from brygga.errors import SettingsError

REGISTERS: Final = ("customers", "articles")

EXTRA_FIELDS: Final = tuple(f"Extrafält {number}" for number in range(1, 21))
SOURCES: Final[Mapping[str, str]] = {
    **{name: f"extraFields.{name}" for name in EXTRA_FIELDS},
    "Ert ordernummer": "references.yourOrderNumber",
    "Märkning": "references.marking",
    "Projekt": "references.project",
    "Kostnadsställe": "references.costCenter",
    "Uppdragsnummer": "number",
    "Rubrik": "title",
    "Objekt": "object",
    "Kategori": "category",
    "Ansvarig": "responsible",
    "Internanteckning": "internalNote",
}
"""What of an assignment may be linked to a field of Fortnox: the name that people see -> its place in the contract."""

TARGETS: Final[Mapping[str, str]] = {
    "your_order_number": "Ert ordernummer",
    "external_reference2": "Extern referens 2",
    "comments": "Intern kommentar",
    "project": "Projekt",
    "cost_center": "Kostnadsställe",
    "terms_of_delivery": "Leveransvillkor",
    "way_of_delivery": "Leveranssätt",
    "delivery_name": "Leveransnamn",
    "delivery_street": "Leveransadress",
    "delivery_postcode": "Leveranspostnummer",
    "delivery_city": "Leveransort",
}
"""Fields of a Fortnox document's head that a link may fill. Our and Your reference are the customer's own (MOB-16)."""

FIXED: Final[tuple[tuple[str, str], ...]] = (
    ("Kundnummer", "CustomerNumber; everything else of the customer is Fortnox' own (MOB-13, MOB-15)"),
    ("Vår referens, Er referens", "left to the customer in Fortnox (MOB-16)"),
    ("Åtgärdstext", "Remarks, what is beyond its 1,024 characters in one text row (MOB-17, MOB-18, D1)"),
    ("Tider", "rows: the time type's article, billable hours, text, price (MOB-06)"),
    ("Material", "rows after them: article number, text, quantity, unit, price (MOB-07)"),
    ("Uppdragsnummer", "ExternalInvoiceReference1, as a part of our key (MOB-28)"),
    ("Klart datum", "DeliveryDate"),
    ("Priser", "without VAT, in SEK: VATIncluded false, Currency SEK"),
    ("ROT/RUT", "TaxReductionType, and of each row whether it is house work and which"),
)
"""The links that cannot be changed (MOB-09), shown beside those that can."""

DEFAULT_LIMIT: Final = 1052
PROPOSE_FILE_FROM: Final = 5000
HELPERS: Final = ("Rabatt", "Frakt", "Avgift", "Annan-betalning", "Öresavrundning")
"""Articles that shops' modules make for rows of documents: nobody uses them as material."""


def _some_registers(value: object) -> tuple[str, ...]:
    return () if value in ([], ()) else table.some_of(*REGISTERS)(value)


def _numbers(value: object) -> tuple[str, ...]:
    return () if value in ([], ()) else table.texts(value)


def _document(value: object) -> str:
    return "" if value == "" else str(table.one_of("order", "invoice")(value))


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Wrong("a table is wanted")
    found = {}
    for key, item in value.items():
        if not isinstance(item, str):
            raise Wrong(f"{key}: a text is wanted")
        found[str(key).strip()] = item.strip()
    return found


def _whole(least: int, most: int) -> table.Check:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Wrong("a whole number is wanted, and one in these bounds")
        return value

    return check


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "registers",
        "Kryssa i Kunder / Artiklar",
        "The registers that are imported from Fortnox. Articles bring all price lists with them. Nothing is imported before one "
        "is named.",
        [],
        "a list of customers, articles",
        _some_registers,
        values=words(*REGISTERS),
    ),
    Setting(
        "helper_articles",
        "Artiklar som inte säljs",
        "The numbers of Fortnox' articles that serve rows of documents alone, such as discount, freight and fee. They are not made "
        "in Mobigo; letters may be large or small.",
        list(HELPERS),
        "a list of article numbers; it may be empty",
        _numbers,
        values=Source("articles", "fortnox", compared=False),
    ),
    Setting(
        "document",
        "Exportera uppdrag till order eller faktura",
        "What an exported assignment becomes in Fortnox. Nothing is exported before it is chosen.",
        "",
        "order, invoice",
        _document,
        values=words("order", "invoice"),
    ),
    Setting(
        "action_text_limit",
        "Fältlängd, Åtgärdstext",
        "How many characters of the action text follow to Fortnox; the text in Mobigo is not touched.",
        DEFAULT_LIMIT,
        "a whole number from 1 to 1,279, which is what Remarks and one text row hold",
        _whole(1, 1279),
    ),
    Setting("export_times", "Exportera tider", "Whether billable time rows follow.", True, "true, false", table.switch),
    Setting("export_materials", "Exportera material", "Whether billable material rows follow.", True, "true, false", table.switch),
    Setting(
        "time_types",
        "Tidtyper kopplade till artiklar",
        "The article of each time type, where Mobigo does not link it itself or links another.",
        {},
        "a table of time types, each an article number",
        _texts,
        keys=Source("time_types", compared=False),
        values=Source("articles", "fortnox"),
        every=True,
    ),
    Setting(
        "unlinked_time_types",
        "Tidtyp utan artikel",
        "What happens to a billable time row whose time type has no article. hold: the whole assignment waits. leave_out: the row "
        "stays in Mobigo with a warning, and the assignment is not archived.",
        "hold",
        "hold, leave_out",
        table.one_of("hold", "leave_out"),
        values=words("hold", "leave_out"),
    ),
    Setting(
        "price_from",
        "Hämta pris från artikel",
        "row: prices are those of Mobigo's rows, where they have one. article: always those of Fortnox' article and price list.",
        "row",
        "row, article",
        table.one_of("row", "article"),
        values=words("row", "article"),
    ),
    Setting(
        "create_missing_articles",
        "Skapa artiklar som saknas",
        "Whether an article on a row that Fortnox lacks is made there, with number, name and unit. Without it the assignment "
        "is refused.",
        False,
        "true, false",
        table.switch,
    ),
    Setting(
        "only_completed",
        "Bara uppdrag med status Klart",
        "Whether marked assignments that are not done yet wait.",
        False,
        "true, false",
        table.switch,
    ),
    Setting(
        "only_attested",
        "Bara attesterade uppdrag",
        "Whether marked assignments wait for attestation.",
        False,
        "true, false",
        table.switch,
    ),
    Setting(
        "archive",
        "Sätt automatiskt Arkiverad-flagga",
        "Whether an exported assignment is marked as archived in Mobigo. Its document number is always noted there.",
        True,
        "true, false",
        table.switch,
    ),
    Setting(
        "field_links",
        "Fältkoppling",
        "Which fields and references of an assignment fill which fields of the order or invoice. Two may fill one: they are "
        "joined in the order of the list of sources.",
        {},
        "a table of " + ", ".join(SOURCES) + ", each one of " + ", ".join(TARGETS),
        table.mapping(SOURCES, table.one_of(*TARGETS)),
        keys=words(*SOURCES),
        values=named(TARGETS),
    ),
    # MOB-15, MOB-16: the order or invoice carries the customer data of Fortnox.
    table.from_card(*table.CARD_TERMS, *table.CARD_OBJECTS, "delivery_address"),
    Setting(
        "propose_file_from",
        "Föreslå import från textfil",
        "From so many articles on a first import says that a file is the better source.",
        PROPOSE_FILE_FROM,
        "a whole number from 1",
        _whole(1, 10_000_000),
    ),
    Setting(
        "file_columns",
        "Kolumner i fil",
        "What the columns of a file hold whose headers are not known: the header, and our field; an empty text leaves the "
        "column out.",
        {},
        "a table of headers, each one of " + ", ".join(dict.fromkeys(c.field for kind in KINDS.values() for c in kind)),
        _texts,
        values=words(*dict.fromkeys(c.field for kind in KINDS.values() for c in kind)),
        empties=True,
    ),
    Setting(
        "file_encoding",
        "Teckenkodning i fil",
        "How the letters of a file are written; found out when it is empty.",
        "",
        ", ".join(ENCODINGS),
        table.one_of("", *ENCODINGS),
        values=words(*ENCODINGS),
    ),
    Setting(
        "file_separator",
        "Skiljetecken i fil",
        "What divides the columns of a file; found out when it is empty.",
        "",
        "; , | or a tab",
        table.one_of("", *SEPARATORS),
        values=named({";": "semikolon", ",": "komma", "|": "lodstreck", "\t": "tabb"}),
    ),
    table.ACCEPTED_DIFFERENCES,
    Setting(
        "brake",
        "Broms",
        "An import that would change more than this share of the linked records (counted from 20 on) stops before it writes.",
        0.30,
        "a number above 0, at most 1",
        table.share,
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one Mobigo integration, checked. An empty `registers` or `document` means not configured (MOB-10)."""

    registers: tuple[str, ...] = ()
    document: str = ""
    action_text_limit: int = DEFAULT_LIMIT
    export_times: bool = True
    export_materials: bool = True
    time_types: Mapping[str, str] = field(default_factory=dict)
    unlinked_time_types: str = "hold"
    price_from: str = "row"
    create_missing_articles: bool = False
    only_completed: bool = False
    only_attested: bool = False
    archive: bool = True
    field_links: Mapping[str, str] = field(default_factory=dict)
    from_card: tuple[str, ...] = (*table.CARD_TERMS, *table.CARD_OBJECTS, "delivery_address")
    propose_file_from: int = PROPOSE_FILE_FROM
    file_columns: Mapping[str, str] = field(default_factory=dict)
    file_encoding: str = ""
    file_separator: str = ""
    accepted_differences: tuple[str, ...] = ()
    helper_articles: tuple[str, ...] = HELPERS
    brake: float = 0.30

    @property
    def kind(self) -> str:
        """What an assignment becomes, an order while nothing is chosen."""
        return self.document or "order"

    def article_of(self, time_type: str, linked: str) -> str:
        """Return the article of a time type: the one chosen here, else the one that Mobigo has, "" for none."""
        return self.time_types.get(time_type) or linked

    def is_helper(self, number: str) -> bool:
        """Say whether an article serves rows of documents alone, so that it is not brought to Mobigo."""
        return number.casefold() in {one.casefold() for one in self.helper_articles}

    def need_register(self, name: str) -> None:
        """Raise SettingsError when a register is not ticked (MOB-10, MOB-22)."""
        if name not in self.registers:
            raise SettingsError(
                "{register} are not imported into Mobigo: they are not ticked under registers (Kryssa i Kunder / Artiklar).",
                repair="Add “{register}” to registers in the settings of Mobigo.",
                rule="MOB-22" if self.registers else "MOB-10",
                register=name,
            )

    def need_document(self) -> None:
        """Raise SettingsError when nobody has said what an assignment becomes (MOB-10)."""
        if not self.document:
            raise SettingsError(
                "Assignments cannot be exported: document (Exportera uppdrag till order eller faktura) is not chosen.",
                repair="Set document to order or to invoice in the settings of Mobigo.",
                rule="MOB-10",
            )


def read(given: Mapping[str, object], place: str = "settings") -> Settings:
    """Read Mobigo's settings. Raises SettingsError naming the place, the key and what is allowed."""
    return Settings(**table.read(SETTINGS, given, place))


def explain() -> list[dict[str, object]]:
    """Return the settings as rows; the field links with the fixed ones beside those that can be chosen (MOB-08, MOB-09)."""
    rows = table.explain(SETTINGS)
    for row in rows:
        if row["key"] == "field_links":
            row["fixed"] = [{"from": source, "to": target} for source, target in FIXED]
            row["help"] = f"{row['help']} Fixed: " + "; ".join(f"{source} → {target}" for source, target in FIXED) + "."
    return rows
