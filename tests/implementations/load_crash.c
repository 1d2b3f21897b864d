// SPDX-License-Identifier: Apache-2.0
// A library that crashes while it is loaded.
__attribute__((constructor)) static void on_load(void)
{
    *(volatile char *)16 = 1;
}
