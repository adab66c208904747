-- How many jobs waited and ran at each full hour, by job type (jobs-and-queue.md §10); without job type where there were none.
CREATE TABLE job_load (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    measured INTEGER NOT NULL,
    job_type_id INTEGER,
    pending INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    running INTEGER NOT NULL
);
CREATE UNIQUE INDEX job_load_measured ON job_load (measured, coalesce(job_type_id, 0));

-- Executions of all jobs, by time and by error.
CREATE INDEX job_exe_created ON job_exe (created, id);
CREATE INDEX job_exe_error ON job_exe (error_id, id) WHERE error_id IS NOT NULL;
