"""The dispatch: what one costs as the line grows, and how long an arrival waits for its offer beside a long line."""

import argparse
import json
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

import httpx

from bench.load.centres import DATABASES, centre, share

SIZES = (1_000, 10_000, 100_000, 1_000_000)
AGENTS = 200
SERIES = 60  # dispatches of one free agent at each size
LINE, ARRIVALS, PER_S = 10_000, 200, 4.0
GIVE_UP_S = 60
LINE_SPEAKS = "hy"
HELPER = "helper-"  # the sign-in names of the agents that were asked for


def grow(largest: int) -> list[dict[str, Any]]:
    """On the database of this process: for each size, fill every agent, then time one dispatch for one free agent."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bench.load.rows import add_contacts, settle
    from pharos.actions import conversation, routing
    from pharos.models import Agent, Offer, Organisation

    organisation = Organisation.objects.get()
    all_lanes = _lanes(organisation, organisation.languages)
    Agent.objects.exclude(user__username__startswith=HELPER).update(status=Agent.Status.OFFLINE)
    Agent.objects.filter(user__username__startswith=HELPER).update(status=Agent.Status.AVAILABLE)

    def accept_all() -> int:
        offers = Offer.objects.filter(state=Offer.State.OPEN).select_related("agent__user")
        for offer in offers:
            routing.accept(offer=offer, agent=offer.agent, now=datetime.now(UTC))
        return len(offers)

    rows, there, begun = [], 0, 0
    for size in (size for size in SIZES if size <= largest):
        add_contacts(organisation, all_lanes, begin=begun, end=begun + size - there, now=datetime.now(UTC))
        begun, there = begun + size - there, size
        settle()
        started = time.perf_counter()
        filled = routing.dispatch(organisation=organisation, now=datetime.now(UTC))
        whole_s = time.perf_counter() - started
        while accept_all():
            routing.dispatch(organisation=organisation, now=datetime.now(UTC))
        taken: list[float] = []
        statements = 0
        held = Offer.objects.filter(state=Offer.State.ACCEPTED, contact__state="active")
        for offer in held.select_related("contact", "agent__user").order_by("id"):
            conversation.close(
                contact=offer.contact,
                disposition="answered",
                summary="A coach.",
                by=offer.agent.user,
                now=datetime.now(UTC),
            )
            with CaptureQueriesContext(connection) as queries:
                started = time.perf_counter()
                made = routing.dispatch(organisation=organisation, now=datetime.now(UTC))
                took = time.perf_counter() - started
            if made:  # an agent who talks to somebody at the same time takes nothing else
                taken.append(1000 * took)
                statements = len(queries)
            accept_all()
            if len(taken) == SERIES:
                break
        for offer in held.select_related("contact", "agent__user"):
            conversation.close(
                contact=offer.contact,
                disposition="answered",
                summary="A coach.",
                by=offer.agent.user,
                now=datetime.now(UTC),
            )
        rows.append(
            {
                "size": size,
                "lanes": len(all_lanes),
                "p50": share(taken, 0.5),
                "p99": share(taken, 0.99),
                "fill": 1000 * whole_s / max(filled, 1),
                "statements": statements,
            }
        )
    return rows


def arrive(address: str, token: str, arrivals: int) -> dict[str, Any]:
    """How long people who come in by the API wait for their offer, beside a real web process and a real worker."""
    import django

    django.setup()
    from django.db import connection

    from bench.load.rows import add_contacts, settle
    from pharos.actions import conversation, routing
    from pharos.models import Agent, Offer, Organisation

    organisation = Organisation.objects.get()
    Agent.objects.exclude(user__username__startswith=HELPER).update(status=Agent.Status.OFFLINE)
    # Those who wait speak a language that nobody on the floor does: the line stays, and agents are free.
    others = [language for language in organisation.languages if language != LINE_SPEAKS]
    Agent.objects.filter(user__username__startswith=HELPER).update(status=Agent.Status.AVAILABLE, languages=others)
    fields = {"language": f"'{LINE_SPEAKS}'"}
    lanes = _lanes(organisation, [LINE_SPEAKS])
    add_contacts(organisation, lanes, begin=0, end=LINE, now=datetime.now(UTC), fields=fields)
    settle()
    time.sleep(5)  # the first look-ahead over the long line
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    offers: SimpleQueue[Offer] = SimpleQueue()
    over, done = threading.Event(), threading.Event()

    def take() -> None:
        """Agents who take what they are offered and are through with it at once."""
        while not (done.is_set() and offers.empty()):
            with suppress(Empty):
                offer = offers.get(timeout=0.1)
                contact = routing.accept(offer=offer, agent=offer.agent, now=datetime.now(UTC))
                by = offer.agent.user
                conversation.close(contact=contact, disposition="answered", summary="A.", by=by, now=datetime.now(UTC))
        connection.close()

    threads = [
        threading.Thread(target=_send, args=(address, token, arrivals, sent, over)),
        threading.Thread(target=take),
    ]
    for thread in threads:
        thread.start()
    last, give_up_at = 0, None
    while give_up_at is None or (len(seen) < len(sent) and time.perf_counter() < give_up_at):
        rows = Offer.objects.filter(pk__gt=last)
        new = list(rows.select_related("contact", "agent__user").order_by("pk")) if rows.exists() else []
        at = time.perf_counter()
        for offer in new:
            last = offer.pk
            seen.setdefault(offer.contact.reference, at)
            offers.put(offer)
        if over.is_set() and give_up_at is None:
            give_up_at = time.perf_counter() + GIVE_UP_S
        time.sleep(0.005)
    done.set()
    for thread in threads:
        thread.join()
    taken = [1000 * (seen[reference] - at) for reference, at in sent.items() if reference in seen]
    return {
        "arrivals": len(sent),
        "offered": len(taken),
        "p50": share(taken, 0.5),
        "p99": share(taken, 0.99),
        "worst": max(taken),
    }


def _send(address: str, token: str, arrivals: int, sent: dict[str, float], over: threading.Event) -> None:
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        begun = time.perf_counter()
        for number in range(arrivals):
            time.sleep(max(0.0, begun + number / PER_S - time.perf_counter()))
            body = {"channel": "web", "language": "en", "text": "My ferry is cancelled.", "person": {"name": "A"}}
            at = time.perf_counter()
            answer = client.post("/api/v1/contacts", json=body, headers={"Idempotency-Key": f"bench-{number}"})
            answer.raise_for_status()
            sent[answer.json()["reference"]] = at
    over.set()


def _lanes(organisation: Any, languages: list[str]) -> list[int]:
    """Every ordinary lane in these languages."""
    from pharos.actions import lanes

    return [
        lanes.lane(organisation=organisation, queue=queue, language=language, band=band, kind=kind).pk
        for queue in organisation.queues.all()
        for language in languages
        for band in (1, 2, 3)
        for kind in ("live", "written")
    ]


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 100,000 in line, fewer arrivals")
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--grow", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--arrive", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.grow:
        print(json.dumps(grow(asked.grow)))
        return
    if asked.arrive:
        address, token, arrivals = asked.arrive
        print(json.dumps(arrive(address, token, int(arrivals))))
        return
    largest = SIZES[-2] if asked.quick else SIZES[-1]
    arrivals = ARRIVALS // 3 if asked.quick else ARRIVALS
    databases = asked.database or DATABASES
    print(
        f"{'one dispatch, ms':20}{'in line':>12}{'lanes':>8}{'p50':>9}{'p99':>9}{'statements':>12}{'of 200, each':>14}"
    )
    for database in databases:
        with centre(database) as one:
            one.example(agents=AGENTS)
            for row in one.measured("bench.dispatch", "--grow", str(largest)):
                print(
                    f"{database:20}{row['size']:12,}{row['lanes']:8}{row['p50']:9.1f}{row['p99']:9.1f}"
                    f"{row['statements']:12}{row['fill']:14.1f}",
                    flush=True,
                )
    print(f"\n{'arrival to offer, ms':20}{'in line':>12}{'agents':>8}{'p50':>9}{'p99':>9}{'worst':>12}{'offered':>14}")
    for database in databases:
        with centre(database) as one:
            made = one.example(agents=AGENTS)
            with one.web() as (port, _pid), one.worker():
                told = one.measured(
                    "bench.dispatch", "--arrive", f"http://127.0.0.1:{port}", made["api_token"], str(arrivals)
                )
            print(
                f"{database:20}{LINE:12,}{AGENTS:8}{told['p50']:9.0f}{told['p99']:9.0f}{told['worst']:12.0f}"
                f"{told['offered']:8} of {told['arrivals']}",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
