// SPDX-License-Identifier: Apache-2.0
// A program that stays while a prefix of Wine is in use. The first program in a prefix starts
// wineboot, and all others wait until that has set an event. The kit's prefix has no wineboot, so
// that nothing has to be set up: nobody would set the event, and every program but the first would
// wait for minutes. This one is the first, sets the event and keeps it.
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

typedef LONG(WINAPI *open_event_function)(HANDLE *event, ACCESS_MASK access,
                                          const struct object_attributes *attributes);
typedef LONG(WINAPI *set_event_function)(HANDLE event, LONG *before);

static void set_boot_event(void)
{
    static wchar_t text[] = L"\\KernelObjects\\__wineboot_event";
    const struct unicode_string name = {sizeof text - sizeof *text, sizeof text, text};
    const struct object_attributes attributes = {.size = sizeof attributes, .name = &name};
    open_event_function open_event = NULL;
    set_event_function set_event = NULL;
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    FARPROC found = GetProcAddress(ntdll, "NtOpenEvent");
    __builtin_memcpy(&open_event, &found, sizeof found);
    found = GetProcAddress(ntdll, "NtSetEvent");
    __builtin_memcpy(&set_event, &found, sizeof found);
    HANDLE event = NULL;
    if (open_event != NULL && set_event != NULL &&
        open_event(&event, EVENT_MODIFY_STATE, &attributes) == 0)
        set_event(event, NULL);
}

void windows_keep(void)
{
    static const char line[] = "kept\n";
    DWORD written = 0;
    set_boot_event();
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, sizeof line - 1, &written, NULL);
    Sleep(INFINITE);
}
