/* moment - what a round of the book is told of all targets and repositories: their verdicts, and
 * for how long nothing has been seen of them. The scheduler's thread. DESIGN 11. */
#ifndef DRIFT_MOMENT_H
#define DRIFT_MOMENT_H

#include "alert/book.h"
#include "daemon/engine_private.h"

struct moment {
	struct book_moment book;
	struct book_subject *subjects;
	GPtrArray *texts; /* char *: made for it */
};

/** Who has been unknown, or could not be fetched, since when. @p verdicts are settled. */
void moment_note_blindness(struct engine *engine, const GPtrArray *verdicts);

/** @p verdicts (settled) and @p tally are borrowed until moment_done(). */
void moment_init(struct moment *moment, const struct engine *engine, const GPtrArray *verdicts,
		 const struct tally *tally);
void moment_done(struct moment *moment);

/** When somebody has been unseen for unknown-after, of whom no incident tells; not before
 * @p after_mono_ms. INT64_MAX: nobody. */
int64_t moment_due_mono_ms(const struct engine *engine, int64_t after_mono_ms);

#endif
