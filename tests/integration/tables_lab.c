/* tables_lab - see tables_lab.h */
#include "tests/integration/tables_lab.h"

#include "clk.h"
#include "timefmt.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

GString *lab_config(struct world *world, const char *driftd_lines)
{
	GString *config = world_base_config(world, driftd_lines);
	char *from = strstr(config->str, "[repo \"app\"]");
	const char *to = from ? strstr(from, "[gcp]") : NULL;

	ck_assert(from && to);
	g_string_erase(config, from - config->str, to - from);
	config_replace(config, "cycle-timeout = 3s", "cycle-timeout = 15s");
	config_replace(config, "request-timeout = 1s", "request-timeout = 10s");
	return config;
}

void lab_add(GString *config, const char *name, const char *lines)
{
	g_string_append_printf(config, "[table \"%s\"]\n%s\n\n", name, lines);
}

void lab_put(const struct world *world, const char *name, const char *loaded)
{
	cloud_table(world, name,
		    "{" LOADED_SCHEMA ",\"rows\":[[\"%s\"]],\"lastModifiedTime\":\"%s\"}", loaded,
		    loaded);
}

void lab_begin(struct world *world, const GString *config)
{
	world_configure(world, config->str);
	world_start(world);
	world_cycle(world);
}

struct reload_wait {
	const struct world *world;
	size_t seen; /* of the log, before */
};

static bool has_reloaded(void *data)
{
	const struct reload_wait *wait = data;
	g_autofree char *log = process_log(&wait->world->driftd);

	return strlen(log) > wait->seen && strstr(log + wait->seen, "reload.done");
}

void lab_reload(const struct world *world, const GString *config)
{
	g_autofree char *before = process_log(&world->driftd);
	struct reload_wait wait = {world, strlen(before)};

	world_configure(world, config->str);
	ck_assert(kill(world->driftd.pid, SIGHUP) == 0);
	if (!wait_until(has_reloaded, &wait, SOON_MS)) {
		g_autofree char *log = process_log(&world->driftd);

		ck_abort_msg("no reload: %s", log + wait.seen);
	}
}

void lab_force(const struct world *world)
{
	g_autoptr(struct_answer) answer = world_call(world, "POST", "/check?force=1", NULL, NULL);

	ck_assert_msg(answer->status == 200, "%d %s", answer->status, answer->body);
}

void lab_expect_good_manners(const struct world *world)
{
	static const char *const never[] = {"legacy", "unlabelled", "uncapped",
					    "writes", "repeated",   "running"};

	for (size_t i = 0; i < G_N_ELEMENTS(never); i++)
		ck_assert_msg(cloud_bigquery(world, never[i]) == 0, "%s: %d", never[i],
			      (int)cloud_bigquery(world, never[i]));
}

int64_t lab_fresh_number(const struct world *world, const char *id, const char *name)
{
	g_autoptr(struct_answer) target = world_any_target(world, id);

	return json_int_at(json_at(target->json, "freshness"), name);
}

char *lab_fresh_text(const struct world *world, const char *id, const char *name)
{
	g_autoptr(struct_answer) target = world_any_target(world, id);

	return g_strdup(json_text_at(json_at(target->json, "freshness"), name));
}

void lab_expect_said(const struct world *world, const char *id, const char *part)
{
	g_autoptr(struct_answer) target = world_any_target(world, id);

	ck_assert_msg(strstr(target->body, part), "%s does not say %s: %s", id, part, target->body);
}

int64_t lab_metric(const struct world *world, const char *line)
{
	g_autoptr(struct_answer) metrics = world_get(world, "/metrics");
	g_auto(GStrv) lines = g_strsplit(metrics->body, "\n", -1);

	for (size_t i = 0; lines[i]; i++) {
		const char *value = strrchr(lines[i], ' ');

		if (value && g_str_has_prefix(lines[i], line))
			return (int64_t)g_ascii_strtod(value + 1, NULL); /* ours are whole */
	}
	return -1;
}

bool lab_take_clock(struct world *world, GString *config)
{
	static char *owned[5];
	static const char *environment[G_N_ELEMENTS(owned) + 1];
	const char *library = faketime_library();

	if (!library || HARNESS_SANITIZED) {
		(void)printf("skipped: libfaketime is not installed, or excluded by a sanitizer\n");
		return false;
	}
	world_set_clock(world, "+0");
	owned[0] = g_strdup_printf("LD_PRELOAD=%s", library);
	owned[1] = g_strdup_printf("FAKETIME_TIMESTAMP_FILE=%s/clock", world->directory);
	owned[2] = g_strdup("DONT_FAKE_MONOTONIC=1");
	owned[3] = g_strdup("FAKETIME_NO_CACHE=1");
	owned[4] = g_strdup("LAB_TOKEN=any");
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		environment[i] = owned[i];
	world->environment = environment;
	/* a token that is signed by the clock of driftd is worth nothing at the cloud's time */
	cloud_put(world, "options", "{\"auth_required\":false}");
	config_replace(config, "credentials = file:key.json", "credentials = token:env:LAB_TOKEN");
	return true;
}

void lab_set_time(const struct world *world, const char *time)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *offset = NULL;
	int64_t wall_ms = 0;

	ck_assert_msg(timefmt_parse(time, &wall_ms, &error), "%s", time);
	offset = g_strdup_printf("%+" PRId64, (wall_ms - clk_wall_ms()) / MS_PER_S);
	world_set_clock(world, offset);
}
