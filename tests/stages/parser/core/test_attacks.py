"""Every attack in a child of the real pool: it ends in a named state within few seconds, and the child goes on."""

from datetime import timedelta

from stonks.model.company import Company
from stonks.runtime.pool import ChildPool
from stonks.runtime.pool_child import Limits
from stonks.stages.parser.core.reader import packed, read
from tests.fakes.attacks import SENTENCE, attacks
from tests.fakes.extractions import make_document

MB = 2**20
SHARE = 0.03
NAMES = {"BA": "Boeing", "AAPL": "Apple", "TGT": "Target", "V": "Visa", "ORCL": "Oracle", "MET": "MetLife"}
UNIVERSE = packed([Company(ticker=ticker, name=name) for ticker, name in NAMES.items()])
LIMITS = Limits(memory=1000 * MB, cpu=timedelta(seconds=6))


async def test_every_attack_ends_in_a_named_state_and_leaves_the_child_alive() -> None:
    ordinary = make_document(content_type="text/plain")
    surprises = {}
    async with ChildPool.opened(slots=1, limits=LIMITS) as pool:
        before = await pool.run(read, ordinary, (SENTENCE * 4).encode(), UNIVERSE)
        children = pool.pids
        for attack in attacks(SHARE):
            parsed = (await pool.run(read, attack.document, attack.raw, UNIVERSE)).parsed
            end = parsed.status + (f": {parsed.status_reason}" if parsed.status_reason else "")
            if end not in attack.ends or not attack.flags <= set(parsed.flags):
                surprises[attack.name] = (end, parsed.flags)
        after = await pool.run(read, ordinary, (SENTENCE * 4).encode(), UNIVERSE)
        assert pool.pids == children

    assert surprises == {}
    assert before == after
