/* backups_group - the pure part; see backups.h */
#include "data/backups.h"

#include <string.h>

#include "drift_error.h"
#include "folder_format.h"
#include "google/decode.h"
#include "json.h"

/** What was seen of a folder while the list is gone through. */
struct sighting {
	struct backup_folder *folder; /* NULL: its name does not follow the format */
	int64_t *sizes;               /* of each expected file; -1: not seen */
};

struct grouping {
	const struct config_backup *config;
	GPtrArray *expected;   /* char *: files and metadata; borrowed from the configuration */
	GHashTable *sightings; /* name of a folder to struct sighting * */
	struct backup_obs *backup;
};

static void sighting_free(gpointer data)
{
	struct sighting *sighting = data;

	backup_folder_free(sighting->folder);
	g_free(sighting->sizes);
	g_free(sighting);
}

/* --- folders --- */

/* Length of the folder's name at the beginning of @p rest; 0: it lies in no folder. What has fewer
 * parts than the format lies in a folder of another kind, unless it only holds a place. */
static size_t folder_length(const char *rest, size_t depth)
{
	const char *end = strchr(rest, '/');

	for (; end && depth > 0; depth--) {
		const char *next = strchr(end + 1, '/');

		if (!next)
			return end[1] ? (size_t)(end - rest) : 0;
		end = next;
	}
	return end ? (size_t)(end - rest) : 0;
}

static struct sighting *sighting_create(const struct grouping *grouping, const char *name)
{
	struct sighting *sighting = g_new0(struct sighting, 1);
	int64_t at_wall_ms = 0;

	if (!folder_format_match(grouping->config->folder_format, name, strlen(name), &at_wall_ms))
		return sighting;
	sighting->folder = backup_folder_create(name, at_wall_ms);
	sighting->sizes = g_new(int64_t, grouping->expected->len);
	for (guint i = 0; i < grouping->expected->len; i++)
		sighting->sizes[i] = -1;
	return sighting;
}

static struct sighting *find_sighting(const struct grouping *grouping, const char *rest,
				      size_t length)
{
	g_autofree char *name = g_strndup(rest, length);
	struct sighting *sighting = g_hash_table_lookup(grouping->sightings, name);

	if (sighting)
		return sighting;
	sighting = sighting_create(grouping, name);
	g_hash_table_insert(grouping->sightings, g_steal_pointer(&name), sighting);
	return sighting;
}

static void see_file(const struct grouping *grouping, struct sighting *sighting, const char *file,
		     int64_t size_bytes)
{
	for (guint i = 0; i < grouping->expected->len; i++)
		if (strcmp(grouping->expected->pdata[i], file) == 0)
			sighting->sizes[i] = size_bytes;
}

static void see_object(const struct grouping *grouping, const struct storage_object *object)
{
	const char *rest = object->name + strlen(grouping->config->prefix);
	size_t length = folder_length(rest, folder_format_depth(grouping->config->folder_format));
	struct sighting *sighting = NULL;

	if (length == 0)
		return;
	sighting = find_sighting(grouping, rest, length);
	if (!sighting->folder)
		return;
	/* all sizes of 50,000 objects of 5 TiB: far below INT64_MAX, but the list is not ours */
	if (object->size_bytes <= INT64_MAX - sighting->folder->bytes)
		sighting->folder->bytes += object->size_bytes;
	see_file(grouping, sighting, rest + length + 1, object->size_bytes);
}

/* --- the outcome --- */

static void add_folder(const struct grouping *grouping, struct sighting *sighting)
{
	struct backup_folder *folder = g_steal_pointer(&sighting->folder);
	struct backup_obs *backup = grouping->backup;

	for (guint i = 0; i < grouping->expected->len; i++) {
		if (sighting->sizes[i] < 0)
			g_ptr_array_add(folder->missing, g_strdup(grouping->expected->pdata[i]));
		else if (sighting->sizes[i] == 0)
			g_ptr_array_add(folder->empty, g_strdup(grouping->expected->pdata[i]));
	}
	if (backup->folders_total == 0 || folder->at_wall_ms < backup->oldest_wall_ms)
		backup->oldest_wall_ms = folder->at_wall_ms;
	backup->folders_total++;
	g_ptr_array_add(backup->folders, folder);
}

static gint compare_folders(gconstpointer a, gconstpointer b)
{
	const struct backup_folder *left = *(const struct backup_folder *const *)a;
	const struct backup_folder *right = *(const struct backup_folder *const *)b;

	if (left->at_wall_ms != right->at_wall_ms)
		return left->at_wall_ms > right->at_wall_ms ? -1 : 1;
	return strcmp(right->name, left->name);
}

static void finish(const struct grouping *grouping)
{
	GPtrArray *folders = grouping->backup->folders;
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, grouping->sightings);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct sighting *sighting = value;

		if (sighting->folder)
			add_folder(grouping, sighting);
		else
			grouping->backup->ignored++;
	}
	g_ptr_array_sort(folders, compare_folders);
	if (folders->len > BACKUP_FOLDERS_MAX)
		g_ptr_array_set_size(folders, BACKUP_FOLDERS_MAX);
}

/* Borrowed names; metadata may be among the files already. */
static GPtrArray *expected_files(const struct config_backup *config)
{
	GPtrArray *names = g_ptr_array_new();

	for (char **file = config->files; *file; file++)
		g_ptr_array_add(names, *file);
	if (config->metadata &&
	    !g_strv_contains((const char *const *)config->files, config->metadata))
		g_ptr_array_add(names, config->metadata);
	return names;
}

struct backup_obs *backups_group(const struct config_backup *config, const GPtrArray *objects)
{
	struct grouping grouping = {.config = config, .backup = backup_obs_create()};

	grouping.expected = expected_files(config);
	grouping.sightings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, sighting_free);
	for (guint i = 0; i < objects->len; i++)
		see_object(&grouping, objects->pdata[i]);
	finish(&grouping);
	g_hash_table_unref(grouping.sightings);
	g_ptr_array_unref(grouping.expected);
	return grouping.backup;
}

bool backups_is_complete(const struct backup_folder *folder)
{
	return folder->missing->len == 0 && folder->empty->len == 0;
}

char *backups_metadata_name(const struct config_backup *config, const struct backup_folder *folder)
{
	return g_strconcat(config->prefix, folder->name, "/", config->metadata, NULL);
}

/* --- metadata --- */

static void table_free(gpointer data)
{
	struct backup_table *table = data;

	g_free(table->name);
	g_free(table);
}

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, why);
	return false;
}

static bool fill_table(json_object *object, struct backup_table *table, GError **error)
{
	json_object *rows = NULL;

	if (!decode_text(object, "table_name", BACKUPS_NAME_MAX_BYTES, &table->name, error))
		return false;
	if (!table->name)
		return refuse(error, "table_name is missing");
	if (!json_object_object_get_ex(object, "row_count", &rows))
		return refuse(error, "row_count is missing");
	/* a text or 1.0 is not what was agreed: whoever wrote it may have meant something else */
	if (!json_object_is_type(rows, json_type_int))
		return refuse(error, "row_count is not a whole number");
	return decode_int(object, "row_count", 0, INT64_MAX, &table->rows, error);
}

static bool take_table(json_object *array, size_t index, GHashTable *seen, GPtrArray *tables,
		       GError **error)
{
	json_object *object = NULL;
	struct backup_table *table = NULL;

	if (!decode_element(array, "tables", index, &object, error))
		return false;
	table = g_new0(struct backup_table, 1);
	g_ptr_array_add(tables, table);
	if (!fill_table(object, table, error)) {
		g_prefix_error(error, "tables[%zu]: ", index);
		return false;
	}
	if (g_hash_table_add(seen, table->name))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "table %.200s is there twice",
		    table->name);
	return false;
}

static bool take_tables(json_object *document, GPtrArray *tables, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	json_object *array = NULL;
	size_t count = 0;

	if (!json_object_is_type(document, json_type_object))
		return refuse(error, "not a JSON object");
	if (!decode_array(document, "tables", BACKUPS_TABLES_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	if (count == 0) /* what names nothing vouches for nothing */
		return refuse(error, array ? "tables is empty" : "tables is missing");
	for (size_t i = 0; i < count; i++)
		if (!take_table(array, i, seen, tables, error))
			return false;
	return true;
}

GPtrArray *backups_parse_metadata(const char *bytes, size_t length, GError **error)
{
	json_object *document = json_parse(bytes, length, error);
	GPtrArray *tables = NULL;

	if (!document)
		return NULL;
	tables = g_ptr_array_new_with_free_func(table_free);
	if (!take_tables(document, tables, error))
		g_clear_pointer(&tables, g_ptr_array_unref);
	json_object_put(document);
	return tables;
}

void backups_set_metadata(struct backup_folder *folder, const GPtrArray *tables, const char *error)
{
	folder->metadata_read = true;
	g_free(folder->metadata_error);
	folder->metadata_error = g_strdup(error);
	g_ptr_array_set_size(folder->tables, 0);
	for (guint i = 0; tables && i < tables->len; i++) {
		const struct backup_table *table = tables->pdata[i];
		struct backup_table *copy = g_new0(struct backup_table, 1);

		copy->name = g_strdup(table->name);
		copy->rows = table->rows;
		g_ptr_array_add(folder->tables, copy);
	}
}
