/* token_answer - see token_answer.h */
#include "google/token_answer.h"

#include "drift_error.h"
#include "google/secret.h"
#include "json.h"
#include "timefmt.h"

#include <string.h>

/** Subject tokens (JWTs, SAML assertions) are longer than access tokens. */
#define SUBJECT_MAX_BYTES ((size_t)64 * 1024)

static bool refuse(GError **error, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s", why);
	return false;
}

void token_clear(struct token *token)
{
	secret_clear(&token->text);
	token->life_ms = 0;
}

/* RFC 6750 2.1 is narrower; what matters is that nothing breaks out of a header line. */
static bool is_token(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length > TOKEN_MAX_BYTES)
		return false;
	for (const char *at = text; *at; at++)
		if (!g_ascii_isgraph(*at))
			return false;
	return true;
}

static json_object *parse_object(const char *bytes, size_t length, GError **error)
{
	json_object *document = json_parse(bytes, length, error);

	if (document && !json_object_is_type(document, json_type_object)) {
		json_object_put(document);
		(void)refuse(error, "not a JSON object"); /* always false */
		return NULL;
	}
	return document;
}

static bool take_text(json_object *document, const char *name, struct token *ret_token,
		      GError **error)
{
	json_object *value = NULL;
	const char *text = NULL;

	if (!json_object_object_get_ex(document, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return refuse(error, "there is no token in it");
	text = json_object_get_string(value);
	if (strlen(text) != (size_t)json_object_get_string_len(value) || !is_token(text))
		return refuse(error, "the token in it is empty, too long or has odd characters");
	ret_token->text = g_strdup(text);
	return true;
}

static bool take_life(json_object *document, int64_t *ret_life_ms, GError **error)
{
	int64_t seconds = json_member_int(document, "expires_in", -1);

	if (!json_object_object_get_ex(document, "expires_in", NULL)) {
		*ret_life_ms = TOKEN_LIFE_UNSAID_MS;
		return true;
	}
	if (seconds <= 0)
		return refuse(error, "expires_in is no number of seconds above 0");
	*ret_life_ms = MIN(seconds, TOKEN_LIFE_MAX_MS / MS_PER_S) * MS_PER_S;
	return true;
}

bool token_answer_parse(const char *bytes, size_t length, struct token *ret_token, GError **error)
{
	json_object *document = parse_object(bytes, length, error);
	struct token token = {0};
	bool ok = false;

	if (!document)
		return false;
	if (!json_check_member(document, "token_type", json_type_string, error))
		goto out;
	if (g_ascii_strcasecmp(json_member_text(document, "token_type", "Bearer"), "Bearer") != 0) {
		(void)refuse(error, "token_type is not Bearer"); /* always false */
		goto out;
	}
	ok = take_life(document, &token.life_ms, error) &&
	     take_text(document, "access_token", &token, error);
	if (ok)
		*ret_token = token;
out:
	json_object_put(document);
	return ok;
}

static bool take_expiry(json_object *document, int64_t now_wall_ms, int64_t *ret_life_ms,
			GError **error)
{
	int64_t end_wall_ms = 0;

	if (!json_check_member(document, "expireTime", json_type_string, error))
		return false;
	if (!json_object_object_get_ex(document, "expireTime", NULL)) {
		*ret_life_ms = TOKEN_LIFE_UNSAID_MS;
		return true;
	}
	if (!timefmt_parse(json_member_text(document, "expireTime", ""), &end_wall_ms, error)) {
		g_prefix_error(error, "expireTime: ");
		return false;
	}
	if (end_wall_ms <= now_wall_ms)
		return refuse(error, "expireTime is in the past: is the clock of this machine "
				     "right?");
	*ret_life_ms = MIN(end_wall_ms - now_wall_ms, TOKEN_LIFE_MAX_MS);
	return true;
}

bool token_answer_parse_impersonated(const char *bytes, size_t length, int64_t now_wall_ms,
				     struct token *ret_token, GError **error)
{
	json_object *document = parse_object(bytes, length, error);
	struct token token = {0};
	bool ok = false;

	if (!document)
		return false;
	ok = take_expiry(document, now_wall_ms, &token.life_ms, error) &&
	     take_text(document, "accessToken", &token, error);
	if (ok)
		*ret_token = token;
	json_object_put(document);
	return ok;
}

/* A copy without the white space around it. */
static char *trimmed(const char *bytes, size_t length)
{
	while (length > 0 && g_ascii_isspace(bytes[length - 1]))
		length--;
	while (length > 0 && g_ascii_isspace(*bytes)) {
		bytes++;
		length--;
	}
	return g_strndup(bytes, length);
}

static bool is_subject(const char *text)
{
	for (const char *at = text; *at; at++)
		if (g_ascii_iscntrl(*at) && !g_ascii_isspace(*at))
			return false;
	return *text;
}

char *token_answer_subject(const char *bytes, size_t length, const char *field, GError **error)
{
	AUTO_SECRET char *text = NULL;
	json_object *document = NULL;

	if (length > SUBJECT_MAX_BYTES || memchr(bytes, '\0', length)) {
		(void)refuse(error, "the subject token is no text of at most 64 KiB");
		return NULL;
	}
	if (field) {
		const char *value = NULL;

		document = parse_object(bytes, length, error);
		if (!document)
			return NULL;
		value = json_member_text(document, field, "");
		text = trimmed(value, strlen(value));
		json_object_put(document);
	} else {
		text = trimmed(bytes, length);
	}
	if (is_subject(text))
		return g_steal_pointer(&text);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "there is no subject token in it%s%s",
		    field ? " as member " : "", field ? field : "");
	return NULL;
}
