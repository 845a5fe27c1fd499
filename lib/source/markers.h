/* markers - which commit a revision says it was built from: every marker, in the order of DESIGN 6
 * "Finding D". Pure: any thread. */
#ifndef DRIFT_SOURCE_MARKERS_H
#define DRIFT_SOURCE_MARKERS_H

#include "base.h"
#include "config/config.h"
#include "google/run.h"

/** Let decoders keep what markers are made from: the usual names and every commit-from. */
void markers_add_wants(struct run_wants *wants, const struct config *config);

/** Where the markers of one revision are looked for. All borrowed. */
struct marker_places {
	const struct run_template *template;
	char **commit_from;          /* NULL-terminated; these come first, as the user's choice */
	GHashTable *function_labels; /* labels of the function that stand for the revision, where
					the template has none of that name; NULL */
	GHashTable *service_labels;  /* of the service: evidence only; NULL */
	GHashTable *other_labels;    /* of the function, when they may be newer than the revision:
					evidence only; NULL */
};

/** Append struct marker * to @p markers. */
void markers_collect(const struct marker_places *places, GPtrArray *markers);

/** Is there one that most likely names a commit, so that no creation time is needed to judge by? */
bool markers_have_hit(const GPtrArray *markers);

/** "v1.2" of "host:5000/app:v1.2@sha256:…"; NULL when there is none. Caller frees. */
char *markers_image_tag(const char *image);
/** "sha256:…" of the same; NULL when there is none. Caller frees. */
char *markers_image_digest(const char *image);

#endif
