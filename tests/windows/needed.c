// SPDX-License-Identifier: Apache-2.0
// What another library needs and does not find.
__attribute__((dllexport)) int needed(void);

int needed(void)
{
    return 1;
}
