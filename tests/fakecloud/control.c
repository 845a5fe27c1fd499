/* control - changes state and reads counters, for tests and people. JSON bodies.
 *
 *   PUT|DELETE /_control/run/P/R/S            a service (shape.h); ?verbatim=1 serves the body as it is
 *   PUT|DELETE /_control/revisions/P/R/S/V    one revision, verbatim
 *   PUT|DELETE /_control/functions/P/R/F      a function (shape.h); its Run service is put apart
 *   PUT        /_control/unreachable/P/R      ["projects/P/locations/R"] for lists of P and R
 *   PUT|DELETE /_control/objects/B/NAME       an object; the body is its content; ?created= ?updated= (bq_value.h)
 *   PUT        /_control/buckets/B            an empty bucket, or {"denied":"storage.objects.list"}
 *   PUT|DELETE /_control/bigquery/P/D/T       a table (bq.h); its dataset is made on the way
 *   PUT|DELETE /_control/bigquery/P/D         a dataset {"location":"EU"}
 *   PUT|DELETE /_control/routines/P/D/R       a routine {"type":"FUNCTION","data_type":"INT64","definition":"x + 1"}
 *   POST|GET|DELETE /_control/jobrules        what becomes of jobs (bq_job.h)
 *   PUT|DELETE /_control/firestore/P/COL/DOC  a document, plain JSON (firestore.h); ?verbatim=1: of Values; ?database=NAME
 *   PUT|DELETE /_control/targets/NAME         a /version target; the body is served; ?status= ?content_type= ?location=
 *   PUT        /_control/accounts/EMAIL       a PEM public key
 *   POST       /_control/accounts/EMAIL       makes a key pair, answers with the key file
 *   GET|DELETE /_control/slack                messages that Slack took: {"count","last","items":[{"seq","channel","at_ms","at",
 *                                             "path","truncated","message"}]}; ?since=SEQ ?channel= ?limit= ?items=0;
 *                                             ?format=text for people
 *   GET|DELETE /_control/webhooks             deliveries, likewise: {"headers","body","json","signature":"good|bad|missing|unchecked"}
 *   PUT        /_control/webhooks/NAME        {"secret":S,"status":500}: what NAME verifies with, and answers
 *   GET|DELETE /_control/attempts             all requests to Slack, webhooks, GitHub and OIDC, likewise (channel: "slack", "webhook",
 *                                             "github", "oidc"): {"method","uri","status","answer","body_bytes"}; status 0: no answer
 *   PUT|GET|DELETE /_control/github/O/R       a repository {"token","issues_disabled","read_only"}; GET: its issues and comments
 *   POST       /_control/github/O/R/issues    an issue that somebody else wrote
 *   GET|PATCH  /_control/oidc                 key ids by algorithm; {"max_age_s":60}
 *   POST       /_control/oidc/rotate          new keys; {"keep":true} publishes the old ones still
 *   POST       /_control/oidc/tokens          mints {"token"} (issuer.h)
 *   PATCH      /_control/options              members of struct options, by their names
 *   DELETE     /_control/tokens               all issued tokens are refused from now on
 *   POST       /_control/bulk                 {"services":N,"projects":M,"region":R,"commit":SHA} or {"targets":N,"commit":SHA} or
 *                                             {"tables":N,"datasets":M,…} (bq.h)
 *   POST|GET|DELETE /_control/faults[/N]      faults.h
 *   GET|DELETE /_control/log                  counters
 *   POST       /_control/reset                everything as at the start */
#include "tests/fakecloud/control.h"

#include "tests/fakecloud/bq_job.h"
#include "tests/fakecloud/faults.h"
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/sinks.h"

#include <string.h>

const char *control_part(const struct control *control, size_t index)
{
	return request_part(control->request, index);
}

bool control_is_method(const struct control *control, const char *method)
{
	return g_str_equal(control->request->method, method);
}

void control_refuse(const struct control *control, const char *why)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "problem", json_object_new_string(why));
	reply_set_json(control->reply, 400, object);
}

json_object *control_body(const struct control *control)
{
	return json_tokener_parse(control->request->body->str);
}

GBytes *control_bytes(json_object *taken)
{
	size_t length = 0;
	const char *text =
		json_object_to_json_string_length(taken, JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	GBytes *bytes = g_bytes_new(text, length);

	json_object_put(taken);
	return bytes;
}

/* --- options --- */

static void set_text_option(char **option, json_object *value)
{
	g_free(*option);
	*option = value ? g_strdup(json_object_get_string(value)) : NULL;
}

static bool set_option(struct options *options, const char *name, json_object *value)
{
	const struct {
		const char *name;
		char **text;
		int64_t *number;
		bool *flag;
	} table[] = {
		{"auth_required", NULL, NULL, &options->auth_required},
		{"metadata_enabled", NULL, NULL, &options->metadata_enabled},
		{"metadata_unflavoured", NULL, NULL, &options->metadata_unflavoured},
		{"expires_in_s", NULL, &options->expires_in_s, NULL},
		{"lives_ms", NULL, &options->lives_ms, NULL},
		{"page_cap", NULL, &options->page_cap, NULL},
		{"bigquery_page_rows", NULL, &options->bigquery_page_rows, NULL},
		{"datastore_mode", NULL, NULL, &options->datastore_mode},
		{"client_id", &options->client_id, NULL, NULL},
		{"client_secret", &options->client_secret, NULL, NULL},
		{"refresh_token", &options->refresh_token, NULL, NULL},
		{"subject_token", &options->subject_token, NULL, NULL},
		{"git_root", &options->git_root, NULL, NULL},
		{"git_token", &options->git_token, NULL, NULL},
		{"slack_log", &options->slack_log, NULL, NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (!g_str_equal(table[i].name, name))
			continue;
		if (table[i].text)
			set_text_option(table[i].text, value);
		else if (table[i].number)
			*table[i].number = json_object_get_int64(value);
		else if (table[i].flag)
			*table[i].flag = json_object_get_boolean(value);
		return true;
	}
	return false;
}

static void control_options(const struct control *control)
{
	json_object *body = control_body(control);

	if (json_object_is_type(body, json_type_object)) {
		json_object_object_foreach(body, name, value)
		{
			if (!set_option(&control->cloud->options, name, value))
				control_refuse(control, "no such option");
		}
	} else {
		control_refuse(control, "the body is no JSON object");
	}
	json_object_put(body);
}

static void control_tokens(const struct control *control)
{
	g_hash_table_remove_all(control->cloud->tokens);
}

/* --- faults --- */

static void add_fault(const struct control *control)
{
	json_object *body = control_body(control);
	const char *problem = NULL;
	struct fault_rule *rule = fault_rule_parse(body, &problem);

	json_object_put(body);
	if (!rule) {
		control_refuse(control, problem);
		return;
	}
	rule->id = ++control->cloud->next_fault;
	g_ptr_array_add(control->cloud->faults, rule);
	reply_set_json(control->reply, 200, fault_rule_to_json(rule));
}

static void remove_faults(const struct control *control)
{
	GPtrArray *faults = control->cloud->faults;
	guint64 id = 0;
	bool all =
		!g_ascii_string_to_unsigned(control_part(control, 2), 10, 1, G_MAXUINT, &id, NULL);

	for (guint i = faults->len; i > 0; i--) {
		const struct fault_rule *rule = faults->pdata[i - 1];

		if (all || rule->id == id)
			g_ptr_array_remove_index(faults, i - 1);
	}
}

static void control_faults(const struct control *control)
{
	json_object *list = NULL;

	if (control_is_method(control, "POST")) {
		add_fault(control);
	} else if (control_is_method(control, "DELETE")) {
		remove_faults(control);
	} else {
		list = json_object_new_array();
		for (guint i = 0; i < control->cloud->faults->len; i++)
			json_object_array_add(list,
					      fault_rule_to_json(control->cloud->faults->pdata[i]));
		reply_set_json(control->reply, 200, list);
	}
}

/* --- counters --- */

static json_object *counts_json(GHashTable *counts)
{
	json_object *object = json_object_new_object();
	GHashTableIter iter = {0};
	gpointer name = NULL, value = NULL;

	g_hash_table_iter_init(&iter, counts);
	while (g_hash_table_iter_next(&iter, &name, &value))
		json_object_object_add(object, name,
				       json_object_new_int64(GPOINTER_TO_UINT(value)));
	return object;
}

static json_object *bigquery_counts(const struct bq *bq)
{
	const struct bq_counts *counts = &bq->counts;
	const struct {
		const char *name;
		int64_t value;
	} table[] = {
		{"queries", counts->queries},
		{"dry_runs", counts->dry_runs},
		{"writes", counts->writes},
		{"legacy", counts->legacy},
		{"unlabelled", counts->unlabelled},
		{"uncapped", counts->uncapped},
		{"repeated", counts->repeated},
		{"cancels", counts->cancels},
		{"bytes_processed", counts->bytes_processed},
		{"bytes_billed", counts->bytes_billed},
		{"running", bq_running(bq)},
	};
	json_object *object = json_object_new_object(), *recent = json_object_new_array();

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		jsn_add(object, table[i].name, json_object_new_int64(table[i].value));
	for (guint i = 0; i < bq->recent->len; i++)
		json_object_array_add(recent, json_object_new_string(bq->recent->pdata[i]));
	jsn_add(object, "recent", recent);
	jsn_add(object, "labels", counts_json(bq->labels));
	return object;
}

static void clear_log(struct cloud *cloud)
{
	g_hash_table_remove_all(cloud->api_counts);
	g_hash_table_remove_all(cloud->path_counts);
	g_hash_table_remove_all(cloud->authorized);
	g_hash_table_remove_all(cloud->bq->labels);
	g_ptr_array_set_size(cloud->bq->recent, 0);
	g_ptr_array_set_size(cloud->sinks->attempts.list, 0);
	cloud->bq->counts = (struct bq_counts){0};
	cloud->max_in_flight = cloud->in_flight;
}

static void control_log(const struct control *control)
{
	struct cloud *cloud = control->cloud;
	json_object *object = NULL;

	if (control_is_method(control, "DELETE")) {
		clear_log(cloud);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "apis", counts_json(cloud->api_counts));
	json_object_object_add(object, "paths", counts_json(cloud->path_counts));
	json_object_object_add(object, "authorized", counts_json(cloud->authorized));
	json_object_object_add(object, "bigquery", bigquery_counts(cloud->bq));
	json_object_object_add(object, "in_flight", json_object_new_int(cloud->in_flight));
	json_object_object_add(object, "max_in_flight", json_object_new_int(cloud->max_in_flight));
	reply_set_json(control->reply, 200, object);
}

static void control_reset(const struct control *control)
{
	cloud_reset(control->cloud);
}

/** Registers accounts: these take the lock themselves. */
static void control_accounts(const struct control *control)
{
	g_autofree char *file = NULL;

	if (control_is_method(control, "PUT")) {
		if (!auth_register(control->cloud, control_part(control, 2),
				   control->request->body->str))
			control_refuse(control, "the body is no RSA public key in PEM");
		return;
	}
	file = auth_make_key_file(control->cloud, control_part(control, 2));
	if (file)
		reply_set_text(control->reply, 200, "application/json", file);
	else
		control_refuse(control, "no key could be made");
}

bool serve_control(struct cloud *cloud, const struct request *request, struct reply *reply)
{
	static const struct {
		const char *name;
		void (*serve)(const struct control *);
	} table[] = {
		{"run", control_run},
		{"revisions", control_revisions},
		{"functions", control_functions},
		{"unreachable", control_unreachable},
		{"objects", control_objects},
		{"buckets", control_buckets},
		{"bigquery", control_bigquery},
		{"routines", control_routines},
		{"jobrules", control_jobrules},
		{"firestore", control_firestore},
		{"targets", control_targets},
		{"slack", control_slack},
		{"attempts", control_attempts},
		{"webhooks", control_webhooks},
		{"github", control_github},
		{"oidc", control_oidc},
		{"options", control_options},
		{"tokens", control_tokens},
		{"bulk", control_bulk},
		{"faults", control_faults},
		{"log", control_log},
		{"reset", control_reset},
	};
	const struct control control = {cloud, request, reply};

	if (!g_str_equal(request_part(request, 0), "_control"))
		return false;
	reply_set_text(reply, 200, "application/json", "{}");
	if (g_str_equal(request_part(request, 1), "accounts")) {
		control_accounts(&control);
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (!g_str_equal(table[i].name, request_part(request, 1)))
			continue;
		(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: initialised, ours alone */
		table[i].serve(&control);
		(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
		return true;
	}
	control_refuse(&control, "no such thing to control: see control.c");
	return true;
}
