// SPDX-License-Identifier: Apache-2.0
// Results by hand.
#include "tests/made_result.h"

#include "conformance/clauses/groups.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One folder for all tests of a program: ci/mutate ends tests early.
static char folder[] = "/tmp/test-result-XXXXXX";
char made_file[64];

int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 1;
    }
    snprintf(made_file, sizeof made_file, "%s/file", folder);
    return 0;
}

void test_clean_up(void)
{
    unlink(made_file);
    rmdir(folder);
}

static void add_check(struct result *result, const struct planned *planned)
{
    struct scenario_result *scenario = NULL;
    for (size_t i = 0; i < result->scenario_count; i++)
        if (strcmp(result->scenarios[i].name, planned->scenario) == 0)
            scenario = &result->scenarios[i];
    if (scenario == NULL) {
        result->scenarios =
            reallocarray(result->scenarios, result->scenario_count + 1, sizeof *result->scenarios);
        ck_assert_ptr_nonnull(result->scenarios);
        scenario = &result->scenarios[result->scenario_count++];
        *scenario = (struct scenario_result){.name = strdup(planned->scenario), .finished = true};
    }
    scenario->checks =
        reallocarray(scenario->checks, scenario->check_count + 2, sizeof *scenario->checks);
    ck_assert_ptr_nonnull(scenario->checks);
    struct check *check = &scenario->checks[scenario->check_count++];
    *check = (struct check){.clause = clause_find(planned->clause),
                            .charset = planned->charset,
                            .judged = true,
                            .verdict = {.kind = planned->kind}};
    ck_assert_ptr_nonnull(check->clause);
    snprintf(check->verdict.got, sizeof check->verdict.got, "%s",
             planned->got == NULL ? "" : planned->got);
    scenario->planned_count = scenario->check_count;
    check[1] = (struct check){.judged = true, .verdict = {.kind = VERDICT_FAIL}};
}

struct result make_result(const struct planned *planned, size_t count)
{
    struct result result = {
        .implementation = strdup("x.so"), .profile = "documented", .effort = "standard"};
    for (size_t i = 0; i < count; i++)
        add_check(&result, &planned[i]);
    return result;
}

char *list_differences(const struct diff *diff)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    for (size_t i = 0; i < diff->count; i++)
        fprintf(stream, "%s %s %s %s\n", difference_name(diff->items[i].kind),
                diff->items[i].subject, diff->items[i].scenario, diff->items[i].charset);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

void excuse(struct result *result, const struct waivers *waivers, const struct baseline *baseline)
{
    const struct reporter nobody = {0};
    struct reporter reporter;
    struct regression regression = {
        .waivers = waivers, .baseline = baseline, .result = result, .next = &nobody};
    regression_reporter(&reporter, &regression);
    regression_tell(&reporter, result);
}
