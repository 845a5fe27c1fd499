/* settings - one row per key. Order is that of the printed configuration. */
#include "config/settings.h"

#include "config/config.h"
#include "dur.h"

#include <assert.h>
#include <string.h>

static const char *const protect_choices[] = {"write", "all", NULL};
static const char *const level_choices[] = {"error", "warn", "info", "debug", NULL};
static const char *const priority_choices[] = {"P0", "P1", "P2", NULL};
static const char *const source_choices[] = {"cloud-run", "cloud-function", "http", NULL};
/* of a BOOLEAN: false, true */
static const char *const traffic_choices[] = {"any", "latest", NULL};

#define FIELD(section, member) .offset = offsetof(struct config_##section, member)
#define ROW(kind_, key_, type_)                                                                    \
	.kind = SETTING_KIND_##kind_, .key = (key_), .type = SETTING_TYPE_##type_
#define DURATION(min_) .min = (min_), .max = DUR_MAX_MS
#define SECOND MS_PER_S

static const struct setting table[] = {
	{ROW(DRIFTD, "listen", LISTEN), FIELD(driftd, listen), .fallback = "127.0.0.1:8080",
	 .help = "Address to serve HTTP on. Port 0 asks the kernel for a free one. Socket "
		 "activation takes precedence. Elsewhere than loopback it needs a token in [auth], "
		 "or allow-anonymous there."},
	{ROW(DRIFTD, "allowed-host", HOSTS), FIELD(driftd, allowed_hosts),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "A name under which browsers may reach driftd, beside loopback names and the host "
		 "of public-url. Requests with another Host are refused."},
	{ROW(DRIFTD, "state-dir", DIRECTORY), FIELD(driftd, state_dir),
	 .fallback_note = "$STATE_DIRECTORY, else .driftd beside the configuration file",
	 .help = "Directory for the database and the mirrors. It is locked against a second "
		 "driftd."},
	{ROW(DRIFTD, "include", INCLUDE), .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "More configuration files: a path, or a pattern with *, ? or [...], relative to "
		 "the main file. Files are read in sorted order, one level deep. A path without "
		 "wildcard must exist."},
	{ROW(DRIFTD, "check-interval", DURATION), FIELD(driftd, check_interval_ms),
	 .fallback = "5m", DURATION(SECOND),
	 .help = "How often repositories and targets are looked at, unless they say every."},
	{ROW(DRIFTD, "cycle-timeout", DURATION), FIELD(driftd, cycle_timeout_ms), .fallback = "60s",
	 DURATION(SECOND),
	 .help = "What has not answered this long after a cycle began is unknown; the rest is "
		 "published."},
	{ROW(DRIFTD, "request-timeout", DURATION), FIELD(driftd, request_timeout_ms),
	 .fallback = "10s", DURATION(SECOND),
	 .help = "Longest time for one request to a cloud API or an endpoint."},
	{ROW(DRIFTD, "max-parallel-requests", INTEGER), FIELD(driftd, max_parallel_requests),
	 .fallback = "64", .min = 1, .max = 1024, .unit = "requests",
	 .help = "Most requests under way at once."},
	{ROW(DRIFTD, "timezone", ZONE), FIELD(driftd, timezone), .fallback = "UTC",
	 .help = "Zone in which people are shown times and in which a date in pin or paused ends. "
		 "JSON is always UTC."},
	{ROW(DRIFTD, "expire-after", DURATION), FIELD(driftd, expire_after_ms),
	 .fallback_note = "3 times the target's every", DURATION(SECOND),
	 .help = "A verdict older than this is unknown."},
	{ROW(DRIFTD, "unknown-after", DURATION), .flags = SETTING_NO_EFFECT, .fallback = "15m",
	 DURATION(SECOND), .help = "Blindness this long opens an incident."},
	{ROW(DRIFTD, "confirm", INTEGER), FIELD(driftd, confirm), .fallback = "1", .min = 1,
	 .max = 10, .unit = "observations",
	 .help = "How many observations in a row must agree before drift is believed, unless a "
		 "target says its own."},
	{ROW(DRIFTD, "reopen-within", DURATION), .flags = SETTING_NO_EFFECT, .fallback = "10m",
	 DURATION(SECOND), .help = "Drift that returns this soon opens its incident again."},
	{ROW(DRIFTD, "retention", DURATION), FIELD(driftd, retention_ms), .fallback = "90d",
	 DURATION(SECOND), .help = "How long history is kept."},
	{ROW(DRIFTD, "public-url", BASE_URL), FIELD(driftd, public_url),
	 .help = "Where people reach driftd, for links and as an allowed Host and Origin."},
	{ROW(DRIFTD, "heartbeat-url", SECRET_URL), FIELD(driftd, heartbeat_url),
	 .flags = SETTING_SECRET,
	 .help = "Requested after each cycle that evaluated something and was committed: a dead "
		 "man's switch. Kept like a secret."},
	{ROW(DRIFTD, "log-level", CHOICE), FIELD(driftd, log_level), .fallback = "info",
	 .choices = level_choices, .help = "What is logged."},
	{ROW(DRIFTD, "daily-bytes", SIZE), .flags = SETTING_NO_EFFECT, .min = 1,
	 .max = DUR_SIZE_MAX_BYTES, .unit = "bytes",
	 .help = "Most bytes billed by queries in a day."},

	{ROW(AUTH, "token", SECRET), FIELD(auth, token), .flags = SETTING_SECRET,
	 .help = "The credential that clients send as a bearer token or as the password of HTTP "
		 "Basic."},
	{ROW(AUTH, "protect", CHOICE), FIELD(auth, protect), .fallback = "write",
	 .choices = protect_choices,
	 .help = "What needs the credential: write is everything that changes state, all is "
		 "reading too."},
	{ROW(AUTH, "allow-anonymous", BOOLEAN), FIELD(auth, allow_anonymous), .fallback = "false",
	 .help = "Serve without any credential even where other machines can reach the address."},
	{ROW(AUTH, "oidc-audience", TEXT), .flags = SETTING_REFUSED | SETTING_REPEATABLE,
	 .help = "Audience of accepted OIDC tokens."},
	{ROW(AUTH, "oidc-email", TEXT), .flags = SETTING_REFUSED | SETTING_REPEATABLE,
	 .help = "Account whose OIDC tokens are accepted."},
	{ROW(AUTH, "oidc-issuer", TEXT), .flags = SETTING_REFUSED,
	 .help = "Issuer of accepted OIDC tokens."},
	{ROW(AUTH, "oidc-jwks-url", TEXT), .flags = SETTING_REFUSED,
	 .help = "Keys of that issuer."},
	{ROW(AUTH, "link-secret", SECRET), .flags = SETTING_NO_EFFECT | SETTING_SECRET,
	 .help = "Signs acknowledge links in messages."},

	{ROW(REPO, "url", REPOSITORY_URL), FIELD(repo, url), .flags = SETTING_REQUIRED,
	 .help = "Where the repository is: an https, http, ssh or file URL, user@host:path, or a "
		 "path on this machine, which is read in place."},
	{ROW(REPO, "branch", BRANCH), FIELD(repo, branch), .fallback_note = "the remote's HEAD",
	 .help = "The branch whose head is what should run."},
	{ROW(REPO, "every", DURATION), FIELD(repo, every_ms), .fallback_note = "check-interval",
	 DURATION(SECOND), .help = "How often it is fetched."},
	{ROW(REPO, "token", SECRET), FIELD(repo, token), .flags = SETTING_SECRET,
	 .help = "Access token, for https. Never put it into the URL."},
	{ROW(REPO, "web-url", BASE_URL), FIELD(repo, web_url),
	 .fallback_note = "from an https URL at GitHub or GitLab",
	 .help = "Its web page, for links to commits and comparisons."},
	{ROW(REPO, "fetch-timeout", DURATION), FIELD(repo, fetch_timeout_ms), .fallback = "120s",
	 DURATION(SECOND), .help = "Longest time for one fetch."},
	{ROW(REPO, "webhook-secret", SECRET), .flags = SETTING_NO_EFFECT | SETTING_SECRET,
	 .help = "Verifies push hooks."},

	{ROW(GCP, "project", PROJECT), FIELD(gcp, project),
	 .help = "Project of the targets that name none."},
	{ROW(GCP, "region", REGIONS), FIELD(gcp, regions),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "Region of the targets that name none; with several, every target names its own."},
	{ROW(GCP, "credentials", CREDENTIALS), FIELD(gcp, credentials), .fallback = "adc",
	 .help = "adc (Application Default Credentials), metadata (the machine's service account), "
		 "file:PATH (a credential file) or token:SECRET (an access token: token:env:NAME, "
		 "token:file:PATH)."},
	{ROW(GCP, "report-unwatched", BOOLEAN), FIELD(gcp, report_unwatched), .fallback = "false",
	 .help = "List deployed services of these projects and regions that no section names."},
	{ROW(GCP, "run-endpoint", BASE_URL), FIELD(gcp, run_endpoint),
	 .fallback = "https://run.googleapis.com",
	 .help = "Cloud Run Admin API, for emulators and private access."},
	{ROW(GCP, "functions-endpoint", BASE_URL), FIELD(gcp, functions_endpoint),
	 .fallback = "https://cloudfunctions.googleapis.com", .help = "Cloud Functions API."},
	{ROW(GCP, "storage-endpoint", BASE_URL), FIELD(gcp, storage_endpoint),
	 .fallback = "https://storage.googleapis.com", .help = "Cloud Storage API."},
	{ROW(GCP, "token-endpoint", BASE_URL), FIELD(gcp, token_endpoint),
	 .fallback_note = "the token_uri of a key file, else Google's",
	 .help = "Where access tokens are had."},
	{ROW(GCP, "bigquery-endpoint", BASE_URL), .flags = SETTING_NO_EFFECT,
	 .help = "BigQuery API."},
	{ROW(GCP, "firestore-endpoint", BASE_URL), .flags = SETTING_NO_EFFECT,
	 .help = "Firestore API."},
	{ROW(GCP, "daily-bytes", SIZE), .flags = SETTING_NO_EFFECT, .min = 1,
	 .max = DUR_SIZE_MAX_BYTES, .unit = "bytes",
	 .help = "Most bytes billed by queries in a day."},

	{ROW(SERVICE, "source", CHOICE), FIELD(service, source), .flags = SETTING_REQUIRED,
	 .choices = source_choices,
	 .help = "Where to look: cloud-run, cloud-function (second generation), or http, an "
		 "endpoint that tells its commit."},
	{ROW(SERVICE, "gcp", GCP), FIELD(service, gcp), .flags = SETTING_CLOUD_ONLY,
	 .fallback_note = "default",
	 .help = "The [gcp] section with its credentials, project and region."},
	{ROW(SERVICE, "project", PROJECT), FIELD(service, project), .flags = SETTING_CLOUD_ONLY,
	 .fallback_note = "that of the gcp section", .help = "Its project."},
	{ROW(SERVICE, "region", REGION), FIELD(service, region), .flags = SETTING_CLOUD_ONLY,
	 .fallback_note = "the only one of the gcp section", .help = "Its region."},
	{ROW(SERVICE, "service", CLOUD_NAME), FIELD(service, service), .flags = SETTING_CLOUD_ONLY,
	 .fallback_note = "the section's name",
	 .help = "Its name there, where it differs from the section's."},
	{ROW(SERVICE, "url", URL), FIELD(service, url), .flags = SETTING_HTTP_ONLY,
	 .help = "The endpoint that tells the commit. Required for http."},
	{ROW(SERVICE, "commit-pointer", POINTER), FIELD(service, commit_pointer),
	 .flags = SETTING_HTTP_ONLY, .fallback_note = "the whole body is the commit",
	 .help = "JSON pointer (RFC 6901) to the commit in the endpoint's answer."},
	{ROW(SERVICE, "repo", REPO), FIELD(service, repo), .fallback_note = "the only [repo]",
	 .help = "The repository it is built from. Required when there are several."},
	{ROW(SERVICE, "paths", PATHS), FIELD(service, paths), .flags = SETTING_REPEATABLE,
	 .fallback_note = "the whole tree",
	 .help = "Which files it is built from: patterns anchored at the repository's root; * and "
		 "? do not match /, ** is any number of folders, a folder means all in it, ! "
		 "excludes; the last pattern that matches decides."},
	{ROW(SERVICE, "priority", CHOICE), FIELD(service, target.priority), .fallback = "P1",
	 .choices = priority_choices,
	 .help = "P0 is critical. Decides the order of every list and the weight in the score."},
	{ROW(SERVICE, "owner", TEXT), FIELD(service, target.owner),
	 .help = "Who looks after it, shown and selectable."},
	{ROW(SERVICE, "description", TEXT), FIELD(service, target.description),
	 .help = "What it is, shown."},
	{ROW(SERVICE, "deploy-command", TEXT), FIELD(service, target.deploy_command),
	 .help = "The command that mends drift, shown to people and never run."},
	{ROW(SERVICE, "every", DURATION), FIELD(service, target.every_ms),
	 .fallback_note = "check-interval", DURATION(SECOND), .help = "How often it is looked at."},
	{ROW(SERVICE, "confirm", INTEGER), FIELD(service, target.confirm),
	 .fallback_note = "that of [driftd]", .min = 1, .max = 10, .unit = "observations",
	 .help = "How many observations in a row must agree before drift is believed."},
	{ROW(SERVICE, "grace", DURATION), FIELD(service, grace_ms), .fallback = "30m", DURATION(0),
	 .help = "How long after the oldest undeployed commit was first seen it may stay "
		 "undeployed: pending until then, drift after."},
	{ROW(SERVICE, "paused", PAUSED), FIELD(service, target.paused), .fallback = "false",
	 .help = "true, or a reason, optionally with an end: REASON until YYYY-MM-DD. Not looked "
		 "at meanwhile."},
	{ROW(SERVICE, "pin", PIN), FIELD(service, pin),
	 .help = "COMMIT [until YYYY-MM-DD] [by WHO] [because WHY]: this commit is wanted, however "
		 "far behind it is. The date counts to its end, in timezone."},
	{ROW(SERVICE, "commit-from", COMMIT_FROM), FIELD(service, commit_from),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT | SETTING_CLOUD_ONLY,
	 .fallback_note = "the usual labels, variables and the image's tag",
	 .help = "Where the commit is written: label:KEY, env:NAME, image-tag or annotation:KEY."},
	{ROW(SERVICE, "traffic", BOOLEAN), FIELD(service, traffic_latest),
	 .flags = SETTING_CLOUD_ONLY, .fallback = "latest", .choices = traffic_choices,
	 .help = "latest: all traffic must go to the latest revision. any: however it is split."},
	{ROW(SERVICE, "deploy-timeout", DURATION), FIELD(service, deploy_timeout_ms),
	 .flags = SETTING_CLOUD_ONLY, .fallback = "15m", DURATION(SECOND),
	 .help = "A rollout may take this long; until then findings are pending, after it the "
		 "rollout has failed."},
	{ROW(SERVICE, "expect", EXPECT), FIELD(service, expects),
	 .flags = SETTING_REPEATABLE | SETTING_CLOUD_ONLY,
	 .help = "NAME=VALUE that the running service must have: min-instances, max-instances, "
		 "cpu-idle, memory, concurrency, timeout, service-account, image or env.NAME."},
	{ROW(SERVICE, "expect-from", EXPECT_FROM), FIELD(service, expects_from),
	 .flags = SETTING_REPEATABLE | SETTING_CLOUD_ONLY,
	 .help = "NAME gs://BUCKET/OBJECT#POINTER: NAME, as in expect, must have the value at that "
		 "JSON pointer in that object. A {/POINTER} inside the pointer is itself looked up "
		 "in the object."},
	{ROW(SERVICE, "require-env", ENV_NAMES), FIELD(service, require_env),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT | SETTING_CLOUD_ONLY,
	 .help = "An environment variable that must be set."},
	{ROW(SERVICE, "forbid-env", ENV_NAMES), FIELD(service, forbid_env),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT | SETTING_CLOUD_ONLY,
	 .help = "An environment variable that must not be set."},
	{ROW(SERVICE, "probe-url", URL), FIELD(service, probe_url),
	 .help = "A functional route of the service, asked to make sure that the right program "
		 "runs."},
	{ROW(SERVICE, "probe-expect", PROBE_EXPECT), FIELD(service, probe_expects),
	 .flags = SETTING_REPEATABLE,
	 .help = "POINTER=VALUE that the JSON answer of probe-url must hold."},
	{ROW(SERVICE, "location", TEXT), .flags = SETTING_NO_EFFECT | SETTING_CLOUD_ONLY,
	 .help = "Place of data; a service's place is region."},
	{ROW(SERVICE, "depends-on", TARGETS),
	 .flags = SETTING_NO_EFFECT | SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "Target (service/NAME) or repository (repo/NAME) whose trouble explains this "
		 "one's."},
	{ROW(SERVICE, "escalate-commits", INTEGER), .flags = SETTING_NO_EFFECT, .min = 1,
	 .max = 1000000, .unit = "commits", .help = "Undeployed commits that raise the priority."},
	{ROW(SERVICE, "escalate-after", DURATION), .flags = SETTING_NO_EFFECT, DURATION(SECOND),
	 .help = "Age of the oldest undeployed commit that raises the priority."},
};

static const char *const kind_texts[SETTING_KIND_COUNT] = {[SETTING_KIND_DRIFTD] = "driftd",
							   [SETTING_KIND_AUTH] = "auth",
							   [SETTING_KIND_REPO] = "repo",
							   [SETTING_KIND_GCP] = "gcp",
							   [SETTING_KIND_SERVICE] = "service"};

/* Sections that DESIGN 5 describes and this version does not have yet. */
static const struct {
	const char *kind;
	const char *brings;
} reserved[] = {
	{"table", "tables"},
	{"completion", "completion documents"},
	{"inventory", "inventories"},
	{"assert", "assertions"},
	{"backup", "backups"},
	{"slack", "messages to Slack"},
	{"webhook", "messages to webhooks"},
	{"alertmanager", "messages to Alertmanager"},
	{"github", "GitHub issues"},
	{"window", "maintenance windows"},
};

static const char *const type_texts[SETTING_TYPE_COUNT] = {
	[SETTING_TYPE_TEXT] = "text",
	[SETTING_TYPE_DURATION] = "duration (90s, 5m, 24h, 7d)",
	[SETTING_TYPE_SIZE] = "size (10MB, 1GiB)",
	[SETTING_TYPE_INTEGER] = "number",
	[SETTING_TYPE_BOOLEAN] = "true or false",
	[SETTING_TYPE_CHOICE] = "one of several words",
	[SETTING_TYPE_SECRET] = "secret (env:NAME, file:PATH or the secret itself)",
	[SETTING_TYPE_SECRET_URL] = "URL (or env:NAME, file:PATH)",
	[SETTING_TYPE_URL] = "http or https URL",
	[SETTING_TYPE_BASE_URL] = "http or https URL",
	[SETTING_TYPE_DIRECTORY] = "path",
	[SETTING_TYPE_ZONE] = "IANA time zone",
	[SETTING_TYPE_LISTEN] = "HOST:PORT or [IPV6]:PORT",
	[SETTING_TYPE_HOSTS] = "host name or address",
	[SETTING_TYPE_INCLUDE] = "path or pattern",
	[SETTING_TYPE_REPOSITORY_URL] = "URL or path",
	[SETTING_TYPE_BRANCH] = "branch name",
	[SETTING_TYPE_CREDENTIALS] = "adc, metadata, file:PATH or token:SECRET",
	[SETTING_TYPE_PROJECT] = "project id",
	[SETTING_TYPE_REGION] = "region",
	[SETTING_TYPE_REGIONS] = "region",
	[SETTING_TYPE_CLOUD_NAME] = "name of a service or function",
	[SETTING_TYPE_REPO] = "name of a [repo] section",
	[SETTING_TYPE_GCP] = "name of a [gcp] section",
	[SETTING_TYPE_TARGETS] = "service/NAME or repo/NAME",
	[SETTING_TYPE_PATHS] = "path pattern",
	[SETTING_TYPE_COMMIT_FROM] = "label:KEY, env:NAME, image-tag or annotation:KEY",
	[SETTING_TYPE_ENV_NAMES] = "name of an environment variable",
	[SETTING_TYPE_EXPECT] = "NAME=VALUE",
	[SETTING_TYPE_EXPECT_FROM] = "NAME gs://BUCKET/OBJECT#POINTER",
	[SETTING_TYPE_PROBE_EXPECT] = "POINTER=VALUE",
	[SETTING_TYPE_POINTER] = "JSON pointer",
	[SETTING_TYPE_PIN] = "COMMIT [until DATE] [by WHO] [because WHY]",
	[SETTING_TYPE_PAUSED] = "true, false or REASON [until DATE]",
};

/* All kinds' names in one list, for spelling. */
static const char *const kind_names[] = {
	"driftd", "auth",   "repo",  "gcp",     "service",      "table",  "completion", "inventory",
	"assert", "backup", "slack", "webhook", "alertmanager", "github", "window",     NULL};

_Static_assert(sizeof(enum priority) == sizeof(int) && sizeof(enum config_source) == sizeof(int) &&
		       sizeof(enum config_protect) == sizeof(int),
	       "CHOICE keeps its value in an int");

const struct setting *settings_all(size_t *ret_count)
{
	*ret_count = G_N_ELEMENTS(table);
	return table;
}

const struct setting *settings_of_kind(enum setting_kind kind, size_t *ret_count)
{
	size_t first = 0;
	size_t count = 0;

	while (first < G_N_ELEMENTS(table) && table[first].kind != kind)
		first++;
	while (first + count < G_N_ELEMENTS(table) && table[first + count].kind == kind)
		count++;
	*ret_count = count;
	return count > 0 ? &table[first] : NULL;
}

const struct setting *settings_find(enum setting_kind kind, const char *key)
{
	size_t count;
	const struct setting *first = settings_of_kind(kind, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(first[i].key, key) == 0)
			return &first[i];
	return NULL;
}

unsigned settings_index(const struct setting *setting)
{
	size_t count;
	const struct setting *first = settings_of_kind(setting->kind, &count);

	assert(setting >= first && setting < first + count && count <= 64);
	return (unsigned)(setting - first); /* at most 63 */
}

const char *settings_kind_text(enum setting_kind kind)
{
	assert(kind > SETTING_KIND_NONE && kind < SETTING_KIND_COUNT);
	return kind_texts[kind];
}

enum setting_kind settings_kind_from_text(const char *text)
{
	for (enum setting_kind kind = SETTING_KIND_DRIFTD; kind < SETTING_KIND_COUNT; kind++)
		if (strcmp(kind_texts[kind], text) == 0)
			return kind;
	return SETTING_KIND_NONE;
}

const char *const *settings_kind_names(void)
{
	return kind_names;
}

const char *settings_reserved(const char *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(reserved); i++)
		if (strcmp(reserved[i].kind, text) == 0)
			return reserved[i].brings;
	return NULL;
}

const char *settings_type_text(enum setting_type type)
{
	assert(type > SETTING_TYPE_NONE && type < SETTING_TYPE_COUNT);
	return type_texts[type];
}
