"""The reader of texts that this installation has: the shipped lexicon, and the shipped model while it is whole."""

import logging
from functools import cache
from pathlib import Path
from typing import Final

from pharos.content.loader import FOLDER, load
from pharos.engine.text.lexicon import Lexicon
from pharos.engine.text.model import DamagedModelError, Model, parse
from pharos.engine.text.signals import Context, Reader, Signals

MODEL: Final = FOLDER / "signal_model.safetensors"
log = logging.getLogger(__name__)


@cache
def reader() -> Reader:
    """Read once, kept for all. A transformer or a remote model may one day stand here behind the same two calls."""
    return Reader(Lexicon(load("signal_lexicon")), load_model(MODEL))


def load_model(path: Path) -> Model | None:
    """The model of a file; nothing, and one clear line in the log, if it is damaged or not there."""
    try:
        return parse(path.read_bytes())
    except (OSError, DamagedModelError) as error:
        log.error(  # noqa: TRY400 - one clear line, not a trace
            "signals are read with the lexicon only: the model %s cannot be used: %s", path.name, error
        )
        return None


def read(text: str, *, language: str | None = None, context: Context | None = None) -> Signals:
    """The signals of one text; `language` is what to expect where the text does not tell."""
    return reader().read(text, language=language, context=context)
