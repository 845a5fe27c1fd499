/* request - see request.h */
#include "api/request.h"

const char *request_method_text(enum request_method method)
{
	switch (method) {
	case REQUEST_METHOD_GET:
		return "GET";
	case REQUEST_METHOD_HEAD:
		return "HEAD";
	case REQUEST_METHOD_POST:
		return "POST";
	case REQUEST_METHOD_DELETE:
		return "DELETE";
	case REQUEST_METHOD_NONE:
		break;
	}
	return "?";
}

bool request_is_read(enum request_method method)
{
	return method == REQUEST_METHOD_GET || method == REQUEST_METHOD_HEAD;
}
