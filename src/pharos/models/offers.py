"""A contact put before an agent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Contact
from pharos.models.organisations import Organisation
from pharos.models.staff import Agent


class Offer(models.Model):
    """A contact put before one agent until it expires. The constraints are what makes two holders impossible."""

    class State(models.TextChoices):
        """OPEN is the only one that changes."""

        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        EXPIRED = "expired"  # RONA: nobody answered in time
        WITHDRAWN = "withdrawn"

    OF_NEEDS: ClassVar = ("specialist", "no_specialist")  # the fits that say that a need is recorded

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="offers")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="offers")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    index = models.FloatField()  # at the moment of the pick
    reason = models.CharField(max_length=24)
    guard = models.BooleanField(default=False)
    fit = models.CharField(max_length=16, blank=True, default="", db_default="")  # why this agent
    runner_up = models.JSONField(null=True)  # {"reference", "index"}: so that the pick can be explained

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact"], condition=Q(state="open"), name="one_offer_a_contact"),
            models.UniqueConstraint(fields=["agent"], condition=Q(state="open"), name="one_offer_an_agent"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="open"), name="offer_expiry")]  # expire loop


class GuardBucket(models.Model):
    """Tokens of one guard lane (kind of channel and eligibility group)."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    lane = models.CharField(max_length=160)
    tokens = models.IntegerField(default=0)  # hundredths of a start

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "lane"], name="bucket_once")]
