"""Where systems POST their events. No sign-in: the address bears a secret. A wrong one is answered like a page that is not there."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from brygga import engine
from brygga.sync import hooks


@csrf_exempt
@require_POST
def hook(request: HttpRequest, slug: str, system: str, secret: str, rest: str = "") -> HttpResponse:
    """Take in one event and wake the streams that it concerns. Answers at once; the work is a worker's."""
    integration = hooks.known(slug, system, secret)
    if integration is None:
        raise Http404
    if int(request.headers.get("content-length") or 0) > hooks.LARGEST:
        return HttpResponse(status=413)
    try:
        body: Any = json.loads(request.body or b"{}")
    except ValueError:
        return HttpResponse(status=400)
    if not isinstance(body, dict):
        return HttpResponse(status=400)
    for stream in hooks.receive(integration, rest, body):
        run = engine.request(integration, stream, sides=("left",), trigger="event")
        engine.nudge(run.pk)
    return HttpResponse(status=200)
