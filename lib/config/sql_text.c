/* sql_text - see sql_text.h */
#include "config/sql_text.h"

#include <string.h>

#include "drift_error.h"

enum token {
	TOKEN_END,
	TOKEN_SPACE,
	TOKEN_COMMENT,      /* up to its end */
	TOKEN_LINE_COMMENT, /* up to the end of the line */
	TOKEN_WORD,
	TOKEN_QUOTED,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_SEMICOLON,
	TOKEN_OTHER,
	TOKEN_UNCLOSED, /* a quote or comment without an end */
};

/* Behind @p mark, or NULL: it does not come any more. */
static const char *behind(const char *text, const char *mark)
{
	const char *found = strstr(text, mark);

	return found ? found + strlen(mark) : NULL;
}

/* Behind the closing @p quote; with @p escapes a backslash takes the next byte with it. A doubled
 * quote ends one text and begins the next, which comes to the same. */
static const char *skip_quoted(const char *text, const char *quote, bool escapes)
{
	size_t length = strlen(quote);

	for (; *text; text++) {
		if (strncmp(text, quote, length) == 0)
			return text + length;
		if (escapes && *text == '\\' && text[1])
			text++;
	}
	return NULL;
}

static const char *skip_bigquery_quote(const char *text)
{
	const char quote[] = {*text, '\0'};
	const char triple[] = {*text, *text, *text, '\0'};

	if (*text != '`' && g_str_has_prefix(text, triple))
		return skip_quoted(text + 3, triple, true);
	return skip_quoted(text + 1, quote, true);
}

/* PostgreSQL nests them. */
static const char *skip_comment(const char *text, enum sql_dialect dialect)
{
	int depth = 1;

	if (dialect == SQL_DIALECT_BIGQUERY)
		return behind(text + 2, "*/");
	for (text += 2; *text && depth > 0; text++) {
		bool opens = text[0] == '/' && text[1] == '*';
		bool closes = text[0] == '*' && text[1] == '/';

		depth += opens ? 1 : closes ? -1 : 0;
		text += opens || closes ? 1 : 0;
	}
	return depth == 0 ? text : NULL;
}

static bool is_word_byte(char byte, enum sql_dialect dialect)
{
	return g_ascii_isalnum(byte) || byte == '_' || (byte & 0x80) ||
	       (byte == '$' && dialect == SQL_DIALECT_POSTGRESQL);
}

static const char *skip_word(const char *text, enum sql_dialect dialect)
{
	while (is_word_byte(*text, dialect))
		text++;
	return text;
}

/* "$TAG$ … $TAG$"; @p text itself when it is none. */
static const char *skip_dollar_quote(const char *text)
{
	size_t length = 1;
	g_autofree char *tag = NULL;

	while (g_ascii_isalnum(text[length]) || text[length] == '_' || (text[length] & 0x80))
		length++;
	if (text[length] != '$' || g_ascii_isdigit(text[1]))
		return text;
	tag = g_strndup(text, length + 1);
	return behind(text + length + 1, tag);
}

/* Move *at behind a quoted text that ends at @p end. */
static enum token close_at(const char **at, const char *end, enum token token)
{
	if (!end)
		return TOKEN_UNCLOSED;
	*at = end;
	return token;
}

static enum token next_quoted(const char **at, enum sql_dialect dialect)
{
	const char quote[] = {**at, '\0'};

	if (dialect == SQL_DIALECT_BIGQUERY)
		return close_at(at, skip_bigquery_quote(*at), TOKEN_QUOTED);
	return close_at(at, skip_quoted(*at + 1, quote, false), TOKEN_QUOTED);
}

static enum token next_word(const char **at, enum sql_dialect dialect)
{
	const char *end = skip_word(*at, dialect);
	bool is_e = end - *at == 1 && (**at == 'e' || **at == 'E');

	/* E'…' has backslashes */
	if (dialect == SQL_DIALECT_POSTGRESQL && is_e && *end == '\'')
		return close_at(at, skip_quoted(end + 1, "'", true), TOKEN_QUOTED);
	*at = end;
	return TOKEN_WORD;
}

static enum token next_token(const char **at, enum sql_dialect dialect)
{
	bool is_bigquery = dialect == SQL_DIALECT_BIGQUERY;
	const char *text = *at;

	if (*text == '\0')
		return TOKEN_END;
	if (g_ascii_isspace(*text)) {
		*at += strspn(text, " \t\r\n\f\v");
		return TOKEN_SPACE;
	}
	if (g_str_has_prefix(text, "--") || (is_bigquery && *text == '#')) {
		*at += strcspn(text, "\n");
		return TOKEN_LINE_COMMENT;
	}
	if (g_str_has_prefix(text, "/*"))
		return close_at(at, skip_comment(text, dialect), TOKEN_COMMENT);
	if (*text == '\'' || *text == '"' || (is_bigquery && *text == '`'))
		return next_quoted(at, dialect);
	if (!is_bigquery && *text == '$' && skip_dollar_quote(text) != text)
		return close_at(at, skip_dollar_quote(text), TOKEN_QUOTED);
	if (is_word_byte(*text, dialect) && *text != '$')
		return next_word(at, dialect);
	(*at)++;
	return *text == '('   ? TOKEN_OPEN
	       : *text == ')' ? TOKEN_CLOSE
	       : *text == ';' ? TOKEN_SEMICOLON
			      : TOKEN_OTHER;
}

#define refuse(error, ...)                                                                         \
	(g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, __VA_ARGS__), false)

/* A text on its way. */
struct reading {
	enum sql_form form;
	const char *end; /* of what counts */
	int depth;       /* of parentheses */
	bool begun;
	bool ended; /* a ';' was there */
};

/* The first word, or parenthesis, of a SELECT. */
static bool begins_select(const char *text, enum token token, size_t length)
{
	if (token == TOKEN_OPEN)
		return true;
	return token == TOKEN_WORD &&
	       ((length == 6 && g_ascii_strncasecmp(text, "SELECT", length) == 0) ||
		(length == 4 && g_ascii_strncasecmp(text, "WITH", length) == 0));
}

static bool take_semicolon(struct reading *reading, GError **error)
{
	if (reading->form == SQL_FORM_CONDITION)
		return refuse(error, "a condition has no ';'");
	if (!reading->begun)
		return refuse(error, "there is no SQL before the ';'");
	if (reading->depth != 0)
		return refuse(error, "parentheses do not match");
	if (reading->ended)
		return refuse(error, "there is more than one statement: something follows the "
				     "first ';'");
	reading->ended = true;
	return true;
}

/* A token of some meaning, from @p text to @p end. */
static bool take_token(struct reading *reading, enum token token, const char *text, const char *end,
		       GError **error)
{
	if (token == TOKEN_SEMICOLON)
		return take_semicolon(reading, error);
	if (reading->ended)
		return refuse(error, "there is more than one statement: something follows the "
				     "first ';'");
	if (!reading->begun && reading->form == SQL_FORM_SELECT &&
	    !begins_select(text, token, (size_t)(end - text)))
		return refuse(error, "a SELECT is needed");
	reading->begun = true;
	reading->end = end;
	if (token == TOKEN_OPEN)
		reading->depth++;
	if (token == TOKEN_CLOSE && --reading->depth < 0)
		return refuse(error, "parentheses do not match");
	return true;
}

bool sql_check(const char *text, enum sql_dialect dialect, enum sql_form form, size_t *ret_length,
	       GError **error)
{
	struct reading reading = {.form = form, .end = text};
	const char *at = text;

	for (;;) {
		const char *start = at;
		enum token token = next_token(&at, dialect);

		if (token == TOKEN_END)
			break;
		if (token == TOKEN_UNCLOSED)
			return refuse(error, "a quote or a comment is not closed");
		if (token == TOKEN_LINE_COMMENT && form != SQL_FORM_STATEMENT)
			return refuse(error,
				      "a comment would hide the rest of the line; remove it");
		if (token == TOKEN_SPACE || token == TOKEN_COMMENT || token == TOKEN_LINE_COMMENT)
			continue;
		if (!take_token(&reading, token, start, at, error))
			return false;
	}
	if (!reading.begun)
		return refuse(error, "there is no SQL in it");
	if (reading.depth != 0)
		return refuse(error, "parentheses do not match");
	*ret_length = (size_t)(reading.end - text);
	return true;
}
