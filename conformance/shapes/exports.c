// SPDX-License-Identifier: Apache-2.0
// What every library of another shape exports. It is compiled once per library, with
// -DSHAPE_NAME=SHAPE_<name>.
#include "conformance/reference/export.h"
#include "conformance/shapes/shape.h"
#include "session_list.h"

enum {
#define SHAPE(name, sentence, ...) SHAPE_##name,
#include "conformance/shapes/shapes.def"
#undef SHAPE
};

static const struct shape shapes[] = {
#define SHAPE(name, sentence, ...) [SHAPE_##name] = {__VA_ARGS__},
#include "conformance/shapes/shapes.def"
#undef SHAPE
};

static uint32_t answer(enum list_charset charset, uint32_t *buffer_size, uint32_t *session_count,
                       void *session_info)
{
    if (!buffer_size || !session_count)
        return LIST_INVALID_PARAMETER;
    struct shape_call call = {charset, buffer_size, session_count, session_info};
    return shape_answer(&shapes[SHAPE_NAME], &call);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListA(uint32_t *buffer_size,
                                                             uint32_t *session_count,
                                                             iscsi_session_info_a *session_info)
{
    return answer(LIST_CHARSET_A, buffer_size, session_count, session_info);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListW(uint32_t *buffer_size,
                                                             uint32_t *session_count,
                                                             iscsi_session_info_w *session_info)
{
    return answer(LIST_CHARSET_W, buffer_size, session_count, session_info);
}
