"""Writing down who writes for whom, and what may be said to them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos.actions import trail
from pharos.actions.errors import Refused
from pharos.actions.states import held_by
from pharos.models import Behalf, Contact, User


def record(
    *, contact: Contact, name: str, relation: str, authority: str, may_say: str, by: User, now: datetime
) -> Behalf:
    """`by`, who has the contact in hand, asked who writes for whom and on what ground.

    Without a ground nothing personal may be said: refused.
    """
    if authority == Behalf.Authority.NONE and may_say != Behalf.MaySay.NOTHING:
        raise Refused("no_ground", _("Without a ground nothing personal may be said. Ask the person themself first."))
    given = {"name": name, "relation": relation, "authority": authority, "may_say": may_say, "confirmed_at": now}
    with transaction.atomic():
        if not held_by(by, contact).exists():
            raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))
        row, _is_new = Behalf.objects.update_or_create(contact=contact, defaults=given)
        trail.record(contact, "behalf_recorded", now=now, by=by, authority=authority, may_say=may_say)
        trail.tell(contact, now=now)
    return row
