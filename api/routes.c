/* routes - the table of all routes and their parameters; openapi.json describes the same, and a
 * test holds the two together. DESIGN 9. */
#include "api/router.h"

#include "api/handlers.h"

/** Longest time a request may wait for a check: five minutes, as long as proxies bear. */
#define CHECK_WAIT_MAX_S 300

#define PAGE_MAX 1000

const char *const handle_kinds[] = {"service", "table",  "completion", "inventory",
				    "assert",  "backup", NULL};
const char *const handle_states[] = {"ok", "pending", "unknown", "drift", "paused", NULL};

static const char *const priorities[] = {"P0", "P1", "P2", NULL};
static const char *const formats[] = {"json", "text", NULL};

#define FORMAT .name = "format", .type = PARAMETER_WORD, .words = formats
#define CURSOR .name = "cursor", .type = PARAMETER_TEXT
#define FLAG(NAME) .name = (NAME), .type = PARAMETER_FLAG
#define TEXTS(NAME) .name = (NAME), .type = PARAMETER_TEXT, .repeatable = true
#define WORDS(NAME, LIST)                                                                          \
	.name = (NAME), .type = PARAMETER_WORD, .repeatable = true, .words = (LIST)
#define NUMBER(NAME, MIN, MAX) .name = (NAME), .type = PARAMETER_NUMBER, .min = (MIN), .max = (MAX)

static const struct parameter form[] = {{FORMAT}};
static const struct parameter drift[] = {
	{FORMAT},
	{FLAG("all")},
	{WORDS("kind", handle_kinds)},
	{WORDS("priority", priorities)},
	{WORDS("state", handle_states)},
	{TEXTS("owner")},
	{TEXTS("repo")},
	{NUMBER("limit", 1, PAGE_MAX)},
	{CURSOR},
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
static const struct parameter history[] = {
	{FORMAT},
	{NUMBER("limit", 1, PAGE_MAX)},
	{CURSOR},
};

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
	 .handle = handle_index,
	 .help = "this list"},
	{.path = "/drift/{kind}/{name}",
	 .parts = 2,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(form),
	 .handle = handle_target,
	 .help = "one target in full"},
	{.path = "/drift/{name}",
	 .parts = 1,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(form),
	 .handle = handle_target_name,
	 .help = "the same, where the name alone is unambiguous"},
	{.path = "/history/{kind}/{name}",
	 .parts = 2,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(history),
	 .handle = handle_history,
	 .help = "transitions and deployments of a target, newest first"},
	{.path = "/checks/{id}",
	 .parts = 1,
	 .methods = ROUTE_GET,
	 .need = AUTH_NEED_READ,
	 .has_text = true,
	 PARAMETERS(form),
	 .handle = handle_check_id,
	 .help = "a check: running, or what came of it"},
};

const struct route *router_routes(size_t *ret_count)
{
	*ret_count = G_N_ELEMENTS(routes);
	return routes;
}
