# The samples of all operations, collected from the family headers: for the tests and for the tool that lists them.
xgrad_generate_samples(sample_sources)
add_library(samples OBJECT ${sample_sources})
target_link_libraries(samples PUBLIC xgrad::autograd xgrad_warnings)
target_compile_options(samples PRIVATE -O0)
target_precompile_headers(samples PRIVATE <autograd/autograd.hpp> <autograd/check/samples.hpp>)
