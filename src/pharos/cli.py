"""The command line: `pharos run`, and its parts one by one. Django is loaded only by the commands that need it."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pharos")
def main() -> None:
    """Pharos, a contact centre for the worst day."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharos.settings")


def _ready() -> None:
    """Django set up, and the database up to date; one clear line when the database is not there."""
    import django  # noqa: PLC0415 - what does not need it starts at once

    django.setup()
    from django.db import Error  # noqa: PLC0415

    from pharos.actions import keys  # noqa: PLC0415
    from pharos.jobs import processes  # noqa: PLC0415

    try:
        processes.prepare()
        keys.check(now=_now())
    except keys.KeyMissing as error:
        raise SystemExit(f"pharos: PHAROS_NEEDS_KEYS: {error}") from None
    except Error as error:
        said = str(error).partition("\n")[0]
        raise SystemExit(f"pharos: PHAROS_DATABASE_URL: the database cannot be used: {said}") from None


def _now() -> datetime:
    return datetime.now(UTC)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--demo", is_flag=True, help="Make the example organisation first.")
def run(host: str, port: int, demo: bool) -> None:
    """Start everything: web and worker, on one machine."""
    _run(host, port, demo=demo)


def _run(host: str, port: int, *, demo: bool) -> None:
    from pharos.jobs import processes  # noqa: PLC0415

    listening = processes.listen(host, port)
    address = processes.address(listening)
    _remember(address)
    _ready()
    if demo:
        from pharos.actions.demo import ensure  # noqa: PLC0415

        made = ensure(now=_now())
        click.echo(f"Demo:        {made.url}/demo/")
    _greet(address)
    processes.supervise(
        {"web": lambda: processes.web(listening), "worker": lambda: processes.work(())}, listening=listening
    )


def _remember(address: str) -> None:
    """Links go to where customers reach us if that is set, else to where we listen."""
    from pharos import environment  # noqa: PLC0415

    environment.remember_address(environment.read(), address)


def _greet(address: str) -> None:
    from pharos.actions.setup import first_administrator_link  # noqa: PLC0415

    click.echo(f"Pharos is at {address}/")
    click.echo(f"Staff sign in at {address}/account/login/")
    link = first_administrator_link(now=_now())
    if link:
        click.echo(f"\nMake the first administrator here (once, within an hour):\n  {link}\n")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes; on PostgreSQL.")
def web(host: str, port: int, workers: int) -> None:
    """Serve pages: one process, or several on PostgreSQL."""
    from pharos.jobs import processes  # noqa: PLC0415

    listening = processes.listen(host, port)
    _remember(processes.address(listening))
    if workers > 1:
        processes.count_together()
    _ready()
    if workers == 1:
        processes.web(listening)
        return
    from django.conf import settings  # noqa: PLC0415

    if settings.SQLITE:
        raise click.ClickException("several web processes need PostgreSQL: see PHAROS_DATABASE_URL")
    parts = {f"web {number}": lambda: processes.web(listening) for number in range(1, workers + 1)}
    processes.supervise(parts, listening=listening)


@main.command()
@click.argument("loops", nargs=-1)
def work(loops: Sequence[str]) -> None:
    """One worker: all loops, or only those named."""
    _ready()
    from pharos.jobs import processes  # noqa: PLC0415

    processes.work(loops)


@main.command()
@click.argument("name")
@click.option("--agent", default="", help="User name of the agent who works with it.")
@click.option("--organisation", default="", help="Slug of the organisation, where there are several.")
def token(name: str, agent: str, organisation: str) -> None:
    """Make a bearer token for the API and print it; it is not shown again."""
    _ready()
    from pharos.actions import tokens  # noqa: PLC0415
    from pharos.models import Agent, Organisation  # noqa: PLC0415

    named = Organisation.objects.filter(**({"slug": organisation} if organisation else {}))
    owner = named.order_by("is_demo", "id").first()
    if owner is None:
        raise click.ClickException("there is no such organisation; set one up first")
    worker = Agent.objects.filter(organisation=owner, user__username__iexact=agent).first() if agent else None
    if agent and worker is None:
        raise click.ClickException(f"{agent} is no agent of {owner.slug}")
    _row, plain = tokens.make_token(organisation=owner, name=name, agent=worker, now=_now())
    click.echo(plain)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON, tokens included.")
@click.option("--agents", default=0, type=click.IntRange(0, 200), help="So many agents who may serve everybody.")
@click.option("--run", "starts", is_flag=True, help="Then start everything, as `pharos run --demo` does.")
def demo(as_json: bool, agents: int, starts: bool) -> None:
    """Make the example organisation, or renew its tokens."""
    if starts:
        _run("127.0.0.1", 8000, demo=True)
        return
    _ready()
    from pharos.actions.demo import ensure  # noqa: PLC0415
    from pharos.actions.errors import Refused  # noqa: PLC0415

    try:
        made = ensure(now=_now(), agents=agents)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo(json.dumps(asdict(made), ensure_ascii=False, indent=2) if as_json else f"{made.url}/demo/")


@main.command()
@click.argument("target", metavar="TO", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Write everything into one file, while it runs: the database, uploads, kept mail and the key."""
    import django  # noqa: PLC0415

    django.setup()
    from django.db import Error  # noqa: PLC0415

    from pharos.jobs.backup import NotMade, backup  # noqa: PLC0415
    from pharos.jobs.postgresql import ProgramFailed  # noqa: PLC0415

    if target.exists():
        raise click.ClickException(f"{target} is there already")
    try:
        made = backup(target, now=_now())
    except (NotMade, ProgramFailed, OSError, Error) as error:
        raise click.ClickException(f"no backup was made: {error}") from None
    click.echo(f"{target}: {sum(made.rows.values())} rows, {len(made.files)} files")


@main.command()
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is there already.")
def restore(source: Path, force: bool) -> None:
    """Put a backup back, with Pharos stopped: into an empty database and data folder."""
    import django  # noqa: PLC0415

    django.setup()
    from django.db import Error  # noqa: PLC0415

    from pharos.jobs.archive import BadArchive  # noqa: PLC0415
    from pharos.jobs.postgresql import ProgramFailed  # noqa: PLC0415
    from pharos.jobs.restore import HalfRestored, NotRestored, restore  # noqa: PLC0415

    try:
        made = restore(source, now=_now(), force=force)
    except (BadArchive, NotRestored, ProgramFailed, OSError, Error) as error:
        raise click.ClickException(f"nothing was restored: {error}") from None
    except HalfRestored as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Restored what was kept at {made.made_at}: {sum(made.rows.values())} rows, {len(made.files)} files")
    _ready()


@main.command("rotate-keys")
def rotate_keys() -> None:
    """Seal what people need anew with the newest key; a key that we keep ourselves is made anew first."""
    _ready()
    from django.conf import settings  # noqa: PLC0415

    from pharos import environment  # noqa: PLC0415
    from pharos.actions import keys  # noqa: PLC0415

    given = settings.ENVIRONMENT
    if not given.needs_keys:  # the key before stays for who still writes with it; older ones open nothing any more
        kept = environment.needs_keys(given)
        environment.keep_needs_keys(given, [environment.new_key(), kept[0]])
    sealed = keys.seal_anew(now=_now())
    click.echo(f"{sealed} needs are sealed with the newest key.")


@main.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: Sequence[str]) -> None:
    """Django's own commands."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(["pharos manage", *arguments])


class _KeptOnFailure(click.Command):
    """A command that a mail server calls: told wrongly, it must not send people's mail back to them."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as error:
            error.show()
            raise SystemExit(os.EX_TEMPFAIL) from None


@main.command("mail-in", cls=_KeptOnFailure)
@click.argument("address")
@click.option("--sender", default=None, help="Sender on the envelope; empty when there is none.")
@click.option("--organisation", default="", help="Slug of the organisation, where several have this address.")
def mail_in(address: str, sender: str | None, organisation: str) -> None:
    """Take in one mail from standard input, for a mail server: on failure it is told to keep the mail."""
    try:
        import django  # noqa: PLC0415

        django.setup()
        from pharos.channels.email import pipe  # noqa: PLC0415

        raw = sys.stdin.buffer.read(pipe.MOST_BYTES + 1)
        path = None if sender is None else sender.strip("<> ")
        ended = pipe.hand_over(raw, address=address, house=organisation, return_path=path, now=_now())
    except BaseException as error:  # noqa: BLE001 - whatever it was: the mail must stay where it is
        click.echo(f"pharos mail-in: not now: {type(error).__name__}", err=True)
        raise SystemExit(os.EX_TEMPFAIL) from None
    if ended.code:
        click.echo(f"pharos mail-in: {ended.line}", err=True)
    raise SystemExit(ended.code)


class _Replay(click.Command):
    """The replay client, imported when it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> click.Context:
        from pharos.api.replay.command import command  # noqa: PLC0415

        return command.make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        return ctx.command.invoke(ctx)


@main.command("paper-form")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", "languages", multiple=True, help="One of en, fa, hy, zh-hans; all without it.")
@click.option("--name", default="", help="Name of the organisation, to stand on top.")
def paper_form(folder: Path, languages: Sequence[str], name: str) -> None:
    """Write the request form on paper as PDFs, one for each language."""
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from pharos.desktop.paper_pdf import NoFace, pdf  # noqa: PLC0415

    known = [code for code, _name in settings.LANGUAGES]
    unknown = [one for one in languages if one not in known]
    if unknown:
        raise click.ClickException(f"there is no form in {', '.join(unknown)}; there are {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for language in languages or known:
            target = folder / f"pharos-form-{language}.pdf"
            target.write_bytes(pdf(language, name))
            click.echo(target)
    except (NoFace, OSError) as error:
        raise click.ClickException(str(error)) from None


@main.command("train-signals")
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the public sets that docs/signals.md names.",
)
@click.option(
    "--to", "target", default=None, type=click.Path(dir_okay=False, path_type=Path), help="Write here instead."
)
def train_signals(data: Path, target: Path | None) -> None:
    """Make the model that signals are read with, anew; minutes on one core."""
    from pharos.queries.signals import MODEL  # noqa: PLC0415

    try:
        from pharos.jobs import signal_training  # noqa: PLC0415

        made = signal_training.train(data, click.echo)
        (target or MODEL).write_bytes(made)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"no model was made: {error}; pip install -r requirements-training.txt") from None
    except (OSError, KeyError, ValueError) as error:
        raise click.ClickException(f"no model was made: {error!r}") from None
    click.echo(f"{target or MODEL}: {len(made) / 1e6:.1f} MB")


main.add_command(_Replay("replay", help="Send a recorded wave through the real doors of a running centre."))

if __name__ == "__main__":
    sys.exit(main())
