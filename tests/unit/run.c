/* run - every unit suite. CK_RUN_SUITE picks one. */
#include <check.h>
#include <stdlib.h>

#define SUITES(X)                                                                                  \
	X(affected)                                                                                \
	X(api_history)                                                                             \
	X(app)                                                                                     \
	X(auth)                                                                                    \
	X(clk)                                                                                     \
	X(cloud)                                                                                   \
	X(config)                                                                                  \
	X(config_problems)                                                                         \
	X(credentials)                                                                             \
	X(credentials_cache)                                                                       \
	X(cron)                                                                                    \
	X(drift_error)                                                                             \
	X(dur)                                                                                     \
	X(eval_content)                                                                            \
	X(eval_lessons)                                                                            \
	X(eval_properties)                                                                         \
	X(eval_service)                                                                            \
	X(eval_setting)                                                                            \
	X(eval_time)                                                                               \
	X(fault)                                                                                   \
	X(folder_format)                                                                           \
	X(functions)                                                                               \
	X(gate_early)                                                                              \
	X(git_worker)                                                                              \
	X(gitcmd)                                                                                  \
	X(google_call)                                                                             \
	X(http_client)                                                                             \
	X(http_queue)                                                                              \
	X(http_source)                                                                             \
	X(ini)                                                                                     \
	X(json)                                                                                    \
	X(keyfile)                                                                                 \
	X(log)                                                                                     \
	X(markers)                                                                                 \
	X(metrics)                                                                                 \
	X(mirror)                                                                                  \
	X(observation)                                                                             \
	X(openapi)                                                                                 \
	X(options)                                                                                 \
	X(pathset)                                                                                 \
	X(repo)                                                                                    \
	X(repo_answers)                                                                            \
	X(repo_forms)                                                                              \
	X(repo_random)                                                                             \
	X(resolve)                                                                                 \
	X(router)                                                                                  \
	X(run)                                                                                     \
	X(schedule)                                                                                \
	X(serve)                                                                                   \
	X(server)                                                                                  \
	X(settings)                                                                                \
	X(snapshot)                                                                                \
	X(sources)                                                                                 \
	X(sources_life)                                                                            \
	X(statedir)                                                                                \
	X(store)                                                                                   \
	X(store_faults)                                                                            \
	X(store_read)                                                                              \
	X(store_samples)                                                                           \
	X(tally)                                                                                   \
	X(text)                                                                                    \
	X(timefmt)                                                                                 \
	X(verdict)                                                                                 \
	X(verdict_json)                                                                            \
	X(verdict_text)

#define DECLARE(name) Suite *name##_suite(void);
SUITES(DECLARE)

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

#define ADD(name) srunner_add_suite(runner, name##_suite());
	SUITES(ADD)
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
