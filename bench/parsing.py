"""How long it takes to read one mail, by shape, beside the standard library's own parser on the same bytes.

The library only takes apart what this also decodes, makes safe, folds and judges.
"""

import argparse
import os
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tests.channels import mails

WORDS = "We are at gate 4 with two children and no place to stay tonight. "


class Speed(NamedTuple):
    """One shape: bytes, milliseconds a mail here and in the library."""

    shape: str
    size: int
    ours_ms: float
    library_ms: float


def main() -> None:
    """Print the table."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharos.settings")
    django.setup()
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    table = Table("mail", "bytes", "ms", "mails/s", "library ms", "times as long")
    for shape, size, ours, library in parse_speed(quick=arguments.parse_args().quick):
        row = (f"{size:,}", f"{ours:.2f}", f"{1000 / ours:,.0f}", f"{library:.2f}", f"{ours / library:.1f}")
        table.add_row(shape, *row)
    Console(width=110).print(table)


def parse_speed(*, quick: bool = False) -> list[Speed]:
    """Every shape, the best of three rounds each."""
    from pharos.channels.email.parse import parse

    seconds = 0.05 if quick else 0.5
    return [
        Speed(shape, len(raw), _ms(lambda: parse(raw), seconds), _ms(lambda: _library(raw), seconds))  # noqa: B023
        for shape, raw in shapes().items()
    ]


def shapes() -> dict[str, bytes]:
    """What people send, from a line to a long page and a large file."""
    old = "On Tue, Mar 10, 2026 at 12:00 PM Ko <ko@x.org> wrote:\n" + "".join(f"> {WORDS}\n" for _ in range(40))
    reply = f"<div dir='ltr'>{WORDS}</div><div>On Tue, Mar 10, 2026 at 12:00 PM Ko &lt;ko@x.org&gt; wrote:</div>"
    rows = "".join(f"<tr><td style='color:#333'><p>{WORDS}</p></td><td><b>{n}</b></td></tr>" for n in range(1500))
    photo = mails.coded("image/jpeg; name=a.jpg", bytes(range(256)) * 4 * 1024 * 4)
    return {
        "one line": mails.plain(WORDS),
        "windows-1256, undeclared": mails.plain("", raw=mails.ARABIC_LETTERS.encode("cp1256") * 20, charset="us-ascii"),
        "reply with old mail": mails.plain(f"{WORDS}\n\n{old}"),
        "reply as page": mails.multi(
            "alternative",
            mails.part("text/plain", f"{WORDS}\n\n{old}"),
            mails.part("text/html", f"{reply}<blockquote>{old}</blockquote>"),
        ),
        "page of 1,500 rows": mails.page(f"<table>{rows}</table>"),
        "report": mails.report(
            "Final-Recipient: rfc822; a@x.org\nAction: failed\nStatus: 5.1.1\n", original=mails.ORIGINAL
        ),
        "photo of 4 MB": mails.multi("mixed", mails.part("text/plain", WORDS), photo),
        "six photos of 4 MB": mails.multi("mixed", mails.part("text/plain", WORDS), *[photo] * 6),
    }


def _library(raw: bytes) -> None:
    mail = message_from_bytes(raw, policy=policy.default)
    for part in mail.walk():
        part.get_payload(decode=True)


def _ms(work: Callable[[], object], seconds: float) -> float:
    work()
    best = float("inf")
    for _ in range(3):
        begun, times = time.perf_counter(), 0
        while times == 0 or time.perf_counter() - begun < seconds:
            work()
            times += 1
        best = min(best, (time.perf_counter() - begun) / times)
    return best * 1000


if __name__ == "__main__":
    main()
