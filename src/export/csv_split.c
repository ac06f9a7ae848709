/*-------------------------------------------------------------------------
 * csv_split.c
 *		Split one record of CSV into its wanted fields, 64 bytes at a time
 *
 * Pure.  Each 64 bytes become masks: a bit for each quote, delimiter and line
 * end.  Whether a byte is inside quotes is the parity of the quotes before it,
 * which holds as long as every quote stands where one may; that is checked on
 * the masks too.  Separators are counted, and looked at one by one only where a
 * wanted field begins or ends.
 *-------------------------------------------------------------------------
 */
#include "export/csv_split.h"

#include "core/eight_bytes.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_X86
#include <immintrin.h>
#endif

/* Bytes whose masks are made at a time: the bits of a uint64_t. */
#define CHUNK 64

/* What stands where; bit i is byte i. */
typedef struct Masks
{
	uint64_t	quotes;
	uint64_t	delimiters;
	uint64_t	feeds;			/* line feeds */
	uint64_t	returns;		/* carriage returns */
	uint64_t	zeros;			/* zero bytes */
	uint64_t	special;		/* backslashes, and bytes above 0x7f */
} Masks;

/* What the 64 bytes before say of the first of the next: in bit 0, but for
 * inside. */
typedef struct Carry
{
	uint64_t	inside;			/* all ones: within quotes */
	uint64_t	may_open;		/* an opening quote may follow */
	uint64_t	closed;			/* a closing quote was the last byte */
	uint64_t	returned;		/* a carriage return outside quotes was */
} Carry;

/* How far the fields of a record are found. */
typedef struct Progress
{
	int			seen;			/* separators so far */
	int			wanted;			/* the place in columns that is looked for */
	bool		is_begun;		/* whose start is known */
} Progress;

/*
 * The bytes by which a record is odd, and what they say of the next ones.  An
 * opening quote stands behind a separator, or behind a closing one, which
 * makes both a doubled one; behind a closing quote stands a separator, a line
 * end or a quote; behind a carriage return outside quotes a line feed.
 */
static inline uint64_t
find_odd(const Masks *masks, uint64_t inside, Carry *carry)
{
	uint64_t	opening = masks->quotes & inside;
	uint64_t	closing = masks->quotes & ~inside;
	uint64_t	returns = masks->returns & ~inside;
	uint64_t	before = masks->delimiters | masks->feeds | masks->quotes;
	uint64_t	odd;

	odd = opening & ~(before << 1 | carry->may_open);
	odd |= (closing << 1 | carry->closed) & ~(before | masks->returns);
	odd |= (returns << 1 | carry->returned) & ~masks->feeds;
	odd |= masks->zeros;
	carry->inside = (uint64_t) ((int64_t) inside >> 63);
	carry->may_open = before >> 63;
	carry->closed = closing >> 63;
	carry->returned = returns >> 63;
	return odd;
}

/* The number of the separator, from 0, that is looked for next. */
static inline int
next_separator(const SfdwCsvSplitter *splitter, const Progress *progress)
{
	return splitter->columns[progress->wanted] - (progress->is_begun ? 0 : 1);
}

/* Note where the fields are that begin or end in these 64 bytes. */
static inline void
take_separators(const SfdwCsvSplitter *splitter, Progress *progress,
				uint64_t separators, uint32_t base, SfdwCsvSpan *spans)
{
	int			count = __builtin_popcountll(separators);
	int			seen = progress->seen;

	progress->seen += count;
	while (progress->wanted < splitter->wanted_count)
	{
		int			next = next_separator(splitter, progress);
		uint32_t	place;

		if (next < 0)
		{
			spans[progress->wanted].start = 0;
			progress->is_begun = true;
			continue;
		}
		if (next >= progress->seen)
			return;
		/* One that was the last field's end can be this one's start. */
		if (next < seen)
			place = spans[progress->wanted - 1].end;
		else
		{
			for (; seen < next; seen++)
				separators &= separators - 1;
			place = base + (uint32_t) __builtin_ctzll(separators);
			separators &= separators - 1;
			seen++;
		}
		if (progress->is_begun)
			spans[progress->wanted++].end = place;
		else
			spans[progress->wanted].start = place + 1;
		progress->is_begun = !progress->is_begun;
	}
}

/* The record's line end was found: the last field ends there. */
static inline bool
finish_record(const SfdwCsvSplitter *splitter, Progress *progress,
			  const char *data, size_t end, SfdwCsvSpan *spans,
			  SfdwCsvSplitRecord *record)
{
	size_t		last = end > 0 && data[end - 1] == '\r' ? end - 1 : end;

	if (last == 0 || progress->seen != splitter->column_count - 1)
		return false;
	if (progress->wanted < splitter->wanted_count)
		spans[progress->wanted].end = (uint32_t) last;
	record->length = end + 1;
	return true;
}

/* The parity of bits 0 to i in each bit i. */
static inline uint64_t
inside_by_shifts(uint64_t quotes)
{
	for (int shift = 1; shift < 64; shift <<= 1)
		quotes ^= quotes << shift;
	return quotes;
}

/* The high bits of a word's bytes, together: bits 7, 15, ... in that order. */
static inline uint64_t
gather_bits(uint64_t high)
{
	return (((high & SFDW_UPPER_BITS) >> 7) *
			UINT64_C(0x0102040810204080)) >> 56;
}

/*
 * A bit for each byte of a word that is zero.  Adding cannot carry from one
 * byte to the next, so no byte is taken for zero that is not.
 */
static inline uint64_t
zero_bytes(uint64_t word)
{
	const uint64_t low = SFDW_EACH(0x7f);

	return gather_bits(~(((word & low) + low) | word | low));
}

/* The masks of 64 bytes, eight at a time. */
static inline void
masks_by_words(const SfdwCsvSplitter *splitter, const char *bytes, Masks *masks)
{
	memset(masks, 0, sizeof(*masks));
	for (int i = 0; i < CHUNK; i += 8)
	{
		uint64_t	word = 0;

		/* Byte 0 is the lowest, whatever the machine's order. */
		for (int k = 7; k >= 0; k--)
			word = word << 8 | (unsigned char) bytes[i + k];
		masks->quotes |= zero_bytes(word ^ SFDW_EACH((unsigned char) splitter->quote)) << i;
		masks->delimiters |= zero_bytes(word ^ SFDW_EACH((unsigned char) splitter->delimiter)) << i;
		masks->feeds |= zero_bytes(word ^ SFDW_EACH('\n')) << i;
		masks->returns |= zero_bytes(word ^ SFDW_EACH('\r')) << i;
		masks->zeros |= zero_bytes(word) << i;
		masks->special |= (zero_bytes(word ^ SFDW_EACH('\\')) | gather_bits(word)) << i;
	}
}

#define SPLIT_NAME split_by_words
#define SPLIT_TARGET
#define SPLIT_MASKS masks_by_words
#define SPLIT_INSIDE inside_by_shifts
#include "export/csv_split_loop.h"

#ifdef HAVE_X86

/* The bytes of four vectors that are one byte. */
static inline uint64_t
equal_sse2(const __m128i *vectors, char byte)
{
	__m128i		wanted = _mm_set1_epi8(byte);
	uint64_t	mask = 0;

	for (int i = 0; i < 4; i++)
		mask |= (uint64_t) (uint16_t) _mm_movemask_epi8(_mm_cmpeq_epi8(vectors[i], wanted)) << (16 * i);
	return mask;
}

/* The bytes of four vectors above 0x7f. */
static inline uint64_t
high_sse2(const __m128i *vectors)
{
	uint64_t	mask = 0;

	for (int i = 0; i < 4; i++)
		mask |= (uint64_t) (uint16_t) _mm_movemask_epi8(vectors[i]) << (16 * i);
	return mask;
}

/* SSE2 is in every x86-64. */
static inline void
masks_sse2(const SfdwCsvSplitter *splitter, const char *bytes, Masks *masks)
{
	__m128i		vectors[4];

	for (int i = 0; i < 4; i++)
		vectors[i] = _mm_loadu_si128((const __m128i *) (bytes + 16 * i));
	masks->quotes = equal_sse2(vectors, splitter->quote);
	masks->delimiters = equal_sse2(vectors, splitter->delimiter);
	masks->feeds = equal_sse2(vectors, '\n');
	masks->returns = equal_sse2(vectors, '\r');
	masks->zeros = equal_sse2(vectors, '\0');
	masks->special = equal_sse2(vectors, '\\') | high_sse2(vectors);
}

#define SPLIT_NAME split_sse2
#define SPLIT_TARGET
#define SPLIT_MASKS masks_sse2
#define SPLIT_INSIDE inside_by_shifts
#include "export/csv_split_loop.h"

#define TARGET_AVX2 __attribute__((target("avx2,pclmul,popcnt,bmi")))

/* The parity by a multiplication without carries by all ones. */
TARGET_AVX2 static inline uint64_t
inside_by_product(uint64_t quotes)
{
	__m128i		product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long) quotes),
											   _mm_set1_epi8((char) 0xff), 0);

	return (uint64_t) _mm_cvtsi128_si64(product);
}

/* The bytes of two vectors that are one byte. */
TARGET_AVX2 static inline uint64_t
equal_avx2(__m256i low, __m256i high, char byte)
{
	__m256i		wanted = _mm256_set1_epi8(byte);

	return (uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) |
		(uint64_t) (uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) << 32;
}

/* Twice as wide. */
TARGET_AVX2 static inline void
masks_avx2(const SfdwCsvSplitter *splitter, const char *bytes, Masks *masks)
{
	__m256i		low = _mm256_loadu_si256((const __m256i *) bytes);
	__m256i		high = _mm256_loadu_si256((const __m256i *) (bytes + 32));

	masks->quotes = equal_avx2(low, high, splitter->quote);
	masks->delimiters = equal_avx2(low, high, splitter->delimiter);
	masks->feeds = equal_avx2(low, high, '\n');
	masks->returns = equal_avx2(low, high, '\r');
	masks->zeros = equal_avx2(low, high, '\0');
	masks->special = equal_avx2(low, high, '\\') |
		(uint32_t) _mm256_movemask_epi8(low) |
		(uint64_t) (uint32_t) _mm256_movemask_epi8(high) << 32;
}

#define SPLIT_NAME split_avx2
#define SPLIT_TARGET TARGET_AVX2
#define SPLIT_MASKS masks_avx2
#define SPLIT_INSIDE inside_by_product
#include "export/csv_split_loop.h"

#define TARGET_AVX512 __attribute__((target("avx512bw,avx2,pclmul,popcnt,bmi")))

/* One vector, whose comparisons are masks already. */
TARGET_AVX512 static inline void
masks_avx512(const SfdwCsvSplitter *splitter, const char *bytes, Masks *masks)
{
	__m512i		all = _mm512_loadu_si512(bytes);

	masks->quotes = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(splitter->quote));
	masks->delimiters = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(splitter->delimiter));
	masks->feeds = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('\n'));
	masks->returns = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('\r'));
	masks->zeros = _mm512_testn_epi8_mask(all, all);
	masks->special = _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8('\\')) |
		_mm512_movepi8_mask(all);
}

#define SPLIT_NAME split_avx512
#define SPLIT_TARGET TARGET_AVX512
#define SPLIT_MASKS masks_avx512
#define SPLIT_INSIDE inside_by_product
#include "export/csv_split_loop.h"

#endif							/* HAVE_X86 */

/* Whether the machine has the instructions. */
static bool
has_way(int way)
{
#ifdef HAVE_X86
	switch (way)
	{
		case 1:
			return true;
		case 2:
			return __builtin_cpu_supports("avx2") &&
				__builtin_cpu_supports("pclmul") &&
				__builtin_cpu_supports("popcnt") &&
				__builtin_cpu_supports("bmi");
		case 3:
			return has_way(2) && __builtin_cpu_supports("avx512bw");
		default:
			break;
	}
#endif
	return way == 0;
}

/* The ways, the slowest first. */
bool
sfdw_csv_split_way(int way, const char **name, SfdwCsvSplit *split)
{
	static const struct
	{
		const char *name;
		SfdwCsvSplit split;
	}			ways[SFDW_CSV_SPLIT_WAYS] = {
		{"words", split_by_words},
#ifdef HAVE_X86
		{"SSE2", split_sse2},
		{"AVX2", split_avx2},
		{"AVX-512", split_avx512},
#endif
	};

	if (way < 0 || way >= SFDW_CSV_SPLIT_WAYS || !has_way(way))
		return false;
	*name = ways[way].name;
	*split = ways[way].split;
	return true;
}

/* The fastest there is, looked up once. */
bool
sfdw_csv_split(const SfdwCsvSplitter *splitter, const char *data, size_t length,
			   SfdwCsvSpan *spans, SfdwCsvSplitRecord *record)
{
	static SfdwCsvSplit split = NULL;
	const char *name;

	for (int way = SFDW_CSV_SPLIT_WAYS - 1; split == NULL; way--)
		(void) sfdw_csv_split_way(way, &name, &split);
	return split(splitter, data, length, spans, record);
}
