/* headers - which sections there are: each gets its struct and is known by its name before any
 * value is read, so that values can refer to sections further down. */
#include "config/build.h"

#include "config/kinds.h"
#include "config/value_types.h"
#include "text.h"

#include <string.h>

/* Names of targets and sections, DESIGN 1. */
#define NAME_MAX_BYTES 100

static char *label_of(const struct ini_section *section)
{
	g_autofree char *cut = NULL;
	g_autofree char *name = NULL;

	if (!section->name)
		return g_strdup_printf("[%s]", section->kind);
	cut = text_to_utf8(section->name, strlen(section->name), NAME_MAX_BYTES + 20);
	name = text_escape_terminal(cut);
	return g_strdup_printf("[%s \"%s\"]", section->kind, name);
}

static void report_unknown_section(struct loader *loader, unsigned file_index,
				   const struct ini_section *section)
{
	g_autofree char *label = label_of(section);
	const char *near = text_nearest(section->kind, settings_kind_names());

	if (near)
		build_report(loader, file_index, section->line,
			     "%s: unknown section; did you mean [%s]?", label, near);
	else
		build_report(loader, file_index, section->line, "%s: unknown section", label);
	loader->header_trouble = true;
}

static bool is_name(const char *name)
{
	return value_is_of(name, VALUE_LOWER VALUE_UPPER VALUE_DIGITS "._-", NAME_MAX_BYTES) &&
	       g_ascii_isalnum(*name);
}

/* Is the one without a name called "default"? */
static bool may_be_unnamed(enum setting_kind kind)
{
	return kind == SETTING_KIND_GCP || kind == SETTING_KIND_SLACK;
}

/* What is wrong with the name of a section of @p kind, or NULL. */
static const char *check_name(enum setting_kind kind, const char *name)
{
	if (kind == SETTING_KIND_DRIFTD || kind == SETTING_KIND_AUTH)
		return name ? "this section has no name" : NULL;
	if (!name)
		return may_be_unnamed(kind) ? NULL : "the section needs a name in quotes";
	if (!is_name(name))
		return "a name is a letter or digit, then letters, digits, '.', '_' and '-', at "
		       "most 100";
	return NULL;
}

static void *new_object(enum setting_kind kind)
{
	return g_malloc0(kind_get(kind)->size);
}

static void add_repo(struct loader *loader, struct config_repo *repo, const char *name)
{
	repo->name = g_strdup(name);
	g_hash_table_insert(loader->context.repos, repo->name, repo);
	g_hash_table_add(loader->context.ids, g_strconcat("repo/", name, NULL));
}

static void add_gcp(struct loader *loader, struct config_gcp *gcp, const char *name)
{
	gcp->name = g_strdup(name);
	g_hash_table_insert(loader->context.gcps, gcp->name, gcp);
}

static void add_target(struct loader *loader, enum setting_kind kind, struct config_target *target,
		       const char *name)
{
	target->kind = kind_get(kind)->target;
	target->name = g_strdup(name);
	target->id = g_strconcat(target_kind_text(target->kind), "/", name, NULL);
	g_ptr_array_add(loader->config->targets, target);
	g_hash_table_insert(loader->config->by_id, target->id, target);
	g_hash_table_add(loader->context.ids, g_strdup(target->id));
}

static void add_channel(enum setting_kind kind, struct config_channel *channel, const char *name)
{
	channel->kind = kind_get(kind)->channel;
	channel->name = g_strdup(name);
	channel->id = g_strconcat(channel_kind_text(channel->kind), "/", name, NULL);
}

/* The struct of a section, known under its name from now on; the first of its header. */
static void *add_object(struct loader *loader, enum setting_kind kind, const char *name)
{
	struct config *config = loader->config;
	void *object;

	if (kind == SETTING_KIND_DRIFTD)
		return &config->driftd;
	if (kind == SETTING_KIND_AUTH) {
		config->auth.present = true;
		return &config->auth;
	}
	object = new_object(kind);
	g_ptr_array_add(*kind_list(kind, config), object);
	if (kind == SETTING_KIND_REPO)
		add_repo(loader, object, name);
	else if (kind == SETTING_KIND_GCP)
		add_gcp(loader, object, name);
	else if (kind_get(kind)->channel != CHANNEL_KIND_NONE)
		add_channel(kind, object, name);
	else if (kind == SETTING_KIND_WINDOW)
		((struct config_window *)object)->name = g_strdup(name);
	else
		add_target(loader, kind, object, name);
	return object;
}

/* What is counted together: how many there are so far, how many there may be, and their name; NULL:
 * any number. */
static unsigned *count_of(struct loader *loader, enum setting_kind kind, unsigned *ret_limit,
			  const char **ret_name)
{
	*ret_name = NULL;
	if (kind_get(kind)->target != TARGET_KIND_NONE) {
		*ret_limit = CONFIG_TARGETS_MAX;
		*ret_name = "targets";
		return &loader->target_count;
	}
	if (kind_get(kind)->channel != CHANNEL_KIND_NONE) {
		*ret_limit = CONFIG_CHANNELS_MAX;
		*ret_name = "channels";
		return &loader->channel_count;
	}
	*ret_limit = kind == SETTING_KIND_REPO     ? CONFIG_REPOS_MAX
		     : kind == SETTING_KIND_GCP    ? CONFIG_GCPS_MAX
		     : kind == SETTING_KIND_WINDOW ? CONFIG_WINDOWS_MAX
						   : 0;
	return *ret_limit ? &loader->counts[kind] : NULL;
}

/* More sections of a kind, or more targets or channels, than there may be: said once. */
static bool is_too_many(struct loader *loader, const struct build *build)
{
	unsigned limit = 0;
	const char *name = NULL;
	unsigned *count = count_of(loader, build->kind, &limit, &name);

	if (!count || (*count)++ < limit)
		return false;
	if (*count == limit + 1 && name)
		build_report(loader, build->file_index, build->section->line, "more than %u %s",
			     limit, name);
	else if (*count == limit + 1)
		build_report(loader, build->file_index, build->section->line,
			     "more than %u [%s] sections", limit, settings_kind_text(build->kind));
	return true;
}

/* Where @p build is written: "FILE:LINE". Caller frees. */
static char *place_of(const struct build *build)
{
	const struct ini *file = g_ptr_array_index(build->loader->files, build->file_index);

	return g_strdup_printf("%s:%d", file->file, build->section->line);
}

static void check_header(struct loader *loader, struct build *build, const char *name)
{
	const char *why = check_name(build->kind, build->section->name);
	char *id = g_strconcat(settings_kind_text(build->kind), "/", name, NULL);
	const struct build *first = g_hash_table_lookup(loader->headers, id);

	if (why)
		build_refuse(build, NULL, "%s", why);
	if (first) {
		g_autofree char *place = place_of(first);

		build->duplicate = true;
		build_refuse(build, NULL, "given twice, first in %s", place);
		g_free(id);
	} else {
		g_hash_table_insert(loader->headers, id, build);
	}
	if (build->section->entry_count == 0) {
		build->quiet = true;
		build_refuse(build, NULL, "empty section: it has no keys");
	}
}

static void read_header(struct loader *loader, unsigned file_index,
			const struct ini_section *section)
{
	enum setting_kind kind = settings_kind_from_text(section->kind);
	const char *name = section->name ? section->name : "";
	struct build *build;

	if (kind == SETTING_KIND_NONE) {
		report_unknown_section(loader, file_index, section);
		return;
	}
	loader->target_seen = loader->target_seen || kind_get(kind)->target != TARGET_KIND_NONE;
	if (may_be_unnamed(kind) && !section->name)
		name = "default";
	build = g_new0(struct build, 1);
	*build = (struct build){
		.loader = loader, .file_index = file_index, .section = section, .kind = kind};
	build->label = label_of(section);
	if (is_too_many(loader, build)) {
		build_free(build);
		return;
	}
	g_ptr_array_add(loader->builds, build);
	check_header(loader, build, name);
	build->object = build->duplicate ? new_object(kind) : add_object(loader, kind, name);
}

/* A section that nobody wrote: all of it is defaults. */
static struct build *imply(struct loader *loader, enum setting_kind kind, void *object)
{
	struct build *build = g_new0(struct build, 1);

	*build = (struct build){.loader = loader, .kind = kind, .object = object, .quiet = true};
	build->label = g_strdup_printf("[%s]", settings_kind_text(kind));
	g_ptr_array_add(loader->builds, build);
	return build;
}

static struct build *find_build(const struct loader *loader, const char *id)
{
	return g_hash_table_lookup(loader->headers, id);
}

static void imply_missing(struct loader *loader)
{
	struct config *config = loader->config;

	loader->driftd = find_build(loader, "driftd/");
	loader->auth = find_build(loader, "auth/");
	if (!loader->driftd)
		loader->driftd = imply(loader, SETTING_KIND_DRIFTD, &config->driftd);
	if (!loader->auth)
		(void)imply(loader, SETTING_KIND_AUTH, &config->auth);
	if (config->gcps->len == 0) {
		void *object = new_object(SETTING_KIND_GCP);

		g_ptr_array_add(config->gcps, object);
		add_gcp(loader, object, "default");
		loader->implied_gcp = imply(loader, SETTING_KIND_GCP, object);
	}
}

void loader_read_headers(struct loader *loader)
{
	for (unsigned i = 0; i < loader->files->len; i++) {
		const struct ini *file = g_ptr_array_index(loader->files, i);

		loader->header_trouble = loader->header_trouble || file->problem_count > 0;
		for (size_t j = 0; j < file->section_count; j++)
			read_header(loader, i, &file->sections[j]);
	}
	imply_missing(loader);
	if (loader->header_trouble)
		return; /* what seems to be missing may be what was misspelt */
	if (!loader->target_seen)
		build_report(loader, 0, 0,
			     "no target: add a [service \"NAME\"] section for each thing to watch");
	if (loader->config->services->len > 0 && loader->config->repos->len == 0)
		build_report(loader, 0, 0, "no repository: add a [repo \"NAME\"] section");
}
