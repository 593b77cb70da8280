"""The shapes of bodies and answers, as JSON Schema: the components of the OpenAPI document."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def _object(about: str, required: tuple[str, ...] | None = None, **properties: Schema) -> Schema:
    """Return an object; all properties are required when *required* says nothing."""
    names = list(properties) if required is None else list(required)
    return {"type": "object", "description": about, "properties": properties, "required": names}


def _or_null(kind: str) -> Schema:
    return {"type": [kind, "null"]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def rows_of(name: str) -> Schema:
    """Return a list of a named shape."""
    return {"type": "array", "items": ref(name)}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES: Schema = {"type": "boolean"}
ANYTHING: Schema = {}
TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
COUNTS: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
FIELDS: Schema = {"type": "object", "additionalProperties": {"type": "array"}}
SIDE: Schema = {"enum": ["left", "right"]}

_SENTENCE = _object(
    "A sentence with its facts, so that it can be said in another language.", template=TEXT, facts=ANYTHING, text=TEXT
)
_ITEM = _object(
    "What is or was done with one record.",
    kind=TEXT,
    left=_or_null("string"),
    right=_or_null("string"),
    action=TEXT,
    side=_or_null("string"),
    fields=FIELDS,
    outcome=_or_null("string"),
    rule=_or_null("string"),
    message=_or_null("string"),
)
_POSTING = {
    "type": ["object", "null"],
    "description": "What Fortnox will post of it: lines with account (or the usual one, where Fortnox chooses), debit and credit.",
}
_PLANNED = _ITEM | {
    "description": "What would be done with one record; its mark names it when only some of the plan is approved.",
    "properties": {
        **_ITEM["properties"],
        "mark": TEXT,
        "about": _object(
            "Its name, its amount, and what Fortnox will post.",
            (),
            name=_or_null("string"),
            amount=_or_null("string"),
            currency=_or_null("string"),
            posting=_POSTING,
        ),
    },
}
_CANDIDATE = _object("A record that could be the one asked about, with what speaks for it.", ("id",), id=TEXT, name=TEXT)

_HALF = _object("One side.", count=NUMBER, amount=_or_null("string"))
_BOTH = _object("Both sides of a period.", left=_HALF, right=_HALF, measure=_or_null("string"), same=YES)

SCHEMAS: dict[str, Schema] = {
    "Problem": _object(
        "An error (RFC 9457), with what the person can do about it.",
        type=TEXT,
        title=TEXT,
        status=NUMBER,
        detail=TEXT,
        repair=_or_null("string"),
        rule=_or_null("string"),
        sentence=_SENTENCE,
    ),
    "Done": _object("What was done, as a sentence.", done=TEXT),
    "Company": _object(
        "A company and its connections.",
        company=TEXT,
        name=TEXT,
        connections={
            "type": "array",
            "items": _object(
                "One account in one system.",
                system=TEXT,
                base_url=TEXT,
                account_name=_or_null("string"),
                account_number=_or_null("string"),
                health={"enum": ["unknown", "ok", "away", "login", "licence"]},
                sentence={"anyOf": [_SENTENCE, {"type": "null"}]},
                checked=TIME,
            ),
        },
        integrations={"type": "array", "items": TEXT},
    ),
    "Stream": _object("A stream and its schedule.", address=TEXT, stream=TEXT, mode=TEXT, schedule=TEXT),
    "Integration": _object(
        "A system that is switched on for the company.", address=TEXT, system=TEXT, active=YES, streams=rows_of("Stream")
    ),
    "Settings": _object(
        "The settings of an integration, what each means, and its versions, the newest first.",
        address=TEXT,
        settings={
            "type": "array",
            "items": _object(
                "One setting.", key=TEXT, term=TEXT, help=TEXT, default=ANYTHING, allows=ANYTHING, chosen=ANYTHING, is_chosen=YES
            ),
        },
        versions={
            "type": "array",
            "items": _object("What was set from when on.", number=NUMBER, made_by=TEXT, made_at=TIME, settings=ANYTHING),
        },
    ),
    "Status": _object(
        "How a stream stands: every record is in exactly one of the counts.",
        address=TEXT,
        active=YES,
        linked=NUMBER,
        waiting_for_details=NUMBER,
        stopped=_or_null("string"),
        held=NUMBER,
        conflicts=NUMBER,
        failed=NUMBER,
        skipped=NUMBER,
        last_success=TIME,
        next=TIME,
        schedule=TEXT,
    ),
    "Overview": _object(
        "How a company stands. Amounts are texts with a point; `measure` says whether they are with VAT (total) or without (net).",
        company=TEXT,
        integrations={
            "type": "array",
            "items": _object(
                "One integration.",
                address=TEXT,
                system=TEXT,
                active=YES,
                in_step=NUMBER,
                waiting=NUMBER,
                to_choose=NUMBER,
                failed=NUMBER,
                skipped=NUMBER,
                last_success=TIME,
                never_run={"type": "array", "items": TEXT},
                next=TIME,
                streams={"type": "array", "items": TEXT},
                proofs={"type": "array", "items": _object("The newest of a stream.", stream=TEXT, made_at=TIME, verdict=TEXT)},
                amounts={
                    "type": "array",
                    "items": _object(
                        "One kind of record in one currency.",
                        kind=TEXT,
                        currency=TEXT,
                        yesterday=_BOTH,
                        month=_BOTH,
                        waiting=_object("What waits.", count=NUMBER, amount=_or_null("string")),
                    ),
                },
            ),
        },
        budgets={
            "type": "array",
            "items": _object(
                "The request budget of one connection; `limit` is null where the system says none.",
                ("system", "today", "limit"),
                system=TEXT,
                today=NUMBER,
                limit=_or_null("integer"),
                seconds={"type": "number"},
                used=NUMBER,
                share=NUMBER,
                closed_for=NUMBER,
            ),
        },
        days={"type": "array", "items": _object("One of the last 30 days.", date=TEXT, written=NUMBER, failed=NUMBER)},
    ),
    "Proof": _object(
        "Both sides of a stream compared. Sums are texts with a point, by currency; `measure` says whether they are with VAT (total) or "
        'without (net). What neither side tells a VAT rate or an account of stands under "".',
        ("address", "verdict", "linked", "counts", "differing", "gone", "unaccounted", "made_at"),
        address=TEXT,
        verdict={"enum": ["equal", "waiting", "differs"]},
        made_at=TIME,
        linked=NUMBER,
        counts={"type": "object"},
        differing={"type": "array"},
        gone={"type": "array"},
        unaccounted={"type": "array"},
        measure={"enum": ["total", "net"]},
        uncounted=NUMBER,
        undivided=NUMBER,
        sums={"type": "object"},
        days={"type": "array"},
        rates={"type": "array"},
        accounts={"type": "array"},
        requests=COUNTS,
    ),
    "Payment": _object("One payment of Fortnox that was read.", ("number", "state"), number=TEXT, state=TEXT),
    "AuditEntry": _object("What somebody did in the hub.", at=TIME, who=TEXT, what=TEXT, subject=TEXT, detail=ANYTHING),
    "Engine": _object(
        "Backlog and lag of the hub.",
        queued=NUMBER,
        delayed=NUMBER,
        running=NUMBER,
        due=NUMBER,
        lag_seconds={"type": "number"},
        workers_alive=NUMBER,
    ),
    "Run": _object(
        "A run in a line.",
        run=TEXT,
        address=TEXT,
        trigger=TEXT,
        status=TEXT,
        step=TEXT,
        counts=COUNTS,
        requests=COUNTS,
        started=TIME,
        ended=TIME,
        message=_or_null("string"),
    ),
    "RunResult": _object(
        "A run with what became of each record.",
        address=TEXT,
        run=TEXT,
        status=TEXT,
        counts=COUNTS,
        requests=COUNTS,
        items={"type": "array", "items": _ITEM},
        message=_or_null("string"),
    ),
    "Plan": _object(
        "What a run would do. `brake` says why the safety brake would stop it.",
        plan=TEXT,
        address=TEXT,
        state={"enum": ["shown", "approved", "applied", "stale"]},
        made_by=TEXT,
        counts=COUNTS,
        known=ANYTHING,
        items={"type": "array", "items": _PLANNED},
        chosen={"type": ["array", "null"], "items": TEXT, "description": "The marks that were approved; null for all."},
        changed={"type": ["array", "null"], "items": ANYTHING, "description": "What had changed since, a record each."},
        digest=TEXT,
        requests=COUNTS,
        brake=_or_null("string"),
    ),
    "Duplicates": _object(
        "Records of one register that share a number (sure), or an e-mail address or a name with its postcode (likely).",
        address=TEXT,
        system=TEXT,
        by=TEXT,
        sure=YES,
        records={"type": "array", "items": ANYTHING},
    ),
    "Mapping": _object(
        "A line a field: what it is called on both sides, which way it goes, a linked record's values, and what to watch.",
        stream=TEXT,
        kind=TEXT,
        sample=ANYTHING,
        fields={"type": "array", "items": ANYTHING},
        links=ANYTHING,
    ),
    "Repair": _object(
        "What a repair sends: field -> what is there, what shall be.", system=TEXT, kind=TEXT, id=TEXT, changes=FIELDS, asked=YES
    ),
    "OpenProblem": _object(
        "One record that is not in step.",
        id=NUMBER,
        address=TEXT,
        sort={"enum": ["hold", "skip", "conflict", "question", "failed"]},
        record=TEXT,
        left=_or_null("string"),
        right=_or_null("string"),
        cause=TEXT,
        text=TEXT,
        repair=_or_null("string"),
        rule=_or_null("string"),
        since=TIME,
        amount=_or_null("string"),
        currency=_or_null("string"),
        repairs={"type": "array", "items": ANYTHING, "description": "What the hub can do about it: name, label, fields."},
        refused=_or_null("string"),
        differences={"type": "array", "items": TEXT, "description": "What the document in Fortnox says otherwise than its source."},
        answered=YES,
        fields=FIELDS,
        values=ANYTHING,
        candidates={"type": "array", "items": _CANDIDATE},
        twins={"type": "array", "items": _CANDIDATE},
    ),
    "Link": _object("Two records that are the same.", address=TEXT, left=TEXT, right=TEXT, name=ANYTHING, thin=YES, shared=YES),
    "Event": _object(
        "Something that happened to a record: a write with what came of it, a problem found, a person's answer, a problem solved.",
        ("at", "event", "system", "kind", "left", "right"),
        at=TIME,
        event={"enum": ["write", "found", "answered", "solved"]},
        system=TEXT,
        kind=TEXT,
        left=TEXT,
        right=TEXT,
        action=TEXT,
        side=TEXT,
        state=TEXT,
        fields=FIELDS,
        ended=_or_null("string"),
        answer=ANYTHING,
        run=TEXT,
        sort=TEXT,
        text=TEXT,
        sentence=_SENTENCE,
        repair=ANYTHING,
        rule=_or_null("string"),
        problem=NUMBER,
        who=TEXT,
        choice=ANYTHING,
    ),
    "Finding": _object(
        "One row of the preflight.",
        ("connection", "level", "subject", "text", "repair"),
        connection=TEXT,
        level={"enum": ["ok", "warning", "error"]},
        subject=TEXT,
        text=TEXT,
        repair=_or_null("string"),
        sentence=_SENTENCE,
        advice=ANYTHING,
        offer=ANYTHING,
        exit_status=NUMBER,
    ),
    "SyncBody": _object(
        "Which streams, and which of their records.",
        (),
        address=TEXT | {"description": "acme, acme/webcrm or acme/webcrm.customers; default the token's company."},
        only={"type": "array", "items": TEXT, "description": "Only these records, as SYSTEM:ID."},
        plan=TEXT | {"description": "Apply exactly this plan; the address then names its stream."},
    ),
    "PlanBody": _object("Which streams.", (), address=TEXT),
    "ApprovalBody": _object(
        "What of the plan is approved: what fits all that is given; nothing given is all of it.",
        (),
        items={"type": "array", "items": TEXT, "description": "The marks of the items."},
        actions={"type": "array", "items": {"enum": ["create", "update", "link", "unlink"]}},
        side=SIDE,
        below=TEXT | {"description": "Only what is less than this amount in kronor."},
        only={"type": "array", "items": TEXT, "description": "Only these records, as SYSTEM:ID."},
    ),
    "RetryBody": _object("Whether all of the same cause are tried again.", (), all_alike=YES),
    "RepairBody": _object(
        "Which repair of the problem, and what its fields shall be.",
        ("do",),
        do={"enum": ["make", "edit"]},
        values={"type": "object", "additionalProperties": TEXT},
        dry_run=YES | {"description": "Only say what would be sent."},
    ),
    "SkipBody": _object("Why the record is left out.", ("reason",), reason=TEXT, all_alike=YES),
    "ReadPaymentsBody": _object("By which definition.", (), definition=TEXT),
    "SavePaymentsBody": _object(
        "Which of them; all when none is named.", (), definition=TEXT, numbers={"type": "array", "items": TEXT}
    ),
    "AnswerBody": _object(
        "One of the three.",
        (),
        link=TEXT | {"description": "It is the record of the other system with this id."},
        create=YES | {"description": "It is none of them: make it anew."},
        take={"type": "object", "additionalProperties": SIDE, "description": "Field -> side, or all -> side, for a conflict."},
    ),
    "LinkBody": _object("One stream, and the two ids.", address=TEXT, left=TEXT, right=TEXT),
}
for _name in SCHEMAS:
    if _name.endswith("Body"):
        SCHEMAS[_name]["additionalProperties"] = False
