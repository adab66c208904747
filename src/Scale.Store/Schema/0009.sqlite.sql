-- Pages of the job list in orders that no other index holds. An entry is written when the job ends, so a job on its way costs nothing here.
CREATE INDEX job_ended_by_created ON job (created, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_queued ON job (queued, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_started ON job (started, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_ended ON job (ended, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_duration ON job ((ended - started), last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_node ON job (node_id, last_modified, id) WHERE status >= 4;
