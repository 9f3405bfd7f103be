"""By which words a contact is found."""

from django.db import models

from pharos.models.contacts import Contact


class ContactWords(models.Model):
    """Every word of a contact once, as `engine.words` spells it. A loop writes it; full-text search reads it.

    The index over `words` is the database's own: see the migration that makes it.
    """

    contact = models.OneToOneField(Contact, models.CASCADE, primary_key=True, related_name="words")
    words = models.TextField()
