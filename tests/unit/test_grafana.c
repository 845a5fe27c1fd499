/* api/grafana.json is a dashboard that Grafana can import, and readable. That its queries are answered
 * is seen by tests/prometheus.sh. Runs at the top of the tree. */
#include <check.h>
#include <string.h>

#include "json.h"

Suite *grafana_suite(void);

static json_object *dashboard;

static void setup(void)
{
	g_autofree char *text = NULL;
	gsize length = 0;
	g_autoptr(GError) error = NULL;

	ck_assert_msg(g_file_get_contents("api/grafana.json", &text, &length, &error), "%s",
		      error ? error->message : "");
	dashboard = json_parse(text, length, &error);
	ck_assert_msg(dashboard, "%s", error ? error->message : "");
}

static void teardown(void)
{
	json_object_put(dashboard);
}

static json_object *nth(json_object *array, size_t i)
{
	return json_object_array_get_idx(array, i);
}

static json_object *variables(void)
{
	return json_member_array(json_member_object(dashboard, "templating"), "list");
}

static json_object *find_variable(const char *name, size_t length)
{
	for (size_t i = 0; i < json_object_array_length(variables()); i++) {
		json_object *variable = nth(variables(), i);
		const char *own = json_member_text(variable, "name", "");

		if (strlen(own) == length && strncmp(own, name, length) == 0)
			return variable;
	}
	return NULL;
}

START_TEST(test_variable)
{
	static const char *const wanted[] = {"datasource", "job",      "instance",
					     "kind",       "priority", "owner"};
	json_object *variable = find_variable(wanted[_i], strlen(wanted[_i]));
	bool is_source = _i == 0;

	ck_assert_ptr_nonnull(variable);
	ck_assert_str_eq(json_member_text(variable, "type", ""),
			 is_source ? "datasource" : "query");
	ck_assert_int_eq(json_member_bool(variable, "multi", false), !is_source);
	ck_assert_int_eq(json_member_bool(variable, "includeAll", false), !is_source);
	/* "All" also takes in what has no owner */
	if (!is_source)
		ck_assert_str_eq(json_member_text(variable, "allValue", ""), ".*");
}
END_TEST

START_TEST(test_identity)
{
	ck_assert_str_eq(json_member_text(dashboard, "uid", ""), "driftd");
	ck_assert_str_eq(json_member_text(dashboard, "title", ""), "driftd");
	ck_assert_int_ge(json_member_int(dashboard, "schemaVersion", 0), 38); /* Grafana 10 */
	ck_assert(!json_object_object_get(dashboard, "id")); /* that of one installation */
}
END_TEST

/* No variable that is not there; our own data source, never that of one installation. */
static void check_query(json_object *panel, json_object *query)
{
	const char *expression = json_member_text(query, "expr", "");

	ck_assert_str_eq(json_member_text(json_member_object(query, "datasource"), "uid", ""),
			 "${datasource}");
	ck_assert_uint_gt(strlen(expression), 0);
	ck_assert_msg(strstr(expression, "$instance"), "%s: %s",
		      json_member_text(panel, "title", ""), expression);
	for (const char *at = expression; (at = strchr(at, '$')); at++) {
		size_t length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");

		ck_assert_msg(g_str_has_prefix(at, "$__range") ||
				      g_str_has_prefix(at, "$__rate_interval") ||
				      find_variable(at + 1, length),
			      "%s", at);
	}
}

static void check_panel(json_object *panel)
{
	const char *title = json_member_text(panel, "title", "");
	json_object *queries = json_member_array(panel, "targets");

	ck_assert_uint_gt(strlen(title), 0);
	if (strcmp(json_member_text(panel, "type", ""), "row") == 0)
		return;
	ck_assert_msg(*json_member_text(panel, "description", ""), "%s says not what it is", title);
	ck_assert_msg(queries && json_object_array_length(queries) > 0, "%s", title);
	for (size_t i = 0; i < json_object_array_length(queries); i++)
		check_query(panel, nth(queries, i));
}

START_TEST(test_panels)
{
	json_object *panels = json_member_array(dashboard, "panels");
	g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

	ck_assert_uint_gt(json_object_array_length(panels), 35);
	for (size_t i = 0; i < json_object_array_length(panels); i++) {
		int64_t id = json_member_int(nth(panels, i), "id", 0);

		ck_assert_int_gt(id, 0);
		ck_assert(g_hash_table_add(ids, GINT_TO_POINTER((int)id)));
		check_panel(nth(panels, i));
	}
}
END_TEST

struct place {
	int64_t x, y, w, h;
};

static struct place place_of(json_object *panel)
{
	json_object *grid = json_member_object(panel, "gridPos");

	return (struct place){json_member_int(grid, "x", -1), json_member_int(grid, "y", -1),
			      json_member_int(grid, "w", 0), json_member_int(grid, "h", 0)};
}

static bool overlap(const struct place *a, const struct place *b)
{
	return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

START_TEST(test_places)
{
	json_object *panels = json_member_array(dashboard, "panels");

	for (size_t i = 0; i < json_object_array_length(panels); i++) {
		struct place place = place_of(nth(panels, i));

		ck_assert(place.x >= 0 && place.y >= 0 && place.w > 0 && place.h > 0 &&
			  place.x + place.w <= 24);
		for (size_t j = 0; j < i; j++) {
			struct place other = place_of(nth(panels, j));

			ck_assert_msg(!overlap(&place, &other), "%s lies on %s",
				      json_member_text(nth(panels, i), "title", ""),
				      json_member_text(nth(panels, j), "title", ""));
		}
	}
}
END_TEST

Suite *grafana_suite(void)
{
	Suite *suite = suite_create("grafana");
	TCase *tcase = tcase_create("grafana");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_variable, 0, 6);
	tcase_add_test(tcase, test_identity);
	tcase_add_test(tcase, test_panels);
	tcase_add_test(tcase, test_places);
	suite_add_tcase(suite, tcase);
	return suite;
}
