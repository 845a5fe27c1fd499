/* hook_event - see hook_event.h */
#include "api/hook_event.h"

#include <string.h>

#include "api/body.h"
#include "drift_error.h"
#include "json.h"

void hook_push_done(struct hook_push *push)
{
	g_free(push->ref);
	g_free(push->full_name);
	for (size_t i = 0; i < HOOK_URLS_MAX; i++)
		g_free(push->urls[i]);
	*push = (struct hook_push){0};
}

/* "payload=…" of a form, decoded; it is JSON and may hold any character. */
static char *payload_of(const char *bytes, size_t length)
{
	g_autofree char *form = g_strndup(bytes, length);
	char *next = form;

	while (next) {
		char *pair = strsep(&next, "&");

		if (!g_str_has_prefix(pair, "payload="))
			continue;
		pair += strlen("payload=");
		g_strdelimit(pair, "+", ' ');
		return g_uri_unescape_string(pair, NULL); /* NULL: a broken escape, or a NUL */
	}
	return NULL;
}

static void refuse(GError **error, const char *what)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "the signature is good, but %s: is it a push event of this kind of sender?",
		    what);
}

static json_object *parse_payload(enum hook_sender sender, const char *content_type,
				  const char *bytes, size_t length, GError **error)
{
	g_autofree char *payload = NULL;

	if (body_is_type(content_type, "application/json"))
		return json_parse(bytes, length, error);
	if (sender != HOOK_SENDER_GITHUB ||
	    !body_is_type(content_type, "application/x-www-form-urlencoded")) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNSUPPORTED,
			    "set the content type of the webhook to application/json");
		return NULL;
	}
	payload = payload_of(bytes, length);
	if (!payload) {
		refuse(error, "the form has no field payload that can be decoded");
		return NULL;
	}
	return json_parse(payload, strlen(payload), error);
}

static void take_urls(json_object *repository, const char *const *names, struct hook_push *push)
{
	size_t count = 0;

	for (size_t i = 0; names[i] && count < HOOK_URLS_MAX; i++) {
		const char *url = json_member_text(repository, names[i], NULL);

		if (url)
			push->urls[count++] = g_strdup(url);
	}
}

bool hook_push_parse(enum hook_sender sender, const char *content_type, const char *bytes,
		     size_t length, struct hook_push *ret_push, GError **error)
{
	static const char *const github_urls[] = {"clone_url", "ssh_url", "git_url",
						  "html_url",  "svn_url", NULL};
	static const char *const gitlab_urls[] = {"git_http_url", "http_url", "git_ssh_url",
						  "ssh_url",      "web_url",  NULL};
	bool github = sender == HOOK_SENDER_GITHUB;
	json_object *payload = parse_payload(sender, content_type, bytes, length, error);
	json_object *repository = NULL;
	struct hook_push push = {0};
	bool is_push = false;

	if (!payload)
		return false;
	repository = json_member_object(payload, github ? "repository" : "project");
	push.ref = g_strdup(json_member_text(payload, "ref", NULL));
	push.full_name = g_strdup(
		json_member_text(repository, github ? "full_name" : "path_with_namespace", NULL));
	take_urls(repository, github ? github_urls : gitlab_urls, &push);
	is_push = push.ref && repository;
	json_object_put(payload);
	if (is_push) {
		*ret_push = push;
		return true;
	}
	hook_push_done(&push);
	refuse(error, "there is no ref, or no repository, in it");
	return false;
}

const char *hook_push_branch(const struct hook_push *push)
{
	return g_str_has_prefix(push->ref, "refs/heads/") ? push->ref + strlen("refs/heads/")
							  : NULL;
}

bool hook_push_is_tag(const struct hook_push *push)
{
	return g_str_has_prefix(push->ref, "refs/tags/");
}

/* "host/path" in lower case, without scheme, user, port and ".git": two addresses of one repository
 * are the same then. */
static char *normalise(const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *rest = scheme ? scheme + strlen("://") : url;
	size_t host_length = strcspn(rest, scheme || *rest == '/' ? "/" : ":/");
	g_autofree char *host = g_strndup(rest, host_length);
	const char *path = rest + host_length;
	const char *at = strrchr(host, '@');
	g_autofree char *bare = g_strdup(at ? at + 1 : host);
	g_autofree char *trimmed = NULL;
	g_autofree char *joined = NULL;
	size_t length = 0;

	if (*bare != '[')
		bare[strcspn(bare, ":")] = '\0';
	path += strspn(path, ":/");
	trimmed = g_strdup(path);
	length = strlen(trimmed);
	while (length > 0 && trimmed[length - 1] == '/')
		trimmed[--length] = '\0';
	if (g_str_has_suffix(trimmed, ".git"))
		trimmed[length - strlen(".git")] = '\0';
	joined = g_strconcat(bare, "/", trimmed, NULL);
	return g_ascii_strdown(joined, -1);
}

bool hook_push_has_url(const struct hook_push *push, const char *url)
{
	g_autofree char *own = normalise(url);

	for (size_t i = 0; push->urls[i]; i++) {
		g_autofree char *other = normalise(push->urls[i]);

		if (strcmp(own, other) == 0)
			return true;
	}
	return false;
}

bool hook_push_has_name(const struct hook_push *push, const char *url)
{
	g_autofree char *own = normalise(url);
	g_autofree char *name = NULL;
	g_autofree char *suffix = NULL;

	if (!push->full_name || !strchr(push->full_name, '/'))
		return false;
	name = g_ascii_strdown(push->full_name, -1);
	suffix = g_strconcat("/", name, NULL);
	return g_str_has_suffix(own, suffix);
}
