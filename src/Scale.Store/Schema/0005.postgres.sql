-- Recipes that cannot begin, and those that wait behind a failure.

-- A node before the sub-recipe in its container blocks, so its jobs are BLOCKED.
ALTER TABLE recipe ADD COLUMN is_held_back BOOLEAN NOT NULL DEFAULT FALSE;

-- Why a sub-recipe can never begin: input that does not fit, an inactive type. Its jobs are CANCELED.
ALTER TABLE recipe ADD COLUMN error TEXT;

-- Why the recipe canceled a job before it was ever queued.
ALTER TABLE job ADD COLUMN cancel_reason TEXT;

-- Why a recipe type did not follow a newer revision of something it contains; null when it did.
ALTER TABLE recipe_type ADD COLUMN update_error TEXT;
