/* link - signed links in messages: /ack/{n}?e=EXPIRY&s=HMAC. They authorise one acknowledgement
 * until they expire. Pure: any thread. DESIGN 11. */
#ifndef DRIFT_ALERT_LINK_H
#define DRIFT_ALERT_LINK_H

#include "base.h"

/** An acknowledge link lives this long. */
#define LINK_LIFETIME_MS (7 * MS_PER_DAY)

/** "PUBLIC_URL/ack/12?e=1732000000&s=64hex" (e in seconds since 1970); without @p secret
 * "PUBLIC_URL/ack/12". Caller frees. */
char *link_ack_url(const char *public_url, const char *secret, int64_t incident,
		   int64_t now_wall_ms);

enum link_check {
	LINK_CHECK_NONE = 0,
	LINK_CHECK_GOOD,
	/* not signed by this secret for this incident, purpose and expiry; or no secret */
	LINK_CHECK_BAD,
	LINK_CHECK_EXPIRED,
};
/** HMAC-SHA-256 over purpose "ack", incident and expiry, compared in constant time. @p expiry and
 * @p signature as in the link; NULL is BAD. */
enum link_check link_check_ack(const char *secret, int64_t incident, const char *expiry,
			       const char *signature, int64_t now_wall_ms);

/** HMAC-SHA-256 as 64 lower-case hex digits (RFC 2104, OpenSSL). Caller frees. */
char *link_hmac_hex(const char *secret, const char *bytes, size_t length);

#endif
