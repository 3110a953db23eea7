/* Exceptions of floating point that end in SIGFPE. */
#ifndef LIBC_MATH_FENV_TRAPS_H
#define LIBC_MATH_FENV_TRAPS_H

/* Enables `on` and disables `off`. Returns those that were enabled before; -1: the machine does not enable them. */
int __fe_traps(int on, int off);

#endif
