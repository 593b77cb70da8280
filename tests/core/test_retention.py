"""Keeping, erasing, and what a log may show (accounting.md 10)."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from brygga.core.retention import Holding, erase, redact, retain_until


@given(st.dates(max_value=date(9992, 12, 31)))
def test_records_are_kept_seven_whole_calendar_years(year_end: date) -> None:
    until = retain_until(year_end)
    assert (until.year, until.month, until.day) == (year_end.year + 7, 12, 31)
    assert erase([Holding("invoice", year_end)], until) == "restrict"
    if until < date.max:
        assert erase([Holding("invoice", year_end)], until + timedelta(days=1)) == "erase"


def test_year_at_the_end_of_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="seven years after 9993-01-01"):
        retain_until(date(9993, 1, 1))


@pytest.mark.parametrize(
    ("holding", "left"),
    [
        (Holding("lost_offer", date(2025, 12, 31)), "erase"),
        (Holding("CRM_Note"), "erase"),
        (Holding("invoice"), "restrict"),
        (Holding("voucher", date(2015, 12, 31)), "erase"),
        (Holding("invoice", date(2015, 12, 31), open=True), "restrict"),
        (Holding("something_else"), "restrict"),
    ],
)
def test_what_no_book_depends_on_goes_and_the_rest_stays(holding: Holding, left: str) -> None:
    assert erase([holding], date(2026, 11, 20)) == left


@st.composite
def personal_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
    day = born.day + draw(st.sampled_from([0, 60]))
    nine = f"{born:%y%m}{day:02}{draw(st.integers(0, 999)):03}"
    ten = nine + luhn.calc_check_digit(nine)
    spelling = draw(
        st.sampled_from(
            [
                "{c}{a}{b}",
                "{c}{a}-{b}",
                "{a}-{b}",
                "{a}{b}",
                "{a}+{b}",
                "{a} {b}",
                "SE{a}{b}01",
                "{c}{y}-{m}-{d}-{b}",
                "{c}{y} {m} {d} {b}",
                "{a} – {b}",
            ]
        )
    )
    return spelling.format(c=born.year // 100, a=ten[:6], b=ten[6:], y=ten[:2], m=ten[2:4], d=ten[4:6])


words = st.sampled_from(["kund ", "pnr=", '{"OrganisationNumber": "', "(", "faktura 100353, ", "", "x", ": ", "Anna Berg ", "\n"])


@given(words, personal_numbers(), st.sampled_from(["", ".", '"}', ", 1250.00", " betald", "\n", "&x=1"]))
def test_every_personal_number_is_removed(before: str, number: str, after: str) -> None:
    shown = redact(before + number + after)
    assert "[PNR]" in shown
    assert "".join(letter for letter in number if letter.isdigit())[-4:] not in shown.replace("1250.00", "").replace("100353", "")


@given(st.one_of(st.text(), st.lists(st.one_of(words, personal_numbers(), st.emails(), st.text(max_size=5))).map("".join)))
def test_masked_text_is_its_own_masked_text(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.emails())
def test_every_address_is_removed(address: str) -> None:
    assert address not in redact(f"mail {address} skickat")


@pytest.mark.parametrize(
    "text",
    [
        "orgnr 556036-0793 och 5560360793, SE556036079301, 212000-0142",
        "OCR 1234567806, faktura 12345678, order 100353",
        "2026-04-01T10:10:00+02:00, 2026-11-20 21:48:00.123456, 01-02-2026, 2026-04-01 1930 1250.00",
        "betald 1250.00 av 1 000 000,00 (0.50 öre, -12.30)",
        "bankgiro 160-9908 5050-1055",
        "artikel 0123, postnummer 0150 Oslo, 114 18 Stockholm",
        "basic functionality works, the token expired",
    ],
)
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fel 811228-9875", "fel [PNR]"),
        ("8112289875", "8112289875"),
        ("999999-9999", "999999-9999"),
        ("SE180101000801", "SE[PNR]"),
        ("070-174 06 05 (08) 465 004 10 08/46500410 0701740605 46701740605", "[PHONE] [PHONE] [PHONE] [PHONE] [PHONE]"),
        ("+46 (0)8-572 365 40, 0046 70 174 06 05", "[PHONE], [PHONE]"),
        ("tlf. 22 86 00 00", "tlf. [PHONE]"),
        ('{"Phone1": "22860000", "Fax": ""}', '{"Phone1": "[PHONE]", "Fax": ""}'),
        ("?email=anna%40example.se&x=1", "?email=[EMAIL]&x=1"),
        ("Anna <anna.berg@Åkeri.example>", "Anna <[EMAIL]>"),
        ('{"access_token": "a b)c", "token_type": "bearer"}', '{"access_token": "[SECRET]", "token_type": "bearer"}'),
        ("Client-Secret: abc; Access-Token: def", "Client-Secret: [SECRET]; Access-Token: [SECRET]"),
        ("{'client_secret': 'abc'}", "{'client_secret': '[SECRET]'}"),
        ('"{\\"refresh_token\\": \\"abc\\"}"', '"{\\"refresh_token\\": \\"[SECRET]"}"'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [SECRET]"),
        ("authorization=abc", "authorization=[SECRET]"),
        ("sent Bearer abcdefgh1", "sent Bearer [SECRET]"),
        ("Set-Cookie: session=abc; Path=/\nnext", "Set-Cookie: [SECRET]\nnext"),
        ("https://user:pass@host.example/?code=abc&state=def", "https://[SECRET]@host.example/?code=[SECRET]&state=[SECRET]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[SECRET]"),
    ],
)
def test_personal_data_and_secrets_are_masked(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_long_texts_are_masked_in_time() -> None:
    begun = time.process_time()
    for piece in ("aB3", "1", "0 ", "tel", "70-", "a.", "token", '"', "@", "://a:"):
        redact(piece * (60_000 // len(piece)))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("value", [None, 811228, b"811228-9874"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="only text can be masked"):
        redact(value)  # type: ignore[arg-type]
