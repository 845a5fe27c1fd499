/* object - see object.h */
#include "git/object.h"

#include <openssl/evp.h>
#include <string.h>

#include "drift_error.h"
#include "text.h"

/** Committer times beyond the year 9999 are lies; they would not fit RFC 3339 either. */
#define COMMITTED_MAX_S INT64_C(253402300799)

/** "parent " and "tree " before an id. */
#define PARENT_LINE_BYTES (sizeof("parent ") - 1 + GIT_OID_HEXSZ + 1)

void object_set_git_error(GError **error, gint code, const char *what)
{
	const git_error *last = git_error_last();
	g_autofree char *message =
		text_to_utf8(last && last->message ? last->message : "no reason",
			     last && last->message ? strlen(last->message) : 9, 300);

	g_set_error(error, DRIFT_ERROR, code, "%s: %s", what, message);
}

void objects_init_library(void)
{
	EVP_MD *sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);

	/* where OpenSSL has none (a FIPS provider alone) libgit2 goes on checking */
	if (sha1)
		(void)git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION,
				       0); /* cannot fail */
	EVP_MD_free(sha1);
}

void objects_init(struct objects *objects)
{
	*objects = (struct objects){.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL)};
}

void objects_done(struct objects *objects)
{
	EVP_MD_free(objects->sha1);
	objects->sha1 = NULL;
}

/* Any bytes of an id are as good as others to spread ids. */
static size_t mark_place(const git_oid *id)
{
	return ((size_t)id->id[18] << 8 | id->id[19]) % OBJECT_MARKS;
}

void object_marks_add(struct object_marks *marks, const git_oid *id)
{
	marks->ids[mark_place(id)] = *id;
}

bool object_marks_has(const struct object_marks *marks, const git_oid *id)
{
	return git_oid_equal(&marks->ids[mark_place(id)], id) == 1;
}

bool objects_check_cancel(const struct objects *objects, GError **error)
{
	if (!objects->cancel || !atomic_load_explicit(objects->cancel, memory_order_relaxed))
		return true;
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_CANCELLED,
			    "reading the repository was given up");
	return false;
}

static const char *type_name(git_object_t type)
{
	return type == GIT_OBJECT_COMMIT ? "commit" : type == GIT_OBJECT_TREE ? "tree" : "tag";
}

static void set_read_error(struct objects *objects, int status, const git_oid *id,
			   git_object_t type, GError **error)
{
	g_autofree char *what = g_strdup_printf("read %s %s", type_name(type), git_oid_tostr_s(id));

	if (status != GIT_ENOTFOUND) {
		objects->damaged = true;
		object_set_git_error(error, DRIFT_ERROR_CORRUPT, what);
		return;
	}
	objects->damaged = objects->damaged || !objects->shallow;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
		    "%s: it is not in the repository, which is %s", what,
		    objects->shallow ? "a shallow clone" : "damaged or a clone without trees");
}

/* Bounded before it is unpacked. */
static bool check_header(struct objects *objects, const git_oid *id, git_object_t type,
			 GError **error)
{
	size_t max = type == GIT_OBJECT_TREE ? OBJECT_TREE_MAX_BYTES : OBJECT_COMMIT_MAX_BYTES;
	size_t length = 0;
	git_object_t actual = GIT_OBJECT_INVALID;
	int status = git_odb_read_header(&length, &actual, objects->odb, id);

	if (status != 0) {
		set_read_error(objects, status, id, type, error);
		return false;
	}
	if (actual != type)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT, "read %s %s: it is no %s",
			    type_name(type), git_oid_tostr_s(id), type_name(type));
	else if (length > max)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "read %s %s: %zu bytes, at most %zu are read", type_name(type),
			    git_oid_tostr_s(id), length, max);
	return actual == type && length <= max;
}

/* Do the bytes have the id they are kept under? "TYPE LENGTH", a NUL and the bytes are hashed. */
static bool is_intact(struct objects *objects, git_odb_object *object, const git_oid *id)
{
	g_autofree char *header = g_strdup_printf("%s %zu", type_name(git_odb_object_type(object)),
						  git_odb_object_size(object));
	EVP_MD_CTX *context;
	git_oid actual = {0};
	bool ok;

	if (!objects->sha1 || object_marks_has(&objects->intact, id))
		return true;
	context = EVP_MD_CTX_new();
	ok = context && EVP_DigestInit_ex2(context, objects->sha1, NULL) == 1 &&
	     EVP_DigestUpdate(context, header, strlen(header) + 1) == 1 &&
	     EVP_DigestUpdate(context, git_odb_object_data(object), git_odb_object_size(object)) ==
		     1 &&
	     EVP_DigestFinal_ex(context, actual.id, NULL) == 1 && git_oid_equal(&actual, id) == 1;
	EVP_MD_CTX_free(context);
	if (ok)
		object_marks_add(&objects->intact, id);
	return ok;
}

git_odb_object *objects_read(struct objects *objects, const git_oid *id, git_object_t type,
			     GError **error)
{
	git_odb_object *object = NULL;
	int status;

	if (!objects_check_cancel(objects, error) || !check_header(objects, id, type, error))
		return NULL;
	status = git_odb_read(&object, objects->odb, id);
	if (status == 0 && git_odb_object_type(object) == type && is_intact(objects, object, id))
		return object;
	git_odb_object_free(object);
	if (status == 0)
		git_error_set_str(GIT_ERROR_ODB, "its bytes do not fit its id");
	set_read_error(objects, status, id, type, error);
	return NULL;
}

bool objects_has(const struct objects *objects, const git_oid *id)
{
	return git_odb_exists_ext(objects->odb, id, GIT_ODB_LOOKUP_NO_REFRESH) == 1;
}

static bool set_malformed(GError **error, const char *what)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT, "malformed %s", what);
	return false;
}

/* "KEY ID\n" at *at: takes it. */
static bool take_id(const char **at, const char *end, const char *key, git_oid *ret_id)
{
	size_t key_length = strlen(key);

	if ((size_t)(end - *at) < key_length + GIT_OID_HEXSZ + 1 ||
	    memcmp(*at, key, key_length) != 0 || (*at)[key_length + GIT_OID_HEXSZ] != '\n' ||
	    git_oid_fromstrn(ret_id, *at + key_length, GIT_OID_HEXSZ) != 0)
		return false;
	*at += key_length + GIT_OID_HEXSZ + 1;
	return true;
}

/* "Name <mail> seconds zone": what stands before the mail. */
static void parse_author(const char *line, size_t length, struct object_commit *ret)
{
	const char *mail = memchr(line, '<', length);
	size_t name = mail ? (size_t)(mail - line) : length;

	while (name > 0 && line[name - 1] == ' ')
		name--;
	ret->author = line;
	ret->author_length = name;
}

static int64_t parse_time(const char *line, size_t length)
{
	const char *mail_end = memrchr(line, '>', length);
	const char *end = line + length;
	int64_t seconds = 0;

	if (!mail_end)
		return 0;
	for (const char *at = mail_end + 1; at < end && (*at == ' ' || g_ascii_isdigit(*at));
	     at++) {
		if (*at == ' ' && seconds > 0)
			break; /* the zone follows */
		if (*at != ' ')
			seconds = MIN(seconds * 10 + (*at - '0'), COMMITTED_MAX_S);
	}
	return seconds;
}

static bool has_key(const char *line, size_t length, const char *key)
{
	return length >= strlen(key) && memcmp(line, key, strlen(key)) == 0;
}

static void take_header(const char *line, size_t length, struct object_commit *ret)
{
	if (has_key(line, length, "author ")) {
		parse_author(line + 7, length - 7, ret);
	} else if (has_key(line, length, "committer ")) {
		ret->committed_s = parse_time(line + 10, length - 10);
	} else if (has_key(line, length, "encoding ")) {
		ret->encoding = line + 9;
		ret->encoding_length = length - 9;
	}
}

bool object_parse_commit(const char *data, size_t length, struct object_commit *ret, GError **error)
{
	struct object_commit commit = {.author = data};
	const char *at = data;
	const char *end = data + length;
	git_oid parent;

	if (!take_id(&at, end, "tree ", &commit.tree))
		return set_malformed(error, "commit: no tree");
	commit.parents = at;
	while (take_id(&at, end, "parent ", &parent)) {
		if (++commit.parent_count > OBJECT_PARENTS_MAX)
			return set_malformed(error, "commit: too many parents");
	}
	while (at < end && *at != '\n') {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop)
			stop = end;
		take_header(at, (size_t)(stop - at), &commit);
		at = stop < end ? stop + 1 : end;
	}
	commit.message = at < end ? at + 1 : end;
	commit.message_length = (size_t)(end - commit.message);
	*ret = commit;
	return true;
}

void object_commit_parent(const struct object_commit *commit, uint32_t index, git_oid *ret_id)
{
	const char *line = commit->parents + index * PARENT_LINE_BYTES;

	g_assert(index < commit->parent_count);
	(void)git_oid_fromstrn(ret_id, line + sizeof("parent ") - 1,
			       GIT_OID_HEXSZ); /* worked when the commit was parsed */
}

/* Encodings that commits are found in. Others are shown as they are: iconv loads code by name. */
static bool is_known_encoding(const char *name)
{
	static const char *const begins[] = {"ISO-8859-", "ISO8859-", "LATIN", "WINDOWS-125",
					     "CP125",     "KOI8-",    "EUC-",  "SHIFT_JIS",
					     "GB",        "BIG5"};
	g_autofree char *upper = g_ascii_strup(name, -1);

	if (strspn(upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != strlen(upper))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(begins); i++) {
		if (g_str_has_prefix(upper, begins[i]))
			return true;
	}
	return false;
}

char *object_commit_text(const struct object_commit *commit, const char *start, size_t length,
			 size_t max_bytes)
{
	/* what is cut away is not converted: four bytes of input for one of output is the most */
	size_t used = MIN(length, max_bytes * 4);
	g_autofree char *encoding = NULL;
	g_autofree char *converted = NULL;
	gsize written = 0;

	if (commit->encoding && commit->encoding_length < 40) {
		encoding = g_strndup(commit->encoding, commit->encoding_length);
		if (is_known_encoding(encoding))
			converted = g_convert_with_fallback(start, (gssize)used, "UTF-8", encoding,
							    "?", NULL, &written, NULL);
	}
	if (converted)
		return text_to_utf8(converted, written, max_bytes);
	return text_to_utf8(start, length, max_bytes);
}

/* What git makes of the modes that old tools wrote (canon_mode of cache.h). */
static uint16_t canonical_mode(uint32_t mode)
{
	switch (mode & 0170000) {
	case 0100000:
		return mode & 0100 ? 0100755 : 0100644;
	case 0120000:
		return 0120000;
	case 0040000:
		return OBJECT_MODE_TREE;
	default:
		return 0160000;
	}
}

static bool parse_mode(struct object_cursor *cursor, uint32_t *ret_mode)
{
	uint32_t mode = 0;
	int digits = 0;

	for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '7'; cursor->at++) {
		mode = mode * 8 + (uint32_t)(*cursor->at - '0');
		if (++digits > 7)
			return false;
	}
	if (digits == 0 || cursor->at == cursor->end || *cursor->at != ' ')
		return false;
	cursor->at++;
	*ret_mode = mode;
	return true;
}

static bool is_bad_name(const char *name, size_t length)
{
	return length == 0 || memchr(name, '/', length) || (length == 1 && name[0] == '.') ||
	       (length == 2 && memcmp(name, "..", 2) == 0);
}

int object_compare_entries(const struct object_entry *a, const struct object_entry *b)
{
	size_t common = MIN(a->name_length, b->name_length);
	int order = memcmp(a->name, b->name, common);
	unsigned char next_a;
	unsigned char next_b;

	if (order != 0)
		return order;
	next_a = a->name_length > common       ? (unsigned char)a->name[common]
		 : a->mode == OBJECT_MODE_TREE ? '/'
					       : '\0';
	next_b = b->name_length > common       ? (unsigned char)b->name[common]
		 : b->mode == OBJECT_MODE_TREE ? '/'
					       : '\0';
	/* neither '/' nor NUL is in a name: the same next byte is the same end */
	return next_a < next_b ? -1 : next_a > next_b;
}

static bool parse_entry(struct object_cursor *cursor, struct object_entry *ret)
{
	uint32_t mode = 0;
	const char *name_end;

	if (!parse_mode(cursor, &mode))
		return false;
	name_end = memchr(cursor->at, '\0', (size_t)(cursor->end - cursor->at));
	if (!name_end || (size_t)(cursor->end - name_end) < 1 + GIT_OID_RAWSZ)
		return false;
	ret->name = cursor->at;
	ret->name_length = (size_t)(name_end - cursor->at);
	ret->mode = canonical_mode(mode);
	ret->id = name_end + 1;
	cursor->at = name_end + 1 + GIT_OID_RAWSZ;
	return !is_bad_name(ret->name, ret->name_length);
}

bool object_cursor_next(struct object_cursor *cursor, GError **error)
{
	struct object_entry entry = {0};

	cursor->start = cursor->at;
	if (cursor->at == cursor->end) {
		cursor->has_entry = false;
		return true;
	}
	if (!parse_entry(cursor, &entry))
		return set_malformed(error, "tree entry");
	/* trees are compared side by side, which is only right in git's order */
	if (cursor->has_entry && object_compare_entries(&cursor->entry, &entry) >= 0)
		return set_malformed(error, "tree: its entries are not sorted");
	cursor->entry = entry;
	cursor->has_entry = true;
	return true;
}

/* How many bytes are the same from the start. */
static size_t count_equal(const char *a, const char *b, size_t length)
{
	size_t i = 0;

	for (; i + 256 <= length && memcmp(a + i, b + i, 256) == 0; i += 256)
		;
	for (; i < length && a[i] == b[i]; i++)
		;
	return i;
}

void object_cursors_skip_equal(struct object_cursor *a, struct object_cursor *b)
{
	size_t length_a = (size_t)(a->end - a->start);
	size_t length_b = (size_t)(b->end - b->start);
	size_t equal = count_equal(a->start, b->start, MIN(length_a, length_b));
	size_t last = 0; /* where the latest entry begins that is the same as a whole */
	size_t next = 0;

	if (equal == length_a && equal == length_b) {
		a->at = a->start = a->end;
		b->at = b->start = b->end;
		a->has_entry = b->has_entry = false;
		return;
	}
	for (;;) {
		const char *name_end = memchr(a->start + next, '\0', equal - next);
		size_t end =
			name_end ? (size_t)(name_end - a->start) + 1 + GIT_OID_RAWSZ : equal + 1;

		if (end > equal)
			break;
		last = next;
		next = end;
	}
	if (last == 0)
		return;
	/* parsed before: one of the two is known to be well-formed up to there */
	a->at = a->start += last;
	b->at = b->start += last;
	(void)parse_entry(a, &a->entry);
	(void)parse_entry(b, &b->entry);
}

bool object_cursor_init(struct object_cursor *cursor, const char *data, size_t length,
			GError **error)
{
	*cursor = (struct object_cursor){.at = data, .end = data + length};
	return object_cursor_next(cursor, error);
}
