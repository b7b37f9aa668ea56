# SPDX-License-Identifier: Apache-2.0
if(QD_SANITIZE STREQUAL "address")
  # Left out: what AddressSanitizer finds by itself or x86 allows, and doubles the time to compile templates.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr,null,object-size,alignment
                      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(QD_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(NOT QD_SANITIZE STREQUAL "")
  message(FATAL_ERROR "QD_SANITIZE must be empty, address or thread, not '${QD_SANITIZE}'")
endif()

# What a test of this build needs in its environment.
set(QD_TEST_ENVIRONMENT
    "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp ignore_noninstrumented_modules=1 halt_on_error=1"
    "UBSAN_OPTIONS=print_stacktrace=1")
