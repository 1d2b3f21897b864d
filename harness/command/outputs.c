// SPDX-License-Identifier: Apache-2.0
// Writes the files that were asked for.
#include "harness/command/outputs.h"

#include "conformance/base/text.h"
#include "harness/command/command.h"
#include "harness/report/html/page.h"
#include "harness/report/html/several_page.h"
#include "harness/report/json.h"
#include "harness/report/junit.h"
#include "harness/report/report_file.h"
#include "harness/report/tap.h"
#include "harness/report/terminal.h"
#include "harness/report/terminal_regression.h"
#include "harness/report/wrapping.h"
#include "harness/result/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int outputs_check_file(const char *option, const char *path, struct failure *failure)
{
    struct stat status;
    if (path == NULL || strcmp(path, "-") == 0)
        return 0;
    // A pipe or a device is written to and not replaced: its folder need not be writable.
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        if (!S_ISDIR(status.st_mode) && access(path, W_OK) == 0)
            return 0;
        return failure_set(failure, STATUS_USAGE,
                           "%s %s: %s; give a file's name, or - for standard output", option, path,
                           S_ISDIR(status.st_mode) ? "is a folder" : strerror(errno));
    }
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    if (folder == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int result = 0;
    if (path[0] == '\0' || (slash != NULL && slash[1] == '\0'))
        result = failure_set(failure, STATUS_USAGE, "%s %s: not the name of a file", option, path);
    else if (access(folder, W_OK | X_OK) != 0)
        result =
            failure_set(failure, failure_input_status(errno),
                        "%s %s: folder %s: %s; name a folder that exists and can be written to",
                        option, path, folder, strerror(errno));
    free(folder);
    return result;
}

static bool takes_standard_output(const char *path)
{
    return path != NULL && (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0);
}

enum { FILES = 4 };

// A file that was asked for and who writes it.
struct file {
    const char *option;
    const char *path; // NULL: not asked for
    int (*write)(const struct result *result, const char *path, struct failure *failure);
};

static void list_files(const struct outputs *outputs, struct file files[static FILES])
{
    files[0] = (struct file){"--json", outputs->json_file, report_json_write};
    files[1] = (struct file){"--tap", outputs->tap_file, report_tap_write};
    files[2] = (struct file){"--junit", outputs->junit_file, report_junit_write};
    files[3] = (struct file){"--html", outputs->html_file, report_html_write};
}

int outputs_check(const struct outputs *outputs, struct failure *failure)
{
    if (strcmp(outputs->color, "auto") != 0 && strcmp(outputs->color, "always") != 0 &&
        strcmp(outputs->color, "never") != 0)
        return failure_set(failure, STATUS_USAGE, "--color %s: give auto, always or never",
                           outputs->color);
    struct file files[FILES];
    list_files(outputs, files);
    for (size_t i = 0; i < FILES; i++)
        for (size_t j = i + 1; j < FILES; j++)
            if (takes_standard_output(files[i].path) && takes_standard_output(files[j].path))
                return failure_set(failure, STATUS_USAGE,
                                   "%s and %s both name %s; give each a file of its own",
                                   files[i].option, files[j].option, files[i].path);
    for (size_t i = 0; i < FILES; i++)
        if (outputs_check_file(files[i].option, files[i].path, failure) != 0)
            return -1;
    return 0;
}

FILE *outputs_stream(const struct outputs *outputs)
{
    struct file files[FILES];
    bool taken = false;
    list_files(outputs, files);
    for (size_t i = 0; i < FILES; i++)
        taken = taken || takes_standard_output(files[i].path);
    return taken ? stderr : stdout;
}

bool outputs_terminal(const struct outputs *outputs)
{
    const char *terminal = getenv("TERM");
    return isatty(wrapping_descriptor(outputs_stream(outputs))) == 1 && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}

bool outputs_colour(const struct outputs *outputs)
{
    const char *no_color = getenv("NO_COLOR");
    if (strcmp(outputs->color, "auto") != 0)
        return strcmp(outputs->color, "always") == 0;
    return outputs_terminal(outputs) && (no_color == NULL || no_color[0] == '\0');
}

// "results/x.xml" as "results/x-2.xml".
static char *number_path(const char *path, size_t number)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    size_t stem = dot == NULL || dot == name ? strlen(path) : (size_t)(dot - path);
    char *numbered = NULL;
    if (asprintf(&numbered, "%.*s-%zu%s", (int)stem, path, number, path + stem) < 0)
        return NULL;
    return numbered;
}

// A file for each of several implementations, rather than one document of all?
static bool is_numbered(const struct file *file)
{
    return file->path != NULL &&
           (file->write == report_tap_write || file->write == report_junit_write);
}

void outputs_add_files(const struct outputs *outputs, size_t count, struct files *used)
{
    struct file files[FILES];
    list_files(outputs, files);
    for (size_t i = 0; i < FILES; i++) {
        if (takes_standard_output(files[i].path))
            continue;
        if (count < 2 || !is_numbered(&files[i]))
            files_add_output(used, files[i].option, files[i].path);
        for (size_t j = 0; count > 1 && is_numbered(&files[i]) && j < count; j++) {
            char *path = number_path(files[i].path, j + 1);
            used->no_memory = used->no_memory || path == NULL;
            files_add_output(used, files[i].option, path);
            free(path);
        }
    }
}

static int write_numbered(const struct file *file, const struct result *result, size_t number,
                          struct failure *failure)
{
    if (takes_standard_output(file->path))
        return file->write(result, file->path, failure);
    char *path = number_path(file->path, number);
    if (path == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int status = file->write(result, path, failure);
    free(path);
    return status;
}

// Says what could not be written; false then.
static bool tell_written(const char *name, const struct failure *failure)
{
    if (failure->status != 0)
        command_complain(name, failure);
    return failure->status == 0;
}

// The files of one result or, with their comparison, of several. All are tried. False, after saying
// which could not be written.
static bool write_files(const struct outputs *outputs, const char *name,
                        const struct result *results, size_t count, int status,
                        const struct comparison *comparison)
{
    struct failure failure = {0};
    struct file files[FILES];
    list_files(outputs, files);
    if (count > 1 && outputs->json_file != NULL)
        report_json_several(results, count, status, comparison, outputs->json_file, &failure);
    if (count > 1 && outputs->html_file != NULL)
        report_html_several(&(struct several_document){.comparison = comparison,
                                                       .results = results,
                                                       .count = count},
                            outputs->html_file, &failure);
    bool written = tell_written(name, &failure);
    for (size_t i = 0; i < FILES; i++) {
        failure = (struct failure){0};
        if (count == 1 && files[i].path != NULL)
            files[i].write(results, files[i].path, &failure);
        for (size_t j = 0; count > 1 && is_numbered(&files[i]) && j < count; j++)
            write_numbered(&files[i], &results[j], j + 1, &failure);
        written = tell_written(name, &failure) && written;
    }
    return written;
}

// ---- At the beginning

static bool is_same_file(const char *one, const char *other)
{
    struct stat left;
    struct stat right;
    return other != NULL && stat(one, &left) == 0 && stat(other, &right) == 0 &&
           left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

static void clear_path(const char **path, const char *kept)
{
    if (*path != NULL && (!report_replaces(*path) || is_same_file(*path, kept)))
        *path = NULL;
}

// Has all files that will be replaced say why there is no verdict.
static int write_unfinished(const struct outputs_work *run, const struct failure *why)
{
    struct outputs replaced = *run->outputs;
    struct result *results = calloc(run->count, sizeof *results);
    const struct failure no_memory = {.status = STATUS_UNTRUSTED, .text = "out of memory"};
    if (results == NULL)
        return command_complain(run->name, &no_memory);
    clear_path(&replaced.json_file, run->kept);
    clear_path(&replaced.tap_file, run->kept);
    clear_path(&replaced.junit_file, run->kept);
    clear_path(&replaced.html_file, run->kept);
    for (size_t i = 0; i < run->count; i++) {
        results[i].implementation = run->implementations[i];
        results[i].profile = "documented";
        results[i].failure = *why;
    }
    bool written = write_files(&replaced, run->name, results, run->count, why->status,
                               &(const struct comparison){0});
    free(results);
    return written ? STATUS_HELD : STATUS_UNTRUSTED;
}

int outputs_run(const struct outputs_work *run)
{
    const struct failure begun = {
        .status = STATUS_UNTRUSTED,
        .text = "this run has not finished: it goes on, or it was killed",
    };
    struct failure failure = {0};
    int status = write_unfinished(run, &begun);
    if (status == STATUS_HELD) {
        fflush(NULL); // the worker must not inherit what is not yet written
        status = sweeper_run(run->work, run->argument, run->deadline_ns, &failure);
    }
    if (failure.status != 0) { // also where a signal ended the worker, which then said nothing
        status = command_complain(run->name, &failure);
        write_unfinished(run, &failure);
    }
    report_forget_places();
    return status;
}

// ---- At the end

static int compare_results(const struct outputs *outputs, const struct result *results,
                           size_t count, struct comparison *comparison)
{
    const struct result **list = calloc(count, sizeof(struct result *));
    const char **names = calloc(count, sizeof(char *));
    int status = -1;
    if (list == NULL || names == NULL)
        goto out;
    for (size_t i = 0; i < count; i++) {
        list[i] = &results[i];
        names[i] = results[i].implementation == NULL ? "?" : results[i].implementation;
    }
    status = comparison_make(comparison, list, count);
    if (status == 0)
        report_comparison(outputs_stream(outputs), comparison, names, outputs_colour(outputs));
out:
    free(list);
    free(names);
    return status;
}

int outputs_write(const struct outputs *outputs, const char *name, const struct result *result,
                  int status)
{
    fflush(outputs_stream(outputs));
    bool written = write_files(outputs, name, result, 1, status, NULL);
    return command_flush(name, written || status > STATUS_UNTRUSTED ? status : STATUS_UNTRUSTED);
}

int outputs_write_several(const struct outputs *outputs, const char *name,
                          const struct result *results, size_t count, int status)
{
    const struct failure no_memory = {.status = STATUS_UNTRUSTED, .text = "out of memory"};
    struct comparison comparison = {0};
    if (compare_results(outputs, results, count, &comparison) != 0)
        status = command_worse(status, command_complain(name, &no_memory));
    fflush(outputs_stream(outputs));
    if (!write_files(outputs, name, results, count, status, &comparison))
        status = command_worse(status, STATUS_UNTRUSTED);
    comparison_free(&comparison);
    return command_flush(name, status);
}
