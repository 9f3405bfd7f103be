"""What the centre watches: measured waits, alarms, the live log, its own loops."""

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Contact
from pharos.models.incidents import Incident
from pharos.models.organisations import Kind, Organisation, Queue
from pharos.models.staff import User


class WaitEstimate(models.Model):
    """The published wait of the next arrival of one class and group: the curve that the doors read."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="wait_estimates")
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="+")
    language = models.CharField(max_length=8)
    band = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    low_s = models.FloatField(null=True)
    median_s = models.FloatField(null=True)
    high_s = models.FloatField(null=True)
    each_s = models.FloatField(default=0)  # what one more contact ahead adds, until the next look ahead
    unknown = models.CharField(max_length=32, blank=True)  # why we can't say yet
    waiting = models.PositiveIntegerField(default=0)
    basis = models.JSONField(null=True)  # {"ahead", "point", "range", "state"}: what a reading keeps of it
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "language", "band", "kind"], name="estimate_once")]


class LookAhead(models.Model):
    """How an organisation's waits are worked out: the last look ahead, and what its own days have taught."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="look_ahead")
    at = models.DateTimeField(null=True)
    paths = models.PositiveIntegerField(default=0)
    without = models.CharField(max_length=300, blank=True)  # why machine code does not play it; empty when it does
    learned_at = models.DateTimeField(null=True)
    lessons = models.PositiveIntegerField(default=0)
    residual = models.JSONField(null=True)  # the fields of `engine.residual.Residual`; null: not believed
    gain = models.FloatField(null=True)  # the share of the error it took away in lessons it was not taught
    usual = models.JSONField(
        null=True
    )  # contacts in each quarter of an hour of a usual day, on the organisation's clock


class WaitReading(models.Model):
    """A wait as it was worked out for one contact that then came: what ranges are held against and lessons are of."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    band = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    ahead_s = models.FloatField()  # the look-ahead's own median
    low_s = models.FloatField()  # with what was learned
    median_s = models.FloatField()
    high_s = models.FloatField()
    said_low_s = models.FloatField()  # held against what came
    said_high_s = models.FloatField()
    state = models.JSONField()  # the floor in numbers (`engine.telling.Situation`)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "band", "kind", "-at"], name="reading_last"),  # calibration
            models.Index(fields=["at"], name="reading_age"),  # trims
        ]


class Alarm(models.Model):
    """Something a duty lead must know; raised once, acknowledged by a name, cleared when it is over."""

    class Sort(models.TextChoices):
        """What is wrong."""

        DANGER = "danger"
        DANGER_WORDS = "danger_words"  # somebody's words may mean danger to life, and nobody has said whether they do
        ESCALATED = "escalated"  # an agent asks for the duty lead
        URGENT_SOON_UNANSWERED = "urgent_soon_unanswered"
        URGENT_UNANSWERED = "urgent_unanswered"
        PROMISE_AT_RISK = "promise_at_risk"
        PROMISE_BROKEN = "promise_broken"
        OLDEST = "oldest"
        UPDATE_OVERDUE = "update_overdue"
        NOBODY_CAN_SERVE = "nobody_can_serve"
        DELIVERY_FAILED = "delivery_failed"
        NOT_REACHED = "not_reached"  # a mailbox, number or account fails again and again

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="alarms")
    sort = models.CharField(max_length=24, choices=Sort)
    subject = models.CharField(max_length=80)  # what it is about: "contact:12", "incident:3", "entry:7"
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="alarms")
    incident = models.ForeignKey(Incident, models.CASCADE, null=True, related_name="alarms")
    data = models.JSONField(default=dict, blank=True)
    raised_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # when the duty lead was told; once
    escalate_at = models.DateTimeField(null=True)  # unacknowledged by then: a second person, by another road
    escalated_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sort", "subject"], condition=Q(cleared_at__isnull=True), name="alarm_once"
            )
        ]
        indexes = [models.Index(fields=["organisation", "-raised_at"], name="alarm_list")]  # board


class StaffMail(models.Model):
    """A mail to a member of staff (an alarm, an invitation), with the same way out as a customer's."""

    class State(models.TextChoices):
        """The way out."""

        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    to = models.EmailField()
    subject = models.CharField(max_length=300)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="staff_mail_due")]


class LiveEvent(models.Model):
    """The live log: the name of what changed. Pages follow it by its id and pull their own partial."""

    organisation_id: int
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    topic = models.CharField(max_length=80)
    at = models.DateTimeField(db_index=True)  # the trim loop drops what is an hour old

    class Meta:
        ordering = ["id"]


class Loop(models.Model):
    """One named loop of the workers: who runs it and when it last did."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    last_run_at = models.DateTimeField(null=True)
    next_run_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_failure = models.CharField(max_length=300, blank=True)
