/* commands - what the command line does besides serving. Each returns the exit status of DESIGN 10.
 */
#ifndef DRIFT_COMMANDS_H
#define DRIFT_COMMANDS_H

#include "config/config.h"
#include "daemon/client.h"
#include "daemon/options.h"

int command_check(const struct options *options);
int command_config(const struct options *options);
int command_status(const struct options *options);
int command_drift(const struct options *options);
int command_gate(const struct options *options);
int command_affected(const struct options *options);
int command_snapshot(const struct options *options);
int command_incidents(const struct options *options);
int command_ack(const struct options *options);
int command_false_alarm(const struct options *options);
int command_silences(const struct options *options);
int command_silence(const struct options *options);
int command_unsilence(const struct options *options);
int command_notifications(const struct options *options);
int command_test_alert(const struct options *options);
int command_version(const struct options *options);

/** "driftd: MESSAGE" on standard error. */
void commands_complain(const char *message);

/** The configuration, one reference; NULL after its problems were printed on standard error. */
struct config *commands_load_config(const char *path);

/** Text on standard output; state words that begin a line are coloured when it is a terminal. */
void commands_print(const char *text);

/** The JSON that a daemon answered with, fit for a terminal. */
void commands_print_json(const char *body);

/** Ask the running daemon. False, and said why, unless it answered 2xx. @p body is JSON; NULL: none. */
MUST_CHECK bool commands_ask(const struct options *options, const char *method, const char *path,
			     const char *body, struct client_answer *ret_answer);

/** Exit status that goes with an overall state. */
int commands_exit_status(const char *overall);

#endif
