-- Kept counts also bound when the sources of their jobs start at the latest and end at the earliest, so that a list by last change that is filtered by the time of the
-- source begins where such jobs can be. Bounds only widen while jobs come and go.
ALTER TABLE job_count ADD COLUMN latest_source_start BIGINT;
ALTER TABLE job_count ADD COLUMN earliest_source_end BIGINT;

INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs, latest_source_start, earliest_source_end)
SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, last_modified / 600000000, 0, max(source_started), min(source_ended)
FROM job WHERE source_started IS NOT NULL OR source_ended IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7;

CREATE OR REPLACE FUNCTION job_count_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH counted AS (
        INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs, latest_source_start, earliest_source_end)
        SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, last_modified / 600000000, count(*),
            max(source_started), min(source_ended)
        FROM new_jobs GROUP BY 1, 2, 3, 4, 5, 6, 7
        RETURNING job_type_id, status, error_id, batch_id, is_superseded, jobs
    )
    INSERT INTO job_total (job_type_id, status, error_id, batch_id, is_superseded, jobs)
    SELECT job_type_id, status, error_id, batch_id, is_superseded, sum(jobs) FROM counted GROUP BY 1, 2, 3, 4, 5;
    INSERT INTO job_source_count (field, value, jobs)
    SELECT v.field, v.value, count(*) FROM new_jobs
    CROSS JOIN LATERAL (VALUES (0, source_sensor_class), (1, source_sensor), (2, source_collection), (3, source_task)) AS v (field, value) WHERE v.value IS NOT NULL GROUP BY 1, 2;
    INSERT INTO job_source_hours (started, ended, jobs)
    SELECT coalesce((source_started + 62135596800000000) / 3600000000, -1), coalesce((source_ended + 62135596800000000) / 3600000000, -1), count(*) FROM new_jobs
    WHERE source_started IS NOT NULL OR source_ended IS NOT NULL GROUP BY 1, 2;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION job_count_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH counted AS (
        INSERT INTO job_count (bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs, latest_source_start, earliest_source_end)
        SELECT moved.bucket, moved.job_type_id, moved.status, moved.error_id, moved.batch_id, moved.is_superseded, moved.changed, sum(moved.n),
            max(moved.source_started), min(moved.source_ended)
        FROM (
            SELECT coalesce(last_status_change / 600000000, -1) AS bucket, job_type_id, status, coalesce(error_id, 0) AS error_id, coalesce(batch_id, 0) AS batch_id, is_superseded,
                last_modified / 600000000 AS changed, -1 AS n, CAST(NULL AS BIGINT) AS source_started, CAST(NULL AS BIGINT) AS source_ended
            FROM old_jobs
            UNION ALL
            SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, last_modified / 600000000, 1,
                source_started, source_ended
            FROM new_jobs
        ) moved GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(moved.n) <> 0 OR max(moved.source_started) IS NOT NULL OR min(moved.source_ended) IS NOT NULL
        RETURNING job_type_id, status, error_id, batch_id, is_superseded, jobs
    )
    INSERT INTO job_total (job_type_id, status, error_id, batch_id, is_superseded, jobs)
    SELECT job_type_id, status, error_id, batch_id, is_superseded, sum(jobs) FROM counted GROUP BY 1, 2, 3, 4, 5 HAVING sum(jobs) <> 0;

    -- Nearly all updates leave the source alone, and then none of its columns is named in them.
    IF coalesce(current_setting('scale.job_source_named', TRUE), '') = '' THEN
        RETURN NULL;
    END IF;

    PERFORM set_config('scale.job_source_named', '', TRUE);
    INSERT INTO job_source_count (field, value, jobs)
    SELECT moved.field, moved.value, sum(moved.n) FROM (
        SELECT v.field, v.value, -1 AS n FROM old_jobs
        CROSS JOIN LATERAL (VALUES (0, source_sensor_class), (1, source_sensor), (2, source_collection), (3, source_task)) AS v (field, value) WHERE v.value IS NOT NULL
        UNION ALL
        SELECT v.field, v.value, 1 FROM new_jobs
        CROSS JOIN LATERAL (VALUES (0, source_sensor_class), (1, source_sensor), (2, source_collection), (3, source_task)) AS v (field, value) WHERE v.value IS NOT NULL
    ) moved GROUP BY 1, 2 HAVING sum(moved.n) <> 0;
    INSERT INTO job_source_hours (started, ended, jobs)
    SELECT moved.started, moved.ended, sum(moved.n) FROM (
        SELECT coalesce((source_started + 62135596800000000) / 3600000000, -1) AS started, coalesce((source_ended + 62135596800000000) / 3600000000, -1) AS ended, -1 AS n FROM old_jobs
        WHERE source_started IS NOT NULL OR source_ended IS NOT NULL
        UNION ALL
        SELECT coalesce((source_started + 62135596800000000) / 3600000000, -1), coalesce((source_ended + 62135596800000000) / 3600000000, -1), 1 FROM new_jobs
        WHERE source_started IS NOT NULL OR source_ended IS NOT NULL
    ) moved GROUP BY 1, 2 HAVING sum(moved.n) <> 0;
    RETURN NULL;
END $$;
