# SPDX-License-Identifier: Apache-2.0
# How every target of this project is made: warnings, sanitizers, include root, ccache.
include_guard()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The time macros and defines of a precompiled header do not change what a file compiles to here.
  set(bitloupe_launcher ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${bitloupe_launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${bitloupe_launcher})
endif()

# The whole truth of a compile and link goes through here, so that a preset changes it in one place.
function(bitloupe_configure_target target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wold-style-cast -Wimplicit-fallthrough -Wextra-semi
    -Wno-restrict  # GCC 12 sees overlaps in std::string's own operator+ at -O3 (its bug 105651)
    $<$<BOOL:${BITLOUPE_WERROR}>:-Werror>)
  if(BITLOUPE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${BITLOUPE_SANITIZE}
                           -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${BITLOUPE_SANITIZE})
  endif()
endfunction()

# bitloupe_add_library(NAME SOURCES a.cpp ... [LINKS bitloupe::x ...] [PRIVATE_LINKS lib ...])
# One folder under core/ is one library `bitloupe_NAME` with the alias `bitloupe::NAME`.
# What a folder may use is its LINKS and nothing else; tests/structure checks the includes.
function(bitloupe_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(bitloupe_${name} STATIC ${ARG_SOURCES})
  add_library(bitloupe::${name} ALIAS bitloupe_${name})
  bitloupe_configure_target(bitloupe_${name})
  target_link_libraries(bitloupe_${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# bitloupe_add_test(NAME SOURCES tst_x.cpp ... LINKS ... [LABELS ...] [TIMEOUT s])
# One Qt Test class is one program; it runs with the offscreen platform.
function(bitloupe_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES AUTOMOC ON)
  bitloupe_configure_target(${name})
  target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS
    BITLOUPE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BITLOUPE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE Qt6::Test ${ARG_LINKS})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;OMP_NUM_THREADS=1;LC_ALL=C.UTF-8")
endfunction()

# bitloupe_add_ui_library(NAME SOURCES a.cpp a.h ... [LINKS ...] [PRIVATE_LINKS ...])
# As bitloupe_add_library, for the folders under ui/: alias `bitloupe::ui_NAME`, Qt's moc, no Qt keywords.
function(bitloupe_add_ui_library name)
  bitloupe_add_library(ui_${name} ${ARGN})
  set_target_properties(bitloupe_ui_${name} PROPERTIES AUTOMOC ON)
  target_compile_definitions(bitloupe_ui_${name} PUBLIC QT_NO_KEYWORDS
    PRIVATE QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH)
endfunction()

# For programs that link both Qt and LibTorch: see hide_symbols.map.
function(bitloupe_hide_symbols target)
  target_link_options(${target} PRIVATE
    LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/hide_symbols.map)
endfunction()

# What links LibTorch names it by this, and a program that is to start without LibTorch says so. Then
# it does not link when anything that it takes from our libraries runs a network.
set(bitloupe_libtorch "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:BITLOUPE_WITHOUT_LIBTORCH>>>:torch>")
function(bitloupe_without_libtorch target)
  set_target_properties(${target} PROPERTIES BITLOUPE_WITHOUT_LIBTORCH ON)
endfunction()
