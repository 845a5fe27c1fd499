/* docs_lab - see docs_lab.h */
#include "tests/unit/docs_lab.h"

#include "clk.h"
#include "schedule.h"
#include "source/gcp_access.h"

#include <stdlib.h>
#include <string.h>

/** A test that takes longer than this hangs. */
#define PATIENCE_MS 20000

/** Of one run, on the fake clock. */
#define DEADLINE_MS (30 * MS_PER_S)

struct docs_lab docs_lab;

void docs_lab_open(web_handler_fn handler)
{
	g_autoptr(GError) error = NULL;

	g_unsetenv("http_proxy");
	g_unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
	clk_set_fake(1000, DOCS_LAB_WALL_MS);
	docs_lab = (struct docs_lab){.web = web_start(handler)};
	docs_lab.client = http_client_create(8, &error);
	ck_assert_ptr_nonnull(docs_lab.client);
	docs_lab.gcp = (struct config_gcp){.name = g_strdup("default"),
					   .project = g_strdup("acme"),
					   .credentials = CONFIG_CREDENTIALS_TOKEN,
					   .credentials_token = g_strdup("a-long-secret-token"),
					   .storage_endpoint = g_strdup(docs_lab.web->origin),
					   .bigquery_endpoint = g_strdup(docs_lab.web->origin),
					   .firestore_endpoint = g_strdup(docs_lab.web->origin)};
	docs_lab.config.gcps = g_ptr_array_new();
	g_ptr_array_add(docs_lab.config.gcps, &docs_lab.gcp);
	docs_lab.access = gcp_access_list(docs_lab.client, &docs_lab.config, NULL);
	docs_lab.budget = budget_create();
	budget_set_config(docs_lab.budget, &docs_lab.config);
}

void docs_lab_close(void)
{
	g_clear_pointer(&docs_lab.observations, g_ptr_array_unref);
	backups_memory_free(docs_lab.memory.backups);
	dry_run_memory_free(docs_lab.memory.dry_runs);
	tables_memory_free(docs_lab.memory.tables);
	budget_free(docs_lab.budget);
	g_ptr_array_unref(docs_lab.access);
	http_client_free(docs_lab.client);
	web_stop(docs_lab.web);
	g_ptr_array_unref(docs_lab.config.gcps);
	g_free(docs_lab.gcp.name);
	g_free(docs_lab.gcp.project);
	g_free(docs_lab.gcp.credentials_token);
	g_free(docs_lab.gcp.storage_endpoint);
	g_free(docs_lab.gcp.bigquery_endpoint);
	g_free(docs_lab.gcp.firestore_endpoint);
	clk_clear_fake();
}

static void on_end(void *data, GPtrArray *observations)
{
	GPtrArray **got = data;

	ck_assert_ptr_null(*got);
	*got = observations;
}

/* Only the monotonic clock goes on, if at all: what is due stays due. */
static void wait_for_end(GPtrArray *const *got)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (!*got && g_get_monotonic_time() / 1000 < end_ms) {
		http_client_poll(docs_lab.client, 5, -1);
		clk_set_fake(clk_mono_ms() + docs_lab.step_ms, clk_wall_ms());
	}
	ck_assert_msg(*got, "the run does not end");
}

void docs_lab_look(const struct config_target *const *targets, size_t count)
{
	struct data_run_input input = {.client = docs_lab.client,
				       .postgres = docs_lab.postgres,
				       .config = &docs_lab.config,
				       .access = docs_lab.access,
				       .budget = docs_lab.budget,
				       .memory = &docs_lab.memory,
				       .timeout_ms = 10 * MS_PER_S,
				       .deadline_mono_ms = clk_mono_ms() + DEADLINE_MS};
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	GPtrArray *got = NULL;

	for (size_t i = 0; i < count; i++) {
		union {
			const void *from;
			void *to;
		} pointer = {.from = targets[i]}; /* the array is not const, what it points to is */

		g_ptr_array_add(list, pointer.to);
	}
	data_run_start(data_run_create(&input, list), on_end, &got);
	wait_for_end(&got);
	ck_assert_uint_eq(got->len, count);
	g_clear_pointer(&docs_lab.observations, g_ptr_array_unref);
	docs_lab.observations = got;
}

const struct observation *docs_lab_seen(size_t index)
{
	return docs_lab.observations->pdata[index];
}

const struct fault *docs_lab_fault(size_t index, enum fault_class class, const char *part)
{
	const struct observation *seen = docs_lab_seen(index);

	ck_assert_msg(seen->fault, "%s: seen without a fault", seen->target_id);
	ck_assert(!seen->completion && !seen->backup);
	ck_assert_msg(seen->fault->class == class, "%s: %s", fault_class_text(seen->fault->class),
		      seen->fault->message);
	ck_assert_msg(strstr(seen->fault->message, part), "%s", seen->fault->message);
	return seen->fault;
}

/* --- completion documents --- */

struct config_completion *docs_lab_completion(const char *name, const char *expects,
					      const char *mode_field, const char *done)
{
	struct config_completion *config = g_new0(struct config_completion, 1);
	g_auto(GStrv) words = g_strsplit(expects, " ", -1);
	const char *equals = done ? strchr(done, '=') : NULL;

	config->target.kind = TARGET_KIND_COMPLETION;
	config->target.name = g_strdup(name);
	config->target.id = g_strconcat("completion/", name, NULL);
	config->gcp = &docs_lab.gcp;
	config->project = g_strdup("acme");
	config->document = g_strdup("phase3/{date}");
	config->date_zone = g_strdup("America/New_York");
	config->expect_count = g_strv_length(words);
	config->expects = g_new0(struct config_completion_key, config->expect_count);
	for (size_t i = 0; i < config->expect_count; i++) {
		const char *colon = strchr(words[i], ':');

		if (colon)
			config->expects[i].mode = g_strndup(words[i], (gsize)(colon - words[i]));
		config->expects[i].key = g_strdup(colon ? colon + 1 : words[i]);
	}
	config->mode_field = g_strdup(mode_field);
	if (equals) {
		config->done_field = g_strndup(done, (gsize)(equals - done));
		config->done_values = g_strsplit(equals + 1, "|", -1);
	}
	return config;
}

void docs_lab_set(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

void docs_lab_completion_free(struct config_completion *config)
{
	g_free(config->target.name);
	g_free(config->target.id);
	g_free(config->project);
	g_free(config->document);
	g_free(config->date_zone);
	for (size_t i = 0; i < config->expect_count; i++) {
		g_free(config->expects[i].mode);
		g_free(config->expects[i].key);
	}
	g_free(config->expects);
	g_free(config->mode_field);
	g_free(config->done_field);
	g_strfreev(config->done_values);
	schedule_free(config->expected);
	g_free(config->active_when);
	g_free(config->location);
	g_free(config);
}

char *docs_lab_completion_text(const struct completion_obs *seen)
{
	GString *text = g_string_new(NULL);

	if (seen->mode)
		g_string_append_printf(text, "[%s] ", seen->mode);
	for (guint i = 0; i < seen->keys->len; i++) {
		const struct completion_key *key = seen->keys->pdata[i];

		ck_assert(key->present || !key->done);
		g_string_append_printf(text, "%s%s%s", i ? " " : "", key->name,
				       key->done      ? "+"
				       : key->present ? "!"
						      : "-");
		if (key->actual)
			g_string_append_printf(text, "(%s)", key->actual);
	}
	for (guint i = 0; i < seen->others->len; i++)
		g_string_append_printf(text, "%s %s", i ? "" : " |",
				       (const char *)seen->others->pdata[i]);
	return g_string_free(text, FALSE);
}
