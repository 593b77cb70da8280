"""From HTTP and back: the token, the role, the body, the answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from brygga import config
from brygga.api.call import Accepted, Call, Page
from brygga.api.openapi import document, names_in
from brygga.api.operations import OPERATIONS, Operation
from brygga.api.problem import Malformed, Missing, Refused, problem
from brygga.api.schemas import SCHEMAS
from brygga.errors import BryggaError, Unavailable
from brygga.store import api_tokens, attempts
from brygga.store.models import ApiToken
from brygga.store.roles import at_least

_log = logging.getLogger(__name__)


def view(methods: Mapping[str, Operation]) -> Callable[..., HttpResponse]:
    """Return the view of one address. The token in the header is all it looks at: no cookie, so no other site can use it."""

    @csrf_exempt
    def answer(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            response = _answered(request, methods, path)
        except BryggaError as error:
            response = problem(error)
        except DatabaseError:
            # Without the database's own words: they may name what is not the caller's.
            _log.warning("the database went away", exc_info=True)
            response = problem(
                Unavailable("The database of the hub cannot be reached.", repair="Try again later.", retry_after=5.0)
            )
        except Exception:
            # A fault in the program: the log says where, the caller that it was not theirs.
            _log.exception("%s %s failed", request.method, request.path)
            response = problem(Refused(500, "The program failed. The log of the hub says where."))
        response.headers["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Authorization"])
        return response

    return answer


@csrf_exempt
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer for an address that the API does not have."""
    return problem(Missing("There is nothing at /api/v1/{rest}.", repair="/api/v1/docs lists the addresses.", rest=rest))


def _answered(request: HttpRequest, methods: Mapping[str, Operation], path: Mapping[str, str]) -> HttpResponse:
    token = _token(request)
    method = "GET" if request.method == "HEAD" else request.method or ""
    operation = methods.get(method)
    if operation is None:
        allowed = ", ".join(methods)
        raise Refused(
            405,
            "{method} is not possible here.",
            repair="Use {allowed}.",
            headers={"Allow": allowed},
            method=method,
            allowed=allowed,
        )
    if not at_least(token.role, operation.role):
        raise Refused(
            403,
            "The token has the role {held}; this needs {needed}.",
            repair="Use a token with more rights.",
            held=token.role,
            needed=operation.role,
        )
    query = {name: str(value) for name, value in request.GET.items()}
    body = _body(request) if method not in ("GET", "DELETE") else {}
    _only_known(query, [name for name, _ in operation.query])
    _only_known(body, SCHEMAS[operation.body]["properties"] if operation.body else ())
    call = Call(token, path, query, body)
    return _response(request, call, operation, operation.act(call))


def _token(request: HttpRequest) -> ApiToken:
    """Return the token of the request. Raises Refused: 401 without a good one, 429 after many bad ones from one address."""
    sort, _, key = request.headers.get("authorization", "").partition(" ")
    asks = config.who_asks(str(request.META.get("REMOTE_ADDR", "")), request.headers.get("x-forwarded-for", ""))
    where = ("token", asks)
    found = api_tokens.find(key.strip()) if sort.lower() == "bearer" and key.strip() else None
    if found is not None:
        return found
    if not key.strip():
        raise Refused(
            401,
            "A token is wanted.",
            repair="Send Authorization: Bearer KEY.",
            headers={"WWW-Authenticate": 'Bearer realm="Brygga"'},
        )
    if seconds := attempts.shut_for(where):
        raise Refused(
            429,
            "Too many wrong tokens came from this address.",
            repair="Wait {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
            seconds=seconds,
        )
    attempts.failed(where)
    raise Refused(
        401,
        "The token is not known.",
        repair="It may have been revoked; make a new one on the company's page.",
        headers={"WWW-Authenticate": 'Bearer realm="Brygga", error="invalid_token"'},
    )


def _only_known(given: Iterable[str], known: Iterable[str]) -> None:
    """Raise Malformed for a name that the operation does not know: what is misspelt must not be taken for left out."""
    names = list(known)
    for name in given:
        if name not in names:
            raise Malformed("{name} is not known here.", repair="Known are: {known}.", name=name, known=", ".join(names) or "none")


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        raw = request.body
    except RawPostDataException as error:
        raise Malformed("The body could not be read.") from error
    if not raw.strip():
        return {}
    if request.content_type != "application/json":
        raise Refused(415, "The body is {kind}.", repair="Send application/json.", kind=request.content_type or "of no kind")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.", repair="Send one JSON object.") from None
    if not isinstance(found, dict):
        raise Malformed("The body is not a JSON object.", repair="Send one JSON object.")
    if _holds_nul(found):
        raise Malformed("There is a NUL in the body.", repair="Leave it out: no text of ours holds one.")
    return found


def _holds_nul(value: object) -> bool:
    """Say whether a text anywhere in a body holds a NUL, which PostgreSQL does not keep."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_holds_nul(one) for one in value)


def _response(request: HttpRequest, call: Call, operation: Operation, given: Any) -> HttpResponse:
    body = given.rows if isinstance(given, Page) else given.body if isinstance(given, Accepted) else given
    # As the commands print it.
    text = json.dumps(body, ensure_ascii=False, default=str)
    response = HttpResponse(text, status=202 if operation.accepted else 200, content_type="application/json; charset=utf-8")
    if isinstance(given, Accepted) and given.location:
        response.headers["Location"] = f"{config.current().url}/api/v1/{given.location}"
    if isinstance(given, Page) and operation.paged:
        response.headers["X-Total-Count"] = str(given.total)
        if links := _links(request, call, given.total):
            response.headers["Link"] = links
    return response


def _links(request: HttpRequest, call: Call, total: int) -> str:
    first, size = call.window()
    page = first // size + 1
    pages = {"prev": page - 1} if page > 1 else {}
    if first + size < total:
        pages["next"] = page + 1
    query = request.GET.copy()
    found = []
    for rel, number in pages.items():
        query["page"] = str(number)
        found.append(f'<{config.current().url}{request.path}?{query.urlencode()}>; rel="{rel}"')
    return ", ".join(found)


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer with the OpenAPI document. It says nothing of any company, so it needs no token."""
    text = json.dumps(document(config.current().url), ensure_ascii=False, indent=1)
    return HttpResponse(text, content_type="application/vnd.oai.openapi+json;version=3.1; charset=utf-8")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the addresses to people, without a script and without a request to anybody."""
    base = f"{config.current().url}/api/v1"
    rows = [{"operation": one, "names": names_in(one.path), "example": _example(base, one)} for one in OPERATIONS]
    return render(request, "brygga/api.html", {"rows": rows, "base": base})


def _example(base: str, operation: Operation) -> str:
    path = operation.path.format(system="webcrm", run="01J9Z", plan="01J9Z", problem="17", id="8812")
    url = f"{base}/{path}"
    if operation.method == "DELETE":
        url = f'"{url}?address=acme/webcrm.customers&left=8812&right=1042"'
    parts = ["curl", "-H", '"Authorization: Bearer $BRYGGA_TOKEN"']
    if operation.method != "GET":
        parts += ["-X", operation.method]
    if operation.body:
        parts += ["--json", f"'{_BODIES[operation.body]}'"]
    return " ".join([*parts, url])


_BODIES = {
    "SyncBody": '{"address": "acme/webcrm.customers"}',
    "PlanBody": '{"address": "acme/webcrm.customers"}',
    "ApprovalBody": '{"actions": ["update"]}',
    "RetryBody": "{}",
    "RepairBody": '{"do": "make", "values": {"name": "Mugg"}}',
    "ReadPaymentsBody": '{"definition": "Fortnox"}',
    "SavePaymentsBody": '{"numbers": ["17", "18"]}',
    "SkipBody": '{"reason": "..."}',
    "AnswerBody": '{"link": "1042"}',
    "LinkBody": '{"address": "acme/webcrm.customers", "left": "8812", "right": "1042"}',
}
