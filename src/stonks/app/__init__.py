"""The composition root: settings in, open ports and the pipeline out. Nothing else imports stages and adapters."""

from stonks.app.alerting import open_channels, try_channels
from stonks.app.commanding import command_account
from stonks.app.desks import (
    open_breakers,
    open_controls,
    open_desk,
    open_line_reader,
    open_reader,
    open_reconciliation,
    open_roster,
    try_source,
)
from stonks.app.exams import Exam, examine, open_agent_desk
from stonks.app.exchange import ExchangeOptions, open_exchange
from stonks.app.live import means_live, open_live
from stonks.app.ports import LIVE, Running, open_ports
from stonks.app.replaying import App, open_app, tape_of
from stonks.app.risk import (
    account_mode,
    answer_approval,
    evaluate_order,
    open_approvals,
    open_overrides,
    open_verdicts,
)
from stonks.app.servers import Servers, log_to_file, open_servers, schema

__all__ = [
    "LIVE",
    "App",
    "Exam",
    "ExchangeOptions",
    "Running",
    "Servers",
    "account_mode",
    "answer_approval",
    "command_account",
    "evaluate_order",
    "examine",
    "log_to_file",
    "means_live",
    "open_agent_desk",
    "open_app",
    "open_approvals",
    "open_breakers",
    "open_channels",
    "open_controls",
    "open_desk",
    "open_exchange",
    "open_line_reader",
    "open_live",
    "open_overrides",
    "open_ports",
    "open_reader",
    "open_reconciliation",
    "open_roster",
    "open_servers",
    "open_verdicts",
    "schema",
    "tape_of",
    "try_channels",
    "try_source",
]
