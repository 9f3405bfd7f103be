"""Languages in addresses."""

from django.conf import settings


class LanguageConverter:
    """The first part of a public address: en, fa, hy or zh-hans."""

    regex = "|".join(code for code, _ in settings.LANGUAGES)

    def to_python(self, value: str) -> str:
        """The language code."""
        return value

    def to_url(self, value: str) -> str:
        """The same."""
        return value
