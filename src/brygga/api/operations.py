"""The table of all addresses of the API: what each takes, what role it needs, what it gives.

Addresses, checks of roles and the OpenAPI document are made from it, so that none of them can say something else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brygga.api import act, look
from brygga.api.call import Call
from brygga.store.models import Membership

VIEWER, BOOKKEEPER = Membership.Role.VIEWER, Membership.Role.BOOKKEEPER


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    path     below /api/v1/, with {names}; `id` may hold slashes
    role     the lowest that may do it
    command  the command that gives the same JSON
    answer   the name of the shape; `many` for a list of it, `paged` when the list comes in pages
    query    name -> what it means
    body     the name of the shape of the body
    """

    method: str
    path: str
    name: str
    act: Callable[[Call], Any]
    about: str
    answer: str
    role: str = VIEWER
    command: str = ""
    many: bool = False
    paged: bool = False
    query: tuple[tuple[str, str], ...] = ()
    body: str = ""
    accepted: bool = False


_ADDRESS = ("address", "Which streams: acme, acme/webcrm or acme/webcrm.customers; default all of the token's company.")
_PAGING = (
    ("page", "The page, from 1."),
    ("per_page", "How many rows a page has."),
)
_ENDS = (
    ("address", "The stream: acme/webcrm.customers."),
    ("left", "The id in the business system."),
    ("right", "The number in Fortnox."),
)


def _list(
    path: str, name: str, do: Callable[[Call], Any], about: str, answer: str, command: str, *query: tuple[str, str]
) -> Operation:
    return Operation("GET", path, name, do, about, answer, command=command, many=True, paged=True, query=(*query, *_PAGING))


OPERATIONS: tuple[Operation, ...] = (
    _list("companies", "companies", look.companies, "The company that the token is for, with its connections.", "Company", ""),
    _list(
        "integrations",
        "integrations",
        look.integrations,
        "The systems that are switched on, with their streams.",
        "Integration",
        "",
    ),
    Operation(
        "GET",
        "integrations/{system}/settings",
        "settings",
        look.settings,
        "The settings of an integration, with their versions.",
        "Settings",
    ),
    Operation(
        "GET",
        "mapping",
        "mapping",
        look.mapping,
        "The mapping of a stream, with a linked record's values read now.",
        "Mapping",
        command="brygga mapping",
        query=(("address", "The stream: acme/webcrm.customers."), ("record", "The id of the record in the business system.")),
    ),
    _list("streams", "streams", look.streams, "The streams and their schedules.", "Stream", "", _ADDRESS),
    _list("status", "status", look.status, "How each stream stands.", "Status", "brygga status", _ADDRESS),
    Operation(
        "GET",
        "overview",
        "overview",
        look.overview,
        "How the company stands: records, times and amounts of each integration, request budgets, the last 30 days.",
        "Overview",
    ),
    Operation("GET", "engine", "engine", look.engine_status, "How much work waits.", "Engine"),
    Operation("POST", "check", "check", act.check, "Try every connection now.", "Finding", BOOKKEEPER, "brygga check", many=True),
    _list("runs", "runs", look.runs, "The runs, the newest first.", "Run", "brygga runs", _ADDRESS),
    Operation("GET", "runs/{run}", "run", look.run, "One run with its records.", "RunResult", command="brygga show"),
    Operation(
        "POST",
        "sync",
        "sync",
        act.sync,
        "Ask for runs; a worker carries them out.",
        "Run",
        BOOKKEEPER,
        "brygga sync",
        many=True,
        body="SyncBody",
        accepted=True,
    ),
    Operation(
        "POST",
        "plan",
        "make_plan",
        act.plan,
        "Ask for plans; nothing is written to any system.",
        "Run",
        BOOKKEEPER,
        "brygga plan --save",
        many=True,
        body="PlanBody",
        accepted=True,
    ),
    Operation("GET", "plans/{plan}", "plan", look.plan, "One plan: what a run would do.", "Plan", command="brygga plan"),
    Operation(
        "POST",
        "plans/{plan}/apply",
        "apply_plan",
        act.apply_plan,
        "Approve a plan, or some of it, and apply exactly that.",
        "Run",
        BOOKKEEPER,
        "brygga sync --plan",
        many=True,
        body="ApprovalBody",
        accepted=True,
    ),
    Operation(
        "POST",
        "reconcile",
        "reconcile",
        act.reconcile,
        "Ask for reconciliations: both sides are read and compared; the outcome stands under proofs.",
        "Run",
        BOOKKEEPER,
        "brygga reconcile",
        many=True,
        body="PlanBody",
        accepted=True,
    ),
    _list(
        "proofs",
        "proofs",
        look.proofs,
        "The newest reconciliation of each stream: counts and sums on both sides, and what differs.",
        "Proof",
        "brygga reconcile",
        _ADDRESS,
    ),
    _list("payments", "payments", look.payments, "The payments that were read.", "Payment", "brygga payments ADDRESS list"),
    Operation(
        "POST",
        "payments/read",
        "read_payments",
        act.read_payments,
        "Read and judge payments; nothing is registered.",
        "Run",
        BOOKKEEPER,
        "brygga payments ADDRESS read",
        many=True,
        body="ReadPaymentsBody",
        accepted=True,
    ),
    Operation(
        "POST",
        "payments/save",
        "save_payments",
        act.save_payments,
        "Register the payments that wait.",
        "Run",
        BOOKKEEPER,
        "brygga payments ADDRESS save",
        many=True,
        body="SavePaymentsBody",
        accepted=True,
    ),
    _list(
        "audit",
        "audit",
        look.audit,
        "What people and programs did in the hub, the newest first.",
        "AuditEntry",
        "brygga export audit",
    ),
    _list(
        "problems",
        "problems",
        look.problems,
        "What is not in step, the oldest first.",
        "OpenProblem",
        "brygga problems",
        _ADDRESS,
        ("sort", "One sort of hold, skip, conflict, question and failed; default all but skip."),
    ),
    Operation("GET", "problems/{problem}", "problem", look.problem, "One problem.", "OpenProblem"),
    Operation(
        "POST",
        "problems/{problem}/retry",
        "retry",
        act.retry,
        "Try the record again at the next run.",
        "Done",
        BOOKKEEPER,
        "brygga retry",
        body="RetryBody",
    ),
    Operation(
        "POST",
        "problems/{problem}/repair",
        "repair",
        act.repair,
        "Make what is missing in Fortnox, or correct the record where it is; the next run does it.",
        "Repair",
        BOOKKEEPER,
        "brygga repair",
        body="RepairBody",
    ),
    Operation(
        "POST",
        "problems/{problem}/skip",
        "skip",
        act.skip,
        "Leave the record out, with the reason.",
        "Done",
        BOOKKEEPER,
        "brygga skip",
        body="SkipBody",
    ),
    Operation(
        "POST",
        "problems/{problem}/answer",
        "answer",
        act.answer,
        "Answer a question of identity or a conflict.",
        "Done",
        BOOKKEEPER,
        "brygga resolve",
        body="AnswerBody",
    ),
    _list("conflicts", "conflicts", look.conflicts, "What needs a person's choice.", "OpenProblem", "brygga conflicts", _ADDRESS),
    _list(
        "duplicates",
        "duplicates",
        look.duplicates,
        "Records of one register that look like the same, the surest first.",
        "Duplicates",
        "brygga duplicates",
        _ADDRESS,
    ),
    _list("links", "links", look.links, "Which records are the same.", "Link", "brygga links", _ADDRESS),
    Operation(
        "POST", "links", "link", act.link, "Say that two records are the same.", "Done", BOOKKEEPER, "brygga link", body="LinkBody"
    ),
    Operation(
        "DELETE",
        "links",
        "unlink",
        act.unlink,
        "Say that two records are not the same.",
        "Done",
        BOOKKEEPER,
        "brygga unlink",
        query=_ENDS,
    ),
    _list(
        "history/{system}/{id}",
        "history",
        look.history,
        "Everything that was sent, found wrong and chosen for one record, the oldest first.",
        "Event",
        "brygga show COMPANY/SYSTEM:ID",
        ("kind", "Only records of this kind: customer, article, order, invoice and so on."),
    ),
)


def by_path() -> dict[str, dict[str, Operation]]:
    """Return path -> method -> operation."""
    found: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path, {})[operation.method] = operation
    return found
