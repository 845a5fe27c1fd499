/* backup - is there a backup that could be restored? See data.h; DESIGN 5 and 8, LESSONS L16. */
#include "eval/data_private.h"

#include <string.h>

#include "dur.h"
#include "timefmt.h"

/* A folder this young may still be being written. */
#define WRITING_MS (15 * MS_PER_MINUTE)

/* Rows must not fall below this share of the backup before. */
#define SHRUNK_PCT 50

/* Names in a message, and folders in the detail. */
#define NAMES_MAX 5
#define RESTORABLE_MAX 100

/* Everything while one backup is judged. */
struct backup_making {
	struct finding_sink *sink;
	const struct config_backup *config;
	const struct backup_obs *seen;
	const struct backup_folder *newest;   /* of all; NULL: none */
	const struct backup_folder *complete; /* newest complete one; NULL: none */
	const struct backup_folder *previous; /* the complete one before it; NULL: none */
	char *place;                          /* "gs://bucket/prefix" */
	bool is_shrunk;                       /* the newest complete one holds too little */
};

static bool is_complete(const struct backup_folder *folder)
{
	return folder->missing->len == 0 && folder->empty->len == 0;
}

static void find_folders(struct backup_making *making)
{
	for (guint i = 0; i < making->seen->folders->len; i++) {
		const struct backup_folder *folder = making->seen->folders->pdata[i];

		if (!making->newest)
			making->newest = folder;
		if (!is_complete(folder))
			continue;
		if (!making->complete)
			making->complete = folder;
		else if (!making->previous)
			making->previous = folder;
	}
}

/* --- age --- */

static void add_stale(struct backup_making *making, enum state state)
{
	g_autofree char *max_age = dur_format(making->config->max_age_ms);
	struct reason *reason;

	if (making->complete)
		reason = reason_create(REASON_BACKUP_STALE, state,
				       "the newest complete backup in %s is %s, longer ago than "
				       "max-age = %s: see what writes them",
				       making->place, making->complete->name, max_age);
	else
		reason = reason_create(REASON_BACKUP_STALE, state,
				       "no complete backup is in %s: %" PRId64
				       " folder%s named %s, %" PRId64 " other%s ignored",
				       making->place, making->seen->folders_total,
				       data_plural(making->seen->folders_total),
				       making->config->folder_format, making->seen->ignored,
				       data_plural(making->seen->ignored));
	reason_add_text(reason, "folder", making->complete ? making->complete->name : NULL);
	data_add_time(reason, "complete_at", making->complete ? making->complete->at_wall_ms : 0);
	reason_add_number(reason, "max_age_s", making->config->max_age_ms / MS_PER_S);
	finding_add(making->sink, reason);
}

static void judge_age(struct backup_making *making)
{
	int64_t stale_wall_ms;

	if (!making->complete) {
		add_stale(making, STATE_DRIFT);
		return;
	}
	stale_wall_ms = making->complete->at_wall_ms + making->config->max_age_ms;
	finding_changes_at(making->sink, stale_wall_ms);
	if (making->sink->input->now_wall_ms >= stale_wall_ms)
		add_stale(making, data_clock_state(making->sink, stale_wall_ms));
}

/* A name of the future says nothing about an age, and would stay the newest one. */
static void judge_future(struct backup_making *making)
{
	int64_t limit = making->sink->input->observation->observed_wall_ms + DATA_FUTURE_MS;
	struct reason *reason;

	if (!making->newest || making->newest->at_wall_ms <= limit)
		return;
	reason =
		reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
			      "folder %s in %s is named after a time that has not come: names must "
			      "be in UTC. Rename or remove it",
			      making->newest->name, making->place);
	reason_add_text(reason, "folder", making->newest->name);
	finding_add(making->sink, reason);
}

/* --- files --- */

static char *names_of(const GPtrArray *names)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < names->len; i++)
		data_append_name(text, i, NAMES_MAX, names->pdata[i]);
	return g_string_free(text, FALSE);
}

static void judge_files(struct backup_making *making)
{
	const struct backup_folder *newest = making->newest;
	g_autofree char *missing = NULL;
	g_autofree char *empty = NULL;
	struct reason *reason;

	if (!newest || is_complete(newest))
		return;
	missing = names_of(newest->missing);
	empty = names_of(newest->empty);
	reason =
		reason_create(REASON_BACKUP_INCOMPLETE,
			      data_clock_state(making->sink, newest->at_wall_ms + WRITING_MS),
			      "backup %s in %s is incomplete: %s%s%s%s%s; %s%s", newest->name,
			      making->place, newest->missing->len > 0 ? "missing " : "", missing,
			      newest->missing->len > 0 && newest->empty->len > 0 ? ", " : "",
			      newest->empty->len > 0 ? "empty " : "", empty,
			      making->complete ? "the newest complete one is " : "none is complete",
			      making->complete ? making->complete->name : "");
	reason_add_text(reason, "folder", newest->name);
	reason_add_text(reason, "missing", newest->missing->len > 0 ? missing : NULL);
	reason_add_text(reason, "empty", newest->empty->len > 0 ? empty : NULL);
	finding_add(making->sink, reason);
}

/* --- what metadata says --- */

static void add_unreadable(struct backup_making *making)
{
	const struct backup_folder *folder = making->complete;
	struct reason *reason = reason_create(REASON_BACKUP_UNREADABLE, STATE_DRIFT,
					      "%s of backup %s in %s cannot be understood: %s",
					      making->config->metadata, folder->name, making->place,
					      folder->metadata_error);

	reason_add_text(reason, "folder", folder->name);
	finding_add(making->sink, reason);
}

static void add_unread(struct backup_making *making)
{
	struct reason *reason =
		reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN,
			      "%s of backup %s in %s was not read: wait for the next check",
			      making->config->metadata, making->complete->name, making->place);

	reason_add_text(reason, "folder", making->complete->name);
	finding_add(making->sink, reason);
}

/* Tables by name: there may be many. Caller unrefs. */
static GHashTable *index_tables(const struct backup_folder *folder)
{
	GHashTable *tables = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < folder->tables->len; i++) {
		struct backup_table *table = folder->tables->pdata[i];

		g_hash_table_insert(tables, table->name, table);
	}
	return tables;
}

struct shrunk {
	guint count;
	GString *text;
};

static void add_shrunk_table(struct shrunk *shrunk, const char *name, int64_t rows,
			     const struct backup_table *before)
{
	g_autofree char *text = before ? g_strdup_printf("%s %" PRId64 " rows after %" PRId64, name,
							 rows, before->rows)
				       : g_strdup_printf("%s %" PRId64 " rows", name, rows);

	data_append_name(shrunk->text, shrunk->count++, NAMES_MAX, text);
}

static bool is_shrunk(int64_t rows, const struct backup_table *before)
{
	return rows <= 0 || (before && (double)rows < (double)before->rows * SHRUNK_PCT / 100);
}

static void compare_tables(const struct backup_making *making, struct shrunk *shrunk)
{
	const struct backup_folder *now = making->complete, *then = making->previous;
	bool comparable = then && then->metadata_read && !then->metadata_error;
	g_autoptr(GHashTable) old = comparable ? index_tables(then) : NULL;
	g_autoptr(GHashTable) new = index_tables(now);

	for (guint i = 0; i < now->tables->len; i++) {
		const struct backup_table *table = now->tables->pdata[i];
		const struct backup_table *before =
			old ? g_hash_table_lookup(old, table->name) : NULL;

		if (is_shrunk(table->rows, before))
			add_shrunk_table(shrunk, table->name, table->rows, before);
	}
	for (guint i = 0; comparable && i < then->tables->len; i++) {
		const struct backup_table *table = then->tables->pdata[i];

		if (!g_hash_table_contains(new, table->name))
			add_shrunk_table(shrunk, table->name, 0, table);
	}
}

static void judge_tables(struct backup_making *making)
{
	struct shrunk shrunk = {.text = g_string_new(NULL)};
	struct reason *reason = NULL;

	compare_tables(making, &shrunk);
	if (making->complete->tables->len == 0)
		reason = reason_create(
			REASON_BACKUP_SHRUNK, STATE_DRIFT, "%s of backup %s in %s names no table",
			making->config->metadata, making->complete->name, making->place);
	else if (shrunk.count > 0)
		reason = reason_create(
			REASON_BACKUP_SHRUNK, STATE_DRIFT,
			"backup %s in %s holds too little: %s; at least one row, and "
			"%d %% of the backup before, are expected",
			making->complete->name, making->place, shrunk.text->str, SHRUNK_PCT);
	making->is_shrunk = reason != NULL;
	if (reason) {
		reason_add_text(reason, "folder", making->complete->name);
		reason_add_text(reason, "before", making->previous ? making->previous->name : NULL);
		reason_add_number(reason, "tables", shrunk.count);
		finding_add(making->sink, reason);
	}
	(void)g_string_free(shrunk.text, TRUE); /* NULL, as it is freed */
}

static void judge_metadata(struct backup_making *making)
{
	if (!making->config->metadata || !making->complete)
		return;
	if (making->complete->metadata_error)
		add_unreadable(making);
	else if (!making->complete->metadata_read)
		add_unread(making);
	else
		judge_tables(making);
}

/* --- retention --- */

static void judge_retention(struct backup_making *making)
{
	int64_t oldest = making->seen->oldest_wall_ms;
	g_autofree char *retention = dur_format(making->config->retention_ms);
	char text[TIMEFMT_BYTES];
	struct reason *reason;

	if (making->config->retention_ms == 0 || oldest == 0)
		return;
	finding_changes_at(making->sink, oldest + making->config->retention_ms);
	if (making->sink->input->now_wall_ms < oldest + making->config->retention_ms)
		return;
	reason = reason_create(REASON_RETENTION_EXCEEDED, STATE_PENDING,
			       "the oldest backup in %s is of %s, longer ago than retention = %s: "
			       "remove it, or see what should have removed it",
			       making->place, timefmt_utc(oldest, text), retention);
	data_add_time(reason, "oldest_at", oldest);
	reason_add_number(reason, "retention_s", making->config->retention_ms / MS_PER_S);
	finding_add(making->sink, reason);
}

/* --- detail --- */

/* By itself: with nothing to compare it with. */
static bool holds_nothing(const struct backup_folder *folder)
{
	for (guint i = 0; i < folder->tables->len; i++)
		if (is_shrunk(((const struct backup_table *)folder->tables->pdata[i])->rows, NULL))
			return true;
	return folder->tables->len == 0;
}

/* Nothing that is known speaks against it. */
static bool is_restorable(const struct backup_making *making, const struct backup_folder *folder)
{
	if (!is_complete(folder) || folder->metadata_error ||
	    (folder->metadata_read && holds_nothing(folder)))
		return false;
	return folder != making->complete || !making->is_shrunk;
}

static void add_restorable(struct verdict_detail *detail, const struct backup_folder *folder)
{
	g_autofree char *bytes = g_strdup_printf("%" PRId64, folder->bytes);
	g_autofree char *rows = NULL;
	char at[TIMEFMT_BYTES];
	int64_t sum = 0;
	const char *cells[5];

	for (guint i = 0; i < folder->tables->len; i++) {
		int64_t add = ((const struct backup_table *)folder->tables->pdata[i])->rows;

		sum = add > 0 && sum > INT64_MAX - add ? INT64_MAX : sum + MAX(add, 0);
	}
	if (folder->metadata_read)
		rows = g_strdup_printf("%" PRId64, sum);
	cells[0] = folder->name;
	cells[1] = timefmt_utc(folder->at_wall_ms, at);
	cells[2] = bytes;
	cells[3] = rows;
	cells[4] = folder->metadata_read ? "yes" : "no";
	verdict_detail_row(detail, cells);
}

static void add_detail(struct backup_making *making)
{
	static const char *const columns[] = {"folder", "at", "bytes", "rows", "verified", NULL};
	const struct backup_obs *seen = making->seen;
	struct verdict_detail *detail = verdict_detail_add(making->sink->verdict, "backup");

	verdict_detail_text(detail, "newest", making->newest ? making->newest->name : NULL);
	verdict_detail_time(detail, "newest_at", making->newest ? making->newest->at_wall_ms : 0);
	verdict_detail_text(detail, "latest_complete",
			    making->complete ? making->complete->name : NULL);
	verdict_detail_time(detail, "latest_complete_at",
			    making->complete ? making->complete->at_wall_ms : 0);
	detail->aged_wall_ms = making->complete ? making->complete->at_wall_ms : 0;
	verdict_detail_number(detail, "max_age_s", making->config->max_age_ms / MS_PER_S);
	verdict_detail_number(detail, "folders", seen->folders_total);
	verdict_detail_number(detail, "ignored", seen->ignored);
	verdict_detail_list(detail, "restorable", columns);
	verdict_detail_set_type(detail, "bytes", DATUM_TYPE_NUMBER);
	verdict_detail_set_type(detail, "rows", DATUM_TYPE_NUMBER);
	verdict_detail_set_type(detail, "verified", DATUM_TYPE_BOOLEAN);
	for (guint i = 0; i < seen->folders->len; i++) {
		const struct backup_folder *folder = seen->folders->pdata[i];

		if (!is_restorable(making, folder))
			continue;
		if (detail->rows_total++ < RESTORABLE_MAX)
			add_restorable(detail, folder);
	}
}

static void make_seen(struct finding_sink *sink)
{
	const struct config_backup *config = config_to_backup(sink->input->target);
	struct backup_making making = {
		.sink = sink,
		.config = config,
		.seen = sink->input->observation->backup,
		.place = g_strdup_printf("gs://%s/%s", config->bucket, config->prefix),
	};

	find_folders(&making);
	judge_future(&making);
	judge_age(&making);
	judge_files(&making);
	judge_metadata(&making);
	judge_retention(&making);
	add_detail(&making);
	g_free(making.place);
}

struct verdict *eval_backup(const struct eval_input *input)
{
	struct finding_sink sink;
	struct verdict *paused;

	if (!frame_begin(&sink, input, &paused))
		return paused;
	if (data_is_seen(&sink))
		make_seen(&sink);
	return frame_end(&sink);
}
