-- Counts of jobs that lists tell, kept by the database itself: whoever writes jobs writes them along.
CREATE TABLE job_tally (
    id INTEGER PRIMARY KEY NOT NULL,
    job_type_id INTEGER NOT NULL,
    status SMALLINT NOT NULL,
    is_superseded BOOLEAN NOT NULL,
    -- 0 for none.
    batch_id INTEGER NOT NULL,
    jobs INTEGER NOT NULL
);
CREATE UNIQUE INDEX job_tally_key ON job_tally (batch_id, job_type_id, status, is_superseded);

INSERT INTO job_tally (job_type_id, status, is_superseded, batch_id, jobs)
SELECT job_type_id, status, is_superseded, coalesce(batch_id, 0), count(*) FROM job GROUP BY 1, 2, 3, 4;

CREATE TRIGGER job_tally_added AFTER INSERT ON job BEGIN
    INSERT INTO job_tally (job_type_id, status, is_superseded, batch_id, jobs)
    VALUES (new.job_type_id, new.status, new.is_superseded, coalesce(new.batch_id, 0), 1)
    ON CONFLICT (batch_id, job_type_id, status, is_superseded) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_tally_changed AFTER UPDATE OF job_type_id, status, is_superseded, batch_id ON job
WHEN old.status <> new.status OR old.is_superseded <> new.is_superseded OR old.batch_id IS NOT new.batch_id OR old.job_type_id <> new.job_type_id
BEGIN
    UPDATE job_tally SET jobs = jobs - 1
    WHERE batch_id = coalesce(old.batch_id, 0) AND job_type_id = old.job_type_id AND status = old.status AND is_superseded = old.is_superseded;
    INSERT INTO job_tally (job_type_id, status, is_superseded, batch_id, jobs)
    VALUES (new.job_type_id, new.status, new.is_superseded, coalesce(new.batch_id, 0), 1)
    ON CONFLICT (batch_id, job_type_id, status, is_superseded) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_tally_removed AFTER DELETE ON job BEGIN
    UPDATE job_tally SET jobs = jobs - 1
    WHERE batch_id = coalesce(old.batch_id, 0) AND job_type_id = old.job_type_id AND status = old.status AND is_superseded = old.is_superseded;
END;

-- Pages of the job list in its usual order, latest changes, for each common filter. What else is filtered by stands in the indexes too: far pages and
-- rare matches are found without looking into the jobs.
DROP INDEX job_open;
DROP INDEX job_type_status;
DROP INDEX job_batch;
DROP INDEX job_error;
DROP INDEX job_last_modified;
CREATE INDEX job_last_modified ON job (last_modified, id, status, job_type_id, batch_id, is_superseded, source_started, source_ended);
CREATE INDEX job_by_status ON job (status, last_modified, id, job_type_id, batch_id, is_superseded);
CREATE INDEX job_by_type ON job (job_type_id, last_modified, id, status, batch_id, is_superseded);
CREATE INDEX job_batch ON job (batch_id, last_modified, id, status, job_type_id, is_superseded) WHERE batch_id IS NOT NULL;
CREATE INDEX job_error ON job (error_id, last_modified, id) WHERE error_id IS NOT NULL;
CREATE INDEX job_created ON job (created, id);
CREATE INDEX job_source_sensor_class ON job (source_sensor_class, last_modified, id) WHERE source_sensor_class IS NOT NULL;
CREATE INDEX job_source_sensor ON job (source_sensor, last_modified, id) WHERE source_sensor IS NOT NULL;
CREATE INDEX job_source_collection ON job (source_collection, last_modified, id) WHERE source_collection IS NOT NULL;
CREATE INDEX job_source_task ON job (source_task, last_modified, id) WHERE source_task IS NOT NULL;
