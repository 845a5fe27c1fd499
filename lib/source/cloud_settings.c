/* cloud_settings - see cloud_settings.h */
#include "source/cloud_settings.h"

#include <string.h>

#define ENV_PREFIX "env."
#define DEFAULT_MAX_INSTANCES 100
#define DEFAULT_MEMORY "512Mi"
#define DEFAULT_TIMEOUT "300s"
#define DEFAULT_CONCURRENCY 80

static void add_number(struct service_obs *service, const char *name, int64_t value)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);

	service_obs_add_setting(service, name, text);
}

static void add_text(struct service_obs *service, const char *name, const char *value)
{
	if (value)
		service_obs_add_setting(service, name, value);
}

static void add_scaling(const struct run_service *run, const struct run_template *template,
			struct service_obs *service)
{
	int64_t min = run->min_instances ? run->min_instances : template->min_instances;
	int64_t max = template->max_instances ? template->max_instances : DEFAULT_MAX_INSTANCES;

	if (run->max_instances)
		max = template->max_instances ? MIN(max, run->max_instances) : run->max_instances;
	if (run->manual_instances >= 0) {
		min = run->manual_instances;
		max = run->manual_instances;
	}
	add_number(service, "min-instances", min);
	add_number(service, "max-instances", max);
}

/* "500m" and "0.5" are less than one CPU, for which Google's default is one request at a time. */
static bool less_than_one_cpu(const char *cpu)
{
	char *end = NULL;
	double number = cpu ? g_ascii_strtod(cpu, &end) : 1.0;

	if (cpu && end && strcmp(end, "m") == 0)
		number /= 1000.0;
	return number < 1.0;
}

static void add_run(const struct run_service *run, const struct run_template *template,
		    struct service_obs *service)
{
	int64_t concurrency = template->concurrency;

	if (!concurrency)
		concurrency = less_than_one_cpu(template->cpu) ? 1 : DEFAULT_CONCURRENCY;
	add_scaling(run, template, service);
	add_text(service, "cpu-idle", template->cpu_idle ? "true" : "false");
	add_text(service, "memory", template->memory ? template->memory : DEFAULT_MEMORY);
	add_number(service, "concurrency", concurrency);
	add_text(service, "timeout", template->timeout ? template->timeout : DEFAULT_TIMEOUT);
	add_text(service, "service-account", template->service_account);
	add_text(service, "image", template->image);
}

static void add_first_generation(const struct run_template *template, struct service_obs *service)
{
	add_number(service, "min-instances", template->min_instances);
	if (template->max_instances)
		add_number(service, "max-instances", template->max_instances);
	add_text(service, "memory", template->memory);
	add_number(service, "concurrency", template->concurrency);
	add_text(service, "timeout", template->timeout);
	add_text(service, "service-account", template->service_account);
}

void cloud_settings_observe(const struct run_service *run, const struct run_template *template,
			    struct service_obs *service)
{
	if (run)
		add_run(run, template, service);
	else
		add_first_generation(template, service);
	for (guint i = 0; i < template->envs->len; i++) {
		const struct run_env *env = template->envs->pdata[i];

		service_obs_add_env(service, env->name, env->hash);
	}
}

const char *cloud_settings_env_name(const char *expect_name)
{
	return g_str_has_prefix(expect_name, ENV_PREFIX) ? expect_name + strlen(ENV_PREFIX) : NULL;
}

static void check_env(const struct config_expect *expect, struct env_hash *hash,
		      const struct service_obs *service, struct env_check *check)
{
	const char *name = cloud_settings_env_name(expect->name);
	const char *actual = service_obs_env_hash(service, name);
	g_autofree char *wanted = env_hash_value(hash, expect->value);

	check->name = g_strdup(name);
	check->present = actual != NULL;
	check->is_reference = actual && env_hash_is_reference(actual);
	check->equal = actual && strcmp(actual, wanted) == 0;
}

void cloud_settings_check_env(const struct config_service *config, struct env_hash *hash,
			      struct service_obs *service)
{
	if (config->expect_count == 0)
		return;
	service->env_checks = g_new0(struct env_check, config->expect_count);
	for (size_t i = 0; i < config->expect_count; i++)
		if (cloud_settings_env_name(config->expects[i].name))
			check_env(&config->expects[i], hash, service,
				  &service->env_checks[service->env_check_count++]);
}

const char *cloud_settings_find(const struct service_obs *service, const char *name)
{
	for (guint i = 0; i < service->settings->len; i++) {
		const struct setting_obs *setting = service->settings->pdata[i];

		if (strcmp(setting->name, name) == 0)
			return setting->value;
	}
	return NULL;
}
