/*-------------------------------------------------------------------------
 * test_candidates.c
 *		Where the detectors do not look, there is nothing for them
 *
 * Texts are made of what the detectors find, changed at random, and every rule
 * is asked about every word of them.
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "dataset/rules.h"
#include "dataset/words.h"
#include "random.h"

#define TEXTS		200000
#define PLAIN_TEXTS	200000
#define TEXT_SIZE	300

static const SfdwRule rules[SFDW_DETECTORS] = {
	[SFDW_DETECT_EMAIL] = sfdw_rule_email,
	[SFDW_DETECT_SIN] = sfdw_rule_sin,
	[SFDW_DETECT_RAMQ] = sfdw_rule_ramq,
	[SFDW_DETECT_OHIP] = sfdw_rule_ohip,
	[SFDW_DETECT_BC_PHN] = sfdw_rule_bc_phn,
	[SFDW_DETECT_PRI] = sfdw_rule_pri,
	[SFDW_DETECT_PASSPORT] = sfdw_rule_passport,
	[SFDW_DETECT_BIRTH_DATE] = sfdw_rule_birth_date,
	[SFDW_DETECT_PHONE] = sfdw_rule_phone,
	[SFDW_DETECT_POSTAL_CODE] = sfdw_rule_postal_code,
	[SFDW_DETECT_CIVIC_ADDRESS] = sfdw_rule_civic_address,
	[SFDW_DETECT_CARD] = sfdw_rule_card,
	[SFDW_DETECT_IBAN] = sfdw_rule_iban,
	[SFDW_DETECT_MAC] = sfdw_rule_mac,
	[SFDW_DETECT_IP] = sfdw_rule_ip,
	[SFDW_DETECT_URL_PASSWORD] = sfdw_rule_url_password,
	[SFDW_DETECT_TOKEN] = sfdw_rule_token,
	[SFDW_DETECT_AWS_KEY] = sfdw_rule_aws_key,
	[SFDW_DETECT_NOTIFY_KEY] = sfdw_rule_notify_key,
};

/* What is found, of every kind and in every form. */
static const char *const seeds[] = {
	"SIN 130692544 ", "130 692 544", "130-692-544", "130692544",
	"TREM 8402 2912", "TREM84022912", "TREM8402 2912", "TREM-84022912",
	"OHIP 1234 567 897 AB", "OHIP 1234567897", "PHN 9876 543 217",
	"PHN 9698658215", "CIDP 12345678", "PRI 123 456 789", "PRI 123456789",
	"passport AB123456", "passeport A123456BC", "born 1984-02-29",
	"born 29 Feb 1984", "n\303\251 le 3 mars 1984", "DOB March 5, 1984",
	"born Feb29/1984", "naissance 3 ao\303\273t 84", "613-555-0199",
	"(613) 555-0199 x12", "+33 1 23 45 67 89 01", "1 613 555 0199", "6135550199x12",
	"16135550199", "1613-555-0199", "613555-0199", "+4915112345678x1234", "K1A 0B1", "K1A0B1", "k1a-0b1",
	"24 Sussex Drive", "12, rue Sherbrooke", "4111 1111 1111 1111",
	"4111111111111111", "3782-822463-10005", "DE89370400440532013000",
	"GB29 NWBK 6016 1331 9268 19", "NO9386011117947", "00:1b:44:11:3a:b7",
	"ab-cd-ef-ab-cd-ef", "a1:22:3b:c4:dd:ee", "10.0.0.1", "2001:db8::1", "fe80:0:0:0:1:2:3:4",
	"1a:2b:3c:4d:5e:6f:7a:8b", "https://bob:secret@host/", "s3://a:b@c", "p2p://a:b@c",
	"ghp_abcdefghijklmnopqrstuvwxyz0123456789AB", "xoxb-123456789012345678901",
	"glpat-abcdefghij0123456789", "AIzaabcdefghijklmnopqrstuvwxyz0123456789ab",
	"ya29.abcdefghijklmnopqrstuvwx", "SG.1bcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	"npm_abcdefghijklmnopqrstuvwxyz0123456789", "sk_live_abcdefghijklmnopqrstuv",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3.SflKxwRJSMeKKF2QT4",
	"eyJabcdefghij.eyJabcdefghijk.abcdefghijklm",
	"00D5Q000000abcd!AQEAQabcdefghijklmnopqrstuvwxyzabcdefghijklmnop",
	"-----BEGIN RSA PRIVATE KEY-----", "AKIAIOSFODNN7EXAMPLE",
	"ASIAABCDEFGHIJKLMNOP",
	"f81d4fae-7dec-11d0-a765-00a0c91e6bf6-11111111-2222-3333-4444-555555555555",
	"abcdefab-abcd-abcd-abcd-abcdefabcdef-abcdefab-abcd-abcd-abcd-abcdefabcdef",
	"12345678-1234-1234-1234-123456789012-12345678-1234-1234-1234-123456789012",
	"jane.doe@example.org",
};

#define SEEDS	(sizeof(seeds) / sizeof(seeds[0]))

/* Characters on which rules depend. */
static const char signs[] = "0123456789 -./():@,!_+xXaAfFzZ";

/* Append a seed, now and then with a byte of it changed, dropped or doubled. */
static size_t
append(char *text, size_t length, const char *seed)
{
	for (; *seed != '\0'; seed++)
	{
		uint64_t	change = random_below(60);

		if (change == 0)
			continue;
		text[length++] = change == 1 ? signs[random_below(sizeof(signs) - 1)] : *seed;
		if (change == 2)
			text[length++] = *seed;
	}
	return length;
}

/* The kind of a word; false when no rule is tried on such a one. */
static bool
kind_of(const SfdwDetection *detection, SfdwSpan word, SfdwWordKind *kind)
{
	unsigned char first = sfdw_rule_class(detection, word.start);
	bool		has_digit = false;
	size_t		at;

	for (at = word.start; at < word.end; at++)
		has_digit |= (sfdw_rule_class(detection, at) & SFDW_IS_DIGIT) != 0;
	if (sfdw_rule_all(detection, word, SFDW_IS_DIGIT))
		*kind = SFDW_WORD_DIGITS;
	else if (!has_digit)
		*kind = SFDW_WORD_LETTERS;
	else
		*kind = first & SFDW_IS_DIGIT ? SFDW_WORD_DIGIT_FIRST :
			SFDW_WORD_LETTER_FIRST;
	return (first & SFDW_IS_HIGH) == 0;
}

/* Ask every rule about a word; those that match must be candidates. */
static void
ask(const SfdwDetection *detection, SfdwSpan word, unsigned long *matches,
	unsigned long *missed)
{
	SfdwWordKind kind;
	uint32_t	candidates;
	SfdwSpan	match;
	int			i;

	if (!kind_of(detection, word, &kind))
		return;
	candidates = sfdw_candidates_of(&detection->candidates, kind,
									word.end - word.start,
									(unsigned char) detection->text[word.start],
									word.end < detection->length ?
									(unsigned char) detection->text[word.end] : 0);
	for (i = SFDW_DETECT_EMAIL + 1; i < SFDW_DETECTORS; i++)
	{
		if (!rules[i] (detection, &word, &match))
			continue;
		matches[i]++;
		if ((candidates & UINT32_C(1) << i) == 0 && missed[i]++ == 0)
			printf("#   %s in \"%.*s\"\n", sfdw_detector_name((SfdwDetector) i),
				   (int) detection->length, detection->text);
	}
}

/* Ask about every word of a text. */
static void
ask_all(SfdwDetection *detection, const char *text, size_t length,
		unsigned long *matches, unsigned long *missed)
{
	size_t		at = 0;

	detection->text = text;
	detection->length = length;
	while (at < length)
	{
		SfdwSpan	word = sfdw_rule_word(detection, at);

		if (word.end > word.start)
			ask(detection, word, matches, missed);
		at = word.end + 1;
	}
}

/* Whether a word is one that words.h promises to give. */
static bool
is_promised(const SfdwDetection *detection, SfdwSpan word)
{
	SfdwSpan	behind = {word.end, word.end + 1};
	size_t		at;

	for (at = word.start; at < word.end; at++)
		if (detection->text[at] == 'A' ||
			(sfdw_rule_class(detection, at) & SFDW_IS_DIGIT))
			return true;
	if (word.start > 0 && detection->text[word.start - 1] == '-')
		return true;
	if (word.end >= detection->length)
		return false;
	if (strchr(":_-!.", detection->text[word.end]) != NULL)
		return true;
	behind.start++;
	behind.end++;
	return detection->text[word.end] == ' ' &&
		sfdw_rule_all(detection, behind, SFDW_IS_DIGIT);
}

/* Whether the words that are given out are those, and each @, in their order. */
static bool
has_promised_words(SfdwDetection *detection, size_t *count)
{
	SfdwSpan	given = {0, 0};
	unsigned char seen;
	size_t		at = 0;

	detection->at = 0;
	while (at < detection->length)
	{
		SfdwSpan	word = sfdw_rule_word(detection, at);

		if (word.end == word.start && detection->text[at] == '@')
			word.end++;
		if (word.end > word.start &&
			(detection->text[at] == '@' || is_promised(detection, word)))
		{
			(*count)++;
			if (!sfdw_word_next(detection, &given, &seen) ||
				given.start != word.start || given.end != word.end)
				return false;
		}
		at = word.end > at ? word.end : at + 1;
	}
	return !sfdw_word_next(detection, &given, &seen);
}

/* The words of texts of a few signs, in whatever order. */
static void
test_promise(SfdwDetection *detection)
{
	static const char few[] = "aAz09 -.:_!@,\"\303\251";
	char		text[TEXT_SIZE];
	size_t		count = 0;
	size_t		wrong = 0;
	int			i;

	for (i = 0; i < TEXTS; i++)
	{
		size_t		j;

		detection->text = text;
		detection->length = random_below(20);
		for (j = 0; j < detection->length; j++)
			text[j] = few[random_below(sizeof(few) - 1)];
		if (!has_promised_words(detection, &count) && wrong++ == 0)
			printf("#   in \"%.*s\"\n", (int) detection->length, text);
	}
	TAP_OK(count > TEXTS && wrong == 0,
		   "%zu words that can begin a match, texts that miss one: %zu", count,
		   wrong);
}

/* Every rule matches often, and never where it would not be tried. */
static void
test_words(SfdwDetection *detection)
{
	unsigned long matches[SFDW_DETECTORS] = {0};
	unsigned long missed[SFDW_DETECTORS] = {0};
	char		text[TEXT_SIZE];
	int			i;

	for (i = 0; i < TEXTS; i++)
	{
		size_t		length = append(text, 0, seeds[i % SEEDS]);

		if (random_below(2) == 0)
			text[length++] = signs[random_below(sizeof(signs) - 1)];
		if (random_below(4) == 0)
			length = append(text, length, seeds[random_below(SEEDS)]);
		ask_all(detection, text, length, matches, missed);
	}
	for (i = SFDW_DETECT_EMAIL + 1; i < SFDW_DETECTORS; i++)
		TAP_OK(matches[i] > 100 && missed[i] == 0,
			   "%s: %lu matches, %lu of them at words where it is not tried",
			   sfdw_detector_name((SfdwDetector) i), matches[i], missed[i]);
}

/* Replace each d of a form by a digit and each x by a digit or a letter. */
static void
fill(const char *form, char *text)
{
	static const char both[] =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	for (; *form != '\0'; form++)
		*text++ = *form == 'd' ? both[random_below(10)] :
			*form == 'x' ? both[random_below(62)] : *form;
}

/* What is not read holds nothing, and what is near to it is read. */
static void
test_plain(SfdwDetection *detection)
{
	static const char *const forms[] = {
		"dddd-dd-dd", "dddd-dd-dd dd:dd:dd", "dddd-dd-ddTdd:dd:dd",
		"dxxxxxxxxxxxxxxxxx"
	};
	static const char *const others[] = {
		"2024-02-2", "2024-02-29 ", "20240229", "2024-02-29 13:14", "2024-02-2x",
		"2024-02-29 13:14:1x", "2024-02-29_13:14:15", "2024 02 29 13 14 15",
		"2024-02:29", "K1A-0B-1AB", "411111111111111111", "AA05Q0000000001QAA",
		"0015Q00000 0001QAA", "0015Q0000000\303\251001AA", "0015Q0000000001QA",
		"2024-02-29 13:14:\27115", "0015Q000000000@QAA", "0015Q000000000[QAA",
		"0015Q000000000`QAA", "0015Q000000000{QAA", "0015Q000000000/QAA",
		"0015Q000000000:QAA"
	};
	unsigned long matches[SFDW_DETECTORS] = {0};
	unsigned long missed[SFDW_DETECTORS] = {0};
	unsigned long plain = 0;
	unsigned long found = 0;
	char		text[TEXT_SIZE];
	size_t		i;

	for (i = 0; i < PLAIN_TEXTS; i++)
	{
		const char *form = forms[i % (sizeof(forms) / sizeof(forms[0]))];

		fill(form, text);
		if (!sfdw_candidates_is_plain(text, strlen(form)))
			continue;
		plain++;
		ask_all(detection, text, strlen(form), matches, missed);
	}
	for (i = 0; i < SFDW_DETECTORS; i++)
		found += matches[i];
	TAP_OK(plain > PLAIN_TEXTS - 10 && found == 0,
		   "%lu times and ids that are not read, %lu matches in them", plain,
		   found);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		TAP_OK(!sfdw_candidates_is_plain(others[i], strlen(others[i])),
			   "neither a time nor an id: %s", others[i]);
}

int
main(void)
{
	SfdwDetection detection;

	sfdw_detect_init(&detection, &tap_memory);
	test_words(&detection);
	test_promise(&detection);
	test_plain(&detection);
	sfdw_detect_free(&detection);
	return tap_done();
}
