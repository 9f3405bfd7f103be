"""Twilio and carriers that speak as it does: how a text goes out, how its webhooks are signed, what its codes mean."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from django.http import QueryDict

from pharos.channels import DeliveryError, Outbound
from pharos.channels.calls import Answer, NoAnswer, call
from pharos.channels.sms.incoming import Incoming, Report, Unwanted, Why
from pharos.channels.sms.numbers import written
from pharos.models import EntryPoint

NAME: Final = "twilio"
BASE_URL: Final = "https://api.twilio.com"
UNSURE: Final = {500, 502, 504}  # it may have been taken before the answer went wrong
PORTS: Final = {"https": 443, "http": 80}
UNSUBSCRIBED: Final = 21610


class Code(NamedTuple):
    """An error of the carrier in words. `permanent`: trying again is of no use. `ours`: our account is at fault."""

    said: str
    permanent: bool
    ours: bool = False


CODES: Final[Mapping[int, Code]] = {
    20003: Code("the carrier does not know our account or its token", False, ours=True),
    20404: Code("the carrier does not know our account", False, ours=True),
    20429: Code("the carrier is asked too often", False),
    21211: Code("this is not a telephone number", True),
    21212: Code("the number we send from is not ours", False, ours=True),
    21214: Code("this number cannot be reached", True),
    21217: Code("this is not a telephone number", True),
    21265: Code("this number cannot be reached", True),
    21408: Code("our account may not send to this country", True),
    21602: Code("there are no words in it", True),
    21603: Code("the number we send from is missing", False, ours=True),
    21604: Code("there is no number in it", True),
    21606: Code("the number we send from cannot send texts", False, ours=True),
    UNSUBSCRIBED: Code("the person wants no more texts", True),
    21611: Code("too many texts wait at the carrier", False),
    21612: Code("the carrier knows no way to this number", True),
    21614: Code("this number cannot receive texts", True),
    21617: Code("the text is too long", True),
    21635: Code("this is a landline", True),
    21659: Code("the number we send from is not ours", False, ours=True),
    21660: Code("the number we send from is not ours", False, ours=True),
    30001: Code("too many texts wait at the carrier", False),
    30002: Code("our account is suspended", False, ours=True),
    30003: Code("the phone is off or out of reach", False),
    30004: Code("the phone refuses our texts", True),
    30005: Code("this number is not in use", True),
    30006: Code("this is a landline, or its network takes no texts", True),
    30007: Code("the network filtered it", True),
    30008: Code("it did not arrive; the network does not say why", False),
    30009: Code("a part of it was lost", False),
    30010: Code("the text costs more than our account allows", True),
    30017: Code("the network is overloaded", False),
    30022: Code("the network takes no more for now", False),
    30023: Code("the network takes no more today", False),
    30032: Code("our number is not registered for texts", True),
    30034: Code("our number is not registered for texts", True),
    30410: Code("the network did not answer in time", False),
    30500: Code("the carrier failed", False),
}


def send(outbound: Outbound, entry: EntryPoint, report_to: str) -> str:
    """Hand over one text; its id at the carrier, or `DeliveryError`."""
    account = str(entry.options.get("account_sid", ""))
    service = str(entry.options.get("messaging_service_sid", ""))
    from_ = {"MessagingServiceSid": service} if service else {"From": written(entry.address)}
    form = {"To": outbound.address, **from_, "Body": outbound.body, "StatusCallback": report_to}
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json", **authority(entry)}
    base = str(entry.options.get("base_url") or BASE_URL).rstrip("/")
    url = f"{base}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
    try:
        answer = call("POST", url, headers=headers, content=urlencode(form).encode())
    except NoAnswer as error:
        raise DeliveryError(error.reason, permanent=False, unsure=error.unsure, down=True) from None
    given = answer.json
    said: Mapping[str, Any] = given if isinstance(given, dict) else {}
    if 200 <= answer.status < 300 and said.get("sid"):
        return str(said["sid"])[:255]
    raise _refused(answer, said)


def authority(entry: EntryPoint) -> dict[str, str]:
    """The header by which the carrier knows us: an API key where there is one, else the account's own token."""
    user = str(entry.options.get("api_key_sid") or entry.options.get("account_sid", ""))
    secret = str(entry.secret.get("api_key_secret") or entry.secret.get("auth_token", ""))
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def _refused(answer: Answer, said: Mapping[str, Any]) -> DeliveryError:
    code = _number(said.get("code"))
    known = CODES.get(code)
    if code == UNSUBSCRIBED:
        return Unwanted(f"{code} {CODES[code].said}")
    if known:
        return DeliveryError(f"{code} {known.said}", permanent=known.permanent, down=known.ours)
    reason = f"{code or ''} HTTP {answer.status}".strip()
    if answer.status in {401, 403, 404, 408, 429} or answer.status >= 500:
        return DeliveryError(reason, permanent=False, unsure=answer.status in UNSURE, down=True)
    if answer.status < 400:  # an answer that is none of this carrier's: another address, or a page in between
        return DeliveryError(reason, permanent=False, unsure=True, down=True)
    return DeliveryError(reason, permanent=True)


def reported(form: QueryDict) -> Report:
    """What became of a text; why it did not arrive, an unknown reason being for a person to look at."""
    code = _number(form.get("ErrorCode"))
    known = CODES.get(code) or Code("it did not arrive", True)
    state = form.get("MessageStatus") or form.get("SmsStatus") or ""
    return Report(state, _key(form), Why(f"{code or ''} {known.said}".strip(), known.permanent, code == UNSUBSCRIBED))


def incoming(form: QueryDict) -> Incoming | None:
    """The text that came; None when this is none."""
    key, sender = _key(form), form.get("From", "")
    if not key or not sender:
        return None
    files = tuple(
        url for number in range(min(_number(form.get("NumMedia")), 10)) if (url := form.get(f"MediaUrl{number}"))
    )
    return Incoming(key, sender, form.get("Body", ""), files)


def _key(form: QueryDict) -> str:
    return form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid") or ""


def is_signed(entry: EntryPoint, urls: Iterable[str], form: QueryDict, signature: str) -> bool:
    """Whether the carrier made this request: its signature is over the address that it was given, and all fields."""
    token = str(entry.secret.get("auth_token", ""))
    fields = "".join(f"{name}{value}" for name in sorted(form) for value in sorted(set(form.getlist(name))))
    ways = [way for url in urls for way in _ways(url)]
    given = signature.encode()
    return bool(token) and any(hmac.compare_digest(_signature(token, url + fields), given) for url in ways)


def _signature(token: str, text: str) -> bytes:
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1))


def _ways(url: str) -> list[str]:
    """The address with its port written out and without: carriers differ."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or PORTS.get(parts.scheme, 0)
    short = host if port == PORTS.get(parts.scheme) else f"{host}:{port}"
    return [urlunsplit(parts._replace(netloc=one)) for one in dict.fromkeys((parts.netloc, short, f"{host}:{port}"))]


def _number(text: object) -> int:
    """A number that a carrier wrote; 0 for none."""
    said = str(text or "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
