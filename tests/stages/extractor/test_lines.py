import os
import signal
from collections.abc import AsyncIterator

from hypothesis import given, strategies as st

from stonks.model.document import Mention
from stonks.model.line import LineFailed, LineRead
from stonks.runtime.pool import ChildPool
from stonks.stages.extractor.lines import MOST_BYTES, Cutter, Line, LineReader


def nobody(_text: str, _body_start: int) -> tuple[Mention, ...]:
    """Return no company."""
    return ()


def killer(text: str, _body_start: int) -> tuple[Mention, ...]:
    """End the process that reads a certain text."""
    if text == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    return ()


async def chunked(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_a_line_that_brings_down_its_reader_is_an_answer_and_costs_no_other_line() -> None:
    lines = [b'{"id": 1, "text": "a"}', b'{"id": 2, "text": "poison"}', b'{"id": 3, "text": "b"}']
    async with ChildPool.opened(slots=1) as pool:
        reader = LineReader(pool, killer)
        answers = [one async for batch in reader.read_all(chunked(b"\n".join(lines) + b"\n")) for one in batch]

    assert [type(answer) for answer in answers] == [LineRead, LineFailed, LineRead]
    assert [answer.id for answer in answers] == [1, 2, 3]
    failed = answers[1]
    assert isinstance(failed, LineFailed)
    assert failed.error.startswith("line 2: Crashed")


async def test_answers_are_in_order_however_many_chunks_are_read_at_a_time() -> None:
    chunks = [b'{"id": %d, "text": "%s"}\n' % (number, b"Boeing fell. " * (40 - number)) for number in range(40)]
    async with ChildPool.opened(slots=2) as pool:
        reader = LineReader(pool, nobody)
        answers = [one.id async for batch in reader.read_all(chunked(*chunks)) for one in batch]

    assert answers == list(range(40))


@given(st.lists(st.sampled_from([b"", b" ", b"one", b"two"])), st.integers(1, 9))
def test_lines_are_cut_and_numbered_the_same_however_they_arrive(lines: list[bytes], size: int) -> None:
    data = b"".join(line + b"\n" for line in lines)
    cutter = Cutter()

    cut = [line for at in range(0, len(data), size) for line in cutter.lines(data[at : at + size])]

    assert cut == [Line(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def test_of_a_line_that_is_too_long_no_more_is_kept_than_tells_so() -> None:
    cutter = Cutter()
    for _ in range(20):
        assert cutter.lines(b"x" * 2**20) == []

    (line, after) = cutter.lines(b"\nnext\n")

    assert len(line.data) == MOST_BYTES + 1
    assert after == Line(2, b"next")
