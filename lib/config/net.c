/* net - hosts, addresses to listen on, URLs of endpoints and of repositories. */
#include "config/net.h"

#include "drift_error.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* Longest host name, RFC 1035 2.3.4. */
#define HOST_MAX_BYTES 253

#define refuse(error, ...)                                                                         \
	(g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, __VA_ARGS__), false)

bool net_is_host(const char *text)
{
	struct in6_addr v6;

	if (inet_pton(AF_INET6, text, &v6) == 1)
		return true;
	return *text && *text != '-' && *text != '.' && text[strspn(text, NAME_CHARS)] == '\0' &&
	       strlen(text) <= HOST_MAX_BYTES && !strstr(text, "..");
}

bool net_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6) ||
		       (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
	if (g_ascii_strcasecmp(host, "localhost") == 0)
		return true;
	return strlen(host) > strlen(".localhost") &&
	       g_ascii_strcasecmp(host + strlen(host) - strlen(".localhost"), ".localhost") == 0;
}

static bool split_brackets(const char *text, char **ret_host, const char **ret_port)
{
	const char *closing = strchr(text, ']');

	if (!closing || closing[1] != ':')
		return false;
	*ret_host = g_strndup(text + 1, (size_t)(closing - text - 1));
	*ret_port = closing + 2;
	return strchr(*ret_host, ':') != NULL;
}

bool net_split_listen(const char *text, char **ret_host, int *ret_port, GError **error)
{
	const char *colon = strrchr(text, ':');
	g_autofree char *host = NULL;
	const char *port_text = NULL;
	guint64 port = 0;

	if (*text == '[') {
		if (!split_brackets(text, &host, &port_text))
			return refuse(error, "an IPv6 address is written [ADDRESS]:PORT");
	} else if (colon && strchr(text, ':') != colon) {
		return refuse(error, "an IPv6 address is written [ADDRESS]:PORT");
	} else if (colon && colon > text) {
		host = g_strndup(text, (size_t)(colon - text));
		port_text = colon + 1;
	} else {
		return refuse(error, "write HOST:PORT, for example 127.0.0.1:8080, or 0.0.0.0:8080 "
				     "for every address");
	}
	if (!net_is_host(host))
		return refuse(error, "the part before the port is neither a host name nor an "
				     "address");
	if (strlen(port_text) > 5 || !g_ascii_isdigit(*port_text) ||
	    !g_ascii_string_to_unsigned(port_text, 10, 0, 65535, &port, NULL))
		return refuse(error, "the port is a number from 0 to 65535");
	*ret_host = g_steal_pointer(&host);
	*ret_port = (int)port; /* at most 65535 */
	return true;
}

/* Bytes no URL holds: white space, control characters, what RFC 3986 2 wants percent-encoded. */
static bool has_bad_url_bytes(const char *text)
{
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f ||
		    strchr("\"<>\\^`{|}", *at))
			return true;
	return false;
}

/* NULL with error set when it is no URL at all. */
static GUri *parse_uri(const char *text, GError **error)
{
	GUri *uri;

	if (strlen(text) > NET_URL_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "a URL is at most %d bytes long", NET_URL_MAX_BYTES);
		return NULL;
	}
	if (has_bad_url_bytes(text)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "white space or a character that a URL has percent-encoded only");
		return NULL;
	}
	uri = g_uri_parse(text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
	if (!uri) /* GLib's message quotes the URL, which may hold a secret */
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "not a URL");
	return uri;
}

static bool check_host(GUri *uri, GError **error)
{
	const char *host = g_uri_get_host(uri);

	if (!host || !*host)
		return refuse(error, "the URL names no host");
	if (!net_is_host(host))
		return refuse(error, "the URL's host is neither a name nor an address");
	if (g_uri_get_port(uri) == 0)
		return refuse(error, "port 0 cannot be reached");
	return true;
}

bool net_check_url(const char *text, char **ret_host, GError **error)
{
	g_autoptr(GUri) uri = NULL;
	const char *scheme;

	if (!strstr(text, "://"))
		return refuse(error, "a URL begins with https:// or http://");
	uri = parse_uri(text, error);
	if (!uri)
		return false;
	scheme = g_uri_get_scheme(uri);
	if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		return refuse(error, "only http and https URLs are possible here");
	if (g_uri_get_userinfo(uri))
		return refuse(error, "a user or password in the URL would be logged and shown; "
				     "remove it");
	if (g_uri_get_fragment(uri))
		return refuse(error, "the part from # on is never sent; remove it");
	if (!check_host(uri, error))
		return false;
	if (ret_host)
		*ret_host = g_strdup(g_uri_get_host(uri));
	return true;
}

static bool check_git_uri(const char *text, enum net_git *ret_how, char **ret_host, GError **error)
{
	g_autoptr(GUri) uri = parse_uri(text, error);
	enum net_git how = NET_GIT_NONE;

	if (!uri)
		return false;
	if (strcmp(g_uri_get_scheme(uri), "https") == 0)
		how = NET_GIT_HTTPS;
	else if (strcmp(g_uri_get_scheme(uri), "http") == 0)
		how = NET_GIT_HTTP;
	else if (strcmp(g_uri_get_scheme(uri), "ssh") == 0)
		how = NET_GIT_SSH;
	else if (strcmp(g_uri_get_scheme(uri), "file") == 0)
		how = NET_GIT_FILE;
	else
		return refuse(error, "only https, http, ssh and file URLs are possible");
	if (g_uri_get_password(uri) || (g_uri_get_userinfo(uri) && how != NET_GIT_SSH))
		return refuse(error, "a user or password in the URL would be logged and shown; "
				     "remove it and use token = env:NAME or file:PATH");
	if (g_uri_get_user(uri) && !net_is_host(g_uri_get_user(uri)))
		return refuse(error, "the user in the URL is no plain name");
	if (g_uri_get_fragment(uri) || g_uri_get_query(uri))
		return refuse(error, "a repository's URL has no ? or # part");
	if (how == NET_GIT_FILE) {
		if (g_uri_get_host(uri) && *g_uri_get_host(uri))
			return refuse(error, "a file URL names no host: file:///PATH");
	} else if (!check_host(uri, error)) {
		return false;
	}
	if (!g_uri_get_path(uri)[0] || strcmp(g_uri_get_path(uri), "/") == 0)
		return refuse(error, "the URL names no repository behind the host");
	*ret_how = how;
	*ret_host = how == NET_GIT_FILE ? NULL : g_strdup(g_uri_get_host(uri));
	return true;
}

/* "https:/host" is a slip, not a host called https. */
static bool is_scheme(const char *text)
{
	static const char *const schemes[] = {"http", "https", "ssh", "file", "git", NULL};

	return g_strv_contains(schemes, text);
}

/* [USER@]HOST:PATH, as git has it: a colon before the first slash. */
static bool check_git_scp(const char *text, const char *colon, char **ret_host, GError **error)
{
	g_autofree char *front = g_strndup(text, (size_t)(colon - text));
	char *at = strrchr(front, '@');
	const char *host = at ? at + 1 : front;

	if (strchr(colon, '@'))
		return refuse(error, "a user or password in the URL would be logged and shown; "
				     "remove it and use token = env:NAME or file:PATH");
	if (is_scheme(front))
		return refuse(error, "a URL has two slashes behind the colon: %s://HOST/PATH",
			      front);
	if (at)
		*at = '\0';
	if (!net_is_host(host) || (at && !net_is_host(front)) || colon[1] == '\0')
		return refuse(error, "neither a URL, nor USER@HOST:PATH, nor a path; a path with a "
				     "colon begins with ./ or /");
	*ret_host = g_strdup(host);
	return true;
}

static bool check_git_plain(const char *text, enum net_git *ret_how, char **ret_host,
			    GError **error)
{
	const char *colon = strchr(text, ':');
	const char *slash = strchr(text, '/');

	if (colon && (!slash || colon < slash)) {
		if (!check_git_scp(text, colon, ret_host, error))
			return false;
		*ret_how = NET_GIT_SSH;
		return true;
	}
	if (*text == '~')
		return refuse(error, "~ is not expanded; write the whole path");
	*ret_how = NET_GIT_PATH;
	*ret_host = NULL;
	return true;
}

bool net_check_git(const char *text, enum net_git *ret_how, char **ret_host, GError **error)
{
	const char *colons = strstr(text, "::");

	if (strlen(text) > NET_URL_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "the URL or path of a repository is at most %d bytes long",
			    NET_URL_MAX_BYTES);
		return false;
	}
	if (*text == '-')
		return refuse(error, "it begins with '-', which git would take for an option");
	if (colons && !memchr(text, '/', (size_t)(colons - text)) && *text != '[')
		return refuse(error, "remote helpers (NAME::ADDRESS) run programs and are not "
				     "possible; use https, ssh, file or a path");
	if (strstr(text, "://"))
		return check_git_uri(text, ret_how, ret_host, error);
	return check_git_plain(text, ret_how, ret_host, error);
}

char *net_web_url(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
	g_autofree char *web = NULL;
	const char *host;
	size_t length;

	if (!uri || strcmp(g_uri_get_scheme(uri), "https") != 0)
		return NULL;
	host = g_uri_get_host(uri);
	if (!host || (g_ascii_strcasecmp(host, "github.com") != 0 &&
		      g_ascii_strncasecmp(host, "gitlab.", strlen("gitlab.")) != 0))
		return NULL;
	web = g_strdup(url);
	length = strlen(web);
	while (length > 0 && web[length - 1] == '/')
		web[--length] = '\0';
	if (g_str_has_suffix(web, ".git"))
		web[length - strlen(".git")] = '\0';
	return g_steal_pointer(&web);
}
