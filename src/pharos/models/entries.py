"""Where people reach an organisation: mailboxes, numbers, widgets, handles."""

from django.db import models

from pharos.models.incidents import Incident
from pharos.models.organisations import Organisation
from pharos.models.sealing import SealedField


class EntryPoint(models.Model):
    """One mailbox, number, widget or handle. What carries its messages is its adapter."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="entry_points")
    channel = models.CharField(max_length=8)  # of `Channel`
    adapter = models.CharField(max_length=24)  # of `channels.registry.ADAPTERS`
    address = models.CharField(max_length=320)
    token = models.CharField(max_length=64, unique=True)  # names it in addresses that a carrier or a site calls
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, related_name="entry_points")
    language = models.CharField(max_length=8, blank=True)  # of what comes here; blank: found out from the words
    options = models.JSONField(default=dict, blank=True)  # how the carrier is reached; nothing secret
    secret = SealedField(blank=True)
    is_on = models.BooleanField(default=True)
    cursor = models.JSONField(default=dict, blank=True)  # how far the carrier's messages were read
    read_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0, db_default=0)  # in a row
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "channel", "address"], name="entry_point_once"),
        ]

    def __str__(self) -> str:
        return f"{self.adapter}:{self.address}"
