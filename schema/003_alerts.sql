-- What issue 4 adds: incidents, silences, the outbox (notifications, contents, attempts), and what
-- alerts must remember over a restart (memos, pushes). DESIGN 11. Never edited once released.

-- Ids of the first three are given by the writer; AUTOINCREMENT remembers the largest one, so that
-- none is given out again when the rows are gone.
CREATE TABLE incidents (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id INTEGER NOT NULL REFERENCES targets (id), -- also "repo/NAME"
	priority TEXT NOT NULL,
	cause TEXT NOT NULL,
	status TEXT NOT NULL,
	summary TEXT NOT NULL,
	codes TEXT NOT NULL, -- JSON array
	told TEXT NOT NULL, -- JSON array: which channel, of which version, when
	opened_wall_ms INTEGER NOT NULL,
	detected_wall_ms INTEGER NOT NULL,
	acknowledged_wall_ms INTEGER, -- NULL: not
	acknowledged_by TEXT,
	why TEXT,
	ack_expires_wall_ms INTEGER, -- NULL: not acknowledged
	first_ack_wall_ms INTEGER, -- stays when it expired or was renewed; NULL: nobody has ever
	ended_wall_ms INTEGER, -- NULL: it is not over
	false_alarm INTEGER NOT NULL CHECK (false_alarm IN (0, 1)),
	reopened INTEGER NOT NULL,
	version INTEGER NOT NULL,
	worse TEXT,
	held_by TEXT
) STRICT;
CREATE INDEX incidents_of_target ON incidents (target_id, id);
CREATE INDEX incidents_of_status ON incidents (status, id);
CREATE INDEX incidents_by_end ON incidents (ended_wall_ms); -- NULL: those that are not over

-- No index: they are few, and a page of them goes by id.
CREATE TABLE silences (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	matcher TEXT NOT NULL,
	until_wall_ms INTEGER NOT NULL,
	who TEXT NOT NULL,
	why TEXT NOT NULL,
	created_wall_ms INTEGER NOT NULL,
	ended_wall_ms INTEGER -- taken back before its time; NULL: not
) STRICT;

-- A message that was folded into another one points at the one that is told (never at one that was
-- folded itself), and has its state.
CREATE TABLE notifications (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	channel TEXT NOT NULL, -- "slack/default"
	kind TEXT NOT NULL,
	incidents TEXT NOT NULL, -- JSON array of ids
	created_wall_ms INTEGER NOT NULL,
	state TEXT NOT NULL, -- waiting, sent, failed
	-- the other one may be written behind it
	folded_into INTEGER REFERENCES notifications (id) DEFERRABLE INITIALLY DEFERRED
		CHECK (folded_into <> id),
	attempts_total INTEGER NOT NULL,
	next_wall_ms INTEGER NOT NULL,
	plain INTEGER NOT NULL CHECK (plain IN (0, 1))
) STRICT;
CREATE INDEX notifications_of_channel ON notifications (channel, id);
CREATE INDEX notifications_of_state ON notifications (state, id);
CREATE INDEX notifications_by_time ON notifications (created_wall_ms);
CREATE INDEX notifications_by_fold ON notifications (folded_into) WHERE folded_into IS NOT NULL;

-- What a message says, beside it: an attempt to send it rewrites its row, and must not rewrite
-- megabytes. It goes when the message waits no longer.
CREATE TABLE contents (
	notification_id INTEGER NOT NULL PRIMARY KEY REFERENCES notifications (id),
	content TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE attempts (
	notification_id INTEGER NOT NULL REFERENCES notifications (id),
	number INTEGER NOT NULL, -- from 1 for each notification; only the newest are kept
	at_wall_ms INTEGER NOT NULL,
	status INTEGER NOT NULL, -- of HTTP; 0: no answer
	error TEXT, -- NULL: sent
	PRIMARY KEY (notification_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE memos (
	name TEXT NOT NULL PRIMARY KEY, -- "digest slack/default"
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Hook deliveries that led to a cycle, in the order they came. Never many.
CREATE TABLE pushes (
	id INTEGER NOT NULL PRIMARY KEY,
	delivery TEXT NOT NULL UNIQUE,
	at_wall_ms INTEGER NOT NULL
) STRICT;

ALTER TABLE deployments ADD COLUMN committed_wall_ms INTEGER; -- of sha; NULL: not known

-- 1: it was seen to begin. 0: it ran when the target was first looked at; or it had run before, and
-- got more or less of the traffic. Told when it is written: what it is compared with may go.
ALTER TABLE deployments ADD COLUMN began INTEGER NOT NULL DEFAULT 0 CHECK (began IN (0, 1));
UPDATE deployments SET began = 1 WHERE id IN (
	SELECT id FROM (
		SELECT id,
			at_wall_ms <> first_value(at_wall_ms)
				OVER (PARTITION BY target_id ORDER BY id) AS is_later,
			row_number() OVER (
				PARTITION BY target_id, revision, iif(revision IS NULL, sha, NULL)
				ORDER BY id) AS time_seen
		FROM deployments)
	WHERE is_later AND time_seen = 1);
