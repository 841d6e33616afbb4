#pragma once

// xtensor's way to print arrays, for those who need it: as xtensor.hpp, this hides the two layouts of its headers.

#include "autograd/tape/xtensor.hpp"

#if __has_include(<xtensor/io/xio.hpp>)
#include <xtensor/io/xio.hpp>
#else
#include <xtensor/xio.hpp>
#endif
