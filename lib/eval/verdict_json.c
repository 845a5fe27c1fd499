/* verdict_json - see verdict_json.h: verdicts as JSON. The way back is in verdict_decode.c. */
#include "eval/verdict_json.h"

#include <string.h>

#include "eval/detail_json.h"

static void add_short(json_object *object, const char *sha)
{
	/* digits only: a cut through anything else might not be text */
	size_t digits = sha ? strspn(sha, "0123456789abcdef") : 0;

	json_add(object, "short",
		 digits > 0 ? json_object_new_string_len(sha, (int)MIN(digits, GIT_SHORT_DIGITS))
			    : NULL);
}

json_object *git_commit_to_json(const struct git_commit *commit)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "sha", commit->sha);
	add_short(object, commit->sha);
	json_add_text(object, "subject", commit->subject);
	json_add_text(object, "author", commit->author);
	json_add_time(object, "committed_at", commit->committed_wall_ms);
	return object;
}

/* A commit that is not deployed: when it was seen first, and where people look at it. */
static json_object *undeployed_to_json(const struct git_commit *commit, const char *url_prefix)
{
	g_autofree char *url = url_prefix ? g_strconcat(url_prefix, commit->sha, NULL) : NULL;
	json_object *object = git_commit_to_json(commit);

	if (commit->first_seen_wall_ms > 0)
		json_add_time(object, "first_seen", commit->first_seen_wall_ms);
	json_add_text(object, "url", url);
	return object;
}

static json_object *undeployed_or_null(const struct git_commit *commit, const char *url_prefix)
{
	return commit ? undeployed_to_json(commit, url_prefix) : NULL;
}

static json_object *head_to_json(const struct git_commit *head)
{
	json_object *object = head ? git_commit_to_json(head) : NULL;

	if (head)
		json_add_time(object, "seen_at", head->first_seen_wall_ms);
	return object;
}

static void add_identity(json_object *object, const struct verdict *verdict)
{
	json_add_text(object, "id", verdict->id);
	json_add_text(object, "kind", verdict->kind);
	json_add_text(object, "name", verdict->name);
	json_add_text(object, "priority",
		      verdict->priority == PRIORITY_NONE ? NULL : priority_text(verdict->priority));
	json_add_text(object, "owner", verdict->owner);
	json_add_text(object, "state", state_text(verdict->state));
	json_add_text(object, "relation", relation_text(verdict->relation));
}

static void add_line(json_object *object, const struct verdict *verdict, int64_t now_wall_ms)
{
	g_autofree char *summary = verdict_summary(verdict, now_wall_ms);

	add_identity(object, verdict);
	json_add_text(object, "summary", summary);
	json_add_time(object, "since", verdict->since_wall_ms);
	json_add_time(object, "observed_at", verdict->observed_wall_ms);
	json_add_time(object, "expires_at", verdict->expires_wall_ms);
}

json_object *verdict_to_status_json(const struct verdict *verdict, int64_t now_wall_ms)
{
	json_object *object = json_object_new_object();

	add_line(object, verdict, now_wall_ms);
	return object;
}

static json_object *reason_to_json(const struct reason *reason)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "code", reason_code_text(reason->code));
	json_add_text(object, "state", state_text(reason->state));
	json_add_text(object, "message", reason->message);
	for (guint i = 0; i < reason->data->len; i++) {
		const struct reason_datum *datum = reason->data->pdata[i];

		if (datum->text)
			json_add_text(object, datum->name, datum->text);
		else
			json_add_int(object, datum->name, datum->number);
	}
	return object;
}

static json_object *reasons_to_json(const struct verdict *verdict)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < verdict->reasons->len; i++)
		json_object_array_add(array, reason_to_json(verdict->reasons->pdata[i]));
	return array;
}

static json_object *last_known_to_json(const struct verdict_last_known *last_known)
{
	json_object *object;

	if (!last_known)
		return NULL;
	object = json_object_new_object();
	json_add_text(object, "state", state_text(last_known->state));
	json_add_text(object, "relation", relation_text(last_known->relation));
	json_add_text(object, "summary", last_known->summary);
	json_add_time(object, "observed_at", last_known->observed_wall_ms);
	return object;
}

static json_object *evidence_to_json(const GPtrArray *evidence)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < evidence->len; i++) {
		const struct verdict_evidence *one = evidence->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "source", one->source);
		json_add_text(object, "value", one->value);
		json_add_text(object, "sha", one->sha);
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *deployed_to_json(const GPtrArray *deployed)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < deployed->len; i++) {
		const struct verdict_deployed *one = deployed->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "revision", one->revision);
		json_add_int(object, "percent", one->percent);
		json_add_text(object, "sha", one->sha);
		add_short(object, one->sha);
		json_add_time(object, "deployed_at", one->deployed_wall_ms);
		json_add_text(object, "relation", relation_text(one->relation));
		json_add_text(object, "digest", one->digest);
		json_add(object, "evidence", evidence_to_json(one->evidence));
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *settings_to_json(const GPtrArray *settings)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < settings->len; i++) {
		const struct verdict_setting *setting = settings->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "name", setting->name);
		json_add_text(object, "expected", setting->expected);
		json_add_text(object, "actual", setting->actual);
		json_add_bool(object, "ok", setting->ok);
		json_object_array_add(array, object);
	}
	return array;
}

static void add_commits(json_object *object, const struct verdict_behind *behind, size_t list_max)
{
	const char *prefix = behind->commit_url_prefix;
	json_object *authors = json_object_new_array();
	json_object *list = json_object_new_array();

	for (guint i = 0; i < behind->authors->len; i++)
		json_object_array_add(authors, json_object_new_string(behind->authors->pdata[i]));
	for (guint i = 0; i < behind->list->len && i < list_max; i++)
		json_object_array_add(list, undeployed_to_json(behind->list->pdata[i], prefix));
	json_add(object, "oldest", undeployed_or_null(behind->oldest, prefix));
	json_add(object, "newest", undeployed_or_null(behind->newest, prefix));
	json_add(object, "authors", authors);
	json_add_text(object, "compare_url", behind->compare_url);
	json_add(object, "list", list);
}

/* @p now_wall_ms 0: without the age. */
static json_object *behind_to_json(const struct verdict_behind *behind, int64_t now_wall_ms,
				   size_t list_max)
{
	json_object *object;

	if (!behind)
		return NULL;
	object = json_object_new_object();
	json_add_int(object, "commits", behind->commits);
	json_add_int(object, "files", behind->files);
	if (now_wall_ms > 0)
		json_add_int(object, "behind_for_s",
			     MAX(now_wall_ms - behind->since_wall_ms, 0) / MS_PER_S);
	json_add_time(object, "since", behind->since_wall_ms);
	json_add_text(object, "basis", behind->basis_seen ? "seen" : "committed");
	json_add_bool(object, "rolled_back", behind->rolled_back);
	add_commits(object, behind, list_max);
	return object;
}

static json_object *ahead_to_json(int64_t commits)
{
	json_object *object;

	if (commits < 0)
		return NULL;
	object = json_object_new_object();
	json_add_int(object, "commits", commits);
	return object;
}

static void add_rest(json_object *object, const struct verdict *verdict)
{
	json_add_text(object, "description", verdict->description);
	json_add_text(object, "repo", verdict->repo);
	json_add(object, "reasons", reasons_to_json(verdict));
	json_add(object, "last_known", last_known_to_json(verdict->last_known));
	json_add(object, "deployed", deployed_to_json(verdict->deployed));
	json_add(object, "head", head_to_json(verdict->head));
	json_add(object, "ahead", ahead_to_json(verdict->ahead_commits));
	json_add(object, "settings", settings_to_json(verdict->settings));
	json_add_text(object, "deploy_command", verdict->deploy_command);
	json_add_text(object, "paused_reason", verdict->paused_reason);
	json_add_text(object, "pin", verdict->pin_note);
	json_add_int(object, "confirmations", verdict->confirmations);
	json_add_time(object, "changes_at", verdict->next_change_wall_ms);
}

json_object *verdict_to_drift_json(const struct verdict *verdict, int64_t now_wall_ms,
				   enum verdict_extent extent)
{
	json_object *object = json_object_new_object();
	size_t list_max = extent == VERDICT_EXTENT_FULL ? GIT_LIST_MAX : VERDICT_COMMITS_SHORT;

	add_line(object, verdict, now_wall_ms);
	add_rest(object, verdict);
	detail_add_served(object, verdict->detail, now_wall_ms, extent);
	json_add(object, "behind", behind_to_json(verdict->behind, MAX(now_wall_ms, 1), list_max));
	return object;
}

char *verdict_facts_json(const struct verdict *verdict)
{
	json_object *object = json_object_new_object();
	char *text;

	add_identity(object, verdict);
	json_add_time(object, "since", verdict->since_wall_ms);
	add_rest(object, verdict);
	json_add_text(object, "definition", verdict->definition);
	if (verdict->detail)
		json_add(object, DETAIL_MEMBER, detail_to_facts_json(verdict->detail));
	json_add(object, "behind", behind_to_json(verdict->behind, 0, GIT_LIST_MAX));
	text = json_to_text(object, NULL);
	json_object_put(object);
	return text;
}
