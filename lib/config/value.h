/* value - reads, prints and clears the value of one setting by its type. Blocks only for secrets
 * and credentials, which are files: any thread. */
#ifndef DRIFT_CONFIG_VALUE_H
#define DRIFT_CONFIG_VALUE_H

#include "base.h"
#include "config/settings.h"

/** Longest value shown in a message. */
#define VALUE_SHOWN_MAX_BYTES 100

/** What is printed in place of a secret. */
#define VALUE_SECRET "(secret)"

/** What a value's meaning depends on. All borrowed. */
struct value_context {
	const char *directory; /* where relative paths start; absolute */
	const char *timezone;  /* in which dates end; known */
	GHashTable *repos;     /* name -> struct config_repo * */
	GHashTable *gcps;      /* name -> struct config_gcp * */
	GHashTable *ids;       /* set of "service/NAME", "table/NAME", "repo/NAME" … */
	GHashTable *targets;   /* id -> const struct config_target * */
	bool without_secrets;  /* secrets and credential files are not looked up */
};

/**
 * Read @p text into the field of @p object; a repeatable setting gets one value more. Settings
 * that mean nothing for their kind are checked only.
 *
 * @param object  the section's struct.
 * @param error   why not, without the value and without the key.
 */
MUST_CHECK bool value_parse(const struct value_context *context, const struct setting *setting,
			    const char *text, void *object, GError **error);

/**
 * The value in force as texts that value_parse() would read, secrets as "(secret)".
 *
 * @param zone       in which dates end.
 * @param ret_texts  char * are added, none when there is no value.
 */
void value_print(const char *zone, const struct setting *setting, const void *object,
		 GPtrArray *ret_texts);

/** The value of a CHOICE in @p object: an enum; 0: none. */
int value_choice(const struct setting *setting, const void *object);

/** Does @p setting mean something, as the source or method of @p object stands? With none it does.
 */
bool value_applies(const struct setting *setting, const void *object);

/** Make lists of @p object that are NULL empty ones. */
void value_init(const struct setting *setting, void *object);

/** Free what value_parse() allocated; secrets are overwritten first. */
void value_clear(const struct setting *setting, void *object);

/** @p text fit for an error message about @p setting: cut, control characters visible, secrets and
 * what may be one left out. NULL: nothing can be shown. Caller frees. */
char *value_shown(const struct setting *setting, const char *text);

#endif
