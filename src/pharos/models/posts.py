"""What we say in public."""

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Contact
from pharos.models.entries import EntryPoint
from pharos.models.incidents import Advisory
from pharos.models.organisations import Organisation
from pharos.models.staff import User


class Post(models.Model):
    """One public post: an update on one of our accounts, or the one answer to a public mention.

    Its words are those of an update or of a template, never those of a message: messages are private.
    """

    class State(models.TextChoices):
        """The way out."""

        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        KEPT = "kept"  # a drill or a demonstration: nothing leaves

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    entry = models.ForeignKey(EntryPoint, models.SET_NULL, null=True, related_name="+")
    account = models.CharField(max_length=320)  # what the account was called then
    advisory = models.ForeignKey(Advisory, models.CASCADE, null=True, related_name="posts")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="public_answers")
    answers = models.CharField(max_length=255, blank=True)  # the carrier's id of the mention
    to = models.CharField(max_length=320, blank=True)  # whose mention it answers
    language = models.CharField(max_length=8)
    body = models.TextField()
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    carrier_id = models.CharField(max_length=255, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)
    maybe_twice = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact"], condition=Q(contact__isnull=False), name="answered_once"),
            models.UniqueConstraint(
                fields=["advisory", "entry"],
                condition=Q(advisory__isnull=False, entry__isnull=False),
                name="posted_once",
            ),
            models.CheckConstraint(
                condition=Q(advisory__isnull=True, contact__isnull=False)
                | Q(advisory__isnull=False, contact__isnull=True),
                name="post_says_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="post_due"),  # posting loop
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="post_lease"),  # sweep
            models.Index(fields=["entry", "created_at"], name="post_of_entry"),  # cap of public answers
        ]

    def __str__(self) -> str:
        return f"{self.account}/{self.pk}"
