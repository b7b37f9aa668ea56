# SPDX-License-Identifier: Apache-2.0
# Faster builds where the tools are there: a compiler cache and a parallel linker.
find_program(QD_CCACHE ccache)
if(QD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${QD_CCACHE})
endif()
find_program(QD_MOLD mold)
if(QD_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
