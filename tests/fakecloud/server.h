/* server - libmicrohttpd around the handlers: bodies in, faults, answers out. */
#ifndef FAKECLOUD_SERVER_H
#define FAKECLOUD_SERVER_H

#include "tests/fakecloud/cloud.h"

struct MHD_Daemon;

/** Listen on 127.0.0.1:@p port (0: any) and serve, a thread per connection. Sets cloud->origin.
 * NULL with errno when that cannot be. */
struct MHD_Daemon *server_listen(struct cloud *cloud, uint16_t port);

/** Ends hanging requests, stops. */
void server_close(struct MHD_Daemon *daemon, struct cloud *cloud);

#endif
