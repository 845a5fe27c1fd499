/* catalogue_postgres_sql - the catalogue of a PostgreSQL database, 12 or newer: the statements, and
 * their answers. Definitions are as the server writes them, with settings that change how it does
 * set first, and nothing in search_path, so that every name has its schema.
 * https://www.postgresql.org/docs/15/catalogs.html */
#include "data/catalogue_private.h"

#include <string.h>

#include "drift_error.h"

/* @SCHEMAS@ becomes a condition on n, a pg_namespace. */
#define SCHEMAS "@SCHEMAS@"

#define RELATION "quote_ident(n.nspname) || '.' || quote_ident(c.relname)"
#define FROM_RELATIONS                                                                             \
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN "       \
	"('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = "     \
	"'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') AND " SCHEMAS
#define FUNCTION                                                                                   \
	"quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || "                       \
	"pg_get_function_identity_arguments(p.oid) || ')'"
#define FROM_FUNCTIONS                                                                             \
	" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE NOT EXISTS (SELECT "  \
	"FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND "          \
	"e.deptype = 'e') AND " SCHEMAS
#define FROM_SCHEMAS " FROM pg_namespace n WHERE " SCHEMAS

static const char settings[] =
	"SELECT set_config('search_path', 'pg_catalog', true), "
	"set_config('quote_all_identifiers', 'off', true), "
	"set_config('DateStyle', 'ISO, MDY', true), set_config('IntervalStyle', 'postgres', true), "
	"set_config('TimeZone', 'UTC', true), set_config('extra_float_digits', '1', true), "
	"set_config('bytea_output', 'hex', true), set_config('standard_conforming_strings', 'on', "
	"true)";

/* Each answers with type, name, definition. */
static const char *const catalogues[] = {
	/* server, extensions, schemas */
	"SELECT 'server', 'postgresql', (current_setting('server_version_num')::int / 10000)::text"
	" UNION ALL SELECT 'extension', quote_ident(extname), extversion FROM pg_extension"
	" UNION ALL SELECT 'schema', quote_ident(n.nspname), NULL" FROM_SCHEMAS,
	/* tables and the like */
	"SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' WHEN 'f' "
	"THEN "
	"'foreign_table' ELSE 'table' END, " RELATION ", concat_ws(', ', "
	"CASE WHEN c.relispartition THEN (SELECT 'partition of ' || i.inhparent::regclass::text "
	"FROM pg_inherits i WHERE i.inhrelid = c.oid LIMIT 1) || ' ' || "
	"pg_get_expr(c.relpartbound, c.oid) END, "
	"CASE c.relpersistence WHEN 'u' THEN 'unlogged' END, "
	"CASE WHEN c.relrowsecurity THEN 'row security' END, "
	"CASE WHEN c.relkind = 'f' THEN (SELECT 'server ' || quote_ident(s.srvname) FROM "
	"pg_foreign_table t JOIN pg_foreign_server s ON s.oid = t.ftserver WHERE t.ftrelid = "
	"c.oid) "
	"END, "
	"CASE WHEN c.relkind IN ('v', 'm') THEN 'definition md5:' || md5(pg_get_viewdef(c.oid)) "
	"END)" FROM_RELATIONS,
	"SELECT 'partitioning', " RELATION ", pg_get_partkeydef(c.oid)" FROM_RELATIONS
	" AND c.relkind = 'p'",
	/* columns; those of partitions are their table's */
	"SELECT 'column', " RELATION " || '.' || quote_ident(a.attname), "
	"format_type(a.atttypid, a.atttypmod) || "
	"CASE WHEN a.attcollation <> t.typcollation THEN COALESCE((SELECT ' COLLATE ' || "
	"quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co JOIN "
	"pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation), '') ELSE '' "
	"END || "
	"CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || "
	"CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY' WHEN 'd' THEN ' "
	"GENERATED "
	"BY DEFAULT AS IDENTITY' ELSE '' END || "
	"COALESCE(CASE a.attgenerated WHEN '' THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) "
	"WHEN 's' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED' "
	"ELSE ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ')' END, '')"
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON "
	"a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON "
	"d.adrelid = "
	"c.oid AND d.adnum = a.attnum WHERE a.attnum > 0 AND NOT a.attisdropped AND NOT "
	"c.relispartition AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM "
	"pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = "
	"'e') "
	"AND " SCHEMAS,
	/* functions */
	"SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' "
	"END, " FUNCTION ", concat_ws(', ', 'returns ' || pg_get_function_result(p.oid), (SELECT "
	"'language ' || l.lanname FROM pg_language l WHERE l.oid = p.prolang), "
	"CASE WHEN p.prokind = 'a' THEN (SELECT 'definition md5:' || md5(concat_ws(',', "
	"g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.agginitval, g.aggtranstype::regtype)) FROM "
	"pg_aggregate g WHERE g.aggfnoid = p.oid) ELSE 'definition md5:' || "
	"md5(pg_get_functiondef(p.oid)) END)" FROM_FUNCTIONS,
	/* indexes; those of partitions are their table's */
	"SELECT 'index', " RELATION
	" || '.' || quote_ident(i.relname), pg_get_indexdef(i.oid) || CASE "
	"WHEN x.indisvalid THEN '' ELSE ' INVALID' END"
	" FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = "
	"x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', "
	"'m') AND "
	"NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = "
	"'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') AND " SCHEMAS,
	/* constraints; NOT NULL is said of the column, also where newer servers have it here */
	"SELECT 'constraint', " RELATION " || '.' || quote_ident(o.conname), "
	"pg_get_constraintdef(o.oid)"
	" FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid "
	"= "
	"c.relnamespace WHERE o.contype IN ('c', 'f', 'p', 'u', 'x') AND o.conparentid = 0 AND NOT "
	"c.relispartition AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = "
	"'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') AND " SCHEMAS,
	/* owners */
	"SELECT 'owner', quote_ident(n.nspname), "
	"quote_ident(pg_get_userbyid(n.nspowner))" FROM_SCHEMAS
	" UNION ALL SELECT 'owner', " RELATION
	", quote_ident(pg_get_userbyid(c.relowner))" FROM_RELATIONS
	" UNION ALL SELECT 'owner', " FUNCTION
	", quote_ident(pg_get_userbyid(p.proowner))" FROM_FUNCTIONS,
	/* grants, the owner's own left out; what is granted by default is spelled out */
	"WITH acls (name, owner, acl) AS (SELECT quote_ident(n.nspname), n.nspowner, "
	"COALESCE(n.nspacl, acldefault('n', n.nspowner))" FROM_SCHEMAS " UNION ALL SELECT " RELATION
	", c.relowner, COALESCE(c.relacl, acldefault('r', c.relowner))" FROM_RELATIONS
	" UNION ALL SELECT " FUNCTION
	", p.proowner, COALESCE(p.proacl, acldefault('f', p.proowner))" FROM_FUNCTIONS
	" UNION ALL SELECT " RELATION
	" || '.' || quote_ident(a.attname), c.relowner, a.attacl FROM "
	"pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = "
	"c.relnamespace WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND " SCHEMAS ") "
	"SELECT 'grant', acls.name || ' to ' || CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE "
	"quote_ident(pg_get_userbyid(g.grantee)) END, string_agg(DISTINCT g.privilege_type || CASE "
	"WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ')"
	" FROM acls, LATERAL aclexplode(acls.acl) AS g WHERE g.grantee <> acls.owner GROUP BY 1, 2",
};

/* Answers with name, whether its rows can be counted, whether it is a table of its own. Row level
 * security would make a count lie, and a materialized view that was never filled cannot be read. */
static const char tables[] =
	"SELECT " RELATION ", (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, "
	"'SELECT') AND NOT row_security_active(c.oid) AND (c.relkind <> 'm' OR c.relispopulated)), "
	"(c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition)" FROM_RELATIONS " ORDER BY 1";

/* As a literal, whatever standard_conforming_strings says. */
static void append_literal(GString *sql, const char *text)
{
	g_string_append(sql, "E'");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			g_string_append_c(sql, *text);
		g_string_append_c(sql, *text);
	}
	g_string_append_c(sql, '\'');
}

static char *schemas_condition(char *const *schemas)
{
	GString *sql = g_string_new(NULL);

	if (!schemas || !*schemas)
		return g_string_free(g_string_append(sql, "n.nspname <> 'information_schema' AND "
							  "left(n.nspname, 3) <> 'pg_'"),
				     FALSE);
	g_string_append(sql, "n.nspname IN (");
	for (char *const *schema = schemas; *schema; schema++) {
		g_string_append(sql, schema == schemas ? "" : ", ");
		append_literal(sql, *schema);
	}
	g_string_append_c(sql, ')');
	return g_string_free(sql, FALSE);
}

static char *fill_in(const char *statement, const char *condition)
{
	g_auto(GStrv) parts = g_strsplit(statement, SCHEMAS, -1);

	return g_strjoinv(condition, parts);
}

char **catalogue_postgres_statements(char *const *schemas)
{
	g_autofree char *condition = schemas_condition(schemas);
	GPtrArray *statements = g_ptr_array_new();

	g_ptr_array_add(statements, g_strdup(settings));
	for (size_t i = 0; i < G_N_ELEMENTS(catalogues); i++)
		g_ptr_array_add(statements, fill_in(catalogues[i], condition));
	g_ptr_array_add(statements, fill_in(tables, condition));
	g_ptr_array_add(statements, NULL);
	return (char **)g_ptr_array_free(statements, FALSE);
}

/* --- the answers --- */

static bool check_shape(const struct pg_result *result, guint columns, GError **error)
{
	if (result->columns->len != columns) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%u columns instead of %u",
			    result->columns->len, columns);
		return false;
	}
	if (result->total_rows > result->rows->len) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "more than %d objects of a kind: name fewer schemas", PG_ROWS_MAX);
		return false;
	}
	return true;
}

static bool add_objects(struct inventory *inventory, const struct pg_result *result, GError **error)
{
	if (!check_shape(result, 3, error))
		return false;
	for (guint i = 0; i < result->rows->len; i++) {
		char *const *row = result->rows->pdata[i];

		if (!row[0] || !row[1] || !inventory_knows_type(row[0])) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "an object without type or name");
			return false;
		}
		if (!inventory_add(inventory, row[0], row[1], row[2], error))
			return false;
	}
	return true;
}

static void free_table(gpointer data)
{
	struct catalogue_table *table = data;

	g_free(table->name);
	g_free(table);
}

static bool is_true(const char *cell)
{
	return cell && strcmp(cell, "t") == 0; /* NULL: it went meanwhile */
}

static bool add_table(struct inventory *inventory, char *const *row,
		      const struct inventory *expected, GPtrArray *wanted, GError **error)
{
	int64_t needed = expected          ? inventory_rows_needed(expected, row[0])
			 : is_true(row[2]) ? 1
					   : 0;
	struct catalogue_table *table = NULL;

	if (needed == 0)
		return true;
	if (!is_true(row[1]))
		return inventory_add_rows(inventory, row[0], INVENTORY_ROWS_UNKNOWN, false, error);
	table = g_new0(struct catalogue_table, 1);
	table->name = g_strdup(row[0]);
	table->needed = needed;
	g_ptr_array_add(wanted, table);
	return true;
}

bool catalogue_postgres_decode(struct inventory *inventory, const GPtrArray *results,
			       const struct inventory *expected, GPtrArray **ret_tables,
			       GError **error)
{
	g_autoptr(GPtrArray) wanted = g_ptr_array_new_with_free_func(free_table);
	const struct pg_result *last = results->pdata[results->len - 1];

	for (guint i = 1; i + 1 < results->len; i++) /* the first only sets */
		if (!add_objects(inventory, results->pdata[i], error))
			return false;
	if (!check_shape(last, 3, error))
		return false;
	for (guint i = 0; i < last->rows->len; i++)
		if (!add_table(inventory, last->rows->pdata[i], expected, wanted, error))
			return false;
	*ret_tables = g_steal_pointer(&wanted);
	return true;
}

/* --- counts --- */

char *catalogue_postgres_count(struct catalogue_table *const *counted, size_t count)
{
	GString *sql = g_string_new(NULL);

	for (size_t i = 0; i < count; i++)
		g_string_append_printf(
			sql,
			"%sSELECT %zu, (SELECT count(*) FROM (SELECT 1 FROM %s LIMIT "
			"%" PRId64 ") AS c)",
			i > 0 ? "\nUNION ALL\n" : "", i, counted[i]->name, counted[i]->needed);
	return g_string_free(sql, FALSE);
}

bool catalogue_postgres_take_counts(struct inventory *inventory,
				    struct catalogue_table *const *counted, size_t count,
				    const struct pg_result *result, GError **error)
{
	if (!check_shape(result, 2, error))
		return false;
	for (guint i = 0; i < result->rows->len; i++) {
		char *const *row = result->rows->pdata[i];
		guint64 which = 0;
		gint64 rows = 0;

		if (!row[0] || !row[1] ||
		    !g_ascii_string_to_unsigned(row[0], 10, 0, count - 1, &which, NULL) ||
		    !g_ascii_string_to_signed(row[1], 10, 0, G_MAXINT64, &rows, NULL)) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "a count that is no number");
			return false;
		}
		if (!inventory_add_rows(inventory, counted[which]->name, rows,
					rows == counted[which]->needed, error))
			return false;
	}
	return true;
}
