# Rooms: a folder is a CMake target (ingest/codec -> ingest_codec), its tests mirror it under tests/.

set(WEIR_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlapping and out-of-bounds copies inside std::string that are none (GCC bugs 105329, 105651); clang
  # and the sanitizers look for the real ones.
  list(APPEND WEIR_WARNINGS -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
else()
  # TRY is a statement expression, marked with __extension__.
  list(APPEND WEIR_WARNINGS -Wno-gnu-statement-expression)
endif()
if(WEIR_WERROR)
  list(APPEND WEIR_WARNINGS -Werror)
endif()

# Fused multiply-add would make sums depend on the machine.
add_compile_options(-ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)  # lets ccache work with precompiled headers
endif()

# weir_precompile(target set): the precompiled header of a set of targets that all have the same flags: `product` holds the
# standard library, `tests` GoogleTest besides.
set(WEIR_PRECOMPILED_product
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <cstdint> <cstring> <deque> <functional>
    <limits> <map> <memory> <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
set(WEIR_PRECOMPILED_tests ${WEIR_PRECOMPILED_product} <gtest/gtest.h>)
# Tests are compiled to be run once: their own code with less effort than the product's.
set(WEIR_FLAGS_tests $<$<CONFIG:RelWithDebInfo>:-O1>)
function(weir_precompile target set)
  target_compile_options(${target} PRIVATE ${WEIR_WARNINGS} ${WEIR_FLAGS_${set}})
  if(NOT TARGET weir_precompiled_${set})
    file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
    add_library(weir_precompiled_${set} STATIC ${CMAKE_BINARY_DIR}/precompiled.cpp)
    target_compile_options(weir_precompiled_${set} PRIVATE ${WEIR_WARNINGS} ${WEIR_FLAGS_${set}})
    if(set STREQUAL "tests")
      target_link_libraries(weir_precompiled_${set} PRIVATE GTest::gtest)
    endif()
    target_precompile_headers(weir_precompiled_${set} PRIVATE ${WEIR_PRECOMPILED_${set}})
  endif()
  target_precompile_headers(${target} REUSE_FROM weir_precompiled_${set})
endfunction()

# weir_room(folder [DEPS folder...] [LIBS library...]): every *.cpp of the folder, or a header-only room.
function(weir_room folder)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  string(REPLACE "/" "_" target ${folder})
  list(TRANSFORM ARG_DEPS REPLACE "/" "_")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${ARG_DEPS} ${ARG_LIBS})
    weir_precompile(${target} product)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${ARG_DEPS} ${ARG_LIBS})
  endif()
endfunction()

# weir_program(name main.cpp room...): a program from one file and the rooms that it uses.
function(weir_program name main)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${main})
    return()
  endif()
  list(TRANSFORM ARGN REPLACE "/" "_" OUTPUT_VARIABLE rooms)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/${main})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_libraries(${name} PRIVATE ${rooms})
  weir_precompile(${name} product)
endfunction()
