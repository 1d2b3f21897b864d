// SPDX-License-Identifier: Apache-2.0
// The command `init`: writes a starter project, whose library fails in three clauses.
#include "harness/command/command.h"
#include "harness/command/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_SIZE = 65536, DESCRIPTORS = 16 };

static const char doc[] =
    "Writes a starter project to the folder DIR: a library with the functions in C or C++, its "
    "CMakeLists.txt with the kit as its test, and workflows for GitHub and GitLab. The library is "
    "wrong in three clauses; docs/tutorial.md mends them. DIR must be new or empty. Either the "
    "whole project is written, or nothing."
    "\v"
    "Examples:\n"
    "  iscsidsc-tck init starter\n"
    "  iscsidsc-tck init starter --language c++\n"
    "\n"
    "Exit status: 0 written, 2 DIR or the language can't be used, 3 the project can't be "
    "written.\n";

static const struct argp_option options[] = {
    {"language", 'l', "LANGUAGE", 0, "c or c++ (default: c)", 0},
    {0},
};

struct arguments {
    const char *folder;
    const char *language;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'l':
        if (strcmp(argument, "c") != 0 && strcmp(argument, "c++") != 0)
            argp_error(state, "--language %s: there is no starter project in it; give c or c++",
                       argument);
        arguments->language = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->folder != NULL)
            argp_error(state, "%s: one folder at a time", argument);
        arguments->folder = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "where to? give a folder that is new or empty");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// ---- Copying

static int fail(struct failure *failure, const char *path)
{
    return failure_set(failure, STATUS_UNTRUSTED, "%s: can't be written: %s", path,
                       strerror(errno));
}

// Copies what is open. 0, or -1 with errno.
static int copy_bytes(int from, int to)
{
    char piece[PIECE_SIZE];
    ssize_t size = 0;
    while ((size = read(from, piece, sizeof piece)) > 0)
        for (ssize_t done = 0, count = 0; done < size; done += count)
            if ((count = write(to, piece + done, (size_t)(size - done))) < 0)
                return -1;
    return size < 0 ? -1 : 0;
}

static int copy_file(const char *from, const char *to, struct failure *failure)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int result = out < 0 ? -1 : copy_bytes(in, out);
    if (out >= 0 && close(out) != 0)
        result = -1;
    if (result != 0)
        result = fail(failure, to);
    if (in >= 0)
        close(in);
    return result;
}

static int copy_folder(const char *from, const char *to, struct failure *failure);

// One entry of a folder, which is a file or a folder itself.
static int copy_entry(const char *from, const char *to, const char *name, struct failure *failure)
{
    char *source = NULL;
    char *target = NULL;
    struct stat status;
    int result = -1;
    if (asprintf(&source, "%s/%s", from, name) < 0 || asprintf(&target, "%s/%s", to, name) < 0)
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    else if (stat(source, &status) != 0)
        fail(failure, source);
    else if (!S_ISDIR(status.st_mode))
        result = copy_file(source, target, failure);
    else if (mkdir(target, 0777) != 0)
        fail(failure, target);
    else
        result = copy_folder(source, target, failure);
    free(source);
    free(target);
    return result;
}

// Copies all that is in `from` to `to`, which exists.
static int copy_folder(const char *from, const char *to, struct failure *failure)
{
    DIR *folder = opendir(from);
    int result = 0;
    if (folder == NULL)
        return fail(failure, from);
    for (struct dirent *entry; result == 0 && (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = copy_entry(from, to, entry->d_name, failure);
    closedir(folder);
    return result;
}

// What all languages have, or what one has.
static int copy_part(const char *templates, const char *name, const char *to,
                     struct failure *failure)
{
    char *from = NULL;
    if (asprintf(&from, "%s/%s", templates, name) < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int result = copy_folder(from, to, failure);
    free(from);
    return result;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

// ---- The project

// A symbolic link can't be replaced by a folder. What is behind it is the user's to name.
static int check_link(const char *path, struct failure *failure)
{
    struct stat there;
    size_t length = strlen(path);
    char *name = NULL;
    while (length > 1 && path[length - 1] == '/')
        length--;
    if ((name = strndup(path, length)) == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    bool is_link = lstat(name, &there) == 0 && S_ISLNK(there.st_mode);
    bool leads = stat(name, &there) == 0;
    free(name);
    return !is_link ? 0
                    : failure_set(failure, STATUS_USAGE, "%s: is a symbolic link%s", path,
                                  leads ? "; give the folder that it leads to"
                                        : " that leads nowhere; remove it, or give another folder");
}

// Can the project be put there? 0, or -1 with `failure`.
static int check(const char *path, struct failure *failure)
{
    struct stat there;
    struct stat here;
    if (check_link(path, failure) != 0)
        return -1;
    if (path[0] != '\0' && stat(path, &there) != 0 && errno == ENOENT)
        return 0;
    if (path[0] == '\0' || stat(path, &there) != 0 || !S_ISDIR(there.st_mode))
        return failure_set(failure, STATUS_USAGE,
                           "%s: can't be made a folder; give one that is new or empty", path);
    // The project takes the place of the folder, and a shell would be left in the old one.
    if (stat(".", &here) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino)
        return failure_set(failure, STATUS_USAGE,
                           "%s: is the current folder; give the name of a new one", path);
    DIR *folder = opendir(path);
    size_t count = 0;
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    if (folder == NULL || count > 2) // . and ..
        return failure_set(failure, STATUS_USAGE,
                           "%s: is not empty, and nothing in it is overwritten; give a folder that "
                           "is new or empty",
                           path);
    return 0;
}

// Makes the project beside its place and moves it there, which is one step.
static int write_project(const struct arguments *arguments, const char *templates,
                         struct failure *failure)
{
    size_t length = strlen(arguments->folder);
    char *made = NULL;
    int result = -1;
    while (length > 1 && arguments->folder[length - 1] == '/')
        length--;
    if (asprintf(&made, "%.*s.XXXXXX", (int)length, arguments->folder) < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    mode_t mask = umask(0);
    umask(mask);
    if (mkdtemp(made) == NULL) {
        result = failure_set(failure, STATUS_USAGE, "%s: can't be made: %s", arguments->folder,
                             strerror(errno));
        free(made);
        return result;
    }
    result = copy_part(templates, "common", made, failure);
    if (result == 0)
        result = copy_part(templates, arguments->language, made, failure);
    if (result == 0 && (chmod(made, 0777 & ~mask) != 0 || rename(made, arguments->folder) != 0))
        result = fail(failure, arguments->folder);
    if (result != 0)
        nftw(made, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    free(made);
    return result;
}

const struct argp command_init_argp = {.options = options,
                                       .parser = parse,
                                       .args_doc = "DIR",
                                       .doc = doc,
                                       .help_filter = command_filter_help};

int command_init(int argc, char **argv)
{
    struct arguments arguments = {.language = "c"};
    struct failure failure = {0};
    char *templates = NULL;
    if (command_parse(&command_init_argp, argc, argv, 0, NULL, &arguments) != 0)
        return STATUS_USAGE;
    if (check(arguments.folder, &failure) != 0 || paths_starter(&templates, &failure) != 0 ||
        write_project(&arguments, templates, &failure) != 0) {
        free(templates);
        return command_complain(argv[0], &failure);
    }
    free(templates);
    printf("%s: a starter project in %s. Its library is wrong in three clauses. Next:\n\n"
           "  cd %s\n"
           "  cmake -B build\n"
           "  cmake --build build\n"
           "  ctest --test-dir build --output-on-failure\n",
           arguments.folder, strcmp(arguments.language, "c") == 0 ? "C" : "C++", arguments.folder);
    return command_flush(argv[0], STATUS_HELD);
}
