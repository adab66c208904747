-- Jobs that were canceled before an execution of theirs began have nothing of one: they stand in one index instead of in each of those that sort by what an execution leaves.
DROP INDEX job_ended_by_started;
DROP INDEX job_ended_by_ended;
DROP INDEX job_ended_by_duration;
DROP INDEX job_ended_by_node;
CREATE INDEX job_ended_by_started ON job (started, last_modified, id) WHERE status >= 4 AND started IS NOT NULL;
CREATE INDEX job_ended_by_ended ON job (ended, last_modified, id) WHERE status >= 4 AND ended IS NOT NULL;
CREATE INDEX job_ended_by_duration ON job ((ended - started), last_modified, id) WHERE status >= 4 AND (ended - started) IS NOT NULL;
CREATE INDEX job_ended_by_node ON job (node_id, last_modified, id) WHERE status >= 4 AND node_id IS NOT NULL;
CREATE INDEX job_ended_untried ON job (last_modified, id) WHERE status >= 4 AND (started IS NULL OR ended IS NULL OR node_id IS NULL);
