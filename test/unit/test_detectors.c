/*-------------------------------------------------------------------------
 * test_detectors.c
 *		What the detectors find, and what they must let pass
 *
 * People, numbers and keys here are made up; numbers with check digits are
 * published samples.
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include <stdint.h>
#include <time.h>

#include "dataset/checksums.h"
#include "dataset/detectors.h"
#include "dataset/fold.h"
#include "export/record_id.h"

#define UUID1	"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
#define UUID2	"11111111-2222-3333-4444-555555555555"

/* One text, and what is found in it: "detector:matched text" joined by "|". */
typedef struct Case
{
	const char *text;
	const char *found;
} Case;

static SfdwDetection detection;

/* All matches of a text, written as in Case; number: read it as a number. */
static const char *
find(const char *text, SfdwTextKind kind)
{
	static char found[1000];
	size_t		used = 0;
	SfdwMatch	match;
	SfdwStatus	status = {SFDW_OK};

	found[0] = '\0';
	if (!sfdw_detect_begin(&detection, text, strlen(text), kind, &status))
		return "out of memory";
	while (sfdw_detect_next(&detection, &match))
		used += (size_t) snprintf(found + used, sizeof(found) - used,
								  "%s%s:%.*s", used > 0 ? "|" : "",
								  sfdw_detector_name(match.detector),
								  (int) (match.end - match.start),
								  text + match.start);
	return found;
}

/* Check a table of cases under one heading. */
static void
check(const char *heading, const Case *cases, size_t count)
{
	size_t		i;

	for (i = 0; i < count; i++)
	{
		const char *found = find(cases[i].text, SFDW_TEXT_WORDS);

		if (!TAP_OK(strcmp(found, cases[i].found) == 0, "%s: %s", heading,
					cases[i].text))
			printf("#   found \"%s\", not \"%s\"\n", found, cases[i].found);
	}
}

#define CHECK(heading, cases) \
	check(heading, cases, sizeof(cases) / sizeof(cases[0]))

/* Addresses in sentences of both languages, and things with an @ that are none. */
static void
test_email(void)
{
	static const Case cases[] = {
		{"jane@example.org", "email:jane@example.org"},
		{"Write to jane.doe+crm@mail.example.org.", "email:jane.doe+crm@mail.example.org"},
		{"Écrire à andré@exemple.ca, svp", "email:andré@exemple.ca"},
		{"<mailto:o'brien@example.org>", "email:o'brien@example.org"},
		{"\"jane doe\"@example.org", "email:\"jane doe\"@example.org"},
		{"jane@exämple.org", "email:jane@exämple.org"},
		{"a@b.ca;c@d.ca", "email:a@b.ca|email:c@d.ca"},
		{"jane@example.org.2024", "email:jane@example.org"},
		{"613-555-0199@txt.example.org",
		"phone:613-555-0199|email:613-555-0199@txt.example.org"},
		{"jane@localhost", ""},
		{"@jane on the forum", ""},
		{"3 @ 5.00 each", ""},
		{"3@1.25", ""},
		{"jane@", ""},
		{"@example.org", ""},
		{"--@example.org", ""},
		{"jane@example.o", ""},
		{"@@@@", ""},
	};

	CHECK("email", cases);
}

/* Numbers with a right check digit in groups or by name, and amounts. */
static void
test_sin(void)
{
	static const Case cases[] = {
		{"130 692 544", "sin:130 692 544"},
		{"NAS : 130-692-544.", "sin:130-692-544"},
		{"130692544", "sin:130692544"},
		{" 130692544\n", "sin:130692544"},
		{"Her SIN is 130692544 now", "sin:130692544"},
		{"numéro d'assurance sociale: 130692544", "sin:130692544"},
		{"130\xC2\xA0""692\xC2\xA0""544", "sin:130\xC2\xA0""692\xC2\xA0""544"},
		{"tel_130-692-544_x", "sin:130-692-544"},
		{"130 692 544 046 454 286", "sin:130 692 544"},
		{"046 454 286", ""},	/* begins with 0 */
		{"830 692 544", ""},
		{"130 692 545", ""},	/* check digit */
		{"130-692 544", ""},	/* two kinds of separator */
		{"130 692 544 $", ""},
		{"$130 692 544", ""},
		{"130 692 544,00", ""},
		{"130 692 544 €", ""},
		{"PO 130692544", ""},	/* bare, without a name */
		{"A130692544", ""},
		{"1306925440", ""},
		{"130692544RT0001", ""},	/* business number */
	};

	CHECK("sin", cases);
}

/* Every usual way to write a phone number, and other long numbers. */
static void
test_phone(void)
{
	static const Case cases[] = {
		{"613-555-0199", "phone:613-555-0199"},
		{"(613) 555-0199", "phone:(613) 555-0199"},
		{"613.555.0199", "phone:613.555.0199"},
		{"613 555 0199 poste 12", "phone:613 555 0199"},
		{"613-555-0199x12", "phone:613-555-0199"},
		{"6135550199", "phone:6135550199"},
		{"+4915112345678x1234", "phone:+4915112345678"},
		{"+1 613 555 0199", "phone:+1 613 555 0199"},
		{"+1 (613) 555-0199", "phone:+1 (613) 555-0199"},
		{"1-613-555-0199", "phone:1-613-555-0199"},
		{"16135550199", "phone:16135550199"},
		{"le 2024-01-15 613-555-0199", "phone:613-555-0199"},
		{"tél.:613-555-0199", "phone:613-555-0199"},
		{"+33 1 23 45 67 89", "phone:+33 1 23 45 67 89"},
		{"+33 (0)1 23 45 67 89", "phone:+33 (0)1 23 45 67 89"},
		{"+442079460958", "phone:+442079460958"},
		{"555-0199", ""},
		{"113-555-0199", ""},	/* no area begins with 1 */
		{"911-555-0199", ""},
		{"613-155-0199", ""},	/* no exchange begins with 1 */
		{"613-555-01990", ""},
		{"9613-555-0199", ""},
		{"2024-01-15T14:30:00.000+0000", ""},
		{"20240115143000", ""},
		{"1700000000", ""},
		{"1700000000000", ""},
		{"45.4215296, -75.6971931", ""},
		{"Budget 6 135 550 199 $", ""},
		{UUID1, ""},
		{UUID2, ""},
		{"abc6135550199", ""},
	};

	CHECK("phone", cases);
}

/* The letters that postal codes use, and words around them. */
static void
test_postal_code(void)
{
	static const Case cases[] = {
		{"K1A 0B1", "postal_code:K1A 0B1"},
		{"k1a0b1", "postal_code:k1a0b1"},
		{"Ottawa ON K1A-0B1, Canada", "postal_code:K1A-0B1"},
		{"H2X\xE2\x80\xAF""1Y4", "postal_code:H2X\xE2\x80\xAF""1Y4"},
		{"K1A  0B1", "postal_code:K1A  0B1"},
		{"D1A 0B1", ""},
		{"W1A 0B1", ""},
		{"K1O 0B1", ""},
		{"K1A 0U1", ""},
		{"K1A 0B12", ""},
		{"XK1A 0B1", ""},
		{"K1A, 0B1", ""},
		{"0015500000K1A0B1AA", ""},
	};

	CHECK("postal_code", cases);
}

/* Sample cards of the issuers, and numbers that only look so. */
static void
test_card(void)
{
	static const Case cases[] = {
		{"4532015112830366", "card:4532015112830366"},
		{"4532 0151 1283 0366 12/26", "card:4532 0151 1283 0366"},
		{"4532-0151-1283-0366", "card:4532-0151-1283-0366"},
		{"5555555555554444", "card:5555555555554444"},
		{"3782 822463 10005", "card:3782 822463 10005"},
		{"6011111111111117", "card:6011111111111117"},
		{"3056 930902 5904", "card:3056 930902 5904"},
		{"carte 4222222222222.", "card:4222222222222"},
		{"4532015112830367", ""},	/* check digit */
		{"1532015112830361", ""},	/* no issuer */
		{"45320151128303660", ""},	/* length */
		{"4532 0151-1283 0366", ""},
		{"453 2015 1128 3036 6", ""},
		{"001500000000018", ""},
	};

	CHECK("card", cases);
}

/* The registry's own examples, compact and in groups. */
static void
test_iban(void)
{
	static const Case cases[] = {
		{"GB29NWBK60161331926819", "iban:GB29NWBK60161331926819"},
		{"IBAN: GB29 NWBK 6016 1331 9268 19.", "iban:GB29 NWBK 6016 1331 9268 19"},
		{"DE89 3704 0044 0532 0130 00", "iban:DE89 3704 0044 0532 0130 00"},
		{"fr1420041010050500013m02606", "iban:fr1420041010050500013m02606"},
		{"NO9386011117947", "iban:NO9386011117947"},
		{"NL91ABNA0417164300", "iban:NL91ABNA0417164300"},
		{"GB29NWBK60161331926818", ""},
		{"GB29NWBK6016133192681", ""},
		{"GB29NWBK601613319268199", ""},
		{"ZZ29NWBK60161331926819", ""},
		{"GB29 NWBK 60161331926819", "iban:GB29 NWBK 60161331926819"},
	};

	CHECK("iban", cases);
}

/* Addresses of both kinds, versions, times. */
static void
test_ip(void)
{
	static const Case cases[] = {
		{"192.168.0.1", "ip:192.168.0.1"},
		{"from 10.0.0.255:8080", "ip:10.0.0.255"},
		{"2001:db8::1", "ip:2001:db8::1"},
		{"fe80::1", "ip:fe80::1"},
		{"face::1", "ip:face::1"},
		{"2001:0db8:0000:0000:0000:ff00:0042:8329",
		"ip:2001:0db8:0000:0000:0000:ff00:0042:8329"},
		{"::ffff:192.168.0.1", "ip:192.168.0.1"},
		{"256.1.1.1", ""},
		{"1.2.3", ""},
		{"1.2.3.4.5", ""},
		{"v1.2.3.4", ""},
		{"12:30:45", ""},
		{"00:1A:2B:3C:4D:5E", "mac:00:1A:2B:3C:4D:5E"},
		{"a::1", ""},
		{"1:2:3:4:5:6:7:8", "ip:1:2:3:4:5:6:7:8"},
		{"1:2:3:4:5:6:7:8:9", ""},
		{"id:2001:db8::1", "ip:2001:db8::1"},
		{"1::2::3", ""},
		{"12:::34", ""},
		{"Add::Face", ""},
		{"1::text", ""},
	};

	CHECK("ip", cases);
}

/* Keys, and the single UUIDs that are not one. */
static void
test_keys(void)
{
	static const Case cases[] = {
		{"AKIAIOSFODNN7EXAMPLE", "aws_key:AKIAIOSFODNN7EXAMPLE"},
		{"key=ASIAABCDEFGHIJKLMNOP;", "aws_key:ASIAABCDEFGHIJKLMNOP"},
		{"gcntfy-mykey-" UUID1 "-" UUID2, "notify_key:" UUID1 "-" UUID2},
		{"AKIAIOSFODNN7EXAMPL", ""},
		{"AKIAIOSFODNN7EXAMPLEX", ""},
		{"AKIAiosfodnn7example", ""},
		{UUID1, ""},
		{UUID1 " " UUID2, ""},
	};

	CHECK("keys", cases);
}

/* What a person reads as an ASCII character is one. */
static void
test_folding(void)
{
	static const Case cases[] = {
		{"jane\xEF\xBC\xA0""example\xEF\xBC\x8E""org",
		"email:jane\xEF\xBC\xA0""example\xEF\xBC\x8E""org"},
		{"６１３－５５５－０１９９", "phone:６１３－５５５－０１９９"},
		{"613\xE2\x80\x91""555\xE2\x80\x91""0199",
		"phone:613\xE2\x80\x91""555\xE2\x80\x91""0199"},
		{"6\xE2\x80\x8B""13-5\xC2\xAD""55-0199",
		"phone:6\xE2\x80\x8B""13-5\xC2\xAD""55-0199"},
		{"«613-555-0199»", "phone:613-555-0199"},
		{"“K1A 0B1”", "postal_code:K1A 0B1"},
		{"٦١٣-٥٥٥-٠١٩٩", "phone:٦١٣-٥٥٥-٠١٩٩"},
		{"𝟔𝟏𝟑-𝟓𝟓𝟓-𝟎𝟏𝟗𝟗", "phone:𝟔𝟏𝟑-𝟓𝟓𝟓-𝟎𝟏𝟗𝟗"},
		{"𝐣𝐚𝐧𝐞@example.org", "email:𝐣𝐚𝐧𝐞@example.org"},
		{"1️⃣30-692-544", "sin:1️⃣30-692-544"},
		{"☎613-555-0199", "phone:613-555-0199"},
		{"é613-555-0199", ""},
		{"Santé Canada – région de l’Atlantique", ""},
	};

	CHECK("folding", cases);
}

/*
 * A number is read whole: digits with a sign or a fraction are amounts, and
 * other detectors than sin, phone and card do not look at it.
 */
static void
test_numbers(void)
{
	static const Case cases[] = {
		{"130692544", "sin:130692544"},
		{"130692544.00", "sin:130692544"},
		{"6135550199", "phone:6135550199"},
		{"16135550199", "phone:16135550199"},
		{"6135550199.0", "phone:6135550199"},
		{"4532015112830366", "card:4532015112830366"},
		{"4532015112830366.0", "card:4532015112830366"},
		{"-4532015112830366", "card:4532015112830366"},
		{"130692545", ""},		/* check digit */
		{"46454286", ""},		/* a SIN that begins with 0 has lost it */
		{"830692544", ""},		/* no person's */
		{"-130692544", ""},
		{"130692544.25", ""},
		{"130692544.001", ""},
		{"1306925440", ""},
		{"11130692544", ""},
		{"0.130692544", ""},
		{"1135550199", ""},		/* no area begins with 1 */
		{"6131550199", ""},		/* no exchange begins with 1 */
		{"-6135550199", ""},
		{"6135550199.25", ""},
		{"613.5550199", ""},
		{"61355501990", ""},
		{"1.3069254e+08", ""},
		{"$130,692,544.00", ""},
		{"1.2", ""},
		{"0", ""},
		{"0.00", ""},
		{".0", ""},
		{"NaN", ""},
		{"Infinity", ""},
		{"", ""},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *found = find(cases[i].text, SFDW_TEXT_NUMBER);

		if (!TAP_OK(strcmp(found, cases[i].found) == 0, "number: %s",
					cases[i].text))
			printf("#   found \"%s\", not \"%s\"\n", found, cases[i].found);
	}
}

/* A shape holds no letter or digit of the text, and is bounded. */
static void
test_shapes(void)
{
	static const char *const texts[][2] = {
		{"jane@example.org", "aaaa@aaaaaaa.aaa"},
		{"andré@exemple.ca", "aaaaa@aaaaaaa.aa"},
		{"613\xE2\x80\x91""555\xE2\x80\x91""0199", "ddd-ddd-dddd"},
		{"(613) 555-0199", "(ddd) ddd-dddd"},
		{"k1a 0b1", "ada dad"},
	};
	char		shape[SFDW_SHAPE_SIZE];
	SfdwMatch	match = {SFDW_DETECT_EMAIL, 0, 0};
	char		text[200];
	size_t		i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		match.end = strlen(texts[i][0]);
		sfdw_detect_shape(texts[i][0], match.start, match.end, shape);
		if (!TAP_OK(strcmp(shape, texts[i][1]) == 0, "shape of %s", texts[i][0]))
			printf("#   %s\n", shape);
	}
	memset(text, 'x', sizeof(text));
	match.end = sizeof(text);
	sfdw_detect_shape(text, match.start, match.end, shape);
	TAP_OK(strlen(shape) == SFDW_SHAPE_SIZE - 1 &&
		   strcmp(shape + SFDW_SHAPE_LENGTH, "...") == 0, "a long shape is cut");
}

/* A pattern at any place of a long text is found, at its place. */
static void
test_positions(void)
{
	static const char needle[] = "jane@example.org";
	char		text[600];
	size_t		length = sizeof(text);
	size_t		at;
	int			wrong = 0;

	for (at = 1; at + sizeof(needle) < length; at++)
	{
		SfdwStatus	status = {SFDW_OK};
		SfdwMatch	match;

		/* Two bytes a character, so that places differ when folded. */
		memset(text, ' ', length);
		if (at >= 3)
			memcpy(text + at - 3, "\xC2\xA0 ", 3);
		memcpy(text + at, needle, sizeof(needle) - 1);
		if (!sfdw_detect_begin(&detection, text, length, SFDW_TEXT_WORDS, &status) ||
			!sfdw_detect_next(&detection, &match) || match.start != at ||
			match.end != at + sizeof(needle) - 1 ||
			sfdw_detect_next(&detection, &match))
			wrong++;
	}
	TAP_OK(wrong == 0, "found at every place: %d wrong", wrong);
}

/*
 * A text that begins the same pattern at every byte is read in linear time:
 * half a megabyte of each would take minutes otherwise.
 */
static void
test_long_texts(void)
{
	static const char *const parts[] = {
		"1:", "1.", "1 ", "a@", "\"a@", "@a.", "a.@b.c", "+1 ", "(", "123-", "130692544 ",
		"K1A ", "FR76 ", "GB29", "4", "    ", "12345678-1234-", "::", "\xC2\xA0", "\xEF\xBC\x91",
		"é@", "sin 130692544 ", "eyJhbGciOiJ.", "ghp_", "1 a-", "1 rue-a-", "TREM ", "born 1/1/1984 ",
		"a://b:", "00:11:", "AKIA-", "OHIP 9876543217 ", "x-----BEGIN "
	};
	const size_t length = 500000;
	char	   *text = malloc(length);
	SfdwStatus	status = {SFDW_OK};
	SfdwMatch	match;
	clock_t		start = clock();
	size_t		i;
	size_t		at;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
	{
		for (at = 0; at < length; at++)
			text[at] = parts[i][at % strlen(parts[i])];
		memcpy(text + length - 10, " 130692544", 10);
		if (sfdw_detect_begin(&detection, text, length, SFDW_TEXT_WORDS, &status))
			while (sfdw_detect_next(&detection, &match))
				;
	}
	TAP_OK((clock() - start) / CLOCKS_PER_SEC < 60, "long texts are read in linear time");
	free(text);
}

/* Without memory a text that must be folded fails, and says why. */
static void
test_memory(void)
{
	SfdwDetection poor;
	SfdwStatus	status = {SFDW_OK};
	SfdwMatch	match;

	sfdw_detect_init(&poor, &tap_memory);
	tap_memory_left = 0;
	TAP_OK(!sfdw_detect_begin(&poor, "é", 2, SFDW_TEXT_WORDS, &status) &&
		   status.code == SFDW_OUT_OF_MEMORY, "no memory to fold");
	TAP_OK(sfdw_detect_begin(&poor, "a@b.ca", 6, SFDW_TEXT_WORDS, &status) &&
		   sfdw_detect_next(&poor, &match), "ASCII needs none");
	tap_memory_left = -1;
	sfdw_detect_free(&poor);
}

/* Bytes that are not UTF-8 and texts that end early are read to their end. */
static void
test_odd_bytes(void)
{
	char		text[4];
	uint32_t	i;
	int			found = 0;

	for (i = 0; i < 1u << 24; i += 251)
	{
		SfdwStatus	status = {SFDW_OK};
		SfdwMatch	match;

		memcpy(text, &i, sizeof(text));
		if (!sfdw_detect_begin(&detection, text, 3, SFDW_TEXT_WORDS, &status))
			found++;
		while (sfdw_detect_next(&detection, &match))
			found++;
	}
	TAP_OK(found == 0, "three bytes of any kind are read: %d found", found);
}

static uint64_t random_state = 20240115;

/* A random number below n; always the same sequence. */
static uint32_t
random_below(uint32_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (uint32_t) ((random_state >> 33) % n);
}

/* A valid 18-character id over the first characters of the alphabet. */
static void
make_id(char *id, uint32_t alphabet)
{
	static const char letters[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char suffix[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
	int			i;

	memset(id + 15, 0, 4);
	for (i = 0; i < 15; i++)
	{
		id[i] = letters[random_below(alphabet)];
		if (id[i] >= 'A' && id[i] <= 'Z')
			id[15 + i / 5] |= (char) (1 << i % 5);
	}
	for (i = 15; i < 18; i++)
		id[i] = suffix[(int) id[i]];
}

/* Whether a text is a record id whose checksum is right. */
static bool
is_id(const char *text)
{
	char		extended[SFDW_ID_LONG_LENGTH];
	SfdwStatus	status = {SFDW_OK};

	return sfdw_record_id_extend(text, strlen(text), extended, &status);
}

/*
 * Random ids, over the whole alphabet and over smaller ones that make digits
 * and capitals frequent; whole, and between punctuation.
 */
static void
test_ids(void)
{
	static const uint32_t alphabets[] = {62, 36, 16, 12, 10};
	char		id[19];
	char		text[30];
	int			found = 0;
	int			invalid = 0;
	int			i;

	for (i = 0; i < 1000000; i++)
	{
		make_id(id, i < 600000 ? 62 : alphabets[i % 5]);
		invalid += !is_id(id);
		found += find(id, SFDW_TEXT_WORDS)[0] != '\0';
		if (i % 10 == 0)
		{
			snprintf(text, sizeof(text), "(%s), %.3s", id, id);
			found += find(text, SFDW_TEXT_WORDS)[0] != '\0';
		}
	}
	TAP_OK(invalid == 0, "1,000,000 random ids pass their checksum");
	TAP_OK(found == 0, "none of them looks like anything: %d do", found);
	TAP_OK(!is_id("0015500000ABCDEAAA") && !is_id("0015500000-BCDEAAA"),
		   "an id with a wrong suffix, a hyphen");
}

/* The speed over words such as names have, printed and not judged. */
static void
show_speed(void)
{
	static const char sentence[] = "Agency of Widgets, region 7: 0015500000ABCDEIA5 "
		"Service de transport du Canada 2024-01-15 ";
	size_t		length = (sizeof(sentence) - 1) * 10000;
	char	   *text = malloc(length);
	SfdwStatus	status = {SFDW_OK};
	SfdwMatch	match;
	clock_t		start;
	double		seconds;
	size_t		i;

	for (i = 0; i < length; i++)
		text[i] = sentence[i % (sizeof(sentence) - 1)];
	start = clock();
	for (i = 0; i < 20; i++)
	{
		if (sfdw_detect_begin(&detection, text, length, SFDW_TEXT_WORDS, &status))
			while (sfdw_detect_next(&detection, &match))
				;
	}
	seconds = (double) (clock() - start) / CLOCKS_PER_SEC;
	printf("# ASCII text: %.0f MB/s in this build\n", (double) length * 20 / 1e6 / seconds);
	free(text);
}

/* Numbers and dates that a word beside them makes a person's. */
static void
test_people(void)
{
	static const Case cases[] = {
		{"TREM 8451 1234", "ramq:TREM 8451 1234"},
		{"TREM 8413 1234", ""},
		{"TREM 8401 3234", ""},
		{"TREM 8401 1534", "ramq:TREM 8401 1534"},
		{"TREM84511534", "ramq:TREM84511534"},
		{"trem-8462-3199", "ramq:trem-8462-3199"},
		{"TREM84631534", ""},
		{"XTREM84511534", ""},
		{"OHIP 9876-543-217 AB", "ohip:9876-543-217 AB"},
		{"carte sant\xc3\xa9 : 9876543217", "ohip:9876543217"},
		{"PHN 9698 658 215", "bc_phn:9698 658 215"},
		{"PHN 9698 658 216", ""},
		{"PRI 12345678", "pri:12345678"},
		{"CIDP: 123 456 789", "pri:123 456 789"},
		{"price 12345678", ""},
		{"passport AB123456", "passport:AB123456"},
		{"Passeport no A123456BC", "passport:A123456BC"},
		{"part AB123456", ""},
		{"born 12 March 1984 in Laval", "birth_date:12 March 1984"},
		{"n\xc3\xa9" "e le 1984-03-12", "birth_date:1984-03-12"},
		{"DOB: March 12, 1984", "birth_date:March 12, 1984"},
		{"DDN 12/03/84", "birth_date:12/03/84"},
		{"born 12 3 84", ""},
		{"created 1984-03-12", ""},
		{"123 Main Street", "civic_address:123 Main Street"},
		{"4500, rue Saint-Denis", "civic_address:4500, rue"},
		{"12 Old Saint-Jean's Bay Rd.", "civic_address:12 Old Saint-Jean's Bay Rd"},
		{"30 street lights", ""},
		{"24 cases on Main Street", ""},
		{"24 main street", "civic_address:24 main street"},
		{"0123456 Main Street", ""}
	};

	check("people", cases, sizeof(cases) / sizeof(cases[0]));
}

/* Hardware addresses, passwords in URLs, tokens. */
static void
test_secrets(void)
{
	static const Case cases[] = {
		{"mac 00-1A-2B-3C-4D-5E.", "mac:00-1A-2B-3C-4D-5E"},
		{"00:1A:2B:3C:4D:5E:6F", ""},
		{"00:1A-2B:3C-4D:5E", ""},
		{"postgres://etl:s3cret@db:5432/crm", "url_password:postgres://etl:s3cret@db"},
		{"https://example.org:8080/a@b", ""},
		{"https://etl@example.org/", "email://etl@example.org"},
		{"ghp_0123456789abcdefghijABCDEFGHIJ012345", "token:ghp_0123456789abcdefghijABCDEFGHIJ012345"},
		{"ghp_short", ""},
		{"00D5Q0000000001!AQEAQ0123456789abcdefghijABCDEFGHIJ0123456789_.x",
		"token:00D5Q0000000001!AQEAQ0123456789abcdefghijABCDEFGHIJ0123456789_.x"},
		{"00D5Q0000000001", ""},
		{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "token:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"},
		{"-----BEGIN PRIVATE KEY-----", "token:-----BEGIN PRIVATE KEY-----"},
		{"-----BEGIN CERTIFICATE-----", ""}
	};

	check("secrets", cases, sizeof(cases) / sizeof(cases[0]));
}

int
main(void)
{
	SfdwDetector detector;

	sfdw_detect_init(&detection, &tap_memory);
	test_email();
	test_sin();
	test_phone();
	test_postal_code();
	test_card();
	test_iban();
	test_ip();
	test_keys();
	test_people();
	test_secrets();
	test_folding();
	test_numbers();
	test_shapes();
	test_positions();
	test_long_texts();
	test_memory();
	test_odd_bytes();
	test_ids();
	TAP_OK(sfdw_detector_by_name("notify_key", &detector) &&
		   detector == SFDW_DETECT_NOTIFY_KEY, "a detector by name");
	TAP_OK(!sfdw_detector_by_name("names", &detector), "no such detector");
	show_speed();
	sfdw_detect_free(&detection);
	return tap_done();
}
