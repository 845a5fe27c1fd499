/* outbox_ledger - see outbox_ledger.h */
#include "tests/faults/outbox_ledger.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/** A request of a driftd that is dead already may be taken this much later: the stand-in answers
 * with latency. */
#define AFTERLIFE_MS 300

/** Check refuses long messages. */
#define SHOWN_MAX_BYTES 2000

/** Something that arrived. */
struct arrival {
	int64_t id; /* of the notification; 0: not told */
	int64_t at_ms;
	char *says;       /* what it is compared by */
	GPtrArray *items; /* char *: "firing service/a" */
};

struct ledger *ledger_create(const struct world *world)
{
	struct ledger *ledger = g_new0(struct ledger, 1);

	ledger->world = world;
	ledger->script = g_ptr_array_new_with_free_func(g_free);
	ledger->kills = g_array_new(FALSE, FALSE, sizeof(int64_t));
	ledger->rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	g_ptr_array_unref(ledger->script);
	g_array_unref(ledger->kills);
	g_hash_table_unref(ledger->rows);
	g_free(ledger);
}

void ledger_add_transition(struct ledger *ledger, const char *kind, const char *target)
{
	g_ptr_array_add(ledger->script, g_strdup_printf("%s %s", kind, target));
}

void ledger_add_kill(struct ledger *ledger, int64_t at_ms)
{
	g_array_append_val(ledger->kills, at_ms);
}

/* --- the database --- */

/** driftd left it as it is: a look must not mend it, so it is a copy that is looked into. */
static sqlite3 *open_copy(const struct ledger *ledger)
{
	static const char *const suffixes[] = {"", "-wal"};
	g_autofree char *copy = world_path(ledger->world, "copy.db");
	sqlite3 *db = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *name = g_strconcat("state/driftd.db", suffixes[i], NULL);
		g_autofree char *from = world_path(ledger->world, name);
		g_autofree char *to = g_strconcat(copy, suffixes[i], NULL);
		g_autofree char *bytes = NULL;
		gsize length = 0;

		if (g_file_get_contents(from, &bytes, &length, NULL))
			ck_assert(g_file_set_contents(to, bytes, (gssize)length, NULL));
		else
			(void)remove(to); /* of the last look; there may be none */
	}
	ck_assert_int_eq(sqlite3_open(copy, &db), SQLITE_OK);
	return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(db));
	return statement;
}

static const char *column(sqlite3_stmt *statement, int index)
{
	const char *text = (const char *)sqlite3_column_text(statement, index); /* UTF-8 */

	return text ? text : "";
}

/** All lines of one column. Caller frees. */
static char *ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = prepare(db, sql);
	GString *lines = g_string_new(NULL);
	int code = SQLITE_ROW;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		g_string_append_printf(lines, "%s%s", lines->len > 0 ? "\n" : "",
				       column(statement, 0));
	ck_assert_msg(code == SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(db));
	(void)sqlite3_finalize(statement); /* repeats the step's result */
	return g_string_free(lines, FALSE);
}

static void expect_answer(sqlite3 *db, const char *sql, const char *wanted)
{
	g_autofree char *got = ask(db, sql);

	ck_assert_msg(g_str_equal(got, wanted), "%s: %.*s", sql, SHOWN_MAX_BYTES, got);
}

/** What was committed once stays what it was; an id means the same thing for ever. */
static void compare_rows(struct ledger *ledger, sqlite3 *db, const char *table, const char *facts)
{
	g_autofree char *sql =
		g_strdup_printf("SELECT '%s ' || id, %s FROM %s", table, facts, table);
	g_autofree char *prefix = g_strconcat(table, " ", NULL);
	sqlite3_stmt *statement = prepare(db, sql);
	guint found = 0, known = 0;
	GHashTableIter iter;
	gpointer name;

	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *before = g_hash_table_lookup(ledger->rows, column(statement, 0));

		ck_assert_msg(!before || g_str_equal(before, column(statement, 1)),
			      "%s was %s and is %s", column(statement, 0), before,
			      column(statement, 1));
		if (!before)
			(void)g_hash_table_insert(ledger->rows, g_strdup(column(statement, 0)),
						  g_strdup(column(statement, 1))); /* is new */
		found++;
	}
	(void)sqlite3_finalize(statement); /* repeats the step's result */
	g_hash_table_iter_init(&iter, ledger->rows);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		known += g_str_has_prefix(name, prefix) ? 1 : 0;
	ck_assert_msg(found == known, "%s: %u rows of %u", table, found, known);
}

static int64_t ask_number(sqlite3 *db, const char *sql)
{
	g_autofree char *text = ask(db, sql);
	gint64 number = 0;

	ck_assert(g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL));
	return number;
}

static void compare_sequence(sqlite3 *db, const char *table, int64_t *largest)
{
	g_autofree char *sql = g_strdup_printf(
		"SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '%s'", table);
	int64_t now = ask_number(db, sql);

	ck_assert_int_ge(now, *largest);
	*largest = now;
}

/** How far it had come. */
static void count_progress(struct ledger *ledger, sqlite3 *db)
{
	static const char transitions[] = "SELECT coalesce(sum(1 + 2 * reopened + (ended_wall_ms "
					  "IS NOT NULL)), 0) FROM incidents";
	static const char waiting[] = "SELECT count(*) FROM notifications WHERE state = 'waiting'";

	if (ask_number(db, transitions) < ledger->script->len)
		ledger->unwritten++;
	else if (ask_number(db, waiting) > 0)
		ledger->untold++;
	else
		ledger->told++;
}

/** Each transition has a message for either channel: folded ones have rows of their own. */
static void expect_together(void *data, sqlite3 *db)
{
	static const char missing[] = "SELECT (SELECT coalesce(sum(1 + 2 * reopened + "
				      "(ended_wall_ms IS NOT NULL)), 0) * 2 FROM "
				      "incidents) - (SELECT count(*) FROM notifications)";

	(void)data;
	ck_assert_msg(ask_number(db, missing) == 0,
		      "%d messages were not written with what they tell",
		      (int)ask_number(db, missing)); /* a few */
}

void ledger_check_database(struct ledger *ledger)
{
	g_autofree char *database = world_path(ledger->world, "state/driftd.db");
	g_autofree char *step = world_path(ledger->world, "step.db");
	sqlite3 *db = open_copy(ledger);

	expect_answer(db, "PRAGMA integrity_check", "ok");
	expect_answer(db, "PRAGMA foreign_key_check", "");
	compare_rows(ledger, db, "incidents", "target_id || ' ' || opened_wall_ms");
	compare_rows(ledger, db, "notifications",
		     "channel || ' ' || kind || ' ' || incidents || ' ' || created_wall_ms");
	compare_sequence(db, "incidents", &ledger->incidents);
	compare_sequence(db, "notifications", &ledger->notifications);
	count_progress(ledger, db);
	ledger->steps += wal_each_step(database, step, &ledger->place, expect_together, NULL);
	(void)sqlite3_close(db); /* only a copy */
}

/* --- arrivals --- */

static void arrival_free(void *data)
{
	struct arrival *arrival = data;

	g_free(arrival->says);
	g_ptr_array_unref(arrival->items);
	g_free(arrival);
}

static struct arrival *arrival_create(json_object *record)
{
	struct arrival *arrival = g_new0(struct arrival, 1);

	arrival->at_ms = json_int_at(record, "at_ms");
	arrival->items = g_ptr_array_new_with_free_func(g_free);
	return arrival;
}

/** The envelope without what may differ from attempt to attempt. */
static struct arrival *read_envelope(json_object *record)
{
	struct arrival *arrival = arrival_create(record);
	json_object *envelope = json_at(record, "json"), *items = json_at(envelope, "items");
	GString *says = g_string_new(NULL);

	ck_assert_msg(json_object_is_type(items, json_type_array), "%.*s", SHOWN_MAX_BYTES,
		      json_text_at(record, "body"));
	arrival->id = json_int_at(envelope, "id");
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		json_object *item = json_object_array_get_idx(items, i);
		char *words = g_strdup_printf("%s %s", json_text_at(item, "kind"),
					      json_text_at(item, "target"));

		g_ptr_array_add(arrival->items, words);
		g_string_append_printf(says, "%s of %" G_GINT64_FORMAT " %s; ", words,
				       json_int_at(item, "incident"),
				       json_text_at(item, "reopened"));
	}
	arrival->says = g_string_free(says, FALSE);
	return arrival;
}

/** The target is what follows "service/" first. Transitions come one by one, so there is one in a
 * message. */
static struct arrival *read_slack(json_object *record)
{
	struct arrival *arrival = arrival_create(record);
	g_autofree char *text = slack_text(record), *target = NULL;
	const char *at = strstr(text, "service/");
	bool closing = strstr(text, "Resolved after ") != NULL;

	ck_assert_msg(at && (closing || strstr(text, "Firing")), "what is this? %.*s",
		      SHOWN_MAX_BYTES, text);
	target = g_strndup(at, strspn(at, "service/0123456789-"));
	arrival->says = g_strdup_printf("%s %s", closing ? "closing" : "firing", target);
	g_ptr_array_add(arrival->items, g_strdup(arrival->says));
	return arrival;
}

static GPtrArray *read_all(const struct answer *records, struct arrival *(*read)(json_object *))
{
	GPtrArray *arrivals = g_ptr_array_new_with_free_func(arrival_free);
	json_object *items = json_at(records->json, "items");

	for (size_t i = 0; i < json_object_array_length(items); i++)
		g_ptr_array_add(arrivals, read(json_object_array_get_idx(items, i)));
	return arrivals;
}

/* --- what came twice --- */

/** A kill between the two copies that explains no other one of this channel. */
static void expect_reason(const struct ledger *ledger, GArray *used, const struct arrival *first,
			  const struct arrival *second)
{
	for (guint i = ledger->kills->len; i > 0; i--) {
		int64_t at_ms = g_array_index(ledger->kills, int64_t, i - 1);
		gboolean *is_used = &g_array_index(used, gboolean, i - 1);

		if (*is_used || at_ms > second->at_ms || at_ms < first->at_ms - AFTERLIFE_MS)
			continue;
		*is_used = TRUE;
		return;
	}
	ck_abort_msg("told twice without a kill between: %s (notification %d)", second->says,
		     (int)second->id); /* shown only */
}

static GArray *make_used(const struct ledger *ledger)
{
	GArray *used = g_array_sized_new(FALSE, TRUE, sizeof(gboolean), ledger->kills->len);

	g_array_set_size(used, ledger->kills->len);
	return used;
}

static void expect_item(const struct ledger *ledger, guint place, const char *item)
{
	ck_assert_msg(place < ledger->script->len, "told beyond the script: %s", item);
	ck_assert_msg(g_str_equal(ledger->script->pdata[place], item),
		      "transition %u is \"%s\", told is \"%s\"", place + 1,
		      (const char *)ledger->script->pdata[place], item);
}

/** By their ids: copies say the same, first copies are the script. */
static int64_t compare_envelopes(const struct ledger *ledger, const GPtrArray *arrivals)
{
	g_autoptr(GHashTable) first = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GArray) used = make_used(ledger);
	int64_t last_id = 0, twice = 0;
	guint place = 0;

	for (guint i = 0; i < arrivals->len; i++) {
		struct arrival *arrival = arrivals->pdata[i];
		const struct arrival *before = g_hash_table_lookup(first, &arrival->id);

		if (before) {
			ck_assert_msg(g_str_equal(before->says, arrival->says),
				      "notification %d is \"%s\" and \"%s\"",
				      (int)arrival->id, /* shown only */
				      before->says, arrival->says);
			expect_reason(ledger, used, before, arrival);
			twice++;
			continue;
		}
		(void)g_hash_table_insert(first, &arrival->id, arrival); /* is new */
		ck_assert_int_gt(arrival->id, last_id);
		last_id = arrival->id;
		for (guint k = 0; k < arrival->items->len; k++)
			expect_item(ledger, place++, arrival->items->pdata[k]);
	}
	ck_assert_msg(place == ledger->script->len, "%u of %u transitions were told", place,
		      ledger->script->len);
	return twice;
}

/** The newest of the same before @p index; NULL. */
static const struct arrival *find_before(const GPtrArray *arrivals, guint index)
{
	const struct arrival *arrival = arrivals->pdata[index];

	for (guint i = index; i > 0; i--) {
		const struct arrival *before = arrivals->pdata[i - 1];

		if (g_str_equal(before->says, arrival->says))
			return before;
	}
	return NULL;
}

/** Without ids: what does not go on with the script must have been told before. */
static int64_t compare_slack(const struct ledger *ledger, const GPtrArray *arrivals)
{
	g_autoptr(GArray) used = make_used(ledger);
	guint place = 0;

	for (guint i = 0; i < arrivals->len; i++) {
		const struct arrival *arrival = arrivals->pdata[i];
		const struct arrival *before = NULL;

		if (place < ledger->script->len &&
		    g_str_equal(ledger->script->pdata[place], arrival->says)) {
			place++;
			continue;
		}
		before = find_before(arrivals, i);
		if (!before)
			expect_item(ledger, place, arrival->says);
		expect_reason(ledger, used, before, arrival);
	}
	ck_assert_msg(place == ledger->script->len, "Slack was told %u of %u transitions", place,
		      ledger->script->len);
	return (int64_t)arrivals->len - place;
}

/* --- all of it --- */

/** The stand-in's file says what its memory says. */
static void compare_log(const struct ledger *ledger, const GPtrArray *arrivals)
{
	g_autofree char *path = world_slack_log(ledger->world), *text = NULL;
	guint lines = 0;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n'))
		lines++;
	ck_assert_uint_eq(lines, arrivals->len);
}

static guint count_firings(const struct ledger *ledger)
{
	guint count = 0;

	for (guint i = 0; i < ledger->script->len; i++)
		count += g_str_has_prefix(ledger->script->pdata[i], "firing ") ? 1 : 0;
	return count;
}

/** Each incident has fired when it began and when it was reopened, and nothing waits or was given up. */
static void compare_database(struct ledger *ledger, const GPtrArray *arrivals)
{
	g_autofree char *firings = g_strdup_printf("%u", count_firings(ledger));
	sqlite3 *db = NULL;

	ledger_check_database(ledger);
	db = open_copy(ledger);
	expect_answer(db, "SELECT sum(1 + reopened) FROM incidents", firings);
	expect_answer(db, "SELECT id FROM notifications WHERE state <> 'sent'", "");
	(void)sqlite3_close(db); /* only a copy */
	for (guint i = 0; i < arrivals->len; i++) {
		const struct arrival *arrival = arrivals->pdata[i];
		g_autofree char *row =
			g_strdup_printf("notifications %" G_GINT64_FORMAT, arrival->id);

		ck_assert_msg(g_hash_table_contains(ledger->rows, row),
			      "told, and not in the database: %s", row);
	}
}

int64_t ledger_check_messages(struct ledger *ledger)
{
	g_autoptr(struct_answer) taken = slack_messages(ledger->world, "team", 0);
	g_autoptr(struct_answer) records = webhook_records(ledger->world, LEDGER_RECEIVER, 0);
	g_autoptr(GPtrArray) slack = read_all(taken, read_slack);
	g_autoptr(GPtrArray) envelopes = read_all(records, read_envelope);
	int64_t twice = compare_envelopes(ledger, envelopes);

	twice += compare_slack(ledger, slack);
	compare_log(ledger, slack);
	compare_database(ledger, envelopes);
	return twice;
}
