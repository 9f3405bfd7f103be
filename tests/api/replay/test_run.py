"""The replay against the real application, over real connections."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from click.testing import CliRunner
from django.db import connection

from pharos.actions import demo, routing
from pharos.api.replay.command import command
from pharos.channels.email import pipe
from pharos.models import Contact, Message, Organisation

pytestmark = pytest.mark.django_db(transaction=True)

ROWS: list[dict[str, Any]] = [
    {"channel": "web", "language": "fa", "text": "قطار لغو شد", "email": "a@example.org", "need_in_days": 2},
    {
        "channel": "web",
        "language": "en",
        "text": "Where is my coach?",
        "request_type": "information",
        "booking": "AB12CD",
    },
    {"channel": "web", "language": "hy", "text": "Ի՞նչ անել", "phone": "+44 7700 900388", "name": "Անի"},
    {"channel": "email", "language": "zh-hans", "text": "我要退款", "email": "b@example.org", "request_type": "refund"},
    {"channel": "sms", "language": "en", "text": "help", "phone": "+1 202-555-0185", "need_in_days": 14},
    {"channel": "voice", "language": "en", "text": "", "phone": "", "danger": True},
]


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    """A short day with every door and language."""
    file = tmp_path / "wave.jsonl"
    rows = [{"id": f"w-{n}", "at_s": float(n), "truth": {"person": n}, **row} for n, row in enumerate(ROWS)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def replay(made: demo.Demo, url: str, wave: Path, *more: str) -> dict[str, Any]:
    """Run the command as a person would, and read what it prints for programs."""
    tokens = [part for agent in made.agents for part in ("--agent-token", agent.token)]
    where = ["--no-wait", "--url", url, "--token", made.api_token, "--incident", made.incident]
    done = CliRunner().invoke(command, [str(wave), "--speed", "1000", "--json", *where, *tokens, *more])
    assert done.exit_code == 0, done.output
    result: dict[str, Any] = json.loads(done.stdout)
    return result


class Lossy:
    """A network that takes a request all the way, and then loses the answer: so many times for each kind of request."""

    def __init__(self, url: str, lose: dict[bytes, int]) -> None:
        self._to = ("127.0.0.1", int(url.rpartition(":")[2]))
        self._lose = lose
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.lost = 0
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._listening.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with closing(near), closing(socket.create_connection(self._to)) as far, suppress(OSError):
            dropping = threading.Event()
            threading.Thread(target=self._back, args=(far, near, dropping), daemon=True).start()
            while data := near.recv(65536):
                if self._drops(data):
                    dropping.set()
                far.sendall(data)

    def _drops(self, data: bytes) -> bool:
        with self._lock:
            for begin, left in self._lose.items():
                if left and data.startswith(begin):
                    self._lose[begin] -= 1
                    self.lost += 1
                    return True
        return False

    def _back(self, far: socket.socket, near: socket.socket, dropping: threading.Event) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if dropping.is_set():
                    near.shutdown(socket.SHUT_RDWR)
                    return
                near.sendall(data)


@pytest.fixture
def dispatching() -> Iterator[Callable[[], None]]:
    """Offers are made as the worker makes them, until the test is over."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            now = datetime.now(UTC)
            for organisation in Organisation.objects.all():
                routing.dispatch(organisation=organisation, now=now)
            Message.objects.filter(state="queued").update(state="sent", settled_at=now)
        connection.close()

    thread = threading.Thread(target=work)
    yield thread.start
    over.set()
    if thread.is_alive():
        thread.join()


def test_replay_sends_every_row_through_its_own_door(live_site: str, wave: Path) -> None:
    made = demo.ensure(now=datetime.now(UTC))
    result = replay(made, live_site, wave, "--limit", "3")
    counted = {name: result[name] for name in ("sent", "accepted", "refused", "with_address")}
    assert counted == {"sent": 3, "accepted": 3, "refused": 0, "with_address": 1}
    kept = Contact.objects.order_by("id").values_list("channel", "incident__slug")
    assert set(kept) == {("web", made.incident)}
    persian = Contact.objects.get(language="fa")
    assert persian.lane.band == 1
    assert persian.needed_by is not None
    assert set(Message.objects.filter(sort="request").values_list("body", flat=True)) == {
        row["text"] for row in ROWS[:3]
    }


def told(made: demo.Demo, live_site: str, folder: Path, *channels: str) -> str:
    """A file with entry points of the example, as they are reached here."""
    there, here = urlsplit(made.url).netloc, urlsplit(live_site).netloc
    entries = [{**vars(one), "url": one.url.replace(there, here)} for one in made.entries if one.channel in channels]
    file = folder / "entries.json"
    file.write_text(json.dumps({"entries": entries}), encoding="utf-8")
    return str(file)


def only(wave: Path, channel: str) -> None:
    """Leave the rows of one channel."""
    rows = [row for row in wave.read_text(encoding="utf-8").splitlines() if json.loads(row)["channel"] == channel]
    wave.write_text("\n".join(rows), encoding="utf-8")


class Handing:
    """A mail server that pipes what it takes, as its administrator set it up."""

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        raw, address = envelope.original_content or b"", envelope.rcpt_tos[0]
        ended = await asyncio.to_thread(self._hand_over, raw, address, envelope.mail_from)
        return "250 taken" if ended.code == pipe.OK else f"451 {ended.line}"

    def _hand_over(self, raw: bytes, address: str, sender: str | None) -> pipe.Ended:
        try:
            return pipe.hand_over(raw, address=address, house="", return_path=sender, now=datetime.now(UTC))
        finally:
            connection.close()


@pytest.fixture
def smtp() -> Iterator[str]:
    """The address of that mail server."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(Handing(), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_replay_hands_mail_to_the_mail_server(live_site: str, wave: Path, tmp_path: Path, smtp: str) -> None:
    made = demo.ensure(now=datetime.now(UTC))
    only(wave, "email")
    entries = told(made, live_site, tmp_path, "email")
    result = replay(made, live_site, wave, "--entries", entries, "--smtp", smtp)
    assert (result["sent"], result["accepted"], list(result["latency_ms"])) == (1, 1, ["mail"])
    contact = Contact.objects.get()
    words = contact.messages.get(direction="in")
    assert (contact.channel, contact.language, words.address) == ("email", "zh-hans", "b@example.org")
    assert words.body.startswith("我要退款")


def test_replay_calls_webhooks_as_their_carriers_do(live_site: str, wave: Path, tmp_path: Path) -> None:
    made = demo.ensure(now=datetime.now(UTC))
    only(wave, "sms")
    entries = told(made, live_site, tmp_path, "sms")
    for _again in range(2):
        result = replay(made, live_site, wave, "--entries", entries)
        assert (result["sent"], result["accepted"], list(result["latency_ms"])) == (1, 1, ["text"])
    contact = Contact.objects.get()
    words = contact.messages.get(direction="in")
    assert (contact.channel, words.address, words.body) == ("sms", "+12025550185", "help")


def test_replay_counts_what_is_refused_with_its_reason(live_site: str, tmp_path: Path) -> None:
    file = tmp_path / "wave.jsonl"
    rows = [
        {"id": "1", "channel": "web", "language": "en", "text": "", "email": "no address"},
        {"id": "2", "channel": "pigeon", "language": "en", "text": "x"},
        {"id": "3"},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    result = replay(demo.ensure(now=datetime.now(UTC)), live_site, file)
    assert (result["sent"], result["accepted"], result["refused"]) == (2, 0, 3)
    reasons = list(result["refused_by_reason"])
    assert any("HTTP 422" in reason and "email" in reason.lower() for reason in reasons)
    assert any("#/channel" in reason for reason in reasons)
    assert not Contact.objects.exists()


def test_replay_over_a_lossy_network_doubles_nothing(live_site: str, wave: Path) -> None:
    made = demo.ensure(now=datetime.now(UTC))
    lossy = Lossy(live_site, {b"POST /api/v1/contacts ": 2, b"POST /en/i/storm/request/": 1, b"POST /fa/": 1})
    try:
        result = replay(made, lossy.url, wave)
    finally:
        lossy.close()
    assert lossy.lost == 4
    assert (result["sent"], result["accepted"], result["tried_again"]) == (6, 6, 4)
    assert Contact.objects.count() == 6


def test_replay_with_agents_works_the_day_to_the_close(
    live_site: str, wave: Path, dispatching: Callable[[], None]
) -> None:
    made = demo.ensure(now=datetime.now(UTC), agents=2)
    dispatching()
    result = replay(made, live_site, wave, "--agents", "2")
    assert (result["sent"], result["accepted"]) == (6, 6)
    assert result["acknowledged_in_60s"] == result["with_address"] == 2
    assert result["agents"]["played"] == 2
    assert result["agents"]["closed"] == 6
    assert result["promise"]["answered"] == 6
    assert not Contact.objects.exclude(state=Contact.State.CLOSED).exists()
    assert Contact.objects.filter(summary="", state=Contact.State.CLOSED).count() == 0


def test_replay_prints_a_table_for_people(live_site: str, wave: Path) -> None:
    made = demo.ensure(now=datetime.now(UTC))
    where = ["--no-wait", "--url", live_site, "--token", made.api_token, "--incident", made.incident]
    done = CliRunner().invoke(command, [str(wave), "--speed", "1000", "--limit", "2", *where])
    assert done.exit_code == 0, done.output
    assert "acknowledged within a minute" in done.stdout
    assert "0 of 1 with an address" in done.stdout


def test_replay_says_when_nobody_answers(wave: Path) -> None:
    done = CliRunner().invoke(command, [str(wave), "--url", "http://127.0.0.1:1", "--token", "x"])
    assert done.exit_code == 1
    assert "No centre answers at http://127.0.0.1:1" in done.output


def test_replay_says_when_the_token_is_not_theirs(live_site: str, wave: Path) -> None:
    done = CliRunner().invoke(command, [str(wave), "--url", live_site, "--token", "x"])
    assert done.exit_code == 1
    assert "HTTP 401" in done.output
