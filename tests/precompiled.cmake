# SPDX-License-Identifier: AGPL-3.0-or-later
# What most files include, parsed once for the whole tree.  Only in the trees of the sanitizers, which no one edits in:
# the release tree, without it, shows that each file includes what it needs.
add_library(inxt_precompiled OBJECT ${CMAKE_SOURCE_DIR}/libshared/base/check.cpp)
target_link_libraries(inxt_precompiled PRIVATE inxt_flags fmt::fmt nlohmann_json::nlohmann_json)
target_compile_options(inxt_precompiled PRIVATE -Xclang -fno-pch-timestamp)  # ccache knows it again
target_precompile_headers(inxt_precompiled PRIVATE <algorithm> <array> <chrono> <cstdint> <filesystem> <fstream> <functional>
  <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map> <variant> <vector> <fmt/format.h>
  <nlohmann/json.hpp>)

function(inxt_reuse_precompiled folder)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(below IN LISTS folders)
    inxt_reuse_precompiled(${below})
  endforeach()
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE|OBJECT_LIBRARY)$" AND NOT target STREQUAL inxt_precompiled)
      target_precompile_headers(${target} REUSE_FROM inxt_precompiled)
    endif()
  endforeach()
endfunction()
inxt_reuse_precompiled(${CMAKE_SOURCE_DIR})
