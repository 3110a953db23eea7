/* The old place of <termios.h>. */
#include <termios.h>
