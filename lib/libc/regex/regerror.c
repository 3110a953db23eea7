#include <regex.h>
#include <string.h>

size_t
regerror(int error, const regex_t *restrict regex, char *restrict text, size_t size)
{
	static const char *const texts[] = {
		[0] = "Success", [REG_NOMATCH] = "No match", [REG_BADPAT] = "Invalid regular expression",
		[REG_ECOLLATE] = "Invalid collation character", [REG_ECTYPE] = "Invalid character class name",
		[REG_EESCAPE] = "Trailing backslash", [REG_ESUBREG] = "Invalid back reference",
		[REG_EBRACK] = "Unmatched [, [^, [:, [., or [=", [REG_EPAREN] = "Unmatched ( or \\(",
		[REG_EBRACE] = "Unmatched \\{", [REG_BADBR] = "Invalid content of \\{\\}", [REG_ERANGE] = "Invalid range end",
		[REG_ESPACE] = "Memory exhausted", [REG_BADRPT] = "Invalid preceding regular expression",
	};
	const char *found = error >= 0 && error <= REG_BADRPT ? texts[error] : "Unknown error";

	(void)regex;
	if (size > 0)
		strlcpy(text, found, size);
	return strlen(found) + 1;
}
