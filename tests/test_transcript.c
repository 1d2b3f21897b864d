// SPDX-License-Identifier: Apache-2.0
// Transcripts: what is written comes back the same; what was cut, edited or made up is refused in
// words and never harms.
#include "conformance/transcript/transcript.h"
#include "tests/folder.h"
#include "tests/main.h"

#include "conformance/transcript/truth_json.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *path_of(const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/%s", folder, name), 0);
    return path;
}

// ---- A transcript with something of everything
// -----------------------------------------------------

static void add_truth(struct transcript *transcript, uint64_t generation)
{
    char initiator[] = "iqn.2024-01.org.example:\xF0\x9F\x92\xBE\xC3\xA9";
    char target[] = "iqn.2024-01.org.example:disk-1";
    char alias[] = "Disk \"1\"";
    struct truth_connection connection = {.adapter_unique = UINT64_MAX,
                                          .adapter_specific = 1,
                                          .cid = 0xABCD,
                                          .initiator_address = "127.0.0.1",
                                          .initiator_port = 65535,
                                          .target_address = "::1",
                                          .target_port = 3260};
    struct truth_session sessions[2] = {{.adapter_unique = 0x8000000000000001,
                                         .adapter_specific = 1,
                                         .initiator_name = initiator,
                                         .target_node_name = target,
                                         .target_name = alias,
                                         .isid = {0x00, 0x02, 0x3D, 0xFF, 0x00, 0x01},
                                         .tsid = {0x01, 0x00},
                                         .connection_count = 1,
                                         .connections = &connection},
                                        {.adapter_unique = 2,
                                         .adapter_specific = 2,
                                         .initiator_name = initiator,
                                         .target_node_name = target,
                                         .target_name = target,
                                         .isid = {0x80, 1, 2, 3, 4, 5},
                                         .tsid = {0x02, 0x00}}};
    struct truth truth = {.generation = generation,
                          .began_ns = 123456789012345,
                          .settled_ns = 123456789099999,
                          .session_count = 2,
                          .sessions = sessions};
    struct truth *copy = truth_copy(&truth);
    ck_assert_ptr_nonnull(copy);
    ck_assert_int_eq(transcript_add_truth(transcript, copy), 0);
    truth_free(copy);
}

static uint8_t *some_bytes(size_t size)
{
    uint8_t *bytes = malloc(size);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 7 + 1);
    return bytes;
}

static struct outcome plain_outcome(enum outcome_kind kind)
{
    return (struct outcome){.kind = (uint8_t)kind,
                            .inside = extent_none(),
                            .before = extent_none(),
                            .after = extent_none(),
                            .base = 0x7F0012345678,
                            .began_ns = UINT64_MAX - 1,
                            .ended_ns = UINT64_MAX};
}

static void add_returned(struct transcript *transcript)
{
    struct call call = {.charset = CHARSET_W,
                        .placement = PLACE_MIDDLE,
                        .fill = FILL_ONES,
                        .offered = 300,
                        .count_in = UINT32_MAX,
                        .misalignment = 15};
    struct outcome outcome = plain_outcome(OUTCOME_RETURNED);
    outcome.size_out = 300;
    outcome.count_out = 2;
    outcome.size_cell_damaged = true;
    outcome.inside = (struct extent){0, 299};
    outcome.before = (struct extent){-5, -1};
    outcome.after = (struct extent){300, 307};
    outcome.byte_count = 300;
    ck_assert_int_eq(transcript_add(transcript, "sweep", &call, &outcome, some_bytes(300)), 0);
    outcome.size_cell_damaged = false;
    ck_assert_int_eq(transcript_add(transcript, "sweep", &call, &outcome, some_bytes(300)), 0);
    ck_assert_uint_eq(transcript_last(transcript)->same_as, 0);
    ck_assert_ptr_eq(transcript_last(transcript)->bytes, transcript->records[0].bytes);

    call = (struct call){.placement = PLACE_NULL, .flags = CALL_SIZE_NULL | CALL_COUNT_NULL};
    outcome = plain_outcome(OUTCOME_RETURNED);
    outcome.status = 0xEFFF0013;
    outcome.count_cell_damaged = true;
    outcome.base = 0;
    ck_assert_int_eq(transcript_add(transcript, "arguments", &call, &outcome, NULL), 0);

    call = (struct call){.placement = PLACE_END, .flags = CALL_SPARSE, .offered = UINT32_MAX};
    outcome = plain_outcome(OUTCOME_RETURNED);
    outcome.size_out = 1;
    outcome.byte_count = 1;
    ck_assert_int_eq(transcript_add(transcript, "huge", &call, &outcome, some_bytes(1)), 0);
}

static void say_last(struct transcript *transcript, const char *text)
{
    struct record *record = &transcript->records[transcript->record_count - 1];
    record->said = strdup(text);
    ck_assert_ptr_nonnull(record->said);
}

// Calls made several times in a row, by several threads, and measured ones.
static void add_repeated(struct transcript *transcript)
{
    struct call call = {.placement = PLACE_END, .offered = 64, .repeat = CALL_WITHOUT_END};
    struct outcome outcome = plain_outcome(OUTCOME_RETURNED);
    outcome.status = 122;
    outcome.repeats = UINT32_MAX;
    outcome.began_ns = 1000;
    outcome.first_ended_ns = 2000;
    outcome.last_began_ns = 3000;
    ck_assert_int_eq(transcript_add(transcript, "threads", &call, &outcome, NULL), 0);
    char made_up[] = "the source is damaged: \xFF\xFE";
    struct record *record = transcript_last(transcript);
    record->circumstance = transcript_intern(transcript, made_up);
    ck_assert_ptr_nonnull(record->circumstance);
    ck_assert_ptr_ne(record->circumstance, made_up);
    ck_assert_ptr_eq(record->circumstance, transcript_intern(transcript, record->circumstance));
    record->thread = 63;
    record->threads = 64;

    call = (struct call){.placement = PLACE_NULL, .flags = CALL_MEASURE, .repeat = 1};
    outcome = plain_outcome(OUTCOME_RETURNED);
    outcome.has_state = true;
    outcome.state_before = (struct process_state){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    outcome.state_after = (struct process_state){
        UINT64_MAX,     UINT32_MAX,     UINT32_MAX - 1, UINT64_MAX - 1, UINT64_MAX - 2,
        UINT64_MAX - 3, UINT64_MAX - 4, 0777,           UINT64_MAX - 5, UINT32_MAX - 2,
        UINT64_MAX - 6, UINT64_MAX - 7, UINT64_MAX - 8};
    ck_assert_int_eq(transcript_add(transcript, "state", &call, &outcome, NULL), 0);
    record = transcript_last(transcript);
    record->circumstance = "after a login";
    ck_assert_uint_eq(record->outcome.repeats, 1);
    ck_assert_uint_eq(record->outcome.last_began_ns, record->outcome.began_ns);
    ck_assert_uint_eq(record->threads, 1);
}

static void add_unreturned(struct transcript *transcript)
{
    for (int kind = OUTCOME_FAULT; kind <= OUTCOME_DAMAGED; kind++) {
        struct call call = {.placement = kind % 2 == 0 ? PLACE_START : PLACE_EXACT,
                            .fill = kind % 2 == 0 ? FILL_HASH_1 : FILL_ZERO,
                            .offered = (uint32_t)kind};
        struct outcome outcome = plain_outcome((enum outcome_kind)kind);
        if (kind == OUTCOME_FAULT) {
            outcome.signal_number = 11;
            outcome.direction = FAULT_WRITE;
            outcome.fault_has_address = true;
            outcome.fault_address = 0xFFFFFFFFFF600000;
            outcome.fault_offset = 0xFFFFFFFF12345678;
            snprintf(outcome.fault_module, sizeof outcome.fault_module, "libmine.so");
        } else if (kind == OUTCOME_ENDED) {
            outcome.exit_code = -1;
            outcome.signal_number = 9;
        }
        ck_assert_int_eq(transcript_add(transcript, "sweep", &call, &outcome, NULL), 0);
        if (kind == OUTCOME_FAULT)
            transcript_last(transcript)->source = (struct fault_source){
                .function = "f\xFF", .file = "/a \"b\"/c.c", .line = UINT32_MAX};
        if (kind == OUTCOME_ENDED)
            say_last(transcript, "not UTF-8: \xFF\xFE \x1B[31m\n\"quoted\"");
        else if (kind == OUTCOME_HUNG)
            say_last(transcript, "");
    }
}

static struct transcript *sample(void)
{
    struct transcript *transcript =
        transcript_create("./lib\xE9.so", "several-targets", "0123456789abcdef", "Two \"disks\".");
    ck_assert_ptr_nonnull(transcript);
    transcript->hello = (struct hello){.pointer_size = 8,
                                       .long_align = 8,
                                       .has_a = 1,
                                       .code_page = 65001,
                                       .platform = "linux x86_64"};
    memset(transcript->hello.error, 'e', HELLO_TEXT_MAX - 1);
    transcript->login = LOGIN_COMMAND;
    transcript->lacks = LACKS_ALL;
    add_truth(transcript, 1);
    add_truth(transcript, 7);
    add_returned(transcript);
    add_unreturned(transcript);
    add_repeated(transcript);
    return transcript;
}

// ---- Equality
// --------------------------------------------------------------------------------------

static bool same_extent(struct extent one, struct extent other)
{
    return one.first == other.first && one.last == other.last;
}

static bool same_call(const struct call *one, const struct call *other)
{
    return one->charset == other->charset && one->placement == other->placement &&
           one->fill == other->fill && one->flags == other->flags &&
           one->offered == other->offered && one->count_in == other->count_in &&
           one->misalignment == other->misalignment && one->repeat == other->repeat;
}

static bool same_state(const struct process_state *one, const struct process_state *other)
{
    return one->memory_bytes == other->memory_bytes && one->descriptors == other->descriptors &&
           one->threads == other->threads && one->caller_descriptors == other->caller_descriptors &&
           one->signal_mask == other->signal_mask &&
           one->signal_handlers == other->signal_handlers && one->directory == other->directory &&
           one->umask == other->umask && one->floating_point == other->floating_point &&
           one->children == other->children && one->timers == other->timers &&
           one->limits == other->limits;
}

static bool same_repeats(const struct outcome *one, const struct outcome *other)
{
    return one->repeats == other->repeats && one->first_ended_ns == other->first_ended_ns &&
           one->last_began_ns == other->last_began_ns && one->has_state == other->has_state &&
           same_state(&one->state_before, &other->state_before) &&
           same_state(&one->state_after, &other->state_after);
}

static bool same_outcome(const struct outcome *one, const struct outcome *other)
{
    return one->kind == other->kind && one->status == other->status &&
           one->size_out == other->size_out && one->count_out == other->count_out &&
           one->size_cell_damaged == other->size_cell_damaged &&
           one->count_cell_damaged == other->count_cell_damaged &&
           same_extent(one->inside, other->inside) && same_extent(one->before, other->before) &&
           same_extent(one->after, other->after) && one->signal_number == other->signal_number &&
           one->direction == other->direction &&
           one->fault_has_address == other->fault_has_address &&
           one->fault_address == other->fault_address && one->exit_code == other->exit_code &&
           one->fault_offset == other->fault_offset &&
           strcmp(one->fault_module, other->fault_module) == 0 && one->base == other->base &&
           one->began_ns == other->began_ns && one->ended_ns == other->ended_ns &&
           one->byte_count == other->byte_count && same_repeats(one, other);
}

static void assert_same_records(const struct transcript *one, const struct transcript *other)
{
    ck_assert_uint_eq(one->record_count, other->record_count);
    for (size_t i = 0; i < one->record_count; i++) {
        const struct record *left = &one->records[i];
        const struct record *right = &other->records[i];
        ck_assert_str_eq(left->probe_set, right->probe_set);
        ck_assert_msg(same_call(&left->call, &right->call), "call %zu differs", i);
        ck_assert_msg(same_outcome(&left->outcome, &right->outcome), "outcome %zu differs", i);
        ck_assert_pstr_eq(left->said, right->said);
        ck_assert_pstr_eq(left->circumstance, right->circumstance);
        ck_assert_pstr_eq(left->source.function, right->source.function);
        ck_assert_pstr_eq(left->source.file, right->source.file);
        ck_assert_uint_eq(left->source.line, right->source.line);
        ck_assert_uint_eq(left->thread, right->thread);
        ck_assert_uint_eq(left->threads, right->threads);
        ck_assert_uint_eq(left->same_as, right->same_as);
        if (left->outcome.byte_count > 0)
            ck_assert_mem_eq(left->bytes, right->bytes, left->outcome.byte_count);
        else
            ck_assert(left->bytes == NULL && right->bytes == NULL);
    }
}

static void assert_same_truths(const struct transcript *one, const struct transcript *other)
{
    ck_assert_uint_eq(one->truth_count, other->truth_count);
    for (size_t i = 0; i < one->truth_count; i++) {
        json_t *left = truth_to_json(one->truths[i]);
        json_t *right = truth_to_json(other->truths[i]);
        ck_assert_msg(left != NULL && json_equal(left, right), "truth %zu differs", i);
        json_decref(left);
        json_decref(right);
    }
}

static void assert_same(const struct transcript *one, const struct transcript *other)
{
    ck_assert_int_eq(one->login, other->login);
    ck_assert_uint_eq(one->lacks, other->lacks);
    ck_assert_str_eq(one->kit_version, other->kit_version);
    ck_assert_str_eq(one->implementation, other->implementation);
    ck_assert_str_eq(one->scenario, other->scenario);
    ck_assert_str_eq(one->scenario_digest, other->scenario_digest);
    ck_assert_str_eq(one->scenario_summary, other->scenario_summary);
    ck_assert_uint_eq(one->hello.pointer_size, other->hello.pointer_size);
    ck_assert_uint_eq(one->hello.long_align, other->hello.long_align);
    ck_assert_uint_eq(one->hello.has_a, other->hello.has_a);
    ck_assert_uint_eq(one->hello.has_w, other->hello.has_w);
    ck_assert_uint_eq(one->hello.code_page, other->hello.code_page);
    ck_assert_str_eq(one->hello.platform, other->hello.platform);
    ck_assert_str_eq(one->hello.error, other->hello.error);
    assert_same_truths(one, other);
    assert_same_records(one, other);
}

// ---- Files
// -----------------------------------------------------------------------------------------

static char *save_sample(struct transcript **transcript)
{
    char *path = path_of("sample");
    struct failure failure = {0};
    *transcript = sample();
    ck_assert_msg(transcript_save(*transcript, path, &failure) == 0, "%s", failure.text);
    return path;
}

static char *read_file(const char *path, size_t *size)
{
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(fseek(stream, 0, SEEK_END), 0);
    long end = ftell(stream);
    ck_assert_int_gt(end, 0);
    rewind(stream);
    char *bytes = malloc((size_t)end);
    ck_assert_ptr_nonnull(bytes);
    *size = fread(bytes, 1, (size_t)end, stream);
    ck_assert_uint_eq(*size, (size_t)end);
    fclose(stream);
    return bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(bytes, 1, size, stream), size);
    ck_assert_int_eq(fclose(stream), 0);
}

// `bytes` as a transcript must be refused: in words that name the file, and contain `word`.
static void assert_refused(const char *bytes, size_t size, const char *word)
{
    char *path = path_of("refused");
    struct transcript *transcript = NULL;
    struct failure failure = {0};
    write_file(path, bytes, size);
    ck_assert_int_eq(transcript_load(&transcript, fopen(path, "re"), path, &failure), -1);
    ck_assert_ptr_null(transcript);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_msg(strstr(failure.text, path) != NULL, "no file named: %s", failure.text);
    ck_assert_msg(strstr(failure.text, word) != NULL, "no \"%s\" in: %s", word, failure.text);
    unlink(path);
    free(path);
}

START_TEST(comes_back_the_same)
{
    struct transcript *written;
    struct transcript *read = NULL;
    struct failure failure = {0};
    char *path = save_sample(&written);
    ck_assert_msg(transcript_load(&read, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    assert_same(written, read);
    transcript_free(written);
    transcript_free(read);
    unlink(path);
    free(path);
}
END_TEST

// As many circumstances as the events of a large scenario make, each a text of its own.
START_TEST(any_number_of_texts_is_kept)
{
    enum { TEXTS = 5000 };
    struct transcript *written = transcript_create("x.so", "many-events", "0", "Many.");
    struct transcript *read = NULL;
    struct failure failure = {0};
    const struct call call = {.placement = PLACE_NULL};
    const struct outcome outcome = plain_outcome(OUTCOME_RETURNED);
    char *path = path_of("many-texts");
    char text[64];
    written->hello = (struct hello){.pointer_size = 8, .long_align = 8};
    add_truth(written, 1);
    for (int i = 0; i < TEXTS; i++) {
        snprintf(text, sizeof text, "before event %d", i);
        ck_assert_int_eq(transcript_add(written, "events", &call, &outcome, NULL), 0);
        struct record *record = transcript_last(written);
        record->circumstance = transcript_intern(written, text);
        ck_assert_str_eq(record->circumstance, text);
        ck_assert_ptr_eq(record->circumstance, transcript_intern(written, text));
    }
    ck_assert_msg(transcript_save(written, path, &failure) == 0, "%s", failure.text);
    ck_assert_msg(transcript_load(&read, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    ck_assert_uint_eq(read->record_count, TEXTS);
    for (size_t i = 0; i < TEXTS; i++)
        ck_assert_str_eq(read->records[i].circumstance, written->records[i].circumstance);
    transcript_free(read);
    transcript_free(written);
    unlink(path);
    free(path);
}
END_TEST

START_TEST(is_replaced_whole_or_not_at_all)
{
    struct transcript *transcript;
    struct failure failure = {0};
    char *path = save_sample(&transcript);
    ck_assert_int_eq(transcript_save(transcript, path, &failure), 0); // over the first one
    char *nowhere = path_of("no-such-folder/x");
    ck_assert_int_eq(transcript_save(transcript, nowhere, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_ptr_nonnull(strstr(failure.text, nowhere));
    free(nowhere);
    transcript_free(transcript);
    unlink(path); // the folder's removal proves that nothing else was left in it
    free(path);
}
END_TEST

// Of sessions by the session table the head says nothing, and neither do older transcripts.
START_TEST(by_the_session_table_nothing_is_lacking)
{
    struct transcript *written = transcript_create("x.so", "single", "0", "One.");
    struct transcript *read = NULL;
    struct failure failure = {0};
    size_t size = 0;
    char *path = path_of("by-table");
    written->hello = (struct hello){.pointer_size = 8, .long_align = 8};
    add_truth(written, 1);
    ck_assert_msg(transcript_save(written, path, &failure) == 0, "%s", failure.text);
    char *bytes = read_file(path, &size);
    ck_assert_ptr_null(memmem(bytes, size, "\"login\"", strlen("\"login\"")));
    ck_assert_ptr_null(memmem(bytes, size, "\"lacks\"", strlen("\"lacks\"")));
    ck_assert_msg(transcript_load(&read, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    ck_assert_int_eq(read->login, LOGIN_TABLE);
    ck_assert_uint_eq(read->lacks, 0);
    transcript_free(read);
    transcript_free(written);
    unlink(path);
    free(bytes);
    free(path);
}
END_TEST

START_TEST(a_transcript_without_truth_is_not_written)
{
    struct failure failure = {0};
    struct transcript *transcript = transcript_create("x.so", "single", "0", "One.");
    char *path = path_of("truthless");
    ck_assert_int_eq(transcript_save(transcript, path, &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "no truth"));
    ck_assert_int_ne(access(path, F_OK), 0);
    transcript_free(transcript);
    free(path);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    struct transcript *transcript;
    char *path = save_sample(&transcript);
    size_t size;
    char *bytes = read_file(path, &size);
    for (size_t cut = 0; cut < size; cut++)
        assert_refused(bytes, cut, "cut short");
    transcript_free(transcript);
    unlink(path);
    free(path);
    free(bytes);
}
END_TEST

// Any one line missing, or there twice.
START_TEST(missing_and_doubled_lines_are_refused)
{
    struct transcript *transcript;
    char *path = save_sample(&transcript);
    size_t size;
    char *bytes = read_file(path, &size);
    char *edited = malloc(size * 2);
    ck_assert_ptr_nonnull(edited);
    size_t begin = 0;
    while (begin < size) {
        const char *newline = memchr(bytes + begin, '\n', size - begin);
        size_t end = (size_t)(newline - bytes) + 1;
        memcpy(edited, bytes, begin);
        memcpy(edited + begin, bytes + end, size - end);
        assert_refused(edited, begin + size - end, "");
        memcpy(edited, bytes, end);
        memcpy(edited + end, bytes + begin, size - begin);
        assert_refused(edited, end + size - begin, "");
        begin = end;
    }
    transcript_free(transcript);
    unlink(path);
    free(path);
    free(bytes);
    free(edited);
}
END_TEST

struct edit {
    const char *from;
    const char *to;
    const char *word; // of the refusal
};

static const struct edit edits[] = {
    {"\"type\":\"transcript\"", "\"type\":\"result\"", "does not begin as a transcript"},
    {"\"version\":2", "\"version\":3", "not of version 1 to 2"},
    {"\"version\":2", "\"version\":0", "not of version 1 to 2"},
    {"\"version\":2", "\"version\":\"2\"", "not of version 1 to 2"},
    {"\"version\":2", "\"version\":1", "bytes_of"},
    {"\"bytes_of\":0", "\"bytes_of\":1", "bytes_of"},
    {"\"bytes_of\":0", "\"bytes_of\":-1", "bytes_of"},
    {"\"bytes_of\":0", "\"bytes_of\":\"0\"", "bytes_of"},
    {"\"bytes_of\":0", "\"bytes_of\":0,\"bytes\":\"\"", "either"},
    {"\"bytes_of\":0", "\"threads\":1", "either"},
    {"\"pointer_size\":8", "\"pointer_size\":5", "must be 4 or 8"},
    {"\"has_a\":true", "\"has_a\":1", "host"},
    {"\"code_page\":65001", "\"code_page\":4294967296", "code_page"},
    {"\"code_page\":65001", "\"code_page\":65000", "iconv has no CP65000"},
    {"\"platform\":\"",
     "\"platform\":\"oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo", "platform"},
    {"\"charset\":\"W\"", "\"charset\":\"X\"", "charset"},
    {"\"misalignment\":15", "\"misalignment\":16", "misalignment"},
    {"\"offered\":300", "\"offered\":-1", "offered"},
    {"\"offered\":300", "\"offered\":299", "not where it can be"},
    {"\"offered\":300", "\"offered\":300.0", "call"},
    {"\"flags\":[\"sparse\"]", "\"flags\":[3]", "flags"},
    {"\"flags\":[\"sparse\"]", "\"flags\":{}", "flags"},
    {"\"kind\":\"fault\"", "\"kind\":\"crash\"", "kind"},
    {"\"byte_count\":300", "\"byte_count\":301", "byte_count"},
    {"\"byte_count\":300", "\"byte_count\":4294967295", "byte_count"},
    {"\"inside\":[0,299]", "\"inside\":[-1,299]", "inside"},
    {"\"before\":[-5,-1]", "\"before\":[-5,0]", "before"},
    {"\"after\":[300,307]", "\"after\":[299,307]", "after"},
    {"\"after\":[300,307]", "\"after\":[300]", "after"},
    {"\"signal\":11", "\"signal\":2147483648", "signal"},
    {"\"fault_address\":\"f", "\"fault_address\":\"F", "fault_address"},
    {"\"fault_line\":4294967295", "\"fault_line\":4294967296", "fault_line"},
    {"\"fault_line\":", "\"fault_\":", "fault_"},
    {"\"fault_file\":\"/a", "\"fault_file\":7,\"x\":\"/a", "x"},
    {"\"bytes\":\"01", "\"bytes\":\"0g", "bytes"},
    {"\"bytes\":\"01", "\"bytes\":\"", "bytes"},
    {"\"said\":{\"hex\":\"6e", "\"said\":{\"hex\":\"00", "said"},
    {"\"said\":\"\"", "\"said\":null", "said"},
    {"\"set\":\"sweep\"", "\"set\":7", "set"},
    {"\"set\":\"sweep\"", "\"sets\":\"sweep\"", ""},
    {"\"generation\":7", "\"generation\":1", "generation"},
    {"\"repeat\":4294967295", "\"repeat\":4294967296", "repeat"},
    {"\"repeat\":4294967295", "\"repeat\":4294967294", "repeats"},
    {"\"repeats\":4294967295", "\"repeats\":1", "repeats"},
    {"\"repeats\":4294967295", "\"repeats\":\"2\"", "repeats"},
    {"\"repeats\":4294967295,", "", "repeats"},
    {"\"last_began_ns\":\"0000000000000bb8\"", "\"last_began_ns\":\"00000000000003e7\"",
     "not in order"},
    {"\"first_ended_ns\":\"00000000000007d0\"", "\"first_ended_ns\":\"00000000000003e7\"",
     "not in order"},
    {",\"last_began_ns\":\"0000000000000bb8\"", "", "go together"},
    {"\"state_before\":{", "\"state_beside\":{", "outcome"},
    {"\"flags\":[\"measure\"]", "\"flags\":[]", "measured call"},
    {"\"umask\":8", "\"umask\":-8", "umask"},
    {"\"memory_bytes\":\"0", "\"memory_bytes\":\"", "memory_bytes"},
    {"\"thread\":63", "\"thread\":64", "thread"},
    {"\"threads\":64", "\"threads\":65", "thread"},
    {"\"threads\":64", "\"threads\":\"64\"", ""},
    {"\"circumstance\":\"after a login\"", "\"circumstance\":null", "circumstance"},
    {"\"type\":\"call\"", "\"type\":\"truth\"", ""},
    {"\"calls\":11", "\"calls\":12", "lines are missing or added"},
    {"\"truths\":2", "\"truths\":-2", "lines are missing or added"},
    {"\"calls\":11}\n", "\"calls\":11}\n{}\n", "something follows"},
    {"\"calls\":11}\n", "\"calls\":11}\n\n", "something follows"},
};

// The bytes with the first `from` in them replaced, malloc'ed.
static char *replace(const char *bytes, size_t size, const char *from, const char *to,
                     size_t *edited_size)
{
    const char *place = memmem(bytes, size, from, strlen(from));
    ck_assert_msg(place != NULL, "the sample does not hold %s", from);
    char *edited = NULL;
    FILE *stream = open_memstream(&edited, edited_size);
    ck_assert_ptr_nonnull(stream);
    fwrite(bytes, 1, (size_t)(place - bytes), stream);
    fputs(to, stream);
    place += strlen(from);
    fwrite(place, 1, size - (size_t)(place - bytes), stream);
    ck_assert_int_eq(fclose(stream), 0);
    return edited;
}

// A file as the first version had it: each call with its bytes.
START_TEST(the_first_version_is_read)
{
    struct transcript *written;
    struct transcript *read = NULL;
    struct failure failure = {0};
    char *path = save_sample(&written);
    size_t size;
    char *bytes = read_file(path, &size);
    static const char key[] = "\"bytes\":\"";
    const char *first = memmem(bytes, size, key, strlen(key)); // the first call's
    ck_assert_ptr_nonnull(first);
    char *spelled_out = strndup(first, strlen(key) + (size_t)2 * 300 + 1);
    ck_assert_ptr_nonnull(spelled_out);
    size_t halfway_size = 0;
    char *halfway = replace(bytes, size, "\"bytes_of\":0", spelled_out, &halfway_size);
    size_t old_size = 0;
    char *old = replace(halfway, halfway_size, "\"version\":2", "\"version\":1", &old_size);
    write_file(path, old, old_size);
    ck_assert_msg(transcript_load(&read, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    assert_same(written, read);
    transcript_free(written);
    transcript_free(read);
    unlink(path);
    free(path);
    free(bytes);
    free(spelled_out);
    free(halfway);
    free(old);
}
END_TEST

START_TEST(an_edited_field_is_refused_by_name)
{
    const struct edit *edit = &edits[_i];
    struct transcript *transcript;
    char *path = save_sample(&transcript);
    size_t size;
    char *bytes = read_file(path, &size);
    size_t edited_size = 0;
    char *edited = replace(bytes, size, edit->from, edit->to, &edited_size);
    assert_refused(edited, edited_size, edit->word);
    transcript_free(transcript);
    unlink(path);
    free(path);
    free(bytes);
    free(edited);
}
END_TEST

// A generator of its own, so that a failing round can be had again anywhere.
static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33);
}

// Changes, doubles or removes a few bytes in place; `bytes` has room for twice `size`.
static size_t mutate(char *bytes, size_t size, uint64_t *state)
{
    static const char likely[] = "0123456789abcdef\",:[]{}-\n\\ue.nt";
    uint32_t times = 1 + next_random(state) % 3;
    for (uint32_t i = 0; i < times && size > 1; i++) {
        size_t at = next_random(state) % size;
        size_t length = 1 + next_random(state) % (next_random(state) % 8 == 0 ? 400 : 4);
        if (length > size - at)
            length = size - at;
        switch (next_random(state) % 4) {
        case 0:
            bytes[at] = (char)next_random(state);
            break;
        case 1:
            bytes[at] = likely[next_random(state) % (sizeof likely - 1)];
            break;
        case 2:
            memmove(bytes + at, bytes + at + length, size - at - length);
            size -= length;
            break;
        default:
            memmove(bytes + at + length, bytes + at, size - at);
            size += length;
            break;
        }
    }
    return size;
}

// What was accepted must be a transcript like any other: it can be written, and comes back the
// same.
static void assert_whole(const struct transcript *transcript)
{
    char *path = path_of("again");
    struct transcript *again = NULL;
    struct failure failure = {0};
    ck_assert_msg(transcript_save(transcript, path, &failure) == 0, "%s", failure.text);
    ck_assert_msg(transcript_load(&again, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    assert_same(transcript, again);
    transcript_free(again);
    unlink(path);
    free(path);
}

START_TEST(mutations_are_refused_or_whole)
{
    struct transcript *transcript;
    char *path = save_sample(&transcript);
    char *mutant_path = path_of("mutant");
    size_t size;
    char *bytes = read_file(path, &size);
    char *mutant = malloc(size * 4);
    ck_assert_ptr_nonnull(mutant);
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        uint64_t state = seed;
        memcpy(mutant, bytes, size);
        write_file(mutant_path, mutant, mutate(mutant, size, &state));
        struct transcript *loaded = NULL;
        struct failure failure = {0};
        if (transcript_load(&loaded, fopen(mutant_path, "re"), mutant_path, &failure) == 0) {
            assert_whole(loaded);
            transcript_free(loaded);
        } else {
            ck_assert_msg(failure.status == STATUS_USAGE && failure.text[0] != '\0',
                          "seed %llu: status %d: %s", (unsigned long long)seed, failure.status,
                          failure.text);
        }
    }
    transcript_free(transcript);
    unlink(path);
    unlink(mutant_path);
    free(path);
    free(mutant_path);
    free(bytes);
    free(mutant);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    struct transcript *transcript = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(
        transcript_load(&transcript, fopen("/no/such/file", "re"), "/no/such/file", &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(failure.text, "/no/such/file"));
    failure = (struct failure){0};
    ck_assert_int_eq(transcript_load(&transcript, fopen(folder, "re"), folder, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(failure.text, folder));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("transcript");
    TCase *file = tcase_create("file");
    tcase_set_timeout(file, 120);
    tcase_add_checked_fixture(file, folder_open, folder_close);
    tcase_add_test(file, comes_back_the_same);
    tcase_add_test(file, the_first_version_is_read);
    tcase_add_test(file, any_number_of_texts_is_kept);
    tcase_add_test(file, is_replaced_whole_or_not_at_all);
    tcase_add_test(file, by_the_session_table_nothing_is_lacking);
    tcase_add_test(file, a_transcript_without_truth_is_not_written);
    suite_add_tcase(suite, file);
    TCase *distrust = tcase_create("distrust");
    tcase_set_timeout(distrust, 240);
    tcase_add_checked_fixture(distrust, folder_open, folder_close);
    tcase_add_test(distrust, every_truncation_is_refused);
    tcase_add_test(distrust, missing_and_doubled_lines_are_refused);
    tcase_add_loop_test(distrust, an_edited_field_is_refused_by_name, 0,
                        (int)(sizeof edits / sizeof edits[0]));
    tcase_add_test(distrust, mutations_are_refused_or_whole);
    tcase_add_test(distrust, what_is_no_file_is_refused);
    suite_add_tcase(suite, distrust);
    return suite;
}
