"""The page of settings is the program's own."""

from pathlib import Path

from django.core.management import call_command

from pharos.environment import Environment
from pharos.management.commands.settings_page import page

DOCS = Path(__file__).parents[2] / "docs"


def test_settings_page_in_the_docs_is_current():
    assert (DOCS / "settings.md").read_text() == page()


def test_settings_page_tells_all_of_every_setting(capsys):
    call_command("settings_page")
    said = capsys.readouterr().out
    for name, field in Environment.model_fields.items():
        assert f"`PHAROS_{name.upper()}`" in said
        assert field.description
        assert field.description in said
