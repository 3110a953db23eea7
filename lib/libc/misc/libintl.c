#include <libintl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

char *
gettext(const char *text)
{
	return (char *)text;
}

char *
dgettext(const char *domain, const char *text)
{
	(void)domain;
	return (char *)text;
}

char *
dcgettext(const char *domain, const char *text, int category)
{
	(void)domain, (void)category;
	return (char *)text;
}

char *
ngettext(const char *one, const char *many, unsigned long count)
{
	return (char *)(count == 1 ? one : many);
}

char *
dngettext(const char *domain, const char *one, const char *many, unsigned long count)
{
	(void)domain;
	return ngettext(one, many, count);
}

char *
dcngettext(const char *domain, const char *one, const char *many, unsigned long count, int category)
{
	(void)domain, (void)category;
	return ngettext(one, many, count);
}

/* There are no messages in other languages, but programs ask what they have set. */
char *
textdomain(const char *domain)
{
	static char usual[] = "messages", *current = usual;
	char *copy;

	if (domain == NULL)
		return current;
	copy = *domain == 0 ? usual : strdup(domain);
	if (copy == NULL)
		return NULL;
	if (current != usual)
		free(current);
	return current = copy;
}

char *
bindtextdomain(const char *domain, const char *folder)
{
	(void)domain;
	return (char *)(folder == NULL ? "/usr/share/locale" : folder);
}

char *
bind_textdomain_codeset(const char *domain, const char *codeset)
{
	(void)domain;
	return (char *)codeset;
}
