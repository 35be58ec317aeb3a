"""``stonks risk``: what every gate says to an order."""

import getpass
from enum import StrEnum
from typing import Annotated
from uuid import uuid4

import typer

from stonks.cli.options import AsJson, Data
from stonks.cli.session import OK, PROBLEM, run
from stonks.model.order import Side

risk = typer.Typer(help="The rules that orders are held to.", no_args_is_help=True)


class _Type(StrEnum):
    """What may be asked for by hand."""

    MARKET = "market"
    LIMIT = "limit"


@risk.callback()
def of_risk() -> None:
    """Ask the rules that orders are held to."""


@risk.command()
def evaluate(
    *,
    ticker: Annotated[str, typer.Option(help="Of which company.")],
    side: Annotated[Side, typer.Option(help="Which way.")],
    quantity: Annotated[str | None, typer.Option("--qty", metavar="SHARES", help="How many shares.")] = None,
    notional: Annotated[str | None, typer.Option(metavar="DOLLARS", help="Instead of shares.")] = None,
    order_type: Annotated[_Type, typer.Option("--type", help="How it meets the market.")] = _Type.MARKET,
    limit: Annotated[str | None, typer.Option(metavar="DOLLARS", help="The limit of a limit order.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Which order this is: asked again, the answer is the same.", show_default="new")
    ] = None,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Print what every gate says to an order, observed and limit; nothing is placed. Exit code 1: it would not go."""
    asked: dict[str, object] = {
        "intent_id": key or f"cli-{uuid4()}",
        "ticker": ticker.upper(),
        "side": side.value,
        "quantity": quantity,
        "notional": notional,
        "type": order_type.value,
        "limit_price": limit,
        "source": "manual",
    }
    run(_evaluate(asked, as_json=as_json, data=data))


async def _evaluate(asked: dict[str, object], *, as_json: bool, data: Data) -> int:
    import msgspec

    from stonks.api.answers.risk import evaluation_answer
    from stonks.api.standing import present
    from stonks.app import account_mode, evaluate_order, open_ports
    from stonks.cli.risk_text import verdict_as_text
    from stonks.model.errors import Refused
    from stonks.model.order_request import OrderRequest, RiskVerdict
    from stonks.settings import read_settings

    async with open_ports(read_settings(data_dir=data)) as ports:
        try:
            ours = {"account": ports.settings.account, "mode": account_mode(ports)}
            request = msgspec.convert(asked | ours, OrderRequest)
        except msgspec.ValidationError as error:
            raise Refused(str(error)) from error
        verdict = await evaluate_order(ports, request, f"cli:{getpass.getuser()}", await present(ports))
    typer.echo(msgspec.json.encode(evaluation_answer(verdict)).decode() if as_json else verdict_as_text(verdict))
    return PROBLEM if verdict.verdict is RiskVerdict.DENIED else OK
