/* asked - see asked.h */
#include "git/asked.h"

#include <string.h>

#include "git/answer.h"

struct entry {
	int64_t asked_mono_ms;
	char head[GIT_SHA_BYTES];
	char *why; /* NULL: the remote has none */
};

struct asked {
	GHashTable *entries; /* sha -> struct entry * */
};

static void free_entry(gpointer data)
{
	struct entry *entry = data;

	g_free(entry->why);
	g_free(entry);
}

struct asked *asked_create(void)
{
	struct asked *asked = g_new0(struct asked, 1);

	asked->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_entry);
	return asked;
}

void asked_free(struct asked *asked)
{
	if (!asked)
		return;
	g_hash_table_unref(asked->entries);
	g_free(asked);
}

bool asked_may_ask(const struct asked *asked, const char *sha, const char *head,
		   int64_t now_mono_ms)
{
	const struct entry *entry = g_hash_table_lookup(asked->entries, sha);
	int64_t age_ms;

	if (!entry)
		return true;
	age_ms = now_mono_ms - entry->asked_mono_ms;
	if (entry->why)
		return age_ms >= ASKED_RETRY_MS;
	return age_ms >= ASKED_AGAIN_MS || strcmp(entry->head, head) != 0;
}

void asked_note(struct asked *asked, const char *sha, const char *head, int64_t now_mono_ms,
		const char *why)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->asked_mono_ms = now_mono_ms;
	(void)g_strlcpy(entry->head, head, sizeof(entry->head)); /* same size */
	entry->why = g_strdup(why);
	if (g_hash_table_size(asked->entries) >= ASKED_MAX)
		g_hash_table_remove_all(asked->entries);
	g_hash_table_insert(asked->entries, g_strdup(sha), entry);
}

bool asked_find(const struct asked *asked, const char *sha, const char **ret_why)
{
	const struct entry *entry = g_hash_table_lookup(asked->entries, sha);

	if (!entry)
		return false;
	*ret_why = entry->why;
	return true;
}
