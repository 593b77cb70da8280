"""The OpenAPI 3.1 document of the API, made from the table of its addresses."""

from __future__ import annotations

import re
from typing import Any

from brygga.api.call import MOST_PER_PAGE, PER_PAGE
from brygga.api.operations import OPERATIONS, Operation
from brygga.api.schemas import SCHEMAS, ref, rows_of

_QUERY: dict[str, dict[str, Any]] = {
    "page": {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1},
    "per_page": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
}


def document(server: str) -> dict[str, Any]:
    """Return the document; *server* is the address of the hub."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/{operation.path}", {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Brygga",
            "version": "1",
            "description": "The commands of Brygga for programs. A token has a role in one company and sees no other.",
        },
        "servers": [{"url": f"{server}/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Made on the company's page."}},
            "schemas": SCHEMAS,
        },
    }


def names_in(path: str) -> list[str]:
    """Return the names in braces of a path."""
    return re.findall(r"\{(\w+)\}", path)


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "description": f"Needs the role {operation.role}."
        + (f" Gives what `{operation.command} --json` prints." if operation.command else ""),
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if name == "problem" else "string"}}
                for name in names_in(operation.path)
            ),
            *(
                {
                    "name": name,
                    "in": "query",
                    "required": operation.method == "DELETE",
                    "description": about,
                    "schema": _QUERY.get(name, {"type": "string"}),
                }
                for name, about in operation.query
            ),
        ],
        "responses": {
            "202" if operation.accepted else "200": _answer(operation),
            "default": {
                "description": "What went wrong and what to do about it.",
                "content": {"application/problem+json": {"schema": ref("Problem")}},
            },
        },
    }
    if operation.body:
        content = {"application/json": {"schema": ref(operation.body)}}
        said["requestBody"] = {"required": bool(SCHEMAS[operation.body]["required"]), "content": content}
    return said


def _answer(operation: Operation) -> dict[str, Any]:
    shape = rows_of(operation.answer) if operation.many else ref(operation.answer)
    answer: dict[str, Any] = {"description": operation.about, "content": {"application/json": {"schema": shape}}}
    if operation.paged:
        answer["headers"] = {
            "X-Total-Count": {"description": "How many rows there are on all pages.", "schema": {"type": "integer"}},
            "Link": {"description": "The addresses of the pages before and after (RFC 8288).", "schema": {"type": "string"}},
        }
    return answer
