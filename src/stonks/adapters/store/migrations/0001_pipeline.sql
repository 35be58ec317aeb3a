-- Every table of the pipeline. Instants are timestamptz; known_at is when this system could first have acted on a row.

CREATE TABLE companies (
    ticker        text PRIMARY KEY,
    name          text NOT NULL,
    cik           text,
    sector        text NOT NULL DEFAULT 'Unknown',
    sub_industry  text NOT NULL DEFAULT 'Unknown',
    aliases       text[] NOT NULL DEFAULT '{}',
    exposures     jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE company_edges (
    src         text NOT NULL REFERENCES companies (ticker),
    dst         text NOT NULL REFERENCES companies (ticker),
    relation    text NOT NULL,
    weight      double precision NOT NULL,
    confidence  double precision NOT NULL,
    valid_from  timestamptz NOT NULL,
    valid_to    timestamptz,
    source      text NOT NULL,
    PRIMARY KEY (src, dst, relation, valid_from)
);

CREATE TABLE sources (
    name             text PRIMARY KEY,
    adapter          text NOT NULL,
    cadence          interval NOT NULL,
    freshness_slo    interval NOT NULL,
    paused           boolean NOT NULL DEFAULT false,
    cursor           text,
    next_run_at      timestamptz,
    failures         integer NOT NULL DEFAULT 0,
    last_success_at  timestamptz
);

CREATE TABLE ingestion_runs (
    id             uuid PRIMARY KEY,
    source         text NOT NULL REFERENCES sources (name),
    started_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    cursor_before  text,
    cursor_after   text,
    fetched        integer NOT NULL DEFAULT 0,
    stored         integer NOT NULL DEFAULT 0,
    duplicates     integer NOT NULL DEFAULT 0,
    error          text
);
CREATE INDEX ingestion_runs_source ON ingestion_runs (source, started_at DESC);

CREATE TABLE documents (
    id                 uuid PRIMARY KEY,
    source             text NOT NULL REFERENCES sources (name),
    external_id        text NOT NULL,
    revision           integer NOT NULL,
    action             text NOT NULL CHECK (action IN ('created', 'updated', 'removed')),
    document_type      text NOT NULL CHECK (document_type IN ('news', 'filing', 'macro_event', 'press_release', 'web_scrape')),
    publisher          text NOT NULL,
    url                text,
    title              text NOT NULL,
    published_at       timestamptz,
    known_at           timestamptz NOT NULL,
    content_hash       text NOT NULL,
    raw_sha256         text NOT NULL,
    content_type       text NOT NULL,
    feed_tickers       text[] NOT NULL DEFAULT '{}',
    normalized_sha256  text,
    story_cluster_id   uuid,
    quality            double precision,
    quality_features   jsonb NOT NULL DEFAULT '{}',
    flags              text[] NOT NULL DEFAULT '{}',
    language           text,
    status             text NOT NULL DEFAULT 'stored' CHECK (status IN
        ('stored', 'parsed', 'extracted', 'classified', 'duplicate', 'rejected', 'withdrawn', 'failed')),
    status_reason      text,
    status_at          timestamptz NOT NULL,
    run_id             uuid REFERENCES ingestion_runs (id),
    created_at         timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, external_id, revision)
);
CREATE INDEX documents_known_at ON documents (known_at DESC, id);
CREATE INDEX documents_content_hash ON documents (content_hash);
CREATE INDEX documents_story ON documents (story_cluster_id);
CREATE INDEX documents_unfinished ON documents (status_at) WHERE status IN ('stored', 'parsed');

CREATE TABLE document_bands (
    band         smallint NOT NULL,
    hash         bigint NOT NULL,
    document_id  uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    known_at     timestamptz NOT NULL,
    PRIMARY KEY (band, hash, document_id)
);

CREATE TABLE document_signatures (
    document_id  uuid PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    signature    bytea NOT NULL
);

CREATE TABLE mentions (
    document_id  uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    ticker       text NOT NULL,
    role         text NOT NULL CHECK (role IN ('primary', 'secondary', 'passing')),
    spans        jsonb NOT NULL,
    PRIMARY KEY (document_id, ticker)
);
CREATE INDEX mentions_ticker ON mentions (ticker, document_id);

CREATE TABLE llm_calls (
    id              uuid PRIMARY KEY,
    agent           text NOT NULL,
    document_id     uuid REFERENCES documents (id),
    model           text NOT NULL,
    model_digest    text,
    prompt_version  text NOT NULL,
    cache_key       text NOT NULL,
    outcome         text NOT NULL,
    attempt         integer NOT NULL,
    verdicts        jsonb NOT NULL DEFAULT '[]',
    tokens_in       integer,
    tokens_out      integer,
    milliseconds    double precision,
    called_at       timestamptz NOT NULL
);
CREATE INDEX llm_calls_cache ON llm_calls (cache_key);

CREATE TABLE document_intelligence (
    id                 uuid PRIMARY KEY,
    document_id        uuid NOT NULL REFERENCES documents (id),
    extractor_version  text NOT NULL,
    model              text,
    prompt_version     text,
    call_id            uuid REFERENCES llm_calls (id),
    kind               text NOT NULL,
    summary            text NOT NULL,
    numbers            jsonb NOT NULL DEFAULT '[]',
    degraded           boolean NOT NULL DEFAULT false,
    verified_ratio     double precision NOT NULL,
    known_at           timestamptz NOT NULL,
    UNIQUE (document_id, extractor_version)
);

CREATE TABLE document_impact_records (
    id               uuid PRIMARY KEY,
    intelligence_id  uuid NOT NULL REFERENCES document_intelligence (id),
    document_id      uuid NOT NULL REFERENCES documents (id),
    ticker           text NOT NULL REFERENCES companies (ticker),
    direction        double precision NOT NULL CHECK (direction BETWEEN -1 AND 1),
    strength         double precision NOT NULL CHECK (strength BETWEEN 0 AND 1),
    confidence       double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    event_types      text[] NOT NULL,
    horizon          text NOT NULL,
    relevance        double precision NOT NULL,
    novelty          double precision NOT NULL,
    evidence         jsonb NOT NULL,
    known_at         timestamptz NOT NULL,
    UNIQUE (intelligence_id, ticker)
);
CREATE INDEX document_impact_records_ticker ON document_impact_records (ticker, known_at DESC);

CREATE TABLE global_events (
    id                 uuid PRIMARY KEY,
    document_id        uuid NOT NULL REFERENCES documents (id),
    type               text NOT NULL,
    stage              text NOT NULL,
    regions            text[] NOT NULL,
    severity           integer NOT NULL CHECK (severity BETWEEN 1 AND 5),
    surprise           integer NOT NULL CHECK (surprise BETWEEN -2 AND 2),
    direction          integer NOT NULL CHECK (direction BETWEEN -1 AND 1),
    duration           text NOT NULL,
    sectors            jsonb NOT NULL DEFAULT '{}',
    commodities        jsonb NOT NULL DEFAULT '{}',
    currencies         jsonb NOT NULL DEFAULT '{}',
    confidence         double precision NOT NULL,
    summary            text NOT NULL,
    evidence           jsonb NOT NULL,
    known_at           timestamptz NOT NULL,
    extractor_version  text NOT NULL
);
CREATE INDEX global_events_known_at ON global_events (known_at DESC, id);

CREATE TABLE macro_impact_records (
    event_id  uuid NOT NULL REFERENCES global_events (id),
    ticker    text NOT NULL REFERENCES companies (ticker),
    impact    double precision NOT NULL CHECK (impact BETWEEN -1 AND 1),
    terms     jsonb NOT NULL,
    coverage  double precision NOT NULL,
    known_at  timestamptz NOT NULL,
    PRIMARY KEY (event_id, ticker)
);

CREATE TABLE signals (
    id                 uuid PRIMARY KEY,
    ticker             text NOT NULL REFERENCES companies (ticker),
    layer              text NOT NULL CHECK (layer IN ('company', 'macro', 'competitive')),
    source             text NOT NULL,
    cluster_id         uuid NOT NULL,
    document_id        uuid REFERENCES documents (id),
    origin_id          uuid NOT NULL,
    event_type         text NOT NULL,
    direction          double precision NOT NULL CHECK (direction BETWEEN -1 AND 1),
    strength           double precision NOT NULL CHECK (strength BETWEEN 0 AND 1),
    confidence         double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    credibility        double precision NOT NULL,
    novelty            double precision NOT NULL,
    quality            double precision NOT NULL,
    relevance          double precision NOT NULL,
    half_life          text NOT NULL,
    event_at           timestamptz,
    known_at           timestamptz NOT NULL,
    extractor_version  text NOT NULL
);
CREATE INDEX signals_ticker ON signals (ticker, known_at DESC);
CREATE INDEX signals_document ON signals (document_id);

CREATE TABLE competitive_signal_records (
    signal_id         uuid PRIMARY KEY REFERENCES signals (id),
    origin_signal_id  uuid REFERENCES signals (id),
    ticker            text NOT NULL REFERENCES companies (ticker),
    relation          text NOT NULL,
    hops              integer NOT NULL,
    direction         double precision NOT NULL,
    strength          double precision NOT NULL,
    pattern           jsonb NOT NULL DEFAULT '{}',
    known_at          timestamptz NOT NULL
);

CREATE TABLE trend_history (
    id                     uuid PRIMARY KEY,
    ticker                 text NOT NULL REFERENCES companies (ticker),
    window_name            text NOT NULL CHECK (window_name IN ('intraday', '1d', '7d', '30d', '90d')),
    as_of                  timestamptz NOT NULL,
    score                  double precision NOT NULL,
    direction              text NOT NULL,
    strength               double precision NOT NULL,
    confidence             double precision NOT NULL,
    p_sign                 double precision NOT NULL,
    contradiction          double precision NOT NULL,
    contradiction_entropy  double precision NOT NULL,
    n_eff                  double precision NOT NULL,
    weight                 double precision NOT NULL,
    layer_scores           jsonb NOT NULL,
    momentum               double precision NOT NULL,
    acceleration           double precision NOT NULL,
    drivers                jsonb NOT NULL,
    suppressions           text[] NOT NULL,
    source_share           double precision NOT NULL,
    newest_known_at        timestamptz,
    weights_version        text NOT NULL,
    input_hash             text NOT NULL,
    UNIQUE (ticker, window_name, as_of)
);

CREATE TABLE trend_windows (
    ticker       text NOT NULL REFERENCES companies (ticker),
    window_name  text NOT NULL,
    trend_id     uuid NOT NULL REFERENCES trend_history (id),
    as_of        timestamptz NOT NULL,
    PRIMARY KEY (ticker, window_name)
);

CREATE TABLE trend_projections (
    trend_id  uuid NOT NULL REFERENCES trend_history (id),
    horizon   interval NOT NULL,
    value     double precision NOT NULL,
    low       double precision NOT NULL,
    high      double precision NOT NULL,
    method    text NOT NULL,
    coverage  double precision,
    PRIMARY KEY (trend_id, horizon)
);

CREATE TABLE recommendations (
    id                uuid PRIMARY KEY,
    ticker            text NOT NULL REFERENCES companies (ticker),
    window_name       text NOT NULL,
    trend_id          uuid NOT NULL REFERENCES trend_history (id),
    action            text NOT NULL CHECK (action IN ('buy', 'sell', 'hold', 'watch')),
    mode              text NOT NULL CHECK (mode IN ('informational', 'paper', 'live')),
    probability       double precision NOT NULL,
    probability_low   double precision NOT NULL,
    probability_high  double precision NOT NULL,
    confidence        double precision NOT NULL,
    expected_return   double precision NOT NULL,
    volatility        double precision,
    cost              double precision NOT NULL,
    price             numeric,
    contradiction     double precision NOT NULL,
    thesis_template   text NOT NULL,
    thesis_llm        text,
    suppressions      jsonb NOT NULL,
    generated_at      timestamptz NOT NULL,
    input_hash        text NOT NULL
);
CREATE INDEX recommendations_generated ON recommendations (generated_at DESC, id);
CREATE INDEX recommendations_ticker ON recommendations (ticker, window_name, generated_at DESC);

CREATE TABLE recommendation_evidence (
    recommendation_id  uuid NOT NULL REFERENCES recommendations (id),
    signal_id          uuid NOT NULL REFERENCES signals (id),
    weight_share       double precision NOT NULL,
    contribution       double precision NOT NULL,
    side               text NOT NULL CHECK (side IN ('for', 'against')),
    PRIMARY KEY (recommendation_id, signal_id)
);

CREATE TABLE risk_evaluations (
    id              uuid PRIMARY KEY,
    subject_kind    text NOT NULL CHECK (subject_kind IN ('recommendation', 'order')),
    subject_id      uuid NOT NULL,
    verdict         text NOT NULL,
    checks          jsonb NOT NULL,
    clamps          jsonb NOT NULL DEFAULT '[]',
    policy_version  text NOT NULL,
    evaluated_at    timestamptz NOT NULL
);
CREATE INDEX risk_evaluations_subject ON risk_evaluations (subject_id);

CREATE TABLE trading_decisions (
    id                 uuid PRIMARY KEY,
    account            text NOT NULL,
    recommendation_id  uuid NOT NULL REFERENCES recommendations (id),
    ticker             text NOT NULL,
    verdict            text NOT NULL CHECK (verdict IN ('act', 'skip')),
    primary_reason     text,
    checks             jsonb NOT NULL,
    clamps             jsonb NOT NULL,
    sizing             jsonb NOT NULL,
    quantity           numeric NOT NULL,
    policy_version     text NOT NULL,
    decided_at         timestamptz NOT NULL,
    UNIQUE (account, recommendation_id)
);
CREATE INDEX trading_decisions_decided ON trading_decisions (decided_at DESC, id);

CREATE TABLE orders (
    id                uuid PRIMARY KEY,
    decision_id       uuid REFERENCES trading_decisions (id),
    parent_id         uuid REFERENCES orders (id),
    account           text NOT NULL,
    leg               text NOT NULL,
    attempt           integer NOT NULL,
    client_order_id   text NOT NULL UNIQUE,
    broker_order_id   text UNIQUE,
    ticker            text NOT NULL,
    side              text NOT NULL CHECK (side IN ('buy', 'sell')),
    type              text NOT NULL,
    quantity          numeric NOT NULL CHECK (quantity > 0),
    limit_price       numeric,
    stop_price        numeric,
    time_in_force     text NOT NULL,
    reduce_only       boolean NOT NULL,
    source            text NOT NULL,
    status            text NOT NULL,
    previous_status   text,
    status_reason     text,
    filled_quantity   numeric NOT NULL DEFAULT 0,
    average_price     numeric,
    version           integer NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    UNIQUE (account, decision_id, leg, attempt)
);
CREATE INDEX orders_open ON orders (ticker) WHERE status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced');
CREATE INDEX orders_created ON orders (created_at DESC, id);

CREATE TABLE order_events (
    order_id     uuid NOT NULL REFERENCES orders (id),
    seq          integer NOT NULL,
    kind         text NOT NULL,
    dedupe_key   text NOT NULL,
    source       text NOT NULL,
    at           timestamptz NOT NULL,
    detail       jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (order_id, seq),
    UNIQUE (order_id, dedupe_key)
);

CREATE TABLE fills (
    id            uuid PRIMARY KEY,
    order_id      uuid NOT NULL REFERENCES orders (id),
    account       text NOT NULL,
    execution_id  text NOT NULL,
    ticker        text NOT NULL,
    side          text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity      numeric NOT NULL CHECK (quantity > 0),
    price         numeric NOT NULL CHECK (price > 0),
    fee           numeric NOT NULL,
    at            timestamptz NOT NULL,
    UNIQUE (account, execution_id)
);
CREATE INDEX fills_ticker ON fills (account, ticker, at);

CREATE TABLE positions (
    account        text NOT NULL,
    ticker         text NOT NULL,
    quantity       numeric NOT NULL,
    average_price  numeric NOT NULL,
    realized       numeric NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (account, ticker)
);
COMMENT ON TABLE positions IS 'The fold of fills, rebuilt in the transaction that books a fill.';

CREATE TABLE portfolio_snapshots (
    account          text NOT NULL,
    as_of            timestamptz NOT NULL,
    cash             numeric NOT NULL,
    gross            numeric NOT NULL,
    net              numeric NOT NULL,
    equity           numeric NOT NULL,
    high_water_mark  numeric NOT NULL,
    PRIMARY KEY (account, as_of)
);

CREATE TABLE bars (
    ticker      text NOT NULL,
    resolution  text NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    open        numeric NOT NULL,
    high        numeric NOT NULL,
    low         numeric NOT NULL,
    close       numeric NOT NULL,
    volume      numeric NOT NULL,
    known_at    timestamptz NOT NULL,
    PRIMARY KEY (ticker, resolution, starts_at)
);
CREATE INDEX bars_known_at ON bars (ticker, known_at DESC);

CREATE TABLE calendar_events (
    type      text NOT NULL,
    ticker    text NOT NULL DEFAULT '',
    day       date NOT NULL,
    at        text,
    amount    numeric,
    known_at  timestamptz NOT NULL,
    PRIMARY KEY (type, ticker, day)
);
COMMENT ON TABLE calendar_events IS 'Dated facts: earnings, dividends, splits, FOMC meetings. The ticker is empty for what concerns all.';

CREATE TABLE corporate_actions (
    ticker    text NOT NULL,
    type      text NOT NULL,
    ex_date   date NOT NULL,
    ratio     numeric,
    cash      numeric,
    known_at  timestamptz NOT NULL,
    PRIMARY KEY (ticker, type, ex_date)
);

CREATE TABLE market_sessions (
    day        date PRIMARY KEY,
    opens_at   timestamptz NOT NULL,
    closes_at  timestamptz NOT NULL
);

CREATE TABLE signal_outcomes (
    signal_id     uuid NOT NULL REFERENCES signals (id),
    horizon       interval NOT NULL,
    entry_at      timestamptz NOT NULL,
    entry_price   numeric NOT NULL,
    exit_at       timestamptz NOT NULL,
    exit_price    numeric NOT NULL,
    return        double precision NOT NULL,
    abnormal      double precision,
    z             double precision,
    hit           boolean,
    PRIMARY KEY (signal_id, horizon)
);

CREATE TABLE weights_versions (
    version       text PRIMARY KEY,
    body          jsonb NOT NULL,
    log_loss      double precision,
    activated_at  timestamptz
);

CREATE TABLE breakers (
    scope      text NOT NULL,
    kind       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('closed', 'open', 'half_open')),
    observed   double precision,
    limit_     double precision,
    opened_at  timestamptz,
    reason     text,
    reset_by   text,
    PRIMARY KEY (scope, kind)
);

CREATE TABLE trading_state (
    account           text PRIMARY KEY,
    state             text NOT NULL CHECK (state IN ('active', 'reducing', 'halted')),
    polled_until      timestamptz,
    day               date,
    day_start_equity  numeric,
    high_water_mark   numeric,
    execution_cursor  text,
    changed_by        text,
    reason            text,
    changed_at        timestamptz NOT NULL
);

CREATE TABLE approvals (
    id             uuid PRIMARY KEY,
    subject_id     uuid NOT NULL,
    body_hash      text NOT NULL,
    state          text NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'expired', 'cancelled', 'consumed')),
    requested_by   text NOT NULL,
    decided_by     text,
    reason         text,
    requested_at   timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL
);

CREATE TABLE alerts (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    severity   text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    subject    text NOT NULL,
    text       text NOT NULL,
    raised_at  timestamptz NOT NULL,
    sent_at    timestamptz,
    channel    text,
    error      text
);
CREATE INDEX alerts_unsent ON alerts (raised_at) WHERE sent_at IS NULL;

CREATE TABLE audit (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    object     text NOT NULL,
    before     jsonb,
    after      jsonb,
    reason     text,
    prev_hash  text NOT NULL,
    hash       text NOT NULL UNIQUE
);

CREATE TABLE api_keys (
    id            text PRIMARY KEY,
    name          text NOT NULL,
    secret_hash   text NOT NULL,
    scopes        text[] NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);

CREATE TABLE lake_batches (
    table_name    text NOT NULL,
    day           date NOT NULL,
    object_key    text NOT NULL,
    rows          integer NOT NULL,
    bytes         bigint NOT NULL,
    published_at  timestamptz NOT NULL,
    PRIMARY KEY (table_name, day)
);

-- The ledger: what was asked for, and whether it was done. Redis is a cache of the open rows.
CREATE TABLE jobs (
    job_id       text PRIMARY KEY,
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    queue        text NOT NULL,
    subject      text NOT NULL,
    payload      jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    done_at      timestamptz,
    dead_at      timestamptz,
    reason       text
);
CREATE INDEX jobs_open ON jobs (queue, subject, seq) WHERE done_at IS NULL AND dead_at IS NULL;

-- A replay's clock: the instant, and how far down the pipeline work may go at it. Empty when time is real.
CREATE TABLE replay_clock (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    tape         text NOT NULL,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    now          timestamptz NOT NULL,
    stage        text NOT NULL,
    finished_at  timestamptz,
    summary      jsonb
);

CREATE TABLE poll_turns (
    stage      text PRIMARY KEY,
    polled_at  timestamptz NOT NULL
);
