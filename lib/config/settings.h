/* settings - THE table of all settings. The parser, driftd config, the man page and its test, and
 * the test of config.example.ini all go by it, so that they cannot differ. Constant data: any
 * thread. DESIGN 5 and 13. */
#ifndef DRIFT_SETTINGS_H
#define DRIFT_SETTINGS_H

#include "base.h"

/** Most values of a repeatable key. */
#define SETTINGS_VALUES_MAX 256

/** Kinds of sections. */
enum setting_kind {
	SETTING_KIND_NONE = 0,
	SETTING_KIND_DRIFTD,
	SETTING_KIND_AUTH,
	SETTING_KIND_REPO,
	SETTING_KIND_GCP,
	SETTING_KIND_SERVICE,
	SETTING_KIND_COUNT,
};

/** What a value is: how it is read, checked, kept and printed (config/value.h). */
enum setting_type {
	SETTING_TYPE_NONE = 0,
	SETTING_TYPE_TEXT,           /* any text; char * */
	SETTING_TYPE_DURATION,       /* 90s, 5m, 24h, 7d; int64_t milliseconds */
	SETTING_TYPE_SIZE,           /* 10MB, 1GiB; no effect yet, so kept nowhere */
	SETTING_TYPE_INTEGER,        /* int */
	SETTING_TYPE_BOOLEAN,        /* the first or second of choices, else false or true; bool */
	SETTING_TYPE_CHOICE,         /* one of choices; an enum whose first value is 1 */
	SETTING_TYPE_SECRET,         /* env:NAME, file:PATH or literal; char *, wiped */
	SETTING_TYPE_SECRET_URL,     /* as SECRET, and then a URL */
	SETTING_TYPE_URL,            /* http or https; char * */
	SETTING_TYPE_BASE_URL,       /* the same without query, trailing slashes removed */
	SETTING_TYPE_DIRECTORY,      /* made absolute; char * */
	SETTING_TYPE_ZONE,           /* IANA time zone; char * */
	SETTING_TYPE_LISTEN,         /* HOST:PORT or [IPV6]:PORT; char * */
	SETTING_TYPE_HOSTS,          /* host names or addresses; char ** */
	SETTING_TYPE_INCLUDE,        /* file patterns; read before everything else, kept nowhere */
	SETTING_TYPE_REPOSITORY_URL, /* URL or path of a git repository; struct config_repo */
	SETTING_TYPE_BRANCH,         /* char * */
	SETTING_TYPE_CREDENTIALS,    /* struct config_gcp */
	SETTING_TYPE_PROJECT,        /* char * */
	SETTING_TYPE_REGION,         /* char * */
	SETTING_TYPE_REGIONS,        /* char ** */
	SETTING_TYPE_CLOUD_NAME,     /* name of a service or function there; char * */
	SETTING_TYPE_REPO,           /* name of a [repo]; const struct config_repo * */
	SETTING_TYPE_GCP,            /* name of a [gcp]; const struct config_gcp * */
	SETTING_TYPE_TARGETS,        /* KIND/NAME; no effect yet, so kept nowhere */
	SETTING_TYPE_PATHS,          /* path patterns; char ** */
	SETTING_TYPE_COMMIT_FROM,    /* char ** */
	SETTING_TYPE_ENV_NAMES,      /* char ** */
	SETTING_TYPE_EXPECT,         /* struct config_service */
	SETTING_TYPE_EXPECT_FROM,    /* struct config_service */
	SETTING_TYPE_PROBE_EXPECT,   /* struct config_service */
	SETTING_TYPE_POINTER,        /* RFC 6901; char * */
	SETTING_TYPE_PIN,            /* struct config_pin */
	SETTING_TYPE_PAUSED,         /* struct config_target */
	SETTING_TYPE_COUNT,
};

enum setting_flag {
	SETTING_REPEATABLE = 1 << 0, /* a repeated key makes a list */
	SETTING_DISTINCT = 1 << 1,   /* and no value may be given twice */
	SETTING_REQUIRED = 1 << 2,   /* whatever else is there */
	SETTING_SECRET = 1 << 3,     /* the value is never shown */
	SETTING_NO_EFFECT = 1 << 4,  /* read, checked and said to have no effect in this version */
	SETTING_REFUSED = 1 << 5,    /* known, and an error in this version */
	SETTING_CLOUD_ONLY = 1 << 6, /* a service's, unless its source is http */
	SETTING_HTTP_ONLY = 1 << 7,  /* a service's, when its source is http */
};

/** One setting. */
struct setting {
	enum setting_kind kind;
	const char *key;
	enum setting_type type;
	unsigned flags;             /* enum setting_flag */
	const char *fallback;       /* default as it would be written; NULL: see below */
	const char *fallback_note;  /* a default that depends on something, in words; NULL: none */
	int64_t min;                /* INTEGER, DURATION (milliseconds), SIZE (bytes) */
	int64_t max;                /* of the same */
	const char *unit;           /* of the value, for people; NULL: none */
	const char *const *choices; /* CHOICE, BOOLEAN: NULL-terminated; NULL: none */
	size_t offset;              /* of the field in the section's struct; 0 when kept nowhere */
	const char *help;           /* sentences, for the man page and for error messages */
};

/** The whole table, settings of a kind in a row, kinds in order. */
const struct setting *settings_all(size_t *ret_count);

/** The settings of @p kind: first one and how many. */
const struct setting *settings_of_kind(enum setting_kind kind, size_t *ret_count);

/** The setting @p key of @p kind, or NULL. */
const struct setting *settings_find(enum setting_kind kind, const char *key);

/** Position of @p setting among those of its kind: 0..63, the bit in the "given" masks. */
unsigned settings_index(const struct setting *setting);

/** "driftd", "auth", "repo", "gcp", "service". */
const char *settings_kind_text(enum setting_kind kind);

/** The kind called @p text, or SETTING_KIND_NONE. */
enum setting_kind settings_kind_from_text(const char *text);

/** Names of all kinds, those of later versions too, NULL-terminated: candidates for spelling. */
const char *const *settings_kind_names(void);

/** What sections of the kind @p text bring ("tables") when they come with a later version; else
 * NULL. */
const char *settings_reserved(const char *text);

/** How values of @p type are written, for people ("90s, 5m, 24h, 7d", "true or false"). */
const char *settings_type_text(enum setting_type type);

#endif
