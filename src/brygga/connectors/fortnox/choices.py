"""What the settings form offers of Fortnox: accounts, price lists, ways of being paid, and articles by a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from brygga.clients.fortnox import Fortnox
from brygga.connectors.settings import Choice

MOST: Final = 30
"""Articles of one answer."""


def articles(client: Fortnox, text: str) -> Iterator[Choice]:
    """Yield the active articles whose number or name contains the text, those by number first; at most MOST of each."""
    if not text.strip():
        return
    seen: set[str] = set()
    for search in ({"articlenumber": text.strip()}, {"description": text.strip()}):
        for row in client.articles.page(1, MOST, filter="active", **search).rows:
            number = str(row.get("ArticleNumber") or "")
            if number not in seen:
                seen.add(number)
                yield Choice(number, str(row.get("Description") or ""))


def _accounts(client: Fortnox) -> Iterator[Choice]:
    for row in client.accounts.list():
        if row.get("Active") is not False:
            yield Choice(str(row.get("Number")), str(row.get("Description") or ""))


def _codes(rows: Iterable[Mapping[str, object]]) -> Iterator[Choice]:
    for row in rows:
        yield Choice(str(row.get("Code") or ""), str(row.get("Description") or ""))


REGISTERS: Final[Mapping[str, Callable[[Fortnox], Iterable[Choice]]]] = {
    "accounts": _accounts,
    "price_lists": lambda client: _codes(client.price_lists.list()),
    "modes_of_payments": lambda client: _codes(client.modes_of_payments.list()),
}
