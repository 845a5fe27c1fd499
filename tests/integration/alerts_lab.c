/* alerts_lab - see alerts_lab.h */
#include "tests/integration/alerts_lab.h"

#include <stdio.h>
#include <string.h>

/** Of what came instead, so much is shown. */
#define SHOWN_MAX_BYTES 3000

struct lab *lab_create(const char *driftd_extra)
{
	struct lab *lab = g_new0(struct lab, 1);
	g_autofree char *extra =
		g_strconcat("public-url = " LAB_PUBLIC_URL "\n", driftd_extra, NULL);

	lab->world = world_create();
	lab->checkout = repo_make(lab->world, "app");
	lab->base = repo_publish(lab->checkout, "shared/base.txt", "base", A_DAY);
	lab->config = world_base_config(lab->world, extra);
	config_replace(lab->config, "branch = main\n",
		       "branch = main\nweb-url = https://github.com/acme/app\n");
	return lab;
}

void lab_free(struct lab *lab)
{
	world_free(lab->world);
	g_free(lab->checkout);
	g_free(lab->base);
	g_string_free(lab->config, TRUE);
	g_free(lab);
}

/* --- arranging --- */

void lab_add_service(struct lab *lab, const char *name, const char *lines)
{
	g_autofree char *all = g_strdup_printf(
		"source = http\nurl = %s/target/%s/version\ncommit-pointer = /commit\n"
		"paths = %s\npaths = shared\ngrace = 0s\n%s",
		lab->world->cloud, name, name, lines);

	config_add_service(lab->config, name, all);
	/* a path that is nowhere in the tree would be unknown */
	g_free(lab_change(lab, name, "begin"));
	g_free(lab->base);
	lab->base = git(lab->checkout, "rev-parse", "HEAD", NULL);
}

void lab_add_services(struct lab *lab, const char *prefix, int count)
{
	for (int i = 1; i <= count; i++) {
		g_autofree char *name = g_strdup_printf("%s-%d", prefix, i);

		lab_add_service(lab, name, "");
	}
}

/** All services of the configuration run the base. */
static void deploy_base(struct lab *lab)
{
	static const char header[] = "[service \"";

	for (const char *at = strstr(lab->config->str, header); at; at = strstr(at + 1, header)) {
		const char *name = at + strlen(header);
		g_autofree char *copy = g_strndup(name, strcspn(name, "\""));

		cloud_target(lab->world, copy, lab->base);
	}
}

void alab_begin(struct lab *lab)
{
	deploy_base(lab);
	world_configure(lab->world, lab->config->str);
	world_start(lab->world);
	world_cycle(lab->world);
}

void lab_add_team(struct lab *lab)
{
	config_add_slack(lab->config, lab->world, "team", LAB_TEAM);
}

void lab_begin_with(struct lab *lab, const char *service, const char *lines)
{
	lab_add_team(lab);
	lab_add_service(lab, service, lines);
	alab_begin(lab);
}

void lab_begin_with_two(struct lab *lab, const char *alpha, const char *beta)
{
	lab_add_team(lab);
	lab_add_service(lab, "alpha", alpha);
	lab_add_service(lab, "beta", beta);
	alab_begin(lab);
}

void lab_restart(struct lab *lab)
{
	ck_assert_int_eq(world_stop(lab->world), 0);
	world_configure(lab->world, lab->config->str);
	world_start(lab->world);
}

void lab_reload_config(struct lab *lab)
{
	world_reload(lab->world, lab->config->str);
	world_cycle(lab->world);
}

char *lab_change(struct lab *lab, const char *folder, const char *content)
{
	g_autofree char *path = g_strdup_printf("%s/file.txt", folder);

	return repo_publish(lab->checkout, path, content, 0);
}

void lab_drift(struct lab *lab, const char *folder)
{
	g_autofree char *content = g_uuid_string_random();

	g_free(lab_change(lab, folder, content));
	world_cycle(lab->world);
}

void lab_deploy(struct lab *lab, const char *name)
{
	g_autofree char *head = git(lab->checkout, "rev-parse", "HEAD", NULL);

	cloud_target(lab->world, name, head);
}

void lab_mend(struct lab *lab, const char *name)
{
	lab_deploy(lab, name);
	world_cycle(lab->world);
}

/* --- waiting --- */

struct message_wait {
	const struct lab *lab;
	const char *channel;
	int64_t since, count;
};

static bool has_messages_after_cycle(void *data)
{
	const struct message_wait *wait = data;
	g_autoptr(struct_answer) messages = NULL;

	world_cycle(wait->lab->world);
	messages = slack_messages(wait->lab->world, wait->channel, wait->since);
	return json_int_at(messages->json, "count") >= wait->count;
}

struct answer *lab_cycle_until(struct lab *lab, const char *channel, int64_t since, int64_t count)
{
	struct message_wait wait = {lab, channel, since, count};

	(void)wait_until(has_messages_after_cycle, &wait, SOON_MS); /* the next says whether */
	return slack_wait(lab->world, channel, since, count);
}

json_object *lab_incident(const struct lab *lab, const char *target)
{
	g_autofree char *escaped = g_uri_escape_string(target, NULL, FALSE);
	g_autofree char *path = g_strdup_printf("/incidents?target=%s&limit=1", escaped);
	g_autoptr(struct_answer) answer = world_get(lab->world, path);
	json_object *incident = json_at(answer->json, "items.0");

	ck_assert_msg(incident, "%s has no incident: %s", target, answer->body);
	return json_object_get(incident);
}

struct incident_wait {
	const struct lab *lab;
	const char *target, *member, *text;
};

static bool incident_is(void *data)
{
	const struct incident_wait *wait = data;
	json_object *incident = lab_incident(wait->lab, wait->target);
	bool is = g_str_equal(json_text_at(incident, wait->member), wait->text);

	json_object_put(incident);
	return is;
}

void lab_expect_incident(const struct lab *lab, const char *target, const char *member,
			 const char *text)
{
	json_object *incident = lab_incident(lab, target);

	ck_assert_msg(g_str_equal(json_text_at(incident, member), text), "%s is not \"%s\": %s",
		      member, text, json_object_to_json_string(incident));
	json_object_put(incident);
}

void lab_wait_incident(const struct lab *lab, const char *target, const char *member,
		       const char *text)
{
	struct incident_wait wait = {lab, target, member, text};

	if (!wait_until(incident_is, &wait, SOON_MS))
		lab_expect_incident(lab, target, member, text);
}

struct answer *lab_post(const struct lab *lab, const char *path, const char *body)
{
	struct answer *answer = world_call(lab->world, "POST", path, NULL, body);

	ck_assert_msg(answer->status / 100 == 2, "POST %s: %d %.*s", path, answer->status,
		      SHOWN_MAX_BYTES, answer->body);
	return answer;
}

struct channel_wait {
	const struct lab *lab;
	const char *name, *state;
};

static bool channel_is(void *data)
{
	const struct channel_wait *wait = data;
	g_autoptr(struct_answer) status = world_get(wait->lab->world, "/status");
	json_object *channels = json_at(status->json, "channels");

	for (size_t i = 0; channels && i < json_object_array_length(channels); i++) {
		json_object *channel = json_object_array_get_idx(channels, i);

		if (g_str_has_suffix(json_text_at(channel, "name"), wait->name) &&
		    g_str_equal(json_text_at(channel, "state"), wait->state))
			return true;
	}
	return false;
}

void lab_wait_channel(const struct lab *lab, const char *name, const char *state)
{
	struct channel_wait wait = {lab, name, state};

	if (!wait_until(channel_is, &wait, SOON_MS)) {
		g_autoptr(struct_answer) status = world_get(lab->world, "/status");

		ck_abort_msg("channel %s is not %s: %.*s", name, state, SHOWN_MAX_BYTES,
			     status->body);
	}
}

/* --- time --- */

char *lab_time(int64_t offset_s)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, (gdouble)offset_s);

	return g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ");
}

bool alab_take_clock(struct lab *lab)
{
	static char *settings[4];
	static const char *environment[5];
	const char *library = faketime_library();

	if (!library || HARNESS_SANITIZED) {
		(void)printf("skipped: %s\n",
			     library ? "libfaketime and sanitizers exclude each other"
				     : "libfaketime is not installed");
		return false;
	}
	lab_set_clock(lab, 0);
	settings[0] = g_strdup_printf("LD_PRELOAD=%s", library);
	settings[1] = g_strdup_printf("FAKETIME_TIMESTAMP_FILE=%s/clock", lab->world->directory);
	settings[2] = g_strdup("DONT_FAKE_MONOTONIC=1");
	settings[3] = g_strdup("FAKETIME_NO_CACHE=1");
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
		environment[i] = settings[i]; /* as long as the test */
	lab->world->environment = environment;
	return true;
}

int64_t lab_seconds_until(const char *time_of_day)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *day = g_date_time_format(now, "%Y-%m-%dT");
	g_autofree char *text = g_strconcat(day, time_of_day, "Z", NULL);
	g_autoptr(GDateTime) then = g_date_time_new_from_iso8601(text, NULL);
	int64_t seconds = 0;

	ck_assert_msg(then, "%s is no time of day", time_of_day);
	seconds = g_date_time_difference(then, now) / G_USEC_PER_SEC;
	return seconds >= 0 ? seconds : seconds + A_DAY;
}

void lab_set_clock(const struct lab *lab, int64_t ahead_s)
{
	g_autofree char *offset = g_strdup_printf("%+" G_GINT64_FORMAT, ahead_s);

	world_set_clock(lab->world, offset);
}
