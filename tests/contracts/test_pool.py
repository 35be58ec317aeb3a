"""What every pool promises: the real one, and the one that tests use instead."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from stonks.model.errors import Malformed, SettingError, Throttled
from stonks.ports.pool import Pool
from stonks.runtime.pool import ChildPool
from tests.fakes import deeds
from tests.fakes.pool import InlinePool


@pytest_asyncio.fixture(params=["children", "inline"])
async def pool(request: pytest.FixtureRequest) -> AsyncIterator[Pool]:
    if request.param == "inline":
        yield InlinePool()
        return
    async with ChildPool.opened(slots=1) as pool:
        yield pool


async def test_a_call_returns_what_the_function_returns(pool: Pool) -> None:
    assert await pool.run(deeds.double, 21) == 42


async def test_a_call_has_copies_of_its_arguments(pool: Pool) -> None:
    values = [1]

    assert await pool.run(deeds.append, values) == [1, 0]
    assert values == [1]


async def test_an_error_of_the_function_comes_back_as_itself(pool: Pool) -> None:
    with pytest.raises(Malformed) as refused:
        await pool.run(deeds.refuse_the_input)
    with pytest.raises(ZeroDivisionError):
        await pool.run(deeds.divide_by_zero)

    assert str(refused.value) == "not a page"


async def test_an_error_keeps_what_it_carries(pool: Pool) -> None:
    with pytest.raises(Throttled) as throttled:
        await pool.run(deeds.be_throttled)
    with pytest.raises(SettingError) as missing:
        await pool.run(deeds.miss_a_setting)

    assert (str(throttled.value), throttled.value.retry_after) == ("slowly", timedelta(seconds=7))
    assert (str(missing.value), missing.value.name) == ("STONKS_X: is missing", "STONKS_X")


async def test_the_next_call_works_after_one_that_failed(pool: Pool) -> None:
    with pytest.raises(Malformed):
        await pool.run(deeds.refuse_the_input)

    assert await pool.run(deeds.double, 1) == 2
