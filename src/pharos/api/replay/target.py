"""Which centre the wave goes to, and with which tokens."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pharos.api.replay.roads import Road, read


class NoCentre(Exception):
    """There is nothing to send to; its text says what to do."""


@dataclass(frozen=True)
class Target:
    """A running centre, as other systems and its agents reach it."""

    url: str
    token: str
    incident: str
    agents: tuple[str, ...]
    zone: str = "UTC"
    roads: Mapping[str, Road] = field(default_factory=dict)
    smtp: str = ""


def find(
    *,
    url: str,
    token: str,
    incident: str,
    agents: int,
    agent_tokens: tuple[str, ...],
    entries: Path | None = None,
    smtp: str = "",
) -> Target:
    """What was named; the rest comes from the local example organisation, which is made when it is not there."""
    if token and url and (len(agent_tokens) >= agents or not agents):
        known = read(_entries(entries)) if entries else {}
        return Target(url.rstrip("/"), token, incident, agent_tokens[:agents], roads=known, smtp=smtp)
    if token:
        raise NoCentre("--token needs --url, and one --agent-token for each agent to be played.")
    demo = _demo(agents)
    return Target(
        url=(url or demo["url"]).rstrip("/"),
        token=demo["api_token"],
        incident=incident or demo["incident"],
        agents=tuple(agent["token"] for agent in demo["agents"][:agents]),
        zone=demo.get("time_zone", "UTC"),
        roads=read(demo),
        smtp=smtp,
    )


def _entries(file: Path) -> dict[str, Any]:
    """What `pharos demo --json` prints, or its entries alone."""
    try:
        made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        read(made)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NoCentre(f"{file} does not name entry points: {error}") from error
    return made


def _demo(agents: int) -> dict[str, Any]:
    program = Path(sys.executable).with_name("pharos")
    more = ["--agents", str(agents)] if agents else []
    done = subprocess.run(  # noqa: S603 - our own program beside this Python
        [str(program), "demo", "--json", *more], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoCentre(f"The example organisation could not be made:\n{done.stderr.strip() or done.stdout.strip()}")
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def check(target: Target) -> None:
    """Raises `NoCentre` when nobody answers there, or the token is not theirs."""
    address = httpx.URL(f"{target.url}/api/v1/queue/summary")
    headers = {"Authorization": f"Bearer {target.token}", "Host": address.netloc.decode()}
    if address.host.endswith(".localhost"):
        address = address.copy_with(host="127.0.0.1")
    try:
        answer = httpx.get(address, headers=headers, timeout=30, trust_env=False)
    except httpx.HTTPError as error:
        raise NoCentre(
            f"No centre answers at {target.url} ({error}). Start it with `make run`, or name it by --url."
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise NoCentre(f"{target.url} does not take this token: HTTP {answer.status_code}.")
