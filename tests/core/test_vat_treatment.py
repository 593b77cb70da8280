"""How a sale is taxed, for every combination (accounting.md 1.3 to 1.6)."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.vat import (
    EU_STATES,
    INVOICE_TEXTS,
    SWEDISH_RATES,
    Line,
    fortnox_row_vat,
    invoice_text,
    sales_list,
    vat_treatment,
)
from brygga.core.vat_accounts import Accounts, account_for, oss_needed
from brygga.errors import BadData, BryggaError, SettingsError

COUNTRIES = ("SE", "DE", "GR", "XI", "MC", "AX", "IC", "NO", "GB", "CH", "US", "XK")
COMBINATIONS = [
    Line(*parts)
    for parts in product(
        ("goods", "services"),
        ("COMPANY", "PRIVATE"),
        COUNTRIES,
        (True, False),
        (True, False),
        (True, False),
        SWEDISH_RATES,
        (None, Decimal(19), Decimal("25.5")),
    )
]


def needs_a_foreign_rate(line: Line) -> bool:
    consumer = line.customer_type == "PRIVATE" or not line.vat_number_valid
    return line.oss and line.oss_rate is None and consumer and line.supply == "goods" and line.ship_to in ("DE", "GR", "XI", "MC")


def test_every_combination_is_decided_or_refused_with_a_sentence() -> None:
    decided = 0
    for line in COMBINATIONS:
        if needs_a_foreign_rate(line):
            with pytest.raises(SettingsError, match="is not known"):
                vat_treatment(line)
            continue
        treatment = vat_treatment(line)
        decided += 1
        assert treatment.vat_box in {"05", "35", "36", "39", "40", "41", "42", "OSS"}
        assert treatment.row_vat in (Decimal(0), line.rate, line.oss_rate)
        if treatment.needs_vat_number:
            assert line.customer_type == "COMPANY"
            assert line.vat_number_valid
            assert not treatment.row_vat
        if not treatment.row_vat:
            assert treatment.invoice_text in INVOICE_TEXTS
        else:
            assert treatment.invoice_text is None
        assert (treatment.sales_list is not None) == (treatment.vat_box in ("35", "39"))
        assert (treatment.vat_box == "05") == (treatment.row_vat > 0 and treatment.vat_box != "OSS")
    assert decided > 3000


@given(st.sampled_from(sorted(EU_STATES - {"SE"})), st.sampled_from(SWEDISH_RATES[:3]))
def test_registered_company_in_another_eu_state_pays_the_vat_itself(country: str, rate: Decimal) -> None:
    goods = vat_treatment(Line("goods", "COMPANY", country, vat_number_valid=True, rate=rate))
    services = vat_treatment(Line("services", "COMPANY", country, vat_number_valid=True, rate=rate))
    assert (goods.vat_type, goods.default_account, goods.vat_box) == ("EUREVERSEDVAT", "3108", "35")
    assert (services.vat_type, services.default_account, services.vat_box) == ("EUREVERSEDVAT", "3308", "39")


def test_goods_to_northern_ireland_are_eu_and_services_are_not() -> None:
    assert vat_treatment(Line("goods", "COMPANY", "XI", vat_number_valid=True)).vat_type == "EUREVERSEDVAT"
    assert vat_treatment(Line("services", "COMPANY", "XI", vat_number_valid=True)).vat_type == "EXPORT"


def test_aland_is_export_for_goods_and_finland_for_services() -> None:
    assert vat_treatment(Line("goods", "COMPANY", "AX", vat_number_valid=True)).vat_box == "36"
    assert vat_treatment(Line("services", "COMPANY", "AX", vat_number_valid=True)).vat_box == "39"


def test_goods_picked_up_in_sweden_are_swedish_whoever_buys() -> None:
    assert vat_treatment(Line("goods", "COMPANY", "SE", vat_number_valid=True)).vat_type == "SEVAT"


def test_private_buyer_with_a_vat_number_is_still_private() -> None:
    assert vat_treatment(Line("goods", "PRIVATE", "DE", vat_number_valid=True)).vat_type == "EUVAT"


def test_building_company_without_confirmed_vat_number_is_charged_vat() -> None:
    assert vat_treatment(Line("services", "COMPANY", "SE", construction=True)).vat_type == "SEVAT"


def test_exempt_sale_to_a_consumer_in_the_eu_is_in_box_42_and_says_why() -> None:
    treatment = vat_treatment(Line("services", "PRIVATE", "DK", rate=Decimal(0)))
    assert (treatment.vat_type, treatment.vat_box, treatment.default_account) == ("EUVAT", "42", "3004")
    assert treatment.invoice_text == "exempt_reference"


def test_electronic_service_to_a_consumer_follows_the_one_stop_shop_and_an_ordinary_one_does_not() -> None:
    ordinary = vat_treatment(Line("services", "PRIVATE", "DE", oss=True))
    electronic = vat_treatment(Line("services", "PRIVATE", "DE", oss=True, oss_rate=Decimal(19)))
    assert (ordinary.vat_type, ordinary.vat_box) == ("EUVAT", "05")
    assert (electronic.row_vat, electronic.vat_box) == (Decimal(19), "OSS")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line("rent", "COMPANY", "SE"), "goods or services, not 'rent'"),
        (Line("goods", "FIRM", "SE"), "COMPANY or PRIVATE, not 'FIRM'"),
        (Line("goods", "COMPANY", "EL"), "country code of Greece is GR"),
        (Line("goods", "COMPANY", "QQ"), "'QQ' is no country code"),
        (Line("goods", "COMPANY", "se"), "'se' is no country code"),
        (Line("goods", "COMPANY", ""), "'' is no country code"),
        (Line("goods", "COMPANY", "SE", rate=Decimal(19)), "19 is no Swedish VAT rate"),
        (Line("goods", "COMPANY", "SE", rate=Decimal("-0")), "negative zero"),
        (Line("goods", "COMPANY", "SE", rate=Decimal("NaN")), "the article's VAT rate: NaN"),
        (Line("goods", "PRIVATE", "DE", oss=True, oss_rate=Decimal(75)), "75 is no VAT rate of DE"),
        (Line("goods", "PRIVATE", "DE", oss=True, oss_rate=Decimal(-5)), "-5 is no VAT rate of DE"),
    ],
)
def test_line_that_does_not_exist_is_refused(line: Line, said: str) -> None:
    with pytest.raises(BadData, match=said):
        vat_treatment(line)


def test_goods_to_a_consumer_without_the_consumers_rate_are_refused() -> None:
    with pytest.raises(SettingsError, match="The VAT rate of DE is not known"):
        vat_treatment(Line("goods", "PRIVATE", "DE", oss=True))


def test_percent_with_decimals_cannot_be_written_to_fortnox() -> None:
    assert fortnox_row_vat(Decimal("25.00")) == 25
    with pytest.raises(BadData, match=r"25\.5 percent cannot be written"):
        fortnox_row_vat(Decimal("25.5"))


def test_law_texts_carry_what_they_need_or_are_refused() -> None:
    domestic = vat_treatment(Line("services", "COMPANY", "SE", vat_number_valid=True, construction=True))
    assert invoice_text(domestic, vat_number="SE556036079301") == (
        "Omvänd betalningsskyldighet. Köparens momsregistreringsnummer: SE556036079301"
    )
    with pytest.raises(BadData, match="VAT number must be on the invoice"):
        invoice_text(domestic)
    exempt = vat_treatment(Line("services", "PRIVATE", "SE", rate=Decimal(0)))
    assert invoice_text(exempt, exemption="sjukvård") == "Undantag från skatteplikt: sjukvård"
    with pytest.raises(BadData, match="why it is exempt"):
        invoice_text(exempt)
    assert invoice_text(vat_treatment(Line("goods", "PRIVATE", "SE"))) is None
    export = invoice_text(vat_treatment(Line("goods", "PRIVATE", "NO")))
    assert export is not None
    assert "Export" in export


def test_sales_list_adds_up_by_number_and_kind_and_leaves_the_rest_out() -> None:
    goods = vat_treatment(Line("goods", "COMPANY", "DE", vat_number_valid=True))
    services = vat_treatment(Line("services", "COMPANY", "DE", vat_number_valid=True))
    home = vat_treatment(Line("goods", "COMPANY", "SE", vat_number_valid=True))
    listed = sales_list(
        [
            (goods, "DE811907980", Decimal("100.00")),
            (goods, "DE811907980", Decimal("-40.00")),
            (services, "DE811907980", Decimal("5.00")),
            (home, "", Decimal("999.00")),
        ]
    )
    assert listed == {("DE811907980", "goods"): Decimal("60.00"), ("DE811907980", "services"): Decimal("5.00")}
    with pytest.raises(BadData, match=r"of 1\.00 SEK has no VAT number"):
        sales_list([(goods, "", Decimal("1.00"))])


GERMAN_GOODS = vat_treatment(Line("goods", "PRIVATE", "DE", oss=True, oss_rate=Decimal(19)))
SWEDISH_GOODS = vat_treatment(Line("goods", "COMPANY", "SE"))


def test_account_comes_from_the_one_stop_shop_the_table_or_the_predefined_one() -> None:
    accounts = Accounts(sales={("goods", "25"): "3041"}, oss={("DE", "19"): "3119"})
    assert account_for(GERMAN_GOODS, "goods", "DE", accounts) == "3119"
    assert account_for(SWEDISH_GOODS, "goods", "SE", accounts) == "3041"
    assert account_for(SWEDISH_GOODS, "services", "SE", accounts) == "3001"
    assert account_for(SWEDISH_GOODS, "goods", "SE", Accounts(vat_codes={"3001": "MP1"})) == "3001"


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        (Accounts(), "the one-stop shop's account for DE at 19 percent is not set"),
        (Accounts(oss={("DE", "19"): "0"}), "is not set"),
        (Accounts(oss={("DE", "19"): "310"}), "310 is no account"),
        (Accounts(oss={("DE", "19"): "0310"}), "0310 is no account"),
        (Accounts(oss={("DE", "19"): "31A9"}), "31A9 is no account"),
        (Accounts(oss={("DE", "19"): "3119"}, active=frozenset({"3001"})), "3119 is missing or inactive"),
    ],
)
def test_account_that_is_missing_or_wrong_is_refused_by_place(accounts: Accounts, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        account_for(GERMAN_GOODS, "goods", "DE", accounts)


def test_active_account_passes() -> None:
    accounts = Accounts(oss={("DE", "19"): "3119"}, active=frozenset({"3119"}))
    assert account_for(GERMAN_GOODS, "goods", "DE", accounts) == "3119"


def test_taxable_eu_service_never_lands_on_the_account_for_vat_free_services() -> None:
    """Fortnox' default for SALESEUVAT2, 3308, carries no Swedish VAT (accounting.md 1.2)."""
    treatment = vat_treatment(Line("services", "PRIVATE", "DK"))
    with pytest.raises(SettingsError, match="SALESEUVAT2 is not set"):
        account_for(treatment, "services", "DK", Accounts())
    seen = Accounts(predefined={"SALESEUVAT2": "3308"}, vat_codes={"3308": ""})
    with pytest.raises(SettingsError, match="SALESEUVAT2 is 3308, which carries no Swedish VAT"):
        account_for(treatment, "services", "DK", seen)


def test_threshold_of_distance_sales_is_passed_only_above_it() -> None:
    assert not oss_needed(Decimal(99680))
    assert oss_needed(Decimal("99680.01"))


@given(st.text(max_size=3), st.text(max_size=8), st.text(max_size=3), st.decimals())
def test_any_input_at_all_is_decided_or_refused_with_a_sentence(supply: str, kind: str, country: str, rate: Decimal) -> None:
    for line in (Line(supply, kind, country, rate=rate), Line("goods", "PRIVATE", "DE", oss=True, oss_rate=rate)):
        try:
            outcome: str = vat_treatment(line).vat_type
        except BryggaError as error:
            outcome = str(error)
        assert outcome
