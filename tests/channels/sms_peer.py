"""Carriers of text messages as a test plays them: one that speaks as Twilio does, and one of its own kind."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.test import Client
from django.urls import reverse

from pharos.channels import Outbound, Via
from pharos.models import Channel, EntryPoint, Organisation
from tests.channels.conftest import outbound
from tests.factories import make_entry, make_organisation

ACCOUNT, TOKEN = "AC0123456789abcdef", "twelve-lanterns"
SECRET, AUTH = "seven-boats", "Bearer five-ropes"
PERSON, OURS = "+37491234567", "+37410123456"
ANSWERS = {
    ("twilio", True): (400, {"code": 21614, "message": "not a mobile number", "status": 400}),
    ("twilio", False): (429, {"code": 20429, "message": "too many requests", "status": 429}),
    ("sms_http", True): (422, {"error": "not a mobile number"}),
    ("sms_http", False): (503, {"error": "busy"}),
}
FIELDS = '{"messages": [{"destination": "{to}", "source": "{from}", "content": "{text}"}], "notify": "{report_url}"}'


class Requests:
    """What came, and what is answered."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[tuple[str, Mapping[str, str], bytes]] = []
        self.answer: Callable[[int], tuple[int, object]] = lambda number: (201, {"sid": f"SM{number:032x}"})


@contextmanager
def http_server(requests: Requests) -> Iterator[Requests]:
    """An HTTP server on the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            requests.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, said = requests.answer(len(requests.seen))
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    requests.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def number(organisation: Organisation, adapter: str, url: str = "https://carrier.example.org") -> EntryPoint:
    """A number of ours with this carrier."""
    if adapter == "twilio":
        options: dict[str, str] = {"account_sid": ACCOUNT, "base_url": url}
        secret = {"auth_token": TOKEN}
    else:
        options = {"url": f"{url}/send", "body": FIELDS, "id_at": "messages.0.id"}
        secret = {"auth": AUTH, "webhook_secret": SECRET}
    return make_entry(organisation, Channel.SMS, OURS, adapter=adapter, options=options, secret=secret)


def via(entry: EntryPoint) -> Via:
    """The same as a carrier is given it."""
    names = ("pk", "adapter", "address", "token", "options", "secret")
    return Via(**{name: getattr(entry, name) for name in names})


class SmsPeer:
    """Takes texts."""

    nowhere = "+374\r\nTo: all"

    def __init__(self, requests: Requests, entry: EntryPoint) -> None:
        self.requests = requests
        self.entry = entry
        self.took: list[str] = []
        self._say(201)

    def outbound(self, **fields: Any) -> Outbound:
        """A text."""
        return outbound(**{"address": PERSON, "via": via(self.entry), **fields})

    def refuse(self, *, permanent: bool) -> None:
        """Say no, for good or for now."""
        self.requests.answer = lambda _: ANSWERS[self.entry.adapter, permanent]
        self.requests.seen.clear()

    def texts(self) -> list[str]:
        """The words of the requests that were taken."""
        return [self.sent(body)["text"] for *_, body in self.requests.seen] if self._takes else []

    def sent(self, body: bytes) -> dict[str, str]:
        """One request in words that both carriers have."""
        if self.entry.adapter == "twilio":
            form = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
            names = {"To": "to", "From": "from", "Body": "text", "StatusCallback": "report"}
            return {names[name]: value for name, value in form.items()}
        said = json.loads(body)
        (one,) = said["messages"]
        return {"to": one["destination"], "from": one["source"], "text": one["content"], "report": said["notify"]}

    @property
    def _takes(self) -> bool:
        return self.requests.answer(0)[0] < 300

    def _say(self, status: int) -> None:
        if self.entry.adapter == "twilio":
            self.requests.answer = lambda count: (status, {"sid": f"SM{count:032x}", "status": "queued"})
        else:
            self.requests.answer = lambda count: (status, {"messages": [{"id": f"id-{count}"}]})


def opened(adapter: str) -> Any:
    """How a carrier of this kind is opened for one test."""

    @contextmanager
    def peer(settings: Any, _folder: Path) -> Iterator[SmsPeer]:
        settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"webhook_networks": [ip_network("127.0.0.0/8")]})
        with http_server(Requests()) as requests:
            yield SmsPeer(requests, number(make_organisation(), adapter, requests.url))

    return peer


class SmsDoor:
    """A number of ours into which a carrier delivers."""

    def __init__(self, adapter: str, client: Client, organisation: Organisation) -> None:
        self.client = client
        self.entry = number(organisation, adapter)
        self.path = reverse("sms_in", kwargs={"token": self.entry.token})

    def deliver(self, key: str, text: str, *, sender: str = PERSON, files: tuple[str, ...] = ()) -> int:
        """A text from somebody."""
        return self.post(self.path, self._fields(key, text, sender, files))

    def forge(self, key: str, text: str) -> int:
        """The same by somebody who does not know the secret."""
        return self.post(self.path, self._fields(key, text, PERSON, ()), secret="guessed")

    def empty(self) -> int:
        """A request with nothing in it, well signed."""
        return self.post(self.path, {})

    def post(self, path: str, fields: Mapping[str, Any], *, secret: str = "", site: str = "", **headers: Any) -> int:
        """A signed request."""
        if self.entry.adapter == "twilio":
            text = (site or "http://testserver") + path + "".join(f"{name}{fields[name]}" for name in sorted(fields))
            signature = base64.b64encode(hmac.new((secret or TOKEN).encode(), text.encode(), hashlib.sha1).digest())
            headers["HTTP_X_TWILIO_SIGNATURE"] = signature.decode()
            return self.client.post(path, fields, **headers).status_code
        body = json.dumps(fields).encode() if fields else b""
        signature_ = hmac.new((secret or SECRET).encode(), body, hashlib.sha256).hexdigest()
        headers["HTTP_X_PHAROS_SIGNATURE"] = f"sha256={signature_}"
        return self.client.post(path, body, content_type="application/json", **headers).status_code

    def _fields(self, key: str, text: str, sender: str, files: tuple[str, ...]) -> dict[str, Any]:
        if self.entry.adapter == "twilio":
            form = {"MessageSid": key, "AccountSid": ACCOUNT, "From": sender, "To": OURS, "Body": text}
            media = {f"MediaUrl{number}": url for number, url in enumerate(files)}
            return {**form, "NumMedia": str(len(files)), **media}
        return {"id": key, "from": sender, "to": OURS, "text": text, **({"files": list(files)} if files else {})}
