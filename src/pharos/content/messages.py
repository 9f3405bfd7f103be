"""The words of every message we send by ourselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pharos.content.loader import FOLDER, Tree, by_code, entries
from pharos.content.text import ContentError, Text

FILES = ("crisis_message_templates", "messages")
ALIKE = {"social": "sms"}  # short words that lead to the person's page


class Wording(NamedTuple):
    """What one message says on one channel: `body` in each language, and `subject` where the channel has one."""

    body: Text
    subject: Text | None


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One message on the channels it is written for. `approval`: the role that approves its first use in a crisis."""

    code: str
    stage: str
    approval: str
    headers: Mapping[str, str]
    send_within_minutes: int | None
    wordings: Mapping[str, Wording]


@cache
def message_templates() -> Mapping[str, MessageTemplate]:
    """Every message by code."""
    kinds = [kind for kind in FILES if (FOLDER / f"{kind}.yaml").is_file()]
    rows = [row for kind in kinds for row in entries(kind, "templates")]
    return by_code(" and ".join(kinds), tuple((row["code"], _template(row)) for row in rows))


def _template(row: Tree) -> MessageTemplate:
    wordings = tuple(
        (variant["channel"], Wording(variant["body"], variant.get("subject"))) for variant in row["variants"]
    )
    return MessageTemplate(
        code=row["code"],
        stage=row["stage"],
        approval=row["approval"],
        headers=row.get("headers", {}),
        send_within_minutes=row.get("send_within_minutes"),
        wordings=by_code(row["code"], wordings),
    )


def template(code: str, channel: str) -> Wording:
    """The wording of one message on one channel, to be picked by language and filled."""
    try:
        return message_templates()[code].wordings[channel]
    except KeyError as error:
        raise ContentError(f"there is no message {code!r} for {channel!r}") from error


def worded(code: str, channel: str) -> Wording:
    """The wording on this channel; where it has none of its own, that of one like it, else that of the web."""
    wordings = message_templates()[code].wordings
    fitting = (one for one in (channel, ALIKE.get(channel, channel)) if one in wordings)
    return template(code, next(fitting, "web"))
