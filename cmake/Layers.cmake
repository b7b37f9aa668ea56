# SPDX-License-Identifier: Apache-2.0
# The floors of the program, declared once. A module may include and link what it lists, and nothing else.
# Kept by the link of every module's own test binary and by tests/lint/check_layers.py, which reads this list.
#
#          floor  module        may use
set(QD_LAYERS
  "0|common|"
  "1|model|common"
  "1|raft|common"
  "1|store|common"
  "2|vector|common model"
  "2|meta|common model"
  "2|replication|common model"
  "3|index|common model store vector"
  "4|engine|common model store vector index"
  "5|shard|common model store vector index engine replication"
  "6|net|common store"
  "6|collection|common model shard replication"
  "7|cluster|common model store shard collection"
  "8|api/rest|common model net cluster"
  "9|daemon|common model store net shard collection cluster api/rest"
)

# Adds src/<module> for every declared module that exists.
function(qd_add_layers)
  foreach(row IN LISTS QD_LAYERS)
    string(REPLACE "|" ";" cells "${row}")
    list(GET cells 1 module)
    if(EXISTS "${CMAKE_SOURCE_DIR}/src/${module}/CMakeLists.txt")
      add_subdirectory("src/${module}")
    endif()
  endforeach()
endfunction()

# Sets `out` to the modules that `module` may use.
function(qd_layer_uses module out)
  foreach(row IN LISTS QD_LAYERS)
    string(REPLACE "|" ";" cells "${row}")
    list(GET cells 1 name)
    if(name STREQUAL module)
      list(LENGTH cells count)
      set(uses "")
      if(count GREATER 2)
        list(GET cells 2 uses)
        string(REPLACE " " ";" uses "${uses}")
      endif()
      set(${out} "${uses}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "module '${module}' is not declared in cmake/Layers.cmake")
endfunction()

# qd_module(<module> SOURCES a.cpp … [TESTS a_test.cpp …] [BENCHES a_bench.cpp …] [LINK PRIVATE lib …] [TEST_LINK lib …])
# Library qd_<module>, its test binary <module>_test with the ctest label `unit`, and one binary for each bench. A *_test.cpp or
# *_bench.cpp that stands in the folder without being listed fails the configure step.
function(qd_module module)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;BENCHES;LINK;TEST_LINK" ${ARGN})
  string(REPLACE "/" "_" name "${module}")
  qd_layer_uses(${module} uses)
  add_library(qd_${name} STATIC ${ARG_SOURCES})
  target_include_directories(qd_${name} PUBLIC "${CMAKE_SOURCE_DIR}/include" PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(qd_${name} PRIVATE qd_warnings PUBLIC fmt::fmt Threads::Threads)
  if(ARG_LINK)
    target_link_libraries(qd_${name} ${ARG_LINK})
  endif()
  target_precompile_headers(qd_${name} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp")
  foreach(used IN LISTS uses)
    string(REPLACE "/" "_" used_name "${used}")
    if(EXISTS "${CMAKE_SOURCE_DIR}/src/${used}/CMakeLists.txt")
      target_link_libraries(qd_${name} PUBLIC qd_${used_name})
    endif()
  endforeach()
  if(ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_include_directories(${name}_test PRIVATE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name}_test PRIVATE qd_${name} qd_warnings GTest::gtest GTest::gtest_main ${ARG_TEST_LINK})
    target_precompile_headers(${name}_test PRIVATE "${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp")
    add_test(NAME ${name}_test COMMAND ${name}_test)
    set_tests_properties(${name}_test PROPERTIES LABELS unit TIMEOUT 300 ENVIRONMENT "${QD_TEST_ENVIRONMENT}")
  endif()
  if(QD_BENCH)
    foreach(bench IN LISTS ARG_BENCHES)
      get_filename_component(bench_name "${bench}" NAME_WE)
      add_executable(${bench_name} ${bench})
      target_include_directories(${bench_name} PRIVATE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}")
      target_link_libraries(${bench_name} PRIVATE qd_${name} qd_warnings benchmark::benchmark ${ARG_TEST_LINK})
    endforeach()
  endif()
  file(GLOB present RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" CONFIGURE_DEPENDS "*_test.cpp" "*_bench.cpp")
  foreach(file IN LISTS present)
    if(NOT file IN_LIST ARG_TESTS AND NOT file IN_LIST ARG_BENCHES)
      message(FATAL_ERROR "src/${module}/${file} is not registered in its CMakeLists.txt")
    endif()
  endforeach()
endfunction()

# qd_program(<name> SOURCES main.cpp … LINK lib …)
# An executable at the top of the build folder. jemalloc keeps the memory of a long-lived server from fragmenting; a
# sanitizer brings its own allocator.
function(qd_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} qd_warnings)
  if(QD_SANITIZE STREQUAL "")
    target_link_libraries(${name} PRIVATE PkgConfig::jemalloc)
  endif()
endfunction()
