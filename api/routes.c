/* routes - the table of all routes and their parameters; openapi.json describes the same, and a
 * test holds the two together. DESIGN 9. */
#include "api/router.h"

#include "alert/incident.h"
#include "api/dashboard/days.h"
#include "api/dashboard/pages.h"
#include "api/handlers.h"
#include "matcher.h"

/** Longest time a request may wait for a check: five minutes, as long as proxies bear. */
#define CHECK_WAIT_MAX_S 300

#define PAGE_MAX 1000

/** Pages of the overview: more targets than anybody has. */
#define OVERVIEW_PAGES_MAX 100000

const char *const handle_kinds[] = {"service", "table",  "completion", "inventory",
				    "assert",  "backup", NULL};
const char *const handle_states[] = {"ok", "pending", "unknown", "drift", "paused", NULL};

static const char *const priorities[] = {"P0", "P1", "P2", NULL};
static const char *const formats[] = {"json", "text", NULL};
static const char *const page_formats[] = {"json", "text", "html", NULL};
static const char *const list_formats[] = {"text", "html", NULL};

#define FORMAT .name = "format", .type = PARAMETER_WORD, .words = formats
#define PAGE_FORMAT .name = "format", .type = PARAMETER_WORD, .words = page_formats
#define LIST_FORMAT .name = "format", .type = PARAMETER_WORD, .words = list_formats
#define CURSOR .name = "cursor", .type = PARAMETER_TEXT
#define SEARCH .name = "q", .type = PARAMETER_TEXT, .may_be_empty = true
#define FLAG(NAME) .name = (NAME), .type = PARAMETER_FLAG
#define TEXTS(NAME) .name = (NAME), .type = PARAMETER_TEXT, .repeatable = true
#define WORDS(NAME, LIST)                                                                          \
	.name = (NAME), .type = PARAMETER_WORD, .repeatable = true, .words = (LIST)
#define NUMBER(NAME, MIN, MAX) .name = (NAME), .type = PARAMETER_NUMBER, .min = (MIN), .max = (MAX)

static const struct parameter form[] = {{FORMAT}};
static const struct parameter page_form[] = {{PAGE_FORMAT}};
static const struct parameter target[] = {
	{PAGE_FORMAT},
	{.name = "span", .type = PARAMETER_WORD, .words = target_page_spans},
};
static const struct parameter list_form[] = {{LIST_FORMAT}};
static const struct parameter drift[] = {
	{FORMAT},
	{FLAG("all")},
	{WORDS("kind", handle_kinds)},
	{WORDS("priority", priorities)},
	{WORDS("state", handle_states)},
	{TEXTS("owner")},
	{TEXTS("repo")},
	{SEARCH},
	{NUMBER("limit", 1, PAGE_MAX)},
	{CURSOR},
};
static const char *const groups[] = {"kind", "owner", "state", NULL};
/* The overview: as /drift, with everything shown unasked. */
static const struct parameter overview[] = {
	{LIST_FORMAT},
	{WORDS("kind", handle_kinds)},
	{WORDS("priority", priorities)},
	{WORDS("state", handle_states)},
	{TEXTS("owner")},
	{TEXTS("repo")},
	{SEARCH},
	{.name = "group", .type = PARAMETER_WORD, .words = groups},
	{NUMBER("page", 1, OVERVIEW_PAGES_MAX)},
};
static const struct parameter check[] = {
	{FORMAT},
	{NUMBER("wait", 0, CHECK_WAIT_MAX_S)},
	{FLAG("strict")},
	{FLAG("force")},
};
static const struct parameter gate[] = {
	{FORMAT},
	{TEXTS("target")},
	{WORDS("kind", handle_kinds)},
	{WORDS("priority", priorities)},
	{FLAG("strict")},
	{FLAG("allow-unknown")},
};
static const char *const incident_statuses[] = {"open", "acknowledged", "resolved", "withdrawn",
						NULL};
static const char *const notification_states[] = {"waiting", "sent", "failed", NULL};

#define TEXT(NAME) .name = (NAME), .type = PARAMETER_TEXT
#define WORD(NAME, LIST) .name = (NAME), .type = PARAMETER_WORD, .words = (LIST)

static const struct parameter incidents[] = {
	{PAGE_FORMAT},    {WORDS("status", incident_statuses)},
	{TEXT("target")}, {NUMBER("limit", 1, PAGE_MAX)},
	{CURSOR},
};
static const struct parameter silences[] = {
	{PAGE_FORMAT},
	{FLAG("all")},
	{NUMBER("limit", 1, PAGE_MAX)},
	{CURSOR},
};
static const struct parameter notifications[] = {
	{PAGE_FORMAT},
	{TEXT("channel")},
	{WORD("state", notification_states)},
	{NUMBER("limit", 1, PAGE_MAX)},
	{CURSOR},
};
/* What a signed link carries. */
static const struct parameter ack_link[] = {
	{TEXT("e")},
	{TEXT("s")},
};
static const struct parameter history[] = {
	{FORMAT},
	{NUMBER("limit", 1, PAGE_MAX)},
	{CURSOR},
};

static const struct parameter days[] = {
	{FORMAT},
	{NUMBER("days", 1, DAYS_MAX)},
};
static const struct parameter summary[] = {
	{FORMAT},
	{TEXT("period")},
};
static const struct parameter config[] = {
	{PAGE_FORMAT},
	{SEARCH},
};
static const struct parameter badge[] = {
	{TEXT("label")},
};

/** Longest token that fits the form: as long as an OIDC token may be. */
#define TOKEN_MAX_BYTES OIDC_TOKEN_MAX_BYTES

#define WHO                                                                                        \
	.name = "who", .type = BODY_FIELD_TEXT, .required = true,                                  \
	.max_bytes = INCIDENT_WHO_MAX_BYTES
#define WHY .name = "why", .type = BODY_FIELD_TEXT, .max_bytes = INCIDENT_WHY_MAX_BYTES

static const struct body_field ack_fields[] = {{WHO}, {WHY}};
static const struct body_field ack_form_fields[] = {
	{WHO},
	{WHY},
	{.name = "token", .type = BODY_FIELD_TEXT, .max_bytes = TOKEN_MAX_BYTES},
};
static const struct body_field false_alarm_fields[] = {
	{.name = "false_alarm", .type = BODY_FIELD_FLAG},
};
static const struct body_field silence_fields[] = {
	{.name = "matcher",
	 .type = BODY_FIELD_TEXT,
	 .required = true,
	 .max_bytes = MATCHER_TEXT_MAX_BYTES},
	{.name = "until", .type = BODY_FIELD_TIME, .required = true},
	{WHO},
	{WHY, .required = true},
};

#define FIELDS(TABLE) .fields = (TABLE), .field_count = G_N_ELEMENTS(TABLE)
#define PARAMETERS(TABLE) .parameters = (TABLE), .parameter_count = G_N_ELEMENTS(TABLE)

static const struct route routes[] = {
	{.path = "/status",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(form),
	 .handle = handle_status,
	 .help = "overall state, score, checks, repositories, one line per target"},
	{.path = "/drift",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(drift),
	 .handle = handle_drift,
	 .help = "targets that are not ok, worst first, with reasons; all=1: every one"},
	{.path = "/metrics",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .handle = handle_metrics,
	 .help = "for Prometheus"},
	{.path = "/gate",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(gate),
	 .handle = handle_gate,
	 .help = "200 when the targets asked for are ok, 409 when not"},
	{.path = "/check",
	 .methods = ROUTE_GET | ROUTE_POST,
	 .need = AUTH_NEED_WRITE,
	 .has_text = true,
	 PARAMETERS(check),
	 .handle = handle_check,
	 .finish = handle_check_outcome,
	 .help = "run a check now, wait for it, and say what came of it"},
	{.path = "/healthz",
	 .methods = ROUTE_GET,
	 .any_host = true,
	 .handle = handle_healthz,
	 .help = "alive"},
	{.path = "/readyz",
	 .methods = ROUTE_GET,
	 .any_host = true,
	 .handle = handle_readyz,
	 .help = "first check done and database writable"},
	{.path = "/version",
	 .methods = ROUTE_GET,
	 .handle = handle_version,
	 .help = "version and commit of this driftd"},
	{.path = "/openapi.json",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .handle = handle_openapi,
	 .help = "all of this, described for programs"},
	{.path = "/",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(overview),
	 .handle = handle_index,
	 .page = page_overview,
	 .help = "the dashboard; for other than browsers, this list"},
	{.path = "/docs",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(list_form),
	 .handle = handle_index,
	 .page = page_docs,
	 .help = "openapi.json as a page"},
	{.path = "/assets/{hash}/{file}",
	 .parts = 2,
	 .methods = ROUTE_GET,
	 .handle = handle_asset,
	 .help = "what pages of the dashboard load"},
	{.path = "/events",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .handle = handle_events,
	 .help = "transitions as they happen, and how checks go (server-sent events)"},
	{.path = "/badge.svg",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 PARAMETERS(badge),
	 .handle = handle_badge_overall,
	 .help = "the overall state as an image"},
	{.path = "/badge/{kind}/{name}.svg",
	 .parts = 2,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 PARAMETERS(badge),
	 .handle = handle_badge,
	 .help = "the state of a target as an image"},
	{.path = "/summary",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(summary),
	 .handle = handle_summary,
	 .help = "a period in figures, against the one before: deployments, lead time, response "
		 "times"},
	{.path = "/config",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(config),
	 .handle = handle_config,
	 .page = page_config,
	 .help = "the configuration in force, without secrets, and what is doubtful in it"},
	{.path = "/drift/{kind}/{name}",
	 .parts = 2,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(target),
	 .handle = handle_target,
	 .page = page_target,
	 .help = "one target in full"},
	{.path = "/drift/{name}",
	 .parts = 1,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(target),
	 .handle = handle_target_name,
	 .page = page_target_name,
	 .help = "the same, where the name alone is unambiguous"},
	{.path = "/history/{kind}/{name}",
	 .parts = 2,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(history),
	 .handle = handle_history,
	 .help = "transitions and deployments of a target, newest first"},
	{.path = "/history/{kind}/{name}/days",
	 .parts = 2,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(days),
	 .handle = handle_days,
	 .help = "how a target fared, day by day"},
	{.path = "/checks/{id}",
	 .parts = 1,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(form),
	 .handle = handle_check_id,
	 .help = "a check: running, or what came of it"},
	{.path = "/incidents",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(incidents),
	 .handle = handle_incidents,
	 .page = page_incidents,
	 .help = "what has drifted, or could not be seen, for how long; newest first"},
	{.path = "/incidents/summary",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(form),
	 .handle = handle_incidents_summary,
	 .help = "7, 30 and 90 days in figures: times to acknowledge and resolve, deployments"},
	{.path = "/incidents/{n}",
	 .parts = 1,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(page_form),
	 .handle = handle_incident,
	 .page = page_incident,
	 .help = "one incident"},
	{.path = "/incidents/{n}/ack",
	 .parts = 1,
	 .methods = ROUTE_POST,
	 .need = AUTH_NEED_WRITE,
	 .has_text = true,
	 PARAMETERS(form),
	 .body = ROUTE_BODY_JSON,
	 FIELDS(ack_fields),
	 .handle = handle_incident_ack,
	 .finish = handle_incident_changed,
	 .help = "take it up: {\"who\",\"why\"}"},
	{.path = "/incidents/{n}/false-alarm",
	 .parts = 1,
	 .methods = ROUTE_POST,
	 .need = AUTH_NEED_WRITE,
	 .has_text = true,
	 PARAMETERS(form),
	 .body = ROUTE_BODY_JSON,
	 FIELDS(false_alarm_fields),
	 .handle = handle_incident_false_alarm,
	 .finish = handle_incident_changed,
	 .help = "mark it as a false alarm, or, with {\"false_alarm\":false}, not"},
	{.path = "/ack/{n}",
	 .parts = 1,
	 .methods = ROUTE_GET,
	 PARAMETERS(ack_link),
	 .handle = handle_ack_page,
	 .help = "what acknowledge links in messages open: a page with a button"},
	{.path = "/ack/{n}",
	 .parts = 1,
	 .methods = ROUTE_POST,
	 PARAMETERS(ack_link),
	 .body = ROUTE_BODY_FORM,
	 FIELDS(ack_form_fields),
	 .handle = handle_ack_form,
	 .finish = handle_ack_done,
	 .help = "that button"},
	{.path = "/silences",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(silences),
	 .handle = handle_silences,
	 .page = page_silences,
	 .help = "silences and maintenance windows; all=1: also those that are over"},
	{.path = "/silences",
	 .methods = ROUTE_POST,
	 .need = AUTH_NEED_WRITE,
	 .has_text = true,
	 PARAMETERS(form),
	 .body = ROUTE_BODY_JSON,
	 FIELDS(silence_fields),
	 .handle = handle_silence_add,
	 .finish = handle_silence_changed,
	 .help = "send no messages: {\"matcher\",\"until\",\"who\",\"why\"}"},
	{.path = "/silences/{id}",
	 .parts = 1,
	 .methods = ROUTE_DELETE,
	 .need = AUTH_NEED_WRITE,
	 .has_text = true,
	 PARAMETERS(form),
	 .handle = handle_silence_end,
	 .finish = handle_silence_changed,
	 .help = "end a silence"},
	{.path = "/notifications",
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(notifications),
	 .handle = handle_notifications,
	 .page = page_notifications,
	 .help = "messages: sent, waiting, given up; with every attempt"},
	{.path = "/hooks/github",
	 .methods = ROUTE_POST,
	 .body = ROUTE_BODY_HOOK,
	 .hook = HOOK_SENDER_GITHUB,
	 .handle = handle_hook,
	 .help = "a push, signed with the webhook-secret of a [repo]"},
	{.path = "/hooks/gitlab",
	 .methods = ROUTE_POST,
	 .body = ROUTE_BODY_HOOK,
	 .hook = HOOK_SENDER_GITLAB,
	 .handle = handle_hook,
	 .help = "the same of GitLab, with its token"},
};

const struct route *router_routes(size_t *ret_count)
{
	*ret_count = G_N_ELEMENTS(routes);
	return routes;
}
