/* cursor - see cursor.h. base64url (RFC 4648 5) without padding over "KIND SEPARATOR FIELD …". */
#include "api/cursor.h"

#include <inttypes.h>
#include <string.h>

#include "drift_error.h"

#define SEPARATOR "\x1f"
#define BASE64_URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** A first field that tells cursors of one list from those of another, and of later shapes. */
#define KIND_VERDICT "v1"
#define KIND_HISTORY "h2"

/* The same, of lists by id. */
static const char *kind_of(enum cursor_list list)
{
	switch (list) {
	case CURSOR_LIST_INCIDENTS:
		return "i1";
	case CURSOR_LIST_SILENCES:
		return "s1";
	case CURSOR_LIST_NOTIFICATIONS:
		return "n1";
	case CURSOR_LIST_NONE:
		break;
	}
	return "-";
}

static char *encode(const char *text)
{
	char *encoded = g_base64_encode((const guchar *)text, strlen(text));

	g_strdelimit(encoded, "+", '-');
	g_strdelimit(encoded, "/", '_');
	encoded[strcspn(encoded, "=")] = '\0';
	return encoded;
}

/* The fields, at least @p count of them, of a cursor of @p kind; NULL when it is none. */
static char **decode(const char *cursor, const char *kind, guint count)
{
	g_autofree char *padded = NULL;
	g_autofree char *text = NULL;
	g_autofree guchar *bytes = NULL;
	g_auto(GStrv) fields = NULL;
	gsize length = 0;
	size_t digits = strlen(cursor);

	if (digits == 0 || digits > CURSOR_MAX_BYTES || digits % 4 == 1 ||
	    strspn(cursor, BASE64_URL) != digits)
		return NULL;
	padded = g_strconcat(cursor, digits % 4 == 2 ? "==" : digits % 4 == 3 ? "=" : "", NULL);
	g_strdelimit(padded, "-", '+');
	g_strdelimit(padded, "_", '/');
	bytes = g_base64_decode(padded, &length);
	if (!g_utf8_validate_len((const char *)bytes, length, NULL))
		return NULL;
	text = g_strndup((const char *)bytes, length);
	fields = g_strsplit(text, SEPARATOR, -1);
	if (g_strv_length(fields) != count || strcmp(fields[0], kind) != 0)
		return NULL;
	return g_steal_pointer(&fields);
}

static bool refuse(GError **error)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "this is no cursor of this list: take next_cursor from its answer, or leave "
		    "the parameter out to begin at the first page");
	return false;
}

static bool parse_number(const char *text, int64_t min, int64_t max, int64_t *ret_number)
{
	gint64 number = 0;

	if (!g_ascii_string_to_signed(text, 10, min, max, &number, NULL))
		return false;
	*ret_number = number;
	return true;
}

char *cursor_of_verdict(const struct verdict *verdict)
{
	g_autofree char *text = g_strdup_printf(
		KIND_VERDICT SEPARATOR "%d" SEPARATOR "%d" SEPARATOR "%" PRId64 SEPARATOR "%s",
		(int)verdict->state, (int)verdict->priority, verdict->since_wall_ms, verdict->id);

	return encode(text);
}

struct verdict *cursor_parse_verdict(const char *cursor, GError **error)
{
	g_auto(GStrv) fields = decode(cursor, KIND_VERDICT, 5);
	int64_t state = 0, priority = 0, since = 0;
	struct verdict *keys = NULL;

	if (!fields || !parse_number(fields[1], STATE_OK, STATE_PAUSED, &state) ||
	    !parse_number(fields[2], PRIORITY_NONE, PRIORITY_P2, &priority) ||
	    !parse_number(fields[3], INT64_MIN, INT64_MAX, &since) || !strchr(fields[4], '/')) {
		(void)refuse(error);
		return NULL;
	}
	keys = verdict_create(fields[4]);
	keys->state = (enum state)state;
	keys->priority = (enum priority)priority;
	keys->since_wall_ms = since;
	return keys;
}

char *cursor_of_history(const struct cursor_history *place)
{
	g_autofree char *text = g_strdup_printf(
		KIND_HISTORY SEPARATOR "%" PRId64 SEPARATOR "%" PRId64 SEPARATOR "%" PRId64,
		place->transition, place->deployment, place->sample);

	return encode(text);
}

bool cursor_parse_history(const char *cursor, struct cursor_history *ret_place, GError **error)
{
	g_auto(GStrv) fields = decode(cursor, KIND_HISTORY, 4);
	struct cursor_history place = {0};

	if (!fields || !parse_number(fields[1], 1, INT64_MAX, &place.transition) ||
	    !parse_number(fields[2], 1, INT64_MAX, &place.deployment) ||
	    !parse_number(fields[3], 1, INT64_MAX, &place.sample))
		return refuse(error);
	*ret_place = place;
	return true;
}

char *cursor_of_id(enum cursor_list list, int64_t id)
{
	g_autofree char *text = g_strdup_printf("%s" SEPARATOR "%" PRId64, kind_of(list), id);

	return encode(text);
}

bool cursor_parse_id(const char *cursor, enum cursor_list list, int64_t *ret_id, GError **error)
{
	g_auto(GStrv) fields = decode(cursor, kind_of(list), 2);

	if (!fields || !parse_number(fields[1], 1, INT64_MAX, ret_id))
		return refuse(error);
	return true;
}
