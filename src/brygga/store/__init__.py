"""What the hub remembers: a Django app on SQLite or PostgreSQL. Every query stays within one company."""

from __future__ import annotations

import gc
import os


def setup() -> None:
    """Make Django ready in this process. Call it once before anything of `store` is imported; again does nothing."""
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brygga.web.settings")
    if not apps.ready:
        django.setup()
    # Records come by the hundred thousand and hold no cycles: to look for some as often as Python does took a sixth of a run's time.
    gc.set_threshold(100_000, 50, 100)


def migrate() -> list[str]:
    """Create or upgrade the hub's tables; return the names of the migrations that were run. Safe to run twice at once.

    Raises SettingsError when the data directory is unfit, Unavailable when the database cannot be reached.
    """
    setup()
    from brygga.store.databases import upgrade

    return upgrade()
