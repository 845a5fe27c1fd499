/* Looks at BigQuery inventories: the expect-file, one query per dataset, what is missing and what
 * could not be told. */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clk.h"
#include "data/inventory.h"
#include "drift_error.h"
#include "tests/unit/inventory_lab.h"
#include "tests/unit/web_fixture.h"

Suite *inventories_suite(void);

static struct inventory_lab lab;
static struct web *web;

/* What the stand-in says about dataset "b": 200, or another status with a reason and a message. */
enum mood {
	MOOD_FINE,
	MOOD_GONE,      /* neither the query nor the dataset is found */
	MOOD_ELSEWHERE, /* the query does not find it, but it is there */
	MOOD_PROJECT,   /* the project is not there */
	MOOD_DENIED,
	MOOD_HIDDEN, /* not found, and it may not be asked for */
	MOOD_GARBAGE,
	MOOD_FEW_COLUMNS,
};

static bool refuse(const struct web_request *request, int code, const char *reason,
		   const char *message)
{
	static const char json[] = "Content-Type: application/json\r\n";
	g_autofree char *body = g_strdup_printf(
		"{\"error\":{\"code\":%d,\"message\":\"%s\",\"errors\":[{\"reason\":"
		"\"%s\",\"message\":\"%s\",\"domain\":\"global\"}]}}",
		code, message, reason, message);

	return web_reply(request, code, json, body);
}

/* Rows of eight texts as jobs.query sends them. */
static bool answer(const struct web_request *request, const char *rows, int columns, int more)
{
	GString *body =
		g_string_new("{\"jobComplete\":true,\"jobReference\":{\"projectId\":\"acme\","
			     "\"jobId\":\"j\",\"location\":\"EU\"},\"statementType\":\"SELECT\","
			     "\"totalBytesProcessed\":\"1000\",\"totalBytesBilled\":\"52428800\","
			     "\"schema\":{\"fields\":[");
	g_auto(GStrv) lines = g_strsplit(rows, "\n", -1);
	bool ok = false;

	for (int i = 0; i < columns; i++)
		g_string_append_printf(body, "%s{\"name\":\"c%d\",\"type\":\"STRING\"}",
				       i > 0 ? "," : "", i);
	g_string_append_printf(body, "]},\"totalRows\":\"%u\",\"rows\":[",
			       g_strv_length(lines) + (guint)more);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) cells = g_strsplit(*line, "|", -1);

		g_string_append(body, line == lines ? "{\"f\":[" : ",{\"f\":[");
		for (int i = 0; i < columns; i++)
			g_string_append_printf(body, "%s{\"v\":\"%s\"}", i > 0 ? "," : "",
					       cells[i]);
		g_string_append(body, "]}");
	}
	g_string_append(body, "]}");
	ok = web_reply(request, 200, "Content-Type: application/json\r\n", body->str);
	(void)g_string_free(body, TRUE); /* NULL */
	return ok;
}

static bool answer_query(const struct web_request *request, enum mood mood)
{
	static const char rows[] = "table|t|BASE TABLE||||| \n"
				   "column|t|id|INT64|NO|NO||1\n"
				   "rows|t|3|1||||\n"
				   "routine|f|FUNCTION|INT64|1||| ";

	switch (mood) {
	case MOOD_GONE:
	case MOOD_ELSEWHERE:
	case MOOD_HIDDEN:
		return refuse(request, 404, "notFound",
			      "Not found: Dataset acme:b was not found in location US");
	case MOOD_PROJECT:
		return refuse(request, 404, "notFound", "Not found: Project acme");
	case MOOD_DENIED:
		return refuse(
			request, 403, "accessDenied",
			"Access Denied: Dataset acme:b: Permission bigquery.tables.list denied");
	case MOOD_GARBAGE:
		return web_reply(request, 200, "Content-Type: text/html\r\n", "<html>");
	case MOOD_FEW_COLUMNS:
		return answer(request, rows, 3, 0);
	case MOOD_FINE:
		break;
	}
	return answer(request, rows, 8, 0);
}

static bool handle(const struct web_request *request)
{
	enum mood mood = (enum mood)request->web->numbers[7];

	if (strcmp(request->method, "POST") == 0)
		return answer_query(request, strstr(request->body, "acme.b.") ? mood : MOOD_FINE);
	if (mood == MOOD_HIDDEN)
		return refuse(request, 403, "accessDenied", "Access Denied: Dataset acme:b");
	if (mood == MOOD_ELSEWHERE)
		return web_reply(request, 200, "Content-Type: application/json\r\n",
				 "{\"location\":\"EU\"}");
	return refuse(request, 404, "notFound", "Not found: Dataset acme:b");
}

static void setup(void)
{
	web = web_start(handle);
	inventory_lab_init(&lab, CONFIG_DATA_SOURCE_BIGQUERY);
	lab.gcp.bigquery_endpoint = g_strdup(web->origin);
	g_strfreev(lab.inventory.datasets);
	lab.inventory.datasets = g_strsplit("a|b", "|", -1);
}

static void teardown(void)
{
	inventory_lab_done(&lab);
	web_stop(web);
}

static void be(enum mood mood)
{
	web->numbers[7] = (int)mood;
}

static int queries(void)
{
	return web_count(web, "/bigquery/v2/projects/acme/queries");
}

/* What is there, in both. */
static const char both[] =
	"dataset a\ntable a.t\nrows a.t: > 0\ncolumn a.t.id: INT64 NOT NULL\n"
	"dataset b\ntable b.t\nrows b.t: > 0\ncolumn b.t.id: INT64 NOT NULL\n"
	"routine a.f: FUNCTION returns INT64, definition sha256:6b86b273ff34fce1\n"
	"routine b.f: FUNCTION returns INT64, definition sha256:6b86b273ff34fce1\n";

START_TEST(test_one_query_per_dataset)
{
	g_autofree char *differences = NULL;

	inventory_lab_expect(&lab, both);
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, "");
	ck_assert_int_eq(queries(), 2);
	ck_assert_int_eq(lab.observation->inventory->expected, 10);
	ck_assert_int_eq(lab.observation->inventory->cost.queries, 2);
	ck_assert_int_eq(lab.observation->inventory->cost.bytes_billed, 2 * 52428800);
	ck_assert_int_eq(budget_spent(lab.budget, NULL, clk_wall_ms()), 2 * 52428800);
}
END_TEST

START_TEST(test_snapshot_agrees_with_what_is_there)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = inventory_lab_snapshot(&lab, &error);
	g_autofree char *differences = NULL;

	ck_assert_msg(text != NULL, "%s", error ? error->message : "");
	ck_assert_ptr_nonnull(strstr(text, "\ncolumn b.t.id: INT64 NOT NULL\n"));
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, "");
}
END_TEST

START_TEST(test_missing_dataset_is_a_difference)
{
	g_autofree char *differences = NULL;
	g_autoptr(GError) error = NULL;

	be(MOOD_GONE);
	inventory_lab_expect(&lab, both);
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, "-dataset b\n-routine b.f\n-table b.t");
	ck_assert_int_eq(lab.observation->inventory->cost.queries, 1);
	/* a snapshot would expect nothing of it for ever */
	ck_assert_ptr_null(inventory_lab_snapshot(&lab, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(error->message, "dataset b"));
}
END_TEST

static const struct {
	enum mood mood;
	enum fault_class class;
	const char *part;
	enum drift_error code; /* of a snapshot */
} faults[] = {
	{MOOD_ELSEWHERE, FAULT_BROKEN, "location", DRIFT_ERROR_INVALID},
	{MOOD_PROJECT, FAULT_HTTP_4XX, "Project", DRIFT_ERROR_INVALID},
	{MOOD_DENIED, FAULT_DENIED, "dataset b", DRIFT_ERROR_DENIED},
	{MOOD_HIDDEN, FAULT_DENIED, "dataset b", DRIFT_ERROR_DENIED},
	{MOOD_GARBAGE, FAULT_BAD_ANSWER, "dataset b", DRIFT_ERROR_UNAVAILABLE},
	{MOOD_FEW_COLUMNS, FAULT_BAD_ANSWER, "dataset b", DRIFT_ERROR_UNAVAILABLE},
};

START_TEST(L04_error_is_no_difference)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	be(faults[_i].mood);
	inventory_lab_expect(&lab, both);
	inventory_lab_look_fails(&lab, faults[_i].class, faults[_i].part);
	text = inventory_lab_snapshot(&lab, &error);
	ck_assert_ptr_null(text);
	ck_assert_int_eq(error->code, faults[_i].code);
}
END_TEST

START_TEST(test_budget)
{
	struct data_cost cost = {.queries = 1, .bytes_billed = 900000000};
	g_autofree char *why = NULL;

	inventory_lab_expect(&lab, both);
	lab.config.driftd.daily_bytes = 1000000000;
	budget_set_config(lab.budget, &lab.config);
	budget_spend(lab.budget, &lab.gcp, "assert/y", cost, clk_wall_ms());
	/* two datasets, five views each, 10 MiB a view: 105 MB */
	inventory_lab_look_fails(&lab, FAULT_OVER_BUDGET, "daily-bytes");
	ck_assert_int_eq(queries(), 0);
	lab.config.driftd.daily_bytes = 1010000000;
	budget_set_config(lab.budget, &lab.config);
	inventory_lab_look(&lab, 20 * MS_PER_S);
	ck_assert_ptr_null(lab.observation->fault);
	ck_assert_int_eq(queries(), 2);
	/* spent, and not held any more */
	ck_assert(budget_allows(lab.budget, &lab.gcp, 5000000, clk_wall_ms(), &why));
}
END_TEST

START_TEST(test_expect_file_is_read_at_every_look)
{
	g_autofree char *differences = NULL;

	inventory_lab_look_fails(&lab, FAULT_BROKEN, "driftd snapshot inventory/x");
	ck_assert_int_eq(queries(), 0);
	inventory_lab_expect(&lab, "tabel a.t");
	inventory_lab_look_fails(&lab, FAULT_BROKEN, "line 1");
	ck_assert_int_eq(queries(), 0);
	lab.inventory.report_unexpected = false;
	inventory_lab_expect(&lab, "table a.t\ntable a.u");
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, "-table a.u");
}
END_TEST

/* What would never end, or is too large, is not read. */
START_TEST(test_expect_file_of_another_kind)
{
	ck_assert_int_eq(mkfifo(lab.inventory.expect_file, 0600), 0);
	inventory_lab_look_fails(&lab, FAULT_BROKEN, "no file");
	ck_assert_int_eq(g_remove(lab.inventory.expect_file), 0);
	ck_assert_int_eq(g_mkdir(lab.inventory.expect_file, 0700), 0);
	inventory_lab_look_fails(&lab, FAULT_BROKEN, "no file");
	ck_assert_int_eq(g_remove(lab.inventory.expect_file), 0);
	inventory_lab_expect(&lab, "");
	ck_assert_int_eq(truncate(lab.inventory.expect_file, INVENTORY_FILE_MAX_BYTES + 1), 0);
	inventory_lab_look_fails(&lab, FAULT_BROKEN, "32 MiB");
}
END_TEST

START_TEST(test_names_that_cannot_be)
{
	g_strfreev(lab.inventory.datasets);
	lab.inventory.datasets = g_strsplit("a|b`; DROP", "|", -1);
	inventory_lab_expect(&lab, both);
	inventory_lab_look_fails(&lab, FAULT_BROKEN, "cannot be the name");
}
END_TEST

START_TEST(test_dataset_of_another_project)
{
	g_autofree char *differences = NULL;

	g_strfreev(lab.inventory.datasets);
	lab.inventory.datasets = g_strsplit("example.com:other.a", "|", -1);
	inventory_lab_expect(&lab, "dataset example.com:other.a\ntable example.com:other.a.u");
	lab.inventory.report_unexpected = false;
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, "-table example.com:other.a.u");
	ck_assert_ptr_nonnull(strstr(web->last_body, "`example.com:other.a.__TABLES__`"));
}
END_TEST

Suite *inventories_suite(void)
{
	Suite *suite = suite_create("inventories");
	TCase *tcase = tcase_create("bigquery");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_one_query_per_dataset);
	tcase_add_test(tcase, test_snapshot_agrees_with_what_is_there);
	tcase_add_test(tcase, test_missing_dataset_is_a_difference);
	tcase_add_loop_test(tcase, L04_error_is_no_difference, 0, (int)G_N_ELEMENTS(faults));
	tcase_add_test(tcase, test_budget);
	tcase_add_test(tcase, test_expect_file_is_read_at_every_look);
	tcase_add_test(tcase, test_expect_file_of_another_kind);
	tcase_add_test(tcase, test_names_that_cannot_be);
	tcase_add_test(tcase, test_dataset_of_another_project);
	suite_add_tcase(suite, tcase);
	return suite;
}
