// SPDX-License-Identifier: Apache-2.0
// The program's entry and the few functions of the C library that the host and the compiler need.
// The host links no C library on Windows: the one that the library under test uses is the library's
// own business, with its handlers, its locale and its standard streams.
#include "harness/host/host_windows.h"
#include "harness/host/protocol.h"

#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments);
void host_entry(void);
void __main(void); // NOLINT(bugprone-reserved-identifier): GCC has main() call it, for C++

enum { ARGUMENTS_MAX = 8 };

// The heap is the host's own, so that what it allocates is not taken for the library's.
static HANDLE heap;

void *calloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    if (heap == NULL)
        heap = HeapCreate(0, 0, 0);
    return heap == NULL ? NULL : HeapAlloc(heap, HEAP_ZERO_MEMORY, count * size);
}

void free(void *memory)
{
    if (memory != NULL)
        HeapFree(heap, 0, memory);
}

void *memcpy(void *restrict into, const void *restrict from, size_t size)
{
    void *at = into;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
    return into;
}

void *memset(void *into, int value, size_t size)
{
    void *at = into;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(value) : "memory");
    return into;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const uint8_t *one = left;
    const uint8_t *other = right;
    uint64_t words[2];
    for (; size >= sizeof words[0]; size -= sizeof words[0]) {
        __builtin_memcpy(&words[0], one, sizeof words[0]);
        __builtin_memcpy(&words[1], other, sizeof words[1]);
        if (words[0] != words[1])
            break;
        one += sizeof words[0];
        other += sizeof words[1];
    }
    for (; size > 0; size--, one++, other++)
        if (*one != *other)
            return *one < *other ? -1 : 1;
    return 0;
}

void *memchr(const void *bytes, int value, size_t size)
{
    const uint8_t *at = bytes;
    for (; size > 0; size--, at++)
        if (*at == (uint8_t)value)
            return (void *)at;
    return NULL;
}

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

size_t strnlen(const char *text, size_t most)
{
    size_t length = 0;
    while (length < most && text[length] != '\0')
        length++;
    return length;
}

char *strchr(const char *text, int value)
{
    for (; *text != (char)value; text++)
        if (*text == '\0')
            return NULL;
    return (char *)text;
}

// --- the entry

void __main(void) // NOLINT(bugprone-reserved-identifier)
{
}

static char *to_utf8(const wchar_t *text, int length)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, length, NULL, 0, NULL, NULL);
    char *result = calloc((size_t)size + 1, 1);
    if (result != NULL)
        WideCharToMultiByte(CP_UTF8, 0, text, length, result, size, NULL, NULL);
    return result;
}

// The next argument of a command line, written to `into`, as every C library of Windows splits it:
// backslashes are special only before a quote. What is left of the line; NULL: there was none.
static const wchar_t *next_argument(const wchar_t *at, wchar_t *into, int *length)
{
    bool quoted = false;
    *length = 0;
    while (*at == ' ' || *at == '\t')
        at++;
    if (*at == '\0')
        return NULL;
    while (*at != '\0' && (quoted || (*at != ' ' && *at != '\t'))) {
        int slashes = 0;
        while (*at == '\\') {
            slashes++;
            at++;
        }
        bool before_quote = *at == '"';
        for (int i = before_quote ? slashes / 2 : slashes; i > 0; i--)
            into[(*length)++] = '\\';
        if (!before_quote && slashes > 0)
            continue;
        if (before_quote && slashes % 2 == 0)
            quoted = !quoted;
        else
            into[(*length)++] = *at;
        at++;
    }
    return at;
}

static DWORD WINAPI run_main(void *unused)
{
    static char *arguments[ARGUMENTS_MAX + 1];
    const wchar_t *line = GetCommandLineW();
    size_t size = (size_t)lstrlenW(line) + 1;
    wchar_t *text = calloc(size, sizeof *text);
    int count = 0;
    int length = 0;
    (void)unused;
    while (text != NULL && count < ARGUMENTS_MAX &&
           (line = next_argument(line, text, &length)) != NULL) {
        arguments[count] = to_utf8(text, length);
        if (arguments[count++] == NULL)
            os_end(HOST_EXIT_USAGE);
    }
    if (count == 2 && strlen(arguments[1]) == 6 && memcmp(arguments[1], "--keep", 6) == 0)
        windows_keep();
    os_end(main(count, arguments));
}

// The first thread only waits: where the library ends the thread that calls it, the process must
// end with a reason.
__attribute__((force_align_arg_pointer)) void host_entry(void)
{
    DWORD id = 0;
    HANDLE thread = CreateThread(NULL, 0, run_main, NULL, 0, &id);
    if (thread == NULL)
        os_end(HOST_EXIT_USAGE);
    windows_thread_await(thread, id);
    os_say("the library ended the thread that called it");
    os_end(HOST_EXIT_THREAD);
}
