// SPDX-License-Identifier: Apache-2.0
// Tests of the damages: the reference, loaded into a process of its own, finds no table in any of
// them, writes nothing, and has its sessions again after the repair.
#include "emulator/table/damage.h"

#include "emulator/table/session_table.h"
#include "tests/folder.h"
#include "tests/main.h"

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    UNAVAILABLE = 0x13, // of 0xEFFF0013: what a child process can say
    LISTED = 0x40,      // and how many sessions it lists
    STRANGE = 0xFF,
    PATIENCE_S = 30,
    BUFFER_SIZE = 1 << 16,
    STEP = 1 << 20,
};

static char path[80];

static void set_up(void)
{
    folder_open();
    snprintf(path, sizeof path, "%s/sessions", folder);
}

// Only the table itself may be there.
static void assert_alone(void)
{
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    struct dirent *entry = NULL;
    while ((entry = readdir(entries)) != NULL) {
        bool known = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                     strcmp(entry->d_name, "sessions") == 0;
        ck_assert_msg(known, "%s was left behind", entry->d_name);
    }
    closedir(entries);
}

static void tear_down(void)
{
    assert_alone();
    unlink(path);
    folder_close();
}

// ---- the truth ----

static struct truth_connection connections[] = {
    {1, 1, 0, "127.0.0.1", 40001, "127.0.0.1", 3260, 0, {0}},
    {1, 2, 1, "127.0.0.1", 40002, "127.0.0.2", 3260, 0, {0}},
    {1, 3, 0, "::1", 40003, "::1", 3260, 0, {0}},
};

#define NAMES                                                                                      \
    .initiator_name = (char *)"iqn.2024-01.test:h\xC3\xB6st",                                      \
    .target_node_name = (char *)"iqn.2024-01.test:disk", .target_name = (char *)"disk"

static struct truth_session sessions[] = {
    {1, 1, NAMES, .isid = {0, 2, 61, 0, 0, 1}, .tsid = {1, 0}},
    {1, 2, NAMES, .isid = {0, 2, 61, 0, 0, 2}, .tsid = {2, 0}, .connection_count = 2, connections},
    {1, 3, NAMES, .isid = {0, 2, 61, 0, 0, 3}, .tsid = {3, 0}, .connection_count = 1,
     connections + 2},
};

static const struct truth truths[] = {
    {.generation = 3, .session_count = 3, .sessions = sessions},
    {.generation = 4},
};

enum { TRUTHS = sizeof truths / sizeof truths[0] };

// ---- the reference, in a process of its own ----

typedef uint32_t get_list(uint32_t *size, uint32_t *count, void *sessions);

// One way of calling it. The child's exit status.
static int call(get_list *get, uint32_t offered, unsigned char *buffer)
{
    uint32_t size = offered;
    uint32_t count = 77;
    memset(buffer, 0xA5, BUFFER_SIZE);
    uint32_t status = get(&size, &count, offered == 0 ? NULL : buffer);
    if (status == 0)
        return LISTED + (int)count;
    if (status == 122)
        return LISTED + (int)truths[0].session_count; // a query; the fetch will tell
    for (size_t i = 0; i < BUFFER_SIZE; i++) {
        if (buffer[i] != 0xA5)
            return STRANGE;
    }
    return status == 0xEFFF0013U && size == offered && count == 77 ? UNAVAILABLE : STRANGE;
}

// ISO C converts no pointer to a function.
static get_list *find(void *library, const char *name)
{
    union {
        void *object;
        get_list *function;
    } symbol = {.object = dlsym(library, name)};
    return symbol.function;
}

static int call_all(void)
{
    static unsigned char buffer[BUFFER_SIZE] __attribute__((aligned(16)));
    void *library = dlopen(TCK_REFERENCE, RTLD_NOW);
    if (library == NULL)
        return STRANGE;
    get_list *ansi = find(library, "GetIScsiSessionListA");
    get_list *wide = find(library, "GetIScsiSessionListW");
    if (ansi == NULL || wide == NULL)
        return STRANGE;
    int answer = call(ansi, BUFFER_SIZE, buffer);
    if (call(wide, BUFFER_SIZE, buffer) != answer || call(ansi, 0, buffer) != answer ||
        call(wide, 0, buffer) != answer)
        return STRANGE;
    return answer;
}

static int ask_reference(void)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        alarm(PATIENCE_S);
        setenv(SESSION_TABLE_VARIABLE, path, 1);
        _exit(call_all());
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "wait status %d", status);
    return WEXITSTATUS(status);
}

static void repair(const struct truth *truth)
{
    struct failure failure = {0};
    ck_assert_msg(damage_repair(path, truth, &failure) == 0, "%s", failure.text);
    assert_alone();
    ck_assert_int_eq(ask_reference(), LISTED + (int)truth->session_count);
}

// ---- tests ----

// Each, repaired, and once more over the damage before it, unrepaired.
START_TEST(test_each)
{
    const struct truth *truth = &truths[_i];
    size_t count = damage_count(truth);
    size_t tried = 0;
    ck_assert_uint_gt(count, 0);
    repair(truth);
    for (size_t i = 0; i < 2 * count; i++) {
        struct failure failure = {0};
        char sentence[DAMAGE_SENTENCE_SIZE] = "";
        int result = damage_apply(path, truth, i % count, sentence, sizeof sentence, &failure);
        ck_assert_msg(result >= 0, "%s: %s", damage_name(truth, i % count), failure.text);
        ck_assert_uint_gt(strlen(sentence), 0);
        ck_assert_uint_lt(strlen(sentence), sizeof sentence - 1);
        assert_alone();
        int wanted = result == 0 ? (int)UNAVAILABLE : LISTED + (int)truth->session_count;
        int answer = ask_reference();
        ck_assert_msg(answer == wanted, "%s: %s: %#x", damage_name(truth, i % count), sentence,
                      (unsigned)answer);
        if (result != 0 && i < count)
            printf("not tried: %s: %s\n", damage_name(truth, i % count), sentence);
        tried += result == 0;
        if (i < count)
            repair(truth);
    }
    repair(truth);
    printf("%zu sessions: %zu damages, %zu tried\n", truth->session_count, count, tried / 2);
    // Eight need sessions or connections; one an ordinary user.
    ck_assert_uint_ge(tried / 2 + 9, count);
}
END_TEST

// The names are those of programs, and every damage has one.
START_TEST(test_names)
{
    for (size_t i = 0; i < damage_count(&truths[0]); i++) {
        const char *name = damage_name(&truths[0], i);
        ck_assert_ptr_nonnull(name);
        ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        for (size_t j = 0; j < i && strncmp(name, "cut-", 4) != 0; j++)
            ck_assert_str_ne(name, damage_name(&truths[0], j));
    }
    struct failure failure = {0};
    char sentence[DAMAGE_SENTENCE_SIZE];
    size_t count = damage_count(&truths[0]);
    ck_assert_ptr_null(damage_name(&truths[0], count));
    ck_assert_int_eq(damage_apply(path, &truths[0], count, sentence, sizeof sentence, &failure),
                     -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
}
END_TEST

START_TEST(test_growing)
{
    struct damage_growth *growth = NULL;
    struct failure failure = {0};
    struct stat status;
    ck_assert_msg(damage_grow_begin(&growth, path, &truths[_i], &failure) == 0, "%s", failure.text);
    int result = 0;
    size_t steps = 0;
    for (; result == 0; steps++) {
        if (steps % 16 == 0)
            ck_assert_int_eq(ask_reference(), UNAVAILABLE);
        result = damage_grow_step(growth, STEP, &failure);
    }
    ck_assert_msg(result == 1, "%s", failure.text);
    ck_assert_uint_gt(steps, DAMAGE_GROWTH_LIMIT / STEP / 2);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_le(status.st_size, DAMAGE_GROWTH_LIMIT + 1024);
    ck_assert_int_eq(damage_grow_step(growth, STEP, &failure), 1);
    damage_grow_end(growth);
    damage_grow_end(NULL);
    ck_assert_int_eq(ask_reference(), UNAVAILABLE);
    repair(&truths[_i]);
}
END_TEST

// It grows under the very eyes of a reader.
START_TEST(test_growing_while_read)
{
    struct damage_growth *growth = NULL;
    ck_assert_int_eq(damage_grow_begin(&growth, path, &truths[0], NULL), 0);
    pid_t reader = fork();
    ck_assert_int_ge(reader, 0);
    if (reader == 0) {
        alarm(PATIENCE_S);
        setenv(SESSION_TABLE_VARIABLE, path, 1);
        int answer = UNAVAILABLE;
        for (int i = 0; i < 20 && answer == UNAVAILABLE; i++)
            answer = call_all();
        _exit(answer);
    }
    int status = 0;
    int result = 0;
    pid_t ended = 0;
    while (ended == 0 && result == 0) {
        result = damage_grow_step(growth, STEP / 64, NULL);
        ended = waitpid(reader, &status, WNOHANG);
    }
    if (ended == 0)
        waitpid(reader, &status, 0);
    damage_grow_end(growth);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), UNAVAILABLE);
    repair(&truths[0]);
}
END_TEST

// Where nothing can be made beside the table, that is said.
START_TEST(test_no_folder)
{
    struct failure failure = {0};
    char sentence[DAMAGE_SENTENCE_SIZE];
    for (size_t i = 0; i < damage_count(&truths[0]); i++) {
        struct failure each = {0};
        if (strcmp(damage_name(&truths[0], i), "missing") == 0)
            continue; // it is
        ck_assert_int_eq(
            damage_apply("/nonexistent/sessions", &truths[0], i, sentence, sizeof sentence, &each),
            -1);
        ck_assert_ptr_nonnull(strstr(each.text, "/nonexistent/sessions"));
    }
    ck_assert_int_eq(damage_repair("/nonexistent/sessions", &truths[0], &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "/nonexistent/sessions"));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("damage");
    TCase *tests = tcase_create("damage");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, test_each, 0, TRUTHS);
    tcase_add_test(tests, test_names);
    tcase_add_loop_test(tests, test_growing, 0, TRUTHS);
    tcase_add_test(tests, test_growing_while_read);
    tcase_add_test(tests, test_no_folder);
    tcase_set_timeout(tests, 240);
    suite_add_tcase(suite, tests);
    return suite;
}
