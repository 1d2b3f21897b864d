// SPDX-License-Identifier: Apache-2.0
// The C library's own comparisons, for all of the kit that is linked into a fuzzer. There, strcmp
// and memcmp are AddressSanitizer's, which tell libFuzzer of each comparison: that takes a tenth of
// the time, and what the kit compares says nothing of the library under test.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef int compare_texts(const char *one, const char *other);
typedef int compare_bytes(const void *one, const void *other, size_t size);

// The linker has the kit call these (--wrap).
compare_texts __wrap_strcmp;     // NOLINT(bugprone-reserved-identifier)
compare_texts __wrap_strcasecmp; // NOLINT(bugprone-reserved-identifier)
compare_bytes __wrap_memcmp;     // NOLINT(bugprone-reserved-identifier)

static compare_texts *plain_strcmp;
static compare_texts *plain_strcasecmp;
static compare_bytes *plain_memcmp;

// ISO C has no conversion from an object's address to a function's.
static void find(void *c_library, const char *name, void *function, size_t size)
{
    void *address = dlsym(c_library, name);
    if (address == NULL)
        abort();
    memcpy(function, &address, size);
}

__attribute__((constructor)) static void find_all(void)
{
    void *c_library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (c_library == NULL)
        abort();
    find(c_library, "strcmp", &plain_strcmp, sizeof plain_strcmp);
    find(c_library, "strcasecmp", &plain_strcasecmp, sizeof plain_strcasecmp);
    find(c_library, "memcmp", &plain_memcmp, sizeof plain_memcmp);
}

int __wrap_strcmp(const char *one, const char *other)
{
    return plain_strcmp(one, other);
}

int __wrap_strcasecmp(const char *one, const char *other)
{
    return plain_strcasecmp(one, other);
}

int __wrap_memcmp(const void *one, const void *other, size_t size)
{
    return plain_memcmp(one, other, size);
}
