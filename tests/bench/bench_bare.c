/* bench_bare - the peer of a cycle over http services: a bare curl_multi loop of the same GETs.
 * Usage: bench_bare URL_PREFIX URL_SUFFIX COUNT PARALLEL; asks PREFIX%06dSUFFIX, prints milliseconds. */
#include "clk.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

struct load {
	CURLM *multi;
	const char *prefix, *suffix;
	int64_t next, count, good;
};

static size_t drop(char *bytes, size_t size, size_t count, void *data)
{
	(void)bytes;
	(void)data;
	return size * count;
}

static void add(struct load *load, CURL *easy)
{
	g_autofree char *url =
		g_strdup_printf("%s%06" PRId64 "%s", load->prefix, load->next++, load->suffix);

	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_multi_add_handle(load->multi, easy);
}

static void finish(struct load *load)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(load->multi, &left))) {
		CURL *easy = message->easy_handle;
		long status = 0;

		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		load->good += status == 200;
		(void)curl_multi_remove_handle(load->multi, easy);
		if (load->next < load->count)
			add(load, easy);
		else
			curl_easy_cleanup(easy);
	}
}

static void run(struct load *load, int64_t parallel)
{
	int running = 1;

	for (int64_t i = 0; i < parallel && load->next < load->count; i++) {
		CURL *easy = curl_easy_init();

		(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
		(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		add(load, easy);
	}
	while (running) {
		(void)curl_multi_perform(load->multi, &running);
		finish(load);
		if (load->next < load->count)
			running = 1;
		if (running)
			(void)curl_multi_poll(load->multi, NULL, 0, 1000, NULL);
		else
			(void)curl_multi_perform(load->multi, &running);
	}
	finish(load);
}

int main(int argc, char **argv)
{
	struct load load = {0};
	int64_t begun;

	if (argc != 5)
		return EXIT_FAILURE;
	load.prefix = argv[1];
	load.suffix = argv[2];
	load.count = g_ascii_strtoll(argv[3], NULL, 10);
	(void)curl_global_init(CURL_GLOBAL_ALL);
	load.multi = curl_multi_init();
	(void)curl_multi_setopt(load.multi, CURLMOPT_MAXCONNECTS, 64L);
	begun = clk_mono_ms();
	run(&load, g_ascii_strtoll(argv[4], NULL, 10));
	(void)printf("%" PRId64 "\n", clk_mono_ms() - begun);
	(void)curl_multi_cleanup(load.multi);
	curl_global_cleanup();
	return load.good == load.count ? EXIT_SUCCESS : EXIT_FAILURE;
}
