"""``stonks alerts``: the channels on which people hear, and a test of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import AsJson
from stonks.cli.session import OK, PROBLEM, run

if TYPE_CHECKING:
    from stonks.model.alert import Channel

alerts = typer.Typer(help="The channels on which people hear of what happens.", no_args_is_help=True)

_Channel = Annotated[
    str | None,
    typer.Option("--channel", metavar="NAME", help="Only this one, by its name in `stonks alerts list`."),
]


@alerts.command("list")
def list_channels(*, as_json: AsJson = False) -> None:
    """Print every channel of STONKS_ALERTS_URL with what is told on it; nothing secret is shown."""
    run(_list(as_json=as_json))


@alerts.command("test")
def try_out(channel: _Channel = None, *, as_json: AsJson = False) -> None:
    """Send a test alert through every channel, past its rules, and print what came of it; nothing is stored."""
    run(_test(channel, as_json=as_json))


async def _list(*, as_json: bool) -> None:
    import msgspec

    from stonks.app import open_channels
    from stonks.settings import read_settings

    channels = open_channels(read_settings())
    typer.echo(msgspec.json.encode(channels).decode() if as_json else "\n".join(map(_as_line, channels)))


async def _test(only: str | None, *, as_json: bool) -> int:
    import msgspec

    from stonks.app import try_channels
    from stonks.cli.letters import escaped
    from stonks.runtime.logs import configure_logs
    from stonks.settings import read_settings

    settings = read_settings()
    configure_logs(settings.log_level)
    trials = await try_channels(settings, only)
    if as_json:
        typer.echo(msgspec.json.encode(trials).decode())
    else:
        for trial in trials:
            typer.echo(
                f"{trial.channel}: " + (f"sent to {trial.address}" if trial.error is None else escaped(trial.error))
            )
    return OK if all(trial.error is None for trial in trials) else PROBLEM


def _as_line(channel: "Channel") -> str:
    minutes = int(channel.quiet.total_seconds() // 60)
    rules = [f"{channel.severity.value} and louder", f"events {','.join(channel.events)}"]
    rules += [f"the same words once in {minutes} min"] if minutes else []
    rules += [f"up to {channel.per_minute} a minute"] if channel.per_minute is not None else []
    return f"{channel.name}  {channel.address}: {', '.join(rules)}"
