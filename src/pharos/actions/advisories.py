"""Public updates on an incident: drafted, published with the time of the next one, corrected, withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from pharos.actions import rights, wording
from pharos.actions.errors import Refused
from pharos.actions.incidents import STALE, announce, record, show
from pharos.models import Advisory, Incident, User
from pharos.queries import incidents

State = Advisory.State
NO_NEWS: Final = ("no_news", "web")


def draft(
    *,
    incident: Incident,
    title: Mapping[str, str],
    body: Mapping[str, str],
    by: User,
    now: datetime,
    key: str | None = None,
) -> Advisory:
    """Begin a new update. The public does not see it yet. The same `key` again is the same draft."""
    rights.lead(by, organisation_id=incident.organisation_id)
    words = wording.required(wording.body(body))
    with transaction.atomic():
        if before := _hold(incident, key):
            return before
        last = incident.advisories.aggregate(last=Max("number"))["last"] or 0
        return _create(incident, number=last + 1, version=1, title=title, body=words, key=key, by=by, now=now)


def no_news(*, incident: Incident, by: User, now: datetime, key: str | None = None) -> Advisory:
    """Begin the update that says, in every language, that nothing has changed; its times are filled in when shown."""
    words = incidents.wording(incident, *NO_NEWS)
    return draft(incident=incident, title={}, body=words.body, by=by, now=now, key=key)


def correct(
    *,
    advisory: Advisory,
    title: Mapping[str, str],
    body: Mapping[str, str],
    by: User,
    now: datetime,
    key: str | None = None,
) -> Advisory:
    """Begin a new version of a published update. The public sees the old one until the new one is published."""
    incident, number = advisory.incident, advisory.number
    rights.lead(by, organisation_id=incident.organisation_id)
    words = wording.required(wording.body(body))
    with transaction.atomic():
        if before := _hold(incident, key):
            return before
        versions = incident.advisories.filter(number=number)
        if versions.filter(state=State.DRAFT).exists():
            raise Refused("draft", _("There is a draft of this update already. Go on with that one."))
        last = versions.aggregate(last=Max("version"))["last"]
        if last is None:
            raise Refused("stale", STALE)
        return _create(incident, number=number, version=last + 1, title=title, body=words, key=key, by=by, now=now)


def write(*, advisory: Advisory, title: Mapping[str, str], body: Mapping[str, str], by: User, now: datetime) -> None:
    """Change a draft. What was published once is never changed."""
    incident = advisory.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    words = wording.required(wording.body(body))
    with transaction.atomic():
        mine = Advisory.objects.filter(pk=advisory.pk, state=State.DRAFT)
        if not mine.update(title=wording.line(title), body=words, author=by):
            raise Refused("stale", _("Only a draft can be changed. Correct what is published by a new version."))
        record(incident, "advisory_written", by=by, now=now, **_which(advisory))


def publish(*, advisory: Advisory, next_update_at: datetime | None, by: User, now: datetime) -> None:
    """Let the public see it. It always names when the next update comes."""
    incident = advisory.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    if next_update_at is None or next_update_at <= now:
        raise Refused("next_update", _("Say when the next update comes: a time that is still ahead."))
    with transaction.atomic():
        # Each row by its own columns: PostgreSQL asks those again after it has waited for another writer.
        mine = Advisory.objects.filter(pk=advisory.pk, state=State.DRAFT)
        running = Incident.objects.filter(pk=incident.pk).exclude(state=Incident.State.CLOSED)
        shown = {"published_at": now, "next_update_at": next_update_at, "approved_by": by}
        if not (mine.update(state=State.PUBLISHED, **shown) and running.update(next_update_at=next_update_at)):
            raise Refused("stale", _("This cannot be published any more: look at what is there now."))
        show(incident, now=now)
        record(incident, "advisory_published", by=by, now=now, **_which(advisory))
        announce(incident, "advisory.published", now=now)


def withdraw(*, advisory: Advisory, by: User, now: datetime) -> None:
    """Take an update back in all its versions. The page says that it was withdrawn; staff can still read it."""
    incident = advisory.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    with transaction.atomic():
        versions = incident.advisories.filter(number=advisory.number, state=State.PUBLISHED)
        if not versions.update(state=State.WITHDRAWN, withdrawn_at=now):
            raise Refused("stale", STALE)
        show(incident, now=now)
        record(incident, "advisory_withdrawn", by=by, now=now, number=advisory.number)


def discard(*, advisory: Advisory, by: User, now: datetime) -> None:
    """Drop a draft that nobody outside has seen."""
    incident = advisory.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    with transaction.atomic():
        if not Advisory.objects.filter(pk=advisory.pk, state=State.DRAFT).delete()[0]:
            raise Refused("stale", STALE)
        record(incident, "advisory_discarded", by=by, now=now, **_which(advisory))


def _hold(incident: Incident, key: str | None) -> Advisory | None:
    """Numbers are given one after the other; a closed incident takes no new update. The draft of this key, if any."""
    held = Incident.objects.select_for_update(no_key=True).filter(pk=incident.pk).exclude(state=Incident.State.CLOSED)
    if held.first() is None:
        raise Refused("closed", _("This is over: open it again first."))
    return incident.advisories.filter(draft_key=key).first() if key else None


def _create(
    incident: Incident,
    *,
    number: int,
    version: int,
    title: Mapping[str, str],
    body: dict[str, str],
    key: str | None,
    by: User,
    now: datetime,
) -> Advisory:
    advisory = Advisory.objects.create(
        incident=incident,
        number=number,
        version=version,
        title=wording.line(title),
        body=body,
        author=by,
        created_at=now,
        draft_key=key,
    )
    record(incident, "advisory_drafted", by=by, now=now, **_which(advisory))
    return advisory


def _which(advisory: Advisory) -> dict[str, int]:
    return {"number": advisory.number, "version": advisory.version}
