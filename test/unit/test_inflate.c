/* export/inflate.c: gzip and zstd, whole, torn, damaged, cut in every way. */
#include "export/inflate.h"
#include "filter_feed.h"
#include "random.h"
#include "tap.h"

#include <zlib.h>
#include <zstd.h>

#define TEXT_LENGTH 3000
#define MUTATIONS 20000

static char text[TEXT_LENGTH];

/* A file, in memory. */
typedef struct Bytes
{
	char		data[20000];
	size_t		length;
} Bytes;

/* What a filter made of it. */
typedef struct Outcome
{
	char		text[20000];
	uint64_t	length;			/* of the whole text */
	SfdwStatus	status;
	uint64_t	taken;
} Outcome;

/* Lines of an export, none like the other. */
static void
make_text(void)
{
	size_t		length = 0;

	while (length + 60 < sizeof(text))
		length += sprintf(text + length, "%018llx,\"Name %llu\",2024-01-15\r\n",
						  (unsigned long long) random_next(),
						  (unsigned long long) random_below(1000));
	memset(text + length, 'x', sizeof(text) - length);
}

/* Append a member of gzip, with every header field or with none. */
static void
add_gzip(Bytes *file, const char *data, size_t length, bool has_fields)
{
	z_stream	stream = {0};
	gz_header	fields = {0};

	fields.extra = (Bytef *) "abcdefgh";
	fields.extra_len = 8;
	fields.name = (Bytef *) "Account.csv";
	fields.comment = (Bytef *) "a comment";
	fields.hcrc = 1;
	deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
	if (has_fields)
		deflateSetHeader(&stream, &fields);
	stream.next_in = (Bytef *) data;
	stream.avail_in = (uInt) length;
	stream.next_out = (Bytef *) file->data + file->length;
	stream.avail_out = (uInt) (sizeof(file->data) - file->length);
	deflate(&stream, Z_FINISH);
	file->length += stream.total_out;
	deflateEnd(&stream);
}

/* Append a frame of zstd with a checksum. */
static void
add_zstd(Bytes *file, const char *data, size_t length)
{
	ZSTD_CCtx  *context = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	file->length += ZSTD_compress2(context, file->data + file->length,
								   sizeof(file->data) - file->length, data,
								   length);
	ZSTD_freeCCtx(context);
}

/* Append a frame that is to be skipped, in which the format's name stands. */
static void
add_skippable(Bytes *file)
{
	static const char frame[] = "\x5a\x2a\x4d\x18\x04\0\0\0\x28\xb5\x2f\xfd";

	memcpy(file->data + file->length, frame, 12);
	file->length += 12;
}

/*
 * Decompress in blocks of a size (0: of random sizes).  Each block is memory of
 * its own that is gone when the filter asks for the next.
 */
static void
run(SfdwCompression kind, const char *data, size_t length, size_t block_size,
	Outcome *outcome)
{
	SfdwFilter *filter;
	SfdwFilterResult result = SFDW_FILTER_FAILED;
	Feed		feed = {data, length};

	outcome->length = 0;
	memset(&outcome->status, 0, sizeof(outcome->status));
	filter = sfdw_inflate_create(&tap_memory, kind, SFDW_MAX_RATIO,
								 &outcome->status);
	while (filter != NULL)
	{
		const char *part;
		size_t		n;

		result = sfdw_filter_next(filter, &part, &n, &outcome->status);
		if (result == SFDW_FILTER_DATA)
		{
			if (outcome->length + n <= sizeof(outcome->text))
				memcpy(outcome->text + outcome->length, part, n);
			outcome->length += n;
			continue;
		}
		if (result != SFDW_FILTER_NEED_INPUT)
			break;
		feed_next(&feed, filter, block_size > 0 ? block_size : 1 + random_below(700));
	}
	if (filter != NULL)
		outcome->taken = filter->taken;
	sfdw_filter_free(filter);
	free(feed.block);
}

/* Whether a file is the text, in blocks of any size. */
static bool
is_text(SfdwCompression kind, const Bytes *file)
{
	Outcome		outcome;
	size_t		size;

	for (size = 0; size <= file->length; size++)
	{
		run(kind, file->data, file->length, size, &outcome);
		if (outcome.status.code != SFDW_OK ||
			outcome.length != sizeof(text) ||
			memcmp(outcome.text, text, sizeof(text)) != 0 ||
			outcome.taken != file->length)
		{
			printf("# block size %zu: %s\n", size, outcome.status.message);
			return false;
		}
	}
	return true;
}

/*
 * Whether a file that is torn at any byte fails there, unless that is a place
 * where one of its parts ends.
 */
static bool
is_torn(SfdwCompression kind, const Bytes *file, const size_t *ends, int count)
{
	Outcome		outcome;
	size_t		at;

	for (at = 0; at < file->length; at++)
	{
		bool		is_end = false;
		int			i;

		for (i = 0; i < count; i++)
			is_end |= ends[i] == at;
		run(kind, file->data, at, at % 7, &outcome);
		if (is_end ? outcome.status.code != SFDW_OK :
			outcome.status.code != SFDW_MALFORMED ||
			outcome.status.offset != at)
		{
			printf("# torn at %zu: code %d, offset %d: %s\n", at,
				   outcome.status.code, (int) outcome.status.offset,
				   outcome.status.message);
			return false;
		}
	}
	return true;
}

/* Whether a file fails with a code at a byte, saying a word. */
static bool
fails(SfdwCompression kind, const Bytes *file, SfdwCode code, uint64_t offset,
	  const char *word)
{
	Outcome		outcome;
	size_t		size;

	for (size = 0; size < 40; size++)
	{
		run(kind, file->data, file->length, size, &outcome);
		if (outcome.status.code != code || outcome.status.offset != offset ||
			strstr(outcome.status.message, word) == NULL)
		{
			printf("# block size %zu: code %d, offset %d: %s\n", size,
				   outcome.status.code, (int) outcome.status.offset,
				   outcome.status.message);
			return false;
		}
	}
	return true;
}

/* gzip as it should be, and torn. */
static void
test_gzip(void)
{
	Bytes		file = {0};
	size_t		ends[2];

	add_gzip(&file, text, sizeof(text), false);
	TAP_OK(is_text(SFDW_COMPRESSION_GZIP, &file), "gzip: one member");
	file.length = 0;
	add_gzip(&file, text, 1000, true);
	ends[0] = file.length;
	add_gzip(&file, text, 0, true);
	ends[1] = file.length;
	add_gzip(&file, text + 1000, sizeof(text) - 1000, false);
	TAP_OK(is_text(SFDW_COMPRESSION_GZIP, &file),
		   "gzip: three members, one of them empty, with header fields");
	TAP_OK(is_torn(SFDW_COMPRESSION_GZIP, &file, ends, 2),
		   "gzip: torn at every byte");
}

/* Single bytes of gzip that are wrong. */
static void
test_bad_gzip(void)
{
	Bytes		good = {0};
	Bytes		file;
	size_t		end;

	add_gzip(&good, text, sizeof(text), true);
	end = good.length;
	file = good;
	file.data[file.length++] = '\0';
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, end,
				 "behind the end"), "gzip: a zero behind the end");
	file = good;
	memcpy(file.data + end, "\x1f\x8c", 2);
	file.length += 2;
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, end,
				 "behind the end"), "gzip: half of a member's mark behind it");
	file = good;
	file.data[end - 8] ^= 1;
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, end - 4,
				 "data check"), "gzip: a wrong checksum");
	file = good;
	file.data[end - 4] ^= 1;
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, end,
				 "length check"), "gzip: a wrong length");
	file = good;
	file.data[12] ^= 1;
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, 44,
				 "header crc"), "gzip: a wrong checksum of the header");
	file = good;
	file.data[3] |= 0x80;
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, 4,
				 "header flags"), "gzip: a flag that does not exist");
	file = good;
	file.data[2] = 9;
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, 4,
				 "compression method"), "gzip: another method");
	file.length = 10;
	memcpy(file.data, "Id,Name\r\n1", file.length);
	TAP_OK(fails(SFDW_COMPRESSION_GZIP, &file, SFDW_MALFORMED, 0,
				 "not compressed with gzip"), "gzip: plain text");
}

/* zstd as it should be, torn, and wrong. */
static void
test_zstd(void)
{
	Bytes		file = {0};
	Bytes		bad;
	size_t		ends[4];

	add_zstd(&file, text, sizeof(text));
	TAP_OK(is_text(SFDW_COMPRESSION_ZSTD, &file), "zstd: one frame");
	file.length = 0;
	add_skippable(&file);
	ends[0] = file.length;
	add_zstd(&file, text, 1000);
	ends[1] = file.length;
	add_zstd(&file, text, 0);
	ends[2] = file.length;
	add_skippable(&file);
	ends[3] = file.length;
	add_zstd(&file, text + 1000, sizeof(text) - 1000);
	TAP_OK(is_text(SFDW_COMPRESSION_ZSTD, &file),
		   "zstd: three frames, one of them empty, two that are skipped");
	TAP_OK(is_torn(SFDW_COMPRESSION_ZSTD, &file, ends, 4),
		   "zstd: torn at every byte");
	bad = file;
	bad.data[bad.length - 1] ^= 1;
	TAP_OK(fails(SFDW_COMPRESSION_ZSTD, &bad, SFDW_MALFORMED,
				 bad.length - 4, "checksum"), "zstd: a wrong checksum");
	bad = file;
	memset(bad.data + bad.length, '\0', 5);
	bad.length += 5;
	TAP_OK(fails(SFDW_COMPRESSION_ZSTD, &bad, SFDW_MALFORMED, file.length,
				 "behind the end"), "zstd: zeros behind the end");
	bad.length = 10;
	memcpy(bad.data, "Id,Name\r\n1", bad.length);
	TAP_OK(fails(SFDW_COMPRESSION_ZSTD, &bad, SFDW_MALFORMED, 0,
				 "not compressed with zstd"), "zstd: plain text");
	memcpy(bad.data, "\x27\xb5\x2f\xfd", 4);
	TAP_OK(fails(SFDW_COMPRESSION_ZSTD, &bad, SFDW_MALFORMED, 0,
				 "not compressed with zstd"), "zstd: a frame of version 0.7");
}

/* Frames of zstd that ask for too much. */
static void
test_zstd_limits(void)
{
	/* magic, descriptor 0: no size, no checksum; then the window's log - 10 */
	Bytes		file = {"\x28\xb5\x2f\xfd\x00\x80\x01\0\0", 9};
	Bytes		dictionary = {"\x28\xb5\x2f\xfd\x01\x00\x07\x01\0\0", 10};
	Outcome		outcome;

	TAP_OK(fails(SFDW_COMPRESSION_ZSTD, &file, SFDW_TOO_LARGE, 4,
				 "window of more than 32 MB"), "zstd: a window of 64 MB");
	file.data[5] = (SFDW_ZSTD_MAX_WINDOW_LOG - 10) << 3;
	run(SFDW_COMPRESSION_ZSTD, file.data, file.length, 0, &outcome);
	TAP_OK(outcome.status.code == SFDW_OK && outcome.length == 0,
		   "zstd: the largest window that is accepted");
	TAP_OK(fails(SFDW_COMPRESSION_ZSTD, &dictionary, SFDW_UNSUPPORTED, 4,
				 "dictionary"), "zstd: a dictionary");
}

/* A file of so many zeros is refused, and a smaller one is not. */
static void
test_bomb(SfdwCompression kind, const char *name)
{
	size_t		size = 64 * 1024 * 1024;
	size_t		room = 1024 * 1024;
	char	   *zeros = calloc(size, 1);
	char	   *file = malloc(room);
	Outcome		outcome;
	int			i;

	for (i = 0; i < 2; i++)
	{
		size_t		length = i == 0 ? size : SFDW_INFLATE_FREE_SIZE;
		z_stream	stream = {0};

		if (kind == SFDW_COMPRESSION_ZSTD)
			stream.total_out = ZSTD_compress(file, room, zeros, length, 1);
		else
		{
			deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8,
						 Z_DEFAULT_STRATEGY);
			stream.next_in = (Bytef *) zeros;
			stream.avail_in = (uInt) length;
			stream.next_out = (Bytef *) file;
			stream.avail_out = (uInt) room;
			deflate(&stream, Z_FINISH);
			deflateEnd(&stream);
		}
		run(kind, file, stream.total_out, 4096, &outcome);
		if (i == 0)
			TAP_OK(outcome.status.code == SFDW_TOO_LARGE &&
				   outcome.length <= SFDW_INFLATE_FREE_SIZE +
				   SFDW_MAX_RATIO * stream.total_out,
				   "%s: a bomb stops after %d bytes: %s", name,
				   (int) outcome.length, outcome.status.message);
		else
			TAP_OK(outcome.status.code == SFDW_OK && outcome.length == length,
				   "%s: a small text may grow by any ratio", name);
	}
	free(zeros);
	free(file);
}

/*
 * Damaged files: nothing crashes, and no one of them passes with another text
 * (each has a checksum).
 */
static void
test_mutations(SfdwCompression kind, const char *name)
{
	Bytes		good = {0};
	Outcome		outcome;
	int			refused = 0;
	int			wrong = 0;
	int			i;

	if (kind == SFDW_COMPRESSION_GZIP)
		add_gzip(&good, text, sizeof(text), true);
	else
	{
		add_zstd(&good, text, sizeof(text));
		add_skippable(&good);
	}
	for (i = 0; i < MUTATIONS; i++)
	{
		Bytes		bad = good;
		int			changes = 1 + (int) random_below(4);

		while (changes-- > 0)
			bad.data[random_below(bad.length)] ^= 1 << random_below(8);
		if (random_below(4) == 0)
			bad.length = random_below(bad.length + 1);
		run(kind, bad.data, bad.length, 0, &outcome);
		refused += outcome.status.code != SFDW_OK;
		wrong += outcome.status.code == SFDW_OK &&
			(outcome.length != sizeof(text) ||
			 memcmp(outcome.text, text, sizeof(text)) != 0);
	}
	TAP_OK(wrong == 0 && refused > MUTATIONS / 2,
		   "%s: of %d damaged files %d are refused, %d give another text", name,
		   MUTATIONS, refused, wrong);
}

/* No memory at any point. */
static void
test_memory(SfdwCompression kind, const char *name)
{
	Bytes		file = {0};
	Outcome		outcome;
	int			failures = 0;

	if (kind == SFDW_COMPRESSION_GZIP)
		add_gzip(&file, text, sizeof(text), true);
	else
		add_zstd(&file, text, sizeof(text));
	for (tap_memory_left = 0;; failures++)
	{
		tap_memory_left = failures;
		run(kind, file.data, file.length, 100, &outcome);
		if (outcome.status.code != SFDW_OUT_OF_MEMORY)
			break;
	}
	tap_memory_left = -1;
	TAP_OK(failures > 0 && outcome.status.code == SFDW_OK &&
		   outcome.length == sizeof(text),
		   "%s: memory that runs out is told, %d times", name, failures);
}

/* What names and first bytes say. */
static void
test_forms(void)
{
	SfdwCompression kind;

	TAP_OK(sfdw_compression_of_name("a.csv.GZ", 8) == SFDW_COMPRESSION_GZIP &&
		   sfdw_compression_of_name("a.zst", 5) == SFDW_COMPRESSION_ZSTD &&
		   sfdw_compression_of_name(".gz", 3) == SFDW_COMPRESSION_NONE &&
		   sfdw_compression_of_name("a.csv", 5) == SFDW_COMPRESSION_NONE,
		   "a name's suffix");
	TAP_OK(sfdw_compression_of_bytes("\x1f\x8b", 2) == SFDW_COMPRESSION_GZIP &&
		   sfdw_compression_of_bytes("\x5a\x2a\x4d\x18", 4) == SFDW_COMPRESSION_ZSTD &&
		   sfdw_compression_of_bytes("\x6a\x2a\x4d\x18", 4) == SFDW_COMPRESSION_NONE &&
		   sfdw_compression_of_bytes("\x1f", 1) == SFDW_COMPRESSION_NONE,
		   "the first bytes");
	TAP_OK(sfdw_compression_parse("zstd", &kind) &&
		   kind == SFDW_COMPRESSION_ZSTD && !sfdw_compression_parse("", &kind) &&
		   !sfdw_compression_parse("GZIP", &kind), "the option");
}

int
main(void)
{
	make_text();
	test_forms();
	test_gzip();
	test_bad_gzip();
	test_zstd();
	test_zstd_limits();
	test_bomb(SFDW_COMPRESSION_GZIP, "gzip");
	test_bomb(SFDW_COMPRESSION_ZSTD, "zstd");
	test_mutations(SFDW_COMPRESSION_GZIP, "gzip");
	test_mutations(SFDW_COMPRESSION_ZSTD, "zstd");
	test_memory(SFDW_COMPRESSION_GZIP, "gzip");
	test_memory(SFDW_COMPRESSION_ZSTD, "zstd");
	return tap_done();
}
