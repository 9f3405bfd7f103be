"""The run: rows at their times, agents beside them, and the count at the end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import NamedTuple
from zoneinfo import ZoneInfo

import httpx

from pharos.api.replay.doors import Doors, Gone, Outcome, patiently
from pharos.api.replay.players import Floor
from pharos.api.replay.roads import Post
from pharos.api.replay.tally import LOOKS, Tally, ask
from pharos.api.replay.target import Target
from pharos.api.replay.wave import Row, Wave

TIMEOUT_S = 30.0
LOOK_S = 1.0
SETTLE_S = 10.0  # an offer or a close may be under way for as long
STILL_S = 90.0  # nothing was closed for so long: what is left is for nobody here


class Plan(NamedTuple):
    """How to run: `speed` times faster than the day, at most `at_once` requests under way."""

    speed: float
    at_once: int
    seed: int
    waits: bool  # until the last acknowledgement's minute is over


class Shown(NamedTuple):
    """What the progress bars follow."""

    sent: Callable[[Outcome], None]
    closed: Callable[[int, int], None]


async def run(wave: Wave, target: Target, plan: Plan, tally: Tally, *, shown: Shown, stop: asyncio.Event) -> Floor:
    """Send the wave, let the agents finish, and ask how it stands. Told to `stop`, it counts what was done by then."""
    today = datetime.now(ZoneInfo(target.zone)).date()
    async with _client(plan.at_once) as client, _client(len(target.agents) * 2 + 1) as staff:
        floor = Floor(staff, target, speed=plan.speed, seed=plan.seed)
        playing = asyncio.create_task(floor.work()) if floor.agents else None
        post = Post(target.smtp) if target.smtp else None
        try:
            doors = Doors(client, target, today=today, post=post)
            await _send_all(wave, doors, plan, tally, shown=shown, stop=stop)
            if playing:
                await _work_off(floor, playing, client, tally, shown=shown, stop=stop)
        finally:
            if post:
                post.close()
            if playing:
                playing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await playing
        asked = [one.reference for one in tally.accepted if playing or one.row.email]
        await ask(client, target, tally, references=asked, looks=LOOKS if plan.waits and not stop.is_set() else 1)
    return floor


class _LoopbackNames(httpx.AsyncHTTPTransport):
    """Names below `.localhost` are this machine, as browsers know and not every resolver does."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.endswith(".localhost"):
            request.url = request.url.copy_with(host="127.0.0.1")
        return await super().handle_async_request(request)


@contextlib.asynccontextmanager
async def _client(at_once: int) -> AsyncIterator[httpx.AsyncClient]:
    """Connections are kept, cookies are not: every row is another visitor."""
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    transport = _LoopbackNames(limits=limits, trust_env=False)
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(TIMEOUT_S, pool=None), transport=transport, cookies=no_cookies
    ) as client:
        yield client


async def _send_all(wave: Wave, doors: Doors, plan: Plan, tally: Tally, *, shown: Shown, stop: asyncio.Event) -> None:
    began = time.monotonic()
    free = asyncio.Semaphore(plan.at_once)

    async def send(row: Row) -> None:
        try:
            outcome = await doors.send(row)
        finally:
            free.release()
        tally.outcomes.append(outcome)
        tally.seconds = time.monotonic() - began
        shown.sent(outcome)

    async with asyncio.TaskGroup() as group:
        first_s = wave.rows[0].at_s if wave.rows else 0.0
        for row in wave.rows:
            await _pause((row.at_s - first_s) / plan.speed - (time.monotonic() - began), stop)
            await free.acquire()
            if stop.is_set():
                return
            group.create_task(send(row))


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    """Wait, or less when told to stop."""
    if seconds > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


async def _work_off(
    floor: Floor,
    playing: "asyncio.Task[None]",
    client: httpx.AsyncClient,
    tally: Tally,
    *,
    shown: Shown,
    stop: asyncio.Event,
) -> None:
    """Until every accepted row is closed, or until nothing moves any more."""
    mine = {one.reference for one in tally.accepted}
    moved, last = time.monotonic(), -1
    while mine - floor.closed and not stop.is_set():
        await _pause(LOOK_S, stop)
        shown.closed(len(mine & floor.closed), len(mine))
        if playing.done():
            await playing
        if floor.counts["closed"] != last or floor.busy:
            moved, last = time.monotonic(), floor.counts["closed"]
        still_s = time.monotonic() - moved
        if still_s > STILL_S or (still_s > SETTLE_S and not await _waiting(floor, client)):
            return


async def _waiting(floor: Floor, client: httpx.AsyncClient) -> bool:
    """Whether the centre still has someone waiting or offered; unknown counts as yes."""
    headers = {"Authorization": f"Bearer {floor.target.token}"}
    try:
        answer = (await patiently(client, "GET", f"{floor.target.url}/api/v1/queue/summary", headers=headers)).response
    except Gone:
        return True
    return not answer.is_success or bool(answer.json()["waiting"])
