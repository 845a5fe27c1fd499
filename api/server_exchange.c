/* server_exchange - one request and its answer, as libmicrohttpd calls for them: the first line, the
 * headers, the body piece by piece, the end. Whoever waits for a check is suspended between two
 * calls. Any thread of the pool. */
#include "api/server_private.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>

#include "api/hook_guard.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/response.h"
#include "api/router.h"
#include "clk.h"

/* What must be kept between the calls of one request. A plain GET has none: it is marked as begun by
 * the address of plain_mark. */
struct exchange {
	char *query; /* behind "?", as sent; NULL: none */
	bool is_too_long;
	bool begun;
	int64_t body_bytes, body_max_bytes;
	struct upload upload;
	struct hook_guard *hook; /* of a hook; else NULL */
	struct server *server;

	/* of a wait; written by whoever completes it, before the connection is resumed */
	struct MHD_Connection *connection;
	bool waited;
	bool is_for_keys;  /* the wait: judged anew when they are there */
	bool keys_awaited; /* that has been */
	GError *refusal;   /* there was no wait after all */
	bool is_command;
	int64_t command_id;
	GError *command_error;
	int64_t check_id;
	char *summary;
	enum state overall;
	char *failure;
};

static char plain_mark;

static struct exchange *exchange_of(void *context)
{
	return context == &plain_mark ? NULL : context;
}

static struct exchange *exchange_create(struct server *server)
{
	struct exchange *exchange = g_new0(struct exchange, 1);

	exchange->server = server;
	exchange->body_max_bytes = API_BODY_MAX_BYTES;
	return exchange;
}

static struct exchange *exchange_need(struct server *server, void **context)
{
	struct exchange *exchange = exchange_of(*context);

	if (!exchange) {
		exchange = exchange_create(server);
		exchange->begun = *context == &plain_mark;
		*context = exchange;
	}
	return exchange;
}

static void exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	g_free(exchange->query);
	upload_drop(&exchange->upload);
	hook_guard_free(exchange->hook);
	g_clear_error(&exchange->refusal);
	g_clear_error(&exchange->command_error);
	g_free(exchange->summary);
	g_free(exchange->failure);
	g_free(exchange);
}

void *server_begin(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct server *server = data;
	const char *question = uri ? strchr(uri, '?') : NULL;
	bool is_too_long = uri && strlen(uri) > API_URI_MAX_BYTES;
	struct exchange *exchange = NULL;

	(void)connection; /* nothing of it is known yet */
	(void)atomic_fetch_add(&server->active, 1);
	if (!question && !is_too_long)
		return NULL;
	exchange = exchange_create(server);
	exchange->is_too_long = is_too_long;
	exchange->query = question && !is_too_long ? g_strdup(question + 1) : NULL;
	return exchange;
}

void server_completed(void *data, struct MHD_Connection *connection, void **context,
		      enum MHD_RequestTerminationCode code)
{
	struct server *server = data;

	(void)connection;
	(void)code; /* whether it was read to its end changes nothing here */
	exchange_free(exchange_of(*context));
	*context = NULL;
	if (atomic_fetch_sub(&server->active, 1) == 1 && atomic_load(&server->stopping))
		(void)eventfd_write(server->idle_fd, 1); /* full: it has been told already */
}

static bool is_loopback(const struct sockaddr *address)
{
	if (!address)
		return false;
	if (address->sa_family == AF_UNIX)
		return true;
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const void *)address; /* by its family */

		return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)address; /* by its family */

		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
		       (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) && v6->sin6_addr.s6_addr[12] == 127);
	}
	return false;
}

static void take_single(const char **place, const char *name, const char *value,
			struct request_headers *headers)
{
	if (*place)
		headers->repeated = name;
	*place = value;
}

/* Fields that only hooks have. */
static void take_hook_header(struct request_headers *headers, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **place;
	} fields[] = {
		{"X-GitHub-Event", &headers->github_event},
		{"X-GitHub-Delivery", &headers->github_delivery},
		{"X-Hub-Signature-256", &headers->hub_signature},
		{"X-Gitlab-Event", &headers->gitlab_event},
		{"X-Gitlab-Token", &headers->gitlab_token},
		{"X-Gitlab-Event-UUID", &headers->gitlab_delivery},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (g_ascii_strcasecmp(name, fields[i].name) == 0)
			take_single(fields[i].place, fields[i].name, value, headers);
}

/* A field that is a list: more of them are rare, and the first is answer enough. */
static void take_list(const char **place, const char *value)
{
	if (!*place)
		*place = value;
}

static void take_length(struct request_headers *headers, const char *value)
{
	headers->is_ambiguous = headers->is_ambiguous || headers->content_length;
	headers->content_length = value;
}

static enum MHD_Result take_header(void *data, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct request_headers *headers = data;

	(void)kind; /* only header fields were asked for */
	if (!value)
		value = "";
	switch (g_ascii_tolower(name[0])) {
	case 'h':
		if (g_ascii_strcasecmp(name, "Host") == 0)
			take_single(&headers->host, "Host", value, headers);
		break;
	case 'a':
		if (g_ascii_strcasecmp(name, "Accept") == 0)
			take_list(&headers->accept, value);
		else if (g_ascii_strcasecmp(name, "Accept-Encoding") == 0)
			take_list(&headers->accept_encoding, value);
		else if (g_ascii_strcasecmp(name, "Authorization") == 0)
			take_single(&headers->authorization, "Authorization", value, headers);
		break;
	case 'c':
		if (g_ascii_strcasecmp(name, "Content-Type") == 0)
			take_single(&headers->content_type, "Content-Type", value, headers);
		else if (g_ascii_strcasecmp(name, "Content-Length") == 0)
			take_length(headers, value);
		break;
	case 't':
		if (g_ascii_strcasecmp(name, "Transfer-Encoding") == 0)
			headers->has_transfer_encoding = true;
		break;
	case 'i':
		if (g_ascii_strcasecmp(name, "If-None-Match") == 0)
			take_list(&headers->if_none_match, value);
		else if (g_ascii_strcasecmp(name, "Idempotency-Key") == 0)
			take_single(&headers->idempotency_key, "Idempotency-Key", value, headers);
		break;
	case 'l':
		if (g_ascii_strcasecmp(name, "Last-Event-ID") == 0)
			take_single(&headers->last_event_id, "Last-Event-ID", value, headers);
		break;
	case 'o':
		if (g_ascii_strcasecmp(name, "Origin") == 0)
			take_single(&headers->origin, "Origin", value, headers);
		break;
	case 's':
		if (g_ascii_strcasecmp(name, "Sec-Fetch-Site") == 0)
			take_single(&headers->sec_fetch_site, "Sec-Fetch-Site", value, headers);
		break;
	case 'f':
	case 'v':
	case 'x':
		if (g_ascii_strcasecmp(name, "Forwarded") == 0 ||
		    g_ascii_strcasecmp(name, "Via") == 0 ||
		    g_ascii_strcasecmp(name, "X-Forwarded-For") == 0 ||
		    g_ascii_strcasecmp(name, "X-Real-IP") == 0)
			headers->forwarded = true;
		else
			take_hook_header(headers, name, value);
		break;
	}
	return MHD_YES;
}

static enum request_method method_of(const char *text)
{
	if (strcmp(text, "GET") == 0)
		return REQUEST_METHOD_GET;
	if (strcmp(text, "HEAD") == 0)
		return REQUEST_METHOD_HEAD;
	if (strcmp(text, "DELETE") == 0)
		return REQUEST_METHOD_DELETE;
	return strcmp(text, "POST") == 0 ? REQUEST_METHOD_POST : REQUEST_METHOD_NONE;
}

static void request_init(struct request *request, struct server *server,
			 struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *peer =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const union MHD_ConnectionInfo *fd =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	request->app = server->app;
	request->peer = peer ? peer->client_addr : NULL;
	request->peer_loopback = is_loopback(request->peer);
	request->socket_fd = fd ? fd->connect_fd : -1;
	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header,
					&request->headers); /* how many does not matter */
	if (request->headers.content_length && request->headers.has_transfer_encoding)
		request->headers.is_ambiguous = true;
}

/* Does the request say that its body is longer than @p limit? */
static bool is_oversized(struct MHD_Connection *connection, int64_t limit)
{
	const char *length =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
	guint64 bytes = 0;

	return length && g_ascii_string_to_unsigned(length, 10, 0, G_MAXUINT64, &bytes, NULL) &&
	       bytes > (guint64)limit;
}

static void refuse_body(int64_t max_bytes, struct response *response)
{
	problem_set(response, PROBLEM_BODY_TOO_LARGE,
		    "the body has more than %" PRId64 " bytes; no more is taken here", max_bytes);
}

static void start_hook(struct exchange *exchange, struct MHD_Connection *connection,
		       const struct route *route)
{
	bool github = route->hook == HOOK_SENDER_GITHUB;
	struct config *config = NULL;
	struct auth_rules *rules = server_ref_rules(exchange->server, &config);

	exchange->body_max_bytes = ROUTE_HOOK_MAX_BYTES;
	exchange->hook = hook_guard_create(
		config, route->hook,
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					    github ? "X-Hub-Signature-256" : "X-Gitlab-Token"));
	if (hook_guard_has_hope(exchange->hook))
		upload_start(&exchange->upload, exchange->server, ROUTE_HOOK_KEPT_BYTES,
			     API_BODIES_HOOKS_BYTES);
	config_unref(config);
	auth_rules_unref(rules);
}

/* What the route wants with the body that is to come. */
static void start_body(struct exchange *exchange, struct MHD_Connection *connection,
		       const char *url, enum request_method method)
{
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES] = {{0}};
	const struct route *route = router_find(url, method, parts);

	if (method != REQUEST_METHOD_POST || !route || !router_takes(route, method))
		return;
	switch (route->body) {
	case ROUTE_BODY_JSON:
	case ROUTE_BODY_FORM:
		exchange->body_max_bytes = ROUTE_FIELDS_MAX_BYTES;
		upload_start(&exchange->upload, exchange->server, ROUTE_FIELDS_MAX_BYTES,
			     API_BODIES_MAX_BYTES);
		break;
	case ROUTE_BODY_HOOK:
		start_hook(exchange, connection, route);
		break;
	case ROUTE_BODY_NONE:
		break;
	}
}

/* So much is read before the connection is closed. */
static int64_t discard_max_bytes(const struct exchange *exchange)
{
	return MAX(exchange->body_max_bytes, 0) > API_BODY_MAX_BYTES
		       ? exchange->body_max_bytes + API_BODY_DISCARD_MAX_BYTES
		       : API_BODY_DISCARD_MAX_BYTES;
}

/* Headers are there, the body is not. Answering now costs the connection, so only what cannot be
 * waited for is answered. */
static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection,
			     const char *url, const char *method, void **context)
{
	bool expects = false;
	struct exchange *exchange = exchange_of(*context);

	if (request_is_read(method_of(method))) {
		if (exchange)
			exchange->begun = true;
		else
			*context = &plain_mark;
		return MHD_YES;
	}
	exchange = exchange_need(server, context);
	exchange->begun = true;
	start_body(exchange, connection, url, method_of(method));
	expects = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Expect") != NULL;
	if (is_oversized(connection,
			 expects ? exchange->body_max_bytes : discard_max_bytes(exchange))) {
		struct response response = {0};
		enum MHD_Result sent = MHD_NO;

		refuse_body(exchange->body_max_bytes, &response);
		sent = server_send(connection, &response, true);
		response_done(&response);
		return sent;
	}
	return MHD_YES;
}

static enum MHD_Result swallow(struct server *server, void **context, const char *data,
			       size_t *bytes)
{
	struct exchange *exchange = exchange_need(server, context);

	exchange->body_bytes += (int64_t)*bytes; /* at most a buffer at a time */
	if (exchange->body_bytes <= exchange->body_max_bytes) {
		upload_add(&exchange->upload, data, *bytes);
		if (exchange->hook)
			hook_guard_update(exchange->hook, data, *bytes);
	} else {
		upload_drop(&exchange->upload);
	}
	*bytes = 0;
	return exchange->body_bytes > discard_max_bytes(exchange) ? MHD_NO : MHD_YES;
}

static size_t header_bytes(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info ? info->header_size : 0;
}

/* What is wrong before anybody looks at where it wants to go. False: answered. */
static bool check_frame(struct server *server, struct MHD_Connection *connection, const char *url,
			const struct exchange *exchange, struct response *response)
{
	if (exchange && exchange->is_too_long)
		problem_set(response, PROBLEM_URI_TOO_LONG,
			    "path and query have more than %u bytes: ask for less at once",
			    API_URI_MAX_BYTES);
	else if (header_bytes(connection) > API_HEADERS_MAX_BYTES)
		problem_set(response, PROBLEM_HEADERS_TOO_LARGE,
			    "the header fields have more than %u bytes", API_HEADERS_MAX_BYTES);
	else if (exchange && exchange->body_bytes > exchange->body_max_bytes)
		refuse_body(exchange->body_max_bytes, response);
	else if (exchange && exchange->upload.is_crowded_out && !exchange->hook)
		problem_set(response, PROBLEM_BUSY,
			    "the bodies of other requests take all the memory there is for them: "
			    "ask again in a moment");
	else if (url[0] != '/')
		problem_set(response, PROBLEM_INVALID_REQUEST,
			    "the request target does not begin with \"/\": this is no proxy");
	else if (atomic_load(&server->stopping) && !(exchange && exchange->waited))
		problem_set(response, PROBLEM_BUSY, "driftd is stopping");
	else
		return true;
	return false;
}

/* waiter.complete: on the scheduler's thread. The exchange is the connection's again as soon as it
 * is resumed. */
static void complete_wait(void *data, int64_t check_id, const char *summary, enum state overall,
			  const char *error)
{
	struct exchange *exchange = data;

	exchange->check_id = check_id;
	exchange->summary = g_strdup(summary);
	exchange->overall = overall;
	exchange->failure = g_strdup(error);
	exchange->waited = true;
	MHD_resume_connection(exchange->connection);
}

/* app_command.complete: likewise. */
static void complete_command(void *data, int64_t id, const GError *error)
{
	struct exchange *exchange = data;

	exchange->command_id = id;
	exchange->command_error = error ? g_error_copy(error) : NULL;
	exchange->waited = true;
	MHD_resume_connection(exchange->connection);
}

static bool send_check(struct exchange *exchange, const struct response_wait *wait, GError **error)
{
	struct waiter *waiter = g_new0(struct waiter, 1);

	waiter->arrived_mono_ms = clk_mono_ms();
	waiter->deadline_mono_ms = waiter->arrived_mono_ms + wait->wait_ms;
	waiter->force = wait->force;
	waiter->complete = complete_wait;
	waiter->data = exchange;
	if (app_wait_check(exchange->server->app, waiter, error))
		return true;
	g_free(waiter);
	return false;
}

/* Takes wait's command. */
static bool send_command(struct exchange *exchange, struct response_wait *wait, GError **error)
{
	struct app_command *command = g_steal_pointer(&wait->command);

	command->deadline_mono_ms = clk_mono_ms() + wait->wait_ms;
	command->complete = complete_command;
	command->data = exchange;
	if (app_send_command(exchange->server->app, command, error))
		return true;
	app_command_free(command);
	return false;
}

/* Suspended first: the answer may come before it is handed over. A client that leaves meanwhile is
 * noticed when the connection is resumed, so that the exchange is there until then. */
static enum MHD_Result start_wait(struct server *server, struct MHD_Connection *connection,
				  struct response_wait *wait, void **context)
{
	struct exchange *exchange = exchange_need(server, context);
	GError *error = NULL;

	exchange->connection = connection;
	exchange->waited = false;
	exchange->is_command = wait->command != NULL;
	exchange->is_for_keys = wait->command && wait->command->kind == APP_COMMAND_KEYS;
	MHD_suspend_connection(connection);
	if (!(wait->command ? send_command(exchange, wait, &error)
			    : send_check(exchange, wait, &error))) {
		exchange->refusal = error;
		exchange->waited = true;
		MHD_resume_connection(connection);
	}
	return MHD_YES;
}

static void route(struct request *request, struct exchange *exchange, struct response *response)
{
	bool judged_anew = exchange && exchange->waited && exchange->is_for_keys;

	if (exchange && exchange->refusal) {
		problem_set_error(response, exchange->refusal);
	} else if (exchange && exchange->waited && !judged_anew) {
		struct router_outcome outcome = {
			.check_id = exchange->check_id,
			.summary = exchange->summary,
			.overall = exchange->overall,
			.error = exchange->failure,
			.id = exchange->command_id,
			.command_error = exchange->command_error,
		};

		router_answer_waited(request, &outcome, response);
	} else {
		if (judged_anew) {
			exchange->keys_awaited = true;
			g_clear_error(&exchange->command_error); /* what is there now is judged */
		}
		request->keys_awaited = exchange && exchange->keys_awaited;
		router_answer(request, response);
	}
}

static void take_body(struct request *request, const struct exchange *exchange)
{
	if (!exchange)
		return;
	request->body = exchange->upload.bytes;
	request->body_bytes = exchange->upload.length;
	request->body_dropped = exchange->body_bytes > 0 && !exchange->upload.bytes;
	request->hook = exchange->hook;
}

/* What follows could be taken for another request by whoever stands in between. */
static void refuse_framing(struct response *response)
{
	problem_set(response, PROBLEM_INVALID_REQUEST,
		    "the length of the body is given more than once: send one Content-Length, or "
		    "Transfer-Encoding alone");
}

static enum MHD_Result answer(struct server *server, struct MHD_Connection *connection,
			      const char *url, const char *method, void **context)
{
	struct exchange *exchange = exchange_of(*context);
	struct request request = {.path = url, .method = method_of(method)};
	struct response response = {0};
	struct config *config = NULL;
	struct auth_rules *rules = server_ref_rules(server, &config);
	struct query query = {0};
	g_autoptr(GError) error = NULL;
	enum MHD_Result result = MHD_NO;
	bool close_after = atomic_load(&server->stopping);

	if (!query_parse(exchange ? exchange->query : NULL, &query, &error)) {
		problem_set(&response, PROBLEM_INVALID_REQUEST, "%s", error->message);
	} else if (check_frame(server, connection, url, exchange, &response)) {
		request_init(&request, server, connection);
		request.rules = rules;
		request.config = config;
		request.query = &query;
		take_body(&request, exchange);
		if (request.headers.is_ambiguous) {
			refuse_framing(&response);
			close_after = true;
		} else {
			route(&request, exchange, &response);
		}
	}
	if (response.wait.wanted)
		result = start_wait(server, connection, &response.wait, context);
	else
		result = server_send(connection, &response, close_after);
	response_done(&response);
	query_done(&query);
	auth_rules_unref(rules);
	config_unref(config);
	return result;
}

/* MHD_AccessHandlerCallback has that many parameters. */
/* NOLINTNEXTLINE(readability-function-size) */
enum MHD_Result server_handle(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_bytes, void **context)
{
	struct server *server = data;
	const struct exchange *exchange = exchange_of(*context);

	(void)version; /* libmicrohttpd keeps to it */
	if (*context != &plain_mark && !(exchange && exchange->begun))
		return begin(server, connection, url, method, context);
	if (*upload_data_bytes > 0)
		return swallow(server, context, upload_data, upload_data_bytes);
	return answer(server, connection, url, method, context);
}
