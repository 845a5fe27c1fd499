#include <check.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/host.h"
#include "api_fixture.h"

Suite *auth_suite(void);

static const struct {
	const char *text;
	bool ok;
	const char *name;
	int port;
	bool is_address;
} host_cases[] = {
	{"example.com", true, "example.com", -1, false},
	{"Example.COM:8080", true, "example.com", 8080, false},
	{"example.com.", true, "example.com", -1, false},
	{"example.com:", true, "example.com", -1, false},
	{"127.0.0.1:80", true, "127.0.0.1", 80, true},
	{"[::1]", true, "::1", -1, true},
	{"[::1]:65535", true, "::1", 65535, true},
	{"[0:0:0:0:0:0:0:1]", true, "::1", -1, true},
	{"a_b-c.internal", true, "a_b-c.internal", -1, false},
	{"", false, NULL, 0, false},
	{":80", false, NULL, 0, false},
	{"[]", false, NULL, 0, false},
	{"[::1", false, NULL, 0, false},
	{"[::1]x", false, NULL, 0, false},
	{"[example.com]", false, NULL, 0, false},
	{"::1", false, NULL, 0, false},
	{"a:65536", false, NULL, 0, false},
	{"a:-1", false, NULL, 0, false},
	{"a:80x", false, NULL, 0, false},
	{"a b", false, NULL, 0, false},
	{"user@host", false, NULL, 0, false},
	{"a/b", false, NULL, 0, false},
	{"a,b", false, NULL, 0, false},
};

START_TEST(test_host_parse)
{
	struct host host = {.port = -7};
	bool ok = host_parse(host_cases[_i].text, &host);

	ck_assert_msg(ok == host_cases[_i].ok, "\"%s\"", host_cases[_i].text);
	if (!ok) {
		ck_assert_int_eq(host.port, -7);
		return;
	}
	ck_assert_str_eq(host.name, host_cases[_i].name);
	ck_assert_int_eq(host.port, host_cases[_i].port);
	ck_assert_int_eq(host.is_address, host_cases[_i].is_address);
}
END_TEST

START_TEST(test_host_parse_is_bounded)
{
	g_autofree char *longest = g_strnfill(HOST_MAX_BYTES - 1, 'a');
	g_autofree char *longer = g_strnfill(HOST_MAX_BYTES, 'a');
	g_autofree char *address = g_strdup_printf("[%s]", longer);
	g_autofree char *origin = g_strdup_printf("https://%s:80000", longer);
	struct host host = {0};
	bool tls = false;

	ck_assert(host_parse(longest, &host));
	ck_assert(!host_parse(longer, &host));
	ck_assert(!host_parse(address, &host));
	ck_assert(!host_parse_origin(origin, &host, &tls));
}
END_TEST

/* Host against a driftd that listens on LISTEN, has allowed-host drift.internal and public-url
 * https://drift.example.com. */
static const struct {
	const char *host;
	bool allowed;
} rule_cases[] = {
	{"localhost", true},
	{"LOCALHOST:8080", true},
	{"127.0.0.1:8080", true},
	{"127.8.9.10", true},
	{"[::1]:8080", true},
	{"drift.internal", true},
	{"drift.internal:8443", true},
	{"drift.example.com", true},
	{"Drift.Example.Com.:443", true},
	{"10.1.2.3:8080", true}, /* listened on */
	{"evil.example", false},
	{"localhost.evil.example", false},
	{"evil.example:8080", false},
	{"drift.internal.evil.example", false},
	{"10.1.2.4", false},
	{"128.0.0.1", false},
	{"", false},
	{"drift.internal, evil.example", false},
	{NULL, false},
};

START_TEST(test_host_rule)
{
	struct config *config = fixture_config(
		"allowed-host = drift.internal\npublic-url = https://drift.example.com\n", NULL);
	struct auth_rules *rules = auth_rules_create(config, "10.1.2.3:8080");
	struct request request = {.headers = {.host = rule_cases[_i].host}, .socket_fd = -1};

	ck_assert_msg(auth_allows_host(rules, &request) == rule_cases[_i].allowed, "\"%s\"",
		      rule_cases[_i].host ? rule_cases[_i].host : "(none)");
	auth_rules_unref(rules);
	config_unref(config);
}
END_TEST

/* The address a connection came to is always a name of ours, on whatever was listened. */
START_TEST(test_host_rule_own_address)
{
	struct config *config = fixture_config(NULL, NULL);
	struct auth_rules *rules = auth_rules_create(config, "localhost:8080");
	struct sockaddr_in any = {.sin_family = AF_INET};
	struct request request = {.headers = {.host = "0.0.0.0:8080"},
				  .socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

	ck_assert_int_eq(bind(request.socket_fd, (struct sockaddr *)&any, sizeof(any)), 0);
	ck_assert(auth_allows_host(rules, &request));
	request.headers.host = "10.9.8.7:8080";
	ck_assert(!auth_allows_host(rules, &request));
	ck_assert_int_eq(close(request.socket_fd), 0);
	auth_rules_unref(rules);
	config_unref(config);
}
END_TEST

static const struct {
	const char *host, *origin, *site;
	bool allowed;
} origin_cases[] = {
	{"localhost:8080", NULL, NULL, true}, /* no browser */
	{"localhost:8080", NULL, "none", true},
	{"localhost:8080", NULL, "same-origin", true},
	{"localhost:8080", NULL, "same-site", false},
	{"localhost:8080", NULL, "cross-site", false},
	{"localhost:8080", NULL, "", false},
	{"localhost:8080", "http://localhost:8080", "same-origin", true},
	{"localhost:8080", "http://localhost:8080", "cross-site", false},
	{"localhost:8080", "http://localhost:3000", NULL, false},
	{"localhost:8080", "http://evil.example", NULL, false},
	{"localhost:8080", "http://evil.example:8080", NULL, false},
	{"localhost:8080", "null", NULL, false},
	{"localhost:8080", "", NULL, false},
	{"drift.internal", "https://drift.internal", NULL, true},
	{"drift.internal", "http://drift.internal", NULL, true},
	{"drift.internal", "https://drift.internal:8443", NULL, false},
	{"10.0.0.7:8080", "https://drift.example.com", NULL, true}, /* behind a proxy */
	{"10.0.0.7:8080", "https://drift.example.com:444", NULL, false},
	{"10.0.0.7:8080", "http://drift.example.com", NULL, false}, /* another scheme */
	{"drift.example.com", "https://drift.example.com", NULL, true},
	{"drift.example.com", "http://drift.example.com", NULL, false},
	{"drift.example.com", "http://drift.example.com:443", NULL, false},
	{"drift.example.com:443", "http://drift.example.com:443", NULL, false},
	{"Drift.Example.Com.", "HTTP://drift.example.com", NULL, false},
	{"drift.example.com:8080", "http://drift.example.com:8080", NULL, true}, /* no proxy */
	{"drift.example.com", "https://localhost", NULL, false},
	{"localhost:8080", "file://localhost:8080", NULL, false},
};

START_TEST(test_origin_rule)
{
	struct config *config = fixture_config("public-url = https://drift.example.com\n", NULL);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct request request = {.headers = {.host = origin_cases[_i].host,
					      .origin = origin_cases[_i].origin,
					      .sec_fetch_site = origin_cases[_i].site},
				  .socket_fd = -1};

	ck_assert_msg(auth_allows_origin(rules, &request) == origin_cases[_i].allowed,
		      "Host %s Origin %s Sec-Fetch-Site %s", origin_cases[_i].host,
		      origin_cases[_i].origin, origin_cases[_i].site);
	auth_rules_unref(rules);
	config_unref(config);
}
END_TEST

/* A public-url with http is one, and its port counts. */
START_TEST(test_origin_rule_public_http)
{
	struct config *config = fixture_config("public-url = http://drift.lan:8080\n", NULL);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct request request = {.headers = {.host = "drift.lan"}, .socket_fd = -1};

	request.headers.origin = "http://drift.lan:8080";
	ck_assert(auth_allows_origin(rules, &request));
	request.headers.origin = "https://drift.lan:8080";
	ck_assert(!auth_allows_origin(rules, &request));
	request.headers.origin = "https://drift.lan";
	ck_assert(!auth_allows_origin(rules, &request));
	auth_rules_unref(rules);
	config_unref(config);
}
END_TEST

static const struct {
	const char *header, *secret;
} credential_cases[] = {
	{"Bearer s3cret", "s3cret"},
	{"bearer s3cret", "s3cret"},
	{"Bearer   s3cret  ", "s3cret"},
	{"Basic YWxpY2U6czNjcmV0", "s3cret"}, /* alice:s3cret */
	{"BASIC OnMzY3JldA==", "s3cret"},     /* :s3cret */
	{"Basic YTpiOmM=", "b:c"},            /* a:b:c */
	{"Basic YWxpY2U6", ""},               /* alice: */
	{"Basic YWxpY2U=", NULL},             /* alice */
	{"Basic YTpiAGM=", NULL},             /* a NUL in it */
	{"Basic !!!!", NULL},
	{"Basic ", NULL},
	{"Basic", NULL},
	{"Bearer", NULL},
	{"Bearer ", NULL},
	{"Bearer a b", NULL},
	{"BearerX s3cret", NULL},
	{"Digest s3cret", NULL},
	{"s3cret", NULL},
	{"", NULL},
};

START_TEST(test_auth_parse)
{
	char *secret = auth_parse(credential_cases[_i].header);

	ck_assert_msg(g_strcmp0(secret, credential_cases[_i].secret) == 0, "\"%s\": %s",
		      credential_cases[_i].header, secret);
	auth_secret_free(secret);
}
END_TEST

#define TOKEN "Bearer s3cret"
#define WRONG "Bearer s3cres"

static const struct {
	const char *auth; /* lines of [auth]; NULL: no section */
	enum auth_need need;
	enum request_method method;
	bool is_remote, forwarded;
	const char *authorization;
	enum auth_answer want;
} check_cases[] = {
	/* without [auth]: all is open on loopback, nothing elsewhere */
	{NULL, AUTH_NEED_READ, REQUEST_METHOD_GET, false, false, NULL, AUTH_ANSWER_YES},
	{NULL, AUTH_NEED_WRITE, REQUEST_METHOD_POST, false, false, NULL, AUTH_ANSWER_YES},
	{NULL, AUTH_NEED_WRITE, REQUEST_METHOD_GET, false, false, NULL, AUTH_ANSWER_YES},
	{NULL, AUTH_NEED_WRITE, REQUEST_METHOD_HEAD, false, false, NULL, AUTH_ANSWER_YES},
	{NULL, AUTH_NEED_WRITE, REQUEST_METHOD_GET, false, true, NULL, AUTH_ANSWER_REFUSED},
	{NULL, AUTH_NEED_READ, REQUEST_METHOD_GET, true, false, NULL, AUTH_ANSWER_REFUSED},
	{NULL, AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, NULL, AUTH_ANSWER_REFUSED},
	{NULL, AUTH_NEED_NONE, REQUEST_METHOD_GET, true, true, NULL, AUTH_ANSWER_YES},
	{NULL, AUTH_NEED_WRITE, REQUEST_METHOD_DELETE, false, true, NULL, AUTH_ANSWER_YES},
	{NULL, AUTH_NEED_WRITE, REQUEST_METHOD_DELETE, true, false, NULL, AUTH_ANSWER_REFUSED},
	/* a token, protect = write */
	{"token = s3cret\n", AUTH_NEED_READ, REQUEST_METHOD_GET, true, false, NULL,
	 AUTH_ANSWER_YES},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, false, false, NULL,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, WRONG,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, TOKEN,
	 AUTH_ANSWER_YES},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, true,
	 "Basic YWxpY2U6czNjcmV0", AUTH_ANSWER_YES},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, "Bearer s3cret2",
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_GET, true, false, NULL,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_GET, true, false, TOKEN,
	 AUTH_ANSWER_YES},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_GET, false, false, NULL,
	 AUTH_ANSWER_YES},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_GET, false, true, NULL,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_DELETE, false, false, NULL,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_DELETE, true, false, TOKEN,
	 AUTH_ANSWER_YES},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, "s3cret",
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, "Bearer a.b.c",
	 AUTH_ANSWER_CREDENTIAL},
	{"token = a.b.c\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, "Bearer a.b.c",
	 AUTH_ANSWER_YES},
	/* protect = all */
	{"token = s3cret\nprotect = all\n", AUTH_NEED_READ, REQUEST_METHOD_GET, false, false, NULL,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\nprotect = all\n", AUTH_NEED_READ, REQUEST_METHOD_GET, true, false, TOKEN,
	 AUTH_ANSWER_YES},
	{"token = s3cret\nprotect = all\n", AUTH_NEED_READ, REQUEST_METHOD_GET, true, false, WRONG,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\nprotect = all\n", AUTH_NEED_WRITE, REQUEST_METHOD_GET, false, false, NULL,
	 AUTH_ANSWER_CREDENTIAL},
	{"token = s3cret\nprotect = all\n", AUTH_NEED_NONE, REQUEST_METHOD_GET, true, false, NULL,
	 AUTH_ANSWER_YES},
	/* anonymous on purpose: POST, but GET changes nothing from elsewhere */
	{"allow-anonymous = true\n", AUTH_NEED_READ, REQUEST_METHOD_GET, true, false, NULL,
	 AUTH_ANSWER_YES},
	{"allow-anonymous = true\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true, false, NULL,
	 AUTH_ANSWER_YES},
	{"allow-anonymous = true\n", AUTH_NEED_WRITE, REQUEST_METHOD_DELETE, true, false, NULL,
	 AUTH_ANSWER_YES},
	{"allow-anonymous = true\n", AUTH_NEED_WRITE, REQUEST_METHOD_GET, true, false, NULL,
	 AUTH_ANSWER_REFUSED},
	{"allow-anonymous = true\n", AUTH_NEED_WRITE, REQUEST_METHOD_GET, false, false, NULL,
	 AUTH_ANSWER_YES},
	/* a token makes anonymous writes impossible, whatever allow-anonymous says */
	{"allow-anonymous = true\ntoken = s3cret\n", AUTH_NEED_WRITE, REQUEST_METHOD_POST, true,
	 false, NULL, AUTH_ANSWER_CREDENTIAL},
};

START_TEST(test_auth_check)
{
	struct config *config = fixture_config(NULL, check_cases[_i].auth);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct request request = {
		.method = check_cases[_i].method,
		.headers = {.authorization = check_cases[_i].authorization,
			    .forwarded = check_cases[_i].forwarded},
		.peer_loopback = !check_cases[_i].is_remote,
		.socket_fd = -1,
	};
	struct auth_refusal refusal = {.count = APP_COUNT_COUNT, .why = "?"};
	enum auth_answer got = auth_check(rules, &request, check_cases[_i].need, &refusal);

	ck_assert_msg(got == check_cases[_i].want, "case %d: %d, not %d", _i, (int)got,
		      (int)check_cases[_i].want);
	ck_assert_int_eq(auth_check(rules, &request, check_cases[_i].need, NULL), got);
	ck_assert((got == AUTH_ANSWER_YES) == (refusal.why[0] == '\0'));
	ck_assert_ptr_null(strstr(refusal.why, "s3cre"));
	if (got == AUTH_ANSWER_CREDENTIAL)
		ck_assert_int_eq(refusal.count, request.headers.authorization
							? APP_COUNT_AUTH_TOKEN
							: APP_COUNT_AUTH_MISSING);
	if (got == AUTH_ANSWER_YES)
		ck_assert_int_eq(refusal.count, APP_COUNT_NONE);
	auth_rules_unref(rules);
	config_unref(config);
}
END_TEST

static const struct {
	const char *header, *etag;
	bool matches;
} etag_cases[] = {
	{"\"a\"", "\"a\"", true},
	{"W/\"a\"", "\"a\"", true},
	{"\"a\"", "W/\"a\"", true},
	{"W/\"a\"", "W/\"a\"", true},
	{"\"b\"", "\"a\"", false},
	{"*", "\"a\"", true},
	{" * ", "\"a\"", true},
	{"\"b\", \"a\"", "\"a\"", true},
	{"\"b\",W/\"a\" ,\"c\"", "\"a\"", true},
	{"\"b\", \"c\"", "\"a\"", false},
	{"\"a,b\"", "\"a\"", false},
	{"a", "\"a\"", false},
	{"\"a", "\"a\"", false},
	{"", "\"a\"", false},
	{"w/\"a\"", "\"a\"", false},
	{"\"b\" \"a\"", "\"a\"", true},
	{"**", "\"a\"", false},
};

START_TEST(test_if_none_match)
{
	ck_assert_msg(response_etag_matches(etag_cases[_i].header, etag_cases[_i].etag) ==
			      etag_cases[_i].matches,
		      "%s against %s", etag_cases[_i].header, etag_cases[_i].etag);
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	size_t count;
	const char *name, *value; /* of the last */
} query_cases[] = {
	{NULL, true, 0, NULL, NULL},
	{"", true, 0, NULL, NULL},
	{"a=b", true, 1, "a", "b"},
	{"a=b&c=d", true, 2, "c", "d"},
	{"&&a=b&", true, 1, "a", "b"},
	{"a", true, 1, "a", ""},
	{"a=", true, 1, "a", ""},
	{"a=b=c", true, 1, "a", "b=c"},
	{"a=x+y%20z", true, 1, "a", "x y z"},
	{"%61=%2F%c3%A4", true, 1, "a", "/ä"},
	{"=b", true, 1, "", "b"},
	{"a=%", false, 0, NULL, NULL},
	{"a=%4", false, 0, NULL, NULL},
	{"a=%4g", false, 0, NULL, NULL},
	{"a=%00", false, 0, NULL, NULL},
	{"a=%0a", false, 0, NULL, NULL},
	{"a=%ff", false, 0, NULL, NULL},
	{"a=\xff", false, 0, NULL, NULL},
	{"%00", false, 0, NULL, NULL},
};

START_TEST(test_query)
{
	struct query query = {.count = 77};
	bool ok = query_parse(query_cases[_i].text, &query, NULL);

	ck_assert_msg(ok == query_cases[_i].ok, "\"%s\"", query_cases[_i].text);
	if (!ok) {
		ck_assert_uint_eq(query.count, 77);
		return;
	}
	ck_assert_uint_eq(query.count, query_cases[_i].count);
	if (query.count > 0) {
		ck_assert_str_eq(query.pairs[query.count - 1].name, query_cases[_i].name);
		ck_assert_str_eq(query.pairs[query.count - 1].value, query_cases[_i].value);
	}
	query_done(&query);
}
END_TEST

START_TEST(test_query_is_bounded)
{
	GString *text = g_string_new("a=1");
	struct query query = {0};

	for (int i = 1; i < QUERY_PAIRS_MAX; i++)
		g_string_append(text, "&a=1");
	ck_assert(query_parse(text->str, &query, NULL));
	ck_assert_uint_eq(query.count, QUERY_PAIRS_MAX);
	query_done(&query);
	g_string_append(text, "&a=1");
	ck_assert(!query_parse(text->str, &query, NULL));
	g_string_free(text, TRUE);
}
END_TEST

Suite *auth_suite(void)
{
	Suite *suite = suite_create("auth");
	TCase *tcase = tcase_create("auth");

	tcase_add_loop_test(tcase, test_host_parse, 0, G_N_ELEMENTS(host_cases));
	tcase_add_test(tcase, test_host_parse_is_bounded);
	tcase_add_loop_test(tcase, test_host_rule, 0, G_N_ELEMENTS(rule_cases));
	tcase_add_test(tcase, test_host_rule_own_address);
	tcase_add_loop_test(tcase, test_origin_rule, 0, G_N_ELEMENTS(origin_cases));
	tcase_add_test(tcase, test_origin_rule_public_http);
	tcase_add_loop_test(tcase, test_auth_parse, 0, G_N_ELEMENTS(credential_cases));
	tcase_add_loop_test(tcase, test_auth_check, 0, G_N_ELEMENTS(check_cases));
	tcase_add_loop_test(tcase, test_if_none_match, 0, G_N_ELEMENTS(etag_cases));
	tcase_add_loop_test(tcase, test_query, 0, G_N_ELEMENTS(query_cases));
	tcase_add_test(tcase, test_query_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
