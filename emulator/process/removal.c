// SPDX-License-Identifier: Apache-2.0
// Removes folders that somebody may have made to be hard to remove.
#include "emulator/process/removal.h"

#include <dirent.h> // struct dirent64
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

// The folder that is removed. Folders within folders are moved up to it, so that however deep they
// lie, only two are open at a time, and no path is longer than two names.
struct removal {
    int top;
    unsigned moved; // counts the names that were given
    int error;      // of the first entry that could not be removed; 0: none
};

// With the rights of root a file can be marked so that nothing removes it.
static void unmark(int at, const char *name)
{
    int flags = 0;
    int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
        (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
        flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
        ioctl(fd, FS_IOC_SETFLAGS, &flags);
    }
    close(fd);
}

// A folder that is read. No DIR: that takes memory, which may be what the run has ended of.
struct folder {
    int fd;
    ssize_t filled; // bytes of entries
    ssize_t at;
    _Alignas(struct dirent64) char entries[4096];
};

// With all rights for its owner; false with errno.
static bool open_folder(struct folder *folder, int at, const char *name)
{
    const int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(at, name, how);
    if (fd < 0 && errno == EACCES && fchmodat(at, name, 0700, 0) == 0)
        fd = openat(at, name, how);
    if (fd < 0)
        return false;
    fchmod(fd, 0700);
    folder->fd = fd;
    folder->filled = folder->at = 0;
    return true;
}

static void rewind_folder(struct folder *folder)
{
    lseek(folder->fd, 0, SEEK_SET);
    folder->filled = folder->at = 0;
}

// The name of the next entry but "." and ".."; NULL after the last. Valid until the next call.
static const char *next_name(struct folder *folder)
{
    for (;;) {
        if (folder->at >= folder->filled) {
            folder->filled = getdents64(folder->fd, folder->entries, sizeof folder->entries);
            folder->at = 0;
        }
        if (folder->filled <= 0)
            return NULL;
        const struct dirent64 *entry = (const struct dirent64 *)(folder->entries + folder->at);
        folder->at += entry->d_reclen;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return entry->d_name;
    }
}

// True once it is gone; false with errno, EISDIR where it is a folder.
static bool unlink_entry(int at, const char *name)
{
    struct stat status;
    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return true;
    int error = errno;
    if (fstatat(at, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    unmark(at, name);
    errno = error;
    return unlinkat(at, name, 0) == 0;
}

// Moves a folder within `from` to the top.
static bool move_up(struct removal *removal, int from, const char *name)
{
    enum { ATTEMPTS = 1000 }; // names that are taken already
    char to[32];
    int ignored = fchmodat(from, name, 0700, 0); // a folder that is moved is written to
    (void)ignored;                               // where that fails, so does the move
    for (int i = 0; i < ATTEMPTS; i++) {
        snprintf(to, sizeof to, "moved-%u", removal->moved++);
        if (renameat(from, name, removal->top, to) == 0)
            return true;
        if (errno == EPERM)
            unmark(from, name);
        else if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
            return false;
    }
    return false;
}

// Empties a folder in the top one, and removes it.
static bool remove_inner(struct removal *removal, const char *name)
{
    unmark(removal->top, name);
    struct folder folder;
    if (!open_folder(&folder, removal->top, name))
        return false;
    bool emptied = true;
    int error = 0;
    for (const char *inner; (inner = next_name(&folder)) != NULL;) {
        if (unlink_entry(folder.fd, inner) ||
            (errno == EISDIR && move_up(removal, folder.fd, inner)))
            continue;
        error = errno;
        emptied = false;
    }
    close(folder.fd);
    errno = error;
    return emptied && unlinkat(removal->top, name, AT_REMOVEDIR) == 0;
}

// Goes once through the top folder. True if something was removed.
static bool pass(struct removal *removal, struct folder *top)
{
    bool any = false;
    removal->error = 0;
    rewind_folder(top);
    for (const char *name; (name = next_name(top)) != NULL;) {
        if (unlink_entry(removal->top, name) || (errno == EISDIR && remove_inner(removal, name)))
            any = true;
        else if (removal->error == 0)
            removal->error = errno;
    }
    return any;
}

// What is in the folder. 0, or the errno of the first entry that could not be removed.
static int empty(const char *path)
{
    struct removal removal = {.top = -1};
    struct folder top;
    unmark(AT_FDCWD, path);
    if (!open_folder(&top, AT_FDCWD, path))
        return errno;
    removal.top = top.fd;
    while (pass(&removal, &top)) {
    }
    close(top.fd);
    return removal.error;
}

int removal_tree(const char *path)
{
    if (unlink_entry(AT_FDCWD, path))
        return 0;
    if (errno != EISDIR)
        return -1;
    int error = empty(path);
    if (rmdir(path) == 0)
        return 0;
    if (error != 0)
        errno = error;
    return -1;
}

int removal_content(const char *path)
{
    int error = empty(path);
    errno = error;
    return error == 0 || error == ENOENT ? 0 : -1;
}
