/* incident - see incident.h: words, making and copying, who was told, and the JSON of the store. */
#include "alert/incident.h"

#include <string.h>

#include "drift_error.h"
#include "json.h"
#include "text.h"

/* Texts of the store longer than this are not ours: a channel's id, a reason code. */
#define WORD_MAX_BYTES ((size_t)200)

/* Longest "told" or "codes" of the store. */
#define JSON_MAX_BYTES ((size_t)256 * 1024)

static const char *const cause_words[] = {
	[INCIDENT_CAUSE_NONE] = "none",
	[INCIDENT_CAUSE_DRIFT] = "drift",
	[INCIDENT_CAUSE_BLIND] = "blind",
};

static const char *const status_words[] = {
	[INCIDENT_STATUS_NONE] = "none",
	[INCIDENT_STATUS_OPEN] = "open",
	[INCIDENT_STATUS_ACKNOWLEDGED] = "acknowledged",
	[INCIDENT_STATUS_RESOLVED] = "resolved",
	[INCIDENT_STATUS_WITHDRAWN] = "withdrawn",
};

const char *incident_cause_text(enum incident_cause cause)
{
	return cause_words[cause];
}

const char *incident_status_text(enum incident_status status)
{
	return status_words[status];
}

/* "none" is a word for people only: it is not read back. */
static size_t find_word(const char *const *words, size_t count, const char *text)
{
	for (size_t i = 1; text && i < count; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}
	return 0;
}

enum incident_cause incident_cause_from_text(const char *text)
{
	return (enum incident_cause)find_word(cause_words, G_N_ELEMENTS(cause_words), text);
}

enum incident_status incident_status_from_text(const char *text)
{
	return (enum incident_status)find_word(status_words, G_N_ELEMENTS(status_words), text);
}

static void told_free(gpointer data)
{
	struct incident_told *told = data;

	g_free(told->channel);
	g_free(told);
}

static GPtrArray *told_create(void)
{
	return g_ptr_array_new_with_free_func(told_free);
}

struct incident *incident_create(void)
{
	struct incident *incident = g_new0(struct incident, 1);

	incident->codes = g_ptr_array_new_with_free_func(g_free);
	incident->told = told_create();
	return incident;
}

static void add_told(GPtrArray *array, const char *channel, int64_t version, int64_t wall_ms)
{
	struct incident_told *told = g_new0(struct incident_told, 1);

	told->channel = g_strdup(channel);
	told->version = version;
	told->wall_ms = wall_ms;
	g_ptr_array_add(array, told);
}

struct incident *incident_copy(const struct incident *incident)
{
	struct incident *copy = incident_create();
	GPtrArray *codes = copy->codes;
	GPtrArray *told = copy->told;

	*copy = *incident;
	copy->codes = codes;
	copy->told = told;
	copy->target = g_strdup(incident->target);
	copy->summary = g_strdup(incident->summary);
	copy->acknowledged_by = g_strdup(incident->acknowledged_by);
	copy->why = g_strdup(incident->why);
	copy->worse = g_strdup(incident->worse);
	copy->held_by = g_strdup(incident->held_by);
	for (guint i = 0; i < incident->codes->len; i++)
		g_ptr_array_add(codes, g_strdup(incident->codes->pdata[i]));
	for (guint i = 0; i < incident->told->len; i++) {
		const struct incident_told *old = incident->told->pdata[i];

		add_told(told, old->channel, old->version, old->wall_ms);
	}
	return copy;
}

void incident_free(struct incident *incident)
{
	if (!incident)
		return;
	g_free(incident->target);
	g_free(incident->summary);
	g_ptr_array_unref(incident->codes);
	g_free(incident->acknowledged_by);
	g_free(incident->why);
	g_free(incident->worse);
	g_ptr_array_unref(incident->told);
	g_free(incident->held_by);
	g_free(incident);
}

bool incident_is_over(const struct incident *incident)
{
	return incident->status == INCIDENT_STATUS_RESOLVED ||
	       incident->status == INCIDENT_STATUS_WITHDRAWN;
}

struct incident_told *incident_find_told(const struct incident *incident, const char *channel)
{
	for (guint i = 0; i < incident->told->len; i++) {
		struct incident_told *told = incident->told->pdata[i];

		if (strcmp(told->channel, channel) == 0)
			return told;
	}
	return NULL;
}

static guint find_oldest(const GPtrArray *told)
{
	guint oldest = 0;

	for (guint i = 1; i < told->len; i++) {
		const struct incident_told *left = told->pdata[oldest];
		const struct incident_told *right = told->pdata[i];

		if (right->wall_ms < left->wall_ms)
			oldest = i;
	}
	return oldest;
}

static void note_told(struct incident *incident, const char *channel, int64_t version,
		      int64_t wall_ms)
{
	struct incident_told *told = incident_find_told(incident, channel);

	if (told) {
		told->version = version;
		told->wall_ms = wall_ms;
		return;
	}
	/* channels that are renamed again and again */
	if (incident->told->len >= INCIDENT_TOLD_MAX)
		g_ptr_array_remove_index(incident->told, find_oldest(incident->told));
	add_told(incident->told, channel, version, wall_ms);
}

void incident_tell(struct incident *incident, const char *channel, int64_t now_wall_ms)
{
	note_told(incident, channel, incident->version, now_wall_ms);
}

bool incident_tell_instead(struct incident *incident, const char *from, const char *to)
{
	const struct incident_told *was = incident_find_told(incident, from);
	const struct incident_told *is = incident_find_told(incident, to);

	if (!was || was->version <= (is ? is->version : 0))
		return false;
	note_told(incident, to, was->version, was->wall_ms);
	return true;
}

char *incident_told_json(const struct incident *incident)
{
	json_object *array = json_object_new_array();
	char *text;

	for (guint i = 0; i < incident->told->len; i++) {
		const struct incident_told *told = incident->told->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "channel", told->channel);
		json_add_int(object, "version", told->version);
		json_add_int(object, "at_ms", told->wall_ms);
		json_append(array, object);
	}
	text = json_to_text(array, NULL);
	json_object_put(array);
	return text;
}

char *incident_codes_json(const struct incident *incident)
{
	json_object *array = json_object_new_array();
	char *text;

	for (guint i = 0; i < incident->codes->len; i++)
		json_append(array, json_object_new_string(incident->codes->pdata[i]));
	text = json_to_text(array, NULL);
	json_object_put(array);
	return text;
}

static bool refuse(GError **error, const char *what)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, what);
	return false;
}

/* An array of at most @p max. Caller puts. */
static json_object *parse_array(const char *text, size_t max, GError **error)
{
	json_object *array = NULL;

	if (!text || strlen(text) > JSON_MAX_BYTES)
		(void)refuse(error, "missing, or too long");
	else
		array = json_parse(text, strlen(text), error);
	if (array && (!json_object_is_type(array, json_type_array) ||
		      json_object_array_length(array) > max)) {
		(void)refuse(error, "not an array, or too long");
		json_object_put(array);
		array = NULL;
	}
	return array;
}

static bool is_word(const char *text)
{
	return text && *text && strlen(text) <= WORD_MAX_BYTES;
}

static bool has_channel(const GPtrArray *told, const char *channel)
{
	for (guint i = 0; i < told->len; i++) {
		if (strcmp(((const struct incident_told *)told->pdata[i])->channel, channel) == 0)
			return true;
	}
	return false;
}

static bool read_told(json_object *object, GPtrArray *told, GError **error)
{
	const char *channel = json_member_text(object, "channel", NULL);
	int64_t version = json_member_int(object, "version", -1);
	int64_t wall_ms = json_member_int(object, "at_ms", -1);

	if (!is_word(channel) || version < 0 || wall_ms < 0)
		return refuse(error, "told: channel, version or at_ms is missing or wrong");
	if (has_channel(told, channel))
		return refuse(error, "told: a channel is there twice");
	add_told(told, channel, version, wall_ms);
	return true;
}

bool incident_set_told_json(struct incident *incident, const char *text, GError **error)
{
	json_object *array = parse_array(text, INCIDENT_TOLD_MAX, error);
	GPtrArray *told = told_create();
	bool ok = array != NULL;

	for (size_t i = 0; ok && i < json_object_array_length(array); i++)
		ok = read_told(json_object_array_get_idx(array, i), told, error);
	if (ok) {
		GPtrArray *old = incident->told;

		incident->told = told;
		told = old;
	}
	g_ptr_array_unref(told);
	json_object_put(array);
	return ok;
}

static bool read_code(json_object *value, GPtrArray *codes, GError **error)
{
	g_autofree char *code =
		json_object_is_type(value, json_type_string) ? json_scalar_text(value) : NULL;

	if (!is_word(code))
		return refuse(error, "codes: one is not a word");
	g_ptr_array_add(codes, g_steal_pointer(&code));
	return true;
}

bool incident_set_codes_json(struct incident *incident, const char *text, GError **error)
{
	json_object *array = parse_array(text, INCIDENT_CODES_MAX, error);
	GPtrArray *codes = g_ptr_array_new_with_free_func(g_free);
	bool ok = array != NULL;

	for (size_t i = 0; ok && i < json_object_array_length(array); i++)
		ok = read_code(json_object_array_get_idx(array, i), codes, error);
	if (ok) {
		GPtrArray *old = incident->codes;

		incident->codes = codes;
		codes = old;
	}
	g_ptr_array_unref(codes);
	json_object_put(array);
	return ok;
}

static void replace(char **text, char *with)
{
	g_free(*text);
	*text = with;
}

bool incident_acknowledge(struct incident *incident, const char *who, const char *why,
			  int64_t now_wall_ms, int64_t expires_after_ms)
{
	if (incident_is_over(incident))
		return false;
	incident->status = INCIDENT_STATUS_ACKNOWLEDGED;
	/* also where a clock that was set back puts it before the beginning: it expires by this clock */
	incident->acknowledged_wall_ms = now_wall_ms;
	incident->ack_expires_wall_ms = incident->acknowledged_wall_ms + expires_after_ms;
	if (incident->first_ack_wall_ms == 0)
		incident->first_ack_wall_ms = incident->acknowledged_wall_ms;
	replace(&incident->acknowledged_by, text_to_utf8(who, strlen(who), INCIDENT_WHO_MAX_BYTES));
	replace(&incident->why,
		why && *why ? text_to_utf8(why, strlen(why), INCIDENT_WHY_MAX_BYTES) : NULL);
	return true;
}
