// SPDX-License-Identifier: Apache-2.0
// The reference implementation, driven on tables written here: sizes to the byte, every field,
// every size that is too small, tables that are none, sources that are no file, many sessions, many
// threads.
#include "session_list.h"
#include "session_list_ex.h"
#include "tests/folder.h"
#include "tests/main.h"

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define VARIABLE "ISCSIDSC_SESSION_TABLE"

// A name with a character of each length in UTF-8: 13 + 2 + 3 + 4 bytes, 13 + 1 + 1 + 2 units.
#define NAME_1 "iqn.test:init-\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"
#define NAME_2 "iqn.test:b"
#define TARGET "iqn.test:disk-1"

// Two sessions, of two and of no connections.
#define TABLE                                                                                      \
    "iscsidsc-session-table\t1\t7\n"                                                               \
    "session\t0123456789abcdef\tFEDCBA9876543210\t" NAME_1 "\t" TARGET "\t" TARGET                 \
    "\t00023d010203\t0100\t2\n"                                                                    \
    "connection\t0000000000000001\t0000000000000002\t127.0.0.1\t50001\t127.0.0.2\t3260\t0001\n"    \
    "connection\t0000000000000001\t0000000000000003\t::1\t50002\t::1\t65535\tbeef\n"               \
    "session\t0000000000000000\t0000000000000005\t" NAME_2 "\t" TARGET "\t" TARGET                 \
    "\t400000000002\t0200\t0\n"                                                                    \
    "end\t2\n"

// The same by hand: characters and terminators of its strings.
enum {
    STRINGS_A =
        (14 + 9 + 1) + (15 + 1) + (15 + 1) + (9 + 1) * 2 + (3 + 1) * 2 + (10 + 1) + (15 + 1) * 2,
    UNITS_W = STRINGS_A - 9 + 4,
    STRUCTURES = 2 * sizeof(iscsi_session_info_a) + 2 * sizeof(iscsi_connection_info_a),
    REQUIRED_A = STRUCTURES + STRINGS_A,
    REQUIRED_W = STRUCTURES + UNITS_W * 2,
    UNTOUCHED = 0x5A5A5A5A, // what counts and sizes hold before a call that must not write them
};

static char path[sizeof folder + 16];

// --- Tables ---

static void write_file(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

// As the emulator does it: whole, by rename.
static void publish(const char *bytes, size_t size)
{
    char beside[sizeof path + 4];
    snprintf(beside, sizeof beside, "%s.new", path);
    write_file(beside, bytes, size);
    ck_assert_int_eq(rename(beside, path), 0);
}

static void publish_text(const char *text)
{
    publish(text, strlen(text));
}

// `count` sessions of two connections each, all of which carry `tag` as AdapterUnique.
static char *many_sessions(size_t count, uint64_t tag)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(file);
    fprintf(file, "iscsidsc-session-table\t1\t%" PRIu64 "\n", tag);
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "session\t%016" PRIx64 "\t%016zx\tiqn.test:i%zu\tiqn.test:t\tiqn.test:t\t",
                tag, i, i);
        fprintf(file, "80%010zx\t%04zx\t2\n", i, (i + 1) % 65536);
        for (size_t k = 0; k < 2; k++) {
            fprintf(file,
                    "connection\t%016" PRIx64 "\t%016zx\t127.0.0.1\t%zu\t127.0.0.1\t3260\t%04zx\n",
                    tag, i * 2 + k, 1024 + (i * 2 + k) % 60000, k);
        }
    }
    fprintf(file, "end\t%zu\n", count);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

// --- Calls ---

static uint32_t call(bool wide, uint32_t *size, uint32_t *count, void *buffer)
{
    return wide ? GetIScsiSessionListW(size, count, buffer)
                : GetIScsiSessionListA(size, count, buffer);
}

// A call that must fail in some way and write nothing.
static void expect_nothing_written(bool wide, uint32_t expected)
{
    unsigned char buffer[512];
    unsigned char before[sizeof buffer];
    memset(before, 0x5A, sizeof before);
    memcpy(buffer, before, sizeof buffer);
    uint32_t size = sizeof buffer;
    uint32_t count = UNTOUCHED;
    ck_assert_uint_eq(call(wide, &size, &count, buffer), expected);
    ck_assert_uint_eq(size, sizeof buffer);
    ck_assert_uint_eq(count, UNTOUCHED);
    ck_assert_mem_eq(buffer, before, sizeof buffer);
}

static void expect_unavailable(void)
{
    expect_nothing_written(false, LIST_ISCSI_SERVICE_UNAVAILABLE);
    expect_nothing_written(true, LIST_ISCSI_SERVICE_UNAVAILABLE);
}

// The list in malloc'ed memory of just its size.
static void *fetch(bool wide, uint32_t *size, uint32_t *count)
{
    *size = 0;
    *count = 0;
    uint32_t status = call(wide, size, count, NULL);
    if (status == LIST_SUCCESS)
        return NULL;
    ck_assert_uint_eq(status, LIST_INSUFFICIENT_BUFFER);
    uint32_t required = *size;
    void *buffer = malloc(required);
    ck_assert_ptr_nonnull(buffer);
    ck_assert_uint_eq(call(wide, size, count, buffer), LIST_SUCCESS);
    ck_assert_uint_eq(*size, required);
    return buffer;
}

// `size` bytes whose end is the end of a page, with an inaccessible one behind.
struct guarded {
    unsigned char *pages;
    size_t length;
    unsigned char *buffer;
};

static struct guarded guard(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t usable = (size + page) / page * page;
    struct guarded guarded = {.length = usable + page};
    guarded.pages =
        mmap(NULL, guarded.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(guarded.pages != MAP_FAILED);
    ck_assert_int_eq(mprotect(guarded.pages + usable, page, PROT_NONE), 0);
    memset(guarded.pages, 0x5A, usable);
    guarded.buffer = guarded.pages + usable - size;
    return guarded;
}

static bool all_are(const unsigned char *bytes, size_t size, unsigned char value)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value)
            return false;
    }
    return true;
}

// UTF-16 against ASCII and the one name that has more.
static void expect_wide(const uint16_t *string, const uint16_t *expected, size_t units)
{
    ck_assert_int_eq(memcmp(string, expected, units * 2), 0);
}

// --- Tests ---

START_TEST(exports_functions_only)
{
    static const char *const names[] = {
        ISCSI_SESSION_LIST_NAME_A,    ISCSI_SESSION_LIST_NAME_W,    "LoginIScsiTargetA",
        "LoginIScsiTargetW",          "LogoutIScsiTarget",          "AddIScsiSendTargetPortalA",
        "AddIScsiSendTargetPortalW",  "GetIScsiInitiatorNodeNameA", "GetIScsiInitiatorNodeNameW",
        "GetIScsiVersionInformation", "ReportIScsiTargetsA",        "ReportIScsiTargetsW",
        "GetDevicesForIScsiSessionA", "GetDevicesForIScsiSessionW", ISCSI_SESSION_LIST_NAME_EX,
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(dlsym(RTLD_DEFAULT, names[i]) != NULL, "%s is not exported", names[i]);
    ck_assert_ptr_null(dlsym(RTLD_DEFAULT, "initiator_ask"));
    ck_assert_ptr_null(dlsym(RTLD_DEFAULT, "list_answer"));
    ck_assert_ptr_null(dlsym(RTLD_DEFAULT, "session_table_read"));
}
END_TEST

START_TEST(fields_of_a)
{
    publish_text(TABLE);
    uint32_t size = 0;
    uint32_t count = 0;
    iscsi_session_info_a *list = fetch(false, &size, &count);
    ck_assert_uint_eq(size, REQUIRED_A);
    ck_assert_uint_eq(count, 2);
    ck_assert(list[0].session_id.adapter_unique == UINT64_C(0x0123456789abcdef));
    ck_assert(list[0].session_id.adapter_specific == UINT64_C(0xfedcba9876543210));
    ck_assert_str_eq(list[0].initiator_name, NAME_1);
    ck_assert_str_eq(list[0].target_node_name, TARGET);
    ck_assert_str_eq(list[0].target_name, TARGET);
    ck_assert_mem_eq(list[0].isid, "\x00\x02\x3d\x01\x02\x03", 6);
    ck_assert_mem_eq(list[0].tsid, "\x01\x00", 2);
    ck_assert_uint_eq(list[0].connection_count, 2);
    const iscsi_connection_info_a *connection = &list[0].connections[1];
    ck_assert(connection->connection_id.adapter_unique == 1);
    ck_assert(connection->connection_id.adapter_specific == 3);
    ck_assert_str_eq(connection->initiator_address, "::1");
    ck_assert_str_eq(connection->target_address, "::1");
    ck_assert_uint_eq(connection->initiator_socket, 50002);
    ck_assert_uint_eq(connection->target_socket, 65535);
    ck_assert_mem_eq(connection->cid, "\xbe\xef", 2);
    ck_assert_str_eq(list[0].connections[0].initiator_address, "127.0.0.1");
    ck_assert_str_eq(list[0].connections[0].target_address, "127.0.0.2");
    ck_assert_str_eq(list[1].initiator_name, NAME_2);
    ck_assert_uint_eq(list[1].connection_count, 0);
    ck_assert_ptr_null(list[1].connections);
    free(list);
}
END_TEST

START_TEST(fields_of_w)
{
    publish_text(TABLE);
    uint32_t size = 0;
    uint32_t count = 0;
    iscsi_session_info_w *list = fetch(true, &size, &count);
    ck_assert_uint_eq(size, REQUIRED_W);
    ck_assert_uint_eq(count, 2);
    expect_wide(list[0].initiator_name + 14, (const uint16_t[]){0xFC, 0x20AC, 0xD83D, 0xDE00, 0},
                5);
    expect_wide(list[0].target_name,
                (const uint16_t[]){'i', 'q', 'n', '.', 't', 'e', 's', 't', ':', 'd', 'i', 's', 'k',
                                   '-', '1', 0},
                16);
    expect_wide(list[0].connections[1].target_address, (const uint16_t[]){':', ':', '1', 0}, 4);
    ck_assert_uint_eq(list[0].connections[0].initiator_socket, 50001);
    ck_assert_uint_eq((uintptr_t)list[0].connections % 8, 0);
    ck_assert_uint_eq((uintptr_t)list[1].target_name % 2, 0);
    free(list);
}
END_TEST

// Which charset: _i. Every size in a buffer that ends at an inaccessible page.
START_TEST(every_size)
{
    publish_text(TABLE);
    uint32_t required = _i ? REQUIRED_W : REQUIRED_A;
    for (uint32_t offered = 0; offered < required + 65; offered++) {
        struct guarded guarded = guard(offered);
        uint32_t size = offered;
        uint32_t count = UNTOUCHED;
        uint32_t status = call(_i != 0, &size, &count, guarded.buffer);
        ck_assert_uint_eq(size, required);
        ck_assert(all_are(guarded.pages, (size_t)(guarded.buffer - guarded.pages), 0x5A));
        if (offered < required) {
            ck_assert_uint_eq(status, LIST_INSUFFICIENT_BUFFER);
            ck_assert_uint_eq(count, 2);
            ck_assert(all_are(guarded.buffer, offered, 0x5A));
        } else {
            ck_assert_uint_eq(status, LIST_SUCCESS);
            ck_assert_uint_eq(count, 2);
            ck_assert(all_are(guarded.buffer + required, offered - required, 0x5A));
        }
        ck_assert_int_eq(munmap(guarded.pages, guarded.length), 0);
    }
}
END_TEST

// The size offered is a promise: what lies beyond the size required isn't touched, so it need not
// exist.
START_TEST(very_large_offers)
{
    publish_text(TABLE);
    static const uint32_t offers[] = {0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    uint32_t required = _i ? REQUIRED_W : REQUIRED_A;
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        struct guarded guarded = guard(required);
        uint32_t size = offers[i];
        uint32_t count = 0;
        ck_assert_uint_eq(call(_i != 0, &size, &count, guarded.buffer), LIST_SUCCESS);
        ck_assert_uint_eq(size, required);
        ck_assert_int_eq(munmap(guarded.pages, guarded.length), 0);
    }
}
END_TEST

START_TEST(count_on_input_is_ignored)
{
    publish_text(TABLE);
    static const uint32_t counts[] = {0, 1, 2, 3, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        _Alignas(8) unsigned char buffer[REQUIRED_W];
        uint32_t size = sizeof buffer;
        uint32_t count = counts[i];
        ck_assert_uint_eq(call(_i != 0, &size, &count, buffer), LIST_SUCCESS);
        ck_assert_uint_eq(count, 2);
        size = 0;
        count = counts[i];
        ck_assert_uint_eq(call(_i != 0, &size, &count, NULL), LIST_INSUFFICIENT_BUFFER);
        ck_assert_uint_eq(count, 2);
    }
}
END_TEST

// Wherever the buffer stands and whatever it held: the same bytes, but for the pointers, which lead
// to the same offsets.
START_TEST(anywhere_over_anything)
{
    publish_text(TABLE);
    unsigned char block[REQUIRED_W + 16];
    uint32_t required = _i ? REQUIRED_W : REQUIRED_A;
    for (size_t at = 0; at < 16; at++) {
        unsigned char first[REQUIRED_W];
        for (unsigned fill = 0; fill < 256; fill += 255) {
            memset(block, (int)fill, sizeof block);
            uint32_t size = required;
            uint32_t count = 0;
            ck_assert_uint_eq(call(_i != 0, &size, &count, block + at), LIST_SUCCESS);
            ck_assert(all_are(block, at, (unsigned char)fill));
            ck_assert(
                all_are(block + at + required, sizeof block - at - required, (unsigned char)fill));
            if (fill == 0)
                memcpy(first, block + at, required);
            ck_assert_mem_eq(first, block + at, required);
        }
        iscsi_session_info_a session;
        memcpy(&session, block + at, sizeof session);
        uintptr_t base = (uintptr_t)block + at;
        ck_assert_uint_eq((uintptr_t)session.connections - base, 2 * sizeof session);
        ck_assert_uint_eq((uintptr_t)session.initiator_name - base, STRUCTURES);
    }
}
END_TEST

START_TEST(arguments)
{
    publish_text(TABLE);
    unsigned char buffer[REQUIRED_W];
    memset(buffer, 0x5A, sizeof buffer);
    uint32_t value = UNTOUCHED;
    bool wide = _i != 0;
    ck_assert_uint_eq(call(wide, NULL, &value, buffer), LIST_INVALID_PARAMETER);
    ck_assert_uint_eq(call(wide, &value, NULL, buffer), LIST_INVALID_PARAMETER);
    ck_assert_uint_eq(call(wide, NULL, NULL, buffer), LIST_INVALID_PARAMETER);
    ck_assert_uint_eq(call(wide, NULL, NULL, NULL), LIST_INVALID_PARAMETER);
    ck_assert_uint_eq(value, UNTOUCHED);
    ck_assert(all_are(buffer, sizeof buffer, 0x5A));
    // No buffer is no room, whatever its size is said to be.
    static const uint32_t offers[] = {0, 1, REQUIRED_A, REQUIRED_W + 100, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        uint32_t size = offers[i];
        value = UNTOUCHED;
        ck_assert_uint_eq(call(wide, &size, &value, NULL), LIST_INSUFFICIENT_BUFFER);
        ck_assert_uint_eq(size, wide ? REQUIRED_W : REQUIRED_A);
        ck_assert_uint_eq(value, 2);
    }
}
END_TEST

START_TEST(no_sessions)
{
    publish_text("iscsidsc-session-table\t1\t1\nend\t0\n");
    static const uint32_t offers[] = {0, 1, 64, 4096, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        unsigned char buffer[4096];
        memset(buffer, 0x5A, sizeof buffer);
        for (int null = 0; null < 2; null++) {
            uint32_t size = offers[i];
            uint32_t count = UNTOUCHED;
            ck_assert_uint_eq(call(_i != 0, &size, &count, null ? NULL : buffer), LIST_SUCCESS);
            ck_assert_uint_eq(size, 0);
            ck_assert_uint_eq(count, 0);
        }
        ck_assert(all_are(buffer, sizeof buffer, 0x5A));
    }
}
END_TEST

START_TEST(cut_anywhere)
{
    for (size_t size = 0; size < sizeof TABLE - 1; size++) {
        publish(TABLE, size);
        expect_unavailable();
    }
}
END_TEST

#define HEAD "iscsidsc-session-table\t1\t1\n"
#define SESSION(count)                                                                             \
    "session\t0000000000000001\t0000000000000002\ta\tb\tc\t000000000001\t0001\t" count
#define CONNECTION "connection\t0000000000000001\t0000000000000002\t::1\t1\t::1\t2\t0001\n"

static const char *const malformed[] = {
    "",
    "\n",
    "iscsidsc-session-table\t2\t1\nend\t0\n",                    // another version
    "iscsidsc-session-table\t1\nend\t0\n",                       // no generation
    "iscsidsc-session-table\t1\tx\nend\t0\n",                    // not a number
    "iscsidsc-session-table\t1\t-1\nend\t0\n",                   // no sign
    "iscsidsc-session-table\t1\t18446744073709551616\nend\t0\n", // 2^64
    "iscsidsc-session-table 1 1\nend 0\n",                       // spaces
    "iscsidsc-session-table\t1\t1\r\nend\t0\r\n",                // CR LF
    "end\t0\n",                                                  // no head
    HEAD,                                                        // no end
    HEAD "end\t1\n",                                             // more sessions than there are
    HEAD "end\n",
    HEAD "end\t\n",
    HEAD "end\t0\t0\n",
    HEAD "end\t0\nend\t0\n",        // something after the end
    HEAD "end\t0\n\n",              // an empty line after it
    HEAD "\nend\t0\n",              // an empty line
    HEAD "end\t0",                  // no LF
    HEAD SESSION("0\n") "end\t0\n", // fewer than there are
    HEAD SESSION("1\n") "end\t1\n", // a connection is missing, and the end is there
    HEAD SESSION("1\n") SESSION("0\n") "end\t2\n",
    HEAD SESSION("0\n") CONNECTION "end\t1\n", // one too many
    HEAD CONNECTION "end\t0\n",                // one without a session
    HEAD SESSION("\n") "end\t1\n",
    HEAD SESSION("+0\n") "end\t1\n",
    HEAD SESSION("0 \n") "end\t1\n",
    HEAD SESSION("0\t\n") "end\t1\n",        // a field too many
    HEAD SESSION("4294967296\n") "end\t1\n", // 2^32 connections
    HEAD "session\t0000000000000001\t0000000000000002\ta\tb\tc\t000000000001\t0001\nend\t1\n",
    HEAD "session\t000000000000001\t0000000000000002\ta\tb\tc\t000000000001\t0001\t0\nend\t1\n",
    HEAD "session\t000000000000000g\t0000000000000002\ta\tb\tc\t000000000001\t0001\t0\nend\t1\n",
    HEAD "session\t0x00000000000001\t0000000000000002\ta\tb\tc\t000000000001\t0001\t0\nend\t1\n",
    HEAD "session\t0000000000000001\t0000000000000002\ta\tb\tc\t00000000001\t0001\t0\nend\t1\n",
    HEAD "session\t0000000000000001\t0000000000000002\ta\tb\tc\t000000000001\t00001\t0\nend\t1\n",
    HEAD "session\t0000000000000001\t0000000000000002\t\tb\tc\t000000000001\t0001\t0\nend\t1\n",
    HEAD "session\t0000000000000001\t0000000000000002\ta\tb\t\t000000000001\t0001\t0\nend\t1\n",
    HEAD SESSION("1\n") "connection\t0000000000000001\t0000000000000002\t::1\t65536\t::1\t2\t0001\n"
                        "end\t1\n", // a port beyond 16 bits
    HEAD SESSION("1\n") "connection\t0000000000000001\t0000000000000002\t::1\t1\t::1\t2\n"
                        "end\t1\n",
    HEAD SESSION("1\n") "connection\t0000000000000001\t0000000000000002\t\t1\t::1\t2\t0001\n"
                        "end\t1\n",
    // Not UTF-8: a lone continuation, overlong, a surrogate, beyond U+10FFFF, cut short, 0xFF.
    HEAD "x\t\x80\nend\t0\n",
    HEAD "x\t\xC0\xAF\nend\t0\n",
    HEAD "x\t\xE0\x80\xAF\nend\t0\n",
    HEAD "x\t\xED\xA0\x80\nend\t0\n",
    HEAD "x\t\xF4\x90\x80\x80\nend\t0\n",
    HEAD "x\t\xE2\x82\nend\t0\n",
    HEAD "x\t\xFF\nend\t0\n",
};

START_TEST(malformed_tables)
{
    publish_text(malformed[_i]);
    expect_unavailable();
}
END_TEST

iscsi_session_list_ex GetIScsiSessionListEx;

// The arguments that A and W refuse, and the table that they can't read.
START_TEST(the_ex_function_likewise)
{
    publish_text(TABLE);
    iscsi_session_info_ex list[2];
    memset(list, 0x5A, sizeof list);
    uint32_t size = UNTOUCHED;
    uint32_t count = UNTOUCHED;
    ck_assert_uint_eq(GetIScsiSessionListEx(NULL, &count, list), LIST_INVALID_PARAMETER);
    ck_assert_uint_eq(GetIScsiSessionListEx(&size, NULL, list), LIST_INVALID_PARAMETER);
    publish_text(malformed[0]);
    uint32_t status = call(false, &size, &count, NULL);
    ck_assert_uint_ne(status, LIST_SUCCESS);
    ck_assert_uint_eq(GetIScsiSessionListEx(&size, &count, list), status);
    ck_assert_uint_eq(size, UNTOUCHED);
    ck_assert_uint_eq(count, UNTOUCHED);
    ck_assert(all_are((const unsigned char *)list, sizeof list, 0x5A));
}
END_TEST

START_TEST(nul_in_a_name)
{
    const char text[] = HEAD "session\t0000000000000001\t0000000000000002\ta\0x\tb\tc\t000000000001"
                             "\t0001\t0\nend\t1\n";
    publish(text, sizeof text - 1);
    expect_unavailable();
}
END_TEST

// What a later version of the table may add.
START_TEST(unknown_records)
{
    publish_text(HEAD "portal\tx\n" SESSION("1\n") "note\n" CONNECTION "mark\t\t\t\t\t\t\t\t\t\t\n"
                                                   "end\t1\n");
    uint32_t size = 0;
    uint32_t count = 0;
    iscsi_session_info_a *list = fetch(false, &size, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(list[0].connections[0].target_socket, 2);
    free(list);
}
END_TEST

START_TEST(sources_that_are_no_table)
{
    ck_assert_int_eq(unsetenv(VARIABLE), 0);
    expect_unavailable();
    static const char *const paths[] = {
        "", "/", "/dev/zero", "/dev/null", "/proc/self/maps", "/dev/null/x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        ck_assert_int_eq(setenv(VARIABLE, paths[i], 1), 0);
        expect_unavailable();
    }
    ck_assert_int_eq(setenv(VARIABLE, path, 1), 0);
    (void)unlink(path);
    expect_unavailable();
    ck_assert_int_eq(mkfifo(path, 0600), 0); // that nobody writes to: opening it would wait
    expect_unavailable();
    ck_assert_int_eq(unlink(path), 0);
    // Far too large, sparse.
    publish_text(TABLE);
    ck_assert_int_eq(truncate(path, (off_t)1 << 40), 0);
    expect_unavailable();
    if (geteuid() != 0) { // root reads everything
        publish_text(TABLE);
        ck_assert_int_eq(chmod(path, 0), 0);
        expect_unavailable();
    }
    ck_assert_int_eq(unlink(path), 0);
    // And when it comes back, so do the sessions.
    publish_text(TABLE);
    uint32_t size = 0;
    uint32_t count = 0;
    free(fetch(false, &size, &count));
    ck_assert_uint_eq(count, 2);
}
END_TEST

struct growth {
    atomic_bool begun;
    atomic_bool stop;
};

static void *grow(void *argument)
{
    struct growth *growth = argument;
    int descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    bool sound = descriptor >= 0;
    for (size_t i = 0; sound && i < 1000000 && !atomic_load(&growth->stop); i++) {
        sound = write(descriptor, "more\n", 5) == 5;
        atomic_store(&growth->begun, true);
    }
    if (descriptor >= 0)
        close(descriptor);
    return sound ? growth : NULL;
}

START_TEST(grows_without_end)
{
    publish_text(TABLE);
    struct growth growth = {false, false};
    pthread_t thread;
    void *sound = NULL;
    ck_assert_int_eq(pthread_create(&thread, NULL, grow, &growth), 0);
    while (!atomic_load(&growth.begun))
        sched_yield();
    for (int i = 0; i < 100; i++)
        expect_unavailable();
    atomic_store(&growth.stop, true);
    ck_assert_int_eq(pthread_join(thread, &sound), 0);
    ck_assert_ptr_nonnull(sound);
}
END_TEST

START_TEST(ten_thousand_sessions)
{
    char *text = many_sessions(10000, 1);
    publish_text(text);
    free(text);
    uint32_t size = 0;
    uint32_t count = 0;
    iscsi_session_info_a *list = fetch(false, &size, &count);
    ck_assert_uint_eq(count, 10000);
    const char *end = (const char *)list + size;
    for (uint32_t i = 0; i < count; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "iqn.test:i%" PRIu32, i);
        ck_assert_str_eq(list[i].initiator_name, expected);
        ck_assert(list[i].connections[1].connection_id.adapter_specific == i * 2 + 1);
        ck_assert(list[i].connections[1].target_address + 10 <= end);
    }
    ck_assert_ptr_eq(list[count - 1].connections[1].target_address + 10, end);
    free(list);
}
END_TEST

static size_t open_descriptors(void)
{
    DIR *entries = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(entries);
    size_t count = 0;
    while (readdir(entries)) // NOLINT(concurrency-mt-unsafe): one thread
        count++;
    ck_assert_int_eq(closedir(entries), 0);
    return count;
}

START_TEST(leaves_no_descriptor)
{
    size_t before = open_descriptors();
    static const char *const tables[] = {TABLE, "", HEAD "end\t3\n"};
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
        publish_text(tables[k]);
        for (int i = 0; i < 200; i++) {
            uint32_t size = 0;
            uint32_t count = 0;
            (void)call(i % 2 != 0, &size, &count, NULL);
        }
    }
    ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

// --- Threads ---

enum { THREADS = 8, SESSIONS_MAX = 40 };

struct caller {
    pthread_t thread;
    bool wide;
    atomic_bool *stop;
    size_t successes;
    const char *wrong; // NULL: nothing
};

// Is a list of one moment: the tag says how many sessions it had.
static const char *look(const unsigned char *buffer, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        iscsi_session_info_a session;
        memcpy(&session, buffer + i * sizeof session, sizeof session);
        if (session.session_id.adapter_unique != count)
            return "a session of another moment, or another number of them";
        if (session.session_id.adapter_specific != i || session.connection_count != 2)
            return "a damaged session";
        for (uint32_t k = 0; k < 2; k++) {
            if (session.connections[k].connection_id.adapter_unique != count)
                return "a connection of another moment";
        }
    }
    return NULL;
}

static void *keep_calling(void *argument)
{
    struct caller *caller = argument;
    _Alignas(8) unsigned char buffer[SESSIONS_MAX * 512];
    while (!caller->wrong && (caller->successes == 0 || !atomic_load(caller->stop))) {
        uint32_t size = sizeof buffer;
        uint32_t count = 0;
        uint32_t status = call(caller->wide, &size, &count, buffer);
        if (status != LIST_SUCCESS)
            caller->wrong = "a call failed";
        else
            caller->wrong = look(buffer, count);
        caller->successes++;
    }
    return NULL;
}

START_TEST(threads_and_changes)
{
    static const size_t counts[] = {3, SESSIONS_MAX, 0, 17};
    char *texts[4];
    for (size_t i = 0; i < 4; i++)
        texts[i] = many_sessions(counts[i], counts[i]);
    publish_text(texts[0]);
    atomic_bool stop = false;
    struct caller callers[THREADS] = {0};
    for (size_t i = 0; i < THREADS; i++) {
        callers[i].wide = i % 2 != 0;
        callers[i].stop = &stop;
        ck_assert_int_eq(pthread_create(&callers[i].thread, NULL, keep_calling, &callers[i]), 0);
    }
    for (size_t i = 0; i < 2000; i++)
        publish_text(texts[i % 4]);
    atomic_store(&stop, true);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(callers[i].thread, NULL), 0);
        ck_assert_msg(!callers[i].wrong, "thread %zu: %s", i, callers[i].wrong);
    }
    for (size_t i = 0; i < 4; i++)
        free(texts[i]);
}
END_TEST

static void set_up(void)
{
    folder_open();
    snprintf(path, sizeof path, "%s/table", folder);
    ck_assert_int_eq(setenv(VARIABLE, path, 1), 0);
}

static void tear_down(void)
{
    char beside[sizeof path + 4];
    snprintf(beside, sizeof beside, "%s.new", path);
    (void)unlink(beside);
    (void)unlink(path);
    folder_close();
}

Suite *test_suite(void)
{
    Suite *whole = suite_create("reference");
    TCase *tests = tcase_create("reference");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, exports_functions_only);
    tcase_add_test(tests, fields_of_a);
    tcase_add_test(tests, fields_of_w);
    tcase_add_loop_test(tests, every_size, 0, 2);
    tcase_add_loop_test(tests, very_large_offers, 0, 2);
    tcase_add_loop_test(tests, count_on_input_is_ignored, 0, 2);
    tcase_add_loop_test(tests, anywhere_over_anything, 0, 2);
    tcase_add_loop_test(tests, arguments, 0, 2);
    tcase_add_loop_test(tests, no_sessions, 0, 2);
    tcase_add_test(tests, cut_anywhere);
    tcase_add_loop_test(tests, malformed_tables, 0, (int)(sizeof malformed / sizeof *malformed));
    tcase_add_test(tests, the_ex_function_likewise);
    tcase_add_test(tests, nul_in_a_name);
    tcase_add_test(tests, unknown_records);
    tcase_add_test(tests, sources_that_are_no_table);
    tcase_add_test(tests, grows_without_end);
    tcase_add_test(tests, ten_thousand_sessions);
    tcase_add_test(tests, leaves_no_descriptor);
    tcase_add_test(tests, threads_and_changes);
    suite_add_tcase(whole, tests);
    return whole;
}
