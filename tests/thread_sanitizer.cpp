// What ThreadSanitizer is told of, where the tests are compiled for it.

#if defined(__SANITIZE_THREAD__)

extern "C"
{
    const char* __tsan_default_suppressions();
    const char* __tsan_default_options();
}

/// The time zone of the C library, which libzip asks for: it is locked where nobody sees it.
const char* __tsan_default_suppressions()
{
    return "race:tzset_internal\n";
}

/// Children of tests have threads of their own.
const char* __tsan_default_options()
{
    return "die_after_fork=0";
}

#endif
