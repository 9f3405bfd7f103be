"""Where people reach us: mailboxes, numbers, widgets and handles are set up, switched and watched."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from pharos.actions.errors import Refused
from pharos.engine.references import TOKEN_BYTES, page_token
from pharos.models import Channel, EntryPoint, Incident, Message, Organisation

FAILURE_MAX: Final = 300
REACHED: Final[Mapping[str, Any]] = {"failing_since": None, "failure": "", "failures": 0}


def add(
    *,
    organisation: Organisation,
    channel: str,
    adapter: str,
    address: str,
    language: str = "",
    incident: Incident | None = None,
    options: Mapping[str, Any] | None = None,
    secret: Mapping[str, Any] | None = None,
    now: datetime,
) -> EntryPoint:
    """A new one, which counts from now on. Refused when the organisation has this address on this channel already."""
    try:
        with transaction.atomic():
            return EntryPoint.objects.create(
                organisation=organisation,
                channel=channel,
                adapter=adapter,
                address=address,
                token=page_token(secrets.token_bytes(TOKEN_BYTES)),
                language=language,
                incident=incident,
                options=dict(options or {}),
                secret=dict(secret or {}),
                created_at=now,
            )
    except IntegrityError:
        raise Refused("address", _("You have this one already.")) from None


def door(entry: EntryPoint) -> str:
    """By what name its deliveries are known. Mail has one for all mailboxes: a mail to two of them is one mail."""
    return "mail" if entry.channel == Channel.EMAIL else f"{entry.channel}:{entry.pk}"


def change(
    *,
    entry: EntryPoint,
    address: str,
    language: str,
    incident: Incident | None,
    options: Mapping[str, Any],
    secret: Mapping[str, Any],
) -> None:
    """Reach it in another way. What is left out of `secret` stays; what failed is tried anew."""
    kept = {**entry.secret, **secret}
    rows = EntryPoint.objects.filter(pk=entry.pk)
    try:
        with transaction.atomic():
            rows.update(
                address=address,
                language=language,
                incident=incident,
                options=dict(options),
                secret=kept,
                **REACHED,
            )
    except IntegrityError:
        raise Refused("address", _("You have this one already.")) from None


def switch(*, entry: EntryPoint, on: bool) -> None:
    """Take nothing from it any more, or go on where it was left."""
    EntryPoint.objects.filter(pk=entry.pk).update(is_on=on, **REACHED)


def remove(*, entry: EntryPoint) -> None:
    """Forget one that nothing came by yet; refused for any other, because answers go out by it."""
    if Message.objects.filter(organisation_id=entry.organisation_id, entry=entry).exists():
        raise Refused("used", _("People have written here, and answers go out by it. Switch it off instead."))
    EntryPoint.objects.filter(pk=entry.pk).delete()


def read(*, entry: EntryPoint, cursor: Mapping[str, Any], now: datetime) -> None:
    """Its messages were read up to here."""
    _tell(entry, cursor=dict(cursor), read_at=now, **REACHED)


def passed(*, entry: EntryPoint, cursor: Mapping[str, Any]) -> None:
    """Reading goes on from here, though it could not be read to its end now."""
    _tell(entry, cursor=dict(cursor))


def failed(*, entry: EntryPoint, reason: str, now: datetime) -> None:
    """It could not be reached; since when, and why, is shown where it is set up. Again and again is an alarm."""
    since, said = Coalesce(F("failing_since"), now), reason[:FAILURE_MAX]
    EntryPoint.objects.filter(pk=entry.pk).update(failing_since=since, failure=said, failures=F("failures") + 1)
    entry.failing_since, entry.failure, entry.failures = entry.failing_since or now, said, entry.failures + 1


def _tell(entry: EntryPoint, **values: Any) -> None:
    EntryPoint.objects.filter(pk=entry.pk).update(**values)
    for name, value in values.items():
        setattr(entry, name, value)
