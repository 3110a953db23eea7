/* What the errors of <netdb.h> are called. */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>

int h_errno;

const char *
gai_strerror(int error)
{
	switch (error) {
	case EAI_BADFLAGS: return "Bad value for ai_flags";
	case EAI_NONAME: return "Name or service not known";
	case EAI_AGAIN: return "Temporary failure in name resolution";
	case EAI_FAIL: return "Non-recoverable failure in name resolution";
	case EAI_NODATA: return "No address associated with hostname";
	case EAI_FAMILY: return "ai_family not supported";
	case EAI_SOCKTYPE: return "ai_socktype not supported";
	case EAI_SERVICE: return "Servname not supported for ai_socktype";
	case EAI_ADDRFAMILY: return "Address family for hostname not supported";
	case EAI_MEMORY: return "Memory allocation failure";
	case EAI_SYSTEM: return "System error";
	case EAI_OVERFLOW: return "Result too large for supplied buffer";
	}
	return "Unknown error";
}

const char *
hstrerror(int error)
{
	switch (error) {
	case 0: return "Resolver Error 0 (no error)";
	case HOST_NOT_FOUND: return "Unknown host";
	case TRY_AGAIN: return "Host name lookup failure";
	case NO_RECOVERY: return "Unknown server error";
	case NO_DATA: return "No address associated with name";
	}
	return error < 0 ? "Resolver internal error" : "Unknown resolver error";
}

void
herror(const char *text)
{
	fprintf(stderr, "%s%s%s\n", text != NULL && *text != '\0' ? text : "", text != NULL && *text != '\0' ? ": " : "", hstrerror(h_errno));
}
