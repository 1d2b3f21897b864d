# SPDX-License-Identifier: Apache-2.0
# iscsidsc_tck_add_test(): the conformance run of a library as tests of a project's own ctest.
#
#   iscsidsc_tck_add_test(
#       TARGET <target> | LIBRARY <file>   what is judged: a SHARED or MODULE library, or a built file
#       [NAME <name>]                      of the test; iscsidsc-tck.<target> without it
#       [SCENARIOS <name or file>...]      what to run in; or
#       [SET standard|scale|all]           a set of scenarios; standard without either
#       [PER_SCENARIO]                     a test for each scenario, <name>.<scenario>
#       [CASES <folder>]                   in place of scenarios: the cases of that folder, which `fuzz` found
#       [CLAUSES <clause or group>...]     these only
#       [EFFORT quick|standard|full] [PROFILE documented|windows] [STRICT]
#       [OFFLINE]                          with recorded sessions, where tgtd can't run
#       [WAIVERS <file>] [BASELINE <file>]
#       [OUTPUT <folder>]                  where reports go: <name>.json, .junit.xml and .html
#       [JOBS <number>]                    scenarios side by side within a test
#       [CALL_TIMEOUT <seconds>]           for one call of the function
#       [TIMEOUT <seconds>]                for the test
#       [UNTRUSTED FAIL|SKIP]              what ctest says of a run that can't be trusted (status 3)
#       [LABELS <label>...]                beside the label iscsidsc-tck
#       [ENVIRONMENT <NAME=value>...] [ARGUMENTS <argument of iscsidsc-tck run>...])
#
# A test passes when the kit exits with 0: every must clause held. Any other status is a failure. With
# UNTRUSTED SKIP, status 3 counts as skipped: neither for nor against the library.
#
# Relative files are taken from the current source folder, a relative OUTPUT from the current binary
# folder. docs/ci.md has examples.

# Ends the configuration, naming the function; the arguments are one sentence.
function(_iscsidsc_tck_refuse)
    set(words "")
    math(EXPR last "${ARGC} - 1")
    foreach(index RANGE ${last})
        string(APPEND words "${ARGV${index}}") # not ARGN, which a semicolon would take apart
    endforeach()
    message(FATAL_ERROR "iscsidsc_tck_add_test: ${words}")
endfunction()

# Keyword, value and the values there are.
function(_iscsidsc_tck_check_choice keyword value)
    if(NOT value STREQUAL "" AND NOT value IN_LIST ARGN)
        list(JOIN ARGN ", " choices)
        _iscsidsc_tck_refuse("${keyword} ${value}: give one of ${choices}")
    endif()
endfunction()

function(_iscsidsc_tck_check_number keyword value)
    if(NOT value STREQUAL "" AND NOT value MATCHES "^[1-9][0-9]*$")
        _iscsidsc_tck_refuse("${keyword} ${value}: give a whole number above 0")
    endif()
endfunction()

# Can the target be loaded as a library? Said here, as a linker's or a loader's words say it worse.
function(_iscsidsc_tck_check_target target)
    if(NOT TARGET "${target}")
        _iscsidsc_tck_refuse("TARGET ${target}: no such target here; call this after add_library()")
    endif()
    get_target_property(type "${target}" TYPE)
    if(NOT type MATCHES "^(SHARED|MODULE)_LIBRARY$")
        _iscsidsc_tck_refuse("TARGET ${target}: is a ${type}; the kit loads libraries at run time: "
                             "make it SHARED or MODULE")
    endif()
endfunction()

# The names of the scenarios of a set ("": the standard one) in `variable`.
function(_iscsidsc_tck_list_scenarios variable set)
    if(set STREQUAL "")
        set(set standard)
    endif()
    get_target_property(program iscsidsc-tck::iscsidsc-tck IMPORTED_LOCATION)
    execute_process(COMMAND "${program}" list scenarios --json
                    OUTPUT_VARIABLE json ERROR_VARIABLE complaint RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        _iscsidsc_tck_refuse("${program} list scenarios: exit status ${status}: ${complaint}")
    endif()
    set(names "")
    string(JSON count LENGTH "${json}")
    math(EXPR last "${count} - 1")
    foreach(index RANGE ${last})
        string(JSON name GET "${json}" ${index} name)
        string(JSON of GET "${json}" ${index} set)
        if(set STREQUAL "all" OR set STREQUAL of)
            list(APPEND names "${name}")
        endif()
    endforeach()
    if(names STREQUAL "")
        _iscsidsc_tck_refuse("SET ${set}: this kit has no scenario in that set")
    endif()
    set(${variable} "${names}" PARENT_SCOPE)
endfunction()

# ---- The parts of iscsidsc_tck_add_test(), whose arguments they see as given_<KEYWORD>

function(_iscsidsc_tck_check_arguments)
    if(DEFINED given_UNPARSED_ARGUMENTS)
        list(JOIN given_UNPARSED_ARGUMENTS " " words)
        _iscsidsc_tck_refuse("${words}: no such argument; the head of "
                             "${CMAKE_CURRENT_FUNCTION_LIST_FILE} names all")
    endif()
    if(DEFINED given_KEYWORDS_MISSING_VALUES)
        list(JOIN given_KEYWORDS_MISSING_VALUES ", " words)
        _iscsidsc_tck_refuse("${words}: nothing is given after it")
    endif()
    if(given_TARGET STREQUAL "" AND given_LIBRARY STREQUAL "" OR
       NOT given_TARGET STREQUAL "" AND NOT given_LIBRARY STREQUAL "")
        _iscsidsc_tck_refuse("say what to judge: either TARGET <target> or LIBRARY <file>")
    endif()
    if(NOT given_TARGET STREQUAL "")
        _iscsidsc_tck_check_target("${given_TARGET}")
    endif()
    if(DEFINED given_SCENARIOS AND NOT given_SET STREQUAL "")
        _iscsidsc_tck_refuse("SET ${given_SET}: SCENARIOS says what to run in already; "
                             "give one of the two")
    endif()
    _iscsidsc_tck_check_choice(SET "${given_SET}" standard scale all)
    _iscsidsc_tck_check_choice(EFFORT "${given_EFFORT}" quick standard full)
    _iscsidsc_tck_check_choice(PROFILE "${given_PROFILE}" documented windows)
    _iscsidsc_tck_check_choice(UNTRUSTED "${given_UNTRUSTED}" FAIL SKIP)
    _iscsidsc_tck_check_number(JOBS "${given_JOBS}")
    _iscsidsc_tck_check_number(TIMEOUT "${given_TIMEOUT}")
endfunction()

# Cases have sessions of their own, and their verdicts are theirs.
function(_iscsidsc_tck_check_cases)
    foreach(keyword IN ITEMS SET SCENARIOS PER_SCENARIO OFFLINE EFFORT WAIVERS BASELINE JOBS)
        if(given_${keyword})
            _iscsidsc_tck_refuse("${keyword}: has no meaning for CASES ${given_CASES}; make it a test of its own")
        endif()
    endforeach()
    _iscsidsc_tck_place(folder "${given_CASES}")
    if(NOT IS_DIRECTORY "${folder}")
        _iscsidsc_tck_refuse("CASES ${given_CASES}: no such folder")
    endif()
endfunction()

# A file's absolute path in `variable`.
function(_iscsidsc_tck_place variable file)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    set(${variable} "${file}" PARENT_SCOPE)
endfunction()

# The library's path, and the name that its tests have when none is given.
function(_iscsidsc_tck_find_library library name)
    if(given_TARGET STREQUAL "")
        _iscsidsc_tck_place(place "${given_LIBRARY}")
        cmake_path(GET place STEM LAST_ONLY subject)
    else()
        set(place "$<TARGET_FILE:${given_TARGET}>")
        set(subject "${given_TARGET}")
    endif()
    set(${library} "${place}" PARENT_SCOPE)
    if(given_NAME STREQUAL "")
        set(${name} "iscsidsc-tck.${subject}" PARENT_SCOPE)
    else()
        set(${name} "${given_NAME}" PARENT_SCOPE)
    endif()
endfunction()

# What all of its tests have on their command line, in `variable`.
function(_iscsidsc_tck_begin_command variable library)
    set(command --implementation "${library}")
    foreach(keyword IN ITEMS EFFORT PROFILE JOBS WAIVERS BASELINE CALL_TIMEOUT)
        if(given_${keyword} STREQUAL "")
            continue()
        endif()
        set(value "${given_${keyword}}")
        string(TOLOWER "${keyword}" option)
        if(keyword MATCHES "^(WAIVERS|BASELINE)$")
            _iscsidsc_tck_place(value "${value}")
        elseif(keyword STREQUAL "CALL_TIMEOUT")
            set(option timeout)
        endif()
        list(APPEND command "--${option}" "${value}")
    endforeach()
    if(given_STRICT)
        list(APPEND command --strict)
    endif()
    if(given_OFFLINE)
        list(APPEND command --offline)
    endif()
    foreach(clause IN LISTS given_CLAUSES)
        list(APPEND command --clause "${clause}")
    endforeach()
    set(${variable} "${command};${given_ARGUMENTS}" PARENT_SCOPE)
endfunction()

# "--scenario" and what stands after it, in `variable`: a file's absolute path, or a name as it is.
function(_iscsidsc_tck_name_scenario variable scenario)
    if(scenario MATCHES "/|[.]ya?ml$")
        _iscsidsc_tck_place(scenario "${scenario}")
    endif()
    set(${variable} --scenario "${scenario}" PARENT_SCOPE)
endfunction()

# One test: its name, and what follows "run" on its command line, before its reports.
function(_iscsidsc_tck_add_one name)
    set(reports "")
    if(NOT given_OUTPUT STREQUAL "")
        cmake_path(ABSOLUTE_PATH given_OUTPUT BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE)
        file(MAKE_DIRECTORY "${given_OUTPUT}")
        string(REGEX REPLACE "[^A-Za-z0-9._+-]" "-" stem "${name}")
        cmake_path(APPEND given_OUTPUT "${stem}" OUTPUT_VARIABLE stem)
        set(reports --json "${stem}.json" --junit "${stem}.junit.xml" --html "${stem}.html")
    endif()
    set(command run --no-config) # a test is what stands here
    if(NOT given_CASES STREQUAL "")
        _iscsidsc_tck_place(folder "${given_CASES}")
        set(command fuzz --regress "${folder}")
        list(SUBLIST reports 0 2 reports) # JSON only
    endif()
    add_test(NAME "${name}" COMMAND iscsidsc-tck::iscsidsc-tck ${command} ${ARGN} ${reports})
endfunction()

# Adds the tests, and their names to `variable`: one of all scenarios, or one of each.
function(_iscsidsc_tck_add_all variable name)
    set(tests "")
    set(command ${ARGN})
    if(given_PER_SCENARIO AND NOT DEFINED given_SCENARIOS)
        _iscsidsc_tck_list_scenarios(given_SCENARIOS "${given_SET}")
    elseif(NOT given_SET STREQUAL "")
        list(APPEND command --set "${given_SET}")
    endif()
    foreach(scenario IN LISTS given_SCENARIOS)
        _iscsidsc_tck_name_scenario(selection "${scenario}")
        if(given_PER_SCENARIO)
            cmake_path(GET scenario STEM LAST_ONLY short)
            _iscsidsc_tck_add_one("${name}.${short}" ${command} ${selection})
            list(APPEND tests "${name}.${short}")
        else()
            list(APPEND command ${selection})
        endif()
    endforeach()
    if(NOT given_PER_SCENARIO)
        _iscsidsc_tck_add_one("${name}" ${command})
        set(tests "${name}")
    endif()
    set(${variable} "${tests}" PARENT_SCOPE)
endfunction()

function(_iscsidsc_tck_describe_tests)
    # The kit ends calls that hang by itself; this is for a machine that stands still. A library that
    # hangs in many calls takes its time, and the large sets do anyway.
    if(given_TIMEOUT STREQUAL "")
        set(given_TIMEOUT 900)
        if(given_SET MATCHES "^(scale|all)$" OR given_EFFORT STREQUAL "full")
            set(given_TIMEOUT 3600)
        endif()
    endif()
    set_tests_properties(${ARGN} PROPERTIES TIMEOUT ${given_TIMEOUT}
                         LABELS "iscsidsc-tck;${given_LABELS}")
    if(NOT given_JOBS STREQUAL "")
        set_tests_properties(${ARGN} PROPERTIES PROCESSORS ${given_JOBS})
    endif()
    if(DEFINED given_ENVIRONMENT)
        set_tests_properties(${ARGN} PROPERTIES ENVIRONMENT "${given_ENVIRONMENT}")
    endif()
    if(given_UNTRUSTED STREQUAL "SKIP")
        set_tests_properties(${ARGN} PROPERTIES SKIP_RETURN_CODE 3)
    endif()
endfunction()

# ---- The function

function(iscsidsc_tck_add_test)
    set(flags STRICT OFFLINE PER_SCENARIO)
    set(values TARGET LIBRARY NAME SET CASES EFFORT PROFILE WAIVERS BASELINE OUTPUT JOBS CALL_TIMEOUT
               TIMEOUT UNTRUSTED)
    set(lists SCENARIOS CLAUSES LABELS ENVIRONMENT ARGUMENTS)
    cmake_parse_arguments(PARSE_ARGV 0 given "${flags}" "${values}" "${lists}")
    foreach(keyword IN LISTS values)
        if(NOT DEFINED given_${keyword})
            set(given_${keyword} "")
        endif()
    endforeach()

    _iscsidsc_tck_check_arguments()
    if(NOT given_CASES STREQUAL "")
        _iscsidsc_tck_check_cases()
    endif()
    _iscsidsc_tck_find_library(library name)
    _iscsidsc_tck_begin_command(command "${library}")
    _iscsidsc_tck_add_all(tests "${name}" ${command})
    _iscsidsc_tck_describe_tests(${tests})
endfunction()

# ---- Fuzzing

# iscsidsc_tck_add_fuzzer(<target> [NAME <name>] [SECONDS <number>] [FLAGS <flag>...] [LABELS <label>...])
#
# A fuzzer of a library's own sources: they are compiled once more, with Clang's coverage and sanitizers, and linked
# with the kit's sessions, calls and judges. The test <name> (iscsidsc-tck.fuzz.<target>) runs it for SECONDS (10); run
# the program by hand for longer. FLAGS stand in place of -fsanitize=address,undefined. docs/fuzzing.md says what to
# do with a finding. Without Clang nothing is added, and that is said.
function(iscsidsc_tck_add_fuzzer target)
    cmake_parse_arguments(PARSE_ARGV 1 given "" "NAME;SECONDS" "FLAGS;LABELS")
    if(DEFINED given_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "iscsidsc_tck_add_fuzzer: ${given_UNPARSED_ARGUMENTS}: no such argument")
    endif()
    if(NOT TARGET "${target}")
        message(FATAL_ERROR "iscsidsc_tck_add_fuzzer: ${target}: no such target here; call this after add_library()")
    endif()
    get_target_property(language ${target} LINKER_LANGUAGE)
    set(compiler C)
    if(language STREQUAL "CXX" OR NOT CMAKE_C_COMPILER_ID)
        set(compiler CXX)
    endif()
    if(NOT CMAKE_${compiler}_COMPILER_ID STREQUAL "Clang")
        message(STATUS "iscsidsc_tck_add_fuzzer: no fuzzer of ${target}: it takes Clang (CC=clang), and this is "
                       "${CMAKE_${compiler}_COMPILER_ID}")
        return()
    endif()
    if(NOT DEFINED given_NAME)
        set(given_NAME iscsidsc-tck.fuzz.${target})
    endif()
    if(NOT DEFINED given_SECONDS)
        set(given_SECONDS 10)
    endif()
    if(NOT DEFINED given_FLAGS)
        set(given_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all)
    endif()

    # The same sources, read from where the target was made.
    get_target_property(sources ${target} SOURCES)
    get_target_property(folder ${target} SOURCE_DIR)
    set(places "")
    foreach(source IN LISTS sources)
        if(source MATCHES "^[$]<")
            message(FATAL_ERROR "iscsidsc_tck_add_fuzzer: ${target}: ${source}: sources must be files")
        endif()
        cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${folder}" NORMALIZE)
        list(APPEND places "${source}")
    endforeach()
    add_executable(${given_NAME} ${places})
    target_include_directories(${given_NAME} PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
    target_compile_definitions(${given_NAME} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
    target_compile_options(${given_NAME} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_OPTIONS>
                           -g -fsanitize=fuzzer ${given_FLAGS} -fno-sanitize-coverage=trace-cmp)
    get_target_property(libraries ${target} LINK_LIBRARIES)
    if(NOT libraries)
        set(libraries "")
    endif()
    cmake_path(GET iscsidsc-tck_FUZZ PARENT_PATH engine_folder)
    target_link_libraries(${given_NAME} PRIVATE ${libraries} "${iscsidsc-tck_FUZZ}")
    target_link_options(${given_NAME} PRIVATE -fsanitize=fuzzer ${given_FLAGS} -rdynamic
                        "-Wl,-rpath,${engine_folder}")
    set(work ${CMAKE_CURRENT_BINARY_DIR}/${given_NAME}.work)
    file(MAKE_DIRECTORY ${work}/corpus ${work}/found)
    add_test(NAME ${given_NAME}
             COMMAND ${given_NAME} -max_total_time=${given_SECONDS} -max_len=1048576 -len_control=0 -timeout=120
                     -artifact_prefix=${work}/found/ ${work}/corpus)
    set_tests_properties(${given_NAME} PROPERTIES
                         LABELS "iscsidsc-tck;${given_LABELS}"
                         ENVIRONMENT "ISCSIDSC_TCK_FUZZ_FINDINGS=${work}/found")
endfunction()
