// SPDX-License-Identifier: Apache-2.0
// The management commands.
#include "emulator/tgtd/admin.h"

#include "conformance/base/endpoint.h"
#include "emulator/tgtd/ask.h"
#include "emulator/tgtd/instance.h"
#include "emulator/tgtd/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Makes a management request that is answered by nothing on success: directly; or, where that is
// not possible or tgtd refuses, by tgtadm with the same as arguments. `what` begins the message of
// its failure: "target 1 cannot be deleted". `arguments` is NULL where there is a secret, which
// everybody could read on tgtadm's command line.
static int manage(struct tgtd *tgtd, const struct management_request *request,
                  const char *const *arguments, const char *what, struct failure *failure)
{
    char *output = NULL;
    int status = 0;
    int asked = tgtd_ask_directly(tgtd, request, &output, failure);
    free(output);
    if (asked <= 0)
        return asked;
    if (arguments == NULL)
        return tgtd_fail(tgtd, failure, "%s: its management socket does not take the request",
                         what);
    int result = tgtd_ask(tgtd, arguments, ANSWER_TIMEOUT_MS, &output, &status, failure);
    if (result == 0 && status != 0) {
        char end[64];
        process_describe_end(status, end, sizeof end);
        result = tgtd_fail(tgtd, failure, "%s: tgtadm %s and said: %s", what, end,
                           output[0] == '\0' ? "nothing" : output);
    }
    free(output);
    return result;
}

int tgtd_new_target(struct tgtd *tgtd, unsigned tid, const char *name, struct failure *failure)
{
    char what[512];
    snprintf(what, sizeof what, "target %u \"%s\" cannot be made", tid, name);
    struct tgtd_number id = tgtd_number(tid);
    const struct management_request request = {.mode = MANAGEMENT_TARGET,
                                               .operation = MANAGEMENT_NEW,
                                               .tid = (int)tid,
                                               .values = {{"targetname", name}}};
    const char *const arguments[] = {"--op",  "new", "--mode", "target", "--tid",
                                     id.text, "-T",  name,     NULL};
    return manage(tgtd, &request, arguments, what, failure);
}

int tgtd_set_parameter(struct tgtd *tgtd, unsigned tid, const char *name, const char *value,
                       struct failure *failure)
{
    char what[512];
    snprintf(what, sizeof what, "parameter %s of target %u cannot be set to \"%s\"", name, tid,
             value);
    struct tgtd_number id = tgtd_number(tid);
    const struct management_request request = {.mode = MANAGEMENT_TARGET,
                                               .operation = MANAGEMENT_UPDATE,
                                               .tid = (int)tid,
                                               .values = {{name, value}}};
    const char *const arguments[] = {"--op", "update", "--mode", "target", "--tid", id.text,
                                     "-n",   name,     "-v",     value,    NULL};
    return manage(tgtd, &request, arguments, what, failure);
}

int tgtd_new_lun(struct tgtd *tgtd, unsigned tid, unsigned lun, struct failure *failure)
{
    char what[128];
    snprintf(what, sizeof what, "LUN %u of target %u cannot be made", lun, tid);
    struct tgtd_number id = tgtd_number(tid);
    struct tgtd_number unit = tgtd_number(lun);
    const struct management_request request = {
        .mode = MANAGEMENT_LUN,
        .operation = MANAGEMENT_NEW,
        .tid = (int)tid,
        .lun = lun,
        .values = {{"path", "/dev/null"}, {"bstype", "null"}}};
    const char *const arguments[] = {"--op",  "new",       "--mode",  "logicalunit", "--tid",
                                     id.text, "--lun",     unit.text, "--bstype",    "null",
                                     "-b",    "/dev/null", NULL};
    return manage(tgtd, &request, arguments, what, failure);
}

static bool is_address_rule(const char *text)
{
    char canonical[ADDRESS_TEXT_SIZE];
    char address[64];
    size_t length = strcspn(text, "/");
    if (strcmp(text, "ALL") == 0)
        return true;
    if (length >= sizeof address)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    const char *bits = text + length;
    if (*bits == '/' && (bits[1] == '\0' || strspn(bits + 1, "0123456789") != strlen(bits + 1) ||
                         strlen(bits + 1) > 3))
        return false;
    return address_canonical(address, canonical) == 0;
}

int tgtd_allow_address(struct tgtd *tgtd, unsigned tid, const char *address,
                       struct failure *failure)
{
    if (!is_address_rule(address))
        return failure_set(failure, STATUS_UNTRUSTED,
                           "tgtd \"%s\": target %u: \"%s\" is no numeric address to allow",
                           tgtd->name, tid, address);
    char what[256];
    snprintf(what, sizeof what, "address %s cannot be allowed for target %u", address, tid);
    struct tgtd_number id = tgtd_number(tid);
    const struct management_request request = {.mode = MANAGEMENT_TARGET,
                                               .operation = MANAGEMENT_BIND,
                                               .tid = (int)tid,
                                               .values = {{"initiator-address", address}}};
    const char *const arguments[] = {"--op",  "bind", "--mode", "target", "--tid",
                                     id.text, "-I",   address,  NULL};
    return manage(tgtd, &request, arguments, what, failure);
}

int tgtd_allow_initiator(struct tgtd *tgtd, unsigned tid, const char *name, struct failure *failure)
{
    char what[512];
    snprintf(what, sizeof what, "initiator \"%s\" cannot be allowed for target %u", name, tid);
    struct tgtd_number id = tgtd_number(tid);
    const struct management_request request = {.mode = MANAGEMENT_TARGET,
                                               .operation = MANAGEMENT_BIND,
                                               .tid = (int)tid,
                                               .values = {{"initiator-name", name}}};
    const char *const arguments[] = {"--op",  "bind", "--mode", "target", "--tid",
                                     id.text, "-Q",   name,     NULL};
    return manage(tgtd, &request, arguments, what, failure);
}

int tgtd_delete_connection(struct tgtd *tgtd, unsigned tid, unsigned session, unsigned connection,
                           struct failure *failure)
{
    const struct management_request request = {.mode = MANAGEMENT_CONNECTION,
                                               .operation = MANAGEMENT_DELETE,
                                               .tid = (int)tid,
                                               .session = session,
                                               .connection = connection};
    char what[128];
    snprintf(what, sizeof what, "connection %u of session %u of target %u cannot be closed",
             connection, session, tid);
    struct tgtd_number id = tgtd_number(tid);
    struct tgtd_number sid = tgtd_number(session);
    struct tgtd_number cid = tgtd_number(connection);
    const char *const arguments[] = {"--op",  "delete", "--mode", "conn",   "--tid", id.text,
                                     "--sid", sid.text, "--cid",  cid.text, NULL};
    return manage(tgtd, &request, arguments, what, failure);
}

int tgtd_delete_target(struct tgtd *tgtd, unsigned tid, struct failure *failure)
{
    char what[64];
    snprintf(what, sizeof what, "target %u cannot be deleted", tid);
    struct tgtd_number id = tgtd_number(tid);
    const struct management_request request = {
        .mode = MANAGEMENT_TARGET, .operation = MANAGEMENT_DELETE, .tid = (int)tid, .force = true};
    const char *const arguments[] = {"--op",  "delete", "--mode",  "target",
                                     "--tid", id.text,  "--force", NULL};
    if (manage(tgtd, &request, arguments, what, failure) != 0)
        return -1;
    tgtd->deleted++;
    return 0;
}

static int check_account_text(struct tgtd *tgtd, const char *what, const char *text,
                              struct failure *failure)
{
    enum { ACCOUNT_TEXT_MAX = 200 };
    size_t length = strlen(text);
    if (length >= 1 && length <= ACCOUNT_TEXT_MAX)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "tgtd \"%s\": an account's %s has %zu bytes; it must have 1 to %d",
                       tgtd->name, what, length, ACCOUNT_TEXT_MAX);
}

int tgtd_new_account(struct tgtd *tgtd, const char *user, const char *password,
                     struct failure *failure)
{
    char what[512];
    if (check_account_text(tgtd, "name", user, failure) != 0 ||
        check_account_text(tgtd, "password", password, failure) != 0)
        return -1;
    snprintf(what, sizeof what, "account \"%s\" cannot be made", user);
    const struct management_request request = {.mode = MANAGEMENT_ACCOUNT,
                                               .operation = MANAGEMENT_NEW,
                                               .tid = MANAGEMENT_NO_TID,
                                               .values = {{"user", user}, {"password", password}}};
    return manage(tgtd, &request, NULL, what, failure);
}

int tgtd_bind_account(struct tgtd *tgtd, unsigned tid, const char *user, bool outgoing,
                      struct failure *failure)
{
    char what[512];
    if (check_account_text(tgtd, "name", user, failure) != 0)
        return -1;
    snprintf(what, sizeof what, "account \"%s\" cannot be bound to target %u", user, tid);
    struct tgtd_number id = tgtd_number(tid);
    const struct management_request request = {.mode = MANAGEMENT_ACCOUNT,
                                               .operation = MANAGEMENT_BIND,
                                               .tid = (int)tid,
                                               .outgoing = outgoing,
                                               .values = {{"user", user}}};
    const char *const arguments[] = {"--op",    "bind",  "--mode",
                                     "account", "--tid", id.text,
                                     "--user",  user,    outgoing ? "--outgoing" : NULL,
                                     NULL};
    return manage(tgtd, &request, arguments, what, failure);
}

int tgtd_redirect(struct tgtd *tgtd, unsigned tid, const struct tgtd_portal *to, bool permanent,
                  struct failure *failure)
{
    char canonical[ADDRESS_TEXT_SIZE];
    char address[sizeof to->address + 2];
    bool six = strchr(to->address, ':') != NULL;
    if (address_canonical(to->address, canonical) != 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "tgtd \"%s\": target %u: \"%s\" is no numeric address to redirect to",
                           tgtd->name, tid, to->address);
    snprintf(address, sizeof address, "%s%s%s", six ? "[" : "", to->address, six ? "]" : "");
    // The reason is set last: tgtd redirects nobody before it has one.
    if (tgtd_set_parameter(tgtd, tid, "RedirectAddress", address, failure) != 0 ||
        tgtd_set_parameter(tgtd, tid, "RedirectPort", tgtd_number(to->port).text, failure) != 0)
        return -1;
    return tgtd_set_parameter(tgtd, tid, "RedirectReason", permanent ? "Permanent" : "Temporary",
                              failure);
}
