/* handle_ack - GET and POST /ack/{n}: the page behind an acknowledge link. A signed link (e and s)
 * is the right to acknowledge that one incident and to see what it is about; without one the form
 * asks for the token. DESIGN 9 and 11. */
#include "api/handlers.h"

#include <inttypes.h>
#include <string.h>

#include "alert/link.h"
#include "api/ack_page.h"
#include "api/refusal.h"
#include "clk.h"
#include "drift_error.h"

/* What came with the request in place of a credential. */
enum right {
	RIGHT_NONE = 0, /* no link: a plain one, or somebody typed it */
	RIGHT_GOOD,
	RIGHT_BAD,
	RIGHT_EXPIRED,
};

static enum right check_link(const struct request *request, int64_t id)
{
	const char *expiry = query_text(request->query, "e");
	const char *signature = query_text(request->query, "s");

	if (!expiry && !signature)
		return RIGHT_NONE;
	switch (link_check_ack(request->config->auth.link_secret, id, expiry, signature,
			       clk_wall_ms())) {
	case LINK_CHECK_GOOD:
		return RIGHT_GOOD;
	case LINK_CHECK_EXPIRED:
		refusal_note(request, APP_COUNT_AUTH_LINK, "the acknowledge link has expired");
		return RIGHT_EXPIRED;
	case LINK_CHECK_BAD:
	case LINK_CHECK_NONE:
		break;
	}
	refusal_note(request, APP_COUNT_AUTH_LINK,
		     "the acknowledge link is not signed by the link-secret in force");
	return RIGHT_BAD;
}

static void set_page(struct response *response, int status, const struct ack_page *page)
{
	response_set(response, status, response_html, ack_page_html(page));
	response->policy = ack_page_policy;
	response->no_store = true;
}

/* Only a word, for whoever may see no more. */
static void set_message(struct response *response, int status, int64_t id, const char *message)
{
	struct ack_page page = {.id = id, .message = message};

	set_page(response, status, &page);
}

static bool may_read(const struct request *request)
{
	return auth_check(request->rules, request, AUTH_NEED_READ, NULL) == AUTH_ANSWER_YES;
}

/* Would this request be let in as it is, without anything typed into the form? */
static bool may_write(const struct request *request)
{
	return !auth_is_protected(request->rules, AUTH_NEED_WRITE) ||
	       (request->headers.authorization &&
		auth_check(request->rules, request, AUTH_NEED_WRITE, NULL) == AUTH_ANSWER_YES);
}

/* The form under what is wrong with the link: with the token it works all the same. The address is
 * written anew, without what the link brought. */
static void set_token_form(const struct request *request, struct response *response, int status,
			   int64_t id, const char *message)
{
	g_autofree char *action = g_strdup_printf("%" PRId64, id);
	struct ack_page page = {
		.id = id,
		.message = message,
		.has_form = true,
		.asks_token = !may_write(request),
		.action = action,
	};
	struct store_incident *incident =
		may_read(request) ? handle_read_incident(request, id, NULL) : NULL;

	page.incident = incident;
	set_page(response, status, &page);
	store_incident_free(incident);
}

static bool is_over(const struct store_incident *incident)
{
	return incident->ended_wall_ms > 0;
}

static bool is_acknowledged(const struct store_incident *incident)
{
	return incident->acknowledged_wall_ms > 0;
}

static const char *state_message(const struct store_incident *incident)
{
	if (is_over(incident))
		return "This incident is over: there is nothing to acknowledge.";
	return is_acknowledged(incident) ? "This incident has been acknowledged." : NULL;
}

bool handle_ack_page(const struct request *request, struct response *response, GError **error)
{
	struct ack_page page = {0};
	struct store_incident *incident = NULL;

	if (!handle_parse_id(request->parts[0], "an incident", &page.id, error))
		return false;
	switch (check_link(request, page.id)) {
	case RIGHT_BAD:
		set_token_form(request, response, 403, page.id,
			       "This link is not valid (any more). With the token you can "
			       "acknowledge the incident all the same.");
		return true;
	case RIGHT_EXPIRED:
		set_token_form(request, response, 403, page.id,
			       "This link has expired. With the token you can acknowledge the "
			       "incident all the same.");
		return true;
	case RIGHT_NONE:
		/* whether it exists is told to those who may read it */
		incident = may_read(request) ? handle_read_incident(request, page.id, error) : NULL;
		if (!incident && may_read(request))
			return false;
		store_incident_free(incident);
		set_token_form(request, response, 200, page.id, NULL);
		return true;
	case RIGHT_GOOD:
		break;
	}
	incident = handle_read_incident(request, page.id, error);
	if (!incident)
		return false;
	page.incident = incident;
	page.message = state_message(incident);
	page.has_form = !page.message;
	set_page(response, 200, &page);
	store_incident_free(incident);
	return true;
}

/* Is the token of the form, or what the request brings itself, good? False: answered, or the answer
 * waits. */
static bool admit_token(const struct request *request, int64_t id, struct response *response)
{
	const char *token = body_text(&request->values, "token");
	g_autofree char *authorization = token ? g_strconcat("Bearer ", token, NULL) : NULL;
	struct request judged = *request; /* as if it had come as a header */
	struct auth_refusal refusal = {0};
	enum auth_answer answer = AUTH_ANSWER_NONE;

	if (authorization)
		judged.headers.authorization = authorization;
	answer = auth_check(request->rules, &judged, AUTH_NEED_WRITE, &refusal);
	if (authorization)
		explicit_bzero(authorization, strlen(authorization));
	if (answer == AUTH_ANSWER_YES)
		return true;
	if (answer == AUTH_ANSWER_KEYS && !request->keys_awaited) {
		handle_await_command(response, app_command_create(APP_COMMAND_KEYS));
		return false;
	}
	if (refusal.count != APP_COUNT_NONE)
		refusal_note(request, refusal.count, refusal.why);
	set_token_form(request, response, 403, id,
		       token ? "That token is not valid." : "A token is needed.");
	return false;
}

/* May this request acknowledge? False: answered, or the answer waits. */
static bool admit(const struct request *request, int64_t id, struct response *response)
{
	if (!auth_allows_origin(request->rules, request)) {
		set_message(response, 403, id,
			    "This form was sent from another site's page: open the link itself.");
		return false;
	}
	switch (check_link(request, id)) {
	case RIGHT_GOOD:
		return true;
	case RIGHT_BAD:
		set_token_form(request, response, 403, id, "This link is not valid (any more).");
		return false;
	case RIGHT_EXPIRED:
		set_token_form(request, response, 403, id, "This link has expired.");
		return false;
	case RIGHT_NONE:
		break;
	}
	return admit_token(request, id, response);
}

bool handle_ack_form(const struct request *request, struct response *response, GError **error)
{
	struct store_incident *incident = NULL;
	struct app_command *command = NULL;
	int64_t id = 0;

	if (!handle_parse_id(request->parts[0], "an incident", &id, error))
		return false;
	if (!admit(request, id, response))
		return true;
	incident = handle_read_incident(request, id, error);
	if (!incident)
		return false;
	if (state_message(incident)) {
		struct ack_page page = {
			.id = id, .incident = incident, .message = state_message(incident)};

		set_page(response, is_over(incident) ? 409 : 200, &page);
	} else {
		command = app_command_create(APP_COMMAND_ACKNOWLEDGE);
		command->id = id;
		command->who = g_strdup(body_text(&request->values, "who"));
		command->why = g_strdup(body_text(&request->values, "why"));
		handle_await_command(response, command);
	}
	store_incident_free(incident);
	return true;
}

bool handle_ack_done(const struct request *request, const struct router_outcome *outcome,
		     struct response *response, GError **error)
{
	const GError *failed = outcome->command_error;
	struct ack_page page = {.message = "Acknowledged. Thank you."};
	struct store_incident *incident = NULL;

	if (!handle_parse_id(request->parts[0], "an incident", &page.id, error))
		return false;
	if (g_error_matches(failed, DRIFT_ERROR, DRIFT_ERROR_INVALID) ||
	    g_error_matches(failed, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND)) {
		set_message(response, 409, page.id, failed->message);
		return true;
	}
	if (failed) {
		g_autofree char *message = g_strconcat("It could not be done: ", failed->message,
						       ". Try again in a moment.", NULL);

		set_message(response, 503, page.id, message);
		return true;
	}
	incident = handle_read_incident(request, page.id, NULL); /* it is done without, too */
	page.incident = incident;
	set_page(response, 200, &page);
	store_incident_free(incident);
	return true;
}
