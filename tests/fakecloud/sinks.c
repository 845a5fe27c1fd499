/* sinks - see sinks.h */
#include "tests/fakecloud/sinks.h"

#include "clk.h"
#include "tests/fakecloud/github.h"
#include "tests/fakecloud/issuer.h"
#include "tests/fakecloud/jsn.h"

#include <string.h>

static void record_free(void *data)
{
	struct record *record = data;

	g_free(record->channel);
	g_free(record->line);
	g_free(record);
}

static void drop_json(void *object)
{
	(void)json_object_put(object); /* says whether it was the last reference */
}

struct sinks *sinks_create(void)
{
	struct sinks *sinks = g_new0(struct sinks, 1);

	sinks->slack.list = g_ptr_array_new_with_free_func(record_free);
	sinks->webhooks.list = g_ptr_array_new_with_free_func(record_free);
	sinks->attempts.list = g_ptr_array_new_with_free_func(record_free);
	sinks->receivers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop_json);
	sinks->repos = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, github_repo_free);
	sinks->issuer = issuer_create();
	return sinks;
}

void sinks_free(struct sinks *sinks)
{
	if (!sinks)
		return;
	g_ptr_array_unref(sinks->slack.list);
	g_ptr_array_unref(sinks->webhooks.list);
	g_ptr_array_unref(sinks->attempts.list);
	g_hash_table_unref(sinks->receivers);
	g_hash_table_unref(sinks->repos);
	issuer_free(sinks->issuer);
	g_free(sinks);
}

void sinks_reset(struct sinks *sinks)
{
	g_ptr_array_set_size(sinks->slack.list, 0);
	g_ptr_array_set_size(sinks->webhooks.list, 0);
	g_ptr_array_set_size(sinks->attempts.list, 0);
	g_hash_table_remove_all(sinks->receivers);
	g_hash_table_remove_all(sinks->repos);
	issuer_reset(sinks->issuer);
}

/* --- records --- */

/** RFC 3339 with milliseconds. Caller frees. */
static char *time_text(int64_t wall_ms)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(wall_ms / MS_PER_S);
	g_autofree char *seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");

	return g_strdup_printf("%s.%03dZ", seconds, (int)(wall_ms % MS_PER_S));
}

static const struct record *add_at(struct records *records, const char *channel, json_object *taken,
				   int64_t at_ms)
{
	struct record *record = g_new0(struct record, 1);
	g_autofree char *at = time_text(at_ms);

	record->seq = ++records->last_seq;
	record->channel = g_strdup(channel);
	jsn_add(taken, "seq", json_object_new_int64(record->seq));
	jsn_add_text(taken, "channel", channel);
	jsn_add(taken, "at_ms", json_object_new_int64(at_ms));
	jsn_add_text(taken, "at", at);
	record->line =
		g_strdup(json_object_to_json_string_ext(taken, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(taken);
	g_ptr_array_add(records->list, record);
	return record;
}

const struct record *records_add(struct records *records, const char *channel, json_object *taken)
{
	return add_at(records, channel, taken, clk_wall_ms());
}

static int64_t number_query(const struct request *request, const char *name, int64_t fallback)
{
	const char *text = request_query(request, name);
	gint64 number = 0;

	if (!text || !g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL))
		return fallback;
	return number;
}

void records_reply(const struct records *records, const struct request *request,
		   struct reply *reply)
{
	int64_t since = number_query(request, "since", 0), count = 0;
	int64_t limit = number_query(request, "limit", G_MAXINT64);
	bool items = number_query(request, "items", 1) != 0;
	const char *channel = request_query(request, "channel");
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; i < records->list->len && count < limit; i++) {
		const struct record *record = records->list->pdata[i];

		if (record->seq <= since || (channel && !g_str_equal(channel, record->channel)))
			continue;
		if (items)
			g_string_append_printf(lines, "%s%s", count > 0 ? ",\n" : "", record->line);
		count++;
	}
	reply_set_text(reply, 200, "application/json", "");
	g_string_append_printf(reply->body,
			       "{\"count\":%" G_GINT64_FORMAT ",\"last\":%" G_GINT64_FORMAT
			       ",\"items\":[%s]}\n",
			       count, records->last_seq, lines->str);
}

/* --- attempts --- */

bool sinks_is_path(const struct request *request)
{
	const char *family = request_part(request, 0);

	return g_str_equal(family, "slack") || g_str_equal(family, "webhook") ||
	       g_str_equal(family, "github") || g_str_equal(family, "oidc");
}

void sinks_note_attempt(struct sinks *sinks, const struct request *request,
			const struct reply *reply, int64_t at_ms)
{
	json_object *object = json_object_new_object();
	int status = reply->reset ? 0 : reply->status;

	jsn_add_text(object, "method", request->method);
	jsn_add_text(object, "uri", request->uri);
	jsn_add(object, "status", json_object_new_int(status));
	/* what Slack says is one word; of the others it is only the beginning that matters */
	if (status >= 400)
		jsn_add(object, "answer",
			json_object_new_string_len(reply->body->str,
						   (int)MIN(reply->body->len, 300))); /* small */
	jsn_add(object, "body_bytes",
		json_object_new_int64((int64_t)request->body->len)); /* at most 64 MiB */
	(void)add_at(&sinks->attempts, request_part(request, 0), object, at_ms);
}
