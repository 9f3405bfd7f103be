"""Queues, skills, and where requests go."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.content.calendars import local_digits
from pharos.http.fields import TextsField
from pharos.models import Queue, Skill
from pharos.supervisor.forms.people import LEVELS

ELSEWHERE = "0"  # no queue of its own


class NamesForm(forms.Form):
    """The name of a queue or a skill."""

    names = TextsField(label=_("Name"), help_text=_("In each language your agents read; one is enough."))


class SkillForm(NamesForm):
    """A skill, and whether those who have it may read what people need."""

    opens_needs = forms.BooleanField(
        label=_("Who has it may read in full what people need, with the contact in hand"),
        required=False,
        help_text=_("Each look is kept, and the person can see it."),
    )
    is_specialist = forms.BooleanField(
        label=_("Who has it is of the specialist team"),
        required=False,
        help_text=_("People with recorded needs go to them first. Nobody waits longer for it."),
    )


class QueueForm(NamesForm):
    """A queue and the skill that its agents need."""

    def __init__(self, *args: Any, skills: Sequence[Skill], language: str, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skills = {str(skill.pk): skill for skill in skills}
        named = [(str(skill.pk), content.pick(skill.name, language).text) for skill in skills]
        own = [("", _("A new skill with the name of the queue"))] if is_new else []
        label = _("Skill its agents need")
        self.fields["skill"] = forms.ChoiceField(label=label, choices=[*own, *named], required=not is_new)
        self.fields["level"] = forms.TypedChoiceField(
            label=_("At what level at least"),
            coerce=int,
            required=False,
            choices=[(level, local_digits(name, language)) for level, name in LEVELS.items() if level],
        )
        self.fields["training"] = forms.MultipleChoiceField(
            label=_("Training that is needed too"),
            help_text=_("Only who has all of these is offered such contacts."),
            choices=named,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def asks(self) -> dict[str, Any]:
        """Level and training."""
        said = self.cleaned_data
        return {"level": said["level"] or 1, "training": [self.skills[chosen] for chosen in said["training"]]}

    def skill_chosen(self) -> Skill | None:
        """The skill; None for a new one."""
        return self.skills.get(self.cleaned_data["skill"])


class RoutesForm(forms.Form):
    """Which queue takes which request type, and which takes the rest."""

    def __init__(self, data: Any = None, *, queues: Sequence[Queue], language: str) -> None:
        initial = {f"type_{code}": str(queue.pk) for queue in queues for code in queue.request_types}
        initial["default"] = next((str(queue.pk) for queue in queues if queue.is_default), "")
        super().__init__(data, initial=initial)
        self.queues = {str(queue.pk): queue for queue in queues}
        named = [(str(queue.pk), content.pick(queue.name, language).text) for queue in queues]
        for kind in content.request_types().values():
            label = content.pick(kind.name, language).text
            choices = [(ELSEWHERE, _("With everything else")), *named]
            self.fields[f"type_{kind.code}"] = forms.ChoiceField(label=label, choices=choices, initial=ELSEWHERE)
        self.fields["default"] = forms.ChoiceField(label=_("Everything else"), choices=named)

    def default_queue(self) -> Queue:
        """The queue for what no other takes."""
        return self.queues[self.cleaned_data["default"]]

    def routes(self) -> dict[str, int]:
        """Request type to the id of its queue."""
        chosen = {name.removeprefix("type_"): int(value) for name, value in self.cleaned_data.items()}
        return {code: queue for code, queue in chosen.items() if code != "default" and queue != int(ELSEWHERE)}
