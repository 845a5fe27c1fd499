/* oidc - see oidc.h: the order in which a token is judged. */
#include "oidc/oidc.h"

#include <string.h>

#include "oidc/oidc_private.h"

static enum oidc_result refuse(const char *why, char **ret_why)
{
	*ret_why = g_strdup(why);
	return OIDC_RESULT_REFUSED;
}

static enum oidc_result judge_claims(json_object *claims, const struct oidc_rules *rules,
				     int64_t now_wall_ms, char **ret_email, char **ret_why)
{
	const char *why = claims_refuse(claims, rules, now_wall_ms);
	const char *email = json_member_text(claims, "email", "");

	if (why)
		return refuse(why, ret_why);
	if (!claims_know_email(email, rules)) {
		*ret_why = g_strdup("its email is not in oidc-email");
		return OIDC_RESULT_WRONG_IDENTITY;
	}
	*ret_email = g_strdup(email);
	return OIDC_RESULT_ACCEPTED;
}

static enum oidc_result judge_payload(const char *payload, size_t length,
				      const struct oidc_rules *rules, int64_t now_wall_ms,
				      char **ret_email, char **ret_why)
{
	json_object *claims = token_object(payload, length);
	enum oidc_result result = OIDC_RESULT_NONE;

	if (!claims)
		return refuse("its payload is no JSON object, or one that names a member twice",
			      ret_why);
	result = judge_claims(claims, rules, now_wall_ms, ret_email, ret_why);
	json_object_put(claims);
	return result;
}

static enum oidc_result unknown_key(const char *why, char **ret_why)
{
	*ret_why = g_strdup(why);
	return OIDC_RESULT_UNKNOWN_KEY;
}

/* Those in force. */
static const struct oidc_keys *valid_keys(const struct oidc_keys *keys, int64_t now_wall_ms)
{
	return keys && now_wall_ms < oidc_keys_expires_wall_ms(keys) ? keys : NULL;
}

static enum oidc_result judge_token(const struct token *token, const struct oidc_keys *keys,
				    char **ret_payload, size_t *ret_length, char **ret_why)
{
	switch (keys_verify(keys, token, ret_payload, ret_length)) {
	case KEYS_ANSWER_GOOD:
		return OIDC_RESULT_ACCEPTED;
	case KEYS_ANSWER_UNKNOWN:
		return unknown_key("its key is not among the issuer's", ret_why);
	case KEYS_ANSWER_OTHER_TYPE:
		return refuse("its alg does not fit its key", ret_why);
	case KEYS_ANSWER_NONE:
	case KEYS_ANSWER_BAD:
		break;
	}
	return refuse("its signature is wrong", ret_why);
}

enum oidc_result oidc_verify(const char *token, const struct oidc_rules *rules,
			     const struct oidc_keys *keys, int64_t now_wall_ms, char **ret_email,
			     char **ret_why)
{
	struct token parts = {0};
	const char *why = token_read(token, &parts);
	const struct oidc_keys *valid = valid_keys(keys, now_wall_ms);
	enum oidc_result result = OIDC_RESULT_NONE;
	char *payload = NULL;
	size_t length = 0;

	if (why)
		return refuse(why, ret_why);
	if (valid)
		result = judge_token(&parts, valid, &payload, &length, ret_why);
	else
		result = unknown_key("there are no keys of the issuer in force", ret_why);
	if (result == OIDC_RESULT_ACCEPTED)
		result = judge_payload(payload, length, rules, now_wall_ms, ret_email, ret_why);
	if (payload)
		explicit_bzero(payload, length);
	g_free(payload);
	token_done(&parts);
	return result;
}
