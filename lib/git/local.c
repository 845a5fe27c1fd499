/* local - see local.h */
#include "git/local.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drift_error.h"
#include "git/object.h"

static void set_open_error(const char *path, int status, GError **error)
{
	const git_error *last = git_error_last();
	const char *message = last && last->message ? last->message : "";
	g_autofree char *what = g_strdup_printf("open the repository at %s", path);

	if (strstr(message, "unsupported extension") || strstr(message, "unsupported repository"))
		object_set_git_error(error, DRIFT_ERROR_UNSUPPORTED, what);
	else if (status == GIT_ENOTFOUND)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "%s: there is none; give the top folder of a checkout, or of a bare "
			    "repository",
			    what);
	else
		object_set_git_error(error, DRIFT_ERROR_CORRUPT, what);
}

/* Found out before libgit2 looks, which leaks when it refuses: see local_identify(). */
static bool is_sha256(const char *path)
{
	static const char *const places[] = {".git/config", "config"};
	bool found = false;

	for (size_t i = 0; i < G_N_ELEMENTS(places) && !found; i++) {
		g_autofree char *file = g_build_filename(path, places[i], NULL);
		git_config *config = NULL;
		git_buf value = GIT_BUF_INIT;

		found = access(file, R_OK) == 0 && git_config_open_ondisk(&config, file) == 0 &&
			git_config_get_string_buf(&value, config, "extensions.objectformat") == 0 &&
			g_ascii_strcasecmp(value.ptr, "sha256") == 0;
		git_buf_dispose(&value);
		git_config_free(config);
	}
	return found;
}

struct local_identity local_identify(const char *path, git_repository *repository)
{
	g_autofree char *config =
		g_build_filename(git_repository_commondir(repository), "config", NULL);
	const char *const paths[] = {path, git_repository_path(repository), config};
	struct local_identity identity = {0};
	struct stat status = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		if (stat(paths[i], &status) != 0)
			return (struct local_identity){0};
		identity.numbers[i] = status.st_ino;
	}
	identity.device = status.st_dev;
	identity.configured_ns =
		status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec;
	return identity;
}

bool local_is_same(const struct local_identity *a, const struct local_identity *b)
{
	return a->numbers[0] != 0 && a->device == b->device && a->numbers[0] == b->numbers[0] &&
	       a->numbers[1] == b->numbers[1] && a->numbers[2] == b->numbers[2] &&
	       a->configured_ns == b->configured_ns;
}

git_repository *local_open(const char *path, GError **error)
{
	git_repository *repository = NULL;
	int status;

	if (access(path, R_OK | X_OK) != 0) {
		drift_error_set_errno(error, errno, "open the repository at", path);
		return NULL;
	}
	if (is_sha256(path)) {
		g_set_error(
			error, DRIFT_ERROR, DRIFT_ERROR_UNSUPPORTED,
			"open the repository at %s: it uses SHA-256 ids; driftd reads SHA-1 ones",
			path);
		return NULL;
	}
	status = git_repository_open_ext(&repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (status == 0)
		return repository;
	set_open_error(path, status, error);
	return NULL;
}

static bool read_ref(git_repository *repository, const char *ref, const char *branch,
		     git_oid *ret_id, GError **error)
{
	int status = git_reference_name_to_id(ret_id, repository, ref);

	if (status == GIT_ENOTFOUND)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "%s has no branch %s, or no commit on it yet",
			    git_repository_path(repository), branch);
	else if (status != 0)
		object_set_git_error(error, DRIFT_ERROR_CORRUPT, "read the branch");
	return status == 0;
}

/* The branch HEAD names; NULL when it is detached or cannot be read. */
static char *read_head_branch(git_repository *repository)
{
	git_reference *head = NULL;
	char *branch = NULL;

	if (git_reference_lookup(&head, repository, "HEAD") == 0 &&
	    git_reference_type(head) == GIT_REFERENCE_SYMBOLIC) {
		const char *target = git_reference_symbolic_target(head);

		branch = g_strdup(g_str_has_prefix(target, "refs/heads/") ? target + 11 : target);
	}
	git_reference_free(head);
	return branch;
}

bool local_read_head(git_repository *repository, const char *branch, char **ret_branch,
		     git_oid *ret_id, GError **error)
{
	g_autofree char *name = branch ? g_strdup(branch) : read_head_branch(repository);
	g_autofree char *ref = branch ? g_strconcat("refs/heads/", branch, NULL) : g_strdup("HEAD");

	if (!name)
		name = g_strdup("HEAD");
	if (!read_ref(repository, ref, name, ret_id, error))
		return false;
	*ret_branch = g_steal_pointer(&name);
	return true;
}
