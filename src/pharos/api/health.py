"""For machines that watch this one: lives, is ready, numbers. No name of anybody, no word of anybody."""

import os
import shutil
import threading
import time

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from pharos.queries import health
from pharos.queries.health import Check, Number

DISK_LEAST = 200 * 2**20
KEPT_S = 5.0  # however many ask, the database is asked this seldom
GAUGES = {
    "contacts": ("pharos_contacts", "Open contacts.", ["state", "band"]),
    "oldest_waiting": ("pharos_oldest_waiting_seconds", "Age of the oldest contact nobody holds.", ["band"]),
    "promises_broken": ("pharos_promises_broken", "Contacts whose promise was broken, unanswered.", []),
    "offers_open": ("pharos_offers_open", "Offers before an agent.", []),
    "unheard": ("pharos_signals_unheard", "Messages in which signals were not looked for yet.", []),
    "model_whole": ("pharos_signals_model", "1 while the model of signals can be used, 0 with the lexicon only.", []),
    "outgoing": ("pharos_outgoing", "Mail and webhooks; failed: in the last week.", ["kind", "state"]),
    "outgoing_late": ("pharos_outgoing_late_seconds", "How long the oldest has been due.", ["kind"]),
    "loop_age": ("pharos_loop_age_seconds", "Since the last run of a loop.", ["loop"]),
    "machine_code": ("pharos_look_ahead_machine_code", "Whether machine code works out the waits.", []),
    "look_ahead_paths": ("pharos_look_ahead_paths", "How many futures the waits were last read from, at least.", []),
    "not_reached": ("pharos_not_reached", "Mailboxes, numbers and accounts that fail again and again.", ["channel"]),
    "loop_failures": ("pharos_loop_failures", "Failures of a loop in a row.", ["loop"]),
}
_lock = threading.Lock()
_kept: tuple[float, list[Number] | None] = (-KEPT_S, None)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all of it works, else 503 with the reasons; `notes`: what works with less than it should have."""
    checks = [*health.checks(now=timezone.now()), _disk()]
    reasons = {check.name: check.reason for check in checks if check.reason}
    notes = {note.name: note.reason for note in health.notes(now=timezone.now()) if note.reason}
    body = {
        "status": "not ready" if reasons else "ready",
        "reasons": reasons,
        "checks": {check.name: "not ready" if check.reason else "ready" for check in checks},
        "notes": notes,
    }
    response = JsonResponse(body, status=503 if reasons else 200)
    response._has_been_logged = True  # type: ignore[attr-defined]  # who asks is told: no line a second while starting
    return response


def _disk() -> Check:
    free = shutil.disk_usage(settings.DATA_DIR).free
    return Check("disk", "" if free >= DISK_LEAST else f"only {free // 2**20} MB are free in the data folder")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text."""
    registry = CollectorRegistry()
    registry.register(_Numbers())
    text = generate_latest(_of_all_processes()) + generate_latest(registry)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _of_all_processes() -> CollectorRegistry:
    """What this process counted, or with several web processes what all of them did."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


class _Numbers:
    """The centre's numbers as Prometheus wants them."""

    def collect(self) -> list[GaugeMetricFamily]:
        """All families; only whether the database answers, when it does not."""
        numbers = _numbers()
        answers = GaugeMetricFamily("pharos_database_up", "Whether the database answers.", float(numbers is not None))
        families = {name: GaugeMetricFamily(*known[:2], labels=known[2]) for name, known in GAUGES.items()}
        for number in numbers or ():
            families[number.metric].add_metric(number.labels, number.value)
        return [answers, *families.values()] if numbers is not None else [answers]


def _numbers() -> list[Number] | None:
    global _kept  # noqa: PLW0603 - one for all threads of the process
    with _lock:
        if time.monotonic() - _kept[0] >= KEPT_S:
            try:
                _kept = (time.monotonic(), health.numbers(now=timezone.now()))
            except Error:
                _kept = (time.monotonic(), None)
        return _kept[1]


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
