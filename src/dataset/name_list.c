/*-------------------------------------------------------------------------
 * name_list.c
 *		Find the names of a list in text
 *
 * Pure.  One table of keys: a key is the folded words of a name with blanks
 * between, or the first words of a longer one.  So a text is looked up once a
 * word, and again only where a longer name goes on.
 *-------------------------------------------------------------------------
 */
#include "dataset/name_list.h"

#include "dataset/name_fold.h"

#include <string.h>

#define FIRST_PLACES	1024	/* a power of two, as all sizes after it */
#define MAX_GAP			3		/* bytes between two words of a name */

/* A key that grows word by word. */
typedef struct Key
{
	char		bytes[SFDW_NAME_BYTES];
	size_t		length;
} Key;

/* FNV-1a, good enough for words. */
static uint32_t
hash_of(const Key *key)
{
	uint32_t	hash = UINT32_C(2166136261);
	size_t		i;

	for (i = 0; i < key->length; i++)
		hash = (hash ^ (unsigned char) key->bytes[i]) * UINT32_C(16777619);
	return hash;
}

/* Nothing is allocated yet. */
void
sfdw_name_list_init(SfdwNameList *list, const SfdwMemory *memory)
{
	memset(list, 0, sizeof(*list));
	list->memory = memory;
	sfdw_detect_init(&list->folding, memory);
	sfdw_buffer_init(&list->keys, memory, SFDW_NAMES_BYTES);
}

/* In reverse order. */
void
sfdw_name_list_free(SfdwNameList *list)
{
	list->memory->resize(list->memory->context, list->entries, 0);
	list->entries = NULL;
	sfdw_buffer_free(&list->keys);
	sfdw_detect_free(&list->folding);
}

/* The place of a key, or the free one where it would stand; linear probing. */
static SfdwNameEntry *
place_of(const SfdwNameList *list, const Key *key, uint32_t hash)
{
	size_t		at = hash & (list->places - 1);

	for (;; at = (at + 1) & (list->places - 1))
	{
		SfdwNameEntry *entry = &list->entries[at];

		if (entry->length == 0 ||
			(entry->hash == hash && entry->length == key->length &&
			 memcmp(list->keys.data + entry->offset, key->bytes,
					key->length) == 0))
			return entry;
	}
}

/* The entry of a key, or NULL. */
static const SfdwNameEntry *
look_up(const SfdwNameList *list, const Key *key)
{
	const SfdwNameEntry *entry;

	if (list->places == 0)
		return NULL;
	entry = place_of(list, key, hash_of(key));
	return entry->length == 0 ? NULL : entry;
}

/* Move all entries to twice as many places. */
static bool
grow(SfdwNameList *list, SfdwStatus *status)
{
	SfdwNameEntry *before = list->entries;
	size_t		count = list->places;
	size_t		places = count == 0 ? FIRST_PLACES : 2 * count;
	size_t		i;

	list->entries = list->memory->resize(list->memory->context, NULL,
										 places * sizeof(SfdwNameEntry));
	if (list->entries == NULL)
	{
		list->entries = before;
		return sfdw_fail(status, SFDW_OUT_OF_MEMORY, 0,
						 "no memory for a list of names");
	}
	memset(list->entries, 0, places * sizeof(SfdwNameEntry));
	list->places = places;
	for (i = 0; i < count; i++)
	{
		size_t		at = before[i].hash & (places - 1);

		if (before[i].length == 0)
			continue;
		while (list->entries[at].length != 0)
			at = (at + 1) & (places - 1);
		list->entries[at] = before[i];
	}
	list->memory->resize(list->memory->context, before, 0);
	return true;
}

/* The entry of a key, which is made when there is none; NULL: it failed. */
static SfdwNameEntry *
add_key(SfdwNameList *list, const Key *key, SfdwStatus *status)
{
	uint32_t	hash = hash_of(key);
	SfdwNameEntry *entry;

	if (2 * (list->used + 1) > list->places && !grow(list, status))
		return NULL;
	entry = place_of(list, key, hash);
	if (entry->length != 0)
		return entry;
	entry->offset = (uint32_t) list->keys.length;
	if (!sfdw_buffer_append(&list->keys, key->bytes, key->length, status))
		return NULL;
	entry->hash = hash;
	entry->length = (uint16_t) key->length;
	list->used++;
	return entry;
}

/* The next word from an offset on, which may be empty at the end. */
static SfdwSpan
next_word(const SfdwDetection *detection, size_t at)
{
	while (at < detection->length &&
		   (sfdw_rule_class(detection, at) & SFDW_IS_WORD) == 0)
		at++;
	return sfdw_rule_word(detection, at);
}

/* Put a word behind a key; false when it has no room. */
static bool
extend(Key *key, const SfdwDetection *detection, SfdwSpan word)
{
	size_t		length = word.end - word.start;

	if (key->length + 1 + length > SFDW_NAME_BYTES)
		return false;
	if (key->length > 0)
		key->bytes[key->length++] = ' ';
	key->length += sfdw_name_fold(detection->text + word.start, length,
								  key->bytes + key->length);
	return true;
}

/* Mark what a name's words so far are: the name, or a beginning of it. */
static bool
mark(SfdwNameList *list, const Key *key, bool is_whole, SfdwStatus *status)
{
	SfdwNameEntry *entry = add_key(list, key, status);

	if (entry == NULL)
		return false;
	if (!is_whole)
		entry->is_begun = true;
	else if (!entry->is_name)
	{
		entry->is_name = true;
		list->names++;
	}
	return true;
}

/* Every beginning of the name gets a key. */
bool
sfdw_name_list_add(SfdwNameList *list, const char *name, size_t length,
				   SfdwStatus *status)
{
	Key			key = {.length = 0};
	SfdwSpan	word;
	int			words = 0;

	if (list->names == SFDW_NAMES_MAX)
		return sfdw_fail(status, SFDW_TOO_LARGE, 0,
						 "more than %d names", SFDW_NAMES_MAX);
	if (!sfdw_detect_begin(&list->folding, name, length, SFDW_TEXT_WORDS, status))
		return false;
	word = next_word(&list->folding, 0);
	while (word.end > word.start)
	{
		SfdwSpan	next = next_word(&list->folding, word.end);

		if (++words > SFDW_NAME_WORDS || !extend(&key, &list->folding, word))
			return sfdw_fail(status, SFDW_BAD_VALUE, 0,
							 "a name with more than %d words or %d bytes",
							 SFDW_NAME_WORDS, SFDW_NAME_BYTES);
		if (!mark(list, &key, next.end == next.start, status))
			return false;
		word = next;
	}
	return true;
}

/* Whether a word stands near enough behind a place to go on a name. */
static bool
goes_on(const SfdwDetection *detection, size_t end, SfdwSpan word)
{
	return word.end > word.start && word.start - end <= MAX_GAP &&
		memchr(detection->text + end, '\n', word.start - end) == NULL;
}

/* The end of the longest name that begins with a word; its start: none. */
static size_t
name_end(const SfdwNameList *list, const SfdwDetection *detection,
		 SfdwSpan word)
{
	Key			key = {.length = 0};
	size_t		end = word.start;

	while (extend(&key, detection, word))
	{
		const SfdwNameEntry *entry = look_up(list, &key);
		SfdwSpan	next;

		if (entry == NULL)
			break;
		if (entry->is_name)
			end = word.end;
		if (!entry->is_begun)
			break;
		next = next_word(detection, word.end);
		if (!goes_on(detection, word.end, next))
			break;
		word = next;
	}
	return end;
}

/* Reading goes on behind the name, or behind the word. */
bool
sfdw_name_list_find(const SfdwNameList *list, const SfdwDetection *detection,
					size_t *at, SfdwSpan *match)
{
	for (;;)
	{
		SfdwSpan	word = next_word(detection, *at);

		if (word.end == word.start)
			return false;
		match->start = word.start;
		match->end = name_end(list, detection, word);
		if (match->end > match->start)
		{
			*at = match->end;
			return true;
		}
		*at = word.end;
	}
}
