-- The number of the rules by which the values that searches read were made from the attributes. Rows of older rules are made anew while the program runs.
ALTER TABLE study ADD COLUMN index_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE series ADD COLUMN index_generation INTEGER NOT NULL DEFAULT 0;

CREATE INDEX study_outdated ON study (id) WHERE index_generation < 1;
CREATE INDEX series_outdated ON series (id) WHERE index_generation < 1;
