-- Times are microseconds since 1970-01-01Z, documents are JSON text, statuses are the numbers of their enums.
-- Rows of the hot tables refer to each other without foreign keys: `scale check` verifies them instead.

-- Leadership -----------------------------------------------------------------------------------------------------

CREATE TABLE leader (
    id INTEGER PRIMARY KEY,
    epoch BIGINT NOT NULL,
    holder TEXT NOT NULL,
    acquired BIGINT NOT NULL
);
INSERT INTO leader (id, epoch, holder, acquired) VALUES (1, 0, '', 0);

CREATE TABLE instance (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE command (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    arguments TEXT NOT NULL,
    progress TEXT NOT NULL DEFAULT '{}',
    state SMALLINT NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    created BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    finished BIGINT
);
CREATE INDEX command_open ON command (id) WHERE state = 0;

-- Access ---------------------------------------------------------------------------------------------------------

CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    email TEXT NOT NULL DEFAULT '',
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    is_staff BOOLEAN NOT NULL DEFAULT FALSE,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    created BIGINT NOT NULL
);

CREATE TABLE account_token (
    token_hash TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created BIGINT NOT NULL
);

-- Job types ------------------------------------------------------------------------------------------------------

CREATE TABLE job_type (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    version_order TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    is_paused BOOLEAN NOT NULL DEFAULT FALSE,
    is_system BOOLEAN NOT NULL DEFAULT FALSE,
    is_published BOOLEAN NOT NULL DEFAULT FALSE,
    is_long_running BOOLEAN NOT NULL DEFAULT FALSE,
    icon_code TEXT,
    max_scheduled INTEGER,
    max_tries INTEGER NOT NULL DEFAULT 3,
    docker_image TEXT NOT NULL,
    manifest TEXT NOT NULL,
    configuration TEXT NOT NULL DEFAULT '{}',
    revision_id BIGINT NOT NULL,
    revision_num INTEGER NOT NULL,
    unmet_resources TEXT,
    created BIGINT NOT NULL,
    deprecated BIGINT,
    paused BIGINT,
    last_modified BIGINT NOT NULL,
    UNIQUE (name, version)
);

-- The engine looks for edited job types without reading their manifests.
CREATE INDEX job_type_last_modified ON job_type (last_modified, id);

CREATE TABLE job_type_tag (
    job_type_id BIGINT NOT NULL REFERENCES job_type (id),
    tag TEXT NOT NULL,
    PRIMARY KEY (job_type_id, tag)
);

CREATE TABLE job_type_revision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_type_id BIGINT NOT NULL REFERENCES job_type (id),
    revision_num INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    docker_image TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (job_type_id, revision_num)
);

CREATE TABLE error (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    title TEXT,
    description TEXT,
    job_type_name TEXT,
    category SMALLINT NOT NULL,
    is_builtin BOOLEAN NOT NULL,
    should_be_retried BOOLEAN NOT NULL,
    created BIGINT NOT NULL,
    last_modified BIGINT NOT NULL
);
CREATE UNIQUE INDEX error_name ON error (coalesce(job_type_name, ''), name);

CREATE TABLE secret (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    last_modified BIGINT NOT NULL,
    PRIMARY KEY (owner, name)
);

-- Recipe types ---------------------------------------------------------------------------------------------------

CREATE TABLE recipe_type (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    is_system BOOLEAN NOT NULL DEFAULT FALSE,
    definition TEXT NOT NULL,
    revision_id BIGINT NOT NULL,
    revision_num INTEGER NOT NULL,
    created BIGINT NOT NULL,
    deprecated BIGINT,
    last_modified BIGINT NOT NULL
);

CREATE TABLE recipe_type_revision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipe_type_id BIGINT NOT NULL REFERENCES recipe_type (id),
    revision_num INTEGER NOT NULL,
    definition TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (recipe_type_id, revision_num)
);

CREATE TABLE recipe_type_job_type (
    recipe_type_id BIGINT NOT NULL REFERENCES recipe_type (id),
    job_type_id BIGINT NOT NULL REFERENCES job_type (id),
    PRIMARY KEY (recipe_type_id, job_type_id)
);
CREATE INDEX recipe_type_job_type_job_type ON recipe_type_job_type (job_type_id);

CREATE TABLE recipe_type_sub_recipe_type (
    recipe_type_id BIGINT NOT NULL REFERENCES recipe_type (id),
    sub_recipe_type_id BIGINT NOT NULL REFERENCES recipe_type (id),
    PRIMARY KEY (recipe_type_id, sub_recipe_type_id)
);
CREATE INDEX recipe_type_sub_recipe_type_sub ON recipe_type_sub_recipe_type (sub_recipe_type_id);

-- Workspaces, files, ingest --------------------------------------------------------------------------------------

CREATE TABLE workspace (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT,
    base_url TEXT,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    is_move_enabled BOOLEAN NOT NULL DEFAULT TRUE,
    configuration TEXT NOT NULL,
    created BIGINT NOT NULL,
    deprecated BIGINT,
    last_modified BIGINT NOT NULL
);

CREATE TABLE file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_name TEXT NOT NULL,
    workspace_id BIGINT NOT NULL,
    file_path TEXT NOT NULL,
    file_type SMALLINT NOT NULL,
    media_type TEXT NOT NULL,
    file_size BIGINT NOT NULL,
    uuid TEXT NOT NULL,
    checksum TEXT,
    data_type_tags TEXT NOT NULL DEFAULT '[]',
    countries TEXT NOT NULL DEFAULT '[]',
    meta_data TEXT NOT NULL DEFAULT '{}',
    geometry TEXT,
    center_point TEXT,
    data_started BIGINT,
    data_ended BIGINT,
    source_started BIGINT,
    source_ended BIGINT,
    source_sensor_class TEXT,
    source_sensor TEXT,
    source_collection TEXT,
    source_task TEXT,
    job_id BIGINT,
    job_exe_id BIGINT,
    job_type_id BIGINT,
    job_output TEXT,
    recipe_id BIGINT,
    recipe_type_id BIGINT,
    recipe_node TEXT,
    batch_id BIGINT,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE,
    is_superseded BOOLEAN NOT NULL DEFAULT FALSE,
    is_published BOOLEAN NOT NULL DEFAULT FALSE,
    has_been_published BOOLEAN NOT NULL DEFAULT FALSE,
    is_parsed BOOLEAN NOT NULL DEFAULT FALSE,
    deleted BIGINT,
    superseded BIGINT,
    published BIGINT,
    unpublished BIGINT,
    parsed BIGINT,
    created BIGINT NOT NULL,
    last_modified BIGINT NOT NULL
);
CREATE INDEX file_last_modified ON file (last_modified, id);
CREATE INDEX file_uuid ON file (uuid);
CREATE INDEX file_name ON file (file_name);
CREATE INDEX file_job ON file (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX file_recipe ON file (recipe_id) WHERE recipe_id IS NOT NULL;
CREATE INDEX file_batch ON file (batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE file_ancestry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ancestor_id BIGINT NOT NULL,
    descendant_id BIGINT,
    job_id BIGINT NOT NULL,
    job_exe_id BIGINT,
    recipe_id BIGINT,
    batch_id BIGINT,
    created BIGINT NOT NULL
);
CREATE INDEX file_ancestry_ancestor ON file_ancestry (ancestor_id);
CREATE INDEX file_ancestry_descendant ON file_ancestry (descendant_id) WHERE descendant_id IS NOT NULL;
CREATE INDEX file_ancestry_job ON file_ancestry (job_id);

CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    description TEXT NOT NULL,
    occurred BIGINT NOT NULL
);

CREATE TABLE scan (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT,
    configuration TEXT NOT NULL,
    job_id BIGINT,
    dry_run_job_id BIGINT,
    file_count BIGINT,
    created BIGINT NOT NULL,
    last_modified BIGINT NOT NULL
);

CREATE TABLE ingest (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_name TEXT NOT NULL,
    scan_id BIGINT,
    strike_id BIGINT,
    status SMALLINT NOT NULL,
    bytes_transferred BIGINT,
    transfer_started BIGINT,
    transfer_ended BIGINT,
    media_type TEXT NOT NULL,
    file_size BIGINT,
    data_type_tags TEXT NOT NULL DEFAULT '[]',
    file_path TEXT NOT NULL,
    workspace_id BIGINT NOT NULL,
    new_file_path TEXT NOT NULL DEFAULT '',
    new_workspace_id BIGINT,
    job_id BIGINT,
    source_file_id BIGINT,
    error TEXT,
    ingest_started BIGINT,
    ingest_ended BIGINT,
    data_started BIGINT,
    data_ended BIGINT,
    created BIGINT NOT NULL,
    last_modified BIGINT NOT NULL
);
CREATE INDEX ingest_last_modified ON ingest (last_modified, id);
CREATE INDEX ingest_source_file ON ingest (source_file_id) WHERE source_file_id IS NOT NULL;
CREATE UNIQUE INDEX ingest_scan_file ON ingest (scan_id, file_path, file_size) WHERE scan_id IS NOT NULL;

CREATE TABLE ingest_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    ingest_id BIGINT,
    scan_id BIGINT,
    strike_id BIGINT,
    description TEXT NOT NULL,
    occurred BIGINT NOT NULL
);

-- Datasets -------------------------------------------------------------------------------------------------------

CREATE TABLE dataset (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT,
    description TEXT,
    definition TEXT NOT NULL,
    file_count BIGINT NOT NULL DEFAULT 0,
    member_count BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL
);

-- Members are only ever added, so a batch pins its snapshot by the highest member id it saw.
CREATE TABLE dataset_member (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id BIGINT NOT NULL,
    data TEXT NOT NULL,
    file_ids TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX dataset_member_dataset ON dataset_member (dataset_id, id);

CREATE TABLE dataset_file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id BIGINT NOT NULL,
    file_id BIGINT NOT NULL,
    parameter_name TEXT NOT NULL,
    UNIQUE (dataset_id, file_id)
);

-- Batches --------------------------------------------------------------------------------------------------------

CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT,
    description TEXT,
    recipe_type_id BIGINT NOT NULL,
    recipe_type_rev_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    definition TEXT NOT NULL,
    configuration TEXT NOT NULL,
    priority INTEGER,
    dataset_id BIGINT,
    last_member_id BIGINT,
    creator_job_id BIGINT,
    root_batch_id BIGINT NOT NULL,
    superseded_batch_id BIGINT UNIQUE,
    is_creation_done BOOLEAN NOT NULL DEFAULT FALSE,
    is_superseded BOOLEAN NOT NULL DEFAULT FALSE,
    recipes_estimated INTEGER NOT NULL DEFAULT 0,
    items_created INTEGER NOT NULL DEFAULT 0,
    items_failed INTEGER NOT NULL DEFAULT 0,
    recipes_total INTEGER NOT NULL DEFAULT 0,
    recipes_completed INTEGER NOT NULL DEFAULT 0,
    jobs_total INTEGER NOT NULL DEFAULT 0,
    jobs_pending INTEGER NOT NULL DEFAULT 0,
    jobs_blocked INTEGER NOT NULL DEFAULT 0,
    jobs_queued INTEGER NOT NULL DEFAULT 0,
    jobs_running INTEGER NOT NULL DEFAULT 0,
    jobs_failed INTEGER NOT NULL DEFAULT 0,
    jobs_completed INTEGER NOT NULL DEFAULT 0,
    jobs_canceled INTEGER NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    superseded BIGINT,
    last_modified BIGINT NOT NULL
);
CREATE INDEX batch_last_modified ON batch (last_modified, id);
CREATE INDEX batch_root ON batch (root_batch_id, id);

-- Kept counts of one node over the batch's top-level recipes; durations are microseconds over COMPLETED jobs.
CREATE TABLE batch_node (
    batch_id BIGINT NOT NULL,
    node_name TEXT NOT NULL,
    jobs_total INTEGER NOT NULL DEFAULT 0,
    jobs_pending INTEGER NOT NULL DEFAULT 0,
    jobs_blocked INTEGER NOT NULL DEFAULT 0,
    jobs_queued INTEGER NOT NULL DEFAULT 0,
    jobs_running INTEGER NOT NULL DEFAULT 0,
    jobs_failed INTEGER NOT NULL DEFAULT 0,
    jobs_completed INTEGER NOT NULL DEFAULT 0,
    jobs_canceled INTEGER NOT NULL DEFAULT 0,
    job_duration_count INTEGER NOT NULL DEFAULT 0,
    job_duration_sum BIGINT NOT NULL DEFAULT 0,
    job_duration_min BIGINT,
    job_duration_max BIGINT,
    seed_duration_count INTEGER NOT NULL DEFAULT 0,
    seed_duration_sum BIGINT NOT NULL DEFAULT 0,
    seed_duration_min BIGINT,
    seed_duration_max BIGINT,
    PRIMARY KEY (batch_id, node_name)
);

-- One unit of a batch's creation work: a dataset member (kind 0) or a recipe family to re-process (kind 1).
CREATE TABLE batch_item (
    batch_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    source_id BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    recipe_id BIGINT,
    error TEXT,
    PRIMARY KEY (batch_id, kind, source_id)
);

-- Recipes --------------------------------------------------------------------------------------------------------

CREATE TABLE recipe (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipe_type_id BIGINT NOT NULL,
    recipe_type_rev_id BIGINT NOT NULL,
    event_id BIGINT,
    ingest_event_id BIGINT,
    batch_id BIGINT,
    recipe_id BIGINT,
    root_recipe_id BIGINT NOT NULL,
    top_recipe_id BIGINT NOT NULL,
    family_id BIGINT NOT NULL,
    superseded_recipe_id BIGINT UNIQUE,
    root_superseded_recipe_id BIGINT,
    is_superseded BOOLEAN NOT NULL DEFAULT FALSE,
    is_completed BOOLEAN NOT NULL DEFAULT FALSE,
    input TEXT,
    configuration TEXT NOT NULL DEFAULT '{}',
    forced_nodes TEXT,
    input_file_size DOUBLE PRECISION,
    source_started BIGINT,
    source_ended BIGINT,
    source_sensor_class TEXT,
    source_sensor TEXT,
    source_collection TEXT,
    source_task TEXT,
    node_states TEXT NOT NULL DEFAULT '',
    jobs_total INTEGER NOT NULL DEFAULT 0,
    jobs_pending INTEGER NOT NULL DEFAULT 0,
    jobs_blocked INTEGER NOT NULL DEFAULT 0,
    jobs_queued INTEGER NOT NULL DEFAULT 0,
    jobs_running INTEGER NOT NULL DEFAULT 0,
    jobs_failed INTEGER NOT NULL DEFAULT 0,
    jobs_completed INTEGER NOT NULL DEFAULT 0,
    jobs_canceled INTEGER NOT NULL DEFAULT 0,
    sub_recipes_total INTEGER NOT NULL DEFAULT 0,
    sub_recipes_completed INTEGER NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    completed BIGINT,
    superseded BIGINT,
    last_modified BIGINT NOT NULL
);
CREATE INDEX recipe_last_modified ON recipe (last_modified, id);
CREATE INDEX recipe_batch ON recipe (batch_id, id) WHERE batch_id IS NOT NULL;
CREATE INDEX recipe_by_type ON recipe (recipe_type_id, id);
CREATE INDEX recipe_container ON recipe (recipe_id) WHERE recipe_id IS NOT NULL;
CREATE UNIQUE INDEX recipe_family_event ON recipe (family_id, event_id);

CREATE TABLE recipe_node (
    recipe_id BIGINT NOT NULL,
    node_name TEXT NOT NULL,
    job_id BIGINT,
    sub_recipe_id BIGINT,
    condition_id BIGINT,
    is_original BOOLEAN NOT NULL DEFAULT TRUE,
    PRIMARY KEY (recipe_id, node_name)
);
CREATE INDEX recipe_node_job ON recipe_node (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX recipe_node_sub_recipe ON recipe_node (sub_recipe_id) WHERE sub_recipe_id IS NOT NULL;
CREATE INDEX recipe_node_condition ON recipe_node (condition_id) WHERE condition_id IS NOT NULL;

CREATE TABLE recipe_condition (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipe_id BIGINT NOT NULL,
    root_recipe_id BIGINT NOT NULL,
    batch_id BIGINT,
    data TEXT,
    is_processed BOOLEAN NOT NULL DEFAULT FALSE,
    is_accepted BOOLEAN NOT NULL DEFAULT FALSE,
    error TEXT,
    created BIGINT NOT NULL,
    processed BIGINT,
    last_modified BIGINT NOT NULL
);

CREATE TABLE recipe_input_file (
    recipe_id BIGINT NOT NULL,
    input_name TEXT NOT NULL,
    file_id BIGINT NOT NULL,
    PRIMARY KEY (recipe_id, input_name, file_id)
);
CREATE INDEX recipe_input_file_file ON recipe_input_file (file_id);

-- Recipes to evaluate again; append-only, so a finishing job never waits for the evaluation.
CREATE TABLE recipe_dirty (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    recipe_id BIGINT NOT NULL
);

-- Jobs -----------------------------------------------------------------------------------------------------------

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_type_id BIGINT NOT NULL,
    job_type_rev_id BIGINT NOT NULL,
    status SMALLINT NOT NULL,
    num_exes INTEGER NOT NULL DEFAULT 0,
    max_tries INTEGER NOT NULL,
    event_id BIGINT,
    ingest_event_id BIGINT,
    recipe_id BIGINT,
    root_recipe_id BIGINT,
    recipe_node TEXT,
    batch_id BIGINT,
    node_id BIGINT,
    error_id BIGINT,
    is_superseded BOOLEAN NOT NULL DEFAULT FALSE,
    superseded_job_id BIGINT,
    root_superseded_job_id BIGINT,
    input TEXT,
    output TEXT,
    configuration TEXT,
    input_file_size DOUBLE PRECISION,
    source_started BIGINT,
    source_ended BIGINT,
    source_sensor_class TEXT,
    source_sensor TEXT,
    source_collection TEXT,
    source_task TEXT,
    main_started BIGINT,
    main_ended BIGINT,
    created BIGINT NOT NULL,
    queued BIGINT,
    started BIGINT,
    ended BIGINT,
    last_status_change BIGINT,
    superseded BIGINT,
    last_modified BIGINT NOT NULL
);
CREATE INDEX job_last_modified ON job (last_modified, id);
CREATE INDEX job_type_status ON job (job_type_id, status, id);
CREATE INDEX job_recipe ON job (recipe_id) WHERE recipe_id IS NOT NULL;
CREATE INDEX job_batch ON job (batch_id, id) WHERE batch_id IS NOT NULL;
CREATE INDEX job_superseded ON job (superseded_job_id) WHERE superseded_job_id IS NOT NULL;
CREATE INDEX job_root_superseded ON job (root_superseded_job_id) WHERE root_superseded_job_id IS NOT NULL;
CREATE INDEX job_error ON job (error_id) WHERE error_id IS NOT NULL;
CREATE INDEX job_open ON job (status, id) WHERE status < 4;

CREATE TABLE job_input_file (
    job_id BIGINT NOT NULL,
    input_name TEXT NOT NULL,
    file_id BIGINT NOT NULL,
    PRIMARY KEY (job_id, input_name, file_id)
);
CREATE INDEX job_input_file_file ON job_input_file (file_id);

-- Jobs that ask for the same thing at the same priority; the scheduler holds the queue by these.
CREATE TABLE queue_class (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_type_id BIGINT NOT NULL,
    priority INTEGER NOT NULL,
    resources TEXT NOT NULL,
    UNIQUE (job_type_id, priority, resources)
);

CREATE TABLE queue (
    job_id BIGINT NOT NULL PRIMARY KEY,
    exe_num INTEGER NOT NULL,
    class_id BIGINT NOT NULL,
    timeout INTEGER NOT NULL,
    queued BIGINT NOT NULL
);
CREATE INDEX queue_order ON queue (class_id, queued, job_id);

CREATE TABLE job_exe (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id BIGINT NOT NULL,
    exe_num INTEGER NOT NULL,
    job_type_id BIGINT NOT NULL,
    cluster_id TEXT NOT NULL,
    node_id BIGINT,
    status SMALLINT NOT NULL,
    is_settled BOOLEAN NOT NULL DEFAULT FALSE,
    error_id BIGINT,
    timeout INTEGER NOT NULL,
    input_file_size DOUBLE PRECISION NOT NULL,
    resources TEXT NOT NULL,
    configuration TEXT NOT NULL,
    task_results TEXT,
    output TEXT,
    main_started BIGINT,
    main_ended BIGINT,
    queued BIGINT NOT NULL,
    started BIGINT,
    ended BIGINT,
    created BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    UNIQUE (job_id, exe_num)
);
CREATE INDEX job_exe_unsettled ON job_exe (node_id, id) WHERE is_settled = FALSE;

-- Scheduling -----------------------------------------------------------------------------------------------------

CREATE TABLE node (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hostname TEXT NOT NULL UNIQUE,
    cluster TEXT NOT NULL,
    resources TEXT NOT NULL DEFAULT '{}',
    is_present BOOLEAN NOT NULL DEFAULT TRUE,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    is_paused BOOLEAN NOT NULL DEFAULT FALSE,
    pause_reason TEXT,
    created BIGINT NOT NULL,
    deprecated BIGINT,
    last_modified BIGINT NOT NULL
);

CREATE TABLE scheduler (
    id INTEGER PRIMARY KEY,
    is_paused BOOLEAN NOT NULL DEFAULT FALSE,
    num_message_handlers INTEGER NOT NULL DEFAULT 1,
    queue_mode TEXT NOT NULL DEFAULT 'FIFO',
    system_logging_level TEXT NOT NULL DEFAULT 'INFO',
    status TEXT,
    status_written BIGINT
);
INSERT INTO scheduler (id) VALUES (1);
