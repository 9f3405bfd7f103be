"""What a request is asked for, whoever fills it in: the person on the public form, or a colleague who takes it down."""

from typing import Any, Final

from django import forms
from django.utils.translation import get_language, gettext

from pharos import content
from pharos.content import calendars
from pharos.http.fields import clean_text
from pharos.queries import identities

MOST_CHARACTERS: Final = 100_000


class TextField(forms.CharField):
    """Longer words, cleaned of control characters."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """The words without control characters."""
        return clean_text(value or "")


def types() -> list[tuple[str, str]]:
    """What it may be about, in the reader's language."""
    language = get_language()
    named = [(code, content.pick(one.name, language).text) for code, one in content.request_types().items()]
    return [("", gettext("Choose, if you like")), *named]


def needs() -> list[tuple[str, str]]:
    """What may make it harder, as people say it of themselves."""
    language = get_language()
    return [(code, content.pick(one.say_it_as, language).text) for code, one in content.needs().items()]


class Answers(forms.Form):
    """Cleans what both forms ask: the words, an address that mail can go to, a number that can be called."""

    def language_of_person(self) -> str:
        """The language whose ways of writing the answers follow."""
        return get_language() or "en"

    def clean_text(self) -> str:
        """The words, if they are not a whole book."""
        text: str = self.cleaned_data["text"]
        if len(text) > MOST_CHARACTERS:
            most = calendars.local_digits(f"{MOST_CHARACTERS}", get_language() or "en")
            raise forms.ValidationError(
                gettext("This is longer than %(most)s characters. Please shorten it, or add it as a file.")
                % {"most": most}
            )
        return text

    def clean_email(self) -> str:
        """An address that mail can go to, or none."""
        email: str = self.cleaned_data["email"]
        if email and identities.email(email) is None:
            raise forms.ValidationError(gettext("Please check the email address: name@example.org"))
        return email

    def clean_phone(self) -> str:
        """A number that can be called, in any spelling, or none."""
        phone: str = self.cleaned_data["phone"]
        if phone and identities.phone(phone, self.language_of_person()) is None:
            raise forms.ValidationError(gettext("Please check the phone number, for example +44 7700 900123"))
        return phone
