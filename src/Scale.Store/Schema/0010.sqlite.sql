-- Kept counts of jobs tell apart when a job was last changed (changed, last_modified in steps of ten minutes) too, so that a time range of the job list is counted
-- by them, and a page far from both ends is found by them.
DROP TRIGGER job_count_insert;
DROP TRIGGER job_count_update;
DROP TRIGGER job_count_delete;
DROP INDEX job_count_key;
DELETE FROM job_count;
ALTER TABLE job_count ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX job_count_key ON job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed);

INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs)
SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, last_modified / 600000000, count(*) FROM job GROUP BY 1, 2, 3, 4, 5, 6, 7;

CREATE TRIGGER job_count_insert AFTER INSERT ON job BEGIN
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, NEW.last_modified / 600000000, 1)
    ON CONFLICT (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed) DO UPDATE SET jobs = jobs + 1;
    INSERT INTO job_total (job_type_id, status, error_id, batch_id, is_superseded, jobs)
    VALUES (NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, 1)
    ON CONFLICT (job_type_id, status, error_id, batch_id, is_superseded) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_count_update AFTER UPDATE OF status, error_id, last_status_change, job_type_id, batch_id, is_superseded, last_modified ON job
WHEN NEW.status <> OLD.status OR NEW.last_status_change IS NOT OLD.last_status_change OR NEW.error_id IS NOT OLD.error_id OR NEW.job_type_id <> OLD.job_type_id
    OR NEW.batch_id IS NOT OLD.batch_id OR NEW.is_superseded <> OLD.is_superseded OR NEW.last_modified / 600000000 <> OLD.last_modified / 600000000
BEGIN
    UPDATE job_count SET jobs = jobs - 1
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND changed = OLD.last_modified / 600000000;
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, NEW.last_modified / 600000000, 1)
    ON CONFLICT (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed) DO UPDATE SET jobs = jobs + 1;
    DELETE FROM job_count
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND changed = OLD.last_modified / 600000000 AND jobs = 0;
    UPDATE job_total SET jobs = jobs - 1
    WHERE job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0) AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded;
    INSERT INTO job_total (job_type_id, status, error_id, batch_id, is_superseded, jobs)
    VALUES (NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, 1)
    ON CONFLICT (job_type_id, status, error_id, batch_id, is_superseded) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_count_delete AFTER DELETE ON job BEGIN
    UPDATE job_count SET jobs = jobs - 1
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND changed = OLD.last_modified / 600000000;
    DELETE FROM job_count
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND changed = OLD.last_modified / 600000000 AND jobs = 0;
    UPDATE job_total SET jobs = jobs - 1
    WHERE job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0) AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded;
END;

-- The same over all times, for lists that are not filtered by time: far fewer rows. One of no jobs may stay.
CREATE TABLE job_total (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_type_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    error_id BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    is_superseded BOOLEAN NOT NULL,
    jobs BIGINT NOT NULL
);
CREATE UNIQUE INDEX job_total_key ON job_total (job_type_id, status, error_id, batch_id, is_superseded);

INSERT INTO job_total (job_type_id, status, error_id, batch_id, is_superseded, jobs)
SELECT job_type_id, status, error_id, batch_id, is_superseded, sum(jobs) FROM job_count GROUP BY 1, 2, 3, 4, 5;

-- Kept counts by what a job's input tells of its source, which stays as it is once the job has its input: by each text (field 0 sensor class, 1 sensor, 2 collection,
-- 3 task), and by the hours since the year 1 in which the source starts and ends, -1 where it does not say.
CREATE TABLE job_source_count (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    field SMALLINT NOT NULL,
    value TEXT NOT NULL,
    jobs BIGINT NOT NULL
);
CREATE UNIQUE INDEX job_source_count_key ON job_source_count (field, value);
CREATE TABLE job_source_hours (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    jobs BIGINT NOT NULL
);
CREATE UNIQUE INDEX job_source_hours_key ON job_source_hours (started, ended);

INSERT INTO job_source_count (field, value, jobs)
SELECT 0, source_sensor_class, count(*) FROM job WHERE source_sensor_class IS NOT NULL GROUP BY source_sensor_class
UNION ALL
SELECT 1, source_sensor, count(*) FROM job WHERE source_sensor IS NOT NULL GROUP BY source_sensor
UNION ALL
SELECT 2, source_collection, count(*) FROM job WHERE source_collection IS NOT NULL GROUP BY source_collection
UNION ALL
SELECT 3, source_task, count(*) FROM job WHERE source_task IS NOT NULL GROUP BY source_task;
INSERT INTO job_source_hours (started, ended, jobs)
SELECT coalesce((source_started + 62135596800000000) / 3600000000, -1), coalesce((source_ended + 62135596800000000) / 3600000000, -1), count(*) FROM job WHERE source_started IS NOT NULL OR source_ended IS NOT NULL GROUP BY 1, 2;

CREATE TRIGGER job_source_insert AFTER INSERT ON job
WHEN NEW.source_started IS NOT NULL OR NEW.source_ended IS NOT NULL OR NEW.source_sensor_class IS NOT NULL
    OR NEW.source_sensor IS NOT NULL OR NEW.source_collection IS NOT NULL OR NEW.source_task IS NOT NULL
BEGIN
    INSERT INTO job_source_count (field, value, jobs)
    SELECT v.field, v.value, 1 FROM (SELECT 0 AS field, NEW.source_sensor_class AS value UNION ALL SELECT 1, NEW.source_sensor UNION ALL SELECT 2, NEW.source_collection UNION ALL SELECT 3, NEW.source_task) v
    WHERE v.value IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET jobs = jobs + 1;
    INSERT INTO job_source_hours (started, ended, jobs)
    SELECT coalesce((NEW.source_started + 62135596800000000) / 3600000000, -1), coalesce((NEW.source_ended + 62135596800000000) / 3600000000, -1), 1
    WHERE NEW.source_started IS NOT NULL OR NEW.source_ended IS NOT NULL
    ON CONFLICT (started, ended) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_source_update AFTER UPDATE OF source_started, source_ended, source_sensor_class, source_sensor, source_collection, source_task ON job
WHEN NEW.source_started IS NOT OLD.source_started OR NEW.source_ended IS NOT OLD.source_ended OR NEW.source_sensor_class IS NOT OLD.source_sensor_class
    OR NEW.source_sensor IS NOT OLD.source_sensor OR NEW.source_collection IS NOT OLD.source_collection OR NEW.source_task IS NOT OLD.source_task
BEGIN
    UPDATE job_source_count SET jobs = jobs - 1 WHERE (field, value) IN (VALUES (0, OLD.source_sensor_class), (1, OLD.source_sensor), (2, OLD.source_collection), (3, OLD.source_task));
    UPDATE job_source_hours SET jobs = jobs - 1
    WHERE started = coalesce((OLD.source_started + 62135596800000000) / 3600000000, -1) AND ended = coalesce((OLD.source_ended + 62135596800000000) / 3600000000, -1);
    INSERT INTO job_source_count (field, value, jobs)
    SELECT v.field, v.value, 1 FROM (SELECT 0 AS field, NEW.source_sensor_class AS value UNION ALL SELECT 1, NEW.source_sensor UNION ALL SELECT 2, NEW.source_collection UNION ALL SELECT 3, NEW.source_task) v
    WHERE v.value IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET jobs = jobs + 1;
    INSERT INTO job_source_hours (started, ended, jobs)
    SELECT coalesce((NEW.source_started + 62135596800000000) / 3600000000, -1), coalesce((NEW.source_ended + 62135596800000000) / 3600000000, -1), 1
    WHERE NEW.source_started IS NOT NULL OR NEW.source_ended IS NOT NULL
    ON CONFLICT (started, ended) DO UPDATE SET jobs = jobs + 1;
    DELETE FROM job_source_count WHERE (field, value) IN (VALUES (0, OLD.source_sensor_class), (1, OLD.source_sensor), (2, OLD.source_collection), (3, OLD.source_task)) AND jobs = 0;
    DELETE FROM job_source_hours
    WHERE started = coalesce((OLD.source_started + 62135596800000000) / 3600000000, -1) AND ended = coalesce((OLD.source_ended + 62135596800000000) / 3600000000, -1) AND jobs = 0;
END;

CREATE TRIGGER job_source_delete AFTER DELETE ON job
WHEN OLD.source_started IS NOT NULL OR OLD.source_ended IS NOT NULL OR OLD.source_sensor_class IS NOT NULL
    OR OLD.source_sensor IS NOT NULL OR OLD.source_collection IS NOT NULL OR OLD.source_task IS NOT NULL
BEGIN
    UPDATE job_source_count SET jobs = jobs - 1 WHERE (field, value) IN (VALUES (0, OLD.source_sensor_class), (1, OLD.source_sensor), (2, OLD.source_collection), (3, OLD.source_task));
    UPDATE job_source_hours SET jobs = jobs - 1
    WHERE started = coalesce((OLD.source_started + 62135596800000000) / 3600000000, -1) AND ended = coalesce((OLD.source_ended + 62135596800000000) / 3600000000, -1);
    DELETE FROM job_source_count WHERE (field, value) IN (VALUES (0, OLD.source_sensor_class), (1, OLD.source_sensor), (2, OLD.source_collection), (3, OLD.source_task)) AND jobs = 0;
    DELETE FROM job_source_hours
    WHERE started = coalesce((OLD.source_started + 62135596800000000) / 3600000000, -1) AND ended = coalesce((OLD.source_ended + 62135596800000000) / 3600000000, -1) AND jobs = 0;
END;

-- Orders by the time of the source, and the jobs at the edges of a range of it. As in 0009, an entry is written when the job ends.
CREATE INDEX job_ended_by_source_started ON job (source_started, last_modified, id, source_ended) WHERE status >= 4 AND source_started IS NOT NULL;
CREATE INDEX job_ended_by_source_ended ON job (source_ended, last_modified, id, source_started) WHERE status >= 4 AND source_ended IS NOT NULL;

-- Most jobs supersede nothing and are not superseded, so that few entries are written.
CREATE INDEX job_by_superseded ON job (superseded, last_modified, id) WHERE superseded IS NOT NULL;
