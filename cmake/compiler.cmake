# Flags that all of the house is compiled with: warnings are errors, results are equal on every machine, release is hardened.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra> $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>)  # designated initialisers name what matters
add_compile_options(-ffp-contract=off)  # bit-equal results need one way of rounding
include_directories(${CMAKE_SOURCE_DIR}/src)

if(TELLTALE_SANITIZE)
  add_compile_options(-fsanitize=${TELLTALE_SANITIZE} -fno-omit-frame-pointer -O1)
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-stringop-overflow>)  # g++ 14 sees null pointers in Boost.JSON's atomics then
  add_link_options(-fsanitize=${TELLTALE_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")  # asserts stay: a bug stops
  set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
  add_compile_options(
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -ftrivial-auto-var-init=zero $<$<COMPILE_LANGUAGE:CXX>:-D_GLIBCXX_ASSERTIONS>)
  add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    # SSE4.2 and popcnt, which every such processor since 2009 has; nothing wider: small edge machines have no AVX
    add_compile_options(-march=x86-64-v2)
  endif()
  # CMAKE_POSITION_INDEPENDENT_CODE alone does not make programs position independent
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
else()
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
endif()
