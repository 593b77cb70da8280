"""What a run would refuse before its first record: each stream begun as a run begins it, and read as far as its first page.

The preflight is so as strict as the run, whatever a setting names: a stage, a field, a price list. Nothing is written anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.utils import timezone

from brygga.connectors.contract import Connector, Finding, Stream
from brygga.core.policy import LEFT
from brygga.errors import BryggaError, Sentence
from brygga.store import ids
from brygga.store.models import Integration, Run
from brygga.sync.open import open_context

DOCUMENTS = frozenset({"offer", "order", "invoice"})


def findings(integration: Integration, streams: Collection[str], said: Collection[str] = ()) -> list[Finding]:
    """Return a row for each refusal of these streams, and where their documents keep their fields.

    said  what the preflight has told already: told once is enough
    """
    rows: list[Finding] = []
    for name in streams:
        try:
            rows += _begun(integration, name)
        except BryggaError as error:
            rows.append(Finding("error", name, error.sentence, error.repair, error.exit_status))
    told = set(said)
    return [row for row in rows if str(row.sentence) not in told and not told.add(str(row.sentence))]  # type: ignore[func-returns-value]


def _begun(integration: Integration, name: str) -> list[Finding]:
    """Begin a stream and its parts. Raises what a run would raise."""
    now = timezone.now()
    run = Run(pk=ids.new_id(), integration=integration, stream=name, trigger="person", queued_at=now)
    rows: list[Finding] = []
    with open_context(run, lane="person", told=lambda run: None, still_mine=lambda: None, dry=True) as context:
        for stream in (context.stream, *context.companions):
            for side, connector in context.connectors.items():
                _first_page(stream, connector, now, read=side not in stream.unread and not stream.saved)
            rows += _places(stream, context.connectors[LEFT])
    return rows


def _first_page(stream: Stream, connector: Connector, since: datetime, *, read: bool) -> None:
    connector.capability(stream.kind)
    if read:
        next(iter(connector.changed(stream.kind, since)), None)


def _places(stream: Stream, connector: Connector) -> Iterator[Finding]:
    """Say where the business system's documents keep each field, and what they have no place for."""
    if stream.kind not in DOCUMENTS:
        return
    held = connector.capability(stream.kind)
    facts = {"stream": stream.name, "places": "; ".join(f"{name}: {place}" for name, place in held.places.items() if place)}
    if facts["places"]:
        yield Finding("ok", stream.name, Sentence("{stream}: each field of a document is kept here: {places}.", facts))
    for name, place in held.lacking.items():
        told = {**facts, "field": name, "place": place}
        sentence = Sentence("{stream}: there is no field “{place}”, so {field} is not synced.", told)
        yield Finding(
            "warning", stream.name, sentence, Sentence("Make the field there, or name another one in the settings.", told)
        )
