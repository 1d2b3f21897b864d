# SPDX-License-Identifier: Apache-2.0
# Toolchain for 32-bit x86 Linux: the compiler of this machine with -m32, Debian's gcc-multilib.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i386)
set(CMAKE_C_COMPILER gcc)
# Not -psabi: GCC notes with each _Atomic of 64 bits that GCC 10 aligned it in another way.
set(CMAKE_C_FLAGS_INIT "-m32 -Wno-psabi")
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
