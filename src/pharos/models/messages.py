"""Words that came and words that go."""

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Channel, Contact
from pharos.models.entries import EntryPoint
from pharos.models.organisations import Organisation
from pharos.models.staff import Agent, User


class Message(models.Model):
    """One message of a contact. The row is the work: state, due time, attempts."""

    class Direction(models.TextChoices):
        """From the person, to the person, or for colleagues only."""

        IN = "in"
        OUT = "out"
        NOTE = "note"

    class State(models.TextChoices):
        """RECEIVED and NOTED are final; the others are the way out."""

        RECEIVED = "received"
        NOTED = "noted"
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        SHOWN = "shown"  # on the person's page only: there is no address to send it to
        FAILED = "failed"

    class Sort(models.TextChoices):
        """Why it was written."""

        REQUEST = "request"
        WORDS = "words"
        REPLY = "reply"
        NOTE = "note"
        ACKNOWLEDGEMENT = "acknowledgement"
        PROMISE_MOVED = "promise_moved"
        SUMMARY = "summary"
        CODE = "code"  # opens a part of the person's page; its words are forgotten when it has gone out
        CHECK_IN = "check_in"
        AUTOMATIC = "automatic"  # came by itself: an absence note, a receipt; wakes nobody

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=4, choices=Direction)
    sort = models.CharField(max_length=16, choices=Sort)
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=8, choices=State)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=8, blank=True)
    # Where it came in, or goes out; none for our own pages and other systems.
    entry = models.ForeignKey(EntryPoint, models.SET_NULL, null=True, related_name="+", db_index=False)
    address = models.CharField(max_length=320, blank=True)  # of the person: where it goes, or where it came from
    is_public = models.BooleanField(default=False, db_default=False)  # anyone can read it where it was written
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    quoted = models.TextField(blank=True, default="", db_default="")  # what a mail repeats of earlier ones; folded away
    not_taken = models.JSONField(default=list, db_default=[])  # files that came along and were refused: name, why
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    carrier_id = models.CharField(max_length=255, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)  # when the carrier said that the person's device has it
    is_findable = models.BooleanField(default=False, db_default=False)  # whether search knows its words yet
    is_heard = models.BooleanField(default=False, db_default=False)  # whether its signals were looked for yet
    maybe_twice = models.BooleanField(default=False)  # a worker died between the carrier's yes and our record of it

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="message_due"),  # delivery
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="message_lease"),  # sweep
            models.Index(fields=["id"], condition=Q(is_findable=False), name="message_unfindable"),  # search loop
            models.Index(  # signals loop
                fields=["id"], condition=Q(is_heard=False, direction="in"), name="message_unheard"
            ),
            # words that answer ours: which of ours it was
            models.Index(
                fields=["organisation", "carrier_id"],
                condition=Q(direction="out") & ~Q(carrier_id=""),
                name="message_carried",
            ),
            # alarms, kept mail: what did not arrive
            models.Index(fields=["organisation", "created_at"], condition=Q(state="failed"), name="message_failed"),
            # mail coming in: what was written to an address by itself, what came from it
            models.Index(
                fields=["organisation", "address", "created_at"], condition=~Q(address=""), name="message_by_address"
            ),
        ]


class MailPage(models.Model):
    """A mail as it was sent, where that says more than its words: safe HTML, its pictures called `cid:` and token."""

    message = models.OneToOneField(Message, models.CASCADE, related_name="page")
    html = models.TextField()


class Attachment(models.Model):
    """A file that came with a message: checked, stripped of its metadata, served as a download only."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments")
    token = models.CharField(max_length=64, unique=True)  # holds the file for a form that is not sent yet
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    path = models.CharField(max_length=200)  # below the uploads folder; no part of it comes from outside
    created_at = models.DateTimeField()


class Draft(models.Model):
    """What an agent has typed and not sent yet."""

    class Sort(models.TextChoices):
        """What it is going to be."""

        REPLY = "reply"
        SUMMARY = "summary"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="drafts")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="drafts")
    sort = models.CharField(max_length=8, choices=Sort)
    body = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "agent", "sort"], name="draft_once")]
