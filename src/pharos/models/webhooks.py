"""Telling other systems."""

from django.db import models
from django.db.models import Q

from pharos.models.organisations import Organisation


class Webhook(models.Model):
    """An address of another system that is told of events, signed with a shared secret."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=80)
    events = models.JSONField(default=list)  # codes; empty: all
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class WebhookDelivery(models.Model):
    """One event on its way to one webhook."""

    class State(models.TextChoices):
        """The way out."""

        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    body = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="webhook_due")]
