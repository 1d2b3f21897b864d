// SPDX-License-Identifier: Apache-2.0
// What a topology may hold: the rules for names, addresses and ISIDs; and how it is freed.
#include "emulator/scenario/topology.h"

#include "conformance/base/text.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static int
problem_set(char problem[static TOPOLOGY_PROBLEM_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, TOPOLOGY_PROBLEM_SIZE, format, arguments);
    va_end(arguments);
    return -1;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts != NULL && i < count; i++)
        free(texts[i]);
    free(texts);
}

static void instance_free(struct topology_instance *instance)
{
    for (size_t i = 0; i < instance->portal_count; i++)
        free(instance->portals[i].address);
    free(instance->portals);
    free(instance->name);
}

static void secret_free(struct topology_secret *secret)
{
    free(secret->user);
    free(secret->password);
}

static void sessions_free(struct topology_session *sessions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(sessions[i].initiator_name);
        free(sessions[i].further);
        secret_free(&sessions[i].chap);
        secret_free(&sessions[i].mutual);
    }
    free(sessions);
}

static void target_free(struct topology_target *target)
{
    for (size_t i = 0; i < target->parameter_count; i++) {
        free(target->parameters[i].name);
        free(target->parameters[i].value);
    }
    free(target->parameters);
    free_texts(target->allowed_initiators, target->allowed_initiator_count);
    free_texts(target->allowed_addresses, target->allowed_address_count);
    secret_free(&target->chap);
    secret_free(&target->mutual);
    free(target->name);
}

bool topology_same_nexus(const struct topology_session *a, const struct topology_session *b)
{
    return a->target == b->target && memcmp(a->isid, b->isid, sizeof a->isid) == 0 &&
           strcmp(a->initiator_name, b->initiator_name) == 0;
}

size_t topology_first_count(const struct topology *topology)
{
    size_t count = 0;
    for (size_t i = 0; i < topology->session_count; i++)
        count += topology->sessions[i].at_first != STATE_ABSENT;
    return count;
}

void topology_free(struct topology *topology)
{
    for (size_t i = 0; i < topology->instance_count; i++)
        instance_free(&topology->instances[i]);
    for (size_t i = 0; i < topology->target_count; i++)
        target_free(&topology->targets[i]);
    sessions_free(topology->sessions, topology->session_count);
    sessions_free(topology->unlisted, topology->unlisted_count);
    for (size_t i = 0; i < topology->event_count; i++)
        free(topology->events[i].sentence);
    free(topology->events);
    free(topology->instances);
    free(topology->targets);
    *topology = (struct topology){0};
}

// Not the locale's: names are ASCII where these are asked.
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool all_hex(const char *text)
{
    for (; *text != '\0'; text++)
        if (!is_hex_digit(*text))
            return false;
    return true;
}

// "iqn.YYYY-MM." and at least one character more.
static bool is_iqn(const char *name)
{
    static const char shape[] = "iqn.dddd-dd.";
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? !is_digit(name[i]) : name[i] != shape[i])
            return false;
    int month = (name[9] - '0') * 10 + (name[10] - '0');
    return month >= 1 && month <= 12 && name[sizeof shape - 1] != '\0';
}

static int check_format(const char *name, char problem[static TOPOLOGY_PROBLEM_SIZE])
{
    size_t length = strlen(name);
    if (length > ISCSI_NAME_MAX)
        return problem_set(problem, "is %zu bytes long; an iSCSI name has at most %d", length,
                           ISCSI_NAME_MAX);
    if (strncmp(name, "iqn.", 4) == 0)
        return is_iqn(name) ? 0
                            : problem_set(problem, "is not of the form iqn.YYYY-MM.DOMAIN:NAME");
    if (strncmp(name, "eui.", 4) == 0)
        return length == 20 && all_hex(name + 4)
                   ? 0
                   : problem_set(problem, "is not eui. followed by 16 hexadecimal digits");
    if (strncmp(name, "naa.", 4) == 0)
        return (length == 20 || length == 36) && all_hex(name + 4)
                   ? 0
                   : problem_set(problem, "is not naa. followed by 16 or 32 hexadecimal digits");
    return problem_set(problem, "is not an iSCSI name: those begin with iqn., eui. or naa.");
}

// Controls, and the code points that Unicode puts nothing visible at, so that a name read in a
// report is the name.
static bool is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == 0x2028 ||
           code_point == 0x2029 || code_point == 0xFEFF || (code_point & 0xFFFE) == 0xFFFE ||
           (code_point >= 0xFDD0 && code_point <= 0xFDEF);
}

static bool is_space(uint32_t code_point)
{
    return code_point == 0x20 || code_point == 0xA0 || code_point == 0x1680 ||
           (code_point >= 0x2000 && code_point <= 0x200B) || code_point == 0x202F ||
           code_point == 0x205F || code_point == 0x3000;
}

static int check_text(const char *text, char problem[static TOPOLOGY_PROBLEM_SIZE])
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size;) {
        uint32_t code_point = 0;
        size_t length = utf8_decode((const uint8_t *)text + i, size - i, &code_point);
        if (length == 0)
            return problem_set(problem, "is not valid UTF-8");
        if (is_control(code_point) || is_space(code_point))
            return problem_set(problem, "holds %s (U+%04X), which is not allowed",
                               is_control(code_point) ? "a control character" : "a space",
                               (unsigned)code_point);
        i += length;
    }
    return 0;
}

int topology_check_target_name(const char *name, char problem[static TOPOLOGY_PROBLEM_SIZE])
{
    if (check_format(name, problem) != 0)
        return -1;
    for (const char *c = name; *c != '\0'; c++)
        if (!is_letter(*c) && !is_digit(*c) && strchr(":.-", *c) == NULL)
            return problem_set(problem,
                               "has a character at byte %zu that tgtd refuses: a target's name may "
                               "hold letters, digits, ':', '.' and '-'",
                               (size_t)(c - name) + 1);
    return 0;
}

int topology_check_initiator_name(const char *name, char problem[static TOPOLOGY_PROBLEM_SIZE])
{
    if (check_format(name, problem) != 0)
        return -1;
    return check_text(name, problem);
}

int topology_check_secret(const char *text, char problem[static TOPOLOGY_PROBLEM_SIZE])
{
    size_t length = strlen(text);
    if (length == 0 || length > TOPOLOGY_SECRET_MAX)
        return problem_set(problem, "is %zu bytes long; there must be 1 to %d", length,
                           TOPOLOGY_SECRET_MAX);
    for (const char *c = text; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return problem_set(problem, "holds something else than printable ASCII without spaces");
    // What tgtd's management socket has between values.
    if (text[strcspn(text, ",=\\\"'")] != '\0')
        return problem_set(problem, "holds a character that tgtd has a use for: , = \\ \" or '");
    return 0;
}

int topology_check_address(const char *address, char canonical[static 64],
                           char problem[static TOPOLOGY_PROBLEM_SIZE])
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1) {
        uint32_t host = ntohl(four.s_addr);
        // The first and the last are the network's broadcast addresses: nothing can connect to
        // them.
        if (host >> 24 != 127 || host == 0x7F000000 || host == 0x7FFFFFFF)
            return problem_set(problem, "is not a loopback address: 127.0.0.1 to 127.255.255.254");
        inet_ntop(AF_INET, &four, canonical, 64);
        return 0;
    }
    if (inet_pton(AF_INET6, address, &six) == 1) {
        if (memcmp(&six, &in6addr_loopback, sizeof six) != 0)
            return problem_set(problem, "is not a loopback address: in IPv6 there is only ::1");
        inet_ntop(AF_INET6, &six, canonical, 64);
        return 0;
    }
    return problem_set(problem, "is not a numeric address: 127.0.0.1 to 127.255.255.254, or ::1 "
                                "without brackets");
}

static void put_number(uint8_t *bytes, size_t size, uint32_t number)
{
    for (size_t i = size; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

// Each step can be undone, so that different numbers stay different in their 24 bits.
static uint32_t scatter(uint32_t number)
{
    enum { MASK = 0xFFFFFF };
    number = number * 0x9E3779U & MASK;
    number ^= number >> 11;
    number = number * 0x85EBCBU & MASK;
    return number ^ number >> 13;
}

void topology_isid(enum isid_form form, uint32_t number, uint8_t isid[static 6])
{
    enum {
        OUI = 0x00023D,              // open-iscsi's, the one seen most
        ENTERPRISE_NUMBER = 0x007ED9 // 32473, for examples in documentation (RFC 5612)
    };
    memset(isid, 0, 6);
    isid[0] = (uint8_t)((unsigned)form << 6);
    switch (form) {
    case ISID_OUI:
        put_number(isid, 3, OUI);
        put_number(isid + 3, 3, number);
        break;
    case ISID_EN:
        put_number(isid + 1, 3, ENTERPRISE_NUMBER);
        put_number(isid + 4, 2, number);
        break;
    case ISID_RANDOM:
        put_number(isid + 1, 3, scatter(number));
        put_number(isid + 4, 2, scatter(number + 0x10000));
        break;
    case ISID_RESERVED:
        break;
    }
}

int topology_check_isid(const uint8_t isid[static 6], char problem[static TOPOLOGY_PROBLEM_SIZE])
{
    static const uint8_t zero[5] = {0};
    enum isid_form form = (enum isid_form)(isid[0] >> 6);
    if (form == ISID_OUI)
        return 0;
    if ((isid[0] & 0x3F) != 0)
        return problem_set(problem,
                           "can't be sent by libiscsi: an ISID of this form begins with %02x",
                           isid[0] & 0xC0U);
    if (form == ISID_RESERVED && memcmp(isid + 1, zero, sizeof zero) != 0)
        return problem_set(problem, "can't be sent by libiscsi: of the reserved form it knows "
                                    "c00000000000 only");
    return 0;
}
