from pathlib import Path
from uuid import uuid4

import msgspec

from stonks.model.job import QUEUES, AggregationJob, ParsingJob, RecommendationJob

HEADER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_what_led_to_a_job_does_not_make_it_another() -> None:
    job = ParsingJob(document_id=uuid4())
    traced = msgspec.structs.replace(job, traceparent=HEADER)

    assert (traced.key, traced.subject) == (job.key, job.subject)
    assert traced == job
    assert {traced, job} == {job}


def test_jobs_that_ask_for_something_else_are_not_equal() -> None:
    trend = uuid4()

    assert AggregationJob(ticker="AAPL", cause="a") != AggregationJob(ticker="AAPL", cause="b")
    assert RecommendationJob(ticker="AAPL", window="7d", trend_id=trend) != RecommendationJob(
        ticker="MSFT", window="7d", trend_id=trend
    )


def test_a_job_without_a_trace_says_nothing_of_one() -> None:
    assert msgspec.json.encode(AggregationJob(ticker="AAPL", cause="a")) == b'{"ticker":"AAPL","cause":"a"}'


def test_only_recommendations_keep_a_distance() -> None:
    assert [queue for queue, job in QUEUES.items() if job.spacing is not None] == ["recommendation"]


def test_the_reference_lists_every_queue_with_what_its_jobs_say() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "jobs.md").read_text()

    for queue, job in QUEUES.items():
        said = [name for name in job.__struct_fields__ if name != "traceparent"]
        cells = (queue, *(", ".join(f"`{name}`" for name in names) for names in (said, job.identity, job.about)))
        assert f"| `{cells[0]}` | {cells[1]} | {cells[2]} | {cells[3]} |" in page
