"""The register of what people need from us. Nothing is kept without a ground; what is taken back is gone everywhere."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions import holds, lanes, trail
from pharos.actions.errors import Refused
from pharos.models import Agent, CheckIn, Contact, Cue, NeedView, Offer, SupportNeed, User
from pharos.queries import family
from pharos.queries import needs as register
from pharos.queries.rules import rule

Source, Basis, Way, End = SupportNeed.Source, SupportNeed.Basis, SupportNeed.Way, SupportNeed.End
MOST_WORDS: Final = 2000
REVIEW_DAYS: Final = 365  # of words that are no need of the taxonomy


def declared(
    *, contact: Contact, codes: Iterable[str], words: str, basis: str, way: str, now: datetime, by: User | None = None
) -> list[SupportNeed]:
    """What a person says of themselves with a request, as rows to be saved with it; own words are one by themselves.

    `by`: the colleague who took the request down, told them what it is for and heard a yes.
    """
    known = content.needs()
    wanted = [(code, "") for code in dict.fromkeys(codes) if code in known]
    if words.strip():
        wanted.append((register.OTHER, words))
    given = {
        "source": Source.RECORDED if by else Source.DECLARED,
        "noted_by": by,
        "basis": basis,
        "is_verified": True,
        "consent_way": way if basis == Basis.CONSENT else "",
        "consented_at": now if basis == Basis.CONSENT else None,
        "notice_version": content.needs_notice().edition if by or way == Way.FORM else "",
    }
    rows = [_row(contact, code, said, now=now, **given) for code, said in wanted]
    if basis == Basis.CARE:  # somebody else said so: it changes no place, and ends unless the person says yes
        days = rule(contact.organisation, "unverified_observation_days")
        for row in rows:
            row.source, row.is_verified = Source.OBSERVED, False
            row.review_at, row.ends_at = None, now + timedelta(days=days)
    return rows


def record(
    *,
    contact: Contact,
    code: str,
    words: str,
    consent: bool,
    by: User,
    now: datetime,
    may_pass_on: bool = False,
) -> SupportNeed:
    """Keep a need that the person told an agent, who explained the use, asked, and heard a yes; refused without one.

    What is known already is not kept twice: it is confirmed.
    """
    if not consent:
        raise Refused("consent", _("Nothing was noted: that needs a clear yes from the person."))
    _refuse_unknown(code, words)
    with transaction.atomic():
        _in_hand(contact, by=by)
        given = _yes(Way.SPOKEN if contact.lane.kind == "live" else Way.WRITTEN, now=now)
        given |= {"may_pass_on": may_pass_on}
        before = _same(contact.person_id, code, now=now)
        if before:
            _confirmed(before, words=words, given=given, now=now)
            need = SupportNeed.objects.get(pk=before.pk)
        else:
            need = _row(contact, code, words, source=Source.RECORDED, noted_by=by, now=now, **given)
            need.save(force_insert=True)
        trail.record(contact, "need_recorded", now=now, by=by)
        felt(contact.person_id, by=by, now=now)
    return need


def asked_in_vain(*, contact: Contact, by: User, now: datetime) -> None:
    """The person was asked and gave no yes: only that we asked is kept; what words of theirs suggested goes."""
    with transaction.atomic():
        _in_hand(contact, by=by)
        _forget_suggested(contact.person_id)
        trail.record(contact, "need_asked", now=now, by=by)
        trail.tell(contact, now=now)


def observe(*, contact: Contact, code: str, words: str, by: User, now: datetime) -> SupportNeed:
    """Note what a colleague noticed: unverified, changing no place in line, and gone after some weeks."""
    _refuse_unknown(code, words)
    days = rule(contact.organisation, "unverified_observation_days")
    with transaction.atomic():
        _in_hand(contact, by=by)
        before = _same(contact.person_id, code, now=now)
        if before:
            return before
        need = _row(contact, code, words, source=Source.OBSERVED, basis=Basis.CARE, is_verified=False, now=now)
        need.noted_by, need.review_at, need.ends_at = by, None, now + timedelta(days=days)
        need.save(force_insert=True)
        trail.record(contact, "need_observed", now=now, by=by)
        trail.tell(contact, now=now)
    return need


def confirm(*, contact: Contact, need: SupportNeed, consent: bool, by: User, now: datetime) -> None:
    """The person was asked about it and said yes: from now on it is theirs."""
    if not consent:
        raise Refused("consent", _("Nothing was noted: that needs a clear yes from the person."))
    with transaction.atomic():
        _in_hand(contact, by=by)
        way = Way.SPOKEN if contact.lane.kind == "live" else Way.WRITTEN
        if not _confirmed(need, words="", given=_yes(way, now=now), now=now):
            raise Refused("gone", _("This is no longer noted."))
        trail.record(contact, "need_confirmed", now=now, by=by)
        felt(contact.person_id, by=by, now=now)


def still_right(*, contact: Contact, need: SupportNeed, by: User | None, now: datetime) -> bool:
    """The person, or an agent who asked them, says that it is still so: asked again after as long a time."""
    with transaction.atomic():
        holds.person(contact.person_id)
        rows = SupportNeed.objects.filter(pk=need.pk, person_id=contact.person_id, ended_at__isnull=True)
        if not rows.update(review_at=_review_at(need.code, now=now), **_for_good(need)):
            return False
        _settle(need, CheckIn.Outcome.CONFIRMED, now=now)
        trail.record(contact, "need_confirmed", now=now, by=by)
        trail.tell(contact, now=now)
    return True


def withdraw(*, contact: Contact, need: SupportNeed | None, by: User | None, now: datetime) -> int:
    """Take one need back, or all: by the person on their page (`by` None), or by the agent who heard it from them.

    What it was is wiped, its effects stop, and contacts are graded anew; only that something was taken back is left.
    """
    with transaction.atomic():
        if by is None:
            holds.person(contact.person_id)
        else:
            _in_hand(contact, by=by)
        rows = SupportNeed.objects.filter(person_id=contact.person_id, ended_at__isnull=True)
        ids = list((rows.filter(pk=need.pk) if need else rows).values_list("pk", flat=True))
        ended = end(ids, End.WITHDRAWN, now=now)
        if ended or need is None:
            _forget_suggested(contact.person_id, code=need.code if need else "")
        if ended:
            trail.record(contact, "need_withdrawn", now=now, by=by)
            felt(contact.person_id, by=by, now=now)
    return ended


def look(*, contact: Contact, by: User, now: datetime) -> list[SupportNeed]:
    """What the person needs, in full, for a colleague who may: that they looked is kept, and the person can read it."""
    if not register.may_open(by, contact):
        raise Refused("not_allowed", _("You see what helps. The rest is for colleagues trained for it."))
    return _look(contact, user=by, name=by.get_full_name(), why=NeedView.Why.IN_HAND, now=now)


def look_from_outside(*, contact: Contact, name: str, now: datetime) -> list[SupportNeed]:
    """The same for another system of the organisation, which has a token of this name."""
    return _look(contact, user=None, name=name, why=NeedView.Why.SYSTEM, now=now)


def _look(contact: Contact, *, user: User | None, name: str, why: NeedView.Why, now: datetime) -> list[SupportNeed]:
    found = list(register.holding(contact.person_id, now=now))
    if found:
        NeedView.objects.create(
            organisation_id=contact.organisation_id,
            person_id=contact.person_id,
            contact=contact,
            user=user,
            name=name[:150],
            why=why,
            at=now,
        )
    return found


def _in_hand(contact: Contact, *, by: User) -> None:
    """Refuse unless this colleague has the contact in hand; the person's row is held from here on."""
    holds.person(contact.person_id)
    agent = Agent.objects.filter(user=by).first()
    mine = Contact.objects.select_for_update(no_key=True).filter(pk=contact.pk, agent=agent, state__in=register.HELD)
    if agent is None or not mine.values_list("pk").first():
        raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))


def _refuse_unknown(code: str, words: str) -> None:
    if code not in content.needs() and (code != register.OTHER or not words.strip()):
        raise Refused("need", _("Choose what would help, or write it in the person's words."))


def _yes(way: SupportNeed.Way, *, now: datetime) -> dict[str, Any]:
    return {
        "basis": Basis.CONSENT,
        "is_verified": True,
        "consent_way": way,
        "consented_at": now,
        "notice_version": content.needs_notice().edition,
    }


def _row(contact: Contact, code: str, words: str, *, now: datetime, **given: Any) -> SupportNeed:
    known = content.needs().get(code)
    what = {"code": code, "words": words.strip()[:MOST_WORDS]}
    if known:
        what |= {"driver": known.driver, "permanence": known.permanence}
    return SupportNeed(
        organisation_id=contact.organisation_id,
        person=contact.person,
        contact=contact,
        what=what,
        weight=known.weight if known else 0,
        noted_at=now,
        review_at=_review_at(code, now=now),
        **given,
    )


def _review_at(code: str, *, now: datetime) -> datetime:
    known = content.needs().get(code)
    return now + timedelta(days=known.review_days if known else REVIEW_DAYS)


def _for_good(need: SupportNeed) -> dict[str, Any]:
    """A need that was to end because nobody answered goes on; one with an agreed end keeps it."""
    return {} if need.said("until") else {"ends_at": None}


def _same(person_id: int, code: str, *, now: datetime) -> SupportNeed | None:
    """The same need, if it is noted already, while the person's row is held; own words may differ each time."""
    if code == register.OTHER:
        return None
    return next((need for need in register.holding(person_id, now=now) if need.code == code), None)


def _confirmed(need: SupportNeed, *, words: str, given: dict[str, Any], now: datetime) -> bool:
    """Make it the person's own, with the newest yes; the words they used last are kept."""
    what = {**need.what, "words": words.strip()[:MOST_WORDS]} if words.strip() else need.what
    rows = SupportNeed.objects.filter(pk=need.pk, ended_at__isnull=True)
    if not rows.update(what=what, review_at=_review_at(need.code, now=now), **given, **_for_good(need)):
        return False
    _settle(need, CheckIn.Outcome.CONFIRMED, now=now)
    return True


def _settle(need: SupportNeed, outcome: CheckIn.Outcome, *, now: datetime) -> None:
    CheckIn.objects.filter(need=need, settled_at__isnull=True).update(settled_at=now, outcome=outcome)


def end(ids: list[int], end: SupportNeed.End, *, now: datetime) -> int:
    """Wipe what these were and leave that they were."""
    wiped = {"what": {}, "weight": 0, "ended_at": now, "end": end, "review_at": None, "ends_at": None}
    if end == End.WITHDRAWN:
        wiped |= {"withdrawn_at": now}
    ended = SupportNeed.objects.filter(pk__in=ids, ended_at__isnull=True).update(**wiped)
    CheckIn.objects.filter(need__in=ids, settled_at__isnull=True).update(
        settled_at=now, outcome=CheckIn.Outcome.DROPPED
    )
    return ended


def _forget_suggested(person_id: int, *, code: str = "") -> None:
    """What words of this person suggested that they need goes: this one, or all."""
    rows = Cue.objects.filter(contact__person=person_id, sort=Cue.Sort.NEED)
    (rows.filter(code=code) if code else rows).delete()


def felt(person_id: int, *, by: User | None, now: datetime) -> None:
    """Every contact of the person stands where its facts now put it; those that are over lose the reason alone."""
    has_needs = register.held_by_any([person_id], now=now)
    Contact.objects.filter(person_id=person_id).exclude(has_needs=has_needs).update(has_needs=has_needs)
    if not has_needs:  # why an agent was chosen would go on saying that there were some
        Offer.objects.filter(contact__person=person_id, fit__in=Offer.OF_NEEDS).update(fit="")
    for contact in _standing_on(person_id):
        if contact.members.exists():
            shared = register.held_by_any(family.people(contact), now=now)
            Contact.objects.filter(pk=contact.pk).update(has_needs=shared)
        if contact.state == Contact.State.CLOSED:
            stands = lanes.standing_of(contact, now=now)
            Contact.objects.filter(pk=contact.pk, state=contact.state).update(reasons=stands.reasons)
        else:
            lanes.regrade(contact, now=now, by=by)
        trail.tell(contact, now=now, topics=["queue"])


def _standing_on(person_id: int) -> "QuerySet[Contact]":
    """The contacts of a person, and those in whose place one of them waits."""
    tops = Contact.objects.filter(person_id=person_id, merged_into__isnull=False).values("merged_into")
    rows = Contact.objects.filter(Q(person_id=person_id) | Q(pk__in=tops))
    return rows.select_related("organisation", "lane__queue", "raised_by").order_by("pk")
