/* control_sinks - control of Slack, webhooks, GitHub's issues and the OIDC issuer. See control.c. */
#include "tests/fakecloud/control.h"
#include "tests/fakecloud/github.h"
#include "tests/fakecloud/issuer.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/sinks.h"

static void serve_records(const struct control *control, struct records *records)
{
	if (control_is_method(control, "DELETE"))
		g_ptr_array_set_size(records->list, 0);
	else
		records_reply(records, control->request, control->reply);
}

/** For people: when, where to, and the text that notifications show. */
static void show_messages(const struct control *control, const struct records *records)
{
	const char *channel = request_query(control->request, "channel");

	reply_set_text(control->reply, 200, "text/plain; charset=utf-8", "");
	for (guint i = 0; i < records->list->len; i++) {
		const struct record *record = records->list->pdata[i];
		json_object *object = json_tokener_parse(record->line);

		if (!channel || g_str_equal(channel, record->channel))
			g_string_append_printf(control->reply->body, "%s #%s\n%s\n\n",
					       jsn_text(object, "at", ""), record->channel,
					       jsn_text(jsn_at(object, "message"), "text", ""));
		json_object_put(object);
	}
}

void control_slack(const struct control *control)
{
	const char *format = request_query(control->request, "format");

	if (format && g_str_equal(format, "text"))
		show_messages(control, &control->cloud->sinks->slack);
	else
		serve_records(control, &control->cloud->sinks->slack);
}

void control_attempts(const struct control *control)
{
	serve_records(control, &control->cloud->sinks->attempts);
}

void control_webhooks(const struct control *control)
{
	json_object *body = NULL;

	if (!control_is_method(control, "PUT")) {
		serve_records(control, &control->cloud->sinks->webhooks);
		return;
	}
	body = control_body(control);
	if (json_object_is_type(body, json_type_object)) {
		g_hash_table_replace(control->cloud->sinks->receivers,
				     g_strdup(control_part(control, 2)), body);
	} else {
		json_object_put(body);
		control_refuse(control, "the body is no JSON object");
	}
}

/* --- GitHub --- */

static void put_repo(const struct control *control, const char *name, json_object *body)
{
	GHashTable *repos = control->cloud->sinks->repos;
	struct github_repo *repo = g_hash_table_lookup(repos, name);

	if (!repo) {
		repo = github_repo_create(name);
		g_hash_table_replace(repos, g_strdup(name), repo);
	}
	g_free(repo->token);
	repo->token = g_strdup(jsn_text(body, "token", NULL));
	repo->issues_disabled = jsn_flag(body, "issues_disabled");
	repo->read_only = jsn_flag(body, "read_only");
}

/** An issue that somebody else wrote. */
static void post_issue(const struct control *control, struct github_repo *repo, json_object *body)
{
	json_object *issue = github_add_issue(repo, jsn_text(body, "login", "somebody"), body);

	reply_set_json(control->reply, 200, json_object_get(issue));
}

void control_github(const struct control *control)
{
	g_autofree char *name =
		g_strdup_printf("%s/%s", control_part(control, 2), control_part(control, 3));
	GHashTable *repos = control->cloud->sinks->repos;
	struct github_repo *repo = g_hash_table_lookup(repos, name);
	json_object *body = control_body(control);

	if (control_is_method(control, "PUT"))
		put_repo(control, name, body);
	else if (!repo)
		control_refuse(control, "no such repository");
	else if (control_is_method(control, "POST"))
		post_issue(control, repo, body);
	else if (control_is_method(control, "DELETE"))
		(void)g_hash_table_remove(repos, name); /* it is there */
	else
		reply_set_json(control->reply, 200, github_repo_to_json(repo));
	json_object_put(body);
}

/* --- the OIDC issuer --- */

static void mint(const struct control *control, struct issuer *issuer, json_object *spec)
{
	json_object *object = NULL;
	const char *problem = NULL;
	g_autofree char *token = issuer_mint(issuer, control->cloud->origin, spec, &problem);

	if (!token) {
		control_refuse(control, problem);
		return;
	}
	object = json_object_new_object();
	jsn_add_text(object, "token", token);
	reply_set_json(control->reply, 200, object);
}

void control_oidc(const struct control *control)
{
	struct issuer *issuer = control->cloud->sinks->issuer;
	json_object *body = control_body(control);

	if (g_str_equal(control_part(control, 2), "tokens")) {
		mint(control, issuer, body);
	} else if (g_str_equal(control_part(control, 2), "rotate")) {
		issuer_rotate(issuer, jsn_flag(body, "keep"));
		reply_set_json(control->reply, 200, issuer_kids(issuer));
	} else {
		if (control_is_method(control, "PATCH"))
			issuer_set_max_age(issuer,
					   jsn_int(body, "max_age_s", issuer_max_age(issuer)));
		reply_set_json(control->reply, 200, issuer_kids(issuer));
	}
	json_object_put(body);
}
