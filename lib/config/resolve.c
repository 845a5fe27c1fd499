/* resolve - what the keys of a section mean together, and with those of other sections: defaults
 * that depend on something, and combinations that cannot be right. */
#include "config/build.h"

#include "config/net.h"
#include "config/resolve_target.h"
#include "dur.h"

#include <string.h>
#include <sys/stat.h>

/* Shorter than this, the secret of a push can be tried out. */
#define HOOK_SECRET_MIN_CHARS 16

static void resolve_state_dir(struct build *build, struct config_driftd *driftd)
{
	const char *list =
		g_getenv("STATE_DIRECTORY"); /* systemd.exec(5): a colon-separated list */
	const char *directory = build->loader->context.directory;
	g_autofree char *first = list ? g_strndup(list, strcspn(list, ":")) : NULL;

	if (driftd->state_dir)
		return;
	driftd->state_dir = g_canonicalize_filename(first && *first ? first : ".driftd", directory);
}

void resolve_driftd(struct build *driftd)
{
	struct config_driftd *values = &driftd->loader->config->driftd;

	resolve_state_dir(driftd, values);
	if (values->request_timeout_ms > values->cycle_timeout_ms)
		build_warn(driftd, "request-timeout",
			   "longer than cycle-timeout, which ends every request");
}

/* A token goes to https hosts only. */
static void check_repo_token(struct build *build, enum net_git how, const char *host)
{
	const struct config_repo *repo = build->object;
	bool elsewhere = how == NET_GIT_HTTP && !net_is_loopback(host);

	if (elsewhere && repo->token)
		build_refuse(build, "url",
			     "the token would be sent over plain http, where it can "
			     "be read on the way; use https");
	else if (elsewhere)
		build_warn(build, "url", "plain http is not encrypted; use https");
	else if (repo->token && how != NET_GIT_HTTP && how != NET_GIT_HTTPS)
		build_warn(build, "token", "has no effect: tokens are for https URLs");
}

static void check_local_repo(struct build *build)
{
	const struct config_repo *repo = build->object;
	struct stat about;

	/* no error: a disk that is away for now must not keep driftd from starting */
	if (stat(repo->local_path, &about) != 0 || !S_ISDIR(about.st_mode))
		build_warn(build, "url", "there is no directory %s", repo->local_path);
}

void resolve_repo(struct build *build)
{
	struct config_repo *repo = build->object;
	enum net_git how = NET_GIT_NONE;
	g_autofree char *host = NULL;

	if (repo->every_ms == 0)
		repo->every_ms = build->loader->config->driftd.check_interval_ms;
	if (!repo->url || !net_check_git(repo->url, &how, &host, NULL))
		return; /* reported already */
	check_repo_token(build, how, host);
	if (repo->is_local)
		check_local_repo(build);
	if (repo->webhook_secret && strlen(repo->webhook_secret) < HOOK_SECRET_MIN_CHARS)
		build_warn(build, "webhook-secret", "shorter than %d characters: it can be guessed",
			   HOOK_SECRET_MIN_CHARS);
	if (!repo->web_url)
		repo->web_url = net_web_url(repo->url);
}

/* An access token is sent to these. */
static void check_endpoint(struct build *build, const char *key, const char *url)
{
	g_autofree char *host = NULL;

	if (url && g_str_has_prefix(url, "http://") && net_check_url(url, &host, NULL) &&
	    !net_is_loopback(host))
		build_warn(build, key,
			   "plain http: access tokens can be read on the way; use https");
}

void resolve_gcp(struct build *build)
{
	const struct config_gcp *gcp = build->object;

	check_endpoint(build, "run-endpoint", gcp->run_endpoint);
	check_endpoint(build, "functions-endpoint", gcp->functions_endpoint);
	check_endpoint(build, "storage-endpoint", gcp->storage_endpoint);
	check_endpoint(build, "bigquery-endpoint", gcp->bigquery_endpoint);
	check_endpoint(build, "firestore-endpoint", gcp->firestore_endpoint);
	check_endpoint(build, "token-endpoint", gcp->token_endpoint);
	if (gcp->report_unwatched && (!gcp->project || !gcp->regions[0]))
		build_warn(
			build, "report-unwatched",
			"without project and region here it covers only those that targets name");
}

static void resolve_repo_of(struct build *build, struct config_service *service)
{
	const GPtrArray *repos = build->loader->config->repos;

	if (build_is_given(build, "repo"))
		return;
	if (repos->len == 1)
		service->repo = g_ptr_array_index(repos, 0);
	else if (repos->len > 1)
		build_refuse(build, NULL,
			     "repo is missing: there are %u [repo] sections, say which "
			     "one it is built from",
			     repos->len);
}

static void resolve_region(struct build *build, struct config_service *service)
{
	char **regions = service->gcp->regions;

	if (service->region || build_is_given(build, "region"))
		return;
	if (regions[0] && !regions[1])
		service->region = g_strdup(regions[0]);
	else if (regions[0])
		build_refuse(build, NULL,
			     "region is missing: [gcp \"%s\"] has several, say which "
			     "one it runs in",
			     service->gcp->name);
	else
		build_refuse(build, NULL, "region is missing: give region here or in [gcp \"%s\"]",
			     service->gcp->name);
}

static void resolve_cloud_name(struct build *build, struct config_service *service)
{
	const struct setting *setting = settings_find(build->kind, "service");

	if (service->service || build_is_given(build, "service"))
		return;
	if (!value_parse(&build->loader->context, setting, service->target.name, service, NULL))
		build_refuse(build, NULL,
			     "the section's name is no name of a Cloud Run service or "
			     "function; give service = NAME");
}

static void resolve_cloud(struct build *build, struct config_service *service)
{
	resolve_cloud_name(build, service);
	if (resolve_target_google(build, &service->gcp, &service->project))
		resolve_region(build, service);
}

/* The variable is wanted and forbidden at once. */
static void check_env(struct build *build, const struct config_service *service)
{
	for (size_t i = 0; service->forbid_env[i]; i++) {
		const char *name = service->forbid_env[i];
		bool wanted = g_strv_contains((const char *const *)service->require_env, name);

		for (size_t j = 0; j < service->expect_count; j++)
			wanted = wanted || (g_str_has_prefix(service->expects[j].name, "env.") &&
					    strcmp(service->expects[j].name + 4, name) == 0);
		for (size_t j = 0; j < service->expect_from_count; j++)
			wanted = wanted ||
				 (g_str_has_prefix(service->expects_from[j].name, "env.") &&
				  strcmp(service->expects_from[j].name + 4, name) == 0);
		if (wanted)
			build_refuse(build, "forbid-env",
				     "%s is forbidden and wanted (require-env, expect) at once",
				     name);
	}
}

static void resolve_times(struct build *build, struct config_service *service)
{
	struct config_target *target = &service->target;

	if (!resolve_target_times(build, target))
		return; /* one warning about it is enough */
	if (service->repo && target->expire_after_ms <= service->repo->every_ms) {
		g_autofree char *expiry = dur_format(target->expire_after_ms);

		build_warn(build, "repo",
			   "its verdicts expire after %s, before the next fetch of repo \"%s\": it "
			   "would be unknown in between",
			   expiry, service->repo->name);
	}
}

static void check_probe(struct build *build, const struct config_service *service)
{
	if (build_is_given(build, "probe-expect") && !build_is_given(build, "probe-url"))
		build_refuse(build, "probe-expect", "needs probe-url");
	if (service->probe_url && service->probe_expect_count == 0 &&
	    !build_is_given(build, "probe-expect"))
		build_warn(build, "probe-url",
			   "without probe-expect any JSON answer passes, also that of another "
			   "program");
}

void resolve_service(struct build *build)
{
	struct config_service *service = build->object;

	resolve_repo_of(build, service);
	resolve_times(build, service);
	check_env(build, service);
	check_probe(build, service);
	if (service->source == CONFIG_SOURCE_NONE)
		return; /* reported already */
	resolve_target_keys(build);
	if (service->source != CONFIG_SOURCE_HTTP)
		resolve_cloud(build, service);
	else if (!build_is_given(build, "url"))
		build_refuse(build, NULL, "url is missing: source = http needs it");
}
