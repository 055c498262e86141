/* rc.h - whether a function did its job.  An answer of a protocol ("temperror",
 * "NXDOMAIN") is never an mxa_rc: those have enums of their own. */
#ifndef MXA_BASE_RC_H
#define MXA_BASE_RC_H

enum mxa_rc {
	MXA_OK,
	MXA_ESYNTAX, /* input does not follow its grammar */
	MXA_ELIMIT,  /* a declared ceiling was reached */
	MXA_ENOENT,  /* what was asked for is not there */
	MXA_EIO,     /* the system refused: errno tells */
	MXA_EINVAL,  /* the caller asked for something impossible */
};

#endif
