/* attr.h - compiler attributes, and what the compiler adds, spelled once. */
#ifndef MXA_BASE_ATTR_H
#define MXA_BASE_ATTR_H

/* Run 'fn' on the variable's address when it leaves scope. */
#define MXA_CLEANUP(fn) __attribute__((cleanup(fn)))

/* Format string is argument 'f' (1-based), its values start at 'a'. */
#define MXA_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Ignoring the returned value is a bug. */
#define MXA_MUSTCHECK __attribute__((warn_unused_result))

#define MXA_NORETURN __attribute__((noreturn))

/* Whether this is built with AddressSanitizer, with ThreadSanitizer: gcc
 * defines a macro, clang has a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define MXA_ASAN 1
#elif defined(__has_feature)
#define MXA_ASAN __has_feature(address_sanitizer)
#else
#define MXA_ASAN 0
#endif
#if defined(__SANITIZE_THREAD__)
#define MXA_TSAN 1
#elif defined(__has_feature)
#define MXA_TSAN __has_feature(thread_sanitizer)
#else
#define MXA_TSAN 0
#endif

#define MXA_ARRAY_LEN(v) (sizeof(v) / sizeof((v)[0]))

#endif
