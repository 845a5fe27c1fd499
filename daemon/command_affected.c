/* command_affected - which services a change will make stale, by the path rules of the
 * configuration; and the commit hook that says so. It informs: nothing it finds or fails at may
 * block a commit. */
#include "daemon/commands.h"

#include "config/config.h"
#include "daemon/serve.h"
#include "drift_error.h"
#include "git/affected.h"
#include "git/pathset.h"
#include "json.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** Files named per service in the table; the JSON has their number. */
#define SHOWN_PATHS 3

struct hit {
	const struct config_service *service;
	int64_t count;
	const char *first[SHOWN_PATHS]; /* borrowed */
};

static bool match_service(const struct config_service *service, const GPtrArray *paths,
			  struct hit *ret_hit, GError **error)
{
	struct pathset *pathset = pathset_compile((const char *const *)service->paths, error);
	struct hit hit = {.service = service};

	if (!pathset)
		return false;
	for (guint i = 0; i < paths->len; i++) {
		if (!pathset_match(pathset, paths->pdata[i]))
			continue;
		if (hit.count < SHOWN_PATHS)
			hit.first[hit.count] = paths->pdata[i];
		hit.count++;
	}
	pathset_free(pathset);
	*ret_hit = hit;
	return true;
}

static void print_hit(const struct hit *hit)
{
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *safe = NULL;

	g_string_append_printf(line, "%s  %s  %" PRId64 " file%s:", hit->service->target.id,
			       priority_text(hit->service->target.priority), hit->count,
			       hit->count == 1 ? "" : "s");
	for (int64_t i = 0; i < MIN(hit->count, SHOWN_PATHS); i++)
		g_string_append_printf(line, " %s", hit->first[i]);
	if (hit->count > SHOWN_PATHS)
		g_string_append(line, " …");
	safe = text_escape_terminal(line->str);
	(void)puts(safe);
	if (hit->service->target.deploy_command) {
		g_autofree char *command =
			text_escape_terminal(hit->service->target.deploy_command);

		(void)printf("    %s\n", command);
	}
}

static void add_hit(json_object *items, const struct hit *hit)
{
	json_object *item = json_object_new_object();

	json_add_text(item, "id", hit->service->target.id);
	json_add_text(item, "priority", priority_text(hit->service->target.priority));
	json_add_int(item, "files", hit->count);
	json_add_text(item, "deploy_command", hit->service->target.deploy_command);
	json_object_array_add(items, item);
}

static bool fail_unknown_repo(const struct config *config, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const char *near;

	for (guint i = 0; i < config->repos->len; i++)
		g_ptr_array_add(names, ((const struct config_repo *)config->repos->pdata[i])->name);
	g_ptr_array_add(names, NULL);
	near = text_nearest(name, (const char *const *)names->pdata);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "the configuration has no repository \"%s\"%s%s%s", name,
		    near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return false;
}

/* Which repository the checkout is of: the one named, the only one, or the one whose address a remote has. */
static bool find_repo(const struct options *options, const struct config *config,
		      const struct config_repo **ret_repo, GError **error)
{
	for (guint i = 0; i < config->repos->len; i++) {
		const struct config_repo *repo = config->repos->pdata[i];
		bool is_it = config->repos->len == 1;

		if (options->repo)
			is_it = strcmp(options->repo, repo->name) == 0;
		else if (!is_it && !affected_is_of(".", repo->url, repo->local_path, &is_it, error))
			return false;
		if (is_it) {
			*ret_repo = repo;
			return true;
		}
	}
	if (options->repo)
		return fail_unknown_repo(config, options->repo, error);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "this checkout has no remote that is one of the configured repositories: name "
		    "one with --repo");
	return false;
}

static bool print_affected(const struct options *options, const struct config *config,
			   const struct config_repo *repo, const GPtrArray *paths, GError **error)
{
	json_object *items = json_object_new_array();
	g_autofree char *text = NULL;
	bool ok = true;

	for (guint i = 0; ok && i < config->services->len; i++) {
		const struct config_service *service = config->services->pdata[i];
		struct hit hit = {0};

		if (service->repo != repo)
			continue;
		ok = match_service(service, paths, &hit, error);
		if (!ok || hit.count == 0)
			continue;
		if (options->json)
			add_hit(items, &hit);
		else
			print_hit(&hit);
	}
	if (ok && options->json) {
		text = json_to_text(items, NULL);
		(void)printf("{\"repo\":\"%s\",\"files\":%u,\"affected\":%s}\n", repo->name,
			     paths->len, text);
	}
	json_object_put(items);
	return ok;
}

static bool show_affected(const struct options *options, const struct config *config,
			  GError **error)
{
	const struct config_repo *repo = NULL;
	g_autoptr(GPtrArray) paths = NULL;

	if (!find_repo(options, config, &repo, error))
		return false;
	paths = affected_paths(".", options->argument, error);
	return paths && print_affected(options, config, repo, paths, error);
}

/* The driftd that installs the hook is the one it calls, unless another is on PATH later. */
static char *hook_text(const char *config_path)
{
	g_autofree char *self = realpath("/proc/self/exe", NULL);
	g_autofree char *quoted_self = g_shell_quote(self ? self : "driftd");
	g_autofree char *quoted = g_shell_quote(config_path);

	return g_strdup_printf("#!/bin/sh\n"
			       "# driftd: says which services this commit will make stale. It "
			       "never blocks a commit.\n"
			       "driftd=$(command -v driftd) || driftd=%s\n"
			       "if [ -x \"$driftd\" ]; then\n"
			       "\t\"$driftd\" affected --staged -c %s || true\n"
			       "else\n"
			       "\techo \"pre-commit: driftd is not installed: cannot say what this "
			       "commit makes stale\" >&2\n"
			       "fi\n"
			       "exit 0\n",
			       quoted_self, quoted);
}

/* A hook that is there already is somebody's: it is left alone. */
static bool install_hook(const struct options *options, GError **error)
{
	g_autofree char *hooks = affected_hooks_dir(".", error);
	g_autofree char *file = hooks ? g_build_filename(hooks, "pre-commit", NULL) : NULL;
	g_autofree char *config_path = realpath(options->config, NULL);
	g_autofree char *text = hook_text(config_path ? config_path : options->config);
	g_autofree char *there = NULL;

	if (!hooks)
		return false;
	if (g_file_get_contents(file, &there, NULL, NULL) && !strstr(there, "# driftd:")) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
			    "%s exists and is not driftd's: add this line to it by hand: driftd "
			    "affected --staged -c %s "
			    "|| true",
			    file, config_path ? config_path : options->config);
		return false;
	}
	if (g_mkdir_with_parents(hooks, 0755) != 0 ||
	    !g_file_set_contents_full(file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0755, NULL)) {
		drift_error_set_errno(error, errno, "write hook", file);
		return false;
	}
	(void)printf("installed %s\n", file);
	return true;
}

int command_affected(const struct options *options)
{
	g_autoptr(struct_config) loaded = NULL;
	g_autoptr(GPtrArray) problems = NULL;
	g_autoptr(GError) error = NULL;
	bool ok;

	if (!config_load_rules(options->config, &loaded, &problems)) {
		g_autofree char *text = config_problems_text(problems);

		(void)fputs(text, stderr);
		return EXIT_CONFIG;
	}
	ok = options->install_hook ? install_hook(options, &error)
				   : show_affected(options, loaded, &error);
	if (ok)
		return EXIT_OK;
	commands_complain(error->message);
	return error->code == DRIFT_ERROR_INVALID ? EXIT_USAGE : EXIT_FAILED;
}
