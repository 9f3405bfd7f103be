"""What others tell a caller, from their published descriptions, each from what is known at that moment."""

import numpy as np

from queueing.days import Moment, Seen

SALESFORCE_WINDOW_S = 600.0


def queue_length(seen: Seen, now: Moment, band: int) -> float:
    """Those ahead in the same or a more urgent band, times the handle time, over the agents (the textbook's rule)."""
    ahead = int((now.band <= band).sum())
    return 0.0 if now.idle else (ahead + 1) * seen.centre.handle.mean_s / seen.centre.agents


def last_to_enter_service(seen: Seen, now: Moment, band: int) -> float:
    """The wait of the last one of this band to be answered (Ibrahim and Whitt 2009)."""
    last = seen.answered(now.at_s, band, 1)
    return float(seen.wait[last[-1]]) if len(last) else 0.0


def head_of_line(_seen: Seen, now: Moment, band: int) -> float:
    """How long the first of this band has waited (Ibrahim and Whitt 2009)."""
    return float(now.waited_s[now.band == band].max(initial=0.0))


def asterisk(seen: Seen, now: Moment, band: int) -> float:
    """Hold time as its queue announces it: three parts old, one part the last wait, said in whole minutes."""
    held = 0.0
    for wait in seen.wait[seen.answered(now.at_s, band, 40)]:
        held = (3 * held + wait) / 4
    return 60.0 * int((held + 30) // 60)


def vicidial(seen: Seen, now: Moment, band: int) -> float:
    """The mean hold time of the calls answered today, as its statistics keep it."""
    answered = seen.wait[seen.answered(now.at_s, band, 1 << 40)]
    return float(answered.mean()) if len(answered) else 0.0


def salesforce_chat(seen: Seen, now: Moment, band: int) -> float:
    """Nine tenths of the last estimate, one tenth of the last wait (its Chat REST API)."""
    waits = seen.wait[seen.answered(now.at_s, band, 120)]
    held = float(waits[0]) if len(waits) else 0.0
    for wait in waits[1:]:
        held = 0.9 * held + 0.1 * wait
    return held


def salesforce_omni(seen: Seen, now: Moment, band: int) -> float:
    """The last ten accepted in ten minutes, the latest weighing ten and the first one (Omni-Channel)."""
    last = [n for n in seen.answered(now.at_s, band, 10) if seen.turn[n] >= now.at_s - SALESFORCE_WINDOW_S]
    if not last:
        return 0.0
    weights = np.arange(10, 10 - len(last), -1)[::-1]
    return float(np.average(seen.wait[last], weights=weights))


RULES = {
    "queue length": queue_length,
    "last to enter service": last_to_enter_service,
    "head of line": head_of_line,
    "Asterisk": asterisk,
    "VICIdial": vicidial,
    "Salesforce Chat": salesforce_chat,
    "Salesforce Omni": salesforce_omni,
}
