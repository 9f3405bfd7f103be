"""A contact's chat: whether its page is open somewhere, and how far it was read."""

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Contact


class Chat(models.Model):
    """What we know of the page on which a person chats; never who else uses that browser."""

    contact = models.OneToOneField(Contact, models.CASCADE, related_name="chat")
    seen_at = models.DateTimeField()  # the page was there; written now and then, not at every sign of life
    away_at = models.DateTimeField(null=True)  # the page said that it is being left
    handed_at = models.DateTimeField(null=True)  # since then answers go by mail, or wait on the person's page
    read_to = models.BigIntegerField(default=0)  # the newest message that was shown there

    class Meta:
        indexes = [
            # the loop that hands over chats that were left
            models.Index(fields=["seen_at"], condition=Q(handed_at__isnull=True), name="chat_left"),
        ]

    def __str__(self) -> str:
        return f"chat of {self.contact_id}"
