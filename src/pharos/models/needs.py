"""What people need from us, on their own terms: the register, who looked into it, and when it is asked about again."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Contact
from pharos.models.organisations import Organisation
from pharos.models.people import Identity, Person
from pharos.models.sealing import SealedField
from pharos.models.staff import User


class SupportNeed(models.Model):
    """Something a person needs from us. What it is, is sealed; after its end only the fact that it ended is left."""

    class Source(models.TextChoices):
        """Who says so."""

        DECLARED = "declared"  # the person, in writing
        RECORDED = "recorded"  # the person, to an agent who asked for a yes
        OBSERVED = "observed"  # a colleague who noticed something: unverified
        IMPORTED = "imported"  # another register

    class Basis(models.TextChoices):
        """On what ground we keep it."""

        CONSENT = "consent"
        VITAL_INTEREST = "vital_interest"
        LEGAL_DUTY = "legal_duty"
        CARE = "care"  # an observation, kept for a short time so that we can help; the person may object

    class Way(models.TextChoices):
        """How the yes was given."""

        FORM = "form"
        SPOKEN = "spoken"
        WRITTEN = "written"
        PAGE = "page"
        OTHER_SYSTEM = "other_system"

    class End(models.TextChoices):
        """Why it is no longer kept."""

        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="support_needs")
    person = models.ForeignKey(Person, models.CASCADE, related_name="support_needs")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")  # in which it was said
    what = SealedField(blank=True, default=dict)  # {"code", "words", "driver", "permanence", "psr"}
    weight = models.PositiveSmallIntegerField(default=0)  # how soon, as the taxonomy had it; not which
    source = models.CharField(max_length=8, choices=Source)
    basis = models.CharField(max_length=16, choices=Basis)
    is_verified = models.BooleanField()  # the person said so, or confirmed it
    may_pass_on = models.BooleanField(default=False)  # to another register, with the person's yes
    consent_way = models.CharField(max_length=16, choices=Way, blank=True)
    consented_at = models.DateTimeField(null=True)
    notice_version = models.CharField(max_length=24, blank=True)
    noted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    noted_at = models.DateTimeField()
    review_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=12, choices=End, blank=True)

    class Meta:
        indexes = [
            # desk, person's page, re-banding: what holds for a person
            models.Index(fields=["person"], condition=Q(ended_at__isnull=True), name="need_of_person"),
            # the loops that ask about them and end them
            models.Index(fields=["review_at"], condition=Q(ended_at__isnull=True), name="need_review"),
            models.Index(fields=["ends_at"], condition=Q(ended_at__isnull=True), name="need_ends"),
        ]

    @property
    def code(self) -> str:
        """Which need of the taxonomy; `other` for own words alone."""
        return str(self.said("code"))

    @property
    def words(self) -> str:
        """In the person's own words, or the observer's."""
        return str(self.said("words"))

    def said(self, name: str) -> Any:
        """One part of what is sealed; empty when it is not there any more."""
        what: Mapping[str, Any] = self.what or {}
        return what.get(name, "")


class NeedView(models.Model):
    """Somebody looked at what a person needs, in full. The person may read this."""

    class Why(models.TextChoices):
        """What allowed it."""

        IN_HAND = "in_hand"  # had the contact in hand, and a skill that may
        SYSTEM = "system"  # another system of the organisation, by its token
        EXPORT = "export"  # took the register to another organisation's

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="need_views")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=150)  # of the colleague or the system, as it was then
    why = models.CharField(max_length=8, choices=Why)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="need_views_of_person")]  # person's page


class CheckIn(models.Model):
    """A question that fell due: is what we noted still right? Asked once."""

    class Outcome(models.TextChoices):
        """What became of it."""

        CONFIRMED = "confirmed"
        DROPPED = "dropped"  # the need ended before

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="check_ins")
    person = models.ForeignKey(Person, models.CASCADE, related_name="check_ins")
    need = models.ForeignKey(SupportNeed, models.CASCADE, related_name="check_ins")
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["need"], condition=Q(settled_at__isnull=True), name="one_open_check_in")
        ]


class NeedsKey(models.Model):
    """The print of a key that sealed rows wait for: without it nothing starts."""

    mark = models.CharField(max_length=16, unique=True)
    since = models.DateTimeField()


class PageCode(models.Model):
    """A code that was sent to a person's address, so that they can show who they are. Only its digest is kept."""

    class Purpose(models.TextChoices):
        """Where it counts, and nowhere else: one for the page is never to be told to anybody."""

        PAGE = "page"  # opens what they told us, on their own page
        DESK = "desk"  # told to the colleague who is talking with them

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="page_codes")
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=4, choices=Purpose, default=Purpose.PAGE, db_default=Purpose.PAGE.value)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["contact", "-made_at"], name="page_code_newest")]  # person's page
