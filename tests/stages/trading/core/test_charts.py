from datetime import timedelta

from stonks.risk.correlation import UNKNOWN
from stonks.stages.trading.core.charts import Charts, draw, is_stale
from tests.fakes.floor import ELEVEN, SESSIONS, TODAY, history

PAST = [bar for bar in history("AAPL") if bar.known_at < TODAY.opens_at]


def test_a_chart_says_what_its_bars_say() -> None:
    chart = draw(PAST)
    assert chart.as_of == PAST[-1].known_at
    assert chart.adv is not None
    assert chart.atr is not None
    assert chart.volatility is not None
    assert len(chart.returns) == len(PAST) - 1


def test_a_chart_is_stale_once_a_session_is_over_that_it_lacks() -> None:
    chart = draw(PAST)
    assert not is_stale(chart, SESSIONS, ELEVEN)
    assert not is_stale(chart, SESSIONS, TODAY.closes_at)
    assert is_stale(chart, SESSIONS, TODAY.closes_at + timedelta(seconds=1))
    assert is_stale(None, SESSIONS, ELEVEN)


def test_likeness_is_worked_out_anew_when_a_chart_is() -> None:
    charts = Charts()
    assert charts.likeness("AAPL", ["AAPL", "JPM"]) == {"JPM": UNKNOWN}
    charts.add(draw(PAST))
    charts.add(draw([bar for bar in history("JPM", swing=0.03) if bar.known_at < TODAY.opens_at]))
    before = charts.likeness("AAPL", ["JPM"])

    charts.add(draw(history("AAPL", swing=-0.01)))

    assert charts.likeness("AAPL", ["JPM"]) != before
    assert charts.likeness("AAPL", ["JPM"])["JPM"] == charts.likeness("JPM", ["AAPL"])["AAPL"]
