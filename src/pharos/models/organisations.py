"""The organisation that runs the contact centre, its queues, hours and rules."""

from django.db import models

TextsField = models.JSONField  # {language code: text}; a missing language falls back visibly to English


class Organisation(models.Model):
    """One client organisation; every top-level row carries it and nothing crosses it."""

    slug = models.SlugField(unique=True)
    name = TextsField(default=dict)
    # Where its pages are reached, when that is not the installation's own address.
    address = models.URLField(blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    languages = models.JSONField(default=list)
    emergency_phone = models.CharField(max_length=40, blank=True, default="112")
    phone = models.CharField(max_length=40, blank=True)
    mail_from = models.EmailField(blank=True)
    quick_exit_url = models.URLField(default="https://www.wikipedia.org/")
    rules = models.JSONField(default=dict, blank=True)  # the operator's own numbers over content/rules_defaults.yaml
    is_demo = models.BooleanField(default=False)
    is_set_up = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class HostName(models.Model):
    """A host name under which an organisation is reached."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="hosts")
    host = models.CharField(max_length=253, unique=True)

    def __str__(self) -> str:
        return self.host


class Skill(models.Model):
    """Something an agent is trained to do and a queue may ask for."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="skills")
    code = models.SlugField()
    name = TextsField(default=dict)
    # Who has it may read in full what the people need whose contacts they have in hand.
    opens_needs = models.BooleanField(default=False, db_default=False)
    # Who has it is of the specialist team: people with recorded needs go to them first.
    is_specialist = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="skill_code_once")]

    def __str__(self) -> str:
        return self.code


class Queue(models.Model):
    """Where contacts of some request types wait for agents with one skill."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="queues")
    code = models.SlugField()
    name = TextsField(default=dict)
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="queues")
    request_types = models.JSONField(default=list)  # codes of content/request_types.yaml that are routed here
    is_default = models.BooleanField(default=False)
    level = models.PositiveSmallIntegerField(default=1, db_default=1)  # of its skill, at least
    training = models.JSONField(null=True, default=list)  # ids of further skills without which nobody takes these

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="queue_code_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(is_default=True), name="one_default_queue"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Kind(models.TextChoices):
    """How a contact is held: live conversations one at a time, written ones several."""

    LIVE = "live"
    WRITTEN = "written"


class OpeningHours(models.Model):
    """One open span of a weekday for one kind of channel; no rows for a kind means always open."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="opening_hours")
    kind = models.CharField(max_length=8, choices=Kind)
    weekday = models.PositiveSmallIntegerField()  # 0 is Monday
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__lte=6)
                & models.Q(closes_minute__lte=1440)
                & models.Q(opens_minute__lt=models.F("closes_minute")),
                name="opening_span_is_a_span",
            )
        ]


class SpecialDay(models.Model):
    """A date on which other hours hold; without a span the centre is closed that day."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="special_days")
    kind = models.CharField(max_length=8, choices=Kind)
    date = models.DateField()
    opens_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    closes_minute = models.PositiveSmallIntegerField(null=True, blank=True)
