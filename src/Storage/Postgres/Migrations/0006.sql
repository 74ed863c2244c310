-- The number of the rules by which the values that searches read were made from the attributes. Rows of older rules are made anew while silos run,
-- by one of them at a time.
ALTER TABLE imaging.study ADD COLUMN index_generation smallint NOT NULL DEFAULT 0;
ALTER TABLE imaging.series ADD COLUMN index_generation smallint NOT NULL DEFAULT 0;

CREATE INDEX study_outdated ON imaging.study (id) WHERE index_generation < 1;
CREATE INDEX series_outdated ON imaging.series (id) WHERE index_generation < 1;

CREATE TABLE imaging.index_lease (
    owner        text   COLLATE "C" NOT NULL,
    leased_until bigint NOT NULL
);

INSERT INTO imaging.index_lease (owner, leased_until) VALUES ('', 0);

-- A writer names its rules in its transaction. One that names none is of a version before, which knows no rules: what it wrote is made anew.
CREATE FUNCTION imaging.set_index_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.index_generation := coalesce(nullif(current_setting('imaging.index_generation', true), ''), '0')::smallint;
    RETURN NEW;
END $$;

CREATE TRIGGER study_index_generation BEFORE INSERT OR UPDATE OF patient_name ON imaging.study
FOR EACH ROW EXECUTE FUNCTION imaging.set_index_generation();
CREATE TRIGGER series_index_generation BEFORE INSERT OR UPDATE OF series_description ON imaging.series
FOR EACH ROW EXECUTE FUNCTION imaging.set_index_generation();

-- Texts are no longer cut, and an entry of these indexes has to fit into a third of a page. They hold every row, because the planner takes no
-- statistics of an expression from an index of some rows.
DROP INDEX imaging.study_by_patient;
DROP INDEX imaging.study_by_accession;
DROP INDEX imaging.study_by_study_id;
CREATE INDEX study_by_patient ON imaging.study (provider, left(patient_id, 300), id);
CREATE INDEX study_by_accession ON imaging.study (provider, left(accession_number, 300));
CREATE INDEX study_by_study_id ON imaging.study (provider, left(study_id_text, 300));
ANALYZE imaging.study;
