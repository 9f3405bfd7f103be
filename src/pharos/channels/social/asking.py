"""One call to another server: only where we may reach, over within a time, and no more read than we can hold."""

import json
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import httpcore
import httpx

from pharos.channels import DeliveryError
from pharos.channels.outside import Outside

WITHIN_S: Final = 10.0  # for looking up, connecting, sending and the answer together
MOST_BYTES: Final = 4 * 2**20
AGENT: Final = "Pharos/1"
NOT_SENT: Final = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.UnsupportedProtocol)
LOST: Final = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    query: list[tuple[str, str]] | None = None,
    body: bytes = b"",
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """The server's answer, whatever it is; `DeliveryError` when there is none. Redirects are not followed."""
    try:
        target = httpx.URL(url)
        path = target.raw_path + (b"?" + urlencode(query).encode() if query else b"")
        where = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=path)
        sent = [("user-agent", AGENT), *headers.items()]
        with (
            httpcore.ConnectionPool(ssl_context=_trust(), network_backend=Outside(within_s=WITHIN_S)) as pool,
            pool.stream(method, where, headers=sent, content=body) as response,
        ):
            read = _read(response, most_bytes)
            given = httpx.Headers([(name, value) for name, value in response.headers])
            return Answer(response.status, given, read)
    except NOT_SENT as error:
        raise DeliveryError(_said(error), permanent=False) from None
    except LOST as error:
        raise DeliveryError(_said(error), permanent=False, unsure=True) from None
    except (httpx.InvalidURL, OSError, ValueError) as error:
        raise DeliveryError(_said(error), permanent=False) from None


def _read(response: httpcore.Response, most: int) -> bytes:
    read = bytearray()
    for piece in response.iter_stream():
        read += piece
        if len(read) > most:
            raise DeliveryError("the answer is too long", permanent=False, unsure=True)
    return bytes(read)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
