# Files that travel inside the program: assembled in as they are, listed by a function that the room declares.

# embed(<room> <function> <file>...): `std::span<const Embedded> <function>()` in namespace telltale::<room>.
# Call it before room(<room>). A changed file is assembled anew; nothing else is.
function(embed room function)
  set(assembly "    .section .rodata\n")
  set(declared "")
  set(listed "")
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME)
    string(MAKE_C_IDENTIFIER "telltale_${room}_${name}" symbol)
    string(APPEND assembly "    .global ${symbol}\n    .global ${symbol}_end\n${symbol}:\n    .incbin \"${file}\"\n${symbol}_end:\n    .byte 0\n")
    string(APPEND declared "extern \"C\" const char ${symbol}[], ${symbol}_end[];\n")
    string(APPEND listed "      {\"${name}\", {${symbol}, ${symbol}_end}},\n")
  endforeach()
  string(APPEND assembly "    .section .note.GNU-stack,\"\",%progbits\n")
  set(assembly_file ${CMAKE_BINARY_DIR}/generated/${function}.S)
  set(table_file ${CMAKE_BINARY_DIR}/generated/${function}.cpp)
  file(CONFIGURE OUTPUT ${assembly_file} @ONLY CONTENT "${assembly}")
  file(CONFIGURE OUTPUT ${table_file} @ONLY CONTENT
"// Written by cmake/embed.cmake.
#include <span>

#include \"core/embedded.h\"

${declared}
namespace telltale::${room} {
std::span<const Embedded> ${function}() {
  static const Embedded files[] = {
${listed}  };
  return files;
}
}  // namespace telltale::${room}
")
  set_source_files_properties(${assembly_file} PROPERTIES OBJECT_DEPENDS "${ARGN}")
  set_property(GLOBAL APPEND PROPERTY telltale_table_${room} ${assembly_file} ${table_file})
endfunction()
