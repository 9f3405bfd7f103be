import gzip
import re
from pathlib import Path

import pytest

import pharos

STATIC = Path(pharos.__file__).parent / "static"
STYLES = (STATIC / "css" / "pharos.css").read_text()
PAIRS = {name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", STYLES)}
PLAIN = dict(re.findall(r"--([\w-]+): (#\w+);", STYLES))

BEHIND = ("canvas", "surface", "sunken")
TONES = ("accent", "good", "warn", "bad")
WORDS = [
    *((words, behind) for words in ("ink", "muted", "accent-strong", *TONES) for behind in BEHIND),
    *((words, f"{tone}-soft") for tone in TONES for words in (tone, "ink", "muted")),
    *(("on-accent", behind) for behind in ("accent", "accent-strong")),
    ("accent-strong", "accent-soft"),
    ("surface", "bad"),
]
EDGES = [("edge", behind) for behind in (*BEHIND, "accent-soft", "warn-soft")]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "behind", "least"), [*((*pair, 4.5) for pair in WORDS), *((*pair, 3) for pair in EDGES)]
)
def test_every_pair_of_colours_has_contrast(front, behind, least, scheme):
    assert contrast(PAIRS[front][scheme], PAIRS[behind][scheme]) >= least


def test_browsers_without_schemes_get_the_light_one():
    assert {name: light for name, (light, _) in PAIRS.items()} == PLAIN


def test_colours_stand_in_the_tokens_only():
    after_tokens = STYLES.split("/* --- reset", 1)[1]
    others = [path.read_text() for path in (STATIC / "css").glob("*.css") if path.name != "pharos.css"]
    found = re.findall(r":[^;{}]*(#[0-9a-f]{3,8})\b", "".join([after_tokens, *others]))
    assert found == ["#ffffff"]  # behind the code that a camera reads


def test_what_a_public_page_loads_is_small():
    files = ["css/pharos.css", "css/public.css", "js/form.js", "js/live.js", "js/quick_exit.js", "img/favicon.svg"]
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files) < 20_000
