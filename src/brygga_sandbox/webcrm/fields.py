"""The fields of webCRM's records: name, kind, longest text and the words of the closed lists.

Names and kinds are those of the definition (webCRM Swagger v1, definitions `OrganisationDto` and so on). In the API every
name carries the entity as prefix (`OrganisationName`); the tables below leave it out, and `1..15` stands for fifteen
numbered fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "int", "number", "date", "bool", "enum"]
Value = str | int | float | bool | None

LINKED_ENTITIES = (
    "Undefined", "Organisation", "Person", "Activity", "Meeting", "Opportunity", "Delivery", "Product", "SupportCase",
    "SupportFaq",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of one entity, under its full name.

    longest   the definition's maxLength; None where the definition gives none
    words     for an enum, its allowed words in the definition's order; the first is what an unset field reads as
    """

    name: str
    kind: Kind
    longest: int | None = None
    words: tuple[str, ...] = ()


_ORGANISATION = """
text Comment CreatedBy ImageFileExtension MarketDataId History OverlayUrl PostCode State Status TelephoneSearch Type
text UpdatedBy VatStatus XMemo1..2 Plus1..20 Custom1..15 Memo
text:10 VatCountry
text:20 VatGroup
text:50 Alert City Country Domain ExtraCustom1..8 Fax Gps Industry Telephone VatNumber Www XText1..8
text:200 DivisionName Name
text:250 Address
text:500 CompareName
int ApprovalStatus Id MarketDataProviderId OutlookSync Owner Owner2 ReportTemp Sla TerritoryId XInt1..8
date CreatedAt LastDisplayedAt LastItemUpdatedAt UpdatedAt VatVerifiedAt XDate1..2
bool NoAds
enum:Undefined|Activity|Opportunity|Delivery|Meeting|SupportCase LastItemType
"""

_PERSON = """
text CampaignPassword Comment CreatedBy DirectPhone Email Email2 FirstName ImageFileExtension LastName LoginLog
text MarketDateId MemberNumber MemberPassword MiddleName MobilePhone Name History Password Salutation Skype
text TelephoneSearch Title UpdatedBy Plus1..20 Custom1..15 Memo
int CampaignWrongPasswordCount Id MemberGroupId MemberLanguageId MemberStatusId MemberWrongPasswordCount OrganisationId
int SortOrder SupportLanguageId
date Birthday CreatedAt LastLoginDateTime MemberStartDate UpdatedAt
bool BlockMassEmail BlockMassEmail2 CheckMark1..10 EmailBounces Email2Bounces
enum:Active|Resigned|Other|Guest Status
"""

_DELIVERY = """
text Comment CreatedBy CurrencyName Description ErpId ErpReadOnly History Note Number OpportunityCustom1..15
text OpportunityMemo OpportunityPlus1..20 Product Search1..2 SpentTime UpdatedBy Plus1..20 Custom1..15 Memo
int AssignedTo AssignedTo2 Id OrganisationId Percent PersonId ProductId QuotationLanguageId Responsible Type
int UserGroupId WinPercent WinPercent2
number Discount GmRevenue1..12 OrderGmValue OrderValue Revenue1..12
date CreatedAt ErpSyncDateTime NextFollowUp OrderDate UpdatedAt WonDate
bool WinYesNo
enum:NotReadyForSynchronization|ReadyForSynchronization|Synchronized ErpStatus
enum:NoRisk|Small|Medium|High|Crises Risk
enum:New|Planned|OnGoing|Completed|GeneralDelivery Status
"""

_QUOTATION_LINE = """
text Comment CreatedBy Data1..9 Memo StockStatus UpdatedBy
int Id OpportunityId OrganisationId PersonId SortOrder LinkedDataId
number CostPrice Discount ListPrice Price Quantity VatPercentage
date CreatedAt UpdatedAt
"""

_QUOTATION_LINE_ITEM = f"""
text VatCode Data1..9 DataMemo ItemGroup
int Id
number CostPrice Price
enum:{"|".join(LINKED_ENTITIES)} EntityType
"""

_LINKED_ITEM = f"""
text Data1..9 DataMemo ItemGroup
int Id
number Price
enum:{"|".join(LINKED_ENTITIES)} EntityType
"""

_PRODUCT = """
text Combined Comment CreatedBy History StockStatus UpdatedBy VatCode Plus1..20 Custom1..15 Memo
int Id OrganisationId PersonId ProductYear SortOrder
number CostPrice Discount ListPrice Price Quantity
date CreatedAt UpdatedAt
"""

_USER = """
text AdvancedGroups AuthenticationCode BccEmail BccTag BudgetNote CreatedBy CurrencyName DecimalPoint Email Initials
text IntegrationId IpRestrict LoginLog LoginName MobilePhone Name Password PhoneParameters SoftCall Telephone
text Territories Ticket Title UpdatedBy Custom1..15 Memo
int AccessId AccessLevel DefaultSupportCaseChannel DefaultMemberGroupId DefaultOpportunity2ndResponsible
int DefaultOrganisation2ndResponsible GmtDifference GroupId Id LanguageId LoginCount SmsLogin WrongPasswordCount
date CreatedAt LastLoginDateTime LastTryDateTime PasswordUpdatedAt SupportCaseExpirationDateTime SupportCaseLatest
date TicketExpirationDateTime UpdatedAt
bool IsRestApiEnabled IsSpellCheckerEnabled IsSupportCaseAvailableStatusEnabled PasswordInUrl
enum:Scandinavian|UK|US AddressFormat
enum:NoTag|TagBeginning|TagEnd BccMode
enum:Scheme0|Scheme1|Scheme2|Scheme3|Scheme4|Scheme5|Scheme6|Scheme7|Scheme8|Scheme9|Dashboard CalendarColorScheme
enum:DDhMMhYYYY|YYYYhMMhDD|MMsDDsYYYY|DDpMMpYYYY|YYYYpMMpDD DateFormat
enum:Never|StatusEmail|StatusEmailAndMessage|Default SupportCaseNotificationType
enum:Available|Busy|OffLine|Absent SupportCaseStatus
enum:Enabled|Disabled SynchronizationMode
enum:Hours24|Hours12 TimeFormat
"""


def _spread(names: list[str]) -> Iterator[str]:
    """Yield the names, `Custom1..3` as Custom1, Custom2, Custom3."""
    for name in names:
        stem, dots, last = name.partition("..")
        if not dots:
            yield name
            continue
        base = stem.rstrip("0123456789")
        for number in range(int(stem[len(base) :]), int(last) + 1):
            yield f"{base}{number}"


_KINDS: Mapping[str, Kind] = {
    "text": "text",
    "int": "int",
    "number": "number",
    "date": "date",
    "bool": "bool",
    "enum": "enum",
}


def _table(prefix: str, text: str) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for line in text.strip().splitlines():
        head, *names = line.split()
        word, _, extra = head.partition(":")
        longest = int(extra) if word == "text" and extra else None
        words = tuple(extra.split("|")) if word == "enum" else ()
        for name in _spread(names):
            fields[prefix + name] = Field(prefix + name, _KINDS[word], longest, words)
    return dict(sorted(fields.items()))


@dataclass(frozen=True)
class Entity:
    """One kind of record: its prefix and its fields by full name, the id field first among equals."""

    name: str
    prefix: str
    fields: Mapping[str, Field]

    @property
    def id_field(self) -> str:
        """Return the name of the field that holds the record's number, such as OrganisationId."""
        return self.prefix + "Id"


ENTITIES: Mapping[str, Entity] = {
    name: Entity(name, prefix, _table(prefix, text))
    for name, prefix, text in (
        ("Organisation", "Organisation", _ORGANISATION),
        ("Person", "Person", _PERSON),
        ("Delivery", "Delivery", _DELIVERY),
        ("QuotationLine", "QuotationLine", _QUOTATION_LINE),
        ("QuotationLineLinkedDataItem", "QuotationLineLinkedDataItem", _QUOTATION_LINE_ITEM),
        ("LinkedDataItem", "LinkedDataItem", _LINKED_ITEM),
        ("Product", "Product", _PRODUCT),
        ("User", "User", _USER),
    )
}
"""All entities by name. QuotationLine has LinkedDataId for writing only: the definition's QuotationLineDto lacks it."""

WRITE_ONLY = frozenset({"QuotationLineLinkedDataId", "UserPassword"})
"""Fields that are taken and never given back: the first by the definition, the second by good manners [guess]."""
