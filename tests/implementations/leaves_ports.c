// SPDX-License-Identifier: Apache-2.0
// An implementation whose every call ends its process, and leaves in the network what the
// environment variable LEFT_BEHIND says: "nothing", "wait" (a port in TIME_WAIT), "child" (a
// process that has the port). It adds a line to the file that SEEN_NETWORK names: which network it
// is in, what came of taking the port, and whether the settings of the network can be changed.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);

// Without SO_REUSEADDR: -1 where anybody has it, or had it a moment ago.
static int take_port(struct sockaddr_in *address)
{
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(47001)};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return bind(fd, (struct sockaddr *)address, sizeof *address) == 0 && listen(fd, 1) == 0 ? fd
                                                                                            : -1;
}

// Who closes a connection first has it in TIME_WAIT for a minute.
static void leave_waiting(int fd, const struct sockaddr_in *address)
{
    int other = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(other, (const struct sockaddr *)address, sizeof *address) == 0)
        close(accept(fd, NULL, NULL));
    close(other);
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    const char *left = getenv("LEFT_BEHIND");
    const char *path = getenv("SEEN_NETWORK");
    struct sockaddr_in address;
    struct stat network = {0};
    (void)size;
    (void)count;
    (void)buffer;
    if (left == NULL || path == NULL)
        return 1;
    int fd = strcmp(left, "nothing") != 0 ? take_port(&address) : 0;
    stat("/proc/self/ns/net", &network);
    int settings = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY);
    FILE *seen = fopen(path, "ae");
    if (seen == NULL)
        return 1;
    fprintf(seen, "%lu %s %s\n", (unsigned long)network.st_ino, fd < 0 ? "refused" : "taken",
            settings < 0 ? "closed" : "open");
    fclose(seen);
    if (strcmp(left, "wait") == 0)
        leave_waiting(fd, &address);
    if (strcmp(left, "child") == 0 && fork() == 0) {
        setsid();
        for (;;)
            pause();
    }
    abort();
}
