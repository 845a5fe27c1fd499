/* notice_fields - the members of a notice that are plain text or numbers, for both ways of its
 * JSON. For notice_json.c and notice_decode.c. */
#ifndef DRIFT_ALERT_NOTICE_FIELDS_H
#define DRIFT_ALERT_NOTICE_FIELDS_H

#include "alert/notice.h"

/** How many items have so much: it is left out behind that many. */
enum notice_extent {
	NOTICE_EXTENT_NONE = 0,
	NOTICE_EXTENT_ALWAYS,
	NOTICE_EXTENT_SHORT, /* the first NOTICE_SHORT_ITEMS_MAX */
	NOTICE_EXTENT_FULL,  /* the first NOTICE_FULL_ITEMS_MAX */
};

/** Items behind these say only which incident it is: a message of every target there can be
 * (CONFIG_TARGETS_MAX) stays within what the outbox takes (STORE_CONTENT_MAX_BYTES). */
#define NOTICE_SHORT_ITEMS_MAX 2000

/** More items, more bytes are not ours. */
#define NOTICE_READ_ITEMS_MAX 200000
#define NOTICE_READ_MAX_BYTES ((size_t)32 * 1024 * 1024)

struct notice_text_field {
	const char *name;
	size_t offset; /* of a char * */
	bool needed;
	enum notice_extent extent;
};

struct notice_number_field {
	const char *name;
	size_t offset; /* of an int64_t, not negative */
};

extern const struct notice_text_field notice_item_texts[];
extern const size_t notice_item_text_count;
extern const struct notice_number_field notice_item_numbers[];
extern const size_t notice_item_number_count;
extern const struct notice_text_field notice_commit_texts[];
extern const size_t notice_commit_text_count;
extern const struct notice_number_field notice_digest_numbers[];
extern const size_t notice_digest_number_count;

/** Name of the count of @p state in a digest; NULL: there is none. */
const char *notice_count_name(enum state state);

#endif
