-- What an execution used of its machine: seconds, MiB, bytes. Null for what is not known.
ALTER TABLE job_exe ADD COLUMN cpu_seconds DOUBLE PRECISION;
ALTER TABLE job_exe ADD COLUMN peak_memory DOUBLE PRECISION;
ALTER TABLE job_exe ADD COLUMN bytes_read BIGINT;
ALTER TABLE job_exe ADD COLUMN bytes_written BIGINT;
CREATE INDEX job_exe_usage ON job_exe (job_type_id, id) WHERE status = 5 AND cpu_seconds IS NOT NULL;
