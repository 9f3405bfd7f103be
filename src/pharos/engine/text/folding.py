"""One spelling for many: text brought to the form in which it is compared, and the way back to the original."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Final
from unicodedata import category, combining, digit, normalize

# Unicode has no compatibility mapping for these: what people type in one keyboard's letters for another's, stress marks
# that Armenian writes inside words, and quotation marks that stand for apostrophes.
_LETTERS: Final = {
    **dict.fromkeys("\u200b\u200d\u2060\ufeff\u00ad\u0640\u055a\u055b\u055c\u055e'’‘ʼ´`", ""),
    **dict.fromkeys("\u200c\u0000\u2028\u2029", " "),
    "ك": "ک", "ي": "ی", "ى": "ی", "ې": "ی", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ٱ": "ا", "ڪ": "ک",
    "։": ".", "՝": ",", "।": ".", "…": ".", "—": "-", "–": "-", "、": ",", "。": ".", "「": '"', "」": '"',
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i",
}  # fmt: skip
# Traditional and simplified characters of the words that matter here, pair by pair.
_SIMPLIFIED: Final = dict(
    zip(
        "殺們來這個說話時間過還沒為與關開門車機場電話動氣無難愛誰樓燒傷藥醫護經歷險嗎讓從頭後裡裏媽爸兒孫淚絕隻離開進遠邊對錯應該認識語言請問題謝幫報警現場錢賬號單東西買賣給終結緊張擔驚嚇壞離斷掛號賠償訂變飛點萬"
        "煙廢墟塌壓溺腦臟髒鄰濃達遺書準備級體頂陽窗戶壞樣實總覺聽聯繫聲線視覺盲聾啞殘疾輪椅階梯費債業務處辦學習記憶癡呆憂鬱慮恐懼瘋揮刀槍綁強姦親舉蹤監獄將較發吞嚥歲齡嬰燙摔淹",
        "杀们来这个说话时间过还没为与关开门车机场电话动气无难爱谁楼烧伤药医护经历险吗让从头后里里妈爸儿孙泪绝只离开进远边对错应该认识语言请问题谢帮报警现场钱账号单东西买卖给终结紧张担惊吓坏离断挂号赔偿订变飞点万"
        "烟废墟塌压溺脑脏脏邻浓达遗书准备级体顶阳窗户坏样实总觉听联系声线视觉盲聋哑残疾轮椅阶梯费债业务处办学习记忆痴呆忧郁虑恐惧疯挥刀枪绑强奸亲举踪监狱将较发吞咽岁龄婴烫摔淹",
        strict=True,
    )
)  # fmt: skip


class _Folds(dict[int, str]):
    """The folded form of each character, worked out when first met; there are as many as Unicode has at most."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    if character in _LETTERS:
        return _LETTERS[character]
    number = digit(character, -1)
    if number >= 0:
        return str(number)
    parts = normalize("NFKD", character).casefold()
    plain = "".join(_LETTERS.get(part, part) for part in parts if not combining(part))
    if category(character)[0] in "ZC" and not plain.strip():
        return "" if category(character) in {"Cf", "Mn"} else " "
    return _SIMPLIFIED.get(plain, plain)


_FOLDS: Final = _Folds()
_ASCII: Final = bytes(ord(_FOLDS[code] or " ") if code < 128 else 0 for code in range(256))
_ASCII_GONE: Final = bytes(code for code in range(128) if not _FOLDS[code])
_RUNS: Final = re.compile(r"([^\W\d_])\1{2,}| {2,}|([^\w\s])\2+")
_ENDINGS: Final = "ها|های|هایی|هام|هاش|هایم|ام|ات|اش|ای|ایم|اید|اند|مان|تان|شان|تر|ترین"
# The Persian "mi" and "nemi" belong to the verb after them, and these endings to the word before them, however spaced.
_PERSIAN_JOINS: Final = re.compile(rf"(?<=\bمی) +(?=\w)|(?<=\bنمی) +(?=\w)|(?<=\w) (?=(?:{_ENDINGS})\b)")
_HAS_PERSIAN: Final = re.compile("[\u0600-\u06ff]")
_ADDRESS_SIGNS: Final = re.compile("[/@&]")
_ADDRESSES: Final = re.compile(r"https?://\S+|@\w+|&#?\w{1,8};")


def _blank(address: re.Match[str]) -> str:
    """As long as it was, so that places stay where they are."""
    word = {"h": "urllink", "@": "@", "&": ""}[address[0][0].lower()]
    return word.ljust(len(address[0]))[: len(address[0])]


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is compared.

    `blanked` is the original with addresses blanked, as long as it; `cuts` are the places of the half-way form between
    it and `text` that were left out, in order.
    """

    original: str
    text: str
    cuts: tuple[int, ...] = ()
    blanked: str = ""

    def spans(self, stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where stretches of the folded text lie in the original, one for each."""
        begins = list(accumulate((len(_FOLDS[ord(character)]) for character in self.blanked), initial=0))
        found = []
        for start, end in stretches:
            first = bisect_right(begins, self._halfway(start)) - 1
            last = bisect_right(begins, self._halfway(end - 1)) - 1
            found.append((first, last + 1))
        return found

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where one stretch of the folded text lies in the original."""
        return self.spans([(start, end)])[0]

    def _halfway(self, place: int) -> int:
        """Undo the cuts: the place before anything was left out."""
        if not self.cuts:
            return place
        low = place
        while True:
            moved = place + bisect_right(self.cuts, low)
            if moved == low:
                return low
            low = moved


def fold(text: str) -> Folded:
    """The text without differences of case, width, accent, joiner, digit, stress mark and repetition.

    Addresses, names of accounts and character references become words of their own, whatever they are.
    """
    original = text
    if _ADDRESS_SIGNS.search(text):
        text = _ADDRESSES.sub(_blank, text)
    halfway = _ascii(text) if text.isascii() else text.translate(_FOLDS)
    if "եվ" in halfway:
        halfway = halfway.replace("եվ", "եւ")
    cuts: list[tuple[int, int]] = [(run.start() + 1, run.end()) for run in _RUNS.finditer(halfway)]
    if _HAS_PERSIAN.search(halfway):
        cuts += [(join.start(), join.end()) for join in _PERSIAN_JOINS.finditer(halfway)]
        cuts.sort()
    if not cuts:
        return Folded(original, halfway, (), text)
    return _cut(original, text, halfway, cuts)


def _ascii(text: str) -> str:
    """What most English is: the same folds by table, many times faster."""
    return text.encode("ascii").translate(_ASCII, _ASCII_GONE).decode("ascii")


def _cut(original: str, text: str, halfway: str, cuts: list[tuple[int, int]]) -> Folded:
    kept: list[str] = []
    gone: list[int] = []
    place = 0
    for start, end in cuts:
        kept.append(halfway[place:start])
        gone.extend(range(max(start, place), end))
        place = max(place, end)
    kept.append(halfway[place:])
    return Folded(original, "".join(kept), tuple(gone), text)
