import gettext

import pytest
from babel.messages.catalog import Catalog

from scripts import messages


@pytest.fixture
def source(tmp_path, monkeypatch):
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    return tmp_path


def write(source, code: str) -> Catalog:
    (source / "view.py").write_text(code)
    return messages.template_of(source)


def fill(language: str, **translations: str) -> None:
    """Give `msgstr "…"` the translation of the message before it."""
    path = messages.path_of(language)
    text = path.read_text()
    for english, translation in translations.items():
        text = text.replace(f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{translation}"')
    path.write_text(text)


def test_update_keeps_translations_and_drops_what_is_gone(source):
    messages.update(write(source, '_("stays"), _("goes")'), "fa")
    fill("fa", stays="می‌ماند", goes="می‌رود")
    messages.update(write(source, '_("stays"), _("new")'), "fa")
    assert {message.id: message.string for message in messages.read("fa") if message.id} == {
        "stays": "می‌ماند",
        "new": "",
    }


def test_update_a_second_time_changes_nothing(source):
    template = write(source, '_("a"), ngettext("%(n)d day", "%(n)d days", n), pgettext("c", "x")')
    messages.update(template, "hy")
    first = messages.path_of("hy").read_bytes()
    messages.update(template, "hy")
    assert messages.path_of("hy").read_bytes() == first


@pytest.mark.parametrize(("language", "forms"), [("fa", 2), ("hy", 2), ("zh_Hans", 1)])
def test_plural_has_the_forms_of_its_language(source, language, forms):
    messages.update(write(source, 'ngettext("%(n)d day", "%(n)d days", n)'), language)
    assert messages.path_of(language).read_text().count("msgstr[") == forms


@pytest.mark.parametrize(
    ("english", "translation", "problem"),
    [
        ("Send", "", "untranslated"),
        ("Hi %(name)s", "سلام", "placeholders"),
        ("Hi %(name)s", "سلام %(nam)s", "placeholders"),
        ("Hi {name}", "سلام {nam}", "placeholders"),
        ("%d days", "روز", "placeholders"),
        ("50%% done", "50% انجام", "percent"),
        ("Press <b>now</b>", "همین حالا", "markup"),
        ("End ", "پایان", "space"),
    ],
)
def test_check_finds(source, english, translation, problem):
    template = write(source, f'_("{english}")')
    messages.update(template, "fa")
    fill("fa", **{english: translation})
    found = list(messages.check(template, "fa"))
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("Hi %(name)s, %(name)s", "سلام %(name)s"),
        ("50%% done", "%%50 انجام"),
        ("At least %d days, %s", "%d روز، %s"),
        ("<b>Press</b> {key}", "<b>بزن</b> {key}"),
    ],
)
def test_check_accepts(source, english, translation):
    template = write(source, f'_("{english}")')
    messages.update(template, "fa")
    fill("fa", **{english: translation})
    assert list(messages.check(template, "fa")) == []


def test_check_wants_the_number_in_the_last_plural_form_only(source):
    template = write(source, 'ngettext("one day", "%(n)d days", n)')
    messages.update(template, "fa")
    path = messages.path_of("fa")
    path.write_text(
        path.read_text().replace('msgstr[0] ""', 'msgstr[0] "یک روز"').replace('msgstr[1] ""', 'msgstr[1] "روز"')
    )
    assert [problem for problem in messages.check(template, "fa") if "placeholders" not in problem] == []
    path.write_text(path.read_text().replace('msgstr[1] "روز"', 'msgstr[1] "%(n)d روز"'))
    assert list(messages.check(template, "fa")) == []


def test_check_finds_a_catalogue_that_is_behind(source):
    messages.update(write(source, '_("old")'), "fa")
    fill("fa", old="کهنه")
    found = list(messages.check(write(source, '_("new")'), "fa"))
    assert found == ["fa: not in the catalogue: 'new'", "fa: no longer in the code: 'old'"]


def test_check_without_a_catalogue(source):
    first, *_rest = messages.check(write(source, '_("a")'), "hy")
    assert first == "hy: there is no catalogue"


def test_compiled_catalogue_gives_the_right_plural(source):
    messages.update(write(source, 'ngettext("one day", "%(n)d days", n)'), "fa")
    path = messages.path_of("fa")
    path.write_text(
        path.read_text().replace('msgstr[0] ""', 'msgstr[0] "یک روز"').replace('msgstr[1] ""', 'msgstr[1] "%(n)d روز"')
    )
    messages.compile_catalogues([path])
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert [compiled.ngettext("one day", "%(n)d days", n) for n in (0, 1, 2)] == ["یک روز", "یک روز", "%(n)d روز"]
    assert {each.name for each in path.parent.iterdir()} == {"django.mo", "django.po"}
