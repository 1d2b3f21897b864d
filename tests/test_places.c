// SPDX-License-Identifier: Apache-2.0
// Where faults happened: the host tells module and offset, the kit finds function, file and line,
// and what it can't read is left unknown. Real processes, real faults.
#include "conformance/transcript/fault_stack.h"
#include "harness/driver/host.h"
#include "harness/driver/places.h"
#include "harness/host/protocol.h"
#include "tests/folder.h"
#include "tests/implementations/faulting.h"
#include "tests/main.h"
#include "tests/marked_line.h"
#include "tests/supervised.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY(name) TCK_TEST_LIBRARIES "/" name ".so"
#define SOURCE(name) TCK_SOURCE_DIR "/tests/implementations/" name ".c"

static struct host *host;
static struct transcript *transcript;
static char library[128]; // a copy of the implementation, in the test's folder

static void set_up(void)
{
    supervised_folder_open();
    transcript = transcript_create("library", "scenario", "digest", "summary");
    ck_assert_ptr_nonnull(transcript);
}

static void tear_down(void)
{
    host_stop(host);
    transcript_free(transcript);
    if (library[0] != '\0')
        remove(library);
    supervised_folder_close();
}

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    const struct call *calls = argument;
    (void)thread;
    ck_assert_int_eq(transcript_add(transcript, "calls", &calls[index], outcome, bytes), 0);
    const char *path = host_fault_path(host);
    if (path[0] != '\0')
        transcript_last(transcript)->source.module = transcript_intern(transcript, path);
    struct record *record = transcript_last(transcript);
    record->stack_image = host_take_stack(host, &record->stack_image_size);
}

// Makes a call that faults there. Its record, of which the source is not known yet.
static const struct record *fault(const char *path, enum fault_place where)
{
    struct failure failure = {0};
    struct call call = {.placement = PLACE_END, .offered = 64, .count_in = where};
    const struct host_options options = {
        .program = TCK_HOST_PROGRAM, .library = path, .timeout_ms = 60000};
    if (host == NULL)
        ck_assert_msg(host_start(&host, supervisor, &options, &failure) == 0, "%s", failure.text);
    ck_assert_msg(host_calls(host, &call, 1, receive, &call, &failure) == 0, "%s", failure.text);
    const struct record *record = transcript_last(transcript);
    ck_assert_int_eq(record->outcome.kind, OUTCOME_FAULT);
    return record;
}

static void resolve_by(const char *program, const char *path)
{
    struct places *places = places_create(program, path);
    ck_assert_ptr_nonnull(places);
    places_resolve(places, supervisor, transcript);
    places_free(places);
}

static void expect_line(const struct record *record, const char *function, const char *file,
                        const char *mark)
{
    const struct fault_source *source = &record->source;
    ck_assert_ptr_nonnull(source->function);
    ck_assert_ptr_nonnull(source->file);
    ck_assert_str_eq(source->function, function);
    ck_assert_str_eq(source->file, file);
    ck_assert_uint_eq(source->line, marked_line(file, mark));
}

static void expect_module_alone(const struct record *record, const char *module)
{
    ck_assert_str_eq(record->outcome.fault_module, module);
    ck_assert_uint_ne(record->outcome.fault_offset, 0);
    ck_assert_ptr_null(record->source.file);
    ck_assert_uint_eq(record->source.line, 0);
}

// --- where it was

struct known {
    enum fault_place where;
    const char *module;
    const char *function;
    const char *file;
    const char *mark;
};

static const struct known known[] = {
    {FAULT_IN_FUNCTION, "faulting.so", "write_somewhere", SOURCE("faulting"), "// in a function"},
    {FAULT_IN_INLINED, "faulting.so", "write_in_place", SOURCE("faulting"), "// in an inlined one"},
    {FAULT_IN_LATE_MODULE, "late_module.so", "fault_late", SOURCE("late_module"),
     "// in the late module"},
};

START_TEST(a_line_is_found)
{
    const struct known *row = &known[_i];
    const struct record *record = fault(LIBRARY("faulting"), row->where);
    ck_assert_str_eq(record->outcome.fault_module, row->module);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    expect_line(record, row->function, row->file, row->mark);
}
END_TEST

// The path as the dynamic loader knows it is another one than the file's.
START_TEST(a_line_end_in_a_name_begins_no_answer)
{
    const struct record *record = fault(LIBRARY("strange_source"), FAULT_IN_FUNCTION);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("strange_source"));
    ck_assert_ptr_nonnull(record->source.file);
    ck_assert_str_eq(record->source.file, "/strange??[31mname.c");
    ck_assert_uint_eq(record->source.line, 13);
}
END_TEST

START_TEST(a_link_is_followed)
{
    snprintf(library, sizeof library, "%s/link.so", folder);
    ck_assert_int_eq(symlink(LIBRARY("faulting"), library), 0);
    const struct record *record = fault(library, FAULT_IN_FUNCTION);
    ck_assert_str_eq(record->outcome.fault_module, "faulting.so");
    resolve_by(TCK_PLACE_PROGRAM, library);
    expect_line(record, "write_somewhere", SOURCE("faulting"), "// in a function");
}
END_TEST

// All places of a transcript are found, those that are the same included.
START_TEST(all_lines_are_found)
{
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            fault(LIBRARY("faulting"), known[i].where);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct known *row = &known[i % (sizeof known / sizeof *known)];
        expect_line(&transcript->records[i], row->function, row->file, row->mark);
    }
}
END_TEST

START_TEST(without_debug_information_there_is_no_line)
{
    const struct record *record = fault(LIBRARY("faulting_stripped"), FAULT_IN_FUNCTION);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting_stripped"));
    expect_module_alone(record, "faulting_stripped.so");
}
END_TEST

// Its lines are known where the debug information of libc is installed.
START_TEST(libc_is_a_module_too)
{
    const struct record *record = fault(LIBRARY("faulting"), FAULT_IN_LIBC);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    ck_assert_msg(strncmp(record->outcome.fault_module, "libc", 4) == 0, "%s",
                  record->outcome.fault_module);
    ck_assert(record->source.file == NULL || strstr(record->source.file, "faulting.c") == NULL);
}
END_TEST

START_TEST(a_wild_jump_is_in_no_module)
{
    static const enum fault_place jumps[] = {FAULT_BY_JUMP, FAULT_BY_JUMP_TO_HEAP};
    const struct record *record = fault(LIBRARY("faulting"), jumps[_i]);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    ck_assert_str_eq(record->outcome.fault_module, "");
    ck_assert_uint_eq(record->outcome.fault_offset, 0);
    ck_assert_ptr_null(record->source.function);
    ck_assert_ptr_null(record->source.file);
}
END_TEST

START_TEST(a_signal_that_it_sends_has_a_place)
{
    const struct record *record = fault(LIBRARY("faulting"), FAULT_BY_SIGNAL);
    ck_assert(!record->outcome.fault_has_address);
    ck_assert_str_ne(record->outcome.fault_module, "");
}
END_TEST

// --- what can't be read

static void copy_library(void)
{
    char command[512];
    snprintf(library, sizeof library, "%s/copy.so", folder);
    snprintf(command, sizeof command, "cp '%s' '%s'", LIBRARY("faulting"), library);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): constant words
}

static void cut_in_half(void)
{
    struct stat status;
    ck_assert_int_eq(stat(library, &status), 0);
    ck_assert_int_eq(truncate(library, status.st_size / 2), 0);
}

static void fill_with_garbage(void)
{
    enum { HEADER = 64 }; // stays as it is
    FILE *file = fopen(library, "r+e");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, HEADER, SEEK_SET), 0);
    for (int i = 0; i < 100000; i++)
        fputc(i * 7, file);
    fclose(file);
}

static void make_pipe(void)
{
    ck_assert_int_eq(mkfifo(library, 0600), 0);
}

static void make_folder(void)
{
    ck_assert_int_eq(mkdir(library, 0700), 0);
}

// The file is removed when the fault has been told, and then something else is made there.
static void (*const replacements[])(void) = {NULL, make_pipe, make_folder};

START_TEST(only_a_file_is_read)
{
    copy_library();
    const struct record *record = fault(library, FAULT_IN_FUNCTION);
    ck_assert_int_eq(unlink(library), 0);
    if (replacements[_i] != NULL)
        replacements[_i]();
    resolve_by(TCK_PLACE_PROGRAM, library);
    expect_module_alone(record, "copy.so");
}
END_TEST

// The kernel says of the path that the file is removed. The name is as it was.
START_TEST(a_removed_file_has_its_name)
{
    copy_library();
    const struct record *record = fault(library, FAULT_WITHOUT_FILE);
    resolve_by(TCK_PLACE_PROGRAM, library);
    expect_module_alone(record, "copy.so");
}
END_TEST

static void (*const damages[])(void) = {cut_in_half, fill_with_garbage};

START_TEST(a_damaged_file_is_no_failure)
{
    copy_library();
    const struct record *record = fault(library, FAULT_IN_FUNCTION);
    host_stop(host);
    host = NULL;
    damages[_i]();
    resolve_by(TCK_PLACE_PROGRAM, library);
    expect_module_alone(record, "copy.so");
}
END_TEST

static const char *const other_programs[] = {"/bin/false", "/bin/echo", "/bin/cat",
                                             "/nowhere/iscsidsc-tck-place"};

START_TEST(a_program_that_does_not_answer_is_no_failure)
{
    const struct record *record = fault(LIBRARY("faulting"), FAULT_IN_FUNCTION);
    resolve_by(other_programs[_i], LIBRARY("faulting"));
    expect_module_alone(record, "faulting.so");
}
END_TEST

// A place is looked for once in a run.
START_TEST(a_place_is_remembered)
{
    copy_library();
    fault(library, FAULT_IN_FUNCTION);
    struct places *places = places_create(TCK_PLACE_PROGRAM, library);
    places_resolve(places, supervisor, transcript);
    ck_assert_int_eq(unlink(library), 0);
    transcript->records[0].source.file = NULL;
    places_resolve(places, supervisor, transcript);
    places_free(places);
    expect_line(&transcript->records[0], "write_somewhere", SOURCE("faulting"), "// in a function");
}
END_TEST

// Where the host tells no path, the module is the file of that name beside the implementation.
START_TEST(a_module_without_a_path_lies_beside_the_implementation)
{
    fault(LIBRARY("faulting"), FAULT_IN_LATE_MODULE);
    struct record *record = transcript_last(transcript);
    record->source.module = NULL;
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    expect_line(record, "fault_late", SOURCE("late_module"), "// in the late module");
}
END_TEST

// --- the stack

// The frames of the record's stack; their number.
static size_t read_frames(const struct record *record, struct stack_frame *frames)
{
    size_t count = 0;
    ck_assert_ptr_nonnull(record->source.stack);
    const char *at = stack_next(record->source.stack, &frames[0]);
    for (; at != NULL; at = stack_next(at, &frames[++count]))
        ck_assert_uint_lt(count, STACK_FRAMES_MAX);
    return count;
}

static void expect_frame(const struct stack_frame *frame, const char *function, const char *mark)
{
    ck_assert_str_eq(frame->module, "faulting.so");
    ck_assert_str_eq(frame->function, function);
    ck_assert_str_eq(frame->file, SOURCE("faulting"));
    ck_assert_uint_eq(frame->line, marked_line(SOURCE("faulting"), mark));
}

START_TEST(the_stack_has_its_functions)
{
    struct stack_frame frames[STACK_FRAMES_MAX + 1];
    const struct record *record = fault(LIBRARY("faulting"), FAULT_THREE_DEEP);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    size_t count = read_frames(record, frames);
    ck_assert_uint_ge(count, 4);
    expect_frame(&frames[0], "write_somewhere", "// in a function");
    expect_frame(&frames[1], "go_deeper", "// the third");
    expect_frame(&frames[2], "go_deep", "// the second");
    expect_frame(&frames[3], "answer", "// the first");
    ck_assert_uint_eq(frames[0].offset, record->outcome.fault_offset);
    // The host's own frames are cut off.
    ck_assert(stack_is_whole(record->source.stack));
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(frames[i].module, "faulting.so");
}
END_TEST

START_TEST(what_was_expanded_in_place_is_on_the_stack)
{
    struct stack_frame frames[STACK_FRAMES_MAX + 1];
    const struct record *record = fault(LIBRARY("faulting"), FAULT_IN_INLINED);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    ck_assert_uint_ge(read_frames(record, frames), 2);
    expect_frame(&frames[0], "write_in_place", "// in an inlined one");
    ck_assert(frames[0].in_place);
    ck_assert_str_eq(frames[1].function, "answer");
    ck_assert_uint_eq(frames[0].offset, frames[1].offset);
}
END_TEST

START_TEST(a_stack_passes_through_libc)
{
    struct stack_frame frames[STACK_FRAMES_MAX + 1];
    const struct record *record = fault(LIBRARY("faulting"), FAULT_BY_SIGNAL);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    size_t count = read_frames(record, frames);
    ck_assert_int_eq(strncmp(frames[0].module, "libc", 4), 0);
    ck_assert_uint_ge(count, 2);
    ck_assert_str_eq(frames[count - 1].module, "faulting.so");
    ck_assert(stack_is_whole(record->source.stack));
}
END_TEST

START_TEST(a_call_of_nothing_has_its_caller)
{
    struct stack_frame frames[STACK_FRAMES_MAX + 1];
    const struct record *record = fault(LIBRARY("faulting"), FAULT_BY_CALL_OF_NULL);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    ck_assert_str_eq(record->outcome.fault_module, "");
    ck_assert_uint_ge(read_frames(record, frames), 2);
    expect_frame(&frames[0], "call_null", "// of nothing");
    ck_assert(stack_is_whole(record->source.stack));
}
END_TEST

// What the stack was overwritten with is not taken for a call.
START_TEST(a_smashed_stack_ends)
{
    struct stack_frame frames[STACK_FRAMES_MAX + 1];
    const struct record *record = fault(LIBRARY("faulting"), FAULT_ON_SMASHED_STACK);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    size_t count = read_frames(record, frames);
    expect_frame(&frames[0], "write_somewhere", "// in a function");
    expect_frame(&frames[1], "smash_stack", "// smashed");
    ck_assert_uint_eq(count, 2);
    ck_assert(!stack_is_whole(record->source.stack));
}
END_TEST

START_TEST(a_stack_that_is_used_up_has_its_innermost_frames)
{
    struct stack_frame frames[STACK_FRAMES_MAX + 1];
    char words[STACK_WORDS_MAX];
    const struct record *record = fault(LIBRARY("faulting"), FAULT_BY_RECURSION);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    ck_assert_uint_eq(read_frames(record, frames), STACK_FRAMES_MAX);
    for (size_t i = 0; i < STACK_FRAMES_MAX; i++)
        ck_assert_str_eq(frames[i].function, "recurse");
    ck_assert(!stack_is_whole(record->source.stack));
    stack_describe(record->source.stack, words, sizeof words);
    ck_assert_ptr_nonnull(strstr(words, ", 31 times\n(the stack could not be followed further)"));
}
END_TEST

START_TEST(without_debug_information_a_stack_has_modules_and_offsets)
{
    struct stack_frame frames[STACK_FRAMES_MAX + 1];
    const struct record *record = fault(LIBRARY("faulting_stripped"), FAULT_THREE_DEEP);
    resolve_by(TCK_PLACE_PROGRAM, LIBRARY("faulting_stripped"));
    size_t count = read_frames(record, frames);
    ck_assert_uint_ge(count, 4);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(frames[i].module, "faulting_stripped.so");
        ck_assert_uint_ne(frames[i].offset, 0);
        ck_assert_str_eq(frames[i].file, "");
    }
}
END_TEST

// A stack that makes no sense, or that the program does not read, changes nothing else.
START_TEST(an_image_that_makes_no_sense_is_no_failure)
{
    const struct record *record = fault(LIBRARY("faulting"), FAULT_THREE_DEEP);
    struct record *changed = transcript_last(transcript);
    size_t from = _i == 0 ? STACK_HEADER_SIZE : STACK_HEADER_SIZE + changed->stack_image_size / 8;
    memset(changed->stack_image + from, _i * 0x55, changed->stack_image_size - from);
    resolve_by(_i == 3 ? "/bin/false" : TCK_PLACE_PROGRAM, LIBRARY("faulting"));
    ck_assert_int_eq(record->outcome.kind, OUTCOME_FAULT);
    ck_assert_str_eq(record->outcome.fault_module, "faulting.so");
    ck_assert_ptr_null(record->stack_image);
    ck_assert(record->source.stack == NULL || !stack_is_whole(record->source.stack));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("places");
    TCase *tests = tcase_create("places");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, a_line_is_found, 0, sizeof known / sizeof *known);
    tcase_add_test(tests, a_line_end_in_a_name_begins_no_answer);
    tcase_add_test(tests, a_link_is_followed);
    tcase_add_test(tests, all_lines_are_found);
    tcase_add_test(tests, without_debug_information_there_is_no_line);
    tcase_add_test(tests, libc_is_a_module_too);
    tcase_add_loop_test(tests, a_wild_jump_is_in_no_module, 0, 2);
    tcase_add_test(tests, a_signal_that_it_sends_has_a_place);
    tcase_add_loop_test(tests, only_a_file_is_read, 0, sizeof replacements / sizeof *replacements);
    tcase_add_test(tests, a_removed_file_has_its_name);
    tcase_add_loop_test(tests, a_damaged_file_is_no_failure, 0, sizeof damages / sizeof *damages);
    tcase_add_loop_test(tests, a_program_that_does_not_answer_is_no_failure, 0,
                        sizeof other_programs / sizeof *other_programs);
    tcase_add_test(tests, a_place_is_remembered);
    tcase_add_test(tests, a_module_without_a_path_lies_beside_the_implementation);
    tcase_add_test(tests, the_stack_has_its_functions);
    tcase_add_test(tests, what_was_expanded_in_place_is_on_the_stack);
    tcase_add_test(tests, a_stack_passes_through_libc);
    tcase_add_test(tests, a_call_of_nothing_has_its_caller);
    tcase_add_test(tests, a_smashed_stack_ends);
    tcase_add_test(tests, a_stack_that_is_used_up_has_its_innermost_frames);
    tcase_add_test(tests, without_debug_information_a_stack_has_modules_and_offsets);
    tcase_add_loop_test(tests, an_image_that_makes_no_sense_is_no_failure, 0, 4);
    suite_add_tcase(suite, tests);
    return suite;
}
