/* test_jwks - when keys are fetched, how long they are kept, and what is left when a fetch fails: a
 * real server on loopback, and a clock that stands still. */
#include "tests/unit/oidc_world.h"
#include "tests/unit/web_fixture.h"

#include "clk.h"
#include "oidc/freshness.h"
#include "oidc/jwks.h"

#include <string.h>

Suite *jwks_suite(void);

#define PATIENCE_MS 20000
#define START_MONO_MS INT64_C(1000000)
#define TIMEOUT_MS 60000

static struct web *web;
static struct http_client *client;
static int64_t mono_ms;

/* What the server says; under web->lock. */
static int status;
static char *headers;
static char *body;

/* What jwks told. */
static struct told {
	int calls;
	struct oidc_keys *keys; /* a reference */
	char *error;
} told;

static void on_fetched(void *data, struct oidc_keys *keys, const char *error)
{
	ck_assert_ptr_eq(data, &told);
	ck_assert((keys == NULL) == (error != NULL));
	told.calls++;
	oidc_keys_unref(told.keys);
	told.keys = keys ? oidc_keys_ref(keys) : NULL;
	g_free(told.error);
	told.error = g_strdup(error);
}

static bool handle(const struct web_request *request)
{
	g_autofree char *own_headers = NULL;
	g_autofree char *own_body = NULL;
	int own_status = 0;

	if (g_str_has_prefix(request->path, "/hang"))
		return !web_wait(request, -1);
	(void)pthread_mutex_lock(&request->web->lock);
	own_headers = g_strdup(headers);
	own_body = g_strdup(body);
	own_status = status;
	(void)pthread_mutex_unlock(&request->web->lock);
	return web_reply(request, own_status, own_headers, own_body);
}

static void serve(int new_status, const char *new_headers, const char *new_body)
{
	(void)pthread_mutex_lock(&web->lock);
	g_free(headers);
	g_free(body);
	status = new_status;
	headers = g_strdup(new_headers);
	body = g_strdup(new_body);
	(void)pthread_mutex_unlock(&web->lock);
}

static void serve_keys(const char *new_headers)
{
	g_autofree char *text = oidc_jwks();

	serve(200, new_headers, text);
}

static void pass(int64_t ms)
{
	mono_ms += ms;
	clk_set_fake(mono_ms, OIDC_NOW_WALL_MS + mono_ms - START_MONO_MS);
}

static void setup(void)
{
	g_unsetenv("http_proxy");
	g_unsetenv("https_proxy");
	g_unsetenv("all_proxy");
	g_unsetenv("ALL_PROXY");
	mono_ms = START_MONO_MS;
	pass(0);
	web = web_start(handle);
	client = http_client_create(4, NULL);
	ck_assert_ptr_nonnull(client);
	serve_keys("Cache-Control: max-age=3600\r\n");
}

static void teardown(void)
{
	http_client_free(client);
	web_stop(web);
	oidc_keys_unref(told.keys);
	g_free(told.error);
	g_free(headers);
	g_free(body);
	clk_clear_fake();
}

static struct jwks *start(const char *path)
{
	struct jwks *jwks = jwks_create(client, on_fetched, &told);
	g_autofree char *url = g_strconcat(web->origin, path, NULL);

	jwks_set_url(jwks, url, TIMEOUT_MS);
	return jwks;
}

/* Does the clock have to run for a fetch to end? Retries wait by it. */
static bool is_retried(void)
{
	bool retried = false;

	(void)pthread_mutex_lock(&web->lock);
	retried = status != 200 && web->in_flight == 0;
	(void)pthread_mutex_unlock(&web->lock);
	return retried;
}

/* Until the fetch under way has ended. */
static void settle(int calls)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (told.calls < calls && g_get_monotonic_time() / 1000 < end_ms) {
		http_client_poll(client, 2, -1);
		if (told.calls < calls && is_retried())
			pass(50);
	}
	ck_assert_int_eq(told.calls, calls);
	ck_assert_uint_eq(http_client_pending(client), 0);
}

static void fetch(struct jwks *jwks)
{
	int calls = told.calls;

	jwks_run(jwks);
	settle(calls + 1);
}

static int asked(void)
{
	return web_count(web, "/certs");
}

static void check_error(const char *part)
{
	ck_assert_ptr_null(told.keys);
	ck_assert_msg(strstr(told.error, part), "\"%s\", not \"%s\"", told.error, part);
	ck_assert_ptr_null(strstr(told.error, "s3cret"));
	ck_assert_ptr_null(strchr(told.error, '\n'));
}

/* --- when all is well --- */

START_TEST(keys_are_fetched_and_kept)
{
	struct jwks *jwks = jwks_create(client, on_fetched, &told);
	g_autofree char *url = g_strconcat(web->origin, "/certs", NULL);

	ck_assert(jwks_due_mono_ms(jwks) == INT64_MAX);
	jwks_run(jwks);
	jwks_set_url(jwks, url, TIMEOUT_MS);
	ck_assert_ptr_null(jwks_keys(jwks));
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms);
	fetch(jwks);
	ck_assert_ptr_nonnull(told.keys);
	ck_assert_ptr_eq(jwks_keys(jwks), told.keys);
	ck_assert_uint_eq(oidc_keys_count(told.keys), 2);
	ck_assert_int_eq(oidc_keys_expires_wall_ms(told.keys), OIDC_NOW_WALL_MS + MS_PER_HOUR);
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + MS_PER_HOUR / 5 * 4);
	ck_assert_int_eq(asked(), 1);
	jwks_free(jwks);
}
END_TEST

START_TEST(keys_are_fetched_again_before_they_expire)
{
	struct jwks *jwks = start("/certs");
	struct oidc_keys *first = NULL;

	fetch(jwks);
	first = jwks_keys(jwks);
	pass(MS_PER_HOUR / 5 * 4 - 1);
	jwks_run(jwks);
	ck_assert_uint_eq(http_client_pending(client), 0);
	pass(1);
	jwks_run(jwks);
	ck_assert_uint_eq(http_client_pending(client), 1);
	ck_assert(jwks_due_mono_ms(jwks) == INT64_MAX); /* nothing to do but wait */
	jwks_run(jwks);
	ck_assert_uint_eq(http_client_pending(client), 1);
	ck_assert_ptr_eq(jwks_keys(jwks), first);
	settle(2);
	ck_assert_ptr_ne(jwks_keys(jwks), first);
	ck_assert_int_eq(oidc_keys_expires_wall_ms(jwks_keys(jwks)),
			 OIDC_NOW_WALL_MS + MS_PER_HOUR / 5 * 4 + MS_PER_HOUR);
	ck_assert_int_eq(asked(), 2);
	jwks_free(jwks);
}
END_TEST

static const struct {
	const char *lines;
	int64_t life_ms;
} life_cases[] = {
	{"", JWKS_AGE_DEFAULT_MS},
	{"Cache-Control: public\r\n", JWKS_AGE_DEFAULT_MS},
	{"Cache-Control: max-age=garbage\r\n", JWKS_AGE_DEFAULT_MS},
	{"Cache-Control: max-age=-1\r\n", JWKS_AGE_DEFAULT_MS},
	{"cache-control: public, max-age=19835, must-revalidate, no-transform\r\n", 19835000},
	{"Cache-Control: public, max-age=7200\r\nAge: 600\r\n", 6600000},
	{"Cache-Control: max-age=0\r\n", JWKS_AGE_MIN_MS},
	{"Cache-Control: max-age=299\r\n", JWKS_AGE_MIN_MS},
	{"Cache-Control: max-age=301\r\n", 301000},
	{"Cache-Control: no-store\r\n", JWKS_AGE_MIN_MS},
	{"Cache-Control: max-age=7200\r\nAge: 99999\r\n", JWKS_AGE_MIN_MS},
	{"Cache-Control: max-age=86400\r\n", JWKS_AGE_MAX_MS},
	{"Cache-Control: max-age=86401\r\n", JWKS_AGE_MAX_MS},
	{"Cache-Control: max-age=99999999999999999999999999\r\n", JWKS_AGE_MAX_MS},
};

START_TEST(cache_control_decides)
{
	struct jwks *jwks = start("/certs");
	int64_t life_ms = life_cases[_i].life_ms;

	serve_keys(life_cases[_i].lines);
	fetch(jwks);
	ck_assert_int_eq(oidc_keys_expires_wall_ms(told.keys), OIDC_NOW_WALL_MS + life_ms);
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + life_ms - life_ms / 5);
	jwks_free(jwks);
}
END_TEST

START_TEST(a_max_age_of_0_is_no_loop)
{
	struct jwks *jwks = start("/certs");

	serve_keys("Cache-Control: max-age=0\r\n");
	fetch(jwks);
	for (int i = 0; i < 239; i++) { /* 4 minutes */
		pass(1000);
		jwks_run(jwks);
		ck_assert_uint_eq(http_client_pending(client), 0);
		ck_assert_int_gt(jwks_due_mono_ms(jwks), mono_ms);
	}
	ck_assert_int_lt(clk_wall_ms(), oidc_keys_expires_wall_ms(jwks_keys(jwks)));
	pass(1000);
	jwks_run(jwks);
	ck_assert_uint_eq(http_client_pending(client), 1);
	settle(2);
	jwks_free(jwks);
}
END_TEST

static const struct {
	const char *cache_control, *age;
	int64_t fresh_ms;
} freshness_cases[] = {
	{NULL, NULL, -1},
	{NULL, "10", -1},
	{"", NULL, -1},
	{"max-age=10", NULL, 10000},
	{"MAX-AGE=10", NULL, 10000},
	{"max-age=010", NULL, 10000},
	{"max-age=\"10\"", NULL, 10000},
	{"public, max-age=10", NULL, 10000},
	{"public,max-age=10,private", NULL, 10000},
	{" \t public \t,\t max-age=10 \t , x", NULL, 10000},
	{",,max-age=10,,", NULL, 10000},
	{"x=\"a, max-age=5\", max-age=10", NULL, 10000},
	{"x=\"a\\\", max-age=5\", max-age=10", NULL, 10000},
	{"x=\"never ends, max-age=10", NULL, -1},
	{"max-age=10, max-age=20", NULL, 10000},
	{"max-age=x, max-age=20", NULL, -1},
	{"s-maxage=5", NULL, -1},
	{"x-max-age=5", NULL, -1},
	{"max-age-x=5", NULL, -1},
	{"max-agex", NULL, -1},
	{"max-age", NULL, -1},
	{"max-age=", NULL, -1},
	{"max-age=\"\"", NULL, -1},
	{"max-age=\"", NULL, -1},
	{"max-age =10", NULL, -1},
	{"max-age= 10", NULL, -1},
	{"max-age=10s", NULL, -1},
	{"max-age=1.5", NULL, -1},
	{"max-age=+5", NULL, -1},
	{"max-age=-5", NULL, -1},
	{"max-age=0", NULL, 0},
	{"max-age=2147483648", NULL, INT64_C(2147483648000)},
	{"max-age=2147483649", NULL, INT64_C(2147483648000)},
	{"max-age=99999999999999999999999999999", NULL, INT64_C(2147483648000)},
	{"no-store", NULL, 0},
	{"no-cache", NULL, 0},
	{"max-age=10, no-cache", NULL, 0},
	{"No-Cache=\"Set-Cookie\", max-age=10", NULL, 0},
	{"no-store, max-age=10", NULL, 0},
	{"x-no-store, max-age=10", NULL, 10000},
	{"max-age=10", "4", 6000},
	{"max-age=10", "10", 0},
	{"max-age=10", "11", 0},
	{"max-age=10", "99999999999999999999999999", 0},
	{"max-age=10", "-4", 10000},
	{"max-age=10", "x", 10000},
	{"max-age=10", "", 10000},
};

START_TEST(freshness)
{
	int64_t got = freshness_ms(freshness_cases[_i].cache_control, freshness_cases[_i].age);

	ck_assert_msg(got == freshness_cases[_i].fresh_ms, "\"%s\" Age %s: %" PRId64,
		      freshness_cases[_i].cache_control, freshness_cases[_i].age, got);
}
END_TEST

/* --- unknown key ids --- */

START_TEST(an_unknown_key_fetches_at_most_once_a_minute)
{
	struct jwks *jwks = start("/certs");

	ck_assert(jwks_want(jwks)); /* also the very first */
	ck_assert_uint_eq(http_client_pending(client), 1);
	for (int i = 0; i < 10; i++)
		ck_assert(jwks_want(jwks)); /* under way: one is enough */
	jwks_run(jwks);
	ck_assert_uint_eq(http_client_pending(client), 1);
	settle(1);
	ck_assert(!jwks_want(jwks));
	pass(JWKS_REFETCH_MS - 1);
	ck_assert(!jwks_want(jwks));
	ck_assert_uint_eq(http_client_pending(client), 0);
	pass(1);
	ck_assert(jwks_want(jwks));
	settle(2);
	ck_assert(!jwks_want(jwks));
	ck_assert_int_eq(asked(), 2);
	jwks_free(jwks);
}
END_TEST

START_TEST(a_failed_fetch_counts_for_unknown_keys_too)
{
	struct jwks *jwks = start("/certs");
	int64_t begun_mono_ms = mono_ms;

	serve(404, "", "");
	fetch(jwks);
	ck_assert(!jwks_want(jwks));
	pass(begun_mono_ms + JWKS_REFETCH_MS - mono_ms);
	ck_assert(jwks_want(jwks));
	settle(2);
	jwks_free(jwks);
}
END_TEST

START_TEST(without_url_nothing_is_wanted)
{
	struct jwks *jwks = jwks_create(client, on_fetched, &told);

	ck_assert(!jwks_want(jwks));
	jwks_run(jwks);
	ck_assert_uint_eq(http_client_pending(client), 0);
	ck_assert_int_eq(told.calls, 0);
	jwks_free(jwks);
}
END_TEST

/* --- failures --- */

static const struct {
	int status;
	const char *lines, *body, *error;
} failures[] = {
	{404, "", "", "HTTP 404"},
	{500, "", "", "HTTP 500"},
	{429, "", "", "HTTP 429"},
	{204, "", "", "HTTP 204"},
	{302, "Location: https://evil.example/\r\n", "", "HTTP 302"},
	{301, "Location: /certs\r\n", "", "HTTP 301"},
	{200, "", "", "empty"},
	{200, "", "<html>sign in</html>", "not a JSON document"},
	{200, "", "{\"keys\":[]}", "no key of use"},
	{200, "", "{\"keys\":[", "not a JSON document"},
	{200, "", "{\"error\":\"x\"}", "keys"},
};

static void check_failure(struct jwks *jwks, const char *error)
{
	struct oidc_keys *before = jwks_keys(jwks);
	int64_t expires_wall_ms = oidc_keys_expires_wall_ms(before);

	pass(jwks_due_mono_ms(jwks) - mono_ms);
	fetch(jwks);
	check_error(error);
	ck_assert_ptr_eq(jwks_keys(jwks), before);
	ck_assert_int_eq(oidc_keys_expires_wall_ms(before), expires_wall_ms); /* and no longer */
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + JWKS_RETRY_MS);
}

START_TEST(a_failure_leaves_what_is_there)
{
	struct jwks *jwks = start("/certs?key=s3cret");

	fetch(jwks);
	serve(failures[_i].status, failures[_i].lines, failures[_i].body);
	check_failure(jwks, failures[_i].error);
	ck_assert_ptr_nonnull(strstr(told.error, "127.0.0.1"));
	jwks_free(jwks);
}
END_TEST

START_TEST(an_answer_that_is_too_large_is_a_failure)
{
	g_autofree char *keys = oidc_jwks();
	g_autofree char *space = g_strnfill(OIDC_KEYS_MAX_BYTES - strlen(keys), ' ');
	g_autofree char *largest = g_strconcat(keys, space, NULL);
	g_autofree char *larger = g_strconcat(largest, " ", NULL);
	struct jwks *jwks = start("/certs");

	serve(200, "Cache-Control: max-age=600\r\n", largest);
	fetch(jwks);
	ck_assert_ptr_nonnull(told.keys);
	serve(200, "", larger);
	check_failure(jwks, "larger than");
	jwks_free(jwks);
}
END_TEST

START_TEST(an_issuer_out_of_reach_leaves_nothing)
{
	g_autofree char *nowhere = web_nowhere();
	g_autofree char *url = g_strconcat(nowhere, "/certs?key=s3cret", NULL);
	struct jwks *jwks = jwks_create(client, on_fetched, &told);

	jwks_set_url(jwks, url, TIMEOUT_MS);
	status = 0; /* let the clock run */
	fetch(jwks);
	check_error("127.0.0.1");
	ck_assert_ptr_null(jwks_keys(jwks));
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + JWKS_RETRY_MS);
	jwks_free(jwks);
}
END_TEST

START_TEST(an_issuer_that_hangs_times_out)
{
	struct jwks *jwks = jwks_create(client, on_fetched, &told);
	g_autofree char *url = g_strconcat(web->origin, "/hang", NULL);
	int64_t end_mono_ms = 0; /* sooner than the timeout that is not ours */

	clk_clear_fake(); /* the transfer's own timeout runs by the real clock */
	end_mono_ms = clk_mono_ms() + HTTP_TIMEOUT_DEFAULT_MS / 2;
	jwks_set_url(jwks, url, 50);
	jwks_run(jwks);
	while (told.calls == 0 && clk_mono_ms() < end_mono_ms)
		http_client_poll(client, 50, -1);
	ck_assert_int_eq(told.calls, 1);
	check_error("127.0.0.1");
	jwks_free(jwks);
}
END_TEST

START_TEST(failures_back_off)
{
	static const int64_t waits_s[] = {10, 20, 40, 80, 160, 300, 300, 300};
	struct jwks *jwks = start("/certs");

	serve(404, "", "");
	for (size_t i = 0; i < G_N_ELEMENTS(waits_s); i++) {
		fetch(jwks);
		ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + waits_s[i] * MS_PER_S);
		jwks_run(jwks);
		ck_assert_uint_eq(http_client_pending(client), 0);
		pass(waits_s[i] * MS_PER_S - 1);
		jwks_run(jwks);
		ck_assert_uint_eq(http_client_pending(client), 0);
		pass(1);
	}
	serve_keys("");
	fetch(jwks);
	ck_assert_ptr_nonnull(told.keys);
	serve(404, "", "");
	pass(jwks_due_mono_ms(jwks) - mono_ms);
	fetch(jwks);
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + JWKS_RETRY_MS); /* anew */
	jwks_free(jwks);
}
END_TEST

/* What passes in a moment is tried again inside one fetch. */
START_TEST(a_fetch_tries_again_by_itself)
{
	struct jwks *jwks = start("/certs");

	serve(503, "", "");
	fetch(jwks);
	ck_assert_int_eq(asked(), 3);
	ck_assert_int_eq(told.calls, 1);
	jwks_free(jwks);
}
END_TEST

static const struct {
	const char *url;
	bool ok;
} url_cases[] = {
	{"http://issuer.example/certs", false}, {"http://127.0.0.1.evil.example/certs", false},
	{"http://10.0.0.1/certs", false},       {"ftp://127.0.0.1/certs", false},
	{"file:///etc/passwd", false},          {"https://user:pass@issuer.example/certs", false},
	{"http://localhost:1/certs", true},     {"http://[::1]:1/certs", true},
	{"https://localhost:1/certs", true},    {"HTTPS://localhost:1/certs", true},
};

/* Keys that anybody on the way can change prove nothing. */
START_TEST(only_https_or_loopback_is_asked)
{
	struct jwks *jwks = jwks_create(client, on_fetched, &told);

	jwks_set_url(jwks, url_cases[_i].url, TIMEOUT_MS);
	if (!url_cases[_i].ok)
		ck_assert(!jwks_want(jwks)); /* who asks is not told while he asks */
	ck_assert_int_eq(told.calls, 0);
	jwks_run(jwks);
	ck_assert_uint_eq(http_client_pending(client), url_cases[_i].ok ? 1 : 0);
	ck_assert_int_eq(told.calls, url_cases[_i].ok ? 0 : 1);
	if (!url_cases[_i].ok) {
		check_error("https");
		ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + JWKS_RETRY_MS);
		ck_assert(!jwks_want(jwks));
	}
	jwks_free(jwks);
}
END_TEST

/* --- another URL, and the end --- */

START_TEST(another_url_forgets_the_keys)
{
	struct jwks *jwks = start("/certs");
	g_autofree char *same = g_strconcat(web->origin, "/certs", NULL);
	g_autofree char *other = g_strconcat(web->origin, "/certs/other", NULL);

	fetch(jwks);
	jwks_set_url(jwks, same, TIMEOUT_MS + 1);
	ck_assert_ptr_nonnull(jwks_keys(jwks));
	ck_assert_int_gt(jwks_due_mono_ms(jwks), mono_ms);
	jwks_set_url(jwks, other, TIMEOUT_MS);
	ck_assert_ptr_null(jwks_keys(jwks));
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms);
	ck_assert_int_eq(told.calls, 1);
	ck_assert(jwks_want(jwks)); /* the other one's fetch does not count */
	settle(2);
	ck_assert_ptr_nonnull(jwks_keys(jwks));
	ck_assert_int_eq(web_count(web, "/certs/other"), 1);
	jwks_set_url(jwks, NULL, TIMEOUT_MS);
	ck_assert_ptr_null(jwks_keys(jwks));
	ck_assert(jwks_due_mono_ms(jwks) == INT64_MAX);
	ck_assert_int_eq(told.calls, 2);
	jwks_free(jwks);
}
END_TEST

/* An answer of the URL before must not bring back its keys. */
START_TEST(a_late_answer_is_thrown_away)
{
	struct jwks *jwks = start("/certs/old");
	g_autofree char *hang = g_strconcat(web->origin, "/hang", NULL);
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	jwks_run(jwks);
	jwks_set_url(jwks, hang, TIMEOUT_MS);
	while (http_client_pending(client) > 0 && g_get_monotonic_time() / 1000 < end_ms)
		http_client_poll(client, 2, -1);
	ck_assert_int_eq(web_count(web, "/certs/old"), 1);
	ck_assert_int_eq(told.calls, 0);
	ck_assert_ptr_null(jwks_keys(jwks));
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms);
	jwks_free(jwks);
}
END_TEST

START_TEST(who_waits_is_told_that_there_is_no_issuer_any_more)
{
	struct jwks *jwks = start("/hang");

	ck_assert(jwks_want(jwks));
	jwks_set_url(jwks, NULL, 0);
	ck_assert_int_eq(told.calls, 1);
	check_error("not configured");
	jwks_free(jwks);
}
END_TEST

START_TEST(nothing_is_told_after_the_end)
{
	struct jwks *jwks = start("/hang");

	jwks_run(jwks);
	http_client_poll(client, 10, -1);
	jwks_free(jwks);
	http_client_cancel_all(client);
	ck_assert_int_eq(told.calls, 0);
	jwks_free(NULL);
}
END_TEST

START_TEST(a_cancelled_fetch_is_a_failure)
{
	struct jwks *jwks = start("/hang");

	jwks_run(jwks);
	http_client_cancel_all(client);
	ck_assert_int_eq(told.calls, 1);
	check_error("fetch the issuer's keys");
	ck_assert_int_eq(jwks_due_mono_ms(jwks), mono_ms + JWKS_RETRY_MS);
	jwks_free(jwks);
}
END_TEST

static TCase *new_case(Suite *suite, const char *name)
{
	TCase *tcase = oidc_world_case(suite, name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	return tcase;
}

static void add_fetches(TCase *tcase)
{
	tcase_add_test(tcase, keys_are_fetched_and_kept);
	tcase_add_test(tcase, keys_are_fetched_again_before_they_expire);
	tcase_add_loop_test(tcase, cache_control_decides, 0, G_N_ELEMENTS(life_cases));
	tcase_add_test(tcase, a_max_age_of_0_is_no_loop);
	tcase_add_test(tcase, an_unknown_key_fetches_at_most_once_a_minute);
	tcase_add_test(tcase, a_failed_fetch_counts_for_unknown_keys_too);
	tcase_add_test(tcase, without_url_nothing_is_wanted);
	tcase_add_test(tcase, another_url_forgets_the_keys);
	tcase_add_test(tcase, a_late_answer_is_thrown_away);
	tcase_add_test(tcase, who_waits_is_told_that_there_is_no_issuer_any_more);
	tcase_add_test(tcase, nothing_is_told_after_the_end);
}

static void add_failures(TCase *tcase)
{
	tcase_add_loop_test(tcase, a_failure_leaves_what_is_there, 0, G_N_ELEMENTS(failures));
	tcase_add_test(tcase, an_answer_that_is_too_large_is_a_failure);
	tcase_add_test(tcase, an_issuer_out_of_reach_leaves_nothing);
	tcase_add_test(tcase, an_issuer_that_hangs_times_out);
	tcase_add_test(tcase, failures_back_off);
	tcase_add_test(tcase, a_fetch_tries_again_by_itself);
	tcase_add_loop_test(tcase, only_https_or_loopback_is_asked, 0, G_N_ELEMENTS(url_cases));
	tcase_add_test(tcase, a_cancelled_fetch_is_a_failure);
}

Suite *jwks_suite(void)
{
	Suite *suite = suite_create("jwks");
	TCase *tcase = tcase_create("freshness");

	tcase_add_loop_test(tcase, freshness, 0, G_N_ELEMENTS(freshness_cases));
	suite_add_tcase(suite, tcase);
	add_fetches(new_case(suite, "fetches"));
	add_failures(new_case(suite, "failures"));
	return suite;
}
