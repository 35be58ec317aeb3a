"""A version of the weights fitted to outcomes, and whether it would have said more than the one in force.

It is judged as it would have been used: at the start of each month its kind is fitted to what was known, with a gap
so that no outcome reaches into that month, and its probabilities of the month are scored. The version in force is
scored on the same trends, all of them later than what it was fitted to. It gives way only where the log-loss is lower
by more than the error of the difference, taken over sessions: by chance alone every second candidate would be better.
"""

import math
from collections.abc import Mapping
from datetime import datetime

import msgspec
import numpy as np

from stonks.model.trend import Window
from stonks.model.weights import PRIOR_WEIGHTS, LearnedWeights, WindowModel, prior_probability
from stonks.risk.scores import log_losses
from stonks.stages.aggregation.core.columns import Codes, Flags, Floats
from stonks.stages.aggregation.core.history import FITTED, History, Results, Views, results_of, views_of
from stonks.stages.aggregation.core.isotonic import venn_abers
from stonks.stages.aggregation.core.logistic import coefficients, platt
from stonks.stages.aggregation.core.trust import layer_factors, of_layers, trust_of

FEWEST_OUTCOMES = 500
"""Closed outcomes of a window's trends that a model needs, and that precede the first month that is judged."""
MONTH = 21
"""Sessions of a fold."""
FEWEST_SESSIONS = 21
"""Judged sessions under which there is no verdict: over ten of them, luck looked like skill on recorded months."""
EMBARGO = 0.01
"""Share of the span that lies at least between what is fitted and what is judged."""
ISOTONIC_FROM = 1000
"""Outcomes from which a calibrator may follow them freely, instead of a straight line."""
EARLIER = 0.7
"""Share of the sessions on which the model is fitted whose scores of the rest calibrate it."""
_PAYOFF, _MOST_PAYOFF = 0.8, 2.0


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    """Mean log-loss over sessions, of the candidate's kind and of the version in force, and how sure the difference."""

    sessions: int
    log_loss: float
    base_log_loss: float
    error: float

    @property
    def better(self) -> bool:
        """Whether the candidate's is lower by more than the error."""
        return self.sessions >= FEWEST_SESSIONS and self.base_log_loss - self.log_loss > self.error

    def __str__(self) -> str:
        """Say it in words."""
        apart = self.log_loss - self.base_log_loss
        side = "lower" if apart < 0.0 else "higher"
        return f"log-loss {side} by {abs(apart):.5f} over {self.sessions} sessions, its error {self.error:.5f}"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A fitted version and what it was judged by; no gain where there was nothing to judge."""

    learned: LearnedWeights
    outcomes: int
    gain: Gain | None

    @property
    def activates(self) -> bool:
        """Whether it takes the place of the version in force."""
        return self.gain is not None and self.gain.better

    @property
    def verdict(self) -> str:
        """Why it does or does not."""
        if self.gain is None or self.gain.sessions < FEWEST_SESSIONS:
            return "too few sessions to judge it: kept inactive"
        return f"{self.gain}: {'activated' if self.activates else 'kept inactive'}"


def propose(history: History, in_force: LearnedWeights, now: datetime) -> Candidate:
    """Return the version that this history leads to; a longer window has a model only where that alone was better."""
    results = results_of(history)
    learned = fitted(history, results, len(history.sessions), version=f"fitted-{now:%Y%m%dT%H%M}", now=now)
    base_views = views_of(history, in_force)
    counted = base_views.spoke & ~np.isnan(results.abnormal)
    gains = _gains(history, results, base_views, in_force)
    models = {
        window: model
        for window, model in learned.models.items()
        if window is Window.D1 or (window in gains and gains[window].better)
    }
    return Candidate(
        learned=msgspec.structs.replace(learned, models=models),
        outcomes=int(counted[..., 0].sum()),
        gain=gains.get(Window.D1),
    )


def fitted(history: History, results: Results, until: int, *, version: str, now: datetime) -> LearnedWeights:
    """Return what the sessions before one, and verdicts known by an instant, have taught."""
    weights = of_layers(layer_factors(history.verdicts, now), PRIOR_WEIGHTS)
    weights = msgspec.structs.replace(weights, version=version, fitted_at=now, trust=trust_of(history.verdicts, now))
    views = views_of(history, weights)
    found = {window: _model(views, results, place, until) for place, window in enumerate(FITTED)}
    models = {window: model for window, model in found.items() if model is not None}
    return msgspec.structs.replace(weights, models=models)


def _model(views: Views, results: Results, place: int, until: int) -> WindowModel | None:
    """Return a window's model from the outcomes that have closed before a session; None of too few."""
    closed = views.spoke[..., place] & ~np.isnan(results.abnormal[..., place])
    closed[max(0, until - list(FITTED.values())[place] + 1) :] = False
    rows, columns = np.nonzero(closed)
    if len(rows) < FEWEST_OUTCOMES:
        return None
    features = views.features[rows, columns, place]
    abnormal, spread = results.abnormal[rows, columns, place], results.volatility[rows, columns, place]
    rose = (abnormal > 0.0).astype(np.float64)
    split = int(np.searchsorted(rows, np.quantile(rows, EARLIER)))
    raw = features[split:] @ coefficients(features[:split], rose[:split])
    calibrator = (venn_abers if len(raw) >= ISOTONIC_FROM else platt)(raw, rose[split:])
    chances = np.array([calibrator.chance(one).probability for one in raw.tolist()])
    return WindowModel(
        coefficients=tuple(coefficients(features, rose).tolist()),
        calibrator=calibrator,
        payoff=_payoff((2.0 * chances - 1.0) * spread[split:], abnormal[split:]),
        outcomes=len(rows),
    )


def _payoff(leaning: Floats, abnormal: Floats) -> float:
    """Return the abnormal return for each unit of (2p - 1) x volatility, by regression through the origin."""
    known = ~np.isnan(leaning)
    square = float((leaning[known] ** 2).sum())
    if not square:
        return _PAYOFF
    return max(0.0, min(_MOST_PAYOFF, float((leaning[known] * abnormal[known]).sum()) / square))


def _gains(history: History, results: Results, base_views: Views, in_force: LearnedWeights) -> Mapping[Window, Gain]:
    """Return what each window's sessions say; none where there are fewer than two."""
    counted = base_views.spoke & ~np.isnan(results.abnormal)
    losses: dict[Window, list[tuple[float, float]]] = {window: [] for window in FITTED}
    gap = max(1, math.ceil(EMBARGO * len(history.sessions)))
    for start in range(_first(history, counted[..., 0], in_force) + gap, len(history.sessions), MONTH):
        mine = fitted(history, results, start - gap, version="fold", now=history.before(start - gap))
        views = views_of(history, mine)
        for row in range(start, min(start + MONTH, len(history.sessions))):
            for place, window in enumerate(FITTED):
                here = np.nonzero(counted[row, :, place])[0]
                if len(here):
                    rose = (results.abnormal[row, here, place] > 0.0).astype(np.float64)
                    pair = (_chances(views, mine, row, here, place), _chances(base_views, in_force, row, here, place))
                    first, second = (float(log_losses(chances, rose).mean()) for chances in pair)
                    losses[window].append((first, second))
    return {window: _gain(np.array(found), FITTED[window]) for window, found in losses.items() if len(found) > 1}


def _gain(losses: Floats, horizon: int) -> Gain:
    """Return the mean losses; as many sessions as the horizon has share their outcomes, and count as one."""
    mine, base = losses.mean(axis=0).tolist()
    error = float((losses[:, 1] - losses[:, 0]).std(ddof=1)) / math.sqrt(len(losses) / horizon)
    return Gain(sessions=len(losses), log_loss=mine, base_log_loss=base, error=error)


def _first(history: History, counted: Flags, in_force: LearnedWeights) -> int:
    """Return the first session that may be judged: enough outcomes before it, and none that the base was fitted to."""
    enough = np.cumsum(counted.sum(axis=1)) >= FEWEST_OUTCOMES
    first = int(enough.argmax()) + 1 if enough.any() else len(history.sessions)
    fitted_at = in_force.fitted_at
    if fitted_at is None:
        return first
    later = (row for row, session in enumerate(history.sessions) if session.opens_at > fitted_at)
    return max(first, next(later, len(history.sessions)))


def _chances(views: Views, learned: LearnedWeights, row: int, columns: Codes, place: int) -> Floats:
    """Return the probabilities of a rise of some tickers after an open, by one window."""
    model = learned.models.get(list(FITTED)[place])
    features = views.features[row, columns, place].tolist()
    if model is not None:
        return np.array([model.chance_of(one).probability for one in features])
    confidence = views.confidence[row, columns, place].tolist()
    return np.array([prior_probability(one[1], sure) for one, sure in zip(features, confidence, strict=True)])
