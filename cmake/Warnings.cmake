# SPDX-License-Identifier: Apache-2.0
# Every warning is an error. g++ 12 reports false positives of the ones switched off here at -O2.
add_library(qd_warnings INTERFACE)
target_compile_options(qd_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough -Werror -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
  -Wno-array-bounds -Wno-tsan -Wno-missing-field-initializers)
