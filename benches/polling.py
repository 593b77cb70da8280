"""B2 to B4: invoices read in detail, polls that find nothing, and a hundred changed records of many."""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benches import boxes, hub, peers, work
from benches.boxes import Boxes, Tenant
from benches.full_list import ADDRESS
from benches.verdict import Bench, Verdict

REGISTERS = {
    "customers": ["Customers", "CustomerNumber"],
    "articles": ["Articles", "ArticleNumber"],
    "orders": ["Orders", "DocumentNumber"],
    "invoices": ["Invoices", "DocumentNumber"],
    "offers": ["Offers", "DocumentNumber"],
    "supplierinvoices": ["SupplierInvoices", "GivenNumber"],
}
STREAMS = ("webcrm.customers", "webcrm.articles", "webcrm.deliveries", "opter.settlements", "upsales.offers")
"""The streams whose Fortnox sides are these registers; deliveries read orders and invoices."""


def least(requests: int) -> float:
    """Return the seconds that so many requests take at least: each window of 25 but the first waits for 5 seconds."""
    return 5.0 * ((requests - 1) // 25)


def b2(count: int = 150) -> Bench:
    """Read invoices in detail, one request each. All readers at once, each in a company of its own: it is the limit that takes the time."""
    bench = Bench("B2", f"Detail import of {count} invoices, limit on", ("reader", "wall", "× floor", "requests", "429"))
    with boxes.running("fortnox", "webcrm") as box, hub.home() as home, tempfile.TemporaryDirectory() as folder:
        mine, theirs = box.tenant(), box.tenant()
        there = [peer for peer in peers.PEERS if peers.ready(peer)]
        tenants = {peer: box.tenant() for peer in there}
        for tenant in (mine, theirs, *tenants.values()):
            box.load(tenant, "customers", [{"CustomerNumber": "1", "Name": "Fjord Inredning AB"}], a_day_ago=False)
            box.load(tenant, "invoices", boxes.invoices(count), a_day_ago=False)
        hub.declare(home, box, {"acme": mine}, ["webcrm"], document="invoice")
        box.forget()
        jobs = {"Brygga": work.start("hub_plan", address="acme/webcrm.deliveries")}
        jobs["floor client"] = work.start("floor_details", base_url=box.fortnox, token=theirs.token)
        found = {name: work.result(job) for name, job in jobs.items()}
        seen = {name: box.seen(tenant) for name, tenant in zip(jobs, (mine, theirs), strict=True)}
        floor = found["floor client"]["wall"]
        for name, cost in found.items():
            limited = sum(call["status"] == 429 for call in seen[name])
            bench.rows.append((name, f"{cost['wall']:.2f} s", cost["wall"] / floor, len(seen[name]), limited))
            bench.bars[name] = cost["wall"] / floor
        details = sum(call["path"].startswith("/3/invoices/") for call in seen["Brygga"])
        for name, ran in _at_once(box, tenants, Path(folder)).items():
            peer = next(one for one in there if one.title == name)
            calls = box.seen(tenants[peer])
            limited = sum(call["status"] == 429 for call in calls)
            times = ran.wall / floor if not ran.error and ran.records == count else f"{ran.records} of {count} records"
            bench.rows.append((name, f"{ran.wall:.2f} s", times, len(calls), limited))
            bench.bars[name] = ran.wall / floor
    bench.verdicts += [
        Verdict("wall, × floor", found["Brygga"]["wall"] / floor, 1.02),
        Verdict("details read", details, count, exact=True),
        Verdict("answers 429", sum(call["status"] == 429 for call in seen["Brygga"]), 0, exact=True),
    ]
    bench.notes.append(
        f"The limit allows {least(count + 1):.0f} s at the least for {count + 1} requests. Brygga makes the plan of a first sync of invoices "
        "(`brygga plan`), which reads all and writes nothing; the peers use parent and child streams."
    )
    return bench


def _at_once(box: Boxes, tenants: dict[peers.Peer, Tenant], folder: Path) -> dict[str, peers.Ran]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max(1, len(tenants))) as pool:
        runs = {
            peer.title: pool.submit(peers.run, peer, box, tenant, "invoice_details", folder / peer.script)
            for peer, tenant in tenants.items()
        }
        return {name: run.result() for name, run in runs.items()}


def b3(turns: int = 40) -> Bench:
    """Poll six registers in which nothing happens, in a hub that is connected to three systems and at rest."""
    bench = Bench("B3", "No-op poll of six registers", ("reader", "requests for six registers", "CPU a poll", "× floor", "written"))
    with boxes.running("fortnox", "webcrm", "upsales", "opter") as box, hub.home() as home, tempfile.TemporaryDirectory() as folder:
        tenant = box.tenant()
        box.limited(False)
        box.load(tenant, "articles", boxes.articles(10))
        hub.declare(home, box, {"acme": tenant}, ["webcrm", "upsales", "opter"], dict.fromkeys(STREAMS, '{ every = "6m" }'))
        with hub.without_budget():
            _at_rest(box)
        box.forget()
        ours = work.do("hub_polls", turns=turns, streams=list(STREAMS))
        calls = box.seen(tenant)
        floor = work.do("floor_polls", base_url=box.fortnox, token=tenant.token, turns=turns, registers=REGISTERS)
        writes = [call for system in box.about for call in box.seen(system=system) if call["method"] not in ("GET", "HEAD")]
        asked = len(calls) / (turns + 2)
        cpu, least_cpu = (statistics.median(one["costs"]) / len(REGISTERS) * 1e3 for one in (ours, floor))
        said = f"{len(writes)} to systems, {ours['records']} records; {ours['written'] / len(REGISTERS):.0f} rows of budget and clock a poll"
        bench.rows.append(("Brygga", asked, f"{cpu:.2f} ms", cpu / least_cpu, said))
        bench.rows.append(("floor client", len(REGISTERS), f"{least_cpu:.2f} ms", 1, "nothing"))
        bench.bars |= {"Brygga": cpu, "floor client": least_cpu}
        for peer in filter(peers.ready, peers.PEERS):
            place = Path(folder) / peer.script
            peers.run(peer, box, tenant, "articles", place)
            box.forget()
            quiet = [peers.run(peer, box, tenant, "articles", place) for _ in range(2)]
            spent = statistics.median(ran.cpu for ran in quiet) * 1e3
            bench.rows.append(
                (peer.title, len(REGISTERS) * len(box.seen(tenant)) / 2, f"{spent:.0f} ms", spent / least_cpu, "its state")
            )
            bench.bars[peer.title] = spent
    bench.verdicts += [
        Verdict("requests for each register", asked / len(REGISTERS), 1, exact=True),
        Verdict("CPU a poll", cpu, 2, " ms"),
        Verdict("writes to a system", len(writes), 0, exact=True),
        Verdict("records, links, cursors, journal lines and runs written", ours["records"] + ours["runs"], 0, exact=True),
    ]
    bench.picture = "B3: CPU of a poll that finds nothing, ms"
    bench.notes.append(
        "A turn of the dispatcher with all six registers due, in a living process, median of the turns. Nothing is written to any system and no record, "
        "link, base, cursor, journal line or run; what does change in the hub's own database is the row of the request budget, which all processes "
        "share, the lease of the company, and when the stream was looked at. A peer is a process for each run: its CPU contains its start, which a poll "
        "by a process cannot do without; its requests are counted for one register and multiplied."
    )
    return bench


def _at_rest(box: Boxes) -> None:
    """Run every stream until nothing is left to do, as if that had been yesterday."""
    from brygga.store.models import LinkRow, Problem

    box.admin("PUT", "clock", {"offset": -boxes.A_DAY})
    for _ in range(2):
        for stream in ("upsales.customers", "upsales.products", *STREAMS):
            run = hub.sync(f"acme/{stream}", trigger="clock")
            if run["status"] not in ("done", "partial"):
                raise RuntimeError(f"{stream}: {run['message']}")
        LinkRow.objects.update(look_again_at=None)
        Problem.objects.update(look_at=None)
    for stream in STREAMS:
        hub.read_until(f"acme/{stream}", timedelta(0))
    box.admin("PUT", "clock", {})


def b4(count: int = 20_000, changed: int = 100) -> Bench:
    """Change some records of many, and see what a sync does about them."""
    bench = Bench("B4", f"{changed} changed of {count:,}", ("reader", "requests to Fortnox", "rows put out", "needlessly"))
    with boxes.running("fortnox", "webcrm") as box, hub.home() as home, tempfile.TemporaryDirectory() as folder:
        tenants = {name: box.tenant() for name in ("Brygga", "floor", *(peer.title for peer in peers.PEERS))}
        box.limited(False)
        for tenant in tenants.values():
            box.load(tenant, "articles", boxes.articles(count))
        chosen = set(range(7, count, max(1, count // changed)))
        chosen = set(sorted(chosen)[:changed])
        there = [peer for peer in peers.PEERS if peers.ready(peer)]
        for peer in there:
            peers.run(peer, box, tenants[peer.title], "articles", Path(folder) / peer.script)
        memory = str(Path(folder) / "floor.db")
        work.do("floor_full", base_url=box.fortnox, token=tenants["floor"].token, memory=memory)
        items = box.admin(
            "POST", "records/QuotationLineLinkedDataItem", [_item(one) for one in boxes.articles(count)], system="webcrm"
        )
        hub.declare(home, box, {"acme": tenants["Brygga"]}, ["webcrm"])
        numbers = [one["ArticleNumber"] for one in boxes.articles(count)]
        hub.link_articles(ADDRESS, left_ids={number: str(item) for number, item in zip(numbers, items, strict=True)})
        hub.read_until(ADDRESS, timedelta(minutes=2))
        for tenant in tenants.values():
            touched = [
                {**one, "Description": f"{one['Description']}, ny"}
                for place, one in enumerate(boxes.articles(count))
                if place in chosen
            ]
            box.load(tenant, "articles", touched, a_day_ago=False)
        box.forget()
        run = hub.sync(ADDRESS, sides=("right",))
        puts = [call["path"].rpartition("/")[2] for call in box.seen(system="webcrm") if call["method"] == "PUT"]
        wanted = {str(item) for place, item in enumerate(items) if place in chosen}
        asked = len(box.seen(tenants["Brygga"]))
        bench.rows.append(("Brygga", asked, len(puts), len(puts) - len(wanted & set(puts))))
        since = time.time() - 120
        floor = work.do("floor_full", base_url=box.fortnox, token=tenants["floor"].token, memory=memory, since=since)
        bench.rows.append(("floor client", floor["requests"], floor["changed"], floor["changed"] - changed))
        for peer in there:
            ran = peers.run(peer, box, tenants[peer.title], "articles", Path(folder) / peer.script)
            bench.rows.append((peer.title, len(box.seen(tenants[peer.title])), ran.records, ran.records - changed))
        hub.sync(ADDRESS, sides=("right",))
        again = [call for call in box.seen(system="webcrm") if call["method"] == "PUT"][len(puts) :]
    bench.verdicts += [
        Verdict("changed records written to the other side", len(wanted & set(puts)), changed, exact=True),
        Verdict("needless writes", len(puts) - len(wanted & set(puts)), 0, exact=True),
        Verdict("writes of a second run", len(again), 0, exact=True),
        Verdict("records updated, by the run's own count", run["counts"]["updated"], changed, exact=True),
    ]
    bench.notes.append(
        "Brygga carries each change through to webCRM, one PUT each; the others put out rows and write nothing back. Of Brygga's requests one is the "
        "list of what changed, one asks which of these are inactive, the rest none."
    )
    return bench


def _item(article: dict[str, Any]) -> dict[str, Any]:
    """Return an article as webCRM's register of quotation lines holds it."""
    prices = {"Price": article["SalesPrice"], "CostPrice": article["PurchasePrice"]}
    return {"Data1": article["ArticleNumber"], "Data2": article["Description"], **prices}
