/* resolve_alert - what the keys of a channel or window mean together, and whether everybody is told
 * of whom: a route that takes nothing, or a target that no route takes, is silence that nobody
 * notices. DESIGN 11 and 13. */
#include "config/build.h"

#include "config/kinds.h"
#include "config/net.h"
#include "config/value_types.h"
#include "text.h"

#include <string.h>

/* Targets that are named where nobody is told of them. */
#define NAMED_MAX 5

/* Beginnings of a window that are looked at, from the start of 2024 on. */
#define STARTS_MAX 500
#define STARTS_FROM_WALL_MS (INT64_C(1704067200) * MS_PER_S)

/* Not https, and not this machine. */
static bool is_plain(const char *url)
{
	g_autofree char *host = NULL;

	return url && net_check_url(url, &host, NULL) &&
	       g_ascii_strncasecmp(url, "https:", strlen("https:")) != 0 && !net_is_loopback(host);
}

static void check_url(struct build *build, const struct config_channel *channel)
{
	switch (channel->kind) {
	case CHANNEL_KIND_SLACK:
	case CHANNEL_KIND_WEBHOOK:
		if (is_plain(channel->url))
			build_warn(build, channel->kind == CHANNEL_KIND_SLACK ? "webhook" : "url",
				   "plain http: messages, and the URL itself, can be read on the "
				   "way; use https");
		break;
	case CHANNEL_KIND_GITHUB:
		if (is_plain(channel->url))
			build_refuse(build, "api-url",
				     "the token would be sent over plain http, where it can be "
				     "read on the way; use https");
		break;
	case CHANNEL_KIND_ALERTMANAGER:
		if (channel->url && strstr(channel->url, "/api/v"))
			build_refuse(build, "url",
				     "the address of Alertmanager itself is needed: /api/v2/alerts "
				     "is added to it");
		break;
	case CHANNEL_KIND_NONE:
	case CHANNEL_KIND_COUNT:
		break;
	}
}

void resolve_channel(struct build *build)
{
	const struct config_channel *channel = build->object;

	check_url(build, channel);
	if (channel->digest_when_ok && !build_is_given(build, "digest"))
		build_refuse(build, "digest-when-ok", "needs digest");
}

/* Is it always over before it begins again, at least now and then? */
static bool is_over_sometimes(const struct config_window *window)
{
	int64_t at_ms = schedule_next(window->start, STARTS_FROM_WALL_MS);

	for (int i = 0; i < STARTS_MAX && at_ms > 0; i++) {
		int64_t next_ms = schedule_next(window->start, at_ms);

		if (next_ms <= 0 || next_ms - at_ms > window->duration_ms)
			return true;
		at_ms = next_ms;
	}
	return at_ms <= 0;
}

void resolve_window(struct build *build)
{
	const struct config_window *window = build->object;

	if (window->start && window->duration_ms > 0 && !is_over_sometimes(window))
		build_warn(build, "duration",
			   "it begins again before it is over: nothing would ever be told of its "
			   "targets");
}

/* The highest priority of the services built from it. */
static enum priority priority_of_repo(const struct config *config, const struct config_repo *repo)
{
	enum priority highest = PRIORITY_NONE;

	for (guint i = 0; i < config->services->len; i++) {
		const struct config_service *service = g_ptr_array_index(config->services, i);

		if (service->repo == repo &&
		    (highest == PRIORITY_NONE || service->target.priority < highest))
			highest = service->target.priority;
	}
	return highest == PRIORITY_NONE ? PRIORITY_P1 : highest;
}

/* All that can have an incident: struct matcher_subject; their ids of repositories are put into @p
 * owned. Caller unrefs. */
static GArray *list_subjects(const struct config *config, GPtrArray *owned)
{
	GArray *subjects = g_array_new(FALSE, TRUE, sizeof(struct matcher_subject));

	for (guint i = 0; i < config->targets->len; i++) {
		const struct config_target *target = g_ptr_array_index(config->targets, i);
		const struct matcher_subject subject = {.id = target->id,
							.kind = target_kind_text(target->kind),
							.priority = priority_text(target->priority),
							.owner = target->owner};

		g_array_append_val(subjects, subject);
	}
	for (guint i = 0; i < config->repos->len; i++) {
		const struct config_repo *repo = g_ptr_array_index(config->repos, i);
		char *id = g_strconcat("repo/", repo->name, NULL);
		const struct matcher_subject subject = {
			.id = id,
			.kind = "repo",
			.priority = priority_text(priority_of_repo(config, repo))};

		g_ptr_array_add(owned, id);
		g_array_append_val(subjects, subject);
	}
	return subjects;
}

static bool matches_any(const struct matcher *matcher, const GArray *subjects)
{
	for (guint i = 0; i < subjects->len; i++)
		if (matcher_matches(matcher, &g_array_index(subjects, struct matcher_subject, i)))
			return true;
	return false;
}

static void check_matchers(struct build *build, const char *key, struct matcher *const *matchers,
			   const GArray *subjects)
{
	for (; *matchers; matchers++) {
		const char *text = matcher_text(*matchers);
		g_autofree char *shown = NULL;
		g_autofree char *near = NULL;

		if (matches_any(*matchers, subjects))
			continue;
		shown = text_escape_terminal(text);
		if (strchr(text, '/') && !strpbrk(text, "*="))
			near = value_nearest_id(build->loader->context.ids, text);
		build_warn_value(build, key, text, "no target is like %s%s%s%s", shown,
				 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	}
}

static bool is_taken(const struct config *config, const struct matcher_subject *subject)
{
	for (guint i = 0; i < config->channels->len; i++) {
		const struct config_channel *channel = g_ptr_array_index(config->channels, i);

		if (!channel->routes[0])
			return true;
		for (struct matcher *const *route = channel->routes; *route; route++)
			if (matcher_matches(*route, subject))
				return true;
	}
	return false;
}

static void check_taken(struct loader *loader, const GArray *subjects)
{
	g_autoptr(GString) names = g_string_new(NULL);
	unsigned count = 0;

	for (guint i = 0; i < subjects->len; i++) {
		const struct matcher_subject *subject =
			&g_array_index(subjects, struct matcher_subject, i);

		if (is_taken(loader->config, subject))
			continue;
		if (count++ < NAMED_MAX)
			g_string_append_printf(names, "%s%s", count > 1 ? ", " : "", subject->id);
	}
	if (count == 0)
		return;
	if (count > NAMED_MAX)
		g_string_append_printf(names, " and %u more", count - NAMED_MAX);
	build_warn_all(loader,
		       "no route takes %s: nobody would be told of %s; a channel without route "
		       "takes everything",
		       names->str, count == 1 ? "it" : "them");
}

static bool has_channel(const struct config *config, enum channel_kind kind)
{
	for (guint i = 0; i < config->channels->len; i++)
		if (((const struct config_channel *)g_ptr_array_index(config->channels, i))->kind ==
		    kind)
			return true;
	return false;
}

/* Is there more to it than scheme, host and port? */
static bool has_path(const char *url)
{
	const char *host = strstr(url, "://");

	return host && strchr(host + strlen("://"), '/');
}

/* Links on pages. */
static void check_root(struct loader *loader)
{
	const char *url = loader->config->driftd.public_url;

	if (url && has_path(url))
		build_warn_all(loader,
			       "[driftd] public-url has a path: links in messages keep it, "
			       "but pages of the dashboard only work at the root of a host");
}

/* Links in messages. */
static void check_links(struct loader *loader)
{
	const struct config *config = loader->config;

	if (!config->driftd.public_url &&
	    (has_channel(config, CHANNEL_KIND_SLACK) || has_channel(config, CHANNEL_KIND_GITHUB)))
		build_warn_all(loader,
			       "[driftd] public-url is missing: messages carry no links to driftd");
	if (config->driftd.public_url &&
	    !(loader->auth && build_is_given(loader->auth, "link-secret")))
		build_warn_all(loader, "[auth] link-secret is missing: acknowledge links in "
				       "messages ask for the token");
}

void resolve_routes(struct loader *loader)
{
	g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) subjects = list_subjects(loader->config, owned);

	for (guint i = 0; i < loader->builds->len; i++) {
		struct build *build = g_ptr_array_index(loader->builds, i);

		if (build->duplicate || build->quiet)
			continue;
		if (kind_get(build->kind)->channel != CHANNEL_KIND_NONE)
			check_matchers(build, "route",
				       ((const struct config_channel *)build->object)->routes,
				       subjects);
		else if (build->kind == SETTING_KIND_WINDOW)
			check_matchers(build, "matcher",
				       ((const struct config_window *)build->object)->matchers,
				       subjects);
	}
	check_root(loader);
	if (loader->config->channels->len == 0)
		return;
	check_taken(loader, subjects);
	check_links(loader);
}
