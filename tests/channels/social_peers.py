"""Carriers of social networks, as a test plays them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from pharos.channels import Outbound, Via
from pharos.channels.social import bridge as bridge_
from pharos.models import Channel, Organisation
from tests.channels.conftest import outbound
from tests.channels.mastodon_server import TOKEN, Mastodon, mastodon_server
from tests.factories import make_entry

KEY = "whsec_c2hhcmVkLWtleS1vZi10aGUtdGVzdHM="


class MastodonPeer:
    """A Mastodon server."""

    nowhere = "mastodon:@ani@far.example @everyone"

    def __init__(self, site: Mastodon) -> None:
        self._site = site

    def outbound(self, **fields: Any) -> Outbound:
        """A direct message."""
        options, secret = {"url": self._site.url, "most": "500"}, {"token": TOKEN}
        via = Via(pk=1, adapter="mastodon", address="@help@lines.example", token="t", options=options, secret=secret)
        return outbound(**{"address": "mastodon:@ani@far.example", "via": via, **fields})

    def refuse(self, *, permanent: bool) -> None:
        """Say no to everything."""
        self._site.always = 422 if permanent else 503

    def texts(self) -> list[str]:
        """The words of what was posted."""
        return [one["text"].removeprefix("@ani@far.example ") for one in self._site.ours]


@contextmanager
def mastodon(settings: Any, folder: Path) -> Iterator[MastodonPeer]:
    """A server that takes posts."""
    _let_inside(settings)
    with mastodon_server() as site:
        yield MastodonPeer(site)


class BridgeHandler(BaseHTTPRequestHandler):
    server: "Bridge"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.says
        time.sleep(self.server.wait_s)
        if status < 300:
            self.server.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Keep quiet."""


class Bridge(ThreadingHTTPServer):
    """A bridge to some other network."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BridgeHandler)
        self.says, self.answer, self.headers = 202, b"", dict[str, str]()
        self.wait_s = 0.0
        self.came: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/in"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.came]


class BridgePeer:
    """A bridge that takes what it is told."""

    nowhere = "not a handle"

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def outbound(self, **fields: Any) -> Outbound:
        """A private message."""
        options = {"url": self._bridge.url}
        via = Via(pk=2, adapter="social_http", address="@help", token="t", options=options, secret={"key": KEY})
        return outbound(**{"address": "bluesky:@ani.example", "via": via, **fields})

    def refuse(self, *, permanent: bool) -> None:
        """Say no."""
        self._bridge.says = 422 if permanent else 503

    def texts(self) -> list[str]:
        """The words it was told."""
        return [one["text"] for one in self._bridge.told]


class BridgeDoor:
    """A bridge that brings private messages."""

    def __init__(self, client: Client, organisation: Organisation) -> None:
        self._client = client
        self.entry = make_entry(organisation, Channel.SOCIAL, "@help", adapter="social_http", secret={"key": KEY})

    def deliver(self, key: str, text: str) -> int:
        """A private message."""
        return self._bring(self._mention(key, text), KEY)

    def forge(self, key: str, text: str) -> int:
        """The same, signed with another key."""
        return self._bring(self._mention(key, text), KEY.replace("c2hh", "aaaa"))

    def empty(self) -> int:
        """Nothing, signed."""
        return self._bring(b"", KEY)

    def _mention(self, key: str, text: str) -> bytes:
        writer = {"handle": "ani.example"}
        return json.dumps({"id": key, "network": "bluesky", "from": writer, "text": text, "public": False}).encode()

    def _bring(self, payload: bytes, key: str) -> int:
        signed = bridge_.signed({"key": key}, message_id="d1", payload=payload, at_s=time.time())
        path = reverse("social_bridge", args=[self.entry.token])
        answer = self._client.post(path, payload, content_type="application/json", headers=signed)
        return answer.status_code


@contextmanager
def served() -> Iterator[Bridge]:
    server = Bridge()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def bridge(settings: Any, folder: Path) -> Iterator[BridgePeer]:
    """A bridge that listens."""
    _let_inside(settings)
    with served() as server:
        yield BridgePeer(server)


def _let_inside(settings: Any) -> None:
    networks = [ip_network("127.0.0.0/8")]
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"webhook_networks": networks})
