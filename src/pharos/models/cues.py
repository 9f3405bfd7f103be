"""What the words of a person suggest, while their contact is open; and what people said of such suggestions."""

from django.db import models
from django.db.models import Q

from pharos.models.contacts import Contact
from pharos.models.messages import Message
from pharos.models.organisations import Organisation
from pharos.models.staff import User


class Cue(models.Model):
    """One thing that one message suggests. It goes when the contact closes, and decides nothing by itself."""

    class Sort(models.TextChoices):
        """What kind of thing is suggested; only the last three have codes of their own."""

        DANGER = "danger"
        DISTRESS = "distress"
        FRUSTRATION = "frustration"
        HOSTILITY = "hostility"
        CONFUSION = "confusion"
        URGENCY = "urgency"
        REQUEST = "request"
        NEED = "need"
        STYLE = "style"

    class State(models.TextChoices):
        """What a person said of it."""

        OPEN = "open"
        CONFIRMED = "confirmed"
        DISMISSED = "dismissed"

    class Source(models.TextChoices):
        """What found it."""

        LEXICON = "lexicon"
        MODEL = "model"
        BOTH = "both"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="cues")
    message = models.ForeignKey(Message, models.CASCADE, related_name="cues")
    sort = models.CharField(max_length=12, choices=Sort)
    code = models.CharField(max_length=32)  # of the need, the style, the request type; else the sort again
    score = models.FloatField()  # 0.5 to 1
    places = models.JSONField(default=list)  # [[start, end], …] in the message's words
    kinds = models.JSONField(default=list, blank=True)  # of danger: which sorts of it the words speak of
    language = models.CharField(max_length=8, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # What was said of all that were answered together, to put it right; it is known no longer than the cue is kept.
    verdict = models.ForeignKey("SignalVerdict", models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "sort", "code"], name="cue_once_a_message")]
        indexes = [
            # alarms: whose words may mean danger, while nobody has said whether they do
            models.Index(fields=["contact"], condition=Q(sort="danger", state="open"), name="cue_of_danger"),
        ]


class SignalVerdict(models.Model):
    """That a suggestion was right or not, to measure and train by. Of whom, by whom and in which words is not kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="signal_verdicts")
    sort = models.CharField(max_length=12, choices=Cue.Sort)
    code = models.CharField(max_length=32)
    language = models.CharField(max_length=8, blank=True)
    is_right = models.BooleanField()
    source = models.CharField(max_length=8, choices=Cue.Source)
    tenth = models.PositiveSmallIntegerField()  # of the score, rounded down: 5 to 10
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "day"], name="verdicts_by_day")]  # the share that was right
