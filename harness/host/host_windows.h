// SPDX-License-Identifier: Apache-2.0
// What the files of the host program for Windows share.
#ifndef TCK_HOST_WINDOWS_H
#define TCK_HOST_WINDOWS_H

#include "harness/host/host_os.h"

#include <windows.h>

// Writes the last bytes that the process has to say; no other thread can write to the channel any
// more. Gives up silently: the process ends anyway.
void windows_channel_write_last(struct os_channel *channel, void *bytes, size_t size);

// The handle of the channel.
HANDLE windows_channel_handle(const struct os_channel *channel);

// Waits for the end of a thread, also where the library closes the handle.
void windows_thread_await(HANDLE thread, DWORD id);

// Keeps the prefix of Wine that it runs in, and never returns: see keeper_windows.c.
void windows_keep(void);

// The threads that the host has beside those that make calls: to read the channel, to report
// faults, and the first one, which waits for that of host_main.c.
enum { WINDOWS_OWN_THREADS = 3 };

#endif
