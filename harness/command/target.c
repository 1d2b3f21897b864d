// SPDX-License-Identifier: Apache-2.0
// Finds what runs an implementation, from what its file is.
#include "harness/command/target.h"

#include "conformance/base/text.h"
#include "emulator/process/launch.h"
#include "harness/command/command.h"
#include "harness/command/paths.h"
#include "harness/driver/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum option_key {
    OPTION_WINE_PREFIX = 0x700,
    OPTION_CODE_PAGE,
    OPTION_CPU_EMULATOR,
    OPTION_ISOLATION,
};

static const struct argp_option options_of_target[] = {
    {"wine-prefix", OPTION_WINE_PREFIX, "DIR", 0,
     "A Wine prefix of yours, for a DLL that needs a registry or services; without it, each run "
     "has one of its own",
     0},
    {"code-page", OPTION_CODE_PAGE, "N|utf-8", 0,
     "The code page of a DLL's A strings; 1252 by default", 0},
    {"cpu-emulator", OPTION_CPU_EMULATOR, "PROGRAM", 0,
     "What runs the host of a 32-bit Linux library, such as qemu-i386; without it, the processor",
     0},
    {"isolation", OPTION_ISOLATION, "HOW", 0,
     "Whether the library runs in namespaces of its own, where it can't reach the kit: auto "
     "(default: where the machine allows it), full or none",
     0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct target_options *options = state->input;
    switch (key) {
    case OPTION_WINE_PREFIX:
        options->prefix_text = argument;
        return 0;
    case OPTION_CODE_PAGE:
        options->code_page_text = argument;
        return 0;
    case OPTION_CPU_EMULATOR:
        options->cpu_emulator_text = argument;
        return 0;
    case OPTION_ISOLATION:
        options->isolation_text = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp target_argp = {.options = options_of_target, .parser = parse};

// --- what was given

static int check_code_page(struct target_options *options, struct failure *failure)
{
    const char *text = options->code_page_text;
    char *end = NULL;
    errno = 0;
    if (strcasecmp(text, "utf-8") == 0 || strcasecmp(text, "utf8") == 0)
        text = "65001";
    unsigned long number = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || text[strspn(text, "0123456789")] != '\0' || number < 1 ||
        number > UINT16_MAX)
        return failure_set(failure, STATUS_USAGE,
                           "--code-page %s: give a number such as 1252, or utf-8",
                           options->code_page_text);
    options->code_page = (unsigned)number;
    return wine_check_code_page(options->code_page, failure);
}

static int check_prefix(struct target_options *options, struct failure *failure)
{
    struct stat status;
    options->prefix = realpath(options->prefix_text, NULL);
    if (options->prefix == NULL || stat(options->prefix, &status) != 0)
        return failure_set(failure, failure_input_status(errno),
                           "--wine-prefix %s: %s; make one with WINEPREFIX=DIR wineboot",
                           options->prefix_text, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return failure_set(failure, STATUS_USAGE, "--wine-prefix %s: not a folder",
                           options->prefix_text);
    return 0;
}

static int check_cpu_emulator(struct target_options *options, struct failure *failure)
{
    struct stat status;
    char *found = process_find(options->cpu_emulator_text, NULL);
    errno = ENOENT;
    options->cpu_emulator = found != NULL ? realpath(found, NULL) : NULL;
    free(found);
    if (options->cpu_emulator != NULL && stat(options->cpu_emulator, &status) == 0 &&
        !S_ISREG(status.st_mode))
        errno = EACCES;
    else if (options->cpu_emulator != NULL && access(options->cpu_emulator, X_OK) == 0)
        return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--cpu-emulator %s: %s; give a program such as qemu-i386, which Debian's "
                       "package qemu-user has",
                       options->cpu_emulator_text, strerror(errno));
}

static int check_isolation(const char *text, struct failure *failure)
{
    if (text == NULL || strcmp(text, "auto") == 0 || strcmp(text, "full") == 0 ||
        strcmp(text, "none") == 0)
        return 0;
    return failure_set(failure, STATUS_USAGE, "--isolation %s: must be auto, full or none", text);
}

int target_options_check(struct target_options *options, struct failure *failure)
{
    if (check_isolation(options->isolation_text, failure) != 0)
        return -1;
    if (options->code_page_text != NULL && check_code_page(options, failure) != 0)
        return -1;
    if (options->prefix_text != NULL && check_prefix(options, failure) != 0)
        return -1;
    return options->cpu_emulator_text != NULL ? check_cpu_emulator(options, failure) : 0;
}

// --- what runs a target

static int find_windows(struct target *target, struct target_options *options,
                        struct failure *failure)
{
    bool is_64_bit = target->platform == PLATFORM_WINDOWS_64;
    bool utf8 = options->code_page == CODE_PAGE_UTF_8;
    struct wine_program *program = &options->programs[is_64_bit];
    if (program->loader == NULL && wine_find(program, is_64_bit, failure) != 0)
        return -1;
    if (paths_windows_host(&target->host_program, is_64_bit, utf8, failure) != 0)
        return -1;
    target->wine = (struct wine_options){.program = program,
                                         .keeper = target->host_program,
                                         .prefix = options->prefix,
                                         .code_page = options->code_page};
    return 0;
}

void target_clear(struct target *target)
{
    free(target->host_program);
    free(target->place_program);
    *target = (struct target){0};
}

// Nothing is guessed: an emulated processor is used only where it is asked for.
static int find_i386(struct target *target, const struct target_options *options,
                     struct failure *failure)
{
    if (paths_i386_host(&target->host_program, failure) != 0)
        return -1;
    target->cpu_emulator = options->cpu_emulator;
    const char *const arguments[] = {target->cpu_emulator, target->host_program, "--help", NULL};
    int error = trial_run(arguments + (target->cpu_emulator == NULL));
    if (error == 0)
        return 0;
    if (target->cpu_emulator != NULL)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "--cpu-emulator %s: it can't run %s; give a program that runs those of "
                           "i386 Linux, such as qemu-i386",
                           options->cpu_emulator_text, target->host_program);
    // The file is there: what is missing is the loader that it names.
    if (error == ENOENT)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: can't be run: this machine has no 32-bit C library; install the "
                           "package libc6-i386",
                           target->host_program);
    return failure_set(failure, STATUS_UNTRUSTED,
                       "%s: can't be run: this machine's kernel runs no 32-bit programs; use "
                       "another machine, or an emulated processor: --cpu-emulator qemu-i386, which "
                       "the package qemu-user has",
                       target->host_program);
}

int target_find(struct target *target, struct target_options *options, struct failure *failure)
{
    target->place_program = paths_hold(paths_place());
    switch (target->platform) {
    case PLATFORM_WINDOWS_64:
    case PLATFORM_WINDOWS_32:
        return find_windows(target, options, failure);
    case PLATFORM_LINUX_32:
        return find_i386(target, options, failure);
    case PLATFORM_OWN:
        break;
    }
    return paths_host(&target->host_program, failure);
}

int target_options_check_needed(const struct target_options *options, const struct target *targets,
                                size_t count, struct failure *failure)
{
    bool any_windows = false;
    bool any_i386 = false;
    for (size_t i = 0; i < count; i++) {
        any_windows = any_windows || targets[i].wine.program != NULL;
        any_i386 = any_i386 || targets[i].platform == PLATFORM_LINUX_32;
    }
    const char *lost = options->code_page_text != NULL ? "--code-page"
                       : options->prefix_text != NULL  ? "--wine-prefix"
                                                       : NULL;
    if (lost != NULL && !any_windows)
        return failure_set(failure, STATUS_USAGE,
                           "%s: it is for Windows DLLs, and no --implementation is one", lost);
    if (options->cpu_emulator_text != NULL && !any_i386)
        return failure_set(failure, STATUS_USAGE,
                           "--cpu-emulator: it is for 32-bit Linux libraries, and no "
                           "--implementation is one");
    return 0;
}

void target_options_append(const struct target_options *options, FILE *stream)
{
    if (options->code_page_text != NULL)
        command_append(stream, "--code-page", options->code_page_text);
    if (options->prefix_text != NULL)
        command_append(stream, "--wine-prefix", options->prefix_text);
    if (options->cpu_emulator_text != NULL)
        command_append(stream, "--cpu-emulator", options->cpu_emulator_text);
    if (options->isolation_text != NULL && strcmp(options->isolation_text, "auto") != 0)
        command_append(stream, "--isolation", options->isolation_text);
}

void target_options_free(struct target_options *options)
{
    wine_program_free(&options->programs[0]);
    wine_program_free(&options->programs[1]);
    free(options->prefix);
    free(options->cpu_emulator);
    options->prefix = options->cpu_emulator = NULL;
}
