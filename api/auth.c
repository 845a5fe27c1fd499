/* auth - see auth.h */
#include "api/auth.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "api/host.h"
#include "api/request.h"
#include "clk.h"
#include "oidc/oidc.h"
#include "text.h"

struct auth_rules {
	int references; /* atomic */
	struct config *config;
	struct host listen; /* name is "" when it was not understood */
	struct host public; /* likewise */
	bool public_tls;    /* it is https */
	struct host *hosts; /* allowed-host */
	size_t host_count;
};

struct auth_rules *auth_rules_create(struct config *config, const char *listen)
{
	struct auth_rules *rules = g_new0(struct auth_rules, 1);
	char **names = config->driftd.allowed_hosts;

	rules->references = 1;
	rules->config = config_ref(config);
	if (!listen || !host_parse(listen, &rules->listen))
		rules->listen.name[0] = '\0';
	if (!config->driftd.public_url ||
	    !host_parse_origin(config->driftd.public_url, &rules->public, &rules->public_tls))
		rules->public.name[0] = '\0';
	rules->hosts = g_new0(struct host, names ? g_strv_length(names) : 0);
	for (size_t i = 0; names && names[i]; i++)
		if (host_parse(names[i], &rules->hosts[rules->host_count]))
			rules->host_count++;
	return rules;
}

struct auth_rules *auth_rules_ref(struct auth_rules *rules)
{
	g_atomic_int_inc(&rules->references);
	return rules;
}

void auth_rules_unref(struct auth_rules *rules)
{
	if (!rules || !g_atomic_int_dec_and_test(&rules->references))
		return;
	config_unref(rules->config);
	g_free(rules->hosts);
	g_free(rules);
}

/* Is @p host the address this connection came to? A name that was bound anew by somebody else's DNS
 * is no address, so this is safe also when listening on all of them. */
static bool is_own_address(const struct host *host, int socket_fd)
{
	struct sockaddr_storage storage = {0};
	socklen_t length = sizeof(storage);
	char text[INET6_ADDRSTRLEN] = "";
	const void *address = NULL;

	if (socket_fd < 0 || getsockname(socket_fd, (struct sockaddr *)&storage, &length) != 0)
		return false;
	if (storage.ss_family == AF_INET)
		address = &((struct sockaddr_in *)&storage)->sin_addr;
	else if (storage.ss_family == AF_INET6)
		address = &((struct sockaddr_in6 *)&storage)->sin6_addr;
	if (!address || !inet_ntop(storage.ss_family, address, text, sizeof(text)))
		return false;
	if (g_str_has_prefix(text, "::ffff:") && strchr(text, '.')) /* IPv4 on an IPv6 socket */
		return strcmp(host->name, text + strlen("::ffff:")) == 0;
	return strcmp(host->name, text) == 0;
}

bool auth_allows_host(const struct auth_rules *rules, const struct request *request)
{
	struct host host = {0};

	if (!request->headers.host || !host_parse(request->headers.host, &host))
		return false;
	if (host_is_loopback(&host))
		return true;
	for (size_t i = 0; i < rules->host_count; i++)
		if (strcmp(host.name, rules->hosts[i].name) == 0)
			return true;
	if (strcmp(host.name, rules->public.name) == 0 ||
	    strcmp(host.name, rules->listen.name) == 0)
		return true;
	return host.is_address && is_own_address(&host, request->socket_fd);
}

static bool is_same(const struct host *a, const struct host *b)
{
	return a->port == b->port && strcmp(a->name, b->name) == 0;
}

/* Is it public-url that a request with this Host is for? A proxy may leave the port out. */
static bool is_public(const struct auth_rules *rules, const struct host *own)
{
	return rules->public.name[0] && strcmp(own->name, rules->public.name) == 0 &&
	       (own->port < 0 || own->port == rules->public.port);
}

/* Same origin (RFC 6454 5): scheme, host and port are those of public-url, or, where Host (which
 * passed the Host rule) is not public-url's, host and port are those of Host: with which scheme it
 * was asked for, only a proxy in front would know. */
static bool origin_is_own(const struct auth_rules *rules, const struct request *request)
{
	struct host origin = {0};
	struct host own = {0};
	bool tls = false;

	if (!host_parse_origin(request->headers.origin, &origin, &tls))
		return false;
	if (tls == rules->public_tls && is_public(rules, &origin))
		return true; /* its port is always known */
	if (!request->headers.host || !host_parse(request->headers.host, &own) ||
	    is_public(rules, &own))
		return false;
	if (own.port < 0)
		own.port = tls ? 443 : 80;
	return is_same(&origin, &own);
}

bool auth_allows_origin(const struct auth_rules *rules, const struct request *request)
{
	const char *site = request->headers.sec_fetch_site;

	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	return !request->headers.origin || origin_is_own(rules, request);
}

static bool has_oidc(const struct config_auth *auth)
{
	return auth->oidc_audiences && auth->oidc_audiences[0];
}

bool auth_is_protected(const struct auth_rules *rules, enum auth_need need)
{
	const struct config_auth *auth = &rules->config->auth;
	bool has_credential = auth->token || has_oidc(auth);

	if (need == AUTH_NEED_NONE || !auth->present || (!has_credential && auth->allow_anonymous))
		return false;
	return need == AUTH_NEED_WRITE || auth->protect == CONFIG_PROTECT_ALL;
}

static enum auth_answer refuse(enum auth_answer answer, enum app_count count, const char *why,
			       struct auth_refusal *ret_refusal)
{
	ret_refusal->count = count;
	g_strlcpy(ret_refusal->why, why, sizeof(ret_refusal->why));
	return answer;
}

/* The token names a key that is not at hand: fresh keys may have it, and are asked for once. */
static enum auth_answer miss_key(const struct request *request, bool has_keys, const char *why,
				 struct auth_refusal *ret_refusal)
{
	if (!request->keys_awaited)
		return refuse(AUTH_ANSWER_KEYS, APP_COUNT_NONE, why, ret_refusal);
	return refuse(has_keys ? AUTH_ANSWER_CREDENTIAL : AUTH_ANSWER_UNAVAILABLE,
		      APP_COUNT_AUTH_OIDC, why, ret_refusal);
}

static enum auth_answer check_oidc(const struct config_auth *auth, const struct request *request,
				   const char *token, struct auth_refusal *ret_refusal)
{
	struct oidc_rules rules = {.issuer = auth->oidc_issuer,
				   .audiences = auth->oidc_audiences,
				   .emails = auth->oidc_emails};
	int64_t now_wall_ms = clk_wall_ms();
	struct oidc_keys *keys = app_oidc_keys(request->app);
	bool has_keys = keys && now_wall_ms < oidc_keys_expires_wall_ms(keys);
	g_autofree char *email = NULL;
	g_autofree char *why = NULL;
	enum oidc_result result = oidc_verify(token, &rules, keys, now_wall_ms, &email, &why);

	oidc_keys_unref(keys);
	switch (result) {
	case OIDC_RESULT_ACCEPTED:
		return AUTH_ANSWER_YES;
	case OIDC_RESULT_UNKNOWN_KEY:
		return miss_key(request, has_keys, why, ret_refusal);
	case OIDC_RESULT_WRONG_IDENTITY:
		return refuse(AUTH_ANSWER_IDENTITY, APP_COUNT_AUTH_OIDC, why, ret_refusal);
	case OIDC_RESULT_NONE:
	case OIDC_RESULT_REFUSED:
		break;
	}
	return refuse(AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_OIDC, why, ret_refusal);
}

/* Basic has no place for an OIDC token: browsers send it, and would keep it. */
static bool is_for_oidc(const struct config_auth *auth, const struct request *request,
			const char *secret)
{
	return has_oidc(auth) &&
	       g_ascii_strncasecmp(request->headers.authorization, "Bearer ", 7) == 0 &&
	       (!auth->token || oidc_is_token(secret));
}

static enum auth_answer check_credential(const struct auth_rules *rules,
					 const struct request *request,
					 struct auth_refusal *ret_refusal)
{
	const struct config_auth *auth = &rules->config->auth;
	const char *authorization = request->headers.authorization;
	char *secret = authorization ? auth_parse(authorization) : NULL;
	enum auth_answer answer = AUTH_ANSWER_YES;

	if (!authorization)
		answer = refuse(AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_MISSING,
				"no credential came", ret_refusal);
	else if (!secret)
		answer = refuse(AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_TOKEN,
				"the Authorization header is neither Bearer nor Basic, or broken",
				ret_refusal);
	else if (auth->token && text_equal_secret(secret, auth->token))
		answer = AUTH_ANSWER_YES;
	else if (is_for_oidc(auth, request, secret))
		answer = check_oidc(auth, request, secret, ret_refusal);
	else
		answer = refuse(AUTH_ANSWER_CREDENTIAL, APP_COUNT_AUTH_TOKEN,
				auth->token ? "the token is not that of [auth]"
					    : "[auth] has no token, only OIDC, which takes Bearer",
				ret_refusal);
	auth_secret_free(secret);
	return answer;
}

/* GET /check is what a person at this machine types: no proxy in between, no credential needed
 * unless reads need one too. */
static bool is_local_get(const struct auth_rules *rules, const struct request *request)
{
	return request->peer_loopback && !request->headers.forwarded &&
	       !auth_is_protected(rules, AUTH_NEED_READ);
}

enum auth_answer auth_check(const struct auth_rules *rules, const struct request *request,
			    enum auth_need need, struct auth_refusal *ret_refusal)
{
	bool get_that_writes = need == AUTH_NEED_WRITE && request_is_read(request->method);
	struct auth_refusal ignored = {0};
	struct auth_refusal *refusal = ret_refusal ? ret_refusal : &ignored;

	*refusal = (struct auth_refusal){0};
	if (need == AUTH_NEED_NONE)
		return AUTH_ANSWER_YES;
	/* a socket handed in that listens elsewhere */
	if (!rules->config->auth.present && !request->peer_loopback)
		return refuse(AUTH_ANSWER_REFUSED, APP_COUNT_AUTH_MISSING,
			      "without [auth] only this machine is served", refusal);
	if (get_that_writes && is_local_get(rules, request))
		return AUTH_ANSWER_YES;
	if (auth_is_protected(rules, need))
		return check_credential(rules, request, refusal);
	if (!get_that_writes)
		return AUTH_ANSWER_YES;
	return refuse(AUTH_ANSWER_REFUSED, APP_COUNT_NONE,
		      "a GET that changes state came from elsewhere", refusal);
}

/* The password of "user:password" in base64. */
static char *parse_basic(const char *text)
{
	gsize length = 0;
	g_autofree guchar *bytes = NULL;
	const char *colon = NULL;
	char *password = NULL;

	if (!*text || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				   "+/=") != strlen(text))
		return NULL;
	bytes = g_base64_decode(text, &length);
	colon = bytes ? memchr(bytes, ':', length) : NULL;
	if (colon && !memchr(bytes, '\0', length)) {
		size_t before = (size_t)(colon + 1 - (const char *)bytes);

		password = g_strndup(colon + 1, length - before);
	}
	if (bytes)
		explicit_bzero(bytes, length);
	return password;
}

char *auth_parse(const char *authorization)
{
	size_t scheme = strcspn(authorization, " ");
	const char *rest = authorization + scheme + strspn(authorization + scheme, " ");
	size_t length = strlen(rest);

	while (length > 0 && rest[length - 1] == ' ')
		length--;
	if (length == 0 || memchr(rest, ' ', length))
		return NULL;
	if (scheme == strlen("Bearer") && g_ascii_strncasecmp(authorization, "Bearer", scheme) == 0)
		return g_strndup(rest, length);
	if (scheme == strlen("Basic") && g_ascii_strncasecmp(authorization, "Basic", scheme) == 0) {
		char *encoded = g_strndup(rest, length);
		char *password = parse_basic(encoded);

		auth_secret_free(encoded);
		return password;
	}
	return NULL;
}

void auth_secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}
