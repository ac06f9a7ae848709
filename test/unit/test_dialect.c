/* export/dialect.c: names, files of objects, detection. */
#include "export/dialect.h"
#include "tap.h"

/* The table: what is supported, and the names that are only known. */
static void
test_table(void)
{
	static const char *const names[] = {"cds", "csv", "data_export", "bulk",
	"data_loader", "sf", "appflow", "parquet"};
	SfdwEscape	escape;
	int			i;

	for (i = 0; i < 8; i++)
	{
		const SfdwDialect *dialect = sfdw_dialect_find(names[i]);

		TAP_OK(dialect && dialect == sfdw_dialect_at(i) &&
			   dialect->is_supported == (i < 2) && dialect->description[0],
			   "%s is %s", names[i], i < 2 ? "supported" : "known");
	}
	TAP_OK(sfdw_dialect_at(8) == NULL && sfdw_dialect_at(-1) == NULL &&
		   sfdw_dialect_find("auto") == NULL && sfdw_dialect_find("CSV") == NULL,
		   "there are no others");
	TAP_OK(sfdw_dialect_find("cds")->quoted_empty_is_null &&
		   !sfdw_dialect_find("csv")->quoted_empty_is_null,
		   "a quoted empty field is null in cds alone");
	TAP_OK(sfdw_dialect_parse_escape("none", &escape) &&
		   escape == SFDW_ESCAPE_NONE &&
		   sfdw_dialect_parse_escape("unicode_escape", &escape) &&
		   escape == SFDW_ESCAPE_UNICODE &&
		   !sfdw_dialect_parse_escape("backslash", &escape), "escapes");
	TAP_OK(sfdw_dialect_unescapes(sfdw_dialect_find("cds"), SFDW_FIELD_STRING) &&
		   !sfdw_dialect_unescapes(sfdw_dialect_find("cds"), SFDW_FIELD_ADDRESS) &&
		   !sfdw_dialect_unescapes(sfdw_dialect_find("csv"), SFDW_FIELD_STRING),
		   "cds escapes text, but not compound values");
}

/* Which keys are files of objects. */
static void
test_object_of(void)
{
	static const struct
	{
		const char *key;
		int			length;		/* 0: none */
		SfdwCompression compression;
	}			cases[] = {
		{"Account.csv", 7, SFDW_COMPRESSION_NONE},
		{"ACCOUNT.CSV", 7, SFDW_COMPRESSION_NONE},
		{"My_Thing__c.csv", 11, SFDW_COMPRESSION_NONE},
		{"a.b.csv", 3, SFDW_COMPRESSION_NONE},
		{"Account.csv.gz", 7, SFDW_COMPRESSION_GZIP},
		{"Account.csv.zst", 7, SFDW_COMPRESSION_ZSTD},
		{"ACCOUNT.CSV.GZ", 7, SFDW_COMPRESSION_GZIP},
		{"Account.csv.gz.gz", 0}, {"Account.gz", 0}, {".csv.gz", 0}, {".gz", 0},
		{"Account.csv.bz2", 0}, {"Account.csv.", 0}, {"_Account.csv.gz", 0},
		{"sub/Account.csv.gz", 0}, {"Account", 0}, {".csv", 0},
		{"_staging.csv", 0}, {".hidden.csv", 0}, {"sub/Account.csv", 0}, {"", 0},
		{"Account.csvx", 0},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		size_t		length = 0;
		SfdwCompression compression;
		bool		is_file;

		is_file = sfdw_dialect_object_of(sfdw_dialect_find("cds"), cases[i].key,
										 &length, &compression);
		TAP_OK(is_file == (cases[i].length > 0) &&
			   length == (size_t) cases[i].length &&
			   (!is_file || compression == cases[i].compression),
			   "key \"%s\"", cases[i].key);
	}
	TAP_OK(!sfdw_dialect_object_of(sfdw_dialect_find("bulk"), "Account.csv",
								   &(size_t) {0}, &(SfdwCompression) {0}),
		   "a dialect that is not supported has no files");
}

/* Scan a file and find its dialect. */
static void
sniff(const char *text, const char *expected)
{
	static const SfdwCsvOptions options = {',', '"', 10000};
	SfdwStatus	status = {0};
	SfdwCsvScan *scan = sfdw_csv_create(&tap_memory, &options, &status);
	SfdwCsvRecord record;
	SfdwDialectSniffer sniffer;
	const char *reason;
	const char *name;

	sfdw_dialect_sniff_init(&sniffer);
	sfdw_csv_push(scan, text, strlen(text));
	while (sfdw_csv_next(scan, &record, &status) == SFDW_CSV_RECORD)
		sfdw_dialect_sniff_add(&sniffer, &record);
	sfdw_csv_free(scan);
	name = sfdw_dialect_sniff_verdict(&sniffer, &reason)->name;
	TAP_OK(strcmp(name, expected) == 0 && reason != NULL, "%s: %s", name, reason);
}

/* Detection by what exporters do and never do. */
static void
test_sniff(void)
{
	sniff("Id,IsDeleted\n001,False\n", "cds");
	sniff("Id,Name\n001,Sant\\xe9\n", "cds");
	sniff("Id,BillingAddress\n", "cds");
	sniff("Id,BillingAddress\n1,\"OrderedDict({'city': 'Montr\xc3\xa9" "al', 'street': 'l\\'Est'})\"\n", "cds");
	sniff("Id,Name\n", "csv");
	sniff("Id,Name\n1,plain\n", "csv");
	sniff("Id,IsDeleted\n001,false\n", "csv");
	sniff("Id,IsDeleted,Name\n1,False,true\n2,False,x\n", "cds");
	sniff("Id,IsDeleted\n001,FALSE\n", "csv");
	sniff("Id,IsDeleted,Name\n1,False,Sant\xc3\xa9\n", "csv");
	sniff("Id,IsDeleted,Name\n1,False,Sant\xe9\n", "csv");
	sniff("Id,IsDeleted,Path\n1,False,C:\\dir\n", "csv");
	sniff("Id,IsDeleted,Path\n1,False,end\\\n", "csv");
	sniff("Id,Path\n1,C:\\\\x\n", "csv");
	sniff("Id,BillingAddress,IsDeleted\n1,\"{\"\"city\"\":1}\",false\n", "csv");
}

int
main(void)
{
	test_table();
	test_object_of();
	test_sniff();
	return tap_done();
}
