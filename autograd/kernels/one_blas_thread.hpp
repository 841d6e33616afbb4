#pragma once

namespace autograd::kernels
{

/// While one lives, BLAS does what its thread asks of it in that thread alone, whatever it was told: its bits depend on
/// how many threads of its own it has, and we divide its work ourselves. Afterwards it is told again what it was told.
/// Any number of threads may hold one; the first tells BLAS, and the last puts it back.
///
/// It knows OpenBLAS, by functions that are looked up at run time. Of others, nothing happens.
class one_blas_thread
{
public:
    one_blas_thread() : m_before(begin()) {}
    ~one_blas_thread()
    {
        if (m_before != nothing)
        {
            end(m_before);
        }
    }
    one_blas_thread(const one_blas_thread&) = delete;

private:
    /// Where nothing is to be put back.
    static constexpr int nothing = 0;

    static int begin();
    static void end(int before);

    int m_before;
};

} // namespace autograd::kernels
