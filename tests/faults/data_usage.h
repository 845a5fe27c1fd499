/* data_usage - what a process holds: repeated faults must not add to it. */
#ifndef TESTS_DATA_USAGE_H
#define TESTS_DATA_USAGE_H

#include "base.h"

#include <sys/types.h>

struct usage {
	int64_t files; /* open descriptors, sockets among them */
	int64_t threads;
	int64_t bytes; /* resident */
};

/** Of process @p pid, from /proc (proc(5)). */
struct usage usage_of(pid_t pid);

#define USAGE_MB(n) ((int64_t)(n)*1024 * 1024)

/** Fails when @p now holds more than @p before and @p room. */
void usage_expect_no_growth(struct usage before, struct usage now, struct usage room);

#endif
