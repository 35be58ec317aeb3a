-- Dividends also stand in the calendar of a tape: one place to read them all from.

CREATE VIEW known_actions AS
    SELECT ticker, type, ex_date, ratio, cash, known_at, source FROM corporate_actions
    WHERE type IN ('dividend', 'split') AND coalesce(ratio, cash) > 0
    UNION ALL
    SELECT e.ticker, e.type, e.day, NULL, e.amount, e.known_at, 'calendar' FROM calendar_events AS e
    WHERE e.type = 'dividend' AND e.amount > 0
      AND NOT EXISTS (
          SELECT FROM corporate_actions AS a WHERE a.ticker = e.ticker AND a.type = e.type AND a.ex_date = e.day);
COMMENT ON VIEW known_actions IS 'Dividends and splits that books can follow, from sources of corporate actions and from the calendar.';

CREATE INDEX calendar_events_day ON calendar_events (type, day);
