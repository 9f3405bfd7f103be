import re

import pytest

from tests.architecture import source

LABEL = re.compile(r"vulnerab|آسیب[\s\u200c]?پذیر|խոցելի|脆弱|弱势", re.IGNORECASE)
SUFFIXES = (".css", ".html", ".js", ".po", ".py", ".svg", ".txt", ".xml")


@pytest.mark.parametrize("path", source.files("", *SUFFIXES), ids=lambda path: str(path.relative_to(source.PACKAGE)))
def test_nobody_is_labelled(path):
    text = f"{path.name}\n{path.read_text()}"
    assert [line for line in text.splitlines() if LABEL.search(line)] == []
