-- Kept counts of jobs, so that how many of a job type wait, run or failed is never counted from the jobs themselves. Triggers keep them: whoever moves a job,
-- and however, moves its count in the same statement. error_id is 0 without error; bucket is last_status_change in steps of ten minutes, -1 before the first change.
CREATE TABLE job_count (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket BIGINT NOT NULL,
    job_type_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    error_id BIGINT NOT NULL,
    jobs BIGINT NOT NULL
);
CREATE UNIQUE INDEX job_count_key ON job_count (bucket, job_type_id, status, error_id);
CREATE INDEX job_count_watched ON job_count (status, job_type_id, error_id) WHERE status IN (0, 3, 4);

INSERT INTO job_count (bucket, job_type_id, status, error_id, jobs)
SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), count(*) FROM job GROUP BY 1, 2, 3, 4;

CREATE TRIGGER job_count_insert AFTER INSERT ON job BEGIN
    INSERT INTO job_count (bucket, job_type_id, status, error_id, jobs)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), 1)
    ON CONFLICT (bucket, job_type_id, status, error_id) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER job_count_update AFTER UPDATE OF status, error_id, last_status_change, job_type_id ON job
WHEN NEW.status <> OLD.status OR NEW.last_status_change IS NOT OLD.last_status_change OR NEW.error_id IS NOT OLD.error_id OR NEW.job_type_id <> OLD.job_type_id BEGIN
    UPDATE job_count SET jobs = jobs - 1
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0);
    INSERT INTO job_count (bucket, job_type_id, status, error_id, jobs)
    VALUES (coalesce(NEW.last_status_change / 600000000, -1), NEW.job_type_id, NEW.status, coalesce(NEW.error_id, 0), 1)
    ON CONFLICT (bucket, job_type_id, status, error_id) DO UPDATE SET jobs = jobs + 1;
    DELETE FROM job_count
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0) AND jobs = 0;
END;

CREATE TRIGGER job_count_delete AFTER DELETE ON job BEGIN
    UPDATE job_count SET jobs = jobs - 1
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0);
    DELETE FROM job_count
    WHERE bucket = coalesce(OLD.last_status_change / 600000000, -1) AND job_type_id = OLD.job_type_id AND status = OLD.status AND error_id = coalesce(OLD.error_id, 0) AND jobs = 0;
END;

-- Earliest and latest change of a status, and the jobs at the edges of a time range.
CREATE INDEX job_status_change ON job (job_type_id, status, error_id, last_status_change, id);

-- Plain values of before are encrypted at the next start.
ALTER TABLE secret ADD COLUMN is_encrypted BOOLEAN NOT NULL DEFAULT FALSE;

-- Since when a queued job of the type needs what no node has.
ALTER TABLE job_type ADD COLUMN unmet_since BIGINT;

-- What a job of a type with reuse was made of, and the job whose outputs it took over.
ALTER TABLE job ADD COLUMN reuse_key TEXT;
ALTER TABLE job ADD COLUMN reused_job_id BIGINT;
CREATE INDEX job_reuse ON job (reuse_key, id) WHERE reuse_key IS NOT NULL;
