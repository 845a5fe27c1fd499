/* render_etag - entity tags over the facts of a body: what moves with the clock alone (generated_at,
 * the check, ages, observed_at, expires_at) is left out. See render.h. */
#include "api/render.h"

#include <inttypes.h>
#include <string.h>

#include "api/response.h"
#include "eval/verdict_json.h"
#include "version.h"

/* What every body starts its facts with: which of the forms it is, and what it says of all. */
static GString *facts_start(const struct snapshot *snapshot, const char *what, bool text)
{
	GString *facts = g_string_new(what);
	const struct tally *tally = &snapshot->tally;

	g_string_append_printf(facts, "\n%s\n%s %d", text ? "text" : "json", version_number,
			       tally->score);
	for (enum state state = STATE_OK; state < STATE_COUNT; state++)
		g_string_append_printf(facts, " %" PRId64, tally->count[state]);
	return facts;
}

static char *facts_end(GString *facts)
{
	g_autofree char *tag = response_etag(facts->str, facts->len);

	g_string_free(facts, TRUE);
	return g_strconcat("W/", tag, NULL);
}

/* Length first, so that no two lists of texts look alike. */
static void add_text(GString *facts, const char *text)
{
	if (text)
		g_string_append_printf(facts, "%zu:%s", strlen(text), text);
	else
		g_string_append_c(facts, '-');
}

/* What a line of /status rests on. */
static void add_line(GString *facts, const struct verdict *verdict)
{
	g_autofree char *summary = verdict_summary(verdict, 0); /* without ages */

	g_string_append_printf(
		facts, "\n%d %d %d %" PRId64 " %" PRId64 " %" PRId64 " %d ", (int)verdict->state,
		(int)verdict->relation, (int)verdict->priority, verdict->since_wall_ms,
		verdict->behind ? verdict->behind->commits : -1, verdict->ahead_commits,
		verdict->behind && verdict->behind->rolled_back);
	g_string_append_printf(facts, "%" PRId64 " ",
			       verdict->detail ? verdict->detail->aged_wall_ms : -1);
	add_text(facts, summary);
	add_text(facts, verdict->id);
	add_text(facts, verdict->owner);
	add_text(facts, verdict->paused_reason);
	add_text(facts, verdict->head ? verdict->head->sha : NULL);
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		g_string_append_printf(facts, " %d %d ", (int)reason->code, (int)reason->state);
		add_text(facts, reason->message);
	}
}

/* When it was last sent to moves with every message, and is no fact of its own. */
static void add_channel(GString *facts, const struct channel_status *channel)
{
	g_string_append_printf(facts, "\nchannel %d %" PRId64 " %" PRId64 " ", channel->failing,
			       channel->waiting, channel->failed);
	add_text(facts, channel->id);
	add_text(facts, channel->last_error);
}

static void add_incident(GString *facts, const struct incident *incident)
{
	if (!incident)
		return;
	g_string_append_printf(facts, "\nincident %" PRId64 " %d ", incident->id,
			       (int)incident->status);
	add_text(facts, incident->acknowledged_by);
	add_text(facts, incident->held_by);
}

char *render_status_etag(const struct snapshot *snapshot, bool text)
{
	const struct snapshot_input *input = &snapshot->input;
	GString *facts = facts_start(snapshot, "status", text);

	for (guint i = 0; i < input->verdicts->len; i++)
		add_line(facts, input->verdicts->pdata[i]);
	for (guint i = 0; i < input->repos->len; i++) {
		const struct repo_status *repo = input->repos->pdata[i];

		g_string_append(facts, "\nrepo ");
		add_text(facts, repo->name);
		add_text(facts, repo->branch);
		add_text(facts, repo->head ? repo->head->sha : NULL);
		add_text(facts, repo->error);
		add_text(facts, repo->note);
	}
	for (guint i = 0; i < input->unwatched->len; i++) {
		const struct unwatched *unwatched = input->unwatched->pdata[i];

		g_string_append(facts, "\nunwatched ");
		add_text(facts, unwatched->kind);
		add_text(facts, unwatched->project);
		add_text(facts, unwatched->region);
		add_text(facts, unwatched->service);
	}
	for (guint i = 0; i < input->channels->len; i++)
		add_channel(facts, input->channels->pdata[i]);
	g_string_append_printf(facts, "\nalerts %u %" PRId64 " ", input->incidents->len,
			       input->silences_active);
	for (guint i = 0; i < input->config->warnings->len; i++)
		add_text(facts, input->config->warnings->pdata[i]);
	add_text(facts, input->config_error);
	add_text(facts, input->store_error);
	return facts_end(facts);
}

static void add_item(GString *facts, const struct snapshot *snapshot, const struct verdict *verdict)
{
	g_autofree char *json = verdict_facts_json(verdict);

	add_line(facts, verdict);
	add_text(facts, json);
	add_incident(facts, snapshot_find_incident(snapshot, verdict->id));
}

char *render_drift_etag(const struct snapshot *snapshot, const struct render_page *page, bool text)
{
	GString *facts = facts_start(snapshot, "drift", text);

	for (guint i = 0; i < page->items->len; i++)
		add_item(facts, snapshot, page->items->pdata[i]);
	g_string_append_printf(facts, "\n%" PRId64 " ", page->selected);
	add_text(facts, page->next_cursor);
	return facts_end(facts);
}

char *render_target_etag(const struct snapshot *snapshot, const struct verdict *verdict, bool text)
{
	GString *facts = facts_start(snapshot, "target", text);

	add_item(facts, snapshot, verdict);
	return facts_end(facts);
}

void render_fact(const struct snapshot *snapshot, char ret_fact[17])
{
	const struct snapshot_input *input = &snapshot->input;
	GString *facts = g_string_new(snapshot->status_json.etag);
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

	for (guint i = 0; i < input->incidents->len; i++) {
		const struct incident *incident = input->incidents->pdata[i];

		add_incident(facts, incident);
		add_text(facts, priority_text(incident->priority));
		add_text(facts, incident->summary);
	}
	for (guint i = 0; i < input->channels->len; i++) {
		const struct channel_status *channel = input->channels->pdata[i];

		g_string_append_printf(facts, "\nsent %" PRId64, channel->last_sent_wall_ms);
	}
	g_checksum_update(checksum, (const guchar *)facts->str, (gssize)facts->len); /* in memory */
	g_strlcpy(ret_fact, g_checksum_get_string(checksum), 17);
	g_string_free(facts, TRUE);
}
