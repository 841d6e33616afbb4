#pragma once

#include "examples/article/experiment.hpp"

#include <filesystem>

namespace article
{

/// What moons does unless it is told otherwise: what the article does.
struct moons_options : experiment
{
    std::size_t hidden = 3;
    std::size_t every = 1000;
    std::size_t check_every = 0;                      ///< 0: only before training
    std::filesystem::path csv;                        ///< empty: none
    std::filesystem::path figure{"output/moons.png"}; ///< empty: none
};

} // namespace article
