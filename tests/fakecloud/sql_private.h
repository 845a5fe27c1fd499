/* sql_private - between the files of sql_*.c. The first error stays; after it every token is the
 * end. */
#ifndef FAKECLOUD_SQL_PRIVATE_H
#define FAKECLOUD_SQL_PRIVATE_H

#include "tests/fakecloud/sql.h"

/** Deepest nesting of expressions and queries. */
#define SQL_DEPTH_MAX 200

enum token_kind {
	TOKEN_END = 0,
	TOKEN_WORD,   /* identifier or keyword */
	TOKEN_QUOTED, /* `identifier` */
	TOKEN_STRING,
	TOKEN_INT,
	TOKEN_FLOAT,
	TOKEN_PARAMETER, /* @name */
	TOKEN_SIGN,      /* operators and punctuation */
};

struct token {
	enum token_kind kind;
	char *text; /* unquoted, unescaped */
	int line, column;
};

/** Something in FROM. */
struct source {
	const char *alias;            /* as the query names it; NULL: has none */
	const char *id;               /* in SQLite: "s1" */
	const GPtrArray *fields;      /* struct bq_field * */
	const struct bq_table *table; /* NULL: no table */
	bool filtered;                /* WHERE mentions its partition column */
	bool unnested; /* json_each(): the first field is its value, the second its key */
	const struct token *token;
};

/** A column that stands outside of any aggregate. */
struct bare {
	const char *sql, *name;
	const struct token *token;
};

/** One SELECT. */
struct scope {
	struct scope *outer;
	GPtrArray *sources; /* struct source * */
	GPtrArray *bares;   /* struct bare *: of the expressions read last */
	/* char *: SQL of the columns it makes, once HAVING and ORDER BY may name them */
	const GPtrArray *outputs;
	const GPtrArray *output_fields; /* struct bq_field *: likewise */
	bool in_where, in_aggregate;
	bool aggregated; /* an aggregate was read */
};

/** WITH name AS (…). */
struct cte {
	const char *name;
	const char *sql;
	const GPtrArray *fields;
};

struct sql {
	const struct sql_context *context;
	struct sql_plan *plan;
	GArray *tokens; /* struct token; ends with TOKEN_END */
	guint at;
	struct scope *scope; /* innermost; NULL: none */
	GPtrArray *ctes;     /* struct cte * */
	int depth;
	unsigned next_source;
	GPtrArray *owned; /* blocks: sources, bares, ctes */
	bool inside_view; /* errors have no position of the caller's text */
};

/** An expression. */
struct expr {
	const char *sql;              /* for SQLite, in parentheses where needed */
	const struct bq_field *field; /* its type */
	const char *name;             /* of the column it makes; NULL: none */
	const char *literal;          /* text of a string literal; NULL: it is none */
	const struct token *token;
};

/** A query's text for SQLite and what it yields. */
struct rows {
	const char *sql;
	GPtrArray *fields; /* struct bq_field *; lives with the plan */
};

/* tokens: sql_token.c */
bool sql_tokenise(struct sql *sql, const char *text);
void sql_tokens_free(GArray *tokens);
const struct token *sql_peek(const struct sql *sql);
const struct token *sql_peek_at(const struct sql *sql, guint ahead);
const struct token *sql_next(struct sql *sql);
bool sql_is_word(const struct token *token, const char *word);
bool sql_is_sign(const struct token *token, const char *sign);
bool sql_is_reserved(const struct token *token);
/** Take it when it comes. */
bool sql_take_word(struct sql *sql, const char *word);
bool sql_take_sign(struct sql *sql, const char *sign);
/** It must come. */
void sql_expect_word(struct sql *sql, const char *word);
void sql_expect_sign(struct sql *sql, const char *sign);
/** An identifier; "" after an error. Borrowed. */
const char *sql_expect_name(struct sql *sql);

/* errors and texts: sql_token.c */
bool sql_failed(const struct sql *sql);
void sql_fail(struct sql *sql, const struct token *token, const char *format, ...)
	PRINTF_LIKE(3, 4);
void sql_fail_with(struct sql *sql, int status, const char *reason, const char *format, ...)
	PRINTF_LIKE(4, 5);
void sql_unexpected(struct sql *sql, const struct token *token);
/** Lives as long as the plan. Borrowed. */
const char *sql_keep(struct sql *sql, char *taken);
const char *sql_keepf(struct sql *sql, const char *format, ...) PRINTF_LIKE(2, 3);
/** A block of zeros that lives as long as the parser. */
void *sql_block(struct sql *sql, size_t bytes);
/** "name" and 'text' for SQLite. Borrowed. */
const char *sql_quote_name(struct sql *sql, const char *name);
const char *sql_quote_text(struct sql *sql, const char *text);

/* types: sql_types.c */
const struct bq_field *sql_field(struct sql *sql, enum bq_type type);
const struct bq_field *sql_array_of(struct sql *sql, const struct bq_field *element);
bool sql_is_type(const struct expr *expr, enum bq_type type);
bool sql_is_number(const struct expr *expr);
/** "INT64, STRING". Borrowed. */
const char *sql_type_list(struct sql *sql, const struct expr *exprs, guint count);
/** Make a literal a value of @p type where GoogleSQL does; false when it does not fit. */
bool sql_coerce(struct sql *sql, struct expr *expr, enum bq_type type);
/** Bring both to one type; false when there is none. */
bool sql_unify(struct sql *sql, struct expr *a, struct expr *b);
struct expr sql_literal_text(struct sql *sql, const char *text, const struct token *token);
struct expr sql_make(struct sql *sql, const char *text, enum bq_type type,
		     const struct token *token);

/* expressions: sql_expr.c, sql_operand.c, sql_call.c */
struct expr sql_parse_expr(struct sql *sql);
struct expr sql_parse_operand(struct sql *sql);
bool sql_is_call(const struct sql *sql);
struct expr sql_parse_call(struct sql *sql);
struct expr sql_parse_aggregate(struct sql *sql, const char *name, const struct token *token);
bool sql_is_aggregate(const char *name);
/** OVER (…) after a call, when it comes. */
struct expr sql_parse_over(struct sql *sql, struct expr call);
/** Functions with a part of a date: DATE_SUB, TIMESTAMP_TRUNC, EXTRACT …; false when @p name is
 * none. */
bool sql_parse_part_call(struct sql *sql, const char *name, const struct token *token,
			 struct expr *ret_expr);
/** Interval after + or -: true when one comes; ret_sign -1 or 1 is applied by the caller. */
struct expr sql_shift(struct sql *sql, const struct expr *value, const struct expr *count,
		      const char *part, bool minus);
const char *sql_parse_part(struct sql *sql);
/** A type's name in CAST. */
const struct bq_field *sql_parse_type(struct sql *sql);
struct expr sql_cast(struct sql *sql, const struct expr *value, const struct bq_field *type,
		     bool safe);

/* queries: sql_query.c, sql_from.c, sql_table.c */
struct rows sql_parse_query(struct sql *sql);
void sql_parse_from(struct sql *sql);
/** The FROM clause for SQLite of the scope's sources is written to @p text. */
void sql_parse_sources(struct sql *sql, GString *text);
/** A table's path, read and resolved to rows for SQLite. */
struct rows sql_parse_table(struct sql *sql, struct source *source);
/** Resolve "a", "a.b", "t.a". */
struct expr sql_resolve_column(struct sql *sql, const struct token *token, GPtrArray *path);

/* tables that are made: sql_views.c */
/** Rows of INFORMATION_SCHEMA.@p view, of one dataset or (@p dataset NULL) all of a project in @p
 * location. False: no such view there. */
bool sql_view_rows(const struct bq *bq, const char *project, const char *dataset,
		   const char *location, const char *view, struct sql_input *ret_input);

#endif
