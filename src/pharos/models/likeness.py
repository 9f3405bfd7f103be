"""By what a person is found who may be somebody that we know already."""

from django.db import models

from pharos.models.organisations import Organisation
from pharos.models.people import Person


class PersonKey(models.Model):
    """One key of `engine.identity_keys`, as a number. A loop writes it soon after the words came."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="keys")
    key = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "key", "person"], name="person_by_key")]  # the same person?

    def __str__(self) -> str:
        return f"{self.person_id}/{self.key}"
