"""Translation catalogues without gettext's programs.

    python -m scripts.messages extract           print every message of the code as a template (.pot)
    python -m scripts.messages update            bring the catalogues up to date, translations stay
    python -m scripts.messages check             fail when a message is missing, doubtful or broken in a language
    python -m scripts.messages compile [FILE…]   make django.mo beside each django.po

A message that changed starts untranslated: nothing is guessed. Catalogues are sorted and name files without line
numbers, so that a diff shows what changed and nothing else.
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.plural import to_gettext

from scripts import extraction, libraries

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "pharos"
LANGUAGES = ("fa", "hy", "zh_Hans")
PLACEHOLDER = re.compile(r"%\(\w+\)|(?<!%)(?:%%)*%[a-z]|(?<!\{)\{\w*(?:[!:][^{}]*)?\}(?!\})")
TAG = re.compile(r"</?([a-z][a-z0-9-]*)", re.IGNORECASE)
SHOWN = 40


def main(arguments: list[str]) -> int:
    """Do what the command line says; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m scripts.messages", description="Translation catalogues.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("extract", "update", "check", "compile"):
        command = commands.add_parser(name)
        if name == "compile":
            command.add_argument("files", nargs="*", type=Path)
    asked = parser.parse_args(arguments)
    if asked.command == "compile":
        compile_catalogues(asked.files or [path_of(language) for language in LANGUAGES])
        return 0
    template = template_of(SOURCE)
    if asked.command == "extract":
        write_po(sys.stdout.buffer, template, omit_header=True, include_lineno=False, sort_output=True, width=0)
        return 0
    if asked.command == "update":
        for language in LANGUAGES:
            update(with_libraries(template, language), language)
        return 0
    problems = [problem for language in LANGUAGES for problem in check(with_libraries(template, language), language)]
    for problem in problems[:SHOWN]:
        print(problem, file=sys.stderr)
    if problems:
        print(
            f"{len(problems)} problems in the translations; `make messages` adds new messages to the catalogues.",
            file=sys.stderr,
        )
    return 1 if problems else 0


def path_of(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return SOURCE / "locale" / language / "LC_MESSAGES" / "django.po"


def template_of(source: Path) -> Catalog:
    """Return every message of the Python modules and templates below a folder."""
    catalog = Catalog()
    for path in sorted(source.rglob("*")):
        for found in extraction.in_file(path):
            _add(catalog, path.relative_to(source).as_posix(), found)
    return catalog


def with_libraries(template: Catalog, language: str) -> Catalog:
    """Return a template with what the libraries leave in English in this language."""
    catalog = Catalog()
    for message in template:
        if message.id:
            catalog[message.id] = message
    for name, found in libraries.untranslated(language):
        if not template.get(found.text, found.context):
            _add(catalog, name, found)
    return catalog


def _add(catalog: Catalog, name: str, found: extraction.Found) -> None:
    catalog.add(found.text, locations=[(name, 0)], auto_comments=found.comments, context=found.context)


def read(language: str) -> Catalog:
    """Return the catalogue of a language, empty when there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def update(template: Catalog, language: str) -> None:
    """Write the catalogue of a language: the messages of today with the translations there are."""
    known = read(language)
    catalog = Catalog(locale=language)
    catalog.mime_headers = [("Plural-Forms", plural_forms(language))]
    for message in template:
        if message.id:
            before = known.get(message.id, message.context)
            kept = before.string if before and not before.fuzzy and _is_plural(before) == _is_plural(message) else None
            own = list(before.user_comments) if before else []
            catalog.add(
                message.id, kept, message.locations, message.flags, message.auto_comments, own, context=message.context
            )
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, include_lineno=False, sort_output=True, width=0)
    path.write_bytes(header(language).encode() + b"\n" + body.getvalue().lstrip(b"\n"))


def header(language: str) -> str:
    """Return what stands before the first message: nothing in it changes from one day to the next."""
    lines = [
        "Project-Id-Version: Pharos",
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {plural_forms(language)}",
    ]
    name = Locale.parse(language).get_display_name("en")
    return f'# {name} for Pharos.\nmsgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines)


def plural_forms(language: str) -> str:
    """Return how many forms a language has and which number takes which, as the Unicode CLDR says."""
    return str(to_gettext(Locale.parse(language).plural_form))


def check(template: Catalog, language: str) -> Iterator[str]:
    """Yield one line for each message that is not fully and safely translated."""
    known = read(language)
    if not path_of(language).exists():
        yield f"{language}: there is no catalogue"
        return
    if plural_forms(language) not in path_of(language).read_text():
        yield f"{language}: Plural-Forms must be {plural_forms(language)}"
    for message in template:
        if message.id:
            translated = known.get(message.id, message.context)
            for problem in _problems(message, translated, forms=_form_count(language)):
                yield f"{language}: {problem}: {_singular(message)!r}"
    for message in known:
        if message.id and template.get(message.id, message.context) is None:
            yield f"{language}: no longer in the code: {_singular(message)!r}"


def _form_count(language: str) -> int:
    return len(Locale.parse(language).plural_form.tags) + 1


def _problems(message: Message, translated: Message | None, *, forms: int) -> Iterator[str]:
    if translated is None or _is_plural(message) != _is_plural(translated):
        yield "not in the catalogue"
        return
    if translated.fuzzy:
        yield "fuzzy"
    texts = _forms(translated.string)
    if not texts or not all(texts):
        yield "untranslated"
        return
    if _is_plural(message) and len(texts) != forms:
        yield f"{len(texts)} plural forms instead of {forms}"
    sources = _forms(message.id)
    for number, text in enumerate(texts, start=1):
        yield from _differences(sources, text, last=number == len(texts))


def _differences(sources: list[str], text: str, *, last: bool) -> Iterator[str]:
    """Compare one text with its source. Only the last form of a plural must name the number."""
    needed, allowed = _placeholders(sources[-1]), set().union(*map(_placeholders, sources))
    if not last:
        needed = set.intersection(*map(_placeholders, sources))
    if not needed <= _placeholders(text) <= allowed:
        yield f"placeholders are {sorted(_placeholders(text))} instead of {sorted(needed)}"
    elif any("%" in source for source in sources) and not _formats(text, allowed):
        yield "a percent sign stands alone"
    if all(sorted(TAG.findall(text)) != sorted(TAG.findall(source)) for source in sources):
        yield "markup differs"
    if (text[0].isspace(), text[-1].isspace()) != (sources[-1][0].isspace(), sources[-1][-1].isspace()):
        yield "space at the start or end differs"


def _placeholders(text: str) -> set[str]:
    return {found.replace("%%", "") for found in PLACEHOLDER.findall(text)}


def _formats(text: str, names: set[str]) -> bool:
    named = {name[2:-1]: 0 for name in names if name.startswith("%(")}
    in_order = (0,) * sum(found.startswith("%") for found in PLACEHOLDER.findall(text))
    try:
        text % (named or in_order)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _is_plural(message: Message) -> bool:
    return isinstance(message.id, (tuple, list))


def _singular(message: Message) -> str:
    return _forms(message.id)[0]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or [])


def compile_catalogues(paths: list[Path]) -> None:
    """Write django.mo beside each django.po, in one step, so that a running server never reads half of one."""
    for path in paths:
        with path.open("rb") as file:
            catalog = read_po(file)
        compiled = path.with_suffix(".mo")
        fresh = compiled.with_suffix(f".mo.{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, catalog)
        fresh.replace(compiled)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
