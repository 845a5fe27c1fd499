/* command_snapshot - writes the expect-file of an inventory from what is there. */
#include "daemon/commands.h"

#include "daemon/serve.h"
#include "data/snapshot_inventory.h"
#include "drift_error.h"
#include "log.h"

#include <stdio.h>
#include <sys/stat.h>

static GPtrArray *inventory_ids(const struct config *config)
{
	GPtrArray *ids = g_ptr_array_new();

	for (guint i = 0; i < config->inventories->len; i++) {
		const struct config_inventory *inventory = config->inventories->pdata[i];

		g_ptr_array_add(ids, inventory->target.id);
	}
	g_ptr_array_add(ids, NULL);
	return ids;
}

/* "inventory/NAME", or NAME alone. */
static const struct config_inventory *find_inventory(const struct config *config, const char *name,
						     GError **error)
{
	const char *prefix = "inventory/";
	g_autofree char *id =
		g_str_has_prefix(name, prefix) ? g_strdup(name) : g_strconcat(prefix, name, NULL);
	const struct config_target *target = config_find_target(config, id);
	const struct config_inventory *inventory = target ? config_to_inventory(target) : NULL;
	g_autoptr(GPtrArray) ids = NULL;
	g_autofree char *known = NULL;

	if (inventory)
		return inventory;
	ids = inventory_ids(config);
	known = g_strjoinv(", ", (char **)ids->pdata);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
		    "there is no [inventory] section called %s; there %s %s", name,
		    ids->len == 2 ? "is" : "are", *known ? known : "none");
	return NULL;
}

static int count_objects(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	int count = 0;

	for (size_t i = 0; lines[i]; i++)
		count += *lines[i] != '\0' && *lines[i] != '#';
	return count;
}

/* An existing file keeps its mode; a reader sees the old one or the new one. */
static bool write_file(const char *path, const char *text, GError **error)
{
	struct stat before;
	int mode = stat(path, &before) == 0 ? (int)(before.st_mode & 0777) : 0644;
	g_autoptr(GError) why = NULL;

	if (g_file_set_contents_full(path, text, -1,
				     G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
				     mode, &why))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO, "write %s: %s", path, why->message);
	return false;
}

static int snapshot(const struct options *options, struct config *config)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	const struct config_inventory *inventory =
		find_inventory(config, options->argument, &error);

	if (!inventory) {
		commands_complain(error->message);
		return EXIT_USAGE;
	}
	text = snapshot_inventory(config, inventory, &error);
	if (!text || (!options->to_stdout && !write_file(inventory->expect_file, text, &error))) {
		commands_complain(error->message);
		return EXIT_FAILED;
	}
	if (options->to_stdout && isatty(STDOUT_FILENO))
		commands_print(text);
	else if (options->to_stdout)
		(void)fputs(text, stdout); /* a file is read back as it is */
	else
		(void)printf("%s: %d objects of %s written\n", inventory->expect_file,
			     count_objects(text), inventory->target.id);
	return EXIT_OK;
}

int command_snapshot(const struct options *options)
{
	g_autoptr(struct_config) config = commands_load_config(options->config);

	return config ? snapshot(options, config) : EXIT_CONFIG;
}
