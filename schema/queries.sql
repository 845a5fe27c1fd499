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

-- It is seen to begin when the target was looked at before, and none of its newest ?8 was this
-- revision, or, where there are no revisions, this commit.
-- name: insert_deployment
INSERT INTO deployments (target_id, at_wall_ms, sha, revision, percent, digest, committed_wall_ms,
	began)
SELECT t.id, ?2, ?3, ?4, ?5, ?6, ?7,
	EXISTS (SELECT 1 FROM deployments WHERE target_id = t.id AND at_wall_ms <> ?2)
	AND NOT EXISTS (
		SELECT 1 FROM (
			SELECT sha, revision FROM deployments
			WHERE target_id = t.id ORDER BY id DESC LIMIT ?8)
		WHERE revision IS ?4 AND (?4 IS NOT NULL OR sha IS ?3))
FROM targets AS t WHERE t.target = ?1;

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
SELECT d.id, t.target, d.at_wall_ms, d.sha, d.revision, d.percent, d.digest, d.committed_wall_ms
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

-- Of the newest ?3 those since ?2, and the last one before: what was before them all.
-- name: read_days
WITH newest AS (
	SELECT id, at_wall_ms, from_state, to_state, relation, reasons
	FROM transitions
	WHERE target_id = (SELECT id FROM targets WHERE target = ?1)
	ORDER BY id DESC LIMIT ?3)
SELECT id, ?1, at_wall_ms, from_state, to_state, relation, reasons
FROM newest
WHERE id >= coalesce((SELECT max(id) FROM newest WHERE at_wall_ms < ?2), 0)
ORDER BY id DESC;

-- Of all targets, in the order they were written: at most ?2 behind ?1.
-- name: read_events
SELECT e.id, t.target, e.at_wall_ms, e.from_state, e.to_state, e.relation, e.reasons
FROM transitions AS e CROSS JOIN targets AS t ON t.id = e.target_id
WHERE e.id > ?1
ORDER BY e.id LIMIT ?2;

-- Also when it was pruned.
-- name: read_last_event
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'transitions'), 0);

-- name: read_deployments
SELECT id, ?1, at_wall_ms, sha, revision, percent, digest, committed_wall_ms
FROM deployments
WHERE target_id = (SELECT id FROM targets WHERE target = ?1) AND id < ?2
ORDER BY id DESC LIMIT ?3;

-- name: read_samples
SELECT id, ?1, at_wall_ms, loaded_wall_ms, rows, bytes_billed
FROM samples
WHERE target_id = (SELECT id FROM targets WHERE target = ?1) AND id < ?2
ORDER BY id DESC LIMIT ?3;

-- Of all sections together.
-- name: read_usages
SELECT day, '', ?1, sum(queries), sum(bytes_processed), sum(bytes_billed)
FROM usages
WHERE target_id = (SELECT id FROM targets WHERE target = ?1) AND day >= ?2
GROUP BY day ORDER BY day DESC LIMIT ?3;

-- name: read_cycle
SELECT id, trigger, started_wall_ms, duration_ms, summary FROM cycles WHERE id = ?1;

-- name: read_first_cycle
SELECT id, trigger, started_wall_ms, duration_ms, summary FROM cycles ORDER BY id LIMIT 1;

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
		AND NOT EXISTS (SELECT 1 FROM incidents WHERE target_id = t.id)
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

-- Incidents, silences, the outbox. An incident's target and a message's time of creation are what
-- they were first: that spares their indexes.

-- name: write_incident
INSERT INTO incidents (id, target_id, priority, cause, status, summary, codes, told, opened_wall_ms,
	detected_wall_ms, acknowledged_wall_ms, acknowledged_by, why, ack_expires_wall_ms,
	ended_wall_ms, false_alarm, reopened, version, worse, held_by, first_ack_wall_ms)
VALUES (?1, (SELECT id FROM targets WHERE target = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
	?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
ON CONFLICT (id) DO UPDATE SET
	priority = excluded.priority,
	cause = excluded.cause,
	status = excluded.status,
	summary = excluded.summary,
	codes = excluded.codes,
	told = excluded.told,
	opened_wall_ms = excluded.opened_wall_ms,
	detected_wall_ms = excluded.detected_wall_ms,
	acknowledged_wall_ms = excluded.acknowledged_wall_ms,
	acknowledged_by = excluded.acknowledged_by,
	why = excluded.why,
	ack_expires_wall_ms = excluded.ack_expires_wall_ms,
	ended_wall_ms = excluded.ended_wall_ms,
	false_alarm = excluded.false_alarm,
	reopened = excluded.reopened,
	version = excluded.version,
	worse = excluded.worse,
	held_by = excluded.held_by,
	first_ack_wall_ms = excluded.first_ack_wall_ms;

-- name: write_silence
INSERT INTO silences (id, matcher, until_wall_ms, who, why, created_wall_ms, ended_wall_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (id) DO UPDATE SET
	matcher = excluded.matcher,
	until_wall_ms = excluded.until_wall_ms,
	who = excluded.who,
	why = excluded.why,
	created_wall_ms = excluded.created_wall_ms,
	ended_wall_ms = excluded.ended_wall_ms;

-- name: write_notification
INSERT INTO notifications (id, channel, kind, incidents, created_wall_ms, state, folded_into,
	attempts_total, next_wall_ms, plain)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (id) DO UPDATE SET
	channel = excluded.channel,
	kind = excluded.kind,
	incidents = excluded.incidents,
	state = excluded.state,
	folded_into = excluded.folded_into,
	attempts_total = excluded.attempts_total,
	next_wall_ms = excluded.next_wall_ms,
	plain = excluded.plain;

-- ?1, and what was folded into it before, is told with ?2, or with what that was folded into.
-- name: fold_notification
UPDATE notifications SET
	folded_into = coalesce((SELECT c.folded_into FROM notifications AS c WHERE c.id = ?2), ?2),
	state = coalesce((SELECT c.state FROM notifications AS c WHERE c.id = ?2), state)
WHERE id = ?1 OR folded_into = ?1;

-- name: settle_folded
UPDATE notifications SET state = ?2 WHERE folded_into = ?1 AND state <> ?2;

-- name: write_content
INSERT INTO contents (notification_id, content) VALUES (?1, ?2)
ON CONFLICT (notification_id) DO UPDATE SET content = excluded.content;

-- name: insert_attempt
INSERT INTO attempts (notification_id, number, at_wall_ms, status, error)
VALUES (?1, 1 + coalesce((SELECT max(number) FROM attempts WHERE notification_id = ?1), 0),
	?2, ?3, ?4);

-- All but the newest ?2 of a message.
-- name: cut_attempts
DELETE FROM attempts WHERE notification_id = ?1
	AND number <= (SELECT max(number) FROM attempts WHERE notification_id = ?1) - ?2;

-- name: write_memo
INSERT INTO memos (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: insert_push
INSERT INTO pushes (delivery, at_wall_ms) VALUES (?1, ?2) ON CONFLICT (delivery) DO NOTHING;

-- name: read_next_ids
SELECT 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'incidents'), 0),
	1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'silences'), 0),
	1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'notifications'), 0);

-- name: load_incidents
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.ended_wall_ms IS NULL
UNION ALL
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM targets AS t CROSS JOIN incidents AS i
WHERE i.id = (SELECT n.id FROM incidents AS n
	WHERE n.target_id = t.id AND n.ended_wall_ms IS NOT NULL ORDER BY n.id DESC LIMIT 1)
ORDER BY 1;

-- name: load_silences
SELECT id, matcher, until_wall_ms, who, why, created_wall_ms, ended_wall_ms
FROM silences
WHERE ended_wall_ms IS NULL AND until_wall_ms > ?1
ORDER BY id;

-- name: load_waiting
SELECT n.id, n.channel, n.kind, n.incidents, n.created_wall_ms, n.state, n.folded_into,
	n.attempts_total, n.next_wall_ms, n.plain, c.content
FROM notifications AS n LEFT JOIN contents AS c ON c.notification_id = n.id
WHERE n.state = 'waiting' AND n.folded_into IS NULL
ORDER BY n.id;

-- name: load_memos
SELECT name, value FROM memos ORDER BY name;

-- name: load_pushes
SELECT delivery FROM (SELECT id, delivery FROM pushes ORDER BY id DESC LIMIT ?1) ORDER BY id;

-- Those that were folded went with another one: what was given up is that one.
-- name: load_failed
SELECT channel, count(*) FROM notifications
WHERE state = 'failed' AND folded_into IS NULL
GROUP BY channel;

-- Pages: at most ?2 rows below ?1.

-- name: read_incidents
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.id < ?1
ORDER BY i.id DESC LIMIT ?2;

-- name: read_incidents_of_status
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.status = ?3 AND i.id < ?1
ORDER BY i.id DESC LIMIT ?2;

-- Each status is read in the order of the index, and they are merged: IN would sort them all.
-- name: read_incidents_of_statuses
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.status = ?3 AND i.id < ?1
UNION ALL
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.status = ?4 AND i.id < ?1
UNION ALL
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.status = ?5 AND i.id < ?1
UNION ALL
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.status = ?6 AND i.id < ?1
ORDER BY 1 DESC LIMIT ?2;

-- name: read_incidents_of_target
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.target_id = (SELECT id FROM targets WHERE target = ?7)
	AND (?3 IS NULL OR i.status IN (?3, ?4, ?5, ?6)) AND i.id < ?1
ORDER BY i.id DESC LIMIT ?2;

-- name: read_incident
SELECT i.id, t.target, i.priority, i.cause, i.status, i.summary, i.codes, i.told, i.opened_wall_ms,
	i.detected_wall_ms, i.acknowledged_wall_ms, i.acknowledged_by, i.why, i.ack_expires_wall_ms,
	i.ended_wall_ms, i.false_alarm, i.reopened, i.version, i.worse, i.held_by, i.first_ack_wall_ms
FROM incidents AS i CROSS JOIN targets AS t ON t.id = i.target_id
WHERE i.id = ?1;

-- ?3: also those that ended before ?4 or were taken back.
-- name: read_silences
SELECT id, matcher, until_wall_ms, who, why, created_wall_ms, ended_wall_ms
FROM silences
WHERE id < ?1 AND (?3 OR (ended_wall_ms IS NULL AND until_wall_ms > ?4))
ORDER BY id DESC LIMIT ?2;

-- name: read_notifications
SELECT id, channel, kind, incidents, created_wall_ms, state, folded_into, attempts_total,
	next_wall_ms, plain, NULL
FROM notifications
WHERE id < ?1
ORDER BY id DESC LIMIT ?2;

-- name: read_notifications_of_state
SELECT id, channel, kind, incidents, created_wall_ms, state, folded_into, attempts_total,
	next_wall_ms, plain, NULL
FROM notifications
WHERE state = ?3 AND (?4 IS NULL OR channel = ?4) AND id < ?1
ORDER BY id DESC LIMIT ?2;

-- name: read_notifications_of_channel
SELECT id, channel, kind, incidents, created_wall_ms, state, folded_into, attempts_total,
	next_wall_ms, plain, NULL
FROM notifications
WHERE channel = ?3 AND (?4 IS NULL OR state = ?4) AND id < ?1
ORDER BY id DESC LIMIT ?2;

-- Of one incident, made between ?3 and ?4. Which those are stands in a list, so all of that time are
-- looked at.
-- name: read_notifications_of_incident
SELECT n.id, n.channel, n.kind, n.incidents, n.created_wall_ms, n.state, n.folded_into,
	n.attempts_total, n.next_wall_ms, n.plain, NULL
FROM notifications AS n
WHERE n.created_wall_ms BETWEEN ?3 AND ?4 AND n.id < ?1 AND EXISTS (
	SELECT 1 FROM json_each(iif(json_valid(n.incidents), n.incidents, '[]')) WHERE value = ?5)
ORDER BY n.id DESC LIMIT ?2;

-- name: read_content
SELECT content FROM contents
WHERE notification_id = ?1 AND length(CAST(content AS BLOB)) <= ?2;

-- name: read_attempts
SELECT notification_id, at_wall_ms, status, error FROM attempts
WHERE notification_id = ?1
ORDER BY number;

-- name: read_incident_times
SELECT opened_wall_ms, detected_wall_ms, first_ack_wall_ms, ended_wall_ms, false_alarm,
	cause = 'blind', status = 'withdrawn'
FROM (SELECT * FROM incidents ORDER BY id DESC LIMIT ?2)
WHERE detected_wall_ms >= ?1;

-- name: read_leads
SELECT at_wall_ms, max(coalesce(committed_wall_ms, 0))
FROM (SELECT at_wall_ms, target_id, committed_wall_ms FROM deployments
	WHERE began = 1 AND at_wall_ms >= ?1 ORDER BY at_wall_ms DESC LIMIT ?2)
GROUP BY at_wall_ms, target_id
ORDER BY at_wall_ms DESC;

-- More prune_ statements, as above. What waits, and what is not over, stays however old it is.

-- name: prune_incidents
DELETE FROM incidents WHERE id IN (
	SELECT id FROM incidents WHERE ended_wall_ms < ?1 ORDER BY ended_wall_ms LIMIT ?2);

-- name: prune_silences
DELETE FROM silences WHERE id IN (
	SELECT id FROM silences
	WHERE min(until_wall_ms, coalesce(ended_wall_ms, until_wall_ms)) < ?1 LIMIT ?2);

-- Of those that wait no longer, however new; ?1 means nothing here.
-- name: prune_contents
DELETE FROM contents WHERE notification_id IN (
	SELECT c.notification_id
	FROM contents AS c CROSS JOIN notifications AS n ON n.id = c.notification_id
	WHERE n.state <> 'waiting' OR n.folded_into IS NOT NULL LIMIT ?2);

-- name: prune_attempts
DELETE FROM attempts WHERE (notification_id, number) IN (
	SELECT a.notification_id, a.number
	FROM notifications AS n CROSS JOIN attempts AS a ON a.notification_id = n.id
	WHERE n.created_wall_ms < ?1 AND n.state <> 'waiting'
	ORDER BY n.created_wall_ms LIMIT ?2);

-- Only those that nothing points at any more.
-- name: prune_notifications
DELETE FROM notifications WHERE id IN (
	SELECT n.id FROM notifications AS n
	WHERE n.created_wall_ms < ?1 AND n.state <> 'waiting'
		AND NOT EXISTS (SELECT 1 FROM contents WHERE notification_id = n.id)
		AND NOT EXISTS (SELECT 1 FROM attempts WHERE notification_id = n.id)
		AND NOT EXISTS (SELECT 1 FROM notifications AS f WHERE f.folded_into = n.id)
	ORDER BY n.created_wall_ms LIMIT ?2);

-- And all but the newest ?3.
-- name: prune_pushes
DELETE FROM pushes WHERE id IN (
	SELECT id FROM pushes
	WHERE at_wall_ms < ?1 OR id <= (SELECT id FROM pushes ORDER BY id DESC LIMIT 1 OFFSET ?3)
	LIMIT ?2);

-- name: check_integrity
PRAGMA quick_check(1);
