"""Durable work on DBOS: what is due is queued, one run a company at a time, and what a dead worker left is taken over.

Nothing outside of this package imports DBOS. Others use:

    engine.request(...)   ask for a run of a stream; it is a row in the hub's own table, in the caller's transaction
    engine.nudge(run_id)  hand it to the queue now, not at the dispatcher's next turn
    engine.status()       workers, backlog and lag
    engine.migrate()      create or upgrade the engine's tables
"""

from brygga.engine.port import migrate, nudge
from brygga.engine.requests import request
from brygga.engine.status import Status, status

__all__ = ["Status", "migrate", "nudge", "request", "status"]
