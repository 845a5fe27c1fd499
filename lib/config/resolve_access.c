/* resolve_access - who gets in: what the keys of [auth] mean together, and with the address listened
 * on. DESIGN 9. */
#include "config/build.h"

#include "config/net.h"

#include <string.h>

/* Shorter than this, a token can be tried out. */
#define TOKEN_MIN_CHARS 16

/* Shorter than this (128 bits), links could be forged: whoever has one can try keys at leisure. */
#define LINK_SECRET_MIN_BYTES 16

/* Is one of the credentials there, right or wrong? */
static bool is_any_given(const struct build *auth)
{
	return build_is_given(auth, "token") || build_is_given(auth, "oidc-audience") ||
	       build_is_given(auth, "oidc-email");
}

/* What others can reach is not open by accident, and what is closed has a key. */
static void check_open(struct build *driftd, struct build *auth)
{
	const struct config *config = driftd->loader->config;
	g_autofree char *host = NULL;
	int port;

	if (config->auth.allow_anonymous)
		return;
	if (auth) {
		if (!is_any_given(auth) && auth->failed == 0 && !auth->quiet)
			build_refuse(auth, NULL,
				     "nobody could get in: give token = file:PATH or env:NAME, "
				     "oidc-audience and oidc-email, or allow-anonymous = true");
		return;
	}
	if (net_split_listen(config->driftd.listen, &host, &port, NULL) && !net_is_loopback(host))
		build_refuse(driftd, "listen",
			     "other machines can reach this address and nothing would ask them for "
			     "a credential: add [auth] with token = file:PATH, with oidc-audience "
			     "and oidc-email, or with allow-anonymous = true if that is meant");
}

/* Whoever can change what is read there can make tokens. */
static void check_oidc_url(struct build *auth, const char *key, const char *url)
{
	g_autofree char *host = NULL;

	if (!net_check_url(url, &host, NULL) || g_ascii_strncasecmp(url, "https:", 6) == 0)
		return;
	if (!net_is_loopback(host))
		build_refuse(auth, key,
			     "plain http could be changed on the way, and who gets in rests on it: "
			     "https is needed, unless it is this machine");
}

/* Is it something else than the default? That may be written without a reason: driftd config prints
 * it. */
static bool is_changed(const char *key, const char *value)
{
	return strcmp(value, settings_find(SETTING_KIND_AUTH, key)->fallback) != 0;
}

static void check_oidc(struct build *auth, const struct config_auth *values)
{
	bool has_audience = build_is_given(auth, "oidc-audience");
	bool has_email = build_is_given(auth, "oidc-email");

	if (has_audience && !has_email)
		build_refuse(auth, NULL,
			     "oidc-email is missing: everybody can have a token for an audience; "
			     "say whose are accepted");
	if (has_email && !has_audience)
		build_refuse(auth, NULL,
			     "oidc-audience is missing: a token that was made for another service "
			     "would do here, too");
	if (!has_audience && !has_email && is_changed("oidc-issuer", values->oidc_issuer))
		build_refuse(auth, "oidc-issuer", "needs oidc-audience and oidc-email");
	if (!has_audience && !has_email && is_changed("oidc-jwks-url", values->oidc_jwks_url))
		build_refuse(auth, "oidc-jwks-url", "needs oidc-audience and oidc-email");
	if (is_changed("oidc-issuer", values->oidc_issuer) &&
	    !build_is_given(auth, "oidc-jwks-url"))
		build_refuse(auth, NULL,
			     "oidc-jwks-url is missing: the default has the keys of Google, not of "
			     "this oidc-issuer");
	check_oidc_url(auth, "oidc-issuer", values->oidc_issuer);
	check_oidc_url(auth, "oidc-jwks-url", values->oidc_jwks_url);
}

static void check_secrets(struct build *auth, const struct config_auth *values)
{
	if (values->token && strlen(values->token) < TOKEN_MIN_CHARS)
		build_warn(auth, "token", "shorter than %d characters: it can be guessed",
			   TOKEN_MIN_CHARS);
	if (values->link_secret && strcmp(values->link_secret, VALUE_SECRET) == 0)
		build_warn(auth, "link-secret", /* what is printed must read back */
			   VALUE_SECRET " is what driftd config prints in place of it: anybody "
					"could sign links");
	else if (values->link_secret && strlen(values->link_secret) < LINK_SECRET_MIN_BYTES)
		build_refuse(
			auth, "link-secret",
			"shorter than %d bytes: links could be forged; \"openssl rand -hex 32\" "
			"makes a good one",
			LINK_SECRET_MIN_BYTES);
}

void resolve_access(struct build *driftd, struct build *auth)
{
	const struct config_auth *values = &driftd->loader->config->auth;

	check_open(driftd, auth);
	if (!auth)
		return;
	check_oidc(auth, values);
	check_secrets(auth, values);
}
