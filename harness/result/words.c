// What the reports share: calls, outcomes and doubts in words, foreign text made safe, files
// written whole.
#include "harness/report/report.h"

#include "conformance/transcript/error_codes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The run's verdict.

const char *report_verdict_name(const struct result *result)
{
    switch (result_exit_status(result)) {
    case STATUS_HELD:
        return "held";
    case STATUS_BROKEN:
        return "broken";
    case STATUS_USAGE:
        return "usage";
    case STATUS_UNTRUSTED:
        return "untrusted";
    default:
        return "interrupted";
    }
}

static void append_line(char *text, size_t size)
{
    if (text[0] != '\0')
        report_append(text, size, "\n");
}

static void append_unfinished(const struct result *result, char *text, size_t size)
{
    enum { NAMES_MAX = 8 };
    size_t count = 0;
    for (size_t i = 0; i < result->scenario_count; i++) {
        if (result->scenarios[i].finished)
            continue;
        const char *name = result->scenarios[i].name;
        if (count == 0)
            append_line(text, size);
        if (count < NAMES_MAX)
            report_append(text, size, "%s%s", count == 0 ? "not finished: " : ", ",
                          name == NULL ? "(without a name)" : name);
        count++;
    }
    if (count > NAMES_MAX)
        report_append(text, size, " and %zu more", count - NAMES_MAX);
}

void report_describe_doubts(const struct result *result, char *text, size_t size)
{
    if (size == 0)
        return;
    text[0] = '\0';
    if (result_complete(result))
        return;
    struct tally tally = result_tally(result, NULL);
    if (result->failure.status != 0)
        report_append(text, size, "%s",
                      result->failure.text[0] == '\0' ? "stopped without a reason given"
                                                      : result->failure.text);
    append_unfinished(result, text, size);
    if (tally.planned == 0 && result->failure.status == 0) {
        append_line(text, size);
        report_append(text, size, "no check was planned: no clause fits what was asked for");
    }
    if (tally.judged < tally.planned) {
        append_line(text, size);
        report_append(text, size, "%zu of %zu planned checks were not judged",
                      tally.planned - tally.judged, tally.planned);
    }
    if (tally.of[VERDICT_ERROR] > 0) {
        append_line(text, size);
        report_append(text, size, "%zu check%s could not be judged (error)",
                      tally.of[VERDICT_ERROR], tally.of[VERDICT_ERROR] == 1 ? "" : "s");
    }
}

// Repeating.

// How -s finds the scenario again: by its name if it is one that ships, which the file's place
// tells, else by its path.
static const char *scenario_argument(const struct scenario_result *scenario)
{
    const char *path = scenario->path;
    const char *name = scenario->name == NULL ? "" : scenario->name;
    if (path == NULL || path[0] == '\0')
        return name;
    char shipped[512];
    int length = snprintf(shipped, sizeof shipped, "scenarios/%s.yaml", name);
    size_t path_length = strlen(path);
    if (length < 0 || (size_t)length >= sizeof shipped || path_length < (size_t)length)
        return path;
    const char *tail = path + (path_length - (size_t)length);
    return strcmp(tail, shipped) == 0 && (tail == path || tail[-1] == '/') ? name : path;
}

char *report_repeat(const char *command, const struct scenario_result *scenario,
                    const struct check *check)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    fprintf(stream, "%s -s ", command);
    print_shell_word(stream, scenario_argument(scenario));
    fprintf(stream, " -c %s", check->clause->id);
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

// Files.

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

static int refuse_path(const char *path, int error, struct failure *failure)
{
    return failure_set(failure, STATUS_USAGE,
                       "report %s: cannot be created: %s; name a file in a folder that exists and "
                       "can be written to",
                       path, strerror(error));
}

// What stands at the path already and is no regular file: nothing may take its place.
static int write_in_place(const char *path, report_document *write, const void *document,
                          struct failure *failure)
{
    FILE *stream = fopen(path, "we");
    if (stream == NULL)
        return refuse_path(path, errno, failure);
    return write_stream(stream, path, write, document, failure);
}

static int write_beside(const char *path, report_document *write, const void *document,
                        struct failure *failure)
{
    char *partial = NULL;
    if (asprintf(&partial, "%s.%ld.partial", path, (long)getpid()) < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "report %s: out of memory", path);
    int status = -1;
    // One of a process of the same number that was killed while writing is in nobody's use any
    // more.
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

int report_write_document(const char *path, report_document *write, const void *document,
                          struct failure *failure)
{
    if (strcmp(path, "-") == 0)
        return write_stream(stdout, "(standard output)", write, document, failure);
    struct stat there;
    if (stat(path, &there) != 0)
        return write_beside(path, write, document, failure);
    if (!S_ISREG(there.st_mode))
        return write_in_place(path, write, document, failure);
    // A symbolic link stays one: the file that it leads to is replaced.
    char *real = realpath(path, NULL);
    if (real == NULL)
        return refuse_path(path, errno, failure);
    int status = write_beside(real, write, document, failure);
    free(real);
    return status;
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
