"""Clients that each send one request after another over a connection of their own, and cost next to nothing."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

NUMBER = b"000000000"  # stands in a request where each gets its own number
HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"


class Measured(NamedTuple):
    """What came of it. `cpu_share`: of one core, used by the clients themselves."""

    statuses: Mapping[int, int]
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_share: float


class _Client(asyncio.Protocol):
    """Sends until the time is over; what is under way then is waited for."""

    def __init__(self, request: bytes, numbers: Iterator[int], until: float) -> None:
        self.taken_s: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request, self._numbers, self._until = request, numbers, until
        self._answer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(HEAD_END)
        if not end or len(body) < int((head.lower().partition(LENGTH)[2].partition(b"\r\n")[0]).strip() or b"0"):
            return
        self._answer = b""
        self.taken_s.append(time.perf_counter() - self._sent_at)
        self.statuses[int(head[9:12])] += 1
        if time.perf_counter() < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self._until:
            self.statuses[0] += 1  # a lost connection is no answer
        self.over.set_result(None)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._request.replace(NUMBER, b"%09d" % next(self._numbers)))


def post(path: str, *, host: str, headers: Mapping[str, str], body: str) -> bytes:
    """A request as it goes over the wire."""
    content = body.encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + HEAD_END + content


_numbers = itertools.count(1)


def measure(request: bytes, *, port: int, clients: int, seconds: float) -> Measured:
    """Let so many clients send this for so long."""
    return asyncio.run(_measure(request, port, clients, seconds))


async def _measure(request: bytes, port: int, clients: int, seconds: float) -> Measured:
    begun, cpu = time.perf_counter(), time.process_time()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Client(request, _numbers, begun + seconds), "127.0.0.1", port)
        for _ in range(clients)
    ]
    every = [client for _transport, client in made]
    await asyncio.gather(*(client.over for client in every))
    taken = sorted(one for client in every for one in client.taken_s) or [0.0]
    passed = time.perf_counter() - begun
    return Measured(
        statuses=sum((client.statuses for client in every), Counter()),
        seconds=passed,
        p50_ms=1000 * taken[len(taken) // 2],
        p99_ms=1000 * taken[len(taken) * 99 // 100],
        cpu_share=(time.process_time() - cpu) / passed,
    )
