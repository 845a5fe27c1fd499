/* harness_data - tables, documents and objects in the stand-in cloud, and what it counted. */
#include "tests/integration/harness.h"

#include <stdarg.h>

/** "bigquery/P/D/T" of "P.D.T". Caller frees. */
static char *table_path(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, ".", 3);

	ck_assert_msg(g_strv_length(parts) == 3, "%s is no PROJECT.DATASET.TABLE", name);
	return g_strdup_printf("bigquery/%s/%s/%s", parts[0], parts[1], parts[2]);
}

static void G_GNUC_PRINTF(3, 0)
	put_format(const struct world *world, const char *path, const char *format, va_list list)
{
	g_autofree char *body = g_strdup_vprintf(format, list);

	answer_free(cloud_control(world, "PUT", path, body));
}

void cloud_table(const struct world *world, const char *name, const char *format, ...)
{
	g_autofree char *path = table_path(name);
	va_list list;

	va_start(list, format);
	put_format(world, path, format, list);
	va_end(list);
}

void cloud_drop_table(const struct world *world, const char *name)
{
	g_autofree char *path = table_path(name);

	answer_free(cloud_control(world, "DELETE", path, NULL));
}

void cloud_document(const struct world *world, const char *path, const char *format, ...)
{
	g_autofree char *whole = g_strconcat("firestore/acme-prod/", path, NULL);
	va_list list;

	va_start(list, format);
	put_format(world, whole, format, list);
	va_end(list);
}

void cloud_object(const struct world *world, const char *bucket, const char *name,
		  const char *created, const char *content)
{
	g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
	g_autofree char *path = g_strdup_printf("objects/%s/%s%s%s", bucket, escaped,
						created ? "?created=" : "", created ? created : "");

	answer_free(cloud_control(world, "PUT", path, content));
}

void cloud_jobrule(const struct world *world, const char *rule)
{
	answer_free(cloud_control(world, "POST", "jobrules", rule));
}

void cloud_clear_jobrules(const struct world *world)
{
	answer_free(cloud_control(world, "DELETE", "jobrules", NULL));
}

int64_t cloud_bigquery(const struct world *world, const char *counter)
{
	g_autoptr(struct_answer) log = cloud_control(world, "GET", "log", NULL);
	json_object *counts = json_at(log->json, "bigquery");
	int64_t value = json_int_at(counts, counter);

	ck_assert_msg(value >= 0, "the cloud does not count %s", counter);
	return value;
}

struct answer *cloud_call(const struct world *world, const char *method, const char *path,
			  const char *body)
{
	g_autofree char *url = g_strconcat(world->cloud, path, NULL);

	return http_call(method, url, NULL, body);
}

struct answer *cloud_query(const struct world *world, const char *sql, const char *more)
{
	g_autofree char *body =
		g_strdup_printf("{\"query\":\"%s\",\"useLegacySql\":false%s}", sql, more);

	return cloud_call(world, "POST", "/bigquery/v2/projects/acme-prod/queries", body);
}

void expect_cloud_error(const struct answer *answer, int status, const char *reason)
{
	ck_assert_msg(answer->status == status, "%d %s", answer->status, answer->body);
	ck_assert_msg(g_str_equal(json_text_at(answer->json, "error.errors.0.reason"), reason),
		      "%s", answer->body);
	ck_assert_int_eq(json_int_at(answer->json, "error.code"), status);
}
