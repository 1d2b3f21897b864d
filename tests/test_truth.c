// SPDX-License-Identifier: Apache-2.0
// Tests of the truth: copies, its JSON form, and what is refused when it is read back.
#include "conformance/transcript/truth_json.h"
#include "tests/main.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct truth *make_truth(void)
{
    struct truth *truth = calloc(1, sizeof *truth);
    ck_assert_ptr_nonnull(truth);
    truth->generation = 7;
    truth->began_ns = 1234567890123456789;
    truth->settled_ns = 1234567890123456790;
    truth->session_count = 2;
    truth->sessions = calloc(2, sizeof *truth->sessions);
    ck_assert_ptr_nonnull(truth->sessions);
    for (size_t i = 0; i < 2; i++) {
        struct truth_session *session = &truth->sessions[i];
        session->adapter_unique = UINT64_MAX - 1;
        session->adapter_specific = i + 1;
        session->initiator_name = strdup(i == 0 ? "iqn.2024-01.test:h\xC3\xB6st-\xF0\x9F\x92\xBE"
                                                : "iqn.2024-01.test:host");
        session->target_node_name = strdup("eui.0123456789abcdef");
        session->target_name = strdup("disk \"one\"");
        memcpy(session->isid, "\x00\x02\x3d\x00\xff\x01", ISID_SIZE);
        memcpy(session->tsid, "\x01\x00", TSID_SIZE);
    }
    struct truth_connection *connection = calloc(1, sizeof *connection);
    ck_assert_ptr_nonnull(connection);
    truth->sessions[0].connections = connection;
    truth->sessions[0].connection_count = 1;
    connection->adapter_unique = 0x0123456789ABCDEF;
    connection->adapter_specific = 1;
    connection->cid = 65535;
    strcpy(connection->initiator_address, "127.0.0.1");
    connection->initiator_port = 65535;
    strcpy(connection->target_address, "::1");
    connection->target_port = 1;
    return truth;
}

static void assert_same(const struct truth *one, const struct truth *other)
{
    ck_assert_uint_eq(one->generation, other->generation);
    ck_assert_uint_eq(one->began_ns, other->began_ns);
    ck_assert_uint_eq(one->settled_ns, other->settled_ns);
    ck_assert_uint_eq(one->session_count, other->session_count);
    for (size_t i = 0; i < one->session_count; i++) {
        const struct truth_session *first = &one->sessions[i];
        const struct truth_session *second = &other->sessions[i];
        ck_assert_uint_eq(first->adapter_unique, second->adapter_unique);
        ck_assert_uint_eq(first->adapter_specific, second->adapter_specific);
        ck_assert_str_eq(first->initiator_name, second->initiator_name);
        ck_assert_str_eq(first->target_node_name, second->target_node_name);
        ck_assert_str_eq(first->target_name, second->target_name);
        ck_assert_mem_eq(first->isid, second->isid, ISID_SIZE);
        ck_assert_mem_eq(first->tsid, second->tsid, TSID_SIZE);
        ck_assert_uint_eq(first->unknown, second->unknown);
        ck_assert_uint_eq(first->connection_count, second->connection_count);
        for (size_t j = 0; j < first->connection_count; j++) {
            const struct truth_connection *a = &first->connections[j];
            const struct truth_connection *b = &second->connections[j];
            ck_assert_uint_eq(a->adapter_unique, b->adapter_unique);
            ck_assert_uint_eq(a->adapter_specific, b->adapter_specific);
            ck_assert_uint_eq(a->cid, b->cid);
            ck_assert_str_eq(a->initiator_address, b->initiator_address);
            ck_assert_uint_eq(a->initiator_port, b->initiator_port);
            ck_assert_str_eq(a->target_address, b->target_address);
            ck_assert_uint_eq(a->target_port, b->target_port);
            ck_assert_uint_eq(a->unknown, b->unknown);
        }
    }
}

START_TEST(test_copy)
{
    struct truth *truth = make_truth();
    struct truth *copy = truth_copy(truth);
    ck_assert_ptr_nonnull(copy);
    assert_same(truth, copy);
    ck_assert_ptr_ne(truth->sessions[0].initiator_name, copy->sessions[0].initiator_name);
    ck_assert_ptr_ne(truth->sessions[0].connections, copy->sessions[0].connections);
    truth_free(truth);
    truth_free(copy);
    truth_free(NULL);
}
END_TEST

// Whoever frees it last frees it.
START_TEST(test_share)
{
    struct truth *truth = make_truth();
    struct truth *copy = truth_copy(truth);
    struct truth *shared = truth_share(truth);
    ck_assert_ptr_eq(shared, truth);
    struct truth *copy_of_shared = truth_copy(shared);
    truth_free(truth);
    assert_same(shared, copy);
    truth_free(shared);
    assert_same(copy_of_shared, copy);
    truth_free(copy_of_shared);
    truth_free(copy);
}
END_TEST

START_TEST(test_copy_empty)
{
    const struct truth truth = {.generation = 1};
    struct truth *copy = truth_copy(&truth);
    ck_assert_ptr_nonnull(copy);
    assert_same(&truth, copy);
    truth_free(copy);
}
END_TEST

// Through text, as a transcript has it.
START_TEST(test_json_and_back)
{
    struct truth *truth = make_truth();
    struct truth *read = NULL;
    struct failure failure = {0};
    json_t *object = truth_to_json(truth);
    ck_assert_ptr_nonnull(object);
    char *text = json_dumps(object, JSON_COMPACT);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(strstr(text, "\"isid\":\"00023d00ff01\""));
    ck_assert_ptr_nonnull(strstr(text, "\"tsid\":\"0100\""));
    ck_assert_ptr_nonnull(strstr(text, "\"adapter_unique\":\"fffffffffffffffe\""));
    json_t *parsed = json_loads(text, 0, NULL);
    ck_assert_int_eq(truth_from_json(&read, parsed, &failure), 0);
    ck_assert_int_eq(failure.status, 0);
    assert_same(truth, read);
    json_decref(parsed);
    json_decref(object);
    free(text);
    truth_free(truth);
    truth_free(read);
}
END_TEST

// What is set in a good truth's JSON to spoil it, and what the refusal must name. NULL as the
// value: the key is deleted.
struct spoiling {
    enum { IN_TRUTH, IN_SESSION, IN_CONNECTION } where;
    const char *key;
    const char *value;
    const char *named;
};

static const struct spoiling spoilings[] = {
    {IN_TRUTH, "generation", NULL, "truth: \"generation\" is missing"},
    {IN_TRUTH, "generation", "0", "\"generation\" must be an integer from 1"},
    {IN_TRUTH, "generation", "1.0", "\"generation\""},
    {IN_TRUTH, "generation", "\"1\"", "\"generation\""},
    {IN_TRUTH, "began_ns", "-1", "\"began_ns\""},
    {IN_TRUTH, "began_ns", "null", "\"began_ns\""},
    {IN_TRUTH, "settled_ns", "5", "\"settled_ns\" must be no less than"},
    {IN_TRUTH, "sessions", "{}", "\"sessions\""},
    {IN_TRUTH, "sessions", "[1]", "truth: sessions[0]: must be an object"},
    {IN_TRUTH, "extra", "1", "unknown key \"extra\""},
    {IN_SESSION, "adapter_unique", "12", "\"adapter_unique\""},
    {IN_SESSION, "adapter_unique", "\"123456789abcdef\"", "16 lower-case hex digits"},
    {IN_SESSION, "adapter_unique", "\"123456789abcdef01\"", "16 lower-case hex digits"},
    {IN_SESSION, "adapter_specific", "\"0123456789ABCDEF\"", "\"adapter_specific\""},
    {IN_SESSION, "initiator_name", "\"\"", "\"initiator_name\""},
    {IN_SESSION, "initiator_name", "\"a\\tb\"", "without control characters"},
    {IN_SESSION, "initiator_name", "7", "\"initiator_name\""},
    {IN_SESSION, "target_node_name", "null", "\"target_node_name\""},
    {IN_SESSION, "target_name", NULL, "\"target_name\" is missing"},
    {IN_SESSION, "isid", "\"00023d0000\"", "12 lower-case hex digits"},
    {IN_SESSION, "isid", "\"00023d00000g\"", "12 lower-case hex digits"},
    {IN_SESSION, "tsid", "\"01 0\"", "4 lower-case hex digits"},
    {IN_SESSION, "connections", "null", "\"connections\""},
    {IN_SESSION, "connections", "[[]]", "truth: sessions[0].connections[0]: must be an object"},
    {IN_SESSION, "more", "1", "unknown key \"more\""},
    {IN_CONNECTION, "adapter_specific", "\"\"", "\"adapter_specific\""},
    {IN_CONNECTION, "cid", "65536", "\"cid\" must be an integer from 0 to 65535"},
    {IN_CONNECTION, "cid", "-1", "\"cid\""},
    {IN_CONNECTION, "initiator_port", "0", "\"initiator_port\" must be an integer from 1"},
    {IN_CONNECTION, "target_port", "65536", "\"target_port\""},
    {IN_CONNECTION, "initiator_address", "\"localhost\"", "\"initiator_address\""},
    {IN_CONNECTION, "target_address", "\"0:0:0:0:0:0:0:1\"", "canonical form"},
    {IN_CONNECTION, "target_address", "\"[::1]\"", "without brackets"},
    {IN_CONNECTION, "target_address", "\"127.0.0.1 \"", "\"target_address\""},
    {IN_CONNECTION, "target_address", NULL, "\"target_address\" is missing"},
    {IN_CONNECTION, "when", "0", "connections[0]: unknown key \"when\""},
};

START_TEST(test_refused)
{
    const struct spoiling *spoiling = &spoilings[_i];
    struct truth *truth = make_truth();
    struct truth *read = NULL;
    struct failure failure = {0};
    json_t *object = truth_to_json(truth);
    json_t *place = object;
    if (spoiling->where >= IN_SESSION)
        place = json_array_get(json_object_get(place, "sessions"), 0);
    if (spoiling->where == IN_CONNECTION)
        place = json_array_get(json_object_get(place, "connections"), 0);
    if (spoiling->value == NULL) {
        ck_assert_int_eq(json_object_del(place, spoiling->key), 0);
    } else {
        json_t *value = json_loads(spoiling->value, JSON_DECODE_ANY, NULL);
        ck_assert_int_eq(json_object_set_new(place, spoiling->key, value), 0);
    }
    ck_assert_int_eq(truth_from_json(&read, object, &failure), -1);
    ck_assert_ptr_null(read);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_msg(strstr(failure.text, spoiling->named) != NULL, "\"%s\" does not name \"%s\"",
                  failure.text, spoiling->named);
    json_decref(object);
    truth_free(truth);
}
END_TEST

// Each fact alone, and all together: null in the text, and not known again when it is read.
START_TEST(test_unknown_and_back)
{
    const unsigned facts = _i < 6 ? 1U << _i : FACT_ALL;
    const unsigned of_session = FACT_TARGET_NAME | FACT_ISID;
    struct truth *truth = make_truth();
    struct truth *read = NULL;
    struct failure failure = {0};
    char names[128];
    truth->sessions[0].unknown = facts & of_session;
    truth->sessions[0].connections[0].unknown = facts & ~of_session;
    ck_assert_uint_eq(truth_unknown(truth), facts);
    truth_fact_names(facts, names, sizeof names);
    ck_assert_uint_eq(strlen(names) > 0, 1);
    json_t *object = truth_to_json(truth);
    char *text = json_dumps(object, JSON_COMPACT);
    size_t nulls = 0;
    for (const char *at = text; (at = strstr(at, ":null")) != NULL; at++)
        nulls++;
    ck_assert_uint_eq(nulls, _i < 6 ? 1 : 6);
    ck_assert_msg(truth_from_json(&read, object, &failure) == 0, "%s", failure.text);
    ck_assert_uint_eq(truth_unknown(read), facts);
    ck_assert_uint_eq(read->sessions[0].unknown, facts & of_session);
    struct truth *copy = truth_copy(read);
    assert_same(read, copy);
    free(text);
    json_decref(object);
    truth_free(copy);
    truth_free(read);
    truth_free(truth);
}
END_TEST

START_TEST(test_name_lengths)
{
    struct truth *truth = make_truth();
    struct failure failure = {0};
    json_t *object = truth_to_json(truth);
    json_t *session = json_array_get(json_object_get(object, "sessions"), 1);
    char name[1025];
    memset(name, 'a', sizeof name);
    for (size_t length = 1023; length <= 1024; length++) {
        struct truth *read = NULL;
        json_object_set_new(session, "target_name", json_stringn(name, length));
        ck_assert_int_eq(truth_from_json(&read, object, &failure), length == 1023 ? 0 : -1);
        truth_free(read);
    }
    // A NUL inside a string would cut it short unseen.
    struct truth *read = NULL;
    json_object_set_new(session, "target_name", json_stringn("a\0b", 3));
    ck_assert_int_eq(truth_from_json(&read, object, NULL), -1);
    json_decref(object);
    truth_free(truth);
}
END_TEST

START_TEST(test_not_an_object)
{
    struct truth *read = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(truth_from_json(&read, NULL, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    json_t *array = json_array();
    ck_assert_int_eq(truth_from_json(&read, array, NULL), -1);
    json_decref(array);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("truth");
    TCase *tests = tcase_create("truth");
    tcase_add_test(tests, test_copy);
    tcase_add_test(tests, test_copy_empty);
    tcase_add_test(tests, test_share);
    tcase_add_test(tests, test_json_and_back);
    tcase_add_loop_test(tests, test_refused, 0, (int)(sizeof spoilings / sizeof spoilings[0]));
    tcase_add_loop_test(tests, test_unknown_and_back, 0, 7);
    tcase_add_test(tests, test_name_lengths);
    tcase_add_test(tests, test_not_an_object);
    suite_add_tcase(suite, tests);
    return suite;
}
