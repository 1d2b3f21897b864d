// SPDX-License-Identifier: Apache-2.0
// A library that attacks the kit that tests it. What all attacks share; each is a function of its
// own in one of the files on_*.c, and a line in attacks.def.
#ifndef TCK_HOSTILE_H
#define TCK_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LIFETIME_S = 60 }; // whatever is left to itself ends by itself after that time

// The call under way.
struct asked {
    uint32_t *size;
    uint32_t *count;
    uint8_t *buffer;
    uint32_t offered;  // *size before the answer
    uint32_t answered; // bytes that the answer took: 0 before it, and when there is none
};

// When an attack is made.
enum moment {
    LOADING, // when the library is loaded; `asked` is NULL
    ONCE,    // in the first call of the process, before the answer
    EVERY,   // in every call, before the answer
    AFTER,   // in every call, after the answer
};

// What it answers then: as the reference does, or with a session too many in SessionCount, which no
// attack may turn into "Held".
enum answer { RIGHT, WRONG };

#define ATTACK(name, ...) void attack_##name(const struct asked *asked);
#include "tests/hostile/attacks.def"
#undef ATTACK

// The processes above this one, the nearest first, at most `most`; how many. The runner of the test
// is none of them.
size_t list_ancestors(pid_t *pids, size_t most);
// The processes of that name, of all that are visible.
size_t list_named(const char *name, pid_t *pids, size_t most);
// To all of them.
void signal_all(const pid_t *pids, size_t count, int number);

// Folders: the one that the kit keeps its own folder in, and the kit's own one.
const char *temporary_folder(void);
const char *kit_folder(void);
// The library's own file, and the folder that it is in, which is the test's alone.
const char *own_path(void);
const char *own_folder(void);
// A path in a folder; in a buffer of its own until the next call of the thread.
const char *path_in(const char *folder, const char *name);
// Writes a file of that text; false if it could not be.
bool write_text(const char *path, const char *text);

// A file of /proc, as text; at most `size` - 1 bytes. The length.
size_t read_text(const char *path, char *text, size_t size);

// The descriptors of this process that are sockets: the channel's. How many.
size_t list_sockets(int *descriptors, size_t most);
// The nonce that the kit gave to the host on its command line.
uint64_t read_nonce(void);

// Forks a process of no kin: of a session of its own and adopted by init, which ends after
// LIFETIME_S. 0 in it, the number of the first child in the caller.
pid_t fork_daemon(void);
// Waits until LIFETIME_S after the process began are over, and ends it.
_Noreturn void live_on(void);

void sleep_ms(long milliseconds);

static inline void *pointer_to(uintptr_t address)
{
    // Addresses are what these attacks are about. NOLINTNEXTLINE(performance-no-int-to-ptr)
    return (void *)address;
}

// A mapping of this process, and each of those whose line in /proc/self/maps has that text in it.
struct mapping {
    uintptr_t start;
    uintptr_t end;
    char access[5];
    char path[256];
};
size_t list_mappings(const char *text, struct mapping *mappings, size_t most);

#endif
