"""Text from bytes, whatever their sender says of them: the declared charset where it fits, else a good guess.

Nothing is refused: a byte that means nothing in the charset found becomes U+FFFD.
"""

import codecs
import re
from typing import Final

import chardet

SAMPLE: Final = 16 * 2**10  # bytes that a guess looks at
HALVES: Final = re.compile("[\ud800-\udfff]")  # of letters in UTF-16; UTF-7 can bring one alone
FOREIGN: Final = 0.5  # share of the bytes above ASCII that stand together, from which a text is in no Latin script
TOGETHER: Final = re.compile(rb"[\x80-\xff]{2,}")
# What is safe to decode with: none that grows, runs for long or is no charset at all.
KNOWN: Final = frozenset({
    "ascii", "utf_8", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "utf_7", "gb18030",
    "big5", "big5hkscs", "cp950", "hz", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3",
    "iso2022_jp_2004", "iso2022_jp_ext", "iso2022_kr", "euc_jp", "cp932", "euc_kr", "cp949", "johab", "koi8_r",
    "koi8_u", "koi8_t", "kz1048", "ptcp154", "tis_620", "hp_roman8", "mac_arabic", "mac_farsi", "mac_roman",
    "mac_cyrillic", "mac_greek", "mac_turkish", "mac_latin2", "mac_iceland", "mac_croatian", "mac_romanian", "cp437",
    "cp720", "cp737", "cp775", "cp850", "cp852", "cp855", "cp856", "cp857", "cp858", "cp860", "cp861", "cp862",
    "cp863", "cp864", "cp865", "cp866", "cp869", "cp874", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "cp1258", "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7",
    "iso8859_8", "iso8859_9", "iso8859_10", "iso8859_11", "iso8859_13", "iso8859_14", "iso8859_15", "iso8859_16",
})  # fmt: skip
# As browsers do: a name stands for the larger charset that senders really use.
LARGER: Final = {
    **dict.fromkeys(
        ("gb2312", "gbk", "x_gbk", "gb_2312_80", "chinese", "euc_cn", "x_euc_cn", "cp936", "ms936"), "gb18030"
    ),
    **dict.fromkeys(("iso8859_1", "latin_1", "ascii"), "cp1252"),
    **dict.fromkeys(("utf8mb4", "utf", "unicode_1_1_utf_8", "x_unicode_2_0_utf_8"), "utf_8"),
    **dict.fromkeys(("unicode_1_1_utf_7", "csunicode11utf7"), "utf_7"),
    **dict.fromkeys(("x_sjis", "shift_jis", "ms_kanji", "windows_31j", "shift_jisx0213"), "cp932"),
    **dict.fromkeys(("ks_c_5601_1987", "ks_c_5601", "euc_kr", "windows_949"), "cp949"),
    **dict.fromkeys(("x_mac_farsi", "macfarsi"), "mac_farsi"),
    **dict.fromkeys(("x_mac_arabic", "macarabic"), "mac_arabic"),
    **dict.fromkeys(("x_mac_roman", "macintosh"), "mac_roman"),
    **dict.fromkeys(("iso_8859_8_i", "iso_8859_8_e"), "iso8859_8"),
    **dict.fromkeys(("iso_8859_6_i", "iso_8859_6_e", "asmo_708"), "iso8859_6"),
    **dict.fromkeys(("x_cp1256", "cp_1256", "ms_arab", "windows_arabic"), "cp1256"),
}
ARMSCII_NAMES: Final = frozenset({"armscii_8", "armscii8", "armscii_8a", "x_armscii_8", "armscii"})
SHIFTING: Final = frozenset({
    "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "utf_7", "hz", "iso2022_jp",
    "iso2022_kr",
})  # fmt: skip
# 0xA0 on: the marks of ARMSCII-8, then capital and small letters in turn, then the apostrophe.
ARMSCII_MARKS: Final = "\u00a0\ufffd\u0587\u0589)(\u00bb\u00ab\u2014.\u055d,-\u058a\u2026\u055c\u055b\u055e"
ARMSCII: Final = (
    "".join(map(chr, range(0xA0)))
    + ARMSCII_MARKS
    + "".join(chr(0x531 + n) + chr(0x561 + n) for n in range(38))
    + "\u055a\ufffd"
)


def text(raw: bytes, declared: str = "") -> str:
    """The text of these bytes, with line breaks as LF, without NUL, and such that it can be written again."""
    found = _text(raw, declared).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    found = HALVES.sub("\ufffd", found)
    return found.removeprefix("\ufeff")


def codec(declared: str) -> str:
    """Python's name of a charset that we would decode with; blank when it is none of these."""
    name = re.sub(r"[^a-z0-9]+", "_", declared.lower()[:60]).strip("_")
    if name in ARMSCII_NAMES:
        return "armscii"
    if name in LARGER:
        return LARGER[name]
    try:
        name = codecs.lookup(name).name.replace("-", "_")
    except (LookupError, ValueError):
        return ""
    name = LARGER.get(name, name)
    return name if name in KNOWN else ""


def _text(raw: bytes, declared: str) -> str:
    said = codec(declared)
    if said in SHIFTING or said.startswith("iso2022"):
        if (read := _strict(raw, said)) is not None:
            return read
        if not raw.isascii():
            said = ""
    if raw.isascii():
        return _loose(raw, said) if said in SHIFTING else raw.decode("ascii")
    if (as_utf8 := _strict(raw, "utf_8")) is not None and (said in {"", "cp1252", "utf_8"} or _is_long(as_utf8)):
        return as_utf8
    if said in {"", "cp1252", "utf_8"}:
        said = _guess(raw, said)
    if (read := _strict(raw, said)) is not None:
        return read
    other = _strict(raw, _guess(raw, said))  # bytes that cannot be in the charset that was declared
    return _loose(raw, said) if other is None else other


def _is_long(read: str) -> bool:
    """Whether so many letters cannot be UTF-8 by accident."""
    return sum(not one.isascii() for one in read[:200]) >= 4


def _guess(raw: bytes, said: str) -> str:
    """The charset of bytes that are not UTF-8 throughout, and may have been declared as something Latin."""
    sample = raw[:SAMPLE]
    as_utf8 = sample.decode("utf-8", "replace")
    if said == "utf_8" and _is_only_cut(sample):
        return said
    if sum(not one.isascii() for one in as_utf8) >= 3 * as_utf8.count("\ufffd"):  # UTF-8 in which little is broken
        return "utf_8"
    if _share(sample) < FOREIGN:
        return "cp1252"
    if _is_armenian(sample):
        return "armscii"
    guessed = codec(str(chardet.detect(sample)["encoding"] or ""))
    return guessed or (said if said != "utf_8" else "") or "cp1252"


def _is_only_cut(sample: bytes) -> bool:
    """Whether nothing is wrong but that the last letter is not all there."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _share(sample: bytes) -> float:
    """How many of the bytes above ASCII have another beside them: in Latin scripts they mostly stand alone."""
    high = sum(one >= 0x80 for one in sample)
    return sum(map(len, TOGETHER.findall(sample))) / high if high else 0.0


def _is_armenian(sample: bytes) -> bool:
    """In ARMSCII-8 small letters are odd bytes from 0xB3, among them ա to է, which other charsets hardly use."""
    high = [one for one in sample if one >= 0x80]
    inside = [byte for run in TOGETHER.findall(sample) for byte in run[1:] if byte >= 0xB2]
    first_letters = sum(0xB3 <= one <= 0xBF and one % 2 == 1 for one in high)
    is_even = sum(one % 2 == 0 for one in inside) > len(inside) // 20
    return first_letters >= len(high) / 10 and not is_even and not any(0x80 <= one < 0xA0 for one in high)


def _strict(raw: bytes, name: str) -> str | None:
    if name == "armscii":
        return codecs.charmap_decode(raw, "strict", ARMSCII)[0]
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError):
        return None


def _loose(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name or "utf-8", "replace")
    except (UnicodeError, LookupError):
        return raw.decode("utf-8", "replace")
