/* Tests of lib/alert/link.c */
#include "alert/link.h"

#include <check.h>
#include <string.h>

Suite *link_suite(void);

#define NOW ((int64_t)1795162200000)
#define SECRET "0123456789abcdef"

/* GitHub: "Validating webhook deliveries"; RFC 4231 test cases 1, 2 and 4 to 7 with keys that are
 * text; the rest by openssl dgst -hmac. */
static const struct {
	const char *secret, *bytes, *want;
} hmac_cases[] = {
	{"It's a Secret to Everybody", "Hello, World!",
	 "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
	{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
	 "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{"Jefe", "what do ya want for nothing?",
	 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
	 "\x17\x18\x19",
	 "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
	 "\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
	 "\xcd\xcd\xcd\xcd\xcd\xcd",
	 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	{"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

START_TEST(test_hmac)
{
	g_autofree char *got = link_hmac_hex(hmac_cases[_i].secret, hmac_cases[_i].bytes,
					     strlen(hmac_cases[_i].bytes));

	ck_assert_str_eq(got, hmac_cases[_i].want);
}
END_TEST

START_TEST(test_hmac_long_key)
{
	/* RFC 4231 test case 6: a key longer than a block */
	g_autofree char *key = g_strnfill(131, '\xaa');
	const char *bytes = "Test Using Larger Than Block-Size Key - Hash Key First";
	g_autofree char *got = link_hmac_hex(key, bytes, strlen(bytes));

	ck_assert_str_eq(got, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

/* The parts of a link. */
struct parts {
	char *path, *expiry, *signature;
};

static struct parts take_apart(const char *url)
{
	g_auto(GStrv) halves = g_strsplit(url, "?e=", 2);
	g_auto(GStrv) query = g_strsplit(halves[1] ? halves[1] : "", "&s=", 2);

	return (struct parts){g_strdup(halves[0]), g_strdup(query[0]), g_strdup(query[1])};
}

static void parts_done(struct parts *parts)
{
	g_free(parts->path);
	g_free(parts->expiry);
	g_free(parts->signature);
}

START_TEST(test_url)
{
	g_autofree char *url = link_ack_url("https://drift.example", SECRET, 12, NOW);
	g_autofree char *plain = link_ack_url("https://drift.example", NULL, 12, NOW);
	g_autofree char *empty = link_ack_url("https://drift.example", "", 12, NOW);
	struct parts parts = take_apart(url);

	ck_assert_str_eq(parts.path, "https://drift.example/ack/12");
	ck_assert_str_eq(parts.expiry, "1795767000"); /* seven days later */
	ck_assert_uint_eq(strlen(parts.signature), 64);
	ck_assert_str_eq(plain, "https://drift.example/ack/12");
	ck_assert_str_eq(empty, plain);
	parts_done(&parts);
}
END_TEST

#define GOOD_E "1795767000"
#define END ((int64_t)1795767000000)

/* What is changed of a good link for incident 12. */
static const struct {
	const char *secret;
	int64_t incident;
	const char *expiry;    /* NULL: the good one */
	const char *signature; /* NULL: the good one */
	int64_t now_wall_ms;
	enum link_check want;
} check_cases[] = {
	{SECRET, 12, NULL, NULL, NOW, LINK_CHECK_GOOD},
	{SECRET, 12, NULL, NULL, END - 1, LINK_CHECK_GOOD},
	{SECRET, 12, NULL, NULL, END, LINK_CHECK_EXPIRED},
	{SECRET, 12, NULL, NULL, END + MS_PER_DAY, LINK_CHECK_EXPIRED},
	{SECRET, 13, NULL, NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 1, NULL, NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 13, NULL, NULL, END, LINK_CHECK_BAD}, /* forged before it is old */
	{"another secret 00", 12, NULL, NULL, NOW, LINK_CHECK_BAD},
	{NULL, 12, NULL, NULL, NOW, LINK_CHECK_BAD},
	{"", 12, NULL, NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 12, "1795767001", NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 12, "01795767000", NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 12, "+1795767000", NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 12, "9999999999999999999", NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 12, "", NULL, NOW, LINK_CHECK_BAD},
	{SECRET, 12, NULL, "", NOW, LINK_CHECK_BAD},
	{SECRET, 12, NULL, "0", NOW, LINK_CHECK_BAD},
	{SECRET, 12, NULL, "0000000000000000000000000000000000000000000000000000000000000000", NOW,
	 LINK_CHECK_BAD},
};

START_TEST(test_check)
{
	g_autofree char *url = link_ack_url("http://x", SECRET, 12, NOW);
	struct parts parts = take_apart(url);
	enum link_check got = link_check_ack(
		check_cases[_i].secret, check_cases[_i].incident,
		check_cases[_i].expiry ? check_cases[_i].expiry : parts.expiry,
		check_cases[_i].signature ? check_cases[_i].signature : parts.signature,
		check_cases[_i].now_wall_ms);

	ck_assert_int_eq(got, check_cases[_i].want);
	parts_done(&parts);
}
END_TEST

START_TEST(test_missing)
{
	g_autofree char *url = link_ack_url("http://x", SECRET, 12, NOW);
	struct parts parts = take_apart(url);

	ck_assert_int_eq(link_check_ack(SECRET, 12, NULL, parts.signature, NOW), LINK_CHECK_BAD);
	ck_assert_int_eq(link_check_ack(SECRET, 12, parts.expiry, NULL, NOW), LINK_CHECK_BAD);
	ck_assert_int_eq(link_check_ack(SECRET, 12, NULL, NULL, NOW), LINK_CHECK_BAD);
	parts_done(&parts);
}
END_TEST

START_TEST(test_every_digit_counts)
{
	g_autofree char *url = link_ack_url("http://x", SECRET, 12, NOW);
	struct parts parts = take_apart(url);

	for (size_t i = 0; i < strlen(parts.signature); i++) {
		char was = parts.signature[i];

		parts.signature[i] = was == '0' ? '1' : '0';
		ck_assert_int_eq(link_check_ack(SECRET, 12, parts.expiry, parts.signature, NOW),
				 LINK_CHECK_BAD);
		parts.signature[i] = was;
	}
	ck_assert_int_eq(link_check_ack(SECRET, 12, parts.expiry, parts.signature, NOW),
			 LINK_CHECK_GOOD);
	parts_done(&parts);
}
END_TEST

START_TEST(test_purpose_is_signed)
{
	/* the same numbers signed for anything else, or for nothing, are no acknowledgement */
	const char *texts[] = {"12:" GOOD_E, "driftd:silence:12:" GOOD_E, "ack:12:" GOOD_E,
			       "driftd:ack:12" GOOD_E, "12" GOOD_E};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *other = link_hmac_hex(SECRET, texts[i], strlen(texts[i]));

		ck_assert_int_eq(link_check_ack(SECRET, 12, GOOD_E, other, NOW), LINK_CHECK_BAD);
	}
}
END_TEST

Suite *link_suite(void)
{
	Suite *suite = suite_create("link");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_hmac, 0, G_N_ELEMENTS(hmac_cases));
	tcase_add_test(tcase, test_hmac_long_key);
	tcase_add_test(tcase, test_url);
	tcase_add_loop_test(tcase, test_check, 0, G_N_ELEMENTS(check_cases));
	tcase_add_test(tcase, test_missing);
	tcase_add_test(tcase, test_every_digit_counts);
	tcase_add_test(tcase, test_purpose_is_signed);
	suite_add_tcase(suite, tcase);
	return suite;
}
