// SPDX-License-Identifier: Apache-2.0
// Finds and starts Wine.
#include "harness/driver/wine.h"

#include "emulator/process/process.h"
#include "harness/driver/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 30000,        // for the server to answer
    ANSWER_MAX = 65536,         // bytes of what it may print meanwhile
    SERVER_ALREADY_RUNNING = 2, // an exit status of it
};

struct wine {
    struct supervisor *supervisor;
    const struct wine_program *program;
    char *folder; // what Wine has of the run's own; in it the prefix, unless it is the user's
    char *prefix;
    char *environment[WINE_VARIABLES + 1];
    struct process *keeper;
    struct process *server; // NULL: of the user's own prefix, which may have had one
    bool stop_server;       // it was started for this run all the same
    bool answers;
    uv_fs_event_t *watch;
};

// --- where it is

// Debian's packages for 64 bits. Their server serves both widths.
static const char loader_64[] = "/usr/lib/wine/wine64";
static const char server[] = "/usr/lib/wine/wineserver64";
static const char folder_64[] = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows";

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) >= 0 ? path : NULL;
}

// `folder_32`: what ci/install-wine --32 made; NULL for 64 bits. -1: memory ran out.
static int name_parts(struct wine_program *program, const char *folder_32)
{
    program->server = strdup(server);
    program->system32 = strdup(folder_64);
    if (folder_32 == NULL) {
        program->loader = strdup(loader_64);
    } else {
        program->loader = join(folder_32, "usr/lib/wine/wine");
        program->syswow64 = join(folder_32, "usr/lib/i386-linux-gnu/wine/i386-windows");
    }
    return program->server != NULL && program->system32 != NULL && program->loader != NULL &&
                   (folder_32 == NULL || program->syswow64 != NULL)
               ? 0
               : -1;
}

static bool is_there(const struct wine_program *program)
{
    return access(program->loader, X_OK) == 0 && access(program->server, X_OK) == 0 &&
           access(program->system32, R_OK | X_OK) == 0 &&
           (program->syswow64 == NULL || access(program->syswow64, R_OK | X_OK) == 0);
}

// 1: there is no Wine there; -1: memory ran out.
static int try_folder(struct wine_program *program, const char *folder_32)
{
    *program = (struct wine_program){0};
    int result = name_parts(program, folder_32);
    if (result == 0 && !is_there(program))
        result = 1;
    if (result != 0)
        wine_program_free(program);
    return result;
}

// Where ci/install-wine --32 puts it: as root, then as another user.
static int find_32(struct wine_program *program)
{
    const char *home = getenv("HOME");
    int result = try_folder(program, "/usr/local/lib/iscsidsc-tck/wine32");
    if (result != 1 || home == NULL)
        return result;
    char *folder = join(home, ".local/lib/iscsidsc-tck/wine32");
    result = folder != NULL ? try_folder(program, folder) : -1;
    free(folder);
    return result;
}

int wine_find(struct wine_program *program, bool is_64_bit, struct failure *failure)
{
    int result = is_64_bit ? try_folder(program, NULL) : find_32(program);
    if (result < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "Wine for %d-bit DLLs is not installed; install it with "
                           "'ci/install-wine%s' of the kit's sources",
                           is_64_bit ? 64 : 32, is_64_bit ? "" : " --32");
    // A kernel may run no programs of 32 bits; or the loader is missing that the program names.
    const char *const arguments[] = {program->loader, "--version", NULL};
    int error = trial_run(arguments);
    if (error == 0)
        return 0;
    failure_set(failure, STATUS_UNTRUSTED, "%s: can't be run%s", program->loader,
                is_64_bit ? ""
                : error == ENOENT
                    ? ": this machine has no 32-bit C library; install the package libc6-i386"
                    : ": this machine's kernel runs no 32-bit programs");
    wine_program_free(program);
    return -1;
}

void wine_program_free(struct wine_program *program)
{
    free(program->loader);
    free(program->server);
    free(program->system32);
    free(program->syswow64);
    *program = (struct wine_program){0};
}

// --- code pages

struct code_page {
    unsigned number;
    const char *locale;
};

static const struct code_page code_pages[] = {
    {874, "th_TH.UTF-8"},  {932, "ja_JP.UTF-8"},  {936, "zh_CN.UTF-8"},  {949, "ko_KR.UTF-8"},
    {950, "zh_TW.UTF-8"},  {1250, "pl_PL.UTF-8"}, {1251, "ru_RU.UTF-8"}, {1252, "C.UTF-8"},
    {1253, "el_GR.UTF-8"}, {1254, "tr_TR.UTF-8"}, {1255, "he_IL.UTF-8"}, {1256, "ar_EG.UTF-8"},
    {1257, "lt_LT.UTF-8"}, {1258, "vi_VN.UTF-8"}, {65001, "C.UTF-8"}, // by the host program's
                                                                      // manifest
};

static const struct code_page *find_code_page(unsigned number)
{
    for (size_t i = 0; i < sizeof code_pages / sizeof *code_pages; i++)
        if (code_pages[i].number == number)
            return &code_pages[i];
    return NULL;
}

int wine_check_code_page(unsigned code_page, struct failure *failure)
{
    if (find_code_page(code_page) != NULL)
        return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--code-page %u: not one that Wine can be asked for; give 874, 932, 936, "
                       "949, 950, 1250 to 1258 or utf-8",
                       code_page);
}

// --- the environment

static int add_variable(struct wine *wine, const char *name, const char *value)
{
    size_t count = 0;
    while (wine->environment[count] != NULL)
        count++;
    if (asprintf(&wine->environment[count], "%s%s%s", name, value != NULL ? "=" : "",
                 value != NULL ? value : "") >= 0)
        return 0;
    wine->environment[count] = NULL;
    return -1;
}

static int make_environment(struct wine *wine, const struct wine_options *options)
{
    const struct code_page *page = find_code_page(options->code_page);
    bool own = options->prefix == NULL;
    // Without services the first program begins at once. A debugger would keep one that crashed.
    // WINEARCH would make the run's own prefix one of 32 bits.
    return add_variable(wine, "WINEPREFIX", wine->prefix) != 0 ||
                   add_variable(wine, "WINEDEBUG", "-all") != 0 ||
                   add_variable(wine, "WINESERVER", wine->program->server) != 0 ||
                   add_variable(wine, "WINEDLLOVERRIDES",
                                own ? "wineboot.exe,winedbg.exe=d" : "winedbg.exe=d") != 0 ||
                   add_variable(wine, "DISPLAY", NULL) != 0 ||
                   add_variable(wine, "LC_ALL", page != NULL ? page->locale : "C.UTF-8") != 0 ||
                   (own && (add_variable(wine, "TMPDIR", wine->folder) != 0 ||
                            add_variable(wine, "WINEARCH", NULL) != 0))
               ? -1
               : 0;
}

// --- the prefix

// Makes FOLDER/NAME: a symbolic link to `target`, or a folder where that is NULL.
static int make_entry(const char *folder, const char *name, const char *target)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return -1;
    int result = target == NULL ? mkdir(path, 0700) : symlink(target, path);
    free(path);
    return result;
}

// The least that Wine takes for a prefix: drives, and where its own DLLs are. No copies. The server
// is one of 64 bits, so a program of 32 bits is led from system32 to syswow64.
static int make_prefix(const struct wine *wine)
{
    const char *prefix = wine->prefix;
    const struct wine_program *program = wine->program;
    return mkdir(prefix, 0700) != 0 || make_entry(prefix, "dosdevices", NULL) != 0 ||
                   make_entry(prefix, "drive_c", NULL) != 0 ||
                   make_entry(prefix, "drive_c/windows", NULL) != 0 ||
                   make_entry(prefix, "drive_c/windows/system32", program->system32) != 0 ||
                   (program->syswow64 != NULL &&
                    make_entry(prefix, "drive_c/windows/syswow64", program->syswow64) != 0) ||
                   make_entry(prefix, "dosdevices/c:", "../drive_c") != 0 ||
                   make_entry(prefix, "dosdevices/z:", "/") != 0
               ? -1
               : 0;
}

// --- the server

static bool answers(void *argument)
{
    const struct wine *wine = argument;
    return wine->answers || (wine->server != NULL && !process_running(wine->server));
}

static void on_watched(uv_fs_event_t *watch, const char *name, int events, int status)
{
    struct wine *wine = watch->data;
    (void)events;
    if (status == 0 && name != NULL && strcmp(name, "socket") == 0)
        wine->answers = true;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

// Debian's server makes its folder in TMPDIR under the name that the prefix's file `wineserver`
// has. Given both beforehand, the folder can be watched for the socket.
static int prepare_server(struct wine *wine)
{
    static const char name[] = "server";
    struct stat status;
    char *folder = NULL;
    char *path = NULL;
    int result = -1;
    if (stat(wine->prefix, &status) != 0 || asprintf(&path, "%s/wineserver", wine->prefix) < 0)
        goto out;
    FILE *file = fopen(path, "wxe");
    if (file == NULL)
        goto out;
    bool written = fputs(name, file) >= 0;
    written = fchmod(fileno(file), 0400) == 0 && written;
    if (fclose(file) != 0 || !written || make_entry(wine->folder, name, NULL) != 0 ||
        asprintf(&folder, "%s/%s/server-%lx-%lx", wine->folder, name, (unsigned long)status.st_dev,
                 (unsigned long)status.st_ino) < 0)
        goto out;
    wine->watch = calloc(1, sizeof *wine->watch);
    if (mkdir(folder, 0700) != 0 || wine->watch == NULL ||
        uv_fs_event_init(supervisor_loop(wine->supervisor), wine->watch) != 0)
        goto out;
    wine->watch->data = wine;
    result = uv_fs_event_start(wine->watch, on_watched, folder, 0) == 0 ? 0 : -1;
out:
    free(folder);
    free(path);
    return result;
}

static bool is_kept(void *argument)
{
    const struct wine *wine = argument;
    return process_printed(wine->keeper) > 0 || !process_running(wine->keeper);
}

static int start_keeper(struct wine *wine, const char *program, struct failure *failure)
{
    const char *const arguments[] = {wine->program->loader, program, "--keep", NULL};
    const struct process_options options = {
        .arguments = arguments,
        .environment = wine_environment(wine),
        .channel = -1,
        .fixed_addresses = true, // see host_process.c
    };
    if (process_start(&wine->keeper, wine->supervisor, &options, failure) != 0)
        return -1;
    int waited = supervisor_wait(wine->supervisor, is_kept, wine, PATIENCE_MS, failure);
    if (waited < 0)
        return -1;
    if (waited > 0 || !process_running(wine->keeper))
        return failure_set(failure, STATUS_UNTRUSTED, "%s: %s does not run: %s", program,
                           wine->program->loader, process_said(wine->keeper));
    return 0;
}

static int start_own_server(struct wine *wine, const char *keeper, struct failure *failure)
{
    const char *const arguments[] = {wine->program->server, "-f", "-p", NULL};
    const struct process_options options = {
        .arguments = arguments, .environment = wine_environment(wine), .channel = -1};
    if (make_prefix(wine) != 0 || prepare_server(wine) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: no prefix for Wine can be made: %s",
                           wine->folder, strerror(errno));
    if (process_start(&wine->server, wine->supervisor, &options, failure) != 0)
        return -1;
    int waited = supervisor_wait(wine->supervisor, answers, wine, PATIENCE_MS, failure);
    if (waited < 0)
        return -1;
    if (waited > 0 || !wine->answers)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: does not answer: %s",
                           wine->program->server, process_said(wine->server));
    return start_keeper(wine, keeper, failure);
}

// The server of a user's prefix may be running; else it becomes ready before the command ends.
static int start_users_server(struct wine *wine, struct failure *failure)
{
    const char *const arguments[] = {wine->program->server, "-p", NULL};
    char *said = NULL;
    int status = 0;
    if (process_run(wine->supervisor, arguments, wine_environment(wine), PATIENCE_MS, ANSWER_MAX,
                    &said, &status, failure) != 0)
        return -1;
    bool running = WIFEXITED(status) && WEXITSTATUS(status) == SERVER_ALREADY_RUNNING;
    wine->stop_server = status == 0;
    if (!running && status != 0)
        failure_set(failure, STATUS_UNTRUSTED, "--wine-prefix %s: Wine's server can't use it: %s",
                    wine->prefix, said);
    free(said);
    return running || status == 0 ? 0 : -1;
}

int wine_start(struct wine **result, struct supervisor *supervisor,
               const struct wine_options *options, const char *folder, struct failure *failure)
{
    struct wine *wine = calloc(1, sizeof *wine);
    *result = NULL;
    if (wine == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    wine->supervisor = supervisor;
    wine->program = options->program;
    bool made = asprintf(&wine->folder, "%s/wine-XXXXXX", folder) >= 0 &&
                mkdtemp(wine->folder) != NULL &&
                (options->prefix != NULL ? (wine->prefix = strdup(options->prefix)) != NULL
                                         : asprintf(&wine->prefix, "%s/prefix", wine->folder) >= 0);
    int status = made && make_environment(wine, options) == 0
                     ? 0
                     : failure_set(failure, STATUS_UNTRUSTED, "%s: no folder for Wine: %s", folder,
                                   strerror(errno));
    if (status == 0)
        status = options->prefix == NULL ? start_own_server(wine, options->keeper, failure)
                                         : start_users_server(wine, failure);
    if (status != 0) {
        wine_stop(wine);
        return -1;
    }
    *result = wine;
    return 0;
}

const char *wine_loader(const struct wine *wine)
{
    return wine->program->loader;
}

const char *const *wine_environment(const struct wine *wine)
{
    return (const char *const *)wine->environment;
}

char *wine_path(const char *path)
{
    char *windows = NULL;
    if (asprintf(&windows, "Z:%s", path) < 0)
        return NULL;
    for (char *at = windows; *at != '\0'; at++)
        if (*at == '/')
            *at = '\\';
    return windows;
}

static void stop_users_server(const struct wine *wine)
{
    const char *const arguments[] = {wine->program->server, "-k", NULL};
    struct failure ignored = {0};
    char *said = NULL;
    int status = 0;
    process_run(wine->supervisor, arguments, wine_environment(wine), PATIENCE_MS, ANSWER_MAX, &said,
                &status, &ignored);
    free(said);
}

void wine_stop(struct wine *wine)
{
    if (wine == NULL)
        return;
    if (wine->watch != NULL)
        uv_close((uv_handle_t *)wine->watch, free_handle);
    if (wine->stop_server)
        stop_users_server(wine);
    process_destroy(wine->keeper);
    process_destroy(wine->server);
    for (size_t i = 0; i < WINE_VARIABLES; i++)
        free(wine->environment[i]);
    free(wine->prefix);
    free(wine->folder);
    free(wine);
}
