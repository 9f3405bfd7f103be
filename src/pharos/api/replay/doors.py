"""The centre's doors, as customers and other systems use them. Sent again after a lost connection, never doubled."""

import asyncio
import html
import random
import re
import smtplib
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from email.message import EmailMessage
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urljoin

import httpx

from pharos.api.replay import roads
from pharos.api.replay.target import Target
from pharos.api.replay.wave import WEB, Row

PATIENCE_S = 180.0  # how long one request is tried again while the centre does not answer
AGAIN = frozenset({429, 502, 503, 504})
CHALLENGES = 3
LOOK_S = 0.5  # between two looks whether a mail has come in
NO_FILE: tuple[str, tuple[str, str]] = ("files", ("", ""))  # what a browser sends for a file field left empty
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)
_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*"([^"]*)\"""")
_REFERENCE = re.compile(r"""<data\b[^>]*\bclass="[^"]*\breference\b[^"]*"[^>]*>""", re.IGNORECASE)
_NUMBER = re.compile(r"""<label\b[^>]*\bfor="id_number"[^>]*>[^<]*?(\d{4})""", re.IGNORECASE)
_SUMMARY = re.compile(r"""\bclass="error-summary".*?</ul>""", re.DOTALL | re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^>]*>(.*?)</li>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(r"<[^>]+>")


class Gone(Exception):
    """The centre did not answer for as long as we had patience."""


class Outcome(NamedTuple):
    """What became of one row: a reference, or the reason why it was refused. `seconds`: the call that sent it.

    `door`: by which it went in.
    """

    row: Row
    reference: str
    refused: str
    seconds: float
    tries: int
    door: str = "api"


class Doors:
    """Sends rows to one centre."""

    def __init__(
        self, client: httpx.AsyncClient, target: Target, *, today: date, post: roads.Post | None = None
    ) -> None:
        self._client = client
        self._post = post
        self._target = target
        self._today = today

    async def send(self, row: Row) -> Outcome:
        """One row through its own door; where its carrier would have none, over the API."""
        try:
            door, send = self._by(row)
            return (await send(row))._replace(door=door)
        except Gone as gone:
            return Outcome(row, "", f"no answer: {gone}", 0.0, 0)

    def _by(self, row: Row) -> tuple[str, Callable[[Row], Awaitable[Outcome]]]:
        """The name of a row's door, and what sends it there."""
        road = self._target.roads.get(row.channel)
        if row.channel == WEB:
            return "form", self._form
        if road and row.channel == "chat":
            return "chat", partial(self._chat, road=road)
        if road and self._post and (mail := roads.mail(row, road)):
            return "mail", partial(self._mail, road=road, mail=mail, post=self._post)
        if road and (call := roads.call(row, road, at_s=time.time())):
            return "text" if row.channel == "sms" else row.channel, partial(self._webhook, road=road, call=call)
        return "api", self._api

    async def _webhook(self, row: Row, *, road: roads.Road, call: roads.Call) -> Outcome:
        """As the carrier calls it: signed, and again while nobody says yes."""
        sent = await patiently(self._client, "POST", call.url, content=call.body, headers=dict(call.headers))
        if not sent.response.is_success:
            return Outcome(row, "", _problem(sent.response), sent.seconds, sent.tries)
        return await self._became(row, road, sent.seconds, sent.tries)

    async def _mail(self, row: Row, *, road: roads.Road, mail: EmailMessage, post: roads.Post) -> Outcome:
        """Handed to the mail server; it has arrived when the centre knows it."""
        try:
            seconds = await post.hand_over(mail)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(row, "", f"the mail server: {error}", 0.0, 1)
        return await self._became(row, road, seconds, 1)

    async def _became(self, row: Row, road: roads.Road, seconds: float, tries: int) -> Outcome:
        """The contact that a delivery became, once the centre has it."""
        what = {"door": road.door, "key": roads.key_of(row, road)}
        headers = {"Authorization": f"Bearer {self._target.token}"}
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            url = f"{self._target.url}/api/v1/deliveries"
            found = (await patiently(self._client, "GET", url, params=what, headers=headers)).response
            if found.is_success:
                return Outcome(row, found.json()["reference"], "", seconds, tries)
            if found.status_code != httpx.codes.NOT_FOUND:
                return Outcome(row, "", _problem(found), seconds, tries)
            await asyncio.sleep(LOOK_S)
        return Outcome(row, "", "handed over, and never came in", seconds, tries)

    async def _api(self, row: Row) -> Outcome:
        body = {
            "incident": self._target.incident,
            "channel": row.channel,
            "language": row.language,
            "text": row.text,
            "person": {"name": row.name, "email": row.email, "phone": row.phone},
            "booking": row.booking,
            "request_type": row.request_type,
            "needed_by": row.needed_by(self._today) or None,
            "danger": row.danger,
            "needs": list(row.needs),
            "carrier_id": row.id,
        }
        headers = {"Authorization": f"Bearer {self._target.token}", "Accept-Language": row.language}
        sent = await patiently(self._client, "POST", f"{self._target.url}/api/v1/contacts", json=body, headers=headers)
        if sent.response.is_success:
            return Outcome(row, sent.response.json()["reference"], "", sent.seconds, sent.tries)
        return Outcome(row, "", _problem(sent.response), sent.seconds, sent.tries)

    async def _form(self, row: Row) -> Outcome:
        """As a browser without JavaScript: fetch the form, send all its hidden fields with what is typed, follow."""
        incident = f"i/{self._target.incident}/" if self._target.incident else ""
        return await self._page(row, f"{self._target.url}/{row.language}/{incident}request/", self._typed(row))

    async def _chat(self, row: Row, *, road: roads.Road) -> Outcome:
        """The first words of a chat, on its page."""
        typed = {"text": row.text, "name": row.name, "email": row.email, "time_zone": ""}
        address = road.url.format(language=row.language)
        return await self._page(row, address, typed | ({"danger": "on"} if row.danger else {}))

    async def _page(self, row: Row, address: str, typed: Mapping[str, str]) -> Outcome:
        shown = await patiently(self._client, "GET", address)
        cookies = _cookies(shown.response)
        fields = hidden_fields(shown.response.text, having="text")
        if fields is None:
            return Outcome(row, "", f"no form: HTTP {shown.response.status_code}", shown.seconds, shown.tries)
        fields |= typed
        headers = {"Referer": address, "Origin": self._target.url}
        for _ in range(CHALLENGES):
            form = [(name, (None, value)) for name, value in fields.items()] + [NO_FILE]
            sent = await patiently(
                self._client, "POST", address, files=form, headers={**headers, "Cookie": _header(cookies)}
            )
            if sent.response.is_redirect:
                return await self._followed(row, sent, address, cookies)
            asked = _challenge(sent.response.text)
            if asked is None:
                break
            fields = asked
        return Outcome(row, "", _page_errors(sent.response), sent.seconds, sent.tries)

    def _typed(self, row: Row) -> dict[str, str]:
        typed = {
            "name": row.name,
            "email": row.email,
            "phone": row.phone,
            "booking": row.booking,
            "request_type": row.request_type,
            "needed_by": row.needed_by(self._today),
            "text": row.text,
            "time_zone": "",
        }
        return typed | ({"danger": "on"} if row.danger else {})

    async def _followed(self, row: Row, sent: "Sent", address: str, cookies: Mapping[str, str]) -> Outcome:
        page = urljoin(address, sent.response.headers["Location"])
        answer = await patiently(self._client, "GET", page, headers={"Cookie": _header(cookies)})
        found = _REFERENCE.search(answer.response.text)
        reference = _attributes(found[0]).get("value", "") if found else ""
        return Outcome(row, reference, "" if reference else "no reference on the answer page", sent.seconds, sent.tries)


class Sent(NamedTuple):
    """An answer, how long its call took, and how often it was tried."""

    response: httpx.Response
    seconds: float
    tries: int


async def patiently(client: httpx.AsyncClient, method: str, url: str, **what: Any) -> Sent:
    """One call; while nobody answers or the centre asks to wait, the same call again. Raises `Gone` in the end."""
    began = time.monotonic()
    tries = 0
    while True:
        tries += 1
        started = time.monotonic()
        try:
            response = await client.request(method, url, **what)
            if response.status_code not in AGAIN:
                return Sent(response, time.monotonic() - started, tries)
            reason = f"HTTP {response.status_code}"
        except httpx.TransportError as error:
            reason = type(error).__name__
        if time.monotonic() - began > PATIENCE_S:
            raise Gone(reason)
        await asyncio.sleep(min(0.2 * 2 ** min(tries, 5), 5.0) * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries


def hidden_fields(page: str, *, having: str) -> dict[str, str] | None:
    """The hidden fields of the form that has a field named `having`; None when the page has no such form."""
    for form in _FORM.findall(page):
        if f'name="{having}"' in form:
            inputs = [_attributes(tag) for tag in _INPUT.findall(form)]
            return {
                one["name"]: one.get("value", "") for one in inputs if one.get("type") == "hidden" and "name" in one
            }
    return None


def _challenge(page: str) -> dict[str, str] | None:
    """A page that asks to write a number down, filled in; None when it is no such page."""
    number = _NUMBER.search(page)
    fields = hidden_fields(page, having="number") if number else None
    return fields | {"number": number[1]} if fields and number else None


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}


def _cookies(response: httpx.Response) -> dict[str, str]:
    pairs = (cookie.partition(";")[0].partition("=") for cookie in response.headers.get_list("Set-Cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _problem(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return f"HTTP {response.status_code}"
    faults = "; ".join(f"{one.get('pointer', one.get('parameter'))} {one['detail']}" for one in body.get("errors", ()))
    return f"HTTP {response.status_code}: {faults or body.get('detail', '')}"


def _page_errors(response: httpx.Response) -> str:
    summary = _SUMMARY.search(response.text)
    found = [" ".join(_TAGS.sub(" ", words).split()) for words in _ITEM.findall(summary[0])] if summary else []
    return f"HTTP {response.status_code}: {html.unescape('; '.join(found))[:200]}"
