// SPDX-License-Identifier: Apache-2.0
// An initiator of its own, for the test of --login command: it knows nothing of the kit, logs in
// through libiscsi, and keeps its sessions in a folder of its own.
//
//     login_tool --folder F login --session N --portal P --target T --initiator I --isid HEX
//                [--user U --password P [--mutual-user U --mutual-password P]]
//     login_tool --folder F logout --session N
//     login_tool --folder F list [--terse]
//
// Each session is held by a daemon, which login leaves behind and logout ends; a session that lost
// its connection is kept without one until login is called for it again. F/table is a session table
// of these sessions. --fault NAME makes it a bad tool: fail, hang (login); stay (logout); extra,
// other-tsid (list).
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    SESSIONS_MAX = 65536,
    REDIRECTS_MAX = 4,
    LOGIN_HEADER = 48, // bytes of a PDU's header
};

struct wishes {
    const char *folder;
    const char *session;
    const char *portal;
    const char *target;
    const char *initiator;
    const char *isid;
    const char *user;
    const char *password;
    const char *mutual_user;
    const char *mutual_password;
    const char *fault;
    bool terse;
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    putc('\n', stderr);
    exit(1);
}

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool has_fault(const struct wishes *wishes, const char *fault)
{
    return wishes->fault != NULL && strcmp(wishes->fault, fault) == 0;
}

// ---- the table, made of a file for each session

static void append_file(FILE *to, const char *name)
{
    FILE *from = fopen(name, "re");
    if (from == NULL)
        return;
    for (int byte; (byte = getc(from)) != EOF;)
        putc(byte, to);
    fclose(from);
}

// Reads the number in a file, 0 where there is none, and writes the next one.
static unsigned long count_up(const char *name)
{
    unsigned long number = 0;
    char text[32] = "";
    FILE *file = fopen(name, "re");
    if (file != NULL) {
        if (fgets(text, sizeof text, file) != NULL)
            number = strtoul(text, NULL, 10);
        fclose(file);
    }
    file = fopen(name, "we");
    if (file == NULL || fprintf(file, "%lu\n", number + 1) < 0 || fclose(file) != 0)
        die("%s: %s", name, strerror(errno));
    return number + 1;
}

static void publish(void)
{
    size_t count = 0;
    char name[32];
    int lock = open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        die("lock: %s", strerror(errno));
    FILE *table = fopen("table.new", "we");
    if (table == NULL)
        die("table.new: %s", strerror(errno));
    fprintf(table, "iscsidsc-session-table\t1\t%lu\n", count_up("generation"));
    // Numbers are given one after the other; the largest so far ends the search.
    unsigned long last = 0;
    FILE *largest = fopen("largest", "re");
    if (largest != NULL) {
        if (fgets(name, sizeof name, largest) != NULL)
            last = strtoul(name, NULL, 10);
        fclose(largest);
    }
    for (unsigned long i = 1; i <= last; i++) {
        snprintf(name, sizeof name, "%lu.session", i);
        if (access(name, R_OK) != 0)
            continue;
        append_file(table, name);
        count++;
    }
    fprintf(table, "end\t%zu\n", count);
    if (fclose(table) != 0 || rename("table.new", "table") != 0)
        die("table: %s", strerror(errno));
    close(lock); // and with it the lock
}

static void note_largest(unsigned long number)
{
    char text[32] = "";
    int lock = open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int fd = open("largest", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0 || fd < 0 || read(fd, text, sizeof text - 1) < 0)
        die("largest: %s", strerror(errno));
    int length = snprintf(NULL, 0, "%lu\n", number);
    if (number > strtoul(text, NULL, 10) &&
        (ftruncate(fd, 0) != 0 ||
         pwrite(fd, text, (size_t)snprintf(text, sizeof text, "%lu\n", number), 0) != length))
        die("largest: %s", strerror(errno));
    close(fd);
    close(lock);
}

// ---- a session, in its daemon

struct daemon {
    const struct wishes *wishes;
    unsigned long number;
    unsigned logins; // how often it has logged in
    struct iscsi_context *context;
    int listener;
    bool ended; // what was waited for has come
    int status; // and how
    bool logged_in;
    uint8_t tsih[2]; // as on the wire
    char local[64];
    unsigned local_port;
    char remote[64];
    unsigned remote_port;
    char error[512];
};

static void read_end(int fd, int (*name)(int, struct sockaddr *, socklen_t *), char address[64],
                     unsigned *port)
{
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof storage;
    char service[16];
    if (name(fd, (struct sockaddr *)&storage, &size) != 0 ||
        getnameinfo((struct sockaddr *)&storage, size, address, 64, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        die("the socket's ends can't be told");
    *port = (unsigned)strtoul(service, NULL, 10);
}

static void write_session(const struct daemon *daemon)
{
    char name[32];
    char beside[32];
    const struct wishes *wishes = daemon->wishes;
    prctl(PR_SET_PDEATHSIG, 0);
    snprintf(name, sizeof name, "%lu.session", daemon->number);
    snprintf(beside, sizeof beside, "%lu.new", daemon->number);
    FILE *file = fopen(beside, "we");
    if (file == NULL)
        die("%s: %s", beside, strerror(errno));
    // Each login makes a new session, and a new connection.
    unsigned long id = daemon->number << 16 | daemon->logins;
    fprintf(file, "session\t70017001%08x\t%016lx\t%s\t%s\t%s\t%s\t%02x%02x\t%d\n", 1U, id,
            wishes->initiator, wishes->target, wishes->target, wishes->isid, daemon->tsih[0],
            daemon->tsih[1], daemon->logged_in);
    if (daemon->logged_in)
        fprintf(file, "connection\t70017001%08x\t%016lx\t%s\t%u\t%s\t%u\t0000\n", 2U, id,
                daemon->local, daemon->local_port, daemon->remote, daemon->remote_port);
    if (fclose(file) != 0 || rename(beside, name) != 0)
        die("%s: %s", name, strerror(errno));
}

static void take_end(struct daemon *daemon, int status)
{
    daemon->ended = true;
    daemon->status = status;
    const char *error = iscsi_get_error(daemon->context);
    if (status != SCSI_STATUS_GOOD)
        snprintf(daemon->error, sizeof daemon->error, "%s", error != NULL ? error : "it failed");
}

static void on_login(struct iscsi_context *context, int status, void *data, void *argument)
{
    (void)context;
    (void)data;
    take_end(argument, status);
}

static void on_connect(struct iscsi_context *context, int status, void *data, void *argument)
{
    struct daemon *daemon = argument;
    (void)data;
    if (status == SCSI_STATUS_GOOD) {
        read_end(iscsi_get_fd(context), getsockname, daemon->local, &daemon->local_port);
        read_end(iscsi_get_fd(context), getpeername, daemon->remote, &daemon->remote_port);
        if (iscsi_login_async(context, on_login, daemon) == 0)
            return;
        status = SCSI_STATUS_ERROR;
    }
    take_end(daemon, status);
}

// libiscsi does not tell the TSIH. It is in the header of the last login response, which is looked
// at before libiscsi takes it.
static void look_for_tsih(struct daemon *daemon)
{
    enum { LOGIN_RESPONSE = 0x23, OPCODE = 0x3F, TRANSIT = 0x80, NEXT_STAGE = 3, TSIH = 14 };
    uint8_t header[LOGIN_HEADER];
    ssize_t size =
        recv(iscsi_get_fd(daemon->context), header, sizeof header, MSG_PEEK | MSG_DONTWAIT);
    if (size == LOGIN_HEADER && (header[0] & OPCODE) == LOGIN_RESPONSE &&
        (header[1] & TRANSIT) != 0 && (header[1] & NEXT_STAGE) == NEXT_STAGE)
        memcpy(daemon->tsih, header + TSIH, sizeof daemon->tsih);
}

// Until what was begun has ended.
static void serve(struct daemon *daemon)
{
    daemon->ended = false;
    while (!daemon->ended) {
        struct pollfd watched = {.fd = iscsi_get_fd(daemon->context),
                                 .events = (short)iscsi_which_events(daemon->context)};
        if (poll(&watched, 1, -1) < 0 && errno != EINTR)
            die("poll: %s", strerror(errno));
        if (watched.revents & POLLIN)
            look_for_tsih(daemon);
        if (iscsi_service(daemon->context, watched.revents) != 0 && !daemon->ended)
            take_end(daemon, SCSI_STATUS_ERROR);
    }
}

static unsigned hex(const char *digits, size_t from, size_t count)
{
    char text[9] = "";
    memcpy(text, digits + 2 * from, 2 * count);
    return (unsigned)strtoul(text, NULL, 16);
}

static int set_isid(struct iscsi_context *context, const char *isid)
{
    switch (hex(isid, 0, 1) >> 6) {
    case 0:
        return iscsi_set_isid_oui(context, hex(isid, 0, 3), hex(isid, 3, 3));
    case 1:
        return iscsi_set_isid_en(context, hex(isid, 1, 3), hex(isid, 4, 2));
    case 2:
        return iscsi_set_isid_random(context, hex(isid, 1, 3), hex(isid, 4, 2));
    default:
        return iscsi_set_isid_reserved(context);
    }
}

static void make_context(struct daemon *daemon)
{
    const struct wishes *wishes = daemon->wishes;
    if (daemon->context != NULL)
        iscsi_destroy_context(daemon->context);
    daemon->context = iscsi_create_context(wishes->initiator);
    if (daemon->context == NULL || set_isid(daemon->context, wishes->isid) != 0 ||
        iscsi_set_targetname(daemon->context, wishes->target) != 0 ||
        iscsi_set_session_type(daemon->context, ISCSI_SESSION_NORMAL) != 0 ||
        (is_given(wishes->user) &&
         iscsi_set_initiator_username_pwd(daemon->context, wishes->user, wishes->password) != 0) ||
        (is_given(wishes->mutual_user) &&
         iscsi_set_target_username_pwd(daemon->context, wishes->mutual_user,
                                       wishes->mutual_password) != 0))
        die("libiscsi does not take these options");
    iscsi_set_noautoreconnect(daemon->context, 1);
}

static bool is_redirected(const struct daemon *daemon)
{
    return daemon->status != SCSI_STATUS_GOOD &&
           iscsi_get_target_address(daemon->context)[0] != '\0' &&
           (daemon->status == SCSI_STATUS_REDIRECT || strstr(daemon->error, "Target moved"));
}

// Logs in, at another address where the target says so. False with `error`.
static bool log_in(struct daemon *daemon)
{
    char portal[256];
    snprintf(portal, sizeof portal, "%s", daemon->wishes->portal);
    make_context(daemon);
    for (int i = 0; i <= REDIRECTS_MAX; i++) {
        if (iscsi_connect_async(daemon->context, portal, on_connect, daemon) != 0) {
            snprintf(daemon->error, sizeof daemon->error, "%s", iscsi_get_error(daemon->context));
            return false;
        }
        serve(daemon);
        if (!is_redirected(daemon))
            break;
        const char *to = iscsi_get_target_address(daemon->context);
        snprintf(portal, sizeof portal, "%.*s", (int)strcspn(to, ","), to);
        iscsi_disconnect(daemon->context);
    }
    daemon->logged_in = daemon->status == SCSI_STATUS_GOOD;
    if (!daemon->logged_in)
        return false;
    daemon->logins++;
    write_session(daemon);
    publish();
    return true;
}

static void lose(struct daemon *daemon)
{
    iscsi_disconnect(daemon->context);
    daemon->logged_in = false;
    write_session(daemon);
    publish();
}

// False with `error` where the target did not let go.
static bool log_out(struct daemon *daemon)
{
    char name[32];
    if (daemon->logged_in) {
        if (iscsi_logout_async(daemon->context, on_login, daemon) != 0)
            take_end(daemon, SCSI_STATUS_ERROR);
        else
            serve(daemon);
    }
    snprintf(name, sizeof name, "%lu.session", daemon->number);
    unlink(name);
    publish();
    snprintf(name, sizeof name, "%lu.sock", daemon->number);
    unlink(name);
    return true;
}

// Answers a request on the socket: one word in, one line out. True when that was the last one.
static bool answer(struct daemon *daemon)
{
    char word[16] = "";
    int peer = accept4(daemon->listener, NULL, NULL, SOCK_CLOEXEC);
    if (peer < 0)
        return false;
    ssize_t size = recv(peer, word, sizeof word - 1, 0);
    bool last = size > 0 && strcmp(word, "logout") == 0;
    bool good = last ? log_out(daemon) : log_in(daemon);
    dprintf(peer, "%s\n", good ? "ok" : daemon->error);
    close(peer);
    return last;
}

static bool connection_lost(const struct daemon *daemon, short events)
{
    char byte;
    if (!daemon->logged_in || events == 0)
        return false;
    if (events & (POLLERR | POLLHUP))
        return true;
    return (events & POLLIN) &&
           recv(iscsi_get_fd(daemon->context), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

// Holds the session until it is told to log out.
static void hold(struct daemon *daemon)
{
    for (;;) {
        struct pollfd watched[2] = {{.fd = daemon->listener, .events = POLLIN}, {.fd = -1}};
        if (daemon->logged_in) {
            watched[1].fd = iscsi_get_fd(daemon->context);
            watched[1].events = (short)iscsi_which_events(daemon->context);
        }
        if (poll(watched, 2, -1) < 0)
            continue;
        if (connection_lost(daemon, watched[1].revents) ||
            (watched[1].revents != 0 && iscsi_service(daemon->context, watched[1].revents) != 0))
            lose(daemon);
        if (watched[0].revents & POLLIN && answer(daemon))
            return;
    }
}

// ---- the commands

static struct sockaddr_un socket_name(const struct wishes *wishes)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%.80s.sock", wishes->session);
    return name;
}

// Asks the session's daemon; 1 when there is none.
static int ask(const struct wishes *wishes, const char *word)
{
    struct sockaddr_un name = socket_name(wishes);
    char reply[512] = "";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
        return 1;
    if (send(fd, word, strlen(word), MSG_NOSIGNAL) < 0 || recv(fd, reply, sizeof reply - 1, 0) < 0)
        die("session %s: %s", wishes->session, strerror(errno));
    close(fd);
    if (strcmp(reply, "ok\n") != 0)
        die("session %s: %s", wishes->session, reply);
    return 0;
}

__attribute__((noreturn)) static void become_daemon(const struct wishes *wishes, pid_t command,
                                                    int report)
{
    struct daemon daemon = {.wishes = wishes, .number = strtoul(wishes->session, NULL, 10)};
    struct sockaddr_un name = socket_name(wishes);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    // Until it is logged in it ends with its command: nobody would know of a session that came
    // after.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != command)
        exit(1);
    setsid();
    daemon.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(name.sun_path);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || daemon.listener < 0 ||
        bind(daemon.listener, (struct sockaddr *)&name, sizeof name) != 0 ||
        listen(daemon.listener, 8) != 0)
        die("session %s: %s", wishes->session, strerror(errno));
    note_largest(daemon.number);
    bool good = log_in(&daemon);
    dprintf(report, "%s\n", good ? "ok" : daemon.error);
    close(report);
    if (!good)
        unlink(name.sun_path);
    if (!good || dup2(null, 2) < 0)
        exit(1);
    hold(&daemon);
    iscsi_destroy_context(daemon.context);
    exit(0);
}

static void login(const struct wishes *wishes)
{
    int report[2];
    char reply[512] = "";
    if (!is_given(wishes->portal) || !is_given(wishes->target) || !is_given(wishes->initiator) ||
        !is_given(wishes->isid) || strlen(wishes->isid) != 12)
        die("login: --portal, --target, --initiator and --isid are needed");
    if (has_fault(wishes, "fail"))
        die("login_tool: no such target, try another");
    if (has_fault(wishes, "hang"))
        pause();
    if (ask(wishes, "login") == 0)
        return;
    if (pipe2(report, O_CLOEXEC) != 0)
        die("pipe: %s", strerror(errno));
    pid_t command = getpid();
    pid_t pid = fork();
    if (pid < 0)
        die("fork: %s", strerror(errno));
    if (pid == 0)
        become_daemon(wishes, command, report[1]);
    close(report[1]);
    if (read(report[0], reply, sizeof reply - 1) <= 0 || strcmp(reply, "ok\n") != 0)
        die("session %s: %s", wishes->session, reply);
}

static void logout(const struct wishes *wishes)
{
    if (has_fault(wishes, "stay"))
        return;
    if (ask(wishes, "logout") != 0)
        die("session %s: it is not logged in", wishes->session);
}

// A session's line with what other tools do not know left out, or with what is wrong.
static void print_session(const struct wishes *wishes, char *line)
{
    char *fields[10] = {NULL};
    size_t count = 0;
    for (char *field; (field = strsep(&line, "\t")) != NULL && count < 10;)
        fields[count++] = field;
    if (wishes->terse)
        fields[5] = fields[6] = fields[7] = (char *)"-";
    if (has_fault(wishes, "other-tsid"))
        fields[7] = (char *)"7fff";
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i == 0 ? "" : "\t", fields[i]);
    putchar('\n');
}

static void list(const struct wishes *wishes)
{
    char line[2048];
    if (access("table", R_OK) != 0)
        publish();
    FILE *table = fopen("table", "re");
    if (table == NULL)
        die("table: %s", strerror(errno));
    bool extra = has_fault(wishes, "extra");
    fputs("noise on stderr is nobody's business\n", stderr);
    while (fgets(line, sizeof line, table) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "session\t", 8) == 0) {
            if (extra)
                printf("session\t-\t-\t-\tiqn.2024-01.test:of-another\t-\t-\t-\t-\n");
            extra = false;
            print_session(wishes, line);
        } else if (strncmp(line, "connection\t", 11) == 0 && wishes->terse) {
            puts("connection\t-\t-\t-\t-\t-\t-\t-");
        } else if (strncmp(line, "end\t", 4) != 0) {
            puts(line);
        }
    }
    fclose(table);
}

static struct wishes read_wishes(int argc, char **argv)
{
    struct wishes wishes = {0};
    static const struct option options[] = {{"folder", required_argument, NULL, 'f'},
                                            {"session", required_argument, NULL, 's'},
                                            {"portal", required_argument, NULL, 'p'},
                                            {"target", required_argument, NULL, 't'},
                                            {"initiator", required_argument, NULL, 'i'},
                                            {"isid", required_argument, NULL, 'd'},
                                            {"user", required_argument, NULL, 'u'},
                                            {"password", required_argument, NULL, 'w'},
                                            {"mutual-user", required_argument, NULL, 'U'},
                                            {"mutual-password", required_argument, NULL, 'W'},
                                            {"fault", required_argument, NULL, 'x'},
                                            {"terse", no_argument, NULL, 'T'},
                                            {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        const char **to = option == 'f'   ? &wishes.folder
                          : option == 's' ? &wishes.session
                          : option == 'p' ? &wishes.portal
                          : option == 't' ? &wishes.target
                          : option == 'i' ? &wishes.initiator
                          : option == 'd' ? &wishes.isid
                          : option == 'u' ? &wishes.user
                          : option == 'w' ? &wishes.password
                          : option == 'U' ? &wishes.mutual_user
                          : option == 'W' ? &wishes.mutual_password
                          : option == 'x' ? &wishes.fault
                                          : NULL;
        if (option == 'T')
            wishes.terse = true;
        else if (to == NULL)
            die("login_tool: see the head of its source");
        else
            *to = optarg;
    }
    return wishes;
}

int main(int argc, char **argv)
{
    struct wishes wishes = read_wishes(argc, argv);
    const char *command = optind < argc ? argv[optind] : "";
    if (wishes.folder == NULL || chdir(wishes.folder) != 0)
        die("--folder: %s", wishes.folder == NULL ? "missing" : strerror(errno));
    if (strcmp(command, "list") == 0)
        list(&wishes);
    else if (!is_given(wishes.session) || strtoul(wishes.session, NULL, 10) == 0 ||
             strtoul(wishes.session, NULL, 10) > SESSIONS_MAX)
        die("--session: a number is needed");
    else if (strcmp(command, "login") == 0)
        login(&wishes);
    else if (strcmp(command, "logout") == 0)
        logout(&wishes);
    else
        die("login, logout or list?");
    return 0;
}
