"""``stonks exchange``: the paper exchange as a server that speaks Alpaca's trading API."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stonks.cli.options import Data
from stonks.cli.session import run, stop_on_signal

if TYPE_CHECKING:
    from stonks.app import ExchangeOptions

exchange = typer.Typer(help="The paper exchange as a server of its own.", no_args_is_help=True)


@exchange.callback()
def _group() -> None:
    """Keep ``serve`` a word of its own while it is the only verb."""


@exchange.command()
def serve(
    data: Data = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8917,
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Where a tape's time begins, in UTC."),
    ] = None,
    rate: Annotated[float, typer.Option("--rate", min=0, help="Virtual seconds a second, on a tape.")] = 3600.0,
    sim: Annotated[bool, typer.Option("--sim", help="Let clients move the clock and make faults: /_sim.")] = False,
    per_minute: Annotated[int, typer.Option("--per-minute", min=1, help="Requests a minute that are answered.")] = 200,
    no_latency: Annotated[
        bool, typer.Option("--no-latency", help="Orders arrive at once, not after 50-250 ms.")
    ] = False,
) -> None:
    """Serve Alpaca's trading API v2 and its stream on loopback, over the bars of the tape; orders stay on paper.

    Any key is good. Alpaca's own client: TradingClient("any", "key", url_override=ADDRESS).
    """
    from stonks.app import ExchangeOptions

    begin = at.replace(tzinfo=UTC) if at else None
    options = ExchangeOptions(
        port=port, at=begin, rate=rate, simulated=sim, per_minute=per_minute, latency=not no_latency
    )
    run(_serve(data, options))


async def _serve(data: Data, options: "ExchangeOptions") -> None:
    from stonks.app import open_exchange, open_servers
    from stonks.runtime.logs import configure_logs
    from stonks.settings import read_settings

    stop = stop_on_signal()
    settings = read_settings(data_dir=data)
    configure_logs(settings.log_level)
    async with open_servers(settings) as servers, open_exchange(settings, servers, options) as address:
        typer.echo("broker     paper exchange: no real money can move")
        typer.echo(f"exchange   {address}")
        typer.echo(f"stream     {address.replace('http', 'ws', 1)}/stream")
        if options.simulated:
            typer.echo(f"simulation {address}/_sim")
        await stop.wait()
