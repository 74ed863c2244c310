-- Which instances a binding that keeps the newest state has delivered. It outlives the instance: when one is deleted and stored again, a target
-- that says it has the instance already has kept what was delivered before. What was delivered before this script, or by a program of an older
-- version, is not known. Nothing refers to the binding, so that a program of an older version can remove one.
CREATE TABLE imaging.delivered_instance (
    binding_id bigint NOT NULL,
    study_id   bigint NOT NULL,
    series_uid text   COLLATE "C" NOT NULL,
    sop_uid    text   COLLATE "C" NOT NULL,
    PRIMARY KEY (binding_id, study_id, series_uid, sop_uid)
);

-- As settle_1, and remembers what was delivered (0); 4 is settled like that, but nothing was left to deliver.
CREATE FUNCTION imaging.settle_2(s_id bigint[], s_token bigint[], s_sequence bigint[], s_outcome smallint[], s_delay bigint[], s_error text[])
RETURNS void LANGUAGE plpgsql
SET search_path = imaging, pg_temp
SET enable_seqscan = off
AS $$
BEGIN
    PERFORM 1 FROM binding WHERE id IN (SELECT d.binding_id FROM delivery d WHERE d.id = ANY (s_id)) ORDER BY id FOR NO KEY UPDATE;

    INSERT INTO delivered_instance (binding_id, study_id, series_uid, sop_uid)
    SELECT d.binding_id, d.study_id, d.series_uid, d.sop_uid
    FROM unnest(s_id, s_token, s_outcome) AS s (id, token, outcome)
    JOIN delivery d ON d.id = s.id AND d.token = s.token AND d.owner IS NOT NULL
    JOIN binding b ON b.id = d.binding_id AND NOT b.keeps_every_event
    WHERE s.outcome = 0 AND d.sop_uid <> ''
    ON CONFLICT DO NOTHING;

    PERFORM settle_1(s_id, s_token, s_sequence, array_replace(s_outcome, 4::smallint, 0::smallint), s_delay, s_error);
END $$;
