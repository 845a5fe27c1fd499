/* ack_page - the page behind an acknowledge link: what it is about, and a button. Opening it
 * changes nothing, so that link previews do no harm. Pure: any thread. DESIGN 9 and 11. */
#ifndef DRIFT_ACK_PAGE_H
#define DRIFT_ACK_PAGE_H

#include "base.h"
#include "store/store.h"

struct ack_page {
	int64_t id;
	const struct store_incident *incident; /* NULL: whoever asks may not see it */
	const char *message;                   /* what there is to say; NULL: nothing */
	bool has_form;                         /* who, why and a button */
	bool asks_token;                       /* in the form */
	const char *
		action; /* where the form goes; NULL: to the page's own address, with its signature */
};

/** A whole HTML document; everything from outside is escaped. Caller frees. */
char *ack_page_html(const struct ack_page *page);

/** Its Content-Security-Policy: one style by its hash, a form to ourselves, nothing else. */
extern const char ack_page_policy[];
/** The style, as it stands in the page. */
extern const char ack_page_style[];

#endif
