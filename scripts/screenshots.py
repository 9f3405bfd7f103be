"""Makes the pictures in README.md: starts a demo of its own, lets a little happen, and looks at four pages."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests import services
from tests.browser.conftest import DESKTOP, FLAGS, PHONE

PHAROS = Path(sys.executable).with_name("pharos")
PICTURES = Path(__file__).parent.parent / "docs" / "img"
GIVE_UP_S = 60
WORDS = {
    "en": ["My ferry to the island was cancelled. Can I travel tomorrow?", "I would like my money back, please."],
    "fa": ["کشتی ما لغو شده است و با دو کودک در بندر هستیم.", "چطور می‌توانم تاریخ سفر را عوض کنم؟"],
    "hy": ["Նավը չեղարկվել է, ի՞նչ անեմ։"],
    "zh-hans": ["船停航了，我可以改到周五吗？"],
}


@contextmanager
def centre(data: str) -> Iterator[dict[str, Any]]:
    """A running demo, and what a program needs to use it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHAROS_")}
    environment |= {"PHAROS_DATA_DIR": data, "PHAROS_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen([PHAROS, "run", "--demo", "--port", "0"], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield wait_for(environment, until=time.monotonic() + GIVE_UP_S)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(environment: dict[str, str], *, until: float) -> dict[str, Any]:
    """The demo's addresses and tokens, once it answers."""
    address = Path(environment["PHAROS_DATA_DIR"]) / "address"
    while time.monotonic() < until:
        try:
            httpx.get(f"{address.read_text()}/readyz", timeout=5).raise_for_status()
        except (OSError, httpx.HTTPError):
            time.sleep(0.2)
            continue
        made = subprocess.run([PHAROS, "demo", "--json"], env=environment, check=True, capture_output=True)
        return {**json.loads(made.stdout), "url": address.read_text()}
    raise SystemExit("the demo did not start")


def call(demo: dict[str, Any], path: str, body: dict[str, Any], *, token: str = "") -> dict[str, Any]:
    """One call of the API."""
    headers = {"Authorization": f"Bearer {token or demo['api_token']}"}
    answer = httpx.post(f"{demo['url']}/api/v1{path}", json=body, headers=headers, timeout=30).raise_for_status()
    return dict(answer.json() or {})


def send_requests(demo: dict[str, Any]) -> None:
    """A few people write."""
    today = datetime.now(UTC).date()
    for number in range(14):
        language = list(WORDS)[number % 4]
        call(
            demo,
            "/contacts",
            {
                "incident": demo["incident"],
                "channel": "web" if number % 3 else "chat",
                "language": language,
                "text": WORDS[language][number // 4 % len(WORDS[language])],
                "person": {"name": f"Person {number + 1}", "email": f"person{number}@example.org"},
                "needed_by": (today + timedelta(days=number)).isoformat(),
                "request_type": ["refund", "change", "information", "assistance"][number % 4],
            },
        )


def sign_in(page: Page, demo: dict[str, Any], name: str) -> None:
    """Be one of the example's staff."""
    page.goto(f"{demo['url']}/demo/")
    page.locator(f"form[action$='/{name}/'] button").click()


def take(browser: Browser, demo: dict[str, Any]) -> None:
    """The four pictures."""
    phone = browser.new_page(viewport=PHONE, device_scale_factor=2, locale="en-GB")
    phone.goto(f"{demo['url']}/en/i/{demo['incident']}/")
    phone.screenshot(path=PICTURES / "page.png")
    phone.goto(f"{demo['url']}/fa/i/{demo['incident']}/request/")
    phone.screenshot(path=PICTURES / "form.png")
    desk = browser.new_page(viewport=DESKTOP, locale="en-GB")
    sign_in(desk, demo, demo["agents"][0]["user"])
    desk.goto(f"{demo['url']}/desk/")
    desk.get_by_role("button", name="Available").first.click()
    desk.wait_for_timeout(4000)
    take_it = desk.get_by_role("button", name="Take it")
    if take_it.count():
        take_it.first.click()
        desk.wait_for_timeout(4000)
    desk.screenshot(path=PICTURES / "desk.png")
    board = browser.new_page(viewport=DESKTOP, locale="en-GB")
    sign_in(board, demo, "demo-administrator")
    board.goto(f"{demo['url']}/lead/")
    board.wait_for_timeout(1500)
    board.screenshot(path=PICTURES / "board.png")


def main() -> None:
    """Start, look, stop."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pharos-pictures-") as data, centre(data) as demo:
        for agent in demo["agents"][1:]:
            call(demo, "/agents/me/status", {"status": "available"}, token=agent["token"])
        send_requests(demo)
        time.sleep(8)  # the waits are published
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=services.chromium(), args=FLAGS)
            take(browser, demo)
            browser.close()


if __name__ == "__main__":
    main()
