"""A haulier's settlement as rows of a supplier invoice (avräkning; accounting.md 6, row OPT-03).

Two flows meet: the haulier's supply, with input VAT, and what was sold to the haulier, with output VAT. They are set off in
payment and never in VAT. VAT is reckoned for each percent on the sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from brygga.core.money import ZERO, percent_text, vat_from_net, whole_ore
from brygga.core.totals import vat_percent
from brygga.core.vat import EU_STATES
from brygga.core.vouchers import Voucher, voucher
from brygga.errors import BadData, Sentence

DocumentType: TypeAlias = Literal["supplier_invoice", "supplier_credit", "blocked"]
BlockReason: TypeAlias = Literal["self_billing_agreement_missing", "haulier_outside_eu"]

SELF_BILLING: Final = "självfakturering"
REVERSE_CHARGE: Final = "omvänd betalningsskyldighet"
REVERSE_CHARGE_RATE: Final = Decimal(25)

BLOCKED: Final[Mapping[BlockReason, str]] = {
    "self_billing_agreement_missing": "There is no agreement on self-billing with the haulier, made beforehand.",
    "haulier_outside_eu": "The haulier is established in {country}, outside the EU; a person decides on VAT and accounts.",
}


@dataclass(frozen=True, slots=True)
class Haulier:
    """Who drives (åkare): ISO country, whether VAT-registered, and whether self-billing was agreed on beforehand."""

    country: str
    vat_registered: bool
    self_billing_agreement: bool


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One line: "transport" or "addition" is the haulier's supply, "deduction" our sale. `account` overrides the standard one."""

    kind: str
    net: Decimal
    vat: Decimal
    account: str = ""


@dataclass(frozen=True, slots=True)
class SettlementAccounts:
    """Where settlements are posted, with the numbers of the BAS chart. sales and output_vat: percent -> account.

    eu_sales is for what is sold without Swedish VAT to a haulier registered in another EU state.
    """

    cost: str
    eu_cost: str
    input_vat: str
    calculated_input_vat: str
    calculated_output_vat: str
    payable: str
    eu_sales: str
    sales: Mapping[Decimal, str]
    output_vat: Mapping[Decimal, str]


BAS_ACCOUNTS: Final = SettlementAccounts(
    cost="4610",
    eu_cost="4535",
    input_vat="2641",
    calculated_input_vat="2645",
    calculated_output_vat="2614",
    payable="2440",
    eu_sales="3308",
    sales={Decimal(25): "3001", Decimal(12): "3002", Decimal(6): "3003", Decimal(0): "3004"},
    output_vat={Decimal(25): "2611", Decimal(12): "2621", Decimal(6): "2631"},
)


@dataclass(frozen=True, slots=True)
class Coding:
    """The settlement coded for Fortnox.

    rows         account -> signed SEK, debit positive; they add up to zero
    payable      what the haulier gets; negative on a credit
    vat_type     NORMAL, or EUINTERNAL (then the row's SalesType is SERVICE)
    must_state   words that the law wants on the self-billed document
    blocked      why it may not be exported; then there are no rows
    """

    document: DocumentType
    rows: Voucher
    input_vat: Decimal
    output_vat: Decimal
    payable: Decimal
    vat_type: Literal["NORMAL", "EUINTERNAL"]
    must_state: tuple[str, ...]
    reason: BlockReason | None = None
    blocked: Sentence | None = None


def code_settlement(haulier: Haulier, lines: Sequence[SettlementLine], accounts: SettlementAccounts = BAS_ACCOUNTS) -> Coding:
    """Code *lines*, or say why the settlement may not be exported.

    BadData names the line (from 1) with an unknown kind, a rate without an account, or parts of an öre.
    """
    if not haulier.self_billing_agreement:
        return _blocked("self_billing_agreement_missing", haulier)
    if haulier.country not in EU_STATES:
        return _blocked("haulier_outside_eu", haulier)
    abroad = haulier.country != "SE" and haulier.vat_registered
    costs, deductions = _flows(lines)
    posts: list[tuple[str, Decimal]] = []
    posts += [(line.account or (accounts.eu_cost if abroad else accounts.cost), net) for line, net in costs]
    charged = haulier.vat_registered and not abroad
    input_vat = _vat(costs) if charged else ZERO
    posts.append((accounts.input_vat, input_vat))
    if abroad:
        calculated = vat_from_net(sum((net for _, net in costs), ZERO), REVERSE_CHARGE_RATE)
        posts += [(accounts.calculated_input_vat, calculated), (accounts.calculated_output_vat, ZERO - calculated)]
    output_vat = ZERO
    for rate, net in _by_rate(deductions).items():
        if rate:
            tax = vat_from_net(net, rate)
            output_vat += tax
            posts.append((_of(accounts.output_vat, rate), ZERO - tax))
    for line, net in deductions:
        standard = accounts.eu_sales if abroad and not line.vat else _of(accounts.sales, line.vat)
        posts.append((line.account or standard, ZERO - net))
    payable = sum((net for _, net in costs), ZERO) + input_vat - sum((net for _, net in deductions), ZERO) - output_vat
    posts.append((accounts.payable, ZERO - payable))
    return Coding(
        document="supplier_credit" if payable < 0 else "supplier_invoice",
        rows=voucher(*posts),
        input_vat=input_vat,
        output_vat=output_vat,
        payable=payable,
        vat_type="EUINTERNAL" if abroad else "NORMAL",
        must_state=(SELF_BILLING, REVERSE_CHARGE) if abroad else (SELF_BILLING,),
    )


Flow: TypeAlias = list[tuple[SettlementLine, Decimal]]


def _flows(lines: Iterable[SettlementLine]) -> tuple[Flow, Flow]:
    costs: Flow = []
    deductions: Flow = []
    for number, line in enumerate(lines, start=1):
        place = f"line {number}"
        vat_percent(line.vat, place)
        net = whole_ore(line.net, f"{place}, net")
        if line.kind in ("transport", "addition"):
            costs.append((line, net))
        elif line.kind == "deduction":
            deductions.append((line, net))
        else:
            raise BadData("{place} is no transport, addition or deduction but {kind}.", place=place, kind=repr(line.kind))
    return costs, deductions


def _by_rate(flow: Flow) -> dict[Decimal, Decimal]:
    sums: dict[Decimal, Decimal] = {}
    for line, net in flow:
        sums[line.vat] = sums.get(line.vat, ZERO) + net
    return sums


def _vat(flow: Flow) -> Decimal:
    return sum((vat_from_net(net, rate) for rate, net in _by_rate(flow).items()), ZERO)


def _of(accounts: Mapping[Decimal, str], rate: Decimal) -> str:
    account = accounts.get(rate)
    if account is None:
        raise BadData("There is no account for a deduction at {rate} percent.", rate=percent_text(rate))
    return account


def _blocked(reason: BlockReason, haulier: Haulier) -> Coding:
    sentence = Sentence(BLOCKED[reason], {"country": haulier.country})
    return Coding("blocked", {}, ZERO, ZERO, ZERO, "NORMAL", (), reason, sentence)
