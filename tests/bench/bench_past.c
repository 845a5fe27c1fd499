/* bench_past - gives a database a past. FROM is of a driftd that has looked once: what it concluded goes
 * into TO (made here), as if it had been so since the last transition that is given; and behind it goes
 * all that is read from standard input, oldest first. Usage: bench_past FROM TO. A line is a word and
 * values, between tabs; an empty one is none, times are milliseconds since 1970:
 *   transition  TARGET AT FROM-STATE TO-STATE RELATION REASONS
 *   deployment  TARGET AT SHA REVISION PERCENT DIGEST COMMITTED
 *   sample      TARGET AT LOADED ROWS BYTES-BILLED
 *   usage       TARGET DAY GCP QUERIES BYTES
 *   incident    TARGET PRIORITY CAUSE STATUS SUMMARY CODES OPENED DETECTED ACKNOWLEDGED BY WHY EXPIRES ENDED */
#include "base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

#define VALUES_MAX 14
#define LINE_MAX_BYTES 8192

struct past {
	struct store_batch *batch;
	GHashTable *last; /* target -> struct store_transition *, borrowed of the batch */
	int64_t incidents;
};

_Noreturn static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_past: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

/* --- a line --- */

static char *text_of(const char *value)
{
	return *value ? g_strdup(value) : NULL;
}

static int64_t number_of(const char *value)
{
	gint64 number = 0;

	if (*value && !g_ascii_string_to_signed(value, 10, -1, INT64_MAX, &number, NULL))
		fail(value, "no number");
	return number;
}

static void add_transition(struct past *past, char *const *values)
{
	struct store_transition *row = store_transition_create();

	row->target = g_strdup(values[1]);
	row->at_wall_ms = number_of(values[2]);
	row->from = text_of(values[3]);
	row->to = g_strdup(values[4]);
	row->relation = text_of(values[5]);
	row->reasons = g_strdup(values[6]);
	g_ptr_array_add(past->batch->transitions, row);
	(void)g_hash_table_insert(past->last, row->target, row);
}

static void add_deployment(struct past *past, char *const *values)
{
	struct store_deployment *row = store_deployment_create();

	row->target = g_strdup(values[1]);
	row->at_wall_ms = number_of(values[2]);
	row->sha = g_strdup(values[3]);
	row->revision = text_of(values[4]);
	row->percent = (int)number_of(values[5]);
	row->digest = text_of(values[6]);
	row->committed_wall_ms = number_of(values[7]);
	g_ptr_array_add(past->batch->deployments, row);
}

static void add_sample(struct past *past, char *const *values)
{
	struct store_sample *row = store_sample_create();

	row->target = g_strdup(values[1]);
	row->at_wall_ms = number_of(values[2]);
	row->loaded_wall_ms = number_of(values[3]);
	row->rows = number_of(values[4]);
	row->bytes_billed = number_of(values[5]);
	g_ptr_array_add(past->batch->samples, row);
}

static void add_usage(struct past *past, char *const *values)
{
	struct store_usage *row = store_usage_create();

	row->target = g_strdup(values[1]);
	row->day = g_strdup(values[2]);
	row->gcp = g_strdup(values[3]);
	row->queries = number_of(values[4]);
	row->bytes_processed = number_of(values[5]);
	row->bytes_billed = row->bytes_processed;
	g_ptr_array_add(past->batch->usages, row);
}

static void add_incident(struct past *past, char *const *values)
{
	struct store_incident *row = store_incident_create();

	row->id = ++past->incidents;
	row->target = g_strdup(values[1]);
	row->priority = g_strdup(values[2]);
	row->cause = g_strdup(values[3]);
	row->status = g_strdup(values[4]);
	row->summary = g_strdup(values[5]);
	row->codes = g_strdup(values[6]);
	row->told = g_strdup("[]");
	row->opened_wall_ms = number_of(values[7]);
	row->detected_wall_ms = number_of(values[8]);
	row->acknowledged_wall_ms = number_of(values[9]);
	row->first_ack_wall_ms = row->acknowledged_wall_ms;
	row->acknowledged_by = text_of(values[10]);
	row->why = text_of(values[11]);
	row->ack_expires_wall_ms = number_of(values[12]);
	row->ended_wall_ms = number_of(values[13]);
	row->version = 1;
	g_ptr_array_add(past->batch->alerts->incidents, row);
}

static void add_line(struct past *past, const char *line)
{
	static const struct {
		const char *word;
		guint values;
		void (*add)(struct past *past, char *const *values);
	} kinds[] = {
		{"transition", 7, add_transition}, {"deployment", 8, add_deployment},
		{"sample", 6, add_sample},         {"usage", 6, add_usage},
		{"incident", 14, add_incident},
	};
	g_auto(GStrv) values = g_strsplit(line, "\t", VALUES_MAX + 1);

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].word, values[0]) == 0) {
			if (g_strv_length(values) != kinds[i].values)
				fail(line, "not as many values as it has");
			kinds[i].add(past, values);
			return;
		}
	fail(line, "no such word");
}

static void read_lines(struct past *past)
{
	static char line[LINE_MAX_BYTES];

	while (fgets(line, sizeof(line), stdin)) {
		char *end = strchr(line, '\n');

		if (!end)
			fail(line, "the line has no end");
		*end = '\0';
		add_line(past, line);
	}
	if (ferror(stdin))
		fail("standard input", "cannot be read");
}

/* --- what holds now --- */

/* It has been so since the last transition: what is told of the past must lead there. */
static void take_verdicts(struct past *past, GPtrArray *verdicts)
{
	for (guint i = 0; i < verdicts->len; i++) {
		struct store_verdict *row = verdicts->pdata[i];
		const struct store_transition *last = g_hash_table_lookup(past->last, row->target);

		if (last && strcmp(last->to, row->state) != 0)
			fail(row->target, row->state);
		if (last)
			row->since_wall_ms = last->at_wall_ms;
	}
	g_ptr_array_extend_and_steal(past->batch->verdicts, verdicts);
}

static void take_now(struct past *past, const char *path)
{
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(path, &error);
	GPtrArray *verdicts = store ? store_load_verdicts(store, &error) : NULL;
	GPtrArray *observations = verdicts ? store_load_observations(store, &error) : NULL;

	if (!observations)
		fail(path, error->message);
	take_verdicts(past, verdicts);
	g_ptr_array_extend_and_steal(past->batch->observations, observations);
	store_close(store);
}

static void write_all(struct past *past, const char *path)
{
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(path, &error);

	past->batch->cycle.trigger = g_strdup("start");
	past->batch->cycle.started_wall_ms = g_get_real_time() / 1000;
	past->batch->cycle.summary = g_strdup("{}");
	if (!store || !store_commit_batch(store, past->batch, &error))
		fail(path, error->message);
	store_close(store);
}

int main(int argc, char **argv)
{
	struct past past = {.batch = store_batch_create(),
			    .last = g_hash_table_new(g_str_hash, g_str_equal)};

	if (argc != 3)
		fail("usage", "bench_past FROM TO <LINES");
	read_lines(&past);
	take_now(&past, argv[1]);
	write_all(&past, argv[2]);
	g_hash_table_unref(past.last);
	store_batch_free(past.batch);
	return EXIT_SUCCESS;
}
