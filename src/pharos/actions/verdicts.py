"""What a person says of what words suggest: right, or not. The suggestion itself decides nothing."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.actions import alarms, hands, holds, lanes, leaving, overrides, rights, states, trail
from pharos.actions.errors import Refused
from pharos.models import Alarm, Contact, Cue, SignalVerdict, User
from pharos.queries import cues, desk, watch

DANGER = Cue.Sort.DANGER
MOST_WORDS = 300  # of a reason


def settle(*, contact: Contact, sort: str, code: str, is_right: bool, seen: int, by: User, now: datetime) -> bool:
    """The agent who has the contact says whether it is right; False when that was said before.

    `seen`: the highest number of a cue that they had before them; what came later is not answered by it.
    That words do mean danger to life calls the duty lead once more, by name; that they do not, ends the alarm.
    """
    with transaction.atomic():
        if states.held_by(by, contact).select_for_update(no_key=True).first() is None:
            raise Refused("not_yours_now", _("This contact is no longer with you. Nothing was changed."))
        if not _settle(contact, sort, code, is_right=is_right, seen=seen, by=by, now=now):
            return False
        if is_right and sort == Cue.Sort.NEED:  # what somebody needs is kept with their yes alone
            Cue.objects.filter(contact=contact, sort=sort, code=code, state=Cue.State.CONFIRMED).delete()
        if sort == DANGER:
            _answered(contact, is_right=is_right, by=by, now=now)
            if is_right:
                hands.raise_hand(contact=contact, why="danger", words="", by=by, now=now)
        trail.tell(contact, now=now)
    return True


def raise_to_danger(*, contact: Contact, by: User, now: datetime) -> bool:
    """The duty lead says that the words mean danger to life: band 0. False when a colleague said so before."""
    rights.lead(by, organisation_id=contact.organisation_id)
    with transaction.atomic():
        held = holds.contact_as_it_is(contact.pk)
        if not _settle(held, DANGER, DANGER, is_right=True, seen=None, by=by, now=now) and not cues.danger_stands(held):
            raise Refused(
                "no_danger", _("Somebody has said already that there is no danger, or the contact is closed.")
            )
        _clear(held, now=now)
        if held.lane.band == 0:
            return False
        reason = gettext("What was written means danger to life.")
        overrides.raise_band(contact=held, band=0, reason=reason, by=by, now=now)
        if held.state in watch.UNTAKEN:  # the lead is at it: nobody need be called about it now
            alarms.raise_at_once(held, Alarm.Sort.DANGER, now=now, taken_by=by)
    return True


def no_danger(*, contact: Contact, seen: int, by: User, now: datetime) -> bool:
    """The duty lead says that the words mean no danger; the place that this gave is kept. False when it was said.

    `seen`: the highest number of a cue that they had before them; words that came later stay open, and the alarm too.
    """
    rights.lead(by, organisation_id=contact.organisation_id)
    with transaction.atomic():
        held = _held_with_offers(contact)
        is_new = _settle(held, DANGER, DANGER, is_right=False, seen=seen, by=by, now=now)
        if is_new:
            _answered(held, is_right=False, by=by, now=now)
            trail.tell(held, now=now, topics=["queue"])
        _let_go(held, is_new=is_new, now=now)
    return is_new


def put_right(*, contact: Contact, cue: int, is_right: bool, reason: str, by: User, now: datetime) -> bool:
    """The duty lead sets right what was answered about danger to life. False when the answer stands so already.

    `cue`: the number of one of the cues that were answered together; what was answered apart from them stands. All
    follows that would have followed from this answer at first, but no call: the lead knows. The verdict that is kept
    is corrected, and counts once. Refused when the contact is closed.
    """
    rights.lead(by, organisation_id=contact.organisation_id)
    with transaction.atomic():
        held = _held_with_offers(contact)
        _refuse_closed(held)
        answered = Cue.objects.filter(contact=held, sort=DANGER, pk=cue).exclude(state=Cue.State.OPEN).first()
        if answered is None:
            raise Refused("not_answered", _("There is no answer here that could be put right."))
        is_new = answered.state != _state(is_right=is_right)
        if is_new:
            stood = cues.danger_stands(held)
            _turn(answered, is_right=is_right, by=by, now=now)
            _call_off(held, by=by, now=now)
            why = reason.strip()[:MOST_WORDS]
            trail.record(held, "danger_put_right", now=now, by=by, is_danger=is_right, why=why)
            lanes.regrade(held, now=now, by=by, to_head=is_right and not stood)
            trail.tell(held, now=now, topics=["queue", "alarms"])
        if not is_right:
            _let_go(held, is_new=is_new, now=now)
    return is_new


def _held_with_offers(contact: Contact) -> Contact:
    held = leaving.hold(contact)
    if held is None:
        raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))
    return held[1]


def _refuse_closed(held: Contact) -> None:
    if held.merged_into_id:
        raise Refused("merged", _("This request was joined with another one meanwhile. Look at it again."))
    if held.state == Contact.State.CLOSED:
        raise Refused("closed", _("This contact is closed: what was answered in it stays as it is."))


def _turn(answered: Cue, *, is_right: bool, by: User, now: datetime) -> None:
    """The other answer on all that were answered with this one, and on what is kept of it."""
    together = Cue.objects.filter(
        contact=answered.contact_id,
        sort=DANGER,
        state=answered.state,
        verdict=answered.verdict_id,
        settled_by=answered.settled_by_id,
        settled_at=answered.settled_at,
    )
    together.update(state=_state(is_right=is_right), settled_by=by, settled_at=now)
    if answered.verdict_id:
        SignalVerdict.objects.filter(pk=answered.verdict_id, is_right=not is_right).update(is_right=is_right)


def _call_off(contact: Contact, *, by: User, now: datetime) -> None:
    """Nobody need come for an answer of danger when none stands any more."""
    said = contact.events.filter(code="danger_confirmed").values("at")
    if not cues.danger_stands(contact) and desk.open_hands(contact).filter(raised_at__in=said).exists():
        hands.lower_hand(contact=contact, by=by, now=now)


def _let_go(contact: Contact, *, is_new: bool, now: datetime) -> None:
    """They said that we are no longer needed: when no danger stands, nothing keeps the contact here.

    With the answer or not at all; who was let go of by none before goes with the next. What an agent has set aside
    since is theirs.
    """
    if contact.left_at and (is_new or contact.state != Contact.State.PENDING):
        leaving.leave(contact=contact, since=contact.left_at, now=now)


def _state(*, is_right: bool) -> Cue.State:
    return Cue.State.CONFIRMED if is_right else Cue.State.DISMISSED


def _settle(
    contact: Contact, sort: str, code: str, *, is_right: bool, seen: int | None, by: User, now: datetime
) -> bool:
    """One verdict on the open cues with this meaning that were seen, while the contact's row is held. None: on all."""
    open_cues = Cue.objects.filter(contact=contact, sort=sort, code=code, state=Cue.State.OPEN)
    if seen is not None:
        open_cues = open_cues.filter(pk__lte=seen)
    strongest = open_cues.order_by("-score", "pk").first()
    if strongest is None:
        return False
    verdict = SignalVerdict.objects.create(
        organisation_id=contact.organisation_id,
        sort=sort,
        code=code,
        language=strongest.language,
        is_right=is_right,
        source=strongest.source,
        tenth=int(strongest.score * 10),
        day=now.date(),
    )
    open_cues.update(state=_state(is_right=is_right), settled_at=now, settled_by=by, verdict=verdict)
    return True


def _answered(contact: Contact, *, is_right: bool, by: User, now: datetime) -> None:
    is_over = not cues.danger_is_open(contact)
    if is_over:
        _clear(contact, now=now)
    trail.record(contact, "danger_confirmed" if is_right else "danger_dismissed", now=now, by=by)
    if is_over and not is_right:
        _call_off(contact, by=by, now=now)
        lanes.regrade(contact, now=now, by=by)


def _clear(contact: Contact, *, now: datetime) -> None:
    alarms.clear_at_once(contact, Alarm.Sort.DANGER_WORDS, now=now)
    trail.tell(contact, now=now, topics=["alarms"])
