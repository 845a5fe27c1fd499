/* settings_table - one row per key. Order is that of the printed configuration. */
#include "config/settings.h"

#include "config/config.h"
#include "dur.h"

static const char *const protect_choices[] = {"write", "all", NULL};
static const char *const level_choices[] = {"error", "warn", "info", "debug", NULL};
static const char *const priority_choices[] = {"P0", "P1", "P2", NULL};
static const char *const source_choices[] = {"cloud-run", "cloud-function", "http", NULL};
static const char *const data_source_choices[] = {"bigquery", "postgresql", NULL};
static const char *const method_choices[] = {"metadata", "column", "partition", NULL};
/* of a BOOLEAN: false, true */
static const char *const traffic_choices[] = {"any", "latest", NULL};

#define FIELD(section, member) .offset = offsetof(struct config_##section, member)
#define ROW(kind_, key_, type_)                                                                    \
	.kind = SETTING_KIND_##kind_, .key = (key_), .type = SETTING_TYPE_##type_
#define DURATION(min_) .min = (min_), .max = DUR_MAX_MS
#define SECOND MS_PER_S
#define ROWS_MAX (INT64_C(1) << 53)
#define COMMITS_MAX 1000000
#define SIZE .min = 1, .max = DUR_SIZE_MAX_BYTES, .unit = "bytes"

/* Values of source or method with which a key means something. */
#define CLOUD_BITS (1U << CONFIG_SOURCE_CLOUD_RUN | 1U << CONFIG_SOURCE_CLOUD_FUNCTION)
#define CLOUD .applies_to = CLOUD_BITS
#define HTTP .applies_to = 1U << CONFIG_SOURCE_HTTP
#define BIGQUERY .applies_to = 1U << CONFIG_DATA_SOURCE_BIGQUERY
#define POSTGRESQL .applies_to = 1U << CONFIG_DATA_SOURCE_POSTGRESQL
#define COLUMN .applies_to = 1U << TABLE_METHOD_COLUMN
#define PARTITION .applies_to = 1U << TABLE_METHOD_PARTITION

/* Keys that every target has. */
#define TARGET_ROWS(kind_, section, every_note)                                                    \
	{ROW(kind_, "priority", CHOICE), FIELD(section, target.priority), .fallback = "P1",        \
	 .choices = priority_choices,                                                              \
	 .help = "P0 is critical. Decides the order of every list and the weight in the score."},  \
		{ROW(kind_, "owner", TEXT), FIELD(section, target.owner),                          \
		 .help = "Who looks after it, shown and selectable."},                             \
		{ROW(kind_, "description", TEXT), FIELD(section, target.description),              \
		 .help = "What it is, shown."},                                                    \
		{ROW(kind_, "deploy-command", TEXT), FIELD(section, target.deploy_command),        \
		 .help = "The command that mends drift, shown to people and never run."},          \
		{ROW(kind_, "every", DURATION), FIELD(section, target.every_ms),                   \
		 .fallback_note = (every_note), DURATION(SECOND),                                  \
		 .help = "How often it is looked at."},                                            \
		{ROW(kind_, "confirm", INTEGER),                                                   \
		 FIELD(section, target.confirm),                                                   \
		 .fallback_note = "that of [driftd]",                                              \
		 .min = 1,                                                                         \
		 .max = 10,                                                                        \
		 .unit = "observations",                                                           \
		 .help = "How many observations in a row must agree before drift is believed."},   \
		{ROW(kind_, "paused", PAUSED), FIELD(section, target.paused), .fallback = "false", \
		 .help = "true, or a reason, optionally with an end: REASON until YYYY-MM-DD. "    \
			 "Not looked at meanwhile."},                                              \
	{                                                                                          \
		ROW(kind_, "depends-on", TARGETS), FIELD(section, target.depends_on),              \
			.flags = SETTING_REPEATABLE | SETTING_DISTINCT,                            \
			.help = "Target (KIND/NAME) or repository (repo/NAME) whose trouble "      \
				"explains this one's: while it has an open incident, nothing is "  \
				"told of this one. It is looked at all the same."                  \
	}

/* Only services have commits. */
#define NO_COMMITS_ROWS(kind_)                                                                     \
	{ROW(kind_, "escalate-commits", NUMBER), .flags = SETTING_UNUSED, .min = 1,                \
	 .max = COMMITS_MAX, .help = "Of no use without commits."},                                \
	{                                                                                          \
		ROW(kind_, "escalate-after", DURATION), .flags = SETTING_UNUSED, DURATION(SECOND), \
							.help = "Of no use without commits."       \
	}

/* Keys that every channel has. */
#define CHANNEL_ROWS(kind_)                                                                        \
	{ROW(kind_, "route", MATCHERS), FIELD(channel, routes),                                    \
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT, .fallback_note = "everything",            \
	 .help = "Which targets it is told of: a priority (P0), owner=NAME, kind=KIND, or a "      \
		 "target id in which * stands for any text (service/*). Any one that matches "     \
		 "will do. Repositories that cannot be fetched are repo/NAME, of kind repo."},     \
		{ROW(kind_, "remind-every", DURATION), FIELD(channel, remind_every_ms),            \
		 .fallback = "4h", DURATION(SECOND),                                               \
		 .help = "How often an incident that is still open, and that nobody has "          \
			 "acknowledged, is told again."},                                          \
	{                                                                                          \
		ROW(kind_, "rate", RATE), FIELD(channel, rate),                                    \
			.fallback = "1/s",                                                         \
			.help = "Most messages in a second, minute or hour: N/s, N/m or N/h. "     \
				"What is more waits, and is folded into one."                      \
	}

/* Keys of channels that can tell more than incidents. */
#define DIGEST_ROWS(kind_)                                                                         \
	{ROW(kind_, "digest", SCHEDULE), FIELD(channel, digest),                                   \
	 .help = "When a summary is sent, five cron fields and a time zone as in expected: the "   \
		 "score, what is not ok, and what has recovered since the last one. Nothing is "   \
		 "sent when there is nothing to say, unless digest-when-ok is true."},             \
	{                                                                                          \
		ROW(kind_, "digest-when-ok", BOOLEAN), FIELD(channel, digest_when_ok),             \
			.fallback = "false",                                                       \
			.help = "Send the digest also when all is well. Needs digest."             \
	}
#define NO_DIGEST_ROWS(kind_)                                                                      \
	{ROW(kind_, "digest", SCHEDULE), .flags = SETTING_UNUSED,                                  \
	 .help = "Of no use where each incident stands for itself."},                              \
	{                                                                                          \
		ROW(kind_, "digest-when-ok", BOOLEAN),                                             \
			.flags = SETTING_UNUSED,                                                   \
			.help = "Of no use where each incident stands for itself."                 \
	}

/* Where the data is, for kinds that look in BigQuery. */
#define PLACE_ROWS(kind_, section, when)                                                           \
	{ROW(kind_, "gcp", GCP), FIELD(section, gcp), when, .fallback_note = "default",            \
	 .help = "The [gcp] section with its credentials, project and budget."},                   \
		{ROW(kind_, "project", PROJECT), FIELD(section, project), when,                    \
		 .fallback_note = "that of the gcp section",                                       \
		 .help = "The project where queries run and are billed."},                         \
		{ROW(kind_, "location", LOCATION), FIELD(section, location_given), when,           \
		 .fallback_note = "Google finds it",                                               \
		 .help = "Where the data is: US, EU or a region."},                                \
	{                                                                                          \
		ROW(kind_, "region", REGION), FIELD(section, region), when,                        \
			.help = "The same as location, when that is a region."                     \
	}

/* When data is due. */
#define EXPECTED_ROW(kind_, section)                                                               \
	{                                                                                          \
		ROW(kind_, "expected", SCHEDULE), FIELD(section, expected),                        \
			.help = "When it is due: five cron fields (minute, hour, day of month, "   \
				"month, day of week) or @daily and the like, then a time zone; "   \
				"without one, timezone counts. A time that the clock skips is "    \
				"at the end of the gap; one that comes twice counts the first "    \
				"time."                                                            \
	}
#define GRACE_ROW(kind_, section)                                                                  \
	{                                                                                          \
		ROW(kind_, "grace", DURATION), FIELD(section, grace_ms),                           \
			.fallback = "0s", DURATION(0),                                             \
			.help = "How late it may be: pending until then, drift "                   \
				"after. Needs expected."                                           \
	}
#define HOLIDAYS_ROW(kind_, section)                                                               \
	{                                                                                          \
		ROW(kind_, "holidays", HOLIDAYS), FIELD(section, holidays),                        \
			.help = "File of dates on which it is not due, one YYYY-MM-DD a line, # "  \
				"begins a comment. Needs expected."                                \
	}

static const struct setting table[] = {
	{ROW(DRIFTD, "listen", LISTEN), FIELD(driftd, listen), .fallback = "127.0.0.1:8080",
	 .help = "Address to serve HTTP on. Port 0 asks the kernel for a free one. Socket "
		 "activation takes precedence. Elsewhere than loopback it needs a token or "
		 "oidc-audience in [auth], or allow-anonymous there."},
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
	{ROW(DRIFTD, "unknown-after", DURATION), FIELD(driftd, unknown_after_ms), .fallback = "15m",
	 DURATION(SECOND),
	 .help = "A target that could not be judged, or a repository that could not be fetched, "
		 "for this long is an incident. Time in which driftd did not run does not count."},
	{ROW(DRIFTD, "confirm", INTEGER), FIELD(driftd, confirm), .fallback = "1", .min = 1,
	 .max = 10, .unit = "observations",
	 .help = "How many observations in a row must agree before drift is believed, unless a "
		 "target says its own."},
	{ROW(DRIFTD, "reopen-within", DURATION), FIELD(driftd, reopen_within_ms), .fallback = "10m",
	 DURATION(SECOND),
	 .help = "What returns this soon after its incident was resolved opens that one again."},
	{ROW(DRIFTD, "ack-expires", DURATION), FIELD(driftd, ack_expires_ms), .fallback = "24h",
	 DURATION(SECOND),
	 .help = "An acknowledgement is good for this long: an incident that is still there then "
		 "is open again, and told again."},
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
	{ROW(DRIFTD, "daily-bytes", SIZE), FIELD(driftd, daily_bytes), SIZE,
	 .help = "Most bytes billed by queries in a UTC day, all [gcp] sections together. Past it, "
		 "column checks fall back to metadata and say so; what else is billed is unknown "
		 "(over_budget) until the next day."},

	{ROW(AUTH, "token", SECRET), FIELD(auth, token), .flags = SETTING_SECRET,
	 .help = "The credential that clients send as a bearer token or as the password of HTTP "
		 "Basic."},
	{ROW(AUTH, "protect", CHOICE), FIELD(auth, protect), .fallback = "write",
	 .choices = protect_choices,
	 .help = "What needs the credential: write is everything that changes state, all is "
		 "reading too."},
	{ROW(AUTH, "allow-anonymous", BOOLEAN), FIELD(auth, allow_anonymous), .fallback = "false",
	 .help = "Serve without any credential even where other machines can reach the address."},
	{ROW(AUTH, "oidc-audience", TEXTS), FIELD(auth, oidc_audiences),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "Audience of OIDC tokens that are accepted as a bearer token, such as Google "
		 "makes "
		 "for service accounts. Needs oidc-email."},
	{ROW(AUTH, "oidc-email", EMAILS), FIELD(auth, oidc_emails),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "An account whose OIDC tokens are accepted. Needs oidc-audience."},
	{ROW(AUTH, "oidc-issuer", URL), FIELD(auth, oidc_issuer),
	 .fallback = "https://accounts.google.com",
	 .help = "Who makes the OIDC tokens, as it is written in them. It is an https URL, unless "
		 "it is this machine."},
	{ROW(AUTH, "oidc-jwks-url", URL), FIELD(auth, oidc_jwks_url),
	 .fallback = "https://www.googleapis.com/oauth2/v3/certs",
	 .help = "Where the keys of oidc-issuer are had (JWKS). It is an https URL, unless it is "
		 "this machine. Required with another oidc-issuer than the default."},
	{ROW(AUTH, "link-secret", SECRET), FIELD(auth, link_secret), .flags = SETTING_SECRET,
	 .help = "Signs the acknowledge links in messages, so that whoever has the message can "
		 "acknowledge. At least 16 bytes. Without it the page asks for the token."},

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
	{ROW(REPO, "webhook-secret", SECRET), FIELD(repo, webhook_secret), .flags = SETTING_SECRET,
	 .help = "The secret of a GitHub webhook to /hooks/github, or the secret token of a GitLab "
		 "one to /hooks/gitlab: a push is then fetched and checked at once. Without it "
		 "pushes are not taken."},

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
	{ROW(GCP, "bigquery-endpoint", BASE_URL), FIELD(gcp, bigquery_endpoint),
	 .fallback = "https://bigquery.googleapis.com", .help = "BigQuery API."},
	{ROW(GCP, "firestore-endpoint", BASE_URL), FIELD(gcp, firestore_endpoint),
	 .fallback = "https://firestore.googleapis.com", .help = "Firestore API."},
	{ROW(GCP, "daily-bytes", SIZE), FIELD(gcp, daily_bytes), SIZE,
	 .help = "Most bytes billed by queries with this section in a UTC day."},

	{ROW(SERVICE, "source", CHOICE), FIELD(service, source), .flags = SETTING_REQUIRED,
	 .choices = source_choices,
	 .help = "Where to look: cloud-run, cloud-function (second generation), or http, an "
		 "endpoint that tells its commit."},
	{ROW(SERVICE, "gcp", GCP), FIELD(service, gcp), CLOUD, .fallback_note = "default",
	 .help = "The [gcp] section with its credentials, project and region."},
	{ROW(SERVICE, "project", PROJECT), FIELD(service, project), CLOUD,
	 .fallback_note = "that of the gcp section", .help = "Its project."},
	{ROW(SERVICE, "region", REGION), FIELD(service, region), CLOUD,
	 .fallback_note = "the only one of the gcp section", .help = "Its region."},
	{ROW(SERVICE, "service", CLOUD_NAME), FIELD(service, service), CLOUD,
	 .fallback_note = "the section's name",
	 .help = "Its name there, where it differs from the section's."},
	{ROW(SERVICE, "url", URL), FIELD(service, url), HTTP,
	 .help = "The endpoint that tells the commit. Required for http."},
	{ROW(SERVICE, "commit-pointer", POINTER), FIELD(service, commit_pointer), HTTP,
	 .fallback_note = "the whole body is the commit",
	 .help = "JSON pointer (RFC 6901) to the commit in the endpoint's answer."},
	{ROW(SERVICE, "repo", REPO), FIELD(service, repo), .fallback_note = "the only [repo]",
	 .help = "The repository it is built from. Required when there are several."},
	{ROW(SERVICE, "paths", PATHS), FIELD(service, paths), .flags = SETTING_REPEATABLE,
	 .fallback_note = "the whole tree",
	 .help = "Which files it is built from: patterns anchored at the repository's root; * and "
		 "? do not match /, ** is any number of folders, a folder means all in it, ! "
		 "excludes; the last pattern that matches decides."},
	TARGET_ROWS(SERVICE, service, "check-interval"),
	{ROW(SERVICE, "grace", DURATION), FIELD(service, grace_ms), .fallback = "30m", DURATION(0),
	 .help = "How long after the oldest undeployed commit was first seen it may stay "
		 "undeployed: pending until then, drift after."},
	{ROW(SERVICE, "pin", PIN), FIELD(service, pin),
	 .help = "COMMIT [until YYYY-MM-DD] [by WHO] [because WHY]: this commit is wanted, however "
		 "far behind it is. The date counts to its end, in timezone."},
	{ROW(SERVICE, "commit-from", COMMIT_FROM), FIELD(service, commit_from),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT, CLOUD,
	 .fallback_note = "the usual labels, variables and the image's tag",
	 .help = "Where the commit is written: label:KEY, env:NAME, image-tag or annotation:KEY."},
	{ROW(SERVICE, "traffic", BOOLEAN), FIELD(service, traffic_latest), CLOUD,
	 .fallback = "latest", .choices = traffic_choices,
	 .help = "latest: all traffic must go to the latest revision. any: however it is split."},
	{ROW(SERVICE, "deploy-timeout", DURATION), FIELD(service, deploy_timeout_ms), CLOUD,
	 .fallback = "15m", DURATION(SECOND),
	 .help = "A rollout may take this long; until then findings are pending, after it the "
		 "rollout has failed."},
	{ROW(SERVICE, "expect", EXPECT), FIELD(service, expects), .flags = SETTING_REPEATABLE,
	 CLOUD,
	 .help = "NAME=VALUE that the running service must have: min-instances, max-instances, "
		 "cpu-idle, memory, concurrency, timeout, service-account, image or env.NAME."},
	{ROW(SERVICE, "expect-from", EXPECT_FROM), FIELD(service, expects_from),
	 .flags = SETTING_REPEATABLE, CLOUD,
	 .help = "NAME gs://BUCKET/OBJECT#POINTER: NAME, as in expect, must have the value at that "
		 "JSON pointer in that object. A {/POINTER} inside the pointer is itself looked up "
		 "in the object."},
	{ROW(SERVICE, "require-env", ENV_NAMES), FIELD(service, require_env),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT, CLOUD,
	 .help = "An environment variable that must be set."},
	{ROW(SERVICE, "forbid-env", ENV_NAMES), FIELD(service, forbid_env),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT, CLOUD,
	 .help = "An environment variable that must not be set."},
	{ROW(SERVICE, "probe-url", URL), FIELD(service, probe_url),
	 .help = "A functional route of the service, asked to make sure that the right program "
		 "runs."},
	{ROW(SERVICE, "probe-expect", PROBE_EXPECT), FIELD(service, probe_expects),
	 .flags = SETTING_REPEATABLE,
	 .help = "POINTER=VALUE that the JSON answer of probe-url must hold."},
	{ROW(SERVICE, "escalate-commits", NUMBER), FIELD(service, target.escalate_commits),
	 .min = 1, .max = COMMITS_MAX, .unit = "commits",
	 .help = "More undeployed commits than this raise the priority of its incident by one "
		 "step."},
	{ROW(SERVICE, "escalate-after", DURATION), FIELD(service, target.escalate_after_ms),
	 DURATION(SECOND),
	 .help = "An undeployed commit that was first seen longer ago than this raises the "
		 "priority of its incident by one step."},
	{ROW(SERVICE, "location", TEXT), .flags = SETTING_UNUSED, CLOUD,
	 .help = "Place of data; a service's place is region."},
	{ROW(TABLE, "table", TABLE), FIELD(table, table_given),
	 .fallback_note = "the section's name, when it has that form",
	 .help = "The table: DATASET.TABLE or PROJECT.DATASET.TABLE."},
	{ROW(TABLE, "method", CHOICE), FIELD(table, method), .fallback = "metadata",
	 .choices = method_choices,
	 .help = "How its age is found out: metadata (free: when the table was changed last), "
		 "column (the latest value of loaded-at-field), or partition (its newest partition "
		 "that has rows)."},
	{ROW(TABLE, "loaded-at-field", COLUMN), FIELD(table, loaded_at_field), COLUMN,
	 .help = "The column that says when a row was loaded: TIMESTAMP, DATETIME or DATE. "
		 "Required for column."},
	{ROW(TABLE, "filter", SQL), FIELD(table, filter), COLUMN,
	 .help = "A condition in SQL: only rows that it holds for count. A table that requires a "
		 "partition filter needs one here."},
	{ROW(TABLE, "warn-after", DURATION), FIELD(table, warn_after_ms), DURATION(SECOND),
	 .help = "Older than this it is pending."},
	{ROW(TABLE, "error-after", DURATION), FIELD(table, error_after_ms), DURATION(SECOND),
	 .help = "Older than this it is drift."},
	EXPECTED_ROW(TABLE, table),
	GRACE_ROW(TABLE, table),
	HOLIDAYS_ROW(TABLE, table),
	{ROW(TABLE, "active-when", SQL), FIELD(table, active_when),
	 .help = "A SELECT of one boolean. While it is false nothing is due."},
	{ROW(TABLE, "min-rows", ROWS), FIELD(table, min_rows), .min = 1, .max = ROWS_MAX,
	 .unit = "rows",
	 .help = "Fewer rows are drift: rows of the table, under filter, or for partition of the "
		 "newest partition that is due."},
	{ROW(TABLE, "volume", PERCENT), FIELD(table, volume_pct), PARTITION, .min = 1, .max = 99,
	 .unit = "percent",
	 .help = "How far the rows of the newest partition that is due may be below the median of "
		 "the same weekday of the four weeks before."},
	{ROW(TABLE, "max-bytes-billed", SIZE), FIELD(table, max_bytes_billed), SIZE,
	 .fallback_note = "1GB",
	 .help = "A query of a look that would be billed more than this is not made."},
	PLACE_ROWS(TABLE, table, .applies_to = 0),
	TARGET_ROWS(TABLE, table, "check-interval, and at least 30m when a look costs money"),
	NO_COMMITS_ROWS(TABLE),

	{ROW(COMPLETION, "document", DOCUMENT), FIELD(completion, document),
	 .flags = SETTING_REQUIRED,
	 .help = "The Firestore document that says what is finished: COLLECTION/DOCUMENT. {date} "
		 "in it becomes the date that it is about."},
	{ROW(COMPLETION, "date-zone", ZONE), FIELD(completion, date_zone),
	 .fallback_note = "the zone of expected, else timezone",
	 .help = "Zone of the date in document."},
	{ROW(COMPLETION, "date-offset", DAY_OFFSET), FIELD(completion, date_offset_days),
	 .fallback = "0d", .min = -366, .max = 366, .unit = "days",
	 .help = "Added to the date: -1d makes the document that of the day before."},
	{ROW(COMPLETION, "expect", COMPLETION_KEYS), FIELD(completion, expects),
	 .flags = SETTING_REQUIRED | SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "KEY that the document must have, or MODE: KEY for documents of that mode. A mode "
		 "without keys of its own has those without a mode."},
	{ROW(COMPLETION, "mode-field", FIELD_NAME), FIELD(completion, mode_field),
	 .help = "The field of the document that says its mode."},
	{ROW(COMPLETION, "done", DONE), FIELD(completion, done_field),
	 .fallback_note = "being there is enough",
	 .help = "FIELD=VALUE or FIELD=VALUE|VALUE: what the map under a key holds when that part "
		 "is done."},
	{ROW(COMPLETION, "evidence", EVIDENCE), FIELD(completion, evidence),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "KEY table/NAME: the table that this part writes. The document and the table are "
		 "held against each other."},
	EXPECTED_ROW(COMPLETION, completion),
	GRACE_ROW(COMPLETION, completion),
	HOLIDAYS_ROW(COMPLETION, completion),
	{ROW(COMPLETION, "active-when", SQL), FIELD(completion, active_when),
	 .help = "A SELECT of one boolean, for BigQuery. While it is false nothing is due."},
	{ROW(COMPLETION, "gcp", GCP), FIELD(completion, gcp), .fallback_note = "default",
	 .help = "The [gcp] section with its credentials, project and budget."},
	{ROW(COMPLETION, "project", PROJECT), FIELD(completion, project),
	 .fallback_note = "that of the gcp section", .help = "The project of the document."},
	{ROW(COMPLETION, "location", LOCATION), FIELD(completion, location),
	 .fallback_note = "Google finds it",
	 .help = "Where the data is that active-when asks for: US, EU or a region."},
	{ROW(COMPLETION, "region", REGION), .flags = SETTING_UNUSED,
	 .help = "Of no use for a document."},
	TARGET_ROWS(COMPLETION, completion,
		    "check-interval, and at least 30m when a look costs money"),
	NO_COMMITS_ROWS(COMPLETION),

	{ROW(INVENTORY, "source", CHOICE), FIELD(inventory, source), .flags = SETTING_REQUIRED,
	 .choices = data_source_choices, .help = "What to look at: bigquery or postgresql."},
	{ROW(INVENTORY, "dataset", DATASETS), FIELD(inventory, datasets), BIGQUERY,
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "The dataset: DATASET or PROJECT.DATASET. Required for bigquery."},
	{ROW(INVENTORY, "dsn", SECRET), FIELD(inventory, dsn), POSTGRESQL, .flags = SETTING_SECRET,
	 .help = "Connection string of libpq (keywords or URI). Kept like a secret. Required for "
		 "postgresql."},
	{ROW(INVENTORY, "schema", TEXTS), FIELD(inventory, schemas), POSTGRESQL,
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .fallback_note = "all but those of the system", .help = "The schema."},
	{ROW(INVENTORY, "expect-file", FILE), FIELD(inventory, expect_file),
	 .flags = SETTING_REQUIRED,
	 .help = "File that says what should exist. driftd snapshot writes it from what is there."},
	{ROW(INVENTORY, "ignore", TEXTS), FIELD(inventory, ignores),
	 .flags = SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "Names that do not count, with * and ?: analytics.tmp_*. What is part of one does "
		 "not count either."},
	{ROW(INVENTORY, "report-unexpected", BOOLEAN), FIELD(inventory, report_unexpected),
	 .fallback = "true", .help = "Whether what exists and is not in the file is drift."},
	PLACE_ROWS(INVENTORY, inventory, BIGQUERY),
	TARGET_ROWS(INVENTORY, inventory, "check-interval, and at least 30m for bigquery"),
	NO_COMMITS_ROWS(INVENTORY),

	{ROW(ASSERT, "source", CHOICE), FIELD(assert, source), .flags = SETTING_REQUIRED,
	 .choices = data_source_choices, .help = "What to ask: bigquery or postgresql."},
	{ROW(ASSERT, "sql-file", FILE), FIELD(assert, sql_file), .flags = SETTING_REQUIRED,
	 .help = "File with one SQL statement that only reads. It is read with the configuration."},
	{ROW(ASSERT, "expect", CONDITION), FIELD(assert, expect), .flags = SETTING_REQUIRED,
	 .help = "What must hold for its answer: rows OP N, value OP N or value between A and B, "
		 "where OP is one of = != < <= > >=. value is that of the only row and column."},
	{ROW(ASSERT, "warn", CONDITION), FIELD(assert, warn),
	 .help = "The same for a softer limit, about the same: pending when it does not hold."},
	{ROW(ASSERT, "dsn", SECRET), FIELD(assert, dsn), POSTGRESQL, .flags = SETTING_SECRET,
	 .help = "Connection string of libpq (keywords or URI). Kept like a secret. Required for "
		 "postgresql."},
	{ROW(ASSERT, "show-rows", BOOLEAN), FIELD(assert, show_rows), .fallback = "true",
	 .help = "Whether the first rows of an answer that fails are kept and shown."},
	{ROW(ASSERT, "max-bytes-billed", SIZE), FIELD(assert, max_bytes_billed), BIGQUERY, SIZE,
	 .fallback_note = "1GB",
	 .help = "A query of a look that would be billed more than this is not made."},
	{ROW(ASSERT, "active-when", SQL), FIELD(assert, active_when),
	 .help = "A SELECT of one boolean, asked of the same source. While it is false nothing is "
		 "asked."},
	PLACE_ROWS(ASSERT, assert, BIGQUERY),
	TARGET_ROWS(ASSERT, assert, "check-interval, and at least 30m for bigquery"),
	NO_COMMITS_ROWS(ASSERT),

	{ROW(BACKUP, "bucket", BUCKET), FIELD(backup, bucket), .flags = SETTING_REQUIRED,
	 .help = "The Cloud Storage bucket."},
	{ROW(BACKUP, "prefix", PREFIX), FIELD(backup, prefix), .fallback_note = "none",
	 .help = "The folder in the bucket that the backups' folders are in."},
	{ROW(BACKUP, "folder-format", FOLDER_FORMAT), FIELD(backup, folder_format),
	 .flags = SETTING_REQUIRED,
	 .help = "How a backup's folder is called: %Y %m %d %H %M %S, or %j (day of the year), or "
		 "%s (seconds since 1970), in UTC. Folders with other names are ignored."},
	{ROW(BACKUP, "files", FILE_NAMES), FIELD(backup, files),
	 .flags = SETTING_REQUIRED | SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "File that a complete backup has and that is not empty, by its name in the "
		 "folder."},
	{ROW(BACKUP, "metadata", FILE_NAME), FIELD(backup, metadata),
	 .help = "File in the folder that tells the rows of each table: "
		 "{\"tables\":[{\"table_name\",\"row_count\"}]}. Without rows, or with less "
		 "than half of the backup before, it is drift."},
	{ROW(BACKUP, "max-age", DURATION), FIELD(backup, max_age_ms), .flags = SETTING_REQUIRED,
	 DURATION(SECOND), .help = "The newest complete backup is not older than this."},
	{ROW(BACKUP, "retention", DURATION), FIELD(backup, retention_ms), DURATION(SECOND),
	 .help = "No folder is older than this: pending when one is."},
	{ROW(BACKUP, "gcp", GCP), FIELD(backup, gcp), .fallback_note = "default",
	 .help = "The [gcp] section with its credentials and project."},
	{ROW(BACKUP, "project", PROJECT), FIELD(backup, project),
	 .fallback_note = "that of the gcp section", .help = "The project of the bucket."},
	{ROW(BACKUP, "location", LOCATION), .flags = SETTING_UNUSED,
	 .help = "Of no use for a bucket."},
	{ROW(BACKUP, "region", REGION), .flags = SETTING_UNUSED, .help = "Of no use for a bucket."},
	TARGET_ROWS(BACKUP, backup, "check-interval"),
	NO_COMMITS_ROWS(BACKUP),

	{ROW(SLACK, "webhook", SECRET_URL), FIELD(channel, url),
	 .flags = SETTING_REQUIRED | SETTING_SECRET,
	 .help = "URL of a Slack incoming webhook. Kept like a secret."},
	CHANNEL_ROWS(SLACK),
	DIGEST_ROWS(SLACK),

	{ROW(WEBHOOK, "url", SECRET_URL), FIELD(channel, url),
	 .flags = SETTING_REQUIRED | SETTING_SECRET,
	 .help = "Where messages are posted to, as JSON. Kept like a secret."},
	{ROW(WEBHOOK, "secret", SECRET), FIELD(channel, secret), .flags = SETTING_SECRET,
	 .help = "Signs the body: X-Driftd-Signature-256 is sha256= and its HMAC-SHA-256 in hex."},
	CHANNEL_ROWS(WEBHOOK),
	DIGEST_ROWS(WEBHOOK),

	{ROW(ALERTMANAGER, "url", BASE_URL), FIELD(channel, url), .flags = SETTING_REQUIRED,
	 .help = "A Prometheus Alertmanager, without /api/v2: open incidents are told again each "
		 "minute, as it wants them."},
	CHANNEL_ROWS(ALERTMANAGER),
	NO_DIGEST_ROWS(ALERTMANAGER),

	{ROW(GITHUB, "repository", GITHUB_REPOSITORY), FIELD(channel, repository),
	 .flags = SETTING_REQUIRED,
	 .help = "Where the issues are: one for each target, commented when something changes, "
		 "closed when it is over."},
	{ROW(GITHUB, "token", SECRET), FIELD(channel, token),
	 .flags = SETTING_REQUIRED | SETTING_SECRET,
	 .help = "Access token that may read and write issues there."},
	{ROW(GITHUB, "label", LABEL), FIELD(channel, label), .fallback = "drift",
	 .help = "Label of the issues, by which they are found again."},
	{ROW(GITHUB, "api-url", BASE_URL), FIELD(channel, url),
	 .fallback = "https://api.github.com", .help = "GitHub's API, for GitHub Enterprise."},
	CHANNEL_ROWS(GITHUB),
	NO_DIGEST_ROWS(GITHUB),

	{ROW(WINDOW, "start", SCHEDULE), FIELD(window, start), .flags = SETTING_REQUIRED,
	 .help = "When it begins, each time: five cron fields and a time zone, as in expected."},
	{ROW(WINDOW, "duration", DURATION), FIELD(window, duration_ms), .flags = SETTING_REQUIRED,
	 DURATION(SECOND), .help = "How long it lasts."},
	{ROW(WINDOW, "matcher", MATCHERS), FIELD(window, matchers),
	 .flags = SETTING_REQUIRED | SETTING_REPEATABLE | SETTING_DISTINCT,
	 .help = "Which targets nothing is told of meanwhile, as in route. They are looked at all "
		 "the same."},
};

_Static_assert(sizeof(enum priority) == sizeof(int) && sizeof(enum config_source) == sizeof(int) &&
		       sizeof(enum config_protect) == sizeof(int) &&
		       sizeof(enum table_method) == sizeof(int) &&
		       sizeof(enum config_data_source) == sizeof(int),
	       "CHOICE keeps its value in an int");

const struct setting *settings_all(size_t *ret_count)
{
	*ret_count = G_N_ELEMENTS(table);
	return table;
}
