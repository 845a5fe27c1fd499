/* Unit tests of lib/config: who is told, when nobody is, and who may ask. */
#include "config/config.h"
#include "tests/unit/config_world.h"

#include <check.h>
#include <string.h>

Suite *config_alert_suite(void);

/* Lines 6 and 7. */
#define SLACK "[slack]\nwebhook = env:SLACK\n"
/* Lines 6 to 9. */
#define WINDOW "[window \"w\"]\nmatcher = *\nstart = 0 2 * * 0\nduration = 1h\n"
#define OTHER "[service \"b\"]\nsource = http\nurl = http://b/\n"

static void set_up(void)
{
	config_world_set_up();
	ck_assert(g_setenv("SLACK", "https://hooks.slack.com/services/T0/B0/hunter2", TRUE));
	ck_assert(g_setenv("LINK", "0123456789abcdef", TRUE));
}

static const struct config_channel *channel_of(const struct config *config, guint index)
{
	return g_ptr_array_index(config->channels, index);
}

START_TEST(test_channels)
{
	struct config *config = config_world_must_load(
		CONFIG_WORLD_BASE
		"[github \"pipe.line\"]\nrepository = Example-1/pipe_line.x\ntoken = "
		"env:TOKEN\n" SLACK "[driftd]\ntimezone = Europe/Berlin\n"
		"[alertmanager \"main\"]\nurl = http://am:9093/prefix//\nrate = 7/s\n"
		"[webhook \"w\"]\nurl = env:SLACK\nsecret = x\nroute = P1\nroute = kind=repo\n"
		"remind-every = 90s\nrate = 7/m\ndigest = 0 6 * * *\ndigest-when-ok = true\n"
		"[slack \"w\"]\nwebhook = https://x/y\ndigest = 0 6 * * * America/New_York\n"
		"[github \"e\"]\nrepository = a/b\ntoken = t\nlabel = my drift\n"
		"api-url = https://ghe.example.com/api/v3/\nroute = *\n");
	const struct config_channel *github = channel_of(config, 0);
	const struct config_channel *slack = channel_of(config, 1);
	const struct config_channel *alertmanager = channel_of(config, 2);
	const struct config_channel *webhook = channel_of(config, 3);
	const struct config_channel *enterprise = channel_of(config, 5);

	ck_assert_uint_eq(config->channels->len, 6);
	ck_assert_str_eq(github->id, "github/pipe.line");
	ck_assert_str_eq(github->name, "pipe.line");
	ck_assert_int_eq(github->kind, CHANNEL_KIND_GITHUB);
	ck_assert_str_eq(github->repository, "Example-1/pipe_line.x");
	ck_assert_str_eq(github->token, "hunter2-hunter2-hunter2");
	ck_assert_str_eq(github->label, "drift");
	ck_assert_str_eq(github->url, "https://api.github.com");
	ck_assert_str_eq(slack->id, "slack/default");
	ck_assert_str_eq(slack->url, "https://hooks.slack.com/services/T0/B0/hunter2");
	ck_assert(slack->routes && !slack->routes[0]);
	ck_assert_int_eq(slack->remind_every_ms, 4 * MS_PER_HOUR);
	ck_assert_int_eq(slack->rate_interval_ms, 1000);
	ck_assert_str_eq(slack->rate, "1/s");
	ck_assert(!slack->digest && !slack->digest_when_ok);
	ck_assert(!slack->secret && !slack->repository && !slack->token && !slack->label);
	ck_assert_str_eq(alertmanager->url, "http://am:9093/prefix");
	ck_assert_int_eq(alertmanager->rate_interval_ms, 143); /* never faster than 7/s */
	ck_assert_str_eq(webhook->id, "webhook/w");
	ck_assert_str_eq(webhook->secret, "x");
	ck_assert_str_eq(matcher_text(webhook->routes[0]), "P1");
	ck_assert_str_eq(matcher_text(webhook->routes[1]), "kind=repo");
	ck_assert_ptr_null(webhook->routes[2]);
	ck_assert_int_eq(webhook->remind_every_ms, 90 * MS_PER_S);
	ck_assert_int_eq(webhook->rate_interval_ms, 8572);
	ck_assert_str_eq(schedule_zone(webhook->digest), "Europe/Berlin");
	ck_assert(webhook->digest_when_ok);
	ck_assert_str_eq(schedule_zone(channel_of(config, 4)->digest), "America/New_York");
	ck_assert_str_eq(enterprise->url, "https://ghe.example.com/api/v3");
	ck_assert_str_eq(enterprise->label, "my drift");
	ck_assert_ptr_eq(config_find_channel(config, "slack/default"), slack);
	ck_assert_ptr_eq(config_find_channel(config, "webhook/w"), webhook);
	ck_assert_ptr_null(config_find_channel(config, "slack"));
	ck_assert_ptr_null(config_find_channel(config, "slack/W"));
	config_unref(config);
}
END_TEST

START_TEST(test_no_channels)
{
	struct config *config = config_world_must_load(CONFIG_WORLD_BASE);

	ck_assert_uint_eq(config->channels->len, 0);
	ck_assert_uint_eq(config->windows->len, 0);
	ck_assert_ptr_null(config_find_channel(config, "slack/default"));
	ck_assert_int_eq(config->driftd.unknown_after_ms, 15 * MS_PER_MINUTE);
	ck_assert_int_eq(config->driftd.reopen_within_ms, 10 * MS_PER_MINUTE);
	ck_assert_int_eq(config->driftd.ack_expires_ms, 24 * MS_PER_HOUR);
	ck_assert(!config->auth.oidc_audiences[0] && !config->auth.oidc_emails[0]);
	ck_assert_str_eq(config->auth.oidc_issuer, "https://accounts.google.com");
	ck_assert_str_eq(config->auth.oidc_jwks_url, "https://www.googleapis.com/oauth2/v3/certs");
	ck_assert_ptr_null(config->auth.link_secret);
	ck_assert_ptr_null(config_world_service_of(config, 0)->target.depends_on[0]);
	ck_assert_int_eq(config_world_service_of(config, 0)->target.escalate_commits, 0);
	ck_assert_int_eq(config_world_service_of(config, 0)->target.escalate_after_ms, 0);
	ck_assert_ptr_null(
		((struct config_repo *)g_ptr_array_index(config->repos, 0))->webhook_secret);
	config_unref(config);
}
END_TEST

START_TEST(test_values)
{
	struct config *config = config_world_must_load(
		CONFIG_WORLD_BASE
		"repo = main\ndepends-on = repo/two\ndepends-on = service/b\n"
		"escalate-commits = 1000000\nescalate-after = 7d\n"
		"[service \"b\"]\nsource = http\nurl = http://b/\nrepo = two\n"
		"[repo \"two\"]\nurl = /\nwebhook-secret = env:LINK\n"
		"[driftd]\nunknown-after = 1s\nreopen-within = 365d\nack-expires = 2h\n"
		"[auth]\noidc-audience = a\noidc-audience = https://b/c d\n"
		"oidc-email = Sched@My-Project.iam.gserviceaccount.com\noidc-email = b@c\n"
		"oidc-issuer = http://127.0.0.1:1/i/\noidc-jwks-url = http://localhost:1/keys?x=1\n"
		"link-secret = 0123456789abcdef\n");
	const struct config_auth *auth = &config->auth;
	const struct config_target *target = config_find_target(config, "service/web");
	const struct config_repo *two = g_ptr_array_index(config->repos, 1);

	ck_assert_str_eq(target->depends_on[0], "repo/two");
	ck_assert_str_eq(target->depends_on[1], "service/b");
	ck_assert_ptr_null(target->depends_on[2]);
	ck_assert_int_eq(target->escalate_commits, 1000000);
	ck_assert_int_eq(target->escalate_after_ms, 7 * MS_PER_DAY);
	ck_assert_str_eq(two->webhook_secret, "0123456789abcdef");
	ck_assert_int_eq(config->driftd.unknown_after_ms, MS_PER_S);
	ck_assert_int_eq(config->driftd.reopen_within_ms, 365 * MS_PER_DAY);
	ck_assert_int_eq(config->driftd.ack_expires_ms, 2 * MS_PER_HOUR);
	ck_assert_str_eq(auth->oidc_audiences[0], "a");
	ck_assert_str_eq(auth->oidc_audiences[1], "https://b/c d");
	ck_assert_ptr_null(auth->oidc_audiences[2]);
	ck_assert_str_eq(auth->oidc_emails[0], "sched@my-project.iam.gserviceaccount.com");
	ck_assert_str_eq(auth->oidc_emails[1], "b@c");
	ck_assert_ptr_null(auth->oidc_emails[2]);
	/* an issuer is compared byte by byte: its slash stays */
	ck_assert_str_eq(auth->oidc_issuer, "http://127.0.0.1:1/i/");
	ck_assert_str_eq(auth->oidc_jwks_url, "http://localhost:1/keys?x=1");
	ck_assert_str_eq(auth->link_secret, "0123456789abcdef");
	ck_assert_uint_eq(config->warnings->len, 0);
	config_unref(config);
}
END_TEST

START_TEST(test_window)
{
	struct config *config = config_world_must_load(
		CONFIG_WORLD_BASE "[driftd]\ntimezone = Europe/Berlin\n" WINDOW
				  "matcher = service/web\n[window \"v\"]\nmatcher = P1\n"
				  "start = @daily America/New_York\nduration = 1s\n");
	const struct config_window *first = g_ptr_array_index(config->windows, 0);
	const struct config_window *second = g_ptr_array_index(config->windows, 1);

	ck_assert_uint_eq(config->windows->len, 2);
	ck_assert_str_eq(first->name, "w");
	ck_assert_str_eq(schedule_zone(first->start), "Europe/Berlin");
	ck_assert_int_eq(first->duration_ms, MS_PER_HOUR);
	ck_assert_str_eq(matcher_text(first->matchers[0]), "*");
	ck_assert_str_eq(matcher_text(first->matchers[1]), "service/web");
	ck_assert_ptr_null(first->matchers[2]);
	ck_assert_str_eq(schedule_zone(second->start), "America/New_York");
	ck_assert_int_eq(second->duration_ms, MS_PER_S);
	config_unref(config);
}
END_TEST

/* At the limit and beyond: channels of all kinds together, and windows. */
START_TEST(test_limits)
{
	g_autoptr(GString) channels = g_string_new(CONFIG_WORLD_BASE);
	g_autoptr(GString) windows = g_string_new(CONFIG_WORLD_BASE);

	for (int i = 0; i < CONFIG_CHANNELS_MAX; i++)
		g_string_append_printf(channels, "[%s \"c%d\"]\nurl = http://127.0.0.1:1/\n",
				       i % 2 ? "webhook" : "alertmanager", i);
	for (int i = 0; i < CONFIG_WINDOWS_MAX; i++)
		g_string_append_printf(
			windows, "[window \"w%d\"]\nmatcher = *\nstart = @daily\nduration = 1h\n",
			i);
	config_unref(config_world_must_load(channels->str));
	config_unref(config_world_must_load(windows->str));
	g_string_append(channels, SLACK SLACK);
	config_world_must_fail(channels->str, "driftd.ini:406: more than 200 channels\n");
	g_string_append(windows, "[window \"more\"]\nmatcher = *\n");
	config_world_must_fail(windows->str, "driftd.ini:806: more than 200 [window] sections\n");
}
END_TEST

/* Also across files. */
START_TEST(test_channels_in_files)
{
	struct config *config;

	config_world_put_only("conf.d/a.ini", "[slack \"team\"]\nwebhook = env:SLACK\n");
	config_world_put_only("conf.d/b.ini", SLACK);
	config = config_world_must_load("[driftd]\ninclude = conf.d/*.ini\n" CONFIG_WORLD_BASE
					"[webhook \"w\"]\nurl = env:SLACK\n");
	ck_assert_uint_eq(config->channels->len, 3);
	ck_assert_str_eq(channel_of(config, 0)->id, "webhook/w");
	ck_assert_str_eq(channel_of(config, 1)->id, "slack/team");
	ck_assert_str_eq(channel_of(config, 2)->id, "slack/default");
	config_unref(config);
	config_world_must_fail("[driftd]\ninclude = conf.d/*.ini\n" CONFIG_WORLD_BASE SLACK,
			       "conf.d/b.ini:1: [slack]: given twice, first in driftd.ini:8\n");
}
END_TEST

/* A laptop that has the rules and none of the secrets. */
START_TEST(test_rules_need_no_secrets)
{
	g_autofree char *path = config_world_put(
		"driftd.ini",
		"[repo \"main\"]\nurl = https://x/y\nwebhook-secret = env:NOT_SET\n"
		"[service \"web\"]\nsource = http\nurl = http://a/\n"
		"[slack]\nwebhook = env:NOT_SET\nroute = P1\n"
		"[webhook \"w\"]\nurl = file:nope\nsecret = env:NOT_SET\n"
		"[github \"g\"]\nrepository = a/b\ntoken = env:NOT_SET\n"
		"[alertmanager \"a\"]\nurl = http://am\n"
		"[auth]\nlink-secret = env:NOT_SET\noidc-audience = a\noidc-email = b@c\n"
		"[driftd]\npublic-url = https://d\nlisten = 0.0.0.0:80\n");
	struct config *config = NULL;
	GPtrArray *problems = NULL;
	g_autofree char *printed = NULL;

	ck_assert(!config_load(path, &config, &problems));
	ck_assert_uint_eq(problems->len, 6);
	g_clear_pointer(&problems, g_ptr_array_unref);
	ck_assert(config_load_rules(path, &config, &problems));
	ck_assert_uint_eq(config->channels->len, 4);
	ck_assert_ptr_null(channel_of(config, 0)->url);
	ck_assert_ptr_null(channel_of(config, 1)->secret);
	ck_assert_ptr_null(channel_of(config, 2)->token);
	ck_assert_ptr_null(config->auth.link_secret);
	printed = config_print(config);
	ck_assert_ptr_nonnull(strstr(printed, "\n[slack \"default\"]\nroute = P1\n"));
	ck_assert_uint_eq(config->warnings->len, 0);
	config_unref(config);
}
END_TEST

/* All that is new and can be printed. */
#define FULL                                                                                       \
	CONFIG_WORLD_BASE                                                                          \
	"depends-on = repo/main\ndepends-on = service/b\nescalate-commits = 20\n"                  \
	"escalate-after = 7d\n" OTHER                                                              \
	"[driftd]\nunknown-after = 20m\nreopen-within = 11m\nack-expires = 12h\n"                  \
	"timezone = America/New_York\n"                                                            \
	"[auth]\noidc-audience = a\noidc-audience = hunter-of-tokens\noidc-email = A@b\n"          \
	"link-secret = hunter2-hunter2-hunter2\n"                                                  \
	"[webhook \"w\"]\nurl = https://w.example.com:8443?key=hunter2\nsecret = hunter2\n"        \
	"route = owner = x\nroute = service/*\nremind-every = 90s\nrate = 90/m\n"                  \
	"digest = 0 6 * * *\ndigest-when-ok = true\n" SLACK                                        \
	"[github \"g\"]\nrepository = a/b\ntoken = hunter2\nlabel = l\napi-url = https://gh/\n"    \
	"[slack \"b\"]\nwebhook = env:SLACK\n"                                                     \
	"[alertmanager \"a\"]\nurl = http://am:9093/\n" WINDOW

static const char *const printed_lines[] = {
	"\n[webhook \"w\"]\nurl = https://w.example.com:8443/(secret)\nsecret = (secret)\n"
	"route = owner = x\nroute = service/*\nremind-every = 90s\nrate = 90/m\n"
	"digest = 0 6 * * *\ndigest-when-ok = true\n",
	"\n[slack \"default\"]\nwebhook = https://hooks.slack.com/(secret)\n# defaults:\n"
	"remind-every = 4h\nrate = 1/s\ndigest-when-ok = false\n",
	"\n[github \"g\"]\nrepository = a/b\ntoken = (secret)\nlabel = l\napi-url = https://gh\n",
	"\n[alertmanager \"a\"]\nurl = http://am:9093\n# defaults:\nremind-every = 4h\n"
	"rate = 1/s\n",
	"\n[window \"w\"]\nstart = 0 2 * * 0\nduration = 1h\nmatcher = *\n",
	"\noidc-audience = a\noidc-audience = hunter-of-tokens\noidc-email = a@b\n"
	"link-secret = (secret)\n",
	"\noidc-issuer = https://accounts.google.com\n"
	"oidc-jwks-url = https://www.googleapis.com/oauth2/v3/certs\n",
	"\ndepends-on = repo/main\ndepends-on = service/b\n",
	"\nescalate-commits = 20\nescalate-after = 7d\n",
	"\nunknown-after = 20m\n",
	"\nreopen-within = 11m\nack-expires = 12h\n",
};

START_TEST(test_print)
{
	struct config *config = config_world_must_load(FULL);
	g_autofree char *printed = config_print(config);

	ck_assert_msg(strstr(printed, printed_lines[_i]) != NULL, "no %s in %s", printed_lines[_i],
		      printed);
	config_unref(config);
}
END_TEST

/* Channels in their order of appearance, each once, without their secrets; and it reads back. */
START_TEST(test_print_reads_back)
{
	static const char *const order[] = {"[webhook \"w\"]",      "[slack \"default\"]",
					    "[github \"g\"]",       "[slack \"b\"]",
					    "[alertmanager \"a\"]", "[window \"w\"]"};
	struct config *config = config_world_must_load(FULL);
	g_autofree char *printed = config_print(config);
	g_autofree char *json = config_print_json(config);
	g_autofree char *again = NULL;
	struct config *copy;
	const char *at = printed;

	ck_assert_ptr_null(strstr(printed, "hunter2"));
	ck_assert_ptr_null(strstr(json, "hunter2"));
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		at = strstr(at, order[i]);
		ck_assert_msg(at != NULL, "%s", order[i]);
		ck_assert_msg(!strstr(at + 1, order[i]), "%s is there twice", order[i]);
	}
	ck_assert_ptr_nonnull(strstr(json, "{\"section\":\"github\",\"name\":\"g\",\"keys\":[{"
					   "\"key\":\"repository\",\"value\":\"a/b\","
					   "\"default\":false},{\"key\":\"token\",\"value\":"
					   "\"(secret)\",\"default\":false}"));
	copy = config_world_must_load(printed);
	again = config_print(copy);
	ck_assert_uint_eq(copy->channels->len, 5);
	ck_assert_str_eq(channel_of(copy, 0)->id, "webhook/w");
	ck_assert_str_eq(channel_of(copy, 3)->id, "slack/b");
	ck_assert_int_eq(channel_of(copy, 0)->rate_interval_ms, 667);
	config_unref(copy);
	config_unref(config);
}
END_TEST

Suite *config_alert_suite(void)
{
	Suite *suite = suite_create("config_alert");
	TCase *values = tcase_create("values");
	TCase *printing = tcase_create("printing");

	tcase_add_checked_fixture(values, set_up, config_world_tear_down);
	tcase_add_test(values, test_channels);
	tcase_add_test(values, test_no_channels);
	tcase_add_test(values, test_values);
	tcase_add_test(values, test_window);
	tcase_add_test(values, test_limits);
	tcase_add_test(values, test_channels_in_files);
	tcase_add_test(values, test_rules_need_no_secrets);
	suite_add_tcase(suite, values);
	tcase_add_checked_fixture(printing, set_up, config_world_tear_down);
	tcase_add_loop_test(printing, test_print, 0, G_N_ELEMENTS(printed_lines));
	tcase_add_test(printing, test_print_reads_back);
	suite_add_tcase(suite, printing);
	return suite;
}
