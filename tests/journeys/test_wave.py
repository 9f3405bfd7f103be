"""A small wave through the real doors, worked to the close over HTTP, with the worker killed in the middle."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import httpx

from tests.journeys.conftest import Installation

CHANNELS = ("web", "email", "sms", "voice", "chat", "social")
LANGUAGES = ("en", "fa", "hy", "zh-hans")
TEXTS = {
    "en": "The ferry is cancelled and I am stuck at the port.",
    "fa": "کشتی لغو شده است و در بندر مانده‌ام.",
    "hy": "Նավը չեղարկվել է, մնացել եմ նավահանգստում։",
    "zh-hans": "渡轮停航了，我被困在港口。",
}


def write_wave(path: Path, *, rows: int) -> None:
    """A file of requests in every channel and language, half a minute apart."""
    lines = [
        {
            "id": f"row-{number}",
            "at_s": 30.0 * number,
            "channel": CHANNELS[number % 6],
            "language": LANGUAGES[number % 4],
            "text": TEXTS[LANGUAGES[number % 4]],
            "name": f"Person {number}",
            "email": f"person{number}@example.org" if number % 3 else "",
            "phone": "+44 7700 900123" if number % 2 else "",
            "booking": f"BK{number:04}",
            "request_type": ("refund", "change", "information", "assistance", "")[number % 5],
            "need_in_days": (None, 3, 7, 8)[number % 4],
            "truth": {"person": number},
        }
        for number in range(rows)
    ]
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))


def test_a_wave_is_worked_to_the_close_though_the_worker_is_killed(installation: Installation, tmp_path: Path) -> None:
    address = installation.start("--demo")
    write_wave(tmp_path / "wave.jsonl", rows=30)

    def kill_the_worker() -> None:
        time.sleep(3)
        os.kill(installation.children()[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill_the_worker)
    killer.start()
    ended = installation.pharos("replay", str(tmp_path / "wave.jsonl"), "--speed", "300", "--agents", "4", "--json")
    killer.join()
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert (result["sent"], result["accepted"], result["refused"]) == (30, 30, 0)
    assert result["agents"]["closed"] == 30, (result, installation.output.read_text())
    assert result["acknowledged_in_60s"] == result["with_address"] == 20
    headers = {"Authorization": f"Bearer {installation.demo()['api_token']}"}
    assert httpx.get(f"{address}/api/v1/queue", headers=headers).json()["items"] == []
