"""Files that came with a text, fetched from the carrier that keeps them."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from pharos.actions import enclosures
from pharos.actions.errors import Refused
from pharos.actions.uploads import MOST_BYTES
from pharos.channels.calls import NoAnswer, call
from pharos.channels.own_trouble import is_our_own
from pharos.channels.sms import generic, twilio
from pharos.models import Enclosure, EntryPoint

logger = logging.getLogger(__name__)

WITHIN_S: Final = 30.0
MOST_HOPS: Final = 3  # a carrier sends us on to where its files are
MOVED: Final = {301, 302, 303, 307, 308}
GONE: Final = {400, 404, 410, 413}


class Lost(Exception):
    """A file that did not come. `permanent`: it never will."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Home(NamedTuple):
    """Where a carrier is, and the header that it knows us by: told to nobody else."""

    host: str
    headers: Mapping[str, str]


def fetch_due(*, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    """Fetch what is due, outside any transaction, until nothing is or `going` says stop; how many were tried."""
    done = 0
    while going() and (enclosure := enclosures.lease(now=clock())):
        done += 1
        _fetch(enclosure, clock=clock)
    return done


def _fetch(enclosure: Enclosure, *, clock: Callable[[], datetime]) -> None:
    try:
        name = urlsplit(enclosure.url).path.rpartition("/")[2] or "file"
        enclosures.arrived(enclosure=enclosure, name=name, content=_content(enclosure), now=clock())
    except Refused as refused:
        enclosures.failed(enclosure=enclosure, reason=refused.code, permanent=True, now=clock())
    except ValueError:
        enclosures.failed(enclosure=enclosure, reason="this is no address", permanent=True, now=clock())
    except Lost as lost:
        enclosures.failed(enclosure=enclosure, reason=lost.reason, permanent=lost.permanent, now=clock())
    except Exception as error:
        if is_our_own(error):
            raise
        logger.exception("a file that came with a text could not be kept")
        enclosures.failed(enclosure=enclosure, reason=type(error).__name__, permanent=False, now=clock())


def _content(enclosure: Enclosure) -> bytes:
    entry = enclosure.message.entry
    if entry is None:
        raise Lost("the number that it came to was removed", permanent=True)
    home, url = _home(entry), enclosure.url
    for _hop in range(MOST_HOPS):
        headers = home.headers if urlsplit(url).hostname == home.host else {}
        try:
            answer = call("GET", url, headers=headers, within_s=WITHIN_S, most_bytes=MOST_BYTES)
        except NoAnswer as error:
            raise Lost(error.reason, permanent=False) from None
        if answer.status in MOVED and answer.headers.get("location"):
            url = urljoin(url, answer.headers["location"])
        elif answer.status == HTTPStatus.OK:
            return answer.body  # one byte more than we take when it is too long: it is refused with its reason
        else:
            raise Lost(f"HTTP {answer.status}", permanent=answer.status in GONE)
    raise Lost("it moves from place to place", permanent=True)


def _home(entry: EntryPoint) -> Home:
    if entry.adapter == twilio.NAME:
        base = str(entry.options.get("base_url") or twilio.BASE_URL)
        return Home(urlsplit(base).hostname or "", twilio.authority(entry))
    return Home(
        urlsplit(str(entry.options.get("url", ""))).hostname or "", generic.authority(entry.options, entry.secret)
    )
