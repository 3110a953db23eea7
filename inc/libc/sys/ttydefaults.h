/*
 * What a terminal is set to when nobody has set it otherwise (BSD): the settings of the tty server's line discipline, and the characters that
 * have a meaning. CDISCARD is the traditional one; terminals here give it none.
 */
#ifndef _SYS_TTYDEFAULTS_H
#define _SYS_TTYDEFAULTS_H

#define TTYDEF_IFLAG	(ICRNL | IXON | IUTF8)
#define TTYDEF_OFLAG	(OPOST | ONLCR)
#define TTYDEF_CFLAG	(CS8 | CREAD)
#define TTYDEF_LFLAG	(ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE)
#define TTYDEF_SPEED	B115200

#define CTRL(letter)	((letter) & 037)

#define CINTR		CTRL('c')
#define CQUIT		034
#define CERASE		0177
#define CKILL		CTRL('u')
#define CEOF		CTRL('d')
#define CTIME		0
#define CMIN		1
#define CSTART		CTRL('q')
#define CSTOP		CTRL('s')
#define CSUSP		CTRL('z')
#define CDSUSP		CTRL('y')
#define CEOL		0		/* none */
#define CREPRINT	CTRL('r')
#define CDISCARD	CTRL('o')
#define CWERASE		CTRL('w')
#define CLNEXT		CTRL('v')
#define CSTATUS		0		/* none */

#define CEOT		CEOF
#define CBRK		CEOL
#define CRPRNT		CREPRINT
#define CFLUSH		CDISCARD

#endif
