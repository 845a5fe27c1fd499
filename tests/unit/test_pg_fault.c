/* What needs no server: connection strings, SQLSTATEs, rows of any bytes. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "drift_error.h"
#include "postgres/pg.h"
#include "postgres/pg_answer.h"
#include "postgres/pg_fault.h"

Suite *pg_fault_suite(void);

#ifdef HAVE_LIBPQ

/* A server may send what it likes. */
START_TEST(test_hostile_row)
{
	PGresAttDesc columns[3] = {
		{.name = (char[]){"a\xff"}}, {.name = (char[]){"b"}}, {.name = (char[]){"c"}}};
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	struct pg_result *answer = pg_answer_create();
	char *const *cells = NULL;

	ck_assert_int_eq(PQsetResultAttrs(result, 3, columns), 1);
	ck_assert_int_eq(PQsetvalue(result, 0, 0, (char[]){"x\xe4\xf6"}, 3), 1);
	ck_assert_int_eq(PQsetvalue(result, 0, 1, NULL, -1), 1);
	ck_assert_int_eq(PQsetvalue(result, 0, 2, (char[]){"ok"}, 2), 1);
	pg_answer_take_columns(answer, result);
	pg_answer_take_columns(answer, result); /* once is enough */
	ck_assert_uint_eq(answer->columns->len, 3);
	ck_assert_str_eq(answer->columns->pdata[0], "a\xef\xbf\xbd");
	ck_assert_uint_ge(pg_answer_take_row(answer, result, 0), 5);
	cells = answer->rows->pdata[0];
	ck_assert_str_eq(cells[0], "x\xef\xbf\xbd\xef\xbf\xbd");
	ck_assert_ptr_null(cells[1]);
	ck_assert_str_eq(cells[2], "ok");
	PQclear(result);
	pg_answer_free(answer);
}
END_TEST

static const struct {
	const char *dsn;
	bool ok;
} dsns[] = {
	{"host=db dbname=x user=y password=hunter2", true},
	{"postgresql://y:hunter2@db/x", true},
	{"postgres://y:hunt%2Fer2@db:5432/x?sslmode=require", true},
	{"", true},
	{"host=@abstract", true},
	{"hunter2", false},
	{"host=db password='hunter2", false},
	{"passwort=hunter2", false},
	{"postgresql://y:p@hunter2@db/x", false},
	{"postgresql://y:%zzhunter2@db/x", false},
	{"mysql://y:hunter2@db/x", false},
};

START_TEST(test_check_dsn)
{
	g_autoptr(GError) error = NULL;
	bool ok = pg_check_dsn(dsns[_i].dsn, &error);

	ck_assert_msg(ok == dsns[_i].ok, "%s: %s", dsns[_i].dsn, error ? error->message : "taken");
	if (ok)
		return;
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_msg(!strstr(error->message, "hunter"), "%s", error->message);
}
END_TEST

static const struct {
	const char *state;
	enum fault_class class;
} classes[] = {
	{"28P01", FAULT_CREDENTIALS}, {"28000", FAULT_CREDENTIALS}, {"42501", FAULT_DENIED},
	{"3D000", FAULT_NOT_FOUND},   {"42P01", FAULT_BROKEN},      {"42703", FAULT_BROKEN},
	{"42601", FAULT_BROKEN},      {"25006", FAULT_BROKEN},      {"57014", FAULT_TIMEOUT},
	{"53300", FAULT_QUOTA},       {"53200", FAULT_QUOTA},       {"57P01", FAULT_RESET},
	{"57P03", FAULT_RESET},       {"08006", FAULT_RESET},       {"40001", FAULT_RESET},
	{"XX000", FAULT_BAD_ANSWER},  {"22012", FAULT_BROKEN},      {"P0001", FAULT_BROKEN},
	{"25P03", FAULT_RESET},       {"", FAULT_BROKEN},
};

START_TEST(test_sqlstates)
{
	ck_assert_int_eq(pg_fault_class(classes[_i].state), classes[_i].class);
}
END_TEST

/* What libpq says by itself; no piece of a connection string is repeated. */
static const struct {
	const char *message;
	bool tried;
	enum fault_class class;
	const char *part;
} failures[] = {
	{"connection to server at \"db\", port 5432 failed: FATAL:  28P01: password authentication "
	 "failed for user \"x\"\nLOCATION:  auth_failed, auth.c:326",
	 true, FAULT_CREDENTIALS, "password authentication failed for user \"x\""},
	{"connection to server at \"a\" failed: Connection refused\n\tIs the server running\n"
	 "connection to server at \"b\" failed: FATAL:  53300: sorry, too many clients already",
	 true, FAULT_QUOTA, "too many clients"},
	{"connection to server at \"db\" failed: FATAL:  57P03: the database system is starting up",
	 true, FAULT_RESET, "starting up"},
	{"connection to server at \"db\" failed: Connection refused", true, FAULT_RESET, "refused"},
	{"connection to server on socket \"/x\" failed: No such file or directory", false,
	 FAULT_RESET, "No such file"},
	{"connection to server at \"db\" failed: fe_sendauth: no password supplied", true,
	 FAULT_CREDENTIALS, "no password"},
	{"connection to server at \"db\" failed: SSL error: certificate verify failed", true,
	 FAULT_TLS, "certificate"},
	{"connection to server at \"db\" failed: expected authentication request from server, but "
	 "received H",
	 true, FAULT_BAD_ANSWER, "received H"},
	{"could not translate host name \"hunter2@db\" to address: x", false, FAULT_RESOLVE,
	 "no address"},
	{"invalid integer value \"hunter2\" for connection option \"port\"", false, FAULT_BROKEN,
	 "cannot use"},
	{"", true, FAULT_RESET, "connect to PostgreSQL"},
};

START_TEST(test_failed_connections)
{
	struct fault *fault =
		pg_fault_from_connection("assert/x", failures[_i].message, failures[_i].tried);

	ck_assert_msg(fault->class == failures[_i].class, "%s: %s", fault_class_text(fault->class),
		      fault->message);
	ck_assert_msg(strstr(fault->message, failures[_i].part) != NULL, "%s", fault->message);
	ck_assert_ptr_null(strstr(fault->message, "hunter2"));
	ck_assert_ptr_null(strstr(fault->message, "LOCATION"));
	fault_unref(fault);
}
END_TEST

#define ADD_LOOP(tcase, test, cases) tcase_add_loop_test(tcase, test, 0, (int)G_N_ELEMENTS(cases))

static void add_cases(TCase *tcase)
{
	tcase_add_test(tcase, test_hostile_row);
	ADD_LOOP(tcase, test_check_dsn, dsns);
	ADD_LOOP(tcase, test_sqlstates, classes);
	ADD_LOOP(tcase, test_failed_connections, failures);
}

#else

static void on_told(void *data, const GPtrArray *results, struct fault *fault)
{
	ck_assert_ptr_null(results);
	ck_assert_int_eq(fault->class, FAULT_BROKEN);
	ck_assert_ptr_nonnull(strstr(fault->message, "built without libpq"));
	*(bool *)data = true;
}

static void wake(void *data)
{
	(void)data;
}

START_TEST(test_without_libpq)
{
	g_autoptr(GError) error = NULL;
	struct pg_pool *pool = pg_pool_create(wake, NULL);
	struct pg_question question = {.dsn = "host=x",
				       .what = "assert/x",
				       .statements = (const char *const[]){"SELECT 1", NULL},
				       .deadline_mono_ms = INT64_MAX / 2};
	bool told = false;

	ck_assert(!pg_is_available());
	ck_assert(!pg_check_dsn("host=x", &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_UNSUPPORTED);
	pg_pool_ask(pool, &question, on_told, &told);
	while (!told)
		pg_pool_poll(pool);
	pg_pool_free(pool);
}
END_TEST

static void add_cases(TCase *tcase)
{
	tcase_add_test(tcase, test_without_libpq);
}

#endif

Suite *pg_fault_suite(void)
{
	Suite *suite = suite_create("pg_fault");
	TCase *tcase = tcase_create("pure");

	add_cases(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}
