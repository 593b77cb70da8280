"""The addresses of the hub."""

from __future__ import annotations

from django.urls import path

from brygga.web.health import health

urlpatterns = [
    path("health", health),
]
