"""A mail server that lists mail and does not give it: on top of a real one, as a test wants it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pharos.channels.email.imap import Given, Mailbox
from pharos.channels.email.imap_failures import Unreachable


class Moods:
    """Of which mails (by UID) it says nothing, over which it hangs up, and what it was asked for."""

    def __init__(self) -> None:
        self.leaves_out: set[int] = set()
        self.hangs_up_over: set[int] = set()
        self.breaks = 0  # so many times the line breaks, whatever is asked for
        self.gives_nothing = False
        self.asked: list[list[int]] = []

    def fetch(self, uids: Sequence[int], whole: Any) -> Given:
        """What it says when it is asked for these."""
        self.asked.append(list(uids))
        if self.breaks or self.hangs_up_over & {*uids}:
            self.breaks = max(0, self.breaks - 1)
            raise Unreachable("the connection ended")
        if self.gives_nothing:
            return Given([], list(uids))
        given = whole(uids)
        left_out = [uid for uid in uids if uid in self.leaves_out]
        return Given([mail for mail in given.mails if mail.uid not in left_out], [*given.left_out, *left_out])


@contextmanager
def moods(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moods]:
    """Every mailbox is of this server until the block ends."""
    whole, said = Mailbox.fetch, Moods()
    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "fetch", lambda box, uids: said.fetch(uids, lambda some: whole(box, some)))
        yield said
