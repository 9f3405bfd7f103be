"""Contacts of the same person that became one place in line, and those of whom a colleague said that they are not."""

from django.db import models
from django.db.models import F, Q

from pharos.models.contacts import Contact
from pharos.models.organisations import Organisation
from pharos.models.staff import User


class Merge(models.Model):
    """`join` waits no longer by itself but in the place of `keep`. Its messages stay its own; it can be undone.

    `own`: what `keep` stood on by itself; `before`: how `join` stood, and which rows went along. Both as data.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    keep = models.ForeignKey(Contact, models.CASCADE, related_name="merges")
    join = models.ForeignKey(Contact, models.CASCADE, related_name="merged")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # null: certain, and done by itself
    at = models.DateTimeField()
    reasons = models.JSONField(default=list)  # [{"code", "weight", "params"}]: why they seemed to be one person
    probability = models.FloatField(null=True)
    after_silence = models.BooleanField(default=False)  # we owed the person a word when they came again
    own = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    # That both are one person: only then does either page show the whole conversation.
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["join"], condition=Q(undone_at__isnull=True), name="joined_once"),
            models.CheckConstraint(condition=~Q(keep=F("join")), name="joined_to_another"),
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="merge_newest")]  # board: repeats

    def __str__(self) -> str:
        return f"{self.join} → {self.keep}"


class NotSame(models.Model):
    """A colleague said that two contacts are of different people: that is not asked again. `first` came first."""

    first = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    second = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="not_same_once")]

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"
