/* dry_run - see dry_run.h */
#include "data/dry_run.h"

#include <string.h>

#include "clk.h"

/* --- memory --- */

struct dry_run_memory *dry_run_memory_get(struct data_run *run)
{
	struct data_memory *memory = data_run_input(run)->memory;

	if (!memory->dry_runs) {
		memory->dry_runs = g_new0(struct dry_run_memory, 1);
		memory->dry_runs->known =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	}
	return memory->dry_runs;
}

void dry_run_memory_free(struct dry_run_memory *memory)
{
	if (!memory)
		return;
	g_hash_table_unref(memory->known);
	active_memory_unref(memory->active);
	g_free(memory);
}

char *dry_run_key(const char *first, const char *second, const char *third, const char *sql)
{
	const char *const parts[] = {first, second, third ? third : "", sql};
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	char *key = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) /* each with the NUL that ends it */
		g_checksum_update(sum, (const guchar *)parts[i], (gssize)strlen(parts[i]) + 1);
	key = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return key;
}

bool dry_run_recall(GHashTable *known, const char *key, int64_t *ret_bytes)
{
	const int64_t *bytes = g_hash_table_lookup(known, key);

	if (bytes)
		*ret_bytes = *bytes;
	return bytes != NULL;
}

void dry_run_remember(GHashTable *known, const char *key, int64_t bytes)
{
	int64_t *copy = g_new0(int64_t, 1);

	*copy = bytes;
	if (g_hash_table_size(known) >= DRY_RUN_KNOWN_MAX)
		g_hash_table_remove_all(known);
	g_hash_table_insert(known, g_strdup(key), copy);
}

/* --- before anything is billed --- */

struct dry_run_cap dry_run_cap_of(const struct config_target *target)
{
	const struct config_table *table = config_to_table(target);
	const struct config_assert *assertion = config_to_assert(target);
	int64_t given = table       ? table->max_bytes_billed
			: assertion ? assertion->max_bytes_billed
				    : 0;

	return (struct dry_run_cap){.bytes = given > 0 ? given : CONFIG_MAX_BYTES_BILLED,
				    .has_setting = table || assertion,
				    .is_given = given > 0};
}

int64_t dry_run_estimate(const struct bigquery_result *dry_run)
{
	int64_t tables = (int64_t)dry_run->tables->len; /* at most 10,000 */
	int64_t least = 0;

	if (dry_run->bytes_processed > 0) /* INFORMATION_SCHEMA is not named among them */
		tables = MAX(tables, 1);
	least = BIGQUERY_BYTES_MIN * tables;
	return MAX(least, dry_run->bytes_processed);
}

/* In the words that a table has for it. */
static struct fault *over_cap(const char *what, int64_t bytes, struct dry_run_cap cap)
{
	g_autofree char *needed = budget_bytes_text(bytes);
	g_autofree char *allowed = budget_bytes_text(cap.bytes);

	if (!cap.has_setting)
		return fault_create(FAULT_OVER_BUDGET, 0, NULL,
				    "%s: its query would bill about %s, and an active-when without "
				    "max-bytes-billed may bill %s; narrow its SQL",
				    what, needed, allowed);
	return fault_create(
		FAULT_OVER_BUDGET, 0, NULL,
		"%s: its query would bill about %s, and max-bytes-billed is %s%s; narrow "
		"its SQL, or raise it",
		what, needed, allowed, cap.is_given ? "" : " unless set");
}

struct fault *dry_run_judge(struct data_run *run, const struct config_gcp *gcp, const char *what,
			    const struct bigquery_result *dry_run, struct dry_run_cap cap)
{
	int64_t bytes = dry_run_estimate(dry_run);
	g_autofree char *why = NULL;

	if (!dry_run->statement_type)
		return fault_create(
			FAULT_BAD_ANSWER, 0, NULL,
			"%s: BigQuery does not say what kind of statement it is: not run", what);
	if (strcmp(dry_run->statement_type, "SELECT") != 0)
		return fault_create(FAULT_BROKEN, 0, NULL,
				    "%s: a %s statement is not run: write one SELECT", what,
				    dry_run->statement_type);
	if (bytes > cap.bytes)
		return over_cap(what, bytes, cap);
	if (!budget_allows(data_run_input(run)->budget, gcp, bytes, clk_wall_ms(), &why))
		return fault_create(FAULT_OVER_BUDGET, 0, NULL,
				    "%s: %s; raise daily-bytes, or its every", what, why);
	return NULL;
}

struct fault *dry_run_fault(struct fault *fault)
{
	if (fault->class != FAULT_NOT_FOUND)
		return fault_ref(fault);
	return fault_create(FAULT_BROKEN, fault->status, NULL, "%s", fault->message);
}
