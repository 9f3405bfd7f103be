"""One account on a Mastodon server (API v1 and v2, https://docs.joinmastodon.org): read its mentions, post as it."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

import httpx

from pharos.channels import DeliveryError, Outbound, Via
from pharos.channels.calls import Answer
from pharos.channels.social import plain
from pharos.channels.social.asking import ask

NETWORK: Final = "mastodon"
PAGE: Final = 40  # notifications in one answer; servers give 80 at most
AT_ONCE: Final = 20  # posts looked up in one call
MOST_CHARACTERS: Final = 500
LEAST_CHARACTERS: Final = 100
GONE: Final = (404, 410)
LATER: Final = (401, 408, 425, 429)  # our account or the moment, not this message
HANDLE: Final = re.compile(r"mastodon:@(?P<user>[\w.-]+)@(?P<host>[a-z0-9.-]+(:\d+)?)", re.IGNORECASE)
CODES: Final = {"zh-hans": "zh"}  # ISO 639-1, where it is not ours already
WHY: Final = {
    401: "the server does not accept our access token",
    403: "the server does not allow this to our account",
    404: "what this belongs to is not there any more",
    410: "what this belongs to is not there any more",
    422: "the server does not take this text",
    429: "the server asks us to wait",
}

Visibility = Literal["public", "unlisted", "private", "direct"]
Tree = Mapping[str, Any]


class Account(NamedTuple):
    """One account, as its access token opens it. `handle`: what it is called, with its host."""

    url: str
    token: str
    handle: str
    most: int

    @property
    def host(self) -> str:
        """The server that is asked. Ids of posts mean something only there."""
        return urlsplit(self.url).netloc

    @property
    def home(self) -> str:
        """The host in the names of this server's own people."""
        return self.handle.rpartition("@")[2] or self.host

    def mentions(self, *, after: str) -> list[Tree]:
        """The next mentions after one, the oldest first; those that the account's own filters hold back included."""
        query = [("types[]", "mention"), ("include_filtered", "true"), ("min_id", after), ("limit", str(PAGE))]
        return sorted(_list(self._get("/api/v1/notifications", query)), key=_number)

    def newest_before(self, moment: datetime, *, pages: int) -> str:
        """The id of the newest mention that came before a moment; "0" when there is none on so many pages."""
        query, oldest = [("types[]", "mention"), ("include_filtered", "true"), ("limit", str(PAGE))], ""
        for _page in range(pages):
            found = sorted(_list(self._get("/api/v1/notifications", query + _below(oldest))), key=_number, reverse=True)
            for one in found:
                if (at := moment_of(one.get("created_at"))) and at < moment:
                    return str(one["id"])
            if len(found) < PAGE:
                return "0"
            oldest = str(found[-1]["id"])
        return oldest

    def statuses(self, ids: Iterable[str]) -> dict[str, Tree]:
        """Those of these posts that are still there. Servers before 4.3 are asked for one after the other."""
        wanted = list(dict.fromkeys(ids))[:AT_ONCE]
        answer = self._ask("GET", "/api/v1/statuses", query=[("id[]", one) for one in wanted])
        if answer.status in (404, 405):
            each = {one: self._ask("GET", f"/api/v1/statuses/{one}") for one in wanted}
            return {one: said.json for one, said in each.items() if said.status not in GONE and self._good(said)}
        self._good(answer)
        return {str(one["id"]): one for one in _list(answer.json)}

    def post(
        self, text: str, *, visibility: Visibility, key: str, language: str = "", reply_to: str = "", warning: str = ""
    ) -> str:
        """Post once under this key, also when it is sent again within the hour; returns the post's id.

        A private reply to what was deleted meanwhile goes out all the same, as a message of its own.
        """
        given = {
            "status": text,
            "visibility": visibility,
            "language": CODES.get(language, language),
            "in_reply_to_id": reply_to,
            "spoiler_text": warning,
        }
        answer = self._send(given, key=key)
        if answer.status in GONE and reply_to and visibility == "direct":
            answer = self._send({**given, "in_reply_to_id": ""}, key=f"{key}-alone")
        self._good(answer)
        made = answer.json
        if not isinstance(made, dict) or not isinstance(made.get("id"), str):
            raise DeliveryError("the server's answer is not that of Mastodon", permanent=False, unsure=True)
        return str(made["id"])

    def picture(self, url: str, *, most_bytes: int) -> bytes:
        """A file of a post, without our token: it may lie elsewhere."""
        answer = ask("GET", url, headers={}, most_bytes=most_bytes)
        self._good(answer)
        return answer.body

    def _send(self, given: Mapping[str, str], *, key: str) -> Answer:
        form = httpx.QueryParams({name: value for name, value in given.items() if value})
        headers = {"idempotency-key": key, "content-type": "application/x-www-form-urlencoded"}
        return self._ask("POST", "/api/v1/statuses", headers=headers, body=str(form).encode())

    def _get(self, path: str, query: list[tuple[str, str]]) -> Any:
        answer = self._ask("GET", path, query=query)
        self._good(answer)
        return answer.json

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        authorised = {"authorization": f"Bearer {self.token}", "accept": "application/json", **(headers or {})}
        return ask(method, self.url.rstrip("/") + path, headers=authorised, **more)

    def _good(self, answer: Answer) -> bool:
        """True, or what went wrong as a `DeliveryError`. Never with the server's words: they may repeat ours."""
        status = answer.status
        if 200 <= status < 300:
            return True
        outside_scopes = status == 403 and b"scope" in answer.body
        passing = status in LATER or status >= 500 or status < 400 or outside_scopes
        reason = WHY.get(status, "the server did not take it")
        raise DeliveryError(f"HTTP {status}: {reason}", permanent=not passing, wait_s=wait_s(answer))


def account(via: Via) -> Account:
    """The account that an entry point stands for."""
    most = str(via.options.get("most") or "")
    return Account(
        url=str(via.options.get("url", "")),
        token=str(via.secret.get("token", "")),
        handle=via.address.strip().lstrip("@"),
        most=max(LEAST_CHARACTERS, int(most)) if most.isdecimal() else MOST_CHARACTERS,
    )


def send(outbound: Outbound, via: Via) -> str:
    """A message to one person, and to nobody else: it is always a direct one. Returns the id of its first part."""
    ours, begins = account(via), name_of(outbound.address) + " "
    words = plain.parts(plain.naming_nobody(outbound.body), most=ours.most - len(begins))
    reply_to, ids = local_id(outbound.in_reply_to, ours), list[str]()
    for number, part in enumerate(words):
        ids.append(
            ours.post(
                begins + part,
                visibility="direct",
                key=f"{outbound.sender.house}-{outbound.key}-{number}",
                language=outbound.language,
                reply_to=ids[-1] if ids else reply_to,
            )
        )
    return carrier_id(ids[0], ours)


def name_of(address: str) -> str:
    """Somebody's name as a post has it: @name@host."""
    match = HANDLE.fullmatch(address)
    if match is None:
        raise DeliveryError("this is not an address on Mastodon", permanent=True)
    return f"@{match['user']}@{match['host']}"


def carrier_id(status_id: str, ours: Account) -> str:
    """The id of a post with the server on which it is this one."""
    return f"{status_id}@{ours.host}"


def local_id(carrier_id: str, ours: Account) -> str:
    """The id on this server; blank when it belongs to another."""
    status_id, _, host = carrier_id.partition("@")
    return status_id if host == ours.host else ""


def moment_of(text: object) -> datetime | None:
    """A moment as the server writes it."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def wait_s(answer: Answer) -> float | None:
    """How long the server asks us to wait, on its own clock; None when it does not say."""
    if answer.status not in (429, 503):
        return None
    after = answer.headers.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    reset, said = moment_of(answer.headers.get("x-ratelimit-reset", "")), answer.headers.get("date", "")
    try:
        return max(0.0, (reset - parsedate_to_datetime(said)).total_seconds()) if reset and said else None
    except (TypeError, ValueError):
        return None


def _list(found: Any) -> list[Tree]:
    """The rows of an answer that are rows."""
    if not isinstance(found, list):
        raise DeliveryError("the server's answer is not that of Mastodon", permanent=False)
    return [one for one in found if isinstance(one, dict) and "id" in one]


def _below(oldest: str) -> list[tuple[str, str]]:
    return [("max_id", oldest)] if oldest else []


def _number(row: Tree) -> tuple[int, str]:
    """The order of ids: they are numbers, written as texts."""
    return len(str(row["id"])), str(row["id"])
