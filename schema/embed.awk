# Turns the migrations and schema/queries.sql into C string tables: awk -f embed.awk 001_*.sql … queries.sql > schema.c
# Empty lines and lines that are nothing but a comment stay behind. Any mistake ends with status 1 and says where.
function fail(message) {
	print FILENAME ":" FNR ": " message > "/dev/stderr"
	failed = 1
	exit 1
}
function literal(line) {
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\"", line)
	return "\t\"" line "\\n\"\n"
}
BEGIN {
	print "/* Made from schema/ by embed.awk: do not edit. */"
	print "#include <assert.h>\n#include <string.h>\n#include \"store/schema.h\"\n"
	print "/* ISO C promises 4095 characters only; our compilers have no such limit. */"
	print "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
}
FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	is_queries = file == "queries.sql"
	if (!is_queries) {
		if (file !~ /^[0-9][0-9][0-9]_.*\.sql$/)
			fail("a migration is called NNN_name.sql")
		if (file + 0 != migrations + 1)
			fail("migrations are numbered 001, 002 … without a gap")
		order[++migrations] = file
	}
}
is_queries && /^-- name: / {
	if ($3 !~ /^[a-z][a-z0-9_]*$/ || NF != 3 || $3 in seen)
		fail("a query needs a name of its own (a-z, 0-9, _)")
	seen[$3] = 1
	names[++queries] = $3
	next
}
/^[ \t]*(--.*)?$/ { next }
is_queries && queries == 0 { fail("SQL before the first \"-- name:\"") }
is_queries { text["query " queries] = text["query " queries] literal($0); next }
{ text[file] = text[file] literal($0) }
END {
	if (failed)
		exit 1
	if (migrations == 0 || queries == 0)
		fail("needs at least one migration and queries.sql")
	print "const struct schema_migration schema_migrations[] = {"
	for (i = 1; i <= migrations; i++)
		printf "\t{%d, \"%s\",\n%s\t},\n", order[i] + 0, order[i], text[order[i]]
	printf "};\nconst size_t schema_migration_count = %d;\n\n", migrations
	print "static const struct {\n\tconst char *name, *sql;\n} queries[] = {"
	for (i = 1; i <= queries; i++) {
		if (text["query " i] == "")
			fail("query " names[i] " is empty")
		printf "\t{\"%s\",\n%s\t},\n", names[i], text["query " i]
	}
	print "};\n"
	print "const char *schema_query(const char *name)\n{"
	print "\tfor (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)"
	print "\t\tif (strcmp(queries[i].name, name) == 0)\n\t\t\treturn queries[i].sql;"
	print "\tassert(0 && \"a query that schema/queries.sql does not have\");\n\treturn NULL;\n}"
}
