# A room is a folder of src: its .cpp files become the library `room_<name>`, its *_test.cpp files the program `test_<name>`.

# room(<name> [NEEDS <library>...] [TEST_NEEDS <library>...])
function(room name)
  cmake_parse_arguments(ARG "" "" "NEEDS;TEST_NEEDS" ${ARGN})
  file(GLOB all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp ${CMAKE_SOURCE_DIR}/src/${name}/*.S)
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER all EXCLUDE REGEX "_test\\.cpp$")
  get_property(absent GLOBAL PROPERTY telltale_absent_parts_${name})
  if(absent)
    list(REMOVE_ITEM all ${absent})
  endif()
  get_property(table GLOBAL PROPERTY telltale_table_${name})
  get_property(needs GLOBAL PROPERTY telltale_needs_${name})

  add_library(room_${name} STATIC ${all} ${table} ${CMAKE_SOURCE_DIR}/cmake/empty.cpp)
  target_link_libraries(room_${name} PUBLIC ${ARG_NEEDS} ${needs} Threads::Threads)
  if(tests)
    add_executable(test_${name} ${tests})
    target_link_libraries(test_${name} PRIVATE room_${name} ${ARG_TEST_NEEDS} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(test_${name} PRIVATE TELLTALE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}." WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                         PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()

# headers_of(<target> <library>...): what it takes to compile against them, without linking them.
function(headers_of target)
  foreach(library IN LISTS ARGN)
    target_include_directories(${target} SYSTEM PUBLIC $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
  target_link_libraries(${target} PUBLIC ${CMAKE_DL_LIBS})
endfunction()

# part(<room> <name> [NEEDS <library>...]): one pluggable part, described by the function <name>() of its .cpp.
# A part whose library is absent stays in the table as "not built: needs ...".
function(part room name)
  cmake_parse_arguments(ARG "" "" "NEEDS" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY telltale_parts_${room} ${name})
  foreach(library IN LISTS ARG_NEEDS)
    if(NOT TARGET ${library})
      set_property(GLOBAL PROPERTY telltale_absent_${room}_${name} ${library})
      set_property(GLOBAL APPEND PROPERTY telltale_absent_parts_${room} ${CMAKE_SOURCE_DIR}/src/${room}/${name}.cpp)
      return()
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY telltale_needs_${room} ${ARG_NEEDS})
endfunction()

# part_tables(): writes <room>_parts.cpp for every room of parts: declarations and the table that the engine reads.
function(part_tables)
  foreach(room sources validators detectors sinks)
    string(REGEX REPLACE "s$" "" kind ${room})
    string(SUBSTRING ${kind} 0 1 first)
    string(TOUPPER ${first} first)
    string(SUBSTRING ${kind} 1 -1 rest)
    set(type ${first}${rest}Part)
    get_property(names GLOBAL PROPERTY telltale_parts_${room})
    set(declared "")
    set(listed "")
    foreach(name IN LISTS names)
      get_property(absent GLOBAL PROPERTY telltale_absent_${room}_${name})
      if(absent)
        string(APPEND listed "      {.name = \"${name}\", .about = \"not built: needs ${absent}\"},\n")
      else()
        string(APPEND declared "${type} ${name}();\n")
        string(APPEND listed "      ${name}(),\n")
      endif()
    endforeach()
    set(file ${CMAKE_BINARY_DIR}/generated/${room}_parts.cpp)
    file(CONFIGURE OUTPUT ${file} @ONLY CONTENT
"// Written by cmake/rooms.cmake from src/parts.cmake.
#include \"${room}/${kind}.h\"

namespace telltale::${room} {
${declared}
std::span<const ${type}> ${kind}_parts() {
  static const std::vector<${type}> parts = {
${listed}  };
  return parts;
}
}  // namespace telltale::${room}
")
    set_property(GLOBAL PROPERTY telltale_table_${room} ${file})
  endforeach()
endfunction()
