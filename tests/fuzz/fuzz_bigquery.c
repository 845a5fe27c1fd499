/* fuzz_bigquery - answers of BigQuery under libFuzzer: pages, dry runs, costs, tables, errors, and names for SQL. The first byte
 * says which. */
#include "google/bigquery_private.h"
#include "google/errors.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_page(const char *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	struct bigquery_page page = {0};
	struct bigquery_page next = {0};
	bool ok = bigquery_page_decode(bytes, length, NULL, 100, &page, &error);

	if (ok != (error == NULL) || (page.rows && page.rows->len > 100))
		abort();
	/* the same again as a second page fits the first */
	if (ok && page.columns &&
	    !bigquery_page_decode(bytes, length, page.columns, 1, &next, NULL))
		abort();
	bigquery_page_clear(&page);
	bigquery_page_clear(&next);
}

static void fuzz_dry_run(const char *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;
	g_autofree char *text = NULL;
	struct bigquery_result *result = bigquery_result_create();

	if (bigquery_dry_run_decode(bytes, length, result, &reason, &text, &error) !=
	    (error == NULL))
		abort();
	bigquery_result_free(result);
	if (bigquery_billed_decode(bytes, length) < -1)
		abort();
}

static void fuzz_table(const char *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	struct bigquery_table *table = bigquery_table_decode(bytes, length, &error);

	if ((table == NULL) != (error != NULL))
		abort();
	bigquery_table_free(table);
}

static void fuzz_error(const char *bytes, size_t length)
{
	g_autofree char *body = g_strndup(bytes, length);
	struct http_response response = {
		.status = 400, .body = body, .body_bytes = strlen(body), .retry_after_ms = -1};
	struct errors_query query = {.what = "query", .max_bytes_billed = 1};
	struct fault *fault = errors_query_fault(&query, &response);

	if (!g_utf8_validate(fault->message, -1, NULL) || strchr(fault->message, '\n'))
		abort();
	fault_unref(fault);
	(void)errors_wants_new_job(&response); /* either is fine */
	(void)errors_retry(&response);
}

/* What was quoted has no quote inside that ends it. */
static void fuzz_names(const char *bytes, size_t length)
{
	g_autofree char *name = g_strndup(bytes, length);
	g_autofree char *table = bigquery_quote_table("acme", "sales", name);
	g_autofree char *column = bigquery_quote_column(name);
	g_autofree char *text = bigquery_quote_text(name);

	if (table && strchr(table + 1, '`') != table + strlen(table) - 1)
		abort();
	if (column && strchr(column, '\\'))
		abort();
	for (const char *at = text + 1; at[1]; at += *at == '\\' ? 2 : 1)
		if (*at == '\'' || g_ascii_iscntrl(*at))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const targets[])(const char *, size_t) = {fuzz_page, fuzz_dry_run, fuzz_table,
								fuzz_error, fuzz_names};

	if (size > 0)
		targets[data[0] % G_N_ELEMENTS(targets)]((const char *)data + 1, size - 1);
	return 0;
}
