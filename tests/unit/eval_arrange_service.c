/* eval_arrange_service - see eval_arrange.h: traffic, settings, images, pins, failures. */
#include "eval_arrange.h"

#include <string.h>

#define H MS_PER_HOUR
#define MIN_ MS_PER_MINUTE

/* --- traffic and rollout --- */

void arrange_split_old(struct world *w)
{
	(void)world_split(w, "api-00041", 60, WORLD_DEPLOYED);
	w->seen->latest_serves_all = false;
	w->seen->follows_latest = false;
}

void arrange_split_any(struct world *w)
{
	arrange_split_old(w);
	w->service.traffic_latest = false;
}

void arrange_split_two_commits(struct world *w)
{
	struct git_comparison *other;

	arrange_split_any(w);
	(void)world_split(w, "api-00040", 10, WORLD_OTHER);
	(void)world_resolve(w, WORLD_OTHER, GIT_RESOLUTION_FOUND, WORLD_OTHER);
	other = world_compare(w, WORLD_OTHER);
	other->topology = GIT_TOPOLOGY_DIVERGED;
	other->content_equal = false;
	other->behind_commits = 1;
	other->ahead_commits = 1;
}

void arrange_no_traffic(struct world *w)
{
	g_ptr_array_set_size(w->seen->revisions, 0);
	w->seen->latest_serves_all = false;
	w->revision = NULL;
}

static void set_created(struct world *w, const char *name, int64_t ago_ms)
{
	g_free(w->seen->latest_created);
	w->seen->latest_created = g_strdup(name);
	w->seen->latest_created_wall_ms = ago_ms ? WORLD_NOW_MS - ago_ms : 0;
}

void arrange_deploying(struct world *w)
{
	set_created(w, "api-00043", 5 * MIN_);
	w->seen->reconciling = true;
}

void arrange_deploying_behind(struct world *w)
{
	arrange_deploying(w);
	arrange_behind_late(w);
	arrange_split_old(w);
}

void arrange_deploying_unreadable(struct world *w)
{
	arrange_deploying(w);
	arrange_label_unknown(w);
}

void arrange_deploying_too_long(struct world *w)
{
	set_created(w, "api-00043", 15 * MIN_);
	w->seen->reconciling = true;
}

void arrange_reconciling_nothing_new(struct world *w)
{
	w->seen->reconciling = true; /* the latest revision is an hour old */
}

void arrange_rollout_failed(struct world *w)
{
	set_created(w, "api-00043", 5 * MIN_);
}

void arrange_rollout_error(struct world *w)
{
	g_free(w->seen->rollout_error);
	w->seen->rollout_error = g_strdup("HealthCheckContainerError");
}

/* --- settings, variables, manifests, identity --- */

static struct config_expect expect_min[] = {{(char[]){"min-instances"}, (char[]){"0"}}};
static struct config_expect expect_env[] = {{(char[]){"env.MODE"}, (char[]){"live"}}};

void arrange_expect_absent_is_zero(struct world *w)
{
	w->service.expects = expect_min;
	w->service.expect_count = 1;
}

void arrange_expect_differs(struct world *w)
{
	arrange_expect_absent_is_zero(w);
	service_obs_add_setting(w->seen, "min-instances", "2");
}

static void expect_env_check(struct world *w, bool present, bool reference, bool equal)
{
	w->service.expects = expect_env;
	w->service.expect_count = 1;
	if (w->seen->env_checks)
		return; /* arranged already */
	w->seen->env_checks = g_new0(struct env_check, 1);
	w->seen->env_check_count = 1;
	w->seen->env_checks[0] = (struct env_check){g_strdup("MODE"), present, reference, equal};
}

void arrange_expect_env_equal(struct world *w)
{
	expect_env_check(w, true, false, true);
}

void arrange_expect_env_differs(struct world *w)
{
	expect_env_check(w, true, false, false);
}

void arrange_expect_env_secret(struct world *w)
{
	expect_env_check(w, true, true, false);
}

void arrange_expect_env_unchecked(struct world *w)
{
	w->service.expects = expect_env;
	w->service.expect_count = 1;
}

static char *api_key[] = {(char[]){"BDL_API_KEY"}, NULL};

void arrange_env_missing(struct world *w)
{
	w->service.require_env = api_key;
}

void arrange_env_there(struct world *w)
{
	arrange_env_missing(w);
	service_obs_add_env(w->seen, "BDL_API_KEY", "ff");
}

void arrange_env_forbidden(struct world *w)
{
	w->service.forbid_env = api_key;
	service_obs_add_env(w->seen, "BDL_API_KEY", "ff");
}

void arrange_env_of_http(struct world *w)
{
	arrange_env_missing(w);
	w->seen->is_cloud = false;
}

static struct config_expect_from manifest[] = {{
	(char[]){"env.MODEL_PATH"},
	(char[]){"models"},
	(char[]){"manifest.json"},
	(char[]){"/path"},
}};

static struct expect_from_obs *manifest_seen(struct world *w)
{
	struct expect_from_obs *seen = w->seen->expects_from;

	if (seen)
		return seen; /* arranged already */
	seen = g_new0(struct expect_from_obs, 1);
	w->service.expects_from = manifest;
	w->service.expect_from_count = 1;
	w->seen->expects_from = seen;
	w->seen->expect_from_count = 1;
	seen->wanted = g_strdup("gs://models/v2");
	seen->actual_present = true;
	seen->equal = true;
	return seen;
}

void arrange_manifest_equal(struct world *w)
{
	(void)manifest_seen(w);
}

void arrange_manifest_differs(struct world *w)
{
	manifest_seen(w)->equal = false;
}

void arrange_manifest_object_missing(struct world *w)
{
	struct expect_from_obs *seen = manifest_seen(w);

	seen->object_missing = true;
	seen->object_checked = g_strdup("gs://models/v2");
}

void arrange_manifest_fault(struct world *w)
{
	struct expect_from_obs *seen = manifest_seen(w);

	g_clear_pointer(&seen->wanted, g_free);
	seen->equal = false;
	fault_unref(seen->fault);
	seen->fault = fault_create(FAULT_HTTP_5XX, 503, NULL, "GET gs://models/manifest.json: 503");
}

void arrange_manifest_denied(struct world *w)
{
	struct expect_from_obs *seen = manifest_seen(w);

	seen->equal = false;
	fault_unref(seen->fault);
	seen->fault = fault_create(FAULT_DENIED, 403, "storage.objects.get", "GET it: 403");
}

void arrange_manifest_not_looked_at(struct world *w)
{
	w->service.expects_from = manifest;
	w->service.expect_from_count = 1;
}

static struct config_probe_expect probe[] = {{(char[]){"/service"}, (char[]){"api"}}};

static struct probe_obs *probe_seen(struct world *w)
{

	w->service.probe_expects = probe;
	w->service.probe_expect_count = 1;
	if (!w->seen->probes)
		w->seen->probes = g_new0(struct probe_obs, 1);
	w->seen->probe_count = 1;
	return w->seen->probes;
}

static void set_probe_url(struct world *w)
{
	char *url = g_strdup("https://api.example.com/health");

	g_ptr_array_add(w->strings, url);
	w->service.probe_url = url;
}

void arrange_probe_good(struct world *w)
{
	struct probe_obs *seen = probe_seen(w);

	set_probe_url(w);
	*seen = (struct probe_obs){true, g_strdup("api"), true};
}

void arrange_probe_wrong(struct world *w)
{
	struct probe_obs *seen = probe_seen(w);

	set_probe_url(w);
	g_free(seen->actual);
	*seen = (struct probe_obs){true, g_strdup("other"), false};
}

void arrange_probe_nothing_there(struct world *w)
{
	(void)probe_seen(w);
	set_probe_url(w);
}

void arrange_probe_fault(struct world *w)
{
	(void)probe_seen(w);
	set_probe_url(w);
	fault_unref(w->seen->probe_fault);
	w->seen->probe_fault = fault_create(FAULT_TIMEOUT, 0, NULL, "GET it: no answer in 10 s");
}

void arrange_probe_not_looked_at(struct world *w)
{
	set_probe_url(w);
	w->service.probe_expects = probe;
	w->service.probe_expect_count = 1;
}

/* --- images --- */

static void reused(struct world *w, bool differs)
{
	struct git_pair *pair = g_new0(struct git_pair, 1);

	g_free(w->revision->digest);
	w->revision->digest = g_strdup(WORLD_DIGEST);
	world_add_past(w, WORLD_OTHER, WORLD_DIGEST, "api-00041", WORLD_NOW_MS - MS_PER_DAY);
	world_add_past(w, WORLD_DEPLOYED, WORLD_DIGEST, "api-00042", WORLD_NOW_MS - H);
	g_strlcpy(pair->a, WORLD_OTHER, GIT_SHA_BYTES);
	g_strlcpy(pair->b, WORLD_DEPLOYED, GIT_SHA_BYTES);
	pair->known = true;
	pair->differs = differs;
	g_ptr_array_add(w->answer.pairs, pair);
}

void arrange_image_reused(struct world *w)
{
	reused(w, true);
}

void arrange_image_reused_no_matter(struct world *w)
{
	reused(w, false);
}

void arrange_image_went_back(struct world *w)
{
	reused(w, true);
	/* the deployed commit had the image first: the other one is at fault */
	((struct past_deployment *)w->past->pdata[0])->seen_wall_ms = WORLD_NOW_MS - 2 * MS_PER_DAY;
}

/* --- pins --- */

static void pin(struct world *w, int64_t ends_in_ms)
{
	char *text = g_strdup("1a2b3c4d");

	g_ptr_array_add(w->strings, text);
	w->service.pin.commit = text;
	w->service.pin.until_wall_ms = ends_in_ms ? WORLD_NOW_MS + ends_in_ms : 0;
	(void)world_resolve(w, text, GIT_RESOLUTION_FOUND, WORLD_DEPLOYED);
	arrange_behind_late(w);
}

void arrange_pinned(struct world *w)
{
	pin(w, H);
}

void arrange_pinned_for_ever(struct world *w)
{
	pin(w, 0);
}

void arrange_pinned_split(struct world *w)
{
	pin(w, H);
	arrange_split_old(w);
	arrange_rollout_failed(w);
}

/* Half of the traffic is pinned, the rest goes elsewhere: no rollback in force. */
void arrange_pinned_partly(struct world *w)
{
	struct git_comparison *other;

	pin(w, H);
	arrange_split_old(w);
	(void)world_split(w, "api-00040", 10, WORLD_OTHER);
	(void)world_resolve(w, WORLD_OTHER, GIT_RESOLUTION_FOUND, WORLD_OTHER);
	other = world_compare(w, WORLD_OTHER);
	other->content_equal = true;
}

void arrange_pinned_env_missing(struct world *w)
{
	pin(w, H);
	arrange_env_missing(w);
}

void arrange_pin_ended(struct world *w)
{
	pin(w, -1);
}

void arrange_pin_ends_now(struct world *w)
{
	pin(w, 0);
	w->service.pin.until_wall_ms = WORLD_NOW_MS;
}

void arrange_pin_ended_in_sync(struct world *w)
{
	pin(w, -1);
	((struct git_comparison *)w->answer.comparisons->pdata[0])->content_equal = true;
}

void arrange_pin_ended_moved_on(struct world *w)
{
	arrange_pin_ended_in_sync(w);
	(void)world_resolve(w, "1a2b3c4d", GIT_RESOLUTION_FOUND, WORLD_OTHER);
}

void arrange_pin_of_other(struct world *w)
{
	pin(w, H);
	(void)world_resolve(w, "1a2b3c4d", GIT_RESOLUTION_FOUND, WORLD_OTHER);
}

void arrange_pin_ambiguous(struct world *w)
{
	pin(w, H);
	((struct git_comparison *)w->answer.comparisons->pdata[0])->content_equal = true;
	(void)world_resolve(w, "1a2b3c4d", GIT_RESOLUTION_AMBIGUOUS, NULL);
}

/* --- observation as a whole --- */

void arrange_never_observed(struct world *w)
{
	w->input.observation = NULL;
}

void arrange_source_timeout(struct world *w)
{
	world_fail(w, FAULT_TIMEOUT, 0, NULL);
}

void arrange_source_denied(struct world *w)
{
	world_fail(w, FAULT_DENIED, 403, "run.services.list");
}

void arrange_source_no_token(struct world *w)
{
	world_fail(w, FAULT_CREDENTIALS, 0, NULL);
}

void arrange_missing(struct world *w)
{
	w->seen->found = false;
	g_ptr_array_set_size(w->seen->revisions, 0);
	w->revision = NULL;
}

void arrange_paused(struct world *w)
{
	arrange_behind_late(w);
	w->service.target.paused = true;
	w->service.target.paused_reason = NULL;
}

void arrange_paused_until_tomorrow(struct world *w)
{
	arrange_paused(w);
	w->service.target.paused_until_wall_ms = WORLD_NOW_MS + MS_PER_DAY;
}

void arrange_paused_until_now(struct world *w)
{
	arrange_paused(w);
	w->service.target.paused_until_wall_ms = WORLD_NOW_MS;
}
