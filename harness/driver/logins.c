// SPDX-License-Identifier: Apache-2.0
// Has the library make and end sessions by its own functions.
#include "harness/driver/logins.h"

#include "conformance/transcript/describe.h"
#include "harness/driver/batch.h"
#include "harness/driver/frames.h"
#include "harness/driver/host_process.h"

#include <stdio.h>

enum { WHAT_SIZE = 512 };

int logins_send(struct host *host, const struct login_request *request, struct failure *failure)
{
    uint8_t bytes[FRAME_HEADER_SIZE + LOGIN_SIZE];
    struct frame_header header = {host->nonce, FRAME_LOGIN, LOGIN_SIZE};
    if (frame_header_encode(bytes, FRAME_HEADER_SIZE, &header) < 0 ||
        login_request_encode(bytes + FRAME_HEADER_SIZE, LOGIN_SIZE, request) < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "host: a login does not fit the protocol");
    // Where it can't be sent, reading tells why.
    (void)host_send(host, bytes, sizeof bytes);
    host->login_kind = request->kind;
    return 0;
}

// Ends the process, and says what the function did.
static void fail(struct host *host, const char *what)
{
    host_process_drop(host);
    host->login = NULL;
    failure_set(&host->failure, STATUS_UNTRUSTED, "%s: %s %s", host->library,
                login_function_name(host->login_kind), what);
    host_add_said(host);
    host->failure.of = FAILURE_OF_LOGIN;
}

bool logins_take(struct host *host)
{
    if (host->frame.header.type == FRAME_FAULT) {
        char what[WHAT_SIZE];
        // There is no buffer that the place could be near to.
        const struct record record = {.call.placement = PLACE_END, .outcome = host->frame.outcome};
        size_t length = (size_t)snprintf(what, sizeof what, "did not return: ");
        report_describe_outcome(&record, what + length, sizeof what - length);
        fail(host, what);
        return true;
    }
    const uint8_t *payload = frames_take(host, LOGGED_SIZE);
    if (login_answer_decode(host->login, payload, LOGGED_SIZE) < 0)
        return false;
    host->frame = (struct frame){0};
    host->login = NULL;
    host_wait_for_nothing(host);
    return true;
}

void logins_conclude(struct host *host, enum cause cause)
{
    char what[WHAT_SIZE];
    if (cause == CAUSE_LATE)
        snprintf(what, sizeof what, "did not return within %u ms", host->timeout_ms);
    else if (cause == CAUSE_DAMAGED)
        snprintf(what, sizeof what, "wrote into the host's channel");
    else if (instance_running(host->process))
        snprintf(what, sizeof what, "closed the host's channel");
    else {
        char end[128];
        instance_describe_end(host->process, end, sizeof end);
        snprintf(what, sizeof what, "did not return: the host %s", end);
    }
    fail(host, what);
}
