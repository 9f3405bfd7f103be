"""Log lines without words of a person: no text of an exception, no key that opens a page."""

import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType

SECRET_PART = re.compile(r"(?<=/)[\w-]{20,}")  # of an address: what cannot be guessed is not to be read either
OURS = "pharos"
ABOUT_CODE = (ImportError, NameError, AttributeError)  # what these say is names in our own source


class Lines(logging.Formatter):
    """Shows of an exception where it happened and of what kind it is; what it says may quote a row or a form."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with long parts of addresses left out."""
        return SECRET_PART.sub("…", super().format(record))

    def formatException(  # noqa: N802 - the library's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """The frames and the kinds, innermost cause first."""
        return "\n".join(_lines(ei[1])) if ei[1] else ""


def describe(error: BaseException) -> str:
    """Kind and place in one line: `OperationalError at actions/routing.py:31`."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if f"/{OURS}/" in frame.filename]
    if not ours:
        return type(error).__name__
    return f"{type(error).__name__} at {ours[-1].filename.rpartition(f'/{OURS}/')[2]}:{ours[-1].lineno}"


def _lines(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "which led to"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    yield f"{type(error).__qualname__}: {error}" if isinstance(error, ABOUT_CODE) else type(error).__qualname__
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _lines(part)
