/* inventory_file - the expect-file: written from an inventory, and read back. See inventory.h */
#include "data/inventory.h"

#include <string.h>

#include "data/inventory_private.h"
#include "drift_error.h"
#include "text.h"

/* How much of a wrong line a message repeats. */
#define SHOWN_MAX_BYTES 60

/* Longest line: type, name and definition at their bounds, with room for what a person writes. */
#define LINE_MAX_BYTES ((size_t)16 * 1024)

/* Largest bound of a condition: one more can still be counted to. */
#define BOUND_MAX (G_MAXINT64 - 1)

/* A line being read. */
struct line {
	const char *text;
	size_t length;
	int number;
};

static bool refuse(const struct line *line, GError **error, const char *why)
{
	g_autofree char *raw = text_to_utf8(line->text, line->length, SHOWN_MAX_BYTES);
	g_autofree char *shown = text_escape_terminal(raw);

	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "line %d: %s: \"%s\"", line->number,
		    why, shown);
	return false;
}

/* Longer ones first. */
static const char *const operators[] = {"!=", "<=", ">=", "=", "<", ">"};

static bool read_condition(const char *condition, size_t *ret_operator, int64_t *ret_bound)
{
	size_t which = 0;
	gint64 bound = 0;

	while (which < G_N_ELEMENTS(operators) && !g_str_has_prefix(condition, operators[which]))
		which++;
	if (which == G_N_ELEMENTS(operators))
		return false;
	condition += strlen(operators[which]);
	condition += strspn(condition, " ");
	if (!g_ascii_string_to_signed(condition, 10, 0, BOUND_MAX, &bound, NULL))
		return false;
	*ret_operator = which;
	*ret_bound = bound;
	return true;
}

int64_t inventory_bound(const char *condition)
{
	size_t which = 0;
	int64_t bound = 0;

	return read_condition(condition, &which, &bound) ? bound : 0;
}

bool inventory_meets(const char *condition, int64_t rows, bool *ret_meets, GError **error)
{
	size_t which = 0;
	int64_t bound = 0;

	if (!read_condition(condition, &which, &bound)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "rows need = != < <= > or >= and a number, as in \"> 0\"");
		return false;
	}
	*ret_meets = ((const bool[]){rows != bound, rows <= bound, rows >= bound, rows == bound,
				     rows<bound, rows> bound})[which];
	return true;
}

/* Where the name ends: at ": ", or a colon at the line's end. */
static size_t name_length(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == ':' && (i + 1 == length || text[i + 1] == ' '))
			return i;
	return length;
}

/* What stands between from and the line's end, unescaped, without spaces around. */
static char *read_text(const char *text, size_t length)
{
	while (length > 0 && *text == ' ') {
		text++;
		length--;
	}
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return inventory_unescape(text, length);
}

static bool check_new(const struct inventory *inventory, const struct line *line, int type,
		      const char *name, const char *definition, GError **error)
{
	g_autofree char *canonical = inventory_escape(name, true, INVENTORY_NAME_MAX_BYTES);
	g_autofree char *text = inventory_escape(definition, false, INVENTORY_DEFINITION_MAX_BYTES);
	const struct inventory_object *other = inventory_find(inventory, type, canonical);
	bool meets = false;

	if (!*name)
		return refuse(line, error, "no name");
	if (other && strcmp(other->definition ? other->definition : "", text) != 0)
		return refuse(line, error, "this is there twice, differently");
	if (type != inventory_type_rows() || inventory_meets(definition, 0, &meets, error))
		return true;
	g_prefix_error(error, "line %d: ", line->number);
	return false;
}

static bool read_line(struct inventory *inventory, const struct line *line, GError **error)
{
	const char *space = memchr(line->text, ' ', line->length);
	size_t type_length = space ? (size_t)(space - line->text) : line->length;
	int type = inventory_type_find(line->text, type_length);
	const char *rest = line->text + type_length;
	size_t rest_length = line->length - type_length;
	size_t end = name_length(rest, rest_length);
	g_autofree char *name = NULL;
	g_autofree char *definition = NULL;

	if (type == INVENTORY_TYPE_NONE)
		return refuse(line, error, "begins with no type of object");
	name = read_text(rest, end);
	definition =
		end < rest_length ? read_text(rest + end + 1, rest_length - end - 1) : g_strdup("");
	if (!name || !definition)
		return refuse(line, error, "an escape that is none (a backslash is \\\\)");
	if (!check_new(inventory, line, type, name, definition, error))
		return false;
	if (!inventory_add(inventory, inventory_type_at(type)->name, name, definition, error)) {
		g_prefix_error(error, "line %d: ", line->number);
		return false;
	}
	return true;
}

static bool is_blank(const struct line *line)
{
	for (size_t i = 0; i < line->length; i++)
		if (line->text[i] != ' ' && line->text[i] != '\t')
			return false;
	return true;
}

static bool take_line(struct inventory *inventory, struct line *line, GError **error)
{
	if (line->length > 0 && line->text[line->length - 1] == '\r')
		line->length--;
	if (is_blank(line) || *line->text == '#')
		return true;
	if (line->length > LINE_MAX_BYTES)
		return refuse(line, error, "too long");
	if (!g_utf8_validate_len(line->text, line->length, NULL))
		return refuse(line, error, "not UTF-8");
	return read_line(inventory, line, error);
}

struct inventory *inventory_parse(const char *bytes, size_t length, GError **error)
{
	g_autoptr(struct_inventory) inventory = inventory_create();
	struct line line = {.text = bytes};
	const char *end = bytes + length;

	if (length > INVENTORY_FILE_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "more than %zu MiB: name fewer schemas or datasets",
			    INVENTORY_FILE_MAX_BYTES / 1024 / 1024);
		return NULL;
	}
	if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		line.text += 3; /* a byte order mark, as some editors leave it */
	while (line.text < end) {
		const char *newline = memchr(line.text, '\n', (size_t)(end - line.text));
		const char *stop = newline ? newline : end;

		line.length = (size_t)(stop - line.text);
		line.number++;
		if (!take_line(inventory, &line, error))
			return NULL;
		line.text = newline ? newline + 1 : end;
	}
	return g_steal_pointer(&inventory);
}

static void write_object(GString *out, const struct inventory_object *object)
{
	if (object->counted && object->rows <= 0)
		return;
	g_string_append_printf(out, "%s %s", inventory_type_at(object->type)->name, object->name);
	if (object->counted)
		g_string_append(out, ": > 0");
	else if (object->definition)
		g_string_append_printf(out, ": %s", object->definition);
	g_string_append_c(out, '\n');
}

char *inventory_write(const struct inventory *inventory, const char *target_id,
		      char *const *ignores)
{
	g_autoptr(GPtrArray) sorted = inventory_sorted(inventory);
	GString *out = g_string_new(NULL);

	g_string_append_printf(
		out,
		"# %s: what should exist, an object a line: TYPE NAME, or TYPE NAME: DEFINITION.\n"
		"# Written from what was there. To write it anew: driftd snapshot %s\n"
		"# A rows line is a condition on the row count: = != < <= > >= and a number.\n",
		target_id, target_id);
	for (guint i = 0; i < sorted->len; i++) {
		const struct inventory_object *object = sorted->pdata[i];

		if (!inventory_ignores(ignores, object->name))
			write_object(out, object);
	}
	return g_string_free(out, FALSE);
}
