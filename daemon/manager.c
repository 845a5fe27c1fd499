/* manager - see manager.h */
#include "daemon/manager.h"

#include "drift_error.h"

#ifdef HAVE_SYSTEMD
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

void manager_ready(const char *status)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%s", status); /* nobody to tell is fine */
}

void manager_reloading(void)
{
	(void)sd_notify(0, "RELOADING=1");
}

void manager_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

int64_t manager_watchdog_ms(void)
{
	uint64_t interval_us = 0;

	return sd_watchdog_enabled(0, &interval_us) > 0 ? (int64_t)(interval_us / 1000) : 0;
}

void manager_alive(void)
{
	(void)sd_notify(0, "WATCHDOG=1"); /* nobody to tell is fine */
}

bool manager_take_socket(int *ret_fd, GError **error)
{
	int count = sd_listen_fds(1);

	if (count <= 0) {
		*ret_fd = -1;
		return true;
	}
	if (count > 1 || sd_is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "socket activation handed over %d file descriptors, or one that is no "
			    "listening stream socket: "
			    "the socket unit must have exactly one ListenStream=",
			    count);
		return false;
	}
	*ret_fd = SD_LISTEN_FDS_START;
	return true;
}
#else
void manager_ready(const char *status)
{
	(void)status;
}

void manager_reloading(void)
{
}

void manager_stopping(void)
{
}

int64_t manager_watchdog_ms(void)
{
	return 0;
}

void manager_alive(void)
{
}

bool manager_take_socket(int *ret_fd, GError **error)
{
	(void)error;
	*ret_fd = -1;
	return true;
}
#endif
