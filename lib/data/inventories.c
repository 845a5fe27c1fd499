/* inventories - what should exist against what does; see data/run.h and DESIGN 7. Every inventory
 * is by itself. */
#include "data/catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drift_error.h"

/** One look under way; the run owns it. */
struct look {
	struct errand *errand;
	const struct config_inventory *config;
	struct inventory *expected; /* NULL: what exists is wanted itself */
};

static void look_free(void *data)
{
	struct look *look = data;

	inventory_free(look->expected);
	g_free(look);
}

/* --- the expect-file --- */

static struct fault *fault_of_file(const struct config_inventory *config, const char *why)
{
	return fault_create(FAULT_BROKEN, 0, NULL,
			    "%s: read expect-file %s: %s: write it with: driftd snapshot %s",
			    config->target.id, config->expect_file, why, config->target.id);
}

/* A file of any other kind (a pipe, a device) might never end. */
static bool is_readable(int fd, const char **ret_why)
{
	struct stat status = {0};

	if (fstat(fd, &status) != 0) {
		*ret_why = g_strerror(errno);
		return false;
	}
	*ret_why = !S_ISREG(status.st_mode)                           ? "it is no file"
		   : status.st_size > (off_t)INVENTORY_FILE_MAX_BYTES ? "it has more than 32 MiB"
								      : NULL;
	return *ret_why == NULL;
}

static GByteArray *read_all(int fd, const char **ret_why)
{
	GByteArray *bytes = g_byte_array_new();
	guint8 buffer[64 * 1024];
	ssize_t got = 0;

	while (bytes->len <= INVENTORY_FILE_MAX_BYTES &&
	       (got = read(fd, buffer, sizeof(buffer))) > 0)
		g_byte_array_append(bytes, buffer, (guint)got); /* at most sizeof(buffer) */
	if (got >= 0)
		return bytes; /* one that grew meanwhile is refused by the parser */
	*ret_why = g_strerror(errno);
	g_byte_array_unref(bytes);
	return NULL;
}

static GByteArray *read_file(const char *path, const char **ret_why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	GByteArray *bytes = NULL;

	if (fd < 0) {
		*ret_why = g_strerror(errno);
		return NULL;
	}
	if (is_readable(fd, ret_why))
		bytes = read_all(fd, ret_why);
	(void)close(fd); /* only read */
	return bytes;
}

/* NULL with *ret_fault. It is read at every look: whoever mends it need not tell driftd. */
static struct inventory *read_expected(const struct config_inventory *config,
				       struct fault **ret_fault)
{
	g_autoptr(GError) error = NULL;
	const char *why = NULL;
	g_autoptr(GByteArray) bytes = read_file(config->expect_file, &why);
	struct inventory *expected =
		bytes ? inventory_parse((const char *)bytes->data, bytes->len, &error) : NULL;

	if (!expected)
		*ret_fault = fault_of_file(config, error ? error->message : why);
	return expected;
}

/* --- the look --- */

static struct fault *cannot_count(const struct config_inventory *config, const char *table)
{
	bool is_postgres = config->source == CONFIG_DATA_SOURCE_POSTGRESQL;
	g_autofree char *permission =
		g_strdup_printf("%s on %s", is_postgres ? "SELECT" : "bigquery.tables.get", table);

	return fault_create(
		FAULT_DENIED, 0, permission,
		"%s: count the rows of %s, as expect-file %s wants: %s", config->target.id, table,
		config->expect_file,
		is_postgres ? "the role in dsn may not read all of it (SELECT and USAGE missing, "
			      "or row level "
			      "security), or it is a materialized view that was never filled"
			    : "BigQuery does not say how many there are");
}

static void compare(struct look *look, const struct inventory *actual, struct data_cost cost)
{
	const char *uncounted =
		inventory_find_uncounted(look->expected, actual, look->config->ignores);
	struct inventory_obs *obs = NULL;

	if (uncounted) {
		struct fault *fault = cannot_count(look->config, uncounted);

		errand_fail(look->errand, fault);
		fault_unref(fault);
		return;
	}
	obs = inventory_obs_create();
	inventory_compare(look->expected, actual, look->config->ignores,
			  look->config->report_unexpected, obs);
	obs->cost = cost;
	errand_settle_inventory(look->errand, obs);
}

static void on_catalogue(void *data, struct inventory *inventory, struct fault *fault,
			 struct data_cost cost)
{
	struct look *look = data;

	if (!inventory) {
		errand_fail(look->errand, fault);
		return;
	}
	if (look->expected) {
		compare(look, inventory, cost);
		inventory_free(inventory);
		return;
	}
	*data_run_input(look->errand->run)->ret_inventory = inventory;
	errand_settle_inventory(look->errand, inventory_obs_create());
}

static void start(struct data_run *run, struct errand *errand)
{
	struct look *look = g_new0(struct look, 1);
	struct fault *fault = NULL;

	data_run_own(run, look, look_free);
	look->errand = errand;
	look->config = config_to_inventory(errand->target);
	if (!data_run_input(run)->ret_inventory)
		look->expected = read_expected(look->config, &fault);
	if (fault)
		errand_fail(errand, fault);
	else
		catalogue_read(errand, look->config, look->expected, on_catalogue, look);
	fault_unref(fault);
}

void inventories_collect(struct data_run *run, const GPtrArray *errands)
{
	for (guint i = 0; i < errands->len; i++)
		start(run, errands->pdata[i]);
}
