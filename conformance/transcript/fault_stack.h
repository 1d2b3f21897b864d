// SPDX-License-Identifier: Apache-2.0
// The stack of a call that faulted, as text: so it can be kept, shared and copied as the other
// texts of a record are. The first line is "whole", where the frames reach the call of the
// function, or "cut". Then a line for each frame, the innermost first:
//
//     MODULE tab OFFSET tab FUNCTION tab FILE tab LINE tab "in place" or ""
#ifndef TCK_FAULT_STACK_H
#define TCK_FAULT_STACK_H

#include "conformance/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STACK_FRAMES_MAX = 32,
    STACK_WORDS_MAX = 12288, // bytes that stack_describe needs at most, about
    STACK_LINE_MAX = 1024,
    STACK_TEXT_MAX = 16 + STACK_FRAMES_MAX * STACK_LINE_MAX, // bytes, with the terminator
};

struct stack_frame {
    char module[64];    // the name of its file, without folders
    uint64_t offset;    // of the instruction from where the module is loaded; of a call, within it
    char function[256]; // "": not known
    char file[512];     // of the source code; "": not known
    uint32_t line;      // of it; 0: not known
    bool in_place;      // expanded in the function of the next frame
};

// Do the frames reach the call of the function?
bool stack_is_whole(const char *stack);
// Reads the frame at `at`, which is the stack itself at first. What is behind it; NULL: there is
// none.
const char *stack_next(const char *at, struct stack_frame *frame);
// Adds a frame to a text of STACK_TEXT_MAX bytes, which begins as stack_begin made it. Controls in
// it become '?'. False where there is no room.
void stack_begin(char *text, bool whole);
bool stack_add(char *text, const struct stack_frame *frame);

// In words, a line each, without a newline at the end: "#0 store, list.c:31, libx.so + 0x139e".
// Frames in a row that are the same are one.
void stack_describe(const char *stack, char *text, size_t size);

// A new reference; NULL where memory ran out. The reverse writes STACK_TEXT_MAX bytes; 0, or -1
// with the failure of `reading`.
json_t *stack_to_json(const char *stack);
int stack_from_json(const struct json_reading *reading, const json_t *object, char *text);

#endif
