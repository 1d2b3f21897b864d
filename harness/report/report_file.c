// SPDX-License-Identifier: Apache-2.0
// Writes a report whole or not at all.
#include "harness/report/report_file.h"
#include "harness/report/wrapping.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Writes all of it into `stream` and closes that (but for standard output). `name` is for messages.
static int write_stream(FILE *stream, const char *name, report_document *write,
                        const void *document, struct failure *failure)
{
    errno = 0;
    int status = write(stream, document);
    int error = errno;
    if (status == 0 && fflush(stream) != 0)
        error = errno;
    bool broken = ferror(stream) != 0;
    if (stream != stdout && fclose(stream) != 0 && !broken) {
        error = errno;
        broken = true;
    }
    if (broken)
        return failure_set(failure, STATUS_UNTRUSTED, "report %s: cannot be written: %s", name,
                           strerror(error));
    if (status != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "report %s: out of memory", name);
    return 0;
}

// The descriptor that a path such as /dev/stderr or /dev/fd/63 (as a shell's >(...) is) names; -1
// for any other path. What is behind it is not to be replaced, even where that is a regular file.
static int descriptor_named(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *digits = path + strlen(folders[i]);
        if (strncmp(path, folders[i], strlen(folders[i])) == 0 && digits[0] != '\0' &&
            digits[strspn(digits, "0123456789")] == '\0' && strlen(digits) < 7)
            return (int)strtol(digits, NULL, 10);
    }
    return -1;
}

static int refuse_path(const char *path, int error, struct failure *failure)
{
    return failure_set(failure, failure_input_status(error),
                       "report %s: cannot be created: %s; name a file in a folder that exists and "
                       "can be written to",
                       path, strerror(error));
}

// For what is at the path already and is no regular file, which must not be replaced.
static int write_in_place(const char *path, report_document *write, const void *document,
                          struct failure *failure)
{
    int named = descriptor_named(path);
    int descriptor = named < 0 ? open(path, O_WRONLY | O_CLOEXEC)
                               : fcntl(named, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    FILE *stream = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (stream == NULL) {
        int error = errno;
        if (descriptor >= 0)
            close(descriptor);
        return refuse_path(path, error, failure);
    }
    return write_stream(stream, path, write, document, failure);
}

static int write_beside(const char *path, report_document *write, const void *document,
                        struct failure *failure)
{
    char *partial = NULL;
    if (asprintf(&partial, "%s.%ld.partial", path, (long)getpid()) < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "report %s: out of memory", path);
    int status = -1;
    // A partial file with this process's number was left by one that was killed.
    if (unlink(partial) != 0 && errno != ENOENT) {
        refuse_path(path, errno, failure);
        goto out;
    }
    FILE *stream = fopen(partial, "wxe");
    if (stream == NULL) {
        refuse_path(path, errno, failure);
        goto out;
    }
    status = write_stream(stream, path, write, document, failure);
    if (status == 0 && rename(partial, path) != 0)
        status = refuse_path(path, errno, failure);
    if (status != 0)
        unlink(partial);
out:
    free(partial);
    return status;
}

// Which file a path led to when this process, or the one that it was forked from, first wrote
// there. A library under test may have put a link or a pipe there since.
struct place {
    char *path;
    char *real;
    struct place *next;
};
static struct place *places;

static const char *find_place(const char *path)
{
    for (const struct place *place = places; place != NULL; place = place->next)
        if (strcmp(place->path, path) == 0)
            return place->real;
    return NULL;
}

// Takes over `real`, malloc'ed or NULL. What it is from now on; NULL: memory ran out.
static const char *note_place(const char *path, char *real)
{
    struct place *place = real != NULL ? calloc(1, sizeof *place) : NULL;
    if (place != NULL)
        place->path = strdup(path);
    if (place == NULL || place->path == NULL) {
        free(place);
        free(real);
        return NULL;
    }
    place->real = real;
    place->next = places;
    places = place;
    return real;
}

void report_forget_places(void)
{
    while (places != NULL) {
        struct place *place = places;
        places = place->next;
        free(place->path);
        free(place->real);
        free(place);
    }
}

int report_write_document(const char *path, report_document *write, const void *document,
                          struct failure *failure)
{
    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0) {
        wrapping_end();
        return write_stream(stdout, "(standard output)", write, document, failure);
    }
    if (descriptor_named(path) >= 0)
        return write_in_place(path, write, document, failure);
    struct stat there;
    const char *real = find_place(path);
    if (real == NULL) {
        bool is_there = stat(path, &there) == 0;
        if (is_there && !S_ISREG(there.st_mode))
            return write_in_place(path, write, document, failure);
        // A symbolic link stays one: the file that it leads to is replaced.
        real = note_place(path, is_there ? realpath(path, NULL) : strdup(path));
    }
    return real != NULL ? write_beside(real, write, document, failure)
                        : refuse_path(path, errno, failure);
}

bool report_replaces(const char *path)
{
    struct stat there;
    return strcmp(path, "-") != 0 && strcmp(path, "/dev/stdout") != 0 &&
           descriptor_named(path) < 0 && (stat(path, &there) != 0 || S_ISREG(there.st_mode));
}

struct written {
    report_writer *write;
    const struct result *result;
};

static int write_result(FILE *stream, const void *document)
{
    const struct written *written = document;
    return written->write(stream, written->result);
}

int report_write(const char *path, report_writer *write, const struct result *result,
                 struct failure *failure)
{
    const struct written written = {write, result};
    return report_write_document(path, write_result, &written, failure);
}
