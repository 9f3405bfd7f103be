"""Which language a text is in: by its script, and in Latin letters by common words of those who lack their own."""

import re
from typing import Final, NamedTuple

_SCRIPTS: Final = {
    "hy": re.compile("[\u0531-\u0587\ufb13-\ufb17]"),
    "fa": re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc]"),
    "zh-hans": re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "en": re.compile("[A-Za-z\u00c0-\u024f\uff21-\uff5a]"),
}
_OTHERS: Final = re.compile("[\u0370-\u052f\u0590-\u05ff\u0900-\u109f\u10a0-\u11ff\u3040-\u30ff\uac00-\ud7af]")
_WORD: Final = re.compile(r"[a-z']+")
# A character of Chinese says as much as two or three letters.
_WORTH: Final = {"zh-hans": 2.5}
_LATIN_SHARE: Final = 0.75
_TYPED: Final = {
    "fa": frozenset({
        "salam", "mikham", "mikhaam", "mikhastam", "nemikham", "nemitunam", "nemitonam", "nemishe", "lotfan",
        "kheili", "kheyli", "khaili", "chera", "baraye", "man", "shoma", "parvaz", "parvazam", "blit", "belit",
        "hast", "nist", "kojast", "chetor", "chand", "komak", "konid", "konin", "mamnoon", "merci", "befarmaid",
        "alan", "farda", "emruz", "emshab", "dige", "hich", "kasi", "javab", "nemide", "pool", "poolam", "bargardune",
        "begid", "bezanid", "khodam", "khodamo", "bemiram", "dard", "bache", "madaram", "pedaram", "shoharam",
        "mitarsam", "nafas", "nemikeshe", "daram", "darim", "mishe", "mikonam", "mikonid", "hasti", "hastam",
    }),
    "hy": frozenset({
        "barev", "dzez", "dzes", "shnorhakal", "shnorhakalutyun", "xndrum", "khndrum", "em", "chem", "uzum", "karox",
        "karogh", "karoxanum", "inch", "inchpes", "vonc", "vortex", "ughevorutyun", "trichq", "trichqs", "tomss",
        "gumar", "veradardzreq", "shat", "lav", "ches", "gitem", "chgitem", "ognel", "ogneq", "ogneceq", "indz",
        "mez", "hima", "aysor", "vaxy", "vaghy", "yerexa", "erexa", "mayrs", "hayrs", "amusins", "vaxenum",
        "vakhenum", "mernel", "mernem", "chi", "shnchum", "hedo", "heto", "che", "ays", "es", "dzer", "mer", "tun",
    }),
}  # fmt: skip


class Guess(NamedTuple):
    """A language, and how sure it is; no language at all if nothing in the text tells."""

    language: str
    score: float


def identify(text: str, expected: str = "") -> Guess:
    """The language of a text; what is expected counts only where the text itself says nothing."""
    sample = text[:4000]
    counts = {code: len(script.findall(sample)) * _WORTH.get(code, 1) for code, script in _SCRIPTS.items()}
    letters = sum(counts.values()) + len(_OTHERS.findall(sample))
    if not letters:
        return Guess(expected, 0.0)
    # Names and brands are written in Latin letters in every language.
    native = max(("hy", "fa", "zh-hans"), key=lambda code: counts[code])
    if counts[native] >= (1 - _LATIN_SHARE) * letters:
        return Guess(native, round(min(1.0, counts[native] / letters + 0.2), 2))
    if counts["en"] < letters / 2:
        return Guess(expected, 0.0)
    return _latin(sample.lower())


def _latin(text: str) -> Guess:
    words = _WORD.findall(text)
    for code, typed in _TYPED.items():
        known = sum(word in typed for word in words)
        if known >= 2 and known >= 0.4 * len(words):
            return Guess(code, round(min(0.9, known / len(words)), 2))
    return Guess("en", 0.95)
