"""Looking at a server that may not answer."""

import asyncio

import pytest

from stonks.api.glance import Glance
from stonks.model.errors import Unreachable


class Server:
    """Answers how often it was asked, once it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.awake = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        await self.awake.wait()
        return self.asked


async def test_a_server_that_is_silent_is_given_up_and_not_asked_again_until_it_has_answered() -> None:
    server = Server()
    glance = Glance(server.ask, patience=0.01, fresh=0)

    for _ in range(3):
        with pytest.raises(Unreachable, match="no answer for"):
            await glance.look()
    server.awake.set()

    assert (await glance.look(), server.asked) == (1, 1)
    assert await glance.look() == 2


async def test_an_answer_is_shared_by_all_who_look_at_once_and_given_again_while_it_is_fresh() -> None:
    server = Server()
    server.awake.set()
    glance = Glance(server.ask, fresh=60)

    together = await asyncio.gather(glance.look(), glance.look())

    assert list(together) == [1, 1]
    assert (await glance.look(), server.asked) == (1, 1)


async def test_what_asking_raises_is_raised_each_time() -> None:
    async def gone() -> None:
        raise Unreachable("nobody is there")

    glance = Glance(gone, fresh=60)

    for _ in range(2):
        with pytest.raises(Unreachable, match="nobody is there"):
            await glance.look()
