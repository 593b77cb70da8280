"""What a request says, once its token is known to be good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from brygga.api.problem import Malformed, Missing
from brygga.errors import SettingsError
from brygga.store.models import ApiToken, Company, Integration
from brygga.sync.address import Target, switched_on, targets

PER_PAGE = 100
MOST_PER_PAGE = 500


@dataclass(frozen=True)
class Call:
    """One request: whose token it carries, the parts of its address, its query and its body."""

    token: ApiToken
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def company(self) -> Company:
        """The one company that the token is for."""
        return self.token.company

    @property
    def who(self) -> str:
        """Who asks, for the audit log."""
        return f"{self.token.name} (token)"

    def address(self, given: str | None = None) -> str:
        """Return the address that the call names, its company's when it names none.

        Raises Missing for an address of another company, the same as for one that does not exist.
        """
        address = given if given is not None else self.query.get("address", "")
        if not address or address == self.company.slug:
            return self.company.slug
        if not address.startswith(f"{self.company.slug}/"):
            raise Missing(
                "There is nothing at {address}.",
                repair="The token is for {company} only.",
                address=address,
                company=self.company.slug,
            )
        return address

    def targets(self, given: str | None = None, *, only_on: bool = False) -> list[Target]:
        """Return the streams that the call names, or of them those that are on; none for a company that has no integration yet."""
        address = self.address(given)
        if address == self.company.slug and not Integration.objects.filter(company=self.company).exists():
            return []
        try:
            return switched_on(address) if only_on else targets(address)
        except SettingsError as error:
            raise Missing.like(error) from error

    def one_stream(self) -> Target:
        """Return the one stream that the call names in its query or its body. Raises Malformed when it names several or none."""
        given = str(self.body.get("address") or self.query.get("address") or "")
        found = self.targets(given)
        if len(found) != 1 or str(found[0]) != given:
            raise Malformed(
                "{given} is not the address of one stream.",
                repair="Write it as {company}/SYSTEM.STREAM.",
                given=given or "Nothing",
                company=self.company.slug,
            )
        return found[0]

    def text(self, name: str, most: int = 100) -> str:
        """Return a text of the body or the query. Raises Malformed when it is missing, not a text, or longer than *most*."""
        value = self.body.get(name, self.query.get(name))
        if not isinstance(value, str) or not value.strip():
            raise Malformed("{name} is missing.", repair="Give it as a text.", name=name)
        if len(value.strip()) > most:
            raise Malformed("{name} is longer than {most} signs.", name=name, most=most)
        return value.strip()

    def number(self, name: str) -> int:
        """Return a number of the address. Raises Missing for what is no number."""
        value = self.path[name]
        if not value.isascii() or not value.isdigit() or len(value) > 18:
            raise Missing("There is no {name} {value}.", name=name, value=value)
        return int(value)

    def window(self) -> tuple[int, int]:
        """Return (first, how many) of the rows that the call asks for: pages begin at 1. Raises Malformed."""
        page, size = self._counted("page", 1, 1_000_000), self._counted("per_page", PER_PAGE, MOST_PER_PAGE)
        return (page - 1) * size, size

    def _counted(self, name: str, default: int, most: int) -> int:
        value = self.query.get(name, "")
        if not value:
            return default
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= most:
            raise Malformed("{name} is {value}.", repair="Give a number from 1 to {most}.", name=name, value=value, most=most)
        return int(value)


@dataclass(frozen=True)
class Page:
    """One page of rows, and how many there are in all."""

    rows: Sequence[Mapping[str, Any]]
    total: int


@dataclass(frozen=True)
class Accepted:
    """What a worker will do: the answer now, and the address where its outcome will stand."""

    body: Any
    location: str | None = None
