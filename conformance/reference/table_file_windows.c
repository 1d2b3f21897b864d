// SPDX-License-Identifier: Apache-2.0
// The file with the session table on Windows, and under Wine. There each question about a file may
// be a trip to another process, so none is asked twice.
#include "conformance/reference/table_file.h"

#include <string.h>
#include <windows.h>

// Where Wine has the files of Unix, whatever drives there are.
#define UNIX_FILES L"\\\\?\\unix"
enum { UNIX_FILES_LENGTH = sizeof UNIX_FILES / sizeof(wchar_t) - 1 };

const wchar_t *table_file_path(wchar_t room[TABLE_FILE_PATH_SIZE])
{
    wchar_t *value = room + UNIX_FILES_LENGTH;
    DWORD size = TABLE_FILE_PATH_SIZE - UNIX_FILES_LENGTH;
    DWORD length = GetEnvironmentVariableW(L"ISCSIDSC_SESSION_TABLE", value, size);
    if (length == 0 || length >= size)
        return NULL;
    if (*value != L'/')
        return value;
    memcpy(room, UNIX_FILES, UNIX_FILES_LENGTH * sizeof *room);
    for (; *value; value++)
        if (*value == L'/')
            *value = L'\\';
    return room;
}

bool table_file_is_named(void)
{
    wchar_t room[TABLE_FILE_PATH_SIZE];
    return table_file_path(room) != NULL;
}

// What is open at `handle`.
static bool look(HANDLE handle, struct table_file *file)
{
    LARGE_INTEGER size = {0};
    DWORD type = GetFileType(handle);
    file->kind = TABLE_FILE_OTHER;
    if (type == FILE_TYPE_PIPE)
        file->kind = TABLE_FILE_FIFO;
    if (type == FILE_TYPE_DISK)
        file->kind = TABLE_FILE_REGULAR;
    if (type == FILE_TYPE_DISK && !GetFileSizeEx(handle, &size))
        return false;
    file->handle = (intptr_t)handle;
    file->size = (uint64_t)size.QuadPart;
    return true;
}

// The file can be replaced while it is open here.
bool table_file_open(struct table_file *file)
{
    wchar_t room[TABLE_FILE_PATH_SIZE];
    const wchar_t *path = table_file_path(room);
    if (!path)
        return false;
    HANDLE handle =
        CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return false;
    if (!look(handle, file)) {
        (void)CloseHandle(handle);
        return false;
    }
    return true;
}

// One call reads as much as there is of a file.
ptrdiff_t table_file_read(const struct table_file *file, char *bytes, size_t size)
{
    DWORD count = 0;
    if (!ReadFile((HANDLE)file->handle, bytes, (DWORD)size, &count, NULL) &&
        GetLastError() != ERROR_HANDLE_EOF)
        return -1;
    return (ptrdiff_t)count;
}

bool table_file_mark(const struct table_file *file, struct table_file_mark *mark)
{
    enum { TICK_NS = 100 };
    FILE_BASIC_INFO times;
    BY_HANDLE_FILE_INFORMATION info;
    HANDLE handle = (HANDLE)file->handle;
    if (!GetFileInformationByHandleEx(handle, FileBasicInfo, &times, sizeof times) ||
        !GetFileInformationByHandle(handle, &info))
        return false;
    *mark = (struct table_file_mark){
        .number = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow,
        .size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow,
        .modified = (uint64_t)times.LastWriteTime.QuadPart * TICK_NS,
        .changed = (uint64_t)times.ChangeTime.QuadPart * TICK_NS,
    };
    return true;
}

int64_t table_file_age(const struct table_file *file)
{
    enum { TICK_NS = 100 };
    FILE_BASIC_INFO times;
    FILETIME now;
    if (!GetFileInformationByHandleEx((HANDLE)file->handle, FileBasicInfo, &times, sizeof times))
        return INT64_MAX;
    GetSystemTimeAsFileTime(&now);
    int64_t ticks = (int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
    return (ticks - times.LastWriteTime.QuadPart) * TICK_NS;
}

void table_file_close(const struct table_file *file)
{
    (void)CloseHandle((HANDLE)file->handle);
}
