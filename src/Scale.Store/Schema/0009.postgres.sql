-- The type of the recipe that created a job, so that jobs sort by it without their recipes.
ALTER TABLE job ADD COLUMN recipe_type_id BIGINT;
UPDATE job SET recipe_type_id = (SELECT r.recipe_type_id FROM recipe r WHERE r.id = job.recipe_id) WHERE recipe_id IS NOT NULL;

-- Pages of the job list in orders that no other index holds. An entry is written when the job ends, so a job on its way costs nothing here.
CREATE INDEX job_ended_by_created ON job (created, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_queued ON job (queued, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_started ON job (started, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_ended ON job (ended, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_duration ON job ((ended - started), last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_node ON job (node_id, last_modified, id) WHERE status >= 4;
CREATE INDEX job_ended_by_recipe_type ON job (recipe_type_id, last_modified, id) WHERE status >= 4;
