// For cppcheck, which does not read the libraries' headers: what their macros do.
#define json_array_foreach(array, i, value)                                                        \
    for (i = 0; (value = json_array_get(array, i)) != NULL; i++)
#define ck_assert(condition)                                                                       \
    if (!(condition))                                                                              \
    abort()
#define ck_assert_ptr_nonnull(pointer) ck_assert((pointer) != NULL)
#define ck_assert_msg(condition, ...) ck_assert(condition)
