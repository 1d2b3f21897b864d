// SPDX-License-Identifier: Apache-2.0
// A program that stays while a prefix of Wine is in use. A program that finds no event of that name
// makes it, starts wineboot and waits for its end; one that finds it waits until it is set. The
// kit's prefix has no wineboot, so that nothing has to be set up: each program would try in vain to
// start it, which takes as long as a program does. This one makes the event, sets it and keeps it.
//
//     iscsidsc-tck-host --keep
#include "harness/host/host_windows.h"

struct unicode_string {
    USHORT size; // bytes, without the terminator
    USHORT room;
    wchar_t *text;
};

struct object_attributes {
    ULONG size;
    HANDLE folder;
    const struct unicode_string *name;
    ULONG flags;
    void *security;
    void *quality;
};

typedef LONG(WINAPI *create_event_function)(HANDLE *event, ACCESS_MASK access,
                                            const struct object_attributes *attributes, int type,
                                            BOOLEAN is_set);
typedef LONG(WINAPI *set_event_function)(HANDLE event, LONG *before);

static void set_boot_event(void)
{
    static wchar_t text[] = L"\\KernelObjects\\__wineboot_event";
    const struct unicode_string name = {sizeof text - sizeof *text, sizeof text, text};
    enum { OPEN_IF = 0x80, NOTIFICATION = 0 };
    const struct object_attributes attributes = {
        .size = sizeof attributes, .name = &name, .flags = OPEN_IF};
    create_event_function create_event = NULL;
    set_event_function set_event = NULL;
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    FARPROC found = GetProcAddress(ntdll, "NtCreateEvent");
    __builtin_memcpy(&create_event, &found, sizeof found);
    found = GetProcAddress(ntdll, "NtSetEvent");
    __builtin_memcpy(&set_event, &found, sizeof found);
    HANDLE event = NULL;
    if (create_event != NULL && set_event != NULL &&
        create_event(&event, EVENT_ALL_ACCESS, &attributes, NOTIFICATION, TRUE) >= 0)
        set_event(event, NULL); // another may have made it
}

void windows_keep(void)
{
    static const char line[] = "kept\n";
    DWORD written = 0;
    set_boot_event();
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, sizeof line - 1, &written, NULL);
    Sleep(INFINITE);
}
