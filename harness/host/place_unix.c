// SPDX-License-Identifier: Apache-2.0
// Finds the file that an instruction was loaded from. The kernel is asked when the fault is there,
// because a library may load others during any call, and because no list in this process's memory
// is safe from the library. So nothing is read here but the program counter and what the kernel
// says. Safe in a signal handler: system calls and arithmetic only.
#include "harness/host/host_unix.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TEXT_SIZE = 8192 }; // a line has a path of 4096 bytes at most, unless it is full of escapes

// The mappings of one file stand one after the other; the first of them begins the module.
struct search {
    uint64_t wanted;
    uint64_t module; // where the module of the mapping before begins
    struct unix_mapping before;
};

static const char *read_digits(const char *at, uint64_t *number)
{
    *number = 0;
    for (;; at++) {
        unsigned digit = 16;
        if (*at >= '0' && *at <= '9')
            digit = (unsigned)(*at - '0');
        else if (*at >= 'a' && *at <= 'f')
            digit = (unsigned)(*at - 'a') + 10;
        if (digit == 16)
            return at;
        *number = *number << 4 | digit;
    }
}

static const char *skip_word(const char *at)
{
    at += strcspn(at, " ");
    return at + strspn(at, " ");
}

// "7f12a000-7f12c000 r-xp 00001000 08:01 1234      /path". The inode is decimal, which does not
// matter: it is compared only.
void unix_read_mapping(struct unix_mapping *mapping, const char *line)
{
    const char *at = read_digits(line, &mapping->first);
    at = read_digits(*at == '-' ? at + 1 : at, &mapping->end);
    at = skip_word(at); // to the permissions
    mapping->readable = *at == 'r';
    at = skip_word(skip_word(at)); // to the device
    at = read_digits(at, &mapping->device_major);
    at = read_digits(*at == ':' ? at + 1 : at, &mapping->device_minor);
    at = skip_word(at);
    at = read_digits(at, &mapping->inode);
    mapping->path = at + strspn(at, " ");
}

static bool same_file(const struct unix_mapping *a, const struct unix_mapping *b)
{
    return a->inode == b->inode && a->device_major == b->device_major &&
           a->device_minor == b->device_minor;
}

// The name is that of the path without what the kernel says of a file that was removed.
static void tell(const struct search *search, const char *path, struct module_place *place)
{
    static const char removed[] = " (deleted)";
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t length = strlen(name);
    size_t removed_length = sizeof removed - 1;
    if (length > removed_length && strcmp(name + length - removed_length, removed) == 0)
        length -= removed_length;
    if (length >= sizeof place->name)
        length = sizeof place->name - 1;
    memcpy(place->name, name, length);
    place->name[length] = '\0';
    place->offset = search->wanted - search->module;
    if (*path == '/' && strlen(path) < sizeof place->path)
        memcpy(place->path, path, strlen(path) + 1);
}

// True when the search has ended.
static bool look_at(struct search *search, const char *line, struct module_place *place)
{
    struct unix_mapping mapping;
    unix_read_mapping(&mapping, line);
    if (mapping.inode == 0 || !same_file(&mapping, &search->before))
        search->module = mapping.first;
    search->before = mapping;
    if (search->wanted < mapping.first)
        return true;
    if (search->wanted >= mapping.end)
        return false;
    if (mapping.inode != 0)
        tell(search, mapping.path, place);
    return true;
}

// Looks at the whole lines of the text. Their bytes; SIZE_MAX when the search has ended.
static size_t look_at_all(struct search *search, char *text, size_t size,
                          struct module_place *place)
{
    size_t done = 0;
    char *end = NULL;
    while ((end = memchr(text + done, '\n', size - done)) != NULL) {
        *end = '\0';
        if (look_at(search, text + done, place))
            return SIZE_MAX;
        done = (size_t)(end - text) + 1;
    }
    return done;
}

void unix_find_place(uintptr_t instruction, struct module_place *place)
{
    char text[TEXT_SIZE];
    struct search search = {.wanted = instruction};
    size_t used = 0;
    long got = 0;
    // By the system calls themselves: a sanitizer's runtime has functions of its own by these
    // names.
    long file = syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
    place->name[0] = place->path[0] = '\0';
    place->offset = 0;
    while (file >= 0 && used < sizeof text &&
           (got = syscall(SYS_read, file, text + used, sizeof text - used)) > 0) {
        used += (size_t)got;
        size_t done = look_at_all(&search, text, used, place);
        if (done == SIZE_MAX)
            break;
        used -= done;
        memmove(text, text + done, used);
    }
    if (file >= 0)
        syscall(SYS_close, file);
}
