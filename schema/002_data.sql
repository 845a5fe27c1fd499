-- What issue 3 adds: how fresh tables were (samples), and what billed queries cost (usages).
-- DESIGN 3 and 7. Never edited once released.

-- A look at a table that found another load or another number of rows than the look before. Thinned
-- out with age; ids are cursors of pages and never given out again.
CREATE TABLE samples (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id INTEGER NOT NULL REFERENCES targets (id),
	at_wall_ms INTEGER NOT NULL,
	loaded_wall_ms INTEGER, -- NULL: the table holds nothing
	rows INTEGER, -- NULL: not known
	bytes_billed INTEGER NOT NULL,
	-- counted from 1 for each target: at every so many the oldest are cut off
	number INTEGER NOT NULL,
	-- 0: as it came, 1: found to be the last of its hour, 2: the last of its day (UTC)
	grain INTEGER NOT NULL DEFAULT 0 CHECK (grain IN (0, 1, 2))
) STRICT;
CREATE INDEX samples_of_target ON samples (target_id, id);
CREATE INDEX samples_by_time ON samples (grain, at_wall_ms);

-- Sums of a day, one row per target that was billed on it.
CREATE TABLE usages (
	day TEXT NOT NULL, -- "2026-11-20", UTC
	gcp TEXT NOT NULL, -- name of the section
	target_id INTEGER NOT NULL REFERENCES targets (id),
	queries INTEGER NOT NULL,
	bytes_processed INTEGER NOT NULL,
	bytes_billed INTEGER NOT NULL,
	PRIMARY KEY (day, gcp, target_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX usages_of_target ON usages (target_id);
