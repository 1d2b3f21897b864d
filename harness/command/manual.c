// SPDX-License-Identifier: Apache-2.0
// Writes the manual pages and the completion for shells from the options of the commands: a program
// that only the build runs.
//
//     iscsidsc-tck-manual DIR    writes DIR/iscsidsc-tck.1, DIR/iscsidsc-tck-COMMAND.1,
//                                DIR/iscsidsc-tck.bash and DIR/iscsidsc-tck.zsh
#include "harness/command/commands.h"
#include "harness/command/completion.h"
#include "harness/command/option_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// ---- Manual pages

// Text in roff: dashes stay dashes, and no line begins a request.
static void print_roff(FILE *stream, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputs("\\e", stream);
        else if (text[i] == '-')
            fputs("\\-", stream);
        else if (i == 0 && (text[i] == '.' || text[i] == '\''))
            fprintf(stream, "\\&%c", text[i]);
        else
            putc(text[i], stream);
    }
}

// A line that begins with blanks is shown as it is; an empty one begins a paragraph.
static void print_text(FILE *stream, const char *text, size_t size)
{
    bool shown = false;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - text) - at;
        bool indented = length > 0 && text[at] == ' ';
        if (indented != shown)
            fputs(indented ? ".PP\n.nf\n" : ".fi\n.PP\n", stream);
        else if (length == 0 && at + 1 < size)
            fputs(".PP", stream);
        shown = indented;
        print_roff(stream, text + at, length);
        if (length > 0 || at + 1 < size)
            putc('\n', stream);
        at += length + 1;
    }
    if (shown)
        fputs(".fi\n", stream);
}

static void print_head(FILE *stream, const char *page, const char *summary)
{
    fprintf(stream,
            ".TH %s 1 \"\" \"iscsidsc\\-tck " TCK_VERSION "\" \"User Commands\"\n.SH NAME\n", page);
    print_roff(stream, page, strlen(page));
    fputs(" \\- ", stream);
    print_roff(stream, summary, strlen(summary));
    fputs("\n.SH SYNOPSIS\n", stream);
}

static void print_option(FILE *stream, const struct option_entry *option)
{
    fputs(".TP\n", stream);
    if (option->letter != '\0')
        fprintf(stream, "\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", stream);
    print_roff(stream, option->name, strlen(option->name));
    fputs("\\fR", stream);
    if (option->argument != NULL) {
        fputs("=\\fI", stream);
        print_roff(stream, option->argument, strlen(option->argument));
        fputs("\\fR", stream);
    }
    putc('\n', stream);
    print_roff(stream, option->sentence, strlen(option->sentence));
    putc('\n', stream);
}

static void print_body(FILE *stream, const struct argp *argp, const struct option_list *options)
{
    const char *rest = strchr(argp->doc, '\v');
    size_t length = rest == NULL ? strlen(argp->doc) : (size_t)(rest - argp->doc);
    fputs(".SH DESCRIPTION\n", stream);
    print_text(stream, argp->doc, length);
    fputs(".SH OPTIONS\n", stream);
    for (size_t i = 0; i < options->count; i++)
        print_option(stream, &options->items[i]);
    if (rest == NULL)
        return;
    fputs(".SH NOTES\n", stream);
    char *text = commands_fill_help(rest + 1);
    if (text != NULL)
        print_text(stream, text, strlen(text));
    free(text);
}

static void print_command_page(FILE *stream, const struct command *command,
                               const struct option_list *options)
{
    char page[64];
    snprintf(page, sizeof page, "iscsidsc-tck-%s", command->name);
    print_head(stream, page, command->summary);
    fprintf(stream, ".B iscsidsc\\-tck %s\n[\\fIOPTION\\fR...] %s\n", command->name,
            command->arguments);
    print_body(stream, command->argp, options);
    fputs(".SH SEE ALSO\n.BR iscsidsc\\-tck (1)\n", stream);
}

static void print_main_page(FILE *stream, const struct option_list *options)
{
    print_head(stream, "iscsidsc-tck", "tests implementations of GetIScsiSessionListA and W");
    fputs(".B iscsidsc\\-tck\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n", stream);
    print_body(stream, &commands_argp, options);
    fputs(".SH SEE ALSO\n", stream);
    for (const struct command *command = commands; command->name != NULL; command++)
        fprintf(stream, ".BR iscsidsc\\-tck\\-%s (1)%s\n", command->name,
                command[1].name == NULL ? "" : ",");
}

// ---- The files

static FILE *open_file(const char *folder, const char *name, const char *suffix,
                       struct failure *failure)
{
    char *path = NULL;
    if (asprintf(&path, "%s/iscsidsc-tck%s%s%s", folder, name[0] == '\0' ? "" : "-", name, suffix) <
        0)
        return NULL;
    FILE *stream = fopen(path, "w");
    if (stream == NULL)
        failure_set(failure, STATUS_USAGE, "%s: can't be written: %s", path, strerror(errno));
    free(path);
    return stream;
}

static int close_file(FILE *stream, struct failure *failure)
{
    return fclose(stream) == 0
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "can't be written: %s", strerror(errno));
}

static int write_command(const char *folder, const struct command *command, struct failure *failure)
{
    struct option_list options = {0};
    if (option_list_make(&options, command->argp, failure) != 0)
        return -1;
    FILE *stream = open_file(folder, command->name, ".1", failure);
    if (stream != NULL)
        print_command_page(stream, command, &options);
    option_list_free(&options);
    return stream == NULL ? -1 : close_file(stream, failure);
}

static int write_main_page(FILE *stream, struct failure *failure)
{
    struct option_list options = {0};
    if (option_list_make(&options, &commands_argp, failure) != 0)
        return -1;
    print_main_page(stream, &options);
    option_list_free(&options);
    return 0;
}

static int write_file(const char *folder, const char *suffix,
                      int print(FILE *stream, struct failure *failure), struct failure *failure)
{
    FILE *stream = open_file(folder, "", suffix, failure);
    if (stream == NULL)
        return -1;
    int status = print(stream, failure);
    return close_file(stream, failure) != 0 ? -1 : status;
}

static int write_all(const char *folder, struct failure *failure)
{
    for (const struct command *command = commands; command->name != NULL; command++)
        if (write_command(folder, command, failure) != 0)
            return -1;
    return write_file(folder, ".1", write_main_page, failure) != 0 ||
                   write_file(folder, ".bash", completion_print_bash, failure) != 0 ||
                   write_file(folder, ".zsh", completion_print_zsh, failure) != 0
               ? -1
               : 0;
}

int main(int argc, char **argv)
{
    struct failure failure = {0};
    if (argc != 2)
        failure_set(&failure, STATUS_USAGE, "give the folder to write to");
    else if (write_all(argv[1], &failure) == 0)
        return STATUS_HELD;
    return command_complain(argv[0], &failure);
}
