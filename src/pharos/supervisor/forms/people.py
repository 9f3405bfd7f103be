"""One member of staff."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.actions.staff import Profile
from pharos.content import pick
from pharos.content.calendars import local_digits
from pharos.http.fields import LineField, languages_field
from pharos.models import Organisation, Role, Skill, User
from pharos.queries.rules import rule
from pharos.queries.staff import Colleague
from pharos.supervisor.forms.entrance import UsernameField

MOST_CAPACITY = 20
ROLES = {
    Role.AGENT: _("Agent: answers contacts"),
    Role.LEAD: _("Duty lead: sees the board, takes alarms, runs incidents"),
    Role.ADMIN: _("Administrator: all of that, and set-up"),
}
LEVELS = {0: _("no"), 1: _("1 learning"), 2: "2", 3: _("3 good"), 4: "4", 5: _("5 expert")}


class PersonForm(forms.Form):
    """Who someone is, what they may do, and what they can answer."""

    name = LineField(label=_("Name"), max_length=150, help_text=_("Colleagues and customers see it."))
    username = UsernameField(help_text=_("They sign in with it."))
    email = forms.EmailField(
        label=_("Email address"),
        required=False,
        help_text=_("Invitations go here, and alarms to those who lead."),
        widget=forms.EmailInput(attrs={"dir": "ltr"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLES.items()), widget=forms.RadioSelect)
    languages = languages_field(
        label=_("Languages they answer in"), required=False, help_text=_("They are offered contacts in these only.")
    )
    capacity_live = forms.IntegerField(
        label=_("Calls and chats at a time"), min_value=0, max_value=MOST_CAPACITY, widget=forms.NumberInput
    )
    capacity_written = forms.IntegerField(
        label=_("Written contacts at a time"), min_value=0, max_value=MOST_CAPACITY, widget=forms.NumberInput
    )

    def __init__(
        self,
        data: Any = None,
        *,
        organisation: Organisation,
        skills: Iterable[Skill],
        colleague: Colleague | None,
        language: str,
    ) -> None:
        initial = _initial(organisation, colleague)
        super().__init__(data, initial=initial)
        self.organisation = organisation
        self.user: User | None = colleague.user if colleague else None
        self.skills = list(skills)
        self.language = language
        for skill in self.skills:
            self.fields[f"skill_{skill.pk}"] = forms.TypedChoiceField(
                label=pick(skill.name, language).text,
                choices=[(level, local_digits(name, language)) for level, name in LEVELS.items()],
                coerce=int,
                initial=next((one.level for one in colleague.skills if one.skill == skill), 0) if colleague else 0,
            )

    def skill_fields(self) -> list[forms.BoundField]:
        """The fields of the skills, to be drawn together."""
        return [self[f"skill_{skill.pk}"] for skill in self.skills]

    def clean_username(self) -> str:
        """Free, whatever its case."""
        username: str = self.cleaned_data["username"]
        others = User.objects.filter(username__iexact=username)
        if (others.exclude(pk=self.user.pk) if self.user else others).exists():
            raise forms.ValidationError(gettext("This user name is taken. Choose another."), "username_taken")
        return username

    def clean(self) -> dict[str, Any]:
        """An agent without a language would wait for ever without an offer."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("languages") and (values.get("role") == Role.AGENT or self._levels(values)):
            self.add_error("languages", gettext("Choose at least one language: who takes contacts needs one."))
        if values.get("role") == Role.AGENT and not self._levels(values):
            self.add_error(None, gettext("Give an agent at least one skill, or they are offered nothing."))
        return values

    def _levels(self, values: dict[str, Any]) -> dict[int, int]:
        levels = {skill.pk: values.get(f"skill_{skill.pk}") or 0 for skill in self.skills}
        return {skill: level for skill, level in levels.items() if level}

    def profile(self) -> Profile:
        """What was filled in."""
        values = self.cleaned_data
        return Profile(
            username=values["username"],
            name=values["name"],
            email=values["email"],
            role=Role(values["role"]),
            language=self.user.language if self.user else self.language,
            languages=tuple(values["languages"]),
            skills=self._levels(values),
            capacity_live=values["capacity_live"],
            capacity_written=values["capacity_written"],
        )


def _initial(organisation: Organisation, colleague: Colleague | None) -> dict[str, Any]:
    agent = colleague.agent if colleague else None
    user = colleague.user if colleague else None
    known = [code for code, _ in settings.LANGUAGES]
    return {
        "name": user.name if user else "",
        "username": user.username if user else "",
        "email": user.email if user else "",
        "role": user.role if user else Role.AGENT,
        "languages": [code for code in agent.languages if code in known] if agent else [],
        "capacity_live": agent.capacity_live if agent else rule(organisation, "capacity_live"),
        "capacity_written": agent.capacity_written if agent else rule(organisation, "capacity_written"),
    }
