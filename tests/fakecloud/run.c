/* run - Cloud Run Admin API v2 and Cloud Functions v2: lists with pages, single services and
 * revisions. API-FACTS B. */
#include "tests/fakecloud/handlers.h"

#include <string.h>

/** Items of a page when the request does not say. */
#define PAGE_DEFAULT 100

static void lock(struct cloud *cloud)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
}

static void unlock(struct cloud *cloud)
{
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
}

/** Where a page begins and how long it is. */
struct page {
	int64_t size;
	int64_t offset;
};

/** A token is only good for the page size it was made for: all other parameters must stay. */
static bool token_parse(const char *token, int64_t size, int64_t *ret_offset)
{
	g_auto(GStrv) parts = g_strsplit(token, "-", 3);
	guint64 token_size = 0, offset = 0;

	*ret_offset = 0;
	if (g_str_has_prefix(token, "endless-")) /* of FAULT_KIND_ENDLESS_PAGES */
		return true;
	if (g_strv_length(parts) != 3 || !g_str_equal(parts[0], "page") ||
	    !g_ascii_string_to_unsigned(parts[1], 10, 1, G_MAXINT32, &token_size, NULL) ||
	    !g_ascii_string_to_unsigned(parts[2], 10, 0, G_MAXINT32, &offset, NULL))
		return false;
	*ret_offset = (int64_t)offset; /* at most G_MAXINT32 */
	return (int64_t)token_size == size;
}

static bool page_parse(const struct cloud *cloud, const struct request *request,
		       struct page *ret_page)
{
	const char *token = request_query(request, "pageToken");
	const char *size = request_query(request, "pageSize");
	gint64 wanted = PAGE_DEFAULT;

	if (size && !g_ascii_string_to_signed(size, 10, 0, G_MAXINT32, &wanted, NULL))
		return false;
	ret_page->size = MIN(wanted > 0 ? wanted : PAGE_DEFAULT, cloud->options.page_cap);
	ret_page->offset = 0;
	return !token || !*token || token_parse(token, ret_page->size, &ret_page->offset);
}

static void add_bytes(GString *body, GBytes *bytes)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(bytes, &length);

	g_string_append_len(body, data, (gssize)length); /* one service: kilobytes */
}

/** {"NAME":[…],"nextPageToken":…,"unreachable":[…]}; default values are left out. Under lock. */
static void add_page(GString *body, const char *name, const GPtrArray *entries,
		     const struct page *page)
{
	int64_t end = MIN(page->offset + page->size, (int64_t)entries->len);

	if (page->offset < end)
		g_string_append_printf(body, "\"%s\":[", name);
	for (int64_t i = page->offset; i < end; i++) {
		const struct entry *entry = entries->pdata[i];

		if (i > page->offset)
			g_string_append_c(body, ',');
		add_bytes(body, entry->bytes);
	}
	if (page->offset < end)
		g_string_append_c(body, ']');
	if (end < (int64_t)entries->len)
		g_string_append_printf(body,
				       ",\"nextPageToken\":\"page-%" G_GINT64_FORMAT
				       "-%" G_GINT64_FORMAT "\"",
				       page->size, end);
}

static void add_unreachable(struct cloud *cloud, GString *body, const char *place)
{
	const struct entry *entry =
		collection_find(cloud_collection(cloud, "unreachable", false), place);

	if (entry)
		g_string_append_printf(body, "%s\"unreachable\":", body->len > 1 ? "," : "");
	if (entry)
		add_bytes(body, entry->bytes);
}

/** Under lock. */
static void set_page(struct cloud *cloud, const struct request *request, struct reply *reply,
		     const char *name, const GPtrArray *entries)
{
	struct page page = {0};
	g_autoptr(GString) body = g_string_new("{");
	g_autofree char *place =
		g_strdup_printf("%s/%s", request_part(request, 2), request_part(request, 4));

	if (!page_parse(cloud, request, &page)) {
		reply_set_error_a(reply, "INVALID_ARGUMENT", NULL,
				  "The page token is invalid or does not fit the page size.");
		return;
	}
	add_page(body, name, entries, &page);
	add_unreachable(cloud, body, place);
	g_string_append_c(body, '}');
	reply_set_text(reply, 200, "application/json; charset=UTF-8", body->str);
}

/** Entries of all collections the path means. Borrowed: under lock. Caller unrefs the array. */
static GPtrArray *entries_of(struct cloud *cloud, const char *kind, const struct request *request)
{
	const char *region = request_part(request, 4);
	g_autofree char *all = g_strdup_printf("%s/%s/", kind, request_part(request, 2));
	GPtrArray *entries = g_ptr_array_new();
	GHashTableIter iter = {0};
	gpointer name = NULL, value = NULL;

	g_hash_table_iter_init(&iter, cloud->collections);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		const struct collection *collection = value;

		if (!g_str_has_prefix(name, all))
			continue;
		if (!g_str_equal(region, "-") &&
		    !g_str_equal((const char *)name + strlen(all), region))
			continue;
		for (guint i = 0; i < collection->entries->len; i++)
			g_ptr_array_add(entries, collection->entries->pdata[i]);
	}
	return entries;
}

static void list_services(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autoptr(GPtrArray) entries = NULL;

	request->api = "run.services.list";
	if (g_str_equal(request_part(request, 4), "-")) {
		reply_set_error_a(reply, "INVALID_ARGUMENT", NULL,
				  "The request has errors: location '-' is not supported.");
		return;
	}
	lock(cloud);
	entries = entries_of(cloud, "run", request);
	set_page(cloud, request, reply, "services", entries);
	unlock(cloud);
}

static void list_functions(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autoptr(GPtrArray) entries = NULL;

	request->api = "functions.list";
	lock(cloud);
	entries = entries_of(cloud, "functions", request);
	set_page(cloud, request, reply, "functions", entries);
	unlock(cloud);
}

/** "…/services/S/revisions": S may be "-". */
static void list_revisions(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autoptr(GPtrArray) all = NULL, wanted = g_ptr_array_new();
	const char *service = request_part(request, 6);
	g_autofree char *prefix = g_strdup_printf("%s/", service);

	request->api = "run.revisions.list";
	lock(cloud);
	all = entries_of(cloud, "revisions", request);
	for (guint i = 0; i < all->len; i++) {
		struct entry *entry = all->pdata[i];

		if (g_str_equal(service, "-") || g_str_has_prefix(entry->name, prefix))
			g_ptr_array_add(wanted, entry);
	}
	set_page(cloud, request, reply, "revisions", wanted);
	unlock(cloud);
}

/** One entry of "KIND/P/R", or a 404 that names @p resource. */
static void set_one(struct cloud *cloud, const struct request *request, const char *kind,
		    const char *name, struct reply *reply)
{
	g_autofree char *collection = g_strdup_printf("%s/%s/%s", kind, request_part(request, 2),
						      request_part(request, 4));
	const struct entry *entry = NULL;

	lock(cloud);
	entry = collection_find(cloud_collection(cloud, collection, false), name);
	if (entry) {
		reply_set_text(reply, 200, "application/json; charset=UTF-8", "");
		add_bytes(reply->body, entry->bytes);
	} else {
		g_autofree char *message =
			g_strdup_printf("Resource '%s' was not found", request->path + 4);

		reply_set_error_a(reply, "NOT_FOUND", NULL, message);
	}
	unlock(cloud);
}

static void get_service(struct cloud *cloud, struct request *request, struct reply *reply)
{
	request->api = "run.services.get";
	set_one(cloud, request, "run", request_part(request, 6), reply);
}

static void get_revision(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autofree char *name =
		g_strdup_printf("%s/%s", request_part(request, 6), request_part(request, 8));

	request->api = "run.revisions.get";
	set_one(cloud, request, "revisions", name, reply);
}

static void get_function(struct cloud *cloud, struct request *request, struct reply *reply)
{
	request->api = "functions.get";
	set_one(cloud, request, "functions", request_part(request, 6), reply);
}

bool serve_run(struct cloud *cloud, struct request *request, struct reply *reply)
{
	static const struct {
		const char *pattern;
		void (*serve)(struct cloud *, struct request *, struct reply *);
	} routes[] = {
		{"v2/projects/?/locations/?/services", list_services},
		{"v2/projects/?/locations/?/services/?", get_service},
		{"v2/projects/?/locations/?/services/?/revisions", list_revisions},
		{"v2/projects/?/locations/?/services/?/revisions/?", get_revision},
		{"v2/projects/?/locations/?/functions", list_functions},
		{"v2/projects/?/locations/?/functions/?", get_function},
	};

	if (!g_str_equal(request->method, "GET"))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
		if (!request_matches(request, routes[i].pattern))
			continue;
		if (auth_check(cloud, request, reply))
			routes[i].serve(cloud, request, reply);
		return true;
	}
	return false;
}
