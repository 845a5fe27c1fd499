/* kinds - what becomes of a section of each kind: its struct, and where that goes. Private to
 * lib/config/. Constant data: any thread. */
#ifndef DRIFT_CONFIG_KINDS_H
#define DRIFT_CONFIG_KINDS_H

#include "base.h"
#include "config/config.h"
#include "config/settings.h"

struct kind {
	enum target_kind target; /* NONE: a section of this kind is no target */
	enum channel_kind
		channel;     /* NONE: it is no channel; channels of all kinds share one list */
	size_t size;         /* of its struct */
	size_t given;        /* offset of the mask of keys that were written */
	size_t list;         /* offset in struct config of the GPtrArray of them; 0: there is
				    only one */
	GDestroyNotify free; /* of the elements of list */
};

/** Never NULL. */
const struct kind *kind_get(enum setting_kind kind);

/** Where @p config keeps the sections of @p kind; NULL when there is only one. */
GPtrArray **kind_list(enum setting_kind kind, struct config *config);

/** Does a kind before @p kind have the same list? */
bool kind_shares_list(enum setting_kind kind);

/** Of which kind @p object is, which is in the list of @p kind. */
enum setting_kind kind_of(enum setting_kind kind, const void *object);

/** The sections of @p kind, of which there may be more than one. Borrowed. */
const GPtrArray *kind_objects(enum setting_kind kind, const struct config *config);

/** Which keys of a section's struct were written. */
uint64_t kind_given(enum setting_kind kind, const void *object);
void kind_set_given(enum setting_kind kind, void *object, uint64_t given);

/** The name of a section's struct; NULL when its kind has none. Borrowed. */
const char *kind_name(enum setting_kind kind, const void *object);

#endif
