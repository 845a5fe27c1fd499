/* gather_revision - revisions that must be read, each once, from memory when they were read before;
 * see gather.h */
#include "source/gather.h"

#include <string.h>

#include "clk.h"
#include "source/cloud.h"

void revision_read_free(struct revision_read *read)
{
	g_free(read->name);
	g_free(read->url);
	g_free(read->what);
	run_service_unref(read->service);
	g_ptr_array_unref(read->waiting);
	run_revision_unref(read->revision);
	fault_unref(read->fault);
	g_free(read);
}

static struct cloud_facts facts_of(const struct target *target)
{
	return (struct cloud_facts){
		.config = target->config,
		.service = target->run,
		.function = target->function,
		.revisions = target->revisions,
		.hash = target->gather->wants->hash,
	};
}

static char *url_of(const struct target *target, const char *revision)
{
	const struct config_service *config = target->config;

	return run_revision_url(config->gcp->run_endpoint, config->project, config->region,
				target->run->name, revision);
}

static void put_revision(struct target *target, struct run_revision *revision)
{
	(void)g_hash_table_replace(target->revisions, g_strdup(revision->name),
				   run_revision_ref(revision)); /* new or not */
}

/* What is remembered costs nothing, and tells since when the revision runs. */
static void put_remembered(struct target *target)
{
	for (guint i = 0; i < target->run->shares->len; i++) {
		const struct run_share *share = target->run->shares->pdata[i];
		g_autofree char *url = NULL;
		struct run_revision *revision = NULL;

		if (g_hash_table_contains(target->revisions, share->revision))
			continue;
		url = url_of(target, share->revision);
		revision =
			revision_cache_find(target->gather->cache, url, target->run, clk_mono_ms());
		if (revision)
			put_revision(target, revision);
	}
}

static void observe(struct target *target)
{
	struct cloud_facts facts = {0};

	put_remembered(target);
	facts = facts_of(target);
	target_settle(target, cloud_observe(&facts));
}

/* A latest created revision that is gone was deleted after it failed; one that serves cannot be. */
static void take_read(struct target *target, const struct revision_read *read)
{
	if (read->revision)
		put_revision(target, read->revision);
	else if (read->fault->class != FAULT_NOT_FOUND || cloud_serves(target->run, read->name))
		target_fail(target, read->fault);
}

static void read_end(struct revision_read *read)
{
	read->ended = true;
	for (guint i = 0; i < read->waiting->len; i++) {
		struct target *target = read->waiting->pdata[i];

		target->waiting--;
		if (target_is_settled(target))
			continue;
		take_read(target, read);
		if (target->waiting == 0 && !target_is_settled(target))
			observe(target);
	}
	g_ptr_array_set_size(read->waiting, 0);
}

static void on_revision(void *data, const char *body, size_t length, struct fault *fault)
{
	struct revision_read *read = data;
	g_autoptr(GError) error = NULL;

	if (fault) {
		read->fault = fault_ref(fault);
	} else {
		read->revision = run_revision_decode(body, length, read->gather->wants, &error);
		if (read->revision && strcmp(read->revision->name, read->name) != 0)
			g_clear_pointer(&read->revision, run_revision_unref);
		if (read->revision)
			revision_cache_add(read->gather->cache, read->url, read->service,
					   read->revision, clk_mono_ms());
		else
			read->fault =
				fault_create(FAULT_BAD_ANSWER, 0, NULL, "%s: %s", read->what,
					     error ? error->message : "another revision came");
	}
	read_end(read);
}

static struct revision_read *read_create(struct target *target, const char *name, const char *url)
{
	struct revision_read *read = g_new0(struct revision_read, 1);

	read->gather = target->gather;
	read->name = g_strdup(name);
	read->url = g_strdup(url);
	read->what = g_strdup_printf("read Cloud Run revision %s of %s/%s", name,
				     target->config->project, target->config->region);
	read->service = run_service_ref(target->run);
	read->waiting = g_ptr_array_new();
	g_hash_table_insert(target->gather->reads, g_strdup(url), read);
	return read;
}

static void start_read(struct revision_read *read, const struct config_gcp *gcp)
{
	struct credentials *credentials = gather_credentials(read->gather, gcp, &read->fault);
	struct google_call call =
		gather_call_of(read->gather, "run", read->what, "run.revisions.get", read->url);

	if (credentials)
		gather_call(read->gather, credentials, &call, on_revision, read);
	else
		read_end(read);
}

static void need_revision(struct target *target, const char *name)
{
	g_autofree char *url = url_of(target, name);
	struct revision_read *read = g_hash_table_lookup(target->gather->reads, url);
	struct run_revision *revision = NULL;
	bool is_new = false;

	if (!read)
		revision =
			revision_cache_find(target->gather->cache, url, target->run, clk_mono_ms());
	if (revision) {
		put_revision(target, revision);
		return;
	}
	if (!read) {
		read = read_create(target, name, url);
		is_new = true;
	}
	if (read->ended) {
		take_read(target, read);
		return;
	}
	target->waiting++;
	target->waits_for = read->what;
	g_ptr_array_add(read->waiting, target);
	if (is_new)
		start_read(read, target->config->gcp);
}

static void unref_revision(void *data)
{
	run_revision_unref(data);
}

static void refuse(struct target *target, enum fault_class class, const char *why)
{
	struct fault *fault =
		fault_create(class, 0, NULL, "Cloud Run service %s of %s/%s: %s", target->run->name,
			     target->config->project, target->config->region, why);

	target_fail(target, fault);
	fault_unref(fault);
}

static void need_all(struct target *target, const GPtrArray *names)
{
	target->waiting = 1; /* until all are asked for: answers may come at once */
	for (guint i = 0; i < names->len && !target_is_settled(target); i++)
		need_revision(target, names->pdata[i]);
	target->waiting--;
	if (target->waiting == 0 && !target_is_settled(target))
		observe(target);
}

void target_observe_run(struct target *target, struct run_service *run)
{
	struct cloud_facts facts = {0};
	g_autoptr(GPtrArray) names = NULL;

	if (target_is_settled(target) || target->run)
		return;
	target->run = run_service_ref(run);
	target_stamp(target);
	if (run->damage) {
		refuse(target, FAULT_BAD_ANSWER, run->damage);
		return;
	}
	target->revisions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_revision);
	facts = facts_of(target);
	names = cloud_revisions_needed(&facts);
	if (names->len > CLOUD_REVISIONS_MAX)
		refuse(target, FAULT_TOO_LARGE,
		       "more revisions serve traffic than driftd follows (20)");
	else
		need_all(target, names);
}
