"""Any carrier that is asked over HTTP: the request as its manual wants it, filled in; its webhooks signed with HMAC."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from pharos.channels import DeliveryError, Outbound
from pharos.channels.calls import Answer, NoAnswer, call
from pharos.channels.sms.incoming import Incoming, Report, Why
from pharos.channels.sms.numbers import written
from pharos.models import EntryPoint

NAME: Final = "sms_http"
SIGNATURE: Final = "X-Pharos-Signature"
BODY: Final = '{"to": "{to}", "from": "{from}", "text": "{text}", "callback": "{report_url}"}'
ASKED: Final = re.compile(r"\{(to|from|text|key|report_url|language)\}")
PASSING: Final = {401, 403, 407, 408, 409, 423, 425, 429}
UNSURE: Final = {500, 502, 504}
MOST_FILES: Final = 10
TRIED_AGAIN: Final = {"undelivered", "expired"}


class Misfit(ValueError):
    """A setting of this number that cannot be used; the text says which."""


def send(outbound: Outbound, entry: EntryPoint, report_to: str) -> str:
    """Hand over one text; its id at the carrier where it tells one, else ours."""
    values = {
        "to": outbound.address,
        "from": written(entry.address),
        "text": outbound.body,
        "key": f"{outbound.key}.{outbound.attempt}",
        "report_url": report_to,
        "language": outbound.language,
    }
    try:
        method, url, headers, content = request(entry.options, entry.secret, values)
    except Misfit as error:
        raise DeliveryError(str(error), permanent=False, down=True) from None
    try:
        answer = call(method, url, headers=headers, content=content)
    except NoAnswer as error:
        raise DeliveryError(error.reason, permanent=False, unsure=error.unsure, down=True) from None
    if 200 <= answer.status < 300:
        return _id(answer, str(entry.options.get("id_at", "")))[:255] or values["key"]
    permanent = 400 <= answer.status < 500 and answer.status not in PASSING
    raise DeliveryError(
        f"HTTP {answer.status}", permanent=permanent, unsure=answer.status in UNSURE, down=not permanent
    )


def request(
    options: Mapping[str, Any], secret: Mapping[str, Any], values: Mapping[str, str]
) -> tuple[str, str, dict[str, str], bytes]:
    """Method, address, headers and content of one request; `Misfit` when the settings make none."""
    url = str(options.get("url", ""))
    if not url.startswith(("https://", "http://")):
        raise Misfit("the address of the carrier is missing")
    body = str(options.get("body") or BODY)
    if not is_template(body):
        raise Misfit("the fields of the request are not a JSON object")
    filled = _filled(json.loads(body), values)
    headers = authority(options, secret)
    method = str(options.get("method") or "POST").upper()
    if method == "GET":
        return method, f"{url}{'&' if '?' in url else '?'}{urlencode(filled, doseq=True)}", headers, b""
    if options.get("style") == "form":
        headers["content-type"] = "application/x-www-form-urlencoded"
        return method, url, headers, urlencode(filled, doseq=True).encode()
    headers["content-type"] = "application/json"
    return method, url, headers, json.dumps(filled).encode()


def is_template(body: str) -> bool:
    """Whether these can be the fields of a request."""
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def authority(options: Mapping[str, Any], secret: Mapping[str, Any]) -> dict[str, str]:
    """The header by which the carrier knows us."""
    return {str(options.get("auth_header") or "Authorization"): str(secret["auth"])} if secret.get("auth") else {}


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    """Every {name} in every string, once: what a person typed is never looked through for names."""
    if isinstance(node, dict):
        return {key: _filled(one, values) for key, one in node.items()}
    if isinstance(node, list):
        return [_filled(one, values) for one in node]
    return ASKED.sub(lambda asked: values[asked[1]], node) if isinstance(node, str) else node


def _id(answer: Answer, where: str) -> str:
    """The carrier's id, at a place like `messages.0.id` of its answer; blank for none."""
    try:
        node = answer.json
        for step in where.split(".") if where else ():
            node = node[int(step)] if isinstance(node, list) else node[step]
    except (ValueError, LookupError, TypeError):
        return ""
    return str(node) if where and isinstance(node, str | int) else ""


def is_signed(entry: EntryPoint, body: bytes, signature: str) -> bool:
    """Whether the holder of the webhook's secret made this body."""
    secret = str(entry.secret.get("webhook_secret", ""))
    expected = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    given = signature.strip().lower().removeprefix("sha256=")
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


def incoming(entry: EntryPoint, fields: Mapping[str, Any]) -> Incoming | None:
    """The text that came; None when this is none."""
    key, sender, text = (_said(fields, entry, name) for name in ("id", "from", "text"))
    files = fields.get(str(entry.options.get("files_field") or "files"), ())
    urls = [str(one) for one in files if isinstance(one, str)] if isinstance(files, list | tuple) else []
    return Incoming(key, sender, text, tuple(urls[:MOST_FILES])) if key and sender else None


def reported(entry: EntryPoint, fields: Mapping[str, Any]) -> Report:
    """What became of a text. Without a word on it, what was refused is over and what got lost is tried again."""
    state = _said(fields, entry, "state").lower()
    permanent = fields.get("permanent")
    is_over = state not in TRIED_AGAIN if permanent is None else str(permanent).lower() in {"true", "1", "yes"}
    reason = _said(fields, entry, "error") or "it did not arrive"
    return Report(state, _said(fields, entry, "id"), Why(reason, is_over))


def _said(fields: Mapping[str, Any], entry: EntryPoint, name: str) -> str:
    value = fields.get(str(entry.options.get(f"{name}_field") or name), "")
    return str(value) if isinstance(value, str | int) else ""


def fields_of(content_type: str, body: bytes, form: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a webhook, whether it is JSON or a form; none when it is neither."""
    if "json" not in content_type:
        return form
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
