// SPDX-License-Identifier: Apache-2.0
// Loads an implementation, asks it for the sessions in A and in W, and prints what it says: one
// line for each session and connection, strings in hexadecimal. It is built for Windows and for
// Unix, so that the two can be compared.
//
//     print_sessions FILE
//     print_sessions --keep     only prints "ready", and stays until the end of standard input:
//     under Wine
//                               others can then start side by side
#include "session_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#include <winternl.h>

typedef NTSTATUS NTAPI open_event(HANDLE *handle, ACCESS_MASK access,
                                  OBJECT_ATTRIBUTES *attributes);
typedef NTSTATUS NTAPI set_event(HANDLE handle, LONG *previous);

// Each program that Wine starts waits for the end of wineboot, of which this event tells. Where
// wineboot is switched off, the first program makes the event and nobody ever sets it: a second one
// would wait for minutes as long as the first one runs. The event stays open, and so stays set.
static void let_others_start(void)
{
    WCHAR name[] = L"\\KernelObjects\\__wineboot_event";
    UNICODE_STRING text = {sizeof name - sizeof *name, sizeof name, name};
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes, .ObjectName = &text};
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    HANDLE event = NULL;
    open_event *open = (open_event *)(void *)GetProcAddress(ntdll, "NtOpenEvent");
    set_event *set = (set_event *)(void *)GetProcAddress(ntdll, "NtSetEvent");
    if (open && set && open(&event, EVENT_MODIFY_STATE, &attributes) == 0)
        (void)set(event, NULL);
}

static void *load(const char *path)
{
    return LoadLibraryA(path);
}

static void *find(void *library, const char *name)
{
    return (void *)GetProcAddress(library, name);
}
#else
#include <dlfcn.h>

static void let_others_start(void)
{
}

static void *load(const char *path)
{
    return dlopen(path, RTLD_NOW);
}

static void *find(void *library, const char *name)
{
    return dlsym(library, name);
}
#endif

static union {
    uint64_t alignment;
    unsigned char bytes[1 << 20];
} buffer;

static void print_bytes(const char *name, const uint8_t *bytes, size_t size)
{
    printf(" %s=", name);
    for (size_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
}

static void print_a(const char *name, const char *string)
{
    printf(" %s=", name);
    for (; string && *string; string++)
        printf("%02x", (unsigned char)*string);
}

static void print_w(const char *name, const uint16_t *string)
{
    printf(" %s=", name);
    for (; string && *string; string++)
        printf("%04x", *string);
}

// Says for both charsets what the list has at `info`: the types differ, the members' names do not.
#define PRINT_LIST(letter, print, info, count)                                                     \
    for (uint32_t i = 0; i < (count); i++) {                                                       \
        printf(letter " session %016" PRIx64 "%016" PRIx64, (info)[i].session_id.adapter_unique,   \
               (info)[i].session_id.adapter_specific);                                             \
        print("initiator", (info)[i].initiator_name);                                              \
        print("node", (info)[i].target_node_name);                                                 \
        print("target", (info)[i].target_name);                                                    \
        print_bytes("isid", (info)[i].isid, sizeof(info)[i].isid);                                 \
        print_bytes("tsid", (info)[i].tsid, sizeof(info)[i].tsid);                                 \
        printf("\n");                                                                              \
        for (uint32_t k = 0; k < (info)[i].connection_count; k++) {                                \
            printf(letter " connection %016" PRIx64 "%016" PRIx64,                                 \
                   (info)[i].connections[k].connection_id.adapter_unique,                          \
                   (info)[i].connections[k].connection_id.adapter_specific);                       \
            print("initiator", (info)[i].connections[k].initiator_address);                        \
            print("target", (info)[i].connections[k].target_address);                              \
            print_bytes("cid", (info)[i].connections[k].cid, 2);                                   \
            printf(" ports=%d,%d\n", (info)[i].connections[k].initiator_socket,                    \
                   (info)[i].connections[k].target_socket);                                        \
        }                                                                                          \
    }

static void ask_a(iscsi_session_list_a *function)
{
    iscsi_session_info_a *info = (void *)buffer.bytes;
    uint32_t size = sizeof buffer;
    uint32_t count = 0;
    uint32_t status = function(&size, &count, info);
    printf("A status=%#" PRIx32 " count=%" PRIu32 "\n", status, count);
    if (status == LIST_SUCCESS)
        PRINT_LIST("a", print_a, info, count)
}

static void ask_w(iscsi_session_list_w *function)
{
    iscsi_session_info_w *info = (void *)buffer.bytes;
    uint32_t size = sizeof buffer;
    uint32_t count = 0;
    uint32_t status = function(&size, &count, info);
    printf("W status=%#" PRIx32 " count=%" PRIu32 "\n", status, count);
    if (status == LIST_SUCCESS)
        PRINT_LIST("w", print_w, info, count)
}

static void keep(void)
{
    printf("ready\n");
    (void)fflush(stdout);
    while (getchar() != EOF) {
    }
}

int main(int count, char **arguments)
{
    let_others_start();
    if (count == 2 && strcmp(arguments[1], "--keep") == 0) {
        keep();
        return EXIT_SUCCESS;
    }
    void *library = count == 2 ? load(arguments[1]) : NULL;
    if (!library) {
        fprintf(stderr, "print_sessions: %s can't be loaded\n", count == 2 ? arguments[1] : "FILE");
        return EXIT_FAILURE;
    }
    void *a = find(library, ISCSI_SESSION_LIST_NAME_A);
    void *w = find(library, ISCSI_SESSION_LIST_NAME_W);
    printf("exported: A %d, W %d\n", a != NULL, w != NULL);
    if (a)
        ask_a((iscsi_session_list_a *)a);
    if (w)
        ask_w((iscsi_session_list_w *)w);
    return EXIT_SUCCESS;
}
