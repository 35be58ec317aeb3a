"""Agents on one language model: at most three attempts at a task, each within bounds, each kept, none an error."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
import structlog

from stonks.model.errors import Crashed, Malformed, Permanent, Transient
from stonks.model.identity import call_id
from stonks.model.tokens import tokens_of
from stonks.ports.agents import Asked, Attempt, Judged, Prompt, Task, Verdict
from stonks.ports.clock import Clock
from stonks.ports.llm import Identity, Llm, Reply, Request
from stonks.ports.pool import Pool
from stonks.runtime.allowance import Taking
from stonks.runtime.answers import judged, schema_of
from stonks.runtime.calls import LAST_ATTEMPT, Answered, Call, Calls, Outcome, Transcript
from stonks.runtime.circuit import Circuit
from stonks.runtime.model_figures import ModelFigures

T = TypeVar("T")

_log = structlog.get_logger()

_SEED = 7
_KNOWN_FOR = 60.0  # seconds that a model is taken for the one that was met last
_FEWEST_SHARE = 0.6
"""Share of the prompt's estimated tokens below which the server has cut it. The estimate is 3.6 characters a token;
good tokenizers reach 5 in English prose, and a prompt that is cut loses half (signals.md 1.1)."""
_UNASKED = Identity(model="unknown", digest="", server="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What agents ask with."""

    llm: Llm
    pool: Pool
    calls: Calls
    clock: Clock
    allowance: Taking
    draw: Callable[[str], str]
    """Returns 16 hex digits for one attempt at one question, which nobody who writes a document can know."""
    figures: ModelFigures | None = None
    """Where calls are counted, in a process that serves figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What asking is bound by."""

    context: int = 8192
    """Tokens of prompt and answer together; always the same, as a server loads a model anew for another."""
    parallel: int = 1
    """Calls at a time."""
    patience: timedelta = timedelta(minutes=2)
    """How long one task may take."""


class _Question(NamedTuple):
    """A task as one model is asked it."""

    task: Task[Any]
    identity: Identity
    key: str


class _Said(NamedTuple):
    """One call and what was said in it."""

    attempt: int
    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    transcript: Transcript | None = None
    reply: Reply | None = None


class _Step(NamedTuple):
    """What one attempt led to."""

    id: UUID
    judged: Judged[Any]
    is_last: bool = False
    """Whether another attempt would be in vain."""


class _Silence(Exception):
    """Raised when there is no answer; another attempt may be of use, or nobody was asked at all."""

    def __init__(self, why: str, *, again: bool = False, unasked: bool = False) -> None:
        super().__init__(why)
        self.again, self.unasked = again, unasked


class ModelAgents:
    """Asks one model, a few calls at a time; remembers how it likes to be asked, and whether it answers."""

    def __init__(self, means: Means, terms: Terms | None = None) -> None:
        """Ask with these means within these terms."""
        self._means, self._terms = means, terms or Terms()
        self._slots = asyncio.Semaphore(self._terms.parallel)
        self._time = asyncio.get_running_loop().time
        self._circuit = Circuit("language model", self._time)
        self._identity: Identity | None = None
        self._met_at = 0.0
        self._thinks: dict[Identity, bool | None] = {}
        if means.figures is not None:
            means.figures.watch(lambda: self.trouble)

    @property
    def trouble(self) -> str:
        """Why the model does not answer, or nothing where it does."""
        return self._circuit.trouble

    async def ask(self, task: Task[T]) -> Asked[T]:
        """Return what came of a task: from an earlier answer, or from up to three attempts."""
        until = self._time() + self._terms.patience.total_seconds()
        try:
            identity = await self._known()
        except _Silence as silence:
            return await self._unasked(_Question(task, self._identity or _UNASKED, ""), str(silence))
        question = _Question(task, identity, self._key(task, identity))
        if (found := await self._means.calls.find(question.key)) is not None:
            return await self._again(question, found)
        if self._circuit.is_open:
            return await self._unasked(question, self._circuit.trouble)
        try:
            async with asyncio.timeout_at(until - self._terms.patience.total_seconds() / 2):
                await self._slots.acquire()
        except TimeoutError:
            return await self._unasked(question, "other questions took the time there was")
        try:
            if (found := await self._means.calls.find(question.key)) is not None:  # a copy was asked about meanwhile
                return await self._again(question, found)
            return await self._attempts(question, until)
        finally:
            self._slots.release()

    # ---------------------------------------------------------------------------------- who is asked, and what

    async def _known(self) -> Identity:
        """Return who answers; while nobody does, who did, so that earlier answers are still found."""
        if self._identity is not None and (self._time() < self._met_at + _KNOWN_FOR or self._circuit.is_open):
            return self._identity
        if self._circuit.is_open:
            raise _Silence(self._circuit.trouble)
        try:
            async with self._circuit.asking(proves=False):
                self._identity = await self._means.llm.identity()
        except (Transient, Permanent) as error:
            if self._identity is None:
                raise _Silence(str(error)) from error
        self._met_at = self._time()
        return self._identity

    def _key(self, task: Task[Any], identity: Identity) -> str:
        """Return what two questions share whose answers may stand for each other."""
        shape = task.compose(Attempt(nonce="", fence="")).shape
        digest = hashlib.blake2b(digest_size=16)
        model = (identity.model, identity.digest or identity.server)
        for part in (*model, task.agent, task.prompt_version, *task.subject):
            digest.update(part.encode() + b"\x1f")
        digest.update(msgspec.json.encode((schema_of(shape), _SEED, self._terms.context), order="sorted"))
        return digest.hexdigest()

    # ---------------------------------------------------------------------------------- an answer from before

    async def _again(self, question: _Question, found: Answered) -> Asked[Any]:
        """Return an answer from before, judged by what is known now."""
        result: Judged[Any] = Judged(value=None, verdicts=found.verdicts)
        if found.outcome is not Outcome.REJECT:
            said = await self._means.calls.transcript(found.id)
            prompt = question.task.compose(Attempt(nonce=said.nonce, fence="", reduced=said.reduced))
            result = await self._judge(question.task, prompt.shape, said.nonce, said.answer or "")
        call = await self._keep(question, _Said(0, Outcome.CACHED, result.verdicts), str(found.id))
        return Asked(
            value=result.value,
            why_not="" if result.value is not None else _why(result.verdicts),
            verdicts=result.verdicts,
            model=question.identity.model,
            calls=(found.id, call),
            cached=True,
        )

    # ---------------------------------------------------------------------------------- attempts

    async def _attempts(self, question: _Question, until: float) -> Asked[Any]:
        usual = self._thinks.get(question.identity, False)
        other = None if usual is False else False
        calls: list[UUID] = []
        complaints: tuple[str, ...] = ()
        last = Judged[Any](value=None)
        for number, think in enumerate((usual, other, usual), start=1):
            drawn = self._means.draw(f"{question.key}:{number}")
            attempt = Attempt(nonce=drawn[:8], fence=drawn[8:], complaints=complaints, reduced=number == LAST_ATTEMPT)
            step = await self._attempt(question, attempt, (number, think), until)
            calls.append(step.id)
            last = step.judged
            if last.value is not None:
                self._thinks[question.identity] = think
            if last.value is not None or step.is_last:
                break
            complaints = tuple(verdict.detail for verdict in last.verdicts if not verdict.passed)
        return Asked(
            value=last.value,
            why_not="" if last.value is not None else _why(last.verdicts),
            verdicts=last.verdicts,
            model=question.identity.model,
            calls=tuple(calls),
        )

    async def _attempt(
        self, question: _Question, attempt: Attempt, turn: tuple[int, bool | None], until: float
    ) -> _Step:
        """Ask once, judge the answer, and keep both."""
        number, think = turn
        prompt = question.task.compose(attempt)
        room = self._terms.context - tokens_of(prompt.system) - tokens_of(prompt.prompt)
        if think is False or room < prompt.longest_answer:
            longest = prompt.longest_answer
        else:
            longest = min(room, 2 * prompt.longest_answer)  # thoughts come out of the answer's tokens
        request = Request(
            system=prompt.system,
            prompt=prompt.prompt,
            schema=schema_of(prompt.shape),
            seed=_SEED + number - 1,
            context=self._terms.context,
            longest_answer=longest,
            think=think,
            patience=timedelta(seconds=max(until - self._time(), self._terms.patience.total_seconds() / 4)),
        )
        said = self._transcript(question, attempt, request)
        try:
            reply = await self._answer(request)
        except _Silence as silence:
            missing = (Verdict(check="answer", passed=False, detail=_short(str(silence))),)
            told = None if silence.unasked else msgspec.structs.replace(said, error=str(silence))
            row = _Said(0 if silence.unasked else number, Outcome.DEGRADED, missing, told)
            call = await self._keep(question, row, str(silence))
            return _Step(call, Judged(value=None, verdicts=missing), is_last=not silence.again or self._late(until))
        result = await self._weighed(question.task, prompt, attempt, (request, reply))
        said = msgspec.structs.replace(said, answer=reply.text, thinking=reply.thinking)
        call = await self._keep(question, _Said(number, _outcome(result), result.verdicts, said, reply), reply.text)
        return _Step(call, result, is_last=self._late(until))

    def _late(self, until: float) -> bool:
        return until - self._time() < self._terms.patience.total_seconds() / 4

    async def _answer(self, request: Request) -> Reply:
        """Return the model's answer.

        Raises:
            _Silence: there is none; the reason is in words for a person.
        """
        tokens = tokens_of(request.system) + tokens_of(request.prompt) + request.longest_answer
        if tokens > request.context:
            raise _Silence(f"{tokens} tokens do not fit into {request.context}", unasked=True)
        if self._circuit.is_open:
            raise _Silence(self._circuit.trouble, unasked=True)
        if why_not := await self._means.allowance.take(tokens):
            raise _Silence(why_not, unasked=True)
        try:
            async with self._circuit.asking():
                return await self._means.llm.generate(request)
        except Malformed as error:  # such as a server that knows no thinking: asked the other way it may answer
            raise _Silence(str(error), again=True) from error
        except (Transient, Permanent) as error:
            raise _Silence(str(error)) from error

    async def _weighed(
        self, task: Task[Any], prompt: Prompt, attempt: Attempt, exchange: tuple[Request, Reply]
    ) -> Judged[Any]:
        """Return what an answer is worth; one that was cut off, or made from a prompt that was, is worth nothing."""
        request, reply = exchange
        if not reply.stopped:
            return _worthless("length", "the answer was cut off: say less")
        estimate = tokens_of(request.system) + tokens_of(request.prompt)
        if reply.tokens_in is not None and 0 < reply.tokens_in < _FEWEST_SHARE * estimate:
            return _worthless("prompt", f"only {reply.tokens_in} of about {estimate} tokens of the prompt were read")
        return await self._judge(task, prompt.shape, attempt.nonce, reply.text)

    async def _judge(self, task: Task[Any], shape: type[msgspec.Struct], nonce: str, text: str) -> Judged[Any]:
        try:
            return await self._means.pool.run(judged, task, shape, nonce, text)
        except Crashed as crash:
            _log.warning("llm.answer_crashes_its_judge", agent=task.agent, error=str(crash)[:200])
            return _worthless("judge", "the answer brought down the process that judged it")

    # ---------------------------------------------------------------------------------- keeping

    async def _unasked(self, question: _Question, why: str) -> Asked[Any]:
        """Return that nobody was asked, and keep the reason."""
        verdicts = (Verdict(check="answer", passed=False, detail=_short(why)),)
        call = await self._keep(question, _Said(0, Outcome.DEGRADED, verdicts), why)
        return Asked(value=None, why_not=why, verdicts=verdicts, model=question.identity.model, calls=(call,))

    async def _keep(self, question: _Question, said: _Said, words: str) -> UUID:
        task, identity, reply = question.task, question.identity, said.reply
        subject = (task.document_id, question.key or task.subject)
        call = Call(
            id=call_id(task.agent, subject, said.transcript.nonce if said.transcript else "", said.attempt, words),
            agent=task.agent,
            document_id=task.document_id,
            model=identity.model,
            model_digest=identity.digest,
            prompt_version=task.prompt_version,
            cache_key=question.key,
            outcome=said.outcome,
            attempt=said.attempt,
            verdicts=said.verdicts,
            tokens_in=reply.tokens_in if reply else None,
            tokens_out=reply.tokens_out if reply else None,
            milliseconds=reply.milliseconds if reply else None,
            called_at=self._means.clock.now(),
        )
        await self._means.calls.keep(call, said.transcript)
        if self._means.figures is not None:
            self._means.figures.made(call)
        _log.info("llm.call", agent=task.agent, outcome=said.outcome, attempt=said.attempt, call=str(call.id))
        return call.id

    def _transcript(self, question: _Question, attempt: Attempt, request: Request) -> Transcript:
        task, identity = question.task, question.identity
        return Transcript(
            agent=task.agent,
            prompt_version=task.prompt_version,
            model=identity.model,
            digest=identity.digest,
            server=identity.server,
            nonce=attempt.nonce,
            reduced=attempt.reduced,
            system=request.system,
            prompt=request.prompt,
            schema=request.schema,
            options={
                "seed": request.seed,
                "num_ctx": request.context,
                "num_predict": request.longest_answer,
                "think": request.think,
            },
        )


def _worthless(check: str, why: str) -> Judged[Any]:
    return Judged(value=None, verdicts=(Verdict(check=check, passed=False, detail=why),))


def _outcome(result: Judged[Any]) -> Outcome:
    if result.value is None:
        return Outcome.REJECT
    return Outcome.ACCEPT if all(verdict.passed for verdict in result.verdicts) else Outcome.REPAIR


def _why(verdicts: tuple[Verdict, ...]) -> str:
    return "; ".join(verdict.detail for verdict in verdicts if not verdict.passed) or "nothing in the answer held"


def _short(words: str) -> str:
    """Return words as a verdict may hold them: some of them are the server's."""
    return "".join(character if character.isprintable() else " " for character in words)[:200]
