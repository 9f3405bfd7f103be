"""The crisis and the one public page that stays true."""

from django.db import models

from pharos.models.organisations import Organisation, TextsField
from pharos.models.staff import User


class Incident(models.Model):
    """A declared crisis; its page lives at /{language}/i/{slug}/."""

    class State(models.TextChoices):
        """From watching to closed, as content/crisis_types.yaml names them."""

        WATCHING = "watching"
        DECLARED = "declared"
        CONTAINED = "contained"
        RECOVERING = "recovering"
        CLOSED = "closed"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="incidents")
    slug = models.SlugField()
    crisis_type = models.CharField(max_length=40)
    severity = models.CharField(max_length=16)
    state = models.CharField(max_length=12, choices=State, default=State.DECLARED)
    name = TextsField(default=dict)
    time_zone = models.CharField(max_length=64, blank=True)
    is_drill = models.BooleanField(default=False)
    # People are hurt or enclosed: words that travellers use as well ("trapped") are then taken for danger sooner.
    people_in_danger = models.BooleanField(default=False, db_default=False)
    # Callers who travel later than in so many days are shown other ways; null: everyone simply waits.
    phone_window_days = models.PositiveSmallIntegerField(null=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    next_update_at = models.DateTimeField(null=True)
    # Of the form that declared it: twice sent is once declared; many have none.
    declaration_key = models.CharField(max_length=64, null=True)  # noqa: DJ001
    changed_at = models.DateTimeField(
        null=True
    )  # the last change that the page shows; null: none since the declaration
    page_version = models.PositiveIntegerField(default=1)  # raised by every change that the page shows
    written_version = models.PositiveIntegerField(default=0)  # the version that the static files hold

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="incident_slug_once"),
            models.UniqueConstraint(fields=["organisation", "declaration_key"], name="declared_once"),
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="incident_list")]  # home, board, static copies

    def __str__(self) -> str:
        return self.slug

    @property
    def is_open(self) -> bool:
        """Whether the page takes requests."""
        return self.state != self.State.CLOSED

    @property
    def zone(self) -> str:
        """Whose clock its times are told by."""
        return self.time_zone or self.organisation.time_zone

    @property
    def is_public(self) -> bool:
        """Whether anyone may read the page: a drill, or what is only being watched, is for our own staff."""
        return not self.is_drill and self.state != self.State.WATCHING


class PageSection(models.Model):
    """One block of the incident's page: what happened, what to do, a changed policy, a question with its answer."""

    class Sort(models.TextChoices):
        """The block's place on the page."""

        HAPPENED = "happened"
        TO_DO = "to_do"
        POLICY = "policy"
        QUESTION = "question"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="sections")
    sort = models.CharField(max_length=10, choices=Sort)
    order = models.PositiveSmallIntegerField(default=0)
    title = TextsField(default=dict, blank=True)
    body = TextsField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["incident", "sort", "order", "id"]


class Advisory(models.Model):
    """A public update on an incident. A correction is a new version; all versions stay readable."""

    class State(models.TextChoices):
        """Whether the public sees it."""

        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="advisories")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    title = TextsField(default=dict)
    body = TextsField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    next_update_at = models.DateTimeField(null=True)
    # Of the form that began it: twice sent is one draft; many have none.
    draft_key = models.CharField(max_length=64, null=True)  # noqa: DJ001

    class Meta:
        ordering = ["-number", "-version"]
        verbose_name_plural = "advisories"
        constraints = [
            models.UniqueConstraint(fields=["incident", "number", "version"], name="advisory_version_once"),
            models.UniqueConstraint(fields=["incident", "draft_key"], name="drafted_once"),
        ]


class IncidentText(models.Model):
    """What the system itself says in this incident (acknowledgement, banner, greeting), per channel and language."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="texts")
    code = models.CharField(max_length=40)
    channel = models.CharField(max_length=10)
    subject = TextsField(default=dict, blank=True)
    body = TextsField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "code", "channel"], name="incident_text_once")]


class IncidentEvent(models.Model):
    """One thing that was done to an incident, by whom: the trail that the console shows."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    code = models.CharField(max_length=32)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
