"""Who reaches us."""

from django.db import models

from pharos.models.organisations import Organisation


class Person(models.Model):
    """A human being who reached us at least once."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="people")
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=8)
    time_zone = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class Identity(models.Model):
    """One way in which a person is known: an address, a number, a booking. As typed and normalised."""

    class Sort(models.TextChoices):
        """What the value is."""

        EMAIL = "email"
        PHONE = "phone"
        BOOKING = "booking"
        HANDLE = "handle"

    class Proof(models.TextChoices):
        """What shows that it is theirs."""

        CODE = "code"  # a code that was sent there came back
        THREAD = "thread"  # what was sent there was answered from there
        CARRIER = "carrier"  # the carrier says so
        STAFF = "staff"  # a colleague made sure

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="identities")
    person = models.ForeignKey(Person, models.CASCADE, related_name="identities")
    sort = models.CharField(max_length=8, choices=Sort)
    value = models.CharField(max_length=320)  # e-mail lower-cased, phone E.164, booking upper-cased
    typed = models.CharField(max_length=320)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.CharField(max_length=8, choices=Proof, blank=True, default="", db_default="")
    undelivered_at = models.DateTimeField(null=True)  # since when mail to it comes back; null: as far as we know, never
    undelivered = models.CharField(max_length=300, blank=True, default="", db_default="")  # what the server said of it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "sort", "value"], name="identity_once_a_person")]
        indexes = [models.Index(fields=["organisation", "sort", "value"], name="identity_lookup")]  # search
