"""The command's tree of verbs."""

import typer

from stonks.cli.agents import agents
from stonks.cli.alerts import alerts
from stonks.cli.approvals import approvals
from stonks.cli.audit import audit
from stonks.cli.breakers import breakers
from stonks.cli.companies import companies
from stonks.cli.dlq import dlq
from stonks.cli.evaluate import evaluate
from stonks.cli.exchange import exchange
from stonks.cli.explain import explain
from stonks.cli.extract import extract
from stonks.cli.keys import keys
from stonks.cli.migrate import migrate
from stonks.cli.openapi import openapi
from stonks.cli.parse import parse
from stonks.cli.reconcile import reconcile
from stonks.cli.replay import replay
from stonks.cli.risk import risk
from stonks.cli.servers import servers
from stonks.cli.sources import sources
from stonks.cli.status import status
from stonks.cli.tape import tape
from stonks.cli.trading import trading
from stonks.cli.up import up
from stonks.cli.work import work

app = typer.Typer(
    name="stonks",
    help="Market news in, explained paper orders out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (up, replay, evaluate, status, explain, reconcile, parse, extract, work, servers, migrate, openapi):
    app.command()(verb)
app.add_typer(agents, name="agents")
app.add_typer(alerts, name="alerts")
app.add_typer(approvals, name="approvals")
app.add_typer(audit, name="audit")
app.add_typer(breakers, name="breakers")
app.add_typer(companies, name="companies")
app.add_typer(dlq, name="dlq")
app.add_typer(exchange, name="exchange")
app.add_typer(keys, name="keys")
app.add_typer(risk, name="risk")
app.add_typer(sources, name="sources")
app.add_typer(tape, name="tape")
app.add_typer(trading, name="trading")
