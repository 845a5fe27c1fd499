/* run - every unit suite. Arguments name the suites to run ("list" names them all). */
#include <check.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITES(X)                                                                                  \
	X(accept)                                                                                  \
	X(ack_page)                                                                                \
	X(active)                                                                                  \
	X(affected)                                                                                \
	X(alerting_rows)                                                                           \
	X(alertmanager_alerts)                                                                     \
	X(alerts_view)                                                                             \
	X(api_data)                                                                                \
	X(api_history)                                                                             \
	X(app)                                                                                     \
	X(asserts)                                                                                 \
	X(assets)                                                                                  \
	X(auth)                                                                                    \
	X(auth_oidc)                                                                               \
	X(backups)                                                                                 \
	X(badge)                                                                                   \
	X(bigquery)                                                                                \
	X(bigquery_decode)                                                                         \
	X(body)                                                                                    \
	X(book)                                                                                    \
	X(book_item)                                                                               \
	X(book_quiet)                                                                              \
	X(budget)                                                                                  \
	X(catalogue)                                                                               \
	X(chart)                                                                                   \
	X(check_api)                                                                               \
	X(clk)                                                                                     \
	X(cloud)                                                                                   \
	X(completions)                                                                             \
	X(completions_run)                                                                         \
	X(config)                                                                                  \
	X(config_alert)                                                                            \
	X(config_alert_problems)                                                                   \
	X(config_data)                                                                             \
	X(config_data_problems)                                                                    \
	X(config_design)                                                                           \
	X(config_problems)                                                                         \
	X(config_sql)                                                                              \
	X(config_view)                                                                             \
	X(credentials)                                                                             \
	X(credentials_cache)                                                                       \
	X(cron)                                                                                    \
	X(days)                                                                                    \
	X(definition)                                                                              \
	X(delivery)                                                                                \
	X(delivery_faults)                                                                         \
	X(delivery_reload)                                                                         \
	X(delivery_storm)                                                                          \
	X(drift_error)                                                                             \
	X(dur)                                                                                     \
	X(eval_assertion)                                                                          \
	X(eval_backup)                                                                             \
	X(eval_completion)                                                                         \
	X(eval_condition)                                                                          \
	X(eval_content)                                                                            \
	X(eval_data_properties)                                                                    \
	X(eval_inventory)                                                                          \
	X(eval_lessons)                                                                            \
	X(eval_properties)                                                                         \
	X(eval_service)                                                                            \
	X(eval_setting)                                                                            \
	X(eval_table)                                                                              \
	X(eval_table_due)                                                                          \
	X(eval_table_partition)                                                                    \
	X(eval_time)                                                                               \
	X(events)                                                                                  \
	X(fault)                                                                                   \
	X(figures)                                                                                 \
	X(firestore)                                                                               \
	X(folder_format)                                                                           \
	X(forms)                                                                                   \
	X(frame)                                                                                   \
	X(freshness)                                                                               \
	X(functions)                                                                               \
	X(gate_early)                                                                              \
	X(git_worker)                                                                              \
	X(gitcmd)                                                                                  \
	X(github_issue)                                                                            \
	X(google_call)                                                                             \
	X(grafana)                                                                                 \
	X(gzip)                                                                                    \
	X(hooks)                                                                                   \
	X(html)                                                                                    \
	X(http_client)                                                                             \
	X(http_queue)                                                                              \
	X(http_source)                                                                             \
	X(incident)                                                                                \
	X(incidents_api)                                                                           \
	X(ini)                                                                                     \
	X(inventories)                                                                             \
	X(inventory)                                                                               \
	X(inventory_compare)                                                                       \
	X(json)                                                                                    \
	X(jwks)                                                                                    \
	X(keyfile)                                                                                 \
	X(link)                                                                                    \
	X(list_pages)                                                                              \
	X(log)                                                                                     \
	X(markers)                                                                                 \
	X(matcher)                                                                                 \
	X(message_pages)                                                                           \
	X(metrics)                                                                                 \
	X(metrics_series)                                                                          \
	X(mirror)                                                                                  \
	X(notice)                                                                                  \
	X(observation)                                                                             \
	X(oidc)                                                                                    \
	X(oidc_keys)                                                                               \
	X(openapi)                                                                                 \
	X(options)                                                                                 \
	X(overview)                                                                                \
	X(paging)                                                                                  \
	X(pathset)                                                                                 \
	X(pg)                                                                                      \
	X(pg_fault)                                                                                \
	X(repo)                                                                                    \
	X(repo_answers)                                                                            \
	X(repo_forms)                                                                              \
	X(repo_random)                                                                             \
	X(resolve)                                                                                 \
	X(router)                                                                                  \
	X(run)                                                                                     \
	X(schedule)                                                                                \
	X(select)                                                                                  \
	X(serve)                                                                                   \
	X(server)                                                                                  \
	X(server_forms)                                                                            \
	X(server_stream)                                                                           \
	X(settings)                                                                                \
	X(silences_api)                                                                            \
	X(sink)                                                                                    \
	X(slack)                                                                                   \
	X(snapshot)                                                                                \
	X(sources)                                                                                 \
	X(sources_life)                                                                            \
	X(statedir)                                                                                \
	X(storage_list)                                                                            \
	X(store)                                                                                   \
	X(store_alerts)                                                                            \
	X(store_alerts_prune)                                                                      \
	X(store_alerts_read)                                                                       \
	X(store_events)                                                                            \
	X(store_faults)                                                                            \
	X(store_outbox)                                                                            \
	X(store_read)                                                                              \
	X(store_samples)                                                                           \
	X(store_upgrade)                                                                           \
	X(strip)                                                                                   \
	X(summary)                                                                                 \
	X(tables)                                                                                  \
	X(tables_faults)                                                                           \
	X(tables_sql)                                                                              \
	X(tally)                                                                                   \
	X(target_page)                                                                             \
	X(text)                                                                                    \
	X(timefmt)                                                                                 \
	X(verdict)                                                                                 \
	X(verdict_detail)                                                                          \
	X(verdict_detail_text)                                                                     \
	X(verdict_json)                                                                            \
	X(verdict_text)                                                                            \
	X(webhook)

#define DECLARE(name) Suite *name##_suite(void);
SUITES(DECLARE)

/** No arguments: all. */
static bool is_wanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	SRunner *runner;
	int failed;

	if (argc > 1 && strcmp(argv[1], "list") == 0) {
#define LIST(name) (void)puts(#name);
		SUITES(LIST)
		return EXIT_SUCCESS;
	}
	/* GLib makes its C locale at the first call. Two threads that meet there may find an errno that is
	 * none of theirs, and a good number refused. driftd has read its configuration by then. */
	(void)g_ascii_strtoll("0", NULL, 10);
	runner = srunner_create(NULL);
#define ADD(name)                                                                                  \
	if (is_wanted(argc, argv, #name))                                                          \
		srunner_add_suite(runner, name##_suite());
	SUITES(ADD)
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
