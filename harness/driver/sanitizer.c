// SPDX-License-Identifier: Apache-2.0
// Recognises the sanitizers by what the library needs of their runtimes.
#include "harness/driver/sanitizer.h"

#include "harness/driver/elf_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// How GCC and Clang make use of a runtime. GCC links a library with it; Clang leaves symbols to the
// program, which here has none of them.
struct runtime {
    const char *gcc_name;   // its name begins so
    const char *clang_name; // as `clang -print-file-name` knows it, without the machine
    const char *symbol;     // undefined ones begin so
    bool first;             // it must be loaded before all others
};

static const struct runtime runtimes[] = {
    {"libasan.so", "libclang_rt.asan", "__asan_", true},
    {"libtsan.so", "libclang_rt.tsan", "__tsan_", true},
    {"liblsan.so", "libclang_rt.lsan", "__lsan_", true},
    {"libubsan.so", "libclang_rt.ubsan_standalone", "__ubsan_", false},
};

// A report must be the end of the call, so that it is the call's, and a signal that the host
// catches. An allocation of more than there is fails, as without a sanitizer. What the user has set
// comes behind and so wins.
static const char *const options[][2] = {
    {"ASAN_OPTIONS", "abort_on_error=1:allocator_may_return_null=1:print_legend=0"},
    {"TSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:allocator_may_return_null=1"},
    {"LSAN_OPTIONS", "abort_on_error=1"},
    {"UBSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_stacktrace=1"},
};
_Static_assert(sizeof options / sizeof *options + 1 == SANITIZER_VARIABLES, "room for all");

// The first line that a command prints, malloc'ed; NULL: none.
static char *first_line(const char *command)
{
    FILE *stream = popen(command, "re"); // NOLINT(cert-env33-c): constant words only
    char *line = NULL;
    size_t size = 0;
    if (stream == NULL)
        return NULL;
    ssize_t length = getline(&line, &size, stream);
    pclose(stream);
    if (length <= 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

// Where Clang has the runtime as a shared library, malloc'ed; NULL: it was not found.
static char *find_clang_runtime(const struct runtime *runtime)
{
    char *command = NULL;
    if (asprintf(&command,
                 "for end in -$(uname -m).so .so; do clang -print-file-name=%s$end; done "
                 "2>/dev/null | grep -m 1 ^/",
                 runtime->clang_name) < 0)
        return NULL;
    char *path = first_line(command);
    free(command);
    return path;
}

// What is to be preloaded for it, malloc'ed; NULL: nothing. `needed`: GCC's library. A name without
// a folder is found as the loader would find it for the library itself, unless only the compiler
// knows where it is.
static char *find_preload(const struct runtime *runtime, const char *needed)
{
    if (needed == NULL)
        return find_clang_runtime(runtime);
    return runtime->first ? strdup(needed) : NULL;
}

// Adds NAME=VALUE, with what the kit's own environment has behind `separator`.
static int add_variable(struct sanitizer *sanitizer, const char *name, const char *value,
                        char separator)
{
    size_t count = 0;
    const char *own = getenv(name);
    while (sanitizer->environment[count] != NULL)
        count++;
    bool has_own = own != NULL && own[0] != '\0';
    if (asprintf(&sanitizer->environment[count], "%s=%s%.*s%s", name, value, has_own ? 1 : 0,
                 &separator, has_own ? own : "") < 0) {
        sanitizer->environment[count] = NULL;
        return -1;
    }
    return 0;
}

static int prepare(struct sanitizer *sanitizer, const struct runtime *runtime, const char *needed)
{
    char *preload = find_preload(runtime, needed);
    int status = preload == NULL ? 0 : add_variable(sanitizer, "LD_PRELOAD", preload, ':');
    free(preload);
    sanitizer->found = true;
    sanitizer->any_memory = runtime->first;
    for (size_t i = 0; status == 0 && i < sizeof options / sizeof *options; i++)
        status = add_variable(sanitizer, options[i][0], options[i][1], ':');
    return status;
}

int sanitizer_detect(struct sanitizer *sanitizer, const char *path)
{
    *sanitizer = (struct sanitizer){0};
    struct elf_file *file = elf_file_read(path);
    int status = 0;
    if (file == NULL)
        return 0; // loading it will tell
    for (size_t i = 0; !sanitizer->found && i < sizeof runtimes / sizeof *runtimes; i++) {
        const struct runtime *runtime = &runtimes[i];
        const char *needed = elf_file_needed(file, runtime->gcc_name);
        if (needed != NULL || elf_file_needed(file, runtime->clang_name) != NULL ||
            elf_file_symbol(file, false, runtime->symbol, true) != NULL)
            status = prepare(sanitizer, runtime, needed);
    }
    elf_file_free(file);
    if (status != 0)
        sanitizer_free(sanitizer);
    return status;
}

void sanitizer_free(struct sanitizer *sanitizer)
{
    for (size_t i = 0; i < SANITIZER_VARIABLES; i++)
        free(sanitizer->environment[i]);
    *sanitizer = (struct sanitizer){0};
}
