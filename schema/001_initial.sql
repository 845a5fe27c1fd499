-- The first schema: what driftd saw (heads, observations, deployments), what it concluded
-- (verdicts, transitions) and when it looked (cycles). DESIGN 3. Never edited once released.
-- Times are milliseconds since 1970 (UTC). Rows are written when something changed; a cycle of an
-- unchanged world adds one row to cycles and touches nothing else.

-- "drft" in ASCII: file(1) and driftd tell by it whose file this is.
PRAGMA application_id = 1685218932;

-- What belongs to the database itself: hash_key, 32 random bytes made with it.
CREATE TABLE meta (
	name TEXT NOT NULL PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Names of targets ("service/billing"), so that rows hold a number. A name goes with its last row.
CREATE TABLE targets (
	id INTEGER NOT NULL PRIMARY KEY,
	target TEXT NOT NULL UNIQUE
) STRICT;

-- Heads of watched branches in the order they were seen. A forced push is a head like any other.
CREATE TABLE heads (
	id INTEGER NOT NULL PRIMARY KEY,
	repo TEXT NOT NULL,
	url TEXT NOT NULL,
	branch TEXT NOT NULL,
	sha TEXT NOT NULL,
	subject TEXT NOT NULL,
	author TEXT NOT NULL,
	committed_wall_ms INTEGER NOT NULL,
	seen_wall_ms INTEGER NOT NULL,
	fetched_wall_ms INTEGER NOT NULL, -- last confirmed by a fetch; only the newest one moves
	forced INTEGER NOT NULL CHECK (forced IN (0, 1))
) STRICT;
CREATE INDEX heads_of_repo ON heads (repo, id);
CREATE INDEX heads_by_time ON heads (seen_wall_ms);

-- What holds now, one row per configured target.
CREATE TABLE verdicts (
	target_id INTEGER NOT NULL PRIMARY KEY REFERENCES targets (id),
	state TEXT NOT NULL,
	relation TEXT,
	since_wall_ms INTEGER NOT NULL,
	observed_wall_ms INTEGER NOT NULL,
	expires_wall_ms INTEGER NOT NULL,
	confirmations INTEGER NOT NULL,
	facts TEXT NOT NULL -- JSON
) STRICT;

-- Ids of the next three are cursors of pages: AUTOINCREMENT never gives one out again.
CREATE TABLE transitions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id INTEGER NOT NULL REFERENCES targets (id),
	at_wall_ms INTEGER NOT NULL,
	from_state TEXT, -- NULL for the first
	to_state TEXT NOT NULL,
	relation TEXT,
	reasons TEXT NOT NULL -- JSON array of codes
) STRICT;
CREATE INDEX transitions_of_target ON transitions (target_id, id);
CREATE INDEX transitions_by_time ON transitions (at_wall_ms);

CREATE TABLE observations (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id INTEGER NOT NULL REFERENCES targets (id),
	at_wall_ms INTEGER NOT NULL,
	facts TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX observations_of_target ON observations (target_id, id);
CREATE INDEX observations_by_time ON observations (at_wall_ms);

CREATE TABLE deployments (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id INTEGER NOT NULL REFERENCES targets (id),
	at_wall_ms INTEGER NOT NULL, -- first seen so
	sha TEXT, -- NULL: not resolved
	revision TEXT, -- NULL for source http
	percent INTEGER NOT NULL,
	digest TEXT
) STRICT;
CREATE INDEX deployments_of_target ON deployments (target_id, id);
CREATE INDEX deployments_by_time ON deployments (at_wall_ms);

-- No index by time: it would double what an unchanged world writes per cycle. The newest row is
-- never deleted, so that ids are not given out again.
CREATE TABLE cycles (
	id INTEGER NOT NULL PRIMARY KEY,
	trigger TEXT NOT NULL,
	started_wall_ms INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL,
	summary TEXT NOT NULL -- JSON
) STRICT;
