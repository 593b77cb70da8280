"""The tables, split by subject."""

from brygga.store.models.company import (
    ApiToken,
    AuditEntry,
    Company,
    Connection,
    Integration,
    Membership,
    SettingsVersion,
    StreamState,
)
from brygga.store.models.events import EventOffset
from brygga.store.models.hooks import Hook, InboxEvent
from brygga.store.models.imports import ImportedPayment
from brygga.store.models.journal import HistoryEvent, JournalEntry
from brygga.store.models.machinery import Lease, PermitWindow, WorkerBeat
from brygga.store.models.notices import Alarm, Message, NoticeRules, NoticeTarget
from brygga.store.models.onboarding import Onboarding
from brygga.store.models.people import FailedAttempt, Invitation, Preference, SecondFactor
from brygga.store.models.proofs import Proof
from brygga.store.models.records import Cursor, LinkRow, Problem, TallyRow
from brygga.store.models.registers import RegisterCopy
from brygga.store.models.runs import DayCount, PlanRow, Run, RunItem

__all__ = [
    "Alarm",
    "ApiToken",
    "AuditEntry",
    "Company",
    "Connection",
    "Cursor",
    "DayCount",
    "EventOffset",
    "FailedAttempt",
    "HistoryEvent",
    "Hook",
    "ImportedPayment",
    "InboxEvent",
    "Integration",
    "Invitation",
    "JournalEntry",
    "Lease",
    "LinkRow",
    "Membership",
    "Message",
    "NoticeRules",
    "NoticeTarget",
    "Onboarding",
    "PermitWindow",
    "PlanRow",
    "Preference",
    "Problem",
    "Proof",
    "RegisterCopy",
    "Run",
    "RunItem",
    "SecondFactor",
    "SettingsVersion",
    "StreamState",
    "TallyRow",
    "WorkerBeat",
]
