/* pushes - see pushes.h */
#include "api/pushes.h"

struct pushes {
	size_t max;
	GQueue *order;     /* char *, oldest first; owns them */
	GHashTable *by_id; /* id -> its GList in order */
};

struct pushes *pushes_create(size_t max)
{
	struct pushes *pushes = g_new0(struct pushes, 1);

	pushes->max = max;
	pushes->order = g_queue_new();
	pushes->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	return pushes;
}

void pushes_free(struct pushes *pushes)
{
	if (!pushes)
		return;
	g_hash_table_unref(pushes->by_id);
	g_queue_free_full(pushes->order, g_free);
	g_free(pushes);
}

static void drop(struct pushes *pushes, GList *link)
{
	char *id = link->data;

	(void)g_hash_table_remove(pushes->by_id, id); /* it is there */
	g_queue_delete_link(pushes->order, link);
	g_free(id);
}

bool pushes_add(struct pushes *pushes, const char *id)
{
	char *own = NULL;

	if (g_hash_table_contains(pushes->by_id, id))
		return false;
	own = g_strdup(id);
	g_queue_push_tail(pushes->order, own);
	(void)g_hash_table_insert(pushes->by_id, own, pushes->order->tail); /* new */
	if (pushes->order->length > pushes->max)
		drop(pushes, pushes->order->head);
	return true;
}

void pushes_remove(struct pushes *pushes, const char *id)
{
	GList *link = g_hash_table_lookup(pushes->by_id, id);

	if (link)
		drop(pushes, link);
}

size_t pushes_count(const struct pushes *pushes)
{
	return pushes->order->length;
}
