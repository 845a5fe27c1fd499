/* oidc_judge - see oidc_judge.h */
#include "tests/unit/oidc_judge.h"

#include <string.h>

static char audience[] = OIDC_AUDIENCE;
static char other_audience[] = "another";
static char email[] = OIDC_EMAIL;
static char other_email[] = "second@example.com";
static char *const audiences[] = {other_audience, audience, NULL};
static char *const emails[] = {other_email, email, NULL};
const struct oidc_rules oidc_rules = {
	.issuer = OIDC_ISSUER, .audiences = audiences, .emails = emails};

/* No stretch of the token may come back in a message. */
static void check_silence(const char *token, const char *why)
{
	char **parts = g_strsplit(token, ".", -1);

	for (int i = 0; parts[i]; i++)
		ck_assert_msg(strlen(parts[i]) < 8 || !strstr(why, parts[i]), "%s", why);
	ck_assert_ptr_null(strstr(why, OIDC_EMAIL));
	ck_assert_ptr_null(strchr(why, '\n'));
	ck_assert_uint_gt(strlen(why), 8);
	g_strfreev(parts);
}

void oidc_judge_with(const char *token, const struct oidc_rules *by, const struct oidc_keys *keys,
		     int64_t now_wall_ms, enum oidc_result want, const char *because)
{
	char *who = NULL;
	char *why = NULL;
	enum oidc_result got = oidc_verify(token, by, keys, now_wall_ms, &who, &why);

	ck_assert_msg(got == want, "%d, not %d: %s", (int)got, (int)want, why);
	ck_assert((got == OIDC_RESULT_ACCEPTED) == (who != NULL));
	ck_assert((got == OIDC_RESULT_ACCEPTED) == (why == NULL));
	if (because)
		ck_assert_msg(strstr(why, because), "\"%s\", not \"%s\"", why, because);
	if (why)
		check_silence(token, why);
	g_free(who);
	g_free(why);
}

void oidc_judge_at(const char *token, int64_t now_wall_ms, enum oidc_result want,
		   const char *because)
{
	struct oidc_keys *keys = oidc_world_keys();

	oidc_judge_with(token, &oidc_rules, keys, now_wall_ms, want, because);
	oidc_keys_unref(keys);
}

void oidc_judge(const char *token, enum oidc_result want, const char *because)
{
	oidc_judge_at(token, OIDC_NOW_WALL_MS, want, because);
}

void oidc_refused(const char *token, const char *because)
{
	oidc_judge(token, OIDC_RESULT_REFUSED, because);
}

/* A header over good claims. */
void oidc_judge_header(const char *header, enum oidc_signer signer, enum oidc_result want,
		       const char *because)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *token = oidc_token(header, claims, signer);

	oidc_judge(token, want, because);
}

char *oidc_good(void)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);

	return oidc_good_token(claims);
}
