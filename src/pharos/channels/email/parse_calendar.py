"""What an invitation says, for a mail that says nothing else (RFC 5545)."""

import re
from typing import Final

LINES_MOST: Final = 5000
SHOWN: Final = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "DESCRIPTION")
PROPERTY: Final = re.compile(r'([A-Za-z-]{1,40}+)((?:;[^:"]{0,200}(?:"[^"]{0,200}")?){0,10}+):(.*)', re.DOTALL)
MOMENT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$")
ESCAPED: Final = re.compile(r"\\([\\;,nN])")


def event(source: str) -> str:
    """Summary, time, place and words of the first event, one line each; the time as the invitation has it."""
    found: dict[str, str] = {}
    within = False
    for line in re.sub(r"\n[ \t]", "", source).split("\n")[:LINES_MOST]:
        match = PROPERTY.match(line[:20_000])
        if not match:
            continue
        name, value = match[1].upper(), match[3].strip()
        if name in {"BEGIN", "END"} and value.upper() in {"VEVENT", "VTODO"}:
            if name == "END":
                break
            within = True
        elif within and name in SHOWN and name not in found:
            found[name] = _moment(value, match[2]) if name.startswith("DT") else _unescaped(value)
    return "\n".join(found[name] for name in SHOWN if found.get(name))


def _unescaped(value: str) -> str:
    return ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def _moment(value: str, parameters: str) -> str:
    match = MOMENT.match(value)
    if not match:
        return value
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if not match[4]:
        return day
    zone = re.search(r"TZID=\"?([^;:\"]{1,60})", parameters, re.IGNORECASE)
    return f"{day} {match[4]}:{match[5]} {'UTC' if match[7] else zone[1] if zone else ''}".rstrip()
