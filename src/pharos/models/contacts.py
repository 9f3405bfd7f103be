"""A contact: one person reaching us once, in one matter."""

from django.db import models
from django.db.models import Q

from pharos.models.incidents import Incident
from pharos.models.organisations import Kind, Organisation, Queue
from pharos.models.people import Person
from pharos.models.staff import Agent, User


class Channel(models.TextChoices):
    """The road on which a message came."""

    WEB = "web"
    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    VOICE = "voice"
    SOCIAL = "social"
    STAFF = "staff"


class Lane(models.Model):
    """Contacts of one class and eligibility group; its head is all that a dispatch looks at."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="lanes")
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="lanes")
    language = models.CharField(max_length=8)
    band = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "language", "band", "kind"], name="lane_once")]

    def __str__(self) -> str:
        return f"{self.band}/{self.kind}/{self.language}"


class Contact(models.Model):
    """One person's matter with us, from the door to the close. `state` is only ever changed by a conditional UPDATE."""

    class State(models.TextChoices):
        """Where the contact is; words after the close make it wait again."""

        WAITING = "waiting"
        OFFERED = "offered"
        ACTIVE = "active"
        PENDING = "pending"
        WRAP_UP = "wrap_up"
        CLOSED = "closed"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="contacts")
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="contacts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="contacts")
    reference = models.CharField(max_length=16)
    # Opens the person's page; null when revoked, because many may have none and no two the same.
    page_token = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    channel = models.CharField(max_length=8, choices=Channel)
    language = models.CharField(max_length=8)
    request_type = models.CharField(max_length=24, blank=True)
    booking = models.CharField(max_length=40, blank=True)
    needed_by = models.DateField(null=True)
    time_zone = models.CharField(max_length=64)  # resolved: the person's, else the incident's, else the organisation's
    danger = models.BooleanField(default=False)
    needs = models.JSONField(default=list, blank=True)  # codes given with this contact
    has_needs = models.BooleanField(default=False, db_default=False)  # of the person, in the register and confirmed

    # The contact in whose place this one waits: always one that is not merged itself.
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="members", db_index=False)
    is_compared = models.BooleanField(default=False, db_default=False)  # whether it was looked for the same person yet

    lane = models.ForeignKey(Lane, models.PROTECT, related_name="contacts")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reasons = models.JSONField(default=list)  # [{"code", "params"}], told in the reader's language
    raised_band = models.PositiveSmallIntegerField(null=True)
    raised_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    front_at = models.DateTimeField(null=True)  # since then a lead has it go before the order, until it is taken
    arrived_at = models.DateTimeField()
    virtual_arrival = (
        models.DateTimeField()
    )  # order inside the class; earlier than the arrival after a merge or a raise
    reband_at = models.DateTimeField(null=True)  # local midnight at which the band or its reason changes
    wake_at = models.DateTimeField(null=True)  # PENDING until then
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="contacts")
    preferred_agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="+")

    wait_low_s = models.PositiveIntegerField(null=True)
    wait_high_s = models.PositiveIntegerField(null=True)
    promise_by = models.DateTimeField(null=True)
    guard_at = models.DateTimeField(null=True)  # the earliest promise told: from then on it waits in the guard lane too
    promise_broken_at = models.DateTimeField(null=True)
    first_answered_at = models.DateTimeField(null=True)  # by a person; a note or an automatic mail is no answer
    last_inbound_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)  # the person said that we are no longer needed
    disposition = models.CharField(max_length=24, blank=True)
    summary = models.TextField(blank=True)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_words = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "reference"], name="reference_once")]
        indexes = [
            # dispatch: the head of each lane; the serving order
            models.Index(fields=["lane", "virtual_arrival", "id"], condition=Q(state="waiting"), name="lane_head"),
            # dispatch: the head of each guard lane
            models.Index(fields=["lane", "guard_at", "id"], condition=Q(state="waiting"), name="guard_head"),
            # dispatch: those whom a lead brought to the front
            models.Index(
                fields=["lane", "virtual_arrival", "id"],
                condition=Q(state="waiting", front_at__isnull=False),
                name="front_head",
            ),
            # alarms: promises at risk and broken
            models.Index(fields=["organisation", "promise_by"], condition=Q(state="waiting"), name="contact_promise"),
            # desktop: what an agent holds
            models.Index(fields=["agent", "state"], condition=Q(agent__isnull=False), name="contact_of_agent"),
            # re-banding at local midnight; waking
            models.Index(fields=["reband_at"], condition=Q(state="waiting"), name="contact_reband"),
            models.Index(fields=["wake_at"], condition=Q(state="pending"), name="contact_wake"),
            # desk, person's page: who waits in the place of a contact
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="contact_merged"),
            # the loop that joins certain repeats
            models.Index(fields=["id"], condition=Q(is_compared=False, state="waiting"), name="contact_uncompared"),
            # board, lists: newest of an organisation by state
            models.Index(fields=["organisation", "state", "arrived_at"], name="contact_list"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be done."""
        return self.state == self.State.CLOSED


class ContactEvent(models.Model):
    """One thing that happened to a contact: the trail. Never words of the person."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    code = models.CharField(max_length=32)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "id"]


class Override(models.Model):
    """A lead changed a contact's place by hand: who, why, and what was before, so that it can be taken back."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="overrides")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    band = models.PositiveSmallIntegerField(null=True)  # null: to the front of the line, in its band
    reason = models.CharField(max_length=300)
    band_before = models.PositiveSmallIntegerField()
    raised_before = models.PositiveSmallIntegerField(null=True)
    arrival_before = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["contact", "-id"], name="override_of_contact")]  # why it is here

    def __str__(self) -> str:
        return f"{self.contact}/{self.band}"


class Submission(models.Model):
    """The proof that a door has seen this delivery before: the same key again is the same contact."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    door = models.CharField(max_length=80)  # the entry point: a form, a token, a mailbox
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # of what was sent; another body under the same key is refused
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="submissions")
    message = models.ForeignKey("pharos.Message", models.CASCADE, null=True, related_name="+")  # the words it became
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "door", "key"], name="delivered_once")]


class Promise(models.Model):
    """A promise as it was told, and what became of it."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="promises")
    told_at = models.DateTimeField()
    band = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    low_s = models.PositiveIntegerField(null=True)
    median_s = models.PositiveIntegerField(null=True)
    high_s = models.PositiveIntegerField(null=True)
    by = models.DateTimeField(null=True)  # null: "we can't say yet"
    settled_at = models.DateTimeField(null=True)
    waited_s = models.FloatField(null=True)  # from told_at to a person's answer
    kept = models.BooleanField(null=True)

    class Meta:
        indexes = [models.Index(fields=["settled_at"], name="promise_scores")]  # board: share kept, coverage
