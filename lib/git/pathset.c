/* pathset - see pathset.h. A pattern is cut at '/' into parts; "**" between parts is matched by
 * going back to the latest one only, which is complete because it takes any number of parts. */
#include "git/pathset.h"

#include <string.h>

#include "drift_error.h"
#include "git/globpart.h"

enum step_kind {
	STEP_NONE = 0,
	STEP_PART,   /* one part of the path */
	STEP_ANY,    /* "**": any number of parts, also none */
	STEP_REST,   /* at the end: this, and everything below */
	STEP_INSIDE, /* at the end: everything below, not this itself */
};

struct step {
	enum step_kind kind;
	struct globpart *part; /* STEP_PART only */
};

struct pattern {
	char *given;
	bool negative;
	bool simple; /* literal parts, then STEP_REST or STEP_INSIDE: the prefix decides */
	char *prefix;
	size_t prefix_length;
	GArray *steps; /* struct step */
};

struct pathset {
	GPtrArray *patterns; /* struct pattern * */
	bool matches_rest;   /* what no pattern matches belongs: no positive pattern */
};

static void clear_step(gpointer data)
{
	struct step *step = data;

	globpart_free(step->part);
}

static void free_pattern(gpointer data)
{
	struct pattern *pattern = data;

	g_array_unref(pattern->steps);
	g_free(pattern->prefix);
	g_free(pattern->given);
	g_free(pattern);
}

static void add_step(struct pattern *pattern, enum step_kind kind, struct globpart *part)
{
	struct step step = {.kind = kind, .part = part};

	g_array_append_val(pattern->steps, step);
}

static bool is_dots(const char *text, size_t length)
{
	return (length == 1 && text[0] == '.') || (length == 2 && memcmp(text, "..", 2) == 0);
}

static bool add_part(struct pattern *pattern, const char *text, size_t length, GError **error)
{
	const struct step *last = pattern->steps->len ? &g_array_index(pattern->steps, struct step,
								       pattern->steps->len - 1)
						      : NULL;
	struct globpart *part;

	if (length == 0 || is_dots(text, length)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the part \"%.*s\" matches no path; leave it out", (int)length, text);
		return false;
	}
	if (length == 2 && memcmp(text, "**", 2) == 0) {
		if (!last || last->kind != STEP_ANY) /* twice says nothing more */
			add_step(pattern, STEP_ANY, NULL);
		return true;
	}
	part = globpart_compile(text, length, error);
	if (!part)
		return false;
	add_step(pattern, STEP_PART, part);
	return true;
}

/* What stands at the end: "X" and "X/" reach below when X's last part is literal. */
static bool finish_steps(struct pattern *pattern, bool slash, GError **error)
{
	struct step *last = &g_array_index(pattern->steps, struct step, pattern->steps->len - 1);

	if (last->kind == STEP_ANY) {
		last->kind = STEP_INSIDE;
		return true;
	}
	if (globpart_is_literal(last->part)) {
		add_step(pattern, slash ? STEP_INSIDE : STEP_REST, NULL);
		return true;
	}
	if (slash)
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "a wildcard with '/' at its end matches no path; add '**'");
	return !slash;
}

/* The literal start that all matches share. */
static void set_prefix(struct pattern *pattern)
{
	GString *prefix = g_string_new(NULL);
	bool literal = true;

	for (guint i = 0; literal && i < pattern->steps->len; i++) {
		const struct step *step = &g_array_index(pattern->steps, struct step, i);

		if (step->kind != STEP_PART) {
			pattern->simple = step->kind != STEP_ANY && i > 0;
			if (i > 0 && step->kind != STEP_REST)
				g_string_append_c(prefix, '/');
			break;
		}
		if (i > 0)
			g_string_append_c(prefix, '/');
		g_string_append(prefix, globpart_prefix(step->part));
		literal = globpart_is_literal(step->part);
	}
	pattern->prefix_length = prefix->len;
	pattern->prefix = g_string_free(prefix, FALSE);
}

static bool compile_steps(struct pattern *pattern, const char *text, GError **error)
{
	size_t length = strlen(text);
	bool slash = length > 0 && text[length - 1] == '/';
	const char *end;

	if (length == 0 || text[0] == '/') {
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    length == 0 ? "it is empty"
						: "patterns start at the root of the repository, "
						  "without '/'");
		return false;
	}
	end = text + length - (slash ? 1 : 0);
	for (const char *part = text; part <= end;) {
		const char *stop = memchr(part, '/', (size_t)(end - part));

		if (!stop)
			stop = end;
		if (!add_part(pattern, part, (size_t)(stop - part), error))
			return false;
		part = stop + 1;
	}
	return finish_steps(pattern, slash, error);
}

static struct pattern *compile_pattern(const char *given, GError **error)
{
	struct pattern *pattern;

	if (strlen(given) > PATHSET_PATTERN_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "path pattern \"%.40s…\": longer than %d bytes", given,
			    PATHSET_PATTERN_MAX_BYTES);
		return NULL;
	}
	pattern = g_new0(struct pattern, 1);
	pattern->given = g_strdup(given);
	pattern->negative = given[0] == '!';
	pattern->steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	g_array_set_clear_func(pattern->steps, clear_step);
	if (!compile_steps(pattern, given + (pattern->negative ? 1 : 0), error)) {
		g_prefix_error(error, "path pattern \"%s\": ", given);
		free_pattern(pattern);
		return NULL;
	}
	set_prefix(pattern);
	return pattern;
}

struct pathset *pathset_compile(const char *const *patterns, GError **error)
{
	struct pathset *pathset = g_new0(struct pathset, 1);

	pathset->patterns = g_ptr_array_new_with_free_func(free_pattern);
	pathset->matches_rest = true;
	for (size_t i = 0; patterns && patterns[i]; i++) {
		struct pattern *pattern = NULL;

		if (i == PATHSET_PATTERNS_MAX)
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
				    "more than %d path patterns", PATHSET_PATTERNS_MAX);
		else
			pattern = compile_pattern(patterns[i], error);
		if (!pattern) {
			pathset_free(pathset);
			return NULL;
		}
		if (!pattern->negative)
			pathset->matches_rest = false;
		g_ptr_array_add(pathset->patterns, pattern);
	}
	return pathset;
}

void pathset_free(struct pathset *pathset)
{
	if (!pathset)
		return;
	g_ptr_array_unref(pathset->patterns);
	g_free(pathset);
}

static const char *next_part(const char *part)
{
	const char *end = strchrnul(part, '/');

	return *end ? end + 1 : NULL;
}

static bool match_part(const struct step *step, const char *part)
{
	return globpart_match(step->part, part, (size_t)(strchrnul(part, '/') - part));
}

/* The path is used up: what is left of the pattern must need nothing. */
static bool match_end(const struct pattern *pattern, guint next)
{
	for (; next < pattern->steps->len; next++) {
		enum step_kind kind = g_array_index(pattern->steps, struct step, next).kind;

		if (kind == STEP_PART || kind == STEP_INSIDE)
			return false;
	}
	return true;
}

static bool match_steps(const struct pattern *pattern, const char *path)
{
	const char *retry = NULL; /* where the latest "**" would start its next try */
	guint after = 0;          /* the step after that "**" */
	guint next = 0;

	while (path) {
		const struct step *step =
			next < pattern->steps->len
				? &g_array_index(pattern->steps, struct step, next)
				: NULL;

		if (step && (step->kind == STEP_REST || step->kind == STEP_INSIDE))
			return true;
		if (step && step->kind == STEP_ANY) {
			after = ++next;
			retry = path;
		} else if (step && match_part(step, path)) {
			path = next_part(path);
			next++;
		} else if (retry) {
			retry = next_part(retry);
			path = retry;
			next = after;
		} else {
			return false;
		}
	}
	return match_end(pattern, next);
}

static bool match_pattern(const struct pattern *pattern, const char *path)
{
	if (strncmp(path, pattern->prefix, pattern->prefix_length) != 0)
		return false;
	if (pattern->simple) {
		const char *rest = path + pattern->prefix_length;

		/* STEP_INSIDE's prefix ends in '/', STEP_REST's does not */
		return pattern->prefix[pattern->prefix_length - 1] == '/' ? *rest != '\0'
									  : !*rest || *rest == '/';
	}
	return match_steps(pattern, path);
}

bool pathset_match(const struct pathset *pathset, const char *path)
{
	for (guint i = pathset->patterns->len; i > 0; i--) {
		const struct pattern *pattern = g_ptr_array_index(pathset->patterns, i - 1);

		if (match_pattern(pattern, path))
			return !pattern->negative;
	}
	return pathset->matches_rest;
}

size_t pathset_count(const struct pathset *pathset)
{
	return pathset->patterns->len;
}

static const struct pattern *pattern_at(const struct pathset *pathset, size_t index)
{
	g_assert(index < pathset->patterns->len);
	return g_ptr_array_index(pathset->patterns, index);
}

const char *pathset_pattern(const struct pathset *pathset, size_t index)
{
	return pattern_at(pathset, index)->given;
}

bool pathset_is_negative(const struct pathset *pathset, size_t index)
{
	return pattern_at(pathset, index)->negative;
}

const char *pathset_prefix(const struct pathset *pathset, size_t index)
{
	return pattern_at(pathset, index)->prefix;
}

bool pathset_match_one(const struct pathset *pathset, size_t index, const char *path)
{
	return match_pattern(pattern_at(pathset, index), path);
}
