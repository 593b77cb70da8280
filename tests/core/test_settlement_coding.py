"""A haulier's settlement, coded (accounting.md 6; OPT-03)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.money import ZERO
from brygga.core.settlements import Haulier, SettlementLine, code_settlement
from brygga.errors import BadData

HOME = Haulier("SE", vat_registered=True, self_billing_agreement=True)
ABROAD = Haulier("LT", vat_registered=True, self_billing_agreement=True)
lines = st.lists(
    st.builds(
        SettlementLine,
        st.sampled_from(["transport", "addition", "deduction"]),
        st.decimals(-9999, 99999, places=2).map(lambda net: net + 0),
        st.sampled_from([Decimal(25), Decimal(12), Decimal(6), Decimal(0)]),
    ),
    max_size=30,
)


@given(st.sampled_from(["SE", "LT", "DE"]), st.booleans(), lines)
def test_settlement_balances_and_never_sets_vat_off_against_vat(
    country: str, registered: bool, given: list[SettlementLine]
) -> None:
    coding = code_settlement(Haulier(country, registered, True), given)
    assert sum(coding.rows.values(), ZERO) == 0
    assert coding.rows.get("2440", ZERO) == -coding.payable
    assert coding.rows.get("2641", ZERO) == coding.input_vat
    assert sum((coding.rows.get(account, ZERO) for account in ("2611", "2621", "2631")), ZERO) == -coding.output_vat
    assert (coding.document == "supplier_credit") == (coding.payable < 0)
    assert registered or not coding.input_vat
    assert ("omvänd betalningsskyldighet" in coding.must_state) == (coding.vat_type == "EUINTERNAL")


@given(lines)
def test_haulier_in_another_eu_state_brings_reverse_charge_and_no_input_vat(given: list[SettlementLine]) -> None:
    coding = code_settlement(ABROAD, given)
    assert coding.input_vat == 0
    assert coding.rows.get("2645", ZERO) == -coding.rows.get("2614", ZERO)


def test_what_is_sold_without_vat_to_a_haulier_abroad_goes_to_the_eu_account() -> None:
    coding = code_settlement(ABROAD, [SettlementLine("deduction", Decimal(100), Decimal(0))])
    assert coding.rows == {"3308": Decimal(-100), "2440": Decimal(100)}
    at_home = code_settlement(HOME, [SettlementLine("deduction", Decimal(100), Decimal(0))])
    assert at_home.rows == {"3004": Decimal(-100), "2440": Decimal(100)}


def test_line_with_an_account_of_its_own_is_posted_there() -> None:
    coding = code_settlement(
        HOME,
        [
            SettlementLine("transport", Decimal(100), Decimal(25), "4611"),
            SettlementLine("deduction", Decimal(8), Decimal(25), "3911"),
        ],
    )
    assert (coding.rows["4611"], coding.rows["3911"]) == (Decimal(100), Decimal(-8))


def test_haulier_without_agreement_or_outside_the_eu_is_blocked_with_a_sentence() -> None:
    without = code_settlement(Haulier("SE", True, False), [])
    assert (without.document, without.reason, without.rows) == ("blocked", "self_billing_agreement_missing", {})
    norwegian = code_settlement(Haulier("NO", True, True), [])
    assert norwegian.reason == "haulier_outside_eu"
    assert "established in NO" in str(norwegian.blocked)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (SettlementLine("gift", Decimal(1), Decimal(25)), "line 1 is no transport, addition or deduction but 'gift'"),
        (SettlementLine("transport", Decimal("0.001"), Decimal(25)), "line 1, net: 0.001"),
        (SettlementLine("transport", Decimal(1), Decimal(-6)), "line 1: -6 is no VAT rate"),
        (SettlementLine("deduction", Decimal(1), Decimal(19)), "no account for a deduction at 19 percent"),
    ],
)
def test_line_that_cannot_be_coded_is_refused_by_place(line: SettlementLine, said: str) -> None:
    with pytest.raises(BadData, match=said):
        code_settlement(HOME, [line])
