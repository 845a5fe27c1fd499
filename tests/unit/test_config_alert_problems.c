/* Unit tests of lib/config: what can be wrong about who is told, when nobody is, and who may ask; and
 * what is warned about. */
#include "clk.h"
#include "config/config.h"
#include "tests/unit/config_world.h"

#include <check.h>
#include <string.h>

Suite *config_alert_problems_suite(void);

/* Lines 6 and 7. */
#define SLACK "[slack]\nwebhook = env:SLACK\n"
/* Lines 6 to 8. */
#define GITHUB "[github \"g\"]\nrepository = a/b\ntoken = env:TOKEN\n"
#define WINDOW_HEAD "[window \"w\"]\nmatcher = *\n"
/* Lines 6 to 9. */
#define WINDOW WINDOW_HEAD "start = 0 2 * * 0\nduration = 1h\n"
/* Silences the warnings about links. Two sections behind what matters. */
#define LINKS                                                                                      \
	"[driftd]\npublic-url = https://d.example.com\n"                                           \
	"[auth]\ntoken = env:TOKEN\nlink-secret = env:LINK\n"

static void set_up(void)
{
	config_world_set_up();
	ck_assert(g_setenv("SLACK", "https://hooks.slack.com/services/T0/B0/hunter2", TRUE));
	ck_assert(g_setenv("PLAIN", "http://hooks.example.com/hunter2", TRUE));
	ck_assert(g_setenv("LOCAL", "http://127.0.0.1:9/hunter2", TRUE));
	ck_assert(g_setenv("NO_URL", "hooks.slack.com/hunter2", TRUE));
	ck_assert(g_setenv("USER_URL", "https://u:hunter2@x/", TRUE));
	ck_assert(g_setenv("LINK", "0123456789abcdef", TRUE));
}

#define RATE                                                                                       \
	"write how many messages in a second, minute or hour, from 1 to 1000: 1/s, 30/m, 100/h\n"
#define CIRCLE "goes round in a circle: "
#define EMAIL                                                                                      \
	"one email address is needed, as in NAME@PROJECT.iam.gserviceaccount.com; repeat the key " \
	"for more\n"
#define PLAIN_OIDC                                                                                 \
	"plain http could be changed on the way, and who gets in rests on it: https is needed, "   \
	"unless it is this machine\n"
/* Lines 6 to 8. */
#define OIDC "[auth]\noidc-audience = a\noidc-email = b@c\n"

static const struct {
	const char *text;
	const char *want; /* problems; NULL: it loads */
} cases[] = {
	{CONFIG_WORLD_BASE SLACK, NULL},
	{CONFIG_WORLD_BASE GITHUB, NULL},
	{CONFIG_WORLD_BASE WINDOW, NULL},
	/* headers */
	{CONFIG_WORLD_BASE "[slak]\nwebhook = env:SLACK\n",
	 "driftd.ini:6: [slak]: unknown section; did you mean [slack]?\n"},
	{CONFIG_WORLD_BASE "[alert-manager \"x\"]\nurl = http://x/\n",
	 "driftd.ini:6: [alert-manager \"x\"]: unknown section; did you mean [alertmanager]?\n"},
	{CONFIG_WORLD_BASE "[webhook]\nurl = env:SLACK\n",
	 "driftd.ini:6: [webhook]: the section needs a name in quotes\n"},
	{CONFIG_WORLD_BASE "[alertmanager]\nurl = http://x/\n",
	 "driftd.ini:6: [alertmanager]: the section needs a name in quotes\n"},
	{CONFIG_WORLD_BASE "[github]\nrepository = a/b\ntoken = t\n",
	 "driftd.ini:6: [github]: the section needs a name in quotes\n"},
	{CONFIG_WORLD_BASE "[window]\nmatcher = *\nstart = @daily\nduration = 1h\n",
	 "driftd.ini:6: [window]: the section needs a name in quotes\n"},
	{CONFIG_WORLD_BASE "[slack \"a b\"]\nwebhook = env:SLACK\n",
	 "driftd.ini:6: [slack \"a b\"]: a name is a letter or digit, then letters, digits, '.', "
	 "'_' and '-', at most 100\n"},
	{CONFIG_WORLD_BASE SLACK "[slack \"default\"]\nwebhook = env:SLACK\n",
	 "driftd.ini:8: [slack \"default\"]: given twice, first in driftd.ini:6\n"},
	{CONFIG_WORLD_BASE "[webhook \"a\"]\nurl = http://localhost/\n[slack \"a\"]\nwebhook = "
			   "env:SLACK\n",
	 NULL},
	{CONFIG_WORLD_BASE "[slack]\n", "driftd.ini:6: [slack]: empty section: it has no keys\n"},
	{CONFIG_WORLD_BASE "[window \"w\"]\n",
	 "driftd.ini:6: [window \"w\"]: empty section: it has no keys\n"},
	/* what must be there */
	{CONFIG_WORLD_BASE "[slack]\nroute = P1\n",
	 "driftd.ini:6: [slack]: webhook is missing: URL of a Slack incoming webhook. Kept like a "
	 "secret.\n"},
	{CONFIG_WORLD_BASE "[webhook \"w\"]\nsecret = hunter2\n",
	 "driftd.ini:6: [webhook \"w\"]: url is missing: Where messages are posted to, as JSON. "
	 "Kept like a secret.\n"},
	{CONFIG_WORLD_BASE "[github \"g\"]\nlabel = x\n",
	 "driftd.ini:6: [github \"g\"]: repository is missing: Where the issues are: one for each "
	 "target, commented when something changes, closed when it is over.\n"
	 "driftd.ini:6: [github \"g\"]: token is missing: Access token that may read and write "
	 "issues there.\n"},
	{CONFIG_WORLD_BASE "[window \"w\"]\nmatcher = P1\n",
	 "driftd.ini:6: [window \"w\"]: start is missing: When it begins, each time: five cron "
	 "fields and a time zone, as in expected.\n"
	 "driftd.ini:6: [window \"w\"]: duration is missing: How long it lasts.\n"},
	{CONFIG_WORLD_BASE "[window \"w\"]\nstart = @daily\nduration = 1h\n",
	 "driftd.ini:6: [window \"w\"]: matcher is missing: Which targets nothing is told of "
	 "meanwhile, as in route. They are looked at all the same.\n"},
	/* keys and values */
	{CONFIG_WORLD_BASE SLACK "rout = P1\n",
	 "driftd.ini:8: [slack] rout: unknown key; did you mean route?\n"},
	{CONFIG_WORLD_BASE "[slack]\nwebhok = https://hooks.slack.com/hunter2\n",
	 "driftd.ini:6: [slack]: webhook is missing: URL of a Slack incoming webhook. Kept like a "
	 "secret.\n"
	 "driftd.ini:7: [slack] webhok: unknown key; did you mean webhook?\n"},
	{CONFIG_WORLD_BASE "[slack]\nwebhook = env:NOT_SET\n",
	 "driftd.ini:7: [slack] webhook: environment variable NOT_SET is not set\n"},
	{CONFIG_WORLD_BASE "[slack]\nwebhook = file:nope\n",
	 "driftd.ini:7: [slack] webhook: open nope: No such file or directory\n"},
	{CONFIG_WORLD_BASE "[slack]\nwebhook = env:NO_URL\n",
	 "driftd.ini:7: [slack] webhook: a URL begins with https:// or http://\n"},
	{CONFIG_WORLD_BASE "[webhook \"w\"]\nurl = env:USER_URL\n",
	 "driftd.ini:7: [webhook \"w\"] url: a user or password in the URL would be logged and "
	 "shown; remove it\n"},
	{CONFIG_WORLD_BASE "[webhook \"w\"]\nurl = ftp://x/hunter2\n",
	 "driftd.ini:7: [webhook \"w\"] url: only http and https URLs are possible here\n"},
	{CONFIG_WORLD_BASE SLACK "webhook = env:SLACK\n",
	 "driftd.ini:8: [slack] webhook: given twice, first in line 7\n"},
	{CONFIG_WORLD_BASE SLACK "route = P1\nroute = P1\n",
	 "driftd.ini:9: [slack] route = P1: the same value is given twice\n"},
	{CONFIG_WORLD_BASE SLACK "route = kind=tabel\n",
	 "driftd.ini:8: [slack] route = kind=tabel: a kind is service, table, completion, "
	 "inventory, assert, backup or repo; did you mean table?\n"},
	{CONFIG_WORLD_BASE SLACK "route =\n", "driftd.ini:8: [slack] route: the value is empty\n"},
	{CONFIG_WORLD_BASE WINDOW "matcher = web\n",
	 "driftd.ini:10: [window \"w\"] matcher = web: write a priority (P0, P1, P2), owner=NAME, "
	 "kind=KIND, or a target id in which * stands for any text: service/NAME, table/*, "
	 "repo/NAME\n"},
	{CONFIG_WORLD_BASE SLACK "remind-every = 0s\n",
	 "driftd.ini:8: [slack] remind-every = 0s: out of range: from 1s to 365d\n"},
	{CONFIG_WORLD_BASE SLACK "remind-every = 365d\n", NULL},
	{CONFIG_WORLD_BASE SLACK "rate = 1/h\n", NULL},
	{CONFIG_WORLD_BASE SLACK "rate = 1000/s\n", NULL},
	{CONFIG_WORLD_BASE SLACK "rate = 1001/s\n", "driftd.ini:8: [slack] rate = 1001/s: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = 0/s\n", "driftd.ini:8: [slack] rate = 0/s: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = -1/s\n", "driftd.ini:8: [slack] rate = -1/s: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = +1/s\n", "driftd.ini:8: [slack] rate = +1/s: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = 1\n", "driftd.ini:8: [slack] rate = 1: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = /s\n", "driftd.ini:8: [slack] rate = /s: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = 1/d\n", "driftd.ini:8: [slack] rate = 1/d: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = 1/sec\n", "driftd.ini:8: [slack] rate = 1/sec: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = 1/s/s\n", "driftd.ini:8: [slack] rate = 1/s/s: " RATE},
	{CONFIG_WORLD_BASE SLACK "rate = 0.5/s\n", "driftd.ini:8: [slack] rate = 0.5/s: " RATE},
	{CONFIG_WORLD_BASE SLACK "digest = 0 6 * * * Nowhere\n",
	 "driftd.ini:8: [slack] digest = 0 6 * * * Nowhere: unknown time zone \"Nowhere\"; write a "
	 "name like Europe/Berlin (the tzdata package must be installed)\n"},
	{CONFIG_WORLD_BASE SLACK "digest-when-ok = true\n",
	 "driftd.ini:8: [slack] digest-when-ok = true: needs digest\n"},
	{CONFIG_WORLD_BASE SLACK "digest-when-ok = false\n", NULL},
	{CONFIG_WORLD_BASE SLACK "digest-when-ok = yes\n",
	 "driftd.ini:8: [slack] digest-when-ok = yes: must be false or true\n"},
	{CONFIG_WORLD_BASE "[alertmanager \"a\"]\nurl = am:9093\n",
	 "driftd.ini:7: [alertmanager \"a\"] url = am:9093: a URL begins with https:// or "
	 "http://\n"},
	{CONFIG_WORLD_BASE "[alertmanager \"a\"]\nurl = http://am:9093/?x=1\n",
	 "driftd.ini:7: [alertmanager \"a\"] url = http://am:9093/: a ? part is not possible here: "
	 "paths are added to it\n"},
	{CONFIG_WORLD_BASE "[alertmanager \"a\"]\nurl = http://am:9093/api/v2\n",
	 "driftd.ini:7: [alertmanager \"a\"] url = http://am:9093/api/v2: the address of "
	 "Alertmanager itself is needed: /api/v2/alerts is added to it\n"},
	{CONFIG_WORLD_BASE GITHUB "api-url = http://ghe.example.com/api/v3\n",
	 "driftd.ini:9: [github \"g\"] api-url = http://ghe.example.com/api/v3: the token would be "
	 "sent over plain http, where it can be read on the way; use https\n"},
	{CONFIG_WORLD_BASE GITHUB "api-url = HTTP://ghe.example.com/\n",
	 "driftd.ini:9: [github \"g\"] api-url = HTTP://ghe.example.com/: the token would be sent "
	 "over plain http, where it can be read on the way; use https\n"},
	{CONFIG_WORLD_BASE GITHUB "api-url = http://localhost:1/\n", NULL},
	{CONFIG_WORLD_BASE GITHUB "label = a, b\n",
	 "driftd.ini:9: [github \"g\"] label = a, b: one label is needed, without a comma\n"},
	{CONFIG_WORLD_BASE GITHUB
	 "label = 1234567890123456789012345678901234567890123456789\xc3\xa9"
	 "\n",
	 NULL},
	{CONFIG_WORLD_BASE GITHUB "label = 123456789012345678901234567890123456789012345678901\n",
	 "driftd.ini:9: [github \"g\"] label = "
	 "123456789012345678901234567890123456789012345678901: "
	 "longer than 50 characters, which is the most GitHub takes\n"},
	{CONFIG_WORLD_BASE WINDOW_HEAD "start = @daily\nduration = 0s\n",
	 "driftd.ini:9: [window \"w\"] duration = 0s: out of range: from 1s to 365d\n"},
	{CONFIG_WORLD_BASE WINDOW_HEAD "start = 61 * * * *\nduration = 1h\n",
	 "driftd.ini:8: [window \"w\"] start = 61 * * * *: minute: 61 is not from 0 to 59\n"},
	/* what depends on what */
	{CONFIG_WORLD_BASE "depends-on = service/web\n",
	 "driftd.ini:6: [service \"web\"] depends-on = service/web: it cannot depend on itself\n"},
	{CONFIG_WORLD_BASE "depends-on = service/b\n[service \"b\"]\nsource = http\nurl = "
			   "http://b/\ndepends-on = repo/main\ndepends-on = service/web\n",
	 "driftd.ini:11: [service \"b\"] depends-on = service/web: " CIRCLE
	 "service/web -> service/b -> service/web\n"},
	/* two ways to the same are no circle */
	{CONFIG_WORLD_BASE "depends-on = service/b\ndepends-on = service/c\n[service \"b\"]\n"
			   "source = http\nurl = http://b/\ndepends-on = service/c\n"
			   "[service \"c\"]\nsource = http\nurl = http://c/\n",
	 NULL},
	/* who is not part of the circle is not named; each circle is */
	{CONFIG_WORLD_BASE
	 "depends-on = service/b\n[service \"b\"]\nsource = http\nurl = http://b/\n"
	 "depends-on = service/c\n[service \"c\"]\nsource = http\nurl = http://c/\n"
	 "depends-on = service/b\n[service \"d\"]\nsource = http\nurl = http://d/\n"
	 "depends-on = service/e\n[service \"e\"]\nsource = http\nurl = http://e/\n"
	 "depends-on = service/d\ndepends-on = service/web\n",
	 "driftd.ini:14: [service \"c\"] depends-on = service/b: " CIRCLE
	 "service/b -> service/c -> service/b\n"
	 "driftd.ini:22: [service \"e\"] depends-on = service/d: " CIRCLE
	 "service/d -> service/e -> service/d\n"},
	{CONFIG_WORLD_BASE "escalate-commits = 0\n",
	 "driftd.ini:6: [service \"web\"] escalate-commits = 0: a whole number from 1 to 1000000 "
	 "is "
	 "needed\n"},
	{CONFIG_WORLD_BASE "escalate-commits = 1000001\n",
	 "driftd.ini:6: [service \"web\"] escalate-commits = 1000001: a whole number from 1 to "
	 "1000000 is needed\n"},
	{CONFIG_WORLD_BASE "[driftd]\nack-expires = 0s\n",
	 "driftd.ini:7: [driftd] ack-expires = 0s: out of range: from 1s to 365d\n"},
	{CONFIG_WORLD_BASE "[driftd]\nunknown-after = 0s\nreopen-within = 366d\n",
	 "driftd.ini:7: [driftd] unknown-after = 0s: out of range: from 1s to 365d\n"
	 "driftd.ini:8: [driftd] reopen-within = 366d: not a duration up to 365d; write a number "
	 "and s, m, h or d: 90s, 5m, 24h, 7d\n"},
	/* who may ask */
	{CONFIG_WORLD_BASE OIDC, NULL},
	{CONFIG_WORLD_BASE OIDC "[driftd]\nlisten = 0.0.0.0:80\n", NULL},
	{CONFIG_WORLD_BASE "[auth]\ntoken = env:TOKEN\noidc-audience = a\n",
	 "driftd.ini:6: [auth]: oidc-email is missing: everybody can have a token for an audience; "
	 "say whose are accepted\n"},
	{CONFIG_WORLD_BASE "[auth]\noidc-email = a@b\n",
	 "driftd.ini:6: [auth]: oidc-audience is missing: a token that was made for another "
	 "service "
	 "would do here, too\n"},
	{CONFIG_WORLD_BASE "[auth]\nlink-secret = env:LINK\n[driftd]\nlisten = 0.0.0.0:80\n",
	 "driftd.ini:6: [auth]: nobody could get in: give token = file:PATH or env:NAME, "
	 "oidc-audience and oidc-email, or allow-anonymous = true\n"},
	{CONFIG_WORLD_BASE OIDC "oidc-email = nobody\n",
	 "driftd.ini:9: [auth] oidc-email = nobody: " EMAIL},
	{CONFIG_WORLD_BASE OIDC "oidc-email = a@b@c\n",
	 "driftd.ini:9: [auth] oidc-email = a@b@c: " EMAIL},
	{CONFIG_WORLD_BASE OIDC "oidc-email = *@example.com\n",
	 "driftd.ini:9: [auth] oidc-email = *@example.com: " EMAIL},
	{CONFIG_WORLD_BASE OIDC "oidc-email = a@b, c@d\n",
	 "driftd.ini:9: [auth] oidc-email = a@b, c@d: " EMAIL},
	{CONFIG_WORLD_BASE OIDC "oidc-email = b@c\n",
	 "driftd.ini:9: [auth] oidc-email = b@c: the same value is given twice\n"},
	{CONFIG_WORLD_BASE OIDC "oidc-issuer = https://login.example.com\n",
	 "driftd.ini:6: [auth]: oidc-jwks-url is missing: the default has the keys of Google, not "
	 "of this oidc-issuer\n"},
	{CONFIG_WORLD_BASE OIDC "oidc-issuer = https://accounts.google.com\n", NULL},
	{CONFIG_WORLD_BASE OIDC
	 "oidc-issuer = https://login.example.com\noidc-jwks-url = https://login.example.com/k\n",
	 NULL},
	{CONFIG_WORLD_BASE OIDC
	 "oidc-issuer = http://login.example.com\noidc-jwks-url = http://login.example.com/k\n",
	 "driftd.ini:9: [auth] oidc-issuer = http://login.example.com: " PLAIN_OIDC
	 "driftd.ini:10: [auth] oidc-jwks-url = http://login.example.com/k: " PLAIN_OIDC},
	{CONFIG_WORLD_BASE OIDC "oidc-jwks-url = keys.json\n",
	 "driftd.ini:9: [auth] oidc-jwks-url = keys.json: a URL begins with https:// or http://\n"},
	{CONFIG_WORLD_BASE "[auth]\ntoken = env:TOKEN\noidc-jwks-url = https://x/\n",
	 "driftd.ini:8: [auth] oidc-jwks-url = https://x/: needs oidc-audience and oidc-email\n"},
	{CONFIG_WORLD_BASE
	 "[auth]\ntoken = env:TOKEN\noidc-issuer = https://x/\noidc-jwks-url = https://x/\n",
	 "driftd.ini:8: [auth] oidc-issuer = https://x/: needs oidc-audience and oidc-email\n"
	 "driftd.ini:9: [auth] oidc-jwks-url = https://x/: needs oidc-audience and oidc-email\n"},
	{CONFIG_WORLD_BASE OIDC "link-secret = 0123456789abcde\n",
	 "driftd.ini:9: [auth] link-secret: shorter than 16 bytes: links could be forged; "
	 "\"openssl "
	 "rand -hex 32\" makes a good one\n"},
	{CONFIG_WORLD_BASE OIDC "link-secret = env:NOT_SET\n",
	 "driftd.ini:9: [auth] link-secret: environment variable NOT_SET is not set\n"},
	{"[repo \"main\"]\nurl = /\nwebhook-secret = env:NOT_SET\n[service \"s\"]\nsource = http\n"
	 "url = http://a/\n",
	 "driftd.ini:3: [repo \"main\"] webhook-secret: environment variable NOT_SET is not set\n"},
	/* everything at once, in file order */
	{CONFIG_WORLD_BASE
	 "depends-on = service/wbe\n[slack]\nwebhook = env:NOT_SET\nroute = P9\nrate = fast\n"
	 "digset = @daily\n[window \"w\"]\nstart = never\nduration = long\nmatcher = kind=x\n"
	 "[github \"g\"]\nrepository = a\ntoken = env:EMPTY\n[auth]\noidc-email = x\n",
	 "driftd.ini:6: [service \"web\"] depends-on = service/wbe: there is no such target or "
	 "repository; did you mean service/web?\n"
	 "driftd.ini:8: [slack] webhook: environment variable NOT_SET is not set\n"
	 "driftd.ini:9: [slack] route = P9: write a priority (P0, P1, P2), owner=NAME, kind=KIND, "
	 "or "
	 "a target id in which * stands for any text: service/NAME, table/*, repo/NAME\n"
	 "driftd.ini:10: [slack] rate = fast: " RATE
	 "driftd.ini:11: [slack] digset: unknown key; did you mean digest?\n"
	 "driftd.ini:13: [window \"w\"] start = never: five fields are needed: minute, hour, day "
	 "of "
	 "month, month, day of week, and then a zone if need be: 0 6 * * 1-5 America/New_York\n"
	 "driftd.ini:14: [window \"w\"] duration = long: not a duration up to 365d; write a number "
	 "and s, m, h or d: 90s, 5m, 24h, 7d\n"
	 "driftd.ini:15: [window \"w\"] matcher = kind=x: a kind is service, table, completion, "
	 "inventory, assert, backup or repo\n"
	 "driftd.ini:17: [github \"g\"] repository = a: write OWNER/NAME, as in example/pipeline\n"
	 "driftd.ini:18: [github \"g\"] token: environment variable EMPTY is empty\n"
	 "driftd.ini:19: [auth]: oidc-audience is missing: a token that was made for another "
	 "service "
	 "would do here, too\n"
	 "driftd.ini:20: [auth] oidc-email = x: " EMAIL},
};

START_TEST(test_case)
{
	config_world_check(cases[_i].text, cases[_i].want);
}
END_TEST

static const struct {
	const char *repository;
	bool want_ok;
} repositories[] = {
	{"a/b", true},         {"A-1_x/.github", true},
	{"a/b.c_d-e", true},   {"a", false},
	{"a/", false},         {"/b", false},
	{"a/b/c", false},      {"a.b/c", false},
	{"a/..", false},       {"a/.", false},
	{"a b/c", false},      {"a/b?x", false},
	{"a/b#1", false},      {"a/%2e", false},
	{"a/\xc3\xa9", false}, {"https://github.com/a/b", false},
};

START_TEST(test_repository)
{
	g_autofree char *text =
		g_strdup_printf("%s[github \"g\"]\ntoken = env:TOKEN\nrepository = %s\n",
				CONFIG_WORLD_BASE, repositories[_i].repository);
	struct config *config;
	g_autofree char *problems = config_world_try_text(text, &config);

	ck_assert_msg((problems == NULL) == repositories[_i].want_ok, "%s",
		      problems ? problems : repositories[_i].repository);
	ck_assert_msg(!problems || strstr(problems, "write OWNER/NAME"), "%s", problems);
	config_unref(config);
}
END_TEST

#define NOBODY "nobody would be told of "
#define TAKES "; a channel without route takes everything\n"
#define OTHER "[service \"b\"]\nsource = http\nurl = http://b/\n"

static const struct {
	const char *text;
	const char *want; /* the warnings; "": none */
} warned[] = {
	{CONFIG_WORLD_BASE SLACK LINKS, ""},
	/* links */
	{CONFIG_WORLD_BASE SLACK,
	 "driftd.ini: [driftd] public-url is missing: messages carry no links to driftd\n"},
	{CONFIG_WORLD_BASE GITHUB,
	 "driftd.ini: [driftd] public-url is missing: messages carry no links to driftd\n"},
	{CONFIG_WORLD_BASE "[alertmanager \"a\"]\nurl = http://am:9093\n", ""},
	{CONFIG_WORLD_BASE "[webhook \"w\"]\nurl = env:SLACK\n", ""},
	{CONFIG_WORLD_BASE
	 "[driftd]\npublic-url = https://d/drift/\n[auth]\ntoken = env:TOKEN\nlink-secret = "
	 "env:SLACK\n",
	 "driftd.ini: [driftd] public-url has a path: links in messages keep it, but pages of the "
	 "dashboard only work at the root of a host\n"},
	{CONFIG_WORLD_BASE SLACK "[driftd]\npublic-url = https://d/\n",
	 "driftd.ini: [auth] link-secret is missing: acknowledge links in messages ask for the "
	 "token\n"},
	{CONFIG_WORLD_BASE SLACK "[driftd]\npublic-url = https://d/\n[auth]\ntoken = env:TOKEN\n",
	 "driftd.ini: [auth] link-secret is missing: acknowledge links in messages ask for the "
	 "token\n"},
	{CONFIG_WORLD_BASE "[driftd]\npublic-url = https://d/\n", ""},
	/* https */
	{CONFIG_WORLD_BASE "[slack]\nwebhook = env:PLAIN\n" LINKS,
	 "driftd.ini:7: [slack] webhook: plain http: messages, and the URL itself, can be read on "
	 "the way; use https\n"},
	{CONFIG_WORLD_BASE "[webhook \"w\"]\nsecret = x\nurl = env:PLAIN\n",
	 "driftd.ini:8: [webhook \"w\"] url: plain http: messages, and the URL itself, can be read "
	 "on the way; use https\n"},
	{CONFIG_WORLD_BASE "[webhook \"w\"]\nurl = env:LOCAL\n", ""},
	{CONFIG_WORLD_BASE "[webhook \"w\"]\nurl = HTTPS://w.example.com/x\n", ""},
	/* routes that take nothing */
	{CONFIG_WORLD_BASE SLACK "route = *\nroute = owner=ml\n" LINKS,
	 "driftd.ini:9: [slack] route: no target is like owner=ml\n"},
	{CONFIG_WORLD_BASE SLACK "route = service/wbe\nroute = *\nroute = service/wbb\n" LINKS,
	 "driftd.ini:8: [slack] route: no target is like service/wbe; did you mean service/web?\n"
	 "driftd.ini:10: [slack] route: no target is like service/wbb; did you mean "
	 "service/web?\n"},
	{CONFIG_WORLD_BASE "owner = ml\n" SLACK "route = owner=ml\nroute = kind=repo\n" LINKS, ""},
	{CONFIG_WORLD_BASE WINDOW "matcher = table/*\nmatcher = repo/main\n",
	 "driftd.ini:10: [window \"w\"] matcher: no target is like table/*\n"},
	/* the repository has the highest priority of its services */
	{CONFIG_WORLD_BASE "priority = P2\n" OTHER "priority = P0\n" SLACK
			   "route = P0\nroute = P2\n" LINKS,
	 ""},
	{CONFIG_WORLD_BASE "priority = P2\n" SLACK "route = P1\nroute = P2\n" LINKS,
	 "driftd.ini:9: [slack] route: no target is like P1\n"},
	{"[repo \"unused\"]\nurl = /\n[gcp]\nproject = p\n[table \"d.t\"]\nmin-rows = 1\npriority "
	 "= "
	 "P0\n" SLACK "route = P0\nroute = P1\n" LINKS,
	 ""},
	/* targets that nobody is told of */
	{CONFIG_WORLD_BASE SLACK "route = kind=repo\n" LINKS,
	 "driftd.ini: no route takes service/web: " NOBODY "it" TAKES},
	{CONFIG_WORLD_BASE SLACK "route = service/*\n" LINKS,
	 "driftd.ini: no route takes repo/main: " NOBODY "it" TAKES},
	{CONFIG_WORLD_BASE SLACK "route = service/*\n[slack \"all\"]\nwebhook = env:SLACK\n" LINKS,
	 ""},
	{CONFIG_WORLD_BASE SLACK
	 "route = service/*\n[slack \"b\"]\nwebhook = env:SLACK\nroute = repo/*\n" LINKS,
	 ""},
	{CONFIG_WORLD_BASE "priority = P0\n" OTHER SLACK "route = P1\n" LINKS,
	 "driftd.ini: no route takes service/web, repo/main: " NOBODY "them" TAKES},
	/* windows */
	{CONFIG_WORLD_BASE "[window \"w\"]\nmatcher = *\nstart = 0 * * * *\nduration = 1h\n",
	 "driftd.ini:9: [window \"w\"] duration: it begins again before it is over: nothing would "
	 "ever be told of its targets\n"},
	{CONFIG_WORLD_BASE "[window \"w\"]\nmatcher = *\nstart = 0 * * * *\nduration = 59m\n", ""},
	{CONFIG_WORLD_BASE "[window \"w\"]\nmatcher = *\nstart = 0 0 * * 1-5\nduration = 1d\n", ""},
	{CONFIG_WORLD_BASE "[window \"w\"]\nmatcher = *\nstart = 0 0 29 2 *\nduration = 365d\n",
	 ""},
	/* digests where they cannot be */
	{CONFIG_WORLD_BASE
	 "[alertmanager \"a\"]\nurl = http://am\ndigest = @daily\ndigest-when-ok = true\n",
	 "driftd.ini:8: [alertmanager \"a\"] digest: has no effect: digest means nothing in "
	 "[alertmanager]\n"
	 "driftd.ini:9: [alertmanager \"a\"] digest-when-ok: has no effect: digest-when-ok means "
	 "nothing in [alertmanager]\n"},
	/* secrets */
	{CONFIG_WORLD_BASE OIDC "link-secret = (secret)\n",
	 "driftd.ini:9: [auth] link-secret: (secret) is what driftd config prints in place of it: "
	 "anybody could sign links\n"},
	{"[repo \"main\"]\nurl = /\nwebhook-secret = 0123456789abcde\n[service \"s\"]\nsource = "
	 "http\nurl = http://a/\n",
	 "driftd.ini:3: [repo \"main\"] webhook-secret: shorter than 16 characters: it can be "
	 "guessed\n"},
	{CONFIG_WORLD_BASE "depends-on = service/b\n" OTHER "paused = true\n", ""},
};

/* All warnings, a line each, without the directory. Caller frees. */
static char *warnings_of(const struct config *config)
{
	g_autofree char *prefix = g_strconcat(config_world_directory(), "/", NULL);
	g_autoptr(GString) all = g_string_new(NULL);
	g_auto(GStrv) parts = NULL;

	for (guint i = 0; i < config->warnings->len; i++)
		g_string_append_printf(all, "%s\n",
				       (const char *)g_ptr_array_index(config->warnings, i));
	parts = g_strsplit(all->str, prefix, -1);
	return g_strjoinv("", parts);
}

START_TEST(test_warning)
{
	struct config *config = config_world_must_load(warned[_i].text);
	g_autofree char *got = warnings_of(config);

	ck_assert_str_eq(got, warned[_i].want);
	ck_assert_ptr_null(strstr(got, "hunter2"));
	config_unref(config);
}
END_TEST

/* However many targets nobody is told of: one line. */
START_TEST(test_untold_targets_are_bounded)
{
	g_autoptr(GString) text = g_string_new(CONFIG_WORLD_BASE);
	struct config *config;
	g_autofree char *got = NULL;

	for (int i = 0; i < 50; i++)
		g_string_append_printf(text, "[service \"s%d\"]\nsource = http\nurl = http://s/\n",
				       i);
	g_string_append(text, SLACK "route = repo/main\n" LINKS);
	config = config_world_must_load(text->str);
	got = warnings_of(config);
	ck_assert_str_eq(got, "driftd.ini: no route takes service/web, service/s0, service/s1, "
			      "service/s2, service/s3 and 46 more: " NOBODY "them" TAKES);
	config_unref(config);
}
END_TEST

/* The longest way there can be, and a circle of all of it. */
START_TEST(test_long_way)
{
	enum { COUNT = 9000 };
	g_autoptr(GString) text = g_string_new("[gcp]\nproject = p\n");
	g_autofree char *last = g_strdup_printf(
		"[table \"d.t%d\"]\nmin-rows = 1\ndepends-on = table/d.t0\n", COUNT);
	g_autofree char *first = g_strdup_printf("[table \"d.t%d\"]\nmin-rows = 1\n", COUNT);
	g_autofree char *straight = NULL;
	g_autofree char *circle = NULL;
	int64_t start_ms = clk_cpu_ms();

	for (int i = 0; i < COUNT / 2; i++)
		g_string_append_printf(
			text, "[table \"d.t%d\"]\nmin-rows = 1\ndepends-on = table/d.t%d\n", i,
			i + 1);
	config_world_put_only("a.ini", text->str);
	g_string_truncate(text, 0);
	for (int i = COUNT / 2; i < COUNT; i++)
		g_string_append_printf(
			text, "[table \"d.t%d\"]\nmin-rows = 1\ndepends-on = table/d.t%d\n", i,
			i + 1);
	config_world_put_only("b.ini", text->str);
	straight = g_strconcat("[driftd]\ninclude = ?.ini\n", first, NULL);
	circle = g_strconcat("[driftd]\ninclude = ?.ini\n", last, NULL);
	config_unref(config_world_must_load(straight));
	config_world_must_fail(
		circle,
		"b.ini:13500: [table \"d.t8999\"] depends-on = table/d.t9000: " CIRCLE
		"table/d.t9000 -> table/d.t0 -> table/d.t1 -> table/d.t2 -> table/d.t3 -> "
		"table/d.t4 -> table/d.t5 -> table/d.t6 -> table/d.t7 -> ... (8991 more) -> "
		"table/d.t8999 -> table/d.t9000\n");
	ck_assert_int_lt(clk_cpu_ms() - start_ms, 2000);
}
END_TEST

Suite *config_alert_problems_suite(void)
{
	Suite *suite = suite_create("config_alert_problems");
	TCase *problems = tcase_create("problems");

	tcase_add_checked_fixture(problems, set_up, config_world_tear_down);
	tcase_add_loop_test(problems, test_case, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(problems, test_repository, 0, G_N_ELEMENTS(repositories));
	tcase_add_loop_test(problems, test_warning, 0, G_N_ELEMENTS(warned));
	tcase_add_test(problems, test_untold_targets_are_bounded);
	tcase_add_test(problems, test_long_way);
	suite_add_tcase(suite, problems);
	return suite;
}
