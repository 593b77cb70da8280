"""Settings compared with the systems: does what they name exist there? And the offer to make the articles that are missing (TXT-06, TXT-07)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, cast

from brygga import connectors
from brygga.connectors.contract import SEARCHED, Books, Creation, Finding, Receipt
from brygga.connectors.settings import Setting, Source
from brygga.core.record import Article
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
    return [row for setting, source, texts in named for row in _rows(integration, setting, source, texts, there, held)]


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
