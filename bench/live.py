"""Live pages: a thousand people's own pages open on one web process, and how soon each hears what changed.

Heard: the event is there. Shown: the page has also fetched its two new parts, within 0.1 s as its script does for news
of its own contact. "News" is one update of the incident, which comes with the event to every page. "All" is one
transaction that changes each contact in its own way, so that all ask for their own parts at once.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.load.centres import DATABASES, centre, share

PAGES = 1000
SINGLE, NEWS, ALL = 100, 10, 3  # how often one page changes, the incident's news, and all of them
SPREAD_S = 0.1  # as static/js/live.js spreads it
PARTS = ("state", "messages")
TOKEN = "page-of-the-bench-{:06}"
AT_ONCE = 50  # pages that open at the same time
HEARD_BY_S = 30.0


def make(pages: int) -> dict[str, Any]:
    """People who wait, each with a page."""
    import django

    django.setup()
    from bench.load.rows import add_contacts, settle
    from pharos.actions import lanes
    from pharos.models import Contact, Incident, Organisation

    organisation = Organisation.objects.get()
    queue = organisation.queues.get(is_default=True)
    lane = lanes.lane(organisation=organisation, queue=queue, language="en", band=3, kind="written")
    token = "'page-of-the-bench-' || substr('000000' || n, length('000000' || n) - 5)"
    hours = {"promise_by": "NULL", "guard_at": "NULL", "page_token": token}
    add_contacts(
        organisation,
        [lane.pk],
        begin=0,
        end=pages,
        now=datetime.now(UTC),
        fields=hours,
        incident_id=Incident.objects.get().pk,
        words="'Hello'",
    )
    settle()
    return {
        "contacts": list(Contact.objects.filter(page_token__isnull=False).order_by("id").values_list("pk", flat=True))
    }


class Page:
    """One open page: when it last heard something, on a clock that all processes of a machine share."""

    def __init__(self, port: int, number: int) -> None:
        self.port = port
        self.token = TOKEN.format(number)
        self.heard_at = 0.0
        self.heard, self.read = asyncio.Event(), asyncio.Event()

    async def open(self) -> None:
        """Follow its stream from now on; returns when the first lines came."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(f"GET /live/r/{self.token}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        while b"retry:" not in (line := await self.reader.readline()):
            if not line:
                raise SystemExit("a page could not be opened")
        self.following = asyncio.create_task(self.follow())

    async def follow(self) -> None:
        """Note each event about its contact, and each of the news once it is here."""
        while line := await self.reader.readline():
            if line.startswith(b'data: {"html"'):
                self.heard_at = time.perf_counter()
                self.read.set()
            elif line.startswith(b"event: contact"):
                self.heard_at = time.perf_counter()
                self.heard.set()

    async def fetch(self, part: str) -> None:
        """A new part, over a connection of its own as a browser would that has none free."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"GET /en/r/{self.token}/part/{part}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(answer[:200].decode())

    async def told(self, begun: float) -> tuple[float]:
        """Seconds from the change until the news were there."""
        async with asyncio.timeout(HEARD_BY_S):
            await self.read.wait()
        return (self.heard_at - begun,)

    async def heard_and_shown(self, begun: float) -> tuple[float, float]:
        """Seconds from the change until the event, and until the part was there."""
        async with asyncio.timeout(HEARD_BY_S):
            await self.heard.wait()
        await asyncio.sleep(random.random() * SPREAD_S)
        await asyncio.gather(*map(self.fetch, PARTS))
        return self.heard_at - begun, time.perf_counter() - begun


async def follow_all(port: int, pid: int, contacts: list[int], single: int) -> dict[str, Any]:
    """Open every page, change one after another, then all at once."""
    before = _memory_kb(pid)
    pages = [Page(port, number) for number in range(len(contacts))]
    for place in range(0, len(pages), AT_ONCE):
        await asyncio.gather(*(page.open() for page in pages[place : place + AT_ONCE]))
    await asyncio.sleep(6)  # past what a page that has just been made hears of again
    told: dict[str, Any] = {"memory_kb": (_memory_kb(pid) - before) / len(pages)}
    rng = random.Random(7)
    one = [await _change(rng.sample(list(zip(contacts, pages, strict=True)), 1)) for _ in range(single)]
    told["one"] = [pair for pairs in one for pair in pairs]
    told["news"] = []
    for number in range(NEWS):
        for page in pages:
            page.read.clear()
        begun = await asyncio.to_thread(_publish, number)
        told["news"].append(await asyncio.gather(*(page.told(begun) for page in pages)))
        await asyncio.sleep(0.5)
    told["all"] = []
    for _ in range(ALL):
        told["all"].append(await _change(list(zip(contacts, pages, strict=True))))
    for page in pages:
        page.following.cancel()
        page.writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await page.following
    return told


async def _change(which: list[tuple[int, Page]]) -> list[tuple[float, float]]:
    for _contact, page in which:
        page.heard.clear()
    begun = await asyncio.to_thread(_nudge, [contact for contact, _page in which])
    pairs = await asyncio.gather(*(page.heard_and_shown(begun) for _contact, page in which))
    await asyncio.sleep(0.05)
    return list(pairs)


def _nudge(contacts: list[int]) -> float:
    """One transaction, as an action writes it; returns when it began."""
    from django.db import transaction

    from pharos import live
    from pharos.models import Organisation

    begun = time.perf_counter()
    with transaction.atomic():
        live.nudge(
            organisation_id=Organisation.objects.get().pk,
            topics=[f"contact:{contact}" for contact in contacts],
            now=datetime.now(UTC),
        )
    return begun


def _publish(number: int) -> float:
    """One update, as a lead gives it out; returns when that began."""
    from pharos.actions import advisories
    from pharos.models import Incident, Role, User

    incident = Incident.objects.select_related("organisation").get()
    lead = User.objects.filter(organisation=incident.organisation, role=Role.LEAD)[0]
    words = {
        "en": f"Update {number}: buses leave from the north gate every 20 minutes. Those who need a lift wait inside."
    }
    now = datetime.now(UTC)
    advisory = advisories.draft(incident=incident, title={"en": "Buses"}, body=words, by=lead, now=now)
    begun = time.perf_counter()
    advisories.publish(advisory=advisory, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    return begun


def _memory_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Private_Dirty:")).split()[1])


def follow(port: int, pid: int, contacts: list[int], single: int) -> dict[str, Any]:
    """The process that holds the pages."""
    import django

    django.setup()
    return asyncio.run(follow_all(port, pid, contacts, single))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 pages, fewer changes")
    parser.add_argument("--only", choices=[one.lower() for one in DATABASES], help="one database alone")
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--follow", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.make:
        print(json.dumps(make(asked.make)))
        return
    if asked.follow:
        print(json.dumps(follow(**json.loads(asked.follow))))
        return
    pages, single = (200, 30) if asked.quick else (PAGES, SINGLE)
    columns = ("one: heard ms", "one: shown ms", "news: shown ms", "all: heard ms", "all: shown ms")
    print(f"{'':14}{'':8}" + "".join(f"{name:>18}" for name in columns) + f"{'kB a':>8}")
    print(f"{'database':14}{'pages':>8}" + f"{'p50':>9}{'p99':>9}" * len(columns) + f"{'page':>8}")
    for database in DATABASES:
        if asked.only in {None, database.lower()}:
            told = measure(database, pages, single)
            news, every = ([pair for turn in told[sort] for pair in turn] for sort in ("news", "all"))
            spans = [
                [one[which] for one in ones] for ones in (told["one"], news, every) for which in range(len(ones[0]))
            ]
            figures = "".join(f"{1000 * share(span, 0.5):9.0f}{1000 * share(span, 0.99):9.0f}" for span in spans)
            print(f"{database:14}{pages:8,}{figures}{told['memory_kb']:8.0f}", flush=True)


def measure(database: str, pages: int, single: int) -> dict[str, Any]:
    """One database: a web process by itself, and the pages in another."""
    with centre(database) as one:
        one.example()
        contacts = one.measured("bench.live", "--make", str(pages))["contacts"]
        with one.web() as (port, pid):
            asked = {"port": port, "pid": pid, "contacts": contacts, "single": single}
            told: dict[str, Any] = one.measured("bench.live", "--follow", json.dumps(asked))
            return told


if __name__ == "__main__":
    sys.exit(main())
