"""The recommendation stage's exam: drafts of ours, whose words are right where they say nothing that was not given."""

from importlib.resources import files

import msgspec

from stonks.model.prompt import PromptFile
from stonks.ports.exam import Marks, Question
from stonks.stages.recommendation.core.rewriter import AGENT, Draft, RewritingTask


def thesis_exam(words: PromptFile) -> list[Question]:
    """Return a question for each draft: whether it can be put in other words; the template is always right."""
    data = files("stonks.stages.recommendation").joinpath("golden", f"{AGENT}.jsonl").read_bytes()
    drafts = msgspec.json.Decoder(Draft).decode_lines(data)
    return [Question(draft.ticker, RewritingTask(draft=draft, words=words), _marked, Marks(1, 1)) for draft in drafts]


def _marked(text: str | None) -> Marks:
    return Marks(int(text is not None), 1)
