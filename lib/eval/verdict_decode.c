/* verdict_decode - JSON back into verdicts: stored facts, and items of another driftd's /drift. See
 * verdict_json.h. What is unknown is ignored, what is wrong is refused with its name. */
#include "eval/verdict_json.h"

#include <inttypes.h>
#include <string.h>

#include "drift_error.h"
#include "eval/detail_json.h"
#include "timefmt.h"

/* Facts longer than this are not ours: fifty commits and a hundred reasons come to 200 kB. */
#define FACTS_MAX_BYTES ((size_t)4 * 1024 * 1024)

/* Last instant RFC 3339 can write (9999-12-31T23:59:59Z), in seconds. */
#define LATEST_S INT64_C(253402300799)

static bool refuse(GError **error, const char *name, const char *what)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s %s", name, what);
	return false;
}

/* Members of a fixed type may be absent or null; then *ret_x is left alone. */
static bool read_text(json_object *object, const char *name, char **ret_text, GError **error)
{
	const char *text;

	if (!json_check_member(object, name, json_type_string, error))
		return false;
	text = json_member_text(object, name, NULL);
	if (text) {
		g_free(*ret_text);
		*ret_text = g_strdup(text);
	}
	return true;
}

static bool read_needed_text(json_object *object, const char *name, char **ret_text, GError **error)
{
	return read_text(object, name, ret_text, error) &&
	       (*ret_text || refuse(error, name, "is missing"));
}

static bool read_int(json_object *object, const char *name, int64_t *ret_number, GError **error)
{
	if (!json_check_member(object, name, json_type_int, error))
		return false;
	*ret_number = json_member_int(object, name, *ret_number);
	return true;
}

static bool read_count(json_object *object, const char *name, int64_t *ret_number, GError **error)
{
	return read_int(object, name, ret_number, error) &&
	       (*ret_number >= 0 || refuse(error, name, "is negative"));
}

static bool read_bool(json_object *object, const char *name, bool *ret_answer, GError **error)
{
	if (!json_check_member(object, name, json_type_boolean, error))
		return false;
	*ret_answer = json_member_bool(object, name, *ret_answer);
	return true;
}

/* Whole seconds, as they were written. */
static bool read_time(json_object *object, const char *name, int64_t *ret_wall_ms, GError **error)
{
	g_autofree char *text = NULL;
	int64_t wall_ms = 0;

	if (!read_text(object, name, &text, error))
		return false;
	if (!text)
		return true;
	if (!timefmt_parse(text, &wall_ms, error)) {
		g_prefix_error(error, "%s: ", name);
		return false;
	}
	if (wall_ms < 0 || wall_ms / MS_PER_S > LATEST_S)
		return refuse(error, name, "is out of range");
	*ret_wall_ms = wall_ms - wall_ms % MS_PER_S;
	return true;
}

static bool read_relation(json_object *object, enum relation *ret_relation, GError **error)
{
	g_autofree char *text = NULL;

	if (!read_text(object, "relation", &text, error))
		return false;
	*ret_relation = relation_from_text(text);
	return !text || *ret_relation != RELATION_NONE ||
	       refuse(error, "relation", "is not a known word");
}

static bool read_state(json_object *object, enum state *ret_state, GError **error)
{
	*ret_state = state_from_text(json_member_text(object, "state", NULL));
	return *ret_state != STATE_NONE || refuse(error, "state", "is not a known word");
}

typedef bool (*read_item_fn)(json_object *item, void *data, GError **error);

/* Each member of an array; absent or null: none. */
static bool read_items(json_object *object, const char *name, read_item_fn read_item, void *data,
		       GError **error)
{
	json_object *array = json_member_array(object, name);
	size_t count = array ? json_object_array_length(array) : 0;

	if (!json_check_member(object, name, json_type_array, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!read_item(json_object_array_get_idx(array, i), data, error)) {
			g_prefix_error(error, "%s[%zu]: ", name, i);
			return false;
		}
	}
	return true;
}

static bool is_object(json_object *item, GError **error)
{
	return json_object_is_type(item, json_type_object) || refuse(error, "it", "is no object");
}

static bool read_sha(json_object *object, char ret_sha[GIT_SHA_BYTES], GError **error)
{
	const char *text = json_member_text(object, "sha", NULL);
	size_t length = text ? strspn(text, "0123456789abcdef") : 0;

	if (!text || text[length] || (length != 0 && length != GIT_SHA_BYTES - 1))
		return refuse(error, "sha", "is no commit id");
	g_strlcpy(ret_sha, text, GIT_SHA_BYTES);
	return true;
}

/* An id as evidence has it: full, or as short as it was found; absent: none. */
static bool read_id(json_object *object, char **ret_id, GError **error)
{
	if (!read_text(object, "sha", ret_id, error))
		return false;
	return !*ret_id ||
	       (strlen(*ret_id) < GIT_SHA_BYTES &&
		strspn(*ret_id, "0123456789abcdef") == strlen(*ret_id)) ||
	       refuse(error, "sha", "is no commit id");
}

static bool read_commit(json_object *object, struct git_commit *commit, GError **error)
{
	return is_object(object, error) && read_sha(object, commit->sha, error) &&
	       read_text(object, "subject", &commit->subject, error) &&
	       read_text(object, "author", &commit->author, error) &&
	       read_time(object, "committed_at", &commit->committed_wall_ms, error) &&
	       read_time(object, "first_seen", &commit->first_seen_wall_ms, error);
}

static bool read_commit_member(json_object *object, const char *name,
			       struct git_commit **ret_commit, GError **error)
{
	json_object *member = json_member_object(object, name);
	struct git_commit *commit;

	if (!json_check_member(object, name, json_type_object, error))
		return false;
	if (!member)
		return true;
	commit = g_new0(struct git_commit, 1);
	if (!read_commit(member, commit, error)) {
		g_prefix_error(error, "%s: ", name);
		git_commit_free(commit);
		return false;
	}
	*ret_commit = commit;
	return true;
}

static bool read_head(json_object *object, struct verdict *verdict, GError **error)
{
	return read_commit_member(object, "head", &verdict->head, error) &&
	       (!verdict->head || read_time(json_member_object(object, "head"), "seen_at",
					    &verdict->head->first_seen_wall_ms, error));
}

static bool read_listed_commit(json_object *item, void *data, GError **error)
{
	struct verdict_behind *behind = data;
	struct git_commit *commit = g_new0(struct git_commit, 1);

	g_ptr_array_add(behind->list, commit);
	if (behind->list->len > GIT_LIST_MAX)
		return refuse(error, "list", "is too long");
	return read_commit(item, commit, error);
}

static bool read_author(json_object *item, void *data, GError **error)
{
	struct verdict_behind *behind = data;
	g_autofree char *author = NULL;

	if (!json_object_is_type(item, json_type_string))
		return refuse(error, "it", "is no text");
	author = json_scalar_text(item);
	if (!author)
		return refuse(error, "it", "holds a NUL");
	g_ptr_array_add(behind->authors, g_steal_pointer(&author));
	return true;
}

static bool read_datum(struct reason *reason, const char *name, json_object *value, GError **error)
{
	g_autofree char *text = json_scalar_text(value);

	if (!value)
		return true;
	if (json_object_is_type(value, json_type_string) && text)
		reason_add_text(reason, name, text);
	else if (json_object_is_type(value, json_type_int) && text)
		reason_add_number(reason, name, json_object_get_int64(value));
	else
		return refuse(error, name, "is neither a text nor a number");
	return true;
}

static bool is_own_member(const char *name)
{
	return strcmp(name, "code") == 0 || strcmp(name, "state") == 0 ||
	       strcmp(name, "message") == 0;
}

static bool read_reason(json_object *item, void *data, GError **error)
{
	struct verdict *verdict = data;
	g_autofree char *message = NULL;
	enum state state = STATE_NONE;
	enum reason_code code;
	struct reason *reason;

	if (!is_object(item, error) || !read_state(item, &state, error) ||
	    !read_needed_text(item, "message", &message, error))
		return false;
	code = reason_code_from_text(json_member_text(item, "code", NULL));
	if (code == REASON_NONE)
		return refuse(error, "code", "is not a known word");
	reason = reason_create(code, state, "%s", message);
	g_ptr_array_add(verdict->reasons, reason);
	json_object_object_foreach(item, name, value)
	{
		if (!is_own_member(name) && !read_datum(reason, name, value, error))
			return false;
	}
	return true;
}

static bool read_evidence(json_object *item, void *data, GError **error)
{
	struct verdict_deployed *deployed = data;
	g_autofree char *source = NULL;
	g_autofree char *value = NULL;
	g_autofree char *sha = NULL;

	if (!is_object(item, error) || !read_text(item, "source", &source, error) ||
	    !read_text(item, "value", &value, error) || !read_id(item, &sha, error))
		return false;
	verdict_add_evidence(deployed, source, value, sha);
	return true;
}

static bool read_deployed(json_object *item, void *data, GError **error)
{
	struct verdict *verdict = data;
	struct verdict_deployed *deployed = verdict_deployed_create();
	int64_t percent = 0;
	bool ok;

	g_ptr_array_add(verdict->deployed, deployed);
	ok = is_object(item, error) && read_text(item, "revision", &deployed->revision, error) &&
	     read_count(item, "percent", &percent, error) && read_id(item, &deployed->sha, error) &&
	     read_text(item, "digest", &deployed->digest, error) &&
	     read_time(item, "deployed_at", &deployed->deployed_wall_ms, error) &&
	     read_relation(item, &deployed->relation, error) &&
	     read_items(item, "evidence", read_evidence, deployed, error);
	if (ok && percent > 100)
		ok = refuse(error, "percent", "is more than 100");
	deployed->percent = ok ? (int)percent : 0;
	return ok;
}

static bool read_setting(json_object *item, void *data, GError **error)
{
	struct verdict *verdict = data;
	g_autofree char *name = NULL;
	g_autofree char *expected = NULL;
	g_autofree char *actual = NULL;
	bool ok = false;

	if (!is_object(item, error) || !read_needed_text(item, "name", &name, error) ||
	    !read_text(item, "expected", &expected, error) ||
	    !read_text(item, "actual", &actual, error) || !read_bool(item, "ok", &ok, error))
		return false;
	verdict_add_setting(verdict, name, expected, actual, ok);
	return true;
}

/* Links are made of a prefix and an id: any commit with a link tells the prefix. */
static char *prefix_of(json_object *commit)
{
	const char *url = json_member_text(commit, "url", NULL);
	const char *sha = json_member_text(commit, "sha", "");

	if (!url || !g_str_has_suffix(url, sha))
		return NULL;
	return g_strndup(url, strlen(url) - strlen(sha));
}

static char *find_prefix(json_object *behind)
{
	json_object *list = json_member_array(behind, "list");
	char *prefix = prefix_of(json_member_object(behind, "oldest"));

	if (!prefix)
		prefix = prefix_of(json_member_object(behind, "newest"));
	if (!prefix && list && json_object_array_length(list) > 0)
		prefix = prefix_of(json_object_array_get_idx(list, 0));
	return prefix;
}

static bool read_behind(json_object *object, struct verdict_behind *behind, GError **error)
{
	behind->basis_seen = g_strcmp0(json_member_text(object, "basis", ""), "seen") == 0;
	behind->commit_url_prefix = find_prefix(object);
	return read_count(object, "commits", &behind->commits, error) &&
	       read_count(object, "files", &behind->files, error) &&
	       read_time(object, "since", &behind->since_wall_ms, error) &&
	       read_bool(object, "rolled_back", &behind->rolled_back, error) &&
	       read_commit_member(object, "oldest", &behind->oldest, error) &&
	       read_commit_member(object, "newest", &behind->newest, error) &&
	       read_text(object, "compare_url", &behind->compare_url, error) &&
	       read_items(object, "authors", read_author, behind, error) &&
	       read_items(object, "list", read_listed_commit, behind, error);
}

static bool read_behind_member(json_object *object, struct verdict *verdict, GError **error)
{
	json_object *member = json_member_object(object, "behind");

	if (!json_check_member(object, "behind", json_type_object, error))
		return false;
	if (!member)
		return true;
	verdict->behind = verdict_behind_create();
	if (read_behind(member, verdict->behind, error))
		return true;
	g_prefix_error(error, "behind: ");
	return false;
}

static bool read_ahead(json_object *object, struct verdict *verdict, GError **error)
{
	json_object *member = json_member_object(object, "ahead");
	int64_t commits = 0;

	if (!json_check_member(object, "ahead", json_type_object, error))
		return false;
	if (!member)
		return true;
	if (!read_count(member, "commits", &commits, error))
		return false;
	verdict->ahead_commits = commits;
	return true;
}

static bool read_last_known(json_object *object, struct verdict *verdict, GError **error)
{
	json_object *member = json_member_object(object, "last_known");
	struct verdict_last_known *last_known;

	if (!json_check_member(object, "last_known", json_type_object, error))
		return false;
	if (!member)
		return true;
	last_known = g_new0(struct verdict_last_known, 1);
	verdict->last_known = last_known;
	return read_state(member, &last_known->state, error) &&
	       read_relation(member, &last_known->relation, error) &&
	       read_text(member, "summary", &last_known->summary, error) &&
	       read_time(member, "observed_at", &last_known->observed_wall_ms, error);
}

static bool read_priority(json_object *object, enum priority *ret_priority, GError **error)
{
	static const enum priority all[] = {PRIORITY_P0, PRIORITY_P1, PRIORITY_P2};
	const char *text = json_member_text(object, "priority", NULL);

	if (!json_check_member(object, "priority", json_type_string, error))
		return false;
	for (size_t i = 0; text && i < G_N_ELEMENTS(all); i++) {
		if (strcmp(text, priority_text(all[i])) == 0)
			*ret_priority = all[i];
	}
	return !text || *ret_priority != PRIORITY_NONE ||
	       refuse(error, "priority", "is not P0, P1 or P2");
}

static bool read_identity(json_object *object, struct verdict *verdict, GError **error)
{
	return read_text(object, "kind", &verdict->kind, error) &&
	       read_text(object, "name", &verdict->name, error) &&
	       read_priority(object, &verdict->priority, error) &&
	       read_text(object, "owner", &verdict->owner, error) &&
	       read_text(object, "description", &verdict->description, error) &&
	       read_text(object, "repo", &verdict->repo, error) &&
	       read_text(object, "deploy_command", &verdict->deploy_command, error) &&
	       read_text(object, "paused_reason", &verdict->paused_reason, error) &&
	       read_text(object, "definition", &verdict->definition, error) &&
	       read_text(object, "pin", &verdict->pin_note, error);
}

static bool read_times(json_object *object, struct verdict *verdict, GError **error)
{
	return read_time(object, "since", &verdict->since_wall_ms, error) &&
	       read_time(object, "observed_at", &verdict->observed_wall_ms, error) &&
	       read_time(object, "expires_at", &verdict->expires_wall_ms, error) &&
	       read_time(object, "changes_at", &verdict->next_change_wall_ms, error);
}

static bool read_confirmations(json_object *object, struct verdict *verdict, GError **error)
{
	int64_t confirmations = 0;

	if (!read_count(object, "confirmations", &confirmations, error))
		return false;
	if (confirmations > INT16_MAX)
		return refuse(error, "confirmations", "is out of range");
	verdict->confirmations = (int)confirmations;
	return true;
}

static bool read_all(json_object *object, struct verdict *verdict, GError **error)
{
	return read_identity(object, verdict, error) &&
	       read_state(object, &verdict->state, error) &&
	       read_relation(object, &verdict->relation, error) &&
	       read_times(object, verdict, error) && read_confirmations(object, verdict, error) &&
	       read_items(object, "reasons", read_reason, verdict, error) &&
	       read_last_known(object, verdict, error) &&
	       read_items(object, "deployed", read_deployed, verdict, error) &&
	       read_head(object, verdict, error) && read_behind_member(object, verdict, error) &&
	       read_ahead(object, verdict, error) &&
	       read_items(object, "settings", read_setting, verdict, error) &&
	       detail_read(object, verdict, error);
}

struct verdict *verdict_from_drift_json(json_object *item, GError **error)
{
	g_autofree char *id = NULL;
	struct verdict *verdict;

	if (!is_object(item, error) || !read_needed_text(item, "id", &id, error))
		return NULL;
	verdict = verdict_create(id);
	if (read_all(item, verdict, error))
		return verdict;
	g_prefix_error(error, "verdict of %s: ", id);
	verdict_unref(verdict);
	return NULL;
}

struct verdict *verdict_from_facts_json(const char *text, GError **error)
{
	size_t length = strnlen(text, FACTS_MAX_BYTES + 1);
	g_autoptr(GError) why = NULL;
	struct verdict *verdict = NULL;
	json_object *object = NULL;

	if (length > FACTS_MAX_BYTES)
		(void)refuse(&why, "it", "is too long"); /* returns false, said below */
	else
		object = json_parse(text, length, &why);
	if (object)
		verdict = verdict_from_drift_json(object, &why);
	json_object_put(object);
	if (!verdict)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT, "stored verdict: %s",
			    why->message);
	return verdict;
}
