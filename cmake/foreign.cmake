# SPDX-License-Identifier: Apache-2.0
# What the builds for other systems share (cmake/windows, cmake/i386). To be included before project().

file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../CMakeLists.txt project_line REGEX "^project\\(iscsidsc-tck VERSION ")
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" project_version "${project_line}")

# After project(). -g1: what it takes to name a file and a line, in a third of the bytes.
macro(foreign_begin)
    if(NOT CMAKE_BUILD_TYPE)
        set(CMAKE_BUILD_TYPE RelWithDebInfo)
    endif()
    set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
    include(../options.cmake)
endmacro()

# The reference, and, with the target `implementations`, all others.
macro(foreign_implementations)
    add_subdirectory(${TCK_ROOT}/conformance/reference conformance/reference)
    add_subdirectory(${TCK_ROOT}/conformance/system conformance/system)
    add_subdirectory(${TCK_ROOT}/conformance/faulty conformance/faulty EXCLUDE_FROM_ALL)
    add_subdirectory(${TCK_ROOT}/conformance/shapes conformance/shapes EXCLUDE_FROM_ALL)
    add_subdirectory(${TCK_ROOT}/conformance/seeded conformance/seeded EXCLUDE_FROM_ALL)
    add_custom_target(implementations)
    add_dependencies(implementations faulty_implementations shape_implementations iscsidsc_reference)
endmacro()
