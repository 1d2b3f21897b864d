// SPDX-License-Identifier: Apache-2.0
// The listener: its command line, its peers, and who of them is served.
#include "harness/host/listener.h"

#include "harness/host/host_os.h"

#include <stdlib.h>
#include <string.h>

enum {
    PEERS_MAX = 16,           // that have not shown the token yet
    TOKEN_PATIENCE_MS = 5000, // for a peer to show it
    // For the host of the connection before: a kit ends one and begins the next at once.
    TURN_PATIENCE_MS = 5000,
    STOP_PATIENCE_MS = 5000,
    READ_PATIENCE_MS = 1000,
    ROOM_PATIENCE_MS = 1000,
    TEXT_SIZE = 2048,
    NUMBER_SIZE = 16,
};

static const char help[] =
    "Usage: iscsidsc-tck-host --listen ADDRESS:PORT --token-file FILE [--allow-remote] LIBRARY\n"
    "\n"
    "Waits for iscsidsc-tck, and makes the calls of LIBRARY that it asks for: on the machine of\n"
    "the kit, or on another one. LIBRARY is loaded in a process of its own, which is a new one\n"
    "for each connection.\n"
    "\n"
    "  --listen ADDRESS:PORT  where to wait, in digits: 127.0.0.1:40123, [::1]:40123; port 0\n"
    "                         takes one that is free. The first line on standard output says it.\n"
    "  --token-file FILE      a secret of 16 to 256 characters that the kit has to show. Nobody\n"
    "                         else may read the file (chmod 600).\n"
    "  --allow-remote         allow an ADDRESS that other machines reach. Whoever has the token\n"
    "                         can then have LIBRARY called on this machine. The token and all "
    "else\n"
    "                         travel in clear: use a network that you trust, or a tunnel.\n"
    "\n"
    "Example:\n"
    "  (umask 077; head -c 24 /dev/urandom | base64 > token)\n"
    "  iscsidsc-tck-host --listen 127.0.0.1:40123 --token-file token ./libiscsidsc.so\n"
    "and there, where the kit is:\n"
    "  iscsidsc-tck run --host tcp://127.0.0.1:40123 --token-file token\n"
    "\n"
    "Ctrl-C ends it. Exit status: 0, or 112 where it could not begin.\n"
    "\n"
    "Without --listen this program is started by iscsidsc-tck only: CHANNEL LIBRARY.\n";

struct peer {
    bool taken;
    os_socket socket;
    uint64_t since; // which came first
    bool stranger;  // it has not shown the token
};

static struct listener the_listener;
static struct peer
    peers[2 * PEERS_MAX]; // those that wait to be served, or are told that they are not
static uint64_t peer_count;

// --- the command line

struct options {
    const char *listen;
    const char *token_file;
    const char *library;
    bool allow_remote;
    bool help;
};

static bool is(const char *text, const char *other)
{
    size_t length = strlen(other);
    return strlen(text) == length && memcmp(text, other, length) == 0;
}

bool listener_is_meant(int count, char **arguments)
{
    return count > 1 && arguments[1][0] == '-';
}

// Says the pieces, up to a NULL, as one line; returns HOST_EXIT_USAGE.
static int complain(const char *const *pieces)
{
    char text[TEXT_SIZE];
    size_t used = 0;
    for (; *pieces != NULL; pieces++) {
        size_t length = strnlen(*pieces, sizeof text - 1 - used);
        memcpy(text + used, *pieces, length);
        used += length;
    }
    text[used] = '\0';
    os_say(text);
    return HOST_EXIT_USAGE;
}

#define COMPLAIN(...) complain((const char *const[]){__VA_ARGS__, NULL})

static const char **value_of(struct options *options, const char *name)
{
    return is(name, "--listen")       ? &options->listen
           : is(name, "--token-file") ? &options->token_file
                                      : NULL;
}

static int parse(struct options *options, int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        const char **value = value_of(options, arguments[i]);
        if (value != NULL && i + 1 < count)
            *value = arguments[++i];
        else if (value != NULL)
            return COMPLAIN(arguments[i], " needs a value; --help says which");
        else if (is(arguments[i], "--allow-remote"))
            options->allow_remote = true;
        else if (is(arguments[i], "--help") || is(arguments[i], "-h"))
            options->help = true;
        else if (arguments[i][0] == '-')
            return COMPLAIN(arguments[i], ": there is no such option; --help says which there are");
        else if (options->library != NULL)
            return COMPLAIN(arguments[i], ": one library only, and ", options->library,
                            " is named already");
        else
            options->library = arguments[i];
    }
    if (options->help)
        return 0;
    if (options->listen == NULL || options->token_file == NULL || options->library == NULL)
        return COMPLAIN(options->listen == NULL       ? "--listen ADDRESS:PORT"
                        : options->token_file == NULL ? "--token-file FILE"
                                                      : "LIBRARY",
                        " is missing; --help says more");
    return 0;
}

static int read_token(const char *path)
{
    static char text[RELAY_TOKEN_MAX * 2];
    const char *error = NULL;
    long size = os_read_secret(path, text, sizeof text, &error);
    if (size < 0)
        return COMPLAIN("--token-file ", path, ": ", error);
    if (!relay_token_parse(the_listener.token, text, (size_t)size))
        return COMPLAIN("--token-file ", path,
                        ": give it 16 to 256 characters without blanks, such as "
                        "\"head -c 24 /dev/urandom | base64\" makes");
    memset(text, 0, sizeof text);
    return 0;
}

static int check_address(const struct options *options, char *address, size_t size, uint16_t *port)
{
    enum os_address kind = relay_address_split(options->listen, address, size, port)
                               ? os_address_kind(address)
                               : OS_ADDRESS_NONE;
    if (kind == OS_ADDRESS_NONE)
        return COMPLAIN("--listen ", options->listen,
                        ": give an address in digits and a port, such as 127.0.0.1:40123 or "
                        "[::1]:40123");
    if (kind == OS_ADDRESS_OTHER && !options->allow_remote)
        return COMPLAIN("--listen ", options->listen,
                        ": other machines reach that address: whoever has the token could have "
                        "the library called there, and the token travels in clear; listen on "
                        "127.0.0.1, or allow it with --allow-remote");
    return 0;
}

// --- peers

static uint64_t now_ms(void)
{
    return os_now_ns() / 1000000;
}

static struct peer *find_peer(void)
{
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
        if (!peers[i].taken)
            return &peers[i];
    return NULL;
}

// Ends the connection of the peer that has been silent longest, if there are too many: none that
// says nothing keeps others out.
static void make_room(void)
{
    struct peer *oldest = NULL;
    size_t waiting = 0;
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
        struct peer *peer = &peers[i];
        if (!peer->taken || !peer->stranger)
            continue;
        waiting++;
        if (oldest == NULL || peer->since < oldest->since)
            oldest = peer;
    }
    if (waiting >= PEERS_MAX) {
        oldest->stranger = false;
        os_socket_shut(oldest->socket);
    }
}

// Reads the whole request in time. The status, or -1 when there is no answer to that.
static int read_request(os_socket socket, struct relay_request *request)
{
    uint8_t bytes[RELAY_REQUEST_SIZE];
    uint64_t deadline = now_ms() + TOKEN_PATIENCE_MS;
    uint32_t version = 0;
    size_t have = 0;
    while (have < sizeof bytes) {
        uint64_t now = now_ms();
        long got = now < deadline ? os_socket_read(socket, bytes + have, sizeof bytes - have,
                                                   (unsigned)(deadline - now))
                                  : -1;
        if (got <= 0)
            return -1;
        have += (size_t)got;
        // What is no request, or one of another version, is known from its first bytes.
        if (have < RELAY_START_SIZE)
            continue;
        int read = relay_request_decode(request, &version, bytes, have);
        if (read == RELAY_START_SIZE)
            return RELAY_OTHER_VERSION;
        if (read < 0 && (version != RELAY_VERSION || have == sizeof bytes))
            return -1;
    }
    return relay_token_equal(request->token, the_listener.token) ? RELAY_WELCOME
                                                                 : RELAY_WRONG_TOKEN;
}

// Waits until no other peer has the seat. False when it takes too long.
static bool take_turn(struct listener_seat *seat)
{
    uint64_t deadline = now_ms() + TURN_PATIENCE_MS;
    while (now_ms() < deadline) {
        os_lock_take(the_listener.lock);
        bool free = !seat->serving && !the_listener.stopping;
        if (free)
            seat->serving = true;
        os_lock_give(the_listener.lock);
        if (free)
            return true;
        os_sleep(1);
    }
    return false;
}

static void leave_turn(struct listener_seat *seat)
{
    os_lock_take(the_listener.lock);
    seat->serving = false;
    os_lock_give(the_listener.lock);
}

// A connection that is closed before all that came was read loses what was sent.
static void let_it_read(os_socket socket)
{
    uint8_t dropped[1024];
    os_socket_end_writing(socket);
    for (uint64_t deadline = now_ms() + READ_PATIENCE_MS; now_ms() < deadline;)
        if (os_socket_read(socket, dropped, sizeof dropped, READ_PATIENCE_MS) <= 0)
            return;
}

static void serve_peer(os_socket socket, struct peer *peer)
{
    static const struct relay_request none;
    struct relay_request request = none;
    int status = read_request(socket, &request);
    os_lock_take(the_listener.lock);
    peer->stranger = status != RELAY_WELCOME;
    os_lock_give(the_listener.lock);
    struct listener_seat *seat = &the_listener.seats[request.seat];
    if (status == RELAY_WELCOME && take_turn(seat)) {
        session_run(&the_listener, socket, &request);
        leave_turn(seat);
    } else if (status >= 0) {
        session_answer(&the_listener, socket,
                       status == RELAY_WELCOME ? RELAY_BUSY : (enum relay_status)status);
        let_it_read(socket);
    }
}

static void run_peer(void *argument)
{
    struct peer *peer = argument;
    serve_peer(peer->socket, peer);
    os_lock_take(the_listener.lock);
    os_socket_close(peer->socket);
    peer->taken = false;
    os_lock_give(the_listener.lock);
}

// A place for a new peer; those that make room for it take a moment. NULL: there is none.
static struct peer *take_place(os_socket socket)
{
    struct peer *peer = NULL;
    for (uint64_t deadline = now_ms() + ROOM_PATIENCE_MS; peer == NULL && now_ms() < deadline;) {
        os_lock_take(the_listener.lock);
        make_room();
        peer = find_peer();
        if (peer != NULL)
            *peer = (struct peer){true, socket, ++peer_count, true};
        os_lock_give(the_listener.lock);
        if (peer == NULL)
            os_sleep(1);
    }
    return peer;
}

static void accept_peer(os_socket listening)
{
    os_socket socket = os_socket_accept(listening);
    if (socket == OS_NO_SOCKET) {
        os_sleep(10); // no descriptors, perhaps: peers that give up free some
        return;
    }
    struct peer *peer = take_place(socket);
    if (peer != NULL && os_thread_run(run_peer, peer) == 0)
        return;
    os_socket_close(socket);
    os_lock_take(the_listener.lock);
    if (peer != NULL)
        peer->taken = false;
    os_lock_give(the_listener.lock);
}

// --- begin and end

// With the lock taken.
static bool is_serving(void)
{
    bool serving = false;
    for (size_t i = 0; i < RELAY_SEATS; i++)
        serving = serving || the_listener.seats[i].serving;
    return serving;
}

// In a thread of its own, at a signal. The threads that serve reap the children.
static void stop(void)
{
    os_lock_take(the_listener.lock);
    the_listener.stopping = true;
    for (size_t i = 0; i < RELAY_SEATS; i++) {
        const struct listener_seat *seat = &the_listener.seats[i];
        // First the connection: the kit would take the child's end for the library's doing.
        if (seat->serving && seat->served != OS_NO_SOCKET)
            os_socket_shut(seat->served);
        if (seat->child != NULL)
            os_child_kill(seat->child);
    }
    bool serving = is_serving();
    os_lock_give(the_listener.lock);
    for (uint64_t deadline = now_ms() + STOP_PATIENCE_MS; serving && now_ms() < deadline;) {
        os_sleep(1);
        os_lock_take(the_listener.lock);
        serving = is_serving();
        os_lock_give(the_listener.lock);
    }
    os_end(0);
}

// In `text`, which it need not begin.
static const char *number_to_text(unsigned number, char text[static NUMBER_SIZE])
{
    char *at = text + NUMBER_SIZE - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return at;
}

static int announce(const char *address, uint16_t port)
{
    char number[NUMBER_SIZE];
    bool is_ipv6 = strchr(address, ':') != NULL;
    return os_print("listening on ") && os_print(is_ipv6 ? "[" : "") && os_print(address) &&
                   os_print(is_ipv6 ? "]:" : ":") && os_print(number_to_text(port, number)) &&
                   os_print("\n")
               ? 0
               : COMPLAIN("standard output can't be written to");
}

int listener_main(int count, char **arguments)
{
    struct options options = {0};
    char address[64];
    char number[NUMBER_SIZE];
    uint16_t port = 0;
    int error = 0;
    if (parse(&options, count, arguments) != 0)
        return HOST_EXIT_USAGE;
    if (options.help)
        return os_print(help) ? 0 : HOST_EXIT_USAGE;
    the_listener.lock = os_lock_create();
    for (size_t i = 0; i < RELAY_SEATS; i++)
        the_listener.seats[i].served = OS_NO_SOCKET;
    os_platform(the_listener.platform, sizeof the_listener.platform);
    if (the_listener.lock == NULL || os_listener_begin(stop) != 0)
        return COMPLAIN("this system gives no sockets or no memory");
    if (check_address(&options, address, sizeof address, &port) != 0 ||
        read_token(options.token_file) != 0)
        return HOST_EXIT_USAGE;
    if (!os_absolute_path(options.library, the_listener.library, sizeof the_listener.library))
        return COMPLAIN(options.library, ": there is no such file, or its path is too long");
    os_socket listening = os_socket_listen(address, &port, &error);
    if (listening == OS_NO_SOCKET) {
        return COMPLAIN("--listen ", options.listen, ": can't be listened on: error ",
                        number_to_text((unsigned)error, number),
                        "; is the port in use, or the address another machine's?");
    }
    if (announce(address, port) != 0)
        return HOST_EXIT_USAGE;
    for (;;)
        accept_peer(listening);
}
