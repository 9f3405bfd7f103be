"""`pharos replay`: a recorded day against a running centre."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pharos.api.replay import drive, target, wave
from pharos.api.replay.doors import Outcome
from pharos.api.replay.players import Floor
from pharos.api.replay.tally import Tally

STOPPED = 130
DOORS = {
    "api": "API call",
    "form": "form",
    "chat": "chat page",
    "mail": "mail server",
    "text": "text webhook",
    "social": "social webhook",
}


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--speed", default=60.0, show_default=True, type=click.FloatRange(min=0.01), help="Times faster than the day."
)
@click.option("--url", default="", help="Address of the centre; left out: the local one.")
@click.option("--token", default="", help="A token of another system there.")
@click.option("--incident", default="", help="Slug of the incident whose form is used.")
@click.option(
    "--entries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its entry points, as `pharos demo --json` prints them there.",
)
@click.option("--smtp", default="", help="The mail server that mail rows are handed to: smtp://127.0.0.1:25")
@click.option("--agents", default=0, show_default=True, type=click.IntRange(0, 200), help="How many agents to play.")
@click.option(
    "--agent-token", "agent_tokens", multiple=True, help="An agent's token there; once for each agent played."
)
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many rows.")
@click.option(
    "--at-once", default=24, show_default=True, type=click.IntRange(1, 500), help="Requests under way at most."
)
@click.option("--seed", default=1, show_default=True, help="Of the agents' handle times.")
@click.option("--wait/--no-wait", "waits", default=True, help="Wait for acknowledgements until their minute is over.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    *,
    file: Path,
    speed: float,
    url: str,
    token: str,
    incident: str,
    entries: Path | None,
    smtp: str,
    agents: int,
    agent_tokens: tuple[str, ...],
    limit: int | None,
    at_once: int,
    seed: int,
    waits: bool,
    as_json: bool,
) -> None:
    """Send a recorded day (JSON Lines) through the doors of a running centre, and count what became of it.

    Each row goes through its own door: the form, the chat's page, the signed webhooks of text messages and social
    networks, and mail through the mail server that --smtp names. Phone rows, and those whose door is not known, go
    over the API. Without --url it aims at the local example organisation, which is made when it is not there.
    """
    try:
        rows = wave.read(file, limit=limit)
        found = target.find(
            url=url,
            token=token,
            incident=incident,
            agents=agents,
            agent_tokens=agent_tokens,
            entries=entries,
            smtp=smtp,
        )
        target.check(found)
    except target.NoCentre as error:
        raise click.ClickException(str(error)) from error
    plan = drive.Plan(speed=speed, at_once=at_once, seed=seed, waits=waits)
    tally = Tally(unreadable=len(rows.unreadable))
    floor, stopped = asyncio.run(_show(rows, found, plan, tally))
    result = tally.result() | {"agents": dict(floor.counts) | {"played": len(found.agents)} if floor else None}
    if as_json:
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        Console().print(_table(result, rows.unreadable))
    sys.exit(STOPPED if stopped else 0)


async def _show(rows: wave.Wave, found: target.Target, plan: drive.Plan, tally: Tally) -> tuple[Floor | None, bool]:
    """Run with progress on the error stream. Ctrl-C lets what is under way come back; twice, it stops at once."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True)) as progress:
        sending = progress.add_task("sent", total=len(rows.rows), note="")
        refused = 0
        closing = progress.add_task("closed", total=None, note="", visible=False)

        def sent(outcome: Outcome) -> None:
            nonlocal refused
            refused += not outcome.reference
            progress.update(sending, advance=1, note=f"refused {refused}" if refused else "")

        def closed(done: int, of: int) -> None:
            progress.update(closing, completed=done, total=of, visible=True)

        stop = asyncio.Event()
        running = asyncio.create_task(drive.run(rows, found, plan, tally, shown=drive.Shown(sent, closed), stop=stop))
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGINT, lambda: running.cancel() if stop.is_set() else stop.set()
        )
        try:
            return await running, stop.is_set()
        except asyncio.CancelledError:
            return None, True


def _table(result: dict[str, Any], unreadable: list[str]) -> Table:
    table = Table("", "", title="Replay", show_header=False, title_justify="left")
    for name, value in _lines(result):
        table.add_row(name, value)
    for line in unreadable[:5]:
        table.add_row("  unreadable", line)
    return table


def _lines(result: dict[str, Any]) -> list[tuple[str, str]]:
    promise, latency = result["promise"], result["latency_ms"]
    return [
        ("sent", str(result["sent"])),
        ("accepted", str(result["accepted"])),
        ("refused", str(result["refused"])),
        *((f"  {reason}", str(count)) for reason, count in result["refused_by_reason"].items()),
        (
            "acknowledged within a minute",
            f"{result['acknowledged_in_60s']} of {result['with_address']} with an address",
        ),
        ("first answers", str(promise["answered"])),
        (
            "promise error",
            "nobody answered yet" if promise["mean_error_s"] is None else f"{promise['mean_error_s']} s mean",
        ),
        ("promises kept", "nobody answered yet" if promise["kept_share"] is None else f"{promise['kept_share']:.1%}"),
        ("requests a second", str(result["per_second"])),
        ("tried again", str(result["tried_again"])),
        *((f"{DOORS[name]} p50 / p99", _percentiles(spread)) for name, spread in latency.items()),
        *([("agents", ", ".join(f"{name} {n}" for name, n in result["agents"].items()))] if result["agents"] else []),
    ]


def _percentiles(spread: dict[str, float] | None) -> str:
    return "none" if spread is None else f"{spread['p50']} / {spread['p99']} ms"
