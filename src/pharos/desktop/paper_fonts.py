"""Faces for the form on paper, as they are found on this machine; none is ever shipped."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from fontTools.ttLib import TTCollection

FOLDERS: Final = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    *("/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts"),
)
# The best first. DejaVu has the letters of three of the four languages.
FACES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf"),
    "fa": ("Vazirmatn-Regular.ttf", "NotoSansArabic-Regular.ttf", "DejaVuSans.ttf", "tahoma.ttf"),
    "hy": ("NotoSansArmenian-Regular.ttf", "DejaVuSans.ttf", "sylfaen.ttf"),
    "zh-hans": (
        "NotoSansCJK-Regular.ttc",
        "NotoSansSC-Regular.otf",
        "NotoSansSC-Regular.ttf",
        "wqy-microhei.ttc",
        "msyh.ttc",
    ),
}
PACKAGES: Final = "fonts-noto-core fonts-noto-cjk"
SIMPLIFIED: Final = (" SC", "YaHei", "WenQuanYi")


class Face(NamedTuple):
    """The files of a face, and which font of a collection it is."""

    regular: Path
    bold: Path
    number: int


@cache
def faces() -> Mapping[str, Face]:
    """The face of each language that there is one for."""
    files = {path.name: path for path in _files()}
    found: dict[str, Face] = {}
    for language, names in FACES.items():
        regular = next((files[name] for name in names if name in files), None)
        if regular:
            bold = files.get(regular.name.replace("-Regular", "-Bold"), regular)
            found[language] = Face(regular, bold, _number(regular))
    return found


def _files() -> Iterator[Path]:
    for folder in FOLDERS:
        for here, _folders, names in os.walk(Path(folder).expanduser()):
            yield from (Path(here, name) for name in names)


def _number(path: Path) -> int:
    """Which font of a collection has the simplified forms."""
    if path.suffix != ".ttc":
        return 0
    with TTCollection(path, lazy=True) as fonts:
        names = [str(font["name"].getDebugName(1)) for font in fonts]
    return next((number for number, name in enumerate(names) if any(one in name for one in SIMPLIFIED)), 0)
