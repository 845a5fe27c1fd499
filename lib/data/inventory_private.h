/* inventory_private - the object behind inventory.h, shared by the files that make it up. Pure: any
 * thread. */
#ifndef DRIFT_DATA_INVENTORY_PRIVATE_H
#define DRIFT_DATA_INVENTORY_PRIVATE_H

#include "data/inventory.h"

/** Types in the order in which objects of one name are written; the index stands for the type. */
struct inventory_type {
	const char *name;
	bool has_parts; /* missing or unexpected, it stands for its parts */
};

/** Index of no type. */
#define INVENTORY_TYPE_NONE (-1)
int inventory_type_find(const char *name, size_t length);
const struct inventory_type *inventory_type_at(int type);
/** Index of "rows". */
int inventory_type_rows(void);

/** Texts are canonical: UTF-8, escaped, bounded; equal exactly when the same is meant. */
struct inventory_object {
	int type;
	char *name;
	char *definition;  /* NULL: none, or counted */
	GPtrArray *joined; /* char *: what definition was joined from, sorted; NULL: one */
	bool counted;      /* rows says it, instead of a condition */
	int64_t rows;
	bool is_least; /* there may be more */
};

/** Its objects sorted: struct inventory_object *, borrowed. Caller unrefs. */
GPtrArray *inventory_sorted(const struct inventory *inventory);

/** NULL when it is not there. Borrowed. */
struct inventory_object *inventory_find(const struct inventory *inventory, int type,
					const char *name);

/** Does a pattern name the object, or what it is part of? */
bool inventory_ignores(char *const *ignores, const char *name);

/** Length of the name of what @p name is part of, its own without the last part; 0: it is part of
 * nothing.
 * @p length: bytes of @p name that count. */
size_t inventory_parent_length(const char *name, size_t length);

/** Does a row count meet a condition, "> 0" and the like? DRIFT_ERROR_INVALID when it is none. */
MUST_CHECK bool inventory_meets(const char *condition, int64_t rows, bool *ret_meets,
				GError **error);

/** The number in a condition that inventory_meets() takes; 0 otherwise. */
int64_t inventory_bound(const char *condition);

/** Canonical text of @p raw (any bytes). Caller frees. @p is_name: colons that would end a name are
 * escaped too. */
char *inventory_escape(const char *raw, bool is_name, size_t max_bytes);

/** The raw text of a canonical one; NULL: a wrong escape. Caller frees. */
char *inventory_unescape(const char *text, size_t length);

#endif
