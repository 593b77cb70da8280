"""Takes the pictures of the pages in docs/screenshots: `python scripts/screenshots.py`. Needs Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "screenshots"
PASSWORD = "en-ganska-lang-mening"  # noqa: S105 - of an installation that lives as long as this program
os.environ["BRYGGA_HOME"] = tempfile.mkdtemp(prefix="brygga-pictures-")
os.environ["BRYGGA_SECRET_KEY"] = "only-for-taking-pictures-of-pages"  # noqa: S105
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def main() -> int:
    from brygga import demo, store
    from brygga_sandbox import fortnox, webcrm

    demo.PEOPLE = 80
    OUT.mkdir(parents=True, exist_ok=True)
    home = Path(os.environ["BRYGGA_HOME"])
    with ExitStack() as stack:
        books, crm = stack.enter_context(fortnox.running(rate_limit=False)), stack.enter_context(webcrm.running())
        demo._fill(books, crm)
        hub = demo._Hub(home, books, crm)
        hub.run("migrate", quiet=True)
        hub.file.write_text(demo.FILE.format(fortnox=books.base_url, tenant=books.tenant_id, webcrm=crm.base_url), encoding="utf-8")
        hub.run("apply", str(hub.file), quiet=True)
        subprocess.run(hub._command("sync", demo.ADDRESS), env=hub.environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        demo._change(books, crm, hub.links())
        store.setup()
        from django.core.wsgi import get_wsgi_application

        from brygga.store import users

        users.add("anna", PASSWORD, company="acme", role="owner")
        subprocess.run(hub._command("plan", demo.ADDRESS, "--save"), env=hub.environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        server = make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        take(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    return 0


def take(base: str) -> None:
    from playwright.sync_api import sync_playwright

    from brygga.store.models import PlanRow, Problem, Run

    question = Problem.objects.filter(sort="question").order_by("pk")[0].pk
    run = Run.objects.order_by("queued_at")[0].pk
    plan = PlanRow.objects.all()[0].pk
    shots = {
        "overview": "/c/acme/",
        "integration": "/c/acme/webcrm/",
        "problems": "/c/acme/problems/",
        "conflicts": "/c/acme/conflicts/",
        "matching": f"/c/acme/conflicts/{question}/",
        "run": f"/c/acme/runs/{run}/",
        "plan": f"/c/acme/plans/{plan}/",
        "links": "/c/acme/links/",
        "connections": "/c/acme/connections/",
    }
    sorts = {"": {"width": 1200, "height": 800}, "-dark": {"width": 1200, "height": 800}, "-phone": {"width": 390, "height": 800}}
    with sync_playwright() as playwright:
        path = os.environ.get("BRYGGA_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for suffix, size in sorts.items():
            scheme = "dark" if suffix == "-dark" else "light"
            page = browser.new_context(locale="sv-SE", viewport=size, color_scheme=scheme).new_page()
            page.goto(f"{base}/login/")
            page.fill("input[name=username]", "anna")
            page.fill("input[name=password]", PASSWORD)
            page.click("form:has(input[name=password]) button")
            for name, address in shots.items():
                if suffix and name not in ("overview", "matching"):
                    continue
                page.goto(base + address)
                page.screenshot(path=str(OUT / f"{name}{suffix}.png"))
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
