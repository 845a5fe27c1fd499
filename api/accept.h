/* accept - what Accept and Accept-Encoding ask for (RFC 9110 12.5.1, 12.5.3). Pure: any thread. */
#ifndef DRIFT_ACCEPT_H
#define DRIFT_ACCEPT_H

#include "base.h"

enum accept_form {
	ACCEPT_FORM_JSON = 0, /* where nothing else is liked better */
	ACCEPT_FORM_TEXT,
	ACCEPT_FORM_HTML,
};

/**
 * The form that @p accept likes best. JSON wins ties, then text: HTML is for those that name it, as
 * browsers do.
 *
 * @param accept    NULL: anything.
 * @param has_text  there is such a form.
 * @param has_html  there is such a form.
 */
enum accept_form accept_choose_form(const char *accept, bool has_text, bool has_html);

enum accept_coding {
	ACCEPT_CODING_IDENTITY = 0, /* as it is: gzip is refused, or liked less */
	ACCEPT_CODING_GZIP,         /* gzip, where it makes the body smaller */
	ACCEPT_CODING_GZIP_ONLY,    /* gzip, whatever the size: "identity;q=0" */
};

/** How a body may be coded. NULL: not at all. */
enum accept_coding accept_choose_coding(const char *accept_encoding);

#endif
