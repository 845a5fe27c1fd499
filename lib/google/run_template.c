/* run_template - the part that a service's template and a revision have in common; see run.h */
#include "google/run.h"

#include <string.h>

#include "google/decode.h"
#include "google/run_decode.h"

#define IMAGE_MAX_BYTES 2048
#define SHORT_TEXT_MAX_BYTES 64
#define ENV_NAME_MAX_BYTES 1024
#define ENV_VALUE_MAX_BYTES ((size_t)1024 * 1024)
#define INSTANCES_MAX 1000000
#define CONCURRENCY_MAX 1000000

struct run_wants *run_wants_create(struct env_hash *hash)
{
	struct run_wants *wants = g_new0(struct run_wants, 1);

	wants->labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	wants->annotations = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	wants->envs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	wants->hash = hash;
	return wants;
}

void run_wants_free(struct run_wants *wants)
{
	if (!wants)
		return;
	g_hash_table_unref(wants->labels);
	g_hash_table_unref(wants->annotations);
	g_hash_table_unref(wants->envs);
	env_hash_free(wants->hash);
	g_free(wants);
}

static bool sets_equal(GHashTable *a, GHashTable *b)
{
	GHashTableIter iter;
	void *key = NULL;

	if (g_hash_table_size(a) != g_hash_table_size(b))
		return false;
	g_hash_table_iter_init(&iter, a);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!g_hash_table_contains(b, key))
			return false;
	return true;
}

bool run_wants_equal(const struct run_wants *a, const struct run_wants *b)
{
	return sets_equal(a->labels, b->labels) && sets_equal(a->annotations, b->annotations) &&
	       sets_equal(a->envs, b->envs);
}

static void env_free(void *data)
{
	struct run_env *env = data;

	g_free(env->name);
	g_free(env->hash);
	g_free(env->value);
	g_free(env);
}

struct run_template *run_template_create(void)
{
	struct run_template *template = g_new0(struct run_template, 1);

	template->envs = g_ptr_array_new_with_free_func(env_free);
	return template;
}

void run_template_free(struct run_template *template)
{
	if (!template)
		return;
	g_clear_pointer(&template->labels, g_hash_table_unref);
	g_clear_pointer(&template->annotations, g_hash_table_unref);
	g_ptr_array_unref(template->envs);
	g_free(template->revision);
	g_free(template->image);
	g_free(template->memory);
	g_free(template->cpu);
	g_free(template->timeout);
	g_free(template->service_account);
	g_free(template);
}

void run_template_add_env(struct run_template *template, const struct run_wants *wants,
			  const char *name, const char *value)
{
	struct run_env *env = g_new0(struct run_env, 1);

	env->name = g_strdup(name);
	env->hash = env_hash_value(wants->hash, value ? value : "");
	if (g_hash_table_contains(wants->envs, name))
		env->value = g_strdup(value ? value : "");
	g_ptr_array_add(template->envs, env);
}

void run_template_add_reference(struct run_template *template, const struct run_wants *wants,
				const char *name, const char *secret, const char *version)
{
	struct run_env *env = g_new0(struct run_env, 1);

	env->name = g_strdup(name);
	env->hash = env_hash_reference(wants->hash, secret ? secret : "", version ? version : "");
	g_ptr_array_add(template->envs, env);
}

static int compare_envs(gconstpointer a, gconstpointer b)
{
	const struct run_env *const *left = a;
	const struct run_env *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

/* g_ptr_array_sort() keeps the order of equals, so that the last of a name is the last said. */
void run_template_sort(struct run_template *template)
{
	GPtrArray *envs = template->envs;

	g_ptr_array_sort(envs, compare_envs);
	for (guint i = envs->len; i-- > 1;)
		if (compare_envs(&envs->pdata[i - 1], &envs->pdata[i]) == 0)
			(void)g_ptr_array_remove_index(envs, i - 1); /* freed, not returned */
}

const struct run_env *run_template_find_env(const struct run_template *template, const char *name)
{
	for (guint i = 0; i < template->envs->len; i++) {
		const struct run_env *env = template->envs->pdata[i];

		if (strcmp(env->name, name) == 0)
			return env;
	}
	return NULL;
}

/* valueSource.secretKeyRef: where the value lies, which driftd never reads. */
static bool decode_reference(json_object *source, const struct run_wants *wants, const char *name,
			     struct run_template *template, GError **error)
{
	json_object *reference = NULL;
	g_autofree char *secret = NULL;
	g_autofree char *version = NULL;

	if (!decode_object(source, "secretKeyRef", &reference, error))
		return false;
	if (reference && (!decode_text(reference, "secret", IMAGE_MAX_BYTES, &secret, error) ||
			  !decode_text(reference, "version", IMAGE_MAX_BYTES, &version, error)))
		return false;
	run_template_add_reference(template, wants, name, secret, version);
	return true;
}

static bool decode_env(json_object *item, const struct run_wants *wants,
		       struct run_template *template, GError **error)
{
	json_object *source = NULL;
	g_autofree char *name = NULL;
	g_autofree char *value = NULL;

	if (!decode_text(item, "name", ENV_NAME_MAX_BYTES, &name, error) ||
	    !decode_object(item, "valueSource", &source, error) ||
	    !decode_text(item, "value", ENV_VALUE_MAX_BYTES, &value, error))
		return false;
	if (!name)
		return true; /* a variable without a name is none */
	if (source)
		return decode_reference(source, wants, name, template, error);
	run_template_add_env(template, wants, name, value);
	return true;
}

static bool decode_envs(json_object *container, const struct run_wants *wants,
			struct run_template *template, GError **error)
{
	json_object *array = NULL;
	size_t count = 0;

	if (!decode_array(container, "env", RUN_ENV_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count; i++) {
		json_object *item = NULL;

		if (!decode_element(array, "env", i, &item, error) ||
		    !decode_env(item, wants, template, error))
			return false;
	}
	run_template_sort(template);
	return true;
}

/* cpuIdle defaults to true without resources, to false with them. */
static bool decode_resources(json_object *container, struct run_template *template, GError **error)
{
	json_object *resources = NULL;
	json_object *limits = NULL;

	if (!decode_object(container, "resources", &resources, error))
		return false;
	template->cpu_idle = !resources;
	if (!resources)
		return true;
	if (!decode_bool(resources, "cpuIdle", &template->cpu_idle, error) ||
	    !decode_object(resources, "limits", &limits, error))
		return false;
	return !limits ||
	       (decode_text(limits, "memory", SHORT_TEXT_MAX_BYTES, &template->memory, error) &&
		decode_text(limits, "cpu", SHORT_TEXT_MAX_BYTES, &template->cpu, error));
}

static bool has_ports(json_object *container)
{
	json_object *ports = json_member_array(container, "ports");

	return ports && json_object_array_length(ports) > 0;
}

/* The container that takes requests: with several the one with ports, else the first. */
static bool find_main_container(json_object *containers, json_object **ret_container,
				GError **error)
{
	size_t count = json_object_array_length(containers);
	json_object *first = NULL;
	json_object *with_ports = NULL;

	for (size_t i = 0; i < count; i++) {
		json_object *container = NULL;

		if (!decode_element(containers, "containers", i, &container, error))
			return false;
		if (!first)
			first = container;
		if (!with_ports && has_ports(container))
			with_ports = container;
	}
	*ret_container = with_ports ? with_ports : first;
	return true;
}

static bool decode_containers(json_object *object, const struct run_wants *wants,
			      struct run_template *template, GError **error)
{
	json_object *containers = NULL;
	json_object *container = NULL;

	template->cpu_idle = true;
	if (!decode_array(object, "containers", RUN_CONTAINERS_MAX, &containers, error) ||
	    (containers && !find_main_container(containers, &container, error)))
		return false;
	return !container ||
	       (decode_text(container, "image", IMAGE_MAX_BYTES, &template->image, error) &&
		decode_resources(container, template, error) &&
		decode_envs(container, wants, template, error));
}

static bool decode_scaling(json_object *object, struct run_template *template, GError **error)
{
	json_object *scaling = NULL;

	if (!decode_object(object, "scaling", &scaling, error))
		return false;
	return !scaling || (decode_int(scaling, "minInstanceCount", 0, INSTANCES_MAX,
				       &template->min_instances, error) &&
			    decode_int(scaling, "maxInstanceCount", 0, INSTANCES_MAX,
				       &template->max_instances, error));
}

bool run_template_decode(json_object *object, const struct run_wants *wants,
			 struct run_template **ret_template, GError **error)
{
	struct run_template *template = run_template_create();

	if (!decode_map(object, "labels", wants->labels, &template->labels, error) ||
	    !decode_map(object, "annotations", wants->annotations, &template->annotations, error) ||
	    !decode_last_part(object, "revision", &template->revision, error) ||
	    !decode_text(object, "timeout", SHORT_TEXT_MAX_BYTES, &template->timeout, error) ||
	    !decode_text(object, "serviceAccount", DECODE_NAME_MAX_BYTES,
			 &template->service_account, error) ||
	    !decode_int(object, "maxInstanceRequestConcurrency", 0, CONCURRENCY_MAX,
			&template->concurrency, error) ||
	    !decode_scaling(object, template, error) ||
	    !decode_containers(object, wants, template, error)) {
		run_template_free(template);
		return false;
	}
	*ret_template = template;
	return true;
}
