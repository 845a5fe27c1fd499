/* load - from the main file to a configuration, or to everything that is wrong with it. */
#include "clk.h"
#include "config/build.h"
#include "config/kinds.h"

static void free_ini(void *file)
{
	ini_free(file);
}

static void free_problem(void *data)
{
	struct config_problem *problem = data;

	g_free(problem->file);
	g_free(problem->message);
	g_free(problem);
}

static void free_build(void *build)
{
	build_free(build);
}

static void loader_init(struct loader *loader, const char *path)
{
	struct config *config = config_create();

	config->path = g_canonicalize_filename(path, NULL);
	config->directory = g_path_get_dirname(config->path);
	*loader = (struct loader){.config = config};
	loader->files = g_ptr_array_new_with_free_func(free_ini);
	loader->problems = g_ptr_array_new_with_free_func(free_problem);
	loader->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	loader->builds = g_ptr_array_new_with_free_func(free_build);
	loader->holidays = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	loader->context.directory = config->directory;
	loader->context.timezone = "UTC";
	loader->context.repos = g_hash_table_new(g_str_hash, g_str_equal);
	loader->context.gcps = g_hash_table_new(g_str_hash, g_str_equal);
	loader->context.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	loader->context.targets = config->by_id;
}

static void loader_done(struct loader *loader)
{
	g_hash_table_unref(loader->context.repos);
	g_hash_table_unref(loader->context.gcps);
	g_hash_table_unref(loader->context.ids);
	g_hash_table_unref(loader->headers);
	g_hash_table_unref(loader->holidays);
	g_ptr_array_unref(loader->builds);
	g_ptr_array_unref(loader->files);
	g_clear_pointer(&loader->problems, g_ptr_array_unref);
	config_unref(loader->config);
}

static void read_values(struct loader *loader, enum setting_kind kind)
{
	for (guint i = 0; i < loader->builds->len; i++) {
		struct build *build = g_ptr_array_index(loader->builds, i);

		if (build->kind == kind)
			build_values(build);
	}
}

/* include belongs into the main file. */
static void refuse_deep_includes(struct loader *loader)
{
	for (guint i = 0; i < loader->builds->len; i++) {
		struct build *build = g_ptr_array_index(loader->builds, i);

		if (build->kind == SETTING_KIND_DRIFTD && build->file_index > 0 &&
		    build_is_given(build, "include"))
			build_refuse(build, "include", "only the main file can include files");
	}
}

static bool is_gcp_used(const struct config *config, const struct config_gcp *gcp)
{
	for (guint i = 0; i < config->targets->len; i++)
		if (config_target_gcp(g_ptr_array_index(config->targets, i)) == gcp)
			return true;
	return false;
}

static void resolve_kind(struct loader *loader, enum setting_kind kind,
			 void (*resolve)(struct build *build))
{
	for (guint i = 0; i < loader->builds->len; i++) {
		struct build *build = g_ptr_array_index(loader->builds, i);

		if (build->kind == kind && !build->duplicate && !build->quiet)
			resolve(build);
	}
}

static void resolve_all(struct loader *loader)
{
	struct config *config = loader->config;

	refuse_deep_includes(loader);
	resolve_driftd(loader->driftd);
	resolve_access(loader->driftd, loader->auth);
	resolve_kind(loader, SETTING_KIND_REPO, resolve_repo);
	resolve_kind(loader, SETTING_KIND_GCP, resolve_gcp);
	resolve_kind(loader, SETTING_KIND_SERVICE, resolve_service);
	resolve_kind(loader, SETTING_KIND_TABLE, resolve_table);
	resolve_kind(loader, SETTING_KIND_COMPLETION, resolve_completion);
	resolve_kind(loader, SETTING_KIND_INVENTORY, resolve_inventory);
	resolve_kind(loader, SETTING_KIND_ASSERT, resolve_assert);
	resolve_kind(loader, SETTING_KIND_BACKUP, resolve_backup);
	for (enum setting_kind kind = SETTING_KIND_SLACK; kind <= SETTING_KIND_GITHUB; kind++)
		resolve_kind(loader, kind, resolve_channel);
	resolve_kind(loader, SETTING_KIND_WINDOW, resolve_window);
	resolve_depends(loader);
	resolve_routes(loader);
	if (loader->implied_gcp && !is_gcp_used(config, loader->implied_gcp->object))
		(void)g_ptr_array_remove(config->gcps, loader->implied_gcp->object); /* is there */
}

/* Which keys were written, kept for config_print(). */
static void keep_given(const struct loader *loader)
{
	for (guint i = 0; i < loader->builds->len; i++) {
		const struct build *build = g_ptr_array_index(loader->builds, i);

		if (!build->quiet && !build->duplicate)
			kind_set_given(build->kind, build->object, build->given);
	}
}

static int compare_problems(const void *a, const void *b)
{
	const struct build_problem *left = *(const struct build_problem *const *)a;
	const struct build_problem *right = *(const struct build_problem *const *)b;

	if (left->file_index != right->file_index)
		return left->file_index < right->file_index ? -1 : 1;
	if (left->problem.line != right->problem.line)
		return left->problem.line < right->problem.line ? -1 : 1;
	return left->number < right->number ? -1 : 1;
}

/* In file order, and how many were left out. */
static GPtrArray *finish_problems(struct loader *loader)
{
	g_ptr_array_sort(loader->problems, compare_problems);
	if (loader->dropped_problems > 0) {
		struct build_problem *last = g_new0(struct build_problem, 1);
		const struct ini *file = g_ptr_array_index(loader->files, 0);

		last->problem.file = g_strdup(file->file);
		last->problem.message = g_strdup_printf("%zu further problems are not shown",
							loader->dropped_problems);
		g_ptr_array_add(loader->problems, last);
	}
	return g_steal_pointer(&loader->problems);
}

/* What seems to be missing, or empty, may be in what was not read. */
static bool is_any_cut(const struct loader *loader)
{
	for (guint i = 0; i < loader->files->len; i++)
		if (((const struct ini *)g_ptr_array_index(loader->files, i))->is_cut)
			return true;
	return false;
}

static void load(struct loader *loader, const char *path)
{
	if (!loader_read_file(loader, loader->config->path, path))
		return;
	loader_read_includes(loader);
	if (is_any_cut(loader))
		return; /* reported */
	loader_read_headers(loader);
	read_values(loader, SETTING_KIND_DRIFTD);
	if (loader->config->driftd.timezone)
		loader->context.timezone = loader->config->driftd.timezone;
	for (enum setting_kind kind = SETTING_KIND_AUTH; kind < SETTING_KIND_COUNT; kind++)
		read_values(loader, kind);
	resolve_all(loader);
	keep_given(loader);
}

static bool load_all(const char *path, bool without_secrets, struct config **ret_config,
		     GPtrArray **ret_problems)
{
	struct loader loader;
	bool ok;

	loader_init(&loader, path);
	loader.context.without_secrets = without_secrets;
	load(&loader, path);
	ok = loader.problems->len == 0;
	loader.config->loaded_wall_ms = clk_wall_ms();
	if (ok)
		*ret_config = g_steal_pointer(&loader.config);
	else
		*ret_problems = finish_problems(&loader);
	loader_done(&loader);
	return ok;
}

bool config_load(const char *path, struct config **ret_config, GPtrArray **ret_problems)
{
	return load_all(path, false, ret_config, ret_problems);
}

bool config_load_rules(const char *path, struct config **ret_config, GPtrArray **ret_problems)
{
	return load_all(path, true, ret_config, ret_problems);
}
