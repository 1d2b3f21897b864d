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

struct place {
    bool is_64_bit;
    const char *loader;
    const char *server;
    const char *folder;
    const char *folders;
};

// Debian's packages, and what ci/install-wine --32 makes of them.
static const struct place places[] = {
    {true, "/usr/lib/wine/wine64", "/usr/lib/wine/wineserver64",
     "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows", NULL},
    {false, "/usr/local/lib/iscsidsc-tck/wine32/usr/lib/wine/wine", "/usr/lib/wine/wineserver64",
     "/usr/local/lib/iscsidsc-tck/wine32/usr/lib/i386-linux-gnu/wine/i386-windows", NULL},
};

static char *copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

int wine_find(struct wine_program *program, bool is_64_bit, struct failure *failure)
{
    *program = (struct wine_program){0};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct place *place = &places[i];
        if (place->is_64_bit != is_64_bit || access(place->loader, X_OK) != 0 ||
            access(place->server, X_OK) != 0 || access(place->folder, R_OK | X_OK) != 0)
            continue;
        // A kernel may run no programs of 32 bits.
        const char *const arguments[] = {place->loader, "--version", NULL};
        if (trial_run(arguments) != 0)
            return failure_set(failure, STATUS_UNTRUSTED, "%s: can't be run%s", place->loader,
                               is_64_bit ? "" : ": this machine's kernel runs no 32-bit programs");
        program->loader = copy(place->loader);
        program->server = copy(place->server);
        program->folder = copy(place->folder);
        program->folders = copy(place->folders);
        if (program->loader != NULL && program->server != NULL && program->folder != NULL)
            return 0;
        wine_program_free(program);
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    }
    return failure_set(failure, STATUS_UNTRUSTED,
                       "Wine for %d-bit DLLs is not installed; install it with 'ci/install-wine%s' "
                       "of the kit's sources",
                       is_64_bit ? 64 : 32, is_64_bit ? "" : " --32");
}

void wine_program_free(struct wine_program *program)
{
    free(program->loader);
    free(program->server);
    free(program->folder);
    free(program->folders);
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
    return add_variable(wine, "WINEPREFIX", wine->prefix) != 0 ||
                   add_variable(wine, "WINEDEBUG", "-all") != 0 ||
                   add_variable(wine, "WINESERVER", wine->program->server) != 0 ||
                   add_variable(wine, "WINEDLLOVERRIDES",
                                own ? "wineboot.exe,winedbg.exe=d" : "winedbg.exe=d") != 0 ||
                   add_variable(wine, "DISPLAY", NULL) != 0 ||
                   add_variable(wine, "LC_ALL", page != NULL ? page->locale : "C.UTF-8") != 0 ||
                   (own && add_variable(wine, "TMPDIR", wine->folder) != 0) ||
                   (wine->program->folders != NULL &&
                    add_variable(wine, "WINEDLLPATH", wine->program->folders) != 0)
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

// The least that Wine takes for a prefix: drives, and where its own DLLs are. No copies.
static int make_prefix(const struct wine *wine)
{
    const char *prefix = wine->prefix;
    return mkdir(prefix, 0700) != 0 || make_entry(prefix, "dosdevices", NULL) != 0 ||
                   make_entry(prefix, "drive_c", NULL) != 0 ||
                   make_entry(prefix, "drive_c/windows", NULL) != 0 ||
                   make_entry(prefix, "drive_c/windows/system32", wine->program->folder) != 0 ||
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
        .arguments = arguments, .environment = wine_environment(wine), .channel = -1};
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
