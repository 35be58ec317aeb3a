"""The scoreboard as text: figures with their intervals, and words that promise nothing."""

from collections.abc import Iterator

from stonks.replay.evaluation.bootstrap import Interval
from stonks.replay.evaluation.calibration import Calibration
from stonks.replay.evaluation.placebo import Placebo
from stonks.replay.evaluation.scoreboard import Column, Scoreboard

_BASIS_POINTS = 1e4
_VERSIONS = 6
_NAMES = {"shuffled_dates": "dates shuffled", "permuted_tickers": "companies permuted", "shifted_text": "text moved"}
_HEAD = """\
One sample, seen after the fact: what was, not what will be. Returns are against the mean of all companies.
same session       news until the close, close to close: partly tells of the move itself, cannot be traded
overnight          news known before the open, open to close: could have been traded, before costs
next session       a session's news, next open to close: could have been traded, before costs
trend at the open  the one-day trend of all layers, open to close: could have been traded, before costs"""


def as_text(board: Scoreboard) -> str:
    """Return the scoreboard as lines of at most 120 characters."""
    return "\n".join(_lines(board))


def _lines(board: Scoreboard) -> Iterator[str]:
    yield f"{board.first} to {board.last}: {board.sessions} sessions, {board.companies} companies"
    yield from (
        "",
        _HEAD,
        "",
        _row("rank IC", "mean", "95 % by weeks", "ICIR", "t", "pooled", "95 % by weeks", "pairs"),
    )
    yield from (_coefficient(column) for column in board.columns)
    yield from ("", _row("hits by size", "above", "hit", "95 % by weeks", "base", "signed bp", "n", "coverage"))
    for column in board.columns:
        yield from _hits(column)
    yield from ("", "placebos: the mean over many draws should be nothing; one draw is off by about the spread")
    yield from _placebos(board)
    yield _canary(board)
    yield from ("", *_probabilities(board.probabilities))
    yield from ("", *_spread(board))
    yield from ("", *_closed_loop(board))
    yield ("" if board.sound else "\nA PLACEBO OR THE CANARY SPEAKS: the figures above cannot be trusted.")


def _row(*cells: object) -> str:
    first, *others = cells
    return f"{first!s:<20}" + "".join(f"{cell!s:>14}" for cell in others).rstrip()


def _figure(value: float | None, places: int = 3, *, sign: bool = True) -> str:
    return "-" if value is None else f"{value:+.{places}f}" if sign else f"{value:.{places}f}"


def _interval(interval: Interval | None, *, sign: bool = True) -> str:
    if interval is None:
        return "-"
    return f"{_figure(interval.low, 2, sign=sign)}, {_figure(interval.high, 2, sign=sign)}"


def _coefficient(column: Column) -> str:
    found = column.coefficient
    return _row(
        column.name,
        _figure(found.mean),
        _interval(found.interval),
        _figure(found.ratio, 2),
        _figure(found.t, 1),
        _figure(found.pooled),
        _interval(found.pooled_interval),
        found.pairs,
    )


def _hits(column: Column) -> Iterator[str]:
    for number, step in enumerate(column.hits):
        yield _row(
            column.name if number == 0 else "",
            f"{step.above:.1f}",
            _figure(step.rate, sign=False),
            _interval(step.interval, sign=False),
            _figure(step.base_rate, sign=False),
            _figure(step.signed, 1),
            step.count,
            f"{column.coverage:.0%}" if number == 0 else "",
        )


def _placebos(board: Scoreboard) -> Iterator[str]:
    yield _row("", "column", "mean", "spread", "p of the real", "draws", "")
    for name, drawn in board.placebos.items():
        for field, label in _NAMES.items():
            placebo: Placebo | None = getattr(drawn, field)
            if placebo is None:
                yield _row(label, name, "too few sessions or companies")
                continue
            said = {True: "", False: "NOT NOTHING", None: "too few"}[placebo.passed]
            figures = (_figure(placebo.mean), _figure(placebo.spread, sign=False), _figure(placebo.beyond, sign=False))
            yield _row(label, name, *figures, placebo.draws, said)


def _canary(board: Scoreboard) -> str:
    canary = board.canary
    heard = "ALARM: news is late, or reports of moves" if canary.alarm else "silent"
    own, before = _figure(canary.same_session), _figure(canary.session_before)
    return f"look-ahead canary: {heard} (pooled IC with the session before {before}, its own {own})"


def _probabilities(found: Calibration | None) -> Iterator[str]:
    if found is None:
        yield "probabilities: no recommendation of the one-day window stood at an open"
        return
    yield f"probabilities of the one-day window at the open, {found.count}: more than the mean of all, open to close"
    yield (
        f"Brier {found.brier:.4f} (skill {_figure(found.skill)} on the base rate {found.base_rate:.3f}), "
        f"log-loss {found.log_loss:.4f} (base {found.base_log_loss:.4f}), calibration error {found.error:.3f}"
    )
    yield _row("reliability", *(f"{part.forecast:.3f}" for part in found.reliability[::2]))
    yield _row("  happened", *(f"{part.happened:.3f}" for part in found.reliability[::2]))


def _spread(board: Scoreboard) -> Iterator[str]:
    earned = board.spread
    if earned is None:
        yield "thirds: no session had six companies with overnight news"
        return
    gross, net = (f"{one * _BASIS_POINTS:+.1f}" for one in (earned.gross, earned.net))
    cost, left = (f"{one * _BASIS_POINTS:.1f}" for one in (board.cost, earned.breakeven))
    yield f"highest less lowest third of overnight scores, open to close, {earned.days} sessions, bp a session:"
    yield f"gross {gross} ({_points(earned.gross_interval)}), net {net} ({_points(earned.net_interval)})"
    yield (
        f"at {cost} bp a dollar traded; nothing is left at {left}; "
        f"turnover {earned.turnover:.1f} a session; deepest fall {earned.drawdown:.1%}"
    )
    ratio = board.sharpe
    if ratio is not None:
        yield (
            f"Sharpe {ratio.ratio:+.3f} a session net (PSR {ratio.above_zero:.2f}); the best by luck of "
            f"{ratio.trials} trials is {ratio.expected_best:.3f}: deflated (DSR) {ratio.deflated:.2f}"
        )


def _points(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{interval.low * _BASIS_POINTS:+.1f}, {interval.high * _BASIS_POINTS:+.1f}"


def _closed_loop(board: Scoreboard) -> Iterator[str]:
    if board.layers:
        yield _row("outcomes", "sessions", "stories", "hit", "signed bp")
    for layer in board.layers:
        signed = None if layer.abnormal is None else layer.abnormal * _BASIS_POINTS
        yield _row(layer.layer, layer.sessions, layer.outcomes, _figure(layer.hit_rate, sign=False), _figure(signed, 1))
    if board.versions:
        yield f"versions of the weights, {len(board.versions)}, the newest first"
    for version in board.versions[:_VERSIONS]:
        since = f", active since {version.activated_at:%Y-%m-%d}" if version.activated_at else ""
        yield f"{version.version} ({version.outcomes} outcomes{since}): {version.verdict}"
