"""A short, always equal slice of the fuzz run; `make fuzz` goes on from other numbers for minutes."""

from tests.fuzz.mutation import mutated
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import KINDS, TARGETS, run


def test_no_mutated_input_brings_a_reader_down() -> None:
    ran = run(first=0, count=400)

    assert ran.crashes == ()


def test_every_seed_is_read_by_a_target_and_every_number_is_one_input() -> None:
    assert {target for name in SEEDS for target in KINDS[name]} <= set(TARGETS)
    assert [mutated(number) for number in range(50)] == [mutated(number) for number in range(50)]
