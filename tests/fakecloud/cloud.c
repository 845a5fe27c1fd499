/* cloud - see cloud.h */
#include "tests/fakecloud/cloud.h"

#include "clk.h"
#include "tests/fakecloud/bq.h"
#include "tests/fakecloud/faults.h"
#include "tests/fakecloud/sinks.h"

#include <string.h>

static void entry_free(void *data)
{
	struct entry *entry = data;

	g_free(entry->name);
	g_bytes_unref(entry->bytes);
	json_object_put(entry->meta);
	g_free(entry);
}

static void collection_free(void *data)
{
	struct collection *collection = data;

	g_ptr_array_unref(collection->entries);
	g_free(collection);
}

static void token_free(void *data)
{
	struct token *token = data;

	g_free(token->principal);
	g_free(token->scope);
	g_free(token);
}

static void options_clear(struct options *options)
{
	g_free(options->client_id);
	g_free(options->client_secret);
	g_free(options->refresh_token);
	g_free(options->subject_token);
	g_free(options->git_token);
	*options = (struct options){
		.auth_required = true,
		.expires_in_s = 3599,
		.lives_ms = -1,
		.page_cap = 1000,
		.metadata_enabled = true,
		.git_root = options->git_root,
		.slack_log = options->slack_log,
	};
}

static GHashTable *counts_create(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

struct cloud *cloud_create(void)
{
	struct cloud *cloud = g_new0(struct cloud, 1);

	(void)pthread_mutex_init(&cloud->lock, NULL); /* default attributes cannot fail */
	cloud->collections =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, collection_free);
	cloud->bq = bq_create();
	cloud->sinks = sinks_create();
	cloud->tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, token_free);
	cloud->api_counts = counts_create();
	cloud->path_counts = counts_create();
	cloud->authorized = counts_create();
	cloud->faults = g_ptr_array_new_with_free_func(fault_rule_free);
	options_clear(&cloud->options);
	return cloud;
}

void cloud_free(struct cloud *cloud)
{
	if (!cloud)
		return;
	options_clear(&cloud->options);
	g_free(cloud->options.git_root);
	g_free(cloud->options.slack_log);
	g_hash_table_unref(cloud->collections);
	bq_free(cloud->bq);
	sinks_free(cloud->sinks);
	g_hash_table_unref(cloud->tokens);
	g_hash_table_unref(cloud->api_counts);
	g_hash_table_unref(cloud->path_counts);
	g_hash_table_unref(cloud->authorized);
	g_ptr_array_unref(cloud->faults);
	g_free(cloud->origin);
	(void)pthread_mutex_destroy(&cloud->lock); /* nobody holds it any more */
	g_free(cloud);
}

void cloud_reset(struct cloud *cloud)
{
	options_clear(&cloud->options);
	g_hash_table_remove_all(cloud->collections);
	bq_reset(cloud->bq);
	sinks_reset(cloud->sinks);
	g_hash_table_remove_all(cloud->tokens);
	g_hash_table_remove_all(cloud->api_counts);
	g_hash_table_remove_all(cloud->path_counts);
	g_hash_table_remove_all(cloud->authorized);
	g_ptr_array_set_size(cloud->faults, 0);
	cloud->max_in_flight = cloud->in_flight;
}

struct collection *cloud_collection(struct cloud *cloud, const char *name, bool make)
{
	struct collection *collection = g_hash_table_lookup(cloud->collections, name);

	if (!collection && make) {
		collection = g_new0(struct collection, 1);
		collection->entries = g_ptr_array_new_with_free_func(entry_free);
		g_hash_table_insert(cloud->collections, g_strdup(name), collection);
	}
	return collection;
}

/** Index of @p name, or where it belongs. */
static guint position(const struct collection *collection, const char *name, bool *ret_found)
{
	guint low = 0, high = collection->entries->len;

	*ret_found = false;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		const struct entry *entry = collection->entries->pdata[middle];
		int order = strcmp(entry->name, name);

		if (order == 0) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct entry *collection_find(const struct collection *collection, const char *name)
{
	bool found = false;
	guint index = collection ? position(collection, name, &found) : 0;

	return found ? collection->entries->pdata[index] : NULL;
}

static struct entry *entry_create(const char *name, GBytes *bytes, json_object *meta)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->name = g_strdup(name);
	entry->bytes = bytes;
	entry->meta = meta;
	return entry;
}

void collection_put(struct collection *collection, const char *name, GBytes *bytes,
		    json_object *meta)
{
	bool found = false;
	guint index = position(collection, name, &found);

	if (found)
		g_ptr_array_remove_index(collection->entries, index);
	g_ptr_array_insert(collection->entries, (gint)index, /* far below G_MAXINT */
			   entry_create(name, bytes, meta));
}

void collection_append(struct collection *collection, const char *name, GBytes *bytes)
{
	g_ptr_array_add(collection->entries, entry_create(name, bytes, NULL));
}

static int compare_entries(gconstpointer a, gconstpointer b)
{
	const struct entry *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

void collection_sort(struct collection *collection)
{
	g_ptr_array_sort(collection->entries, compare_entries);
}

bool collection_remove(struct collection *collection, const char *name)
{
	bool found = false;
	guint index = collection ? position(collection, name, &found) : 0;

	if (found)
		g_ptr_array_remove_index(collection->entries, index);
	return found;
}

const char *cloud_issue_token(struct cloud *cloud, const char *principal, const char *scope)
{
	struct token *token = g_new0(struct token, 1);
	char *name = g_strdup_printf("ya29.fake-%08x-%u", g_random_int(), cloud->next_token++);
	int64_t lives_ms = cloud->options.lives_ms;

	token->principal = g_strdup(principal);
	token->scope = g_strdup(scope);
	token->ends_mono_ms =
		clk_mono_ms() + (lives_ms >= 0 ? lives_ms : cloud->options.expires_in_s * MS_PER_S);
	g_hash_table_replace(cloud->tokens, name, token);
	return name;
}

const struct token *cloud_find_token(struct cloud *cloud, const char *token)
{
	const struct token *found = token ? g_hash_table_lookup(cloud->tokens, token) : NULL;

	return found && found->ends_mono_ms > clk_mono_ms() ? found : NULL;
}

static void count_one(GHashTable *counts, const char *name)
{
	guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, name));

	g_hash_table_replace(counts, g_strdup(name), GUINT_TO_POINTER(count + 1));
}

void cloud_count_path(struct cloud *cloud, const struct request *request)
{
	g_autofree char *path = g_strdup_printf("%s %s", request->method, request->path);

	count_one(cloud->path_counts, path);
	if (request_header(request, "Authorization"))
		count_one(cloud->authorized, path);
}

void cloud_count_api(struct cloud *cloud, const struct request *request)
{
	if (request->api)
		count_one(cloud->api_counts, request->api);
}
