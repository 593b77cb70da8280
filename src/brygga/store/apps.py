"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The tables of the hub."""

    name = "brygga.store"
    label = "store"
    verbose_name = "Brygga"
    default_auto_field = "django.db.models.BigAutoField"
