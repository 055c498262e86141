/* attr.h - compiler attributes, spelled once. */
#ifndef MXA_BASE_ATTR_H
#define MXA_BASE_ATTR_H

/* Run 'fn' on the variable's address when it leaves scope. */
#define MXA_CLEANUP(fn) __attribute__((cleanup(fn)))

/* Format string is argument 'f' (1-based), its values start at 'a'. */
#define MXA_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Ignoring the returned value is a bug. */
#define MXA_MUSTCHECK __attribute__((warn_unused_result))

#define MXA_NORETURN __attribute__((noreturn))

#define MXA_ARRAY_LEN(v) (sizeof(v) / sizeof((v)[0]))

#endif
