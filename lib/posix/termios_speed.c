/* What a struct termios says, without a terminal. */
#define _GNU_SOURCE
#include <errno.h>
#include <termios.h>

speed_t
cfgetispeed(const struct termios *settings)
{
	return settings->c_ispeed;
}

speed_t
cfgetospeed(const struct termios *settings)
{
	return settings->c_ospeed;
}

static int
check(speed_t speed)
{
	if (speed <= 4000000)
		return 0;
	errno = EINVAL;
	return -1;
}

/* An input speed of 0 means that of output. */
int
cfsetispeed(struct termios *settings, speed_t speed)
{
	if (check(speed) < 0)
		return -1;
	settings->c_ispeed = speed != 0 ? speed : settings->c_ospeed;
	return 0;
}

int
cfsetospeed(struct termios *settings, speed_t speed)
{
	if (check(speed) < 0)
		return -1;
	settings->c_ospeed = speed;
	return 0;
}

int
cfsetspeed(struct termios *settings, speed_t speed)
{
	return cfsetospeed(settings, speed) < 0 ? -1 : cfsetispeed(settings, speed);
}

void
cfmakeraw(struct termios *settings)
{
	settings->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	settings->c_oflag &= ~(tcflag_t)OPOST;
	settings->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	settings->c_cflag = (settings->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	settings->c_cc[VMIN] = 1;
	settings->c_cc[VTIME] = 0;
}
