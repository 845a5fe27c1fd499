/* settings - see settings.h; the table itself is in settings_table.c. */
#include "config/settings.h"

#include <assert.h>
#include <string.h>

/* One element more: NULL ends the list that settings_kind_names() gives out. */
static const char *const kind_texts[SETTING_KIND_COUNT + 1] = {
	[SETTING_KIND_DRIFTD] = "driftd",
	[SETTING_KIND_AUTH] = "auth",
	[SETTING_KIND_REPO] = "repo",
	[SETTING_KIND_GCP] = "gcp",
	[SETTING_KIND_SERVICE] = "service",
	[SETTING_KIND_TABLE] = "table",
	[SETTING_KIND_COMPLETION] = "completion",
	[SETTING_KIND_INVENTORY] = "inventory",
	[SETTING_KIND_ASSERT] = "assert",
	[SETTING_KIND_BACKUP] = "backup",
	[SETTING_KIND_SLACK] = "slack",
	[SETTING_KIND_WEBHOOK] = "webhook",
	[SETTING_KIND_ALERTMANAGER] = "alertmanager",
	[SETTING_KIND_GITHUB] = "github",
	[SETTING_KIND_WINDOW] = "window",
};

/* Which key decides what the others mean. */
static const char *const selectors[SETTING_KIND_COUNT] = {
	[SETTING_KIND_SERVICE] = "source",
	[SETTING_KIND_TABLE] = "method",
	[SETTING_KIND_INVENTORY] = "source",
	[SETTING_KIND_ASSERT] = "source",
};

static const char *const type_texts[SETTING_TYPE_COUNT] = {
	[SETTING_TYPE_TEXT] = "text",
	[SETTING_TYPE_TEXTS] = "text",
	[SETTING_TYPE_DURATION] = "duration (90s, 5m, 24h, 7d)",
	[SETTING_TYPE_SIZE] = "size (10MB, 1GiB)",
	[SETTING_TYPE_ROWS] = "number of rows",
	[SETTING_TYPE_NUMBER] = "number",
	[SETTING_TYPE_PERCENT] = "percentage (30%)",
	[SETTING_TYPE_INTEGER] = "number",
	[SETTING_TYPE_BOOLEAN] = "true or false",
	[SETTING_TYPE_CHOICE] = "one of several words",
	[SETTING_TYPE_SECRET] = "secret (env:NAME, file:PATH or the secret itself)",
	[SETTING_TYPE_SECRET_URL] = "URL (or env:NAME, file:PATH)",
	[SETTING_TYPE_URL] = "http or https URL",
	[SETTING_TYPE_BASE_URL] = "http or https URL",
	[SETTING_TYPE_DIRECTORY] = "path",
	[SETTING_TYPE_FILE] = "path",
	[SETTING_TYPE_ZONE] = "IANA time zone",
	[SETTING_TYPE_LISTEN] = "HOST:PORT or [IPV6]:PORT",
	[SETTING_TYPE_HOSTS] = "host name or address",
	[SETTING_TYPE_INCLUDE] = "path or pattern",
	[SETTING_TYPE_REPOSITORY_URL] = "URL or path",
	[SETTING_TYPE_BRANCH] = "branch name",
	[SETTING_TYPE_CREDENTIALS] = "adc, metadata, file:PATH or token:SECRET",
	[SETTING_TYPE_PROJECT] = "project id",
	[SETTING_TYPE_REGION] = "region",
	[SETTING_TYPE_REGIONS] = "region",
	[SETTING_TYPE_CLOUD_NAME] = "name of a service or function",
	[SETTING_TYPE_REPO] = "name of a [repo] section",
	[SETTING_TYPE_GCP] = "name of a [gcp] section",
	[SETTING_TYPE_TARGETS] = "KIND/NAME",
	[SETTING_TYPE_PATHS] = "path pattern",
	[SETTING_TYPE_COMMIT_FROM] = "label:KEY, env:NAME, image-tag or annotation:KEY",
	[SETTING_TYPE_ENV_NAMES] = "name of an environment variable",
	[SETTING_TYPE_EXPECT] = "NAME=VALUE",
	[SETTING_TYPE_EXPECT_FROM] = "NAME gs://BUCKET/OBJECT#POINTER",
	[SETTING_TYPE_PROBE_EXPECT] = "POINTER=VALUE",
	[SETTING_TYPE_POINTER] = "JSON pointer",
	[SETTING_TYPE_PIN] = "COMMIT [until DATE] [by WHO] [because WHY]",
	[SETTING_TYPE_PAUSED] = "true, false or REASON [until DATE]",
	[SETTING_TYPE_LOCATION] = "US, EU or a region",
	[SETTING_TYPE_TABLE] = "DATASET.TABLE or PROJECT.DATASET.TABLE",
	[SETTING_TYPE_DATASETS] = "DATASET or PROJECT.DATASET",
	[SETTING_TYPE_COLUMN] = "name of a column",
	[SETTING_TYPE_SQL] = "SQL",
	[SETTING_TYPE_SCHEDULE] = "five cron fields and a time zone",
	[SETTING_TYPE_HOLIDAYS] = "file:PATH",
	[SETTING_TYPE_DOCUMENT] = "COLLECTION/DOCUMENT",
	[SETTING_TYPE_DAY_OFFSET] = "days (-1d)",
	[SETTING_TYPE_COMPLETION_KEYS] = "KEY or MODE: KEY",
	[SETTING_TYPE_FIELD_NAME] = "name of a field",
	[SETTING_TYPE_DONE] = "FIELD=VALUE or FIELD=VALUE|VALUE",
	[SETTING_TYPE_EVIDENCE] = "KEY table/NAME",
	[SETTING_TYPE_CONDITION] = "rows OP N, value OP N or value between A and B",
	[SETTING_TYPE_BUCKET] = "name of a bucket",
	[SETTING_TYPE_PREFIX] = "path in the bucket",
	[SETTING_TYPE_FOLDER_FORMAT] = "format (%Y-%m-%d_%H%M%S)",
	[SETTING_TYPE_FILE_NAME] = "name of a file",
	[SETTING_TYPE_FILE_NAMES] = "name of a file",
	[SETTING_TYPE_MATCHERS] = "P0, P1, P2, owner=NAME, kind=KIND or KIND/NAME with *",
	[SETTING_TYPE_RATE] = "N/s, N/m or N/h",
	[SETTING_TYPE_GITHUB_REPOSITORY] = "OWNER/NAME",
	[SETTING_TYPE_LABEL] = "name of a label",
	[SETTING_TYPE_EMAILS] = "email address",
};

/* The first row of @p kind or a later one: kinds are in order. */
static size_t first_of(enum setting_kind kind)
{
	size_t end;
	const struct setting *table = settings_all(&end);
	size_t start = 0;

	while (start < end) {
		size_t middle = start + (end - start) / 2;

		if (table[middle].kind < kind)
			start = middle + 1;
		else
			end = middle;
	}
	return start;
}

const struct setting *settings_of_kind(enum setting_kind kind, size_t *ret_count)
{
	size_t total;
	const struct setting *table = settings_all(&total);
	size_t first = first_of(kind);

	*ret_count = first_of(kind + 1) - first;
	return *ret_count > 0 ? &table[first] : NULL;
}

const struct setting *settings_find(enum setting_kind kind, const char *key)
{
	size_t count;
	const struct setting *first = settings_of_kind(kind, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(first[i].key, key) == 0)
			return &first[i];
	return NULL;
}

unsigned settings_index(const struct setting *setting)
{
	size_t count;
	const struct setting *first = settings_of_kind(setting->kind, &count);

	assert(setting >= first && setting < first + count && count <= 64);
	return (unsigned)(setting - first); /* at most 63 */
}

const struct setting *settings_selector(enum setting_kind kind)
{
	return selectors[kind] ? settings_find(kind, selectors[kind]) : NULL;
}

const char *settings_kind_text(enum setting_kind kind)
{
	assert(kind > SETTING_KIND_NONE && kind < SETTING_KIND_COUNT);
	return kind_texts[kind];
}

enum setting_kind settings_kind_from_text(const char *text)
{
	for (enum setting_kind kind = SETTING_KIND_DRIFTD; kind < SETTING_KIND_COUNT; kind++)
		if (strcmp(kind_texts[kind], text) == 0)
			return kind;
	return SETTING_KIND_NONE;
}

const char *const *settings_kind_names(void)
{
	return &kind_texts[SETTING_KIND_DRIFTD];
}

const char *settings_type_text(enum setting_type type)
{
	assert(type > SETTING_TYPE_NONE && type < SETTING_TYPE_COUNT);
	return type_texts[type];
}
