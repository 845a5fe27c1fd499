/* sql_run - a plan on SQLite, in memory: its inputs become tables, its rows come back in normal
 * form. See sql.h. */
#include "tests/fakecloud/sql_functions.h"
#include "tests/fakecloud/sql_private.h"

#include "tests/fakecloud/jsn.h"

#include <string.h>

static void fail(struct sql_plan *plan, const char *message)
{
	if (plan->status != 0)
		return;
	plan->status = 400;
	plan->reason = g_strdup("invalidQuery");
	plan->message = g_strdup(message);
}

/* --- in --- */

static void bind_value(sqlite3_stmt *statement, int index, json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		(void)sqlite3_bind_null(statement, index); /* index is right */
		return;
	case json_type_boolean:
		(void)sqlite3_bind_int(statement, index, json_object_get_boolean(value));
		return;
	case json_type_int:
		(void)sqlite3_bind_int64(statement, index, json_object_get_int64(value));
		return;
	case json_type_double:
		(void)sqlite3_bind_double(statement, index, json_object_get_double(value));
		return;
	case json_type_string:
	case json_type_object:
	case json_type_array:
		break;
	}
	(void)sqlite3_bind_text(statement, index, json_object_get_string(value), -1,
				SQLITE_TRANSIENT);
}

static char *create_text(const struct sql_input *input, GString *insert)
{
	GString *text = g_string_new(NULL);

	g_string_printf(text, "CREATE TABLE %s (", input->name);
	g_string_printf(insert, "INSERT INTO %s VALUES (", input->name);
	for (guint i = 0; i < input->fields->len; i++) {
		const struct bq_field *field = input->fields->pdata[i];

		g_string_append_printf(text, "%s\"%s\"", i > 0 ? ", " : "", field->name);
		g_string_append(insert, i > 0 ? ", ?" : "?");
	}
	g_string_append_c(text, ')');
	g_string_append_c(insert, ')');
	return g_string_free(text, FALSE);
}

static bool load_input(sqlite3 *db, const struct sql_input *input)
{
	g_autoptr(GString) insert = g_string_new(NULL);
	g_autofree char *create = create_text(input, insert);
	sqlite3_stmt *statement = NULL;

	if (input->fields->len == 0) /* a table without columns has no rows either */
		return sqlite3_exec(db, "CREATE TABLE t0 (x)", NULL, NULL, NULL) == SQLITE_OK;
	if (sqlite3_exec(db, create, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, insert->str, -1, &statement, NULL) != SQLITE_OK)
		return false;
	for (size_t i = 0; i < jsn_length(input->rows); i++) {
		json_object *row = json_object_array_get_idx(input->rows, i);

		for (guint column = 0; column < input->fields->len; column++)
			bind_value(statement, (int)column + 1,
				   json_object_array_get_idx(row, column));
		(void)sqlite3_step(statement); /* in memory, without constraints */
		(void)sqlite3_reset(statement);
	}
	(void)sqlite3_finalize(statement);
	return true;
}

/* --- out --- */

static json_object *take_text(sqlite3_stmt *statement, int index, const struct bq_field *field)
{
	const char *text = (const char *)sqlite3_column_text(statement, index);

	if (field->repeated || field->type == BQ_TYPE_STRUCT)
		return json_tokener_parse(text ? text : "null");
	return json_object_new_string(text ? text : "");
}

static json_object *take_value(sqlite3_stmt *statement, int index, const struct bq_field *field)
{
	int type = sqlite3_column_type(statement, index);

	if (type == SQLITE_NULL)
		return NULL;
	if (type == SQLITE_TEXT || type == SQLITE_BLOB)
		return take_text(statement, index, field);
	if (field->type == BQ_TYPE_BOOL)
		return json_object_new_boolean(sqlite3_column_int(statement, index) != 0);
	if (field->type == BQ_TYPE_FLOAT64)
		return json_object_new_double(sqlite3_column_double(statement, index));
	if (field->type == BQ_TYPE_NUMERIC || field->type == BQ_TYPE_BIGNUMERIC)
		return json_object_new_string((const char *)sqlite3_column_text(statement, index));
	return json_object_new_int64(sqlite3_column_int64(statement, index));
}

static json_object *take_row(sqlite3_stmt *statement, const GPtrArray *columns)
{
	json_object *row = json_object_new_array();

	for (guint i = 0; i < columns->len; i++)
		json_object_array_add(row, take_value(statement, (int)i, columns->pdata[i]));
	return row;
}

static json_object *take_rows(sqlite3 *db, struct sql_plan *plan)
{
	json_object *rows = json_object_new_array();
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, plan->sqlite, -1, &statement, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW)
			json_object_array_add(rows, take_row(statement, plan->columns));
	}
	if (code != SQLITE_DONE) {
		fail(plan, sqlite3_errmsg(db));
		json_object_put(rows);
		rows = NULL;
	}
	(void)sqlite3_finalize(statement);
	return rows;
}

json_object *sql_run(struct sql_plan *plan)
{
	sqlite3 *db = NULL;
	json_object *rows = NULL;
	bool ok = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				  NULL) == SQLITE_OK;

	ok = ok && sql_functions_register(db);
	/* one transaction: much faster, also in memory */
	ok = ok && sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK;
	for (guint i = 0; ok && i < plan->inputs->len; i++)
		ok = load_input(db, plan->inputs->pdata[i]);
	if (ok)
		rows = take_rows(db, plan);
	else
		fail(plan, db ? sqlite3_errmsg(db) : "no memory");
	(void)sqlite3_close(db); /* in memory: nothing to lose */
	return rows;
}
