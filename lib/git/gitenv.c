/* gitenv - see gitenv.h. git(1) "Environment Variables", git-config(1). */
#include "git/gitenv.h"

#include <string.h>

#include "drift_error.h"

/** Kept from our own environment: how to find programs, and how to get out of this network. */
static const char *const kept[] = {
	"PATH",      "TMPDIR",   "http_proxy", "https_proxy",   "HTTPS_PROXY",  "all_proxy",
	"ALL_PROXY", "no_proxy", "NO_PROXY",   "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
};

static const char *const fixed[] = {
	"LC_ALL=C",
	"GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=/dev/null",
	"GIT_ATTR_NOSYSTEM=1",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_ALLOW_PROTOCOL=https:http:ssh:file",
	"GIT_NO_REPLACE_OBJECTS=1",
	"GIT_GRAFT_FILE=/dev/null",
	"GIT_NO_LAZY_FETCH=1",
	/* no connection is shared that would outlive the deadline */
	"GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=30 -oControlPath=none",
	"GIT_SSH_VARIANT=ssh",
};

struct setting {
	const char *key;
	const char *value;
};

static const struct setting settings[] = {
	{"protocol.version", "2"},
	{"gc.auto", "0"},
	{"maintenance.auto", "false"},
	{"core.hooksPath", "/dev/null"},
	{"core.fsmonitor", "false"},
	{"credential.helper", ""},
	{"transfer.bundleURI", "false"},
	/* the state directory may belong to another user than the one we run as */
	{"safe.directory", "*"},
	/* a stalled transfer ends before the deadline */
	{"http.lowSpeedLimit", "100"},
	{"http.lowSpeedTime", "60"},
};

static void add(GPtrArray *environment, const char *name, const char *value)
{
	g_ptr_array_add(environment, g_strdup_printf("%s=%s", name, value));
}

static void keep(GPtrArray *environment, const char *name)
{
	const char *value = g_getenv(name);

	if (value)
		add(environment, name, value);
}

static void add_setting(GPtrArray *environment, guint *index, const char *key, const char *value)
{
	g_ptr_array_add(environment, g_strdup_printf("GIT_CONFIG_KEY_%u=%s", *index, key));
	g_ptr_array_add(environment, g_strdup_printf("GIT_CONFIG_VALUE_%u=%s", *index, value));
	(*index)++;
}

static bool is_ssh(const char *url)
{
	const char *colon = strchr(url, ':');
	const char *slash = strchr(url, '/');

	if (strstr(url, "://"))
		return g_str_has_prefix(url, "ssh://") || g_str_has_prefix(url, "git+ssh://");
	return colon && (!slash || colon < slash); /* host:path */
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	       g_str_has_prefix(host, "127.");
}

/* "https://host:port/" of an address that the token may go to. */
static char *make_scope(const char *url, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL);
	g_autofree char *port = NULL;
	const char *host = uri ? g_uri_get_host(uri) : NULL;
	const char *scheme = uri ? g_uri_get_scheme(uri) : NULL;
	bool brackets;

	if (!host || !host[0]) {
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "the repository's url has no host");
		return NULL;
	}
	if (strcmp(scheme, "https") != 0 && !is_loopback(host)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_DENIED,
			    "the token is not sent to %s without encryption; use an https url",
			    host);
		return NULL;
	}
	brackets = strchr(host, ':') != NULL;
	port = g_uri_get_port(uri) > 0 ? g_strdup_printf(":%d", g_uri_get_port(uri)) : g_strdup("");
	return g_strdup_printf("%s://%s%s%s%s/", scheme, brackets ? "[" : "", host,
			       brackets ? "]" : "", port);
}

/* A header, because a helper or a URL would show in arguments or files. */
static bool add_token(GPtrArray *environment, guint *index, const char *url, const char *token,
		      GError **error)
{
	g_autofree char *scope = make_scope(url, error);
	g_autofree char *key = scope ? g_strdup_printf("http.%s.extraHeader", scope) : NULL;
	g_autofree char *plain = g_strdup_printf("x-access-token:%s", token);
	g_autofree char *encoded = g_base64_encode((const guchar *)plain, strlen(plain));
	g_autofree char *header = g_strdup_printf("Authorization: Basic %s", encoded);

	if (scope) {
		add_setting(environment, index, key, header);
		/* git would take the header along to wherever it is redirected */
		add_setting(environment, index, "http.followRedirects", "false");
	}
	return scope != NULL;
}

char **gitenv_create(const char *url, const char *token, GError **error)
{
	g_autoptr(GPtrArray) environment = g_ptr_array_new_with_free_func(g_free);
	bool is_http =
		url && (g_str_has_prefix(url, "https://") || g_str_has_prefix(url, "http://"));
	guint index = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
		keep(environment, kept[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		g_ptr_array_add(environment, g_strdup(fixed[i]));
	if (url && is_ssh(url)) {
		keep(environment, "HOME");
		keep(environment, "SSH_AUTH_SOCK");
	}
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
		add_setting(environment, &index, settings[i].key, settings[i].value);
	if (is_http && token && !add_token(environment, &index, url, token, error))
		return NULL;
	if (!is_http || !token)
		add_setting(environment, &index, "http.followRedirects", "initial");
	g_ptr_array_add(environment, g_strdup_printf("GIT_CONFIG_COUNT=%u", index));
	g_ptr_array_add(environment, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&environment), FALSE);
}

void gitenv_free(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		explicit_bzero(environment[i], strlen(environment[i]));
	g_strfreev(environment);
}
