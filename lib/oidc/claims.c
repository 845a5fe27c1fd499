/* claims - see oidc_private.h: what a token says of itself (OpenID Connect Core 2, RFC 7519 4.1). */
#include <string.h>

#include "oidc/oidc_private.h"

static bool is_issuer(const char *issuer, const struct oidc_rules *rules)
{
	if (strcmp(issuer, rules->issuer) == 0)
		return true;
	return strcmp(rules->issuer, OIDC_ISSUER_GOOGLE) == 0 &&
	       strcmp(issuer, OIDC_ISSUER_GOOGLE_SHORT) == 0;
}

static bool is_in(const char *text, char *const *list)
{
	return g_strv_contains((const char *const *)list, text);
}

static bool is_audience(json_object *claims, const struct oidc_rules *rules)
{
	json_object *several = json_member_array(claims, "aud");
	const char *one = json_member_text(claims, "aud", NULL);
	bool found = one && is_in(one, rules->audiences);

	for (size_t i = 0; several && i < json_object_array_length(several); i++) {
		json_object *item = json_object_array_get_idx(several, i);

		if (!json_object_is_type(item, json_type_string))
			return false;
		/* cut at a NUL it could become one of ours */
		if (strlen(json_object_get_string(item)) ==
		    (size_t)json_object_get_string_len(item))
			found = found || is_in(json_object_get_string(item), rules->audiences);
	}
	return found;
}

/* A NumericDate (RFC 7519 2), whole seconds only: fractions and exponents are no use to anybody,
 * and would have to be rounded. */
static bool take_time(json_object *claims, const char *name, int64_t *ret_s)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(claims, name, &value) ||
	    !json_object_is_type(value, json_type_int))
		return false;
	*ret_s = json_object_get_int64(value); /* beyond 64 bits: the nearest, still refused */
	return true;
}

static const char *refuse_expiry(json_object *claims, int64_t now_wall_ms)
{
	int64_t now_s = now_wall_ms / MS_PER_S;
	int64_t expires_s = 0;

	if (!take_time(claims, "exp", &expires_s))
		return "it has no exp in whole seconds";
	if (expires_s > now_s + OIDC_LIFE_MAX_S + OIDC_LEEWAY_S)
		return "its exp is more than 24 h ahead";
	if (expires_s <= now_s - OIDC_LEEWAY_S)
		return "it has expired";
	return NULL;
}

/* Is the time in @p name, when it is there at all, not yet to come? */
static bool has_come(json_object *claims, const char *name, int64_t now_wall_ms)
{
	int64_t time_s = 0;

	if (!json_object_object_get_ex(claims, name, NULL))
		return true;
	return take_time(claims, name, &time_s) && time_s <= now_wall_ms / MS_PER_S + OIDC_LEEWAY_S;
}

const char *claims_refuse(json_object *claims, const struct oidc_rules *rules, int64_t now_wall_ms)
{
	const char *why = NULL;

	if (!is_issuer(json_member_text(claims, "iss", ""), rules))
		return "its issuer is not the one of oidc-issuer";
	if (!is_audience(claims, rules))
		return "its audience is not in oidc-audience";
	why = refuse_expiry(claims, now_wall_ms);
	if (why)
		return why;
	if (!has_come(claims, "nbf", now_wall_ms))
		return "it is not yet valid (nbf)";
	if (!has_come(claims, "iat", now_wall_ms))
		return "it was issued in the future (iat): is a clock wrong?";
	if (!*json_member_text(claims, "email", ""))
		return "it names no email";
	if (!json_member_bool(claims, "email_verified", false))
		return "its email is not verified";
	return NULL;
}

bool claims_know_email(const char *email, const struct oidc_rules *rules)
{
	for (size_t i = 0; rules->emails[i]; i++)
		if (g_ascii_strcasecmp(email, rules->emails[i]) == 0)
			return true;
	return false;
}
