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
from brygga.store.models.journal import HistoryEvent, JournalEntry
from brygga.store.models.machinery import Lease, PermitWindow, WorkerBeat
from brygga.store.models.records import Cursor, LinkRow, Problem
from brygga.store.models.runs import PlanRow, Run, RunItem

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Company",
    "Connection",
    "Cursor",
    "HistoryEvent",
    "Integration",
    "JournalEntry",
    "Lease",
    "LinkRow",
    "Membership",
    "PermitWindow",
    "PlanRow",
    "Problem",
    "Run",
    "RunItem",
    "SettingsVersion",
    "StreamState",
    "WorkerBeat",
]
