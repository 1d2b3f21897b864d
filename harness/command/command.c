// SPDX-License-Identifier: Apache-2.0
// What all commands share: messages, lists of arguments, quoting.
#include "harness/command/command.h"

#include "conformance/base/failure.h"
#include "conformance/base/text.h"
#include "harness/report/wrapping.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

static bool flush_failed; // and that was said

// Without the folder, as in argp's own messages.
static const char *short_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash == NULL ? name : slash + 1;
}

// Prints a line that may have words of a file, an argument or an implementation.
static void print_line(const char *line, size_t length, bool first)
{
    char copy[sizeof((struct failure *)NULL)->text]; // memory may have run out
    char escaped[ESCAPED_MAX];
    snprintf(copy, sizeof copy, "%.*s", (int)length, line);
    fputs(!first && text_is_ci_command(copy) ? "| " : "", stderr);
    for (const char *at = copy; *at != '\0';) {
        at += escape_next(at, strlen(at), ESCAPE_CONTROLS, escaped);
        fputs(escaped, stderr);
    }
    putc('\n', stderr);
}

int command_complain(const char *name, const struct failure *failure)
{
    const char *at = failure->text;
    fflush(stdout);
    fprintf(stderr, "%s: ", short_name(name));
    for (bool first = true; first || *at != '\0'; first = false) {
        size_t length = strcspn(at, "\n");
        print_line(at, length, first);
        at += length + (at[length] == '\n');
    }
    return failure->status == 0 ? STATUS_UNTRUSTED : failure->status;
}

int command_flush(const char *name, int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    flush_failed = true;
    // An earlier write may have failed, whose reason is not known any more.
    fprintf(stderr,
            "%s: standard output could not be written%s%s; what was printed is incomplete\n",
            short_name(name), errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    return status > STATUS_UNTRUSTED ? status : STATUS_UNTRUSTED;
}

void command_open_standard(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", O_RDWR) != descriptor) // the lowest that is free
            _exit(STATUS_UNTRUSTED);
}

void command_flush_at_exit(void)
{
    if (!flush_failed && command_flush(program_invocation_short_name, STATUS_HELD) != STATUS_HELD)
        _exit(STATUS_UNTRUSTED);
}

// ---- Memory for libraries that end the process, or crash, when there is none

static void *given(void *memory, size_t size)
{
    if (memory == NULL && size > 0)
        failure_no_memory();
    return memory;
}

static void *allocate(size_t size)
{
    return given(malloc(size), size);
}

static void *reallocate(void *memory, size_t size)
{
    return given(realloc(memory, size), size);
}

static void *allocate_zeroed(size_t count, size_t size)
{
    return given(calloc(count, size), count * size);
}

void command_guard_memory(void)
{
    json_set_alloc_funcs(allocate, free);
    if (uv_replace_allocator(allocate, reallocate, allocate_zeroed, free) != 0)
        failure_no_memory();
}

// Columns of a line of --help; 0: as argp has it, which are 79.
static size_t help_width(void)
{
    size_t columns = wrapping_width(stdout);
    if (columns == 0 || columns >= 80)
        return 0;
    return (columns < WRAPPING_NARROWEST ? WRAPPING_NARROWEST : columns) - 1;
}

char *command_filter_help(int key, const char *text, void *input)
{
    (void)input;
    char *wrapped = key == ARGP_KEY_HELP_POST_DOC && text != NULL && help_width() > 0
                        ? wrapping_text(text, help_width() - 1)
                        : NULL;
    return wrapped == NULL ? (char *)text : wrapped;
}

// Argp knows of no terminal, but of a variable. What is set there already is the user's choice.
static bool narrow_help(void)
{
    char format[32];
    snprintf(format, sizeof format, "rmargin=%zu", help_width());
    return help_width() > 0 && getenv("ARGP_HELP_FMT") == NULL &&
           setenv("ARGP_HELP_FMT", format, 1) == 0;
}

error_t command_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index,
                      void *input)
{
    bool narrowed = narrow_help();
    error_t error = argp_parse(argp, argc, argv, flags, index, input);
    if (narrowed)
        unsetenv("ARGP_HELP_FMT");
    if (error == ENOMEM)
        failure_no_memory();
    return error;
}

int texts_add(struct texts *texts, const char *text)
{
    const char **items = reallocarray(texts->items, texts->count + 1, sizeof *items);
    if (items == NULL)
        return ENOMEM;
    texts->items = items;
    texts->items[texts->count++] = text;
    return 0;
}

void texts_free(struct texts *texts)
{
    free(texts->items);
    *texts = (struct texts){0};
}

int command_worse(int one, int other)
{
    static const int ladder[] = {STATUS_USAGE, STATUS_UNTRUSTED, STATUS_BROKEN};
    if (one >= 128 || other >= 128)
        return one >= 128 ? one : other;
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++)
        if (one == ladder[i] || other == ladder[i])
            return ladder[i];
    return STATUS_HELD;
}

// In single quotes where a shell would see more than one plain word.
static void append_word(FILE *stream, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=./:,@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, stream);
        return;
    }
    putc('\'', stream);
    for (const char *letter = word; *letter != '\0'; letter++) {
        if (*letter == '\'')
            fputs("'\\''", stream);
        else
            putc(*letter, stream);
    }
    putc('\'', stream);
}

void command_append(FILE *stream, const char *option, const char *value)
{
    fprintf(stream, " %s", option);
    if (value == NULL)
        return;
    putc(' ', stream);
    append_word(stream, value);
}

void command_append_each(FILE *stream, const char *option, const struct texts *values)
{
    for (size_t i = 0; i < values->count; i++)
        command_append(stream, option, values->items[i]);
}

int command_number(const char *option, const char *text, uint64_t least, uint64_t most,
                   uint64_t *number, struct failure *failure)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' && *number >= least &&
        *number <= most)
        return 0;
    return failure_set(failure, STATUS_USAGE, "%s %s: must be a number from %llu to %llu", option,
                       text, (unsigned long long)least, (unsigned long long)most);
}

int command_timeout(const char *text, unsigned *timeout_ms, struct failure *failure)
{
    char *end;
    errno = 0;
    double seconds = strtod(text, &end);
    // Written so that NaN is refused too; hexadecimal, "inf" and blanks are no seconds either.
    if (errno != 0 || end == text || text[strspn(text, "0123456789.")] != '\0' || *end != '\0' ||
        !(seconds >= 0.001 && seconds <= 3600))
        return failure_set(failure, STATUS_USAGE,
                           "--timeout %s: give seconds from 0.001 to 3600, such as 10 or 0.5",
                           text);
    *timeout_ms = (unsigned)(seconds * 1000 + 0.5);
    return 0;
}
