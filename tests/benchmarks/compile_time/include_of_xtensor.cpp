// What cannot be less for a user of xtensor: its array, included and not used.

#include <xtensor/xarray.hpp>
