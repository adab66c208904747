-- Kept counts of jobs tell batch (0 for none) and supersession apart too, so that lists are counted by what is filtered most.
DROP TRIGGER job_count_insert;
DROP TRIGGER job_count_update;
DROP TRIGGER job_count_delete;
DROP INDEX job_count_key;
DELETE FROM job_count;
ALTER TABLE job_count ADD COLUMN batch_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job_count ADD COLUMN is_superseded BOOLEAN NOT NULL DEFAULT FALSE;
CREATE UNIQUE INDEX job_count_key ON job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded);

INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, jobs)
SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, count(*) FROM job GROUP BY 1, 2, 3, 4, 5, 6;

CREATE TRIGGER job_count_insert AFTER INSERT ON job BEGIN
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, jobs)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, 1)
    ON CONFLICT (bucket, job_type_id, status, error_id, batch_id, is_superseded) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_count_update AFTER UPDATE OF status, error_id, last_status_change, job_type_id, batch_id, is_superseded ON job
WHEN NEW.status <> OLD.status OR NEW.last_status_change IS NOT OLD.last_status_change OR NEW.error_id IS NOT OLD.error_id OR NEW.job_type_id <> OLD.job_type_id
    OR NEW.batch_id IS NOT OLD.batch_id OR NEW.is_superseded <> OLD.is_superseded
BEGIN
    UPDATE job_count SET jobs = jobs - 1
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded;
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, jobs)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, 1)
    ON CONFLICT (bucket, job_type_id, status, error_id, batch_id, is_superseded) DO UPDATE SET jobs = jobs + 1;
    DELETE FROM job_count
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND jobs = 0;
END;

CREATE TRIGGER job_count_delete AFTER DELETE ON job BEGIN
    UPDATE job_count SET jobs = jobs - 1
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded;
    DELETE FROM job_count
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND jobs = 0;
END;

-- Pages of the job list in its usual order, latest changes, for each common filter. What else is filtered by stands in the indexes too: far pages and
-- rare matches are found without looking into the jobs.
DROP INDEX job_open;
DROP INDEX job_type_status;
DROP INDEX job_error;
DROP INDEX job_last_modified;
CREATE INDEX job_last_modified ON job (last_modified, id, status, job_type_id, batch_id, is_superseded, source_started, source_ended);
CREATE INDEX job_by_status ON job (status, last_modified, id, job_type_id, batch_id, is_superseded);
CREATE INDEX job_by_type ON job (job_type_id, last_modified, id, status, batch_id, is_superseded);
CREATE INDEX job_by_batch ON job (batch_id, last_modified, id, status, job_type_id, is_superseded) WHERE batch_id IS NOT NULL;
CREATE INDEX job_error ON job (error_id, last_modified, id) WHERE error_id IS NOT NULL;
CREATE INDEX job_source_sensor_class ON job (source_sensor_class, last_modified, id) WHERE source_sensor_class IS NOT NULL;
CREATE INDEX job_source_sensor ON job (source_sensor, last_modified, id) WHERE source_sensor IS NOT NULL;
CREATE INDEX job_source_collection ON job (source_collection, last_modified, id) WHERE source_collection IS NOT NULL;
CREATE INDEX job_source_task ON job (source_task, last_modified, id) WHERE source_task IS NOT NULL;
