"""Whether a process may work on its database as it is."""

from __future__ import annotations

from brygga import config
from brygga.errors import SettingsError
from brygga.store.databases import missing_migrations


def ready_or_refuse() -> None:
    """Raise SettingsError when this process cannot work on its database as it is."""
    path = config.current().database.path
    if path is not None:
        config.refuse_network_file_system(path)
    missing = missing_migrations()
    if missing:
        raise SettingsError(
            "The database is not up to date ({count} migrations are missing).", count=len(missing), repair="Run: brygga migrate"
        )
