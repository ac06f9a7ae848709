/*-------------------------------------------------------------------------
 * options.c
 *		What a user may ask of the Parquet writer
 *-------------------------------------------------------------------------
 */
#include "parquet/options.h"

#include "core/names.h"
#include "parquet/compress.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/varlena.h"

/* Row groups as other writers make them. */
#define DEFAULT_ROW_GROUP_ROWS (1024 * 1024)
#define DEFAULT_ROW_GROUP_BYTES (INT64CONST(128) * 1024 * 1024)

/* Rows and bytes of a row group: the file's format would allow more. */
#define MAX_ROW_GROUP_ROWS INT64CONST(1000000000)
#define MIN_ROW_GROUP_BYTES (INT64CONST(64) * 1024)
#define MAX_ROW_GROUP_BYTES (INT64CONST(16) * 1024 * 1024 * 1024)

/* The words of an enumeration, in the order of their values below. */
static const char *const codec_words[] = {"none", "snappy", "zstd", NULL};
static const SfdwParquetCodec codecs[] = {
	SFDW_CODEC_NONE, SFDW_CODEC_SNAPPY, SFDW_CODEC_ZSTD
};
static const char *const unit_words[] = {"millis", "micros", NULL};
static const SfdwTimeUnit units[] = {SFDW_UNIT_MILLIS, SFDW_UNIT_MICROS};

const SfdwOption sfdw_parquet_options[] = {
	{"compression", InvalidOid, SFDW_OPTION_ENUM, .choices = codec_words},
	{"compression_level", InvalidOid, SFDW_OPTION_INT, .min = 1,
	.max = SFDW_ZSTD_MAX_LEVEL},
	{"row_group_size", InvalidOid, SFDW_OPTION_INT, .min = 1,
	.max = MAX_ROW_GROUP_ROWS},
	{"row_group_size_bytes", InvalidOid, SFDW_OPTION_SIZE,
	.min = MIN_ROW_GROUP_BYTES, .max = MAX_ROW_GROUP_BYTES},
	{"timestamps", InvalidOid, SFDW_OPTION_ENUM, .choices = unit_words},
	{"statistics", InvalidOid, SFDW_OPTION_BOOL},
	{"sorted_by", InvalidOid, SFDW_OPTION_TEXT},
	{"key_value_metadata", InvalidOid, SFDW_OPTION_TEXT},
	{NULL}
};
const int	sfdw_parquet_num_options = lengthof(sfdw_parquet_options) - 1;

/* What is used where nothing is said. */
void
sfdw_parquet_options_default(SfdwParquetOptions *options)
{
	memset(options, 0, sizeof(*options));
	options->codec = SFDW_CODEC_SNAPPY;
	options->level = SFDW_ZSTD_DEFAULT_LEVEL;
	options->row_group_rows = DEFAULT_ROW_GROUP_ROWS;
	options->row_group_bytes = DEFAULT_ROW_GROUP_BYTES;
	options->timestamps = SFDW_UNIT_MICROS;
	options->statistics = true;
}

/* Look the column up. */
bool
sfdw_parquet_hides_bounds(const SfdwParquetOptions *options,
						  const char *column)
{
	return sfdw_names_have(options->unbounded, column);
}

/* The place of a validated word among its choices. */
static int
find_word(const char *const *words, const char *word)
{
	int			i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	elog(ERROR, "option value \"%s\" was not validated", word);
}

/* Read a list of column names, as SQL writes them. */
static List *
read_names(const char *text)
{
	List	   *names;

	if (!SplitIdentifierString(pstrdup(text), ',', &names) || names == NIL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("invalid value for option \"%s\"", "sorted_by"),
				errdetail("The option takes a list of column names, separated by commas."));
	return names;
}

/* Raise the error for a value that is not an object of strings. */
static void
reject_properties(void)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid value for option \"%s\"", "key_value_metadata"),
			errdetail("The option takes a JSON object whose values are strings."));
}

/* The text of a JSON string. */
static char *
string_of(const JsonbValue *value)
{
	if (value->type != jbvString)
		reject_properties();
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* Read a JSON object of strings. */
static List *
read_properties(const char *text)
{
	Jsonb	   *jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
														   CStringGetDatum(text)));
	JsonbIterator *iterator = JsonbIteratorInit(&jsonb->root);
	List	   *properties = NIL;
	JsonbValue	value;
	JsonbIteratorToken token;

	if (JsonbIteratorNext(&iterator, &value, false) != WJB_BEGIN_OBJECT)
		reject_properties();
	while ((token = JsonbIteratorNext(&iterator, &value, true)) == WJB_KEY)
	{
		SfdwParquetProperty *property = palloc(sizeof(SfdwParquetProperty));

		property->key = string_of(&value);
		(void) JsonbIteratorNext(&iterator, &value, true);
		property->value = string_of(&value);
		properties = lappend(properties, property);
	}
	return properties;
}

/* Read the words from a validated list. */
void
sfdw_parquet_options_read(List *words, SfdwParquetOptions *options)
{
	const char *word;

	sfdw_parquet_options_default(options);
	word = sfdw_option_text(words, "compression", NULL);
	if (word != NULL)
		options->codec = codecs[find_word(codec_words, word)];
	word = sfdw_option_text(words, "timestamps", NULL);
	if (word != NULL)
		options->timestamps = units[find_word(unit_words, word)];
	if (options->codec != SFDW_CODEC_ZSTD &&
		sfdw_option_text(words, "compression_level", NULL) != NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("option \"%s\" needs option \"%s\" to be \"%s\"",
					   "compression_level", "compression", "zstd"));
	options->level = (int) sfdw_option_int(words, "compression_level",
										   options->level);
	options->row_group_rows = sfdw_option_int(words, "row_group_size",
											  options->row_group_rows);
	options->row_group_bytes = sfdw_option_int(words, "row_group_size_bytes",
											   options->row_group_bytes);
	options->statistics = sfdw_option_bool(words, "statistics",
										   options->statistics);
	word = sfdw_option_text(words, "sorted_by", NULL);
	if (word != NULL)
		options->sorted_by = read_names(word);
	word = sfdw_option_text(words, "key_value_metadata", NULL);
	if (word != NULL)
		options->properties = read_properties(word);
}
