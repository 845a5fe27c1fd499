/* git_fixture - real repositories for tests, made by the real git in temporary folders. */
#ifndef DRIFT_TESTS_GIT_FIXTURE_H
#define DRIFT_TESTS_GIT_FIXTURE_H

#include <glib.h>
#include <stdbool.h>

/** Committer time of the first commit described, in seconds; each later one is 100 s newer. */
#define GIT_FIXTURE_EPOCH_S 1700000000

/** A repository with named commits. */
struct git_fixture {
	char *dir;       /* a bare repository */
	GHashTable *ids; /* name -> full id */
	guint count;     /* commits described so far */
};

/** A new folder, and away with it and all in it. */
char *git_fixture_make_dir(void);
void git_fixture_remove_dir(char *dir);

/** Run git in @p dir with these words (NULL-terminated); what it prints, stripped. Fails the test
 * when git fails. Caller frees. */
char *git_fixture_run(const char *dir, ...) G_GNUC_NULL_TERMINATED;

/** The same, what it prints thrown away. */
void git_fixture_do(const char *dir, ...) G_GNUC_NULL_TERMINATED;

/** Run git in @p dir: its exit status. */
int git_fixture_status(const char *dir, ...) G_GNUC_NULL_TERMINATED;

/** Run git in @p dir with @p input (@p length bytes) on standard input. Caller frees. */
char *git_fixture_feed(const char *dir, const char *input, gsize length,
		       ...) G_GNUC_NULL_TERMINATED;

/** An empty bare repository. */
void git_fixture_init(struct git_fixture *fixture);
void git_fixture_done(struct git_fixture *fixture);

/**
 * Add commits, one a line: "NAME[:PARENT,PARENT…] OPERATION…", where files are those of the first
 * parent and an operation is PATH=TEXT (a file), +PATH=TEXT (an executable one), @PATH=TARGET (a
 * symbolic link), %PATH=ID (a submodule), -PATH (gone, with all below). Each commit gets a branch
 * of its name. */
void git_fixture_add(struct git_fixture *fixture, const char *description);

/** Full id of a commit described. */
const char *git_fixture_id(const struct git_fixture *fixture, const char *name);

/** Point refs/heads/main at a commit. */
void git_fixture_set_main(const struct git_fixture *fixture, const char *name);

#endif
