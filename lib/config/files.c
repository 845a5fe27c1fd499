/* files - the main file and what it includes. */
#include "config/build.h"

#include "drift_error.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

/* Read one file. One that cannot be read at all becomes an empty one with a problem. */
bool loader_read_file(struct loader *loader, const char *path, const char *shown)
{
	g_autoptr(GError) error = NULL;
	struct ini *file = ini_load(path, shown, &error);
	unsigned file_index = loader->files->len;

	if (!file) {
		file = ini_parse(shown, "", 0);
		file->is_cut = error->code == DRIFT_ERROR_TOO_LARGE;
	}
	g_ptr_array_add(loader->files, file);
	g_ptr_array_add(loader->config->files, g_strdup(path));
	if (error)
		build_report(loader, file_index, 0, "%s", error->message);
	for (size_t i = 0; i < file->problem_count; i++)
		build_report(loader, file_index, file->problems[i].line, "%s",
			     file->problems[i].message);
	return error == NULL;
}

/* glob(7): the path with what has a meaning in patterns escaped. */
static char *escape_pattern(const char *path)
{
	GString *escaped = g_string_new(NULL);

	for (const char *at = path; *at; at++) {
		if (strchr("*?[]\\", *at))
			g_string_append_c(escaped, '\\');
		g_string_append_c(escaped, *at);
	}
	return g_string_free(escaped, FALSE);
}

/* glob()'s question whether to give up: not over a folder that is not there. */
static int give_up(const char *path, int why)
{
	(void)path;
	return why != ENOENT && why != ENOTDIR;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How the file is called in messages: as the user would open it from where driftd was started. */
static char *shown_path(const struct loader *loader, const char *path)
{
	const struct ini *main_file = g_ptr_array_index(loader->files, 0);
	g_autofree char *shown_directory = g_path_get_dirname(main_file->file);
	const char *directory = loader->config->directory;
	size_t length = strlen(directory);

	if (g_path_is_absolute(main_file->file) || strncmp(path, directory, length) != 0 ||
	    path[length] != '/')
		return g_strdup(path);
	if (strcmp(shown_directory, ".") == 0 && main_file->file[0] != '.')
		return g_strdup(path + length + 1);
	return g_build_filename(shown_directory, path + length + 1, NULL);
}

/* Add the files that @p pattern stands for to @p ret_paths. What is wrong, or NULL. Caller
 * frees. */
static char *expand_include(const struct loader *loader, const char *pattern, GPtrArray *ret_paths)
{
	g_autofree char *directory = escape_pattern(loader->config->directory);
	g_autofree char *full = g_path_is_absolute(pattern)
					? g_strdup(pattern)
					: g_build_filename(directory, pattern, NULL);
	glob_t found = {0};
	int result = glob(full, GLOB_NOSORT, give_up, &found);
	char *why = NULL;

	for (size_t i = 0; result == 0 && i < found.gl_pathc; i++)
		g_ptr_array_add(ret_paths, g_canonicalize_filename(found.gl_pathv[i], "/"));
	if (result == GLOB_NOMATCH && !strpbrk(pattern, "*?["))
		why = g_strdup("unreadable: there is no such file");
	else if (result != 0 && result != GLOB_NOMATCH)
		why = g_strdup_printf("unreadable: %s", g_strerror(errno));
	globfree(&found);
	return why;
}

/* The files that the include keys of one section stand for. */
static void collect_includes(struct loader *loader, const struct ini_section *section,
			     GPtrArray *ret_paths)
{
	for (size_t i = 0; i < section->entry_count; i++) {
		const struct ini_entry *entry = &section->entries[i];
		g_autofree char *why = NULL;

		if (strcmp(entry->key, "include") != 0 || *entry->value == '\0')
			continue;
		why = expand_include(loader, entry->value, ret_paths);
		if (why)
			build_report(loader, 0, entry->line, "[driftd] include = %s: %s",
				     entry->value, why);
	}
}

/* All patterns of the main file, whose own sections are not checked yet. */
void loader_read_includes(struct loader *loader)
{
	const struct ini *main_file = g_ptr_array_index(loader->files, 0);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; i < main_file->section_count; i++)
		if (strcmp(main_file->sections[i].kind, "driftd") == 0)
			collect_includes(loader, &main_file->sections[i], paths);
	g_ptr_array_sort(paths, compare_paths);
	/* a pattern may match the main file, and two patterns the same file */
	g_hash_table_add(seen, loader->config->path);
	for (guint i = 0; i < paths->len; i++) {
		char *path = g_ptr_array_index(paths, i);
		g_autofree char *shown = shown_path(loader, path);

		if (!g_hash_table_add(seen, path))
			continue;
		if (loader->files->len > CONFIG_INCLUDES_MAX) {
			build_report(loader, 0, 0, "more than %d files are included",
				     CONFIG_INCLUDES_MAX);
			break;
		}
		(void)loader_read_file(loader, path, shown); /* reported */
	}
}
