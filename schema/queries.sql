-- Every statement driftd runs, one behind each "-- name:" line; lib/store/ prepares each once per
-- connection.

-- name: insert_meta
INSERT INTO meta (name, value) VALUES (?1, ?2);

-- name: read_meta
SELECT value FROM meta WHERE name = ?1;

-- name: read_last_cycle
SELECT coalesce(max(id), 0) FROM cycles;

-- name: insert_target
INSERT INTO targets (target) VALUES (?1) ON CONFLICT (target) DO NOTHING;

-- name: insert_head
INSERT INTO heads (repo, url, branch, sha, subject, author, committed_wall_ms, seen_wall_ms,
	fetched_wall_ms, forced)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: write_verdict
INSERT INTO verdicts (target_id, state, relation, since_wall_ms, observed_wall_ms, expires_wall_ms,
	confirmations, facts)
VALUES ((SELECT id FROM targets WHERE target = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (target_id) DO UPDATE SET
	state = excluded.state,
	relation = excluded.relation,
	since_wall_ms = excluded.since_wall_ms,
	observed_wall_ms = excluded.observed_wall_ms,
	expires_wall_ms = excluded.expires_wall_ms,
	confirmations = excluded.confirmations,
	facts = excluded.facts;

-- name: insert_transition
INSERT INTO transitions (target_id, at_wall_ms, from_state, to_state, relation, reasons)
VALUES ((SELECT id FROM targets WHERE target = ?1), ?2, ?3, ?4, ?5, ?6);

-- name: insert_observation
INSERT INTO observations (target_id, at_wall_ms, facts)
VALUES ((SELECT id FROM targets WHERE target = ?1), ?2, ?3);

-- name: insert_deployment
INSERT INTO deployments (target_id, at_wall_ms, sha, revision, percent, digest)
VALUES ((SELECT id FROM targets WHERE target = ?1), ?2, ?3, ?4, ?5, ?6);

-- name: insert_sample
INSERT INTO samples (target_id, at_wall_ms, loaded_wall_ms, rows, bytes_billed, number)
SELECT t.id, ?2, ?3, ?4, ?5,
	1 + coalesce((SELECT number FROM samples WHERE target_id = t.id ORDER BY id DESC LIMIT 1), 0)
FROM targets AS t WHERE t.target = ?1
RETURNING number;

-- All but the newest ?2 of a target.
-- name: cut_samples
DELETE FROM samples WHERE target_id = (SELECT id FROM targets WHERE target = ?1) AND id <= (
	SELECT n.id FROM samples AS n
	WHERE n.target_id = (SELECT id FROM targets WHERE target = ?1)
	ORDER BY n.id DESC LIMIT 1 OFFSET ?2);

-- A sum that is too large for an integer stays at the largest one.
-- name: add_usage
INSERT INTO usages (day, gcp, target_id, queries, bytes_processed, bytes_billed)
VALUES (?1, ?2, (SELECT id FROM targets WHERE target = ?3), ?4, ?5, ?6)
ON CONFLICT (day, gcp, target_id) DO UPDATE SET
	queries = min(queries + excluded.queries, 9223372036854775807),
	bytes_processed = min(bytes_processed + excluded.bytes_processed, 9223372036854775807),
	bytes_billed = min(bytes_billed + excluded.bytes_billed, 9223372036854775807);

-- name: insert_cycle
INSERT INTO cycles (id, trigger, started_wall_ms, duration_ms, summary)
VALUES (?1, ?2, ?3, ?4, ?5);

-- name: update_verdict_times
UPDATE verdicts SET observed_wall_ms = ?2, expires_wall_ms = ?3
WHERE target_id = (SELECT id FROM targets WHERE target = ?1);

-- name: update_head_time
UPDATE heads SET fetched_wall_ms = ?2
WHERE id = (SELECT max(id) FROM heads WHERE repo = ?1) AND (?3 IS NULL OR url = ?3);

-- name: delete_verdict
DELETE FROM verdicts WHERE target_id = (SELECT id FROM targets WHERE target = ?1);

-- name: load_heads
SELECT repo, url, branch, sha, subject, author, committed_wall_ms, seen_wall_ms, fetched_wall_ms,
	forced
FROM (SELECT * FROM heads WHERE repo = ?1 AND url = ?2 ORDER BY id DESC LIMIT ?3)
ORDER BY id;

-- name: load_verdicts
SELECT t.target, v.state, v.relation, v.since_wall_ms, v.observed_wall_ms, v.expires_wall_ms,
	v.confirmations, v.facts
FROM verdicts AS v JOIN targets AS t ON t.id = v.target_id
ORDER BY t.target;

-- name: load_transitions
SELECT n.id, t.target, n.at_wall_ms, n.from_state, n.to_state, n.relation, n.reasons
FROM targets AS t CROSS JOIN transitions AS n
WHERE n.id = (SELECT max(id) FROM transitions WHERE target_id = t.id)
ORDER BY t.target;

-- name: load_deployments
SELECT d.id, t.target, d.at_wall_ms, d.sha, d.revision, d.percent, d.digest
FROM targets AS t CROSS JOIN deployments AS d
WHERE d.id IN (SELECT id FROM deployments WHERE target_id = t.id ORDER BY id DESC LIMIT ?1)
ORDER BY t.target, d.id DESC;

-- name: load_observations
SELECT t.target, o.at_wall_ms, o.facts
FROM targets AS t CROSS JOIN observations AS o
WHERE o.id = (SELECT max(id) FROM observations WHERE target_id = t.id)
ORDER BY t.target;

-- name: load_samples
SELECT s.id, t.target, s.at_wall_ms, s.loaded_wall_ms, s.rows, s.bytes_billed
FROM targets AS t CROSS JOIN samples AS s
WHERE s.id = (SELECT max(id) FROM samples WHERE target_id = t.id)
ORDER BY t.target;

-- name: load_usages
SELECT u.day, u.gcp, t.target, u.queries, u.bytes_processed, u.bytes_billed
FROM usages AS u CROSS JOIN targets AS t ON t.id = u.target_id
WHERE u.day = ?1
ORDER BY u.gcp, t.target;

-- name: read_transitions
SELECT id, ?1, at_wall_ms, from_state, to_state, relation, reasons
FROM transitions
WHERE target_id = (SELECT id FROM targets WHERE target = ?1) AND id < ?2
ORDER BY id DESC LIMIT ?3;

-- name: read_deployments
SELECT id, ?1, at_wall_ms, sha, revision, percent, digest
FROM deployments
WHERE target_id = (SELECT id FROM targets WHERE target = ?1) AND id < ?2
ORDER BY id DESC LIMIT ?3;

-- name: read_samples
SELECT id, ?1, at_wall_ms, loaded_wall_ms, rows, bytes_billed
FROM samples
WHERE target_id = (SELECT id FROM targets WHERE target = ?1) AND id < ?2
ORDER BY id DESC LIMIT ?3;

-- name: read_cycle
SELECT id, trigger, started_wall_ms, duration_ms, summary FROM cycles WHERE id = ?1;

-- name: read_known
SELECT EXISTS (SELECT 1 FROM verdicts WHERE target_id = t.id)
	OR EXISTS (SELECT 1 FROM transitions WHERE target_id = t.id)
	OR EXISTS (SELECT 1 FROM deployments WHERE target_id = t.id)
	OR EXISTS (SELECT 1 FROM samples WHERE target_id = t.id)
FROM targets AS t WHERE t.target = ?1;

-- The prune_ statements delete at most ?2 rows older than ?1. What a target that is still
-- configured (it has a verdict) looked like last stays, however old it is.

-- name: prune_heads
DELETE FROM heads WHERE id IN (
	SELECT h.id FROM heads AS h
	WHERE h.seen_wall_ms < ?1 AND h.id < (SELECT max(n.id) FROM heads AS n WHERE n.repo = h.repo)
	ORDER BY h.seen_wall_ms LIMIT ?2);

-- name: prune_transitions
DELETE FROM transitions WHERE id IN (
	SELECT id FROM transitions WHERE at_wall_ms < ?1 ORDER BY at_wall_ms LIMIT ?2);

-- name: prune_observations
DELETE FROM observations WHERE id IN (
	SELECT o.id FROM observations AS o
	WHERE o.at_wall_ms < ?1 AND (
		o.id < (SELECT max(n.id) FROM observations AS n WHERE n.target_id = o.target_id)
		OR NOT EXISTS (SELECT 1 FROM verdicts AS v WHERE v.target_id = o.target_id))
	ORDER BY o.at_wall_ms LIMIT ?2);

-- The newest ?3 of a target stay: among them are the shares of a traffic split, first seen at
-- different times, and what image_reused is judged by.
-- name: prune_deployments
DELETE FROM deployments WHERE id IN (
	SELECT d.id FROM deployments AS d
	WHERE d.at_wall_ms < ?1 AND (
		d.id <= (SELECT n.id FROM deployments AS n
			WHERE n.target_id = d.target_id ORDER BY n.id DESC LIMIT 1 OFFSET ?3)
		OR NOT EXISTS (SELECT 1 FROM verdicts AS v WHERE v.target_id = d.target_id))
	ORDER BY d.at_wall_ms LIMIT ?2);

-- name: prune_samples
DELETE FROM samples WHERE id IN (
	SELECT s.id FROM samples AS s
	WHERE s.grain IN (0, 1, 2) AND s.at_wall_ms < ?1 AND (
		s.id < (SELECT max(n.id) FROM samples AS n WHERE n.target_id = s.target_id)
		OR NOT EXISTS (SELECT 1 FROM verdicts AS v WHERE v.target_id = s.target_id))
	LIMIT ?2);

-- Whole days only: the one that ?1 falls into stays.
-- name: prune_usages
DELETE FROM usages WHERE (day, gcp, target_id) IN (
	SELECT day, gcp, target_id FROM usages
	WHERE day < date(?1 / 1000, 'unixepoch') ORDER BY day LIMIT ?2);

-- Looks at the oldest ?3 cycles only, for want of an index; clocks that were wrong for a while may
-- have left some among them that must wait.
-- name: prune_cycles
DELETE FROM cycles WHERE id IN (
	SELECT id FROM (SELECT id, started_wall_ms FROM cycles ORDER BY id LIMIT ?3)
	WHERE started_wall_ms < ?1 AND id < (SELECT max(id) FROM cycles)
	LIMIT ?2);

-- What its name says; ?1 means nothing here.
-- name: prune_targets
DELETE FROM targets WHERE id IN (
	SELECT t.id FROM targets AS t
	WHERE NOT EXISTS (SELECT 1 FROM verdicts WHERE target_id = t.id)
		AND NOT EXISTS (SELECT 1 FROM transitions WHERE target_id = t.id)
		AND NOT EXISTS (SELECT 1 FROM observations WHERE target_id = t.id)
		AND NOT EXISTS (SELECT 1 FROM deployments WHERE target_id = t.id)
		AND NOT EXISTS (SELECT 1 FROM samples WHERE target_id = t.id)
		AND NOT EXISTS (SELECT 1 FROM usages WHERE target_id = t.id)
	LIMIT ?2);

-- The oldest ?4 samples of grain ?1 from before ?2, and whether the next one of the same target is of
-- the same span of ?3 ms. The index gives both in as many steps as there are rows.
-- name: thin_candidates
SELECT s.id, coalesce((SELECT n.at_wall_ms / ?3 = s.at_wall_ms / ?3 FROM samples AS n
	WHERE n.target_id = s.target_id AND n.id > s.id ORDER BY n.id LIMIT 1), 0)
FROM samples AS s
WHERE s.grain = ?1 AND s.at_wall_ms < ?2
ORDER BY s.at_wall_ms LIMIT ?4;

-- name: delete_sample
DELETE FROM samples WHERE id = ?1;

-- name: coarsen_sample
UPDATE samples SET grain = ?2 WHERE id = ?1;

-- name: check_integrity
PRAGMA quick_check(1);
