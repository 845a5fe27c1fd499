/* body - the fields that a request's body may have, as a table beside its route, and their values,
 * checked. Pure: any thread. DESIGN 9. */
#ifndef DRIFT_BODY_H
#define DRIFT_BODY_H

#include "base.h"

enum body_field_type {
	BODY_FIELD_NONE = 0,
	BODY_FIELD_TEXT, /* one line of UTF-8, 1..max_bytes without the spaces around it */
	BODY_FIELD_TIME, /* RFC 3339 */
	BODY_FIELD_FLAG, /* JSON true or false; in a form "true", "1", "false", "0" */
};

struct body_field {
	const char *name;
	enum body_field_type type;
	bool required;
	size_t max_bytes; /* of TEXT */
};

/** Most fields of one body. */
#define BODY_FIELDS_MAX 4

struct body_value {
	const char *name; /* the field's */
	char *text;       /* of TEXT, owned */
	int64_t wall_ms;  /* of TIME */
	bool flag;        /* of FLAG */
};

/** Start with {0}; end with body_values_done(). */
struct body_values {
	struct body_value values[BODY_FIELDS_MAX];
	size_t count; /* those that were given */
};
void body_values_done(struct body_values *values);

/** Of the value that was given; NULL when none was, and the fallback. Borrowed. */
const char *body_text(const struct body_values *values, const char *name);
int64_t body_time(const struct body_values *values, const char *name, int64_t fallback);
bool body_flag(const struct body_values *values, const char *name, bool fallback);

/** Is @p content_type (NULL: none) this media type, with whatever parameters? Only UTF-8 as charset. */
bool body_is_type(const char *content_type, const char *type);

/**
 * A body as a JSON object, or as a form (application/x-www-form-urlencoded). An empty one has no fields.
 *
 * @param bytes        NUL-terminated, @p length bytes before it; NULL: empty.
 * @param ret_values   set on success only; the caller frees what it holds.
 * @param ret_unknown  the first field that is not among @p fields, when that is what is wrong; else
 *                     NULL. Caller frees.
 * @param error        DRIFT_ERROR_INVALID: says which field, and what it should be.
 */
MUST_CHECK bool body_parse_json(const char *bytes, size_t length, const struct body_field *fields,
				size_t field_count, struct body_values *ret_values,
				char **ret_unknown, GError **error);
MUST_CHECK bool body_parse_form(const char *bytes, size_t length, const struct body_field *fields,
				size_t field_count, struct body_values *ret_values,
				char **ret_unknown, GError **error);

#endif
