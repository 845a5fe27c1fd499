/* base64url - see oidc_private.h. GLib's decoder skips what it does not know, and libcjose's stops
 * at the first "=": a token must have one form only. */
#include <string.h>

#include "oidc/oidc_private.h"

/* Value of a digit, -1: none. */
static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

bool base64url_check(const char *text, size_t length, size_t *ret_bytes)
{
	unsigned spare = length % 4 == 2 ? 0x0f : length % 4 == 3 ? 0x03 : 0;

	for (size_t i = 0; i < length; i++)
		if (digit(text[i]) < 0)
			return false;
	if (length % 4 == 1 || (spare && ((unsigned)digit(text[length - 1]) & spare)))
		return false;
	if (ret_bytes)
		*ret_bytes = length / 4 * 3 + (length % 4 ? length % 4 - 1 : 0);
	return true;
}

uint8_t *base64url_decode(const char *text, size_t length, size_t *ret_bytes)
{
	size_t count = 0;
	size_t place = 0;
	unsigned bits = 0;
	uint8_t *bytes = NULL;

	if (!base64url_check(text, length, &count))
		return NULL;
	bytes = g_malloc0(count + 1);
	for (size_t i = 0; i < length; i++) {
		bits = bits << 6 | (unsigned)digit(text[i]);
		/* after the 2nd, 3rd and 4th digit of four another byte is whole */
		if (i % 4 == 1)
			bytes[place++] = (uint8_t)(bits >> 4 & 0xff);
		else if (i % 4 == 2)
			bytes[place++] = (uint8_t)(bits >> 2 & 0xff);
		else if (i % 4 == 3)
			bytes[place++] = (uint8_t)(bits & 0xff);
	}
	*ret_bytes = count;
	return bytes;
}
