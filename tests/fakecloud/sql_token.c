/* sql_token - tokens of GoogleSQL, errors, texts. See sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include <stdarg.h>
#include <string.h>

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords */
static const char *const reserved[] = {
	"ALL",      "AND",       "ANY",       "ARRAY",       "AS",        "ASC",      "AT",
	"BETWEEN",  "BY",        "CASE",      "CAST",        "COLLATE",   "CREATE",   "CROSS",
	"CUBE",     "CURRENT",   "DEFAULT",   "DEFINE",      "DESC",      "DISTINCT", "ELSE",
	"END",      "ENUM",      "ESCAPE",    "EXCEPT",      "EXCLUDE",   "EXISTS",   "EXTRACT",
	"FALSE",    "FETCH",     "FOLLOWING", "FOR",         "FROM",      "FULL",     "GROUP",
	"GROUPING", "GROUPS",    "HASH",      "HAVING",      "IF",        "IGNORE",   "IN",
	"INNER",    "INTERSECT", "INTERVAL",  "INTO",        "IS",        "JOIN",     "LATERAL",
	"LEFT",     "LIKE",      "LIMIT",     "LOOKUP",      "MERGE",     "NATURAL",  "NEW",
	"NO",       "NOT",       "NULL",      "NULLS",       "OF",        "ON",       "OR",
	"ORDER",    "OUTER",     "OVER",      "PARTITION",   "PRECEDING", "PROTO",    "QUALIFY",
	"RANGE",    "RECURSIVE", "RESPECT",   "RIGHT",       "ROLLUP",    "ROWS",     "SELECT",
	"SET",      "SOME",      "STRUCT",    "TABLESAMPLE", "THEN",      "TO",       "TREAT",
	"TRUE",     "UNBOUNDED", "UNION",     "UNNEST",      "USING",     "WHEN",     "WHERE",
	"WINDOW",   "WITH",      "WITHIN",
};

/* --- errors and texts --- */

bool sql_failed(const struct sql *sql)
{
	return sql->plan->status != 0;
}

static void set_error(struct sql *sql, int status, const char *reason, char *taken)
{
	if (sql_failed(sql)) {
		g_free(taken);
		return;
	}
	sql->plan->status = status;
	sql->plan->reason = g_strdup(reason);
	sql->plan->message = taken;
}

void sql_fail(struct sql *sql, const struct token *token, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list list;

	va_start(list, format);
	message = g_strdup_vprintf(format, list);
	va_end(list);
	set_error(sql, 400, "invalidQuery",
		  token && !sql->inside_view
			  ? g_strdup_printf("%s at [%d:%d]", message, token->line, token->column)
			  : g_strdup(message));
}

void sql_fail_with(struct sql *sql, int status, const char *reason, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	set_error(sql, status, reason, g_strdup_vprintf(format, list));
	va_end(list);
}

/** A token as messages name it. Caller frees. */
static char *describe(const struct token *token)
{
	switch (token->kind) {
	case TOKEN_WORD:
		if (sql_is_reserved(token))
			return g_strdup_printf("keyword %s", token->text);
		return g_strdup_printf("identifier \"%s\"", token->text);
	case TOKEN_QUOTED:
		return g_strdup_printf("identifier `%s`", token->text);
	case TOKEN_STRING:
		return g_strdup_printf("string literal \"%s\"", token->text);
	case TOKEN_INT:
		return g_strdup_printf("integer literal \"%s\"", token->text);
	case TOKEN_FLOAT:
		return g_strdup_printf("floating point literal \"%s\"", token->text);
	case TOKEN_PARAMETER:
		return g_strdup_printf("\"@%s\"", token->text);
	case TOKEN_SIGN:
		return g_strdup_printf("\"%s\"", token->text);
	case TOKEN_END:
		break;
	}
	return g_strdup("end of script");
}

void sql_unexpected(struct sql *sql, const struct token *token)
{
	g_autofree char *what = describe(token);

	sql_fail(sql, token, "Syntax error: Unexpected %s", what);
}

const char *sql_keep(struct sql *sql, char *taken)
{
	g_ptr_array_add(sql->plan->texts, taken);
	return taken;
}

const char *sql_keepf(struct sql *sql, const char *format, ...)
{
	char *text = NULL;
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	return sql_keep(sql, text);
}

void *sql_block(struct sql *sql, size_t bytes)
{
	void *block = g_malloc0(bytes);

	g_ptr_array_add(sql->owned, block);
	return block;
}

static const char *quote(struct sql *sql, const char *text, char mark)
{
	GString *quoted = g_string_new(NULL);

	g_string_append_c(quoted, mark);
	for (; *text; text++) {
		if (*text == mark)
			g_string_append_c(quoted, mark);
		g_string_append_c(quoted, *text);
	}
	g_string_append_c(quoted, mark);
	return sql_keep(sql, g_string_free(quoted, FALSE));
}

const char *sql_quote_name(struct sql *sql, const char *name)
{
	return quote(sql, name, '"');
}

const char *sql_quote_text(struct sql *sql, const char *text)
{
	return quote(sql, text, '\'');
}

/* --- reading characters --- */

struct reader {
	struct sql *sql;
	const char *at, *line_start;
	int line;
};

static struct token here(const struct reader *reader)
{
	return (struct token){
		.line = reader->line,
		.column = (int)g_utf8_strlen(reader->line_start, reader->at - reader->line_start) +
			  1};
}

static void step(struct reader *reader)
{
	if (*reader->at++ == '\n') {
		reader->line++;
		reader->line_start = reader->at;
	}
}

static bool skip_comment(struct reader *reader)
{
	const char *at = reader->at;

	if (*at == '#' || g_str_has_prefix(at, "--")) {
		while (*reader->at && *reader->at != '\n')
			step(reader);
		return true;
	}
	if (!g_str_has_prefix(at, "/*"))
		return false;
	while (*reader->at && !(g_str_has_prefix(reader->at, "*/") && reader->at > at + 1))
		step(reader);
	if (*reader->at)
		reader->at += 2;
	return true;
}

static void skip_space(struct reader *reader)
{
	while (*reader->at) {
		if (g_ascii_isspace(*reader->at))
			step(reader);
		else if (!skip_comment(reader))
			return;
	}
}

static void take_escape(struct reader *reader, GString *text)
{
	static const char letters[] = "abfnrtv\\?\"'`";
	static const char values[] = "\a\b\f\n\r\t\v\\?\"'`";
	const char *found = NULL;
	struct token token = here(reader);

	step(reader);
	found = *reader->at ? strchr(letters, *reader->at) : NULL;
	if (found)
		g_string_append_c(text, values[found - letters]);
	else
		sql_fail(reader->sql, &token, "Syntax error: Illegal escape sequence: \\%c",
			 *reader->at);
	if (*reader->at)
		step(reader);
}

/** What stands between quotes; raw strings keep their backslashes. */
static char *take_quoted(struct reader *reader, bool raw)
{
	struct token start = here(reader);
	char mark = *reader->at;
	char triple[] = {mark, mark, mark, '\0'}, single[] = {mark, '\0'};
	const char *end = g_str_has_prefix(reader->at, triple) && mark != '`' ? triple : single;
	GString *text = g_string_new(NULL);

	reader->at += strlen(end);
	while (*reader->at && !g_str_has_prefix(reader->at, end)) {
		if (*reader->at == '\n' && end == single)
			break;
		if (*reader->at == '\\' && !raw) {
			take_escape(reader, text);
		} else {
			g_string_append_c(text, *reader->at);
			step(reader);
		}
	}
	if (g_str_has_prefix(reader->at, end))
		reader->at += strlen(end);
	else
		sql_fail(reader->sql, &start, "Syntax error: Unclosed %s literal",
			 mark == '`' ? "identifier" : "string");
	return g_string_free(text, FALSE);
}

static void take_number(struct reader *reader, struct token *token)
{
	const char *start = reader->at, *at = start;

	token->kind = TOKEN_INT;
	while (g_ascii_isdigit(*at))
		at++;
	if (*at == '.') {
		token->kind = TOKEN_FLOAT;
		for (at++; g_ascii_isdigit(*at);)
			at++;
	}
	if ((*at == 'e' || *at == 'E') && (g_ascii_isdigit(at[1]) || strchr("+-", at[1]))) {
		token->kind = TOKEN_FLOAT;
		for (at += 2; g_ascii_isdigit(*at);)
			at++;
	}
	token->text = g_strndup(start, (gsize)(at - start));
	reader->at = at;
	if (g_ascii_isalpha(*at) || *at == '_')
		sql_fail(reader->sql, token,
			 "Syntax error: Missing whitespace between literal and alias");
}

static void take_word(struct reader *reader, struct token *token)
{
	const char *start = reader->at;

	while (g_ascii_isalnum(*reader->at) || *reader->at == '_')
		reader->at++;
	token->kind = TOKEN_WORD;
	token->text = g_strndup(start, (gsize)(reader->at - start));
}

static void take_operator(struct reader *reader, struct token *token)
{
	static const char *const signs[] = {"<=", ">=", "<>", "!=", "||", "<<", ">>", "=>"};

	token->kind = TOKEN_SIGN;
	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
		if (g_str_has_prefix(reader->at, signs[i])) {
			token->text = g_strdup(signs[i]);
			reader->at += 2;
			return;
		}
	}
	token->text = g_strndup(reader->at, 1);
	if (!strchr("()[]{},.;*/+-=<>|&^~", *reader->at))
		sql_fail(reader->sql, token, "Syntax error: Illegal input character \"%c\"",
			 *reader->at);
	reader->at++;
}

static void take_token(struct reader *reader, struct token *token)
{
	const char *at = reader->at;
	bool raw = (*at == 'r' || *at == 'R') && (at[1] == '\'' || at[1] == '"');

	if (raw)
		reader->at++;
	if (raw || *at == '\'' || *at == '"') {
		token->kind = TOKEN_STRING;
		token->text = take_quoted(reader, raw);
	} else if (*at == '`') {
		token->kind = TOKEN_QUOTED;
		token->text = take_quoted(reader, false);
	} else if (g_ascii_isdigit(*at) || (*at == '.' && g_ascii_isdigit(at[1]))) {
		take_number(reader, token);
	} else if (g_ascii_isalpha(*at) || *at == '_') {
		take_word(reader, token);
	} else if (*at == '@' && (g_ascii_isalpha(at[1]) || at[1] == '_')) {
		reader->at++;
		take_word(reader, token);
		token->kind = TOKEN_PARAMETER;
	} else {
		take_operator(reader, token);
	}
}

bool sql_tokenise(struct sql *sql, const char *text)
{
	struct reader reader = {.sql = sql, .at = text, .line_start = text, .line = 1};
	struct token token;

	sql->tokens = g_array_new(FALSE, TRUE, sizeof(struct token));
	for (skip_space(&reader); *reader.at && !sql_failed(sql); skip_space(&reader)) {
		token = here(&reader);
		take_token(&reader, &token);
		g_array_append_val(sql->tokens, token);
	}
	token = here(&reader);
	token.text = g_strdup("");
	g_array_append_val(sql->tokens, token);
	return !sql_failed(sql);
}

void sql_tokens_free(GArray *tokens)
{
	for (guint i = 0; tokens && i < tokens->len; i++)
		g_free(g_array_index(tokens, struct token, i).text);
	if (tokens)
		g_array_unref(tokens);
}

/* --- reading tokens --- */

const struct token *sql_peek_at(const struct sql *sql, guint ahead)
{
	guint last = sql->tokens->len - 1;
	guint index = sql_failed(sql) ? last : MIN(sql->at + ahead, last);

	return &g_array_index(sql->tokens, struct token, index);
}

const struct token *sql_peek(const struct sql *sql)
{
	return sql_peek_at(sql, 0);
}

const struct token *sql_next(struct sql *sql)
{
	const struct token *token = sql_peek(sql);

	if (sql->at < sql->tokens->len - 1)
		sql->at++;
	return token;
}

bool sql_is_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && g_ascii_strcasecmp(token->text, word) == 0;
}

bool sql_is_sign(const struct token *token, const char *sign)
{
	return token->kind == TOKEN_SIGN && g_str_equal(token->text, sign);
}

bool sql_is_reserved(const struct token *token)
{
	for (size_t i = 0; i < G_N_ELEMENTS(reserved); i++) {
		if (sql_is_word(token, reserved[i]))
			return true;
	}
	return false;
}

bool sql_take_word(struct sql *sql, const char *word)
{
	if (!sql_is_word(sql_peek(sql), word))
		return false;
	(void)sql_next(sql); /* known */
	return true;
}

bool sql_take_sign(struct sql *sql, const char *sign)
{
	if (!sql_is_sign(sql_peek(sql), sign))
		return false;
	(void)sql_next(sql); /* known */
	return true;
}

static void expected(struct sql *sql, const char *what)
{
	g_autofree char *got = describe(sql_peek(sql));

	sql_fail(sql, sql_peek(sql), "Syntax error: Expected %s but got %s", what, got);
}

void sql_expect_word(struct sql *sql, const char *word)
{
	g_autofree char *what = g_strdup_printf("keyword %s", word);

	if (!sql_take_word(sql, word))
		expected(sql, what);
}

void sql_expect_sign(struct sql *sql, const char *sign)
{
	g_autofree char *what = g_strdup_printf("\"%s\"", sign);

	if (!sql_take_sign(sql, sign))
		expected(sql, what);
}

const char *sql_expect_name(struct sql *sql)
{
	const struct token *token = sql_peek(sql);

	if (token->kind == TOKEN_QUOTED || (token->kind == TOKEN_WORD && !sql_is_reserved(token))) {
		(void)sql_next(sql); /* known */
		return token->text;
	}
	sql_unexpected(sql, token);
	return "";
}
