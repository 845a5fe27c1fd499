/* token - see oidc_private.h: the compact form of a JWS (RFC 7515 7.1) and its header. */
#include <string.h>

#include "oidc/oidc_private.h"

bool oidc_is_token(const char *token)
{
	const char *first = strchr(token, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;

	return first > token && second > first + 1 && !strchr(second + 1, '.');
}

/* The members of the object itself; @p text is a JSON document. */
static int count_members(const char *text, size_t length)
{
	bool in_string = false;
	int depth = 0;
	int count = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c == '"')
			in_string = !in_string;
		else if (in_string)
			i += c == '\\' ? 1 : 0;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else if (c == ':' && depth == 1)
			count++;
	}
	return count;
}

json_object *token_object(const char *bytes, size_t length)
{
	json_object *object = json_parse(bytes, length, NULL);

	if (object && json_object_is_type(object, json_type_object) &&
	    json_object_object_length(object) == count_members(bytes, length))
		return object;
	json_object_put(object);
	return NULL;
}

static enum oidc_alg alg_of(const char *name)
{
	if (strcmp(name, "RS256") == 0)
		return OIDC_ALG_RS256;
	return strcmp(name, "ES256") == 0 ? OIDC_ALG_ES256 : OIDC_ALG_NONE;
}

/* An access token (RFC 9068: at+jwt) or a logout token is no ID token, whoever signed it. */
static bool is_jwt_type(json_object *header)
{
	const char *type = json_member_text(header, "typ", "");

	return !json_object_object_get_ex(header, "typ", NULL) ||
	       g_ascii_strcasecmp(type, "JWT") == 0;
}

static const char *read_header(json_object *header, struct token *token)
{
	const char *key_id = json_member_text(header, "kid", "");

	token->alg = alg_of(json_member_text(header, "alg", ""));
	if (token->alg == OIDC_ALG_NONE)
		return "the alg of its header is neither RS256 nor ES256";
	if (json_object_object_get_ex(header, "crit", NULL))
		return "its header has crit: extensions are not understood";
	if (!is_jwt_type(header))
		return "the typ of its header is not JWT";
	if (!*key_id || strlen(key_id) > OIDC_KEY_ID_MAX_BYTES)
		return "its header names no key (kid)";
	token->key_id = g_strdup(key_id);
	return NULL;
}

static const char *decode_header(const char *text, size_t length, struct token *token)
{
	size_t bytes = 0;
	g_autofree uint8_t *decoded = base64url_decode(text, length, &bytes);
	json_object *header = NULL;
	const char *why = NULL;

	if (!decoded)
		return "its header is not base64url";
	header = token_object((const char *)decoded, bytes);
	if (!header)
		return "its header is no JSON object, or one that names a member twice";
	why = read_header(header, token);
	json_object_put(header);
	return why;
}

const char *token_read(const char *text, struct token *ret_token)
{
	struct token token = {.text = text, .length = strnlen(text, OIDC_TOKEN_MAX_BYTES + 1)};
	const char *payload = NULL;
	const char *signature = NULL;
	const char *why = NULL;

	if (token.length > OIDC_TOKEN_MAX_BYTES)
		return "it is longer than 8192 bytes";
	if (!oidc_is_token(text))
		return "it is not made of three parts";
	payload = strchr(text, '.') + 1;
	signature = strchr(payload, '.') + 1;
	if (!base64url_check(payload, (size_t)(signature - 1 - payload), NULL))
		return "its payload is not base64url";
	if (!base64url_check(signature, strlen(signature), &token.signature_bytes))
		return "its signature is not base64url";
	why = decode_header(text, (size_t)(payload - 1 - text), &token);
	if (!why)
		*ret_token = token;
	return why;
}

void token_done(struct token *token)
{
	g_free(token->key_id);
	*token = (struct token){0};
}
