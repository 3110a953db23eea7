/* See vars.h. */
#include "vars.h"
#include "mach/heap.h"
#include <string.h>

struct var {
	struct var *next;
	char *value;
	bool exported;
	size_t length;			/* of the name */
	char name[];			/* with a 0 */
};

static struct var *vars;

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

size_t
var_name_length(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && (is_letter(text[n]) || (n > 0 && text[n] >= '0' && text[n] <= '9')))
		n++;
	return n;
}

static struct var **
find(const char *name, size_t length)
{
	struct var **at = &vars;

	while (*at != NULL && ((*at)->length != length || memcmp((*at)->name, name, length) != 0))
		at = &(*at)->next;
	return at;
}

const char *
var_get(const char *name, size_t length)
{
	struct var *v = *find(name, length);

	return v != NULL ? v->value : NULL;
}

bool
var_set(const char *name, size_t length, const char *value)
{
	struct var **at = find(name, length), *v = *at;
	char *copy = heap_string(value);

	if (copy == NULL)
		return false;
	if (v != NULL) {
		heap_free(v->value);
		v->value = copy;
		return true;
	}
	v = heap_alloc(sizeof(*v) + length + 1);
	if (v == NULL) {
		heap_free(copy);
		return false;
	}
	*v = (struct var){ NULL, copy, false, length };
	memcpy(v->name, name, length);
	v->name[length] = 0;
	*at = v;
	return true;
}

bool
var_export(const char *name, size_t length)
{
	struct var *v = *find(name, length);

	if (v == NULL && !var_set(name, length, ""))
		return false;
	(*find(name, length))->exported = true;
	return true;
}

void
var_unset(const char *name, size_t length)
{
	struct var **at = find(name, length), *v = *at;

	if (v == NULL)
		return;
	*at = v->next;
	heap_free(v->value);
	heap_free(v);
}

long
var_environment(char *buffer, size_t size)
{
	size_t used = 0;

	for (const struct var *v = vars; v != NULL; v = v->next) {
		size_t value = strlen(v->value) + 1;

		if (!v->exported)
			continue;
		if (size - used < v->length + 1 + value)
			return -1;
		memcpy(buffer + used, v->name, v->length);
		buffer[used + v->length] = '=';
		memcpy(buffer + used + v->length + 1, v->value, value);
		used += v->length + 1 + value;
	}
	return (long)used;
}

void
var_for_each(void (*visit)(const char *name, const char *value, bool exported))
{
	for (const struct var *v = vars; v != NULL; v = v->next)
		visit(v->name, v->value, v->exported);
}
