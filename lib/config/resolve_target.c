/* resolve_target - see resolve_target.h */
#include "config/resolve_target.h"

#include "config/slurp.h"
#include "drift_error.h"
#include "dur.h"

#include <string.h>

/* Looks that cost money are made this often unless something is said: DESIGN 3. */
#define BILLED_EVERY_MS (30 * MS_PER_MINUTE)

bool resolve_target_times(struct build *build, struct config_target *target)
{
	const struct config_driftd *driftd = &build->loader->config->driftd;
	g_autofree char *expiry = NULL;

	if (target->every_ms == 0)
		target->every_ms = target->billed ? MAX(BILLED_EVERY_MS, driftd->check_interval_ms)
						  : driftd->check_interval_ms;
	if (target->confirm == 0)
		target->confirm = driftd->confirm;
	target->expire_after_ms =
		driftd->expire_after_ms ? driftd->expire_after_ms : 3 * target->every_ms;
	if (target->expire_after_ms > target->every_ms)
		return true;
	expiry = dur_format(target->expire_after_ms);
	build_warn(build, "every",
		   "its verdicts expire after %s, before the next look: it would be unknown in "
		   "between",
		   expiry);
	return false;
}

void resolve_target_keys(struct build *build)
{
	const struct setting *selector = settings_selector(build->kind);
	size_t count;
	const struct setting *settings = settings_of_kind(build->kind, &count);
	int choice = selector ? value_choice(selector, build->object) : 0;

	if (choice == 0 || build_is_refused(build, selector->key))
		return; /* reported already */
	for (size_t i = 0; i < count; i++)
		if (!value_applies(&settings[i], build->object) &&
		    build_is_given(build, settings[i].key))
			build_refuse(build, settings[i].key, "means nothing with %s = %s",
				     selector->key, selector->choices[choice - 1]);
}

bool resolve_target_google(struct build *build, const struct config_gcp **gcp, char **project)
{
	bool is_given = build_is_given(build, "gcp");

	if (!is_given)
		*gcp = g_hash_table_lookup(build->loader->context.gcps, "default");
	if (!*gcp && !is_given)
		build_refuse(build, NULL,
			     "gcp is missing: there is no unnamed [gcp] section, say which one to "
			     "use");
	if (!*gcp)
		return false;
	if (!*project && (*gcp)->project)
		*project = g_strdup((*gcp)->project);
	if (!*project && !build_is_given(build, "project"))
		build_refuse(build, NULL,
			     "project is missing: give project here or in [gcp \"%s\"]",
			     (*gcp)->name);
	return true;
}

void resolve_target_location(struct build *build, const char *given, const char *region,
			     char **ret_location)
{
	if (build_is_given(build, "location") && build_is_given(build, "region"))
		build_refuse(build, "region", "says the same as location; give one of them");
	*ret_location = g_strdup(given ? given : region);
}

/* What is in the file at @p path, read once; NULL with @p error. Borrowed. */
static const char *holidays_of(struct loader *loader, const char *path, GError **error)
{
	const char *known = g_hash_table_lookup(loader->holidays, path);
	struct slurp file = {0};
	char *text = NULL;

	if (known)
		return known;
	if (!slurp_file(path, SCHEDULE_HOLIDAYS_MAX_BYTES, &file, error)) {
		slurp_done(&file);
		return NULL;
	}
	if (file.length > 0 && memchr(file.bytes, '\0', file.length)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "the file is not text");
	} else {
		text = g_strdup(file.bytes ? file.bytes : "");
		g_hash_table_insert(loader->holidays, g_strdup(path), text);
	}
	slurp_done(&file);
	return text;
}

/* The schedule without the holidays of the file. */
static void read_holidays(struct build *build, struct schedule **expected, const char *path)
{
	g_autoptr(GError) error = NULL;
	const char *holidays = holidays_of(build->loader, path, &error);
	struct schedule *schedule = NULL;

	if (holidays)
		schedule = schedule_create(schedule_text(*expected),
					   build->loader->context.timezone, holidays, &error);
	if (!schedule) {
		build_refuse(build, "holidays", "%s", error->message);
		return;
	}
	schedule_free(*expected);
	*expected = schedule;
}

void resolve_target_schedule(struct build *build, struct schedule **expected, int64_t grace_ms,
			     const char *holidays)
{
	bool is_expected = build_is_given(build, "expected");

	if (!is_expected && grace_ms > 0 && build_is_given(build, "grace"))
		build_refuse(build, "grace", "needs expected");
	if (!is_expected && build_is_given(build, "holidays"))
		build_refuse(build, "holidays", "needs expected");
	if (*expected && holidays && !build->loader->context.without_secrets)
		read_holidays(build, expected, holidays);
}

void resolve_target_sql(struct build *build, const char *key, enum sql_dialect dialect,
			enum sql_form form, char *sql)
{
	g_autoptr(GError) error = NULL;
	size_t length = 0;

	if (!sql)
		return;
	if (sql_check(sql, dialect, form, &length, &error))
		sql[length] = '\0';
	else
		build_refuse(build, key, "%s", error->message);
}
