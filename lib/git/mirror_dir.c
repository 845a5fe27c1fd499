/* mirror_dir - the folder of a mirror: making, opening, cleaning and removing it; see mirror.h */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drift_error.h"
#include "git/mirror.h"
#include "git/object.h"

/** Directory levels nftw() keeps open. */
#define OPEN_DIRS 16

struct setting {
	const char *key;
	const char *value;
};

/* git-config(1); a partial clone as "git clone --filter=blob:none" makes it. */
static const struct setting settings[] = {
	{"remote." MIRROR_REMOTE ".promisor", "true"},
	{"remote." MIRROR_REMOTE ".partialclonefilter", "blob:none"},
	{"remote." MIRROR_REMOTE ".tagopt", "--no-tags"},
	{"gc.auto", "0"},
	{"maintenance.auto", "false"},
};

static bool set_value(git_config *config, const char *key, const char *value, GError **error)
{
	if (git_config_set_string(config, key, value) == 0)
		return true;
	object_set_git_error(error, DRIFT_ERROR_IO, "write the mirror's configuration");
	return false;
}

static bool configure(git_repository *repository, const char *url, GError **error)
{
	git_config *config = NULL;
	bool ok = git_repository_config(&config, repository) == 0;

	if (!ok)
		object_set_git_error(error, DRIFT_ERROR_IO, "open the mirror's configuration");
	ok = ok && set_value(config, "remote." MIRROR_REMOTE ".url", url, error);
	for (size_t i = 0; ok && i < G_N_ELEMENTS(settings); i++)
		ok = set_value(config, settings[i].key, settings[i].value, error);
	git_config_free(config);
	return ok;
}

bool mirror_create(const char *dir, const char *url, GError **error)
{
	git_repository_init_options options = {.version = GIT_REPOSITORY_INIT_OPTIONS_VERSION};
	git_repository *repository = NULL;
	g_autofree char *what = g_strdup_printf("make a mirror at %s", dir);
	bool ok;

	options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH |
			GIT_REPOSITORY_INIT_NO_REINIT | GIT_REPOSITORY_INIT_NO_DOTGIT_DIR;
	errno = 0;
	if (git_repository_init_ext(&repository, dir, &options) != 0) {
		object_set_git_error(error,
				     errno == ENOSPC                     ? DRIFT_ERROR_FULL
				     : errno == EACCES || errno == EROFS ? DRIFT_ERROR_DENIED
									 : DRIFT_ERROR_IO,
				     what);
		return false;
	}
	ok = configure(repository, url, error);
	git_repository_free(repository);
	return ok;
}

/* Caller frees; NULL when it is not set. */
static char *read_value(git_repository *repository, const char *key)
{
	git_config *config = NULL;
	git_buf value = GIT_BUF_INIT;
	char *copy = NULL;

	if (git_repository_config_snapshot(&config, repository) == 0 &&
	    git_config_get_string_buf(&value, config, key) == 0)
		copy = g_strdup(value.ptr);
	git_buf_dispose(&value);
	git_config_free(config);
	return copy;
}

char *mirror_known_branch(git_repository *repository)
{
	return read_value(repository, "driftd.branch");
}

bool mirror_set_known_branch(git_repository *repository, const char *branch, GError **error)
{
	g_autofree char *known = mirror_known_branch(repository);
	git_config *config = NULL;
	bool ok;

	if (g_strcmp0(known, branch) == 0)
		return true;
	if (git_repository_config(&config, repository) != 0) {
		object_set_git_error(error, DRIFT_ERROR_IO, "open the mirror's configuration");
		return false;
	}
	ok = set_value(config, "driftd.branch", branch, error);
	git_config_free(config);
	return ok;
}

git_repository *mirror_open(const char *dir, const char *url, GError **error)
{
	git_repository *repository = NULL;
	g_autofree char *known = NULL;

	if (access(dir, F_OK) != 0) {
		drift_error_set_errno(error, errno, "open the mirror", dir);
		return NULL;
	}
	if (git_repository_open_bare(&repository, dir) != 0) {
		object_set_git_error(error, DRIFT_ERROR_CORRUPT, "open the mirror");
		return NULL;
	}
	known = read_value(repository, "remote." MIRROR_REMOTE ".url");
	if (known && strcmp(known, url) == 0)
		return repository;
	g_set_error_literal(error, DRIFT_ERROR, known ? DRIFT_ERROR_INVALID : DRIFT_ERROR_CORRUPT,
			    known ? "the url changed" : "the mirror's configuration is damaged");
	git_repository_free(repository);
	return NULL;
}

/* ---- files ---- */

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

bool mirror_remove(const char *dir, GError **error)
{
	if (access(dir, F_OK) != 0 && errno == ENOENT)
		return true;
	if (nftw(dir, remove_entry, OPEN_DIRS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0)
		return true;
	drift_error_set_errno(error, errno, "remove", dir);
	return false;
}

static int remove_lock(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)place;
	if (type == FTW_F && g_str_has_suffix(path, ".lock"))
		(void)unlink(path); /* if it cannot be removed, git says so */
	return 0;
}

/* Remove the files of one folder whose names begin or end so. */
static void remove_files(const char *folder, const char *prefix, const char *suffix)
{
	GDir *files = g_dir_open(folder, 0, NULL);
	const char *name;

	while (files && (name = g_dir_read_name(files))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (g_str_has_prefix(name, prefix) && g_str_has_suffix(name, suffix))
			(void)unlink(path); /* if it cannot be removed, git says so */
	}
	if (files)
		g_dir_close(files);
}

void mirror_clean(const char *dir)
{
	g_autofree char *refs = g_build_filename(dir, "refs", NULL);
	g_autofree char *packs = g_build_filename(dir, "objects", "pack", NULL);

	remove_files(dir, "", ".lock");
	remove_files(packs, "tmp_", "");
	remove_files(packs, ".tmp-", "");
	(void)nftw(refs, remove_lock, OPEN_DIRS, FTW_PHYS); /* never stops early */
}
