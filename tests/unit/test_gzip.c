#include <check.h>
#include <string.h>
#include <zlib.h>

#include "api/gzip.h"

Suite *gzip_suite(void);

/* By zlib, which checks the sum and the length at the end too. */
static char *expand(const char *bytes, size_t length, size_t wanted)
{
	z_stream stream = {0};
	char *to = g_malloc(wanted + 1);

	ck_assert_int_eq(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)bytes; /* it does not write there */
	stream.avail_in = (uInt)length;
	stream.next_out = (Bytef *)to;
	stream.avail_out = (uInt)wanted + 1;
	ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(stream.total_out, wanted);
	ck_assert_uint_eq(stream.avail_in, 0);
	ck_assert_int_eq(inflateEnd(&stream), Z_OK);
	return to;
}

static const size_t lengths[] = {0, 1, 1023, 1024, 65535, 65536, 3000000};

START_TEST(test_round_trip)
{
	size_t length = lengths[_i], packed_length = 0;
	g_autofree char *plain = g_malloc(length + 1);
	g_autofree char *packed = NULL;
	g_autofree char *back = NULL;

	for (size_t i = 0; i < length; i++)
		plain[i] = "{\"state\":\"drift\"}\n"[i % 18];
	packed = gzip_compress(plain, length, &packed_length);
	ck_assert_int_eq((unsigned char)packed[0], 0x1f);
	ck_assert_int_eq((unsigned char)packed[1], 0x8b);
	if (length >= 1023)
		ck_assert_uint_lt(packed_length, length / 10);
	back = expand(packed, packed_length, length);
	ck_assert_mem_eq(back, plain, length);
}
END_TEST

/* What cannot be made smaller becomes a little larger, and nothing worse. */
START_TEST(test_noise)
{
	const size_t length = 100000;
	g_autofree char *plain = g_malloc(length);
	size_t packed_length = 0;
	g_autofree char *packed = NULL;
	g_autofree char *back = NULL;
	guint32 noise = 1;

	for (size_t i = 0; i < length; i++) {
		noise = noise * 1664525u + 1013904223u;
		plain[i] = (char)(noise >> 24);
	}
	packed = gzip_compress(plain, length, &packed_length);
	ck_assert_uint_lt(packed_length, length + 1000);
	back = expand(packed, packed_length, length);
	ck_assert_mem_eq(back, plain, length);
}
END_TEST

Suite *gzip_suite(void)
{
	Suite *suite = suite_create("gzip");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_round_trip, 0, G_N_ELEMENTS(lengths));
	tcase_add_test(tcase, test_noise);
	suite_add_tcase(suite, tcase);
	return suite;
}
