"""The addresses of the API, made from the table of its operations."""

from __future__ import annotations

import re

from django.urls import path

from brygga.api.operations import by_path
from brygga.api.views import nowhere, openapi, page, view


def _as_django(text: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: f"<{'path' if found[1] == 'id' else 'str'}:{found[1]}>", text)


urlpatterns = [
    path("", page, name="api"),
    path("docs", page),
    path("openapi.json", openapi, name="openapi"),
    *(path(_as_django(text), view(methods)) for text, methods in by_path().items()),
    path("<path:rest>", nowhere),
]
