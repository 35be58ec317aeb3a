"""What becomes of an order that a person asks for."""

from typing import NamedTuple

from stonks.model.approval import Approval
from stonks.model.order import Intent
from stonks.model.order_request import OrderVerdict


class Placing(NamedTuple):
    """An answer with what follows from it: an order, a question to a person, or nothing."""

    verdict: OrderVerdict
    order: Intent | None = None
    approval: Approval | None = None
    known: bool = False
    """Whether it was answered before: then nothing follows any more."""
