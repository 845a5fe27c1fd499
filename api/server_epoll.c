/* server_epoll - epoll_wait() as libmicrohttpd gets it. It takes up to 128 events at a time, and when
 * so many came it asks for more before it looks at those, as patiently as the first time (0.9.75, still
 * in 1.0.1: MHD_epoll()). When there are no more, 128 connections wait until something else happens,
 * for up to the whole idle timeout: answers, and readers of events that were woken. Here whoever got
 * as much as it had room for is not kept waiting when it comes back. Any thread. */
#include "api/server_private.h"

#include <sys/epoll.h>

/** So many events libmicrohttpd takes at a time (MAX_EVENTS); nobody else here takes as many. */
#define BATCH 128

/* The program's own comes before that of the C library, for libmicrohttpd too. */
int epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
	static _Thread_local int full_fd = -1;
	/* cppcheck-suppress nullPointer ; without a mask the signals stay as they are */
	int count = epoll_pwait(fd, events, max, full_fd == fd ? 0 : timeout_ms, NULL);

	full_fd = count == max && max == BATCH ? fd : -1;
	return count;
}

void server_epoll_use(void)
{
}
