"""What only text messages know: numbers that want none, and files that a carrier keeps for us."""

from django.db import models
from django.db.models import Q

from pharos.models.messages import Message
from pharos.models.organisations import Organisation


class OptOut(models.Model):
    """A number that wants no more texts. `told`: the one message that still goes there, and says so."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    told = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+", db_index=False)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "address"], name="opt_out_once")]

    def __str__(self) -> str:
        return self.address


class Enclosure(models.Model):
    """A file of a message that is still at its carrier. The row is the work; it goes when the file is here."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="enclosures")
    number = models.PositiveSmallIntegerField()  # of the files of one message
    url = models.TextField()
    due_at = models.DateTimeField(null=True)  # null: given up
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="enclosure_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="enclosure_due")]  # loop
