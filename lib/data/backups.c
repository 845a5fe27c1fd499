/* backups - lists buckets and reads the metadata of the newest backups; see run.h. A list is shared
 * by all targets of one bucket and prefix, and so is a metadata document; one that did not change
 * is not read again. */
#include "data/backups.h"

#include <assert.h>

#include "clk.h"
#include "data/run.h"

/** A metadata document that could be understood. */
struct remembered {
	int64_t generation;
	GPtrArray *tables;    /* struct backup_table * */
	int64_t used_mono_ms; /* asked for last */
};

struct backups_memory {
	GHashTable *documents; /* "GCP\nBUCKET\nOBJECT" to struct remembered * */
};

/** One list, and who wants it. */
struct listing {
	struct data_run *run;
	const struct config_gcp *gcp;
	const char *bucket;
	const char *prefix;
	const char *what;   /* for messages; borrowed from the run */
	GPtrArray *looks;   /* struct look * */
	GPtrArray *objects; /* struct storage_object *, of the pages that came */
	GHashTable *tokens; /* char *: pages asked for */
	int pages;
	GHashTable *reads; /* name of an object to struct read * */
};

/** One target. */
struct look {
	struct errand *errand;
	const struct config_backup *config;
	struct backup_obs *backup; /* NULL: not begun, or handed over */
	guint waiting; /* metadata documents that have not come, and one while they are asked for */
};

/** A folder of a look that waits for a document. */
struct waiter {
	struct look *look;
	struct backup_folder *folder; /* of look->backup */
};

/** One metadata document under way. */
struct read {
	struct listing *listing;
	char *object;
	int64_t generation;
	int64_t size_bytes;  /* of that generation, as the list says */
	const char *what;    /* for messages; borrowed from the run */
	GPtrArray *waiters;  /* struct waiter *; NULL once it has come */
	struct fault *fault; /* why it could not be read; NULL: it was, or is under way */
};

/* --- memory --- */

static void remembered_free(gpointer data)
{
	struct remembered *remembered = data;

	g_ptr_array_unref(remembered->tables);
	g_free(remembered);
}

void backups_memory_free(struct backups_memory *memory)
{
	if (!memory)
		return;
	g_hash_table_unref(memory->documents);
	g_free(memory);
}

static gboolean is_forgotten(gpointer key, gpointer value, gpointer data)
{
	const struct remembered *remembered = value;
	const int64_t *now_mono_ms = data;

	(void)key;
	return *now_mono_ms - remembered->used_mono_ms > BACKUPS_REMEMBER_MS;
}

static void open_memory(struct data_memory *memory)
{
	int64_t now_mono_ms = clk_mono_ms();

	if (!memory->backups) {
		memory->backups = g_new0(struct backups_memory, 1);
		memory->backups->documents =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, remembered_free);
	}
	(void)g_hash_table_foreach_remove(memory->backups->documents, is_forgotten, &now_mono_ms);
}

static GHashTable *documents_of(const struct listing *listing)
{
	return data_run_input(listing->run)->memory->backups->documents;
}

static char *memory_key(const struct listing *listing, const char *object)
{
	return g_strdup_printf("%s\n%s\n%s", listing->gcp->name, listing->bucket, object);
}

/* NULL: not known in that generation. */
static const GPtrArray *recall(const struct listing *listing, const char *object,
			       int64_t generation)
{
	g_autofree char *key = memory_key(listing, object);
	struct remembered *remembered = g_hash_table_lookup(documents_of(listing), key);

	if (!remembered || remembered->generation != generation)
		return NULL;
	remembered->used_mono_ms = clk_mono_ms();
	return remembered->tables;
}

static void remember(const struct read *read, GPtrArray *tables)
{
	struct remembered *remembered = g_new0(struct remembered, 1);

	remembered->generation = read->generation;
	remembered->used_mono_ms = clk_mono_ms();
	remembered->tables = g_ptr_array_ref(tables);
	g_hash_table_replace(documents_of(read->listing), memory_key(read->listing, read->object),
			     remembered);
}

/* --- life --- */

static void look_free(gpointer data)
{
	struct look *look = data;

	backup_obs_free(look->backup);
	g_free(look);
}

static void read_free(gpointer data)
{
	struct read *read = data;

	g_clear_pointer(&read->waiters, g_ptr_array_unref);
	g_free(read->object);
	fault_unref(read->fault);
	g_free(read);
}

static void listing_free(gpointer data)
{
	struct listing *listing = data;

	g_ptr_array_unref(listing->looks);
	g_ptr_array_unref(listing->objects);
	g_hash_table_unref(listing->tokens);
	g_hash_table_unref(listing->reads);
	g_free(listing);
}

/* --- metadata --- */

static void look_release(struct look *look)
{
	look->waiting--;
	if (look->waiting == 0)
		errand_settle_backup(look->errand, g_steal_pointer(&look->backup));
}

/* What came goes to its folder. */
static void look_serve(struct look *look, struct backup_folder *folder, const GPtrArray *tables,
		       const char *error)
{
	if (errand_is_settled(look->errand))
		return; /* another document could not be read */
	backups_set_metadata(folder, tables, error);
	look_release(look);
}

/* The list had it a moment ago. */
static struct fault *explain_metadata(const struct read *read, struct fault *fault)
{
	if (fault->class != FAULT_NOT_FOUND)
		return fault_ref(fault);
	return fault_create(fault->class, fault->status, NULL,
			    "%s: HTTP %d: it was replaced or deleted while driftd looked: the next "
			    "look will tell",
			    read->what, fault->status);
}

/* What makes no sense and has another length than the object was not the object: somebody on the
 * way said it. (An object that is stored compressed comes with another length, too, but makes
 * sense.) */
static struct fault *find_impostor(const struct read *read, size_t length)
{
	if ((int64_t)length == read->size_bytes) /* bounded */
		return NULL;
	return fault_create(
		FAULT_BAD_ANSWER, 0, NULL,
		"%s: this is not the object: %zu bytes that make no sense, and the list "
		"says %" PRId64 ": check storage-endpoint, and what lies between",
		read->what, length, read->size_bytes);
}

/* What cannot be understood is not remembered. */
static void on_metadata(void *data, const char *body, size_t length, struct fault *fault)
{
	struct read *read = data;
	g_autoptr(GPtrArray) waiters = g_steal_pointer(&read->waiters);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) tables = fault ? NULL : backups_parse_metadata(body, length, &error);

	if (fault)
		read->fault = explain_metadata(read, fault);
	else if (tables)
		remember(read, tables);
	else
		read->fault = find_impostor(read, length);
	for (guint i = 0; i < waiters->len; i++) {
		const struct waiter *waiter = waiters->pdata[i];

		if (read->fault)
			errand_fail(waiter->look->errand, read->fault);
		else
			look_serve(waiter->look, waiter->folder, tables,
				   error ? error->message : NULL);
	}
}

static void add_waiter(struct read *read, struct look *look, struct backup_folder *folder)
{
	struct waiter *waiter = g_new0(struct waiter, 1);

	waiter->look = look;
	waiter->folder = folder;
	look->errand->waits_for = read->what;
	g_ptr_array_add(read->waiters, waiter);
}

static void start_read(struct read *read)
{
	const struct listing *listing = read->listing;
	g_autofree char *url = storage_generation_url(
		listing->gcp->storage_endpoint, listing->bucket, read->object, read->generation);
	struct google_call call = {.api = "storage",
				   .what = read->what,
				   .permission = "storage.objects.get",
				   .url = url,
				   .max_body_bytes = BACKUPS_METADATA_MAX_BYTES};

	data_run_call(listing->run, listing->gcp, &call, NULL, on_metadata, read);
}

static void ask_metadata(struct listing *listing, struct look *look, struct backup_folder *folder,
			 const struct storage_object *object)
{
	struct read *read = g_hash_table_lookup(listing->reads, object->name);

	if (read && read->fault) {
		errand_fail(look->errand, read->fault);
		return;
	}
	if (read) {
		add_waiter(read, look, folder);
		return;
	}
	read = g_new0(struct read, 1);
	read->listing = listing;
	read->object = g_strdup(object->name);
	read->generation = object->generation;
	read->size_bytes = object->size_bytes;
	read->what = data_run_text(listing->run, "read gs://%s/%s", listing->bucket, object->name);
	read->waiters = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(listing->reads, read->object, read);
	add_waiter(read, look, folder);
	start_read(read);
}

static const struct storage_object *find_object(const struct listing *listing, const char *name)
{
	for (guint i = 0; i < listing->objects->len; i++) {
		const struct storage_object *object = listing->objects->pdata[i];

		if (g_str_equal(object->name, name))
			return object;
	}
	return NULL;
}

static void want_metadata(struct listing *listing, struct look *look, struct backup_folder *folder)
{
	g_autofree char *name = backups_metadata_name(look->config, folder);
	const struct storage_object *object = find_object(listing, name);
	const GPtrArray *tables = NULL;

	assert(object); /* the folder is complete */
	look->waiting++;
	tables = recall(listing, object->name, object->generation);
	if (tables)
		look_serve(look, folder, tables, NULL);
	else
		ask_metadata(listing, look, folder, object);
}

/* --- the list --- */

static void look_at(struct listing *listing, struct look *look)
{
	guint wanted = look->config->metadata ? BACKUPS_METADATA_FOLDERS : 0;
	GPtrArray *folders = NULL;

	look->backup = backups_group(look->config, listing->objects);
	folders = look->backup->folders;
	look->waiting = 1; /* answers may come at once: the end must wait */
	for (guint i = 0; i < folders->len && wanted > 0; i++) {
		if (!backups_is_complete(folders->pdata[i]))
			continue;
		wanted--;
		want_metadata(listing, look, folders->pdata[i]);
	}
	if (!errand_is_settled(look->errand))
		look_release(look);
}

/* @p fault is taken. */
static void listing_end(const struct listing *listing, struct fault *fault)
{
	for (guint i = 0; i < listing->looks->len; i++) {
		const struct look *look = listing->looks->pdata[i];

		errand_fail(look->errand, fault);
	}
	fault_unref(fault);
}

/* A list is found wherever there is a bucket, so it is the bucket that is not there. */
static struct fault *explain_list(const struct listing *listing, struct fault *fault)
{
	if (fault->class != FAULT_NOT_FOUND)
		return fault_ref(fault);
	return fault_create(
		fault->class, fault->status, NULL,
		"%s: HTTP %d: there is no bucket %s: check bucket, and gcp if it belongs "
		"to another project",
		listing->what, fault->status, listing->bucket);
}

static void ask_page(struct listing *listing, const char *token);

/* @p token is taken. */
static void next_page(struct listing *listing, char *token)
{
	if (!g_hash_table_add(listing->tokens, token)) {
		listing_end(listing, fault_create(FAULT_BAD_ANSWER, 0, NULL,
						  "%s: the same page again: check storage-endpoint",
						  listing->what));
		return;
	}
	if (listing->pages >= STORAGE_PAGES_MAX) {
		listing_end(
			listing,
			fault_create(
				FAULT_TOO_LARGE, 0, NULL,
				"%s: more than %d pages of %d objects: give a longer prefix, or "
				"delete old backups (a lifecycle rule of the bucket does it)",
				listing->what, STORAGE_PAGES_MAX, STORAGE_PAGE_OBJECTS));
		return;
	}
	ask_page(listing, token);
}

static void on_page(void *data, const char *body, size_t length, struct fault *fault)
{
	struct listing *listing = data;
	g_autoptr(GError) error = NULL;
	char *token = NULL;

	if (fault) {
		listing_end(listing, explain_list(listing, fault));
		return;
	}
	if (!storage_page_decode(body, length, listing->prefix, listing->objects, &token, &error)) {
		listing_end(listing, fault_create(FAULT_BAD_ANSWER, 0, NULL, "%s: %s",
						  listing->what, error->message));
		return;
	}
	if (token) {
		next_page(listing, token);
		return;
	}
	for (guint i = 0; i < listing->looks->len; i++)
		look_at(listing, listing->looks->pdata[i]);
}

static void ask_page(struct listing *listing, const char *token)
{
	g_autofree char *url = storage_page_url(listing->gcp->storage_endpoint, listing->bucket,
						listing->prefix, token);
	struct google_call call = {.api = "storage",
				   .what = listing->what,
				   .permission = "storage.objects.list",
				   .url = url};

	listing->pages++;
	data_run_call(listing->run, listing->gcp, &call, NULL, on_page, listing);
}

static struct listing *find_listing(GHashTable *listings, struct data_run *run,
				    const struct config_backup *config)
{
	g_autofree char *key =
		g_strdup_printf("%s\n%s\n%s", config->gcp->name, config->bucket, config->prefix);
	struct listing *listing = g_hash_table_lookup(listings, key);

	if (listing)
		return listing;
	listing = g_new0(struct listing, 1);
	listing->run = run;
	listing->gcp = config->gcp;
	listing->bucket = config->bucket;
	listing->prefix = config->prefix;
	listing->what = data_run_text(run, "list gs://%s/%s", config->bucket, config->prefix);
	listing->looks = g_ptr_array_new_with_free_func(look_free);
	listing->objects = g_ptr_array_new_with_free_func(storage_object_free);
	listing->tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	listing->reads = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, read_free);
	data_run_own(run, listing, listing_free);
	g_hash_table_insert(listings, g_steal_pointer(&key), listing);
	return listing;
}

void backups_collect(struct data_run *run, const GPtrArray *errands)
{
	g_autoptr(GHashTable) listings =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTableIter iter;
	gpointer listing = NULL;

	open_memory(data_run_input(run)->memory);
	for (guint i = 0; i < errands->len; i++) {
		struct look *look = g_new0(struct look, 1);
		struct listing *its = NULL;

		look->errand = errands->pdata[i];
		look->config = config_to_backup(look->errand->target);
		its = find_listing(listings, run, look->config);
		look->errand->waits_for = its->what;
		g_ptr_array_add(its->looks, look);
	}
	g_hash_table_iter_init(&iter, listings);
	while (g_hash_table_iter_next(&iter, NULL, &listing))
		ask_page(listing, NULL);
}
