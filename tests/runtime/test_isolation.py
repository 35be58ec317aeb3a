"""Who may claim while a job on its last chance is to be alone."""

from stonks.runtime.isolation import Isolation


class Sleeper:
    """A stage that counts how often it was woken."""

    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


def test_all_have_room_while_nobody_is_to_be_alone() -> None:
    isolation, stage = Isolation(), Sleeper()
    isolation.enter()

    assert isolation.room(stage.wake, 4) == 4


def test_a_stage_that_is_to_be_alone_waits_for_empty_hands_and_then_takes_one() -> None:
    isolation, deadly, other = Isolation(), Sleeper(), Sleeper()
    isolation.enter()

    with isolation.claiming():
        assert not isolation.admits(deadly.wake, 1)
    assert isolation.room(deadly.wake, 4) == 0
    assert isolation.room(other.wake, 4) == 0
    isolation.leave()

    assert deadly.woken == 1
    assert isolation.room(deadly.wake, 4) == 1
    with isolation.claiming():
        assert isolation.admits(deadly.wake, 1)


def test_while_it_is_alone_nobody_takes_anything_and_then_all_are_woken() -> None:
    isolation, deadly, other = Isolation(), Sleeper(), Sleeper()
    with isolation.claiming():
        assert isolation.admits(deadly.wake, 1)
        isolation.enter()

    assert isolation.room(deadly.wake, 4) == isolation.room(other.wake, 4) == 0
    isolation.leave()
    isolation.release(deadly.wake)

    assert other.woken == 1
    assert isolation.room(other.wake, 4) == 4


def test_it_is_not_alone_beside_jobs_of_its_own_claim_or_a_claim_under_way() -> None:
    isolation, deadly, other = Isolation(), Sleeper(), Sleeper()

    with isolation.claiming():
        with isolation.claiming():
            assert not isolation.admits(deadly.wake, 1)
        assert isolation.room(deadly.wake, 4) == 0
    assert deadly.woken == 1

    with isolation.claiming():
        assert not isolation.admits(deadly.wake, 2)
        assert not isolation.admits(other.wake, 1)


def test_a_stage_that_finds_nothing_to_be_alone_with_lets_others_work() -> None:
    isolation, deadly, other = Isolation(), Sleeper(), Sleeper()
    with isolation.claiming():
        isolation.admits(deadly.wake, 2)
    assert isolation.room(other.wake, 4) == 0

    isolation.release(other.wake)
    assert isolation.room(other.wake, 4) == 0
    isolation.release(deadly.wake)

    assert isolation.room(other.wake, 4) == 4
