/* ini - the reader works in one copy of the text: logical lines are joined and cut into strings in
 * place, which can only make them shorter. */
#include "config/ini.h"

#include "config/slurp.h"

#include <string.h>

/* A reading under way. */
struct reader {
	char *next;       /* first byte not read yet */
	char *end;        /* one behind the last byte; a NUL is there */
	int line;         /* of the physical line last read */
	GArray *sections; /* struct ini_section; entry_count grows, entries is set at the end */
	GArray *entries;  /* struct ini_entry */
	GArray *problems; /* struct ini_problem */
	size_t dropped;   /* problems that were not kept */
	bool in_section;  /* a header came; false before the first */
	bool skipping;    /* the header was no good: what follows it has no section */
	bool is_cut;      /* a limit was reached: the rest is not read */
};

/* A line after continuation, in the reader's text. */
struct logical {
	char *start;
	char *stop; /* one behind its last byte */
	int line;   /* where it begins */
	bool bad;   /* a problem was reported: not to be looked at */
};

static void add_problem(struct reader *reader, int line, const char *message)
{
	struct ini_problem problem = {.line = line};

	if (reader->problems->len >= INI_PROBLEMS_MAX) {
		reader->dropped++;
		return;
	}
	problem.message = g_strdup(message);
	g_array_append_val(reader->problems, problem);
}

/* What comes behind a limit is not looked at: one problem says it all. */
static void cut(struct reader *reader, int line, const char *message)
{
	add_problem(reader, line, message);
	reader->is_cut = true;
	reader->next = reader->end;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t';
}

static char *skip_space(char *at, const char *stop)
{
	while (at < stop && is_space(*at))
		at++;
	return at;
}

static char *trim_end(const char *start, char *stop)
{
	while (stop > start && is_space(stop[-1]))
		stop--;
	return stop;
}

/* What makes a line unfit to be text at all; NULL: nothing. */
static const char *find_bad_bytes(const char *start, const char *stop)
{
	if (memchr(start, '\0', (size_t)(stop - start)))
		return "a NUL byte; this is no text file";
	if (memchr(start, '\r', (size_t)(stop - start)))
		return "a carriage return inside the line; lines end in LF or CR LF";
	for (const char *at = start; at < stop; at++) {
		unsigned char byte = (unsigned char)*at; /* chars may be signed */

		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return "a control character; remove it";
	}
	if (!g_utf8_validate(start, stop - start, NULL))
		return "not UTF-8; save the file as UTF-8";
	for (const char *at = start; at + 1 < stop; at++)
		if (at[0] == '\xc2' && (unsigned char)at[1] < 0xa0) /* U+0080 to U+009F */
			return "a control character; remove it";
	if (g_strstr_len(start, stop - start, "\xef\xbb\xbf"))
		return "a byte order mark; save the file as UTF-8 without one";
	return NULL;
}

/* The next physical line without its end, from *ret_start to *ret_stop. False at the end. */
static bool next_physical(struct reader *reader, char **ret_start, char **ret_stop)
{
	char *newline;

	if (reader->next >= reader->end)
		return false;
	*ret_start = reader->next;
	newline = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
	*ret_stop = newline ? newline : reader->end;
	reader->next = newline ? newline + 1 : reader->end;
	if (*ret_stop > *ret_start && (*ret_stop)[-1] == '\r')
		(*ret_stop)--;
	reader->line++;
	return true;
}

static bool is_comment(const char *start, const char *stop)
{
	return start < stop && (*start == '#' || *start == ';');
}

/* An odd number of backslashes at the end. */
static bool continues(const char *start, const char *stop)
{
	size_t count = 0;

	while (stop > start && stop[-1] == '\\') {
		count++;
		stop--;
	}
	return count % 2 == 1;
}

static void check_piece(struct reader *reader, struct logical *logical, const char *start,
			char *stop)
{
	const char *why = find_bad_bytes(start, stop);
	char *trimmed = trim_end(start, stop);

	/* systemd takes this for the end of the value; nobody who writes it means that */
	if (!why && trimmed < stop && continues(start, trimmed))
		why = "white space behind the \\ at the end of the line; remove it";
	if (why && !logical->bad)
		add_problem(reader, reader->line, why);
	logical->bad = logical->bad || why;
}

/* Join the physical lines that make up one logical line. False at the end of the text. */
static bool next_logical(struct reader *reader, struct logical *ret_logical)
{
	struct logical logical = {0};
	bool more = true;
	char *start;
	char *stop;

	while (more) {
		if (!next_physical(reader, &start, &stop))
			break;
		start = skip_space(start, stop);
		if (is_comment(start, stop))
			continue;
		if (!logical.start) {
			logical.start = start;
			logical.stop = start;
			logical.line = reader->line;
		}
		check_piece(reader, &logical, start, stop);
		more = continues(start, stop);
		if (more)
			stop[-1] = ' ';
		memmove(logical.stop, start, (size_t)(stop - start));
		logical.stop += stop - start;
	}
	if (!logical.start)
		return false;
	if (more && !logical.bad) {
		add_problem(reader, reader->line, "\\ at the end of the file: nothing follows it");
		logical.bad = true;
	}
	*ret_logical = logical;
	return true;
}

static bool is_word(const char *start, const char *stop)
{
	if (start == stop || !g_ascii_islower(*start))
		return false;
	for (const char *at = start; at < stop; at++)
		if (!g_ascii_islower(*at) && !g_ascii_isdigit(*at) && *at != '-')
			return false;
	return stop - start <= INI_KEY_MAX_BYTES;
}

/* The part between the kind and the ']': nothing, or a quoted name. */
static const char *cut_name(char *at, char *stop, const char **ret_name)
{
	char *last = trim_end(at, stop);

	at = skip_space(at, last);
	*ret_name = NULL;
	if (at == last)
		return NULL;
	if (*at != '"' || last - at < 2 || last[-1] != '"')
		return "a header is [kind] or [kind \"name\"], the name in double quotes";
	if (memchr(at + 1, '"', (size_t)(last - at - 2)))
		return "a name holds no double quotes";
	last[-1] = '\0';
	*ret_name = at + 1;
	return NULL;
}

/* Cut "[kind "name"]" into strings. What is wrong, or NULL. */
static const char *cut_header(char *start, char *stop, struct ini_section *ret_section)
{
	char *kind = skip_space(start + 1, stop);
	char *at = kind;
	const char *why;

	if (stop[-1] != ']')
		return memchr(start, ']', (size_t)(stop - start))
			       ? "text behind the ] of a header; a comment needs a line of its own"
			       : "unclosed header: the ] is missing";
	stop--;
	while (at < stop && !is_space(*at) && *at != '"')
		at++;
	if (!is_word(kind, at))
		return "the kind of a section is lower-case letters, digits and '-'";
	why = cut_name(at, stop, &ret_section->name);
	*at = '\0';
	ret_section->kind = kind;
	return why;
}

static void read_header(struct reader *reader, const struct logical *logical)
{
	struct ini_section section = {.line = logical->line};
	const char *why = cut_header(logical->start, logical->stop, &section);

	if (!why && reader->sections->len >= INI_ENTRIES_MAX) {
		cut(reader, logical->line,
		    "more than 10000 sections in one file; split it with include");
		return;
	}
	reader->in_section = true;
	reader->skipping = why != NULL;
	if (why)
		add_problem(reader, logical->line, why);
	else
		g_array_append_val(reader->sections, section);
}

static void add_entry(struct reader *reader, const struct ini_entry *entry)
{
	struct ini_section *section;

	if (!reader->in_section) {
		add_problem(reader, entry->line, "a key before the first [section]");
		return;
	}
	if (reader->skipping)
		return;
	if (reader->entries->len >= INI_ENTRIES_MAX) {
		cut(reader, entry->line, "more than 10000 keys in one file; split it with include");
		return;
	}
	g_array_append_vals(reader->entries, entry, 1);
	section = &g_array_index(reader->sections, struct ini_section, reader->sections->len - 1);
	section->entry_count++;
}

static void read_entry(struct reader *reader, const struct logical *logical)
{
	char *equals = memchr(logical->start, '=', (size_t)(logical->stop - logical->start));
	struct ini_entry entry = {.line = logical->line};
	char *key_stop;
	char *value_stop;

	if (!equals) {
		add_problem(reader, logical->line,
			    "neither a [section], nor key = value, nor a comment (# or ;)");
		return;
	}
	key_stop = trim_end(logical->start, equals);
	if (!is_word(logical->start, key_stop)) {
		add_problem(reader, logical->line,
			    "a key is a lower-case letter, then lower-case letters, digits and "
			    "'-', at most 64");
		return;
	}
	*key_stop = '\0';
	entry.key = logical->start;
	value_stop = trim_end(equals + 1, logical->stop);
	entry.value = skip_space(equals + 1, value_stop);
	*value_stop = '\0';
	add_entry(reader, &entry);
}

/* May write one byte behind the line: its end, which was read already, or the text's last NUL. */
static void read_line(struct reader *reader, const struct logical *logical)
{
	if (logical->bad || logical->start == logical->stop)
		return;
	if ((size_t)(logical->stop - logical->start) > INI_LINE_MAX_BYTES) {
		add_problem(reader, logical->line, "longer than 65536 bytes");
		return;
	}
	if (*logical->start == '[') {
		struct logical header = *logical;

		header.stop = trim_end(header.start, header.stop);
		read_header(reader, &header);
	} else {
		read_entry(reader, logical);
	}
}

/* Hand over the arrays; entries of a section are in a row, in the order of the sections. */
static void finish(struct reader *reader, struct ini *ini)
{
	size_t first = 0;

	if (reader->dropped > 0) {
		g_autofree char *more =
			g_strdup_printf("%zu further problems are not shown", reader->dropped);
		struct ini_problem problem = {.message = g_steal_pointer(&more)};

		g_array_append_val(reader->problems, problem);
	}
	ini->is_cut = reader->is_cut;
	ini->section_count = reader->sections->len;
	ini->problem_count = reader->problems->len;
	ini->sections = (struct ini_section *)(void *)g_array_free(reader->sections, FALSE);
	ini->entries = (struct ini_entry *)(void *)g_array_free(reader->entries, FALSE);
	ini->problems = (struct ini_problem *)(void *)g_array_free(reader->problems, FALSE);
	for (size_t i = 0; i < ini->section_count; i++) {
		ini->sections[i].entries = ini->entries + first;
		first += ini->sections[i].entry_count;
	}
}

/* A byte order mark at the start: said, then stepped over. */
static void skip_mark(struct reader *reader)
{
	size_t length = (size_t)(reader->end - reader->next);

	if (length >= 3 && memcmp(reader->next, "\xef\xbb\xbf", 3) == 0) {
		add_problem(reader, 1, "a byte order mark; save the file as UTF-8 without one");
		reader->next += 3;
	} else if (length >= 2 && (memcmp(reader->next, "\xff\xfe", 2) == 0 ||
				   memcmp(reader->next, "\xfe\xff", 2) == 0)) {
		add_problem(reader, 1, "UTF-16; save the file as UTF-8");
		reader->next = reader->end;
	}
}

struct ini *ini_parse(const char *file, const char *bytes, size_t length)
{
	struct ini *ini = g_new0(struct ini, 1);
	struct reader reader = {0};
	struct logical logical;

	ini->file = g_strdup(file);
	reader.sections = g_array_new(FALSE, FALSE, sizeof(struct ini_section));
	reader.entries = g_array_new(FALSE, FALSE, sizeof(struct ini_entry));
	reader.problems = g_array_new(FALSE, FALSE, sizeof(struct ini_problem));
	if (length > INI_FILE_MAX_BYTES) {
		add_problem(&reader, 0, "larger than 1 MiB; split it with include");
		reader.is_cut = true;
		length = 0;
	}
	ini->text_bytes = length + 1;
	ini->text = g_malloc(ini->text_bytes);
	if (length > 0)
		memcpy(ini->text, bytes, length);
	ini->text[length] = '\0';
	reader.next = ini->text;
	reader.end = ini->text + length;
	skip_mark(&reader);
	while (next_logical(&reader, &logical))
		read_line(&reader, &logical);
	finish(&reader, ini);
	return ini;
}

struct ini *ini_load(const char *path, const char *file, GError **error)
{
	struct slurp slurp = {0};
	struct ini *ini;

	if (!slurp_file(path, INI_FILE_MAX_BYTES, &slurp, error))
		return NULL;
	ini = ini_parse(file, slurp.bytes, slurp.length);
	slurp_done(&slurp);
	return ini;
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->problem_count; i++)
		g_free(ini->problems[i].message);
	g_free(ini->problems);
	g_free(ini->sections);
	g_free(ini->entries);
	if (ini->text)
		explicit_bzero(ini->text, ini->text_bytes);
	g_free(ini->text);
	g_free(ini->file);
	g_free(ini);
}
