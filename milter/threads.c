/* threads.c - see threads.h.
 *
 * libmilter starts its threads with the default size, and does not tell us when
 * a start fails.  So we change the default of the process, and its calls of
 * pthread_create come here. */

#include "milter/threads.h"

#include <dlfcn.h>
#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARENAS_PER_CORE 4

typedef int create_fn(
    pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

#if MXA_ASAN || MXA_TSAN
/* clang links its sanitizers into the program: ours would hide theirs. */
extern create_fn __interceptor_pthread_create __attribute__((weak));
#define SANITIZERS_CREATE __interceptor_pthread_create
#else
#define SANITIZERS_CREATE ((create_fn *)NULL)
#endif

static _Atomic(create_fn *) real_create;
static atomic_int first_refusal;
static _Atomic(void (*)(void)) on_refusal;

void threads_set_stack(void)
{
#ifdef HAVE_PTHREAD_SETATTR_DEFAULT_NP
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, THREADS_STACK) == 0)
		(void)pthread_setattr_default_np(&attr);
	pthread_attr_destroy(&attr);
#endif
}

void threads_set_arenas(void)
{
#ifdef M_ARENA_MAX
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (getenv("MALLOC_ARENA_MAX") == NULL && cores > 0 && cores < 10000)
		(void)mallopt(M_ARENA_MAX, (int)cores * ARENAS_PER_CORE);
#endif
}

void threads_watch(void (*told)(void))
{
	atomic_store(&on_refusal, told);
}

int threads_refused(void)
{
	return atomic_load(&first_refusal);
}

static void note_refusal(int error)
{
	void (*told)(void) = atomic_load(&on_refusal);
	int none = 0;

	if (atomic_compare_exchange_strong(&first_refusal, &none, error) &&
	    told != NULL)
		told();
}

/* The C library's, or that of a sanitizer. */
static create_fn *find_real_create(void)
{
	create_fn *fn = atomic_load(&real_create);
	void *symbol;

	if (fn != NULL)
		return fn;
	symbol = dlsym(RTLD_NEXT, "pthread_create");
	memcpy(&fn, &symbol, sizeof(fn));
	if (SANITIZERS_CREATE != NULL)
		fn = SANITIZERS_CREATE;
	atomic_store(&real_create, fn);
	return fn;
}

/* In place of the C library's, for libmilter: see above. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*main_function)(void *), void *arg)
{
	create_fn *fn = find_real_create();
	int error = fn != NULL ? fn(thread, attr, main_function, arg) : ENOSYS;

	if (error != 0)
		note_refusal(error);
	return error;
}
