"""What people's words suggest, message by message: the texts of many at once, and the turns of a transcript."""

import logging
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

from pharos.engine import cues, transcripts
from pharos.engine.cues import Found
from pharos.engine.text.signals import Context, Signals
from pharos.queries import signals

log = logging.getLogger(__name__)
BETWEEN: Final = "\n\n"
WARM: Final = "help"


class Said(NamedTuple):
    """The words of one message. `is_call`: a transcript; `hazard`: they came while people are hurt or enclosed."""

    id: int
    text: str
    language: str
    is_call: bool
    hazard: bool


class _Piece(NamedTuple):
    id: int
    offset: int
    text: str
    is_whole: bool = False  # a call with all that was said in it: read for danger alone


def words_of(subject: str, body: str) -> str:
    """The words of a message as they are read, and as places in them are counted."""
    return f"{subject}{BETWEEN}{body}" if subject else body


def warm() -> None:
    """Load lexicon and model, before the first words come."""
    signals.read(WARM)


@cache
def model_fault() -> str:
    """Why signals come from the lexicon only, in plain words; blank while the model is whole."""
    return "" if signals.load_model(signals.MODEL) else "the model cannot be used: signals come from the lexicon only"


def hear(said: Sequence[Said]) -> dict[int, list[Found]]:
    """What each message suggests, by its id. A text that cannot be read suggests nothing and stops no other."""
    found: dict[int, list[Found]] = {one.id: [] for one in said}
    groups: dict[tuple[str, bool], list[_Piece]] = {}
    for one in said:
        groups.setdefault((one.language, one.hazard), []).extend(_pieces(one))
    for (language, hazard), pieces in groups.items():
        for piece, read in zip(pieces, _read_all(pieces, language, Context(hazard=hazard)), strict=True):
            if read is not None:
                found[piece.id] += _suggested(piece, read)
    return {id_: cues.joined(each) for id_, each in found.items()}


def read_transcript(
    text: str, *, ours: Collection[str] = (), language: str = "", context: Context | None = None
) -> list[Found]:
    """What the person's turns of a transcript suggest, with places in the whole of it; danger, whoever spoke of it.

    `ours`: names of colleagues, whose turns do not count; whoever is not known to be one is the person.
    """
    pieces = _turns(0, text, ours)
    read = _read_all(pieces, language, context or Context())
    return cues.joined(
        found for piece, one in zip(pieces, read, strict=True) if one is not None for found in _suggested(piece, one)
    )


def _suggested(piece: _Piece, read: Signals) -> list[Found]:
    found = cues.suggestions(read, offset=piece.offset)
    return [one for one in found if one.sort == cues.DANGER] if piece.is_whole else found


def _pieces(said: Said) -> list[_Piece]:
    """A call is kept as its transcript; any other message is the person's as a whole."""
    if not said.is_call:
        return [_Piece(said.id, 0, said.text)]
    try:
        return _turns(said.id, said.text)
    except Exception as error:  # noqa: BLE001 - what cannot be parted is heard as it stands
        log.error("the turns of message %d cannot be told apart: %s", said.id, type(error).__name__)  # noqa: TRY400
        return [_Piece(said.id, 0, said.text)]


def _turns(id_: int, text: str, ours: Collection[str] = ()) -> list[_Piece]:
    """The turns of the person, and all of it besides: a turn that was put down as ours must not hide danger."""
    turns = [_Piece(id_, turn.start, text[turn.start : turn.end]) for turn in transcripts.of_the_person(text, ours)]
    return [*turns, _Piece(id_, 0, text, is_whole=True)]


def _read_all(pieces: Sequence[_Piece], language: str, context: Context) -> Iterable[Signals | None]:
    reader = signals.reader()
    try:
        return reader.read_many([piece.text for piece in pieces], language=language or None, context=context)
    except Exception:  # noqa: BLE001 - one text must not keep the others from being read
        return [_read(piece, language, context) for piece in pieces]


def _read(piece: _Piece, language: str, context: Context) -> Signals | None:
    try:
        return signals.read(piece.text, language=language or None, context=context)
    except Exception as error:  # noqa: BLE001 - its words go nowhere, the log least of all
        log.error("the signals of message %d cannot be read: %s", piece.id, type(error).__name__)  # noqa: TRY400
        return None
