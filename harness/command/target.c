// Finds what runs an implementation, from what its file is.
#include "harness/command/target.h"

#include "harness/command/command.h"
#include "harness/command/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { UTF_8 = 65001 };

static int check_code_page(struct windows *windows, struct failure *failure)
{
    const char *text = windows->code_page_text;
    char *end = NULL;
    errno = 0;
    if (strcasecmp(text, "utf-8") == 0 || strcasecmp(text, "utf8") == 0)
        text = "65001";
    unsigned long number = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || text[strspn(text, "0123456789")] != '\0' || number < 1 ||
        number > UINT16_MAX)
        return failure_set(failure, STATUS_USAGE,
                           "--code-page %s: give a number such as 1252, or utf-8",
                           windows->code_page_text);
    windows->code_page = (unsigned)number;
    return wine_check_code_page(windows->code_page, failure);
}

int windows_check(struct windows *windows, struct failure *failure)
{
    struct stat status;
    if (windows->code_page_text != NULL && check_code_page(windows, failure) != 0)
        return -1;
    if (windows->prefix_text == NULL)
        return 0;
    windows->prefix = realpath(windows->prefix_text, NULL);
    if (windows->prefix == NULL || stat(windows->prefix, &status) != 0)
        return failure_set(failure, STATUS_USAGE,
                           "--wine-prefix %s: %s; make one with WINEPREFIX=DIR wineboot",
                           windows->prefix_text, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return failure_set(failure, STATUS_USAGE, "--wine-prefix %s: not a folder",
                           windows->prefix_text);
    return 0;
}

int target_find(struct target *target, struct windows *windows, struct failure *failure)
{
    target->place_program = paths_place();
    if (target->platform == PLATFORM_OWN)
        return paths_host(&target->host_program, failure);
    bool is_64_bit = target->platform == PLATFORM_WINDOWS_64;
    bool utf8 = windows->code_page == UTF_8;
    struct wine_program *program = &windows->programs[is_64_bit];
    if (program->loader == NULL && wine_find(program, is_64_bit, failure) != 0)
        return -1;
    if (paths_windows_host(&target->host_program, is_64_bit, utf8, failure) != 0)
        return -1;
    target->wine = (struct wine_options){.program = program,
                                         .keeper = target->host_program,
                                         .prefix = windows->prefix,
                                         .code_page = windows->code_page};
    return 0;
}

void target_clear(struct target *target)
{
    free(target->host_program);
    free(target->place_program);
    *target = (struct target){0};
}

int windows_check_needed(const struct windows *windows, const struct target *targets, size_t count,
                         struct failure *failure)
{
    for (size_t i = 0; i < count; i++)
        if (targets[i].platform != PLATFORM_OWN)
            return 0;
    if (windows->prefix_text == NULL && windows->code_page_text == NULL)
        return 0;
    return failure_set(failure, STATUS_USAGE,
                       "%s: it is for Windows DLLs, and no --implementation is one",
                       windows->code_page_text != NULL ? "--code-page" : "--wine-prefix");
}

void windows_append(const struct windows *windows, FILE *stream)
{
    if (windows->code_page_text != NULL)
        command_append(stream, "--code-page", windows->code_page_text);
    if (windows->prefix_text != NULL)
        command_append(stream, "--wine-prefix", windows->prefix_text);
}

void windows_free(struct windows *windows)
{
    wine_program_free(&windows->programs[0]);
    wine_program_free(&windows->programs[1]);
    free(windows->prefix);
    windows->prefix = NULL;
}
