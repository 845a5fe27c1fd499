/* manifest - see manifest.h */
#include "source/manifest.h"

#include <string.h>

#include "drift_error.h"
#include "json.h"

/* {…} in {…} in … */
#define NESTING_MAX 4
#define POINTER_MAX_BYTES 16384

struct manifest {
	json_object *document;
};

struct manifest *manifest_parse(const char *bytes, size_t length, GError **error)
{
	json_object *document = json_parse(bytes, length, error);
	struct manifest *manifest = NULL;

	if (!document)
		return NULL;
	manifest = g_new0(struct manifest, 1);
	manifest->document = document;
	return manifest;
}

void manifest_free(struct manifest *manifest)
{
	if (!manifest)
		return;
	json_object_put(manifest->document);
	g_free(manifest);
}

/* RFC 6901 3: what is put in is one reference token, or part of one. */
static void append_escaped(GString *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '~')
			g_string_append(out, "~0");
		else if (*text == '/')
			g_string_append(out, "~1");
		else
			g_string_append_c(out, *text);
	}
}

static bool scalar_at(const struct manifest *manifest, const char *pointer, char **ret_value,
		      GError **error)
{
	json_object *value = NULL;
	g_autofree char *text = NULL;

	if (!json_pointer(manifest->document, pointer, &value, error))
		return false;
	text = json_scalar_text(value);
	if (!text || strlen(text) > MANIFEST_VALUE_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "what stands at \"%.200s\" is %s", pointer,
			    text ? "too long" : "no text, number or boolean");
		return false;
	}
	*ret_value = g_steal_pointer(&text);
	return true;
}

/* Length of "{…}" at open, 0 when it is not closed. */
static size_t braces_length(const char *open)
{
	int depth = 0;

	for (const char *p = open; *p; p++) {
		if (*p == '{')
			depth++;
		if (*p == '}' && --depth == 0)
			return (size_t)(p - open) + 1;
	}
	return 0;
}

static bool value_at(const struct manifest *manifest, const char *pointer, int depth,
		     char **ret_value, GError **error);

static bool append_inner(const struct manifest *manifest, const char *open, int depth, GString *out,
			 GError **error)
{
	size_t length = braces_length(open);
	g_autofree char *inner = length ? g_strndup(open + 1, length - 2) : NULL;
	g_autofree char *value = NULL;

	if (!inner || depth >= NESTING_MAX) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "\"%.200s\" %s", open,
			    inner ? "nests too deep" : "has a { without its }");
		return false;
	}
	if (!value_at(manifest, inner, depth + 1, &value, error))
		return false;
	append_escaped(out, value);
	return true;
}

static bool expand(const struct manifest *manifest, const char *pointer, int depth, GString *out,
		   GError **error)
{
	for (const char *p = pointer; *p;) {
		if (*p != '{') {
			g_string_append_c(out, *p++);
			continue;
		}
		if (!append_inner(manifest, p, depth, out, error))
			return false;
		p += braces_length(p);
		if (out->len > POINTER_MAX_BYTES) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "\"%.200s\" becomes too long", pointer);
			return false;
		}
	}
	return true;
}

static bool value_at(const struct manifest *manifest, const char *pointer, int depth,
		     char **ret_value, GError **error)
{
	GString *plain = g_string_new(NULL);
	bool ok = expand(manifest, pointer, depth, plain, error) &&
		  scalar_at(manifest, plain->str, ret_value, error);

	(void)g_string_free(plain, TRUE); /* returns NULL */
	return ok;
}

bool manifest_value(const struct manifest *manifest, const char *pointer, char **ret_value,
		    GError **error)
{
	return value_at(manifest, pointer, 0, ret_value, error);
}
