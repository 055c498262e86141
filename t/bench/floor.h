/* floor.h - the cryptography that verifying needs, and nothing else: SHA-256
 * of body and header, one RSA verification a signature, the keys decoded. */
#ifndef MXA_T_BENCH_FLOOR_H
#define MXA_T_BENCH_FLOOR_H

#include "t/bench/corpus.h"

struct bench_floor;

struct bench_floor *bench_floor_new(EVP_PKEY *key);
void bench_floor_free(struct bench_floor *f);

/* Seconds of CPU for 'n' messages of the class, from 'first' on. */
double bench_floor_run(struct bench_floor *f, const struct bench_class *of,
    size_t first, size_t n);

#endif
