"""The centre's doors, as customers and other systems use them. Sent again after a lost connection, never doubled."""

import asyncio
import html
import random
import re
import time
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urljoin

import httpx

from pharos.api.replay.target import Target
from pharos.api.replay.wave import WEB, Row

PATIENCE_S = 180.0  # how long one request is tried again while the centre does not answer
AGAIN = frozenset({429, 502, 503, 504})
CHALLENGES = 3
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
    """What became of one row: a reference, or the reason why it was refused. `seconds`: the call that sent it."""

    row: Row
    reference: str
    refused: str
    seconds: float
    tries: int


class Doors:
    """Sends rows to one centre."""

    def __init__(self, client: httpx.AsyncClient, target: Target, *, today: date) -> None:
        self._client = client
        self._target = target
        self._today = today

    async def send(self, row: Row) -> Outcome:
        """One row through its own door."""
        try:
            return await (self._form(row) if row.channel == WEB else self._api(row))
        except Gone as gone:
            return Outcome(row, "", f"no answer: {gone}", 0.0, 0)

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
        address = f"{self._target.url}/{row.language}/{incident}request/"
        shown = await patiently(self._client, "GET", address)
        cookies = _cookies(shown.response)
        fields = hidden_fields(shown.response.text, having="text")
        if fields is None:
            return Outcome(row, "", f"no form: HTTP {shown.response.status_code}", shown.seconds, shown.tries)
        fields |= self._typed(row)
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
