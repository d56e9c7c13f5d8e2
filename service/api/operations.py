"""For those who run the service: is it alive, can it work, and figures for Prometheus."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from models.errors import CaishenError
from service.deps import MetricsReader, SiteDep
from service.migrate import current, head
from service.schema import DocumentRow, UserRow, WorkerRow
from service.site import Site
from service.store import count_states

router = APIRouter(include_in_schema=False)

_RECENT: Final = timedelta(minutes=5)


@router.get("/healthz", response_class=PlainTextResponse)
def healthz() -> str:
    """The process answers."""
    return "ok\n"


@router.get("/readyz")
def readyz(site: SiteDep) -> Response:
    """Whether requests can be served: database of the right shape, disk with space; workers are told, not required."""
    checks: dict[str, str] = {}
    try:
        with site.backend.database.read() as connection:
            checks["database"] = "ok" if current(connection) == head() else "not migrated"
            alive = WorkerRow.stopped.is_(None) & (WorkerRow.beat > site.clock() - _alive(site))
            workers = connection.execute(select(func.count()).select_from(WorkerRow).where(alive)).scalar_one()
    except CaishenError as error:
        checks["database"], workers = error.code, 0
    free = shutil.disk_usage(site.backend.blobs.incoming).free
    checks["disk"] = "ok" if free >= site.settings.disk_floor_bytes else "low"
    is_ready = all(value == "ok" for value in checks.values())
    return JSONResponse({"ready": is_ready, **checks, "workers": workers}, 200 if is_ready else 503)


@router.get("/metrics")
def metrics(site: SiteDep, person: MetricsReader) -> Response:
    """Figures computed from the database, the same from every web process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(site))
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class _Figures(Collector):
    """Reads all figures in one transaction."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterable[Metric]:
        site, now = self._site, self._site.clock()
        with site.backend.database.read() as connection:
            states = count_states(connection)
            stages = connection.execute(
                select(DocumentRow.stage, func.count())
                .where(DocumentRow.state == "working")
                .group_by(DocumentRow.stage)
            ).all()
            oldest = connection.execute(
                select(func.min(DocumentRow.created)).where(DocumentRow.state == "queued")
            ).scalar()
            pages = connection.execute(
                select(func.coalesce(func.sum(DocumentRow.n_pages), 0)).where(
                    DocumentRow.state == "done", DocumentRow.finished > now - _RECENT
                )
            ).scalar_one()
            beats = connection.execute(select(WorkerRow.beat).where(WorkerRow.stopped.is_(None))).scalars().all()
            users = connection.execute(select(func.count(UserRow.id)).where(UserRow.disabled.is_(False))).scalar_one()
        yield _by("caishen_documents", "Documents by state.", "state", states.items())
        yield _by("caishen_documents_working", "Documents at work by stage.", "stage", stages)
        age = (now - oldest).total_seconds() if oldest is not None else 0.0
        yield GaugeMetricFamily("caishen_queue_oldest_seconds", "Age of the oldest waiting document.", value=age)
        rate = float(pages) / _RECENT.total_seconds()
        yield GaugeMetricFamily("caishen_pages_per_second", "Pages of documents done in 5 minutes.", value=rate)
        alive = sum(beat > now - _alive(site) for beat in beats)
        yield GaugeMetricFamily("caishen_workers", "Worker processes that are alive.", value=alive)
        yield GaugeMetricFamily("caishen_users", "People who may sign in.", value=users)
        disk = shutil.disk_usage(site.backend.blobs.incoming)
        yield GaugeMetricFamily("caishen_disk_free_bytes", "Free space where uploads are kept.", value=disk.free)
        yield GaugeMetricFamily("caishen_disk_total_bytes", "Size of that disk.", value=disk.total)


def _by(name: str, help_text: str, label: str, counts: Iterable[tuple[str, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value, count in counts:
        family.add_metric([value], count)
    return family


def _alive(site: Site) -> timedelta:
    return timedelta(seconds=site.settings.dead_after_s)
