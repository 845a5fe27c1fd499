/* events_private - what events.c (what is kept) and events_reader.c (who takes it) share. */
#ifndef DRIFT_EVENTS_PRIVATE_H
#define DRIFT_EVENTS_PRIVATE_H

#include <pthread.h>

#include "api/events.h"
#include "api/snapshot.h"

enum kept_kind {
	KEPT_NONE = 0,
	KEPT_TRANSITION,
	KEPT_SNAPSHOT,
	KEPT_RUNNING,  /* progress of a check */
	KEPT_FINISHED, /* a check is over */
	KEPT_BEAT,
	KEPT_KIND_COUNT,
};

/** An event that was told. */
struct kept {
	enum kept_kind kind;
	int64_t id;                /* of a transition */
	struct shared_bytes *text; /* NULL: a newer one says it all */
};

struct events {
	pthread_mutex_t
		lock; /* guards what follows, and what readers say it does; never held over I/O */
	struct kept *kept;   /* a ring: the event with number n is at n % EVENTS_KEPT_MAX */
	uint64_t first, end; /* numbers first..end-1 are kept */
	size_t bytes;        /* of their texts */
	uint64_t next_of
		[KEPT_KIND_COUNT]; /* one more than the number of the newest of a kind; 0: none */
	int64_t last_id;           /* of the newest transition that was told; 0: none */
	int64_t gone_id;           /* the newest of those that are not kept: in the database */
	char *fact;                /* of the newest snapshot; NULL: none yet */
	struct shared_bytes *snapshot; /* the newest, for who comes now; NULL: none yet */
	struct shared_bytes *check;    /* likewise */
	GPtrArray *readers;            /* struct events_reader *: all there are */
	int64_t due_mono_ms;           /* of the next comment, while anybody reads */
	int64_t dropped_total;
	bool is_stopped;
};

struct events_reader {
	struct events *events;
	struct app *app;

	/* of the thread that takes */
	struct shared_bytes *text; /* of which some was taken; NULL: none */
	size_t sent;               /* bytes of text that were */
	int64_t last_id;           /* the newest transition taken, or not wanted */
	int64_t taken_mono_ms;     /* when it took last */

	/* guarded by events->lock */
	uint64_t place; /* number of the event to look at next; means nothing while is_behind */
	uint64_t fresh_from; /* what is no transition and older is not wanted */
	bool is_behind;      /* reads the database up to events->gone_id first */
	bool is_over;
	bool is_asleep;
	events_callback wake; /* owed while is_asleep */
	void *data;
};

void events_lock(struct events *events);
void events_unlock(struct events *events);

#endif
