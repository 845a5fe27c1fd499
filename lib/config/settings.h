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
	SETTING_KIND_TABLE,
	SETTING_KIND_COMPLETION,
	SETTING_KIND_INVENTORY,
	SETTING_KIND_ASSERT,
	SETTING_KIND_BACKUP,
	SETTING_KIND_SLACK, /* channels, in the order of enum channel_kind */
	SETTING_KIND_WEBHOOK,
	SETTING_KIND_ALERTMANAGER,
	SETTING_KIND_GITHUB,
	SETTING_KIND_WINDOW,
	SETTING_KIND_COUNT,
};

/** What a value is: how it is read, checked, kept and printed (config/value.h). */
enum setting_type {
	SETTING_TYPE_NONE = 0,
	SETTING_TYPE_TEXT,           /* any text; char * */
	SETTING_TYPE_DURATION,       /* 90s, 5m, 24h, 7d; int64_t milliseconds */
	SETTING_TYPE_TEXTS,          /* any texts; char ** */
	SETTING_TYPE_SIZE,           /* 10MB, 1GiB; int64_t bytes */
	SETTING_TYPE_ROWS,           /* int64_t */
	SETTING_TYPE_NUMBER,         /* int64_t */
	SETTING_TYPE_PERCENT,        /* 30%; int */
	SETTING_TYPE_INTEGER,        /* int */
	SETTING_TYPE_BOOLEAN,        /* the first or second of choices, else false or true; bool */
	SETTING_TYPE_CHOICE,         /* one of choices; an enum whose first value is 1 */
	SETTING_TYPE_SECRET,         /* env:NAME, file:PATH or literal; char *, wiped */
	SETTING_TYPE_SECRET_URL,     /* as SECRET, and then a URL */
	SETTING_TYPE_URL,            /* http or https; char * */
	SETTING_TYPE_BASE_URL,       /* the same without query, trailing slashes removed */
	SETTING_TYPE_DIRECTORY,      /* made absolute; char * */
	SETTING_TYPE_FILE,           /* the same of a file; it need not exist */
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
	SETTING_TYPE_TARGETS,        /* KIND/NAME of a target or repository; char ** */
	SETTING_TYPE_PATHS,          /* path patterns; char ** */
	SETTING_TYPE_COMMIT_FROM,    /* char ** */
	SETTING_TYPE_ENV_NAMES,      /* char ** */
	SETTING_TYPE_EXPECT,         /* struct config_service */
	SETTING_TYPE_EXPECT_FROM,    /* struct config_service */
	SETTING_TYPE_PROBE_EXPECT,   /* struct config_service */
	SETTING_TYPE_POINTER,        /* RFC 6901; char * */
	SETTING_TYPE_PIN,            /* struct config_pin */
	SETTING_TYPE_PAUSED,         /* struct config_target */
	SETTING_TYPE_LOCATION,       /* US, EU or a region; char * */
	SETTING_TYPE_TABLE,      /* DATASET.TABLE or PROJECT.DATASET.TABLE; struct config_table */
	SETTING_TYPE_DATASETS,   /* DATASET or PROJECT.DATASET; char ** */
	SETTING_TYPE_COLUMN,     /* name of a column; char * */
	SETTING_TYPE_SQL,        /* checked by resolve_*(), which know the dialect; char * */
	SETTING_TYPE_SCHEDULE,   /* cron fields and a zone; struct schedule * */
	SETTING_TYPE_HOLIDAYS,   /* file of dates, made absolute; char * */
	SETTING_TYPE_DOCUMENT,   /* path of a Firestore document; char * */
	SETTING_TYPE_DAY_OFFSET, /* -1d; int */
	SETTING_TYPE_COMPLETION_KEYS,   /* KEY or MODE: KEY; struct config_completion */
	SETTING_TYPE_FIELD_NAME,        /* of a Firestore document; char * */
	SETTING_TYPE_DONE,              /* FIELD=VALUE|VALUE; struct config_completion */
	SETTING_TYPE_EVIDENCE,          /* KEY table/NAME; struct config_completion */
	SETTING_TYPE_CONDITION,         /* rows = 0; struct config_condition */
	SETTING_TYPE_BUCKET,            /* of Cloud Storage; char * */
	SETTING_TYPE_PREFIX,            /* of objects' names, made to end in '/'; char * */
	SETTING_TYPE_FOLDER_FORMAT,     /* folder_format.h; char * */
	SETTING_TYPE_FILE_NAME,         /* relative; char * */
	SETTING_TYPE_FILE_NAMES,        /* char ** */
	SETTING_TYPE_MATCHERS,          /* matcher.h; struct matcher ** */
	SETTING_TYPE_RATE,              /* 1/s; struct config_channel */
	SETTING_TYPE_GITHUB_REPOSITORY, /* OWNER/NAME; char * */
	SETTING_TYPE_LABEL,             /* of a GitHub issue; char * */
	SETTING_TYPE_EMAILS,            /* made lower case; char ** */
	SETTING_TYPE_COUNT,
};

enum setting_flag {
	SETTING_REPEATABLE = 1 << 0, /* a repeated key makes a list */
	SETTING_DISTINCT = 1 << 1,   /* and no value may be given twice */
	SETTING_REQUIRED = 1 << 2,   /* whatever else is there */
	SETTING_SECRET = 1 << 3,     /* the value is never shown */
	SETTING_UNUSED = 1 << 4,     /* read, checked and said to mean nothing for this kind */
};

/** One setting. */
struct setting {
	enum setting_kind kind;
	enum setting_type type;
	const char *key;
	unsigned flags;       /* enum setting_flag */
	unsigned applies_to;  /* bits 1 << VALUE of the kind's settings_selector(), with which the
				       key means something; 0: with all */
	const char *fallback; /* default as it would be written; NULL: see below */
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

/** The CHOICE that decides which keys of @p kind mean something: source or method. NULL: all do. */
const struct setting *settings_selector(enum setting_kind kind);

/** "driftd", "auth", "repo", "gcp", "service", "table" … */
const char *settings_kind_text(enum setting_kind kind);

/** The kind called @p text, or SETTING_KIND_NONE. */
enum setting_kind settings_kind_from_text(const char *text);

/** Names of all kinds, NULL-terminated: candidates for spelling. */
const char *const *settings_kind_names(void);

/** How values of @p type are written, for people ("90s, 5m, 24h, 7d", "true or false"). */
const char *settings_type_text(enum setting_type type);

#endif
