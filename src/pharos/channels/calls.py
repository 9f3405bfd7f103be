"""Asking a system outside something over HTTP: one answer, within a time, of a size that fits."""

import base64
import json
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import httpcore
import httpx

from pharos.channels.outside import Outside

WITHIN_S = 10.0  # for looking up, connecting, sending and the answer together
MOST_BYTES = 2**16


class Answer(NamedTuple):
    """What came back. Names of headers are in lower case; a body that was too long is cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class NoAnswer(Exception):
    """The other side gave none. `unsure`: it may have done what it was asked all the same."""

    def __init__(self, reason: str, *, unsure: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unsure = unsure


_NOT_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.UnsupportedProtocol, httpx.InvalidURL, ValueError)
_PERHAPS = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError)


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes = b"",
    within_s: float = WITHIN_S,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """One request to an address that somebody typed, or `NoAnswer`. Redirects are not followed.

    A body that is longer than `most_bytes` is cut one byte after; with 0 nobody waits for any of it.
    """
    try:
        with _pool(within_s) as pool:
            return _call(pool, method, url, headers, content, most_bytes=most_bytes)
    except _NOT_SENT as error:
        raise NoAnswer(_said(error), unsure=False) from None
    except _PERHAPS as error:
        raise NoAnswer(_said(error), unsure=True) from None


def _pool(within_s: float) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(ssl_context=_trust(), network_backend=Outside(within_s=within_s))


def _call(
    pool: httpcore.ConnectionPool,
    method: str,
    typed: str,
    headers: Mapping[str, str],
    content: bytes,
    *,
    most_bytes: int,
) -> Answer:
    url, names = httpx.URL(typed), {name.lower() for name in headers}
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    sent = list(headers.items())
    if url.userinfo and "authorization" not in names:
        sent.append(("authorization", "Basic " + base64.b64encode(url.userinfo).decode()))
    with pool.stream(method, target, headers=sent, content=content) as response:
        body = bytearray()
        for chunk in response.iter_stream() if most_bytes else ():
            body += chunk
            if len(body) > most_bytes:
                break
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status, found, bytes(body[: most_bytes + 1]))


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
