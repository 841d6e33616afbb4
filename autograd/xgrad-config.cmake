# find_package(xgrad) gives the targets xgrad::autograd, xgrad::nn and xgrad::prove.
include(CMakeFindDependencyMacro)
find_dependency(xtensor)
find_dependency(xsimd)
find_dependency(fmt)
find_dependency(LAPACK)
find_dependency(Threads)
find_dependency(ZLIB)
include(${CMAKE_CURRENT_LIST_DIR}/xgrad-targets.cmake)
