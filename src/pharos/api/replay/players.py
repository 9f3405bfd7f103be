"""Agents played over HTTP: available, offered, accepted, answered, wrapped up, closed."""

import asyncio
import math
import random
from collections import Counter, deque
from typing import Any

import httpx

from pharos.api.replay.doors import Gone, patiently
from pharos.api.replay.target import Target

MEAN_HANDLE_S = 240.0
SPREAD = 0.8  # of the logarithm of handle times, as contact centres measure it
TALK_SHARE = 0.75  # the rest is wrap-up
LIVE = frozenset({"voice", "chat"})
SOONEST_POLL_S, LATEST_POLL_S = 0.5, 8.0  # an offer lives longer than that
LESS_OFTEN = 1.6  # after each look that found nothing: looking costs the centre as much as finding
HANDS_FULL = 3  # what an agent of the example may hold; nothing more is offered then

REPLIES = {
    "en": "Thank you for waiting. I have looked at your request and it is in hand. You need do nothing more today.",
    "fa": "سپاس از شکیبایی‌تان. درخواستتان را دیدم و پیگیر آن هستم. امروز لازم نیست کار دیگری بکنید.",
    "hy": "Շնորհակալություն սպասելու համար։ Նայեցի Ձեր դիմումը և զբաղվում եմ դրանով։ Այսօր այլևս ոչինչ անել պետք չէ։",
    "zh-hans": "感谢您的等待。您的请求我已看过，正在办理。您今天不用再做什么。",
}
SUMMARIES = {
    "en": "We looked at your request together and arranged what you asked for.",
    "fa": "درخواستتان را با هم بررسی کردیم و آنچه خواستید انجام شد.",
    "hy": "Միասին նայեցինք Ձեր դիմումը և արեցինք այն, ինչ խնդրել էիք։",
    "zh-hans": "我们一起看了您的请求，并办好了您需要的事。",
}
LOOKS_BEFORE_DOUBT = 10  # without an offer, before an agent asks whether it is still available
DISPOSITIONS = {"refund": "refund_started", "change": "rebooked", "information": "answered"}
CHANGES = frozenset({"refund_started", "rebooked"})  # close only once it is known who the person is


class Floor:
    """All played agents, what they did, and whether any of them still has something in hand."""

    def __init__(self, client: httpx.AsyncClient, target: Target, *, speed: float, seed: int) -> None:
        self.client = client
        self.target = target
        self.speed = speed
        self.counts: Counter[str] = Counter()
        self.closed: set[str] = set()
        self.agents = [Player(self, token, random.Random(f"{seed}:{n}")) for n, token in enumerate(target.agents)]  # noqa: S311

    async def work(self) -> None:
        """Play until cancelled; then everybody goes offline."""
        try:
            async with asyncio.TaskGroup() as group:
                for agent in self.agents:
                    group.create_task(agent.look())
                    group.create_task(agent.handle())
        finally:
            await asyncio.gather(*(agent.status("offline") for agent in self.agents), return_exceptions=True)

    @property
    def busy(self) -> bool:
        """Whether someone has a contact in hand."""
        return any(agent.hands for agent in self.agents)


class Player:
    """One agent: takes every offer at once, and works on one contact after the other."""

    def __init__(self, floor: Floor, token: str, rng: random.Random) -> None:
        self.floor = floor
        self.hands: deque[dict[str, Any]] = deque()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._rng = rng
        self._taken = asyncio.Event()

    async def look(self) -> None:
        """Accept what is offered, for ever."""
        await self._take_up_held()
        await self.status("available")
        empty, poll_s = 0, SOONEST_POLL_S
        while True:
            await asyncio.sleep(poll_s * self._rng.uniform(0.7, 1.3))
            if len(self.hands) >= HANDS_FULL:
                continue
            offer = await self._call("GET", "agents/me/offer")
            if offer is not None and offer.status_code == httpx.codes.OK:
                await self._accept(offer.json())
                empty, poll_s = 0, SOONEST_POLL_S
                continue
            empty, poll_s = empty + 1, min(poll_s * LESS_OFTEN, LATEST_POLL_S)
            if empty % LOOKS_BEFORE_DOUBT == 0:
                await self._come_back()

    async def handle(self) -> None:
        """Answer, wrap up and close, one contact at a time, for ever."""
        while True:
            while not self.hands:
                self._taken.clear()
                await self._taken.wait()
            contact = self.hands[0]
            await self._close(contact)
            self.hands.popleft()

    async def status(self, status: str) -> None:
        """Go available, on a break or offline."""
        await self._call("POST", "agents/me/status", {"status": status})

    async def _take_up_held(self) -> str:
        """Go on with what this agent holds after a stopped run, a lost answer, a failed close. Returns the status."""
        me = await self._call("GET", "agents/me")
        if me is None or not me.is_success:
            return ""
        in_hand = {contact["reference"] for contact in self.hands}
        for reference in set(me.json()["contacts"]) - in_hand:
            contact = await self._call("GET", f"contacts/{reference}")
            if contact is not None and contact.is_success:
                self._take(contact.json())
        return str(me.json()["status"])

    async def _come_back(self) -> None:
        if await self._take_up_held() not in {"", "available"}:
            self.floor.counts["breaks"] += 1
            await self.status("available")

    async def _accept(self, offer: dict[str, Any]) -> None:
        answer = await self._call("POST", f"offers/{offer['id']}/accept")
        if answer is not None and answer.is_success:
            self.floor.counts["accepted"] += 1
            self._take(answer.json())
        else:
            self.floor.counts["offers_over"] += 1

    def _take(self, contact: dict[str, Any]) -> None:
        place = 1 if contact["channel"] in LIVE and self.hands else len(self.hands)
        self.hands.insert(place, contact)  # who is on the line goes before who has written
        self._taken.set()

    async def _close(self, contact: dict[str, Any]) -> None:
        reference, language = contact["reference"], contact["language"]
        handle_s = self._handle_s()
        await asyncio.sleep(handle_s * TALK_SHARE)
        if contact["state"] == "active":
            await self._reply(reference, language)
            await self._call("POST", f"contacts/{reference}/finish")
        await asyncio.sleep(handle_s * (1 - TALK_SHARE))
        disposition = DISPOSITIONS.get(contact["request_type"], "solved")
        if disposition in CHANGES:
            await self._call("POST", f"contacts/{reference}/identity", {"way": "booking"})
        body = {"disposition": disposition, "summary": SUMMARIES.get(language, SUMMARIES["en"])}
        closed = await self._call("POST", f"contacts/{reference}/close", body)
        if closed is not None and closed.is_success:
            self.floor.closed.add(reference)
            self.floor.counts["closed"] += 1
        else:
            self.floor.counts["not_closed"] += 1

    async def _reply(self, reference: str, language: str) -> None:
        """Answered once, also when the first answer's answer was lost on the way."""
        sent = await self._call("POST", f"contacts/{reference}/reply", {"text": REPLIES.get(language, REPLIES["en"])})
        self.floor.counts["replied"] += bool(sent is not None and sent.is_success)

    def _handle_s(self) -> float:
        """A lognormal handle time whose mean is `MEAN_HANDLE_S`, at the speed of the replay."""
        mean_log = math.log(MEAN_HANDLE_S) - SPREAD**2 / 2
        return self._rng.lognormvariate(mean_log, SPREAD) / self.floor.speed

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response | None:
        address = f"{self.floor.target.url}/api/v1/{path}"
        what = {"headers": self._headers} | ({"json": body} if body is not None else {})
        try:
            return (await patiently(self.floor.client, method, address, **what)).response
        except Gone:
            self.floor.counts["gone"] += 1
            return None
