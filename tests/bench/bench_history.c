/* bench_history - pages of long lists, over HTTP, by cursors; their peer is the same SQLite file asked
 * with OFFSET, as lists without cursors are. Usage: bench_history fill DATABASE ROWS makes the rows (of
 * a database that is there), bench_history measure DATABASE ROWS URL asks for pages. */
#include "base.h"

#include <curl/curl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/cursor.h"

#define PAGE 100
#define PAGES 41 /* asked for at each depth; the median is told */
#define OFFSETS 5

_Noreturn static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_history: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static double now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* exists */
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static sqlite3 *open_database(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		fail(path, sqlite3_errmsg(db));
	(void)sqlite3_busy_timeout(db, 10000); /* cannot fail on an open one */
	return db;
}

/* --- rows: of the last 60 days, the newest last, so that none is pruned --- */

#define EACH "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) "
#define AT "(?2 - (?1 - i) * (60 * 86400000.0 / ?1))"
#define TARGET "(SELECT id FROM targets WHERE target = 'service/long')"

static const char *const fills[] = {
	"INSERT OR IGNORE INTO targets (target) SELECT 'service/long' WHERE ?1 + ?2 > 0",
	EACH
	"INSERT INTO transitions (target_id, at_wall_ms, from_state, to_state, relation, reasons)"
	" SELECT " TARGET ", cast(" AT " AS INTEGER), iif(i % 2, 'ok', 'drift'),"
	" iif(i % 2, 'drift', 'ok'), 'behind', '[\"behind\"]' FROM n",
	EACH "INSERT INTO deployments (target_id, at_wall_ms, sha, revision, percent, began)"
	     " SELECT " TARGET ", cast(" AT
	     " AS INTEGER), printf('%040x', i), printf('rev-%08d', i),"
	     " 100, 1 FROM n",
	EACH "INSERT INTO incidents (id, target_id, priority, cause, status, summary, codes, told,"
	     " opened_wall_ms, detected_wall_ms, ended_wall_ms, false_alarm, reopened, version)"
	     " SELECT i, " TARGET
	     ", 'P1', 'drift', 'resolved', '4 commits behind', '[\"behind\"]', '[]',"
	     " cast(" AT " AS INTEGER), cast(" AT " AS INTEGER), cast(" AT
	     " AS INTEGER), 0, 0, 1 FROM n",
	EACH "INSERT INTO notifications (id, channel, kind, incidents, created_wall_ms, state,"
	     " attempts_total, next_wall_ms, plain)"
	     " SELECT i, 'slack/default', 'firing', '[1]', cast(" AT " AS INTEGER), 'sent', 1, 0, 0"
	     " FROM n",
	EACH "INSERT INTO attempts (notification_id, number, at_wall_ms, status)"
	     " SELECT i, 1, cast(" AT " AS INTEGER), 200 FROM n",
};

static void run_fill(sqlite3 *db, const char *sql, int64_t rows, int64_t now)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_bind_int64(statement, 1, rows) != SQLITE_OK ||
	    sqlite3_bind_int64(statement, 2, now) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_DONE)
		fail(sql, sqlite3_errmsg(db));
	(void)sqlite3_finalize(statement); /* repeats the step's error */
}

static void fill(const char *path, int64_t rows)
{
	sqlite3 *db = open_database(path);
	int64_t now = (int64_t)time(NULL) * 1000;

	for (size_t i = 0; i < G_N_ELEMENTS(fills); i++)
		run_fill(db, fills[i], rows, now);
	(void)sqlite3_close(db); /* nothing is left of it */
}

/* --- pages --- */

static size_t drop(char *bytes, size_t size, size_t count, void *data)
{
	GString *to = data;

	g_string_append_len(to, bytes, (gssize)(size * count));
	return size * count;
}

/* How long a page takes; it must be full. */
static double ask(CURL *easy, const char *url, const char *key)
{
	g_autoptr(GString) body = g_string_new(NULL);
	double began = now_ms(), took_ms = 0;
	long status = 0;
	size_t count = 0;

	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
	if (curl_easy_perform(easy) != CURLE_OK)
		fail(url, "no answer");
	took_ms = now_ms() - began;
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	for (const char *at = body->str; (at = strstr(at, key)); at++)
		count++;
	if (status != 200 || count < PAGE)
		fail(url, body->str);
	return took_ms;
}

struct list {
	const char *name, *path, *key; /* key: once for each row */
	const char *offset;            /* the same page with OFFSET ?1 */
};

static const struct list lists[] = {
	{"/history (two lists of that many rows)", "/history/service/long?limit=100",
	 "\"relation\"",
	 "SELECT id, at_wall_ms, from_state, to_state, relation, reasons FROM transitions"
	 " WHERE target_id = " TARGET " ORDER BY id DESC LIMIT 100 OFFSET ?1"},
	{"/incidents", "/incidents?limit=100", "\"cause\"",
	 "SELECT * FROM incidents ORDER BY id DESC LIMIT 100 OFFSET ?1"},
	{"/incidents?status=", "/incidents?limit=100&status=resolved&status=withdrawn", "\"cause\"",
	 "SELECT * FROM incidents WHERE status IN ('resolved', 'withdrawn')"
	 " ORDER BY id DESC LIMIT 100 OFFSET ?1"},
	{"/notifications", "/notifications?limit=100", "\"channel\"",
	 "SELECT * FROM notifications ORDER BY id DESC LIMIT 100 OFFSET ?1"},
};

static char *cursor_at(const struct list *list, int64_t id)
{
	struct cursor_history place = {.transition = id, .deployment = id, .sample = 1};

	if (g_str_has_prefix(list->path, "/history"))
		return cursor_of_history(&place);
	return cursor_of_id(g_str_has_prefix(list->path, "/incidents") ? CURSOR_LIST_INCIDENTS
								       : CURSOR_LIST_NOTIFICATIONS,
			    id);
}

static double page_ms(CURL *easy, const struct list *list, const char *url, int64_t id)
{
	double times[PAGES];

	for (int i = 0; i < PAGES; i++) {
		/* another page each time: none is a copy of the one before */
		g_autofree char *cursor = cursor_at(list, id - i);
		g_autofree char *whole = g_strconcat(url, list->path, "&cursor=", cursor, NULL);

		times[i] = ask(easy, whole, list->key);
	}
	return median(times, PAGES);
}

static double offset_ms(sqlite3 *db, const struct list *list, int64_t offset)
{
	double times[OFFSETS];

	for (int i = 0; i < OFFSETS; i++) {
		sqlite3_stmt *statement = NULL;
		double began = now_ms();

		if (sqlite3_prepare_v2(db, list->offset, -1, &statement, NULL) != SQLITE_OK ||
		    sqlite3_bind_int64(statement, 1, offset) != SQLITE_OK)
			fail(list->offset, sqlite3_errmsg(db));
		while (sqlite3_step(statement) == SQLITE_ROW)
			continue;
		(void)sqlite3_finalize(statement); /* a failed one is fast, and seen as such */
		times[i] = now_ms() - began;
	}
	return median(times, OFFSETS);
}

static void measure_list(CURL *easy, sqlite3 *db, const struct list *list, const char *url,
			 int64_t rows)
{
	static const char *const names[] = {"begin", "middle", "end"};
	const int64_t ids[] = {rows - 1, rows / 2, PAGE + PAGES + 1};
	double ours[3], theirs[3];

	for (size_t i = 0; i < 3; i++) {
		ours[i] = page_ms(easy, list, url, ids[i]);
		theirs[i] = offset_ms(db, list, rows - ids[i]);
	}
	printf("%s:", list->name);
	for (size_t i = 0; i < 3; i++)
		printf(" %s %.2f ms (OFFSET %.2f ms: ratio %.4f)%s", names[i], ours[i], theirs[i],
		       ours[i] / theirs[i], i < 2 ? "," : "");
	printf("; end / begin %.2f, by OFFSET %.0f\n", ours[2] / ours[0], theirs[2] / theirs[0]);
}

static void measure(const char *path, int64_t rows, const char *url)
{
	CURL *easy = curl_easy_init();
	sqlite3 *db = open_database(path);

	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		measure_list(easy, db, &lists[i], url, rows);
	curl_easy_cleanup(easy);
	(void)sqlite3_close(db); /* nothing is left of it */
}

int main(int argc, char **argv)
{
	gint64 rows = 0;

	if (argc < 4 || !g_ascii_string_to_signed(argv[3], 10, 1000, 100000000, &rows, NULL))
		fail("usage", "bench_history fill DATABASE ROWS, or measure DATABASE ROWS URL");
	if (strcmp(argv[1], "fill") == 0)
		fill(argv[2], rows);
	else if (argc == 5)
		measure(argv[2], rows, argv[4]);
	else
		fail("usage", "measure wants an URL");
	return EXIT_SUCCESS;
}
