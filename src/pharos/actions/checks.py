"""Writing down that somebody was found to be who they say they are, and asking for that before something is changed."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions import trail
from pharos.actions.errors import Refused
from pharos.models import Contact, IdentityCheck, User
from pharos.queries import checks
from pharos.queries.rules import rule


def passed(*, contact: Contact, way: IdentityCheck.Way, by: User | None, now: datetime) -> None:
    """It is them. Holds for a while; inside the caller's transaction."""
    holds = timedelta(minutes=max(1, rule(contact.organisation, "identity_holds_minutes")))
    IdentityCheck.objects.create(contact=contact, way=way, by=by, at=now, holds_until=now + holds)
    trail.record(contact, "identity_shown", now=now, by=by, way=way)
    trail.tell(contact, now=now)


def refuse_unknown(contact: Contact, disposition: str, *, now: datetime) -> None:
    """Nothing that changes or pays is said to be done for somebody of whom nobody checked who they are."""
    if not content.dispositions()[disposition].asks_who or not checks.are_asked_for(contact.organisation):
        return
    if checks.standing(contact, now=now) is None:
        raise Refused("identity", _("Check first who it is: send a code, or say how you know."))
