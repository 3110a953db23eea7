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

/* What var_set_aside has put away, the latest first; without a value: there was none. */
static struct var *aside;

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

/* A variable on its own; value NULL: without one. Returns NULL: no memory. */
static struct var *
make(const char *name, size_t length, const char *value)
{
	struct var *v = heap_alloc(sizeof(*v) + length + 1);

	if (v == NULL)
		return NULL;
	*v = (struct var){ .length = length };
	memcpy(v->name, name, length);
	v->name[length] = 0;
	if (value != NULL && (v->value = heap_string(value)) == NULL) {
		heap_free(v);
		return NULL;
	}
	return v;
}

bool
var_set(const char *name, size_t length, const char *value)
{
	struct var **at = find(name, length);
	char *copy;

	if (*at == NULL)
		return (*at = make(name, length, value)) != NULL;
	copy = heap_string(value);
	if (copy == NULL)
		return false;
	heap_free((*at)->value);
	(*at)->value = copy;
	return true;
}

bool
var_set_aside(const char *name, size_t length, const char *value)
{
	struct var **at = find(name, length);
	struct var *new = make(name, length, value), *old = *at;

	if (new == NULL)
		return false;
	if (old == NULL && (old = make(name, length, NULL)) == NULL) {
		heap_free(new->value);
		heap_free(new);
		return false;
	}
	new->exported = true;
	new->next = *at != NULL ? old->next : NULL;
	*at = new;
	old->next = aside;
	aside = old;
	return true;
}

void
var_restore(void)
{
	while (aside != NULL) {
		struct var *old = aside;

		aside = old->next;
		var_unset(old->name, old->length);
		if (old->value == NULL) {
			heap_free(old);
		} else {
			old->next = vars;
			vars = old;
		}
	}
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
