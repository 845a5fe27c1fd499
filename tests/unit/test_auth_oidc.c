/* test_auth_oidc - OIDC tokens at the door: with and without a static token, with and without keys.
 */
#include "tests/unit/oidc_world.h"

#include "api_fixture.h"
#include "clk.h"

#include <string.h>

Suite *auth_oidc_suite(void);

/* Lines of [auth]. */
#define OIDC                                                                                       \
	"oidc-audience = " OIDC_AUDIENCE "\noidc-email = " OIDC_EMAIL                              \
	"\noidc-issuer = " OIDC_ISSUER "\noidc-jwks-url = " OIDC_ISSUER "/certs\n"
#define STATIC "token = s3cret\n"
/* Of three parts, as a JWT. */
#define STATIC_DOTTED "token = aaaa.bbbb.cccc\n"
#define ALL "protect = all\n"
#define ANONYMOUS "allow-anonymous = true\n"

static struct app *app;

static void setup(void)
{
	clk_set_fake(FIXTURE_NOW_MONO_MS, OIDC_NOW_WALL_MS);
	app = fixture_app(NULL);
}

static void teardown(void)
{
	app_free(app);
	clk_clear_fake();
}

static void set_keys(int64_t expires_wall_ms)
{
	g_autofree char *text = oidc_jwks();
	struct oidc_keys *keys = oidc_keys_parse(text, strlen(text), expires_wall_ms, NULL);

	ck_assert_ptr_nonnull(keys);
	app_set_oidc_keys(app, keys);
	oidc_keys_unref(keys);
}

/* One request from elsewhere. */
struct asked {
	const char *auth; /* lines of [auth] */
	enum auth_need need;
	const char *authorization;
	bool keys_awaited;
};

static enum auth_answer ask(const struct asked *asked, struct auth_refusal *refusal)
{
	struct config *config = fixture_config(NULL, asked->auth);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct request request = {
		.app = app,
		.method = asked->need == AUTH_NEED_WRITE ? REQUEST_METHOD_POST : REQUEST_METHOD_GET,
		.headers = {.authorization = asked->authorization},
		.socket_fd = -1,
		.keys_awaited = asked->keys_awaited,
	};
	enum auth_answer answer = auth_check(rules, &request, asked->need, refusal);

	ck_assert((answer == AUTH_ANSWER_YES) == (refusal->why[0] == '\0'));
	if (answer == AUTH_ANSWER_YES || answer == AUTH_ANSWER_KEYS)
		ck_assert_int_eq(refusal->count, APP_COUNT_NONE);
	auth_rules_unref(rules);
	config_unref(config);
	return answer;
}

/* POST with "SCHEME TOKEN". */
static void expect(const char *auth, const char *scheme, const char *token, enum auth_answer want,
		   enum app_count count)
{
	g_autofree char *authorization = g_strdup_printf("%s %s", scheme, token);
	struct asked asked = {auth, AUTH_NEED_WRITE, authorization, false};
	struct auth_refusal refusal = {0};
	enum auth_answer got = ask(&asked, &refusal);

	ck_assert_msg(got == want, "%d, not %d: %s", (int)got, (int)want, refusal.why);
	ck_assert_int_eq(refusal.count, count);
	ck_assert_msg(strlen(token) < 6 || !strstr(refusal.why, token), "%s", refusal.why);
}

static char *token_with(const char *name, const char *value)
{
	g_autofree char *claims = oidc_claims(name, value);

	return oidc_good_token(claims);
}

/* A good one of a key that is in no JWKS. */
static char *token_of_new_key(void)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);

	return oidc_token("{\"alg\":\"RS256\",\"kid\":\"new\"}", claims, OIDC_SIGNER_RSA_OTHER);
}

START_TEST(a_good_token_gets_in)
{
	g_autofree char *token = token_with(NULL, NULL);

	set_keys(OIDC_NOW_WALL_MS + 1);
	expect(OIDC, "Bearer", token, AUTH_ANSWER_YES, APP_COUNT_NONE);
	expect(OIDC, "bearer", token, AUTH_ANSWER_YES, APP_COUNT_NONE);
	expect(OIDC STATIC, "Bearer", token, AUTH_ANSWER_YES, APP_COUNT_NONE);
	expect(OIDC STATIC_DOTTED, "Bearer", token, AUTH_ANSWER_YES, APP_COUNT_NONE);
	expect(OIDC ALL, "Bearer", token, AUTH_ANSWER_YES, APP_COUNT_NONE);
	expect(OIDC ANONYMOUS, "Bearer", token, AUTH_ANSWER_YES, APP_COUNT_NONE);
}
END_TEST

START_TEST(without_oidc_no_such_token_gets_in)
{
	g_autofree char *token = token_with(NULL, NULL);

	set_keys(OIDC_NOW_WALL_MS + 1);
	expect(STATIC, "Bearer", token, AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_TOKEN);
}
END_TEST

START_TEST(the_static_token_beats_oidc)
{
	/* even without keys, and even when it looks like a JWT */
	expect(OIDC STATIC, "Bearer", "s3cret", AUTH_ANSWER_YES, APP_COUNT_NONE);
	expect(OIDC STATIC_DOTTED, "Bearer", "aaaa.bbbb.cccc", AUTH_ANSWER_YES, APP_COUNT_NONE);
	expect(OIDC STATIC, "Basic", "YWxpY2U6czNjcmV0", AUTH_ANSWER_YES, APP_COUNT_NONE);
}
END_TEST

START_TEST(a_wrong_static_token_is_none)
{
	set_keys(OIDC_NOW_WALL_MS + 1);
	expect(OIDC STATIC, "Bearer", "s3cres", AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_TOKEN);
	expect(OIDC, "Bearer", "s3cret", AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_OIDC);
	expect(OIDC STATIC_DOTTED, "Bearer", "aaaa.bbbb.cccd", AUTH_ANSWER_CREDENTIAL,
	       APP_COUNT_AUTH_OIDC);
	expect(OIDC STATIC, "Basic", "YWxpY2U6czNjcmVz", AUTH_ANSWER_CREDENTIAL,
	       APP_COUNT_AUTH_TOKEN);
	expect(OIDC, "Digest", "aaaa.bbbb.cccc", AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_TOKEN);
}
END_TEST

START_TEST(the_password_of_basic_is_no_oidc_token)
{
	g_autofree char *token = token_with(NULL, NULL);
	g_autofree char *pair = g_strconcat("x:", token, NULL);
	g_autofree char *encoded = g_base64_encode((const guchar *)pair, strlen(pair));

	set_keys(OIDC_NOW_WALL_MS + 1);
	expect(OIDC, "Basic", encoded, AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_TOKEN);
	expect(OIDC STATIC, "Basic", encoded, AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_TOKEN);
}
END_TEST

START_TEST(a_refused_token_is_401)
{
	g_autofree char *expired = token_with("exp", "1");
	g_autofree char *unverified = token_with("email_verified", "false");
	g_autofree char *audience = token_with("aud", "\"x\"");
	g_autofree char *issuer = token_with("iss", "\"https://accounts.google.com\"");
	g_autofree char *nothing = token_with("email", NULL);
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *forged =
		oidc_token("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", claims, OIDC_SIGNER_RSA_OTHER);
	g_autofree char *none =
		oidc_token("{\"alg\":\"none\",\"kid\":\"rsa\"}", claims, OIDC_SIGNER_NONE);
	const char *const tokens[] = {expired, unverified, audience, issuer,
				      nothing, forged,     none,     "a.b.c"};

	set_keys(OIDC_NOW_WALL_MS + 1);
	for (size_t i = 0; i < G_N_ELEMENTS(tokens); i++) {
		expect(OIDC, "Bearer", tokens[i], AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_OIDC);
		expect(OIDC STATIC ALL, "Bearer", tokens[i], AUTH_ANSWER_CREDENTIAL,
		       APP_COUNT_AUTH_OIDC);
	}
}
END_TEST

START_TEST(a_stranger_is_403)
{
	g_autofree char *token = token_with("email", "\"stranger@example.com\"");

	set_keys(OIDC_NOW_WALL_MS + 1);
	expect(OIDC, "Bearer", token, AUTH_ANSWER_IDENTITY, APP_COUNT_AUTH_OIDC);
}
END_TEST

/* What no key can mend does not fetch any. */
START_TEST(a_malformed_token_asks_for_no_keys)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *none =
		oidc_token("{\"alg\":\"none\",\"kid\":\"new\"}", claims, OIDC_SIGNER_NONE);

	expect(OIDC, "Bearer", none, AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_OIDC);
	expect(OIDC, "Bearer", "a.b.c", AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_OIDC);
	expect(OIDC, "Bearer", "abc", AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_OIDC);
}
END_TEST

/* Keys in force until @p life_ms from now; 0: none at all. */
static const struct {
	int64_t life_ms;
	bool known, awaited;
	enum auth_answer want;
} key_cases[] = {
	{0, true, false, AUTH_ANSWER_KEYS},         {0, true, true, AUTH_ANSWER_UNAVAILABLE},
	{-1, true, false, AUTH_ANSWER_KEYS}, /* expired are none */
	{-1, true, true, AUTH_ANSWER_UNAVAILABLE},  {1, true, false, AUTH_ANSWER_YES},
	{1, true, true, AUTH_ANSWER_YES},           {1, false, false, AUTH_ANSWER_KEYS},
	{1, false, true, AUTH_ANSWER_CREDENTIAL},   {0, false, true, AUTH_ANSWER_UNAVAILABLE},
	{-1, false, true, AUTH_ANSWER_UNAVAILABLE},
};

START_TEST(keys_are_asked_for_once)
{
	g_autofree char *token = key_cases[_i].known ? token_with(NULL, NULL) : token_of_new_key();
	g_autofree char *authorization = g_strconcat("Bearer ", token, NULL);
	struct asked asked = {OIDC, AUTH_NEED_WRITE, authorization, key_cases[_i].awaited};
	struct auth_refusal refusal = {0};
	enum auth_answer got = AUTH_ANSWER_NONE;

	if (key_cases[_i].life_ms != 0)
		set_keys(OIDC_NOW_WALL_MS + key_cases[_i].life_ms);
	got = ask(&asked, &refusal);
	ck_assert_msg(got == key_cases[_i].want, "%d, not %d: %s", (int)got,
		      (int)key_cases[_i].want, refusal.why);
	if (got == AUTH_ANSWER_UNAVAILABLE || got == AUTH_ANSWER_CREDENTIAL)
		ck_assert_int_eq(refusal.count, APP_COUNT_AUTH_OIDC);
}
END_TEST

/* Without any credential. */
static const struct {
	const char *auth;
	enum auth_need need;
	bool is_protected;
} open_cases[] = {
	{OIDC, AUTH_NEED_READ, false},
	{OIDC, AUTH_NEED_WRITE, true},
	{OIDC ALL, AUTH_NEED_READ, true},
	{OIDC ALL, AUTH_NEED_WRITE, true},
	{OIDC ALL, AUTH_NEED_NONE, false},
	{OIDC STATIC, AUTH_NEED_READ, false},
	{OIDC STATIC, AUTH_NEED_WRITE, true},
	/* a way to get in makes anonymous writes impossible, whatever allow-anonymous says */
	{OIDC ANONYMOUS, AUTH_NEED_WRITE, true},
	{OIDC ANONYMOUS ALL, AUTH_NEED_READ, true},
	{OIDC STATIC ANONYMOUS, AUTH_NEED_WRITE, true},
	{ANONYMOUS, AUTH_NEED_WRITE, false},
};

START_TEST(oidc_alone_protects)
{
	struct config *config = fixture_config(NULL, open_cases[_i].auth);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct asked asked = {open_cases[_i].auth, open_cases[_i].need, NULL, false};
	struct auth_refusal refusal = {0};
	enum auth_answer got = ask(&asked, &refusal);

	ck_assert_int_eq(auth_is_protected(rules, open_cases[_i].need),
			 open_cases[_i].is_protected);
	ck_assert_int_eq(got,
			 open_cases[_i].is_protected ? AUTH_ANSWER_CREDENTIAL : AUTH_ANSWER_YES);
	ck_assert_int_eq(refusal.count,
			 open_cases[_i].is_protected ? APP_COUNT_AUTH_MISSING : APP_COUNT_NONE);
	auth_rules_unref(rules);
	config_unref(config);
}
END_TEST

Suite *auth_oidc_suite(void)
{
	Suite *suite = suite_create("auth_oidc");
	TCase *tcase = tcase_create("auth_oidc");

	tcase_add_unchecked_fixture(tcase, oidc_world_setup, oidc_world_teardown);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_good_token_gets_in);
	tcase_add_test(tcase, without_oidc_no_such_token_gets_in);
	tcase_add_test(tcase, the_static_token_beats_oidc);
	tcase_add_test(tcase, a_wrong_static_token_is_none);
	tcase_add_test(tcase, the_password_of_basic_is_no_oidc_token);
	tcase_add_test(tcase, a_refused_token_is_401);
	tcase_add_test(tcase, a_stranger_is_403);
	tcase_add_test(tcase, a_malformed_token_asks_for_no_keys);
	tcase_add_loop_test(tcase, keys_are_asked_for_once, 0, G_N_ELEMENTS(key_cases));
	tcase_add_loop_test(tcase, oidc_alone_protects, 0, G_N_ELEMENTS(open_cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
