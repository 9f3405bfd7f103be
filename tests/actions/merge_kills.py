"""A process that joins two contacts and is killed on the way, again and again without starting anew."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from pharos.models import Contact
from tests.channels.test_delivery import address_of_the_database

JOINS = """
import os, signal, sys, time
import django
django.setup()
from django.db import connection
from django.utils import timezone
from pharos.actions import merging
from pharos.models import Contact, Merge

def step(execute, sql, params, many, context):
    global left
    done = execute(sql, params, many, context)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return done

def join(keep, other):
    keep, other = (Contact.objects.select_related("agent__user").get(pk=pk) for pk in (keep, other))
    by, now = keep.agent.user, timezone.now()
    with connection.execute_wrapper(step):
        merge = merging.merge(keep=keep, join=other, by=by, reasons=[], now=now)
    return merge, by

for line in sys.stdin:
    keep, other, left, wait_s = line.split()
    left = int(left)
    child = os.fork()
    if not child:
        merge, by = join(keep, other)
        while float(wait_s):
            merging.undo(merge=merge, by=by, now=timezone.now())
            merge, by = join(keep, other)
        os._exit(0)
    if float(wait_s):
        time.sleep(float(wait_s))
        os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Joining:
    """The process; it answers with how the joining ended: 0, or the signal that ended it, below zero."""

    process: "subprocess.Popen[str]"

    def killed_after(self, steps: int, keep: Contact, join: Contact) -> int:
        """Join once, killed when the database has done so many steps of it; 0 when there were fewer."""
        return self._ask(f"{keep.pk} {join.pk} {steps} 0")

    def killed_within(self, seconds: float, keep: Contact, join: Contact) -> int:
        """Join and take apart without end, killed at this moment."""
        return self._ask(f"{keep.pk} {join.pk} 0 {seconds}")

    def _ask(self, question: str) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def joining() -> Iterator[Joining]:
    """It runs on the database of this test, and ends with it."""
    same = {"PHAROS_DATA_DIR": str(settings.DATA_DIR), "PHAROS_DATABASE_URL": address_of_the_database()}
    with subprocess.Popen(
        [sys.executable, "-c", JOINS],
        env={**os.environ, **same},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Joining(process)
        process.kill()
