# What the server hands to browsers, packed with gzip at build and placed inside the program: the page as `npm run build` in web/ left it,
# the contract, the schema of site files. Without the page the program builds too and says that it has none.

# served_files(<room> <function>): embeds all of it under names such as "page!assets!index.js" ('!' stands for '/').
function(served_files room function)
  find_program(GZIP gzip REQUIRED)
  set(folder ${CMAKE_BINARY_DIR}/packed)
  file(MAKE_DIRECTORY ${folder})
  file(GLOB_RECURSE page CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/web/dist ${CMAKE_SOURCE_DIR}/web/dist/*)
  list(TRANSFORM page PREPEND web/dist/)
  file(GLOB schema CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/schema/*.json)
  set(packed "")
  foreach(file IN ITEMS openapi.yaml LISTS schema page)
    string(REGEX REPLACE "^web/dist/" "page/" name ${file})
    string(REPLACE "/" "!" name ${name})
    # -n: no name and no date inside, so equal files make equal programs
    add_custom_command(OUTPUT ${folder}/${name} COMMAND ${GZIP} -9nc ${CMAKE_SOURCE_DIR}/${file} > ${folder}/${name}
                       DEPENDS ${CMAKE_SOURCE_DIR}/${file} VERBATIM COMMENT "Packing ${file}")
    list(APPEND packed ${folder}/${name})
  endforeach()
  embed(${room} ${function} ${packed})
endfunction()
