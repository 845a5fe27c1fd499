/* endpoint - see endpoint.h */
#include "google/endpoint.h"

#include "drift_error.h"

#include <arpa/inet.h>
#include <string.h>

/** Longest domain name (RFC 1035 2.3.4). */
#define DOMAIN_MAX_BYTES 253

bool endpoint_is_domain(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length > DOMAIN_MAX_BYTES || !strchr(text, '.') || text[0] == '.' ||
	    text[length - 1] == '.' || strstr(text, ".."))
		return false;
	for (const char *at = text; *at; at++)
		if (!g_ascii_islower(*at) && !g_ascii_isdigit(*at) && *at != '-' && *at != '.')
			return false;
	return true;
}

static bool is_ipv4_in(const char *host, guint32 network, guint32 mask)
{
	struct in_addr address = {0};

	return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) & mask) == network;
}

static bool is_loopback(const char *host)
{
	return g_ascii_strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	       is_ipv4_in(host, 0x7f000000U, 0xff000000U);
}

static bool is_link_local(const char *host)
{
	return is_ipv4_in(host, 0xa9fe0000U, 0xffff0000U);
}

static bool is_within(const char *host, const char *domain)
{
	size_t host_bytes = strlen(host);
	size_t domain_bytes = strlen(domain);

	if (host_bytes < domain_bytes ||
	    g_ascii_strcasecmp(host + host_bytes - domain_bytes, domain) != 0)
		return false;
	return host_bytes == domain_bytes || host[host_bytes - domain_bytes - 1] == '.';
}

/* Nothing that GUri and libcurl could read differently. */
static bool is_plain_host(const char *host)
{
	return host && *host &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:") ==
		       strlen(host);
}

/* NULL with error when it is no absolute http or https URL with a host and nothing secret in it. */
static GUri *parse(const char *name, const char *url, GError **error)
{
	g_autoptr(GUri) uri = NULL;

	if (strlen(url) <= ENDPOINT_URL_MAX_BYTES)
		uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
	if (!uri || !is_plain_host(g_uri_get_host(uri)) || g_uri_get_userinfo(uri) ||
	    g_uri_get_fragment(uri) ||
	    (strcmp(g_uri_get_scheme(uri), "https") != 0 &&
	     strcmp(g_uri_get_scheme(uri), "http") != 0)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "%s is not a usable URL (https, a host, no user, password or fragment)",
			    name);
		return NULL;
	}
	return g_steal_pointer(&uri);
}

static bool refuse_plain(const char *name, const char *host, GError **error)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "%s is http to %s: secrets are sent by https only, http is accepted for "
		    "loopback addresses",
		    name, host);
	return false;
}

static bool is_host_of(const char *host, const char *url)
{
	g_autoptr(GUri) uri = url ? g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL) : NULL;

	return uri && g_uri_get_host(uri) && g_ascii_strcasecmp(g_uri_get_host(uri), host) == 0;
}

bool endpoint_check(const char *name, const char *url, const char *universe,
		    const char *token_endpoint, GError **error)
{
	g_autoptr(GUri) uri = parse(name, url, error);
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	if (!uri)
		return false;
	if (strcmp(g_uri_get_scheme(uri), "http") == 0)
		return is_loopback(host) || refuse_plain(name, host, error);
	if (is_within(host, ENDPOINT_UNIVERSE_DEFAULT) || (universe && is_within(host, universe)) ||
	    is_host_of(host, token_endpoint))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "%s leads to %s, which is not under %s: refused, secrets would go there (if it "
		    "is yours, set [gcp] token-endpoint)",
		    name, host, universe ? universe : ENDPOINT_UNIVERSE_DEFAULT);
	return false;
}

bool endpoint_check_source(const char *name, const char *url, GError **error)
{
	g_autoptr(GUri) uri = parse(name, url, error);
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	if (!uri)
		return false;
	if (strcmp(g_uri_get_scheme(uri), "http") == 0)
		return is_loopback(host) || is_link_local(host) || refuse_plain(name, host, error);
	return true;
}

bool endpoint_is_near(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	return host && (is_loopback(host) || is_link_local(host));
}

char *endpoint_complete(const char *token_endpoint)
{
	g_autoptr(GUri) uri = g_uri_parse(token_endpoint, G_URI_FLAGS_ENCODED, NULL);
	const char *path = uri ? g_uri_get_path(uri) : "/";

	return g_strconcat(token_endpoint, *path ? "" : "/token", NULL);
}
