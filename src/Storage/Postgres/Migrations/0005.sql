-- XXH3 of the bytes of the object; NULL for objects of before, until a check of the content adds it.
ALTER TABLE imaging.instance ADD COLUMN object_checksum bigint;

-- Objects that rows name and that were found missing, of another length or with other bytes. Keys are never used again, so that a new object
-- of the same instance is not in here.
CREATE TABLE imaging.damaged_object (
    object_key text   COLLATE "C" PRIMARY KEY,
    found_at   bigint NOT NULL
);

-- Changes that only put new objects in the place of damaged ones have no event, by which the sweeper would notice that a restored manifest is
-- older than they are: they are counted here.
CREATE TABLE imaging.repair (
    changes bigint NOT NULL
);
INSERT INTO imaging.repair VALUES (0);

-- How far a check of the content of objects has come: one row for each check that is on its way.
CREATE TABLE imaging.content_check (
    provider    text   COLLATE "C" NOT NULL,
    name        text   COLLATE "C" NOT NULL,
    study_id    bigint NOT NULL,
    series_id   bigint NOT NULL,
    sort_number bigint NOT NULL,
    instance_id bigint NOT NULL,
    objects     bigint NOT NULL,
    begun_at    bigint NOT NULL,
    PRIMARY KEY (provider, name)
);

-- As before, with the checksum, and repairs are counted. The older one is called by programs of the version before: their objects have none,
-- and an object that takes the place of another must not keep the checksum of that one.
CREATE FUNCTION imaging.commit_group_2(
    skip_locked boolean,
    s_provider text[], s_study_uid text[], s_version bigint[], s_series_count integer[], s_instance_count integer[], s_created_at bigint[],
    s_updated_at bigint[], s_next_revision integer[], s_delay bigint[], s_max_delay bigint[],
    s_claim_revision integer[], s_claim_token bigint[], s_revision_data bytea[],
    s_attributes bytea[], s_is_visible boolean[], s_search_digest bigint[], s_modalities text[], s_study_date text[], s_study_time text[],
    s_accession_number text[], s_referring_physician_name text[], s_referring_physician_name_words text[], s_study_description text[],
    s_patient_name text[], s_patient_name_words text[], s_patient_id text[], s_patient_birth_date text[], s_patient_sex text[], s_study_id_text text[],
    r_change integer[], r_series_uid text[], r_instance_count integer[], r_modality text[], r_series_description text[], r_body_part_examined text[],
    r_series_number bigint[], r_performed_start_date text[], r_performed_start_time text[], r_scheduled_step_id text[],
    r_requested_procedure_id text[], r_attributes bytea[],
    i_change integer[], i_series_uid text[], i_sop_uid text[], i_sop_class_uid text[], i_instance_number bigint[], i_sort_number bigint[],
    i_transfer_syntax_uid text[], i_content_hash bytea[], i_object_key text[], i_object_length bigint[], i_dataset_offset bigint[],
    i_object_checksum bigint[],
    i_stored_at bigint[], i_added_revision integer[], i_changed_revision integer[], i_attributes bytea[], i_metadata bytea[], i_layout bytea[],
    gone_change integer[], gone_series_uid text[], gone_sop_uid text[],
    gone_series_change integer[], gone_series text[],
    dropped_change integer[], dropped_key text[],
    e_change integer[], e_type smallint[], e_series_uid text[], e_sop_uid text[], e_kind smallint[], e_revision integer[], e_modalities text[],
    e_calling_ae text[], e_object_key text[], e_data bytea[]
) RETURNS integer[] LANGUAGE plpgsql
-- Every statement leads from a few rows to others by their keys. Without this a plan made while the tables were small would stay.
SET search_path = imaging, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    results integer[] := array_fill(1, ARRAY[cardinality(s_study_uid)]);
    ids bigint[] := array_fill(0::bigint, ARRAY[cardinality(s_study_uid)]);
    is_new boolean[] := array_fill(false, ARRAY[cardinality(s_study_uid)]);
    is_other boolean[] := array_fill(true, ARRAY[cardinality(s_study_uid)]);
    found_row record;
    rows_here bigint;
    rows_written bigint;
    repairs bigint;
    moment bigint;
BEGIN
    IF skip_locked THEN
        FOR found_row IN
            SELECT c.n, s.id, s.version, s.search_digest
            FROM unnest(s_study_uid, s_provider) WITH ORDINALITY AS c (study_uid, provider, n)
            JOIN study s ON s.study_uid = c.study_uid AND s.provider = c.provider
            ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED
        LOOP
            IF found_row.version = s_version[found_row.n] THEN
                ids[found_row.n] := found_row.id;
                is_other[found_row.n] := found_row.search_digest <> s_search_digest[found_row.n];
            END IF;
        END LOOP;
    ELSE
        FOR found_row IN
            SELECT c.n, s.id, s.version, s.search_digest
            FROM unnest(s_study_uid, s_provider) WITH ORDINALITY AS c (study_uid, provider, n)
            JOIN study s ON s.study_uid = c.study_uid AND s.provider = c.provider
            ORDER BY s.id FOR NO KEY UPDATE OF s
        LOOP
            IF found_row.version = s_version[found_row.n] THEN
                ids[found_row.n] := found_row.id;
                is_other[found_row.n] := found_row.search_digest <> s_search_digest[found_row.n];
            END IF;
        END LOOP;
    END IF;

    IF 0 = ANY (s_version) THEN
        FOR found_row IN
            WITH c AS (
                SELECT * FROM unnest(
                    s_provider, s_study_uid, s_version, s_series_count, s_instance_count, s_created_at, s_updated_at, s_next_revision, s_claim_token,
                    s_is_visible, s_search_digest, s_modalities, s_study_date, s_study_time, s_accession_number, s_referring_physician_name,
                    s_referring_physician_name_words, s_study_description, s_patient_name, s_patient_name_words, s_patient_id,
                    s_patient_birth_date, s_patient_sex, s_study_id_text) WITH ORDINALITY
                AS t (
                    provider, study_uid, version, series_count, instance_count, created_at, updated_at, next_revision, claim_token,
                    is_visible, search_digest, modalities, study_date, study_time, accession_number, referring_physician_name,
                    referring_physician_name_words, study_description, patient_name, patient_name_words, patient_id,
                    patient_birth_date, patient_sex, study_id_text, n)
                WHERE t.version = 0 AND t.claim_token IS NULL
            ), i AS (
                INSERT INTO study (
                    provider, study_uid, version, series_count, instance_count, created_at, updated_at, next_revision,
                    is_visible, search_digest, modalities, study_date, study_time, accession_number, referring_physician_name,
                    referring_physician_name_words, study_description, patient_name, patient_name_words, patient_id,
                    patient_birth_date, patient_sex, study_id_text)
                SELECT
                    provider, study_uid, 1, series_count, instance_count, created_at, updated_at, next_revision,
                    is_visible, search_digest, modalities, study_date, study_time, accession_number, referring_physician_name,
                    referring_physician_name_words, study_description, patient_name, patient_name_words, patient_id,
                    patient_birth_date, patient_sex, study_id_text
                FROM c ORDER BY study_uid COLLATE "C", provider COLLATE "C"
                ON CONFLICT (study_uid, provider) DO NOTHING
                RETURNING id, study_uid, provider
            )
            SELECT c.n, i.id FROM i JOIN c ON c.study_uid = i.study_uid AND c.provider = i.provider
        LOOP
            ids[found_row.n] := found_row.id;
            is_new[found_row.n] := true;
        END LOOP;
    END IF;

    -- After the locks, so that the times of the commits of one study are in their order.
    moment := now_us();

    FOR change IN 1..cardinality(ids) LOOP
        CONTINUE WHEN ids[change] = 0;
        IF s_claim_token[change] IS NULL THEN
            results[change] := 0;
            CONTINUE;
        END IF;

        PERFORM 1 FROM open_revision o
        WHERE o.study_id = ids[change] AND o.owner IS NOT NULL AND o.token = s_claim_token[change] AND o.revision = s_claim_revision[change] AND o.due_at <= moment
        FOR UPDATE;
        IF NOT FOUND THEN
            results[change] := 3;
            ids[change] := 0;
            CONTINUE;
        END IF;

        results[change] := 0;
        INSERT INTO study_revision (study_id, revision, closed_at, data) VALUES (ids[change], s_claim_revision[change], moment, s_revision_data[change]);
        UPDATE study SET version = version + 1, next_revision = s_next_revision[change] WHERE id = ids[change];
        DELETE FROM open_revision WHERE study_id = ids[change];
        DELETE FROM deleted_instance WHERE study_id = ids[change] AND revision = s_claim_revision[change];
    END LOOP;

    UPDATE study s SET
        version = s.version + 1, series_count = c.series_count, instance_count = c.instance_count, updated_at = c.updated_at, next_revision = c.next_revision,
        is_visible = c.is_visible, search_digest = c.search_digest, modalities = c.modalities, study_date = c.study_date, study_time = c.study_time,
        accession_number = c.accession_number, referring_physician_name = c.referring_physician_name,
        referring_physician_name_words = c.referring_physician_name_words, study_description = c.study_description, patient_name = c.patient_name,
        patient_name_words = c.patient_name_words, patient_id = c.patient_id, patient_birth_date = c.patient_birth_date, patient_sex = c.patient_sex,
        study_id_text = c.study_id_text
    FROM unnest(
        ids, is_new, s_claim_token, s_series_count, s_instance_count, s_updated_at, s_next_revision, s_is_visible, s_search_digest, s_modalities,
        s_study_date, s_study_time, s_accession_number, s_referring_physician_name, s_referring_physician_name_words, s_study_description,
        s_patient_name, s_patient_name_words, s_patient_id, s_patient_birth_date, s_patient_sex, s_study_id_text)
    AS c (
        id, is_new, claim_token, series_count, instance_count, updated_at, next_revision, is_visible, search_digest, modalities,
        study_date, study_time, accession_number, referring_physician_name, referring_physician_name_words, study_description,
        patient_name, patient_name_words, patient_id, patient_birth_date, patient_sex, study_id_text)
    WHERE s.id = c.id AND c.id > 0 AND NOT c.is_new AND c.claim_token IS NULL;

    INSERT INTO study_attributes (study_id, attributes)
    SELECT c.id, c.attributes FROM unnest(ids, is_other, s_claim_token, s_attributes) AS c (id, is_other, claim_token, attributes)
    WHERE c.id > 0 AND c.is_other AND c.claim_token IS NULL
    ON CONFLICT (study_id) DO UPDATE SET attributes = excluded.attributes;

    INSERT INTO open_revision (study_id, revision, opened_at, due_at)
    SELECT c.id, c.revision, moment, moment FROM unnest(ids, s_next_revision, s_delay) AS c (id, revision, delay) WHERE c.id > 0 AND c.delay IS NOT NULL
    ON CONFLICT (study_id) DO NOTHING;

    -- A claim ends when the revision is not due any more, so that it can be claimed as soon as it is.
    UPDATE open_revision o SET
        revision = c.revision,
        due_at = least(moment + c.delay, o.opened_at + c.max_delay),
        owner = CASE WHEN least(moment + c.delay, o.opened_at + c.max_delay) > moment THEN NULL ELSE o.owner END,
        leased_until = CASE WHEN least(moment + c.delay, o.opened_at + c.max_delay) > moment THEN 0 ELSE o.leased_until END
    FROM unnest(ids, s_next_revision, s_delay, s_max_delay) AS c (id, revision, delay, max_delay)
    WHERE o.study_id = c.id AND c.id > 0 AND c.delay IS NOT NULL;

    INSERT INTO series (
        study_id, series_uid, instance_count, modality, series_description, body_part_examined, series_number, performed_start_date,
        performed_start_time, scheduled_step_id, requested_procedure_id, attributes)
    SELECT
        ids[c.change], c.series_uid, c.instance_count, c.modality, c.series_description, c.body_part_examined, c.series_number, c.performed_start_date,
        c.performed_start_time, c.scheduled_step_id, c.requested_procedure_id, c.attributes
    FROM unnest(
        r_change, r_series_uid, r_instance_count, r_modality, r_series_description, r_body_part_examined, r_series_number, r_performed_start_date,
        r_performed_start_time, r_scheduled_step_id, r_requested_procedure_id, r_attributes) WITH ORDINALITY
    AS c (
        change, series_uid, instance_count, modality, series_description, body_part_examined, series_number, performed_start_date,
        performed_start_time, scheduled_step_id, requested_procedure_id, attributes, n)
    WHERE ids[c.change] > 0
    ORDER BY c.n
    ON CONFLICT (series_uid, study_id) DO UPDATE SET
        instance_count = excluded.instance_count, modality = excluded.modality, series_description = excluded.series_description,
        body_part_examined = excluded.body_part_examined, series_number = excluded.series_number, performed_start_date = excluded.performed_start_date,
        performed_start_time = excluded.performed_start_time, scheduled_step_id = excluded.scheduled_step_id,
        requested_procedure_id = excluded.requested_procedure_id, attributes = excluded.attributes;

    IF cardinality(gone_change) > 0 THEN
        WITH gone AS (
            DELETE FROM instance i
            USING unnest(gone_change, gone_series_uid, gone_sop_uid) AS c (change, series_uid, sop_uid), series r
            WHERE r.series_uid = c.series_uid AND r.study_id = ids[c.change] AND i.sop_uid = c.sop_uid AND i.series_id = r.id AND i.study_id = r.study_id
            RETURNING i.study_id, i.id
        )
        DELETE FROM instance_content t USING gone WHERE t.study_id = gone.study_id AND t.instance_id = gone.id;

        INSERT INTO deleted_instance (study_id, revision, series_uid, sop_uid)
        SELECT ids[c.change], s_next_revision[c.change], c.series_uid, c.sop_uid
        FROM unnest(gone_change, gone_series_uid, gone_sop_uid) AS c (change, series_uid, sop_uid) WHERE ids[c.change] > 0
        ON CONFLICT DO NOTHING;
    END IF;

    IF cardinality(gone_series_change) > 0 THEN
        WITH gone AS (
            DELETE FROM series r USING unnest(gone_series_change, gone_series) AS c (change, series_uid)
            WHERE r.series_uid = c.series_uid AND r.study_id = ids[c.change] RETURNING r.study_id, r.id
        ), left_over AS (
            DELETE FROM instance i USING gone WHERE i.study_id = gone.study_id AND i.series_id = gone.id RETURNING i.study_id, i.id
        )
        DELETE FROM instance_content t USING left_over WHERE t.study_id = left_over.study_id AND t.instance_id = left_over.id;
    END IF;

    SELECT count(*) INTO rows_here FROM unnest(i_change) AS c (change) WHERE ids[c.change] > 0;
    IF rows_here > 0 THEN
        INSERT INTO instance (
            study_id, series_id, sop_uid, sop_class_uid, instance_number, sort_number, transfer_syntax_uid, content_hash, object_key, object_length,
            dataset_offset, object_checksum, stored_at, added_revision, changed_revision, attributes)
        SELECT
            r.study_id, r.id, c.sop_uid, c.sop_class_uid, c.instance_number, c.sort_number, c.transfer_syntax_uid, c.content_hash, c.object_key, c.object_length,
            c.dataset_offset, c.object_checksum, c.stored_at, c.added_revision, c.changed_revision, c.attributes
        FROM unnest(
            i_change, i_series_uid, i_sop_uid, i_sop_class_uid, i_instance_number, i_sort_number, i_transfer_syntax_uid, i_content_hash, i_object_key,
            i_object_length, i_dataset_offset, i_object_checksum, i_stored_at, i_added_revision, i_changed_revision, i_attributes) WITH ORDINALITY
        AS c (
            change, series_uid, sop_uid, sop_class_uid, instance_number, sort_number, transfer_syntax_uid, content_hash, object_key,
            object_length, dataset_offset, object_checksum, stored_at, added_revision, changed_revision, attributes, n)
        JOIN series r ON r.series_uid = c.series_uid AND r.study_id = ids[c.change]
        ORDER BY c.n
        ON CONFLICT (sop_uid, series_id, study_id) DO UPDATE SET
            sop_class_uid = excluded.sop_class_uid, instance_number = excluded.instance_number, sort_number = excluded.sort_number,
            transfer_syntax_uid = excluded.transfer_syntax_uid, content_hash = excluded.content_hash, object_key = excluded.object_key,
            object_length = excluded.object_length, dataset_offset = excluded.dataset_offset, object_checksum = excluded.object_checksum, stored_at = excluded.stored_at,
            added_revision = excluded.added_revision, changed_revision = excluded.changed_revision, attributes = excluded.attributes;
        GET DIAGNOSTICS rows_written = ROW_COUNT;
        IF rows_written <> rows_here THEN
            RAISE foreign_key_violation USING MESSAGE = 'an instance names a series that its study does not have';
        END IF;

        INSERT INTO instance_content (study_id, instance_id, metadata, layout)
        SELECT i.study_id, i.id, c.metadata, c.layout
        FROM unnest(i_change, i_series_uid, i_sop_uid, i_metadata, i_layout) AS c (change, series_uid, sop_uid, metadata, layout)
        JOIN series r ON r.series_uid = c.series_uid AND r.study_id = ids[c.change]
        JOIN instance i ON i.sop_uid = c.sop_uid AND i.series_id = r.id AND i.study_id = r.study_id
        ON CONFLICT (study_id, instance_id) DO UPDATE SET metadata = excluded.metadata, layout = excluded.layout;
    END IF;

    INSERT INTO event_inbox (type, occurred_at, study_id, series_uid, sop_uid, change, revision, modalities, calling_ae, object_key, data)
    SELECT c.type, moment, ids[c.change], c.series_uid, c.sop_uid, c.kind, c.revision, c.modalities, c.calling_ae, c.object_key, c.data
    FROM unnest(e_change, e_type, e_series_uid, e_sop_uid, e_kind, e_revision, e_modalities, e_calling_ae, e_object_key, e_data) WITH ORDINALITY
    AS c (change, type, series_uid, sop_uid, kind, revision, modalities, calling_ae, object_key, data, n)
    WHERE ids[c.change] > 0
    ORDER BY c.n;

    INSERT INTO dropped_object (object_key, dropped_at)
    SELECT DISTINCT c.object_key, moment FROM unnest(dropped_change, dropped_key) AS c (change, object_key) WHERE ids[c.change] > 0
    ON CONFLICT (object_key) DO UPDATE SET dropped_at = excluded.dropped_at;

    -- Last of all, because all repairs wait for this row.
    SELECT count(*) INTO repairs FROM unnest(ids, s_delay, s_claim_token) AS c (id, delay, claim_token)
    WHERE c.id > 0 AND c.delay IS NULL AND c.claim_token IS NULL;
    IF repairs > 0 THEN
        UPDATE repair SET changes = changes + repairs;
    END IF;

    RETURN results;
END $$;

CREATE OR REPLACE FUNCTION imaging.commit_group_1(
    skip_locked boolean,
    s_provider text[], s_study_uid text[], s_version bigint[], s_series_count integer[], s_instance_count integer[], s_created_at bigint[],
    s_updated_at bigint[], s_next_revision integer[], s_delay bigint[], s_max_delay bigint[],
    s_claim_revision integer[], s_claim_token bigint[], s_revision_data bytea[],
    s_attributes bytea[], s_is_visible boolean[], s_search_digest bigint[], s_modalities text[], s_study_date text[], s_study_time text[],
    s_accession_number text[], s_referring_physician_name text[], s_referring_physician_name_words text[], s_study_description text[],
    s_patient_name text[], s_patient_name_words text[], s_patient_id text[], s_patient_birth_date text[], s_patient_sex text[], s_study_id_text text[],
    r_change integer[], r_series_uid text[], r_instance_count integer[], r_modality text[], r_series_description text[], r_body_part_examined text[],
    r_series_number bigint[], r_performed_start_date text[], r_performed_start_time text[], r_scheduled_step_id text[],
    r_requested_procedure_id text[], r_attributes bytea[],
    i_change integer[], i_series_uid text[], i_sop_uid text[], i_sop_class_uid text[], i_instance_number bigint[], i_sort_number bigint[],
    i_transfer_syntax_uid text[], i_content_hash bytea[], i_object_key text[], i_object_length bigint[], i_dataset_offset bigint[],
    i_stored_at bigint[], i_added_revision integer[], i_changed_revision integer[], i_attributes bytea[], i_metadata bytea[], i_layout bytea[],
    gone_change integer[], gone_series_uid text[], gone_sop_uid text[],
    gone_series_change integer[], gone_series text[],
    dropped_change integer[], dropped_key text[],
    e_change integer[], e_type smallint[], e_series_uid text[], e_sop_uid text[], e_kind smallint[], e_revision integer[], e_modalities text[],
    e_calling_ae text[], e_object_key text[], e_data bytea[]
) RETURNS integer[] LANGUAGE sql
SET search_path = imaging, pg_temp
AS $$
    SELECT commit_group_2(
        skip_locked, s_provider, s_study_uid, s_version, s_series_count, s_instance_count, s_created_at, s_updated_at, s_next_revision, s_delay,
        s_max_delay, s_claim_revision, s_claim_token, s_revision_data, s_attributes, s_is_visible, s_search_digest, s_modalities, s_study_date,
        s_study_time, s_accession_number, s_referring_physician_name, s_referring_physician_name_words, s_study_description, s_patient_name,
        s_patient_name_words, s_patient_id, s_patient_birth_date, s_patient_sex, s_study_id_text, r_change, r_series_uid, r_instance_count,
        r_modality, r_series_description, r_body_part_examined, r_series_number, r_performed_start_date, r_performed_start_time, r_scheduled_step_id,
        r_requested_procedure_id, r_attributes, i_change, i_series_uid, i_sop_uid, i_sop_class_uid, i_instance_number, i_sort_number,
        i_transfer_syntax_uid, i_content_hash, i_object_key, i_object_length, i_dataset_offset,
        array_fill(NULL::bigint, ARRAY[cardinality(i_change)]), i_stored_at, i_added_revision, i_changed_revision, i_attributes, i_metadata,
        i_layout, gone_change, gone_series_uid, gone_sop_uid, gone_series_change, gone_series, dropped_change, dropped_key, e_change, e_type,
        e_series_uid, e_sop_uid, e_kind, e_revision, e_modalities, e_calling_ae, e_object_key, e_data)
$$;
