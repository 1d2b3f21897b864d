// SPDX-License-Identifier: Apache-2.0
// For cppcheck, which does not read the libraries' headers: what their macros do.
#define json_array_foreach(array, i, value)                                                        \
    for (i = 0; (value = json_array_get(array, i)) != NULL; i++)
#define ck_assert(condition)                                                                       \
    if (!(condition))                                                                              \
    abort()
#define ck_assert_ptr_nonnull(pointer) ck_assert((pointer) != NULL)
#define ck_assert_msg(condition, ...) ck_assert(condition)
#define TAILQ_HEAD(name, type)                                                                     \
    struct name {                                                                                  \
        struct type *tqh_first;                                                                    \
    }
#define TAILQ_ENTRY(type)                                                                          \
    struct {                                                                                       \
        struct type *tqe_next;                                                                     \
    }
#define TAILQ_FIRST(head) (head)->tqh_first
#define TAILQ_FOREACH(variable, head, field)                                                       \
    for (variable = TAILQ_FIRST(head); variable != NULL; variable = variable->field.tqe_next)
