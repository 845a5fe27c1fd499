/* choice - see choice.h */
#include "eval/choice.h"

#include <string.h>

#define FULL_ID_DIGITS 40

/* With commit-from only the markers it names are asked. */
static bool is_restricted(const struct config_service *service)
{
	return service->commit_from && service->commit_from[0] &&
	       service->source != CONFIG_SOURCE_HTTP;
}

static bool may_decide(const struct marker *marker, bool restricted)
{
	return !marker->service_level && (marker->chosen_by_user || !restricted);
}

bool choice_is_absent(const struct marker *marker, const struct git_answer *answer)
{
	const struct git_resolution *resolution =
		answer && marker->commit ? git_answer_resolution(answer, marker->commit) : NULL;

	if (!resolution)
		return false;
	return resolution->status == GIT_RESOLUTION_NO_COMMIT ||
	       resolution->status == GIT_RESOLUTION_ABSENT ||
	       resolution->status == GIT_RESOLUTION_NOBODY_TO_ASK;
}

/* Does a marker that names no commit of the repository still speak of one? Tags mostly name
 * versions and dates ("latest", "v1.2", "20251120"): those say nothing about commits. A label that
 * is there for a commit, or a tag that looks like an id and cannot be a date, does: guessing by
 * time would pass over it. */
static bool speaks_of_commit(const struct marker *marker)
{
	if (strcmp(marker->source, "image-tag") != 0)
		return true;
	if (!marker->commit)
		return false;
	return strlen(marker->commit) == FULL_ID_DIGITS ||
	       strspn(marker->commit, "0123456789") < strlen(marker->commit);
}

struct choice choice_make(const struct config_service *service, const struct revision_obs *revision,
			  const struct git_answer *answer)
{
	bool restricted = is_restricted(service);
	const struct marker *mute = NULL;

	for (guint i = 0; i < revision->markers->len; i++) {
		const struct marker *marker = revision->markers->pdata[i];

		if (!may_decide(marker, restricted))
			continue;
		if (marker->commit && !(marker->soft && choice_is_absent(marker, answer)))
			return (struct choice){CHOICE_COMMIT, marker};
		if (marker->chosen_by_user)
			return (struct choice){CHOICE_MUTE, marker};
		if (!mute && speaks_of_commit(marker))
			mute = marker;
	}
	if (mute)
		return (struct choice){CHOICE_MUTE, mute};
	return (struct choice){restricted ? CHOICE_NOT_THERE : CHOICE_NO_MARKER, NULL};
}

bool choice_candidates(const struct config_service *service, const struct revision_obs *revision,
		       void (*visit)(void *data, const struct marker *marker), void *data)
{
	bool restricted = is_restricted(service);

	for (guint i = 0; i < revision->markers->len; i++) {
		const struct marker *marker = revision->markers->pdata[i];

		if (!may_decide(marker, restricted))
			continue;
		if (marker->commit)
			visit(data, marker);
		if (marker->chosen_by_user || (marker->commit && !marker->soft))
			return true;
	}
	return restricted;
}
