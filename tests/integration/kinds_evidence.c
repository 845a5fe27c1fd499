/* kinds_evidence - completion documents held against the tables they speak of (DESIGN 7, LESSONS L19). */
#include "tests/integration/kinds.h"

static struct kinds *kinds;

#define ID "completion/nightly"

static void setup(void)
{
	kinds = kinds_open();
	kinds_add(kinds,
		  "[table \"orders\"]\ntable = shop.orders\nwarn-after = 12h\nerror-after = 24h");
	kinds_add(kinds,
		  "[table \"stock\"]\ntable = shop.stock\nwarn-after = 12h\nerror-after = 24h");
}

static void teardown(void)
{
	kinds_close(kinds);
}

static void add_completion(const char *more)
{
	kinds_add(kinds,
		  "[completion \"nightly\"]\ndocument = nightly/latest\nexpect = orders\n"
		  "expect = stock\ndone = status=success\nevidence = orders table/orders\n"
		  "%s",
		  more);
}

/** So many rows, loaded so long ago ("now-1h"); NULL: there is no such table. */
static void put_table(const char *name, const char *loaded, int rows)
{
	g_autofree char *whole = g_strconcat("acme-prod.shop.", name, NULL);

	if (loaded)
		cloud_table(kinds->world, whole,
			    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"}],\"numRows\":%d,"
			    "\"lastModifiedTime\":\"%s\"}",
			    rows, loaded);
}

#define DONE "{\"status\":\"success\"}"
#define BOTH "{\"orders\":" DONE ",\"stock\":" DONE "}"

static const struct {
	const char *document; /* NULL: there is none */
	const char *orders;   /* loaded; NULL: there is none */
	int rows;
	const char *state, *code;
	const char *said;
} outcomes[] = {
	{BOTH, "now-1h", 5, "ok", NULL, "complete, 2 of 2 done"},
	{BOTH, "now-13h", 5, "ok", NULL, "complete, 2 of 2 done"}, /* warn-after only */
	{BOTH, "now-30h", 5, "drift", "silent_write_failure",
	 "says orders is done, but table/orders"},
	{BOTH, "now-1h", 0, "drift", "silent_write_failure", "empty"},
	{BOTH, NULL, 0, "drift", "silent_write_failure", "does not exist"},
	{"{\"stock\":" DONE "}", "now-1h", 5, "pending", "tracking_gap", "without orders"},
	{"{\"stock\":" DONE ",\"_completed_count\":2,\"orders\":{\"status\":\"running\"}}",
	 "now-1h", 5, "pending", "tracking_gap", "1 of 2 done, without orders"},
	{"{\"stock\":" DONE "}", "now-30h", 5, "drift", "incomplete", "without orders"},
	{"{\"stock\":" DONE "}", "now-1h", 0, "drift", "incomplete", "without orders"},
	/* nothing speaks for stock */
	{"{\"orders\":" DONE "}", "now-1h", 5, "drift", "incomplete", "without stock"},
	{"{}", "now-1h", 5, "drift", "incomplete", "0 of 2 done"},
	{NULL, "now-1h", 5, "drift", "incomplete", "nightly/latest does not exist"},
	{NULL, "now-30h", 5, "drift", "incomplete", "nightly/latest does not exist"},
};

START_TEST(L19_document_is_held_against_tables)
{
	add_completion("");
	put_table("orders", outcomes[_i].orders, outcomes[_i].rows);
	put_table("stock", "now-1h", 5);
	if (outcomes[_i].document)
		cloud_document(kinds->world, "nightly/latest", "%s", outcomes[_i].document);
	kinds_begin(kinds);
	kinds_expect(kinds, ID, outcomes[_i].state, outcomes[_i].code);
	kinds_expect_said(kinds, ID, outcomes[_i].said);
}
END_TEST

START_TEST(L19_no_document_and_all_tables_fresh_is_a_tracking_gap)
{
	add_completion("evidence = stock table/stock");
	put_table("orders", "now-1h", 5);
	put_table("stock", "now-1h", 5);
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "pending", "tracking_gap");
	put_table("stock", "now-30h", 5);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "incomplete");
	cloud_document(kinds->world, "nightly/latest", "%s", BOTH);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "silent_write_failure");
	put_table("stock", "now-1m", 5);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

/* What the table's own reason is, is said of the document too. */
START_TEST(L04_evidence_that_cannot_be_told_is_unknown)
{
	g_autofree char *table = NULL, *known = NULL;

	add_completion("");
	put_table("orders", "now-1h", 5);
	put_table("stock", "now-1h", 5);
	cloud_document(kinds->world, "nightly/latest", "%s", BOTH);
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	cloud_fault(kinds->world, "{\"path\":\"*/tables/orders*\",\"kind\":\"denied\"}");
	world_cycle(kinds->world);
	kinds_expect(kinds, "table/orders", "unknown", "permission_denied");
	kinds_expect(kinds, "table/stock", "ok", NULL);
	kinds_expect(kinds, ID, "unknown", "permission_denied");
	kinds_expect_said(kinds, ID, "table/orders could not be told");
	known = kinds_text(kinds, ID, "last_known.state");
	ck_assert_str_eq(known, "ok");
	table = kinds_text(kinds, ID, "reasons.0.table");
	ck_assert_str_eq(table, "table/orders");
	/* orders undone: the table would have decided between a gap and the loss of a run */
	cloud_document(kinds->world, "nightly/latest", "{\"stock\":" DONE "}");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "unknown", "permission_denied");
	/* stock undone, and nothing speaks for it: that is sure, whatever orders is */
	cloud_document(kinds->world, "nightly/latest", "{\"orders\":" DONE "}");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "incomplete");
	cloud_heal(kinds->world);
	cloud_document(kinds->world, "nightly/latest", "%s", BOTH);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

START_TEST(evidence_is_listed_with_its_key)
{
	g_autoptr(struct_answer) target = NULL;
	json_object *row = NULL;

	add_completion("");
	put_table("orders", "now-30h", 5);
	put_table("stock", "now-1h", 5);
	cloud_document(kinds->world, "nightly/latest", "%s", BOTH);
	kinds_begin(kinds);
	target = world_any_target(kinds->world, ID);
	row = kinds_find(json_at(target->json, "completion.keys"), "key", "orders");
	ck_assert_ptr_nonnull(row);
	ck_assert_str_eq(json_text_at(row, "value"), "success");
	ck_assert_str_eq(json_text_at(row, "evidence"), "table/orders");
	ck_assert_str_eq(json_text_at(row, "evidence_state"), "bad");
	row = kinds_find(json_at(target->json, "completion.keys"), "key", "stock");
	ck_assert_ptr_nonnull(row);
	ck_assert_ptr_null(json_at(row, "evidence"));
}
END_TEST

TCase *kinds_evidence_case(void)
{
	TCase *tcase = tcase_create("evidence");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, L19_document_is_held_against_tables, 0,
			    (int)G_N_ELEMENTS(outcomes));
	tcase_add_test(tcase, L19_no_document_and_all_tables_fresh_is_a_tracking_gap);
	tcase_add_test(tcase, L04_evidence_that_cannot_be_told_is_unknown);
	tcase_add_test(tcase, evidence_is_listed_with_its_key);
	return tcase;
}
