"""Many systems behind one port, each below a path of its own, so that hundreds of companies need one server.

    rack = Rack({"acme": webcrm.Sandbox(), "fjord": webcrm.Sandbox()})
    with serve(rack):
        rack.address("acme")       # http://127.0.0.1:41233/acme

Each keeps its own state, clock, faults, calls seen and admin address; the real services tell their customers apart by their
tokens, which each of these does too.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from brygga_sandbox.server import Request, Response, System

Kind = TypeVar("Kind", bound=System)


class Rack(System, Generic[Kind]):
    """Systems by the first part of their path."""

    name = "rack"

    def __init__(self, systems: Mapping[str, Kind]) -> None:
        self.systems = dict(systems)
        super().__init__()

    def __getitem__(self, name: str) -> Kind:
        return self.systems[name]

    def address(self, name: str) -> str:
        """Return the base address of one of them."""
        return f"{self.base_url}/{name}"

    def addressed(self, request: Request) -> tuple[System, Request]:
        """Return the system that the path begins with, and the call without that beginning."""
        name, slash, rest = request.path[1:].partition("/")
        system = self.systems.get(name)
        if system is None:
            return self, request
        return system, replace(request, path=slash + rest or "/")

    def answer(self, request: Request) -> Response:
        """Refuse: nobody lives at this path."""
        return Response(404, b"404 page not found", {"content-type": "text/plain"})

    def close(self) -> None:
        """Let go of the files of all."""
        for system in self.systems.values():
            system.close()
