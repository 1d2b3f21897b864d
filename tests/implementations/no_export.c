// SPDX-License-Identifier: Apache-2.0
// A library that can be loaded and exports neither function.
int something_else(void);

int something_else(void)
{
    return 0;
}
