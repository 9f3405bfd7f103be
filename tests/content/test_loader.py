import subprocess
import sys

import pytest

from pharos import content
from pharos.content import ContentError
from pharos.content.loader import by_code, entries, load, parse

HEAD = "version: 1\nkind: example\n"
TEXT = "text: {en: a, fa: b, hy: c, zh-hans: d}\n"


def test_parse_gives_a_read_only_tree():
    tree = parse("example", HEAD + TEXT + "rows: [{a: [1, 2]}]")
    assert tree["text"]["hy"] == "c"
    assert tree["rows"][0]["a"] == (1, 2)
    with pytest.raises(TypeError):
        tree["text"]["hy"] = "x"
    with pytest.raises(TypeError):
        tree["rows"][0]["a"][0] = 3


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "a mapping is expected"),
        ("- a", "a mapping is expected"),
        ("version: 1\nkind: other", "kind example"),
        ("version: 2\nkind: example", "version 1"),
        (HEAD + "a: [", "not readable"),
        (HEAD + "a: !!python/object/apply:os.getcwd []", "not readable"),
        (HEAD + "text: {en: a, fa: b, hy: c}", r"example\.text: .*look at zh-hans"),
        (HEAD + "rows: [{text: {en: a, fa: b, hy: c, zh-hans: d, de: e}}]", r"example\.rows\[0\]\.text: .*look at de"),
        (HEAD + "text: {fa: b, hy: c, zh-hans: d}", "look at en"),
        (HEAD + "text: {en: a, fa: ' ', hy: c, zh-hans: d}", r"example\.text\.fa"),
        (HEAD + "text: {en: [a, b], fa: [], hy: [c], zh-hans: [d]}", r"example\.text\.fa"),
        (HEAD + "text: {en: a, fa: b, hy: 3, zh-hans: d}", r"example\.text\.hy"),
    ],
)
def test_parse_refuses(source, message):
    with pytest.raises(ContentError, match=message):
        parse("example", source)


@pytest.mark.parametrize("kind", ["nothing", "../content/needs", "text", ""])
def test_load_knows_only_what_ships(kind):
    with pytest.raises(ContentError, match="no content of kind"):
        load(kind)


def test_load_reads_a_file_once():
    assert load("glossary") is load("glossary")


def test_entries_without_the_section():
    with pytest.raises(ContentError, match="no section 'words'"):
        entries("glossary", "words")


def test_by_code_refuses_a_code_used_twice():
    with pytest.raises(ContentError, match="example: used more than once: a"):
        by_code("example", (("a", 1), ("b", 2), ("a", 3)))


def test_importing_reads_no_file_and_no_framework():
    code = (
        "import sys; from pharos import content; from pharos.content.loader import load;"
        "print(load.cache_info().currsize, 'django' in sys.modules, 'babel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False", "False"]


def test_unknown_message():
    with pytest.raises(ContentError, match="no message 'nothing' for 'email'"):
        content.template("nothing", "email")
    with pytest.raises(ContentError, match="for 'fax'"):
        content.template("reply", "fax")


def test_unknown_rule():
    with pytest.raises(ContentError, match="no rule 'nothing'"):
        content.rule("nothing")
