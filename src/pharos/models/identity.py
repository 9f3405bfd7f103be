"""Whether somebody is who they say they are."""

from django.db import models

from pharos.models.contacts import Contact
from pharos.models.staff import User


class IdentityCheck(models.Model):
    """It was checked who the person of a contact is: how, by whom, and until when that holds."""

    class Way(models.TextChoices):
        """What it rests on. The number somebody calls from is none of these."""

        CODE = "code"  # told us the code that we sent to their address
        PAGE = "page"  # typed such a code on their own page
        BOOKING = "booking"  # knew the booking and what was booked
        CALLED_BACK = "called_back"  # we called the number that we had from before
        DOCUMENT = "document"  # showed a document

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="identity_checks")
    way = models.CharField(max_length=12, choices=Way)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # null: on the person's own page
    at = models.DateTimeField()
    holds_until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-holds_until"], name="identity_check_holds")]  # desk, closing

    def __str__(self) -> str:
        return f"{self.contact}/{self.way}"
