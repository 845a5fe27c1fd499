/* book - see book.h: what it holds, and how a committed round gets into it. */
#include "alert/book_private.h"

#include <string.h>

struct silence *silence_create(void)
{
	return g_new0(struct silence, 1);
}

struct silence *silence_copy(const struct silence *silence)
{
	struct silence *copy = silence_create();

	*copy = *silence;
	copy->matcher = g_strdup(silence->matcher);
	copy->who = g_strdup(silence->who);
	copy->why = g_strdup(silence->why);
	return copy;
}

void silence_free(struct silence *silence)
{
	if (!silence)
		return;
	g_free(silence->matcher);
	g_free(silence->who);
	g_free(silence->why);
	g_free(silence);
}

static void message_free(gpointer data)
{
	struct book_message *message = data;

	g_free(message->channel);
	notice_free(message->notice);
	g_free(message);
}

struct book_round *book_round_create(void)
{
	struct book_round *round = g_new0(struct book_round, 1);

	round->incidents = g_ptr_array_new_with_free_func((GDestroyNotify)incident_free);
	round->silences = g_ptr_array_new_with_free_func((GDestroyNotify)silence_free);
	round->messages = g_ptr_array_new_with_free_func(message_free);
	round->digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return round;
}

void book_round_free(struct book_round *round)
{
	if (!round)
		return;
	g_ptr_array_unref(round->incidents);
	g_ptr_array_unref(round->silences);
	g_ptr_array_unref(round->messages);
	g_hash_table_unref(round->digests);
	g_free(round);
}

bool book_round_is_empty(const struct book_round *round)
{
	return round->incidents->len == 0 && round->silences->len == 0 &&
	       round->messages->len == 0 && g_hash_table_size(round->digests) == 0;
}

static void entry_free(gpointer data)
{
	struct book_entry *entry = data;

	incident_free(entry->incident);
	g_free(entry->owner);
	g_free(entry->description);
	notice_item_free(entry->live);
	g_free(entry);
}

static void held_silence_free(gpointer data)
{
	struct book_silence *held = data;

	silence_free(held->silence);
	matcher_free(held->matcher);
	g_free(held);
}

static void set_open(struct book *book, struct book_entry *entry)
{
	bool is_open = !incident_is_over(entry->incident);

	if (is_open == (entry->open_index != BOOK_NOT_OPEN))
		return;
	if (is_open) {
		entry->open_index = book->open->len;
		g_ptr_array_add(book->open, entry);
		return;
	}
	/* the last takes its place */
	((struct book_entry *)book->open->pdata[book->open->len - 1])->open_index =
		entry->open_index;
	(void)g_ptr_array_remove_index_fast(book->open, entry->open_index);
	entry->open_index = BOOK_NOT_OPEN;
}

/* Does @p incident say more of its target than @p known? The open one does, then the newer. */
static bool supersedes(const struct incident *incident, const struct incident *known)
{
	if (incident->id == known->id)
		return true;
	if (incident_is_over(incident) != incident_is_over(known))
		return !incident_is_over(incident);
	return incident->id > known->id;
}

struct book_entry *book_add_newcomer(struct book *book, const char *id)
{
	struct book_entry *entry = g_new0(struct book_entry, 1);

	entry->open_index = BOOK_NOT_OPEN;
	(void)g_hash_table_replace(book->newcomers, g_strdup(id), entry); /* new or not */
	return entry;
}

/* Caller owns. */
static struct book_entry *take_newcomer(struct book *book, const char *id)
{
	gpointer entry = NULL;
	gpointer key = NULL;

	if (!g_hash_table_contains(book->newcomers, id))
		(void)book_add_newcomer(book, id);
	(void)g_hash_table_steal_extended(book->newcomers, id, &key, &entry); /* is there */
	g_free(key);
	return entry;
}

/* Takes @p incident. */
static void put_incident(struct book *book, struct incident *incident)
{
	struct book_entry *entry = g_hash_table_lookup(book->by_target, incident->target);

	book->next_incident_id = MAX(book->next_incident_id, incident->id + 1);
	if (!entry) {
		entry = take_newcomer(book, incident->target);
		entry->incident = incident;
		(void)g_hash_table_insert(book->by_target, incident->target, entry); /* is new */
	} else if (supersedes(incident, entry->incident)) {
		(void)g_hash_table_steal(book->by_target, incident->target); /* the key goes away */
		incident_free(entry->incident);
		entry->incident = incident;
		(void)g_hash_table_insert(book->by_target, incident->target, entry);
	} else {
		incident_free(incident);
		return;
	}
	set_open(book, entry);
}

static gint compare_held(gconstpointer a, gconstpointer b)
{
	const struct book_silence *left = *(const struct book_silence *const *)a;
	const struct book_silence *right = *(const struct book_silence *const *)b;

	return (left->silence->id > right->silence->id) - (left->silence->id < right->silence->id);
}

static void remove_silence(struct book *book, int64_t id)
{
	for (guint i = 0; i < book->silences->len; i++) {
		const struct book_silence *held = book->silences->pdata[i];

		if (held->silence->id == id) {
			g_ptr_array_remove_index(book->silences, i);
			return;
		}
	}
}

/* Takes @p silence. */
static void put_silence(struct book *book, struct silence *silence)
{
	struct book_silence *held;

	book->next_silence_id = MAX(book->next_silence_id, silence->id + 1);
	remove_silence(book, silence->id);
	if (silence->ended_wall_ms > 0) {
		silence_free(silence);
		return;
	}
	held = g_new0(struct book_silence, 1);
	held->silence = silence;
	held->matcher = matcher_parse(silence->matcher, NULL); /* NULL: matches nothing */
	g_ptr_array_add(book->silences, held);
	g_ptr_array_sort(book->silences, compare_held);
}

struct book *book_create(struct book_input *input)
{
	struct book *book = g_new0(struct book, 1);

	book->by_target = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
	book->open = g_ptr_array_new();
	book->newcomers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
	book->silences = g_ptr_array_new_with_free_func(held_silence_free);
	book->digests = input->digests
				? input->digests
				: g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	book->next_incident_id = MAX(input->next_incident_id, 1);
	book->next_silence_id = MAX(input->next_silence_id, 1);
	for (guint i = 0; input->incidents && i < input->incidents->len; i++)
		put_incident(book, incident_copy(input->incidents->pdata[i]));
	for (guint i = 0; input->silences && i < input->silences->len; i++)
		put_silence(book, silence_copy(input->silences->pdata[i]));
	g_clear_pointer(&input->incidents, g_ptr_array_unref);
	g_clear_pointer(&input->silences, g_ptr_array_unref);
	input->digests = NULL;
	return book;
}

void book_free(struct book *book)
{
	if (!book)
		return;
	g_hash_table_unref(book->by_target);
	g_ptr_array_unref(book->open);
	g_hash_table_unref(book->newcomers);
	g_ptr_array_unref(book->silences);
	g_hash_table_unref(book->digests);
	g_free(book);
}

void book_apply(struct book *book, const struct book_round *round)
{
	GHashTableIter iter;
	gpointer channel, wall_ms;

	for (guint i = 0; i < round->incidents->len; i++)
		put_incident(book, incident_copy(round->incidents->pdata[i]));
	for (guint i = 0; i < round->silences->len; i++)
		put_silence(book, silence_copy(round->silences->pdata[i]));
	g_hash_table_iter_init(&iter, round->digests);
	while (g_hash_table_iter_next(&iter, &channel, &wall_ms))
		(void)g_hash_table_replace(book->digests, g_strdup(channel),
					   g_memdup2(wall_ms, sizeof(int64_t))); /* new or not */
	book->due_config = NULL;
}

static gint compare_incidents(gconstpointer a, gconstpointer b)
{
	const struct incident *left = *(const struct incident *const *)a;
	const struct incident *right = *(const struct incident *const *)b;

	return (left->id > right->id) - (left->id < right->id);
}

GPtrArray *book_open_incidents(const struct book *book)
{
	GPtrArray *incidents = g_ptr_array_sized_new(book->open->len);

	for (guint i = 0; i < book->open->len; i++)
		g_ptr_array_add(incidents,
				((const struct book_entry *)book->open->pdata[i])->incident);
	g_ptr_array_sort(incidents, compare_incidents);
	return incidents;
}

const struct incident *book_find_open(const struct book *book, const char *target)
{
	const struct book_entry *entry = g_hash_table_lookup(book->by_target, target);

	return entry && !incident_is_over(entry->incident) ? entry->incident : NULL;
}

static gint compare_items(gconstpointer a, gconstpointer b)
{
	const struct notice_item *left = *(const struct notice_item *const *)a;
	const struct notice_item *right = *(const struct notice_item *const *)b;

	return (left->incident > right->incident) - (left->incident < right->incident);
}

/* As it was when it changed last; one that was acknowledged since, by its incident alone. */
static struct notice_item *live_item(const struct book_entry *entry)
{
	const struct incident *incident = entry->incident;
	struct notice_item *item;

	if (entry->live && entry->live->incident == incident->id &&
	    entry->live->status == incident->status)
		return notice_item_ref(entry->live);
	item = book_item_create(NOTICE_KIND_FIRING, incident, NULL, 0);

	item->state = incident->cause == INCIDENT_CAUSE_DRIFT ? STATE_DRIFT : STATE_UNKNOWN;
	item->owner = g_strdup(entry->owner);
	item->description = g_strdup(entry->description);
	return item;
}

GPtrArray *book_live_items(const struct book *book, const char *channel)
{
	GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)notice_item_free);

	for (guint i = 0; i < book->open->len; i++) {
		const struct book_entry *entry = book->open->pdata[i];

		/* its owner is one of the alert's labels: without it, it would be another alert */
		if (entry->known && book_was_told(entry->incident, channel))
			g_ptr_array_add(items, live_item(entry));
	}
	g_ptr_array_sort(items, compare_items);
	return items;
}

int64_t book_count_silences(const struct book *book, int64_t now_wall_ms)
{
	int64_t count = 0;

	for (guint i = 0; i < book->silences->len; i++)
		count += book_silence_is_active(
			((const struct book_silence *)book->silences->pdata[i])->silence,
			now_wall_ms);
	return count;
}
