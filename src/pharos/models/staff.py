"""The people who work here and how they sign in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models

from pharos.models.organisations import Organisation, Skill


class Role(models.TextChoices):
    """What a user may do; each role may do all that the roles before it may."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class UserManager(BaseUserManager["User"]):
    """Looks users up by their sign-in name, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of this sign-in name; raises `User.DoesNotExist`."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff of one organisation."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="users")
    username = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.AGENT)
    language = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    @property
    def is_staff(self) -> bool:
        """No one signs in to Django's own admin."""
        return False

    def get_full_name(self) -> str:
        """The name colleagues see."""
        return self.name or self.username


class Agent(models.Model):
    """A user who takes contacts: languages, capacity and present status."""

    class Status(models.TextChoices):
        """Only AVAILABLE agents are offered contacts."""

        AVAILABLE = "available"
        BREAK = "break"
        OFFLINE = "offline"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="agents")
    user = models.OneToOneField(User, models.CASCADE, related_name="agent")
    languages = models.JSONField(default=list)
    capacity_live = models.PositiveSmallIntegerField(default=1)
    capacity_written = models.PositiveSmallIntegerField(default=3)
    status = models.CharField(max_length=10, choices=Status, default=Status.OFFLINE)
    status_since = models.DateTimeField(null=True)
    idle_since = models.DateTimeField(null=True)  # last time a contact left this agent, or it became available
    missed_offers = models.PositiveSmallIntegerField(default=0)  # unanswered in a row (RONA)

    class Meta:
        indexes = [models.Index(fields=["organisation", "status"], name="agent_floor")]  # dispatch, board

    def __str__(self) -> str:
        return self.user.get_full_name()


class AgentSkill(models.Model):
    """How well an agent has a skill: 1 learning … 5 expert."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="agents")
    level = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "skill"], name="agent_skill_once")]


class OneTimeLink(models.Model):
    """A link that works once, until it expires: the first administrator, an invitation. Only its digest is kept."""

    class Purpose(models.TextChoices):
        """What opening the link does."""

        FIRST_ADMINISTRATOR = "first_administrator"
        INVITATION = "invitation"

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=24, choices=Purpose)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="links")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A bearer token for another system, or for one agent working over the API. Only its digest is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
