// SPDX-License-Identifier: Apache-2.0
// Tests of the HTML report: pages of results built by hand, with hostile texts and lists with
// faults in known places, and what they say of those. That a browser takes them is tests/html's
// business.
#include "harness/report/html/diff_page.h"
#include "harness/report/html/page.h"
#include "harness/report/html/several_page.h"
#include "harness/result/diff.h"
#include "tests/main.h"

#include <check.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOSTILE                                                                                    \
    "</style></title><script>alert(1)</script>\"' onload=x \033[2J \377 \342\200\256\342\200\254 " \
    "end"

enum {
    BASE = 0x10000,
    OFFERED = 192,
};

static const struct clause clauses[] = {
    {.id = "SIZE-7", .level = LEVEL_MUST, .sentence = "one threshold " HOSTILE, .source = HOSTILE},
    {.id = "LAYOUT-5", .level = LEVEL_MUST, .sentence = "no overlap", .why = HOSTILE},
    {.id = "ZZZ-1", .level = LEVEL_NOTE, .sentence = "of no group"},
};

// ---- A list ----------------------------------------------------------------------------------

static void put(uint8_t *bytes, size_t offset, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[offset + i] = (uint8_t)(value >> (8 * i));
}

static size_t put_text(uint8_t *bytes, size_t member, size_t offset, const char *text)
{
    put(bytes, member, BASE + offset, 8);
    memcpy(bytes + offset, text, strlen(text) + 1);
    return offset + strlen(text) + 1;
}

// A session's structure at 0, its connection at 64, strings from 104 to 180.
static uint8_t *make_list(void)
{
    uint8_t *bytes = calloc(1, OFFERED);
    ck_assert_ptr_nonnull(bytes);
    put(bytes, 48, 1, 4);
    put(bytes, 56, BASE + 64, 8);
    size_t end = put_text(bytes, 16, 104, "iqn.2026-11.a:<b>i</b>");
    end = put_text(bytes, 24, end, "iqn.2026-11.a:t");
    end = put_text(bytes, 32, end, "alias");
    end = put_text(bytes, 64 + 16, end, "127.0.0.1");
    end = put_text(bytes, 64 + 24, end, "127.0.0.1");
    ck_assert_uint_eq(end, 104 + 23 + 16 + 6 + 10 + 10);
    return bytes;
}

enum { LIST_END = 104 + 23 + 16 + 6 + 10 + 10 };

static struct record make_record(uint8_t *bytes)
{
    return (struct record){.probe_set = "sweep",
                           .call = {.charset = CHARSET_A,
                                    .placement = PLACE_MIDDLE,
                                    .offered = OFFERED,
                                    .count_in = 3},
                           .outcome = {.kind = OUTCOME_RETURNED,
                                       .size_out = LIST_END,
                                       .count_out = 1,
                                       .inside = {0, LIST_END - 1},
                                       .before = {0, -1},
                                       .after = {0, -1},
                                       .base = BASE,
                                       .byte_count = LIST_END},
                           .bytes = bytes};
}

// ---- A result --------------------------------------------------------------------------------

static void fill(struct result *result, size_t scenarios)
{
    *result = (struct result){.profile = "documented",
                              .effort = "standard",
                              .command = "iscsidsc-tck run -i '" HOSTILE "'",
                              .selection = " -s single -c SIZE",
                              .hello = {.pointer_size = 8, .code_page = 65001},
                              .scenario_count = scenarios};
    snprintf(result->hello.platform, sizeof result->hello.platform, "linux <x>");
    result->implementation = strdup("./lib" HOSTILE ".so");
    result->scenarios = calloc(scenarios, sizeof *result->scenarios);
    ck_assert_ptr_nonnull(result->scenarios);
    for (size_t i = 0; i < scenarios; i++) {
        struct scenario_result *scenario = &result->scenarios[i];
        *scenario =
            (struct scenario_result){.check_count = 3, .planned_count = 3, .finished = true};
        scenario->name = strdup(i == 0 ? "single " HOSTILE : "another");
        scenario->summary = strdup(HOSTILE);
        scenario->path = strdup("/tmp/" HOSTILE ".yaml");
        scenario->digest = strdup("0123");
        scenario->checks = calloc(3, sizeof *scenario->checks);
        ck_assert_ptr_nonnull(scenario->checks);
        for (size_t j = 0; j < 3; j++)
            scenario->checks[j] = (struct check){.clause = &clauses[j], .judged = true};
        scenario->checks[2].verdict.kind = VERDICT_NOTE;
        snprintf(scenario->checks[2].verdict.got, sizeof scenario->checks[2].verdict.got, HOSTILE);
    }
}

// The check of LAYOUT-5 in the first scenario fails with that record, whose bytes are kept.
static struct check *break_check(struct result *result, const struct record *record)
{
    struct scenario_result *scenario = &result->scenarios[0];
    struct check *check = &scenario->checks[1];
    check->verdict.kind = VERDICT_FAIL;
    snprintf(check->verdict.got, sizeof check->verdict.got, "got " HOSTILE);
    snprintf(check->verdict.expected, sizeof check->verdict.expected, "expected " HOSTILE);
    check->evidence = *record;
    check->evidence.said = strdup("printed " HOSTILE "\nand more");
    check->verdict.record = &check->evidence;
    return check;
}

// Bytes of the evidence and of the list to compare with are the scenario's to free.
static void keep(struct result *result, uint8_t *bytes)
{
    struct scenario_result *scenario = &result->scenarios[0];
    struct kept_bytes *grown =
        realloc(scenario->kept, (scenario->kept_count + 1) * sizeof *scenario->kept);
    ck_assert_ptr_nonnull(grown);
    scenario->kept = grown;
    scenario->kept[scenario->kept_count++] = (struct kept_bytes){.bytes = bytes};
}

static char *read_page(const char *path)
{
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
    fclose(file);
    unlink(path);
    return text;
}

static void make_path(char *path)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static char *write_page(const struct result *result)
{
    char path[] = "/tmp/tck-html-XXXXXX";
    struct failure failure = {0};
    make_path(path);
    ck_assert_msg(report_html_write(result, path, &failure) == 0, "%s", failure.text);
    return read_page(path);
}

static void expect(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text) != NULL, "the page lacks: %s", text);
}

static void expect_not(const char *page, const char *text)
{
    const char *found = strstr(page, text);
    ck_assert_msg(found == NULL, "the page has \"%s\": %.80s", text, found == NULL ? "" : found);
}

// Each picture is XML, so no tag in it is left open and no text in it is taken for one.
static size_t expect_pictures(const char *page)
{
    size_t count = 0;
    for (const char *at = strstr(page, "<svg"); at != NULL; at = strstr(at, "<svg")) {
        const char *end = strstr(at, "</svg>");
        ck_assert_ptr_nonnull(end);
        xmlDocPtr document = xmlReadMemory(at, (int)(end + 6 - at), NULL, "UTF-8", XML_PARSE_NONET);
        ck_assert_msg(document != NULL, "picture %zu is not well-formed", count);
        xmlFreeDoc(document);
        at = end;
        count++;
    }
    return count;
}

// ---- Tests -----------------------------------------------------------------------------------

START_TEST(hostile_text_stays_text)
{
    struct result result;
    fill(&result, 2);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    struct record record = make_record(bytes);
    record.call.offered = 0xFFFFFFFF;
    break_check(&result, &record);
    char *page = write_page(&result);
    expect_not(page, "<script");
    expect_not(page, "\033");
    expect_not(page, "\377");
    expect_not(page, "\342\200\256\342\200\254");
    expect_not(page, "<b>i</b>");
    expect(page, " -s single -c SIZE</dd>"); // what repeats the whole run
    expect(page, "iqn.2026-11.a:&lt;b&gt;i&lt;/b&gt;");
    expect(page, "&lt;script&gt;");
    free(page);
    result_free(&result);
}
END_TEST

// A text that ends the attribute it stands in would go on as attributes of its own.
static void expect_no_handlers(const xmlNode *first)
{
    for (const xmlNode *node = first; node != NULL; node = node->next) {
        for (const xmlAttr *each = node->type == XML_ELEMENT_NODE ? node->properties : NULL;
             each != NULL; each = each->next)
            ck_assert_msg(strncmp((const char *)each->name, "on", 2) != 0, "<%s> has %s",
                          (const char *)node->name, (const char *)each->name);
        expect_no_handlers(node->children);
    }
}

START_TEST(hostile_text_stays_in_its_attribute)
{
    struct result result;
    fill(&result, 1);
    char *page = write_page(&result);
    htmlDocPtr document =
        htmlReadMemory(page, (int)strlen(page), NULL, "UTF-8",
                       HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    ck_assert_ptr_nonnull(document);
    expect_no_handlers(xmlDocGetRootElement(document));
    xmlFreeDoc(document);
    // In attributes as in text, so that it doesn't matter which quotes an attribute has.
    expect(page, "title=\"one threshold &lt;/style&gt;&lt;/title&gt;&lt;script&gt;alert(1)"
                 "&lt;/script&gt;&quot;&#39; onload=x ");
    expect_not(page, "\"&#39; onload");
    expect_not(page, "&quot;' onload");
    expect_not(page, "\"' onload");
    free(page);
    result_free(&result);
}
END_TEST

START_TEST(page_asks_for_nothing)
{
    struct result result;
    fill(&result, 1);
    char *page = write_page(&result);
    expect(page, "default-src 'none'");
    expect_not(page, "http://");
    expect_not(page, "https://");
    expect_not(page, "url(");
    expect(page, "prefers-color-scheme:dark");
    expect(page, "@media print");
    expect(page, "None: nothing failed");
    ck_assert_uint_eq(expect_pictures(page), 0);
    free(page);
    result_free(&result);
}
END_TEST

START_TEST(overrun_names_its_bytes)
{
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    struct record record = make_record(bytes);
    record.outcome.after = (struct extent){OFFERED, OFFERED + 2};
    break_check(&result, &record);
    char *page = write_page(&result);
    expect(page, "bytes 192 to 194: written at or past the end of the buffer");
    ck_assert_uint_eq(expect_pictures(page), 1); // the map; no sweep is kept
    free(page);
    result_free(&result);
}
END_TEST

START_TEST(overlap_names_its_bytes)
{
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    put(bytes, 32, BASE + 120, 8); // TargetName into the middle of InitiatorName
    struct record record = make_record(bytes);
    break_check(&result, &record);
    char *page = write_page(&result);
    expect(page, "bytes 120 to 126: both TargetName of session 0 and InitiatorName of session 0");
    free(page);
    result_free(&result);
}
END_TEST

START_TEST(pointer_outside_is_told)
{
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    put(bytes, 24, 0xdeadbeef0000, 8);
    put(bytes, 56, BASE + 4096, 8);
    struct record record = make_record(bytes);
    break_check(&result, &record);
    char *page = write_page(&result);
    expect(page, "bytes 24 to 31: TargetNodeName of session 0 is 0xdeadbeef0000: outside");
    expect(page,
           "bytes 56 to 63: Connections of session 0 is 0x11000, SessionInfo + 4096: outside");
    free(page);
    result_free(&result);
}
END_TEST

START_TEST(size_without_a_terminator_is_told)
{
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    struct record whole = make_record(bytes);
    struct record record = make_record(NULL);
    result.scenarios[0].lists[CHARSET_A] = whole;
    record.call.offered = LIST_END - 1;
    record.outcome.status = 122;
    record.outcome.size_out = LIST_END - 1;
    record.outcome.inside = extent_none();
    record.outcome.byte_count = 0;
    break_check(&result, &record);
    char *page = write_page(&result);
    expect(page, "*BufferSize says that 168 are required, the list that a call with room to spare "
                 "left ends at byte 169");
    free(page);

    // The same, but a crash: which byte, and what was to stand there.
    struct check *check = &result.scenarios[0].checks[1];
    check->evidence.outcome.kind = OUTCOME_FAULT;
    check->evidence.outcome.signal_number = 11;
    check->evidence.outcome.direction = FAULT_WRITE;
    check->evidence.outcome.fault_has_address = true;
    check->evidence.outcome.fault_address = BASE + LIST_END - 1;
    page = write_page(&result);
    expect(page, "byte 168: the write that faulted; where a call with room to spare has the "
                 "terminator of TargetAddress of connection 0 of session 0");
    free(page);
    result_free(&result);
}
END_TEST

START_TEST(truncation_shows_what_is_missing)
{
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = make_list();
    uint8_t *cut = make_list();
    keep(&result, bytes);
    keep(&result, cut);
    result.scenarios[0].lists[CHARSET_A] = make_record(bytes);
    struct record record = make_record(cut);
    record.call.offered = 110;
    record.outcome.size_out = 110;
    record.outcome.inside = (struct extent){0, 109};
    record.outcome.byte_count = 110;
    break_check(&result, &record);
    char *page = write_page(&result);
    expect(page, "from byte 110 on: missing");
    expect(page, "bytes 104 to 109: InitiatorName of session 0 has no terminator before the end");
    free(page);
    result_free(&result);
}
END_TEST

// Garbage in every place: nothing is followed out of the bytes, and the page is bounded.
START_TEST(garbage_is_drawn_too)
{
    uint64_t state = 1;
    for (int round = 0; round < 40; round++) {
        struct result result;
        fill(&result, 1);
        uint8_t *bytes = make_list();
        keep(&result, bytes);
        for (int i = 0; i < 24; i++) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            size_t place = (size_t)(state >> 33) % LIST_END;
            bytes[place] = (uint8_t)(state >> 56);
            if (round % 2 == 0)
                put(bytes, (place / 8 * 8) % 96, BASE + (state >> 40) % OFFERED, 8);
        }
        struct record record = make_record(bytes);
        record.outcome.count_out = round % 3 == 0 ? 0xFFFFFFFF : (uint32_t)(round % 4);
        record.outcome.before = (struct extent){-1 - round, -1};
        break_check(&result, &record);
        result.scenarios[0].lists[CHARSET_A] = record;
        char *page = write_page(&result);
        ck_assert_uint_eq(expect_pictures(page), 1);
        ck_assert_uint_lt(strlen(page), 200000);
        free(page);
        result_free(&result);
    }
}
END_TEST

static void add_point(struct sweep *sweep, uint32_t offered, uint8_t kind, uint32_t status,
                      uint32_t size)
{
    sweep->points[sweep->count++] =
        (struct sweep_point){.offered = offered, .kind = kind, .status = status, .size_out = size};
}

START_TEST(sweep_tells_every_anomaly)
{
    struct result result;
    fill(&result, 1);
    struct sweep *sweep = &result.scenarios[0].sweeps[CHARSET_A];
    sweep->points = calloc(300, sizeof *sweep->points);
    ck_assert_ptr_nonnull(sweep->points);
    for (uint32_t size = 0; size < 300; size++) {
        if (size == 50)
            add_point(sweep, size, OUTCOME_RETURNED, 0, 200);
        else if (size == 60 || size == 61)
            add_point(sweep, size, OUTCOME_RETURNED, 234, 200);
        else if (size == 70)
            add_point(sweep, size, OUTCOME_FAULT, 0, 0);
        else if (size == 220)
            add_point(sweep, size, OUTCOME_RETURNED, 122, 200);
        else if (size >= 290)
            add_point(sweep, size, OUTCOME_RETURNED, 0, size);
        else
            add_point(sweep, size, OUTCOME_RETURNED, size < 200 ? 122 : 0, 200);
    }
    char *page = write_page(&result);
    expect(page, "required: 200");
    expect(page, "50 bytes offered: 0 (ERROR_SUCCESS), *BufferSize = 200 - success below");
    expect(page, "60 to 61 bytes offered: 234 (ERROR_MORE_DATA)");
    expect(page, "70 bytes offered: a fault");
    expect(page, "220 bytes offered: 122 (ERROR_INSUFFICIENT_BUFFER), *BufferSize = 200 - "
                 "insufficient, though the size required was offered");
    expect(page, "290 to 299 bytes offered: 0 (ERROR_SUCCESS), *BufferSize from 290 to 299 - "
                 "another size");
    ck_assert_uint_eq(expect_pictures(page), 1);
    free(page);
    result_free(&result);
}
END_TEST

// A list of 2,000 sessions, all of whose pointers lead astray: the picture stays small.
START_TEST(many_sessions_are_aggregated)
{
    enum { SESSIONS = 2000, STRINGS = SESSIONS * 64, SIZE = STRINGS + 64 };
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = calloc(1, SIZE);
    ck_assert_ptr_nonnull(bytes);
    keep(&result, bytes);
    memcpy(bytes + STRINGS, "iqn", 4);
    for (size_t i = 0; i < SESSIONS; i++) {
        put(bytes, i * 64 + 16, BASE + STRINGS, 8);
        put(bytes, i * 64 + 24, BASE + STRINGS, 8);
        put(bytes, i * 64 + 32, i == 1234 ? 0 : BASE + STRINGS, 8);
    }
    struct record record = make_record(bytes);
    record.call.offered = SIZE;
    record.outcome.size_out = SIZE;
    record.outcome.count_out = SESSIONS;
    record.outcome.byte_count = SIZE;
    record.outcome.inside.last = SIZE - 1;
    break_check(&result, &record);
    char *page = write_page(&result);
    expect(page, "bytes 79008 to 79015: TargetName of session 1234 is NULL");
    expect(page, "on top all of it");
    ck_assert_uint_eq(expect_pictures(page), 1);
    ck_assert_uint_lt(strlen(page), 100000);
    free(page);
    result_free(&result);
}
END_TEST

// Thousands of pointers into one text without an end, which crosses every row.
START_TEST(overlaps_without_end_are_bounded)
{
    enum { SESSIONS = 2000, STRINGS = SESSIONS * 64, SIZE = STRINGS + 4000 };
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = calloc(1, SIZE);
    ck_assert_ptr_nonnull(bytes);
    keep(&result, bytes);
    memset(bytes + STRINGS, 'x', SIZE - STRINGS);
    for (size_t i = 0; i < SESSIONS; i++)
        for (size_t member = 16; member <= 32; member += 8)
            put(bytes, i * 64 + member, BASE + STRINGS + i + member, 8);
    struct record record = make_record(bytes);
    record.call.offered = SIZE;
    record.outcome.size_out = SIZE;
    record.outcome.count_out = SESSIONS;
    record.outcome.byte_count = SIZE;
    record.outcome.inside.last = SIZE - 1;
    break_check(&result, &record);
    char *page = write_page(&result);
    ck_assert_uint_eq(expect_pictures(page), 1);
    ck_assert_uint_lt(strlen(page), 1000000);
    free(page);
    result_free(&result);
}
END_TEST

// A sweep in which every size is answered in another way: drawn to its end, and still small.
START_TEST(noisy_sweeps_are_bounded)
{
    enum { POINTS = 60000 };
    struct result result;
    fill(&result, 1);
    struct sweep *sweep = &result.scenarios[0].sweeps[CHARSET_A];
    sweep->points = calloc(POINTS, sizeof *sweep->points);
    ck_assert_ptr_nonnull(sweep->points);
    for (uint32_t size = 0; size < POINTS; size++)
        add_point(sweep, size, size % 7 == 3 ? OUTCOME_FAULT : OUTCOME_RETURNED,
                  (const uint32_t[]){0, 122, 234}[size % 3], size * 7919 % POINTS);
    char *page = write_page(&result);
    ck_assert_uint_eq(expect_pictures(page), 1);
    ck_assert_uint_lt(strlen(page), 600000);
    expect(page, "ranges of sizes, of which this is the first");
    expect_not(page, "more such answers");
    free(page);
    result_free(&result);
}
END_TEST

// Thirty scenarios in which all of hundred clauses fail, with long words and a list each: every
// clause has its words, every link of the matrix leads somewhere, and the page stays below 5 MB.
START_TEST(everything_failing_fits)
{
    enum { SCENARIOS = 30, CLAUSES = 100 };
    static char names[CLAUSES][16];
    static struct clause many[CLAUSES];
    struct result result;
    fill(&result, SCENARIOS);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    for (size_t i = 0; i < CLAUSES; i++) {
        snprintf(names[i], sizeof names[i], "ZZZ-%zu", i + 1);
        many[i] = (struct clause){.id = names[i], .level = LEVEL_MUST, .sentence = "it holds"};
    }
    for (size_t i = 0; i < SCENARIOS; i++) {
        struct scenario_result *scenario = &result.scenarios[i];
        free(scenario->checks);
        scenario->checks = calloc(CLAUSES, sizeof *scenario->checks);
        ck_assert_ptr_nonnull(scenario->checks);
        scenario->check_count = scenario->planned_count = CLAUSES;
        for (size_t j = 0; j < CLAUSES; j++) {
            struct check *check = &scenario->checks[j];
            *check = (struct check){.clause = &many[j], .judged = true};
            check->verdict.kind = VERDICT_FAIL;
            memset(check->verdict.got, '<', sizeof check->verdict.got - 1);
            check->verdict.got[0] = (char)('0' + i); // no two say the same
            memset(check->verdict.expected, '&', sizeof check->verdict.expected - 1);
            check->evidence = make_record(bytes);
            check->evidence.outcome.after = (struct extent){OFFERED, OFFERED + 2};
            check->verdict.record = &check->evidence;
        }
    }
    char *page = write_page(&result);
    ck_assert_uint_lt(strlen(page), 5000000);
    ck_assert_uint_ge(expect_pictures(page), 10);
    const char *at = strstr(page, "id=\"findings\"");
    for (size_t j = 0; j < CLAUSES; j++) {
        char text[64];
        snprintf(text, sizeof text, "<h3>%.15s: it holds", names[j]);
        at = at == NULL ? NULL : strstr(at, text);
        ck_assert_msg(at != NULL, "%s has no section", names[j]);
        ck_assert_ptr_nonnull(strstr(at, "Expected"));
        for (size_t i = 0; i < SCENARIOS && at != NULL; i++) {
            snprintf(text, sizeof text, " id=\"f%zu-%zu\"", i, j);
            at = strstr(at, text);
            ck_assert_msg(at != NULL, "the page lacks: %s", text);
        }
    }
    free(page);
    result_free(&result);
}
END_TEST

static const char *place_of(const char *page, const char *text)
{
    const char *at = strstr(page, text);
    ck_assert_msg(at != NULL, "the page lacks: %s", text);
    return at;
}

// What is broken comes first, with links to it, then what failed, the warnings, the matrix.
START_TEST(what_does_not_hold_comes_first)
{
    struct result result;
    fill(&result, 2);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    struct record record = make_record(bytes);
    break_check(&result, &record);
    result.scenarios[1].checks[0].verdict.kind = VERDICT_WARN;
    snprintf(result.scenarios[1].checks[0].verdict.got, 16, "warned");
    char *page = write_page(&result);
    const char *const order[] = {"<h2>What does not hold</h2>",
                                 "<a href=\"#clause-LAYOUT-5\">",
                                 "<a href=\"#f0-1\">",
                                 "<h2>Failures</h2>",
                                 "<h3>LAYOUT-5",
                                 "<h2>Warnings</h2>",
                                 "<h3>SIZE-7",
                                 "<h2>Clauses by scenarios</h2>"};
    for (size_t i = 1; i < sizeof order / sizeof *order; i++)
        ck_assert_msg(place_of(page, order[i - 1]) < place_of(page, order[i]),
                      "%s does not stand before %s", order[i - 1], order[i]);
    expect(page, "1 check in 1 scenario");
    free(page);
    result_free(&result);
}
END_TEST

// Ten checks of a clause that say the same are one finding; links to each of them lead there.
START_TEST(what_says_the_same_stands_once)
{
    enum { SCENARIOS = 10 };
    struct result result;
    fill(&result, SCENARIOS);
    for (size_t i = 0; i < SCENARIOS; i++) {
        struct check *check = &result.scenarios[i].checks[1];
        check->verdict.kind = VERDICT_FAIL;
        snprintf(check->verdict.got, sizeof check->verdict.got, "the same");
    }
    char *page = write_page(&result);
    expect(page, "<b class=\"times\">10 times</b>");
    expect(page, "10 checks in 10 scenarios");
    const char *dt = place_of(page, "<dt>Got</dt>");
    ck_assert_ptr_null(strstr(dt + 1, "<dt>Got</dt>"));
    for (size_t i = 0; i < SCENARIOS; i++) {
        char text[32];
        snprintf(text, sizeof text, " id=\"f%zu-1\"", i);
        const char *at = place_of(page, text);
        ck_assert_ptr_null(strstr(at + 1, text));
    }
    free(page);
    result_free(&result);
}
END_TEST

// Of a member that is wrong, its string is marked, and not what is only odd elsewhere.
START_TEST(the_wrong_member_is_marked)
{
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = make_list();
    keep(&result, bytes);
    struct record record = make_record(bytes);
    record.outcome.inside.last = OFFERED - 1; // written behind the list
    struct check *check = break_check(&result, &record);
    char *odd = write_page(&result);
    expect(odd, "written behind *BufferSize");
    check->verdict.wrong = (struct listed_member){"TargetName", 0, -1};
    char *page = write_page(&result);
    expect(page, "bytes 143 to 148: TargetName of session 0 is &quot;alias&quot;, which is wrong");
    expect_not(page, "written behind *BufferSize");
    check->verdict.wrong = (struct listed_member){"TargetAddress", 0, 0};
    char *address = write_page(&result);
    expect(address, "TargetAddress of connection 0 of session 0 is &quot;127.0.0.1&quot;");
    free(address);
    free(page);
    free(odd);
    result_free(&result);
}
END_TEST

// Rows of the map and of the bytes that look the same are drawn once, with their number.
START_TEST(rows_that_look_the_same_are_one)
{
    enum { SESSIONS = 12, SIZE = SESSIONS * 64 };
    struct result result;
    fill(&result, 1);
    uint8_t *bytes = calloc(1, SIZE);
    ck_assert_ptr_nonnull(bytes);
    keep(&result, bytes);
    struct record record = make_record(bytes);
    record.call.offered = SIZE;
    record.outcome.size_out = SIZE;
    record.outcome.count_out = SESSIONS;
    record.outcome.byte_count = SIZE;
    record.outcome.inside.last = SIZE - 1;
    record.outcome.after = (struct extent){SIZE, SIZE + 100};
    struct check *check = break_check(&result, &record);
    check->verdict.wrong = (struct listed_member){"SessionId", SESSIONS - 1, -1};
    char *page = write_page(&result);
    expect(page, "such a row "); // of the bytes: behind the buffer nothing is known
    for (size_t i = 0; i < SESSIONS; i++)
        for (size_t member = 16; member <= 32; member += 8)
            put(bytes, i * 64 + member, BASE, 8); // no pointer is marked any more
    free(page);
    page = write_page(&result);
    expect(page, "such a row 10 times: bytes 128 to 703 look like it");
    free(page);
    result_free(&result);
}
END_TEST

// ---- Two results, and several ----------------------------------------------------------------

START_TEST(differences_have_a_page)
{
    char path[] = "/tmp/tck-html-XXXXXX";
    struct failure failure = {0};
    struct result before;
    struct result after;
    struct diff diff;
    fill(&before, 2);
    fill(&after, 1);
    uint8_t *bytes = make_list();
    keep(&after, bytes);
    struct record record = make_record(bytes);
    break_check(&after, &record);
    before.scenarios[0].checks[0].verdict.kind = VERDICT_FAIL;
    before.scenarios[0].observed[CHARSET_A] =
        (struct observation){.has_required = true, .required = 200};
    after.scenarios[0].observed[CHARSET_A] =
        (struct observation){.has_required = true, .required = 216};
    ck_assert_int_eq(diff_make(&diff, &before, &after), 0);
    make_path(path);
    ck_assert_int_eq(report_html_diff(&(struct diff_document){.diff = &diff,
                                                              .before = &before,
                                                              .after = &after,
                                                              .before_path = "old" HOSTILE,
                                                              .after_path = "new.json"},
                                      path, &failure),
                     0);
    char *page = read_page(path);
    expect(page, "1 check fails now, and did not before");
    expect(page, "<h2>New failures <span class=\"soft\">(1)");
    expect(page, "id=\"new-LAYOUT-5\"");
    expect(page, "GetIScsiSessionListA(&amp;size = 192");
    expect(page, "<h2>Fixed <span class=\"soft\">(1)");
    expect(page, "id=\"fixed-SIZE-7\"");
    expect(page, "200 bytes</td>");
    expect(page, "216 bytes</td>");
    expect(page, "<h2>No longer run or tried <span class=\"soft\">(3)");
    expect_not(page, "<script");
    expect_not(page, "http:");
    free(page);
    diff_free(&diff);
    result_free(&before);
    result_free(&after);
}
END_TEST

// The page of two results, of which the second breaks LAYOUT-5.
static char *write_several(struct result results[2])
{
    char path[] = "/tmp/tck-html-XXXXXX";
    struct failure failure = {0};
    struct comparison comparison;
    uint8_t *bytes = make_list();
    keep(&results[1], bytes);
    struct record record = make_record(bytes);
    break_check(&results[1], &record);
    ck_assert_int_eq(
        comparison_make(&comparison, (const struct result *const[]){&results[0], &results[1]}, 2),
        0);
    make_path(path);
    ck_assert_int_eq(
        report_html_several(
            &(struct several_document){.comparison = &comparison, .results = results, .count = 2},
            path, &failure),
        0);
    comparison_free(&comparison);
    return read_page(path);
}

START_TEST(several_have_a_column_each)
{
    struct result results[2];
    fill(&results[0], 2);
    fill(&results[1], 2);
    char *page = write_several(results);
    // The clause that differs, and one that does not.
    expect(page, "<tr><th scope=\"row\" title=\"no overlap\">");
    expect(page, "<tr class=\"same\"><th scope=\"row\" title=\"of no group\">");
    expect(page, "<a href=\"#i2-clause-LAYOUT-5\" class=\"v fail\">F <small>1 of 2</small></a>");
    expect(page, "<span class=\"v pass\">P <small>2 of 2</small></span>");
    expect(page, "id=\"i2-clause-LAYOUT-5\"");
    expect(page, "id=\"i2-f0-1\"");
    expect(page, "id=\"i1-findings\"");
    expect_not(page, "id=\"i1-f0");
    expect_not(page, "<script");
    ck_assert_uint_eq(expect_pictures(page), 1);
    free(page);
    result_free(&results[0]);
    result_free(&results[1]);
}
END_TEST

// Where one did not get as far, many clauses say the same of it: they stand once, behind those that
// fail.
START_TEST(what_differs_alike_stands_once)
{
    struct result results[2];
    fill(&results[0], 2);
    fill(&results[1], 2);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j += 2)
            results[i].scenarios[0].checks[j].verdict =
                (struct verdict){.kind = i == 0 ? VERDICT_PASS : VERDICT_SKIP};
    char *page = write_several(results);
    const char *at = place_of(page, "id=\"differences\"");
    const char *end = strstr(at, "id=\"i1\"");
    const char *failing = strstr(at, "<h3>LAYOUT-5");
    const char *alike = strstr(at, "<h3>SIZE-7");
    ck_assert(failing != NULL && alike != NULL && failing < alike && alike < end);
    const char *second = strstr(alike, "</h3><h3>");
    ck_assert_msg(second != NULL && second < strstr(alike, "<table"),
                  "two clauses that differ alike have a table each");
    ck_assert_ptr_nonnull(strstr(alike, "<span class=\"who\">[2] "));
    free(page);
    result_free(&results[0]);
    result_free(&results[1]);
}
END_TEST

START_TEST(unfinished_run_says_so)
{
    struct result result;
    fill(&result, 1);
    result.scenarios[0].finished = false;
    result.scenarios[0].checks[0].judged = false;
    failure_set(&result.failure, STATUS_UNTRUSTED, "tgtd <ended>\nsecond line");
    char *page = write_page(&result);
    expect(page, "can't be trusted");
    expect(page, "tgtd &lt;ended&gt;\nsecond line");
    expect(page, "class=\"v none\"");
    free(page);
    result_free(&result);
    struct result empty = {.profile = "documented"};
    page = write_page(&empty);
    expect(page, "No check was planned");
    free(page);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("report_html");
    TCase *tests = tcase_create("html");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, hostile_text_stays_text);
    tcase_add_test(tests, hostile_text_stays_in_its_attribute);
    tcase_add_test(tests, page_asks_for_nothing);
    tcase_add_test(tests, overrun_names_its_bytes);
    tcase_add_test(tests, overlap_names_its_bytes);
    tcase_add_test(tests, pointer_outside_is_told);
    tcase_add_test(tests, size_without_a_terminator_is_told);
    tcase_add_test(tests, truncation_shows_what_is_missing);
    tcase_add_test(tests, garbage_is_drawn_too);
    tcase_add_test(tests, sweep_tells_every_anomaly);
    tcase_add_test(tests, many_sessions_are_aggregated);
    tcase_add_test(tests, overlaps_without_end_are_bounded);
    tcase_add_test(tests, noisy_sweeps_are_bounded);
    tcase_add_test(tests, everything_failing_fits);
    tcase_add_test(tests, what_does_not_hold_comes_first);
    tcase_add_test(tests, what_says_the_same_stands_once);
    tcase_add_test(tests, the_wrong_member_is_marked);
    tcase_add_test(tests, rows_that_look_the_same_are_one);
    tcase_add_test(tests, differences_have_a_page);
    tcase_add_test(tests, several_have_a_column_each);
    tcase_add_test(tests, what_differs_alike_stands_once);
    tcase_add_test(tests, unfinished_run_says_so);
    suite_add_tcase(suite, tests);
    return suite;
}

void test_clean_up(void)
{
    xmlCleanupParser();
}
