"""A real Chromium for the tests here, on the whole application behind a real socket."""

import asyncio
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, ViewportSize, sync_playwright

from tests import services

FLAGS = [
    "--no-sandbox",  # Chromium refuses to start as root with it
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


@dataclass
class Loop:
    """The event loop of playwright's synchronous interface, which stays marked as running between calls.

    Django refuses the database where a loop runs, and other tests may start loops of their own: so the mark is there
    only while a browser test runs, and only then Django is told that this is safe.
    """

    running: asyncio.AbstractEventLoop | None = None

    def enter(self) -> None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        if self.running:
            asyncio.events._set_running_loop(self.running)

    def leave(self) -> None:
        asyncio.events._set_running_loop(None)
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


LOOP = Loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keep playwright's loop to the tests that use a browser."""
    if "browser" not in getattr(item, "fixturenames", ()):
        return (yield)
    LOOP.enter()
    try:
        return (yield)
    finally:
        LOOP.leave()


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One Chromium for all tests of a process; each test gets profiles of its own from `new_page`."""
    playwright = sync_playwright().start()
    LOOP.running = asyncio.get_running_loop()
    browser = playwright.chromium.launch(executable_path=services.chromium(), args=FLAGS)
    yield browser
    LOOP.enter()
    browser.close()
    playwright.stop()
    LOOP.running = None
    LOOP.leave()


@dataclass
class Pages:
    """Makes pages, each with its own profile, and gathers what went wrong inside them."""

    browser: Browser
    site: str
    problems: list[str] = field(default_factory=list)

    def __call__(
        self,
        *,
        viewport: ViewportSize = DESKTOP,
        locale: str = "en-GB",
        time_zone: str = "UTC",
        javascript: bool = True,
        dark: bool = False,
    ) -> Page:
        context = self.browser.new_context(
            base_url=self.site,
            viewport=viewport,
            is_mobile=viewport["width"] < 600,
            has_touch=viewport["width"] < 600,
            locale=locale,
            timezone_id=time_zone,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", self._on_error)
        page.on("console", self._on_console)
        return page

    def _on_error(self, error: Error) -> None:
        self.problems.append(f"script error: {error.message}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.problems.append(message.text)

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()


@pytest.fixture
def new_page(browser: Browser, live_site: str) -> Iterator[Pages]:
    """Make a page with a profile of its own: `new_page(viewport=PHONE, locale="fa-IR", javascript=False)`.

    A script error or a breach of the content security policy in any of them fails the test.
    """
    pages = Pages(browser, live_site)
    yield pages
    pages.close()
    assert not pages.problems, "\n".join(pages.problems)


@pytest.fixture
def page(new_page: Pages) -> Page:
    """A desktop-sized page; `page.goto("/path")` is enough."""
    return new_page()


@pytest.fixture
def phone(new_page: Pages) -> Page:
    """A phone-sized page with touch."""
    return new_page(viewport=PHONE)


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail when axe finds something serious or critical on a page as it is now."""

    def check(page: Page) -> None:
        violations = Axe().run(page).response["violations"]
        grave = [
            f"{found['impact']}: {found['id']}: {found['help']}\n    "
            + "\n    ".join(node["html"] for node in found["nodes"])
            for found in violations
            if found["impact"] in {"serious", "critical"}
        ]
        assert not grave, f"{page.url}\n" + "\n".join(grave)

    return check
