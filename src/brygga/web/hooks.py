"""Where systems POST their events. No sign-in: the address bears a secret. A wrong one is answered like a page that is not there."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from brygga import engine
from brygga.sync import hooks


@csrf_exempt
@require_POST
def hook(request: HttpRequest, slug: str, system: str, secret: str, rest: str = "") -> HttpResponse:
    """Take in one event and wake the streams that it concerns, or answer a question. Answers at once; the work is a worker's."""
    integration = hooks.known(slug, system, secret)
    if integration is None:
        raise Http404
    if int(request.headers.get("content-length") or 0) > hooks.LARGEST:
        return HttpResponse(status=413)
    try:
        body: Any = json.loads(request.body or b"{}", parse_float=Decimal)
    except ValueError:
        return HttpResponse(status=400)
    if not isinstance(body, dict):
        return HttpResponse(status=400)
    asked, refusal = hooks.answer(integration, rest, body)
    if asked:
        return JsonResponse({} if refusal is None else {"error": _said(refusal)})
    for stream in hooks.receive(integration, rest, body):
        run = engine.request(integration, stream, sides=("left",), trigger="event")
        engine.nudge(run.pk)
    return HttpResponse(status=200)


def _said(refusal: hooks.Refusal) -> str:
    """Say why something is not saved to the person who reads it in the other system, whose language is not told: in the hub's own."""
    with override(settings.LANGUAGE_CODE):
        fields = ", ".join(gettext(name) for name in refusal.fields)
        parts = (refusal.sentence, refusal.repair)
        return " ".join(gettext(part.template).format_map({**part.facts, "fields": fields}) for part in parts)
