from datetime import timedelta

import pytest

from stonks.adapters.broker.alpaca.reply import Outcome, Reply, told_wait
from stonks.model.errors import Refused, Unreachable

SAID = b'{"code": 40310000, "message": "no"}'
DATE = "Mon, 14 Apr 2025 15:00:00 GMT"  # second 1744642800


def reply(status: int, body: bytes = SAID) -> Reply:
    return Reply(url="http://there/v2", status=status, headers={}, body=body, hide=str)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.ACCEPTED),
        (204, Outcome.ACCEPTED),
        (302, Outcome.UNKNOWN),
        (400, Outcome.REFUSED),
        (401, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (404, Outcome.ABSENT),
        (408, Outcome.UNKNOWN),
        (409, Outcome.DOUBTFUL),
        (422, Outcome.DOUBTFUL),
        (500, Outcome.UNKNOWN),
        (504, Outcome.UNKNOWN),
    ],
)
def test_a_status_with_alpacas_words_says_what_became_of_a_request(status: int, outcome: Outcome) -> None:
    assert reply(status).outcome is outcome


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"detail": "Not Found"}', b"\xff"])
def test_a_no_that_alpaca_did_not_say_is_no_answer(status: int, body: bytes) -> None:
    assert reply(status, body).outcome is Outcome.UNKNOWN
    with pytest.raises(Unreachable):
        reply(status, body).read(dict)


@pytest.mark.parametrize("status", [400, 422])
def test_a_duplicate_is_known_by_its_words(status: int) -> None:
    assert reply(status, b'{"message": "client_order_id must be unique"}').outcome is Outcome.DUPLICATE


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_good_status_without_what_was_due_is_no_answer(body: bytes) -> None:
    with pytest.raises(Unreachable):
        reply(200, body).read(dict)


def test_keys_that_are_wrong_name_the_settings_to_look_at() -> None:
    with pytest.raises(Refused, match="STONKS_BROKER_KEY_ID"):
        reply(401).read(dict)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "999999"}, 300),
        ({"retry-after": "²"}, 60),
        ({"x-ratelimit-reset": "1744642830", "date": DATE}, 30),
        ({"x-ratelimit-reset": "1744642830"}, 60),
        ({"x-ratelimit-reset": "1744642830", "date": "yesterday"}, 60),
        ({"x-ratelimit-reset": "99999999999", "date": DATE}, 300),
        ({"x-ratelimit-reset": "0", "date": DATE}, 1),
    ],
)
def test_a_wait_is_as_told_and_bounded(headers: dict[str, str], seconds: int) -> None:
    assert told_wait(headers) == timedelta(seconds=seconds)
