// SPDX-License-Identifier: Apache-2.0
// Asks the initiator service, which the environment variable ISCSIDSC_INITIATOR names, to do
// something. docs/initiator-service.md has the protocol.
#ifndef TCK_INITIATOR_CLIENT_H
#define TCK_INITIATOR_CLIENT_H

#include "conformance/reference/caller_text.h"

enum { INITIATOR_LINE_SIZE = 4096 };

// The line of a request.
struct initiator_request {
    char line[INITIATOR_LINE_SIZE];
    size_t size;
    bool good; // false: something did not fit, and it can't be sent
};

// Begins a request; then each field is added. A field is UTF-8 without control characters.
void initiator_request_begin(struct initiator_request *request, const char *verb);
void initiator_request_add(struct initiator_request *request, struct text field);
void initiator_request_add_word(struct initiator_request *request, const char *field);
void initiator_request_add_number(struct initiator_request *request, uint32_t number);
void initiator_request_add_id(struct initiator_request *request, uint64_t number);
// A string of the caller's of fewer than `limit` characters.
void initiator_request_add_text(struct initiator_request *request, enum list_charset charset,
                                const void *from, size_t limit);

// The fields of an answer that have not been taken yet.
struct initiator_answer {
    char *bytes; // malloc'ed
    struct text rest;
};

// Sends the request and waits for the answer. Returns its status, and its fields in `*answer`, to
// be freed by the caller with initiator_answer_free after LIST_SUCCESS; otherwise there is nothing
// to free. LIST_INVALID_PARAMETER: the request isn't good; LIST_ISCSI_SERVICE_UNAVAILABLE: the
// variable is unset, or the service does not answer as it should.
uint32_t initiator_ask(const struct initiator_request *request, struct initiator_answer *answer);
void initiator_answer_free(struct initiator_answer *answer);

// Takes the next field off. False: there is none.
bool initiator_answer_take(struct initiator_answer *answer, struct text *field);
// One that is a hexadecimal number of 16 digits. False: there is none.
bool initiator_answer_take_id(struct initiator_answer *answer, uint64_t *number);
// A decimal number of one byte; of up to 5 digits. False: there is none.
bool initiator_answer_take_byte(struct initiator_answer *answer, uint8_t *number);
bool initiator_answer_take_number(struct initiator_answer *answer, uint32_t *number);

#endif
