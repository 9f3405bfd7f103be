"""Mail that could not be taken in as it came: kept whole until somebody has looked at it."""

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Contact
from pharos.models.entries import EntryPoint
from pharos.models.messages import Message
from pharos.models.organisations import Organisation
from pharos.models.staff import User


class Quarantined(models.Model):
    """One mail as it came, with why it is here. Its bytes are a part of the database: kept in one step with the row."""

    class Why(models.TextChoices):
        """What kept it from being a contact's words."""

        UNREADABLE = "unreadable"  # it is no mail that can be understood
        FAILED = "failed"  # understood, and then something of ours went wrong
        TOO_LARGE = "too_large"  # only its head was fetched; the whole is still in the mailbox
        NOT_GIVEN = "not_given"  # the server lists it and does not give it: there is nothing of it here
        AUTOMATIC = "automatic"  # an automatic answer to nothing that we sent
        OWN = "own"  # our own mail came back to us
        BOUNCE = "bounce"  # says that a mail did not arrive which we do not know
        PART = "part"  # its words were taken in, a file of it was not

    class State(models.TextChoices):
        """What became of it."""

        KEPT = "kept"
        TAKEN = "taken"
        DISCARDED = "discarded"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="quarantined")
    entry = models.ForeignKey(EntryPoint, models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=200)  # names the delivery, as at the door
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")  # of what it says, as at the door
    why = models.CharField(max_length=12, choices=Why)
    detail = models.CharField(max_length=300, blank=True)  # for whoever puts it right; no words of the person
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    raw = models.BinaryField()  # empty once it is taken or discarded
    size = models.PositiveBigIntegerField()  # bytes, as it came
    state = models.CharField(max_length=9, choices=State, default=State.KEPT)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="originals")  # what it became
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "key"], name="quarantined_once")]
        indexes = [
            # set-up: what waits for somebody
            models.Index(fields=["organisation", "-at"], condition=Q(state="kept"), name="quarantined_kept"),
            models.Index(fields=["at"], name="quarantined_age"),  # trims
        ]
