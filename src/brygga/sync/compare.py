"""Settings compared with the systems: does what they name exist there? And the offer to make the articles that are missing (TXT-06, TXT-07)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, cast

from brygga import connectors
from brygga.connectors.contract import SEARCHED, Books, Creation, Finding, Receipt
from brygga.connectors.settings import Setting, Source
from brygga.core.record import ABSENT, Article
from brygga.errors import BryggaError, OutcomeUnknown, Sentence
from brygga.store.models import AuditEntry, Integration
from brygga.sync.address import company as find
from brygga.sync.choices import SYSTEMS, Place, Shelf, place_of, shelves
from brygga.sync.form import texts_of
from brygga.sync.open import connect, connection_of, fortnox_settings

KIND: Final = {"articles": "article"}
"""Register that is only looked into -> the kind of record that it holds."""


def findings(integration: Integration) -> list[Finding]:
    """Return a row for each setting that names something in a system: all there, or what is not. Every register is read now."""
    named = [
        (setting, source, texts)
        for setting in connectors.settings_of(integration.system)
        for source, texts in _named(setting, integration)
        if texts
    ]
    wanted: dict[Place, set[str]] = {}
    for _, source, _texts in named:
        if source.register not in SEARCHED:
            wanted.setdefault(place_of(integration, source), set())
    there = shelves(integration.company, wanted, fresh=True)
    long: dict[Place, set[str]] = {}
    for _, source, texts in named:
        if source.register in SEARCHED:
            long.setdefault(place_of(integration, source), set()).update(texts)
    try:
        held = {place: _held(integration, place, texts) for place, texts in long.items()}
    except BryggaError as error:
        return [Finding("error", "settings", error.sentence, error.repair, error.exit_status)]
    rows = [row for setting, source, texts in named for row in _rows(integration, setting, source, texts, there, held)]
    return [*rows, *_doubtful(integration, named)]


def _doubtful(integration: Integration, named: Collection[tuple[Setting, Source, list[str]]]) -> list[Finding]:
    """Say which accounts stand for another rate than the one that they are chosen for, and which articles have no rate or no account."""
    rated = [(setting, *one) for setting in connectors.settings_of(integration.system) for one in _rated(setting, integration)]
    articles = [(setting, text) for setting, source, texts in named if source.register == "articles" for text in texts]
    if not rated and not articles:
        return []
    connector = _books(integration)
    try:
        fitting = connector.has("account_rate", {f"{account} {rate}" for _, account, rate in rated})
        known = connector.articles({text for _, text in articles}, accounts=True)
    except BryggaError as error:
        return [Finding("warning", "accounts", error.sentence, error.repair, 0)]
    finally:
        connector.close()
    rows = [_other_rate(*one) for one in rated if f"{one[1]} {one[2]}" not in fitting]
    for setting, text in articles:
        article = known.get(text)
        lacks = (
            []
            if article is None
            else [word for word, held in (("VAT", article.vat), ("account", article.sales_account)) if _none(held)]
        )
        rows += [_bare(setting, text, lack) for lack in lacks]
    return rows


def _rated(setting: Setting, integration: Integration) -> Iterator[tuple[str, str]]:
    """Yield account and rate of each row of a setting that chooses accounts by Swedish rates: "25", "goods 12"."""
    if isinstance(setting.values, Source) and setting.values.register == "accounts" and setting.keys:
        for row in texts_of(setting, integration.settings):
            found = _RATED.fullmatch(row[0])
            if found and row[-1]:
                yield row[-1], found[1]


_RATED: Final = re.compile(r"(?:goods |services )?(25|12|6)")


def _none(value: object) -> bool:
    return value is ABSENT or value == ""


def _other_rate(setting: Setting, account: str, rate: str) -> Finding:
    facts = {"term": setting.term, "account": account, "rate": rate}
    sentence = Sentence("{term}: account {account} is chosen for {rate} % VAT and does not stand for it in Fortnox.", facts)
    repair = Sentence("Choose another account in the settings, or correct the account's VAT code in Fortnox.", facts)
    return Finding("warning", setting.key, sentence, repair, 0)


def _bare(setting: Setting, number: str, lack: str) -> Finding:
    facts = {"term": setting.term, "article": number}
    said = {
        "VAT": Sentence("{term}: article {article} has no VAT rate in Fortnox.", facts),
        "account": Sentence("{term}: article {article} has no sales account in Fortnox.", facts),
    }
    repair = Sentence("Give article {article} a sales account in Fortnox.", facts)
    return Finding("warning", setting.key, said[lack], repair, 0)


def _named(setting: Setting, integration: Integration) -> Iterator[tuple[Source, list[str]]]:
    """Yield each source of a setting with what the settings name of it; those that the connector compares itself left out."""
    rows = texts_of(setting, integration.settings)
    for source, column in ((setting.keys, 0), (setting.values, -1)):
        if isinstance(source, Source) and source.compared and source.whole:
            yield source, list(dict.fromkeys(row[column] for row in rows if row and row[column]))


def _held(integration: Integration, place: Place, texts: Collection[str]) -> set[str]:
    """Return which of these are in a register that is too long to be read."""
    connector = _books(integration)
    try:
        return connector.has(KIND[place[1]], texts)
    finally:
        connector.close()


def _books(integration: Integration) -> Books:
    return cast(Books, connect(connection_of(integration, "fortnox"), Counter(), "person", fortnox_settings(integration)))


def _rows(
    integration: Integration,
    setting: Setting,
    source: Source,
    texts: list[str],
    there: Mapping[Place, Shelf],
    held: Mapping[Place, set[str]],
) -> list[Finding]:
    place = place_of(integration, source)
    facts = {"term": setting.term, "system": SYSTEMS[place[0]], "values": ", ".join(texts)}
    if place in there and there[place].trouble is not None:
        # The connection's own row says why; nothing can be compared.
        return []
    missing = [text for text in texts if (text not in held[place] if place in held else there[place].lacks(text, source))]
    if not missing:
        return [Finding("ok", setting.key, Sentence("{term}: {values} is in {system}.", facts))]
    makes = setting.makes and not integration.settings.get(setting.unless)
    return [_missing(setting, source, text, facts, bool(makes)) for text in missing]


def _missing(setting: Setting, source: Source, text: str, facts: Mapping[str, str], makes: bool) -> Finding:
    told = {**facts, "value": text, "name": setting.makes}
    sentence = Sentence("{term}: “{value}” is not in {system}, or is inactive there.", told)
    if not setting.makes:
        return Finding(
            "warning", setting.key, sentence, Sentence("Choose another one in the settings, or add it in {system}.", told)
        )
    if not makes:
        return Finding("ok", setting.key, Sentence("{term}: “{value}” is made in {system} when it is first needed.", told))
    repair = Sentence("Make article {value} ({name}) in {system} by hand, or let it be made now.", told)
    level = "error" if source.needed else "warning"
    return Finding(level, setting.key, sentence, repair, offer={"article": text, "name": setting.makes})  # type: ignore[arg-type]


def make_articles(slug: str, who: str, only: Collection[str] = ()) -> list[str]:
    """Make in Fortnox the articles that the preflight offers to make, or only some of them; return a line each.

    Its own number keeps an article from being made twice. Raises the first refusal, after it was looked for; SettingsError.
    """
    said = []
    for integration in Integration.objects.select_related("company").filter(company=find(slug)).order_by("system"):
        offers = [dict(finding.offer) for finding in findings(integration) if finding.offer]
        offers = [offer for offer in offers if not only or offer["article"] in only]
        if not offers:
            continue
        connector = _books(integration)
        try:
            for offer in offers:
                _make(connector, offer["article"], offer["name"])
                subject = f"{integration.company.slug}/fortnox article {offer['article']}"
                AuditEntry.objects.create(
                    company=integration.company, who=who, what="article made", subject=subject, detail=cast(Any, offer)
                )
                said.append(f"{subject}: {offer['name']}")
        finally:
            connector.close()
    return said


def _make(connector: Books, number: str, name: str) -> None:
    try:
        [made] = connector.create("article", [Creation(number, Article(number=number, name=name))])
    except OutcomeUnknown:
        if not connector.has("article", {number}):
            raise
        return
    if not isinstance(made, Receipt):
        raise made
