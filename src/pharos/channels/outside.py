"""Connections to addresses that somebody typed: never into the own network, and over within a time."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from pharos.actions import webhooks


class Outside(httpcore.NetworkBackend):
    """Looks a name up once, connects to what it found and may be reached, and ends everything after `within_s`.

    The address that was checked is the one that is connected to: a name that answers differently the second time
    gains nothing.
    """

    def __init__(self, *, within_s: float) -> None:
        self._until = time.monotonic() + within_s
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of this host that may be reached and answers."""
        failed: Exception = httpcore.ConnectError("there is no public address of this name")
        for address in _addresses(host, port):
            if not webhooks.is_allowed(address):
                continue
            try:
                stream = self._network.connect_tcp(str(address), port, timeout=_left(self._until))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return Hurried(stream, self._until)
        raise failed


class Hurried(httpcore.NetworkStream):
    """A connection on which no step goes on after `until`, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came."""
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        """End it."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same, encrypted and in the name that was asked for."""
        return Hurried(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows about itself."""
        return self._stream.get_extra_info(info)


def _addresses(host: str, port: int) -> list[webhooks.Address]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(f"no such name: {error.strerror}") from error
    return list(dict.fromkeys(ipaddress.ip_address(where[0]) for *_, where in found))


def _left(until: float) -> float:
    """The seconds that are left, or `httpcore.ReadTimeout`."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left
