# Nobody puts functions of his own in the place of the library's, so the compiler may inline those that it exports. NaN and
# infinities have their meaning here, whatever the flags of a project say that xgrad is a part of, and products and sums are
# rounded one by one, on machines with fused ones, too.
set(XGRAD_LIBRARY_OPTIONS -fno-semantic-interposition -fno-fast-math -ffp-contract=off)

# xgrad_add_library(NAME SOURCES ... HEADERS ... [EXPORT SET]): a library of xgrad's, for users xgrad::NAME. Its target is
# xgrad_NAME (a user's project may have a target "nn"), its file libxgrad_NAME. An export set of its own has what not every
# installation has.
#
# Static unless BUILD_SHARED_LIBS says otherwise, and position-independent in any case, so that a static one may become part
# of a shared library: a plug-in, a Python module. Every symbol is exported: headers instantiate what the library holds,
# errors are caught across the border, and each operation has one description in a process.
function(xgrad_add_library name)
  cmake_parse_arguments(arg "" "EXPORT" "SOURCES;HEADERS" ${ARGN})
  if(NOT arg_EXPORT)
    set(arg_EXPORT xgrad-targets)
  endif()
  set(target xgrad_${name})
  add_library(${target} ${arg_SOURCES})
  add_library(xgrad::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE ${XGRAD_LIBRARY_OPTIONS})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:xgrad_warnings>)
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET default
    VISIBILITY_INLINES_HIDDEN OFF
    VERSION ${xgrad_VERSION}
    SOVERSION ${xgrad_VERSION_MAJOR}.${xgrad_VERSION_MINOR}
    INSTALL_RPATH $ORIGIN)
  install(TARGETS ${target} EXPORT ${arg_EXPORT} FILE_SET HEADERS)
endfunction()
