import pytest

from stonks.adapters.llm import open_llm
from stonks.app.exams import model_url
from stonks.model.errors import SettingError
from stonks.model.line import Verdict
from stonks.model.prompt import PromptFile
from stonks.ports.exam import Question
from stonks.runtime.agents import Means, ModelAgents
from stonks.runtime.allowance import Unlimited
from stonks.runtime.calls import RememberedCalls
from stonks.runtime.exam import ExamReport, mark_rules, sit
from stonks.stages.extractor.exam import DocumentItem, document_exam, event_exam, golden_documents, golden_events
from stonks.stages.recommendation.exam import thesis_exam
from tests.fakes.asking import StoppedClock
from tests.fakes.ollama import MODEL, Fault, Ollama, open_ollama
from tests.fakes.pool import InlinePool

WORDS = PromptFile(agent="an-agent", number=1, text="Do it.")


async def sat(server: Ollama, questions: list[Question]) -> ExamReport:
    calls = RememberedCalls()
    async with open_ollama(server), open_llm(f"ollama://{server.base.removeprefix('http://')}/{MODEL}") as llm:
        means = Means(
            llm=llm,
            pool=InlinePool(),
            calls=calls,
            clock=StoppedClock(),
            allowance=Unlimited(),
            draw=lambda _: "0a1b2c3d4e5f6a7b",
        )
        return await sit("m", questions, ModelAgents(means), calls)


async def test_right_and_wrong_answers_are_marked_and_every_call_counted() -> None:
    items = [
        DocumentItem(id="1", title="Apple beats estimates", classes={"Apple": Verdict.POSITIVE}),
        DocumentItem(id="2", title="Boeing beats estimates", classes={"Boeing": Verdict.NEGATIVE}),
        DocumentItem(id="3", title="Visa misses estimates", classes={"Visa": Verdict.NEGATIVE}),
    ]
    questions = document_exam(items, WORDS)
    server = Ollama()
    server.script = [None, Fault.WRONG_NONCE, None, *[Fault.WRONG_NONCE] * 3]

    report = await sat(server, questions)

    shares = [report.accuracy, report.answered, report.accept, report.reject]
    assert shares == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1 / 3])
    assert (report.questions, report.grounding) == (3, 1.0)
    assert report.tokens_in > 0
    assert (report.p50 or 0) > 0


@pytest.mark.parametrize(
    "questions",
    [document_exam(golden_documents(), WORDS), event_exam(golden_events(), WORDS), thesis_exam(WORDS)],
    ids=["documents", "events", "theses"],
)
async def test_the_rules_pass_every_exam_of_ours_and_an_attentive_model_is_understood(
    questions: list[Question],
) -> None:
    rules, model = mark_rules(questions), await sat(Ollama(), questions)

    assert rules.accuracy >= 0.8
    assert (model.questions, model.answered) == (len(questions), 1.0)


async def test_a_model_that_never_answers_has_nothing_right_and_no_times() -> None:
    report = await sat(Ollama([Fault.MISSING_MODEL]), thesis_exam(WORDS))

    assert (report.accuracy, report.degraded, report.grounding, report.p50) == (0.0, 1.0, None, None)


@pytest.mark.parametrize(
    ("server", "candidate", "url"),
    [
        ("ollama://h:1/a", "qwen3:8b", "ollama://h:1/qwen3:8b"),
        ("openai+https://h/v1?model=a", "b/c", "openai+https://h/v1?model=b%2Fc"),
        (None, "ollama://h:1/b", "ollama://h:1/b"),
    ],
)
def test_a_name_is_looked_for_on_the_server_of_the_settings(server: str | None, candidate: str, url: str) -> None:
    assert model_url(server, candidate) == url


def test_a_name_without_a_server_says_what_to_write() -> None:
    with pytest.raises(SettingError, match="ollama://host:port/qwen3:8b"):
        model_url(None, "qwen3:8b")
