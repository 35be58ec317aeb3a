"""What people may do to the account: stop it and start it, take orders back, give positions up, try the alerts."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, JSONBody, PathParameter, SkipValidation

from stonks.api.answers.asked import Asked
from stonks.api.answers.controls import AlertTrial, AlertTrials, HaltAsked
from stonks.api.orders import OrderFilter, orders
from stonks.api.reading import OpenPorts
from stonks.api.writing import Act, GivenReason, OpenAct, write
from stonks.app import open_controls, try_channels
from stonks.model.control import Command, Leaving, Outcome, Recalled, Wish
from stonks.model.principal import Scope


@write("POST", "/trading/pause", "pauseTrading", "trading", scope=Scope.TRADE, money=True)
async def pause_trading(act: OpenAct, data: JSONBody[Asked]) -> Outcome:
    """Enter nothing more; open positions are still managed."""
    return await open_controls(act.ports).carry_out(act.commit, Command.PAUSE, _wish(act, data.reason))


@write("POST", "/trading/resume", "resumeTrading", "trading", scope=Scope.TRADE, money=True)
async def resume_trading(act: OpenAct, data: JSONBody[Asked]) -> Outcome:
    """Let entries pass again; a halted account has to be rearmed instead."""
    return await open_controls(act.ports).carry_out(act.commit, Command.RESUME, _wish(act, data.reason))


@write("POST", "/trading/halt", "haltTrading", "trading", scope=Scope.TRADE, money=True)
async def halt_trading(act: OpenAct, data: JSONBody[HaltAsked]) -> Outcome:
    """Send nothing more to the broker, exits neither; with flatten, once every position is given up."""
    wish = _wish(act, data.reason, cancel_orders=data.cancel_orders, flatten=data.flatten)
    return await open_controls(act.ports).carry_out(act.commit, Command.HALT, wish)


@write("POST", "/trading/flatten", "flattenTrading", "trading", scope=Scope.TRADE, money=True)
async def flatten_trading(act: OpenAct, data: JSONBody[Asked]) -> Outcome:
    """Take entry orders back and give every position up; the account only reduces from then on."""
    return await open_controls(act.ports).carry_out(act.commit, Command.FLATTEN, _wish(act, data.reason))


@write("POST", "/trading/rearm", "rearmTrading", "trading", scope=Scope.ADMIN, money=True)
async def rearm_trading(act: OpenAct, data: JSONBody[Asked]) -> Outcome:
    """End a halt; breakers that are open stay so, and the answer names them."""
    return await open_controls(act.ports).carry_out(act.commit, Command.REARM, _wish(act, data.reason))


@write("DELETE", "/orders/{order_id:uuid}", "cancelOrder", "trading", scope=Scope.TRADE, money=True)
async def cancel_order(
    act: OpenAct,
    order_id: FromPath[UUID],
    reason: GivenReason,
) -> Recalled:
    """Ask for an order to be taken back; it may still trade until the broker says that it is."""
    wanted = OrderFilter(account=act.ports.settings.account, id=order_id)
    if not await orders(act.ports.store, 1, None, wanted):
        raise NotFoundException(f"there is no order {order_id}")
    return await open_controls(act.ports).cancel(act.commit, order_id, _wish(act, reason))


@write("POST", "/positions/{ticker:str}/close", "closePosition", "trading", scope=Scope.TRADE, money=True)
async def close_position(
    act: OpenAct,
    ticker: Annotated[str, PathParameter(max_length=12)],
    data: JSONBody[Asked],
) -> Leaving:
    """Give a position up: its stop is taken back and all of it sold at the market, in session."""
    return await open_controls(act.ports).close(act.commit, ticker.upper(), _wish(act, data.reason))


async def _trials(request: Request[Any, Any, Any], ports: OpenPorts) -> list[AlertTrial]:
    """Return what came of a test alert on every channel, once the body is found to be one."""
    try:
        msgspec.json.decode(await request.body(), type=Asked)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClientException(str(error)) from error
    tried = await try_channels(ports.settings, None)
    return [AlertTrial(channel=each.channel, address=each.address, error=each.error) for each in tried]


@write(
    "POST",
    "/alerts/test",
    "testAlerts",
    "trading",
    scope=Scope.TRADE,
    dependencies={"items": Provide(_trials)},
)
async def try_alerts(
    act: OpenAct, data: JSONBody[Asked], items: NamedDependency[SkipValidation[list[AlertTrial]]]
) -> AlertTrials:
    """Send a test alert through every channel, past its rules, and say what came of it."""
    await act.audit("alerts.test", "alerts", data.reason, after={each.channel: each.error or "sent" for each in items})
    return AlertTrials(items=items)


def _wish(act: Act, reason: str, *, cancel_orders: bool = False, flatten: bool = False) -> Wish:
    return Wish(
        by=act.principal.name,
        reason=reason,
        now=act.now,
        request_id=act.request_id,
        cancel_orders=cancel_orders,
        flatten=flatten,
    )
