"""How far a mailbox was read, as its entry keeps it from one worker to the next."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self

FEWER: Final = (25, 5)  # mails marked with one command, after so many failures over them; then each alone
GIVEN_UP: Final = 5  # failures
MOST_UNMARKED: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Up to `uid` all was read but what is `missed`; up to `backlog` only what matches `among` (an IMAP search)."""

    box: str = ""  # which mailbox it is of
    validity: int = 0
    uid: int = 0
    backlog: int = 0
    among: str = ""
    since: str = ""  # the day (ISO) on which it was read for the first time
    given: int = 0  # the newest UID that the server gave
    missed: dict[str, int] = field(default_factory=dict)  # UIDs that were not given, and after how many tries
    unmarked: dict[str, int] = field(default_factory=dict)  # UIDs of what is kept and not marked yet; failures over it

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """As an entry keeps it."""
        return cls(**{name: kept[name] for name in cls.__dataclass_fields__ if name in kept})

    @property
    def in_a_row(self) -> int:
        """How many were not given since one was."""
        return sum(int(uid) > self.given for uid in self.missed)

    def passed(self, *, given: Collection[int] = (), gone: Collection[int] = (), tried: Collection[int] = ()) -> Self:
        """Past these: what was given, or has gone, is missed no more; what was asked for in vain is, once more."""
        missed = {uid: tries for uid, tries in self.missed.items() if int(uid) not in {*given, *gone}}
        for uid in tried:
            missed[str(uid)] = missed.get(str(uid), 0) + 1
        unmarked = list({**self.unmarked, **{str(uid): 0 for uid in given}}.items())
        return replace(
            self,
            uid=max([self.uid, *given, *gone, *tried]),
            given=max([self.given, *given]),
            missed=missed,
            unmarked=dict(unmarked[-MOST_UNMARKED:]),
        )

    def to_mark(self) -> list[int]:
        """What to mark next: first what no failure was over; what failed together is tried in fewer, then alone."""
        failures = min(self.unmarked.values(), default=0)
        these = sorted(int(uid) for uid, seen in self.unmarked.items() if seen == failures)
        return these[: FEWER[failures] if failures < len(FEWER) else 1]

    def marked(self, uids: Collection[int]) -> Self:
        """These are marked, or cannot be."""
        return replace(self, unmarked={uid: seen for uid, seen in self.unmarked.items() if int(uid) not in uids})

    def failed_over(self, uids: Collection[int]) -> Self:
        """Marking these failed once more; after some failures they stay as they are."""
        failures = {uid: seen + (int(uid) in uids) for uid, seen in self.unmarked.items()}
        return replace(self, unmarked={uid: seen for uid, seen in failures.items() if seen < GIVEN_UP})

    def kept(self) -> dict[str, Any]:
        """For the entry to keep."""
        return asdict(self)
