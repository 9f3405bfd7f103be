"""What a mail became when it came before."""

from pharos.actions import arrivals, entries, quarantine
from pharos.models import EntryPoint, Message, Submission


def taken_before(
    *, entry: EntryPoint, raw: bytes, key: str, digest: str, sender: str, subject: str
) -> Submission | None:
    """The proof that this very mail was taken in, by its digest.

    All mails without words once had one digest: such a proof is of this mail when the words it became are.
    """
    rows = Submission.objects.filter(organisation=entry.organisation, door=entries.door(entry), key=key)
    seen = rows.select_related("contact", "message").first()
    if seen is None or seen.digest == digest:
        return seen
    if seen.digest != quarantine.NOTHING or not quarantine.is_all_head(raw):
        return None
    words = words_of(seen)
    return seen if (words.address, words.subject) == (sender, subject) else None


def words_of(seen: Submission) -> Message:
    """The words that it became."""
    return seen.message or arrivals.first_words(seen.contact)
