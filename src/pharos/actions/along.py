"""What goes along when a contact joins another's place, and comes back: open promises, what its words suggest, calls.

Messages never move: they stay with the contact to which they were said.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from pharos.models import Alarm, Contact, Cue, Merge, Message, Promise
from pharos.queries import family

CALLS: Final = (Alarm.Sort.DANGER_WORDS, Alarm.Sort.ESCALATED)  # for a person's eyes; the sweep looks after the others
ANSWERS: Final = (Message.Sort.REPLY, Message.Sort.SUMMARY)


def take(join: Contact, keep: Contact, *, now: datetime) -> dict[str, Any]:
    """All of it now counts for `keep`; returns which rows these were, and the newest message there is."""
    promises = list(join.promises.filter(settled_at__isnull=True).order_by("pk").values_list("pk", flat=True))
    Promise.objects.filter(pk__in=promises).update(contact=keep)
    Cue.objects.filter(contact=join).update(contact=keep)
    last = Message.objects.filter(contact__in=[*family.ids(keep), *family.below(join)]).order_by("-pk").first()
    return {"promises": promises, "alarms": _take_calls(join, keep, now=now), "last_message": last.pk if last else 0}


def _take_calls(join: Contact, keep: Contact, *, now: datetime) -> list[int]:
    """Whoever was called about the one is called about the other; one call about a thing is enough."""
    calls = Alarm.objects.filter(cleared_at__isnull=True, sort__in=CALLS)
    theirs = set(calls.filter(contact=keep).values_list("sort", flat=True))
    taken = []
    for call in calls.filter(contact=join).order_by("pk"):
        if call.sort in theirs:
            Alarm.objects.filter(pk=call.pk).update(cleared_at=now)
        else:
            Alarm.objects.filter(pk=call.pk).update(contact=keep, subject=_subject(keep))
        taken.append(call.pk)
    return taken


def give_back(join: Contact, rows: dict[str, Any], *, at: datetime) -> None:
    """What belongs to `join` and those below it is its own again. `at`: when it was taken."""
    mine = family.below(join)
    Cue.objects.filter(message__contact__in=mine).update(contact=join)
    promises = Promise.objects.filter(pk__in=rows["promises"])
    promises.update(contact=join)
    if not answered_since(mine, rows["last_message"]):
        unsettle(promises)
    theirs = set(join.alarms.filter(cleared_at__isnull=True).values_list("sort", flat=True))
    for call in Alarm.objects.filter(pk__in=rows["alarms"]).exclude(sort__in=theirs).order_by("pk"):
        again = None if call.cleared_at == at else call.cleared_at  # cleared then, because the other one stood
        Alarm.objects.filter(pk=call.pk).update(contact=join, subject=_subject(join), cleared_at=again)


def let_go(contact: Contact, rows: dict[str, Any]) -> None:
    """What went along with a contact, and from there further up, is no longer what the upper merges have taken."""
    upper = family.merge_of(contact)
    while upper:
        rest = {name: [pk for pk in upper.before[name] if pk not in rows[name]] for name in ("promises", "alarms")}
        Merge.objects.filter(pk=upper.pk).update(before=upper.before | rest)
        upper = family.merge_of(upper.keep)


def unsettle(promises: Any) -> None:
    """The answer was another person's: these promises are still to be kept. One that was broken stays so."""
    scored = promises.filter(settled_at__isnull=False, waited_s__isnull=False)
    scored.update(settled_at=None, waited_s=None, kept=None)


def answered_since(contacts: Collection[int], last_message: int) -> bool:
    """Whether a colleague has answered on the road of one of these since that message."""
    rows = Message.objects.filter(contact__in=contacts, pk__gt=last_message, direction=Message.Direction.OUT)
    return rows.filter(sort__in=ANSWERS).exists()


def unanswered_words(contacts: Collection[int], last_message: int) -> bool:
    """Whether words came to one of these since that message, with no answer after them on its road."""
    rows = Message.objects.filter(contact__in=contacts, pk__gt=last_message)
    words = rows.filter(direction=Message.Direction.IN).exclude(sort=Message.Sort.AUTOMATIC).order_by("-pk").first()
    return words is not None and not answered_since(contacts, words.pk)


def newest_words(contacts: Collection[int]) -> datetime | None:
    """When the last words came to one of these."""
    rows = Message.objects.filter(contact__in=contacts, direction=Message.Direction.IN)
    return rows.order_by("-created_at").values_list("created_at", flat=True).first()


def _subject(contact: Contact) -> str:
    return f"contact:{contact.pk}"
