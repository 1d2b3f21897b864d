# SPDX-License-Identifier: Apache-2.0
# The half of the project that is for Windows: cmake/windows, configured once for each architecture by mingw-w64.
#
#     build/<preset>/windows/x86_64/bin, lib     the host; the implementations
#     build/<preset>/windows/i686/bin, lib
#
# A build makes the host and the reference; the target windows_implementations makes all other implementations.
set(TCK_WINDOWS AUTO CACHE STRING
    "Build the host and the implementations for Windows: ON, OFF, or AUTO: if the compilers are there")
set_property(CACHE TCK_WINDOWS PROPERTY STRINGS AUTO ON OFF)

# Looks anew each time: it may have been installed since.
unset(TCK_MINGW_X86_64 CACHE)
unset(TCK_MINGW_I686 CACHE)
find_program(TCK_MINGW_X86_64 x86_64-w64-mingw32-gcc-win32)
find_program(TCK_MINGW_I686 i686-w64-mingw32-gcc-win32)
mark_as_advanced(TCK_MINGW_X86_64 TCK_MINGW_I686)

function(tck_add_windows architecture)
    ExternalProject_Add(windows_${architecture}
        SOURCE_DIR ${PROJECT_SOURCE_DIR}/cmake/windows
        BINARY_DIR ${PROJECT_BINARY_DIR}/windows/${architecture}
        STAMP_DIR ${PROJECT_BINARY_DIR}/windows/stamps
        TMP_DIR ${PROJECT_BINARY_DIR}/windows/stamps
        CMAKE_GENERATOR Ninja
        CMAKE_ARGS
            -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/cmake/mingw-${architecture}.cmake
        BUILD_ALWAYS ON
        INSTALL_COMMAND "")
    list(APPEND all_commands COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR}/windows/${architecture}
         --target implementations)
    set(all_commands ${all_commands} PARENT_SCOPE)
endfunction()

if(NOT TCK_WINDOWS)
    add_custom_target(windows_implementations)
    return()
endif()
if(NOT TCK_MINGW_X86_64 OR NOT TCK_MINGW_I686)
    set(missing "the packages gcc-mingw-w64-x86-64-win32 and gcc-mingw-w64-i686-win32 are not there (ci/build \
installs them)")
    if(TCK_WINDOWS STREQUAL AUTO)
        message(STATUS "Nothing is built for Windows: ${missing}")
        add_custom_target(windows_implementations)
        return()
    endif()
    message(FATAL_ERROR "Nothing can be built for Windows: ${missing}")
endif()

include(ExternalProject)
set(all_commands "")
tck_add_windows(x86_64)
tck_add_windows(i686)
add_custom_target(windows_implementations ${all_commands}
    COMMENT "All implementations for Windows" VERBATIM)
add_dependencies(windows_implementations windows_x86_64 windows_i686)

# Callers in Go, for test_service_windows, which says so where there is no Go.
find_program(TCK_GO go)
mark_as_advanced(TCK_GO)
if(TCK_GO)
    set(caller_source ${PROJECT_SOURCE_DIR}/tests/callers/caller.go)
    set(go_architecture_x86_64 amd64)
    set(go_architecture_i686 386)
    foreach(architecture x86_64 i686)
        set(caller_go ${PROJECT_BINARY_DIR}/windows/${architecture}/bin/caller-go.exe)
        add_custom_command(OUTPUT ${caller_go}
            COMMAND ${CMAKE_COMMAND} -E env GOOS=windows GOARCH=${go_architecture_${architecture}} CGO_ENABLED=0
                    GO111MODULE=off GOFLAGS= GOCACHE=${PROJECT_BINARY_DIR}/go-cache ${TCK_GO} build
                    -o ${caller_go} ${caller_source}
            DEPENDS ${caller_source} VERBATIM)
        add_custom_target(caller_go_${architecture} ALL DEPENDS ${caller_go})
        add_dependencies(caller_go_${architecture} windows_${architecture})
    endforeach()
endif()

# Where harness/command/paths.c looks for the hosts. A build of the target iscsidsc-tck alone makes none.
foreach(architecture x86_64 i686)
    install(PROGRAMS
                ${PROJECT_BINARY_DIR}/windows/${architecture}/bin/iscsidsc-tck-host.exe
                ${PROJECT_BINARY_DIR}/windows/${architecture}/bin/iscsidsc-tck-host-utf8.exe
            DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/iscsidsc-tck/windows/${architecture} COMPONENT hosts OPTIONAL)
endforeach()
