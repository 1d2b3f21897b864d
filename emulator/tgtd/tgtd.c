// tgtd instances: started in private folders on free ports, asked through tgtadm, ended.
#include "emulator/tgtd/tgtd.h"

#include "emulator/process/process.h"
#include "emulator/tgtd/heartbeat.h"
#include "emulator/tgtd/management.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    START_TIMEOUT_MS = 15000,
    ANSWER_TIMEOUT_MS = 10000,
    ATTEMPTS = 8,     // to find free ports
    ASK_AGAIN_MS = 2, // between two tries while its socket is there but not open yet
    OUTPUT_LIMIT = 256 << 20,
    LOG_KEPT = 16384,
    FOLDERS_MAX = 100000,
    END_GRACE_MS = 250, // for its end to show, see explain_end
};

static const char more_folders[] =
    "/usr/local/sbin:/usr/sbin:/sbin"; // ordinary users' PATH lacks them

// What tgtd prints on every start and what means nothing to the reader of a failure.
static const char *const noise[] = {
    "Failed to initialize RDMA",    "can't adjust oom-killer",   "can't adjust nr_open",
    "use timer_fd based scheduler", "use signalfd notification", "device_mgmt(",
};

struct tgtd {
    struct supervisor *supervisor;
    char *name;
    char *daemon; // tgtd's path
    char *admin;  // tgtadm's path
    char *folder;
    char *socket;   // without the ".0" that tgtd adds
    char *variable; // "TGT_IPC_SOCKET=..."
    char *command;
    struct process *process;
    struct heartbeat *heartbeat; // NULL until it has started
    pid_t pid;
    bool started;     // until then its end is for tgtd_start to see
    char *path;       // of the management socket
    bool direct;      // it answers on that as it answers tgtadm
    size_t asked;     // how much it had logged when it was last asked something
    unsigned deleted; // how many targets were deleted
};

// ---- words

// The end of its log behind `mark`, without the noise, in `text`.
static void describe_log(struct tgtd *tgtd, size_t mark, char *text, size_t size)
{
    const char *line = tgtd->process == NULL ? "" : process_said_since(tgtd->process, mark);
    size_t used = 0;
    text[0] = '\0';
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        bool wanted = length > 0;
        for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
            wanted = wanted && memmem(line, length, noise[i], strlen(noise[i])) == NULL;
        // What does not fit pushes the oldest out: the last words count.
        if (wanted && used + length + 2 > size)
            used = 0;
        if (wanted && length + 2 <= size) {
            int count = snprintf(text + used, size - used, "%s%.*s", used == 0 ? "" : "\n",
                                 (int)length, line);
            used += count > 0 ? (size_t)count : 0;
        }
        line += length;
        line += *line == '\n' ? 1 : 0;
    }
    if (text[0] == '\0')
        snprintf(text, size, "nothing");
}

static bool has_ended(void *argument)
{
    return !process_running(argument);
}

// A tgtd that dies closes its sockets before its parent is told, so that what fails first is a
// request or a connection. True, with `failure`, when what went wrong is that it ended, or what the
// supervisor knows of.
static bool explain_end(struct tgtd *tgtd, struct failure *failure)
{
    if (tgtd->process == NULL)
        return false;
    supervisor_wait(tgtd->supervisor, has_ended, tgtd->process, END_GRACE_MS, NULL);
    const struct failure *cause = supervisor_failure(tgtd->supervisor);
    if (cause != NULL) {
        failure_set(failure, cause->status, "%s", cause->text);
    } else if (!process_running(tgtd->process)) {
        char end[64];
        char log[1024];
        process_describe_end(process_wait_status(tgtd->process), end, sizeof end);
        describe_log(tgtd, 0, log, sizeof log);
        failure_set(failure, STATUS_UNTRUSTED,
                    "tgtd \"%s\" (pid %d) %s while starting; it last said: %s", tgtd->name,
                    (int)tgtd->pid, end, log);
    }
    return cause != NULL || !process_running(tgtd->process);
}

__attribute__((format(printf, 3, 4))) static int fail(struct tgtd *tgtd, struct failure *failure,
                                                      const char *format, ...)
{
    char text[2048];
    char log[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (explain_end(tgtd, failure))
        return -1;
    describe_log(tgtd, tgtd->asked, log, sizeof log);
    return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\": %s; it logged: %s", tgtd->name,
                       text, log);
}

// ---- asking it

static bool memory_ran_out(const void *memory, struct failure *failure)
{
    if (memory == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "tgtd: out of memory");
    return memory == NULL;
}

enum { ARGUMENTS_MAX = 16 };

// Cuts newlines off its end; NULL is allowed.
static void trim(char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
}

// Runs tgtadm with `arguments` behind the fixed ones. The output, trimmed at the end, is the
// caller's.
static int run_admin(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms,
                     char **output, int *wait_status, struct failure *failure)
{
    const char *line[ARGUMENTS_MAX + 6] = {tgtd->admin, "-C", "0", "--lld", "iscsi"};
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
        line[5 + i] = arguments[i];
    const char *const environment[] = {tgtd->variable, NULL};
    int result = process_run(tgtd->supervisor, line, environment, timeout_ms, OUTPUT_LIMIT, output,
                             wait_status, failure);
    trim(*output);
    return result;
}

// As run_admin, and an instance that does not answer is the supervisor's trouble.
static int ask(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms, char **output,
               int *wait_status, struct failure *failure)
{
    struct failure silence = {0};
    tgtd->asked = process_printed(tgtd->process);
    if (run_admin(tgtd, arguments, timeout_ms, output, wait_status, &silence) == 0)
        return 0;
    if (supervisor_failure(tgtd->supervisor) == NULL) {
        char log[1024];
        describe_log(tgtd, 0, log, sizeof log);
        supervisor_trouble(
            tgtd->supervisor, "tgtd \"%s\" (pid %d) does not answer: %s%s; it last said: %s",
            tgtd->name, (int)tgtd->pid, silence.text, process_describe_stop(tgtd->process), log);
    }
    const struct failure *cause = supervisor_failure(tgtd->supervisor);
    return failure_set(failure, cause->status, "%s", cause->text);
}

// One management command whose success says nothing. `what` is what was asked, in words.
static int manage(struct tgtd *tgtd, const char *const *arguments, const char *what,
                  struct failure *failure)
{
    char *output = NULL;
    int status = 0;
    int result = ask(tgtd, arguments, ANSWER_TIMEOUT_MS, &output, &status, failure);
    if (result == 0 && status != 0) {
        char end[64];
        process_describe_end(status, end, sizeof end);
        result = fail(tgtd, failure, "%s: tgtadm %s and said: %s", what, end,
                      output[0] == '\0' ? "nothing" : output);
    }
    free(output);
    return result;
}

struct number {
    char text[16];
};

static struct number number(unsigned value)
{
    struct number number;
    snprintf(number.text, sizeof number.text, "%u", value);
    return number;
}

int tgtd_new_target(struct tgtd *tgtd, unsigned tid, const char *name, struct failure *failure)
{
    char what[512];
    snprintf(what, sizeof what, "target %u \"%s\" cannot be made", tid, name);
    struct number id = number(tid);
    const char *const arguments[] = {"--op",  "new", "--mode", "target", "--tid",
                                     id.text, "-T",  name,     NULL};
    return manage(tgtd, arguments, what, failure);
}

int tgtd_set_parameter(struct tgtd *tgtd, unsigned tid, const char *name, const char *value,
                       struct failure *failure)
{
    char what[512];
    snprintf(what, sizeof what, "parameter %s of target %u cannot be set to \"%s\"", name, tid,
             value);
    struct number id = number(tid);
    const char *const arguments[] = {"--op", "update", "--mode", "target", "--tid", id.text,
                                     "-n",   name,     "-v",     value,    NULL};
    return manage(tgtd, arguments, what, failure);
}

int tgtd_new_lun(struct tgtd *tgtd, unsigned tid, unsigned lun, struct failure *failure)
{
    char what[128];
    snprintf(what, sizeof what, "LUN %u of target %u cannot be made", lun, tid);
    struct number id = number(tid);
    struct number unit = number(lun);
    const char *const arguments[] = {"--op",  "new",       "--mode",  "logicalunit", "--tid",
                                     id.text, "--lun",     unit.text, "--bstype",    "null",
                                     "-b",    "/dev/null", NULL};
    return manage(tgtd, arguments, what, failure);
}

static bool is_address(const char *text)
{
    uint8_t bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool is_address_rule(const char *text)
{
    char address[64];
    size_t length = strcspn(text, "/");
    if (strcmp(text, "ALL") == 0)
        return true;
    if (length >= sizeof address)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    const char *bits = text + length;
    if (*bits == '/' && (bits[1] == '\0' || strspn(bits + 1, "0123456789") != strlen(bits + 1) ||
                         strlen(bits + 1) > 3))
        return false;
    return is_address(address);
}

int tgtd_allow_address(struct tgtd *tgtd, unsigned tid, const char *address,
                       struct failure *failure)
{
    if (!is_address_rule(address))
        return failure_set(failure, STATUS_UNTRUSTED,
                           "tgtd \"%s\": target %u: \"%s\" is no numeric address to allow",
                           tgtd->name, tid, address);
    char what[256];
    snprintf(what, sizeof what, "address %s cannot be allowed for target %u", address, tid);
    struct number id = number(tid);
    const char *const arguments[] = {"--op",  "bind", "--mode", "target", "--tid",
                                     id.text, "-I",   address,  NULL};
    return manage(tgtd, arguments, what, failure);
}

int tgtd_allow_initiator(struct tgtd *tgtd, unsigned tid, const char *name, struct failure *failure)
{
    char what[512];
    snprintf(what, sizeof what, "initiator \"%s\" cannot be allowed for target %u", name, tid);
    struct number id = number(tid);
    const char *const arguments[] = {"--op",  "bind", "--mode", "target", "--tid",
                                     id.text, "-Q",   name,     NULL};
    return manage(tgtd, arguments, what, failure);
}

// Asks without tgtadm, where that can be. 0 with `*output`; 1: tgtadm is to be asked; -1 with
// `failure`.
static int ask_directly(struct tgtd *tgtd, const struct management_request *request, char **output,
                        struct failure *failure)
{
    *output = NULL;
    if (!tgtd->direct)
        return 1;
    tgtd->asked = process_printed(tgtd->process);
    return management_ask(tgtd->supervisor, tgtd->path, request, ANSWER_TIMEOUT_MS, output,
                          failure);
}

int tgtd_delete_connection(struct tgtd *tgtd, unsigned tid, unsigned session, unsigned connection,
                           struct failure *failure)
{
    const struct management_request request = {.mode = MANAGEMENT_CONNECTION,
                                               .operation = MANAGEMENT_DELETE,
                                               .tid = (int)tid,
                                               .session = session,
                                               .connection = connection};
    char *output = NULL;
    int asked = ask_directly(tgtd, &request, &output, failure);
    free(output);
    if (asked <= 0)
        return asked;
    char what[128];
    snprintf(what, sizeof what, "connection %u of session %u of target %u cannot be closed",
             connection, session, tid);
    struct number id = number(tid);
    struct number sid = number(session);
    struct number cid = number(connection);
    const char *const arguments[] = {"--op",  "delete", "--mode", "conn",   "--tid", id.text,
                                     "--sid", sid.text, "--cid",  cid.text, NULL};
    return manage(tgtd, arguments, what, failure);
}

int tgtd_delete_target(struct tgtd *tgtd, unsigned tid, struct failure *failure)
{
    char what[64];
    snprintf(what, sizeof what, "target %u cannot be deleted", tid);
    struct number id = number(tid);
    const char *const arguments[] = {"--op",  "delete", "--mode",  "target",
                                     "--tid", id.text,  "--force", NULL};
    if (manage(tgtd, arguments, what, failure) != 0)
        return -1;
    tgtd->deleted++;
    return 0;
}

static const char *const show_system[] = {"--op", "show", "--mode", "system", NULL};

int tgtd_ping(struct tgtd *tgtd, unsigned timeout_ms, struct failure *failure)
{
    char *output = NULL;
    int status = 0;
    if (ask(tgtd, show_system, timeout_ms, &output, &status, failure) != 0)
        return -1;
    if (status != 0) {
        supervisor_trouble(tgtd->supervisor,
                           "tgtd \"%s\" (pid %d) does not answer: tgtadm said: %s", tgtd->name,
                           (int)tgtd->pid, output);
        const struct failure *cause = supervisor_failure(tgtd->supervisor);
        failure_set(failure, cause->status, "%s", cause->text);
    }
    free(output);
    return status == 0 ? 0 : -1;
}

// ---- ports

// An address and port for the socket calls.
struct endpoint {
    struct sockaddr_storage address;
    socklen_t size;
};

static int make_endpoint(struct endpoint *endpoint, const struct tgtd_portal *portal)
{
    struct sockaddr_in *four = (struct sockaddr_in *)&endpoint->address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&endpoint->address;
    memset(endpoint, 0, sizeof *endpoint);
    if (inet_pton(AF_INET, portal->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(portal->port);
        endpoint->size = sizeof *four;
        return 0;
    }
    if (inet_pton(AF_INET6, portal->address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(portal->port);
        endpoint->size = sizeof *six;
        return 0;
    }
    return -1;
}

// Binds a socket to the portal and keeps it, not listening, until tgtd listens there itself: both
// say SO_REUSEADDR, so tgtd may, and nobody else is given the port meanwhile. Returns the socket,
// or -1 with errno; the port is filled in.
static int reserve(struct tgtd_portal *portal)
{
    struct endpoint endpoint;
    if (make_endpoint(&endpoint, portal) != 0) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    struct sockaddr *address = (struct sockaddr *)&endpoint.address;
    bool bound = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (bound && address->sa_family == AF_INET6)
        bound = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    bound = bound && bind(fd, address, endpoint.size) == 0 &&
            getsockname(fd, address, &endpoint.size) == 0;
    if (!bound) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    portal->port =
        ntohs(address->sa_family == AF_INET6 ? ((struct sockaddr_in6 *)address)->sin6_port
                                             : ((struct sockaddr_in *)address)->sin_port);
    return fd;
}

static void release(int *sockets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sockets[i] >= 0)
            close(sockets[i]);
        sockets[i] = -1;
    }
}

static int reserve_all(const struct tgtd *tgtd, struct tgtd_portal *portals, size_t count,
                       int *sockets, struct failure *failure)
{
    for (size_t i = 0; i < count; i++)
        sockets[i] = -1;
    for (size_t i = 0; i < count; i++) {
        sockets[i] = reserve(&portals[i]);
        if (sockets[i] >= 0)
            continue;
        int error = errno;
        release(sockets, count);
        if (error == EINVAL)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "tgtd \"%s\": portal \"%s\" is no numeric IPv4 or IPv6 address",
                               tgtd->name, portals[i].address);
        return failure_set(
            failure, STATUS_UNTRUSTED, "tgtd \"%s\": portal %s port %u cannot be had: %s%s",
            tgtd->name, portals[i].address, portals[i].port, strerror(error),
            error == EADDRINUSE ? " (choose another port, or 0 for a free one)" : "");
    }
    return 0;
}

// ---- whose socket listens there?

// One line of the kernel's list of TCP sockets: 0 with its inode if it listens on `wanted`, else
// -1.
static int match_listener(char *line, const char *wanted, unsigned long *inode)
{
    // sl local remote state queues timer retransmits uid timeout inode
    enum { LOCAL = 1, STATE = 3, INODE = 9, FIELDS };
    char *fields[FIELDS] = {NULL};
    size_t count = 0;
    char *field = NULL;
    while (count < FIELDS && (field = strsep(&line, " \n")) != NULL) {
        if (*field != '\0')
            fields[count++] = field;
    }
    if (count < FIELDS || strcmp(fields[LOCAL], wanted) != 0 || strcmp(fields[STATE], "0A") != 0)
        return -1; // 0A is LISTEN
    *inode = strtoul(fields[INODE], NULL, 10);
    return 0;
}

// The inode of the socket that listens on the portal, from the kernel's list of the process'
// network.
static int find_listener(pid_t pid, const struct tgtd_portal *portal, unsigned long *inode)
{
    struct endpoint endpoint;
    if (make_endpoint(&endpoint, portal) != 0)
        return -1;
    bool six = endpoint.address.ss_family == AF_INET6;
    uint32_t words[4] = {((struct sockaddr_in *)&endpoint.address)->sin_addr.s_addr};
    if (six)
        memcpy(words, &((struct sockaddr_in6 *)&endpoint.address)->sin6_addr, sizeof words);
    char wanted[64];
    if (six)
        snprintf(wanted, sizeof wanted, "%08X%08X%08X%08X:%04X", words[0], words[1], words[2],
                 words[3], portal->port);
    else
        snprintf(wanted, sizeof wanted, "%08X:%04X", words[0], portal->port);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, six ? "tcp6" : "tcp");
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    char line[512];
    int result = -1;
    while (result != 0 && fgets(line, sizeof line, file) != NULL)
        result = match_listener(line, wanted, inode);
    fclose(file);
    return result;
}

static bool has_socket(pid_t pid, unsigned long inode)
{
    char path[64];
    char wanted[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    bool found = false;
    struct dirent *entry = NULL;
    while (!found && (entry = readdir(folder)) != NULL) {
        char link[128];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, link, sizeof link - 1);
        if (length <= 0)
            continue;
        link[length] = '\0';
        found = strcmp(link, wanted) == 0;
    }
    closedir(folder);
    return found;
}

// The index of the first portal that this very process does not listen on; `count` if there is
// none.
static size_t find_deaf_portal(pid_t pid, const struct tgtd_portal *portals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned long inode = 0;
        if (find_listener(pid, &portals[i], &inode) != 0 || !has_socket(pid, inode))
            return i;
    }
    return count;
}

// Connects, and waits for the connection to be closed again: an instance without targets does so as
// soon as it has accepted.
static int knock(struct tgtd *tgtd, const struct tgtd_portal *portal, struct failure *failure)
{
    struct endpoint endpoint;
    if (make_endpoint(&endpoint, portal) != 0)
        return fail(tgtd, failure, "portal %s: no address", portal->address);
    int fd = socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(tgtd, failure, "portal %s: %s", portal->address, strerror(errno));
    int result = connect(fd, (struct sockaddr *)&endpoint.address, endpoint.size);
    int error = result == 0 || errno == EINPROGRESS ? 0 : errno;
    if (error == 0) {
        result = supervisor_wait_readable(tgtd->supervisor, fd, START_TIMEOUT_MS, failure);
        socklen_t size = sizeof error;
        if (result == 0)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    close(fd);
    if (result > 0)
        return fail(tgtd, failure, "portal %s port %u took no connection within %d s%s",
                    portal->address, portal->port, START_TIMEOUT_MS / 1000,
                    process_describe_stop(tgtd->process));
    if (error != 0)
        return fail(tgtd, failure, "portal %s port %u: %s", portal->address, portal->port,
                    strerror(error));
    return result;
}

// ---- start

static void on_ended(struct process *process, int wait_status, void *argument)
{
    struct tgtd *tgtd = argument;
    if (!tgtd->started)
        return;
    char end[64];
    char log[1024];
    process_describe_end(wait_status, end, sizeof end);
    describe_log(tgtd, 0, log, sizeof log);
    supervisor_trouble(tgtd->supervisor, "tgtd \"%s\" (pid %d) %s; it last said: %s", tgtd->name,
                       (int)process_pid(process), end, log);
}

// "portal=127.0.0.1:3260,portal=[::1]:3260"; malloc'ed.
static char *describe_portals(const struct tgtd_portal *portals, size_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        bool six = strchr(portals[i].address, ':') != NULL;
        fprintf(stream, "%sportal=%s%s%s:%u", i == 0 ? "" : ",", six ? "[" : "", portals[i].address,
                six ? "]" : "", portals[i].port);
    }
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int launch(struct tgtd *tgtd, const struct tgtd_portal *portals, size_t portal_count,
                  struct failure *failure)
{
    char *listen = describe_portals(portals, portal_count);
    if (memory_ran_out(listen, failure))
        return -1;
    const char *const arguments[] = {tgtd->daemon, "-f", "-C", "0", "--iscsi", listen, NULL};
    const char *const environment[] = {tgtd->variable, NULL};
    const struct process_options options = {
        .arguments = arguments,
        .environment = environment,
        .channel = -1,
        .output_kept = LOG_KEPT,
        .many_descriptors = true, // each session is one
        .ended = on_ended,
        .argument = tgtd,
    };
    int result = process_start(&tgtd->process, tgtd->supervisor, &options, failure);
    if (result == 0)
        tgtd->pid = process_pid(tgtd->process);
    free(listen);
    return result;
}

// Wakes the wait below when something changes in the instance's folder.
struct lookout {
    uv_fs_event_t changes;
    uv_timer_t again;
    unsigned open_handles;
    struct tgtd *tgtd;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    bool due; // it is time to ask (again)
};

static void on_change(uv_fs_event_t *handle, const char *name, int events, int status)
{
    (void)handle; // only the turn of the loop matters: the wait looks for itself
    (void)name;
    (void)events;
    (void)status;
}

static void on_again(uv_timer_t *handle)
{
    ((struct lookout *)handle->data)->due = true;
}

static void on_lookout_closed(uv_handle_t *handle)
{
    struct lookout *lookout = handle->data;
    lookout->open_handles--;
    if (lookout->open_handles == 0)
        free(lookout);
}

static bool may_be_asked(void *argument)
{
    struct lookout *lookout = argument;
    struct stat status;
    if (!process_running(lookout->tgtd->process))
        return true;
    return lookout->due && stat(lookout->path, &status) == 0;
}

static struct lookout *open_lookout(struct tgtd *tgtd, struct failure *failure)
{
    struct lookout *lookout = calloc(1, sizeof *lookout);
    if (lookout == NULL) {
        memory_ran_out(lookout, failure);
        return NULL;
    }
    uv_loop_t *loop = supervisor_loop(tgtd->supervisor);
    lookout->tgtd = tgtd;
    lookout->due = true;
    snprintf(lookout->path, sizeof lookout->path, "%s.0", tgtd->socket);
    lookout->changes.data = lookout;
    lookout->again.data = lookout;
    uv_timer_init(loop, &lookout->again);
    uv_fs_event_init(loop, &lookout->changes);
    lookout->open_handles = 2;
    // Where there is no inotify left to be had, the timer alone must do.
    if (uv_fs_event_start(&lookout->changes, on_change, tgtd->folder, 0) != 0)
        uv_timer_start(&lookout->again, on_again, ASK_AGAIN_MS, ASK_AGAIN_MS);
    return lookout;
}

static void close_lookout(struct lookout *lookout)
{
    uv_close((uv_handle_t *)&lookout->changes, on_lookout_closed);
    uv_close((uv_handle_t *)&lookout->again, on_lookout_closed);
}

// Why it does not get ready: `status` and `answer` are those of the last tgtadm, NULL without one.
static int explain_delay(struct tgtd *tgtd, int status, const char *answer, struct failure *failure)
{
    char end[64];
    char asked[512] = "";
    process_describe_end(status, end, sizeof end);
    if (answer != NULL)
        snprintf(asked, sizeof asked, "; %s %s and said: %s", tgtd->admin, end,
                 answer[0] == '\0' ? "nothing" : answer);
    return fail(tgtd, failure, "it is not ready to be managed after %d s%s%s",
                START_TIMEOUT_MS / 1000, process_describe_stop(tgtd->process), asked);
}

// Asks until it answers. There is no event for the moment between the making of its socket and its
// readiness to be connected to; that gap is some microseconds, so asking again is rare.
static int await_answer(struct tgtd *tgtd, struct failure *failure)
{
    struct lookout *lookout = open_lookout(tgtd, failure);
    if (lookout == NULL)
        return -1;
    uint64_t deadline = uv_hrtime() + START_TIMEOUT_MS * UINT64_C(1000000);
    char *answer = NULL;
    int status = 0;
    int result = 0;
    while (result == 0 &&
           (answer == NULL || status != 0 || strstr(answer, "State: ready") == NULL)) {
        uint64_t now = uv_hrtime();
        unsigned left = now < deadline ? (unsigned)((deadline - now) / 1000000) : 0;
        result = supervisor_wait(tgtd->supervisor, may_be_asked, lookout, left, failure);
        if (result > 0)
            result = explain_delay(tgtd, status, answer, failure);
        else if (result == 0 && !process_running(tgtd->process))
            result = fail(tgtd, failure, "it ended");
        if (result != 0)
            break;
        free(answer);
        answer = NULL;
        struct failure silence = {0};
        if (run_admin(tgtd, show_system, left + 1, &answer, &status, &silence) != 0)
            result =
                fail(tgtd, failure, "%s%s", silence.text, process_describe_stop(tgtd->process));
        lookout->due = false;
        uv_timer_start(&lookout->again, on_again, ASK_AGAIN_MS, ASK_AGAIN_MS);
    }
    free(answer);
    close_lookout(lookout);
    return result;
}

static void end_process(struct tgtd *tgtd)
{
    process_destroy(tgtd->process);
    tgtd->process = NULL;
    char path[sizeof((struct sockaddr_un *)0)->sun_path + 16];
    snprintf(path, sizeof path, "%s.0", tgtd->socket);
    unlink(path);
    snprintf(path, sizeof path, "%s.0.lock", tgtd->socket);
    unlink(path);
}

// One attempt with `portals` as they are. 0; 1 when a port was taken after all; -1 with `failure`.
static int attempt(struct tgtd *tgtd, struct tgtd_portal *portals, size_t count, int *sockets,
                   struct failure *failure)
{
    if (reserve_all(tgtd, portals, count, sockets, failure) != 0)
        return -1;
    int result = launch(tgtd, portals, count, failure);
    if (result == 0)
        result = await_answer(tgtd, failure);
    release(sockets, count);
    if (result == 0 && find_deaf_portal(tgtd->pid, portals, count) < count)
        result = 1;
    for (size_t i = 0; i < count && result == 0; i++)
        result = knock(tgtd, &portals[i], failure);
    return result;
}

// Attempts with new free ports until one succeeds.
static int bring_up(struct tgtd *tgtd, struct tgtd_portal *portals, size_t count,
                    struct failure *failure)
{
    struct tgtd_portal *asked = calloc(count, sizeof *asked);
    int *sockets = calloc(count, sizeof *sockets);
    int result = -1;
    if (memory_ran_out(asked, failure) || memory_ran_out(sockets, failure))
        goto out;
    memcpy(asked, portals, count * sizeof *asked);
    for (unsigned tries = 1;; tries++) {
        result = attempt(tgtd, portals, count, sockets, failure);
        if (result <= 0)
            break;
        size_t deaf = find_deaf_portal(tgtd->pid, portals, count);
        if (deaf < count && (asked[deaf].port != 0 || tries == ATTEMPTS)) {
            result = fail(tgtd, failure, "portal %s port %u cannot be had: another process has it",
                          portals[deaf].address, portals[deaf].port);
            break;
        }
        end_process(tgtd);
        memcpy(portals, asked, count * sizeof *asked);
    }
out:
    free(asked);
    free(sockets);
    return result;
}

// A word quoted for a shell, malloc'ed.
static char *quote(const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:-";
    if (text[strspn(text, plain)] == '\0')
        return strdup(text);
    char *quoted = malloc(strlen(text) * 4 + 3);
    if (quoted == NULL)
        return NULL;
    char *end = quoted;
    *end++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            end = stpcpy(end, "'\\''");
        else
            *end++ = *text;
    }
    *end++ = '\'';
    *end = '\0';
    return quoted;
}

static char *find_program(const char *name, struct failure *failure)
{
    char *path = process_find(name, more_folders);
    if (path == NULL)
        failure_set(failure, STATUS_UNTRUSTED,
                    "%s is not installed: there is none in PATH nor in %s; install the Debian "
                    "package tgt",
                    name, more_folders);
    return path;
}

// Makes a folder of the instance's own in `folder`, under the first short name that is free: a path
// of a Unix socket can't be long.
static int make_folder(struct tgtd *tgtd, const char *folder, struct failure *failure)
{
    for (unsigned i = 0; i < FOLDERS_MAX; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/tgtd-%u", folder, i) < 0)
            return failure_set(failure, STATUS_UNTRUSTED, "tgtd: out of memory");
        if (mkdir(path, 0700) == 0) {
            tgtd->folder = path;
            return 0;
        }
        int error = errno;
        free(path);
        if (error != EEXIST)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "tgtd \"%s\": no folder can be made in %s: %s%s", tgtd->name, folder,
                               strerror(error), failure_room(error));
    }
    return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\": too many instances in %s",
                       tgtd->name, folder);
}

static int prepare(struct tgtd *tgtd, const char *folder, struct failure *failure)
{
    const size_t longest = sizeof((struct sockaddr_un *)0)->sun_path - 1 - strlen(".0.lock");
    tgtd->daemon = find_program("tgtd", failure);
    tgtd->admin = tgtd->daemon == NULL ? NULL : find_program("tgtadm", failure);
    if (tgtd->admin == NULL || make_folder(tgtd, folder, failure) != 0)
        return -1;
    if (asprintf(&tgtd->socket, "%s/socket", tgtd->folder) < 0)
        tgtd->socket = NULL;
    if (memory_ran_out(tgtd->socket, failure))
        return -1;
    if (asprintf(&tgtd->path, "%s.0", tgtd->socket) < 0)
        tgtd->path = NULL;
    if (memory_ran_out(tgtd->path, failure))
        return -1;
    if (strlen(tgtd->socket) > longest)
        return failure_set(
            failure, STATUS_UNTRUSTED,
            "tgtd \"%s\": the path of its management socket, %s, is %zu bytes long, and "
            "%zu is the most that can be: set TMPDIR to a shorter path",
            tgtd->name, tgtd->socket, strlen(tgtd->socket), longest);
    char *quoted = quote(tgtd->socket);
    if (asprintf(&tgtd->variable, "TGT_IPC_SOCKET=%s", tgtd->socket) < 0)
        tgtd->variable = NULL;
    if (quoted == NULL ||
        asprintf(&tgtd->command, "TGT_IPC_SOCKET=%s %s -C 0", quoted, tgtd->admin) < 0)
        tgtd->command = NULL;
    free(quoted);
    return memory_ran_out(tgtd->variable, failure) || memory_ran_out(tgtd->command, failure) ? -1
                                                                                             : 0;
}

static void on_silent(void *argument)
{
    struct tgtd *tgtd = argument;
    char log[1024];
    describe_log(tgtd, 0, log, sizeof log);
    supervisor_trouble(tgtd->supervisor,
                       "tgtd \"%s\" (pid %d) does not answer: no sign of life on its management "
                       "socket for %d seconds%s; it last said: %s",
                       tgtd->name, (int)tgtd->pid, HEARTBEAT_SILENCE_S,
                       process_describe_stop(tgtd->process), log);
}

static int start_heartbeat(struct tgtd *tgtd, struct failure *failure)
{
    return heartbeat_start(&tgtd->heartbeat, tgtd->supervisor, tgtd->path, on_silent, tgtd,
                           failure);
}

// Does it answer a request made here as it answers one of tgtadm's? Another version's may not; then
// tgtadm does it all.
static int try_direct(struct tgtd *tgtd, struct failure *failure)
{
    const struct management_request request = {
        .mode = MANAGEMENT_SYSTEM, .operation = MANAGEMENT_SHOW, .tid = MANAGEMENT_NO_TID};
    char *direct = NULL;
    char *text = NULL;
    int result =
        management_ask(tgtd->supervisor, tgtd->path, &request, ANSWER_TIMEOUT_MS, &direct, failure);
    int status = 0;
    if (result == 0)
        result = ask(tgtd, show_system, ANSWER_TIMEOUT_MS, &text, &status, failure);
    tgtd->direct = result == 0 && status == 0 && strcmp(direct, text) == 0;
    free(direct);
    free(text);
    return result < 0 ? -1 : 0;
}

int tgtd_start(struct tgtd **result, struct supervisor *supervisor, const char *folder,
               const char *name, struct tgtd_portal *portals, size_t portal_count,
               struct failure *failure)
{
    *result = NULL;
    if (portals == NULL || portal_count == 0) // tgtd would listen on every address of the machine
        return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\": it has no portal", name);
    struct tgtd *tgtd = calloc(1, sizeof *tgtd);
    if (memory_ran_out(tgtd, failure))
        return -1;
    tgtd->supervisor = supervisor;
    tgtd->name = strdup(name);
    if (memory_ran_out(tgtd->name, failure) || prepare(tgtd, folder, failure) != 0 ||
        bring_up(tgtd, portals, portal_count, failure) != 0 ||
        start_heartbeat(tgtd, failure) != 0 || try_direct(tgtd, failure) != 0) {
        tgtd_stop(tgtd);
        return -1;
    }
    tgtd->started = true;
    if (!process_running(tgtd->process)) { // seen while it was nobody's to tell
        fail(tgtd, failure, "it ended");
        tgtd_stop(tgtd);
        return -1;
    }
    *result = tgtd;
    return 0;
}

void tgtd_stop(struct tgtd *tgtd)
{
    if (tgtd == NULL)
        return;
    tgtd->started = false;
    heartbeat_stop(tgtd->heartbeat);
    if (tgtd->socket != NULL)
        end_process(tgtd);
    if (tgtd->folder != NULL)
        rmdir(tgtd->folder);
    free(tgtd->name);
    free(tgtd->daemon);
    free(tgtd->admin);
    free(tgtd->folder);
    free(tgtd->socket);
    free(tgtd->path);
    free(tgtd->variable);
    free(tgtd->command);
    free(tgtd);
}

void tgtd_kill(struct tgtd *tgtd)
{
    tgtd->started = false;
    heartbeat_stop(tgtd->heartbeat);
    tgtd->heartbeat = NULL;
    process_kill(tgtd->process);
}

static bool is_suspended(void *argument)
{
    const struct tgtd *tgtd = argument;
    siginfo_t state = {0};
    return waitid(P_PID, (id_t)tgtd->pid, &state, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           state.si_pid == tgtd->pid;
}

static void on_child_changed(uv_signal_t *handle, int number)
{
    (void)handle; // a turn of the loop is all that is wanted
    (void)number;
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle);
}

int tgtd_suspend(struct tgtd *tgtd, struct failure *failure)
{
    uv_signal_t *watch = calloc(1, sizeof *watch);
    if (memory_ran_out(watch, failure))
        return -1;
    heartbeat_stop(tgtd->heartbeat);
    tgtd->heartbeat = NULL;
    uv_signal_init(supervisor_loop(tgtd->supervisor), watch);
    uv_signal_start(watch, on_child_changed, SIGCHLD);
    process_signal(tgtd->process, SIGSTOP);
    int result = supervisor_wait(tgtd->supervisor, is_suspended, tgtd, ANSWER_TIMEOUT_MS, failure);
    uv_close((uv_handle_t *)watch, on_watch_closed);
    if (result > 0)
        return fail(tgtd, failure, "was told to stop, and did not within %d ms", ANSWER_TIMEOUT_MS);
    return result;
}

int tgtd_continue(struct tgtd *tgtd, struct failure *failure)
{
    process_signal(tgtd->process, SIGCONT);
    if (tgtd_ping(tgtd, ANSWER_TIMEOUT_MS, failure) != 0)
        return -1;
    return start_heartbeat(tgtd, failure);
}

pid_t tgtd_pid(const struct tgtd *tgtd)
{
    return tgtd->pid;
}

const char *tgtd_name(const struct tgtd *tgtd)
{
    return tgtd->name;
}

const char *tgtd_command(const struct tgtd *tgtd)
{
    return tgtd->command;
}

int tgtd_version(struct supervisor *supervisor, char *text, size_t size, struct failure *failure)
{
    char *path = find_program("tgtd", failure);
    if (path == NULL)
        return -1;
    const char *const arguments[] = {path, "--version", NULL};
    char *output = NULL;
    int status = 0;
    int result = process_run(supervisor, arguments, NULL, ANSWER_TIMEOUT_MS, 4096, &output, &status,
                             failure);
    char end[64];
    process_describe_end(status, end, sizeof end);
    trim(output);
    if (result == 0 && (status != 0 || output[0] == '\0'))
        result = failure_set(failure, STATUS_UNTRUSTED,
                             "%s --version: %s and said: %s; is it the tgtd of the Debian package "
                             "tgt, and whole?",
                             path, end, output[0] == '\0' ? "nothing" : output);
    if (result == 0)
        snprintf(text, size, "%.*s", (int)strcspn(output, "\n"), output);
    free(output);
    free(path);
    return result;
}

// ---- what it knows of its connections

// One I_T nexus of the list of targets. iSCSI's session is SCSI's nexus, and the numbers are the
// same.
struct nexus {
    unsigned tid;
    unsigned tsih;
    const char *initiator; // "NAME alias: ALIAS", inside the text it was read from
    bool connected;        // a connection of it was found
};

struct nexuses {
    char *text; // what tgtadm printed, cut into lines
    size_t count;
    size_t capacity;
    struct nexus *items; // by tid and tsih
    unsigned target_count;
    unsigned *of_target; // how many target `index` + 1 has
    unsigned targets_seen;
};

static void nexuses_free(struct nexuses *nexuses)
{
    free(nexuses->text);
    free(nexuses->items);
    free(nexuses->of_target);
}

// Text that is read line by line, each line cut off in place.
struct lines {
    char *rest;
    size_t number;
};

static char *next_line(struct lines *lines)
{
    if (lines->rest == NULL)
        return NULL;
    lines->number++;
    return strsep(&lines->rest, "\n");
}

// What follows `prefix` in `line`, or NULL when it does not begin so.
static char *after(char *line, const char *prefix)
{
    size_t length = strlen(prefix);
    return line != NULL && strncmp(line, prefix, length) == 0 ? line + length : NULL;
}

static bool parse_number(const char *text, unsigned most, unsigned *value)
{
    unsigned long result = 0;
    if (text == NULL || *text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!isdigit((unsigned char)*text))
            return false;
        result = result * 10 + (unsigned long)(*text - '0');
        if (result > most)
            return false;
    }
    *value = (unsigned)result;
    return true;
}

static int not_understood(struct tgtd *tgtd, const char *what, const struct lines *lines,
                          const char *line, struct failure *failure)
{
    return fail(tgtd, failure, "tgtadm's %s cannot be understood at line %zu: \"%s\"", what,
                lines->number, line == NULL ? "(its end)" : line);
}

static int add_nexus(struct nexuses *nexuses, unsigned tid, unsigned tsih, const char *initiator)
{
    if (nexuses->count == nexuses->capacity) {
        size_t capacity = nexuses->capacity == 0 ? 64 : nexuses->capacity * 2;
        struct nexus *items = reallocarray(nexuses->items, capacity, sizeof *items);
        if (items == NULL)
            return -1;
        nexuses->items = items;
        nexuses->capacity = capacity;
    }
    nexuses->items[nexuses->count++] = (struct nexus){tid, tsih, initiator, false};
    nexuses->of_target[tid - 1]++;
    return 0;
}

static const char list_of_targets[] = "list of targets";

// The lines of one nexus behind its first; of its connections, only the first is shown there.
static int parse_nexus(struct tgtd *tgtd, struct nexuses *nexuses, struct lines *lines,
                       unsigned tid, const char *id, struct failure *failure)
{
    unsigned tsih = 0;
    if (!parse_number(id, UINT16_MAX, &tsih))
        return not_understood(tgtd, list_of_targets, lines, id, failure);
    char *line = next_line(lines);
    const char *initiator = after(line, "            Initiator: ");
    if (initiator == NULL)
        return not_understood(tgtd, list_of_targets, lines, line, failure);
    if (add_nexus(nexuses, tid, tsih, initiator) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "tgtd: out of memory");
    return 0;
}

static int parse_target(struct tgtd *tgtd, struct nexuses *nexuses, const struct lines *lines,
                        char *line, unsigned *tid, struct failure *failure)
{
    char *id = after(line, "Target ");
    char *name = id == NULL ? NULL : strstr(id, ": ");
    if (name == NULL)
        return not_understood(tgtd, list_of_targets, lines, line, failure);
    *name = '\0';
    if (!parse_number(id, nexuses->target_count, tid) || *tid == 0)
        return fail(tgtd, failure, "it has a target %s, and %u were made", id,
                    nexuses->target_count);
    nexuses->targets_seen++;
    return 0;
}

static int parse_targets(struct tgtd *tgtd, struct nexuses *nexuses, struct failure *failure)
{
    struct lines lines = {.rest = nexuses->text[0] == '\0' ? NULL : nexuses->text};
    unsigned tid = 0;
    bool in_nexuses = false;
    int result = 0;
    char *line = NULL;
    while (result == 0 && (line = next_line(&lines)) != NULL) {
        const char *id = in_nexuses ? after(line, "        I_T nexus: ") : NULL;
        bool indented = strncmp(line, "    ", 4) == 0 && tid != 0;
        if (id != NULL) {
            result = parse_nexus(tgtd, nexuses, &lines, tid, id, failure);
        } else if (!indented) {
            in_nexuses = false;
            result = parse_target(tgtd, nexuses, &lines, line, &tid, failure);
        } else if (strcmp(line, "    I_T nexus information:") == 0) {
            in_nexuses = true;
        } else if (strcmp(line, "    LUN information:") == 0) {
            in_nexuses = false;
        } else if (in_nexuses && after(line, "            Connection: ") == NULL &&
                   after(line, "                IP Address: ") == NULL) {
            result = not_understood(tgtd, list_of_targets, &lines, line, failure);
        }
    }
    if (result == 0 && nexuses->targets_seen + tgtd->deleted != nexuses->target_count)
        result = fail(tgtd, failure, "it has %u targets, and %u were made", nexuses->targets_seen,
                      nexuses->target_count - tgtd->deleted);
    return result;
}

static int compare_nexuses(const void *left, const void *right)
{
    const struct nexus *a = left;
    const struct nexus *b = right;
    if (a->tid != b->tid)
        return a->tid < b->tid ? -1 : 1;
    return a->tsih < b->tsih ? -1 : a->tsih > b->tsih;
}

// Shows one thing; the output, trimmed at its end, is the caller's.
static int show(struct tgtd *tgtd, const char *const *arguments, const char *what, char **output,
                struct failure *failure)
{
    int status = 0;
    int result = ask(tgtd, arguments, ANSWER_TIMEOUT_MS, output, &status, failure);
    if (result == 0 && status != 0)
        result = fail(tgtd, failure, "%s cannot be had: tgtadm said: %s", what, *output);
    return result;
}

static int read_nexuses(struct tgtd *tgtd, unsigned target_count, struct nexuses *nexuses,
                        struct failure *failure)
{
    const char *const arguments[] = {"--op", "show", "--mode", "target", NULL};
    memset(nexuses, 0, sizeof *nexuses);
    nexuses->target_count = target_count;
    nexuses->of_target = calloc((size_t)target_count + 1, sizeof *nexuses->of_target);
    if (memory_ran_out(nexuses->of_target, failure))
        return -1;
    if (show(tgtd, arguments, "the list of targets", &nexuses->text, failure) != 0 ||
        parse_targets(tgtd, nexuses, failure) != 0)
        return -1;
    if (nexuses->count > 0)
        qsort(nexuses->items, nexuses->count, sizeof *nexuses->items, compare_nexuses);
    return 0;
}

// A connection, its texts inside what they were read from.
struct listed {
    unsigned tsih;
    unsigned cid;
    const char *initiator;
    const char *address;
};

// The next connection of the list: 0; 1 at its end; -1 with `failure`.
static int parse_connection(struct tgtd *tgtd, struct lines *lines, struct listed *listed,
                            struct failure *failure)
{
    static const char what[] = "list of connections";
    char *line = next_line(lines);
    if (line == NULL)
        return 1;
    if (!parse_number(after(line, "Session: "), UINT16_MAX, &listed->tsih))
        return not_understood(tgtd, what, lines, line, failure);
    line = next_line(lines);
    if (!parse_number(after(line, "    Connection: "), UINT16_MAX, &listed->cid))
        return not_understood(tgtd, what, lines, line, failure);
    line = next_line(lines);
    listed->initiator = after(line, "        Initiator: ");
    if (listed->initiator == NULL)
        return not_understood(tgtd, what, lines, line, failure);
    line = next_line(lines);
    // Where its peer has just gone, tgtd has no address to show.
    listed->address = line != NULL && (line[0] == '\0' || strcmp(line, "        ") == 0)
                          ? ""
                          : after(line, "        IP Address: ");
    if (listed->address == NULL)
        return not_understood(tgtd, what, lines, line, failure);
    return 0;
}

static int copy_text(struct tgtd *tgtd, char *to, size_t size, const char *from, const char *what,
                     struct failure *failure)
{
    size_t length = strlen(from);
    if (length >= size)
        return fail(tgtd, failure, "%s of %zu bytes is longer than the %zu that can be: \"%s\"",
                    what, length, size - 1, from);
    memcpy(to, from, length + 1);
    return 0;
}

// Fills `connection` from both lists. 0; 1 when they are of different moments; -1 with `failure`.
static int join(struct tgtd *tgtd, struct nexuses *nexuses, unsigned tid,
                const struct listed *listed, struct tgtd_connection *connection,
                struct failure *failure)
{
    static const char separator[] = " alias: ";
    struct nexus key = {.tid = tid, .tsih = listed->tsih};
    struct nexus *nexus = nexuses->count == 0 ? NULL
                                              : bsearch(&key, nexuses->items, nexuses->count,
                                                        sizeof *nexuses->items, compare_nexuses);
    size_t length = strlen(listed->initiator);
    if (nexus == NULL || listed->address[0] == '\0' ||
        strncmp(nexus->initiator, listed->initiator, length) != 0 ||
        strncmp(nexus->initiator + length, separator, strlen(separator)) != 0)
        return 1;
    const char *alias = nexus->initiator + length + strlen(separator);
    if (!is_address(listed->address))
        return fail(tgtd, failure, "connection %u of session %u of target %u: \"%s\" is no address",
                    listed->cid, listed->tsih, tid, listed->address);
    nexus->connected = true;
    connection->tid = tid;
    connection->tsih = (uint16_t)listed->tsih;
    connection->cid = (uint16_t)listed->cid;
    if (copy_text(tgtd, connection->initiator_name, sizeof connection->initiator_name,
                  listed->initiator, "an initiator name", failure) != 0 ||
        copy_text(tgtd, connection->initiator_address, sizeof connection->initiator_address,
                  listed->address, "an address", failure) != 0)
        return -1;
    // "none" is how tgtd shows that there is no alias.
    return copy_text(tgtd, connection->initiator_alias, sizeof connection->initiator_alias,
                     strcmp(alias, "none") == 0 ? "" : alias, "an alias", failure);
}

// Room for one more: doubled whenever the count is a power of two.
static struct tgtd_connection *extend(struct tgtd_report *account)
{
    size_t count = account->connection_count;
    if ((count & (count - 1)) == 0) {
        struct tgtd_connection *connections =
            reallocarray(account->connections, count == 0 ? 1 : count * 2, sizeof *connections);
        if (connections == NULL)
            return NULL;
        account->connections = connections;
    }
    return &account->connections[account->connection_count++];
}

// The connections of one target, as tgtadm prints them. Asked for directly where that can be: with
// hundreds of targets, a tgtadm for each took longer than half of all logins.
static int show_connections(struct tgtd *tgtd, unsigned tid, char **text, struct failure *failure)
{
    const struct management_request request = {
        .mode = MANAGEMENT_CONNECTION, .operation = MANAGEMENT_SHOW, .tid = (int)tid};
    struct number id = number(tid);
    const char *const arguments[] = {"--op", "show", "--mode", "conn", "--tid", id.text, NULL};
    int result = ask_directly(tgtd, &request, text, failure);
    return result <= 0 ? result : show(tgtd, arguments, "the list of connections", text, failure);
}

// Adds the connections of one target. As join.
static int read_connections(struct tgtd *tgtd, struct nexuses *nexuses, unsigned tid,
                            struct tgtd_report *account, struct failure *failure)
{
    char *text = NULL;
    int result = show_connections(tgtd, tid, &text, failure);
    struct lines lines = {.rest = text != NULL && text[0] != '\0' ? text : NULL};
    while (result == 0) {
        struct listed listed = {0, 0, "", ""};
        int parsed = parse_connection(tgtd, &lines, &listed, failure);
        if (parsed > 0)
            break;
        struct tgtd_connection *connection = parsed < 0 ? NULL : extend(account);
        if (parsed < 0 || memory_ran_out(connection, failure))
            result = -1;
        else
            result = join(tgtd, nexuses, tid, &listed, connection, failure);
    }
    free(text);
    return result;
}

// One reading. There is no command that shows all connections, so a target that has sessions costs
// one of its own, and between them sessions may come and go: as join.
static int read_account(struct tgtd *tgtd, unsigned target_count, struct tgtd_report *account,
                        struct failure *failure)
{
    struct nexuses nexuses;
    int result = read_nexuses(tgtd, target_count, &nexuses, failure);
    for (unsigned tid = 1; tid <= target_count && result == 0; tid++) {
        if (nexuses.of_target[tid - 1] > 0)
            result = read_connections(tgtd, &nexuses, tid, account, failure);
    }
    for (size_t i = 0; i < nexuses.count && result == 0; i++)
        result = nexuses.items[i].connected ? 0 : 1;
    nexuses_free(&nexuses);
    return result;
}

int tgtd_get_connections(struct tgtd *tgtd, unsigned tid, struct tgtd_report *account,
                         struct failure *failure)
{
    char *text = NULL;
    memset(account, 0, sizeof *account);
    int result = show_connections(tgtd, tid, &text, failure);
    struct lines lines = {.rest = text != NULL && text[0] != '\0' ? text : NULL};
    while (result == 0) {
        struct listed listed = {0, 0, "", ""};
        int parsed = parse_connection(tgtd, &lines, &listed, failure);
        if (parsed > 0)
            break;
        struct tgtd_connection *connection = parsed < 0 ? NULL : extend(account);
        if (parsed < 0 || memory_ran_out(connection, failure)) {
            result = -1;
            break;
        }
        *connection = (struct tgtd_connection){
            .tid = tid, .tsih = (uint16_t)listed.tsih, .cid = (uint16_t)listed.cid};
        if (copy_text(tgtd, connection->initiator_name, sizeof connection->initiator_name,
                      listed.initiator, "an initiator name", failure) != 0 ||
            copy_text(tgtd, connection->initiator_address, sizeof connection->initiator_address,
                      listed.address, "an address", failure) != 0)
            result = -1;
    }
    free(text);
    if (result != 0)
        tgtd_report_free(account);
    return result;
}

int tgtd_get_report(struct tgtd *tgtd, unsigned target_count, struct tgtd_report *account,
                     struct failure *failure)
{
    enum { READINGS = 20 };
    memset(account, 0, sizeof *account);
    int result = 1;
    for (int i = 0; i < READINGS && result > 0; i++) {
        tgtd_report_free(account);
        result = read_account(tgtd, target_count, account, failure);
    }
    if (result > 0)
        result =
            fail(tgtd, failure,
                 "its list of targets and its lists of connections named different sessions in "
                 "each of %d readings",
                 READINGS);
    if (result != 0)
        tgtd_report_free(account);
    return result;
}

void tgtd_report_free(struct tgtd_report *account)
{
    free(account->connections);
    memset(account, 0, sizeof *account);
}

// ---- accounts and redirection

static int check_account_text(struct tgtd *tgtd, const char *what, const char *text,
                              struct failure *failure)
{
    enum { ACCOUNT_TEXT_MAX = 200 };
    size_t length = strlen(text);
    if (length >= 1 && length <= ACCOUNT_TEXT_MAX)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "tgtd \"%s\": an account's %s has %zu bytes; it must have 1 to %d",
                       tgtd->name, what, length, ACCOUNT_TEXT_MAX);
}

int tgtd_new_account(struct tgtd *tgtd, const char *user, const char *password,
                     struct failure *failure)
{
    char what[512];
    if (check_account_text(tgtd, "name", user, failure) != 0 ||
        check_account_text(tgtd, "password", password, failure) != 0)
        return -1;
    snprintf(what, sizeof what, "account \"%s\" cannot be made", user);
    const char *const arguments[] = {"--op", "new",        "--mode", "account", "--user",
                                     user,   "--password", password, NULL};
    return manage(tgtd, arguments, what, failure);
}

int tgtd_bind_account(struct tgtd *tgtd, unsigned tid, const char *user, bool outgoing,
                      struct failure *failure)
{
    char what[512];
    if (check_account_text(tgtd, "name", user, failure) != 0)
        return -1;
    snprintf(what, sizeof what, "account \"%s\" cannot be bound to target %u", user, tid);
    struct number id = number(tid);
    const char *const arguments[] = {"--op",    "bind",  "--mode",
                                     "account", "--tid", id.text,
                                     "--user",  user,    outgoing ? "--outgoing" : NULL,
                                     NULL};
    return manage(tgtd, arguments, what, failure);
}

int tgtd_redirect(struct tgtd *tgtd, unsigned tid, const struct tgtd_portal *to, bool permanent,
                  struct failure *failure)
{
    char address[sizeof to->address + 2];
    bool six = strchr(to->address, ':') != NULL;
    if (!is_address(to->address))
        return failure_set(failure, STATUS_UNTRUSTED,
                           "tgtd \"%s\": target %u: \"%s\" is no numeric address to redirect to",
                           tgtd->name, tid, to->address);
    snprintf(address, sizeof address, "%s%s%s", six ? "[" : "", to->address, six ? "]" : "");
    // The reason last: without one nobody is redirected.
    if (tgtd_set_parameter(tgtd, tid, "RedirectAddress", address, failure) != 0 ||
        tgtd_set_parameter(tgtd, tid, "RedirectPort", number(to->port).text, failure) != 0)
        return -1;
    return tgtd_set_parameter(tgtd, tid, "RedirectReason", permanent ? "Permanent" : "Temporary",
                              failure);
}
