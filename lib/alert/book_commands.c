/* book_commands - what people tell the book: acknowledged, a false alarm, be silent, speak again. */
#include "alert/book_private.h"

#include <string.h>

#include "drift_error.h"
#include "dur.h"
#include "text.h"

static struct book_round *refuse(GError **error, enum drift_error code, const char *format, ...)
	PRINTF_LIKE(3, 4);

static struct book_round *refuse(GError **error, enum drift_error code, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, DRIFT_ERROR, (gint)code, message);
	return NULL;
}

/* Looked for one by one: people ask seldom. */
static const struct incident *find_incident(const struct book *book, int64_t id)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, book->by_target);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct book_entry *entry = value;

		if (entry->incident->id == id)
			return entry->incident;
	}
	return NULL;
}

static bool is_blank(const char *text)
{
	return !text || text[strspn(text, " \t\r\n")] == '\0';
}

struct book_round *book_acknowledge(struct book *book, int64_t incident, const char *who,
				    const char *why, int64_t now_wall_ms, int64_t expires_after_ms,
				    GError **error)
{
	const struct incident *found = find_incident(book, incident);
	struct book_round *round;
	struct incident *next;

	if (!found)
		return refuse(error, DRIFT_ERROR_NOT_FOUND,
			      "acknowledge incident %" PRId64
			      ": there is none, or it ended long ago",
			      incident);
	if (incident_is_over(found))
		return refuse(error, DRIFT_ERROR_INVALID,
			      "acknowledge incident %" PRId64 " (%s): it is %s already", incident,
			      found->target, incident_status_text(found->status));
	if (is_blank(who))
		return refuse(error, DRIFT_ERROR_INVALID,
			      "acknowledge incident %" PRId64 ": say who does", incident);
	round = book_round_create();
	next = incident_copy(found);
	(void)incident_acknowledge(next, who, why, now_wall_ms,
				   expires_after_ms); /* it is not over: asked above */
	g_ptr_array_add(round->incidents, next);
	return round;
}

struct book_round *book_mark_false_alarm(struct book *book, int64_t id,
					 const struct incident *incident, bool false_alarm,
					 GError **error)
{
	const struct incident *found = find_incident(book, id);
	struct book_round *round;
	struct incident *next;

	if (!found)
		found = incident;
	if (!found)
		return refuse(error, DRIFT_ERROR_NOT_FOUND,
			      "mark incident %" PRId64 " as a false alarm: there is none", id);
	round = book_round_create();
	if (found->false_alarm == false_alarm)
		return round;
	next = incident_copy(found);
	next->false_alarm = false_alarm;
	g_ptr_array_add(round->incidents, next);
	return round;
}

struct book_round *book_note_moved(const struct book *book, const struct notice *notice,
				   const char *from, const char *to)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
	struct book_round *round = book_round_create();

	for (guint i = 0; i < notice->items->len; i++) {
		struct notice_item *item = notice->items->pdata[i];
		const struct book_entry *entry = g_hash_table_lookup(book->by_target, item->target);
		struct incident *next = NULL;

		/* of an incident before the last nobody is told any more */
		if (!entry || entry->incident->id != item->incident ||
		    !g_hash_table_add(seen, &item->incident))
			continue;
		next = incident_copy(entry->incident);
		if (incident_tell_instead(next, from, to))
			g_ptr_array_add(round->incidents, next);
		else
			incident_free(next);
	}
	return round;
}

/* Those that are long past are of no use to anybody here. */
static void forget_past(struct book *book, int64_t now_wall_ms)
{
	for (guint i = book->silences->len; i > 0; i--) {
		const struct book_silence *held = book->silences->pdata[i - 1];

		if (held->silence->until_wall_ms < now_wall_ms - MS_PER_DAY)
			g_ptr_array_remove_index(book->silences, i - 1);
	}
}

static bool check_silence(const char *matcher, int64_t until_wall_ms, const char *who,
			  int64_t now_wall_ms, GError **error)
{
	struct matcher *parsed = matcher_parse(matcher ? matcher : "", error);

	if (!parsed) {
		g_prefix_error(error, "silence: ");
		return false;
	}
	matcher_free(parsed);
	if (until_wall_ms <= now_wall_ms)
		(void)refuse(error, DRIFT_ERROR_INVALID, "silence %s: until is past", matcher);
	else if (until_wall_ms - now_wall_ms > DUR_MAX_MS)
		(void)refuse(error, DRIFT_ERROR_INVALID,
			     "silence %s: until is more than a year ahead", matcher);
	else if (is_blank(who))
		(void)refuse(error, DRIFT_ERROR_INVALID, "silence %s: say who wants it", matcher);
	else
		return true;
	return false;
}

struct book_round *book_add_silence(struct book *book, const char *matcher, int64_t until_wall_ms,
				    const char *who, const char *why, int64_t now_wall_ms,
				    GError **error)
{
	struct book_round *round;
	struct silence *silence;

	if (!check_silence(matcher, until_wall_ms, who, now_wall_ms, error))
		return NULL;
	forget_past(book, now_wall_ms);
	if (book->silences->len >= BOOK_SILENCES_MAX)
		return refuse(error, DRIFT_ERROR_INVALID,
			      "silence %s: there are %d silences already, which is the most: end "
			      "some",
			      matcher, BOOK_SILENCES_MAX);
	round = book_round_create();
	silence = silence_create();
	silence->id = book->next_silence_id;
	silence->matcher = g_strdup(matcher);
	silence->until_wall_ms = until_wall_ms;
	silence->who = text_to_utf8(who, strlen(who), INCIDENT_WHO_MAX_BYTES);
	silence->why = text_to_utf8(why ? why : "", why ? strlen(why) : 0, INCIDENT_WHY_MAX_BYTES);
	silence->created_wall_ms = now_wall_ms;
	g_ptr_array_add(round->silences, silence);
	return round;
}

struct book_round *book_end_silence(struct book *book, int64_t id, int64_t now_wall_ms,
				    GError **error)
{
	for (guint i = 0; i < book->silences->len; i++) {
		const struct book_silence *held = book->silences->pdata[i];
		struct book_round *round;
		struct silence *next;

		if (held->silence->id != id || !book_silence_is_active(held->silence, now_wall_ms))
			continue;
		round = book_round_create();
		next = silence_copy(held->silence);
		next->ended_wall_ms = MAX(now_wall_ms, 1);
		g_ptr_array_add(round->silences, next);
		return round;
	}
	return refuse(error, DRIFT_ERROR_NOT_FOUND,
		      "end silence %" PRId64 ": there is none, or it has ended", id);
}
