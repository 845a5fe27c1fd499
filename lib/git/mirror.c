/* mirror - see mirror.h; files and configuration of the folder are in mirror_dir.c */
#include "git/mirror.h"

#include <string.h>

#include "drift_error.h"
#include "git/gitcmd.h"
#include "git/object.h"

/** Where the branch and the ids asked for are kept. */
#define HEADS "refs/driftd/heads/"
#define ASKED "refs/driftd/asked/"

/** How often an id the remote lacks is left out and the others are asked again, in one call. */
#define ASK_ROUNDS_MAX 16

/* '/' is escaped so that the branches "a" and "a/b" cannot be in each other's way. */
static char *local_ref(const char *branch)
{
	g_autofree char *escaped = g_uri_escape_string(branch, NULL, TRUE);

	return g_strconcat(HEADS, escaped, NULL);
}

bool mirror_read_head(git_repository *repository, const char *branch, git_oid *ret_id,
		      GError **error)
{
	g_autofree char *ref = local_ref(branch);
	int status = git_reference_name_to_id(ret_id, repository, ref);

	if (status == GIT_ENOTFOUND)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "branch %s has not been fetched yet", branch);
	else if (status != 0)
		object_set_git_error(error, DRIFT_ERROR_CORRUPT, "read the mirror's branch");
	return status == 0;
}

/* "git --git-dir=DIR ARGS…" */
static bool run(const struct mirror_transport *transport, const char *what, GPtrArray *args,
		struct gitcmd_result *ret, GError **error)
{
	struct gitcmd command = {
		.what = what,
		.url = transport->url,
		.token = transport->token,
		.deadline_mono_ms = transport->deadline_mono_ms,
		.cancel = transport->cancel,
	};

	g_ptr_array_insert(args, 0, g_strdup_printf("--git-dir=%s", transport->dir));
	g_ptr_array_add(args, NULL);
	command.args = (const char *const *)args->pdata;
	return gitcmd_run(&command, ret, error);
}

static GPtrArray *make_args(const char *const *words)
{
	GPtrArray *args = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; words[i]; i++)
		g_ptr_array_add(args, g_strdup(words[i]));
	return args;
}

/* ---- looking ---- */

void mirror_tip_done(struct mirror_tip *tip)
{
	g_free(tip->branch);
	g_free(tip->remote_ref);
	*tip = (struct mirror_tip){0};
}

static bool set_sha256(GError **error)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_UNSUPPORTED,
			    "the repository uses SHA-256 ids; driftd reads SHA-1 ones");
	return false;
}

/* A line "ID\tNAME" or "ref: REF\tNAME" about @p name. */
static bool take_line(const char *line, const char *name, struct mirror_tip *tip, bool *ret_found,
		      GError **error)
{
	const char *tab = strchr(line, '\t');

	if (!tab || strcmp(tab + 1, name) != 0)
		return true;
	if (g_str_has_prefix(line, "ref: refs/heads/") && !tip->branch) {
		tip->branch = g_strndup(line + 16, (gsize)(tab - line) - 16);
		return true;
	}
	if (tab - line == 64)
		return set_sha256(error);
	if (tab - line == GIT_OID_HEXSZ && git_oid_fromstrn(&tip->id, line, GIT_OID_HEXSZ) == 0)
		*ret_found = true;
	return true;
}

static bool take_lines(const char *text, const char *name, struct mirror_tip *tip, bool *ret_found,
		       GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; lines[i]; i++) {
		if (!take_line(lines[i], name, tip, ret_found, error))
			return false;
	}
	return true;
}

static bool set_no_branch(const struct mirror_transport *transport, const char *branch,
			  GError **error)
{
	g_autofree char *url = gitcmd_show_url(transport->url);

	if (branch)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "git with %s: there is no branch %s; check branch", url, branch);
	else
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "git with %s: it has no commit yet, or its HEAD names a branch that is "
			    "not there; set branch",
			    url);
	return false;
}

bool mirror_look(const struct mirror_transport *transport, const char *branch,
		 struct mirror_tip *ret, GError **error)
{
	g_autofree char *name =
		branch ? g_strconcat("refs/heads/", branch, NULL) : g_strdup("HEAD");
	const char *const words[] = {"ls-remote", "--quiet", "--symref", MIRROR_REMOTE, name, NULL};
	g_autoptr(GPtrArray) args = make_args(words);
	struct mirror_tip tip = {.branch = g_strdup(branch)};
	struct gitcmd_result result = {0};
	bool found = false;
	bool ok = run(transport, "ls-remote", args, &result, error) &&
		  take_lines(result.out, name, &tip, &found, error);

	gitcmd_result_done(&result);
	if (ok && !found)
		ok = set_no_branch(transport, branch, error);
	if (!ok) {
		mirror_tip_done(&tip);
		return false;
	}
	if (!tip.branch) /* detached */
		tip.branch = g_strdup("HEAD");
	tip.remote_ref = strcmp(tip.branch, "HEAD") == 0 && !branch
				 ? g_strdup("HEAD")
				 : g_strconcat("refs/heads/", tip.branch, NULL);
	*ret = tip;
	return true;
}

/* ---- fetching ---- */

static GPtrArray *make_fetch_args(void)
{
	static const char *const words[] = {"fetch",
					    "--quiet",
					    "--no-tags",
					    "--no-write-fetch-head",
					    "--no-auto-maintenance",
					    "--no-recurse-submodules",
					    "--filter=blob:none",
					    MIRROR_REMOTE,
					    NULL};

	return make_args(words);
}

bool mirror_fetch(const struct mirror_transport *transport, const struct mirror_tip *tip,
		  GError **error)
{
	g_autoptr(GPtrArray) args = make_fetch_args();
	g_autofree char *ref = local_ref(tip->branch);
	struct gitcmd_result result = {0};
	bool ok;

	g_ptr_array_add(args, g_strdup_printf("+%s:%s", tip->remote_ref, ref));
	ok = run(transport, "fetch", args, &result, error);
	gitcmd_result_done(&result);
	return ok;
}

/* ---- asking by id ---- */

void mirror_ask_done(struct mirror_ask *ask)
{
	g_clear_pointer(&ask->absent, g_ptr_array_unref);
	g_clear_pointer(&ask->failed, g_ptr_array_unref);
	g_clear_pointer(&ask->why, g_free);
}

/* Move the ids that the remote named as not its own to absent. False: it named none. */
static bool take_absent(const char *err, GPtrArray *wanted, struct mirror_ask *ask)
{
	bool any = false;

	for (guint i = wanted->len; i > 0; i--) {
		const char *id = g_ptr_array_index(wanted, i - 1);
		g_autofree char *words = g_strconcat("not our ref ", id, NULL);

		if (!strstr(err, words))
			continue;
		g_ptr_array_add(ask->absent, g_strdup(id));
		g_ptr_array_remove_index_fast(wanted, i - 1);
		any = true;
	}
	return any;
}

/* One call of git for all that is wanted. */
static bool ask_once(const struct mirror_transport *transport, const GPtrArray *wanted,
		     struct gitcmd_result *ret, GError **error)
{
	g_autoptr(GPtrArray) args = make_fetch_args();

	for (guint i = 0; i < wanted->len; i++) {
		const char *id = g_ptr_array_index(wanted, i);

		g_ptr_array_add(args, g_strdup_printf("+%s:" ASKED "%s", id, id));
	}
	return run(transport, "fetch", args, ret, error);
}

static void ask_some(const struct mirror_transport *transport, GPtrArray *wanted,
		     struct mirror_ask *ask)
{
	bool more = true;

	for (int round = 0; wanted->len > 0 && more && round < ASK_ROUNDS_MAX; round++) {
		struct gitcmd_result result = {0};
		g_autoptr(GError) error = NULL;

		if (ask_once(transport, wanted, &result, &error)) {
			g_ptr_array_set_size(wanted, 0);
		} else {
			more = result.fault == GITCMD_FAULT_NOT_OUR_REF &&
			       take_absent(result.err, wanted, ask);
			g_free(ask->why);
			ask->why = g_strdup(error->message);
		}
		gitcmd_result_done(&result);
	}
}

void mirror_ask_ids(const struct mirror_transport *transport, const GPtrArray *ids,
		    struct mirror_ask *ret)
{
	ret->absent = g_ptr_array_new_with_free_func(g_free);
	ret->failed = g_ptr_array_new_with_free_func(g_free);
	ret->why = NULL;
	for (guint first = 0; first < ids->len; first += MIRROR_ASK_MAX) {
		g_autoptr(GPtrArray) wanted = g_ptr_array_new_with_free_func(g_free);

		for (guint i = first; i < MIN(ids->len, first + MIRROR_ASK_MAX); i++)
			g_ptr_array_add(wanted, g_strdup(g_ptr_array_index(ids, i)));
		ask_some(transport, wanted, ret);
		for (guint i = 0; i < wanted->len; i++)
			g_ptr_array_add(ret->failed, g_strdup(g_ptr_array_index(wanted, i)));
	}
}

/* ---- packs ---- */

static guint count_packs(const char *dir)
{
	g_autofree char *path = g_build_filename(dir, "objects", "pack", NULL);
	GDir *packs = g_dir_open(path, 0, NULL);
	const char *name;
	guint count = 0;

	while (packs && (name = g_dir_read_name(packs))) {
		if (g_str_has_suffix(name, ".pack"))
			count++;
	}
	if (packs)
		g_dir_close(packs);
	return count;
}

bool mirror_repack(const struct mirror_transport *transport, bool *ret_done, GError **error)
{
	static const char *const words[] = {"-c", "pack.threads=1", "repack", "-a", "-d", "-q",
					    NULL};
	g_autoptr(GPtrArray) args = make_args(words);
	struct mirror_transport here = *transport;
	struct gitcmd_result result = {0};

	*ret_done = false;
	if (count_packs(transport->dir) <= MIRROR_PACKS_MAX)
		return true;
	here.url = NULL; /* it connects to nobody */
	here.token = NULL;
	*ret_done = run(&here, "repack", args, &result, error);
	gitcmd_result_done(&result);
	return *ret_done;
}
