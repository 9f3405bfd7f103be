"""Posting on any network that Apprise knows: one account is one address with its keys in it."""

import ipaddress
import re
import socket
from functools import cache
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import apprise

from pharos.actions import webhooks
from pharos.channels import DeliveryError, Via

NAME: Final = "apprise"
WITHIN_S: Final = 12.0  # within a lease
REASON_MAX: Final = 200
# What reaches this machine, its bus or its files instead of a network.
INSIDE: Final = frozenset(
    {"syslog", "rsyslog", "dbus", "kde", "qt", "glib", "gio", "gnome", "macosx", "windows", "blink1", "file", "enigma2"}
)
SECRETIVE: Final = 4  # parts of an address from this length on are left out of what is said about it
REFUSED: Final = re.compile(r"error=([45]\d\d)\b")  # how the library tells an answer that is a no
FOR_NOW: Final = re.compile(r"408|425|429|5..")
CONNECTING_S: Final = 3.0


def fault(url: str) -> str:
    """Why an address cannot be posted to; blank when it can."""
    scheme = urlsplit(url).scheme.lower()
    if scheme in INSIDE:
        return "this kind of address stays on this machine"
    return "" if _service(url) is not None else "Apprise does not know this kind of address"


def post(text: str, via: Via) -> str:
    """Post once. Whether it went out cannot be asked again, so what is not sure is not tried a second time."""
    url = str(via.secret.get("url", ""))
    if said := fault(url):
        raise DeliveryError(said, permanent=True)
    service = _service(url)
    _only_outside(service)
    sender = apprise.Apprise(asset=_asset())
    sender.add(service)
    result = sender.notify(body=text, body_format=apprise.NotifyFormat.TEXT, timeout=WITHIN_S)
    if result:
        return ""
    said = _last_words(result, url)
    refused = REFUSED.search(said)
    if result.timeout_count or not refused:
        raise DeliveryError(said or "no answer in time", permanent=True, unsure=True)
    raise DeliveryError(said, permanent=not FOR_NOW.fullmatch(refused[1]))


def _service(url: str) -> Any:
    """The account as Apprise understands it; None when it does not."""
    return apprise.Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)


@cache
def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(app_id="Pharos", app_desc="Pharos", app_url="", async_mode=False)


def _only_outside(service: Any) -> None:
    """Refuse a server inside our own network, unless the administrator has named that network; and one that is away."""
    host = str(getattr(service, "host", "") or "")
    if not host:
        return  # a network with one well-known server
    port = int(getattr(service, "port", 0) or (443 if getattr(service, "secure", False) else 80))
    try:
        found = [str(where[0]) for *_, where in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)]
        if not all(webhooks.is_allowed(ipaddress.ip_address(one.partition("%")[0])) for one in found):
            raise DeliveryError("this address lies inside the network", permanent=True)
        socket.create_connection((found[0], port), CONNECTING_S).close()
    except OSError as error:
        raise DeliveryError(f"the server is out of reach: {error.strerror}", permanent=False) from None


def _last_words(result: Any, url: str) -> str:
    """What went wrong, in the library's words, without any part of the address that may be a key."""
    lines = [entry.message for one in result for entry in one.logs() if entry.message]
    said = lines[-1] if lines else ""
    for part in sorted(set(re.split(r"[/:@?&=#]+", unquote(url))), key=len, reverse=True):
        if len(part) >= SECRETIVE and part != urlsplit(url).hostname:
            said = said.replace(part, "…")
    return " ".join(said.split())[:REASON_MAX]
