-- A batch made by the v5 services keeps their definition here; its own one is empty.
ALTER TABLE batch ADD COLUMN legacy_definition TEXT;
ALTER TABLE batch ADD COLUMN is_paused BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE batch ADD COLUMN is_canceled BOOLEAN NOT NULL DEFAULT FALSE;

-- How many COMPLETED jobs of a batch node took how long: kind 0 for jobs, 1 for their main task; buckets grow by the same factor.
CREATE TABLE batch_duration (
    batch_id BIGINT NOT NULL,
    node_name TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    bucket SMALLINT NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (batch_id, node_name, kind, bucket)
);

CREATE INDEX batch_item_failed ON batch_item (batch_id, kind, source_id) WHERE state = 2;

-- What went wrong in a batch, without looking at the jobs that went well.
CREATE INDEX job_batch_failed ON job (batch_id, id, error_id) WHERE status = 4 AND batch_id IS NOT NULL;
