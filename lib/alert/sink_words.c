/* sink_words - words for people that all sinks share. See sink_private.h */
#include "alert/sink_private.h"

#include <string.h>

#include "alert/link.h"
#include "text.h"

/* Owners of one group that are named. */
#define OWNERS_MAX 5

#define NAME_MAX_BYTES 120
#define OWNER_MAX_BYTES 60

/* What a character outside of markup is shown as; 0: not at all. */
static gunichar shown_as(gunichar c)
{
	if (c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
		return ' ';
	return text_disturbs(c) ? 0 : c;
}

char *sink_line(const char *text, size_t max_bytes)
{
	g_autofree char *valid = text_to_utf8(text, text ? strlen(text) : 0, max_bytes);
	GString *line = g_string_new(NULL);

	for (const char *p = valid; *p; p = g_utf8_find_next_char(p, NULL)) {
		gunichar c = shown_as(g_utf8_get_char(p));

		if (c != 0)
			g_string_append_unichar(line, c);
	}
	return g_strstrip(g_string_free(line, FALSE));
}

bool sink_url_is_safe(const char *url)
{
	if (!url || strlen(url) > SINK_URL_MAX_BYTES ||
	    (!g_str_has_prefix(url, "http://") && !g_str_has_prefix(url, "https://")))
		return false;
	for (const char *p = url; *p; p++) {
		if (*p <= 0x20 || *p >= 0x7f || strchr("<>|\"'`\\^{}", *p))
			return false;
	}
	return true;
}

char *sink_target_url(const struct sink_context *context, const char *target)
{
	g_autofree char *path = NULL;

	if (!context->public_url || !target)
		return NULL;
	if (g_str_has_prefix(target, "repo/"))
		return g_strconcat(context->public_url, "/", NULL); /* has no page of its own */
	path = g_uri_escape_string(target, "/", FALSE);
	return g_strconcat(context->public_url, "/drift/", path, NULL);
}

char *sink_ack_url(const struct sink_context *context, const struct notice_item *item,
		   bool is_signed)
{
	if (!context->public_url || item->kind == NOTICE_KIND_CLOSING || item->incident <= 0 ||
	    item->status != INCIDENT_STATUS_OPEN)
		return NULL;
	return link_ack_url(context->public_url, is_signed ? context->link_secret : NULL,
			    item->incident, context->now_wall_ms);
}

static GDateTime *in_zone(const struct sink_context *context, int64_t wall_ms)
{
	g_autoptr(GTimeZone) zone =
		context->timezone ? g_time_zone_new_identifier(context->timezone) : NULL;
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_ms / MS_PER_S);

	if (!utc)
		return NULL; /* beyond the year 9999 */
	return zone ? g_date_time_to_timezone(utc, zone) : g_steal_pointer(&utc);
}

static bool is_same_day(GDateTime *a, GDateTime *b)
{
	return g_date_time_get_year(a) == g_date_time_get_year(b) &&
	       g_date_time_get_day_of_year(a) == g_date_time_get_day_of_year(b);
}

char *sink_time(const struct sink_context *context, int64_t wall_ms)
{
	g_autoptr(GDateTime) then = in_zone(context, wall_ms);
	g_autoptr(GDateTime) now = in_zone(context, context->now_wall_ms);

	if (!then || !now || wall_ms <= 0)
		return g_strdup("an unknown time");
	return g_date_time_format(then, is_same_day(then, now) ? "%H:%M %Z" : "%Y-%m-%d %H:%M %Z");
}

char *sink_since(const struct sink_context *context, const struct notice_item *item)
{
	bool over = item->kind == NOTICE_KIND_CLOSING && item->ended_wall_ms > 0;
	int64_t end = over ? item->ended_wall_ms : context->now_wall_ms;
	g_autofree char *began = sink_time(context, item->opened_wall_ms);
	g_autofree char *ended = sink_time(context, end);
	g_autofree char *age = text_age(end - item->opened_wall_ms);

	if (item->opened_wall_ms <= 0)
		return g_strdup("since when is not known");
	return over ? g_strdup_printf("from %s to %s, %s", began, ended, age)
		    : g_strdup_printf("since %s, %s", began, age);
}

static const char *closing_word(enum incident_status status)
{
	switch (status) {
	case INCIDENT_STATUS_RESOLVED:
		return "Resolved";
	case INCIDENT_STATUS_WITHDRAWN:
		return "Withdrawn";
	case INCIDENT_STATUS_NONE: /* of a group: some are this, some that */
	case INCIDENT_STATUS_OPEN:
	case INCIDENT_STATUS_ACKNOWLEDGED:
		break;
	}
	return "Over";
}

static char *closing_text(const struct notice_item *item, int64_t now_wall_ms)
{
	int64_t end = item->ended_wall_ms > 0 ? item->ended_wall_ms : now_wall_ms;
	g_autofree char *age = text_age(end - item->opened_wall_ms);

	if (item->opened_wall_ms <= 0)
		return g_strdup(closing_word(item->status));
	return g_strdup_printf("%s after %s", closing_word(item->status), age);
}

char *sink_word(const struct notice_item *item, int64_t now_wall_ms)
{
	g_autofree char *age = text_age(now_wall_ms - item->opened_wall_ms);

	switch (item->kind) {
	case NOTICE_KIND_FIRING:
		return g_strdup(item->reopened ? "Firing again" : "Firing");
	case NOTICE_KIND_WORSE:
		return g_strdup("Worse");
	case NOTICE_KIND_REMINDER:
		return g_strdup_printf("Still, for %s", age);
	case NOTICE_KIND_CLOSING:
		return closing_text(item, now_wall_ms);
	case NOTICE_KIND_NONE:
	case NOTICE_KIND_DIGEST:
	case NOTICE_KIND_TEST:
		break;
	}
	return g_strdup("Told");
}

/* What is counted together in a headline. */
static const char *counted_as(const struct notice_item *item)
{
	switch (item->kind) {
	case NOTICE_KIND_FIRING:
		return item->reopened ? "firing again" : "firing";
	case NOTICE_KIND_WORSE:
		return "worse";
	case NOTICE_KIND_REMINDER:
		return "still there";
	case NOTICE_KIND_CLOSING:
		return item->status == INCIDENT_STATUS_WITHDRAWN ? "withdrawn" : "resolved";
	case NOTICE_KIND_NONE:
	case NOTICE_KIND_DIGEST:
	case NOTICE_KIND_TEST:
		break;
	}
	return "other";
}

static char *count_items(const struct notice *notice)
{
	static const char *const words[] = {"firing", "firing again", "worse",    "still there",
					    "other",  "resolved",     "withdrawn"};
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		guint count = 0;

		for (guint j = 0; j < notice->items->len; j++)
			count += g_str_equal(counted_as(notice->items->pdata[j]), words[i]) ? 1 : 0;
		if (count > 0)
			g_string_append_printf(text, "%s%u %s", text->len > 0 ? ", " : "", count,
					       words[i]);
	}
	return g_string_free(text, FALSE);
}

char *sink_headline(const struct notice *notice)
{
	const struct notice_digest *digest = notice->digest;

	if (notice->items->len > 0)
		return count_items(notice);
	if (notice->kind == NOTICE_KIND_TEST)
		return g_strdup("Test message");
	if (!digest)
		return g_strdup("Nothing to tell");
	if (digest->score < 0)
		return g_strdup_printf("Digest: %s, no score", state_text(digest->overall));
	return g_strdup_printf("Digest: %s, score %d", state_text(digest->overall), digest->score);
}

char *sink_counts(const struct notice_digest *digest)
{
	return g_strdup_printf("evaluated %" PRId64 " of %" PRId64 ": %" PRId64 " ok, %" PRId64
			       " pending, %" PRId64 " unknown, %" PRId64 " drift, %" PRId64
			       " paused",
			       digest->evaluated, digest->targets_total, digest->count[STATE_OK],
			       digest->count[STATE_PENDING], digest->count[STATE_UNKNOWN],
			       digest->count[STATE_DRIFT], digest->count[STATE_PAUSED]);
}

struct notice_item sink_lead(const GPtrArray *group)
{
	struct notice_item lead = *(const struct notice_item *)group->pdata[0];

	for (guint i = 1; i < group->len; i++) {
		const struct notice_item *item = group->pdata[i];

		if (item->opened_wall_ms > 0 &&
		    (lead.opened_wall_ms <= 0 || item->opened_wall_ms < lead.opened_wall_ms))
			lead.opened_wall_ms = item->opened_wall_ms;
		lead.ended_wall_ms = MAX(lead.ended_wall_ms, item->ended_wall_ms);
		if (item->priority != PRIORITY_NONE &&
		    (lead.priority == PRIORITY_NONE || item->priority < lead.priority))
			lead.priority = item->priority;
		lead.reopened = lead.reopened && item->reopened;
		if (item->status != lead.status)
			lead.status = INCIDENT_STATUS_NONE;
	}
	return lead;
}

char *sink_names(const GPtrArray *group, size_t max_bytes)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < group->len; i++) {
		const struct notice_item *item = group->pdata[i];
		g_autofree char *name = sink_line(item->target, NAME_MAX_BYTES);

		if (i > 0 && text->len + strlen(name) + strlen(", ") > max_bytes) {
			g_string_append_printf(text, " and %u more", group->len - i);
			break;
		}
		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", name);
	}
	return g_string_free(text, FALSE);
}

char *sink_owners(const GPtrArray *group)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal); /* borrowed */
	GString *text = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < group->len; i++) {
		const struct notice_item *item = group->pdata[i];
		g_autofree char *owner = sink_line(item->owner, OWNER_MAX_BYTES);

		if (!*owner || !g_hash_table_add(seen, item->owner) || ++count > OWNERS_MAX)
			continue;
		g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", owner);
	}
	if (count > OWNERS_MAX)
		g_string_append_printf(text, " and %u more", count - OWNERS_MAX);
	return g_string_free(text, text->len == 0);
}
