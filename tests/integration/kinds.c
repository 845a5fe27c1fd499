/* kinds - see kinds.h */
#include "tests/integration/kinds.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

struct kinds *kinds_open(void)
{
	struct kinds *kinds = g_new0(struct kinds, 1);

	kinds->world = world_create();
	kinds->checkout = repo_make(kinds->world, "app");
	kinds->sha = repo_publish(kinds->checkout, "services/app/main.py", "one", A_DAY);
	kinds->config = world_base_config(kinds->world, "");
	return kinds;
}

void kinds_close(struct kinds *kinds)
{
	world_free(kinds->world);
	g_string_free(kinds->config, TRUE);
	g_free(kinds->checkout);
	g_free(kinds->sha);
	g_free(kinds);
}

void kinds_add(struct kinds *kinds, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	g_string_append_vprintf(kinds->config, format, list);
	va_end(list);
	g_string_append(kinds->config, "\n\n");
}

void kinds_write(const struct kinds *kinds, const char *name, const char *text)
{
	g_autofree char *path = world_path(kinds->world, name);
	g_autofree char *folder = g_path_get_dirname(path);

	ck_assert_msg(g_mkdir_with_parents(folder, 0755) == 0 &&
			      g_file_set_contents(path, text, -1, NULL),
		      "write %s: %s", path, strerror(errno));
}

char *kinds_read(const struct kinds *kinds, const char *name)
{
	g_autofree char *path = world_path(kinds->world, name);
	char *text = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "read %s", path);
	return text;
}

/* --- cycles --- */

void kinds_begin(struct kinds *kinds)
{
	world_configure(kinds->world, kinds->config->str);
	world_start(kinds->world);
	world_cycle(kinds->world);
}

void kinds_look(const struct kinds *kinds)
{
	g_autoptr(struct_answer) answer =
		world_call(kinds->world, "POST", "/check?force=1", NULL, NULL);

	ck_assert_msg(answer->status == 200, "POST /check?force=1: %d %s", answer->status,
		      answer->body);
}

void kinds_restart(struct kinds *kinds)
{
	ck_assert_int_eq(world_stop(kinds->world), 0);
	world_start(kinds->world);
}

void kinds_reload(const struct kinds *kinds)
{
	g_autofree char *done = NULL;

	world_configure(kinds->world, kinds->config->str);
	ck_assert(kill(kinds->world->driftd.pid, SIGHUP) == 0);
	done = process_wait_for(&kinds->world->driftd, "reload.done config=");
	ck_assert_msg(done, "driftd does not reload");
	world_cycle(kinds->world); /* one that begins after it */
}

char *kinds_run(const struct kinds *kinds, int status, const char *const *arguments)
{
	struct run run = world_run(kinds->world, arguments);

	ck_assert_msg(run.status == status, "driftd %s: exit %d instead of %d: %s", arguments[0],
		      run.status, status, run.output);
	return run.output; /* taken */
}

/* --- verdicts --- */

void kinds_expect(const struct kinds *kinds, const char *id, const char *state, const char *code)
{
	g_autoptr(struct_answer) target = world_any_target(kinds->world, id);
	json_object *reasons = json_at(target->json, "reasons");

	ck_assert_msg(g_str_equal(json_text_at(target->json, "state"), state), "%s is not %s: %s",
		      id, state, target->body);
	if (!code)
		ck_assert_msg(json_object_array_length(reasons) == 0, "%s has reasons: %s", id,
			      target->body);
	else if (*code)
		ck_assert_msg(find_reason(target, code) != NULL, "%s has no reason %s: %s", id,
			      code, target->body);
}

static void expect_in(const char *what, const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no \"%s\" in %s:\n%s", part, what, text);
}

void kinds_expect_said(const struct kinds *kinds, const char *id, const char *text)
{
	g_autofree char *path = g_strdup_printf("/drift/%s?format=text", id);
	g_autoptr(struct_answer) plain = world_get(kinds->world, path);
	g_autoptr(struct_answer) target = world_any_target(kinds->world, id);

	expect_in(id, target->body, text);
	expect_in(path, plain->body, text);
}

char *kinds_text(const struct kinds *kinds, const char *id, const char *path)
{
	g_autoptr(struct_answer) target = world_any_target(kinds->world, id);

	return g_strdup(json_text_at(target->json, path));
}

int64_t kinds_number(const struct kinds *kinds, const char *id, const char *path)
{
	g_autoptr(struct_answer) target = world_any_target(kinds->world, id);

	return json_int_at(target->json, path);
}

json_object *kinds_find(json_object *list, const char *name, const char *value)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		json_object *object = json_object_array_get_idx(list, i);

		if (g_str_equal(json_text_at(object, name), value))
			return object;
	}
	return NULL;
}

/* --- time --- */

char *kinds_due(int64_t ago_s, const char *zone, GDateTime **ret_due)
{
	g_autoptr(GTimeZone) there = g_time_zone_new_identifier(zone);
	g_autoptr(GDateTime) now = g_date_time_new_now(there);
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, -(gdouble)ago_s);
	int hour = g_date_time_get_hour(then), minute = g_date_time_get_minute(then);

	if (ret_due)
		*ret_due =
			g_date_time_add_full(then, 0, 0, 0, 0, 0, -g_date_time_get_seconds(then));
	return g_strdup_printf("%d %d * * * %s", minute, hour, zone);
}

char *kinds_date(GDateTime *at, const char *zone, int days)
{
	g_autoptr(GTimeZone) there = g_time_zone_new_identifier(zone);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(at, there);
	g_autoptr(GDateTime) moved = g_date_time_add_days(local, days);

	return g_date_time_format(moved, "%Y-%m-%d");
}

/* --- secrets --- */

static void expect_not_in(const char *what, const char *bytes, size_t length, const char *secret)
{
	ck_assert_msg(!memmem(bytes, length, secret, strlen(secret)), "%s shows %s", what, secret);
}

static void expect_not_in_file(const char *path, const char *secret)
{
	g_autofree char *bytes = NULL;
	gsize length = 0;

	if (g_file_get_contents(path, &bytes, &length, NULL)) /* else it went meanwhile */
		expect_not_in(path, bytes, length, secret);
}

static void expect_not_in_folder(const char *folder, const char *secret)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name = NULL;

	ck_assert_msg(dir, "open %s", folder);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
			expect_not_in_file(path, secret);
	}
	g_dir_close(dir);
}

static void expect_not_served(const struct kinds *kinds, const char *path, const char *secret)
{
	g_autoptr(struct_answer) answer = world_get(kinds->world, path);

	expect_not_in(path, answer->body, strlen(answer->body), secret);
}

static void expect_not_served_of(const struct kinds *kinds, const char *id, const char *secret)
{
	static const char *const forms[] = {"/drift/%s", "/drift/%s?format=text", "/history/%s"};
	g_auto(GStrv) parts = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autofree char *path = NULL;

		parts = g_strsplit(forms[i], "%s", 2);
		path = g_strconcat(parts[0], id, parts[1], NULL);
		g_clear_pointer(&parts, g_strfreev);
		expect_not_served(kinds, path, secret);
	}
}

void kinds_expect_nowhere(const struct kinds *kinds, const char *const *ids, const char *secret)
{
	static const char *const paths[] = {"/status",      "/status?format=text",
					    "/drift?all=1", "/drift?all=1&format=text",
					    "/gate",        "/metrics"};
	static const char *const config[] = {"config", "-c", "driftd.ini", NULL};
	g_autofree char *state = world_path(kinds->world, "state");
	g_autofree char *log = process_log(&kinds->world->driftd);
	g_autofree char *command =
		g_strdup_printf("/proc/%d/cmdline", (int)kinds->world->driftd.pid);
	g_autofree char *printed = kinds_run(kinds, 0, config);

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(struct_answer) answer =
			world_call(kinds->world, "GET", paths[i], NULL, NULL);

		expect_not_in(paths[i], answer->body, strlen(answer->body), secret);
	}
	for (size_t i = 0; ids[i]; i++)
		expect_not_served_of(kinds, ids[i], secret);
	expect_not_in("the log", log, strlen(log), secret);
	expect_not_in("driftd config", printed, strlen(printed), secret);
	expect_not_in_file(command, secret);
	expect_not_in_folder(state, secret);
}
