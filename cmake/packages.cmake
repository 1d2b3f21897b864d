# SPDX-License-Identifier: Apache-2.0
# Debian packages, by CPack: ci/package makes them.
#
#     iscsidsc-tck          the kit, its scenarios, starter projects, scripts and documents
#     iscsidsc-tck-hosts    what runs libraries for Windows and for 32-bit Linux, where it was built
#     iscsidsc-tck-dev      what projects are built with: the CMake package, the headers, the fuzzers' library
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL kit dev)
if(TARGET windows_x86_64 OR TARGET i386)
    list(APPEND CPACK_COMPONENTS_ALL hosts)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "iscsidsc-tck authors <iscsidsc-tck@example.org>" CACHE STRING "Who makes the packages")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

set(CPACK_DEBIAN_KIT_PACKAGE_NAME iscsidsc-tck)
set(CPACK_DEBIAN_KIT_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_KIT_PACKAGE_DEPENDS tgt)
set(CPACK_DEBIAN_KIT_PACKAGE_SUGGESTS "iscsidsc-tck-dev, iscsidsc-tck-hosts, libiscsi-bin, parallel")
set(CPACK_DEBIAN_KIT_DESCRIPTION
    "conformance tests for GetIScsiSessionListA and -W
Brings real iSCSI sessions up with tgtd and libiscsi, calls an implementation
of GetIScsiSessionListA and GetIScsiSessionListW in a process of its own, and
judges what came back, clause by clause.")

set(CPACK_DEBIAN_HOSTS_PACKAGE_NAME iscsidsc-tck-hosts)
set(CPACK_DEBIAN_HOSTS_PACKAGE_DEPENDS "iscsidsc-tck (= ${PROJECT_VERSION})")
if(TARGET i386)
    string(APPEND CPACK_DEBIAN_HOSTS_PACKAGE_DEPENDS ", libc6-i386 | libc6:i386")
endif()
set(CPACK_DEBIAN_HOSTS_PACKAGE_SUGGESTS wine64)
set(CPACK_DEBIAN_HOSTS_DESCRIPTION
    "iscsidsc-tck: Windows DLLs and 32-bit Linux libraries
The programs that load an implementation for Windows, under Wine or on
Windows itself, and one for 32-bit x86 Linux, and make the calls in it.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME iscsidsc-tck-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "iscsidsc-tck (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "cmake, clang")
set(CPACK_DEBIAN_DEV_DESCRIPTION
    "iscsidsc-tck: headers, CMake package and fuzzing library
What a project is built with that has the kit as a test of its own ctest: the
declarations of the functions, the CMake package, and the library that
fuzzers are linked with.")

# Each package says who may copy it, and what changed.
string(TIMESTAMP package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(cmake/debian/changelog.in debian/changelog @ONLY)
find_program(TCK_GZIP gzip)
mark_as_advanced(TCK_GZIP)
if(TCK_GZIP)
    execute_process(COMMAND ${TCK_GZIP} -9nkf changelog WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/debian)
endif()
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} key)
    set(folder ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${key}_PACKAGE_NAME})
    install(FILES cmake/debian/copyright DESTINATION ${folder} COMPONENT ${component})
    install(FILES ${PROJECT_BINARY_DIR}/debian/changelog.gz DESTINATION ${folder} COMPONENT ${component} OPTIONAL)
endforeach()
include(CPack)

# The way back of `cmake --install`.
add_custom_target(uninstall
    COMMAND ${CMAKE_COMMAND} -D FOLDER=${PROJECT_BINARY_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake
    COMMENT "Removing what cmake --install put in its place" VERBATIM)
