-- Deliveries. Whatever takes more than one statement is one call, so that no transaction waits for its client. A later version of a function gets
-- another name; processes of an older version go on calling this one.
--
-- Whatever changes many deliveries of a binding locks its row first, so that no two of them wait for each other in a circle. Sequential scans are off,
-- because a plan made while the tables were small would stay.

-- A snapshot of instances goes on behind an instance of a study; instances that were numbered later than its beginning are left to the log.
-- is_removed: the binding is being removed, and nothing is added to it or claimed of it any more.
ALTER TABLE imaging.binding
    ADD COLUMN snapshot_after_instance bigint NOT NULL DEFAULT 0,
    ADD COLUMN snapshot_until_instance bigint NOT NULL DEFAULT 0,
    ADD COLUMN is_removed boolean NOT NULL DEFAULT false;

-- due_at of a delivery that stands behind another one of the same instance or study.
CREATE FUNCTION imaging.behind() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 9223372036854775807 $$;

CREATE FUNCTION imaging.passes_1(wanted text[], value text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT wanted IS NULL OR coalesce(value = ANY (wanted), false) $$;

-- wanted: lower-case values, each enclosed in backslashes; so are those of the column.
CREATE FUNCTION imaging.any_passes_1(wanted text[], enclosed text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT wanted IS NULL OR EXISTS (SELECT 1 FROM unnest(wanted) AS w (value) WHERE strpos(lower(enclosed), w.value) > 0) $$;

-- Makes a binding known. The numbers are of one moment that is not after the cursor: what is committed meanwhile comes by the log.
CREATE FUNCTION imaging.register_binding_1(b_name text, b_kind text, b_keeps boolean, from_oldest boolean, from_instances boolean, from_studies boolean)
RETURNS void LANGUAGE plpgsql
SET search_path = imaging, pg_temp
AS $$
DECLARE
    start bigint;
    last_study bigint := 0;
    last_instance bigint := 0;
BEGIN
    -- remove_events_1 takes a stronger lock, so that it waits until this binding can be seen; numbering goes on.
    SELECT CASE WHEN from_oldest THEN l.removed_through ELSE l.latest END INTO start FROM event_log l FOR KEY SHARE;
    IF from_instances OR from_studies THEN
        SELECT coalesce(max(id), 0) INTO last_study FROM study;
        SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO last_instance FROM instance_id;
    END IF;

    INSERT INTO binding (name, kind, keeps_every_event, cursor, snapshot_after, snapshot_until, snapshot_until_instance, created_at)
    VALUES (
        b_name, b_kind, b_keeps, start, CASE WHEN last_study > 0 THEN 0 END, CASE WHEN last_study > 0 THEN last_study END, last_instance, now_us())
    ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, keeps_every_event = excluded.keeps_every_event, is_removed = false;
END $$;

-- Turns the next events of the log, or the next part of the snapshot, into deliveries. The row of the binding is locked first, so that processes that
-- do it at once do it one after the other.
CREATE FUNCTION imaging.fan_out_1(
    b_name text, b_types integer, b_providers text[], b_modalities text[], b_callers text[], takes_instances boolean, snapshot_type smallint, most integer,
    OUT reached bigint, OUT has_more boolean)
LANGUAGE plpgsql
SET search_path = imaging, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    b binding;
    log event_log;
    moment bigint;
    last bigint;
    studies bigint[];
    instances bigint[];
    series_ids bigint[];
    sops text[];
    is_finished boolean;
BEGIN
    reached := 0;
    has_more := false;
    SELECT * INTO b FROM binding WHERE name = b_name AND NOT is_removed FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    SELECT * INTO log FROM event_log;
    moment := now_us();
    reached := b.cursor;

    IF b.snapshot_after IS NULL THEN
        IF b.cursor >= log.latest THEN
            RETURN;
        END IF;

        SELECT max(e.sequence) INTO last FROM (SELECT sequence FROM event WHERE sequence > b.cursor ORDER BY sequence LIMIT most) e;
        last := coalesce(last, log.latest);
        IF b.keeps_every_event THEN
            -- The first event of an instance or study of which nothing waits is due; those after it stand behind.
            INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, revision, due_at, created_at)
            SELECT b.id, e.study_id, e.series, e.sop, e.sequence, e.sequence, e.type, e.change, e.revision,
                CASE
                    WHEN row_number() OVER (PARTITION BY e.study_id, e.series, e.sop ORDER BY e.sequence) > 1 THEN behind()
                    WHEN EXISTS (
                        SELECT 1 FROM delivery o
                        WHERE o.binding_id = b.id AND o.study_id = e.study_id AND o.series_uid = e.series AND o.sop_uid = e.sop AND NOT o.is_dead) THEN behind()
                    ELSE moment
                END, moment
            FROM (
                SELECT v.*, coalesce(v.series_uid, '') AS series, coalesce(v.sop_uid, '') AS sop FROM event v
                WHERE v.sequence > b.cursor AND v.sequence <= last AND ((b_types >> v.type) & 1) = 1
                    AND (b_providers IS NULL OR passes_1(b_providers, (SELECT s.provider FROM study s WHERE s.id = v.study_id)))
                    AND any_passes_1(b_modalities, v.modalities) AND passes_1(b_callers, v.calling_ae)
            ) e
            ORDER BY e.sequence
            ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO NOTHING;
        ELSE
            -- The last event of an instance or study stays; a modification before it is not forgotten. What is on its way keeps its lease.
            INSERT INTO delivery AS d (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, revision, due_at, created_at)
            SELECT b.id, e.study_id, e.series, e.sop, 0, e.sequence, e.type, e.strongest, e.revision,
                CASE
                    WHEN EXISTS (
                        SELECT 1 FROM delivery o
                        WHERE o.binding_id = b.id AND o.study_id = e.study_id AND o.series_uid = e.series AND o.sop_uid = e.sop AND NOT o.is_dead AND o.slot > 0) THEN behind()
                    ELSE moment
                END, moment
            FROM (
                SELECT v.*, coalesce(v.series_uid, '') AS series, coalesce(v.sop_uid, '') AS sop,
                    CASE WHEN v.change IS NOT NULL THEN max(v.change) OVER same END AS strongest,
                    lead(v.sequence) OVER (same ORDER BY v.sequence) AS next
                FROM event v
                WHERE v.sequence > b.cursor AND v.sequence <= last AND ((b_types >> v.type) & 1) = 1
                    AND (b_providers IS NULL OR passes_1(b_providers, (SELECT s.provider FROM study s WHERE s.id = v.study_id)))
                    AND any_passes_1(b_modalities, v.modalities) AND passes_1(b_callers, v.calling_ae)
                WINDOW same AS (PARTITION BY v.study_id, v.series_uid, v.sop_uid)
            ) e
            WHERE e.next IS NULL
            ORDER BY e.sequence
            ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO UPDATE SET
                sequence = excluded.sequence,
                type = excluded.type,
                change = CASE WHEN d.change = 2 AND excluded.change IS NOT NULL THEN d.change ELSE excluded.change END,
                revision = excluded.revision,
                due_at = CASE WHEN d.owner IS NOT NULL THEN d.due_at WHEN d.is_dead THEN excluded.due_at WHEN d.due_at = behind() THEN d.due_at ELSE moment END,
                attempts = CASE WHEN d.owner IS NULL THEN 0 ELSE d.attempts END,
                last_error = CASE WHEN d.owner IS NULL THEN NULL ELSE d.last_error END,
                is_dead = false,
                dead_since = NULL;
        END IF;

        UPDATE binding SET cursor = last WHERE id = b.id;
        reached := last;
        has_more := last < log.latest;
        RETURN;
    END IF;

    IF takes_instances THEN
        SELECT array_agg(p.study_id ORDER BY p.study_id, p.id), array_agg(p.id ORDER BY p.study_id, p.id),
            array_agg(p.series_id ORDER BY p.study_id, p.id), array_agg(p.sop_uid ORDER BY p.study_id, p.id)
        INTO studies, instances, series_ids, sops
        FROM (
            SELECT i.study_id, i.id, i.series_id, i.sop_uid FROM instance i
            WHERE i.study_id >= b.snapshot_after AND i.study_id <= b.snapshot_until AND (i.study_id > b.snapshot_after OR i.id > b.snapshot_after_instance)
                AND i.id <= b.snapshot_until_instance
            ORDER BY i.study_id, i.id LIMIT most
        ) p;
        INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, revision, due_at, created_at)
        SELECT b.id, p.study_id, r.series_uid, p.sop_uid, 0, b.cursor, snapshot_type, 1, NULL, moment, moment
        FROM unnest(studies, series_ids, sops) WITH ORDINALITY AS p (study_id, series_id, sop_uid, n)
        JOIN series r ON r.id = p.series_id
        JOIN study s ON s.id = p.study_id
        WHERE b_callers IS NULL AND passes_1(b_providers, s.provider) AND any_passes_1(b_modalities, replace(r.modality, chr(31), '\'))
            AND NOT EXISTS (
                SELECT 1 FROM event e
                WHERE e.change = 2 AND e.study_id = p.study_id AND e.series_uid = r.series_uid AND e.sop_uid = p.sop_uid AND e.sequence > b.cursor)
        ORDER BY p.n
        ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO NOTHING;
    ELSE
        SELECT array_agg(p.id ORDER BY p.id) INTO studies
        FROM (SELECT s.id FROM study s WHERE s.id > b.snapshot_after AND s.id <= b.snapshot_until ORDER BY s.id LIMIT most) p;
        INSERT INTO delivery (binding_id, study_id, series_uid, sop_uid, slot, sequence, type, change, revision, due_at, created_at)
        SELECT b.id, s.id, '', '', 0, b.cursor, snapshot_type, NULL, v.revision, moment, moment
        FROM unnest(studies) AS p (study_id)
        JOIN study s ON s.id = p.study_id
        JOIN study_revision v ON v.study_id = s.id AND v.revision = (SELECT max(n.revision) FROM study_revision n WHERE n.study_id = s.id)
        WHERE b_callers IS NULL AND passes_1(b_providers, s.provider) AND any_passes_1(b_modalities, replace(s.modalities, chr(31), '\'))
            AND NOT EXISTS (SELECT 1 FROM event e WHERE e.revision IS NOT NULL AND e.study_id = s.id AND e.sequence > b.cursor)
        ORDER BY s.id
        ON CONFLICT (binding_id, study_id, series_uid, sop_uid, slot) DO NOTHING;
    END IF;

    is_finished := coalesce(cardinality(studies), 0) < most;
    UPDATE binding SET
        snapshot_after = CASE WHEN NOT is_finished THEN studies[cardinality(studies)] END,
        snapshot_after_instance = CASE WHEN NOT is_finished AND takes_instances THEN instances[cardinality(instances)] ELSE 0 END,
        snapshot_until = CASE WHEN NOT is_finished THEN snapshot_until END
    WHERE id = b.id;
    has_more := NOT is_finished OR b.cursor < log.latest;
END $$;

-- After one of an instance or study is settled or comes back, the first of the others is due, unless one is already.
CREATE FUNCTION imaging.advance_1(s_binding bigint[], s_study bigint[], s_series text[], s_sop text[], moment bigint)
RETURNS void LANGUAGE sql
SET search_path = imaging, pg_temp
SET enable_seqscan = off
AS $$
    UPDATE delivery d SET due_at = moment
    FROM (
        SELECT (SELECT n.id FROM delivery n
            WHERE n.binding_id = s.binding_id AND n.study_id = s.study_id AND n.series_uid = s.series_uid AND n.sop_uid = s.sop_uid AND NOT n.is_dead
            ORDER BY n.slot LIMIT 1) AS id
        FROM (SELECT DISTINCT * FROM unnest(s_binding, s_study, s_series, s_sop) AS u (binding_id, study_id, series_uid, sop_uid)) s
        WHERE NOT EXISTS (
            SELECT 1 FROM delivery n
            WHERE n.binding_id = s.binding_id AND n.study_id = s.study_id AND n.series_uid = s.series_uid AND n.sop_uid = s.sop_uid AND NOT n.is_dead AND n.due_at <> behind())
    ) first
    WHERE d.id = first.id AND d.due_at = behind();
$$;

-- Records what became of claimed deliveries: 0 delivered, 1 again later, 2 dead, 3 not tried. A row whose number has moved on since the claim holds a newer
-- event, which waits from now on. Bindings are locked first, as fan_out_1 does.
CREATE FUNCTION imaging.settle_1(s_id bigint[], s_token bigint[], s_sequence bigint[], s_outcome smallint[], s_delay bigint[], s_error text[])
RETURNS void LANGUAGE plpgsql
SET search_path = imaging, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    moment bigint;
    bindings bigint[];
    studies bigint[];
    series text[];
    sops text[];
BEGIN
    PERFORM 1 FROM binding WHERE id IN (SELECT d.binding_id FROM delivery d WHERE d.id = ANY (s_id)) ORDER BY id FOR NO KEY UPDATE;
    moment := now_us();

    UPDATE delivery d SET owner = NULL, due_at = moment, attempts = 0, last_error = NULL
    FROM unnest(s_id, s_token, s_sequence) AS s (id, token, sequence)
    WHERE d.id = s.id AND d.token = s.token AND d.owner IS NOT NULL AND d.sequence <> s.sequence;

    UPDATE delivery d SET owner = NULL, due_at = moment + s.delay, attempts = d.attempts + CASE WHEN s.outcome = 1 THEN 1 ELSE 0 END, last_error = coalesce(s.error, d.last_error)
    FROM unnest(s_id, s_token, s_outcome, s_delay, s_error) AS s (id, token, outcome, delay, error)
    WHERE d.id = s.id AND d.token = s.token AND d.owner IS NOT NULL AND s.outcome IN (1, 3);

    WITH settled AS (
        SELECT * FROM unnest(s_id, s_token, s_outcome, s_error) AS s (id, token, outcome, error)
    ), delivered AS (
        DELETE FROM delivery d USING settled s WHERE d.id = s.id AND d.token = s.token AND d.owner IS NOT NULL AND s.outcome = 0
        RETURNING d.binding_id, d.study_id, d.series_uid, d.sop_uid
    ), dead AS (
        UPDATE delivery d SET owner = NULL, is_dead = true, attempts = d.attempts + 1, dead_since = moment, last_error = coalesce(s.error, '')
        FROM settled s WHERE d.id = s.id AND d.token = s.token AND d.owner IS NOT NULL AND s.outcome = 2
        RETURNING d.binding_id, d.study_id, d.series_uid, d.sop_uid
    ), gone AS (
        SELECT * FROM delivered UNION ALL SELECT * FROM dead
    )
    SELECT array_agg(g.binding_id), array_agg(g.study_id), array_agg(g.series_uid), array_agg(g.sop_uid) INTO bindings, studies, series, sops FROM gone g;

    IF bindings IS NOT NULL THEN
        PERFORM advance_1(bindings, studies, series, sops, moment);
    END IF;
END $$;

-- Delivers the next dead letters of a range of ids again; answers how many, and the id of the last.
CREATE FUNCTION imaging.replay_1(b_name text, after bigint, through bigint, most integer, OUT replayed integer, OUT last bigint)
LANGUAGE plpgsql
SET search_path = imaging, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    b bigint;
    ids bigint[];
    studies bigint[];
    series text[];
    sops text[];
BEGIN
    replayed := 0;
    last := through;
    SELECT id INTO b FROM binding WHERE name = b_name FOR NO KEY UPDATE;
    SELECT array_agg(l.id ORDER BY l.id), array_agg(l.study_id ORDER BY l.id), array_agg(l.series_uid ORDER BY l.id), array_agg(l.sop_uid ORDER BY l.id)
    INTO ids, studies, series, sops
    FROM (
        SELECT d.id, d.study_id, d.series_uid, d.sop_uid FROM delivery d
        WHERE d.binding_id = b AND d.is_dead AND d.id > after AND d.id <= through ORDER BY d.id LIMIT most
    ) l;
    IF ids IS NULL THEN
        RETURN;
    END IF;

    UPDATE delivery SET is_dead = false, attempts = 0, due_at = behind(), dead_since = NULL, last_error = NULL WHERE id = ANY (ids);

    -- The one that comes back may be the first of several that wait.
    UPDATE delivery d SET due_at = behind()
    FROM (SELECT DISTINCT * FROM unnest(studies, series, sops) AS u (study_id, series_uid, sop_uid)) s
    WHERE d.binding_id = b AND d.study_id = s.study_id AND d.series_uid = s.series_uid AND d.sop_uid = s.sop_uid AND NOT d.is_dead AND d.owner IS NULL AND d.due_at <> behind();

    PERFORM advance_1(array_fill(b, ARRAY[cardinality(ids)]), studies, series, sops, now_us());
    replayed := cardinality(ids);
    last := ids[cardinality(ids)];
END $$;

-- Lets leases go on; those that were lost stay lost.
CREATE FUNCTION imaging.renew_1(h_id bigint[], h_token bigint[], lease bigint)
RETURNS void LANGUAGE plpgsql
SET search_path = imaging, pg_temp
SET enable_seqscan = off
AS $$
BEGIN
    PERFORM 1 FROM binding WHERE id IN (SELECT d.binding_id FROM delivery d WHERE d.id = ANY (h_id)) ORDER BY id FOR NO KEY UPDATE;
    UPDATE delivery d SET due_at = now_us() + lease
    FROM unnest(h_id, h_token) AS h (id, token)
    WHERE d.id = h.id AND d.token = h.token AND d.owner IS NOT NULL;
END $$;

-- Gives the next dead letters of a range of ids up; answers how many, and the id of the last. A letter that an event brings back meanwhile is none any more.
CREATE FUNCTION imaging.drop_1(b_name text, after bigint, through bigint, most integer, OUT dropped integer, OUT last bigint)
LANGUAGE plpgsql
SET search_path = imaging, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    b bigint;
    ids bigint[];
BEGIN
    SELECT id INTO b FROM binding WHERE name = b_name FOR NO KEY UPDATE;
    SELECT array_agg(l.id ORDER BY l.id) INTO ids
    FROM (SELECT d.id FROM delivery d WHERE d.binding_id = b AND d.is_dead AND d.id > after AND d.id <= through ORDER BY d.id LIMIT most) l;
    DELETE FROM delivery WHERE id = ANY (ids);
    dropped := coalesce(cardinality(ids), 0);
    last := coalesce(ids[dropped], through);
END $$;
