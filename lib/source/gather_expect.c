/* gather_expect - expect-from: manifests, each read once, and the objects that their values name;
 * see gather.h */
#include "source/gather.h"

#include <string.h>

#include "google/storage.h"
#include "source/cloud_settings.h"
#include "source/env_hash.h"
#include "source/manifest.h"
#include "text.h"

/* A list of one object may still come with empty pages first. */
#define LIST_PAGES_MAX 20
#define NAME_SHOWN_MAX_BYTES 200

/* Which wish of which target. */
struct manifest_use {
	struct target *target;
	size_t index;
};

void manifest_read_free(struct manifest_read *read)
{
	g_free(read->name);
	g_free(read->what);
	g_ptr_array_unref(read->users);
	g_free(read);
}

void object_check_free(struct object_check *check)
{
	g_free(check->bucket);
	g_free(check->object);
	g_free(check->name);
	g_free(check->what);
	fault_unref(check->fault);
	g_free(check);
}

static struct manifest_read *find_manifest(struct gather *gather, const struct config_gcp *gcp,
					   const struct config_expect_from *from)
{
	g_autofree char *key = g_strdup_printf("%s\n%s/%s", gcp->name, from->bucket, from->object);
	struct manifest_read *read = g_hash_table_lookup(gather->manifests, key);

	if (read)
		return read;
	read = g_new0(struct manifest_read, 1);
	read->gather = gather;
	read->gcp = gcp;
	read->name = g_strdup_printf("gs://%s/%s", from->bucket, from->object);
	read->what = g_strdup_printf("read %s", read->name);
	read->users = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(gather->manifests, g_steal_pointer(&key), read);
	return read;
}

void gather_add_expects(struct target *target)
{
	const struct config_service *config = target->config;

	target->wish_count = config->expect_from_count;
	target->wishes = g_new0(struct wish, target->wish_count);
	for (size_t i = 0; i < target->wish_count; i++) {
		struct manifest_use *use = NULL;

		if (!config->gcp) {
			/* may be used without: the answer is the fault */
			(void)gather_credentials(target->gather, NULL, &target->wishes[i].fault);
			continue;
		}
		use = g_new0(struct manifest_use, 1);
		use->target = target;
		use->index = i;
		g_ptr_array_add(
			find_manifest(target->gather, config->gcp, &config->expects_from[i])->users,
			use);
	}
}

static void check_end(struct object_check *check)
{
	check->ended = true;
}

static void ask_list(struct object_check *check, const char *token);

static void on_list(void *data, const char *body, size_t length, struct fault *fault)
{
	struct object_check *check = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;
	bool any = false;

	if (fault && fault->class == FAULT_NOT_FOUND) {
		check->missing = true; /* no such bucket */
	} else if (fault) {
		check->fault = fault_ref(fault);
	} else if (!storage_list_decode(body, length, &any, &token, &error)) {
		check->fault = fault_create(FAULT_BAD_ANSWER, 0, NULL, "%s: %s", check->what,
					    error->message);
	} else if (!any && token && ++check->pages < LIST_PAGES_MAX) {
		ask_list(check, token);
		return;
	} else if (!any && token) {
		check->fault = fault_create(FAULT_TOO_LARGE, 0, NULL,
					    "%s: more pages than driftd follows", check->what);
	} else {
		check->missing = !any;
	}
	check_end(check);
}

/* Everything "in the folder": no folders exist, only names with a common beginning. */
static void ask_list(struct object_check *check, const char *token)
{
	bool has_slash = g_str_has_suffix(check->object, "/");
	g_autofree char *prefix = g_strconcat(check->object, has_slash ? "" : "/", NULL);
	g_autofree char *url =
		storage_list_url(check->gcp->storage_endpoint, check->bucket, prefix, token);
	struct google_call call =
		gather_call_of(check->gather, "storage", check->what, "storage.objects.list", url);
	struct credentials *credentials =
		gather_credentials(check->gather, check->gcp, &check->fault);

	if (credentials)
		gather_call(check->gather, credentials, &call, on_list, check);
	else
		check_end(check);
}

/* What is no object may be a folder. */
static void on_metadata(void *data, const char *body, size_t length, struct fault *fault)
{
	struct object_check *check = data;

	(void)body;
	(void)length;
	if (fault && fault->class == FAULT_NOT_FOUND) {
		ask_list(check, NULL);
		return;
	}
	if (fault)
		check->fault = fault_ref(fault);
	check_end(check);
}

static void ask_metadata(struct object_check *check)
{
	g_autofree char *url =
		storage_object_url(check->gcp->storage_endpoint, check->bucket, check->object);
	struct google_call call =
		gather_call_of(check->gather, "storage", check->what, "storage.objects.get", url);
	struct credentials *credentials =
		gather_credentials(check->gather, check->gcp, &check->fault);

	if (credentials)
		gather_call(check->gather, credentials, &call, on_metadata, check);
	else
		check_end(check);
}

/* bucket and object are taken. */
static struct object_check *find_check(struct gather *gather, const struct config_gcp *gcp,
				       char *bucket, char *object)
{
	g_autofree char *key = g_strdup_printf("%s\n%s/%s", gcp->name, bucket, object);
	struct object_check *check = g_hash_table_lookup(gather->checks, key);

	if (check) {
		g_free(bucket);
		g_free(object);
		return check;
	}
	check = g_new0(struct object_check, 1);
	check->gather = gather;
	check->gcp = gcp;
	check->bucket = bucket;
	check->object = object;
	check->name = g_strdup_printf("gs://%s/%s", bucket, object);
	check->what = g_strdup_printf("look for %s", check->name);
	g_hash_table_insert(gather->checks, g_steal_pointer(&key), check);
	if (g_str_has_suffix(object, "/"))
		ask_list(check, NULL);
	else
		ask_metadata(check);
	return check;
}

/* A name that no object can have cannot be looked for, and whoever is told to load it fails. */
static struct fault *refuse_name(const struct manifest_read *read, const char *pointer,
				 const char *name)
{
	g_autofree char *shown = text_to_utf8(name, strlen(name), NAME_SHOWN_MAX_BYTES);

	return fault_create(
		FAULT_BAD_ANSWER, 0, NULL,
		"expect-from %s#%s: \"%s\" is no object's name (gs://BUCKET/OBJECT, the "
		"bucket in lower case and of 3 characters or more): correct the manifest",
		read->name, pointer, shown);
}

static void fulfil(const struct manifest_read *read, const struct manifest *manifest,
		   const struct manifest_use *use)
{
	struct wish *wish = &use->target->wishes[use->index];
	const char *pointer = use->target->config->expects_from[use->index].pointer;
	g_autoptr(GError) error = NULL;
	char *bucket = NULL;
	char *object = NULL;

	if (!manifest_value(manifest, pointer, &wish->wanted, &error)) {
		wish->fault = fault_create(FAULT_BAD_ANSWER, 0, NULL, "expect-from %s#%s: %s",
					   read->name, pointer, error->message);
		return;
	}
	if (storage_split_name(wish->wanted, &bucket, &object))
		wish->check = find_check(read->gather, read->gcp, bucket, object);
	else if (storage_is_name(wish->wanted))
		wish->fault = refuse_name(read, pointer, wish->wanted);
}

static void fail_all(const struct manifest_read *read, struct fault *fault)
{
	for (guint i = 0; i < read->users->len; i++) {
		const struct manifest_use *use = read->users->pdata[i];

		use->target->wishes[use->index].fault = fault_ref(fault);
	}
}

static void on_manifest(void *data, const char *body, size_t length, struct fault *fault)
{
	struct manifest_read *read = data;
	g_autoptr(GError) error = NULL;
	struct manifest *manifest = NULL;

	if (fault) {
		fail_all(read, fault);
		return;
	}
	manifest = manifest_parse(body, length, &error);
	if (!manifest) {
		fault = fault_create(FAULT_BAD_ANSWER, 0, NULL, "%s: %s", read->what,
				     error->message);
		fail_all(read, fault);
		fault_unref(fault);
		return;
	}
	for (guint i = 0; i < read->users->len; i++)
		fulfil(read, manifest, read->users->pdata[i]);
	manifest_free(manifest);
}

static void start_manifest(struct manifest_read *read, const struct config_expect_from *from)
{
	g_autofree char *url =
		storage_media_url(read->gcp->storage_endpoint, from->bucket, from->object);
	struct google_call call =
		gather_call_of(read->gather, "storage", read->what, "storage.objects.get", url);
	struct fault *fault = NULL;
	struct credentials *credentials = gather_credentials(read->gather, read->gcp, &fault);

	call.max_body_bytes = MANIFEST_MAX_BYTES;
	if (credentials)
		gather_call(read->gather, credentials, &call, on_manifest, read);
	else
		fail_all(read, fault);
	fault_unref(fault);
}

void gather_start_manifests(struct gather *gather)
{
	GHashTableIter iter;
	void *value = NULL;

	g_hash_table_iter_init(&iter, gather->manifests);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct manifest_read *read = value;
		const struct manifest_use *use = read->users->pdata[0];

		start_manifest(read, &use->target->config->expects_from[use->index]);
	}
}

static struct fault *unanswered(const char *what)
{
	return fault_create(FAULT_TIMEOUT, 0, NULL, "%s: no answer within cycle-timeout", what);
}

static struct fault *unanswered_manifest(const struct config_expect_from *from)
{
	g_autofree char *what = g_strdup_printf("read gs://%s/%s", from->bucket, from->object);

	return unanswered(what);
}

/* Why the wish cannot be compared: one reference, or NULL. */
static struct fault *fault_of(const struct wish *wish, const struct config_expect_from *from)
{
	if (wish->fault)
		return fault_ref(wish->fault);
	if (!wish->wanted)
		return unanswered_manifest(from);
	if (wish->check && wish->check->fault)
		return fault_ref(wish->check->fault);
	if (wish->check && !wish->check->ended)
		return unanswered(wish->check->what);
	return NULL;
}

/* What a secret holds is never read, so it cannot be told whether it is right. */
static struct fault *refuse_reference(const char *name)
{
	return fault_create(FAULT_BAD_ANSWER, 0, NULL,
			    "expect-from %s: the variable comes from a secret, which driftd does "
			    "not read; set it as a plain value, or remove expect-from",
			    name);
}

static void compare(const struct target *target, const char *name, const char *wanted,
		    const struct service_obs *service, struct expect_from_obs *obs)
{
	const char *env = cloud_settings_env_name(name);
	const char *actual =
		env ? service_obs_env_hash(service, env) : cloud_settings_find(service, name);
	g_autofree char *hash = env ? env_hash_value(target->gather->wants->hash, wanted) : NULL;

	obs->actual_present = actual != NULL;
	obs->equal = actual && strcmp(actual, env ? hash : wanted) == 0;
	if (env && actual && env_hash_is_reference(actual))
		obs->fault = refuse_reference(name);
}

static void finish_one(struct target *target, size_t index, const struct service_obs *service,
		       struct expect_from_obs *obs)
{
	struct wish *wish = &target->wishes[index];
	const struct config_expect_from *from = &target->config->expects_from[index];

	obs->fault = fault_of(wish, from);
	if (obs->fault)
		return;
	compare(target, from->name, wish->wanted, service, obs);
	if (obs->fault)
		return;
	obs->wanted = g_steal_pointer(&wish->wanted);
	if (!wish->check)
		return;
	obs->object_checked = g_strdup(wish->check->name);
	obs->object_missing = wish->check->missing;
}

void target_finish_expects(struct target *target, struct service_obs *service)
{
	if (target->wish_count == 0)
		return;
	service->expects_from = g_new0(struct expect_from_obs, target->wish_count);
	service->expect_from_count = target->wish_count;
	for (size_t i = 0; i < target->wish_count; i++)
		finish_one(target, i, service, &service->expects_from[i]);
}
