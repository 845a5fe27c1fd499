#include <check.h>
#include <string.h>

#include "api/router.h"
#include "api_fixture.h"
#include "clk.h"

Suite *router_suite(void);

static struct app *app;
static struct auth_rules *rules;

static void use_auth(const char *auth)
{
	struct config *config = fixture_config(NULL, auth);

	auth_rules_unref(rules);
	rules = auth_rules_create(config, "127.0.0.1:8080");
	config_unref(config);
}

static void setup(void)
{
	app = fixture_app(fixture_world());
	use_auth(NULL);
}

static void teardown(void)
{
	auth_rules_unref(rules);
	rules = NULL;
	app_free(app);
}

static struct response get(const char *target)
{
	struct fixture_request request = {.app = app, .rules = rules, .target = target};

	return fixture_answer(&request);
}

static const struct {
	const char *method, *target;
	int status;
	const char *problem; /* NULL: none */
} route_cases[] = {
	{"GET", "/status", 200, NULL},
	{"HEAD", "/status", 200, NULL},
	{"GET", "/status?format=text", 200, NULL},
	{"GET", "/status?format=json", 200, NULL},
	{"GET", "/drift", 200, NULL},
	{"GET",
	 "/drift?all=1&kind=service&kind=table&priority=P0&state=ok&owner=ml&repo=main&limit=1",
	 200, NULL},
	{"GET", "/drift/service/web", 200, NULL},
	{"GET", "/drift/service/%77eb", 200, NULL},
	{"GET", "/drift/web", 200, NULL},
	{"GET", "/gate?target=web", 200, NULL},
	{"GET", "/metrics", 200, NULL},
	{"GET", "/healthz", 200, NULL},
	{"GET", "/readyz", 200, NULL},
	{"GET", "/version", 200, NULL},
	{"GET", "/openapi.json", 200, NULL},
	{"GET", "/", 200, NULL},
	{"POST", "/check?wait=0", 202, NULL},
	{"GET", "/check?wait=0&force=1&strict=1", 202, NULL},
	{"GET", "/drift/service/nobody", 404, "/problems/not-found"},
	{"GET", "/drift/table/web", 404, "/problems/not-found"},
	{"GET", "/drift/nobody", 404, "/problems/not-found"},
	{"GET", "/drift/", 404, "/problems/not-found"},
	{"GET", "/drift/service/", 404, "/problems/not-found"},
	{"GET", "/drift/service/web/", 404, "/problems/not-found"},
	{"GET", "/drift/%zz", 404, "/problems/not-found"},
	{"GET", "/drift/web%00", 404, "/problems/not-found"},
	{"GET", "/status/", 404, "/problems/not-found"},
	{"GET", "//status", 404, "/problems/not-found"},
	{"GET", "/nothing", 404, "/problems/not-found"},
	{"GET", "/incidents/", 404, "/problems/not-found"},
	{"GET", "/incidents/x", 404, "/problems/not-found"},
	{"GET", "/incidents", 503, "/problems/store-unavailable"},
	{"GET", "/incidents?status=closed", 400, "/problems/invalid-parameter"},
	{"GET", "/incidents?cursor=x", 400, "/problems/invalid-parameter"},
	{"POST", "/incidents", 405, "/problems/method-not-allowed"},
	{"GET", "/incidents/1/ack", 405, "/problems/method-not-allowed"},
	{"DELETE", "/incidents/1", 405, "/problems/method-not-allowed"},
	{"GET", "/silences/1", 405, "/problems/method-not-allowed"},
	{"GET", "/hooks/github", 405, "/problems/method-not-allowed"},
	{"POST", "/incidents/1/ack", 400, "/problems/invalid-body"},
	{"POST", "/silences", 400, "/problems/invalid-body"},
	{"POST", "/hooks/github", 403, "/problems/forbidden"},
	{"POST", "/hooks/gitlab", 403, "/problems/forbidden"},
	{"GET", "/notifications?state=lost", 400, "/problems/invalid-parameter"},
	{"GET", "/checks/abc", 404, "/problems/not-found"},
	{"GET", "/checks/0", 404, "/problems/not-found"},
	{"GET", "/checks/-1", 404, "/problems/not-found"},
	{"GET", "/checks/99999999999999999999", 404, "/problems/not-found"},
	{"POST", "/status", 405, "/problems/method-not-allowed"},
	{"DELETE", "/drift/web", 405, "/problems/method-not-allowed"},
	{"OPTIONS", "/check", 405, "/problems/method-not-allowed"},
	{"get", "/status", 405, "/problems/method-not-allowed"},
	{"GET", "/status?all=1", 400, "/problems/unknown-parameter"},
	{"GET", "/status?", 200, NULL},
	{"GET", "/metrics?format=text", 400, "/problems/unknown-parameter"},
	{"GET", "/drift?owners=ml", 400, "/problems/unknown-parameter"},
	{"GET", "/drift?all=1&all=1", 400, "/problems/repeated-parameter"},
	{"GET", "/drift?limit=1&limit=2", 400, "/problems/repeated-parameter"},
	{"GET", "/drift?all=yes", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?all", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?kind=services", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?priority=p0", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?state=bad", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?owner=", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?limit=0", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?limit=1000", 200, NULL},
	{"GET", "/drift?limit=1001", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?limit=-1", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?limit=+1", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?limit=1x", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?cursor=abc", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?owner=nobody", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?owner=ml&owner=nobody", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?owner=ML&all=1", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?repo=other", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?repo=main&repo=other&format=text", 400, "/problems/invalid-parameter"},
	{"GET", "/drift?format=xml", 400, "/problems/invalid-parameter"},
	{"POST", "/check?wait=301", 400, "/problems/invalid-parameter"},
	{"POST", "/check?wait=-1", 400, "/problems/invalid-parameter"},
	{"POST", "/check?wait=1.5", 400, "/problems/invalid-parameter"},
	{"GET", "/gate?target=nobody", 400, "/problems/invalid-parameter"},
	{"GET", "/gate?target=web&target=nobody", 400, "/problems/invalid-parameter"},
	{"GET", "/gate?target=service/nobody", 400, "/problems/invalid-parameter"},
	{"GET", "/gate?kind=nothing", 400, "/problems/invalid-parameter"},
	{"GET", "/gate?kind=table", 400, "/problems/invalid-parameter"},
	{"GET", "/gate?target=web&priority=P2", 400, "/problems/invalid-parameter"},
	{"GET", "/history/service/web?cursor=x", 400, "/problems/invalid-parameter"},
	{"GET", "/history/service/web", 503, "/problems/store-unavailable"},
};

START_TEST(test_status_of)
{
	struct fixture_request request = {.app = app,
					  .rules = rules,
					  .method = route_cases[_i].method,
					  .target = route_cases[_i].target};
	struct response response = fixture_answer(&request);

	ck_assert_msg(response.status == route_cases[_i].status, "%s %s: %d, not %d: %s",
		      route_cases[_i].method, route_cases[_i].target, response.status,
		      route_cases[_i].status, fixture_body(&response));
	if (route_cases[_i].problem) {
		json_object *problem = fixture_json(&response);

		ck_assert_ptr_eq(response.content_type, response_problem);
		ck_assert_str_eq(json_member_text(problem, "type", ""), route_cases[_i].problem);
		ck_assert_int_eq(json_member_int(problem, "status", 0), response.status);
		ck_assert(*json_member_text(problem, "detail", ""));
		ck_assert(response.no_store);
		json_object_put(problem);
	}
	response_done(&response);
}
END_TEST

START_TEST(test_says_what_is_allowed)
{
	struct response unknown = get("/gate?tarquet=x");
	struct response word = get("/drift?state=bad");
	struct fixture_request post = {
		.app = app, .rules = rules, .method = "DELETE", .target = "/check"};
	struct response method = fixture_answer(&post);

	ck_assert_ptr_nonnull(strstr(unknown.bytes, "\"allowed\":[\"format\",\"target\",\"kind\""));
	ck_assert_ptr_nonnull(
		strstr(word.bytes, "[\"ok\",\"pending\",\"unknown\",\"drift\",\"paused\"]"));
	ck_assert_str_eq(method.allow, "GET, HEAD, POST");
	response_done(&unknown);
	response_done(&word);
	response_done(&method);
}
END_TEST

/* Everything but probes and metrics has nothing to say before the first verdicts. */
static const struct {
	const char *target;
	int status;
} early_cases[] = {
	{"/status", 503},
	{"/drift", 503},
	{"/drift/web", 503},
	{"/drift/service/web", 503},
	{"/gate", 503},
	{"/readyz", 503},
	{"/gate?target=x", 503},
	{"/healthz", 200},
	{"/metrics", 200},
	{"/version", 200},
	{"/", 200},
};

START_TEST(test_before_the_first_snapshot)
{
	struct app *empty = fixture_app(NULL);
	struct fixture_request request = {
		.app = empty, .rules = rules, .target = early_cases[_i].target};
	struct response response = fixture_answer(&request);

	ck_assert_msg(response.status == early_cases[_i].status, "%s: %d", early_cases[_i].target,
		      response.status);
	ck_assert_int_eq(response.retry_after_s > 0, response.status == 503);
	response_done(&response);
	app_free(empty);
}
END_TEST

START_TEST(test_not_ready)
{
	struct snapshot_input *input = fixture_world();
	struct response response = {0};

	input->ready = false;
	app_publish(app, snapshot_create(input));
	response = get("/readyz");
	ck_assert_int_eq(response.status, 503);
	response_done(&response);
}
END_TEST

static const struct {
	const char *method, *target, *host, *origin, *site, *repeated;
	int status;
} admission_cases[] = {
	{"GET", "/status", "evil.example", NULL, NULL, NULL, 421},
	{"GET", "/nothing", "evil.example", NULL, NULL, NULL, 421},
	{"GET", "/version", "evil.example", NULL, NULL, NULL, 421},
	{"GET", "/", "evil.example", NULL, NULL, NULL, 421},
	{"GET", "/healthz", "evil.example", NULL, NULL, NULL, 200},
	{"GET", "/readyz", "10.4.4.4:8080", NULL, NULL, NULL, 200},
	{"GET", "/status", NULL, NULL, NULL, "Host", 400},
	{"GET", "/status", NULL, "http://evil.example", "cross-site", NULL, 200},
	{"POST", "/check?wait=0", NULL, "http://evil.example", NULL, NULL, 403},
	{"POST", "/check?wait=0", NULL, NULL, "cross-site", NULL, 403},
	{"GET", "/check?wait=0", NULL, NULL, "cross-site", NULL, 403},
	{"HEAD", "/check?wait=0", NULL, NULL, "same-site", NULL, 403},
	{"POST", "/check?wait=0", NULL, "http://localhost:8080", "same-origin", NULL, 202},
};

START_TEST(test_admission)
{
	struct fixture_request request = {
		.app = app,
		.rules = rules,
		.method = admission_cases[_i].method,
		.target = admission_cases[_i].target,
		.headers = {.host = admission_cases[_i].host,
			    .origin = admission_cases[_i].origin,
			    .sec_fetch_site = admission_cases[_i].site,
			    .repeated = admission_cases[_i].repeated},
	};
	struct response response = fixture_answer(&request);

	ck_assert_msg(response.status == admission_cases[_i].status, "case %d: %d, not %d", _i,
		      response.status, admission_cases[_i].status);
	response_done(&response);
}
END_TEST

START_TEST(test_credential_comes_before_if_none_match)
{
	struct fixture_request request = {
		.app = app, .rules = NULL, .target = "/status", .headers = {.if_none_match = "*"}};
	struct response response = {0};

	use_auth("token = s3cret\nprotect = all\n");
	request.rules = rules;
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, 401);
	ck_assert(response.challenge);
	response_done(&response);
	request.headers.authorization = "Bearer s3cret";
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, 304);
	ck_assert(response.is_private);
	response_done(&response);
	request.target = "/healthz";
	request.headers.authorization = NULL;
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, 304);
	ck_assert(!response.is_private);
	response_done(&response);
}
END_TEST

/* Every GET has an entity tag, and knows it again. */
static const char *const tagged[] = {
	"/status",
	"/drift",
	"/drift?all=1",
	"/drift/service/web",
	"/drift/web",
	"/healthz",
	"/readyz",
	"/version",
	"/openapi.json",
	"/",
	"/gate?target=web",
	"/drift?format=text",
	"/drift/web?format=text",
};

START_TEST(test_etag)
{
	struct response first = get(tagged[_i]);
	const char *etag = first.body ? first.body->etag : first.etag;
	struct fixture_request request = {.app = app,
					  .rules = rules,
					  .target = tagged[_i],
					  .headers = {.if_none_match = etag}};
	struct response second = {0};

	ck_assert_int_eq(first.status, 200);
	ck_assert_ptr_nonnull(etag);
	second = fixture_answer(&request);
	ck_assert_int_eq(second.status, 304);
	response_done(&second);
	request.headers.if_none_match = "\"another\"";
	second = fixture_answer(&request);
	ck_assert_int_eq(second.status, 200);
	response_done(&second);
	response_done(&first);
}
END_TEST

START_TEST(test_forms)
{
	struct fixture_request request = {.app = app,
					  .rules = rules,
					  .target = "/drift",
					  .headers = {.accept = "text/plain"}};
	struct response response = fixture_answer(&request);

	ck_assert_ptr_eq(response.body->content_type, response_text);
	ck_assert_ptr_nonnull(strstr(response.body->bytes, "service/worker"));
	response_done(&response);
	request.target = "/drift?format=json"; /* said in so many words */
	response = fixture_answer(&request);
	ck_assert_ptr_eq(response.body->content_type, response_json);
	response_done(&response);
	request.target = "/drift/worker";
	response = fixture_answer(&request);
	ck_assert_ptr_eq(response.content_type, response_text);
	ck_assert_ptr_null(strchr(response.bytes, '\x1b'));
	response_done(&response);
}
END_TEST

static const struct {
	const char *target;
	const char *ids; /* in order */
} drift_cases[] = {
	{"/drift", "worker api billing"},
	{"/drift?all=1", "worker api billing web old"},
	{"/drift?all=0", "worker api billing"},
	{"/drift?state=ok", "web"},
	{"/drift?state=ok&state=paused", "web old"},
	{"/drift?state=drift", "worker"},
	{"/drift?priority=P1", "api billing"},
	{"/drift?priority=P1&priority=P0", "worker api billing"},
	{"/drift?priority=P1&state=unknown", "api"},
	{"/drift?owner=ml", "worker"},
	{"/drift?owner=ml&all=1", "worker web"},
	{"/drift?owner=web&state=drift", ""},
	{"/drift?repo=main", "worker api billing"},
	{"/drift?kind=table", ""},
	{"/drift?limit=2", "worker api"},
};

static char *names_of(json_object *items)
{
	GString *names = g_string_new(NULL);

	for (size_t i = 0; i < json_object_array_length(items); i++)
		g_string_append_printf(
			names, "%s%s", i > 0 ? " " : "",
			json_member_text(json_object_array_get_idx(items, i), "name", "?"));
	return g_string_free(names, FALSE);
}

START_TEST(test_drift_filters)
{
	struct response response = get(drift_cases[_i].target);
	json_object *drift = fixture_json(&response);
	g_autofree char *names = names_of(json_member_array(drift, "items"));

	ck_assert_str_eq(names, drift_cases[_i].ids);
	ck_assert_str_eq(json_member_text(drift, "overall", ""), "drift"); /* of all, always */
	ck_assert_int_eq(json_member_int(drift, "evaluated", 0), 3);
	json_object_put(drift);
	response_done(&response);
}
END_TEST

/* Walks all pages of @p limit; between two of them the world changes by @p change. */
static char *walk(int limit, void (*change)(void))
{
	g_autofree char *cursor = NULL;
	GString *all = g_string_new(NULL);

	do {
		g_autofree char *target =
			g_strdup_printf("/drift?all=1&limit=%d%s%s", limit,
					cursor ? "&cursor=" : "", cursor ? cursor : "");
		struct response response = get(target);
		json_object *page = fixture_json(&response);
		g_autofree char *names = names_of(json_member_array(page, "items"));

		ck_assert_int_eq(response.status, 200);
		g_string_append_printf(all, "%s%s", all->len > 0 ? " " : "", names);
		g_free(cursor);
		cursor = g_strdup(json_member_text(page, "next_cursor", NULL));
		json_object_put(page);
		response_done(&response);
		if (change)
			change();
	} while (cursor);
	return g_string_free(all, FALSE);
}

START_TEST(test_pages)
{
	g_autofree char *all = walk(_i, NULL);

	ck_assert_str_eq(all, "worker api billing web old");
}
END_TEST

/* worker is mended and gone from where it was; something worse is there now. */
static void mend_worker(void)
{
	app_publish(app,
		    snapshot_create(fixture_input(
			    fixture_verdict("web", STATE_OK, RELATION_IN_SYNC, PRIORITY_P0),
			    fixture_behind("aaa", 1),
			    fixture_verdict("billing", STATE_PENDING, RELATION_BEHIND, PRIORITY_P1),
			    fixture_verdict("api", STATE_UNKNOWN, RELATION_UNKNOWN, PRIORITY_P1),
			    NULL)));
}

START_TEST(test_cursor_stays_valid)
{
	g_autofree char *all = walk(1, mend_worker);

	ck_assert_str_eq(all, "worker api billing web");
}
END_TEST

static const char *const broken_cursors[] = {
	"a",        "!!!!", "djEfMR8xHzA", "djEfNx8xHzAfc2VydmljZS93ZWI",
	"aDEfMR8x", "djE",  "====",        "djEfNB8xHzAfc2VydmljZS93ZWI=",
};

START_TEST(test_broken_cursor)
{
	g_autofree char *target = g_strconcat("/drift?cursor=", broken_cursors[_i], NULL);
	struct response response = get(target);

	ck_assert_msg(response.status == 400, "%s", target);
	response_done(&response);
}
END_TEST

START_TEST(test_target_lists_more_than_drift)
{
	json_object *item = NULL, *object = NULL;
	struct response response = {0};

	app_publish(app, snapshot_create(fixture_input(fixture_behind("worker", 60), NULL)));
	response = get("/drift");
	object = fixture_json(&response);
	item = json_object_array_get_idx(json_member_array(object, "items"), 0);
	ck_assert_uint_eq(json_object_array_length(
				  json_member_array(json_member_object(item, "behind"), "list")),
			  5);
	json_object_put(object);
	response_done(&response);
	response = get("/drift/service/worker");
	object = fixture_json(&response);
	ck_assert_uint_eq(json_object_array_length(
				  json_member_array(json_member_object(object, "behind"), "list")),
			  50);
	ck_assert_int_eq(json_member_int(json_member_object(object, "behind"), "commits", 0), 60);
	ck_assert_str_eq(json_member_text(object, "generated_at", ""), "2026-11-20T11:00:03Z");
	json_object_put(object);
	response_done(&response);
}
END_TEST

static const struct {
	const char *query;
	int status;
	int selected;
	const char *failing, *pending, *paused; /* names */
} gate_cases[] = {
	{"?target=service/web", 200, 1, "", "", ""},
	{"?target=web", 200, 1, "", "", ""},
	{"?target=web&target=service/web", 200, 1, "", "", ""},
	{"?target=worker", 409, 1, "worker", "", ""},
	{"?target=billing", 200, 1, "", "billing", ""},
	{"?target=billing&strict=1", 409, 1, "billing", "", ""},
	{"?target=api", 409, 1, "api", "", ""},
	{"?target=api&allow-unknown=1", 200, 1, "", "", ""},
	{"?target=old", 200, 1, "", "", "old"},
	{"?target=old&strict=1", 200, 1, "", "", "old"},
	{"?target=web&target=worker", 409, 2, "worker", "", ""},
	{"?priority=P0", 409, 2, "worker", "", ""},
	{"?priority=P0&target=web", 200, 1, "", "", ""},
	{"?priority=P1&priority=P2&allow-unknown=1", 200, 3, "", "billing", "old"},
	{"?kind=service", 409, 5, "worker api", "billing", "old"},
	{"?kind=service&kind=table&target=web", 200, 1, "", "", ""},
	{"", 409, 5, "worker api", "billing", "old"},
	{"?strict=0&allow-unknown=false&target=web", 200, 1, "", "", ""},
};

static void check_ids(json_object *array, const char *names)
{
	GString *got = g_string_new(NULL);

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json_object *one = json_object_array_get_idx(array, i);
		const char *id = json_object_is_type(one, json_type_object)
					 ? json_member_text(one, "id", "?/?")
					 : json_object_get_string(one);

		g_string_append_printf(got, "%s%s", i > 0 ? " " : "", strchr(id, '/') + 1);
	}
	ck_assert_str_eq(got->str, names);
	g_string_free(got, TRUE);
}

START_TEST(test_gate)
{
	g_autofree char *target = g_strconcat("/gate", gate_cases[_i].query, NULL);
	struct response response = get(target);
	json_object *gate = fixture_json(&response);

	ck_assert_msg(response.status == gate_cases[_i].status, "%s: %d", target, response.status);
	ck_assert_int_eq(json_member_bool(gate, "pass", false), gate_cases[_i].status == 200);
	ck_assert_int_eq(json_member_int(gate, "selected", 0), gate_cases[_i].selected);
	check_ids(json_member_array(gate, "failing"), gate_cases[_i].failing);
	check_ids(json_member_array(gate, "pending"), gate_cases[_i].pending);
	check_ids(json_member_array(gate, "paused"), gate_cases[_i].paused);
	json_object_put(gate);
	response_done(&response);
}
END_TEST

/* Nobody published for an hour: the gate closes by itself. */
START_TEST(L09_gate_fails_when_all_expired)
{
	struct response response = {0};

	clk_set_fake(FIXTURE_NOW_MONO_MS + MS_PER_HOUR, FIXTURE_NOW_WALL_MS + MS_PER_HOUR);
	response = get("/gate?target=web");
	ck_assert_int_eq(response.status, 409);
	response_done(&response);
}
END_TEST

/* "evaluated N of M" in every summary there is. */
START_TEST(L01_every_summary_says_how_many)
{
	static const char *const json[] = {"/status", "/drift", "/gate?strict=1"};
	static const char *const text[] = {"/status?format=text", "/drift?format=text",
					   "/gate?format=text"};

	for (size_t i = 0; i < G_N_ELEMENTS(json); i++) {
		struct response response = get(json[i]);
		json_object *object = fixture_json(&response);

		ck_assert_int_eq(json_member_int(object, "evaluated", -1), 3);
		ck_assert_int_eq(json_member_int(object, "targets_total", -1), 4);
		json_object_put(object);
		response_done(&response);
		response = get(text[i]);
		ck_assert_msg(strstr(fixture_body(&response), "evaluated 3 of 4"), "%s",
			      fixture_body(&response));
		response_done(&response);
	}
}
END_TEST

/* JSON, text, gate, metrics and the check's summary come from one evaluation. */
START_TEST(L11_renderings_agree)
{
	struct response status = get("/status"), drift = get("/drift?all=1"), gate = get("/gate");
	struct response text = get("/status?format=text"), metrics = get("/metrics");
	json_object *of_status = fixture_json(&status), *of_drift = fixture_json(&drift);
	json_object *of_gate = fixture_json(&gate);
	json_object *lines = json_member_array(of_status, "targets");
	json_object *items = json_member_array(of_drift, "items");

	ck_assert_int_eq(gate.status, 409);
	ck_assert_uint_eq(json_object_array_length(lines), json_object_array_length(items));
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		json_object *line = json_object_array_get_idx(lines, i);
		const char *id = json_member_text(line, "id", "?");
		const char *state = json_member_text(line, "state", "?");
		static const char *const values[] = {"0", "1", "2", "3", "-1"};
		g_autofree char *sample =
			g_strdup_printf("driftd_target_state{target=\"%s\",priority=\"%s\"} %s\n",
					id, json_member_text(line, "priority", "?"),
					values[state_from_text(state) - STATE_OK]);
		g_autofree char *row = g_strdup_printf("(?m)^%s .*%s", state, id);

		ck_assert_str_eq(json_member_text(json_object_array_get_idx(items, i), "state", ""),
				 state);
		ck_assert_ptr_nonnull(strstr(fixture_body(&metrics), sample));
		ck_assert_msg(g_regex_match_simple(row, fixture_body(&text), 0, 0), "%s in\n%s",
			      row, fixture_body(&text));
	}
	ck_assert_ptr_nonnull(
		strstr(fixture_body(&text), "1 ok, 1 pending, 1 unknown, 1 drift, 1 paused"));
	ck_assert_str_eq(json_object_to_json_string(json_member_object(of_status, "counts")),
			 json_object_to_json_string(json_member_object(of_drift, "counts")));
	check_ids(json_member_array(of_gate, "failing"), "worker api");
	json_object_put(of_status);
	json_object_put(of_drift);
	json_object_put(of_gate);
	response_done(&status);
	response_done(&drift);
	response_done(&gate);
	response_done(&text);
	response_done(&metrics);
}
END_TEST

START_TEST(test_version)
{
	struct response response = get("/version");
	json_object *version = fixture_json(&response);

	ck_assert_str_eq(json_member_text(version, "name", ""), "driftd");
	ck_assert(*json_member_text(version, "version", ""));
	ck_assert(json_object_object_get_ex(version, "commit", NULL));
	ck_assert(json_object_object_get_ex(version, "dirty", NULL));
	json_object_put(version);
	response_done(&response);
}
END_TEST

static TCase *routing(void)
{
	TCase *tcase = tcase_create("routing");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_status_of, 0, G_N_ELEMENTS(route_cases));
	tcase_add_test(tcase, test_says_what_is_allowed);
	tcase_add_loop_test(tcase, test_before_the_first_snapshot, 0, G_N_ELEMENTS(early_cases));
	tcase_add_test(tcase, test_not_ready);
	tcase_add_loop_test(tcase, test_admission, 0, G_N_ELEMENTS(admission_cases));
	tcase_add_test(tcase, test_credential_comes_before_if_none_match);
	tcase_add_loop_test(tcase, test_etag, 0, G_N_ELEMENTS(tagged));
	tcase_add_test(tcase, test_forms);
	return tcase;
}

static TCase *content(void)
{
	TCase *tcase = tcase_create("content");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_drift_filters, 0, G_N_ELEMENTS(drift_cases));
	tcase_add_loop_test(tcase, test_pages, 1, 7);
	tcase_add_test(tcase, test_cursor_stays_valid);
	tcase_add_loop_test(tcase, test_broken_cursor, 0, G_N_ELEMENTS(broken_cursors));
	tcase_add_test(tcase, test_target_lists_more_than_drift);
	tcase_add_loop_test(tcase, test_gate, 0, G_N_ELEMENTS(gate_cases));
	tcase_add_test(tcase, L09_gate_fails_when_all_expired);
	tcase_add_test(tcase, L01_every_summary_says_how_many);
	tcase_add_test(tcase, L11_renderings_agree);
	tcase_add_test(tcase, test_version);
	return tcase;
}

Suite *router_suite(void)
{
	Suite *suite = suite_create("router");

	suite_add_tcase(suite, routing());
	suite_add_tcase(suite, content());
	return suite;
}
