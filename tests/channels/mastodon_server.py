"""A Mastodon server of the tests' own: real HTTP, and the part of the API that the product uses, as the server has it.

It knows one account of ours (@help@lines.example), keeps posts and notifications, and is strict where Mastodon is:
tokens, lengths, ids that are texts, replies to what is gone, keys that make a post once.
"""

import html
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-ours-7f3a"
OURS = "help"
HOME = "lines.example"
MOST = 500
PNG = bytes.fromhex(  # one black point
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)
MENTION = re.compile(r"(?<![=/\w])@(([a-z0-9_]+)(?:@[\w.:-]+)?)", re.IGNORECASE)


@dataclass
class Mastodon:
    """The server as a test sees it. `says`: statuses that it answers with next, instead of doing what it is asked."""

    url: str = ""
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    notifications: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    says: list[int] = field(default_factory=list)
    always: int = 0
    reset: datetime | None = None
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
    has_bulk: bool = True
    numbers: Iterator[int] = field(default_factory=lambda: count(109_000))
    keys: dict[str, str] = field(default_factory=dict)
    on_post: Any = None

    def writes(self, acct: str, text: str, *, visibility: str = "public", **more: Any) -> dict[str, Any]:
        """Somebody posts; whoever is named in it is told."""
        status = self.keeps(acct, text, visibility=visibility, **more)
        if re.search(rf"@{OURS}\b", text):
            self.tells("mention", status)
        return status

    def keeps(self, acct: str, text: str, *, visibility: str, reply_to: str = "", **more: Any) -> dict[str, Any]:
        number = str(next(self.numbers))
        status = {
            "id": number,
            "created_at": stamp(self.now),
            "edited_at": None,
            "in_reply_to_id": reply_to or None,
            "visibility": visibility,
            "spoiler_text": "",
            "language": "en",
            "content": as_html(text),
            "text": text,
            "url": f"https://{acct.partition('@')[2] or HOME}/@{acct.partition('@')[0]}/{number}",
            "account": {"id": acct, "acct": acct, "display_name": acct.partition("@")[0].title(), "bot": False},
            "media_attachments": [],
            "mentions": [{"acct": found[0]} for found in MENTION.findall(text)],
            **more,
        }
        self.statuses[number] = status
        return status

    def tells(self, sort: str, status: dict[str, Any] | None) -> dict[str, Any]:
        told = {"id": str(next(self.numbers)), "type": sort, "created_at": stamp(self.now), "status": status}
        self.notifications.append(told)
        return told

    def edits(self, status: dict[str, Any], text: str) -> None:
        status |= {"content": as_html(text), "text": text, "edited_at": stamp(self.now + timedelta(minutes=1))}

    def deletes(self, status: dict[str, Any]) -> None:
        del self.statuses[status["id"]]
        self.notifications = [one for one in self.notifications if one["status"] is not status]

    @property
    def ours(self) -> list[dict[str, Any]]:
        """What our account posted, in order."""
        return [one for one in self.statuses.values() if one["account"]["acct"] == OURS]

    def public(self) -> list[dict[str, Any]]:
        return [one for one in self.ours if one["visibility"] != "direct"]

    def direct(self) -> list[dict[str, Any]]:
        return [one for one in self.ours if one["visibility"] == "direct"]


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def as_html(text: str) -> str:
    """Paragraphs, mentions and shortened links, as Mastodon draws them."""
    drawn = html.escape(text, quote=False)
    drawn = re.sub(
        r"https?://([^\s<]+)",
        lambda m: (
            f'<a href="{m[0]}" rel="nofollow noopener" translate="no"><span class="invisible">https://</span>'
            f'<span class="ellipsis">{m[1][:20]}</span><span class="invisible">{m[1][20:]}</span></a>'
        ),
        drawn,
    )
    drawn = MENTION.sub(
        lambda m: (
            f'<span class="h-card"><a href="https://{HOME}/@{m[2]}" class="u-url mention">'
            f"@<span>{m[2]}</span></a></span>"
        ),
        drawn,
    )
    return "".join("<p>" + part.replace("\n", "<br />") + "</p>" for part in drawn.split("\n\n"))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Serving"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if parts.path in self.server.mastodon.files:
            self._send(200, self.server.mastodon.files[parts.path], "image/png")
        elif self._let_in():
            self._answer(parts.path, query)

    def do_POST(self) -> None:
        given = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
        if self._let_in():
            with self.server.lock:
                self._post({name: values[0] for name, values in given.items()})

    def _let_in(self) -> bool:
        site = self.server.mastodon
        site.calls.append(f"{self.command} {self.path}")
        if said := (site.says.pop(0) if site.says else site.always):
            self._json(said, {"error": "This text repeats what you sent: lantern"})
            return False
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._json(401, {"error": "The access token is invalid"})
            return False
        return True

    def _answer(self, path: str, query: dict[str, list[str]]) -> None:
        site = self.server.mastodon
        if path == "/api/v1/notifications":
            self._json(200, self._notifications(query))
        elif path == "/api/v1/statuses" and site.has_bulk:
            self._json(200, [site.statuses[one] for one in query["id[]"] if one in site.statuses])
        elif path.startswith("/api/v1/statuses/") and (found := site.statuses.get(path.rpartition("/")[2])):
            self._json(200, found)
        else:
            self._json(404, {"error": "Record not found"})

    def _notifications(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        rows = sorted(self.server.mastodon.notifications, key=lambda one: int(one["id"]))
        kept = [one for one in rows if "types[]" not in query or one["type"] in query["types[]"]]
        limit = min(int(query.get("limit", ["40"])[0]), 80)
        if "max_id" in query:
            kept = [one for one in kept if int(one["id"]) < int(query["max_id"][0])]
        if "min_id" in query:
            after = [one for one in kept if int(one["id"]) > int(query["min_id"][0])]
            return after[:limit][::-1]
        return kept[::-1][:limit]

    def _post(self, given: dict[str, str]) -> None:
        site = self.server.mastodon
        key = self.headers.get("Idempotency-Key", "")
        if key in site.keys:
            self._json(200, site.statuses[site.keys[key]])
            return
        text, answers = given.get("status", ""), given.get("in_reply_to_id", "")
        if answers and answers not in site.statuses:
            self._json(404, {"error": "The post you are trying to reply to does not appear to exist."})
        elif not text.strip() or len(text) > MOST:
            self._json(422, {"error": "Validation failed: Text character limit of 500 exceeded"})
        else:
            made = site.keeps(OURS, text, visibility=given.get("visibility", "public"), reply_to=answers)
            made |= {"language": given.get("language"), "spoiler_text": given.get("spoiler_text", "")}
            site.keys[key] = made["id"]
            if site.on_post:
                site.on_post(self)
            self._json(200, made)

    def _json(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        site = self.server.mastodon
        self.send_response_only(status)
        self.send_header("Date", format_datetime(site.now, usegmt=True))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if site.reset:
            self.send_header("X-RateLimit-Reset", stamp(site.reset))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Keep quiet."""


class Serving(ThreadingHTTPServer):
    daemon_threads = True
    mastodon: Mastodon
    lock: threading.Lock


@contextmanager
def mastodon_server() -> Iterator[Mastodon]:
    server = Serving(("127.0.0.1", 0), Handler)
    server.mastodon, server.lock = Mastodon(), threading.Lock()
    server.mastodon.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.mastodon
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
