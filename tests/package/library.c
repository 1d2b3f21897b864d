// SPDX-License-Identifier: Apache-2.0
// A library under test of a project outside the kit: hands all calls on to the kit's reference, and
// with FAULTY defined, says the wrong thing where the buffer is too small.
#include <session_list.h>
#include <session_list_ex.h>

#include <dlfcn.h>
#include <stddef.h>

static iscsi_session_list_a *list_a;
static iscsi_session_list_w *list_w;

__attribute__((constructor)) static void find_reference(void)
{
    void *reference = dlopen(REFERENCE, RTLD_NOW | RTLD_LOCAL);
    if (reference == NULL)
        return;
    *(void **)&list_a = dlsym(reference, ISCSI_SESSION_LIST_NAME_A);
    *(void **)&list_w = dlsym(reference, ISCSI_SESSION_LIST_NAME_W);
}

static uint32_t answer(uint32_t status)
{
#ifdef FAULTY
    if (status == LIST_INSUFFICIENT_BUFFER)
        return LIST_MORE_DATA;
#endif
    return status;
}

uint32_t GetIScsiSessionListA(uint32_t *buffer_size, uint32_t *session_count,
                              iscsi_session_info_a *session_info)
{
    return list_a == NULL ? LIST_ISCSI_SERVICE_UNAVAILABLE
                          : answer(list_a(buffer_size, session_count, session_info));
}

uint32_t GetIScsiSessionListW(uint32_t *buffer_size, uint32_t *session_count,
                              iscsi_session_info_w *session_info)
{
    return list_w == NULL ? LIST_ISCSI_SERVICE_UNAVAILABLE
                          : answer(list_w(buffer_size, session_count, session_info));
}
