/* checks_rollout - traffic, rollouts and builds; see checks.h. */
#include "eval/checks.h"

#include <string.h>

#include "timefmt.h"

/* A split is named up to here; Cloud Run allows more. */
#define SPLIT_NAMED_MAX 8

/* Since when something goes on, when only the verdict before can tell: the time it was given then,
 * in the reason's datum, else now. */
static int64_t noticed_since(const struct eval_input *input, enum reason_code code,
			     const char *datum_name)
{
	const struct verdict *before = input->before;

	for (guint i = 0; before && i < before->reasons->len; i++) {
		const struct reason *reason = before->reasons->pdata[i];

		for (guint j = 0; reason->code == code && j < reason->data->len; j++) {
			const struct reason_datum *datum = reason->data->pdata[j];
			int64_t wall_ms = 0;

			if (strcmp(datum->name, datum_name) == 0 && datum->text &&
			    timefmt_parse(datum->text, &wall_ms, NULL))
				return MIN(wall_ms, input->now_wall_ms);
		}
	}
	return input->now_wall_ms;
}

static char *split_text(const struct service_obs *seen)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < seen->revisions->len && i < SPLIT_NAMED_MAX; i++) {
		const struct revision_obs *revision = seen->revisions->pdata[i];

		g_string_append_printf(text, "%s%d %% %s", i > 0 ? ", " : "", revision->percent,
				       revision->name ? revision->name : "?");
	}
	if (seen->revisions->len > SPLIT_NAMED_MAX)
		g_string_append(text, ", …");
	return g_string_free(text, FALSE);
}

/* What does not go to the latest ready revision. */
struct elsewhere {
	int percent;
	guint count;
	const char *name; /* of the largest; NULL: none */
};

static struct elsewhere find_elsewhere(const struct service_obs *seen)
{
	struct elsewhere found = {0};

	for (guint i = 0; i < seen->revisions->len; i++) {
		const struct revision_obs *revision = seen->revisions->pdata[i];

		if (seen->latest_ready && g_strcmp0(revision->name, seen->latest_ready) == 0)
			continue;
		found.percent += revision->percent;
		if (found.count++ == 0)
			found.name = revision->name;
	}
	return found;
}

static void check_traffic(struct finding_sink *sink)
{
	const struct service_obs *seen = sink->seen;
	struct elsewhere found = find_elsewhere(seen);
	g_autofree char *split = split_text(seen);
	g_autofree char *what =
		found.percent > 0
			? g_strdup_printf("%d %% on old revision%s %s%s", found.percent,
					  found.count > 1 ? "s" : "", found.name ? found.name : "?",
					  found.count > 1 ? " and others" : "")
			: g_strdup("not all of it is assigned");
	struct reason *reason =
		reason_create(REASON_TRAFFIC_NOT_LATEST, STATE_DRIFT,
			      "traffic: %s, the latest ready one is %s (%s)", what,
			      seen->latest_ready ? seen->latest_ready : "not known", split);

	reason_add_text(reason, "split", split);
	reason_add_text(reason, "latest_ready", seen->latest_ready);
	reason_add_number(reason, "percent_elsewhere", found.percent);
	finding_add(sink, reason);
}

/* A new revision began when it was created. When something else reconciles (traffic, or a change
 * that has no revision yet) the latest revision can be weeks old: then it counts from when it was
 * noticed. */
static int64_t deploying_since(const struct finding_sink *sink, bool new_revision)
{
	int64_t created = sink->seen->latest_created_wall_ms;
	int64_t deploying, failed;

	if (new_revision && created > 0 && created <= sink->input->now_wall_ms)
		return created;
	deploying = noticed_since(sink->input, REASON_DEPLOYING, "started_at");
	failed = noticed_since(sink->input, REASON_ROLLOUT_FAILED, "started_at");
	return MIN(deploying, failed);
}

static void add_deploying(struct finding_sink *sink, int64_t since, int64_t end)
{
	const char *created = sink->seen->latest_created;
	char text[TIMEFMT_BYTES];
	struct reason *reason =
		reason_create(REASON_DEPLOYING, STATE_PENDING, "revision %s is being rolled out",
			      created ? created : "(not named)");

	reason_add_text(reason, "revision", created);
	reason_add_text(reason, "started_at", timefmt_utc(since, text));
	reason_add_text(reason, "until", timefmt_utc(end, text));
	finding_add(sink, reason);
	finding_changes_at(sink, end);
}

static void add_rollout_failed(struct finding_sink *sink, int64_t since)
{
	const struct service_obs *seen = sink->seen;
	const char *why = seen->rollout_error;
	char text[TIMEFMT_BYTES];
	struct reason *reason;

	if (!why)
		why = seen->reconciling ? "it has not finished in time (deploy-timeout)"
					: "it did not become ready";
	reason = reason_create(REASON_ROLLOUT_FAILED, STATE_DRIFT,
			       "the rollout of revision %s failed: %s; %s%s",
			       seen->latest_created ? seen->latest_created : "(not named)", why,
			       seen->latest_ready ? "still latest ready is " : "none is ready",
			       seen->latest_ready ? seen->latest_ready : "");
	reason_add_text(reason, "latest_created", seen->latest_created);
	reason_add_text(reason, "latest_ready", seen->latest_ready);
	reason_add_text(reason, "error", seen->rollout_error);
	if (seen->reconciling)
		reason_add_text(reason, "started_at", timefmt_utc(since, text));
	finding_add(sink, reason);
}

static bool check_rollout(struct finding_sink *sink)
{
	const struct service_obs *seen = sink->seen;
	bool new_revision =
		seen->latest_created && g_strcmp0(seen->latest_created, seen->latest_ready) != 0;
	int64_t since = 0, end;

	if (seen->reconciling) {
		since = deploying_since(sink, new_revision);
		end = since + sink->input->service->deploy_timeout_ms;
		if (sink->input->now_wall_ms < end) {
			add_deploying(sink, since, end);
			return true;
		}
	}
	if (!seen->reconciling && !new_revision && !seen->rollout_error)
		return false;
	if (!sink->pin_in_force)
		add_rollout_failed(sink, since);
	return false;
}

bool checks_rollout(struct finding_sink *sink)
{
	if (!sink->seen->is_cloud)
		return false;
	if (sink->input->service->traffic_latest && !sink->seen->latest_serves_all &&
	    sink->seen->revisions->len > 0 && !sink->pin_in_force)
		check_traffic(sink);
	return check_rollout(sink);
}

static void check_dirty(struct finding_sink *sink, const struct ruling *ruling)
{
	const GPtrArray *markers = ruling->revision->markers;

	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = markers->pdata[i];
		g_autofree char *name = NULL;
		struct reason *reason;

		if (marker->service_level || !marker->dirty)
			continue;
		name = ruling_revision_name(sink->input, ruling->revision);
		reason = reason_create(REASON_DIRTY_BUILD, STATE_DRIFT,
				       "%s was built from a tree with uncommitted changes (%s says "
				       "%s): build it from a commit",
				       name, marker->source, marker->value);
		reason_add_text(reason, "revision", ruling->revision->name);
		reason_add_text(reason, "marker", marker->source);
		finding_add(sink, reason);
		return; /* once per revision */
	}
}

static bool pair_differs(const struct git_answer *answer, const char *a, const char *b)
{
	for (guint i = 0; i < answer->pairs->len; i++) {
		const struct git_pair *pair = answer->pairs->pdata[i];
		bool same = (strcmp(pair->a, a) == 0 && strcmp(pair->b, b) == 0) ||
			    (strcmp(pair->a, b) == 0 && strcmp(pair->b, a) == 0);

		if (same)
			return pair->known && pair->differs;
	}
	return false;
}

static bool is_same_image(const struct past_deployment *past, const struct ruling *ruling)
{
	return past->digest && past->sha && strcmp(past->digest, ruling->revision->digest) == 0;
}

/* When the image first ran under this commit; INT64_MAX: it has not been recorded yet. */
static int64_t own_first_seen(const struct eval_input *input, const struct ruling *ruling)
{
	int64_t first = INT64_MAX;

	for (guint i = 0; i < input->past->len; i++) {
		const struct past_deployment *past = input->past->pdata[i];

		if (is_same_image(past, ruling) && strcmp(past->sha, ruling->sha) == 0)
			first = MIN(first, past->seen_wall_ms);
	}
	return first;
}

static void add_reused(struct finding_sink *sink, const struct ruling *ruling,
		       const struct past_deployment *past)
{
	g_autofree char *name = ruling_revision_name(sink->input, ruling->revision);
	char text[TIMEFMT_BYTES];
	struct reason *reason = reason_create(
		REASON_IMAGE_REUSED, STATE_DRIFT,
		"%s claims commit %.8s and runs the image of %.8s, although its paths "
		"differ between them: build and push before deploying",
		name, ruling->sha, past->sha);

	reason_add_text(reason, "revision", ruling->revision->name);
	reason_add_text(reason, "sha", ruling->sha);
	reason_add_text(reason, "built_from", past->sha);
	reason_add_text(reason, "digest", past->digest);
	reason_add_text(reason, "seen_at", timefmt_utc(past->seen_wall_ms, text));
	finding_add(sink, reason);
}

/* The commit an image ran under first is taken for the one it was built from (L05). */
static void check_image(struct finding_sink *sink, const struct ruling *ruling)
{
	const struct eval_input *input = sink->input;
	int64_t own;

	if (!ruling->revision->digest || !ruling->sha)
		return;
	own = own_first_seen(input, ruling);
	for (guint i = 0; i < input->past->len; i++) {
		const struct past_deployment *past = input->past->pdata[i];

		if (is_same_image(past, ruling) && past->seen_wall_ms < own &&
		    strcmp(past->sha, ruling->sha) != 0 &&
		    pair_differs(input->answer, past->sha, ruling->sha)) {
			add_reused(sink, ruling, past);
			return;
		}
	}
}

/* The commit a marker names for certain: its full id, or as written when the repository certainly
 * has no such commit; NULL: none, or it could not be told. */
static const char *named_commit(const struct eval_input *input, const struct marker *marker)
{
	const struct git_resolution *resolution;

	if (marker->service_level || !marker->commit)
		return NULL;
	resolution = git_answer_resolution(input->answer, marker->commit);
	if (!resolution)
		return NULL;
	if (resolution->status == GIT_RESOLUTION_FOUND)
		return resolution->sha;
	if (!marker->soft && (resolution->status == GIT_RESOLUTION_ABSENT ||
			      resolution->status == GIT_RESOLUTION_NO_COMMIT ||
			      resolution->status == GIT_RESOLUTION_NOBODY_TO_ASK))
		return marker->commit;
	return NULL;
}

static bool is_other_commit(const char *a, const char *b)
{
	return !g_str_has_prefix(a, b) && !g_str_has_prefix(b, a);
}

static int64_t disagree_since(const struct finding_sink *sink, const struct ruling *ruling)
{
	int64_t created = ruling->revision->created_wall_ms;

	if (created > 0 && created <= sink->input->now_wall_ms)
		return created;
	return noticed_since(sink->input, REASON_MARKERS_DISAGREE, "disagree_since");
}

static void add_disagree(struct finding_sink *sink, const struct ruling *ruling,
			 const struct marker *first, const struct marker *other)
{
	int64_t since = disagree_since(sink, ruling);
	int64_t end = since + sink->input->service->grace_ms;
	g_autofree char *name = ruling_revision_name(sink->input, ruling->revision);
	bool over = sink->input->now_wall_ms >= end;
	char text[TIMEFMT_BYTES];
	struct reason *reason = reason_create(
		REASON_MARKERS_DISAGREE, over ? STATE_DRIFT : STATE_PENDING,
		"the markers of %s name different commits: %s says %.8s, %s says %.8s", name,
		first->source, first->commit, other->source, other->commit);

	reason_add_text(reason, "revision", ruling->revision->name);
	reason_add_text(reason, "first", first->source);
	reason_add_text(reason, "first_commit", first->commit);
	reason_add_text(reason, "other", other->source);
	reason_add_text(reason, "other_commit", other->commit);
	reason_add_text(reason, "disagree_since", timefmt_utc(since, text));
	finding_add(sink, reason);
	finding_changes_at(sink, end);
}

/* Labels of the service are left out: after a failed rollout or a split they rightly differ. */
static void check_markers(struct finding_sink *sink, const struct ruling *ruling)
{
	const GPtrArray *markers = ruling->revision->markers;
	const struct marker *first = NULL;
	const char *first_commit = NULL;

	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = markers->pdata[i];
		const char *commit = named_commit(sink->input, marker);

		if (commit && first_commit && is_other_commit(commit, first_commit)) {
			add_disagree(sink, ruling, first, marker);
			return;
		}
		if (commit && !first_commit) {
			first = marker;
			first_commit = commit;
		}
	}
}

void checks_build(struct finding_sink *sink, const struct ruling *ruling)
{
	check_dirty(sink, ruling);
	if (ruling_git(sink->input).code != REASON_NONE)
		return;
	check_image(sink, ruling);
	check_markers(sink, ruling);
}
