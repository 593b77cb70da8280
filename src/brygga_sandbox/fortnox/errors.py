"""What Fortnox says no with: codes, HTTP status and Swedish texts.

From the error table of the Fortnox API reference, section 7.2. Texts in brackets there are unknown; ours stand in their
place and are marked with a trailing `# guess`. Only one error is reported at a time. Keys of the body come in two
spellings (section 7.1): capital for what is not found, not allowed or not logged in, small for refused values.
"""

from dataclasses import dataclass
from typing import Any

TEXTS: dict[int, tuple[int, str]] = {
    1000003: (500, "System exception"),
    1000029: (400, "Internal error"),
    1000030: (400, "Invalid response type"),
    1000031: (400, "Invalid content type"),
    2000013: (400, 'Artikelnummer "{}" används redan.'),
    2000106: (400, "Värdet måste vara alfanumeriskt ({})"),
    2000107: (400, "Värdet är för långt ({})"),  # guess
    2000108: (400, "Värdet måste vara numeriskt ({})"),
    2000134: (400, "Värdet måste vara en boolean ({})"),
    2000204: (400, "Kunde inte hämta/hitta kund ({})"),
    2000310: (403, "Ogiltig inloggning"),
    2000311: (403, "Kan inte logga in, access-token eller client-secret saknas(2)."),
    2000321: (400, "Försäljningspriset kan inte ändras här. (SalesPrice)"),  # guess
    2000342: (400, "Ogiltig prislista ({})"),  # guess
    2000359: (400, "Värdet innehåller ej tillåtna tecken. ({})"),
    2000401: (400, "Företaget har låst perioden t.o.m. {}"),
    2000423: (404, "Kan inte hitta kontot."),  # guess
    2000427: (404, "Kan inte hitta valutan."),  # guess
    2000428: (404, "Kan inte hitta artikeln."),
    2000429: (404, "Kan inte hitta betalningsvillkoret."),
    2000430: (404, "Kan inte hitta priset."),  # guess
    2000431: (404, "Kan inte hitta prislistan."),  # guess
    2000432: (404, "Kan inte hitta enheten."),
    2000433: (404, "Kan inte hitta kunden."),
    2000434: (404, "Kan inte hitta fakturan."),
    2000435: (404, "Kan inte hitta leveransvillkoret."),  # guess
    2000439: (404, "Kan inte hitta ordern."),
    2000499: (400, "Det finns redan en skapad order för offerten."),  # guess around the known words
    2000513: (400, "Artikeln finns inte ({})"),  # guess
    2000550: (400, "Konto {} är inte aktivt"),
    2000587: (400, "Ett ogiltigt filter har använts."),
    2000588: (400, "Ogiltig parameter i anropet."),
    2000600: (400, "Personen finns redan på dokumentet ({})"),  # guess
    2000637: (400, "Kundnummer {} används redan."),
    2000663: (403, "Har inte behörighet för scope"),
    2000699: (400, "Värdet kan inte vara null. ({})"),
    2000719: (403, "Ogiltig auktoriseringskod."),
    2000721: (403, "Auktoriseringskoden är redan förbrukad."),
    2000729: (400, "A valid identifier was not provided."),
    2000755: (400, "Leverantörsfakturan balanserar inte"),
    2000762: (400, "Priset finns redan eller artikeln saknas ({})"),  # guess
    2000764: (404, "no such route"),
    2000861: (400, "Ordernummer {} används redan."),  # guess
    2000919: (400, "Ogiltigt land: {}"),
    2000946: (400, "Kostnadsställe är obligatoriskt på konto {}"),  # guess
    2000947: (400, "Kostnadsställe {} är inte aktivt"),  # guess
    2001101: (403, "Det finns ingen aktiv licens för önskat scope"),
    2001103: (403, "Api-licens saknas."),
    2001161: (404, "Kan inte hitta projektet."),
    2001200: (400, "Ogiltig kundtyp"),
    2001243: (400, "Offerten är låst, en order har skapats."),  # guess
    2001246: (400, "Den sista skattereduktionen kan inte tas bort."),  # guess
    2001265: (400, "Kontot saknas eller är inte aktivt ({})"),  # guess
    2001302: (400, "Kunde inte hitta artikel"),
    2001304: (400, "Kunde inte hitta konto"),
    2001392: (400, "Ingen eller felaktig typ av data."),
    2001393: (403, "Saknar behörighet för kundfakturor."),  # guess
    2001399: (400, "Felaktigt fältnamn ({})"),
    2001403: (404, "Kan inte hitta det förvalda kontot."),  # guess
    2001600: (400, "Er referens är för lång ({})"),  # guess
    2001740: (400, "Inläsning av dokument misslyckades: {}"),
    2001846: (400, "Artikelnummer saknas"),  # guess
    2001896: (400, "Kommentaren är för lång (Comments)"),  # guess
    2002115: (400, "Error deserializing JSON: JSON_ERROR_SYNTAX"),
    2002141: (400, "Fakturadatumet ligger i en låst period."),  # guess
    2002455: (403, "Saknar behörighet för verifikationer."),  # guess
    2002462: (400, "Kontot måste ha fyra siffror ({})"),  # guess
    2002649: (400, "Felaktig datastruktur."),
    2002980: (400, "Kan inte sätta typen övrig kostnad på en rad markerad som husarbete."),
    2003055: (400, "Fakturan är redan betald."),  # guess
    2003095: (400, "Det saknas ett förvalt konto för Inköp SE, omvänd skattskyldighet"),
    2003115: (400, "Momsrader för momstyp REVERSE måste vara märkta med motsvarande CODE"),
    2003124: (400, "Enbart ordrar som levererats ut kan klarmarkeras"),
    2003125: (400, "Ett klarmarkerat dokument kan inte ändras"),
    2003126: (400, "Utleveransdatum kan inte vara senare än dagens datum"),
    2003127: (400, "Ett fel uppstod i lagermodulen"),
    2003151: (400, "Skattereduktion för en av de valda husarbetestyperna har upphört."),
    2003157: (400, "Skattereduktion för den valda typen av husarbete har upphört."),
    2003227: (400, "Summan av raderna överskrider möjlig skattereduktion"),
    2003228: (400, "Begärt belopp överskrider möjlig skattereduktion"),  # guess
    2003241: (400, "Migrering är redan påbörjad eller avslutad"),
    2003275: (403, "Saknar behörighet för {}."),
    2003277: (400, "Hittades inte i lagermodulen"),
    2003399: (400, "Dokumentet är makulerat i lagermodulen"),
    2003498: (400, "Kunde inte bokföra fakturanummer {}. Faktura som bokförs måste vara klarmarkerad."),
    2003977: (400, "En rad med antal saknar benämning eller artikel"),  # guess
    2004019: (400, "Dokument utan angiven skattereduktionstyp får inte innehålla artikelrader med husarbetestyp."),
    2004021: (400, "Dokument med skattereduktionstypen '{}' får inte innehålla rader med husarbetestypen '{}'."),
    2004052: (400, "Kontot har en annan momskod ({})"),  # guess
    2004054: (403, "Ogiltig inloggning"),  # guess
    2004167: (400, "Raden med egen momssats saknar konto"),  # guess
    2004194: (400, "Ogiltigt VAT-nummer."),
    2004209: (400, "Ogiltig arbetstyp ({})"),  # guess
    2004217: (400, "Begärt belopp måste vara ett heltal"),  # guess
    2004218: (400, "Begärt belopp kan inte vara negativt"),  # guess
    2004262: (400, "Arbetstypen förekommer mer än en gång"),  # guess
    2004263: (400, "Uppgift saknas i TaxReductionAmounts"),  # guess
    2005095: (400, "Fältet är av typen string"),
}


@dataclass
class Refusal(Exception):
    """A call that Fortnox says no to; what the handlers raise. All writes of the call are taken back."""

    code: int
    message: str
    status: int = 400

    @property
    def capital(self) -> bool:
        """Tell whether the keys of the body are spelt Error, Message, Code."""
        return self.status in (401, 403, 404)

    def body(self) -> dict[str, Any]:
        """Return the body, with the spelling of keys that belongs to the status."""
        if self.capital:
            return {"ErrorInformation": {"Error": 1, "Message": self.message, "Code": self.code}}
        return {"ErrorInformation": {"error": 1, "message": self.message, "code": self.code}}


def refusal(code: int, *values: object, message: str | None = None) -> Refusal:
    """Return the refusal for a code of the table, its text filled with the offending values."""
    status, text = TEXTS[code]
    return Refusal(code, message if message is not None else text.format(*values), status)


# Refusals whose text is known and whose code is not (Fortnox API, section 7.3): the code says only that it is refused.
UNKNOWN_CODE = 2000588


def refusal_text(message: str, status: int = 400) -> Refusal:
    """Return a refusal known by its text only."""
    return Refusal(UNKNOWN_CODE, message, status)


def not_found(code: int | None, thing: str) -> Refusal:
    """Return the 404 of a register; where the code is unknown the text names the thing and 2000764 stands in."""
    if code is not None:
        return refusal(code)
    return Refusal(2000764, f"Kan inte hitta {thing}.", 404)
