/* value_expect - what a running service must have, where its commit is written, JSON pointers. */
#include "config/value_types.h"

#include "config/config.h"
#include "dur.h"
#include "text.h"

#include <string.h>

/* Longest JSON pointer: deeper than any document driftd reads. */
#define POINTER_MAX_BYTES 1024

static const char *const setting_names[] = {"min-instances", "max-instances",   "cpu-idle",
					    "memory",        "concurrency",     "timeout",
					    "image",         "service-account", NULL};

/* "env.NAME" or the name of a setting. */
static bool check_name(const char *name, GError **error)
{
	const char *near;

	if (g_str_has_prefix(name, "env.")) {
		if (value_is_env_name(name + strlen("env.")))
			return true;
		return value_refuse(error, "behind env. comes the name of a variable: letters, "
					   "digits and '_', no digit first");
	}
	if (g_strv_contains(setting_names, name))
		return true;
	near = text_nearest(name, setting_names);
	return value_refuse(
		error,
		"unknown setting%s%s; known are min-instances, max-instances, cpu-idle, "
		"memory, concurrency, timeout, service-account, image and env.NAME",
		near ? ", did you mean " : "", near ? near : "");
}

/* Does another expect or expect-from of this service speak of @p name? */
static bool is_expected(const struct config_service *service, const char *name)
{
	for (size_t i = 0; i < service->expect_count; i++)
		if (strcmp(service->expects[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < service->expect_from_count; i++)
		if (strcmp(service->expects_from[i].name, name) == 0)
			return true;
	return false;
}

static bool check_new_name(const struct config_service *service, const char *name, GError **error)
{
	if (!check_name(name, error))
		return false;
	if (is_expected(service, name))
		return value_refuse(error, "%s is expected twice", name);
	return true;
}

static char *canonical_count(const char *value, GError **error)
{
	guint64 count = 0;

	if (g_ascii_string_to_unsigned(value, 10, 0, 100000, &count, NULL))
		return g_strdup_printf("%" G_GUINT64_FORMAT, count);
	(void)value_refuse(error, "a number from 0 to 100000 is needed");
	return NULL;
}

/* The API says seconds: "300s". */
static char *canonical_timeout(const char *value, GError **error)
{
	int64_t ms = 0;

	if (dur_parse(value, &ms, NULL) && ms > 0)
		return g_strdup_printf("%" G_GINT64_FORMAT "s", ms / MS_PER_S);
	(void)value_refuse(error, "a duration is needed: 300s, 5m");
	return NULL;
}

/* A Kubernetes quantity of bytes. */
static char *canonical_memory(const char *value, GError **error)
{
	static const char *const units[] = {"", "k", "M", "G", "Ki", "Mi", "Gi", NULL};
	size_t digits = strspn(value, VALUE_DIGITS);

	if (digits > 0 && digits < 16 && g_strv_contains(units, value + digits))
		return g_strdup(value);
	(void)value_refuse(error, "an amount of memory is needed: 512Mi, 2Gi");
	return NULL;
}

/* The value as the observation will have it, so that spelling makes no drift. NULL: refused. */
static char *canonical_value(const char *name, const char *value, GError **error)
{
	if (g_str_has_prefix(name, "env."))
		return g_strdup(value);
	if (strcmp(name, "timeout") == 0)
		return canonical_timeout(value, error);
	if (strcmp(name, "memory") == 0)
		return canonical_memory(value, error);
	if (strcmp(name, "cpu-idle") == 0) {
		if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
			return g_strdup(value);
		(void)value_refuse(error, "cpu-idle is true or false");
		return NULL;
	}
	if (strcmp(name, "image") == 0 || strcmp(name, "service-account") == 0) {
		if (*value && !strpbrk(value, " \t"))
			return g_strdup(value);
		(void)value_refuse(error, "a value without white space is needed behind the =");
		return NULL;
	}
	return canonical_count(value, error);
}

bool value_parse_expect(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	struct config_service *service = object;
	g_auto(GStrv) parts = g_strsplit(text, "=", 2);
	char *value;

	(void)context;
	(void)setting;
	if (!parts[0] || !parts[1])
		return value_refuse(error, "write NAME=VALUE, for example min-instances=1");
	g_strstrip(parts[0]);
	g_strstrip(parts[1]);
	if (!check_new_name(service, parts[0], error))
		return false;
	value = canonical_value(parts[0], parts[1], error);
	if (!value)
		return false;
	service->expects =
		g_renew(struct config_expect, service->expects, service->expect_count + 1);
	service->expects[service->expect_count++] =
		(struct config_expect){.name = g_strdup(parts[0]), .value = value};
	return true;
}

void value_print_expect(const char *zone, const struct setting *setting, const void *object,
			GPtrArray *ret_texts)
{
	const struct config_service *service = object;

	(void)zone;
	(void)setting;
	for (size_t i = 0; i < service->expect_count; i++)
		g_ptr_array_add(ret_texts, g_strconcat(service->expects[i].name, "=",
						       service->expects[i].value, NULL));
}

void value_clear_expect(const struct setting *setting, void *object)
{
	struct config_service *service = object;

	(void)setting;
	for (size_t i = 0; i < service->expect_count; i++) {
		g_free(service->expects[i].name);
		g_free(service->expects[i].value);
	}
	g_clear_pointer(&service->expects, g_free);
	service->expect_count = 0;
}

/* RFC 6901 3: "~" only as "~0" or "~1". */
static bool check_escapes(const char *pointer)
{
	for (const char *at = strchr(pointer, '~'); at; at = strchr(at + 1, '~'))
		if (at[1] != '0' && at[1] != '1')
			return false;
	return true;
}

/* With @p templated, {…} inside is itself a pointer. */
static bool check_pointer(const char *pointer, bool templated, GError **error)
{
	bool inside = false;

	if (strlen(pointer) > POINTER_MAX_BYTES)
		return value_refuse(error, "a JSON pointer is at most %d bytes long",
				    POINTER_MAX_BYTES);
	if (*pointer && *pointer != '/')
		return value_refuse(error, "a JSON pointer begins with '/', for example "
					   "/build/commit");
	if (!check_escapes(pointer))
		return value_refuse(error, "in a JSON pointer '~' is written ~0, and '/' in a name "
					   "~1 (RFC 6901)");
	for (const char *at = pointer; *at && templated; at++) {
		if ((*at == '{' && (inside || at[1] != '/')) || (*at == '}' && !inside))
			return value_refuse(error, "{ in the pointer begins a pointer of its own, "
						   "which ends with }: {/name}");
		if (*at == '{' || *at == '}')
			inside = *at == '{';
	}
	if (inside)
		return value_refuse(error, "the { in the pointer is not closed");
	return true;
}

bool value_parse_pointer(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	char **field = value_field(setting, object);

	(void)context;
	if (!check_pointer(text, false, error))
		return false;
	g_free(*field);
	*field = g_strdup(text);
	return true;
}

/* Cut "gs://BUCKET/OBJECT#POINTER". */
static bool parse_object(const char *text, struct config_expect_from *from, GError **error)
{
	const char *bucket = text + strlen("gs://");
	const char *slash;
	const char *hash;

	if (!g_str_has_prefix(text, "gs://"))
		return value_refuse(error, "behind the name comes gs://BUCKET/OBJECT#POINTER");
	slash = strchr(bucket, '/');
	hash = strchr(bucket, '#');
	if (!slash || !hash || hash < slash || hash == slash + 1)
		return value_refuse(error, "write gs://BUCKET/OBJECT#POINTER, for example "
					   "gs://models/manifest.json#/production/path");
	from->bucket = g_strndup(bucket, (size_t)(slash - bucket));
	from->object = g_strndup(slash + 1, (size_t)(hash - slash - 1));
	from->pointer = g_strdup(hash + 1);
	if (!value_is_bucket(from->bucket))
		return value_refuse(error,
				    "a bucket's name is lower-case letters, digits, '-', '_' "
				    "and '.'");
	return check_pointer(from->pointer, true, error);
}

static void clear_from(struct config_expect_from *from)
{
	g_free(from->name);
	g_free(from->bucket);
	g_free(from->object);
	g_free(from->pointer);
	*from = (struct config_expect_from){0};
}

bool value_parse_expect_from(const struct value_context *context, const struct setting *setting,
			     const char *text, void *object, GError **error)
{
	struct config_service *service = object;
	struct config_expect_from from = {0};
	size_t name_length = strcspn(text, " \t");
	const char *rest = text + name_length;

	(void)context;
	(void)setting;
	from.name = g_strndup(text, name_length);
	rest += strspn(rest, " \t");
	if (!check_new_name(service, from.name, error) || !parse_object(rest, &from, error)) {
		clear_from(&from);
		return false;
	}
	service->expects_from = g_renew(struct config_expect_from, service->expects_from,
					service->expect_from_count + 1);
	service->expects_from[service->expect_from_count++] = from;
	return true;
}

void value_print_expect_from(const char *zone, const struct setting *setting, const void *object,
			     GPtrArray *ret_texts)
{
	const struct config_service *service = object;

	(void)zone;
	(void)setting;
	for (size_t i = 0; i < service->expect_from_count; i++) {
		const struct config_expect_from *from = &service->expects_from[i];

		g_ptr_array_add(ret_texts,
				g_strdup_printf("%s gs://%s/%s#%s", from->name, from->bucket,
						from->object, from->pointer));
	}
}

void value_clear_expect_from(const struct setting *setting, void *object)
{
	struct config_service *service = object;

	(void)setting;
	for (size_t i = 0; i < service->expect_from_count; i++)
		clear_from(&service->expects_from[i]);
	g_clear_pointer(&service->expects_from, g_free);
	service->expect_from_count = 0;
}

static bool check_probe_pointer(const struct config_service *service, const char *pointer,
				GError **error)
{
	if (!check_pointer(pointer, false, error))
		return false;
	for (size_t i = 0; i < service->probe_expect_count; i++)
		if (strcmp(service->probe_expects[i].pointer, pointer) == 0)
			return value_refuse(error, "%s is expected twice", pointer);
	return true;
}

bool value_parse_probe_expect(const struct value_context *context, const struct setting *setting,
			      const char *text, void *object, GError **error)
{
	struct config_service *service = object;
	g_auto(GStrv) parts = g_strsplit(text, "=", 2);
	size_t count = service->probe_expect_count;

	(void)context;
	(void)setting;
	if (!parts[0] || !parts[1])
		return value_refuse(error, "write POINTER=VALUE, for example /service=billing");
	g_strstrip(parts[0]);
	g_strstrip(parts[1]);
	if (!check_probe_pointer(service, parts[0], error))
		return false;
	service->probe_expects =
		g_renew(struct config_probe_expect, service->probe_expects, count + 1);
	service->probe_expects[count].pointer = g_strdup(parts[0]);
	service->probe_expects[count].value = g_strdup(parts[1]);
	service->probe_expect_count = count + 1;
	return true;
}

void value_print_probe_expect(const char *zone, const struct setting *setting, const void *object,
			      GPtrArray *ret_texts)
{
	const struct config_service *service = object;

	(void)zone;
	(void)setting;
	for (size_t i = 0; i < service->probe_expect_count; i++)
		g_ptr_array_add(ret_texts, g_strconcat(service->probe_expects[i].pointer, "=",
						       service->probe_expects[i].value, NULL));
}

void value_clear_probe_expect(const struct setting *setting, void *object)
{
	struct config_service *service = object;

	(void)setting;
	for (size_t i = 0; i < service->probe_expect_count; i++) {
		g_free(service->probe_expects[i].pointer);
		g_free(service->probe_expects[i].value);
	}
	g_clear_pointer(&service->probe_expects, g_free);
	service->probe_expect_count = 0;
}

bool value_parse_commit_from(const struct value_context *context, const struct setting *setting,
			     const char *text, void *object, GError **error)
{
	bool ok = strcmp(text, "image-tag") == 0;

	(void)context;
	if (g_str_has_prefix(text, "label:"))
		ok = value_is_of(text + strlen("label:"),
				 VALUE_LOWER VALUE_UPPER VALUE_DIGITS "-_./", 300);
	else if (g_str_has_prefix(text, "annotation:"))
		ok = value_is_of(text + strlen("annotation:"),
				 VALUE_LOWER VALUE_UPPER VALUE_DIGITS "-_./", 300);
	else if (g_str_has_prefix(text, "env:"))
		ok = value_is_env_name(text + strlen("env:"));
	if (!ok)
		return value_refuse(error, "must be label:KEY, env:NAME, image-tag or "
					   "annotation:KEY");
	value_append(setting, object, text);
	return true;
}
