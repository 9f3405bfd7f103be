"""Who writes for whom, what may be said to them, and whom somebody is looking for."""

from django.db import models

from pharos.models.contacts import Contact


class Behalf(models.Model):
    """The person of the contact writes for somebody else. Answers go to who wrote; what may be said, staff decide."""

    class Relation(models.TextChoices):
        """Who the writer is to them, as the writer says."""

        PARENT = "parent"
        FAMILY = "family"
        FRIEND = "friend"
        CARER = "carer"
        HELPER = "helper"
        LEGAL = "legal"

    class Authority(models.TextChoices):
        """On what ground they write, as they say until a colleague confirmed it."""

        TOLD = "told"  # the person it is about asked them to
        PARENT = "parent"  # of a minor
        LEGAL = "legal"
        NONE = "none"

    class MaySay(models.TextChoices):
        """What may be said to who writes, about whom it is about."""

        NOTHING = "nothing"  # take their words, tell nothing personal
        MATTER = "matter"  # what this request needs
        ALL = "all"

    contact = models.OneToOneField(Contact, models.CASCADE, related_name="behalf")
    name = models.CharField(max_length=200, blank=True)  # of the person it is about
    relation = models.CharField(max_length=8, choices=Relation, blank=True)
    authority = models.CharField(max_length=8, choices=Authority, default=Authority.NONE)
    may_say = models.CharField(max_length=8, choices=MaySay, default=MaySay.NOTHING)
    confirmed_at = models.DateTimeField(null=True)  # a colleague checked the ground; who, is in the trail


class Enquiry(models.Model):
    """Somebody is looking for a person. What is like it is shown to staff; nothing is told by itself."""

    contact = models.OneToOneField(Contact, models.CASCADE, related_name="enquiry")
    name = models.CharField(max_length=200)
    age = models.PositiveSmallIntegerField(null=True)
    last_seen = models.CharField(max_length=300, blank=True)
