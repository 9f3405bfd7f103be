"""`pharos manage settings_page`: the page of all settings, as docs/settings.md holds it."""

from typing import Any

from django.core.management.base import BaseCommand

from pharos.environment import PREFIX, Environment

BEGIN = """# Settings

Every setting is an environment variable. A wrong one, or one that does not exist, stops the start with one clear line.
What an organisation decides by itself (names, hours, queues, targets, texts) is set in the product, not here.

| variable | default | what it does |
|---|---|---|
"""
END = """
This page is made from the program by `pharos manage settings_page > docs/settings.md`.
"""


def page() -> str:
    """All settings as Markdown, in the program's order."""
    return BEGIN + "".join(_row(name) for name in Environment.model_fields) + END


def _row(name: str) -> str:
    field = Environment.model_fields[name]
    default = field.default
    shown = ",".join(default) if isinstance(default, list) else str(default)
    return f"| `{PREFIX}{name.upper()}` | {f'`{shown}`' if shown else ''} | {field.description} |\n"


class Command(BaseCommand):
    """Print the page."""

    help = "Print the page of all settings."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(page(), ending="")
