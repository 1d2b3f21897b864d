# SPDX-License-Identifier: Apache-2.0
# How everything of ours is compiled: strict warnings, and the tree's root as the one include path, so that an
# include names the folder its header lives in.
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH TCK_ROOT)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# X_unix.c or X_windows.c: what is different in X.
if(WIN32)
    set(TCK_SYSTEM windows)
else()
    set(TCK_SYSTEM unix)
endif()

add_library(tck_options INTERFACE)
target_include_directories(tck_options INTERFACE ${TCK_ROOT} ${TCK_ROOT}/include)
target_compile_definitions(tck_options INTERFACE TCK_VERSION="${PROJECT_VERSION}")
option(TCK_WERROR "Warnings are errors" ON) # OFF for compilers that the project does not know
target_compile_options(tck_options INTERFACE -Wall -Wextra $<$<BOOL:${TCK_WERROR}>:-Werror> -Wshadow -Wconversion
                       -Wstrict-prototypes -Wmissing-prototypes -Wvla)
