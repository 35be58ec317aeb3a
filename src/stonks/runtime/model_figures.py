"""What is counted of the calls to a language model."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from stonks.runtime.calls import Call

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 300)


class ModelFigures:
    """The figures of one process, in a registry that whoever serves them passes in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the figures."""
        self._calls = Counter(
            "stonks_llm_calls",
            "Questions to a language model by what came of them",
            ["agent", "outcome"],
            registry=registry,
        )
        self._tokens = Counter(
            "stonks_llm_tokens",
            "Tokens that the language model read (in) and wrote (out)",
            ["agent", "direction"],
            registry=registry,
        )
        self._seconds = Histogram(
            "stonks_llm_duration_seconds",
            "Time that the language model took over an answer",
            ["agent"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._failures = Counter(
            "stonks_llm_grounding_failures",
            "Checks that something in an answer did not stand",
            ["agent"],
            registry=registry,
        )

        self._up = Gauge(
            "stonks_llm_up",
            "Whether the language model answered when it was last asked, or was not yet",
            registry=registry,
        )

    def watch(self, trouble: Callable[[], str]) -> None:
        """Show whether there is trouble with the model whenever somebody looks."""
        self._up.set_function(lambda: not trouble())

    def made(self, call: Call) -> None:
        """Count a call."""
        self._calls.labels(call.agent, call.outcome).inc()
        if call.milliseconds is None:
            return
        self._seconds.labels(call.agent).observe(call.milliseconds / 1000)
        self._tokens.labels(call.agent, "in").inc(call.tokens_in or 0)
        self._tokens.labels(call.agent, "out").inc(call.tokens_out or 0)
        self._failures.labels(call.agent).inc(sum(not verdict.passed for verdict in call.verdicts))
