/* sql_query - WITH, SELECT, UNION ALL and their like, ORDER BY, LIMIT.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax . See
 * sql_private.h. */
#include "tests/fakecloud/sql_private.h"

#include <string.h>

/** SQLite joins at most 500 queries at once: more are joined in groups. */
#define GROUP_MAX 400

/** One SELECT on its way. */
struct select {
	GString *list;      /* of output columns, for SQLite */
	GPtrArray *fields;  /* of the output */
	GPtrArray *outputs; /* char *: SQL of each output; borrowed */
	GPtrArray *bares;   /* struct bare *: columns outside of aggregates, all outputs */
	GPtrArray *owners;  /* guint: the output each of them stands in */
	unsigned anonymous;
	const struct token *token;
};

static struct rows no_rows(struct sql *sql)
{
	GPtrArray *fields = g_ptr_array_new_with_free_func(bq_field_free);

	g_ptr_array_add(sql->plan->fields, bq_field_create("", BQ_TYPE_STRUCT));
	((struct bq_field *)sql->plan->fields->pdata[sql->plan->fields->len - 1])->fields = fields;
	g_ptr_array_add(fields, bq_field_create("", BQ_TYPE_NONE));
	return (struct rows){"SELECT NULL", fields};
}

/** An array of fields that lives with the plan: as members of a STRUCT nobody sees. */
static GPtrArray *make_fields(struct sql *sql)
{
	struct bq_field *holder = bq_field_create("", BQ_TYPE_STRUCT);

	holder->fields = g_ptr_array_new_with_free_func(bq_field_free);
	g_ptr_array_add(sql->plan->fields, holder);
	return holder->fields;
}

/* --- the list --- */

static void add_output(struct sql *sql, struct select *select, const char *name,
		       const struct expr *expr)
{
	struct bq_field *field = bq_field_copy(expr->field);

	g_free(field->name);
	field->name = g_strdup(name);
	field->required = false;
	g_ptr_array_add(select->fields, field);
	g_ptr_array_add(select->outputs, (char *)(uintptr_t)expr->sql);
	g_string_append_printf(select->list, "%s%s AS %s", select->list->len > 0 ? ", " : "",
			       expr->sql, sql_quote_name(sql, name));
	for (guint i = 0; i < sql->scope->bares->len; i++) {
		g_ptr_array_add(select->bares, sql->scope->bares->pdata[i]);
		g_ptr_array_add(select->owners, GUINT_TO_POINTER(select->fields->len - 1));
	}
	g_ptr_array_set_size(sql->scope->bares, 0);
}

static bool is_excepted(const GPtrArray *excepted, const char *name)
{
	for (guint i = 0; i < excepted->len; i++) {
		if (g_ascii_strcasecmp(excepted->pdata[i], name) == 0)
			return true;
	}
	return g_str_has_prefix(name, "_PARTITION");
}

static void add_all_of(struct sql *sql, struct select *select, const struct source *source,
		       const GPtrArray *excepted, const struct token *token)
{
	for (guint i = 0; i < source->fields->len; i++) {
		const struct bq_field *field = source->fields->pdata[i];
		struct expr expr = {.field = field, .token = token, .name = field->name};

		if (is_excepted(excepted, field->name))
			continue;
		expr.sql = source->unnested
				   ? sql_keepf(sql, "%s.%s", source->id, i == 0 ? "value" : "key")
				   : sql_keepf(sql, "%s.%s", source->id,
					       sql_quote_name(sql, field->name));
		add_output(sql, select, field->name, &expr);
	}
}

/** "*" or "alias.*", with EXCEPT (…). */
static void parse_star(struct sql *sql, struct select *select, const char *alias)
{
	const struct token *token = sql_next(sql);
	g_autoptr(GPtrArray) excepted = g_ptr_array_new();
	guint before = select->fields->len;

	if (sql_take_word(sql, "EXCEPT")) {
		sql_expect_sign(sql, "(");
		do {
			g_ptr_array_add(excepted, (char *)(uintptr_t)sql_expect_name(sql));
		} while (sql_take_sign(sql, ","));
		sql_expect_sign(sql, ")");
	}
	if (!sql_failed(sql) && sql->scope->sources->len == 0)
		sql_fail(sql, token, "SELECT * must have a FROM clause");
	for (guint i = 0; i < sql->scope->sources->len && !sql_failed(sql); i++) {
		const struct source *source = sql->scope->sources->pdata[i];

		if (!alias || (source->alias && g_ascii_strcasecmp(source->alias, alias) == 0))
			add_all_of(sql, select, source, excepted, token);
	}
	if (!sql_failed(sql) && select->fields->len == before)
		sql_fail(sql, token, "Unrecognized name: %s", alias ? alias : "*");
}

static void parse_output(struct sql *sql, struct select *select)
{
	const struct token *token = sql_peek(sql);
	struct expr expr = {0};
	const char *name = NULL;

	if (sql_is_sign(token, "*")) {
		parse_star(sql, select, NULL);
		return;
	}
	if (sql_is_sign(sql_peek_at(sql, 1), ".") && sql_is_sign(sql_peek_at(sql, 2), "*")) {
		name = sql_expect_name(sql);
		(void)sql_next(sql); /* "." */
		parse_star(sql, select, name);
		return;
	}
	expr = sql_parse_expr(sql);
	name = expr.name;
	if (sql_take_word(sql, "AS") || sql_peek(sql)->kind == TOKEN_QUOTED ||
	    (sql_peek(sql)->kind == TOKEN_WORD && !sql_is_reserved(sql_peek(sql))))
		name = sql_expect_name(sql);
	if (!name)
		name = sql_keepf(sql, "f%u_", select->anonymous++);
	add_output(sql, select, name, &expr);
}

static void parse_list(struct sql *sql, struct select *select)
{
	do {
		if (sql_is_word(sql_peek(sql), "FROM") && select->fields->len > 0)
			return; /* a comma at the end is allowed */
		parse_output(sql, select);
	} while (sql_take_sign(sql, ","));
}

/* --- GROUP BY --- */

/** An output named or numbered by a clause; -1: none. */
static int output_index(struct sql *sql, const struct select *select)
{
	const struct token *token = sql_peek(sql), *after = sql_peek_at(sql, 1);
	guint64 number = 0;

	if (sql_is_sign(after, ".") || sql_is_sign(after, "("))
		return -1;
	if (token->kind == TOKEN_INT) {
		if (g_ascii_string_to_unsigned(token->text, 10, 1, select->fields->len, &number,
					       NULL))
			return (int)number - 1; /* at most the number of columns */
		sql_fail(sql, token, "ORDER or GROUP BY is out of SELECT list range: %s",
			 token->text);
		return -1;
	}
	if (token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED)
		return -1;
	for (guint i = 0; i < select->fields->len; i++) {
		const struct bq_field *field = select->fields->pdata[i];

		if (g_ascii_strcasecmp(field->name, token->text) == 0)
			return (int)i; /* few columns */
	}
	return -1;
}

static void parse_group_by(struct sql *sql, const struct select *select, GPtrArray *groups)
{
	do {
		int index = output_index(sql, select);

		if (index >= 0) {
			(void)sql_next(sql); /* its name or number */
			g_ptr_array_add(groups, select->outputs->pdata[index]);
		} else {
			g_ptr_array_add(groups, (char *)(uintptr_t)sql_parse_expr(sql).sql);
		}
	} while (sql_take_sign(sql, ",") && !sql_failed(sql));
	g_ptr_array_set_size(sql->scope->bares, 0);
}

static bool is_grouped(const GPtrArray *groups, const char *text)
{
	for (guint i = 0; i < groups->len; i++) {
		if (g_str_equal(groups->pdata[i], text))
			return true;
	}
	return false;
}

/** Columns that stand beside aggregates must be grouped. */
static void check_groups(struct sql *sql, const struct select *select, const GPtrArray *groups)
{
	for (guint i = 0; i < select->bares->len; i++) {
		const struct bare *bare = select->bares->pdata[i];
		guint owner = GPOINTER_TO_UINT(select->owners->pdata[i]);

		if (is_grouped(groups, bare->sql) ||
		    is_grouped(groups, select->outputs->pdata[owner]))
			continue;
		sql_fail(sql, bare->token,
			 "SELECT list expression references column %s which is neither grouped nor "
			 "aggregated",
			 bare->name);
	}
}

/* --- SELECT --- */

static void parse_condition(struct sql *sql, const char *clause, GString *text)
{
	struct expr condition = sql_parse_expr(sql);

	if (!sql_coerce(sql, &condition, BQ_TYPE_BOOL))
		sql_fail(sql, condition.token, "%s clause should return type BOOL, but returns %s",
			 clause, sql_type_list(sql, &condition, 1));
	g_string_append_printf(text, " %s %s", clause, condition.sql);
	g_ptr_array_set_size(sql->scope->bares, 0);
}

static void check_partition_filters(struct sql *sql)
{
	for (guint i = 0; i < sql->scope->sources->len; i++) {
		const struct source *source = sql->scope->sources->pdata[i];
		const char *field = source->table ? bq_table_partition_field(source->table) : NULL;
		json_object *required = NULL;

		if (!field || source->filtered ||
		    !json_object_object_get_ex(source->table->spec, "requirePartitionFilter",
					       &required) ||
		    !json_object_get_boolean(required))
			continue;
		sql_fail(sql, NULL,
			 "Cannot query over table '%s.%s.%s' without a filter over column(s) %s "
			 "that can be "
			 "used for partition elimination",
			 source->table->project, source->table->dataset, source->table->name,
			 *field ? sql_quote_text(sql, field)
				: "'_PARTITION_LOAD_TIME', '_PARTITIONDATE', '_PARTITIONTIME'");
	}
}

static bool ends_list(const struct sql *sql, guint index)
{
	static const char *const words[] = {"FROM",  "UNION", "WHERE",  "ORDER",
					    "LIMIT", "GROUP", "HAVING", "INTERSECT"};
	const struct token *token = &g_array_index(sql->tokens, struct token, index);

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (sql_is_word(token, words[i]))
			return true;
	}
	/* "* EXCEPT (a)" goes on */
	return sql_is_word(token, "EXCEPT") && index + 1 < sql->tokens->len &&
	       sql_is_word(&g_array_index(sql->tokens, struct token, index + 1), "DISTINCT");
}

/** Where the list ends: FROM, or whatever ends the query. The list is read after FROM, whose
 * columns it names. */
static guint find_from(const struct sql *sql)
{
	int depth = 0;

	for (guint i = sql->at; i < sql->tokens->len; i++) {
		const struct token *token = &g_array_index(sql->tokens, struct token, i);

		if (sql_is_sign(token, "(") || sql_is_sign(token, "["))
			depth++;
		else if (sql_is_sign(token, ")") || sql_is_sign(token, "]"))
			depth--;
		if (depth < 0 || token->kind == TOKEN_END || sql_is_sign(token, ";"))
			return i;
		if (depth == 0 && ends_list(sql, i))
			return i;
	}
	return sql->tokens->len - 1;
}

/** FROM … [WHERE …], then the list, then the rest: in the order in which names come to be known. */
static void parse_clauses(struct sql *sql, struct select *select, GString *tail)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new();
	guint list_at = sql->at, after = 0;
	bool grouped = false;

	sql->at = find_from(sql);
	if (sql_take_word(sql, "FROM"))
		sql_parse_sources(sql, tail);
	if (sql_take_word(sql, "WHERE")) {
		sql->scope->in_where = true;
		parse_condition(sql, "WHERE", tail);
		sql->scope->in_where = false;
	}
	check_partition_filters(sql);
	after = sql->at;
	sql->at = list_at;
	parse_list(sql, select);
	if (!sql_failed(sql) && sql->at != find_from(sql) && sql->at < sql->tokens->len - 1)
		sql_unexpected(sql, sql_peek(sql));
	sql->at = MAX(after, sql->at);
	sql->scope->outputs = select->outputs;
	sql->scope->output_fields = select->fields;
	if (sql_take_word(sql, "GROUP")) {
		sql_expect_word(sql, "BY");
		parse_group_by(sql, select, groups);
		grouped = true;
	}
	for (guint i = 0; i < groups->len; i++)
		g_string_append_printf(tail, "%s%s", i == 0 ? " GROUP BY " : ", ",
				       (char *)groups->pdata[i]);
	if (grouped || sql->scope->aggregated)
		check_groups(sql, select, groups);
	if (sql_take_word(sql, "HAVING")) {
		if (!grouped && !sql->scope->aggregated)
			sql_fail(sql, sql_peek(sql),
				 "The HAVING clause requires GROUP BY or aggregation");
		parse_condition(sql, "HAVING", tail);
	}
}

static void parse_order_by(struct sql *sql, const struct select *select, GString *tail)
{
	const char *between = " ORDER BY ";

	sql_expect_word(sql, "BY");
	do {
		int index = output_index(sql, select);

		g_string_append(tail, between);
		if (index >= 0) {
			const struct bq_field *field = select->fields->pdata[index];

			(void)sql_next(sql); /* its name or number */
			g_string_append(tail, sql_quote_name(sql, field->name));
		} else {
			g_string_append(tail, sql_parse_expr(sql).sql);
		}
		if (sql_take_word(sql, "DESC"))
			g_string_append(tail, " DESC");
		else
			(void)sql_take_word(sql, "ASC"); /* may be there */
		if (sql_take_word(sql, "NULLS"))
			g_string_append_printf(tail, " NULLS %s", sql_next(sql)->text);
		between = ", ";
	} while (sql_take_sign(sql, ",") && !sql_failed(sql));
}

static void parse_limit(struct sql *sql, GString *tail)
{
	const struct token *count = sql_next(sql);

	if (count->kind != TOKEN_INT)
		sql_unexpected(sql, count);
	g_string_append_printf(tail, " LIMIT %s", count->text);
	if (sql_take_word(sql, "OFFSET"))
		g_string_append_printf(tail, " OFFSET %s", sql_next(sql)->text);
}

static void parse_tail(struct sql *sql, const struct select *select, GString *tail)
{
	if (sql_take_word(sql, "ORDER"))
		parse_order_by(sql, select, tail);
	if (sql_take_word(sql, "LIMIT"))
		parse_limit(sql, tail);
}

static bool is_set_operator(const struct token *token)
{
	return sql_is_word(token, "UNION") || sql_is_word(token, "EXCEPT") ||
	       sql_is_word(token, "INTERSECT");
}

/** SELECT AS STRUCT: one column of all. */
static struct rows as_struct(struct sql *sql, const char *inner, const GPtrArray *fields)
{
	struct bq_field *field = bq_field_create("f0_", BQ_TYPE_STRUCT);
	GPtrArray *outer = make_fields(sql);
	g_autoptr(GString) list = g_string_new(NULL);

	field->fields = g_ptr_array_new_with_free_func(bq_field_free);
	for (guint i = 0; i < fields->len; i++) {
		const struct bq_field *member = fields->pdata[i];
		bool json = member->repeated || member->type == BQ_TYPE_STRUCT;

		g_ptr_array_add(field->fields, bq_field_copy(member));
		g_string_append_printf(list, "%s%s, %s%s%s", i > 0 ? ", " : "",
				       sql_quote_text(sql, member->name), json ? "json(" : "",
				       sql_quote_name(sql, member->name), json ? ")" : "");
	}
	g_ptr_array_add(outer, field);
	return (struct rows){
		sql_keepf(sql, "SELECT json_object(%s) AS \"f0_\" FROM (%s)", list->str, inner),
		outer};
}

static void check_names(struct sql *sql, const GPtrArray *fields, const struct token *token)
{
	for (guint i = 0; i < fields->len; i++) {
		const struct bq_field *field = fields->pdata[i];

		if (bq_fields_find(fields, field->name) != field && sql->depth <= 1)
			sql_fail(sql, token,
				 "Duplicate column names in the result are not supported. Found "
				 "duplicate(s): %s",
				 field->name);
	}
}

static struct rows parse_select_body(struct sql *sql, struct select *select, bool takes_tail)
{
	g_autoptr(GString) tail = g_string_new(NULL);
	bool distinct = sql_take_word(sql, "DISTINCT"), make_struct = false;
	const char *text = NULL;

	if (sql_is_word(sql_peek(sql), "AS") && sql_is_word(sql_peek_at(sql, 1), "STRUCT")) {
		(void)sql_next(sql); /* AS */
		(void)sql_next(sql); /* STRUCT */
		make_struct = true;
	}
	if (!distinct)
		(void)sql_take_word(sql, "ALL"); /* may be there */
	parse_clauses(sql, select, tail);
	if (takes_tail && !is_set_operator(sql_peek(sql)))
		parse_tail(sql, select, tail);
	check_names(sql, select->fields, select->token);
	text = sql_keepf(sql, "SELECT %s%s%s", distinct ? "DISTINCT " : "",
			 select->list->len > 0 ? select->list->str : "NULL", tail->str);
	if (make_struct && !sql_failed(sql))
		return as_struct(sql, text, select->fields);
	return (struct rows){text, select->fields};
}

/** @p takes_tail: ORDER BY and LIMIT are its own, unless another query is joined to it. */
static struct rows parse_select(struct sql *sql, bool takes_tail)
{
	struct scope scope = {
		.outer = sql->scope, .sources = g_ptr_array_new(), .bares = g_ptr_array_new()};
	struct select select = {.list = g_string_new(NULL),
				.fields = make_fields(sql),
				.outputs = g_ptr_array_new(),
				.bares = g_ptr_array_new(),
				.owners = g_ptr_array_new(),
				.token = sql_peek(sql)};
	struct rows rows = {0};

	sql_expect_word(sql, "SELECT");
	sql->scope = &scope;
	rows = parse_select_body(sql, &select, takes_tail);
	sql->scope = scope.outer;
	g_string_free(select.list, TRUE);
	g_ptr_array_unref(select.outputs);
	g_ptr_array_unref(select.bares);
	g_ptr_array_unref(select.owners);
	g_ptr_array_unref(scope.sources);
	g_ptr_array_unref(scope.bares);
	return sql_failed(sql) ? no_rows(sql) : rows;
}

/* --- UNION ALL and its like --- */

static struct rows parse_term(struct sql *sql, bool takes_tail)
{
	struct rows rows = {0};

	if (!sql_take_sign(sql, "("))
		return parse_select(sql, takes_tail);
	rows = sql_parse_query(sql);
	sql_expect_sign(sql, ")");
	rows.sql = sql_keepf(sql, "SELECT * FROM (%s)", rows.sql);
	return rows;
}

/** Types of both sides, column by column, brought together. */
static void merge_types(struct sql *sql, const struct rows *rows, const struct rows *more,
			const char *word, const struct token *token)
{
	if (rows->fields->len != more->fields->len) {
		sql_fail(sql, token,
			 "Queries in %s have mismatched column count; query 1 has %u column%s, "
			 "query 2 has "
			 "%u column%s",
			 word, rows->fields->len, rows->fields->len == 1 ? "" : "s",
			 more->fields->len, more->fields->len == 1 ? "" : "s");
		return;
	}
	for (guint i = 0; i < rows->fields->len; i++) {
		struct bq_field *field = rows->fields->pdata[i];
		struct expr a = {.sql = "x", .field = field, .token = token};
		struct expr b = {.sql = "x", .field = more->fields->pdata[i], .token = token};

		if (sql_unify(sql, &a, &b))
			field->type = a.field->type;
		else
			sql_fail(sql, token, "Column %u in %s has incompatible types: %s, %s",
				 i + 1, word, sql_type_list(sql, &a, 1), sql_type_list(sql, &b, 1));
	}
}

/** Queries that are joined; groups keep below SQLite's limit. */
struct compound {
	GString *all;   /* groups joined */
	GString *group; /* the one under way */
	unsigned count;
};

static void compound_add(struct compound *compound, const char *word, const char *text)
{
	if (compound->count == GROUP_MAX && g_str_equal(word, "UNION ALL")) {
		g_string_append_printf(compound->all, "%sSELECT * FROM (%s)",
				       compound->all->len > 0 ? " UNION ALL " : "",
				       compound->group->str);
		g_string_assign(compound->group, text);
		compound->count = 1;
		return;
	}
	g_string_append_printf(compound->group, " %s %s", word, text);
	compound->count++;
}

static const char *compound_end(struct sql *sql, struct compound *compound)
{
	if (compound->all->len == 0)
		return sql_keepf(sql, "%s", compound->group->str);
	return sql_keepf(sql, "%s UNION ALL SELECT * FROM (%s)", compound->all->str,
			 compound->group->str);
}

static const char *parse_set_operator(struct sql *sql)
{
	const struct token *token = sql_next(sql);

	if (sql_is_word(token, "UNION") && sql_take_word(sql, "ALL"))
		return "UNION ALL";
	sql_expect_word(sql, "DISTINCT");
	return sql_is_word(token, "UNION")    ? "UNION"
	       : sql_is_word(token, "EXCEPT") ? "EXCEPT"
					      : "INTERSECT";
}

static struct rows parse_set(struct sql *sql)
{
	struct rows rows = parse_term(sql, true);
	struct select select = {.fields = rows.fields};
	struct compound compound = {g_string_new(NULL), g_string_new(rows.sql), 1};
	g_autoptr(GString) tail = g_string_new(NULL);

	if (!is_set_operator(sql_peek(sql)) && !sql_is_word(sql_peek(sql), "ORDER") &&
	    !sql_is_word(sql_peek(sql), "LIMIT"))
		/* ORDER BY and LIMIT were read with it, but not outside of its parentheses */
		goto out;
	while (is_set_operator(sql_peek(sql))) {
		const struct token *token = sql_peek(sql);
		const char *word = parse_set_operator(sql);
		struct rows more = parse_term(sql, false);

		merge_types(sql, &rows, &more, word, token);
		compound_add(&compound, word, more.sql);
	}
	rows.sql = compound_end(sql, &compound);
	parse_tail(sql, &select, tail);
	if (tail->len > 0)
		rows.sql = sql_keepf(sql, "SELECT * FROM (%s)%s", rows.sql, tail->str);
out:
	g_string_free(compound.all, TRUE);
	g_string_free(compound.group, TRUE);
	return rows;
}

static void parse_with(struct sql *sql)
{
	do {
		struct cte *cte = sql_block(sql, sizeof(*cte));
		struct rows rows = {0};

		cte->name = sql_expect_name(sql);
		sql_expect_word(sql, "AS");
		sql_expect_sign(sql, "(");
		rows = sql_parse_query(sql);
		sql_expect_sign(sql, ")");
		cte->sql = rows.sql;
		cte->fields = rows.fields;
		g_ptr_array_add(sql->ctes, cte);
	} while (sql_take_sign(sql, ","));
}

struct rows sql_parse_query(struct sql *sql)
{
	guint known = sql->ctes->len;
	struct rows rows = {0};

	if (++sql->depth > SQL_DEPTH_MAX)
		sql_fail_with(sql, 400, "invalidQuery",
			      "Query is too deeply nested for the query compiler");
	if (sql_take_word(sql, "WITH"))
		parse_with(sql);
	rows = sql_failed(sql) ? no_rows(sql) : parse_set(sql);
	g_ptr_array_set_size(sql->ctes, (gint)known); /* few */
	sql->depth--;
	return rows;
}
