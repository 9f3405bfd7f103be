"""Raising a hand: an agent asks for the duty lead about one contact."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions import conversation, states, trail
from pharos.actions.errors import Refused
from pharos.models import Alarm, Contact, User
from pharos.queries import desk

WHYS: Final = ("danger", "decision", "hostile", "over_to_you")


def raise_hand(*, contact: Contact, why: str, words: str, by: User, now: datetime) -> None:
    """Ask the duty lead to come: an alarm, told at once. Words stay with the contact as a note. Asked twice is once."""
    if why not in WHYS:
        raise Refused("why", _("Choose what it is about."))
    alarm = Alarm(
        organisation_id=contact.organisation_id,
        sort=Alarm.Sort.ESCALATED,
        subject=f"contact:{contact.pk}",
        contact=contact,
        data={"why": why, "agent": by.get_full_name()},
        raised_at=now,
    )
    with transaction.atomic():
        if states.held_by(by, contact).select_for_update(no_key=True).first() is None:
            raise Refused("not_yours_now", _("This contact is no longer with you. Nothing was changed."))
        if desk.open_hands(contact).exists():
            return
        Alarm.objects.bulk_create([alarm], ignore_conflicts=True)
        if words.strip():
            conversation.note(contact=contact, body=words, by=by, now=now)
        trail.record(contact, "hand_raised", now=now, by=by, why=why)
        trail.tell(contact, now=now)
        live.nudge(organisation_id=contact.organisation_id, topics=["alarms"], now=now)


def lower_hand(*, contact: Contact, by: User, now: datetime) -> None:
    """It is settled; the duty lead need not come any more."""
    with transaction.atomic():
        if desk.open_hands(contact).update(cleared_at=now):
            trail.record(contact, "hand_lowered", now=now, by=by)
            trail.tell(contact, now=now)
            live.nudge(organisation_id=contact.organisation_id, topics=["alarms"], now=now)
