-- How many jobs of each queue were done up to an instant, so that nobody has to count them all again.

CREATE TABLE job_tallies (
    queue       text PRIMARY KEY,
    done        bigint NOT NULL,
    counted_to  timestamptz NOT NULL
);
