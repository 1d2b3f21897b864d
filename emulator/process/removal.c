// Removes folders that somebody may have made to be hard to remove.
#include "emulator/process/removal.h"

#include <dirent.h>
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

// A folder's descriptor as a stream, with all rights for its owner; NULL with errno.
static DIR *open_folder(int at, const char *name)
{
    const int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(at, name, how);
    if (fd < 0 && errno == EACCES && fchmodat(at, name, 0700, 0) == 0)
        fd = openat(at, name, how);
    if (fd < 0)
        return NULL;
    fchmod(fd, 0700);
    DIR *folder = fdopendir(fd);
    if (folder == NULL)
        close(fd);
    return folder;
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
    fchmodat(from, name, 0700, 0); // a folder that is moved is written to
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

static bool is_real(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

// Empties a folder in the top one, and removes it.
static bool remove_inner(struct removal *removal, const char *name)
{
    unmark(removal->top, name);
    DIR *folder = open_folder(removal->top, name);
    if (folder == NULL)
        return false;
    bool emptied = true;
    int error = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (!is_real(entry->d_name) || unlink_entry(dirfd(folder), entry->d_name) ||
            (errno == EISDIR && move_up(removal, dirfd(folder), entry->d_name)))
            continue;
        error = errno;
        emptied = false;
    }
    closedir(folder);
    errno = error;
    return emptied && unlinkat(removal->top, name, AT_REMOVEDIR) == 0;
}

// Goes once through the top folder. True if something was removed.
static bool pass(struct removal *removal, DIR *top)
{
    bool any = false;
    removal->error = 0;
    rewinddir(top);
    for (struct dirent *entry; (entry = readdir(top)) != NULL;) {
        if (!is_real(entry->d_name))
            continue;
        if (unlink_entry(removal->top, entry->d_name) ||
            (errno == EISDIR && remove_inner(removal, entry->d_name)))
            any = true;
        else if (removal->error == 0)
            removal->error = errno;
    }
    return any;
}

int removal_tree(const char *path)
{
    struct removal removal = {.top = -1};
    if (unlink_entry(AT_FDCWD, path))
        return 0;
    if (errno != EISDIR)
        return -1;
    unmark(AT_FDCWD, path);
    DIR *top = open_folder(AT_FDCWD, path);
    if (top == NULL)
        return -1;
    removal.top = dirfd(top);
    while (pass(&removal, top)) {
    }
    closedir(top);
    if (rmdir(path) == 0)
        return 0;
    if (removal.error != 0)
        errno = removal.error;
    return -1;
}
