-- Which instances a binding that keeps the newest state has delivered. It outlives the instance: when one is deleted and stored again, a target
-- that says it has the instance already has kept what was delivered before. What was delivered before this script is not known.
CREATE TABLE delivered_instance (
    binding_id INTEGER NOT NULL,
    study_id   INTEGER NOT NULL,
    series_uid TEXT    NOT NULL,
    sop_uid    TEXT    NOT NULL,
    PRIMARY KEY (binding_id, study_id, series_uid, sop_uid)
) WITHOUT ROWID;
