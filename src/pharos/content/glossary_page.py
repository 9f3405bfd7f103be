"""The glossary as a page for people: `python -m pharos.content.glossary_page > docs/glossary.md`."""

import sys

from pharos.content.desk import Term, glossary
from pharos.content.text import LANGUAGES

HEAD = """\
# Glossary

One word for one thing, in four languages. This page is made from `src/pharos/content/glossary.yaml`;
change a term there and run `python -m pharos.content.glossary_page > docs/glossary.md`.

People are never given a label: nothing we show or send says what kind of person somebody is.

| | English | فارسی | Հայերեն | 简体中文 | Meaning |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The glossary in Markdown, by the English term."""
    terms = sorted(glossary().values(), key=lambda one: (one.term["en"].casefold(), one.key))
    return HEAD + "".join(_row(one) for one in terms)


def _row(one: Term) -> str:
    cells = (f"`{one.key}`", *(one.term[language] for language in LANGUAGES), one.definition)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
