"""Live pages as browsers keep them: what was fetched once, and again whenever the stream said so."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

REOPEN_S = 1.0
QUIET_S = 30.0  # longer than the stream's heartbeat

Read = Callable[[str], list[str]]


@dataclass
class Page:
    """One open page: its stream, and its parts by the names that fetch each again. `read` takes the facts out of them.

    A page that is signed in brings its own client; `elsewhere` asks the same of another web process.
    """

    client: httpx.Client
    elsewhere: httpx.Client
    stream: str
    parts: Mapping[str, tuple[str, ...]]
    read: Read
    shown: dict[str, str] = field(default_factory=dict)
    fetched: int = 0
    wrong: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._fetch(self.parts)
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._over.set()

    def facts(self) -> list[str]:
        """What the page shows now."""
        return [one for part in self.parts for one in self.read(self.shown.get(part, ""))]

    def truth(self) -> list[str]:
        """What a page that is opened now would show."""
        return [one for part in self.parts for one in self.read(self.elsewhere.get(part).text)]

    def _live(self) -> None:
        while not self._over.is_set():
            try:
                with self.client.stream("GET", self.stream, timeout=httpx.Timeout(10, read=QUIET_S)) as answer:
                    if answer.status_code == httpx.codes.OK:
                        self._fetch(self.parts)
                        self._follow(answer)
                    elif answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                        self.wrong.append(f"{self.stream} {answer.status_code}")
            except httpx.HTTPError:
                pass
            self._over.wait(REOPEN_S)

    def _follow(self, answer: httpx.Response) -> None:
        for line in answer.iter_lines():
            if self._over.is_set():
                return
            name = line.removeprefix("event: ") if line.startswith("event: ") else ""
            if name:
                self._fetch([part for part, names in self.parts.items() if name in names or name == "resync"])

    def _fetch(self, parts: Any) -> None:
        for part in parts:
            try:
                answer = self.client.get(part, timeout=20)
            except httpx.HTTPError:
                continue
            if answer.status_code == httpx.codes.OK:
                self.shown[part] = answer.text
                self.fetched += 1
            elif answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                self.wrong.append(f"{part} {answer.status_code}")


def of_person(html: str) -> list[str]:
    """The messages, and how it stands, without times."""
    said = re.findall(r'<p class="strong">(.*?)</p>', html, re.DOTALL)
    return [*re.findall(r'id="(message-\d+)"', html), *(re.sub(r"\d.*", "", one).strip() for one in said)]


def of_desk(html: str) -> list[str]:
    """What is offered and what is held."""
    return sorted(set(re.findall(r'class="reference">([^<]+)<', html)) | set(re.findall(r'data-offer="(\d+)"', html)))


def of_board(html: str) -> list[str]:
    """Danger to life and all, waiting; who is in which status."""
    return re.findall(r'<span class="tile-value">([^<]*)</span>', html)[:2]
