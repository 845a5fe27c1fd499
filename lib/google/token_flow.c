/* token_flow - see token_flow.h. A flow is one base token (assertion, refresh, exchange or metadata
 * server) and then one impersonation after the other, innermost first. */
#include "google/token_flow.h"

#include "clk.h"
#include "google/adc.h"
#include "google/endpoint.h"
#include "google/errors.h"
#include "google/jwt.h"
#include "google/secret.h"
#include "json.h"

#include <string.h>

/** Answers of token endpoints are small. */
#define ANSWER_MAX_BYTES ((size_t)64 * 1024)

/** The metadata server is on this machine's link: it answers at once or is not there. */
#define METADATA_TIMEOUT_MS (3 * MS_PER_S)

#define TOKEN_ATTEMPTS 3

#define GRANT_ASSERTION "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define GRANT_EXCHANGE "urn:ietf:params:oauth:grant-type:token-exchange"
#define TYPE_ACCESS_TOKEN "urn:ietf:params:oauth:token-type:access_token"

struct token_flow {
	struct http_client *client;
	struct keyfile *keyfile; /* NULL: metadata server */
	char *token_endpoint;    /* NULL: none */
	int metadata_attempts;
	int64_t deadline_mono_ms;
	token_flow_done_fn done; /* NULL: detached */
	void *data;
	struct http_timer *start; /* until it has begun */
	GPtrArray
		*steps; /* const struct keyfile *: impersonations still to come, first one first */
	struct token token;
	char *what; /* the call under way, for messages */
};

static void flow_free(struct token_flow *flow)
{
	keyfile_free(flow->keyfile);
	token_clear(&flow->token);
	g_ptr_array_unref(flow->steps);
	g_free(flow->token_endpoint);
	g_free(flow->what);
	g_free(flow);
}

/* Takes @p fault. */
static void finish(struct token_flow *flow, struct fault *fault)
{
	if (flow->done)
		flow->done(flow->data, fault ? NULL : &flow->token, fault);
	fault_unref(fault);
	flow_free(flow);
}

static void finish_wrong(struct token_flow *flow, enum fault_class class, const GError *error)
{
	finish(flow, fault_create(class, 0, NULL, "%s: %s", flow->what, error->message));
}

/* What the next call is, and at which host. Takes @p what. */
static void set_what(struct token_flow *flow, char *what, const char *url)
{
	g_autoptr(GUri) uri = url ? g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL) : NULL;

	g_free(flow->what);
	flow->what =
		uri ? g_strdup_printf("%s from %s", what, g_uri_get_host(uri)) : g_strdup(what);
	g_free(what);
}

/* --- requests --- */

static struct http_request *make_request(const struct token_flow *flow, const char *api,
					 const char *method, const char *url)
{
	struct http_request *request = http_request_create(api, method, url);

	request->deadline_mono_ms = flow->deadline_mono_ms;
	request->max_body_bytes = ANSWER_MAX_BYTES;
	request->max_attempts = TOKEN_ATTEMPTS;
	request->secret_answer = true;
	request->no_proxy = endpoint_is_near(url);
	return request;
}

static void add_header(struct http_request *request, const char *line)
{
	g_ptr_array_add(request->headers, g_strdup(line));
}

/* Add "&name=value", escaped (application/x-www-form-urlencoded). */
static void add_field(GString *form, const char *name, const char *value)
{
	AUTO_SECRET char *escaped = g_uri_escape_string(value, NULL, FALSE);

	if (form->len > 0)
		g_string_append_c(form, '&');
	g_string_append(form, name);
	g_string_append_c(form, '=');
	g_string_append(form, escaped);
}

/* The body is taken. */
static void set_body(struct http_request *request, const char *type, GString *body)
{
	add_header(request, type);
	request->body_bytes = body->len;
	request->body = g_string_free(body, FALSE);
}

static void set_form(struct http_request *request, GString *form)
{
	set_body(request, "Content-Type: application/x-www-form-urlencoded", form);
}

/* Room for a form with a token in it: growing would leave copies of secrets behind. */
static GString *make_form(void)
{
	return g_string_sized_new(TOKEN_MAX_BYTES);
}

/* --- impersonation --- */

static void go_on(struct token_flow *flow);

static void on_impersonated(void *data, const struct http_response *response)
{
	struct token_flow *flow = data;
	g_autoptr(GError) error = NULL;
	struct token token = {0};

	if (response->failure != HTTP_FAILURE_NONE || response->status != 200) {
		finish(flow, errors_token_fault(flow->what, response));
		return;
	}
	if (!token_answer_parse_impersonated(response->body, response->body_bytes, clk_wall_ms(),
					     &token, &error)) {
		finish_wrong(flow, FAULT_BAD_ANSWER, error);
		return;
	}
	token_clear(&flow->token);
	flow->token = token;
	go_on(flow);
}

/* "x@y.iam.gserviceaccount.com" from ".../serviceAccounts/x@y…:generateAccessToken". */
static char *account_in(const char *url)
{
	const char *slash = strrchr(url, '/');
	const char *name = slash ? slash + 1 : url;

	return g_strndup(name, strcspn(name, ":?"));
}

static GString *impersonation_body(const struct keyfile *keyfile)
{
	json_object *body = json_object_new_object();
	json_object *scope = json_object_new_array();
	json_object *delegates = json_object_new_array();
	g_autofree char *lifetime = g_strdup_printf("%ds", keyfile->lifetime_s);
	g_autofree char *text = NULL;

	(void)json_object_array_add(scope, json_object_new_string(TOKEN_SCOPE));
	for (guint i = 0; i < keyfile->delegates->len; i++)
		(void)json_object_array_add(delegates, json_object_new_string(g_ptr_array_index(
							       keyfile->delegates, i)));
	json_add(body, "scope", scope);
	json_add_text(body, "lifetime", lifetime);
	json_add(body, "delegates", delegates);
	text = json_to_text(body, NULL);
	json_object_put(body);
	return g_string_new(text);
}

static void impersonate(struct token_flow *flow, const struct keyfile *keyfile)
{
	struct http_request *request =
		make_request(flow, "token", "POST", keyfile->impersonation_url);
	g_autofree char *account = account_in(keyfile->impersonation_url);

	set_what(flow, g_strdup_printf("access token of %.100s by impersonation", account),
		 keyfile->impersonation_url);
	request->bearer = g_strdup(flow->token.text);
	set_body(request, "Content-Type: application/json", impersonation_body(keyfile));
	http_client_send(flow->client, request, on_impersonated, flow);
}

/* A token is there: the next impersonation, or done. */
static void go_on(struct token_flow *flow)
{
	const struct keyfile *next = NULL;

	if (flow->steps->len == 0) {
		finish(flow, NULL);
		return;
	}
	next = g_ptr_array_steal_index(flow->steps, 0);
	impersonate(flow, next);
}

/* --- base tokens --- */

static void take_base(struct token_flow *flow, const struct http_response *response)
{
	g_autoptr(GError) error = NULL;

	if (response->failure != HTTP_FAILURE_NONE || response->status != 200) {
		finish(flow, errors_token_fault(flow->what, response));
		return;
	}
	if (!token_answer_parse(response->body, response->body_bytes, &flow->token, &error)) {
		finish_wrong(flow, FAULT_BAD_ANSWER, error);
		return;
	}
	go_on(flow);
}

static void on_base(void *data, const struct http_response *response)
{
	take_base(data, response);
}

static const char *token_uri_of(const struct token_flow *flow, const struct keyfile *keyfile)
{
	return flow->token_endpoint ? flow->token_endpoint : keyfile->token_uri;
}

static void ask_with_assertion(struct token_flow *flow, const struct keyfile *keyfile)
{
	const char *url = token_uri_of(flow, keyfile);
	const struct jwt_claims claims = {.issuer = keyfile->client_email,
					  .scope = TOKEN_SCOPE,
					  .audience = url,
					  .now_wall_ms = clk_wall_ms()};
	g_autoptr(GError) error = NULL;
	AUTO_SECRET char *assertion = NULL;
	struct http_request *request = NULL;
	GString *form = NULL;

	set_what(flow, g_strdup_printf("access token of %.100s", keyfile->client_email), url);
	assertion = jwt_sign(keyfile->private_key, keyfile->private_key_id, &claims, &error);
	if (!assertion) {
		finish_wrong(flow, FAULT_CREDENTIALS, error);
		return;
	}
	request = make_request(flow, "token", "POST", url);
	form = make_form();
	add_field(form, "grant_type", GRANT_ASSERTION);
	add_field(form, "assertion", assertion);
	set_form(request, form);
	http_client_send(flow->client, request, on_base, flow);
}

static void ask_with_refresh(struct token_flow *flow, const struct keyfile *keyfile)
{
	const char *url = token_uri_of(flow, keyfile);
	struct http_request *request = make_request(flow, "token", "POST", url);
	GString *form = make_form();

	set_what(flow, g_strdup("access token of the user who logged in"), url);
	add_field(form, "grant_type", "refresh_token");
	add_field(form, "client_id", keyfile->client_id);
	add_field(form, "client_secret", keyfile->client_secret);
	add_field(form, "refresh_token", keyfile->refresh_token);
	set_form(request, form);
	http_client_send(flow->client, request, on_base, flow);
}

/* --- external accounts --- */

static const struct keyfile *innermost(const struct keyfile *keyfile)
{
	while (keyfile->nested)
		keyfile = keyfile->nested;
	return keyfile;
}

static void add_basic(struct http_request *request, const struct keyfile *keyfile)
{
	AUTO_SECRET char *pair =
		g_strconcat(keyfile->client_id, ":",
			    keyfile->client_secret ? keyfile->client_secret : "", NULL);
	AUTO_SECRET char *encoded = g_base64_encode((const guchar *)pair, strlen(pair));

	g_ptr_array_add(request->headers, g_strdup_printf("Authorization: Basic %s", encoded));
}

static void add_user_project(GString *form, const char *project)
{
	json_object *options = json_object_new_object();
	g_autofree char *text = NULL;

	json_add_text(options, "userProject", project);
	text = json_to_text(options, NULL);
	json_object_put(options);
	add_field(form, "options", text);
}

/* RFC 8693: the subject token becomes a federated one. */
static void exchange(struct token_flow *flow, const struct keyfile *keyfile, const char *subject)
{
	struct http_request *request = make_request(flow, "token", "POST", keyfile->token_url);
	GString *form = make_form();

	set_what(flow, g_strdup("federated access token"), keyfile->token_url);
	add_field(form, "grant_type", GRANT_EXCHANGE);
	add_field(form, "audience", keyfile->audience);
	add_field(form, "scope", TOKEN_SCOPE);
	add_field(form, "requested_token_type", TYPE_ACCESS_TOKEN);
	add_field(form, "subject_token", subject);
	add_field(form, "subject_token_type", keyfile->subject_token_type);
	if (keyfile->client_id)
		add_basic(request, keyfile);
	else if (keyfile->user_project)
		add_user_project(form, keyfile->user_project);
	set_form(request, form);
	http_client_send(flow->client, request, on_base, flow);
}

static void use_subject(struct token_flow *flow, const char *bytes, size_t length)
{
	const struct keyfile *keyfile = innermost(flow->keyfile);
	g_autoptr(GError) error = NULL;
	AUTO_SECRET char *subject =
		token_answer_subject(bytes, length, keyfile->source.field, &error);

	if (subject)
		exchange(flow, keyfile, subject);
	else
		finish_wrong(flow, FAULT_CREDENTIALS, error);
}

static void on_subject(void *data, const struct http_response *response)
{
	struct token_flow *flow = data;

	if (response->failure != HTTP_FAILURE_NONE || response->status != 200)
		finish(flow, errors_token_fault(flow->what, response));
	else
		use_subject(flow, response->body, response->body_bytes);
}

static void ask_for_subject(struct token_flow *flow, const struct keyfile *keyfile)
{
	struct http_request *request = make_request(flow, "token", "GET", keyfile->source.url);

	set_what(flow, g_strdup("subject token"), keyfile->source.url);
	for (guint i = 0; i < keyfile->source.headers->len; i++)
		add_header(request, g_ptr_array_index(keyfile->source.headers, i));
	http_client_send(flow->client, request, on_subject, flow);
}

static void read_subject(struct token_flow *flow, const struct keyfile *keyfile)
{
	g_autoptr(GError) error = NULL;
	char *bytes = NULL;
	size_t length = 0;

	set_what(flow, g_strdup("subject token"), NULL);
	if (!adc_read_file(keyfile->source.file, KEYFILE_MAX_BYTES, &bytes, &length, &error)) {
		finish_wrong(flow, FAULT_CREDENTIALS, error);
		return;
	}
	use_subject(flow, bytes, length);
	explicit_bzero(bytes, length);
	g_free(bytes);
}

/* --- metadata server --- */

static void on_metadata(void *data, const struct http_response *response)
{
	struct token_flow *flow = data;
	const char *flavor = g_hash_table_lookup(response->headers, "metadata-flavor");

	/* anybody may listen at that address where there is no Google */
	if (response->failure == HTTP_FAILURE_NONE && g_strcmp0(flavor, "Google") != 0)
		finish(flow, fault_create(FAULT_CREDENTIALS, response->status, NULL,
					  "%s: HTTP %d without Metadata-Flavor: Google: what "
					  "answers there is no metadata server",
					  flow->what, response->status));
	else if (response->failure == HTTP_FAILURE_NONE &&
		 (response->status == 403 || response->status == 404))
		finish(flow, fault_create(FAULT_CREDENTIALS, response->status, NULL,
					  "%s: HTTP %d: this machine has no service account, or "
					  "no scopes: attach one",
					  flow->what, response->status));
	else
		take_base(flow, response);
}

static void ask_metadata(struct token_flow *flow)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *base = adc_metadata_url(&error);
	g_autofree char *url = NULL;
	g_autofree char *scope = g_uri_escape_string(TOKEN_SCOPE, NULL, FALSE);
	struct http_request *request = NULL;

	set_what(flow, g_strdup("access token of this machine's service account"), base);
	if (!base) {
		finish_wrong(flow, FAULT_CREDENTIALS, error);
		return;
	}
	url = g_strdup_printf("%s/instance/service-accounts/default/token?scopes=%s", base, scope);
	request = make_request(flow, "metadata", "GET", url);
	request->timeout_ms = METADATA_TIMEOUT_MS;
	request->max_attempts = flow->metadata_attempts;
	request->no_proxy = true;
	add_header(request, "Metadata-Flavor: Google");
	http_client_send(flow->client, request, on_metadata, flow);
}

/* --- the whole --- */

static void begin(void *data)
{
	struct token_flow *flow = data;
	const struct keyfile *base = flow->keyfile ? innermost(flow->keyfile) : NULL;

	flow->start = NULL; /* it has fired */
	if (!base)
		ask_metadata(flow);
	else if (base->type == KEYFILE_TYPE_SERVICE_ACCOUNT)
		ask_with_assertion(flow, base);
	else if (base->type == KEYFILE_TYPE_AUTHORIZED_USER)
		ask_with_refresh(flow, base);
	else if (base->source.file)
		read_subject(flow, base);
	else
		ask_for_subject(flow, base);
}

struct token_flow *token_flow_start(struct http_client *client, const struct token_order *order,
				    token_flow_done_fn done, void *data)
{
	struct token_flow *flow = g_new0(struct token_flow, 1);

	flow->client = client;
	flow->keyfile = order->keyfile;
	flow->token_endpoint = g_strdup(order->token_endpoint);
	flow->metadata_attempts = order->metadata_attempts;
	flow->deadline_mono_ms = order->deadline_mono_ms;
	flow->done = done;
	flow->data = data;
	flow->steps = g_ptr_array_new();
	for (const struct keyfile *at = flow->keyfile; at; at = at->nested)
		if (at->impersonation_url)
			g_ptr_array_insert(flow->steps, 0, (gpointer)(uintptr_t)at);
	/* from the loop, so that the caller has the flow before it ends */
	flow->start = http_timer_start(client, clk_mono_ms(), begin, flow);
	return flow;
}

void token_flow_detach(struct token_flow *flow)
{
	flow->done = NULL;
	flow->data = NULL;
	if (!flow->start)
		return;
	http_timer_stop(flow->start);
	flow_free(flow);
}
