"""B1 and B11: a whole register read and compared with what is known, at the limit of 25 requests in 5 seconds; and what one record of it costs."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benches import boxes, hub, peers, work
from benches.boxes import Boxes, Tenant
from benches.verdict import Bench, Verdict

PAGE = 500
ADDRESS = "acme/webcrm.articles"


def pages(count: int) -> int:
    """Return how many requests a list of so many records takes."""
    return -(-count // PAGE)


def b1(count: int = 20_000, large: int = 100_000, repeats: int = 3) -> Bench:
    """Read all of a register. Ours and the floor take turns; the verdict is the median of the ratios of their wall times."""
    bench = Bench(
        "B1", f"Full list of {count:,} records, limit on", ("reader", "wall", "× floor", "requests", "429", "CPU", "memory")
    )
    with boxes.running("fortnox", "webcrm") as box, hub.home() as home, tempfile.TemporaryDirectory() as folder:
        mine, theirs = box.tenant(), box.tenant()
        for tenant in (mine, theirs):
            box.load(tenant, "articles", boxes.articles(count))
        _linked(box, home, mine)
        turns = [_turn(box, mine, theirs, Path(folder) / "floor.db") for _ in range(repeats)]
        ours, floor = (_median([turn[place] for turn in turns]) for place in (0, 1))
        ratio = statistics.median(turn[0]["wall"] / turn[1]["wall"] for turn in turns)
        for name, one in (("Brygga", ours), ("floor client", floor)):
            times = one["wall"] / floor["wall"] if one is not ours else ratio
            bench.rows.append(
                (
                    name,
                    f"{one['wall']:.2f} s",
                    times,
                    one["asked"],
                    one["refused"],
                    f"{one['cpu']:.2f} s",
                    f"{one['memory']:.0f} MB",
                )
            )
            bench.bars[name] = times
        refused, asked = max(turn[0]["refused"] for turn in turns), max(turn[0]["asked"] for turn in turns)
        for peer in filter(peers.ready, peers.PEERS):
            tenant = box.tenant()
            box.load(tenant, "articles", boxes.articles(count))
            box.forget()
            ran = peers.run(peer, box, tenant, "articles", Path(folder) / peer.script)
            seen = box.seen(tenant)
            times = ran.wall / floor["wall"]
            limited = sum(call["status"] == 429 for call in seen)
            found = times if not ran.error else "failed"
            bench.rows.append(
                (peer.title, f"{ran.wall:.2f} s", found, len(seen), limited, f"{ran.cpu:.2f} s", f"{ran.memory:.0f} MB")
            )
            if ran.records != count:
                bench.notes.append(f"{peer.title} put out {ran.records:,} of {count:,} records. {ran.error[-200:]}")
            bench.bars[peer.title] = times
    bench.verdicts += [
        Verdict(f"wall of {count:,}, × floor", ratio, 1.05),
        Verdict("answers 429", refused, 0, exact=True),
        Verdict("requests", asked, pages(count), exact=True),
    ]
    if large:
        _large(bench, large)
    bench.picture = "B1: wall time of a full list, × the floor client"
    bench.notes.append(
        "Brygga and the floor are measured in a living process, in turns, median of the ratios; a peer is a process for each run and is "
        "measured with its start, once. All read; Brygga also compares each record with what both sides held when they last agreed."
    )
    return bench


def _large(bench: Bench, count: int) -> None:
    """The same with more records, where it is the limit that takes the time: both at once, each in a company of its own."""
    with boxes.running("fortnox", "webcrm") as box, hub.home() as home, tempfile.TemporaryDirectory() as folder:
        mine, theirs = box.tenant(), box.tenant()
        for tenant in (mine, theirs):
            box.load(tenant, "articles", boxes.articles(count))
        _linked(box, home, mine)
        box.forget()
        hub.read_until(ADDRESS, None)
        running = work.start("hub_sync", address=ADDRESS, sides=["right"])
        floor = work.start("floor_full", base_url=box.fortnox, token=theirs.token, memory=str(Path(folder) / "floor.db"))
        two = [_seen(box, tenant, work.result(process)) for tenant, process in ((mine, running), (theirs, floor))]
        ratio = two[0]["wall"] / two[1]["wall"]
        for name, one in zip(("Brygga", "floor client"), two, strict=True):
            times = one["wall"] / two[1]["wall"]
            row = (f"{name}, {count:,} records", f"{one['wall']:.2f} s", times, one["asked"], one["refused"], f"{one['cpu']:.2f} s")
            bench.rows.append((*row, f"{one['memory']:.0f} MB"))
        bench.verdicts += [
            Verdict(f"wall of {count:,}, × floor", ratio, 1.05),
            Verdict(f"answers 429 of {count:,}", two[0]["refused"], 0, exact=True),
            Verdict(f"requests of {count:,}", two[0]["asked"], pages(count), exact=True),
        ]


def _turn(box: Boxes, mine: Tenant, theirs: Tenant, memory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    box.forget()
    hub.read_until(ADDRESS, None)
    ours = work.do("hub_sync", address=ADDRESS, sides=["right"])
    memory.unlink(missing_ok=True)
    floor = work.do("floor_full", base_url=box.fortnox, token=theirs.token, memory=str(memory))
    return _seen(box, mine, ours), _seen(box, theirs, floor)


def _seen(box: Boxes, tenant: Tenant, cost: dict[str, Any]) -> dict[str, Any]:
    calls = box.seen(tenant)
    return {**cost, "asked": len(calls), "refused": sum(call["status"] == 429 for call in calls)}


def _median(costs: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: statistics.median(cost[name] for cost in costs) for name in ("wall", "cpu", "memory", "asked", "refused")}


def _linked(box: Boxes, home: Path, tenant: Tenant) -> None:
    """Bring a hub to where its first sync leaves it: every article linked, with its base."""
    hub.declare(home, box, {"acme": tenant}, ["webcrm"])
    box.limited(False)
    with hub.without_budget():
        # What this asks for is not to stand in the window of what is measured.
        hub.link_articles(ADDRESS)
    box.limited(True)


def b11(small: int = 10_000, large: int = 100_000, repeats: int = 3) -> Bench:
    """Read all of a register, of which nothing changed, without the limit: what a record costs, and whether memory grows with their number."""
    bench = Bench(
        "B11",
        f"CPU and memory per unchanged record, {large:,} records",
        ("reader", "CPU a record", "× floor", "most memory", "grown with the list by"),
    )
    grown: dict[str, list[float]] = {"Brygga": [], "floor client": []}
    each: dict[str, list[float]] = {"Brygga": [], "floor client": []}
    most: dict[str, float] = {}
    singer: list[peers.Ran] = []
    for count in (small, large):
        with boxes.running("fortnox", "webcrm") as box, hub.home() as home, tempfile.TemporaryDirectory() as folder:
            mine, theirs = box.tenant(), box.tenant()
            for tenant in (mine, theirs):
                box.load(tenant, "articles", boxes.articles(count))
            _linked(box, home, mine)
            box.limited(False)
            memory = str(Path(folder) / "floor.db")
            work.do("floor_full", base_url=box.fortnox, token=theirs.token, memory=memory)
            for _ in range(repeats if count == large else 1):
                hub.read_until(ADDRESS, None)
                found = {
                    "Brygga": work.do("hub_sync", address=ADDRESS, sides=["right"]),
                    "floor client": work.do("floor_full", base_url=box.fortnox, token=theirs.token, memory=memory),
                }
                if found["Brygga"]["counts"]["unchanged"] != count:
                    raise RuntimeError(f"{found['Brygga']}: not every record was found unchanged")
                for name, cost in found.items():
                    if count == large:
                        each[name].append(cost["cpu"] / count * 1e6)
                        most[name] = max(most.get(name, 0.0), cost["memory"])
            for name, cost in found.items():
                grown[name].append(cost["memory"] - cost["before"])
            if peers.ready(peers.SINGER):
                singer.append(peers.run(peers.SINGER, box, theirs, "articles", Path(folder) / "singer"))
    floor = statistics.median(each["floor client"])
    for name in each:
        value = statistics.median(each[name])
        bench.rows.append(
            (name, f"{value:.0f} µs", value / floor, f"{most[name]:.0f} MB", f"{grown[name][1] - grown[name][0]:.1f} MB")
        )
        bench.bars[name] = value
    if len(singer) == 2:
        value = (singer[1].cpu - singer[0].cpu) / (large - small) * 1e6
        more = singer[1].memory - singer[0].memory
        bench.rows.append((peers.SINGER.title, f"{value:.0f} µs", value / floor, f"{singer[1].memory:.0f} MB", f"{more:.1f} MB"))
        bench.bars[peers.SINGER.title] = value
        bench.notes.append(
            "Singer's record is written out, as it has no memory of what a record was; its figure is the difference of two runs, without its start."
        )
    bench.verdicts += [
        Verdict("CPU for an unchanged record", statistics.median(each["Brygga"]), 50, " µs"),
        Verdict(f"memory from {small:,} to {large:,} records", grown["Brygga"][1] - grown["Brygga"][0], 5, " MB"),
    ]
    bench.picture = "B11: CPU for an unchanged record, µs"
    return bench
