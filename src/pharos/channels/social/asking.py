"""One call to another server, which gives its whole answer or fails as a delivery does."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from pharos.channels import DeliveryError
from pharos.channels.calls import Answer, NoAnswer, call

MOST_BYTES: Final = 4 * 2**20
AGENT: Final = "Pharos/1"


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    query: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """The server's answer, whatever it is; `DeliveryError` when there is none. Redirects are not followed."""
    where = f"{url}?{urlencode(query)}" if query else url
    try:
        answer = call(method, where, headers={"user-agent": AGENT, **headers}, content=body, most_bytes=most_bytes)
    except NoAnswer as error:
        raise DeliveryError(error.reason, permanent=False, unsure=error.unsure) from None
    if len(answer.body) > most_bytes:
        raise DeliveryError("the answer is too long", permanent=False, unsure=True)
    return answer
