/* target_page_mend - from a reason to the command that mends it. Every value is quoted for a shell: some
 * come from outside, and people paste what they are given. */
#include "api/dashboard/target_page.h"

#include <string.h>

/* Settings whose flag of gcloud is called as they are. */
static const char *const plain_flags[] = {"min-instances", "max-instances", "memory",
					  "concurrency",   "timeout",       "service-account",
					  "image"};

static const char *datum(const struct reason *reason, const char *name)
{
	for (guint i = 0; i < reason->data->len; i++) {
		const struct reason_datum *found = reason->data->pdata[i];

		if (strcmp(found->name, name) == 0)
			return found->text;
	}
	return NULL;
}

/* " --FLAG=VALUE" */
static void add_flag(GString *to, const char *flag, const char *value)
{
	g_autofree char *quoted = g_shell_quote(value);
	bool is_plain = *value && strspn(value, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
					 "._-/:@=") == strlen(value);

	g_string_append_printf(to, " --%s=%s", flag, is_plain ? value : quoted);
}

/* "gcloud run services VERB NAME --project=P --region=R"; NULL: it is none of Cloud Run. */
static GString *begin_run(const struct target_page *page, const char *verb)
{
	const struct config_service *service =
		(const struct config_service *)(const void *)page->config;
	GString *to = NULL;

	if (!page->config || page->config->kind != TARGET_KIND_SERVICE ||
	    service->source != CONFIG_SOURCE_CLOUD_RUN || !service->service)
		return NULL;
	to = g_string_new(NULL);
	g_string_append_printf(to, "gcloud run services %s %s", verb, service->service);
	if (service->project)
		add_flag(to, "project", service->project);
	if (service->region)
		add_flag(to, "region", service->region);
	return to;
}

/* gcloud takes a list there: a comma would end the value. */
static char *set_variable(const struct target_page *page, const char *name, const char *value)
{
	g_autofree char *pair = NULL;
	GString *to = name && !strchr(value, ',') ? begin_run(page, "update") : NULL;

	if (!to)
		return NULL;
	pair = g_strconcat(name, "=", value, NULL);
	add_flag(to, "update-env-vars", pair);
	return g_string_free(to, FALSE);
}

static char *set_setting(const struct target_page *page, const char *name, const char *value)
{
	GString *to = NULL;

	if (!name)
		return NULL;
	if (g_str_has_prefix(name, "env."))
		return set_variable(page, name + strlen("env."), value ? value : "VALUE");
	to = value ? begin_run(page, "update") : NULL;
	if (!to)
		return NULL;
	if (strcmp(name, "cpu-idle") == 0) {
		g_string_append(to, strcmp(value, "true") == 0 ? " --cpu-throttling"
							       : " --no-cpu-throttling");
		return g_string_free(to, FALSE);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(plain_flags); i++)
		if (strcmp(name, plain_flags[i]) == 0) {
			add_flag(to, name, value);
			return g_string_free(to, FALSE);
		}
	g_string_free(to, TRUE);
	return NULL;
}

static char *remove_variable(const struct target_page *page, const char *name)
{
	GString *to = name ? begin_run(page, "update") : NULL;

	if (!to)
		return NULL;
	add_flag(to, "remove-env-vars", name);
	return g_string_free(to, FALSE);
}

static char *take_latest(const struct target_page *page)
{
	GString *to = begin_run(page, "update-traffic");

	if (!to)
		return NULL;
	g_string_append(to, " --to-latest");
	return g_string_free(to, FALSE);
}

/* "driftd VERB -c FILE": of the file this driftd runs with. */
static char *ask_driftd(const struct target_page *page, const char *verb, const char *rest)
{
	g_autofree char *path = g_shell_quote(page->snapshot->input.config->path);

	return g_strdup_printf("driftd %s -c %s%s", verb, path, rest);
}

static char *accept_objects(const struct target_page *page)
{
	g_autofree char *verb = g_strconcat("snapshot ", page->verdict->id, NULL);

	return ask_driftd(page, verb, "");
}

/* Deploying mends drift; it is no answer to "could not tell". */
static char *deploy(const struct target_page *page, const struct reason *reason)
{
	bool is_wrong = reason->state == STATE_DRIFT || reason->state == STATE_PENDING;

	return is_wrong ? g_strdup(page->verdict->deploy_command) : NULL;
}

char *target_page_mend(const struct target_page *page, const struct reason *reason)
{
	const char *name = datum(reason, "name");
	const char *wanted = datum(reason, "wanted");

	if (reason->code == REASON_SETTING_CHANGED)
		return set_setting(page, name, datum(reason, "expected"));
	if (reason->code == REASON_ENV_MISSING)
		return name ? set_variable(page, name, "VALUE") : NULL;
	if (reason->code == REASON_ENV_FORBIDDEN)
		return remove_variable(page, name);
	if (reason->code == REASON_VALUE_DIFFERS)
		return wanted ? set_setting(page, name, wanted) : NULL;
	if (reason->code == REASON_TRAFFIC_NOT_LATEST)
		return take_latest(page);
	if (reason->code == REASON_PATHS_MISSING)
		return ask_driftd(page, "config", " --against-repo");
	if (reason->code == REASON_DEPLOYING)
		return NULL; /* it is under way */
	if ((reason->code == REASON_OBJECT_UNEXPECTED || reason->code == REASON_OBJECT_CHANGED ||
	     reason->code == REASON_OBJECT_MISSING) &&
	    !page->verdict->deploy_command)
		return accept_objects(page);
	return deploy(page, reason);
}
