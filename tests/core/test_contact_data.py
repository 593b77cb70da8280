"""E-mail, phone, postcode, country and name key (accounting.md 8.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.contact import name_key, normalise_email, normalise_phone, normalise_postcode
from brygga.core.countries import country_on_documents, country_to_iso

countries = st.sampled_from(["SE", "NO", "DK", "FI", "DE", "GB", "se", None])


@given(st.one_of(st.emails(), st.text(max_size=40)))
def test_normal_address_is_its_own_normal_form(text: str) -> None:
    found = normalise_email(text)
    if found.value is not None:
        assert normalise_email(found.value) == found
        assert found.value == found.value.strip().lower()


@given(st.one_of(st.text("0123456789 +-()/.vx", max_size=20), st.text(max_size=20)), countries)
def test_normal_phone_is_its_own_normal_form_in_any_country(text: str, country: str | None) -> None:
    found = normalise_phone(text, country)
    if found is not None:
        assert found.startswith("+")
        assert normalise_phone(found, None) == found


@given(st.one_of(st.from_regex(r"(SE?-)?[0-9]{3} ?[0-9]{2}", fullmatch=True), st.text(max_size=12)), countries)
def test_normal_postcode_is_its_own_normal_form(text: str, country: str | None) -> None:
    found = normalise_postcode(text, country)
    if found is not None:
        assert normalise_postcode(found, country) == found


WORDS = st.lists(
    st.sampled_from(
        ["Åkeri", "AB", "(publ)", "&", "ek.", "för.", "A/S", "Kalle's", "Firma", "HB", "ekonomisk", "förening", "1", "-"]
    )
)


@given(st.one_of(st.text(max_size=40), WORDS.map(" ".join)))
def test_name_key_is_its_own_key(text: str) -> None:
    key = name_key(text)
    if key is not None:
        assert name_key(key) == key
        assert name_key(f"  {text.upper()} ") == name_key(text.upper())


@pytest.mark.parametrize(
    ("text", "value", "role"),
    [
        ("<Faktura+1@Example.se>", "faktura+1@example.se", True),
        ("MAILTO:anna@example.se?subject=Hej", "anna@example.se", False),
        ("anna@example.se;", "anna@example.se", False),
        ("order2@example.se", "order2@example.se", True),
        ("anna@straße.example", "anna@xn--strae-oqa.example", False),
    ],
)
def test_address_in_its_normal_form(text: str, value: str, role: bool) -> None:
    found = normalise_email(text)
    assert (found.value, found.role_mailbox) == (value, role)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "a@b",
        "@example.se",
        "a..b@example.se",
        "a b@example.se",
        "a@exam ple.se",
        "a@-example.se",
        "a@example..se",
        "a@10.0.0.1",
        "a@ex★mple.se",
        "a@b@example.se",
        '"a b"@example.se',
        "x" * 65 + "@example.se",
        "a@" + "x" * 64 + ".se",
        "x" * 60 + "@" + ".".join(["y" * 60] * 4),
        "a@" + ".".join(["y" * 60] * 5),
        "anna@example.se, bo@example.se",
    ],
)
def test_no_address_or_several_are_no_value(text: str | None) -> None:
    assert normalise_email(text).value is None
    assert not normalise_email(text).role_mailbox


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("vx 08-465 004 10", "SE", "+46846500410"),
        ("Tel: 08/465 004 10 ankn 12", "SE", "+46846500410"),
        ("0046 (0)8-572 365 40", "SE", "+46857236540"),
        ("(+46) 70 174 06 05", "SE", "+46701740605"),
        ("+47 22 86 00 00", "SE", "+4722860000"),
        ("070-174 06 05, 08-465 004 10", "SE", None),
        ("070-174 06 05 / 08-465 004 10", "SE", None),
        ("22 86 00 00", None, None),
        ("22 86 00 00", "EL", None),
        (None, "SE", None),
    ],
)
def test_phone_in_its_normal_form(text: str | None, country: str | None, value: str | None) -> None:
    assert normalise_phone(text, country) == value


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("se-114 18", "se", "114 18"),
        ("114-18", "SE", "114 18"),
        ("1141", "SE", None),
        ("114 18 Stockholm", "SE", None),
        ("150", "NO", None),
        ("NO-0150", "NO", "0150"),
        ("FI-00100", "FI", "00100"),
        (" SW1A 1AA ", "GB", "SW1A 1AA"),
        ("", "DE", None),
        (None, None, None),
    ],
)
def test_postcode_in_its_normal_form(text: str | None, country: str | None, value: str | None) -> None:
    assert normalise_postcode(text, country) == value


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Volvo AB (publ)", "volvo"),
        ("A.B. Volvo", "volvo"),
        ("Dansk Transport ApS", "dansk transport"),
        ("A/S Norsk Transport", "norsk transport"),
        ("Ek & Bok ekonomisk förening", "ek och bok"),
        ("Müller GmbH & Co. KG", "müller"),
        ("Karl-Erik HB", "karl erik"),
        ("Da Vinci AB", "da vinci"),
        ("Borås Spa AB", "borås spa"),
        ("Cafe\u0301 Nord", "café nord"),
        ("AB", "ab"),
        ("---", None),
        ("", None),
        (None, None),
    ],
)
def test_name_as_a_key(text: str | None, key: str | None) -> None:
    assert name_key(text) == key


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("U.S.A.", "US"),
        ("swe", "SE"),
        (" sverige ", "SE"),
        ("Storbritannien", "GB"),
        ("The Netherlands", "NL"),
        ("Grekland", "GR"),
        ("Hellas", "GR"),
        ("XI", None),
        ("EU", None),
        ("Atlantis", None),
        ("Korea", None),
        (None, None),
    ],
)
def test_country_by_its_names(text: str | None, code: str | None) -> None:
    assert country_to_iso(text) == code


@given(st.sampled_from(["SE", "NO", "DK", "FI", "GB", "DE", "AX", "US", "TR", "CZ"]))
def test_name_on_documents_leads_back_to_the_country(code: str) -> None:
    assert country_to_iso(country_on_documents(code)) == code


def test_documents_take_swedish_for_sweden_and_english_for_others() -> None:
    assert [country_on_documents(code) for code in ("SE", "no", "GB")] == ["Sverige", "Norway", "United Kingdom"]
    with pytest.raises(ValueError, match="'EL' is no country code"):
        country_on_documents("EL")


@pytest.mark.parametrize("value", [46701740605, 1.5, True])
def test_value_that_is_no_text_is_refused_with_a_sentence(value: object) -> None:
    for normalise, sentence in (
        (normalise_email, "an e-mail address is text"),
        (normalise_phone, "a phone number is text"),
        (normalise_postcode, "a postcode is text"),
        (name_key, "a name is text"),
        (country_to_iso, "a country is text"),
    ):
        with pytest.raises(ValueError, match=sentence):
            normalise(value)  # type: ignore[operator]
