/*-------------------------------------------------------------------------
 * page_dictionary.c
 *		The distinct values of a column chunk, numbered as they come
 *
 * Pure.  See page_dictionary.h.  A hash table with open addressing, at most half
 * full.  Values are hashed and looked up a piece at a time: the slots of a
 * whole piece are on their way from memory before the first is looked at.
 *-------------------------------------------------------------------------
 */
#include "parquet/page_dictionary.h"

#include <string.h>

/* Slots of the first table; a power of two. */
#define INITIAL_SLOTS 1024

/* Values that are hashed before they are looked up. */
#define PIECE 256

/* So many steps to a free slot mean that values were chosen to collide. */
#define MAX_STEPS 512

/* Odd numbers with their bits well spread, to multiply with. */
#define MULTIPLIER_A UINT64_C(0x9e3779b97f4a7c15)
#define MULTIPLIER_B UINT64_C(0xd6e8feb86659fd93)

/* Start an empty dictionary. */
void
sfdw_page_dictionary_init(SfdwPageDictionary *dictionary, const SfdwMemory *memory)
{
	memset(dictionary, 0, sizeof(*dictionary));
	sfdw_buffer_init(&dictionary->values, memory, SFDW_PAGE_DICTIONARY_MAX_BYTES);
	sfdw_buffer_init(&dictionary->starts, memory, SIZE_MAX);
	sfdw_buffer_init(&dictionary->slots, memory, SIZE_MAX);
}

/* Mix one word into a hash. */
static inline uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * MULTIPLIER_A;
	return hash ^ hash >> 29;
}

/* Hash bytes, eight at a time; the last ones are read once more if need be. */
static uint32_t
hash_bytes(const char *data, size_t length)
{
	uint64_t	hash = length * MULTIPLIER_B;
	uint64_t	word = 0;

	while (length > 8)
	{
		memcpy(&word, data, 8);
		hash = mix(hash, word);
		data += 8;
		length -= 8;
	}
	word = 0;
	memcpy(&word, data, length);
	hash = mix(hash, word) * MULTIPLIER_B;
	return (uint32_t) (hash >> 32);
}

/* The PLAIN bytes of a value. */
SfdwBytes
sfdw_page_dictionary_value(const SfdwPageDictionary *dictionary, uint32_t number)
{
	const uint32_t *starts = (const uint32_t *) dictionary->starts.data;
	size_t		end = number + 1 < dictionary->count ?
		starts[number + 1] : dictionary->values.length;
	SfdwBytes	value = {dictionary->values.data + starts[number],
	end - starts[number]};

	return value;
}

/* How many slots there are. */
static inline size_t
slot_count(const SfdwPageDictionary *dictionary)
{
	return dictionary->slots.length / sizeof(SfdwPageDictionarySlot);
}

/* Put a value that is not there yet into the first free slot for its hash. */
static void
place(SfdwPageDictionarySlot *slots, size_t mask, SfdwPageDictionarySlot value)
{
	size_t		at = value.hash & mask;

	while (slots[at].number != 0)
		at = (at + 1) & mask;
	slots[at] = value;
}

/* Double the table (or make the first), so that extra more values fit. */
static bool
grow(SfdwPageDictionary *dictionary, size_t extra, SfdwStatus *status)
{
	SfdwBuffer	old = dictionary->slots;
	size_t		count = slot_count(dictionary);
	size_t		wanted = count ? count : INITIAL_SLOTS;
	size_t		bytes;
	size_t		i;

	while (wanted < 2 * (dictionary->count + extra))
		wanted *= 2;
	if (wanted == count)
		return true;
	bytes = wanted * sizeof(SfdwPageDictionarySlot);
	sfdw_buffer_init(&dictionary->slots, old.memory, old.limit);
	if (!sfdw_buffer_reserve(&dictionary->slots, bytes, status))
	{
		dictionary->slots = old;
		return false;
	}
	memset(dictionary->slots.data, 0, bytes);
	dictionary->slots.length = bytes;
	for (i = 0; i < count; i++)
	{
		SfdwPageDictionarySlot slot = ((SfdwPageDictionarySlot *) old.data)[i];

		if (slot.number != 0)
			place((SfdwPageDictionarySlot *) dictionary->slots.data, wanted - 1,
				  slot);
	}
	sfdw_buffer_free(&old);
	return true;
}

/* Append a new value; false with status still fine when it does not fit. */
static bool
append_value(SfdwPageDictionary *dictionary, SfdwBytes value, SfdwStatus *status)
{
	uint32_t	start = (uint32_t) dictionary->values.length;

	if (value.length > SFDW_PAGE_DICTIONARY_MAX_BYTES - dictionary->values.length)
		return false;
	if (!sfdw_buffer_append(&dictionary->values, value.data, value.length,
							status) ||
		!sfdw_buffer_append(&dictionary->starts, &start, sizeof(start),
							status))
		return false;
	dictionary->count++;
	return true;
}

/* Find or add one value; false when it cannot be added. */
static bool
add_value(SfdwPageDictionary *dictionary, SfdwBytes value, uint32_t hash,
		  uint32_t *number, SfdwStatus *status)
{
	SfdwPageDictionarySlot *slots = (SfdwPageDictionarySlot *) dictionary->slots.data;
	size_t		mask = slot_count(dictionary) - 1;
	size_t		at = hash & mask;
	int			steps;

	for (steps = 0; steps < MAX_STEPS; steps++)
	{
		SfdwPageDictionarySlot *slot = &slots[at];

		if (slot->number == 0)
		{
			if (!append_value(dictionary, value, status))
				return false;
			slot->hash = hash;
			slot->number = dictionary->count;
			*number = dictionary->count - 1;
			return true;
		}
		if (slot->hash == hash)
		{
			SfdwBytes	known = sfdw_page_dictionary_value(dictionary,
														   slot->number - 1);

			if (known.length == value.length &&
				memcmp(known.data, value.data, value.length) == 0)
			{
				*number = slot->number - 1;
				return true;
			}
		}
		at = (at + 1) & mask;
	}
	return false;
}

/* Number up to PIECE values. */
static bool
add_piece(SfdwPageDictionary *dictionary, const SfdwValues *piece,
		  uint32_t *numbers, size_t *added, SfdwStatus *status)
{
	uint32_t	hashes[PIECE];
	uint32_t	from = piece->start;
	size_t		i;

	if (!grow(dictionary, piece->count, status))
		return false;
	for (i = 0; i < piece->count; i++)
	{
		hashes[i] = hash_bytes(piece->data + from, piece->ends[i] - from);
		__builtin_prefetch((SfdwPageDictionarySlot *) dictionary->slots.data +
						   (hashes[i] & (slot_count(dictionary) - 1)));
		from = piece->ends[i];
	}
	from = piece->start;
	for (i = 0; i < piece->count; i++)
	{
		SfdwBytes	value = {piece->data + from, piece->ends[i] - from};

		if (!add_value(dictionary, value, hashes[i], &numbers[i], status))
			break;
		from = piece->ends[i];
	}
	*added += i;
	return status->code == SFDW_OK;
}

/* Number values. */
bool
sfdw_page_dictionary_add(SfdwPageDictionary *dictionary, const SfdwValues *values,
						 uint32_t *numbers, size_t *added, SfdwStatus *status)
{
	SfdwValues	piece = *values;

	*added = 0;
	while (*added < values->count)
	{
		size_t		done = *added;

		piece.start = done ? values->ends[done - 1] : values->start;
		piece.ends = values->ends + done;
		piece.count = values->count - done < PIECE ? values->count - done : PIECE;
		if (!add_piece(dictionary, &piece, numbers + done, added, status))
			return false;
		if (*added < done + piece.count)
			break;
	}
	return true;
}

/* Memory that it holds. */
size_t
sfdw_page_dictionary_memory(const SfdwPageDictionary *dictionary)
{
	return dictionary->values.capacity + dictionary->starts.capacity +
		dictionary->slots.capacity;
}

/* Give the memory back. */
void
sfdw_page_dictionary_free(SfdwPageDictionary *dictionary)
{
	sfdw_buffer_free(&dictionary->values);
	sfdw_buffer_free(&dictionary->starts);
	sfdw_buffer_free(&dictionary->slots);
	dictionary->count = 0;
}
