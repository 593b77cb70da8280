"""webCRM's deliveries as orders or invoices: found by /Queries, read with their rows, written a call for the head and one a row.

Rows WEB-36 to WEB-53. A changed row need not show on its delivery, so rows are asked for as well. A delivery that is made from
Fortnox gets its head first and its rows as a step of their own, which is carried on after a crash (Capability.resumes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from brygga.clients.webcrm import WebCrm, wire
from brygga.clients.webcrm.fields_metadata import Field
from brygga.clients.webcrm.queries import literal
from brygga.clients.webcrm.register import PAGE
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.webcrm import document_streams, streams
from brygga.connectors.webcrm import map as customers
from brygga.connectors.webcrm.articles import ITEM, SETUP, read_setup, used_fields
from brygga.connectors.webcrm.delivery_map import (
    DAYS,
    LINE,
    ROW_FIELDS,
    DeliveryLayout,
    amount_in,
    delivery_fields,
    delivery_layout,
    document_from,
    full_name,
    in_order,
    line_changes,
    new_line,
    places_in_order,
    unknown_country,
)
from brygga.connectors.webcrm.document_settings import PEOPLE
from brygga.connectors.webcrm.layout import Layout, layout_of
from brygga.connectors.webcrm.marks import Marks
from brygga.connectors.webcrm.read import CLOCKS_APART, Clock
from brygga.connectors.webcrm.settings import Settings
from brygga.core.diff import same
from brygga.core.document import Document, Row
from brygga.core.fault import read_alone
from brygga.core.money import round_ore
from brygga.core.net_rows import sum_of
from brygga.core.policy import RIGHT
from brygga.core.record import ABSENT, Ref, present
from brygga.core.rows import together
from brygga.core.seen import Seen
from brygga.core.shown import of_lock, of_write
from brygga.core.spelling import document_spelled
from brygga.errors import BryggaError, NotFound, Rejected, Stale

Raw = dict[str, Any]

ORDER_VALUE = "DeliveryOrderValue"
MANY = 25
"""From so many changed deliveries on, their rows and organisations are read by pages and not one by one."""


class Deliveries:
    """The deliveries of one installation, as documents of a kind: the one that the settings name, or the one of before."""

    def __init__(self, client: WebCrm, settings: Settings, clock: Clock, kind: str) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._kind = kind
        self._organisations: dict[int, Raw | None] = {}
        self._persons: dict[int, str] = {}

    @cached_property
    def _fields(self) -> list[Field]:
        return list(self._client.fields_metadata.of("Delivery"))

    @cached_property
    def _layout(self) -> DeliveryLayout:
        return delivery_layout(self._settings, self._fields)

    @cached_property
    def marks(self) -> Marks:
        """What the deliveries show of how they stand with Fortnox."""
        return Marks(self._client, self._settings.documents, self._fields)

    @cached_property
    def _organisation_layout(self) -> Layout:
        return layout_of(self._settings, self._client.fields_metadata.of("Organisation"))

    @cached_property
    def _used(self) -> tuple[str, ...]:
        """The Data fields of a row that may not be empty, as "Data1"."""
        return tuple(name.removeprefix(ITEM) for name in used_fields(read_setup(self._client)))

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield deliveries that changed themselves or by a row at or after *since*, with their rows."""
        if since is None:
            for page in self._client.deliveries.all():
                yield from self._with_rows(page)
            return
        early = since - CLOCKS_APART
        seen: set[int] = set()
        for page in self._client.deliveries.updated(early):
            seen.update(int(raw["DeliveryId"]) for raw in page)
            yield from self._with_rows(page)
        moment = literal(wire.instant(early))
        # The moment is ours and is quoted by literal().
        script = (
            f"SELECT * FROM QuotationLine WHERE QuotationLineUpdatedAt >= {moment} ORDER BY QuotationLineUpdatedAt, QuotationLineId"  # noqa: S608
        )
        others: dict[int, None] = {}
        for page in self._client.queries.run(script, f"{LINE}Id"):
            for line in page:
                number = line.get(f"{LINE}OpportunityId")
                if isinstance(number, int) and number not in seen:
                    others[number] = None
        for number in others:
            one = self.get(str(number))
            if one is not None:
                yield one

    def get(self, id: str) -> Seen | None:
        raw = self._client.deliveries.get(id)
        return None if raw is None else self._seen(raw, self._lines(id))

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find deliveries by the number of their order or invoice, exactly, among those updated since."""
        wanted, place = set(keys), self._layout.places["number"]
        found: dict[str, Seen] = {}
        for page in self._client.deliveries.updated(since - CLOCKS_APART):
            for raw in page:
                key = str(raw.get(place) or "").strip()
                if key in wanted and key not in found:
                    found[key] = self._seen(raw, self._lines(raw["DeliveryId"]))
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make deliveries one by one, without their rows: those follow as a step."""
        return [self._create(creation) for creation in creations]

    def _create(self, creation: Creation) -> Receipt | BryggaError:
        record = creation.record
        assert isinstance(record, Document)
        organisation = self._organisation(int(str(record.customer_ref or 0)))
        refused = document_streams.wrong_type(organisation, self._organisation_layout, self._settings, str(record.number or ""))
        if refused is not None:
            return Rejected(
                refused.sentence.template, repair=str(refused.repair or ""), rule=refused.rule, **refused.sentence.facts
            )
        holding = self.capability().holding()
        values = {name: holding.fit(name, value) for name, value in present(record) if name != "rows"}
        try:
            worth = sum_of(record.lines)
            value = {} if worth is None else {ORDER_VALUE: worth}
            shown = of_lock(document_streams.locking(self._settings.documents)(RIGHT, record, record))
            number = self._client.deliveries.create(delivery_fields(values, self._layout) | value | self.marks.fields(shown))
        except Rejected as error:
            return error
        self.marks.wrote(str(number), shown)
        # What was made has no rows yet: they are the step that follows.
        made = replace(record, rows=())
        return Receipt(Ref(streams.SYSTEM, self._kind, str(number)), Seen(Ref(streams.SYSTEM, self._kind, str(number)), made))

    def update(self, update: Update) -> Receipt:
        """Change the given fields of the head, or all rows. Raises Stale, and writes nothing, when it no longer holds `before`."""
        id = update.ref.id
        raw = self._client.deliveries.get(id)
        if raw is None:
            raise Stale("Delivery {id} is gone from webCRM. Nothing was written.", id=id)
        lines = self._lines(id)
        now = dict(present(self._document(raw, lines)))
        moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
        if moved:
            raise Stale(
                "Delivery {id} was changed in webCRM since the plan was made ({fields}). Nothing was written.",
                id=id,
                fields=", ".join(moved),
            )
        head = delivery_fields({name: value for name, value in update.after.items() if name != "rows"}, self._layout)
        if (shown := of_write(update.after)) is not None:
            head |= self.marks.fields(shown)
            self.marks.wrote(id, shown)
        if head:
            self._client.deliveries.replace(id, {**raw, **head})
        rows: Any = update.after.get("rows")
        if rows is not None:
            self._write_rows(raw, lines, rows)
            self._follow_value({**raw, **head}, lines, rows)
            return Receipt(update.ref, self.get(id))
        return Receipt(update.ref)

    def capability(self) -> Capability:
        layout = self._layout
        fields = frozenset({*layout.written, "rows", "customer_ref", "currency", "subject", "stage"})
        data = ", ".join(f"{name} {place}" for name, place in layout.data.items())
        return Capability(
            fields,
            layout.limits,
            row_fields=ROW_FIELDS - ({"description", "unit", "article_number"} - set(layout.data)),
            steps=("rows",),
            resumes=frozenset({"rows"}),
            places={
                **layout.places,
                "rows": f"QuotationLines ({data})",
                "customer_ref": "DeliveryOrganisationId",
                "currency": "DeliveryCurrencyName",
                "subject": "DeliveryDescription",
                "stage": "DeliveryStatus",
            },
            lacking=layout.missing,
        )

    # ------------------------------------------------------------------------------------------------ reading

    def _document(self, raw: Raw, lines: Sequence[Mapping[str, Any]]) -> Document:
        people = {name: self._name(place, int(raw.get(place) or 0)) for name, place in self._layout.people.items()}
        return document_from(raw, lines, self._layout, self._kind, people)

    def _name(self, place: str, number: int) -> str:
        """Return the name of a user or person by its number, "" for none; each is read once in a run."""
        if not number:
            return ""
        if place == PEOPLE["our_reference"]:
            return self._users.get(number, "")
        if number not in self._persons:
            self._persons[number] = full_name(self._client.persons.get(number) or {})
        return self._persons[number]

    @cached_property
    def _users(self) -> Mapping[int, str]:
        return {int(one["UserId"]): str(one.get("UserName") or "").strip() for page in self._client.users.all() for one in page}

    def _lines(self, id: object) -> list[Raw]:
        return [line for page in self._client.deliveries.quotation_lines(str(id)) for line in page]

    def _with_rows(self, page: Sequence[Raw]) -> Iterator[Seen]:
        """Yield a page of deliveries with their rows; many at once by a query over the range of their numbers."""
        if len(page) < MANY:
            for raw in page:
                yield self._seen(raw, self._lines(raw["DeliveryId"]))
            return
        numbers = sorted(int(raw["DeliveryId"]) for raw in page)
        lines: dict[int, list[Raw]] = {number: [] for number in numbers}
        script = (
            f"SELECT * FROM QuotationLine WHERE QuotationLineOpportunityId >= {numbers[0]} "  # noqa: S608
            f"AND QuotationLineOpportunityId <= {numbers[-1]} ORDER BY QuotationLineId"
        )
        for found in self._client.queries.run(script, f"{LINE}Id", PAGE):
            for line in found:
                if line.get(f"{LINE}OpportunityId") in lines:
                    lines[line[f"{LINE}OpportunityId"]].append(line)
        self._know_organisations(page)
        for raw in page:
            yield self._seen(raw, lines[int(raw["DeliveryId"])])

    def _know_organisations(self, page: Sequence[Raw]) -> None:
        """Read the organisations of many deliveries at once, all pages of the register, the first time they are needed."""
        missing = {int(raw.get("DeliveryOrganisationId") or 0) for raw in page} - set(self._organisations)
        if len(missing) < MANY:
            return
        for found in self._client.organisations.all():
            self._organisations.update({int(one["OrganisationId"]): one for one in found})

    def _organisation(self, number: int) -> Raw | None:
        if number not in self._organisations:
            self._organisations[number] = self._client.organisations.get(number) if number else None
        return self._organisations[number]

    def _seen(self, raw: Raw, lines: Sequence[Raw]) -> Seen:
        self.marks.see(raw)
        ref = Ref(streams.SYSTEM, self._kind, str(raw["DeliveryId"]))
        return read_alone(ref, Document(kind=self._kind), "", "webCRM", lambda: self._delivery(ref, raw, lines))

    def _delivery(self, ref: Ref, raw: Raw, lines: Sequence[Raw]) -> Seen:
        document = self._document(raw, lines)
        organisation = self._organisation(int(raw.get("DeliveryOrganisationId") or 0))
        name = customers.customer_from_organisation(organisation, self._organisation_layout).name if organisation else ""
        held = document_streams.standing_of_delivery(
            document, ref.id, str(name or ""), organisation, self._organisation_layout, self._settings
        )
        value = amount_in(raw, ORDER_VALUE)
        seen = Seen(
            ref,
            document,
            standing=held
            or self._unreadable_day(raw, ref.id)
            or self._discounted(raw, ref.id, str(name or ""))
            or document_streams.country_not_known(ref.id, str(name or ""), unknown_country(raw, self._layout)),
            remark=document_streams.other_value(document, ref.id, value) or document_streams.rates_of_articles(document),
        )
        return document_spelled(seen, "webCRM")

    def _discounted(self, raw: Raw, id: str, name: str) -> Any:
        """Hold a delivery whose discount is on the whole, where the installation uses such a one."""
        discount = amount_in(raw, "DeliveryDiscount")
        if not discount or read_setup(self._client).get(f"{SETUP}UseTotalDiscount") is not True:
            return None
        return document_streams.discount_on_the_whole(id, name, discount)

    def _unreadable_day(self, raw: Raw, id: str) -> Any:
        for name in sorted(DAYS & set(self._layout.places)):
            text = raw.get(self._layout.places[name])
            try:
                wire.day(text)
            except ValueError:
                return document_streams.unreadable_day(id, self._layout.places[name], str(text))
        return None

    # ------------------------------------------------------------------------------------------------ writing rows

    def _follow_value(self, delivery: Raw, lines: Sequence[Raw], rows: Sequence[Row]) -> None:
        """Let the order value follow the rows where it was what they came to; one that says something else is a person's."""
        before = sum_of(self._document(delivery, lines).lines)
        value, worth = amount_in(delivery, ORDER_VALUE), sum_of(rows)
        if value and worth is not None and round_ore(value) == before and worth != before:
            self._client.deliveries.replace(str(delivery["DeliveryId"]), {**delivery, ORDER_VALUE: worth})

    def _write_rows(self, delivery: Raw, lines: Sequence[Raw], wanted: Sequence[Row]) -> None:
        """Make the delivery's rows those that are wanted: changed ones are replaced, new ones made, surplus ones deleted.

        Each is a call of its own; a second try after a crash finds what is done and does the rest. A line that nobody changed is not
        sent. PUT takes the place of the whole line, so one that is changed goes back as it was read but for what differs.
        """
        there = in_order(lines)
        now = list(self._document(delivery, there).lines)
        partners = together(now, wanted)
        olds = [None if partner is None else there[partner] for partner in partners]
        for row, partner, old, order in zip(wanted, partners, olds, places_in_order(olds), strict=True):
            if partner is None or old is None:
                head = {f"{LINE}OpportunityId": int(delivery["DeliveryId"]), f"{LINE}SortOrder": order}
                self._client.quotation_lines.create(new_line(row, self._layout, self._used) | head)
                continue
            changes = line_changes(now[partner], row, self._layout)
            if order != int(old.get(f"{LINE}SortOrder") or 0):
                changes[f"{LINE}SortOrder"] = order
            if changes:
                # webCRM refuses an empty Data field that is in use, whoever left it so.
                kept = {f"{LINE}{name}": old.get(f"{LINE}{name}") or wire.EMPTY_DATA for name in self._used}
                self._client.quotation_lines.replace(old[f"{LINE}Id"], {**old, **kept, **changes})
        for place, line in enumerate(there):
            if place not in partners:
                try:
                    self._client.quotation_lines.delete(line[f"{LINE}Id"])
                except NotFound:
                    continue
