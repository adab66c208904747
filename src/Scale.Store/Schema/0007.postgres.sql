-- Kept counts of jobs tell batch (0 for none) and supersession apart too, so that lists are counted by what is filtered most.
DROP TRIGGER job_count_insert ON job;
DROP TRIGGER job_count_update ON job;
DROP TRIGGER job_count_delete ON job;
DROP INDEX job_count_key;
DELETE FROM job_count;
ALTER TABLE job_count ADD COLUMN batch_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job_count ADD COLUMN is_superseded BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX job_count_key ON job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded);

INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, jobs)
SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, count(*) FROM job GROUP BY 1, 2, 3, 4, 5, 6;

CREATE OR REPLACE FUNCTION job_count_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, jobs)
    SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, count(*) FROM new_jobs GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION job_count_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, jobs)
    SELECT moved.bucket, moved.job_type_id, moved.status, moved.error_id, moved.batch_id, moved.is_superseded, sum(moved.n) FROM (
        SELECT coalesce(last_status_change / 600000000, -1) AS bucket, job_type_id, status, coalesce(error_id, 0) AS error_id, coalesce(batch_id, 0) AS batch_id, is_superseded, -1 AS n
        FROM old_jobs
        UNION ALL
        SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, 1 FROM new_jobs
    ) moved GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(moved.n) <> 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION job_count_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, jobs)
    SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, -count(*) FROM old_jobs GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;

CREATE TRIGGER job_count_insert AFTER INSERT ON job REFERENCING NEW TABLE AS new_jobs FOR EACH STATEMENT EXECUTE FUNCTION job_count_insert();
CREATE TRIGGER job_count_update AFTER UPDATE ON job REFERENCING OLD TABLE AS old_jobs NEW TABLE AS new_jobs FOR EACH STATEMENT EXECUTE FUNCTION job_count_update();
CREATE TRIGGER job_count_delete AFTER DELETE ON job REFERENCING OLD TABLE AS old_jobs FOR EACH STATEMENT EXECUTE FUNCTION job_count_delete();

-- Pages of the job list in its usual order, latest changes, for each common filter. What else is filtered by stands in the indexes too: far pages and
-- rare matches are found without looking into the jobs.
DROP INDEX job_open;
DROP INDEX job_type_status;
DROP INDEX job_error;
DROP INDEX job_last_modified;
CREATE INDEX job_last_modified ON job (last_modified, id) INCLUDE (status, job_type_id, batch_id, is_superseded, source_started, source_ended);
CREATE INDEX job_by_status ON job (status, last_modified, id) INCLUDE (job_type_id, batch_id, is_superseded);
CREATE INDEX job_by_type ON job (job_type_id, last_modified, id) INCLUDE (status, batch_id, is_superseded);
CREATE INDEX job_by_batch ON job (batch_id, last_modified, id) INCLUDE (status, job_type_id, is_superseded) WHERE batch_id IS NOT NULL;
CREATE INDEX job_error ON job (error_id, last_modified, id) WHERE error_id IS NOT NULL;
CREATE INDEX job_source_sensor_class ON job (source_sensor_class, last_modified, id) WHERE source_sensor_class IS NOT NULL;
CREATE INDEX job_source_sensor ON job (source_sensor, last_modified, id) WHERE source_sensor IS NOT NULL;
CREATE INDEX job_source_collection ON job (source_collection, last_modified, id) WHERE source_collection IS NOT NULL;
CREATE INDEX job_source_task ON job (source_task, last_modified, id) WHERE source_task IS NOT NULL;

-- Most recipes supersede nothing.
ALTER TABLE recipe DROP CONSTRAINT recipe_superseded_recipe_id_key;
CREATE UNIQUE INDEX recipe_superseded ON recipe (superseded_recipe_id) WHERE superseded_recipe_id IS NOT NULL;
