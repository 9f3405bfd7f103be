"""What the run came to."""

import asyncio
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx

from pharos.api.replay.doors import Gone, Outcome, patiently
from pharos.api.replay.target import Target

MINUTE_S = 60.0
LOOK_AGAIN_S = 3.0
LOOKS = 3  # at once, soon after, and when its minute is over
READERS = 8
SENT = frozenset({"sent", "shown"})


class Standing(NamedTuple):
    """What the centre says of one contact afterwards."""

    acknowledged_s: float | None
    promise_error_s: float | None
    kept: bool | None
    answered: bool


@dataclass
class Tally:
    """The run's outcomes, and what the centre says of them."""

    outcomes: list[Outcome] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    unreadable: int = 0
    seconds: float = 0.0

    @property
    def accepted(self) -> list[Outcome]:
        """What got a reference."""
        return [one for one in self.outcomes if one.reference]

    def refused(self) -> Counter[str]:
        """How often each reason was given."""
        return Counter(one.refused for one in self.outcomes if not one.reference)

    def result(self) -> dict[str, Any]:
        """The numbers, for programs: counts, seconds, and shares from 0 to 1 (None: nothing to divide)."""
        addressed = [one for one in self.accepted if one.row.email]
        known = [self.standings[one.reference] for one in addressed if one.reference in self.standings]
        in_time = sum(one.acknowledged_s is not None and one.acknowledged_s <= MINUTE_S for one in known)
        refused = self.refused()
        return {
            "sent": len(self.outcomes),
            "accepted": len(self.accepted),
            "refused": sum(refused.values()) + self.unreadable,
            "refused_by_reason": dict(refused.most_common())
            | ({"unreadable": self.unreadable} if self.unreadable else {}),
            "with_address": len(addressed),
            "acknowledged_in_60s": in_time,
            "acknowledged_share": _share(in_time, len(addressed)),
            "acknowledged_s": _spread([one.acknowledged_s for one in known if one.acknowledged_s is not None]),
            "promise": self._promise(),
            "seconds": round(self.seconds, 2),
            "per_second": round(len(self.outcomes) / self.seconds, 2) if self.seconds else None,
            "tried_again": sum(one.tries > 1 for one in self.outcomes),
            "latency_ms": self._latencies(),
        }

    def _latencies(self) -> dict[str, dict[str, float] | None]:
        by_door: dict[str, list[float]] = {}
        for one in self.accepted:
            by_door.setdefault(one.door, []).append(1000 * one.seconds)
        return {door: _spread(values) for door, values in sorted(by_door.items())}

    def _promise(self) -> dict[str, Any]:
        standings = self.standings.values()
        errors = [one.promise_error_s for one in standings if one.promise_error_s is not None]
        judged = [one.kept for one in standings if one.kept is not None]
        return {
            "answered": sum(one.answered for one in standings),
            "mean_error_s": round(sum(errors) / len(errors), 1) if errors else None,
            "error_s": _spread(errors),
            "kept_share": _share(sum(judged), len(judged)),
        }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    ordered = sorted(values)
    return {f"p{percent}": round(ordered[_rank(percent, len(ordered))], 1) for percent in (50, 99)}


def _rank(percent: int, count: int) -> int:
    return max(math.ceil(percent / 100 * count) - 1, 0)


async def ask(
    client: httpx.AsyncClient, target: Target, tally: Tally, *, references: Iterable[str], looks: int = LOOKS
) -> None:
    """Read where each contact stands; those not acknowledged yet are read again, at last when their minute is over."""
    gate = asyncio.Semaphore(READERS)
    await asyncio.gather(
        *(_follow(client, target, tally, gate, reference=reference, looks=looks) for reference in references)
    )


async def _follow(
    client: httpx.AsyncClient, target: Target, tally: Tally, gate: asyncio.Semaphore, *, reference: str, looks: int
) -> None:
    address = f"{target.url}/api/v1/contacts/{reference}"
    headers = {"Authorization": f"Bearer {target.token}"}
    for look in range(looks):
        async with gate:
            try:
                response = (await patiently(client, "GET", address, headers=headers)).response
            except Gone:
                return
        if not response.is_success:
            return
        contact = response.json()
        tally.standings[reference] = standing(contact)
        left_s = MINUTE_S - _age_s(contact, _clock(response))
        if tally.standings[reference].acknowledged_s is not None or left_s < 0 or look + 1 == looks:
            return
        await asyncio.sleep(left_s + 1 if look else min(left_s + 1, LOOK_AGAIN_S))


def _clock(response: httpx.Response) -> datetime:
    """What time it is at the centre."""
    said = response.headers.get("Date")
    return parsedate_to_datetime(said) if said else datetime.now().astimezone()


def standing(contact: dict[str, Any]) -> Standing:
    """What one contact's record says of its acknowledgement and of the promise told first."""
    arrived = datetime.fromisoformat(contact["arrived_at"])
    settled = [
        _moment(one["settled_at"])
        for one in contact["messages"]
        if one["sort"] == "acknowledgement" and one["state"] in SENT
    ]
    times = [at for at in settled if at]
    answered = _moment(contact["first_answered_at"])
    told = contact["promises"][0] if contact["promises"] else {}
    by = _moment(told.get("by"))
    return Standing(
        acknowledged_s=(min(times) - arrived).total_seconds() if times else None,
        promise_error_s=abs((answered - by).total_seconds()) if answered and by else None,
        kept=answered <= by if answered and by else None,
        answered=answered is not None,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _age_s(contact: dict[str, Any], now: datetime) -> float:
    return (now - datetime.fromisoformat(contact["arrived_at"])).total_seconds()
