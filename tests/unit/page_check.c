/* page_check - see page_check.h */
#include "page_check.h"

#include <check.h>
#include <string.h>

/* A page being read. */
struct reading {
	const char *at;
	GPtrArray *open; /* char *: names of the elements around */
	GHashTable *ids;
	const char *element; /* whose attributes are read */
};

static void fail_at(const struct reading *reading, const char *why)
{
	g_autofree char *here = g_strndup(reading->at, strnlen(reading->at, 120));

	ck_abort_msg("%s, at: %s", why, here);
}

static void check_characters(const char *html)
{
	ck_assert_msg(g_utf8_validate(html, -1, NULL), "the page is not UTF-8");
	for (const char *at = html; *at; at = g_utf8_find_next_char(at, NULL)) {
		gunichar c = g_utf8_get_char(at);
		bool is_control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c <= 0x9f);
		bool is_turning = c == 0x061c || c == 0x200e || c == 0x200f ||
				  (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);

		ck_assert_msg(!is_control && !is_turning, "U+%04X stands in the page: %.40s", c,
			      at > html + 20 ? at - 20 : html);
	}
}

static bool is_void(const char *name)
{
	static const char *const names[] = {"meta", "link", "input", "br", "hr", "img", NULL};

	return g_strv_contains(names, name);
}

static char *read_name(struct reading *reading)
{
	size_t length = strspn(reading->at, "abcdefghijklmnopqrstuvwxyz0123456789-:"
					    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	char *name = g_strndup(reading->at, length);

	if (length == 0)
		fail_at(reading, "a name was expected");
	reading->at += length;
	return name;
}

static void check_address(struct reading *reading, const char *value)
{
	bool is_path = *value == '/' && value[1] != '/';

	if (!is_path && *value != '#' && !g_str_has_prefix(value, "http://") &&
	    !g_str_has_prefix(value, "https://"))
		fail_at(reading, "an address that is none of ours");
}

static void check_attribute(struct reading *reading, const char *name, const char *value)
{
	static const char *const addresses[] = {"href", "src", "action", NULL};

	if (g_str_has_prefix(name, "on") || strcmp(name, "style") == 0)
		fail_at(reading, "something inline that is run, or styled");
	if (g_strv_contains(addresses, name))
		check_address(reading, value);
	if (strcmp(name, "id") == 0 && !g_hash_table_add(reading->ids, g_strdup(value)))
		ck_abort_msg("the id %s is given twice", value);
	if (strchr(value, '<'))
		fail_at(reading, "< in an attribute");
}

static void read_attribute(struct reading *reading, GHashTable *seen)
{
	g_autofree char *name = read_name(reading);
	g_autofree char *value = NULL;
	const char *end = NULL;

	if (!g_hash_table_add(seen, g_strdup(name)))
		fail_at(reading, "an attribute is given twice");
	if (*reading->at != '=') {
		check_attribute(reading, name, strcmp(name, "href") == 0 ? "" : "/");
		return;
	}
	if (reading->at[1] != '"')
		fail_at(reading, "an attribute without quotes");
	end = strchr(reading->at + 2, '"');
	if (!end)
		fail_at(reading, "an attribute without end");
	value = g_strndup(reading->at + 2, (gsize)(end - reading->at - 2));
	check_attribute(reading, name, value);
	reading->at = end + 1;
	if (!strchr(" \n/>", *reading->at))
		fail_at(reading, "something behind an attribute");
}

static void read_start(struct reading *reading)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char *name = NULL;
	bool is_closed = false;

	reading->at++;
	name = read_name(reading);
	for (;;) {
		reading->at += strspn(reading->at, " \n");
		is_closed = is_closed || *reading->at == '/';
		reading->at += *reading->at == '/';
		if (*reading->at == '>')
			break;
		read_attribute(reading, seen);
	}
	reading->at++;
	if (strcmp(name, "script") == 0 &&
	    (!g_hash_table_contains(seen, "src") || !g_str_has_prefix(reading->at, "</script>")))
		fail_at(reading, "a script that stands in the page");
	if (strcmp(name, "style") == 0)
		fail_at(reading, "style that stands in the page");
	if (is_closed || is_void(name))
		g_free(name);
	else
		g_ptr_array_add(reading->open, name);
}

static void read_end(struct reading *reading)
{
	g_autofree char *name = NULL;
	const char *open = NULL;

	reading->at += 2;
	name = read_name(reading);
	if (reading->open->len == 0)
		fail_at(reading, "an end without a start");
	open = reading->open->pdata[reading->open->len - 1];
	if (strcmp(open, name) != 0) {
		g_autofree char *why = g_strdup_printf("</%s> where %s is open", name, open);

		fail_at(reading, why);
	}
	if (*reading->at != '>')
		fail_at(reading, "an end that does not end");
	reading->at++;
	g_ptr_array_set_size(reading->open, (gint)reading->open->len - 1);
}

void page_check(const char *html)
{
	struct reading reading = {.at = html};

	check_characters(html);
	reading.open = g_ptr_array_new_with_free_func(g_free);
	reading.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	while (*reading.at) {
		if (g_str_has_prefix(reading.at, "<!DOCTYPE html>"))
			reading.at += strlen("<!DOCTYPE html>");
		else if (g_str_has_prefix(reading.at, "</"))
			read_end(&reading);
		else if (*reading.at == '<')
			read_start(&reading);
		else if (*reading.at == '>')
			fail_at(&reading, "> outside of a tag");
		else
			reading.at++;
	}
	ck_assert_msg(reading.open->len == 0, "%s is not closed",
		      reading.open->len > 0 ? (char *)reading.open->pdata[0] : "");
	g_ptr_array_unref(reading.open);
	g_hash_table_unref(reading.ids);
}

char *page_part(const char *html, const char *begin, const char *end)
{
	const char *from = strstr(html, begin);
	const char *to = from ? strstr(from + strlen(begin), end) : NULL;

	ck_assert_msg(to, "\"%s\" to \"%s\" is not in: %s", begin, end, html);
	from += strlen(begin);
	return g_strndup(from, (gsize)(to - from));
}

int page_count(const char *html, const char *what)
{
	int count = 0;

	for (const char *at = strstr(html, what); at; at = strstr(at + strlen(what), what))
		count++;
	return count;
}
