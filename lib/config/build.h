/* build - a configuration being put together: the files, what is wrong with them, and each section
 * beside the struct it becomes. Private to lib/config/. One thread at a time. */
#ifndef DRIFT_CONFIG_BUILD_H
#define DRIFT_CONFIG_BUILD_H

#include "base.h"
#include "config/config.h"
#include "config/ini.h"
#include "config/settings.h"
#include "config/value.h"

/** A loading under way. */
struct loader {
	struct config *config;        /* being built; owned until the end */
	GPtrArray *files;             /* struct ini *; the main file first */
	GPtrArray *problems;          /* struct build_problem *, unsorted */
	size_t dropped_problems;      /* beyond CONFIG_PROBLEMS_MAX */
	GHashTable *headers;          /* "repo/main" -> its first struct build *; owns the texts */
	GPtrArray *builds;            /* struct build *, of known kinds, in order of appearance */
	struct value_context context; /* borrows from config */
	GHashTable *holidays; /* path -> what is in it: thousands of targets may name one file */
	unsigned counts
		[SETTING_KIND_COUNT]; /* headers of each kind so far, where they are limited */
	unsigned target_count;        /* headers of targets of all kinds so far */
	unsigned channel_count;       /* the same of channels */
	struct build *driftd;         /* written or implied */
	struct build *auth;           /* NULL: not written */
	struct build *implied_gcp;    /* NULL: there is a [gcp] */
	bool target_seen;             /* a section of a target */
	bool header_trouble; /* a header that could not be read: what is missing may be there */
};

/** One section on its way. */
struct build {
	struct loader *loader;
	unsigned file_index;               /* in loader->files */
	const struct ini_section *section; /* NULL: implied, not written */
	char *label;                       /* its header, for messages */
	enum setting_kind kind;
	void *object;    /* struct config_driftd, config_auth, config_repo … */
	bool duplicate;  /* the same header was there before: checked, then dropped */
	bool quiet;      /* implied or empty: nothing is said to be missing in it */
	uint64_t given;  /* keys that are there: bits by settings_index() */
	uint64_t failed; /* of those, the ones whose value was refused */
};

/** The problem and where it sorts. */
struct build_problem {
	struct config_problem problem;
	unsigned file_index;
	size_t number; /* in order of discovery */
};

/** files.c: read one file; one that cannot be read at all is reported, and empty. */
bool loader_read_file(struct loader *loader, const char *path, const char *shown);

/** files.c: read what the include keys of the main file stand for. */
void loader_read_includes(struct loader *loader);

/** headers.c: make a build of every section, and of those that are implied. */
void loader_read_headers(struct loader *loader);

/** Frees the object of a duplicate too: nobody else has it. */
void build_free(struct build *build);

/** Report at a line of a file. */
void build_report(struct loader *loader, unsigned file_index, int line, const char *format, ...)
	PRINTF_LIKE(4, 5);

/** Report about @p key of a section, at its line when it is there; @p key may be NULL. "[section]
 * key = value: " is put before the message. */
void build_refuse(struct build *build, const char *key, const char *format, ...) PRINTF_LIKE(3, 4);

/** The same as a warning, without the value. */
void build_warn(struct build *build, const char *key, const char *format, ...) PRINTF_LIKE(3, 4);

/** The same about one value of a repeatable key: the line is that of @p value. */
void build_refuse_value(struct build *build, const char *key, const char *value, const char *format,
			...) PRINTF_LIKE(4, 5);
void build_warn_value(struct build *build, const char *key, const char *value, const char *format,
		      ...) PRINTF_LIKE(4, 5);

/** A warning about the configuration as a whole. */
void build_warn_all(struct loader *loader, const char *format, ...) PRINTF_LIKE(2, 3);

/** Is @p key written in the section, whether or not its value passed? */
bool build_is_given(const struct build *build, const char *key);

/** Is @p key written, and its value refused? */
bool build_is_refused(const struct build *build, const char *key);

/** Read every key of the section into its object, then the defaults of those not there. */
void build_values(struct build *build);

/** What keys mean together and in the light of other sections; after the values of all sections. */
void resolve_driftd(struct build *driftd);
void resolve_access(struct build *driftd, struct build *auth_or_null);
void resolve_repo(struct build *build);
void resolve_gcp(struct build *build);
void resolve_service(struct build *build);
void resolve_table(struct build *build);
void resolve_completion(struct build *build);
void resolve_inventory(struct build *build);
void resolve_assert(struct build *build);
void resolve_backup(struct build *build);
void resolve_channel(struct build *build);
void resolve_window(struct build *build);

/** What targets depend on must not depend on them. After the values of all sections. */
void resolve_depends(struct loader *loader);

/** Is everybody told of whom? After resolve_channel() and resolve_window(). */
void resolve_routes(struct loader *loader);

/** Free the structs of one kind with all that the table and resolve_*() put into them. */
void config_clear_object(enum setting_kind kind, void *object);
void config_free_object(enum setting_kind kind, void *object);

/** An empty configuration with one reference. */
struct config *config_create(void);

#endif
