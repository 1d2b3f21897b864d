// SPDX-License-Identifier: Apache-2.0
// The library under test on Windows: loading it, finding its functions, and what its file says.
#include "harness/host/host_windows.h"
#include "harness/host/protocol.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

static void append(char *text, size_t size, const char *more)
{
    size_t length = strlen(text);
    lstrcpynA(text + length, more, (int)(size - length));
}

static void append_number(char *text, size_t size, uint32_t number, uint32_t base)
{
    char digits[16] = "";
    size_t at = sizeof digits - 1;
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    append(text, size, digits + at);
}

// The system's words for an error, without the line's end.
static void append_error(char *text, size_t size, DWORD error)
{
    wchar_t words[256];
    char utf8[512];
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                                  error, 0, words, 256, NULL);
    while (length > 0 && (words[length - 1] <= ' ' || words[length - 1] == '.'))
        length--;
    int bytes =
        WideCharToMultiByte(CP_UTF8, 0, words, (int)length, utf8, sizeof utf8 - 1, NULL, NULL);
    utf8[bytes > 0 ? bytes : 0] = '\0';
    append(text, size, utf8);
    append(text, size, " (error ");
    append_number(text, size, error, 10);
    append(text, size, ")");
}

// --- the file as it is loaded

// What lies at a relative virtual address. NULL: outside of the image.
static const void *at_address(const uint8_t *base, uint32_t address, uint32_t size)
{
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *header = (const void *)(base + dos->e_lfanew);
    uint32_t end = header->OptionalHeader.SizeOfImage;
    return address == 0 || address > end || size > end - address ? NULL : base + address;
}

static const IMAGE_DATA_DIRECTORY *directory_of(const uint8_t *base, unsigned which)
{
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *header = (const void *)(base + dos->e_lfanew);
    if (which >= header->OptionalHeader.NumberOfRvaAndSizes)
        return NULL;
    const IMAGE_DATA_DIRECTORY *directory = &header->OptionalHeader.DataDirectory[which];
    return at_address(base, directory->VirtualAddress, directory->Size) == NULL ? NULL : directory;
}

static bool contains(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (size_t left = strlen(text); left >= length; left--, text++)
        if (memcmp(text, part, length) == 0)
            return true;
    return false;
}

// An exported name that has one of the functions' in it but is neither.
static void find_decorated(const uint8_t *base, char *decorated, size_t size)
{
    static const char part[] = "GetIScsiSessionList";
    const IMAGE_DATA_DIRECTORY *directory = directory_of(base, IMAGE_DIRECTORY_ENTRY_EXPORT);
    if (directory == NULL || directory->Size < sizeof(IMAGE_EXPORT_DIRECTORY))
        return;
    const IMAGE_EXPORT_DIRECTORY *exports = at_address(base, directory->VirtualAddress, 1);
    const DWORD *names =
        at_address(base, exports->AddressOfNames, exports->NumberOfNames * (uint32_t)sizeof *names);
    for (DWORD i = 0; names != NULL && i < exports->NumberOfNames; i++) {
        const char *name = at_address(base, names[i], sizeof part);
        if (name == NULL || !contains(name, part))
            continue;
        const char *end = name + strlen(name) - 1;
        bool plain = memcmp(name, part, sizeof part - 1) == 0 && name[sizeof part - 1] != '\0' &&
                     name + sizeof part - 1 == end;
        bool other = memcmp(name, "GetIScsiSessionListEx", 21) == 0; // a sibling
        if (!plain && !other) {
            lstrcpynA(decorated, name, (int)size);
            return;
        }
    }
}

// The identity that the linker gave it, of the debug directory's record.
static void find_build_id(const uint8_t *base, char *text, size_t size)
{
    struct codeview {
        char signature[4]; // "RSDS"
        uint8_t id[16];
    };
    const IMAGE_DATA_DIRECTORY *directory = directory_of(base, IMAGE_DIRECTORY_ENTRY_DEBUG);
    if (directory == NULL)
        return;
    const IMAGE_DEBUG_DIRECTORY *entries = at_address(base, directory->VirtualAddress, 1);
    for (DWORD i = 0; i < directory->Size / sizeof *entries; i++) {
        const struct codeview *record =
            at_address(base, entries[i].AddressOfRawData, sizeof *record);
        if (entries[i].Type != IMAGE_DEBUG_TYPE_CODEVIEW || record == NULL ||
            entries[i].SizeOfData < sizeof *record || memcmp(record->signature, "RSDS", 4) != 0)
            continue;
        text[0] = '\0';
        for (size_t j = 0; j < sizeof record->id; j++) {
            append_number(text, size, record->id[j] >> 4, 16);
            append_number(text, size, record->id[j] & 15, 16);
        }
        return;
    }
}

// The fixed part of the version resource: its signature, then the numbers.
static void find_version(HMODULE library, char *text, size_t size)
{
    enum { SIGNATURE = 0xFEEF04BD, NEEDED = 16 };
    HRSRC found = FindResourceW(library, MAKEINTRESOURCEW(VS_VERSION_INFO), (LPCWSTR)RT_VERSION);
    HGLOBAL loaded = found != NULL ? LoadResource(library, found) : NULL;
    const uint8_t *bytes = loaded != NULL ? LockResource(loaded) : NULL;
    DWORD length = found != NULL ? SizeofResource(library, found) : 0;
    for (DWORD at = 0; bytes != NULL && at + NEEDED <= length; at += sizeof(uint32_t)) {
        uint32_t numbers[4];
        memcpy(numbers, bytes + at, sizeof numbers);
        if (numbers[0] != SIGNATURE)
            continue;
        text[0] = '\0';
        for (size_t i = 2; i < 4; i++) {
            append_number(text, size, numbers[i] >> 16, 10);
            append(text, size, ".");
            append_number(text, size, numbers[i] & 0xFFFF, 10);
            append(text, size, i == 2 ? "." : "");
        }
        return;
    }
}

void os_library_describe(void *library, struct hello *hello)
{
    const uint8_t *base = library;
    find_version(library, hello->version, sizeof hello->version);
    find_build_id(base, hello->build_id, sizeof hello->build_id);
    find_decorated(base, hello->decorated, sizeof hello->decorated);
}

// --- loading

// The offset in a file, not loaded, of a relative virtual address.
static const uint8_t *in_file(const uint8_t *file, size_t size, const IMAGE_NT_HEADERS32 *header,
                              uint32_t address)
{
    const IMAGE_SECTION_HEADER *section = (const void *)((const uint8_t *)&header->OptionalHeader +
                                                         header->FileHeader.SizeOfOptionalHeader);
    for (unsigned i = 0; i < header->FileHeader.NumberOfSections; i++, section++) {
        if ((const uint8_t *)(section + 1) > file + size)
            return NULL;
        if (address < section->VirtualAddress ||
            address - section->VirtualAddress >= section->SizeOfRawData)
            continue;
        size_t at = (size_t)section->PointerToRawData + (address - section->VirtualAddress);
        return at < size ? file + at : NULL;
    }
    return NULL;
}

static const IMAGE_NT_HEADERS32 *header_of(const uint8_t *file, size_t size)
{
    const IMAGE_DOS_HEADER *dos = (const void *)file;
    if (size < sizeof *dos || dos->e_magic != IMAGE_DOS_SIGNATURE || dos->e_lfanew < 0 ||
        (size_t)dos->e_lfanew + sizeof(IMAGE_NT_HEADERS64) > size)
        return NULL;
    return (const void *)(file + dos->e_lfanew);
}

// The first library of its import table that can't be loaded either.
static void append_missing(char *text, size_t text_size, const uint8_t *file, size_t size)
{
    const IMAGE_NT_HEADERS32 *header = header_of(file, size);
    if (header == NULL)
        return;
    const IMAGE_NT_HEADERS64 *header64 = (const void *)header;
    uint32_t address =
        header->OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR64_MAGIC
            ? header64->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress
            : header->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;
    const IMAGE_IMPORT_DESCRIPTOR *import = (const void *)in_file(file, size, header, address);
    for (; import != NULL && (const uint8_t *)(import + 1) <= file + size && import->Name != 0;
         import++) {
        const char *name = (const char *)in_file(file, size, header, import->Name);
        if (name == NULL ||
            strnlen(name, size - (size_t)((const uint8_t *)name - file)) >= MAX_PATH)
            return;
        if (LoadLibraryA(name) != NULL)
            continue;
        append(text, text_size, ": it needs ");
        append(text, text_size, name);
        append(text, text_size, ", which can't be loaded");
        return;
    }
}

static void explain_missing(const wchar_t *path, char *text, size_t text_size)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    LARGE_INTEGER size = {.QuadPart = 0};
    if (file == INVALID_HANDLE_VALUE)
        return;
    HANDLE section = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
    const uint8_t *bytes = section != NULL ? MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0) : NULL;
    if (bytes != NULL && GetFileSizeEx(file, &size))
        append_missing(text, text_size, bytes, (size_t)size.QuadPart);
    if (bytes != NULL)
        UnmapViewOfFile(bytes);
    if (section != NULL)
        CloseHandle(section);
    CloseHandle(file);
}

void *os_library_load(const char *path, char *error, size_t size)
{
    static wchar_t wide[PATH_SIZE];
    if (MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, PATH_SIZE) == 0) {
        append(error, size, "its path is too long");
        return NULL;
    }
    // What it needs itself is looked for in its own folder, too.
    HMODULE library = LoadLibraryExW(wide, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    DWORD code = GetLastError();
    if (library == NULL) {
        append_error(error, size, code);
        if (code == ERROR_MOD_NOT_FOUND)
            explain_missing(wide, error, size);
    }
    return library;
}

session_list_function os_library_find(void *library, const char *name)
{
    FARPROC found = GetProcAddress(library, name);
    session_list_function function = NULL;
    __builtin_memcpy(&function, &found, sizeof function);
    return function;
}
