// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations share. Each of them is one function, which answers a call wrongly
// in one way, and a library that exports it under both names. faults.def is the table of them. They
// are built on parts of the reference, so that everything but the fault is right.
//
// There are three ways to make one: change the arguments or the answer of a correct call; change
// the session table before the answer is made from it (what the list says of the sessions); change
// the finished list before the caller gets it (how it is arranged).
#ifndef TCK_FAULTY_H
#define TCK_FAULTY_H

#include "conformance/reference/list_writer.h"
#include "session_list.h"

struct faulty_call {
    enum list_charset charset;
    uint32_t *size;  // BufferSize, not NULL but in the groups "args" and "hangs"
    uint32_t *count; // SessionCount, not NULL but in the groups "args" and "hangs"
    void *info;      // SessionInfo
    // In the groups "targets", "devices" and their like, see faulty_items.h:
    bool update;
    struct iscsi_unique_id *session;
};

// One function for each line of faults.def. exports.c, which is compiled for each of them, declares
// its own only, so that a new line does not have all of them compiled again.
#ifdef FAULT_FUNCTION
uint32_t FAULT_FUNCTION(struct faulty_call *call);
#else
#define FAULT(name, group, clause, charsets, sentence)                                             \
    uint32_t fault_##name(struct faulty_call *call);
#include "conformance/faulty/faults.def"
#undef FAULT
#endif

// The reference's answer.
uint32_t faulty_correct(const struct faulty_call *call);

// Reads or writes a byte at an address, whatever is there: for pointers that an implementer
// trusted. Checkers of code, and the compiler, do not see through it.
void faulty_read_at(const volatile void *address);
void faulty_write_at(volatile void *address);

// The right answer to a call that offers `offered` bytes.
uint32_t faulty_correct_for(const struct faulty_call *call, uint32_t offered);

// --- The session table ---

// A table to change, and room for texts that the file doesn't have.
struct faulty_table {
    struct session_table known;
    enum list_charset charset;
    char *spare;
    size_t spare_size;
};

// The right answer to a session table that `edit` has changed.
typedef void faulty_edit(struct faulty_table *table);
uint32_t faulty_edited(const struct faulty_call *call, faulty_edit *edit);

// Replaces all three names of each session, or both addresses of each connection.
typedef struct text faulty_text_change(struct faulty_table *table, struct text text);
void faulty_change_names(struct faulty_table *table, faulty_text_change *change);
void faulty_change_addresses(struct faulty_table *table, faulty_text_change *change);

// Prints a text of up to 1,000 bytes into the spare room: at most one for each name and address.
struct text faulty_print(struct faulty_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The first `length` bytes of a text, or fewer, so that no character is cut.
struct text faulty_cut(struct text text, size_t length);

// --- The finished list, in memory of its own ---

// Its pointers are offsets from its first byte until it is copied to where it goes.
struct faulty_list {
    enum list_charset charset;
    unsigned char *bytes; // malloc'ed
    uint32_t size;
    uint32_t count;
    uint32_t first;  // offset of the first structure; 0 in a right one
    uint32_t stride; // from structure to structure; its size in a right one
};

// Takes the right list; on LIST_SUCCESS the caller frees it with faulty_list_free.
uint32_t faulty_list_take(struct faulty_list *list, enum list_charset charset);
void faulty_list_free(struct faulty_list *list);

// Where the structures end: in a right list, where the first connection is.
uint32_t faulty_list_structures_end(const struct faulty_list *list);

// Opens a gap of `size` 0xA5 bytes at `offset`: before the first structure, or at the end of the
// last one or after. What stands there and behind moves up, and the pointers follow. False: memory
// ran out.
bool faulty_list_open(struct faulty_list *list, uint32_t offset, uint32_t size);

// Makes pointers of the offsets, as for a list at `base`: nothing else can be done with it then but
// to copy its bytes.
void faulty_list_point(struct faulty_list *list, uintptr_t base);

// Copies the list to `to`; the pointers become pointers into the copy.
void faulty_list_copy(const struct faulty_list *list, unsigned char *to);

// The right answer to a call, if the list were right: insufficient or copied, size and count.
uint32_t faulty_list_answer(const struct faulty_call *call, const struct faulty_list *list);

// Takes the list, lets `edit` change it, answers with it.
typedef bool faulty_list_edit(struct faulty_list *list); // false: memory ran out
uint32_t faulty_list_edited(const struct faulty_call *call, faulty_list_edit *edit);

// --- Structures in any memory, aligned or not ---

iscsi_session_info_a faulty_session(const void *list, uint32_t index);
void faulty_set_session(void *list, uint32_t index, const iscsi_session_info_a *session);
iscsi_connection_info_a faulty_connection(const iscsi_session_info_a *session, uint32_t index);
void faulty_set_connection(const iscsi_session_info_a *session, uint32_t index,
                           const iscsi_connection_info_a *connection);

// The bytes of a string, its terminator included.
uint32_t faulty_string_size(const char *string, enum list_charset charset);

// Changes each session of the list that a right call has just put into the caller's buffer.
typedef void faulty_session_change(iscsi_session_info_a *session, const struct faulty_call *call,
                                   uint32_t index);
uint32_t faulty_sessions_changed(const struct faulty_call *call, faulty_session_change *change);

#endif
