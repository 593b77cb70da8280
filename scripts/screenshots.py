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
from typing import Any
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
    from brygga_sandbox import fortnox, upsales, webcrm
    from brygga_sandbox.fortnox.auth import App
    from brygga_sandbox.upsales import Setup

    demo.PEOPLE = 80
    OUT.mkdir(parents=True, exist_ok=True)
    home = Path(os.environ["BRYGGA_HOME"])
    with ExitStack() as stack:
        books, crm = stack.enter_context(fortnox.running(rate_limit=False, companies=2)), stack.enter_context(webcrm.running())
        sales = stack.enter_context(upsales.running(Setup(price_lists=True)))
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

        users.add("anna", PASSWORD, company="acme", role="owner", administrator=True)
        subprocess.run(hub._command("plan", demo.ADDRESS, "--save"), env=hub.environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        subprocess.run(hub._command("reconcile", demo.ADDRESS), env=hub.environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        server = make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        os.environ["BRYGGA_URL"] = base
        take(base)
        with books.lock:
            books.sign_in.register(App(books.client_id, books.client_secret, "Brygga", (f"{base}/connect/fortnox",)))
        connect(base, books, sales)
        server.shutdown()
    return 0


def connect(base: str, books: Any, sales: Any) -> None:
    """Go through the wizard for a second company, and take its pictures on the way."""
    from playwright.sync_api import sync_playwright

    from brygga import engine
    from brygga.demo_companies import _upsales_before

    engine.nudge = lambda run_id: None  # type: ignore[assignment]
    tenant = list(books.companies)[1]
    with books.lock:
        _upsales_before(books.companies[tenant], sales)
        twin = {"CustomerNumber": "103", "Name": "Fjord Inredning i Luleå AB", "OrganisationNumber": "556016-0680"}
        books.companies[tenant].load("customers", [twin])
        books.companies[tenant].commit()
    sales.load("accounts", [{"name": "Fjord Inredning", "orgNo": "5560160680"}, {"name": "Bara i Upsales AB"}])
    with sync_playwright() as playwright:
        browser = _browser(playwright)
        page = browser.new_context(locale="sv-SE", viewport={"width": 1200, "height": 800}).new_page()
        _sign_in(page, base)

        def shoot(name: str, *, phone: bool = False) -> None:
            page.set_viewport_size({"width": 390 if phone else 1200, "height": 800})
            page.screenshot(path=str(OUT / f"wizard-{name}{'-phone' if phone else ''}.png"), full_page=True)

        page.goto(f"{base}/wizard/")
        page.fill("[name=name]", "Fjord Kontorsmöbler AB")
        page.click("form:has([name=number]) button")
        shoot("systems")
        page.click("a[href$='/upsales/choose/']")
        for stream in ("products", "sales"):
            page.check(f"#s-{stream}")
        shoot("choose")
        page.click("main form button:not([name])")
        page.fill("[name=client_id]", books.client_id)
        page.fill("[name=client_secret]", books.client_secret)
        page.fill("[name=address]", books.base_url)
        page.click("[value=keys]")
        shoot("consent")
        page.click("a[href*='/oauth-v1/auth']")
        page.select_option("[name=tenant]", str(tenant))
        page.click("[value=approve]")
        shoot("fortnox")
        page.click("[value=right]")
        page.fill("[name=api_key]", sales.token)
        page.fill("[name=address]", sales.base_url)
        shoot("system")
        page.click("main form button:not([name])")
        shoot("check")
        shoot("check", phone=True)
        page.click("[value=on]")
        chosen = {"module": "invoice", "placeholder_user": "Integration", "won_stage": "Order", "lost_stage": "Förlorad"}
        for key, value in (chosen | {"price_list": "A"}).items():
            field = page.locator(f"[name={key}]")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        shoot("settings")
        page.click("main form button:not([name])")
        page.click("[value=make]")
        _carry_out(page)
        shoot("forecast")
        shoot("forecast", phone=True)
        page.click("[value=on]")
        shoot("choose-record")
        page.click("[value=plan]")
        _carry_out(page)
        shoot("record")
        page.click("[value=apply]")
        _carry_out(page)
        shoot("result")
        page.click("[value=on]")
        page.click("[value=start]")
        _carry_out(page)
        page.click("[value=prove]")
        _carry_out(page)
        shoot("start")
        browser.close()


def _carry_out(page: Any) -> None:
    """Do what a worker would with the runs that wait, and show the page anew."""
    from brygga.store.models import Run
    from brygga.sync.start import execute

    for run in Run.objects.filter(status=Run.Status.QUEUED).order_by("queued_at", "pk"):
        execute(run.pk)
    page.reload()


def _browser(playwright: Any) -> Any:
    path = os.environ.get("BRYGGA_CHROMIUM", "/usr/bin/chromium")
    return playwright.chromium.launch(
        executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    )


def _sign_in(page: Any, base: str) -> None:
    page.goto(f"{base}/login/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button")


def take(base: str) -> None:
    from playwright.sync_api import sync_playwright

    from brygga.store.models import PlanRow, Problem, Run

    question = Problem.objects.filter(sort="question").order_by("pk")[0].pk
    held = Problem.objects.filter(sort__in=["hold", "failed"]).order_by("pk")[0].pk
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
        "mapping": "/c/acme/mapping/webcrm/customers/",
        "problem": f"/c/acme/problems/{held}/",
        "connections": "/c/acme/connections/",
        "reconciliation": "/c/acme/proofs/webcrm/customers/",
        "record": "/c/acme/records/webcrm/customer/1/",
        "company": "/c/acme/company/",
    }
    sorts = {"": {"width": 1200, "height": 800}, "-dark": {"width": 1200, "height": 800}, "-phone": {"width": 390, "height": 800}}
    with sync_playwright() as playwright:
        browser = _browser(playwright)
        for suffix, size in sorts.items():
            scheme = "dark" if suffix == "-dark" else "light"
            page = browser.new_context(locale="sv-SE", viewport=size, color_scheme=scheme).new_page()
            _sign_in(page, base)
            for name, address in shots.items():
                if suffix and name not in ("overview", "matching"):
                    continue
                page.goto(base + address)
                page.screenshot(path=str(OUT / f"{name}{suffix}.png"))
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
