"""Figures for Prometheus, read from the tables when they are asked for: the same whichever process answers.

They are of the whole installation, so they have a token of their own (BRYGGA_METRICS_TOKEN); no company's token opens them.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Iterator

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from brygga import config, engine
from brygga.store.models import Alarm, Connection, Integration, LinkRow, Message, PermitWindow, Problem, Run, StreamState

WINDOW = 5.0
"""Seconds of Fortnox' sliding window (Fortnox API, section 4)."""

_RUN_STATES = (Run.Status.QUEUED, Run.Status.RUNNING)
_HEALTHS = tuple(Connection.Health.values)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures; 404 where no token is set, 401 without the right one."""
    wanted = config.metrics_token()
    if not wanted:
        raise Http404
    sort, _, given = request.headers.get("authorization", "").partition(" ")
    if sort.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="Brygga metrics"'})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


class _Figures(Collector):
    """What the tables say now."""

    def collect(self) -> Iterable[Metric]:
        yield from _engine()
        yield from _connections()
        yield from _streams()
        yield from _notices()
        yield _budget()


def _engine() -> Iterator[Metric]:
    now = engine.status()
    yield GaugeMetricFamily("brygga_runs_queued", "Runs that wait for a worker.", now.queued)
    yield GaugeMetricFamily("brygga_runs_delayed", "Queued runs that were put back because a system was busy.", now.delayed)
    yield GaugeMetricFamily("brygga_runs_running", "Runs being carried through.", now.running)
    yield GaugeMetricFamily("brygga_streams_due", "Streams whose time has come and that nobody has looked at.", now.due)
    yield GaugeMetricFamily("brygga_engine_lag_seconds", "How long the oldest of what waits has waited.", now.lag)
    workers = GaugeMetricFamily("brygga_worker_alive", "1 for a worker that gives signs of life.", labels=["worker"])
    for worker in now.workers:
        workers.add_metric([worker.name], float(worker.alive))
    yield workers


def _connections() -> Iterator[Metric]:
    healths = GaugeMetricFamily(
        "brygga_connection_health", "1 for the state that a connection is in.", labels=["company", "system", "health"]
    )
    for slug, system, health in Connection.objects.order_by("pk").values_list("company__slug", "system", "health"):
        for one in _HEALTHS:
            healths.add_metric([slug, system, one], float(one == health))
    yield healths


def _streams() -> Iterator[Metric]:
    labels = ["company", "system", "stream"]
    success = GaugeMetricFamily("brygga_stream_last_success_timestamp_seconds", "When a stream last succeeded.", labels=labels)
    states = StreamState.objects.order_by("pk").exclude(last_success_at=None)
    for slug, system, name, at in states.values_list(
        "integration__company__slug", "integration__system", "name", "last_success_at"
    ):
        success.add_metric([slug, system, name], at.timestamp() if at else 0.0)
    yield success
    problems = GaugeMetricFamily("brygga_problems_open", "Records that are not in step.", labels=[*labels, "sort"])
    rows = Problem.objects.filter(state=Problem.State.OPEN).order_by()
    for slug, system, name, sort, count in rows.values_list(
        "integration__company__slug", "integration__system", "stream", "sort"
    ).annotate(count=Count("pk")):
        problems.add_metric([slug, system, name, sort], count)
    yield problems
    links = GaugeMetricFamily("brygga_links", "Records that are linked.", labels=["company", "system", "kind"])
    for slug, system, kind, count in (
        LinkRow.objects.order_by()
        .values_list("integration__company__slug", "integration__system", "kind")
        .annotate(count=Count("pk"))
    ):
        links.add_metric([slug, system, kind], count)
    yield links
    yield GaugeMetricFamily(
        "brygga_integrations_active", "Integrations switched on.", Integration.objects.filter(active=True).count()
    )


def _notices() -> Iterator[Metric]:
    alarms = GaugeMetricFamily("brygga_alarms_open", "What is wrong just now.", labels=["company", "sort"])
    rows = Alarm.objects.filter(closed_at=None).order_by()
    for slug, sort, count in rows.values_list("company__slug", "sort").annotate(count=Count("pk")):
        alarms.add_metric([slug, sort], count)
    yield alarms
    messages = GaugeMetricFamily("brygga_messages", "Notices by what became of them.", labels=["state"])
    counts = dict(Message.objects.order_by().values_list("state").annotate(count=Count("pk")))
    for state in Message.State.values:
        messages.add_metric([state], counts.get(state, 0))
    yield messages


def _budget() -> Metric:
    used = GaugeMetricFamily(
        "brygga_requests_in_window", "Requests that a tenant's window holds now; 25 is full.", labels=["tenant"]
    )
    since = time.time() - WINDOW
    for row in PermitWindow.objects.order_by("pk"):
        used.add_metric([row.tenant], sum(1 for stamp in row.stamps if stamp[0] > since))
    return used
