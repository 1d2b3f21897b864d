// SPDX-License-Identifier: Apache-2.0
// PDUs on one TCP connection: how they are sent and received whole.
#ifndef TCK_PDU_H
#define TCK_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PDU_HEADER_SIZE = 48,
    PDU_ERROR_SIZE = 512,
};

enum pdu_opcode {
    OPCODE_NOP_OUT = 0x00,
    OPCODE_LOGIN = 0x03,
    OPCODE_LOGOUT = 0x06,
    OPCODE_NOP_IN = 0x20,
    OPCODE_LOGIN_RESPONSE = 0x23,
    OPCODE_LOGOUT_RESPONSE = 0x26,
    OPCODE_ASYNC_MESSAGE = 0x32,
    OPCODE_REJECT = 0x3F,
    OPCODE_IMMEDIATE = 0x40, // added to a request's
};

struct pdu_stream {
    int fd;
    uint32_t command_number; // CmdSN
    uint32_t status_number;  // ExpStatSN
    // The PDU that is arriving.
    uint8_t header[PDU_HEADER_SIZE];
    uint8_t *data;    // NULL until the header is complete
    size_t data_size; // without padding
    size_t have;      // bytes of header, data and padding
    // What the peer has not yet taken.
    uint8_t *waiting;
    size_t waiting_size;
    const char *when; // in the message about its end: " during login", or ""
    bool dropped;     // the TCP connection is over: by the other side, or by the network
    char error[PDU_ERROR_SIZE];
};

// Keeps the first reason why the stream is of no use any more; what is said after it is its effect.
// Returns -1 always.
int pdu_refuse(struct pdu_stream *stream, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The TCP connection is over, with an error or (NULL) in order. Returns -1 always.
int pdu_note_drop(struct pdu_stream *stream, const char *error);

// Sends a request: fills in the lengths and the numbers that every request carries. What the socket
// does not take now waits for pdu_flush. 0, or -1 with the stream's error.
int pdu_send(struct pdu_stream *stream, uint8_t header[PDU_HEADER_SIZE], const void *data,
             size_t size);

// Sends what the socket takes now of what waits. 0, or -1 with the stream's error.
int pdu_flush(struct pdu_stream *stream);

// Receives what is there, up to the end of a PDU. 1: `header` and `data` hold a whole one, until
// pdu_forget; 0: nothing more is there; -1 with the stream's error: it is over.
int pdu_receive(struct pdu_stream *stream);
void pdu_forget(struct pdu_stream *stream);

// Numbers as they are in a PDU.
uint16_t pdu_get16(const uint8_t *bytes);
uint32_t pdu_get32(const uint8_t *bytes);
void pdu_put16(uint8_t *bytes, uint16_t value);
void pdu_put32(uint8_t *bytes, uint32_t value);

#endif
