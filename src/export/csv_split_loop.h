/*-------------------------------------------------------------------------
 * csv_split_loop.h
 *		The loop of csv_split.c, for one set of instructions
 *
 * Included once for each, with
 *		SPLIT_NAME		the function's name
 *		SPLIT_TARGET	its attribute, or nothing
 *		SPLIT_MASKS		(splitter, bytes, masks): fills in the masks of 64 bytes
 *		SPLIT_INSIDE	(quotes): bit i is set when an odd number of quotes
 *						stand at bits 0 to i
 * which it takes away again.
 *-------------------------------------------------------------------------
 */
SPLIT_TARGET static bool
SPLIT_NAME(const SfdwCsvSplitter *splitter, const char *data, size_t length,
		   SfdwCsvSpan *spans, SfdwCsvSplitRecord *record)
{
	Progress	progress = {0};
	Carry		carry = {.may_open = 1};
	uint64_t	special = 0;

	for (size_t base = 0; base < length; base += CHUNK)
	{
		char		rest[CHUNK];
		const char *bytes = data + base;
		Masks		masks;
		uint64_t	inside;
		uint64_t	ends;
		uint64_t	odd;
		uint64_t	separators;

		if (length - base < CHUNK)
		{
			/* Ones are never odd, and never the end. */
			memset(rest, 1, CHUNK);
			memcpy(rest, bytes, length - base);
			bytes = rest;
		}
		SPLIT_MASKS(splitter, bytes, &masks);
		inside = SPLIT_INSIDE(masks.quotes) ^ carry.inside;
		ends = masks.feeds & ~inside;
		separators = masks.delimiters & ~inside;
		odd = find_odd(&masks, inside, &carry);
		if (ends != 0)
		{
			int			end = __builtin_ctzll(ends);
			uint64_t	before = ((uint64_t) 1 << end) - 1;

			if ((odd & (before << 1 | 1)) != 0)
				return false;
			take_separators(splitter, &progress, separators & before,
							(uint32_t) base, spans);
			record->is_plain = (special | (masks.special & before)) == 0;
			return finish_record(splitter, &progress, data,
								 base + (size_t) end, spans, record);
		}
		if (odd != 0)
			return false;
		special |= masks.special;
		take_separators(splitter, &progress, separators, (uint32_t) base, spans);
	}
	return false;
}

#undef SPLIT_NAME
#undef SPLIT_TARGET
#undef SPLIT_MASKS
#undef SPLIT_INSIDE
