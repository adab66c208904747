-- Kept counts also bound when the sources of their jobs start at the latest and end at the earliest, so that a list by last change that is filtered by the time of the
-- source begins where such jobs can be. Bounds only widen while jobs come and go.
DROP TRIGGER job_count_insert;
DROP TRIGGER job_count_update;
ALTER TABLE job_count ADD COLUMN latest_source_start BIGINT;
ALTER TABLE job_count ADD COLUMN earliest_source_end BIGINT;

INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs, latest_source_start, earliest_source_end)
SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, last_modified / 600000000, 0, max(source_started), min(source_ended)
FROM job WHERE source_started IS NOT NULL OR source_ended IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
ON CONFLICT (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed) DO UPDATE SET latest_source_start = excluded.latest_source_start, earliest_source_end = excluded.earliest_source_end;

CREATE TRIGGER job_count_insert AFTER INSERT ON job BEGIN
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs, latest_source_start, earliest_source_end)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, NEW.last_modified / 600000000, 1,
        NEW.source_started, NEW.source_ended)
    ON CONFLICT (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed) DO UPDATE SET jobs = jobs + 1,
        latest_source_start = max(coalesce(latest_source_start, excluded.latest_source_start), coalesce(excluded.latest_source_start, latest_source_start)),
        earliest_source_end = min(coalesce(earliest_source_end, excluded.earliest_source_end), coalesce(excluded.earliest_source_end, earliest_source_end));
    INSERT INTO job_total (job_type_id, status, error_id, batch_id, is_superseded, jobs)
    VALUES (NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, 1)
    ON CONFLICT (job_type_id, status, error_id, batch_id, is_superseded) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_count_update AFTER UPDATE OF status, error_id, last_status_change, job_type_id, batch_id, is_superseded, last_modified, source_started, source_ended ON job
WHEN NEW.status <> OLD.status OR NEW.last_status_change IS NOT OLD.last_status_change OR NEW.error_id IS NOT OLD.error_id OR NEW.job_type_id <> OLD.job_type_id
    OR NEW.batch_id IS NOT OLD.batch_id OR NEW.is_superseded <> OLD.is_superseded OR NEW.last_modified / 600000000 <> OLD.last_modified / 600000000
    OR NEW.source_started IS NOT OLD.source_started OR NEW.source_ended IS NOT OLD.source_ended
BEGIN
    UPDATE job_count SET jobs = jobs - 1
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND changed = OLD.last_modified / 600000000;
    INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs, latest_source_start, earliest_source_end)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, NEW.last_modified / 600000000, 1,
        NEW.source_started, NEW.source_ended)
    ON CONFLICT (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed) DO UPDATE SET jobs = jobs + 1,
        latest_source_start = max(coalesce(latest_source_start, excluded.latest_source_start), coalesce(excluded.latest_source_start, latest_source_start)),
        earliest_source_end = min(coalesce(earliest_source_end, excluded.earliest_source_end), coalesce(excluded.earliest_source_end, earliest_source_end));
    DELETE FROM job_count
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0)
        AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded AND changed = OLD.last_modified / 600000000 AND jobs = 0;
    UPDATE job_total SET jobs = jobs - 1
    WHERE job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0) AND batch_id = coalesce(OLD.batch_id, 0) AND is_superseded = OLD.is_superseded;
    INSERT INTO job_total (job_type_id, status, error_id, batch_id, is_superseded, jobs)
    VALUES (NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), coalesce(NEW.batch_id, 0), NEW.is_superseded, 1)
    ON CONFLICT (job_type_id, status, error_id, batch_id, is_superseded) DO UPDATE SET jobs = jobs + 1;
END;
