/* repo - see repo.h */
#include "git/repo.h"

#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <string.h>

#include "clk.h"
#include "config/config.h"
#include "drift_error.h"
#include "git/asked.h"
#include "git/local.h"
#include "git/mirror.h"
#include "git/object.h"
#include "git/reader.h"
#include "log.h"

/** A mirror that is damaged again so soon after it was made anew is not the mirror's fault. */
#define REMAKE_AGAIN_MS MS_PER_HOUR

/** libgit2's cache of objects, for all repositories; its default is 256 MiB. */
#define OBJECT_CACHE_BYTES ((ssize_t)2 * 1024 * 1024)

struct repo {
	struct repo_options *options;
	struct reader *reader;
	struct asked *asked;
	char *branch;                /* of the head; NULL: no head yet */
	char *fetch_error;           /* of the latest fetch; NULL: it worked, or there was none */
	struct local_identity local; /* of what is open; zero: a mirror, or nothing */
	int64_t remade_mono_ms;      /* when damage made it anew; -1: never */
};

/* Why a mirror is not simply updated. */
struct anew {
	bool wanted;
	bool damaged; /* because of damage, which is tried once an hour only */
	char *why;    /* NULL: there was none */
};

void repo_init_library(void)
{
	/* what clones, partial clones and worktrees of newer gits carry and libgit2 1.5 refuses by
	   default, though reading does not depend on it */
	static const char *extensions[] = {"partialclone", "worktreeconfig", "preciousobjects",
					   "relativeworktrees"};

	(void)git_libgit2_init(); /* counts; fails only without memory */
	/* none of these fails with arguments like these */
	objects_init_library();
	(void)git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	(void)git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, G_N_ELEMENTS(extensions));
	(void)git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, OBJECT_CACHE_BYTES);
	(void)git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, (size_t)64 * 1024);
	(void)git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_SYSTEM, "");
	(void)git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, "");
	(void)git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_XDG, "");
	(void)git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_PROGRAMDATA, "");
}

void repo_done_library(void)
{
	(void)git_libgit2_shutdown(); /* counts */
}

struct repo_options *repo_options_create(const struct config_repo *config, const char *state_dir,
					 int64_t look_timeout_ms)
{
	struct repo_options *options = g_new0(struct repo_options, 1);

	options->name = g_strdup(config->name);
	options->url = g_strdup(config->url);
	options->is_local = config->is_local;
	options->local_path = g_strdup(config->local_path);
	options->branch = g_strdup(config->branch);
	options->token = g_strdup(config->token);
	options->fetch_timeout_ms = config->fetch_timeout_ms;
	options->look_timeout_ms = look_timeout_ms;
	options->mirror_dir = g_strdup_printf("%s/mirrors/%s.git", state_dir, config->name);
	return options;
}

void repo_options_free(struct repo_options *options)
{
	if (!options)
		return;
	g_free(options->name);
	g_free(options->url);
	g_free(options->local_path);
	g_free(options->branch);
	if (options->token)
		explicit_bzero(options->token, strlen(options->token));
	g_free(options->token);
	g_free(options->mirror_dir);
	g_free(options);
}

struct repo *repo_create(struct repo_options *options)
{
	struct repo *repo = g_new0(struct repo, 1);

	repo->options = options;
	repo->reader = reader_create();
	repo->asked = asked_create();
	repo->remade_mono_ms = -1;
	return repo;
}

void repo_free(struct repo *repo)
{
	if (!repo)
		return;
	repo_options_free(repo->options);
	reader_free(repo->reader);
	asked_free(repo->asked);
	g_free(repo->branch);
	g_free(repo->fetch_error);
	g_free(repo);
}

void repo_set_cancel(struct repo *repo, const atomic_bool *cancel)
{
	reader_set_cancel(repo->reader, cancel);
}

void repo_set_history_limit(struct repo *repo, guint changes, int32_t chunk_commits)
{
	reader_set_history_limit(repo->reader, changes, chunk_commits);
}

void repo_fetch_done(struct repo_fetch *fetch)
{
	git_head_free(fetch->head);
	g_free(fetch->remade_why);
	*fetch = (struct repo_fetch){0};
}

static void set_branch(struct repo *repo, const char *branch)
{
	char *copy = g_strdup(branch);

	g_free(repo->branch);
	repo->branch = copy;
}

/* ---- local ---- */

static bool open_local(struct repo *repo, GError **error)
{
	git_repository *repository = local_open(repo->options->local_path, error);

	if (!repository || !reader_open(repo->reader, repository, error))
		return false;
	repo->local = local_identify(repo->options->local_path, repository);
	return true;
}

/* Look for what is new; opened anew when it is not what it was, or could not be read. */
static bool refresh_local(struct repo *repo, GError **error)
{
	git_repository *repository = reader_repository(repo->reader);
	struct local_identity now;

	if (!repository || reader_is_damaged(repo->reader))
		return open_local(repo, error);
	now = local_identify(repo->options->local_path, repository);
	if (!local_is_same(&repo->local, &now))
		return open_local(repo, error);
	return reader_refresh(repo->reader, error);
}

static bool look_local(struct repo *repo, int64_t seen_wall_ms, GError **error)
{
	g_autofree char *branch = NULL;
	git_oid id = {0};

	if (!refresh_local(repo, error) ||
	    !local_read_head(reader_repository(repo->reader), repo->options->branch, &branch, &id,
			     error) ||
	    !reader_set_head(repo->reader, &id, seen_wall_ms, error))
		return false;
	set_branch(repo, branch);
	return true;
}

/* ---- mirror ---- */

static struct mirror_transport make_transport(const struct repo *repo, int cancel)
{
	return (struct mirror_transport){
		.dir = repo->options->mirror_dir,
		.url = repo->options->url,
		.token = repo->options->token,
		.deadline_mono_ms = clk_mono_ms() + repo->options->fetch_timeout_ms,
		.cancel = cancel,
	};
}

static bool open_mirror(struct repo *repo, GError **error)
{
	git_repository *repository =
		mirror_open(repo->options->mirror_dir, repo->options->url, error);

	return repository && reader_open(repo->reader, repository, error);
}

/* Read from where the mirror has @p branch now. */
static bool adopt_head(struct repo *repo, const char *branch, int64_t seen_wall_ms, GError **error)
{
	git_oid id = {0};

	if (!mirror_read_head(reader_repository(repo->reader), branch, &id, error) ||
	    !reader_set_head(repo->reader, &id, seen_wall_ms, error))
		return false;
	set_branch(repo, branch);
	return true;
}

/* Fetch what @p tip says, unless it is here, and read from it. */
static bool bring(struct repo *repo, const struct mirror_transport *transport,
		  const struct mirror_tip *tip, int64_t seen_wall_ms, GError **error)
{
	git_repository *repository = reader_repository(repo->reader);
	git_oid id = {0};
	bool here = mirror_read_head(repository, tip->branch, &id, NULL) &&
		    git_oid_equal(&id, &tip->id);

	if (!here && (!mirror_fetch(transport, tip, error) || !reader_refresh(repo->reader, error)))
		return false;
	return mirror_set_known_branch(repository, tip->branch, error) &&
	       adopt_head(repo, tip->branch, seen_wall_ms, error);
}

/* A remote that hangs is noticed by the short exchange, not after the time a clone may take. */
static struct mirror_transport make_look(const struct repo *repo,
					 const struct mirror_transport *transport)
{
	struct mirror_transport look = *transport;

	if (repo->options->look_timeout_ms > 0)
		look.deadline_mono_ms =
			MIN(look.deadline_mono_ms, clk_mono_ms() + repo->options->look_timeout_ms);
	return look;
}

static bool update_mirror(struct repo *repo, const struct mirror_transport *transport,
			  int64_t seen_wall_ms, GError **error)
{
	struct mirror_transport look = make_look(repo, transport);
	struct mirror_tip tip = {0};
	bool ok;

	mirror_clean(transport->dir);
	if (!mirror_look(&look, repo->options->branch, &tip, error))
		return false;
	ok = bring(repo, transport, &tip, seen_wall_ms, error);
	mirror_tip_done(&tip);
	return ok;
}

/* Put the folder @p fresh in the place of the mirror. */
static bool swap_mirror(const char *dir, const char *fresh, GError **error)
{
	g_autofree char *old = g_strconcat(dir, ".old", NULL);

	if (!mirror_remove(old, error))
		return false;
	if (rename(dir, old) != 0 && errno != ENOENT) {
		drift_error_set_errno(error, errno, "move away", dir);
		return false;
	}
	if (rename(fresh, dir) != 0) {
		drift_error_set_errno(error, errno, "move into place", fresh);
		return false;
	}
	return mirror_remove(old, error);
}

/* Fill a new mirror beside the old one, which stays in use until this one is whole. */
static bool fill_fresh(struct repo *repo, const struct mirror_transport *transport, GError **error)
{
	struct mirror_tip tip = {0};
	git_repository *repository = NULL;
	bool ok = mirror_remove(transport->dir, error) &&
		  mirror_create(transport->dir, transport->url, error) &&
		  mirror_look(transport, repo->options->branch, &tip, error) &&
		  mirror_fetch(transport, &tip, error);

	if (ok)
		repository = mirror_open(transport->dir, transport->url, error);
	ok = repository && mirror_set_known_branch(repository, tip.branch, error);
	git_repository_free(repository);
	mirror_tip_done(&tip);
	return ok;
}

/* A mirror that did not become one: it may hold the space that was missing. */
static void discard(const char *dir)
{
	g_autoptr(GError) error = NULL;

	if (!mirror_remove(dir, &error)) /* the next try begins with removing it */
		log_debug("mirror.discard_failed", "dir=\"%s\"", dir);
}

static bool make_mirror(struct repo *repo, const struct mirror_transport *transport,
			int64_t seen_wall_ms, GError **error)
{
	g_autofree char *fresh = g_strconcat(transport->dir, ".new", NULL);
	g_autofree char *branch = NULL;
	struct mirror_transport aside = *transport;

	aside.dir = fresh;
	if (!fill_fresh(repo, &aside, error)) {
		discard(fresh);
		return false;
	}
	if (!swap_mirror(transport->dir, fresh, error) || !open_mirror(repo, error))
		return false;
	branch = mirror_known_branch(reader_repository(repo->reader));
	return adopt_head(repo, branch ? branch : "HEAD", seen_wall_ms, error);
}

static void want_anew(struct anew *anew, bool damaged, const char *why)
{
	g_free(anew->why);
	*anew = (struct anew){.wanted = true, .damaged = damaged, .why = g_strdup(why)};
}

/* Open what there is; decides whether a new mirror is needed. */
static void check_mirror(struct repo *repo, struct anew *anew)
{
	g_autoptr(GError) error = NULL;

	if (reader_is_damaged(repo->reader)) {
		want_anew(anew, true, "objects in it are missing or damaged");
		return;
	}
	if (reader_repository(repo->reader) || open_mirror(repo, &error))
		return;
	want_anew(anew, error->code == DRIFT_ERROR_CORRUPT,
		  error->code == DRIFT_ERROR_NOT_FOUND ? NULL : error->message);
}

static bool may_remake(const struct repo *repo, const struct anew *anew)
{
	return !anew->damaged || repo->remade_mono_ms < 0 ||
	       clk_mono_ms() - repo->remade_mono_ms >= REMAKE_AGAIN_MS;
}

static bool is_damage(const struct repo *repo, const GError *error)
{
	return error->code == DRIFT_ERROR_CORRUPT || reader_is_damaged(repo->reader);
}

static void repack(struct repo *repo, int cancel)
{
	struct mirror_transport transport = make_transport(repo, cancel);
	g_autoptr(GError) error = NULL;
	bool done = false;

	/* when it fails the mirror is as good as before, and the next fetch tries again */
	if (!mirror_repack(&transport, &done, &error) || (done && !open_mirror(repo, &error)))
		log_debug("mirror.repack_failed", "repo=%s", repo->options->name);
}

static bool fetch_mirror(struct repo *repo, int cancel, int64_t seen_wall_ms,
			 struct repo_fetch *fetch, GError **error)
{
	struct mirror_transport transport = make_transport(repo, cancel);
	g_autoptr(GError) failure = NULL;
	struct anew anew = {0};
	bool ok = false;

	check_mirror(repo, &anew);
	if (!anew.wanted) {
		ok = update_mirror(repo, &transport, seen_wall_ms, &failure);
		if (!ok && is_damage(repo, failure))
			want_anew(&anew, true, failure->message);
	}
	if (anew.wanted && may_remake(repo, &anew)) {
		g_clear_error(&failure);
		ok = make_mirror(repo, &transport, seen_wall_ms, &failure);
		if (ok && anew.damaged)
			repo->remade_mono_ms = clk_mono_ms();
	} else if (anew.wanted && !failure) {
		g_set_error(&failure, DRIFT_ERROR, DRIFT_ERROR_CORRUPT,
			    "the mirror is damaged again after it was made anew: %s", anew.why);
	}
	fetch->remade = ok && anew.why;
	if (fetch->remade)
		fetch->remade_why = g_steal_pointer(&anew.why);
	g_free(anew.why);
	if (!ok)
		g_propagate_error(error, g_steal_pointer(&failure));
	return ok;
}

/* ---- fetching ---- */

bool repo_fetch(struct repo *repo, const char *previous_head, int cancel,
		struct repo_fetch *ret_fetch, GError **error)
{
	int64_t seen_wall_ms = clk_wall_ms();
	g_autoptr(GError) failure = NULL;
	struct repo_fetch fetch = {0};
	bool ok = repo->options->is_local
			  ? look_local(repo, seen_wall_ms, &failure)
			  : fetch_mirror(repo, cancel, seen_wall_ms, &fetch, &failure);

	if (ok)
		fetch.head =
			reader_describe_head(repo->reader, repo->branch, previous_head, &failure);
	g_clear_pointer(&repo->fetch_error, g_free);
	if (!fetch.head) {
		repo->fetch_error = g_strdup(failure->message);
		g_propagate_error(error, g_steal_pointer(&failure));
		repo_fetch_done(&fetch);
		return false;
	}
	if (!repo->options->is_local)
		repack(repo, cancel);
	*ret_fetch = fetch;
	return true;
}

/* Without fetching: what is here already. */
static bool need_head(struct repo *repo)
{
	g_autoptr(GError) error = NULL; /* then there is no head, which is what is said */
	g_autofree char *branch = NULL;

	if (reader_has_head(repo->reader))
		return true;
	if (repo->options->is_local)
		return look_local(repo, clk_wall_ms(), &error);
	if (!reader_repository(repo->reader) && !open_mirror(repo, &error))
		return false;
	branch = repo->options->branch ? g_strdup(repo->options->branch)
				       : mirror_known_branch(reader_repository(repo->reader));
	return branch && adopt_head(repo, branch, clk_wall_ms(), &error);
}

struct git_head *repo_head(struct repo *repo, const char *previous_head)
{
	g_autoptr(GError) error = NULL; /* as in need_head() */

	if (!need_head(repo))
		return NULL;
	return reader_describe_head(repo->reader, repo->branch, previous_head, &error);
}

/* ---- ids that are not here ---- */

static bool is_full_id(const char *text)
{
	return strlen(text) == GIT_OID_HEXSZ;
}

static void add_unknown(const struct repo *repo, const struct git_question *question,
			const char *head, GHashTable *known, GPtrArray *unknown)
{
	for (guint i = 0; i < question->texts->len; i++) {
		const char *text = g_ptr_array_index(question->texts, i);

		if (is_full_id(text) && g_hash_table_add(known, (gpointer)(uintptr_t)text) &&
		    !reader_has(repo->reader, text) &&
		    asked_may_ask(repo->asked, text, head, clk_mono_ms()))
			g_ptr_array_add(unknown, g_strdup(text));
	}
}

GPtrArray *repo_unknown_ids(struct repo *repo, const GPtrArray *questions)
{
	GPtrArray *unknown = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	/* a remote that could not be fetched from is not asked either: fetch_error is why */
	if (repo->options->is_local || repo->fetch_error || !need_head(repo))
		return unknown;
	for (guint i = 0; i < questions->len; i++)
		add_unknown(repo, g_ptr_array_index(questions, i), reader_head(repo->reader), known,
			    unknown);
	return unknown;
}

static void note_asked(struct repo *repo, const GPtrArray *shas, const struct mirror_ask *ask)
{
	const char *head = reader_head(repo->reader);
	int64_t now_mono_ms = clk_mono_ms();

	for (guint i = 0; i < ask->absent->len; i++)
		asked_note(repo->asked, g_ptr_array_index(ask->absent, i), head, now_mono_ms, NULL);
	for (guint i = 0; i < ask->failed->len; i++)
		asked_note(repo->asked, g_ptr_array_index(ask->failed, i), head, now_mono_ms,
			   ask->why ? ask->why : "the remote was not asked");
	for (guint i = 0; i < shas->len; i++) {
		const char *sha = g_ptr_array_index(shas, i);
		const char *why = NULL;

		if (!reader_has(repo->reader, sha) && !asked_find(repo->asked, sha, &why))
			asked_note(repo->asked, sha, head, now_mono_ms,
				   "the remote sent it, but it is not here");
	}
}

void repo_ask_remote(struct repo *repo, const GPtrArray *shas, int cancel)
{
	struct mirror_transport transport = make_transport(repo, cancel);
	g_autoptr(GError) error = NULL; /* what was fetched is then seen at the next fetch */
	struct mirror_ask ask = {0};

	if (repo->options->is_local || shas->len == 0 || !need_head(repo))
		return;
	mirror_ask_ids(&transport, shas, &ask);
	if (reader_refresh(repo->reader, &error))
		note_asked(repo, shas, &ask);
	mirror_ask_done(&ask);
}

/* ---- answers ---- */

static void conclude(struct git_resolution *resolution, enum git_resolution_status status,
		     const char *why)
{
	resolution->status = status;
	resolution->why = g_strdup(why);
}

/* A full id that is not here: what the remote said about it. */
static void conclude_absent(const struct repo *repo, struct git_resolution *resolution,
			    bool shallow)
{
	const char *why = NULL;

	if (shallow)
		conclude(resolution, GIT_RESOLUTION_SHALLOW,
			 "it is not in this shallow clone; fetch all of its history "
			 "(git fetch --unshallow)");
	else if (repo->options->is_local)
		conclude(resolution, GIT_RESOLUTION_NOBODY_TO_ASK,
			 "it is not in the local repository, and there is no remote to ask; fetch "
			 "there");
	else if (!asked_find(repo->asked, resolution->text, &why))
		conclude(resolution, GIT_RESOLUTION_UNASKED,
			 repo->fetch_error ? repo->fetch_error : "the remote was not asked yet");
	else if (why)
		conclude(resolution, GIT_RESOLUTION_UNASKED, why);
	else
		conclude(resolution, GIT_RESOLUTION_ABSENT, "the remote has no commit of this id");
}

GPtrArray *repo_answer(struct repo *repo, const GPtrArray *questions, const GPtrArray *seen)
{
	bool has_head = need_head(repo);
	GPtrArray *answers = reader_answer(repo->reader, questions, seen);
	bool shallow = has_head && reader_is_shallow(repo->reader);

	for (guint i = 0; i < answers->len; i++) {
		const struct git_answer *answer = g_ptr_array_index(answers, i);

		for (guint k = 0; k < answer->resolutions->len; k++) {
			struct git_resolution *resolution =
				g_ptr_array_index(answer->resolutions, k);

			if (resolution->status == GIT_RESOLUTION_NONE)
				conclude_absent(repo, resolution, shallow);
		}
	}
	return answers;
}
