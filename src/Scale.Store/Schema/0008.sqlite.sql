-- Every move of a job writes to every index that the job is in. The jobs of a batch are found by its recipes, those of a recipe by its nodes.
DROP INDEX job_batch;
DROP INDEX job_recipe;
