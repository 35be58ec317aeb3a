from uuid import UUID

from prometheus_client import CollectorRegistry

from stonks.ports.agents import Verdict
from stonks.runtime.calls import Call, Outcome
from stonks.runtime.model_figures import ModelFigures
from tests.fakes.asking import AT


def made(outcome: Outcome, milliseconds: float | None) -> Call:
    return Call(
        id=UUID(int=1),
        agent="colourist",
        document_id=None,
        model="attentive:1b",
        model_digest="",
        prompt_version="colour-1",
        cache_key="",
        outcome=outcome,
        attempt=1,
        verdicts=(Verdict(check="quote", passed=False), Verdict(check="nonce", passed=True)),
        tokens_in=100,
        tokens_out=20,
        milliseconds=milliseconds,
        called_at=AT,
    )


def test_trouble_with_the_model_shows_while_it_lasts() -> None:
    registry, troubles = CollectorRegistry(), ["", "gone", ""]
    ModelFigures(registry).watch(lambda: troubles.pop(0))

    assert [registry.get_sample_value("stonks_llm_up") for _ in range(3)] == [1, 0, 1]


def test_calls_are_counted_by_outcome_and_what_was_said_by_its_tokens_and_time() -> None:
    registry = CollectorRegistry()
    figures = ModelFigures(registry)

    figures.made(made(Outcome.REPAIR, 500.0))
    figures.made(made(Outcome.DEGRADED, None))

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"agent": "colourist"} | labels)

    assert value("stonks_llm_calls_total", outcome="repair") == 1
    assert value("stonks_llm_calls_total", outcome="degraded") == 1
    assert value("stonks_llm_tokens_total", direction="in") == 100
    assert value("stonks_llm_tokens_total", direction="out") == 20
    assert value("stonks_llm_duration_seconds_sum") == 0.5
    assert value("stonks_llm_grounding_failures_total") == 1
