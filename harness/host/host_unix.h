// SPDX-License-Identifier: Apache-2.0
// What the files of the host program for Unix share.
#ifndef TCK_HOST_UNIX_H
#define TCK_HOST_UNIX_H

#include "harness/host/host_os.h"
#include "harness/host/protocol.h"

#include <ucontext.h>

// Distances above the limit that libraries see; each descriptor of the host's own has one.
enum {
    CHANNEL_DISTANCE = 3,
    DIRECTORY_DISTANCE = 29,
    SPARE_DISTANCE = 57,
    SPARSE_DISTANCE = 91,
    PROC_DISTANCE = 131,
    STANDARD_DISTANCE = 157, // and the two after it
};

// Stands before the descriptor's number on the command line where the kit is at the other end of a
// network: its clock may be another one.
#define CHANNEL_REMOTE "remote:"
void unix_set_own_clock(void);

// A duplicate under a number that libraries hardly reach: above the limit that they see, where the
// hard limit leaves room; else a high one; else any that is not among the first. -1 when there is
// none.
int unix_duplicate_high(int descriptor, unsigned distance);

// Writes the last bytes that the process has to say, from a signal handler; no other thread can
// write to the channel any more. Gives up silently: the process ends anyway.
void unix_channel_write_last(struct os_channel *channel, void *bytes, size_t size);
// The same for what follows those.
void unix_channel_write_more(struct os_channel *channel, void *bytes, size_t size);

// The module that an instruction belongs to: the name of its file without folders ("": it belongs
// to none), the path where that is not too long, and the offset from where the file is loaded. Safe
// in a signal handler.
struct module_place {
    char name[FAULT_MODULE_MAX];
    char path[FAULT_PATH_MAX];
    uint64_t offset;
};
void unix_find_place(uintptr_t instruction, struct module_place *place);

// A line of /proc/self/maps.
struct unix_mapping {
    uint64_t first;
    uint64_t end;
    bool readable;
    uint64_t device_major, device_minor, inode;
    const char *path; // the rest of the line, and of the text
};
// Safe in a signal handler.
void unix_read_mapping(struct unix_mapping *mapping, const char *line);

// Sends the STACK that follows a FAULT. Safe in a signal handler, once in a process.
void unix_send_stack(const struct os_trap *trap, const ucontext_t *context, uint64_t instruction);

// The two descriptors of the channel.
void unix_channel_descriptors(const struct os_channel *channel, int descriptors[2]);

#endif
