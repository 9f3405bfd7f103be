"""People who hand in requests without a pause and send each again until it is answered."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

KEPT = (200, 201)


@dataclass
class Senders:
    """`count` threads; each request has a key of its own and is sent until it is kept, or until the end.

    `again_s`: between two tries of one request. `kept`: by key, the reference that was answered. `unsure`: keys whose
    last try had no answer when the load ended.
    """

    address: str
    token: str
    count: int = 2
    pause_s: float = 0.02
    again_s: float = 0.05
    name: str = "load"
    kept: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send_all, args=(number,)) for number in range(self.count)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def until(self, kept: int, *, within_s: float = 60) -> None:
        """Wait until so many more were kept."""
        wanted, until = len(self.kept) + kept, time.monotonic() + within_s
        while len(self.kept) < wanted:
            assert time.monotonic() < until, (self.statuses, self.wrong[:3])
            time.sleep(0.02)

    def _send_all(self, sender: int) -> None:
        with httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.token}"}) as client:
            number = 0
            while not self._over.is_set():
                key = f"{self.name}-{sender}-{number}"
                number += 1
                self._send(client, key)
                self._over.wait(self.pause_s)

    def _send(self, client: httpx.Client, key: str) -> None:
        body = {
            "channel": "web",
            "text": f"The ferry is cancelled. {key}",
            "person": {"name": key, "email": f"{key}@example.org"},
        }
        self.unsure.add(key)
        last_round = False
        while not last_round:
            last_round = self._over.is_set()
            answer = self._post(client, key, body)
            if answer is not None and answer.status_code in KEPT:
                self.kept[key] = answer.json()["reference"]
                self.unsure.discard(key)
                return
            time.sleep(self.again_s)

    def _post(self, client: httpx.Client, key: str, body: dict[str, Any]) -> httpx.Response | None:
        try:
            answer = client.post("/api/v1/contacts", json=body, headers={"Idempotency-Key": key}, timeout=40)
        except httpx.HTTPError:
            self.statuses[0] += 1
            return None
        self.statuses[answer.status_code] += 1
        if answer.status_code not in {*KEPT, 503} or (
            answer.status_code == 503 and "Retry-After" not in answer.headers
        ):
            self.wrong.append(f"{answer.status_code} {answer.text[:300]}")
        return answer


@dataclass
class Agents:
    """Agents who take what they are offered, answer and close it; whatever fails on the way, they go on."""

    address: str
    tokens: list[str]
    answered: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(token,)) for token in self.tokens]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _work(self, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{self.address}/api/v1/", headers=headers, timeout=40) as client:
            while not self._over.wait(0.15):
                me = self._call(client, "GET", "agents/me")
                if me is None:
                    continue
                if me.json()["status"] != "available":
                    self._call(client, "POST", "agents/me/status", {"status": "available"})
                for reference in me.json()["contacts"]:
                    self._finish(client, reference)
                offer = self._call(client, "GET", "agents/me/offer")
                if offer is not None and offer.status_code == httpx.codes.OK:
                    self._call(client, "POST", f"offers/{offer.json()['id']}/accept")

    def _finish(self, client: httpx.Client, reference: str) -> None:
        if reference not in self.answered:
            if self._call(client, "POST", f"contacts/{reference}/reply", {"text": "A coach waits."}) is None:
                return
            self.answered.add(reference)
        self._call(client, "POST", f"contacts/{reference}/finish")
        self._call(client, "POST", f"contacts/{reference}/close", {"disposition": "answered", "summary": "A coach."})

    def _call(self, client: httpx.Client, method: str, path: str, body: Any = None) -> httpx.Response | None:
        """The answer, or None when the centre was away; a 409 is news, not a failure."""
        try:
            answer = client.request(method, path, json=body)
        except httpx.HTTPError:
            return None
        if answer.is_success or answer.status_code == httpx.codes.CONFLICT:
            return answer
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            self.wrong.append(f"{method} {path} {answer.status_code} {answer.text[:300]}")
        return None
