# SPDX-License-Identifier: Apache-2.0
# The coverage build, which ci/coverage takes: everything of conformance, emulator and harness counts which of its lines
# are run. Tests and what they load of their own don't.
set(folder ${PROJECT_BINARY_DIR}/counters) # where the counters are; without it nothing is counted
add_library(tck_coverage_counters OBJECT ${PROJECT_SOURCE_DIR}/cmake/coverage/counters.c)
target_compile_options(tck_coverage_counters PRIVATE -fno-profile-arcs -fno-test-coverage)
target_compile_definitions(tck_coverage_counters PRIVATE _GNU_SOURCE COVERAGE_FOLDER="${folder}")

# What links one of them counts, too: for a library that is linked in, its own copy of the code.
add_library(tck_coverage INTERFACE)
target_link_options(tck_coverage INTERFACE
    --coverage -Wl,--wrap=__gcov_exit -Wl,-T,${PROJECT_SOURCE_DIR}/cmake/coverage/counters.ld
    $<TARGET_OBJECTS:tck_coverage_counters>)

set_target_properties(tck_coverage PROPERTIES INTERFACE_LINK_DEPENDS
    "${PROJECT_SOURCE_DIR}/cmake/coverage/counters.ld;$<TARGET_OBJECTS:tck_coverage_counters>")

function(tck_measure directory)
    get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
        get_target_property(type ${target} TYPE)
        if(type MATCHES "EXECUTABLE|_LIBRARY" AND NOT type STREQUAL INTERFACE_LIBRARY)
            target_compile_options(${target} PRIVATE --coverage -fprofile-update=atomic -fdata-sections)
            target_link_libraries(${target} PRIVATE tck_coverage)
        endif()
    endforeach()
    get_property(below DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
    foreach(directory IN LISTS below)
        tck_measure(${directory})
    endforeach()
endfunction()
foreach(directory conformance emulator harness)
    tck_measure(${PROJECT_SOURCE_DIR}/${directory})
endforeach()

# The hostile libraries of the tests have the reference's objects in them.
function(tck_measure_hostile)
    get_property(targets DIRECTORY ${PROJECT_SOURCE_DIR}/tests/hostile PROPERTY BUILDSYSTEM_TARGETS)
    list(FILTER targets INCLUDE REGEX "^hostile-")
    foreach(target IN LISTS targets)
        target_link_libraries(${target} PRIVATE tck_coverage)
    endforeach()
endfunction()
cmake_language(DEFER CALL tck_measure_hostile)

target_sources(iscsidsc-tck-room PRIVATE ${PROJECT_SOURCE_DIR}/cmake/coverage/room.c)
target_compile_definitions(iscsidsc-tck-room PRIVATE COVERAGE_FOLDER="${folder}")
target_link_options(iscsidsc-tck-room PRIVATE -Wl,--wrap=main)
