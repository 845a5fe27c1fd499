/* markers - see markers.h */
#include "source/markers.h"

#include <string.h>

#include "source/observation.h"

#define DIGEST_ALGORITHM "sha256:"
#define DIGEST_HEX_DIGITS 64
/* What stands for a value that is never read: there, and no commit. */
#define SECRET_VALUE "(secret)"

/* In this order (DESIGN 6). "revision" is a word with other uses too: see is_soft(). */
static const char *const label_keys[] = {"commit-sha", "commit_sha", "git-sha",
					 "git_sha",    "git-commit", "revision"};
static const char *const env_names[] = {"BUILD_COMMIT", "COMMIT_SHA", "GIT_COMMIT", "GIT_SHA",
					"SOURCE_VERSION"};

static void add_commit_from(struct run_wants *wants, const char *spec)
{
	const char *colon = strchr(spec, ':');

	if (g_str_has_prefix(spec, "label:"))
		(void)g_hash_table_add(wants->labels, g_strdup(colon + 1)); /* may be there */
	else if (g_str_has_prefix(spec, "annotation:"))
		(void)g_hash_table_add(wants->annotations, g_strdup(colon + 1));
	else if (g_str_has_prefix(spec, "env:"))
		(void)g_hash_table_add(wants->envs, g_strdup(colon + 1));
}

void markers_add_wants(struct run_wants *wants, const struct config *config)
{
	for (size_t i = 0; i < G_N_ELEMENTS(label_keys); i++)
		(void)g_hash_table_add(wants->labels, g_strdup(label_keys[i])); /* may be there */
	for (size_t i = 0; i < G_N_ELEMENTS(env_names); i++)
		(void)g_hash_table_add(wants->envs, g_strdup(env_names[i]));
	for (guint i = 0; i < config->services->len; i++) {
		const struct config_service *service = config->services->pdata[i];

		for (char **spec = service->commit_from; *spec; spec++)
			add_commit_from(wants, *spec);
	}
}

/* The reference without its digest; ret_digest points behind the '@', or is NULL. */
static size_t split_image(const char *image, const char **ret_digest)
{
	const char *at = strchr(image, '@');

	*ret_digest = at ? at + 1 : NULL;
	return at ? (size_t)(at - image) : strlen(image);
}

char *markers_image_tag(const char *image)
{
	const char *digest = NULL;
	size_t length = split_image(image, &digest);
	size_t start = length;

	/* a ':' before the last '/' is the port of the host */
	while (start > 0 && image[start - 1] != ':' && image[start - 1] != '/')
		start--;
	if (start == 0 || image[start - 1] != ':' || start == length)
		return NULL;
	return g_strndup(image + start, length - start);
}

char *markers_image_digest(const char *image)
{
	const char *digest = NULL;
	size_t digits = 0;

	(void)split_image(image, &digest); /* only the digest matters here */
	if (!digest || !g_str_has_prefix(digest, DIGEST_ALGORITHM))
		return NULL;
	digits = strspn(digest + strlen(DIGEST_ALGORITHM), "0123456789abcdefABCDEF");
	if (digits != DIGEST_HEX_DIGITS || digest[strlen(DIGEST_ALGORITHM) + digits])
		return NULL;
	return g_ascii_strdown(digest, -1);
}

static bool is_there(const GPtrArray *markers, const char *source)
{
	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = markers->pdata[i];

		if (strcmp(marker->source, source) == 0)
			return true;
	}
	return false;
}

/* From these a value that resolves to no commit is no hit: many tags and revisions look like one.
 */
static bool is_soft(const char *source)
{
	return strcmp(source, "image-tag") == 0 || strcmp(source, "label:revision") == 0;
}

/* value NULL: the place has no such marker. */
static void add(GPtrArray *markers, const char *source, const char *value, bool chosen)
{
	struct marker *marker = NULL;

	if (!value || is_there(markers, source))
		return;
	marker = marker_create(source, value, strcmp(source, "image-tag") == 0);
	marker->soft = is_soft(source);
	marker->chosen_by_user = chosen;
	g_ptr_array_add(markers, marker);
}

static const char *lookup(GHashTable *table, const char *key)
{
	return table ? g_hash_table_lookup(table, key) : NULL;
}

static const char *revision_label(const struct marker_places *places, const char *key)
{
	const char *value = lookup(places->template->labels, key);

	return value ? value : lookup(places->function_labels, key);
}

static const char *env_value(const struct marker_places *places, const char *name)
{
	const struct run_env *env = run_template_find_env(places->template, name);

	if (!env)
		return NULL;
	return env_hash_is_reference(env->hash) ? SECRET_VALUE : env->value;
}

static void add_image_tag(const struct marker_places *places, GPtrArray *markers, bool chosen)
{
	g_autofree char *tag =
		places->template->image ? markers_image_tag(places->template->image) : NULL;

	add(markers, "image-tag", tag, chosen);
}

static void add_chosen(const struct marker_places *places, const char *spec, GPtrArray *markers)
{
	const char *colon = strchr(spec, ':');

	if (g_str_has_prefix(spec, "label:"))
		add(markers, spec, revision_label(places, colon + 1), true);
	else if (g_str_has_prefix(spec, "annotation:"))
		add(markers, spec, lookup(places->template->annotations, colon + 1), true);
	else if (g_str_has_prefix(spec, "env:"))
		add(markers, spec, env_value(places, colon + 1), true);
	else if (strcmp(spec, "image-tag") == 0)
		add_image_tag(places, markers, true);
}

/* What the revision's own label says already is not said again. */
static void add_evidence(const struct marker_places *places, GHashTable *labels, const char *key,
			 GPtrArray *markers)
{
	g_autofree char *source = g_strdup_printf("service-label:%s", key);
	const char *value = lookup(labels, key);
	struct marker *marker = NULL;

	if (!value || g_strcmp0(value, revision_label(places, key)) == 0 ||
	    is_there(markers, source))
		return;
	marker = marker_create(source, value, false);
	marker->soft = strcmp(key, "revision") == 0;
	marker->service_level = true;
	g_ptr_array_add(markers, marker);
}

static void add_all_evidence(const struct marker_places *places, GHashTable *labels,
			     GPtrArray *markers)
{
	if (!labels)
		return;
	for (char **spec = places->commit_from; *spec; spec++)
		if (g_str_has_prefix(*spec, "label:"))
			add_evidence(places, labels, *spec + strlen("label:"), markers);
	for (size_t i = 0; i < G_N_ELEMENTS(label_keys); i++)
		add_evidence(places, labels, label_keys[i], markers);
}

void markers_collect(const struct marker_places *places, GPtrArray *markers)
{
	for (char **spec = places->commit_from; *spec; spec++)
		add_chosen(places, *spec, markers);
	for (size_t i = 0; i < G_N_ELEMENTS(label_keys); i++) {
		g_autofree char *source = g_strdup_printf("label:%s", label_keys[i]);

		add(markers, source, revision_label(places, label_keys[i]), false);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(env_names); i++) {
		g_autofree char *source = g_strdup_printf("env:%s", env_names[i]);

		add(markers, source, env_value(places, env_names[i]), false);
	}
	add_image_tag(places, markers, false);
	add_all_evidence(places, places->service_labels, markers);
	add_all_evidence(places, places->other_labels, markers);
}

static bool all_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

bool markers_have_hit(const GPtrArray *markers)
{
	for (guint i = 0; i < markers->len; i++) {
		const struct marker *marker = markers->pdata[i];

		if (marker->service_level || !marker->commit)
			continue;
		/* dates and build numbers in tags are all digits */
		if (!marker->soft || marker->chosen_by_user || !all_digits(marker->commit))
			return true;
	}
	return false;
}
