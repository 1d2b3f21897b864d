# SPDX-License-Identifier: Apache-2.0
# The half of the project that is for libraries of 32-bit x86 Linux: cmake/i386, configured with gcc -m32.
#
#     build/<preset>/i386/bin, lib     the host; the implementations
#
# A build makes the host and the reference; the target i386_implementations makes all other implementations.
set(TCK_I386 AUTO CACHE STRING
    "Build the host for 32-bit x86 Linux: ON, OFF, or AUTO: on x86-64, if the 32-bit C library is there")
set_property(CACHE TCK_I386 PROPERTY STRINGS AUTO ON OFF)

# Looks anew each time: it may have been installed since. Links, too: libc6-dev-i386 alone has headers only.
function(tck_find_m32 result)
    set(source ${PROJECT_BINARY_DIR}/CMakeFiles/m32.c)
    file(WRITE ${source} "#include <errno.h>\nint main(void) { return errno; }\n")
    execute_process(COMMAND gcc -m32 ${source} -o ${PROJECT_BINARY_DIR}/CMakeFiles/m32
                    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    string(COMPARE EQUAL "${status}" 0 works)
    set(${result} ${works} PARENT_SCOPE)
endfunction()

add_custom_target(i386_implementations)
if(NOT TCK_I386 OR (TCK_I386 STREQUAL AUTO AND NOT CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64))
    return()
endif()
tck_find_m32(has_m32)
if(NOT has_m32)
    set(missing "gcc -m32 makes no programs; the package gcc-multilib is not there (ci/build installs it)")
    if(TCK_I386 STREQUAL AUTO)
        message(STATUS "Nothing is built for 32-bit Linux: ${missing}")
        return()
    endif()
    message(FATAL_ERROR "Nothing can be built for 32-bit Linux: ${missing}")
endif()

include(ExternalProject)
ExternalProject_Add(i386
    SOURCE_DIR ${PROJECT_SOURCE_DIR}/cmake/i386
    BINARY_DIR ${PROJECT_BINARY_DIR}/i386
    STAMP_DIR ${PROJECT_BINARY_DIR}/i386-stamps
    TMP_DIR ${PROJECT_BINARY_DIR}/i386-stamps
    CMAKE_GENERATOR Ninja
    CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/cmake/i386-linux.cmake
    BUILD_ALWAYS ON
    INSTALL_COMMAND "")
add_custom_command(TARGET i386_implementations POST_BUILD
    COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR}/i386 --target implementations
    COMMENT "All implementations for 32-bit Linux" VERBATIM)
add_dependencies(i386_implementations i386)

# Where harness/command/paths.c looks for it. A build of the target iscsidsc-tck alone does not make it.
install(PROGRAMS ${PROJECT_BINARY_DIR}/i386/bin/iscsidsc-tck-host
        DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/iscsidsc-tck/i386 COMPONENT hosts OPTIONAL)
# CMake strips only what it has made itself.
install(CODE [[
    set(host "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/libexec/iscsidsc-tck/i386/iscsidsc-tck-host")
    if(CMAKE_INSTALL_DO_STRIP AND EXISTS "${host}")
        execute_process(COMMAND strip "${host}")
    endif()]] COMPONENT hosts)
