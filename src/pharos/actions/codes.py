"""A code sent to the person's own address shows who they are: on their page, or to the colleague they talk with."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from pharos.actions import checks, holds, letters
from pharos.actions.errors import Refused
from pharos.models import Contact, Identity, IdentityCheck, PageCode, User
from pharos.queries import identities

Way = IdentityCheck.Way
LIFETIME: Final = timedelta(minutes=letters.CODE_MINUTES)
TRIES: Final = 5
MOST_SENT: Final = 5
SENT_WITHIN: Final = timedelta(hours=1)


def send(*, contact: Contact, now: datetime, by: User | None = None) -> Identity:
    """Send six digits to the address that the person gave us; the code before stops working. Returns where to.

    `by`: the colleague whom the person is to tell them; None for a code that only counts on the person's page. What is
    sent for one leaves the other alone.
    """
    purpose = _purpose(by)
    with transaction.atomic():
        holds.person(contact.person_id)
        identity = identities.mail_of(contact.person_id)
        if identity is None or (contact.incident and contact.incident.is_drill):
            raise Refused("no_address", _no_address(by))
        earlier = PageCode.objects.filter(contact=contact, purpose=purpose)
        if earlier.filter(made_at__gt=now - SENT_WITHIN).count() >= MOST_SENT:
            raise Refused("many_codes", _("We have sent several codes already. Please try again in an hour."))
        code = f"{secrets.randbelow(10**6):06}"
        earlier.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
        PageCode.objects.create(
            contact=contact,
            identity=identity,
            purpose=purpose,
            digest=_digest(contact, code),
            made_at=now,
            expires_at=now + LIFETIME,
        )
        if by:
            letter = letters.desk_code(contact, code=code, address=identity.typed, by=by, now=now)
        else:
            letter = letters.page_code(contact, code=code, address=identity.typed, now=now)
        letter.save(force_insert=True)
    return identity


def enter(*, contact: Contact, code: str, now: datetime, by: User | None = None) -> bool:
    """Whether this is the code that was sent last; each try counts, and five wrong ones end it.

    `by`: the colleague who was told it. One that was sent for the page counts for nobody else, and one that a colleague
    hears opens nothing on the page. The right code is a check of who the person is.
    """
    sent = PageCode.objects.filter(contact=contact, purpose=_purpose(by), used_at__isnull=True, expires_at__gt=now)
    row = sent.order_by("-id").first()
    if row is None:
        return False
    open_ = PageCode.objects.filter(pk=row.pk, used_at__isnull=True, tries__lt=TRIES)
    if not open_.update(tries=F("tries") + 1):
        return False
    said = code.translate(identities.DIGITS).replace(" ", "").strip()
    if not hmac.compare_digest(row.digest, _digest(contact, said)):
        return False
    with transaction.atomic():
        if not PageCode.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=now):
            return False
        unproven = Identity.objects.filter(pk=row.identity_id, verified_at__isnull=True)
        unproven.update(verified_at=now, verified_by=Identity.Proof.CODE)
        checks.passed(contact=contact, way=Way.CODE if by else Way.PAGE, by=by, now=now)
    return True


def _purpose(by: User | None) -> PageCode.Purpose:
    return PageCode.Purpose.DESK if by else PageCode.Purpose.PAGE


def _no_address(by: User | None) -> LazyText:
    if by:
        return _("We have no address of this person to send a code to.")
    return _("We have no address of yours to send a code to.")


def _digest(contact: Contact, code: str) -> str:
    return salted_hmac(f"page-code:{contact.pk}", code, algorithm="sha256").hexdigest()
