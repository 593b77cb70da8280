"""The pages on a port of this machine, and a real browser that looks at them."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Playwright runs an event loop in the thread of the tests; ours use the database there, which Django would refuse.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


LOADED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .map(one => [one.name, one.decodedBodySize, one.transferSize])"""
"""What a page is made of, itself and all that it asks for: address, bytes unpacked, and bytes that came now (0 for what the browser kept)."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def pages(hub: Any) -> Iterator[str]:
    """Serve the pages of the hub under test; return their address."""
    with serving() as base:
        yield base


@contextmanager
def serving() -> Iterator[str]:
    """Serve the pages of the database that Django points at; the value is their address."""
    from django.core.wsgi import get_wsgi_application
    from django.db import connection

    application = get_wsgi_application()

    def closing(environ: dict[str, Any], start: Any) -> Any:
        try:
            return application(environ, start)
        finally:
            connection.close()

    server = make_server("127.0.0.1", 0, closing, _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def chromium() -> str | None:
    """Return where Chromium is, None where there is none. The one without a window of its own needs a fraction of the processor."""
    found = map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))
    return os.environ.get("BRYGGA_CHROMIUM") or next(filter(None, found), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser; left out with a plain line where Chromium is missing, but never where CI=true.

    One for each module: while it lives, its event loop runs in the thread of the tests, and the engine would not start there.
    """
    path = chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true and Chromium is missing: scripts/browser installs it")
        pytest.skip("left out: Chromium is missing (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()
