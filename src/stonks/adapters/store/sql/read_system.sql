-- name: ping
-- Whether the database answers; touches no table.
SELECT 1;

-- name: migrations
-- Which steps of the schema this database has taken, in order; the table is small.
SELECT name FROM schema_migrations ORDER BY name;

-- name: replay
-- How far a replay has come; no row where time is real. The table has one row.
SELECT tape, starts_at, ends_at, now, stage, finished_at, summary,
       least(1, greatest(0, extract(epoch FROM now - starts_at)
           / nullif(extract(epoch FROM ends_at - starts_at), 0)))::float8 AS progress
FROM replay_clock;

-- name: changes
-- Changes after a place, none of a transaction that may still have older ones to show; primary key.
SELECT tx::text AS tx, seq, at, topic, key, data FROM changes
WHERE (tx, seq) > (:tx::text::xid8, :seq) AND tx < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY changes.tx, seq
LIMIT :limit;

-- name: changes_end
-- The place after the newest change that may be shown, and the oldest that is still kept; both ends of the primary key.
SELECT coalesce((SELECT tx::text FROM changes WHERE tx < pg_snapshot_xmin(pg_current_snapshot())
                 ORDER BY changes.tx DESC, seq DESC LIMIT 1), '0') AS tx,
       coalesce((SELECT seq FROM changes WHERE tx < pg_snapshot_xmin(pg_current_snapshot())
                 ORDER BY changes.tx DESC, seq DESC LIMIT 1), 0) AS seq,
       coalesce((SELECT tx::text FROM changes ORDER BY changes.tx, seq LIMIT 1), '0') AS oldest_tx;
