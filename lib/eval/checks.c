/* checks - see checks.h: settings, variables, manifests and identity. */
#include "eval/checks.h"

#include <string.h>

#include "eval/setting.h"

static bool is_env(const char *name)
{
	return g_str_has_prefix(name, "env.");
}

static const char *find_setting(const struct service_obs *seen, const char *name)
{
	for (guint i = 0; i < seen->settings->len; i++) {
		const struct setting_obs *setting = seen->settings->pdata[i];

		if (strcmp(setting->name, name) == 0)
			return setting->value;
	}
	return NULL;
}

static void check_setting(struct finding_sink *sink, const struct config_expect *expect)
{
	const char *actual = find_setting(sink->seen, expect->name);
	bool ok = setting_equal(expect->name, expect->value, actual);
	struct reason *reason;

	verdict_add_setting(sink->verdict, expect->name, expect->value, actual, ok);
	if (ok)
		return;
	reason = reason_create(REASON_SETTING_CHANGED, STATE_DRIFT, "%s is %s, expected %s",
			       expect->name, actual ? actual : "not set", expect->value);
	reason_add_text(reason, "name", expect->name);
	reason_add_text(reason, "expected", expect->value);
	reason_add_text(reason, "actual", actual);
	finding_add(sink, reason);
}

/* When a name is expected twice, one that fails counts. */
static const struct env_check *find_env_check(const struct service_obs *seen, const char *name)
{
	const struct env_check *found = NULL;

	for (size_t i = 0; i < seen->env_check_count; i++) {
		if (strcmp(seen->env_checks[i].name, name) == 0 && (!found || found->equal))
			found = &seen->env_checks[i];
	}
	return found;
}

/* Neither the wanted nor the actual value of a variable is shown. */
static void check_env_value(struct finding_sink *sink, const struct config_expect *expect)
{
	const struct env_check *check = find_env_check(sink->seen, expect->name + strlen("env."));
	struct reason *reason;

	verdict_add_setting(sink->verdict, expect->name, NULL, NULL, check && check->equal);
	if (check && check->equal)
		return;
	if (!check)
		reason = reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN,
				       "%s has not been compared yet", expect->name);
	else if (check->is_reference)
		reason = reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
				       "%s is taken from a secret, whose value driftd does not "
				       "read: use require-env instead of expect",
				       expect->name);
	else
		reason = reason_create(REASON_SETTING_CHANGED, STATE_DRIFT, "%s %s", expect->name,
				       check->present ? "has another value than expected; values "
							"are not shown"
						      : "is not set, a value is expected");
	reason_add_text(reason, "name", expect->name);
	finding_add(sink, reason);
}

/* The configuration refuses these keys for sources that have no settings; should one get here, it
 * may not look checked. */
static bool is_checkable(struct finding_sink *sink, bool wanted, const char *key)
{
	if (wanted && !sink->seen->is_cloud)
		finding_add(sink,
			    reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
					  "%s cannot be checked: source %s does not tell", key,
					  config_source_text(sink->input->service->source)));
	return wanted && sink->seen->is_cloud;
}

void checks_settings(struct finding_sink *sink)
{
	const struct config_service *service = sink->input->service;

	if (!is_checkable(sink, service->expect_count > 0, "expect"))
		return;
	for (size_t i = 0; i < service->expect_count; i++) {
		if (is_env(service->expects[i].name))
			check_env_value(sink, &service->expects[i]);
		else
			check_setting(sink, &service->expects[i]);
	}
}

static bool has_env(const struct service_obs *seen, const char *name)
{
	return g_ptr_array_find_with_equal_func(seen->env_names, name, g_str_equal, NULL);
}

static void add_env(struct finding_sink *sink, enum reason_code code, const char *name,
		    const char *what)
{
	struct reason *reason = reason_create(code, STATE_DRIFT, "variable %s %s", name, what);

	reason_add_text(reason, "name", name);
	finding_add(sink, reason);
}

static bool is_any(char *const *names)
{
	return names && names[0];
}

void checks_env(struct finding_sink *sink)
{
	const struct config_service *service = sink->input->service;
	bool require = is_checkable(sink, is_any(service->require_env), "require-env");
	bool forbid = is_checkable(sink, is_any(service->forbid_env), "forbid-env");

	for (char **name = service->require_env; require && *name; name++) {
		if (!has_env(sink->seen, *name))
			add_env(sink, REASON_ENV_MISSING, *name, "is required and not set");
	}
	for (char **name = service->forbid_env; forbid && *name; name++) {
		if (has_env(sink->seen, *name))
			add_env(sink, REASON_ENV_FORBIDDEN, *name, "is set and must not be");
	}
}

static struct reason *manifest_finding(const struct config_expect_from *expect,
				       const struct expect_from_obs *seen)
{
	if (seen->object_missing)
		return reason_create(REASON_VALUE_DIFFERS, STATE_DRIFT,
				     "gs://%s/%s#%s says \"%s\", and object %s does not exist",
				     expect->bucket, expect->object, expect->pointer,
				     seen->wanted ? seen->wanted : "",
				     seen->object_checked ? seen->object_checked : "it names");
	return reason_create(
		REASON_VALUE_DIFFERS, STATE_DRIFT, "%s %s, gs://%s/%s#%s says \"%s\"", expect->name,
		seen->actual_present ? "has another value" : "is not set", expect->bucket,
		expect->object, expect->pointer, seen->wanted ? seen->wanted : "");
}

static void check_manifest(struct finding_sink *sink, const struct config_expect_from *expect,
			   const struct expect_from_obs *seen)
{
	struct reason *reason;

	if (seen->fault) {
		g_autofree char *what =
			g_strdup_printf("expect-from of %s cannot be checked", expect->name);

		finding_add(sink, finding_of_fault(seen->fault, what));
		return;
	}
	if (seen->equal && seen->actual_present && !seen->object_missing)
		return;
	reason = manifest_finding(expect, seen);
	reason_add_text(reason, "name", expect->name);
	reason_add_text(reason, "wanted", seen->wanted);
	reason_add_text(reason, "missing_object",
			seen->object_missing ? seen->object_checked : NULL);
	finding_add(sink, reason);
}

/* What is configured and was not looked at yet must not pass for checked. */
static void add_not_looked_at(struct finding_sink *sink, const char *key)
{
	finding_add(sink,
		    reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN,
				  "%s has not been looked at yet: wait for the next check", key));
}

void checks_manifest(struct finding_sink *sink)
{
	const struct config_service *service = sink->input->service;
	size_t seen = MIN(service->expect_from_count, sink->seen->expect_from_count);

	for (size_t i = 0; i < seen; i++)
		check_manifest(sink, &service->expects_from[i], &sink->seen->expects_from[i]);
	if (seen < service->expect_from_count)
		add_not_looked_at(sink, "expect-from");
}

static void check_probe(struct finding_sink *sink, const struct config_probe_expect *expect,
			const struct probe_obs *seen)
{
	struct reason *reason;

	if (seen->found && seen->equal)
		return;
	if (seen->found)
		reason = reason_create(REASON_WRONG_IDENTITY, STATE_DRIFT,
				       "another program answers at %s: %s is \"%s\", expected "
				       "\"%s\"",
				       sink->input->service->probe_url, expect->pointer,
				       seen->actual ? seen->actual : "", expect->value);
	else
		reason = reason_create(REASON_WRONG_IDENTITY, STATE_DRIFT,
				       "another program answers at %s: nothing is at %s, expected "
				       "\"%s\"",
				       sink->input->service->probe_url, expect->pointer,
				       expect->value);
	reason_add_text(reason, "pointer", expect->pointer);
	reason_add_text(reason, "expected", expect->value);
	reason_add_text(reason, "actual", seen->found ? seen->actual : NULL);
	finding_add(sink, reason);
}

void checks_identity(struct finding_sink *sink)
{
	const struct config_service *service = sink->input->service;
	size_t seen = MIN(service->probe_expect_count, sink->seen->probe_count);

	if (!service->probe_url)
		return;
	if (sink->seen->probe_fault) {
		finding_add(sink,
			    finding_of_fault(sink->seen->probe_fault, "the probe cannot be read"));
		return;
	}
	for (size_t i = 0; i < seen; i++)
		check_probe(sink, &service->probe_expects[i], &sink->seen->probes[i]);
	if (seen < service->probe_expect_count)
		add_not_looked_at(sink, "probe-expect");
}
