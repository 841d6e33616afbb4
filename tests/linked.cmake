# The libraries in other ways than these tests are linked: as shared ones, and as a part of somebody's plug-in.

find_package(xtensor REQUIRED)
find_package(xsimd REQUIRED)
find_package(LAPACK REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)

# The shared libraries are made of the static ones, so nothing is compiled twice; with BUILD_SHARED_LIBS they are there.
function(xgrad_make_shared name)
  if(BUILD_SHARED_LIBS)
    add_library(shared_${name} ALIAS xgrad_${name})
    return()
  endif()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp CONTENT "")
  add_library(shared_${name} SHARED ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  add_dependencies(shared_${name} xgrad_${name})
  set_target_properties(shared_${name} PROPERTIES LINK_DEPENDS $<TARGET_FILE:xgrad_${name}>)
  target_link_libraries(shared_${name} PRIVATE
                        -Wl,--whole-archive $<TARGET_FILE:xgrad_${name}> -Wl,--no-whole-archive ${ARGN})
  target_compile_features(shared_${name} INTERFACE cxx_std_20)
  target_include_directories(shared_${name} INTERFACE ${PROJECT_SOURCE_DIR})
  target_link_libraries(shared_${name} INTERFACE xtensor xsimd)
endfunction()
xgrad_make_shared(autograd fmt::fmt ${SLEEF_LIBRARY} LAPACK::LAPACK Threads::Threads ${CMAKE_DL_LIBS})
xgrad_make_shared(nn shared_autograd fmt::fmt ${LIBZIP_LIBRARY} ZLIB::ZLIB)

# A plug-in that shares the libraries with the program that loads it, and one that brings its own, for a program that has
# none. Their symbols are hidden, as those of plug-ins are.
foreach(way shared static)
  add_library(plug_in_${way} MODULE linked/plug_in.cpp)
  set_target_properties(plug_in_${way} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(plug_in_${way} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(plug_in_${way} PRIVATE xgrad_warnings)
endforeach()
target_link_libraries(plug_in_shared PRIVATE shared_nn shared_autograd)
target_link_libraries(plug_in_static PRIVATE xgrad::nn)
target_link_options(plug_in_static PRIVATE -Wl,--no-undefined -Wl,--exclude-libs,ALL)

add_executable(shares_libraries linked/shares_libraries.cpp)
target_link_libraries(shares_libraries PRIVATE shared_nn shared_autograd ${CMAKE_DL_LIBS} xgrad_warnings)
add_test(NAME linked_shared COMMAND shares_libraries $<TARGET_FILE:plug_in_shared>)
add_executable(has_no_library linked/has_no_library.cpp)
target_include_directories(has_no_library PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(has_no_library PRIVATE ${CMAKE_DL_LIBS} xgrad_warnings)
add_test(NAME linked_into_plug_in COMMAND has_no_library $<TARGET_FILE:plug_in_static>)

# A user's source with macros of xtensor's, and flags, that the libraries were not compiled with.
set(flags_of_column_major -DXTENSOR_DEFAULT_LAYOUT=layout_type::column_major)
set(flags_of_xsimd -DXTENSOR_USE_XSIMD)
set(flags_of_asserts -DXTENSOR_ENABLE_ASSERT)
set(flags_of_fast_math -ffast-math)
foreach(way column_major xsimd asserts fast_math)
  add_executable(user_with_${way} linked/user.cpp)
  target_compile_options(user_with_${way} PRIVATE ${flags_of_${way}})
  target_link_libraries(user_with_${way} PRIVATE xgrad::nn xgrad_warnings)
  add_test(NAME linked_user_with_${way} COMMAND user_with_${way})
endforeach()

# One that defines operations does not compile with such flags, and says so.
add_test(NAME linked_operation_with_fast_math COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -ffast-math -fsyntax-only
         -I${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/interface/user_operation.cpp)
set_tests_properties(linked_operation_with_fast_math PROPERTIES PASS_REGULAR_EXPRESSION "with -fno-fast-math")
