#include <check.h>
#include <openssl/evp.h>
#include <string.h>

#include "alert/link.h"
#include "alerts_world.h"
#include "api/ack_page.h"
#include "clk.h"
#include "drift_error.h"

Suite *ack_page_suite(void);

#define SECRET "a link secret of many bytes"

static struct alerts_world world;

static void setup_with(const char *auth)
{
	alerts_world_start(&world, auth);
}

/* Signed links, and a token for everything. */
static void setup(void)
{
	setup_with("token = s3cret\nprotect = all\nlink-secret = " SECRET "\n");
}

static void teardown(void)
{
	alerts_world_stop(&world);
}

static char *link_of(int64_t incident)
{
	return link_ack_url("", SECRET, incident, clk_wall_ms());
}

static struct fixture_request request_of(const char *method, const char *target, const char *body)
{
	return (struct fixture_request){
		.app = world.app,
		.rules = world.rules,
		.config = world.config,
		.method = method,
		.target = target,
		.body = body,
		.headers = {.content_type = "application/x-www-form-urlencoded"},
	};
}

static struct response ask(const char *method, const char *target, const char *body)
{
	struct fixture_request request = request_of(method, target, body);

	return fixture_answer(&request);
}

/* What the policy allows is the style that is in the page, and nothing else. */
START_TEST(test_policy_fits_the_style)
{
	struct ack_page page = {.id = 1};
	g_autofree char *html = ack_page_html(&page);
	unsigned char hash[EVP_MAX_MD_SIZE] = {0};
	unsigned length = 0;
	g_autofree char *base64 = NULL;
	g_autofree char *want = NULL;

	ck_assert_int_eq(EVP_Digest(ack_page_style, strlen(ack_page_style), hash, &length,
				    EVP_sha256(), NULL),
			 1);
	base64 = g_base64_encode(hash, length);
	want = g_strdup_printf("style-src 'sha256-%s'", base64);
	ck_assert_ptr_nonnull(strstr(ack_page_policy, want));
	want[0] = '\0';
	g_free(want);
	want = g_strdup_printf("<style>%s</style>", ack_page_style);
	ck_assert_ptr_nonnull(strstr(html, want));
	ck_assert_ptr_nonnull(strstr(ack_page_policy, "default-src 'none'; form-action 'self'"));
	ck_assert_ptr_null(strstr(ack_page_policy, "unsafe"));
	ck_assert_ptr_null(strstr(html, "<script"));
	ck_assert_ptr_null(strstr(html, "http"));
}
END_TEST

START_TEST(test_good_link_shows_a_button)
{
	g_autofree char *target = link_of(5);
	struct response response = ask("GET", target, NULL);

	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_eq(response.content_type, response_html);
	ck_assert_ptr_eq(response.policy, ack_page_policy);
	ck_assert(response.no_store);
	ck_assert(!response.wait.wanted); /* that it was opened changes nothing */
	ck_assert_ptr_nonnull(strstr(response.bytes, "service/worker"));
	ck_assert_ptr_nonnull(strstr(response.bytes, "<form method=\"post\">"));
	ck_assert_ptr_nonnull(strstr(response.bytes, "<button>Acknowledge</button>"));
	ck_assert_ptr_null(strstr(response.bytes, "name=\"token\""));
	/* hostile text is text */
	ck_assert_ptr_null(strstr(response.bytes, "<script"));
	ck_assert_ptr_nonnull(strstr(response.bytes, "&lt;script&gt;alert(1)&lt;/script&gt;"));
	ck_assert_ptr_null(strchr(response.bytes, '\x1b'));
	response_done(&response);
}
END_TEST

START_TEST(test_good_link_acknowledges)
{
	g_autofree char *target = link_of(5);
	struct response response = ask("POST", target, "who=ann+b&why=on%20it");
	const struct app_command *command = response.wait.command;

	ck_assert_msg(command, "%s", response.bytes);
	ck_assert_int_eq(command->kind, APP_COMMAND_ACKNOWLEDGE);
	ck_assert_int_eq(command->id, 5);
	ck_assert_str_eq(command->who, "ann b");
	ck_assert_str_eq(command->why, "on it");
	response_done(&response);
}
END_TEST

/* Links that are not for this, each refused for both methods, counted, and without a word about the
 * incident. */
static char *bad_link(int which)
{
	g_autofree char *good = link_of(5);
	char *copy = g_strdup(good);

	switch (which) {
	case 0: /* of another incident */
		g_free(copy);
		copy = link_of(2);
		memcpy(strstr(copy, "/ack/2"), "/ack/5", strlen("/ack/5"));
		return copy;
	case 1: /* another expiry */
		strstr(copy, "e=")[3]++;
		return copy;
	case 2: /* another signature */
		copy[strlen(copy) - 1] = copy[strlen(copy) - 1] == '0' ? '1' : '0';
		return copy;
	case 3: /* of another secret */
		g_free(copy);
		return link_ack_url("", "another link secret of bytes", 5, clk_wall_ms());
	case 4: /* past */
		g_free(copy);
		return link_ack_url("", SECRET, 5, clk_wall_ms() - LINK_LIFETIME_MS - 2 * MS_PER_S);
	case 5: /* without its signature */
		*strstr(copy, "&s=") = '\0';
		return copy;
	default: /* without its expiry */
		g_free(copy);
		return g_strdup(
			"/ack/5?s=0000000000000000000000000000000000000000000000000000000000"
			"000000");
	}
}
#define BAD_LINKS 7

START_TEST(test_bad_link)
{
	g_autofree char *target = bad_link(_i);
	struct response opened = ask("GET", target, NULL);
	struct response sent = ask("POST", target, "who=ann");

	ck_assert_int_eq(opened.status, 403);
	ck_assert_int_eq(sent.status, 403);
	ck_assert(!sent.wait.wanted);
	ck_assert_ptr_null(strstr(opened.bytes, "service/worker"));
	ck_assert_ptr_null(strstr(sent.bytes, "service/worker"));
	ck_assert_ptr_nonnull(strstr(opened.bytes, "name=\"token\""));
	ck_assert_ptr_nonnull(strstr(opened.bytes, "action=\"5\"")); /* without the bad link */
	ck_assert_int_eq(app_get_count(world.app, APP_COUNT_AUTH_LINK), 2);
	if (_i == 4)
		ck_assert_ptr_nonnull(strstr(opened.bytes, "has expired"));
	response_done(&opened);
	response_done(&sent);
}
END_TEST

/* A good signature of a bad link does not make the token of the form good. */
START_TEST(test_bad_link_with_a_token)
{
	g_autofree char *target = bad_link(2);
	struct response response = ask("POST", target, "who=ann&token=s3cret");

	ck_assert_int_eq(response.status, 403);
	response_done(&response);
}
END_TEST

static const struct {
	const char *body;
	int status; /* 0: it waits */
	int64_t refused;
} token_cases[] = {
	{"who=ann&token=s3cret", 0, 0},     {"who=ann&token=s3cre", 403, 1},
	{"who=ann&token=s3crets", 403, 1},  {"who=ann", 403, 1},
	{"who=ann&token=", 403, 1},         {"token=s3cret", 400, 0},
	{"who=&token=s3cret", 400, 0},      {"who=ann&token=s3cret&x=1", 400, 0},
	{"who=a%00b&token=s3cret", 400, 0}, {"who=ann&who=bo&token=s3cret", 400, 0},
};

START_TEST(test_plain_link)
{
	struct response opened = ask("GET", "/ack/5", NULL);
	struct response response = ask("POST", "/ack/5", token_cases[_i].body);

	ck_assert_int_eq(opened.status, 200);
	ck_assert_ptr_nonnull(strstr(opened.bytes, "name=\"token\""));
	ck_assert_ptr_null(strstr(opened.bytes, "service/worker"));
	ck_assert_msg(response.status == token_cases[_i].status, "%s: %d", token_cases[_i].body,
		      response.status);
	ck_assert_int_eq(response.wait.wanted, token_cases[_i].status == 0);
	ck_assert_int_eq(app_get_count(world.app, APP_COUNT_AUTH_TOKEN) +
				 app_get_count(world.app, APP_COUNT_AUTH_MISSING),
			 token_cases[_i].refused);
	if (response.bytes)
		ck_assert_ptr_null(strstr(response.bytes, "s3cret"));
	response_done(&opened);
	response_done(&response);
}
END_TEST

START_TEST(test_credential_instead_of_the_form)
{
	struct fixture_request request = request_of("POST", "/ack/5", "who=ann");
	struct response response = {0};

	request.headers.authorization = "Basic OnMzY3JldA==";
	response = fixture_answer(&request);
	ck_assert(response.wait.wanted);
	response_done(&response);
	request = request_of("GET", "/ack/5", NULL);
	request.headers.authorization = "Bearer s3cret";
	response = fixture_answer(&request);
	ck_assert_ptr_nonnull(strstr(response.bytes, "service/worker"));
	ck_assert_ptr_null(strstr(response.bytes, "name=\"token\""));
	response_done(&response);
}
END_TEST

/* Whoever may read sees it; without [auth] nobody is asked for a token. */
START_TEST(test_open_reads)
{
	struct response opened = {0}, sent = {0};

	teardown();
	setup_with("token = s3cret\n");
	opened = ask("GET", "/ack/5", NULL);
	ck_assert_ptr_nonnull(strstr(opened.bytes, "service/worker"));
	ck_assert_ptr_nonnull(strstr(opened.bytes, "name=\"token\""));
	response_done(&opened);
	teardown();
	setup_with(NULL);
	opened = ask("GET", "/ack/5", NULL);
	sent = ask("POST", "/ack/5", "who=ann");
	ck_assert_ptr_null(strstr(opened.bytes, "name=\"token\""));
	ck_assert(sent.wait.wanted);
	response_done(&opened);
	response_done(&sent);
}
END_TEST

static const struct {
	const char *origin, *site;
	bool ok;
} origin_cases[] = {
	{NULL, NULL, true},
	{"http://localhost:8080", "same-origin", true},
	{"http://localhost:8080", NULL, true},
	{"http://evil.example", "cross-site", false},
	{"http://evil.example", NULL, false},
	{"null", NULL, false},
	{NULL, "cross-site", false},
	{NULL, "same-site", false},
};

START_TEST(test_other_sites)
{
	g_autofree char *target = link_of(5);
	struct fixture_request request = request_of("POST", target, "who=ann&token=s3cret");
	struct response response = {0};

	request.headers.origin = origin_cases[_i].origin;
	request.headers.sec_fetch_site = origin_cases[_i].site;
	response = fixture_answer(&request);
	ck_assert_int_eq(response.wait.wanted, origin_cases[_i].ok);
	if (!origin_cases[_i].ok)
		ck_assert_int_eq(response.status, 403);
	response_done(&response);
}
END_TEST

static const struct {
	int64_t incident;
	int opened, sent;
	const char *expect;
} state_cases[] = {
	{1, 200, 409, "is over"},
	{2, 200, 200, "has been acknowledged"},
	{3, 200, 409, "is over"},
	{6, 404, 404, "not-found"},
};

START_TEST(test_nothing_to_acknowledge)
{
	g_autofree char *target = link_of(state_cases[_i].incident);
	struct response opened = ask("GET", target, NULL);
	struct response sent = ask("POST", target, "who=ann");

	ck_assert_int_eq(opened.status, state_cases[_i].opened);
	ck_assert_int_eq(sent.status, state_cases[_i].sent);
	ck_assert(!sent.wait.wanted);
	ck_assert_ptr_nonnull(strstr(opened.bytes, state_cases[_i].expect));
	ck_assert_ptr_nonnull(strstr(sent.bytes, state_cases[_i].expect));
	ck_assert_ptr_null(strstr(opened.bytes, "<form"));
	response_done(&opened);
	response_done(&sent);
}
END_TEST

static const struct {
	enum drift_error code;
	int status;
	const char *expect;
} outcome_cases[] = {
	{DRIFT_ERROR_NONE, 200, "Acknowledged. Thank you."},
	{DRIFT_ERROR_INVALID, 409, "&lt;over&gt;"},
	{DRIFT_ERROR_TIMEOUT, 503, "&lt;over&gt;"},
	{DRIFT_ERROR_CANCELLED, 503, "It could not be done"},
};

START_TEST(test_outcome)
{
	g_autofree char *target = link_of(5);
	struct fixture_request request = request_of("POST", target, "who=ann");
	g_autoptr(GError) error =
		outcome_cases[_i].code == DRIFT_ERROR_NONE
			? NULL
			: g_error_new(DRIFT_ERROR, (gint)outcome_cases[_i].code, "<over>");
	struct response response = fixture_finish(&request, 5, error);

	ck_assert_int_eq(response.status, outcome_cases[_i].status);
	ck_assert_ptr_nonnull(strstr(response.bytes, outcome_cases[_i].expect));
	ck_assert(response.no_store);
	ck_assert_ptr_eq(response.policy, ack_page_policy);
	response_done(&response);
}
END_TEST

START_TEST(test_json_is_no_form)
{
	struct fixture_request request = request_of("POST", "/ack/5", "{\"who\":\"ann\"}");
	struct response response = {0};

	request.headers.content_type = "application/json";
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, 415);
	response_done(&response);
}
END_TEST

Suite *ack_page_suite(void)
{
	Suite *suite = suite_create("ack_page");
	TCase *tcase = tcase_create("ack_page");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_policy_fits_the_style);
	tcase_add_test(tcase, test_good_link_shows_a_button);
	tcase_add_test(tcase, test_good_link_acknowledges);
	tcase_add_loop_test(tcase, test_bad_link, 0, BAD_LINKS);
	tcase_add_test(tcase, test_bad_link_with_a_token);
	tcase_add_loop_test(tcase, test_plain_link, 0, G_N_ELEMENTS(token_cases));
	tcase_add_test(tcase, test_credential_instead_of_the_form);
	tcase_add_test(tcase, test_open_reads);
	tcase_add_loop_test(tcase, test_other_sites, 0, G_N_ELEMENTS(origin_cases));
	tcase_add_loop_test(tcase, test_nothing_to_acknowledge, 0, G_N_ELEMENTS(state_cases));
	tcase_add_loop_test(tcase, test_outcome, 0, G_N_ELEMENTS(outcome_cases));
	tcase_add_test(tcase, test_json_is_no_form);
	suite_add_tcase(suite, tcase);
	return suite;
}
