"""No secret and no personal number reaches a log line."""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import httpx2
import pytest
from django.conf import settings

from brygga.clients.textalk import Textalk

PERSONAL = "19811228-9874"
SECRET = "canary-5f2c9a71e04b"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The handler of our own logging settings, built anew, writing to a text."""
    given: dict[str, Any] = deepcopy(settings.LOGGING)
    written = io.StringIO()
    given["handlers"]["stderr"]["stream"] = written
    built = logging.config.DictConfigurator(given)
    built.config["formatters"] = {name: built.configure_formatter(how) for name, how in given["formatters"].items()}
    built.config["filters"] = {name: built.configure_filter(how) for name, how in given["filters"].items()}
    handler = built.configure_handler(dict(given["handlers"]["stderr"]))
    logger = logging.getLogger("brygga.test_redaction")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(handler)


def _log() -> logging.Logger:
    return logging.getLogger("brygga.test_redaction")


def test_message_and_its_arguments_are_masked(lines: io.StringIO) -> None:
    _log().warning("customer %s answered, Authorization: Bearer %s", PERSONAL, SECRET)
    assert "customer [PNR] answered" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_exception_and_its_causes_are_masked(lines: io.StringIO) -> None:
    try:
        try:
            raise ValueError(f"password={SECRET}")
        except ValueError as error:
            raise RuntimeError(f"no customer {PERSONAL}") from error
    except RuntimeError:
        _log().exception("the run stopped")
    written = lines.getvalue()
    assert "RuntimeError: no customer [PNR]" in written
    assert "ValueError" in written
    assert SECRET not in written
    assert PERSONAL not in written


def test_arguments_that_do_not_fit_are_left_out(lines: io.StringIO) -> None:
    _log().warning("two %s and %s", PERSONAL)
    assert "do not fit" in lines.getvalue()
    assert PERSONAL not in lines.getvalue()


def test_document_numbers_and_amounts_stay(lines: io.StringIO) -> None:
    _log().info("invoice %s, %s SEK", 10234, "1250.00")
    assert "invoice 10234, 1250.00 SEK" in lines.getvalue()


def test_shop_s_token_that_stands_in_the_address_is_masked_when_requests_are_logged(lines: io.StringIO) -> None:
    """Textalk wants its token in the query string, and the HTTP library logs whole addresses once somebody turns that on."""
    shop = Textalk(lambda call: asked.get(call.url, params=dict(call.params)), "http://shop.example", lambda: f"32110:{SECRET}")
    library = logging.getLogger("httpx2")
    before = library.level
    library.addHandler(logging.getLogger("brygga.test_redaction").handlers[0])
    library.setLevel(logging.DEBUG)
    try:
        with httpx2.Client(transport=httpx2.MockTransport(lambda request: httpx2.Response(200))) as asked, suppress(AttributeError):
            shop.orders.get(1)
    finally:
        library.handlers.pop()
        library.setLevel(before)
    assert "shop.example" in lines.getvalue()
    assert SECRET not in lines.getvalue()
