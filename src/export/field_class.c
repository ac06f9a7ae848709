/*-------------------------------------------------------------------------
 * field_class.c
 *		Classes of fields: names, order, and rules for custom fields
 *
 * Pure.  See field_class.h.
 *-------------------------------------------------------------------------
 */
#include "export/field_class.h"

#include <stddef.h>
#include <string.h>

/* Longest name of a field that is looked at; Salesforce allows 80 bytes. */
#define MAX_FIELD_NAME 256

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const class_names[SFDW_CLASS_COUNT] = {
	[SFDW_CLASS_NONE] = "none",
	[SFDW_CLASS_ID] = "id",
	[SFDW_CLASS_REFERENCE] = "reference",
	[SFDW_CLASS_CONTROLLED] = "controlled",
	[SFDW_CLASS_BUSINESS] = "business",
	[SFDW_CLASS_SYSTEM] = "system",
	[SFDW_CLASS_PERSON_REFERENCE] = "person_reference",
	[SFDW_CLASS_INDIRECT] = "indirect",
	[SFDW_CLASS_FREE_TEXT] = "free_text",
	[SFDW_CLASS_PERSON] = "person",
	[SFDW_CLASS_NEVER] = "never",
};

/*
 * What a word in a custom field's name says.  Words are in lower case.  One
 * that is not whole is found inside other words too ("HOMEPHONE"); short ones
 * would be found everywhere ("sin" in "business").
 */
typedef struct NameRule
{
	const char *word;
	bool		is_whole;
	SfdwClass	field_class;
} NameRule;

static const NameRule name_rules[] = {
	{"password", false, SFDW_CLASS_NEVER},
	{"passwd", false, SFDW_CLASS_NEVER},
	{"secret", false, SFDW_CLASS_NEVER},
	{"token", true, SFDW_CLASS_NEVER},
	{"apikey", false, SFDW_CLASS_NEVER},
	{"email", false, SFDW_CLASS_PERSON},
	{"mail", true, SFDW_CLASS_PERSON},
	{"courriel", false, SFDW_CLASS_PERSON},
	{"phone", false, SFDW_CLASS_PERSON},
	{"tel", true, SFDW_CLASS_PERSON},
	{"mobile", false, SFDW_CLASS_PERSON},
	{"cell", true, SFDW_CLASS_PERSON},
	{"fax", false, SFDW_CLASS_PERSON},
	{"address", false, SFDW_CLASS_PERSON},
	{"adresse", false, SFDW_CLASS_PERSON},
	{"street", false, SFDW_CLASS_PERSON},
	{"rue", true, SFDW_CLASS_PERSON},
	{"name", false, SFDW_CLASS_PERSON},
	{"nom", true, SFDW_CLASS_PERSON},
	{"prenom", false, SFDW_CLASS_PERSON},
	{"birth", false, SFDW_CLASS_PERSON},
	{"naissance", false, SFDW_CLASS_PERSON},
	{"dob", true, SFDW_CLASS_PERSON},
	{"deceased", false, SFDW_CLASS_PERSON},
	{"gender", false, SFDW_CLASS_PERSON},
	{"sex", true, SFDW_CLASS_PERSON},
	{"sexe", true, SFDW_CLASS_PERSON},
	{"pronoun", false, SFDW_CLASS_PERSON},
	{"ethnicity", false, SFDW_CLASS_PERSON},
	{"marital", false, SFDW_CLASS_PERSON},
	{"passport", false, SFDW_CLASS_PERSON},
	{"sin", true, SFDW_CLASS_PERSON},
	{"nas", true, SFDW_CLASS_PERSON},
	{"ssn", true, SFDW_CLASS_PERSON},
	{"pri", true, SFDW_CLASS_PERSON},
	{"cidp", true, SFDW_CLASS_PERSON},
	{"iban", true, SFDW_CLASS_PERSON},
	{"photo", false, SFDW_CLASS_PERSON},
	{"signature", false, SFDW_CLASS_PERSON},
	{"description", false, SFDW_CLASS_FREE_TEXT},
	{"comment", false, SFDW_CLASS_FREE_TEXT},
	{"commentaire", false, SFDW_CLASS_FREE_TEXT},
	{"note", true, SFDW_CLASS_FREE_TEXT},
	{"notes", true, SFDW_CLASS_FREE_TEXT},
	{"remark", false, SFDW_CLASS_FREE_TEXT},
	{"message", false, SFDW_CLASS_FREE_TEXT},
	{"subject", false, SFDW_CLASS_FREE_TEXT},
	{"details", true, SFDW_CLASS_FREE_TEXT},
	{"specify", false, SFDW_CLASS_FREE_TEXT},
	{"other", true, SFDW_CLASS_FREE_TEXT},
	{"autre", true, SFDW_CLASS_FREE_TEXT},
	{"url", true, SFDW_CLASS_FREE_TEXT},
	{"website", false, SFDW_CLASS_FREE_TEXT},
	{"city", true, SFDW_CLASS_INDIRECT},
	{"ville", true, SFDW_CLASS_INDIRECT},
	{"postal", false, SFDW_CLASS_INDIRECT},
	{"zip", true, SFDW_CLASS_INDIRECT},
	{"latitude", false, SFDW_CLASS_INDIRECT},
	{"longitude", false, SFDW_CLASS_INDIRECT},
	{"geolocation", false, SFDW_CLASS_INDIRECT},
	{"ip", true, SFDW_CLASS_INDIRECT},
	{"title", true, SFDW_CLASS_INDIRECT},
	{"language", false, SFDW_CLASS_INDIRECT},
	{"langue", false, SFDW_CLASS_INDIRECT},
	{"age", true, SFDW_CLASS_INDIRECT},
	{"contact", true, SFDW_CLASS_PERSON_REFERENCE},
	{"lead", true, SFDW_CLASS_PERSON_REFERENCE},
	{"user", true, SFDW_CLASS_PERSON_REFERENCE},
	{"owner", true, SFDW_CLASS_PERSON_REFERENCE},
	{"manager", true, SFDW_CLASS_PERSON_REFERENCE},
	{"individual", true, SFDW_CLASS_PERSON_REFERENCE},
	{"employee", true, SFDW_CLASS_PERSON_REFERENCE},
	{"client", true, SFDW_CLASS_PERSON_REFERENCE},
};

/* Words that make a date personal; what else a name says does not. */
static const char *const personal_dates[] = {
	"birth", "naissance", "dob", "deceased"
};

/* The name of a class. */
const char *
sfdw_class_name(SfdwClass field_class)
{
	return class_names[field_class];
}

/* The class of that name; "none" is no class. */
bool
sfdw_class_parse(const char *name, SfdwClass *field_class)
{
	int			i;

	for (i = SFDW_CLASS_NONE + 1; i < SFDW_CLASS_COUNT; i++)
		if (strcmp(name, class_names[i]) == 0)
		{
			*field_class = (SfdwClass) i;
			return true;
		}
	return false;
}

/* The stricter of two. */
SfdwClass
sfdw_class_stricter(SfdwClass a, SfdwClass b)
{
	return a > b ? a : b;
}

/* Whether a byte is an ASCII capital. */
static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Whether a byte is a small ASCII letter or a digit. */
static bool
is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/*
 * Write a name as words in lower case with a space around each: "Home_Phone__c"
 * and "HomePhone__c" both become " home phone c ".  out holds twice the name
 * and three bytes more.
 */
static void
split_words(const char *name, size_t length, char *out)
{
	size_t		i;

	*out++ = ' ';
	for (i = 0; i < length; i++)
	{
		char		c = name[i];

		if (is_upper(c) && i > 0 && is_lower_or_digit(name[i - 1]))
			*out++ = ' ';
		if (is_upper(c))
			*out++ = (char) (c - 'A' + 'a');
		else
			*out++ = is_lower_or_digit(c) ? c : ' ';
	}
	*out++ = ' ';
	*out = '\0';
}

/* Whether a word stands in words, whole or inside another one. */
static bool
has_word(const char *words, const char *word, bool is_whole)
{
	size_t		length = strlen(word);
	const char *found = words;

	while ((found = strstr(found, word)) != NULL)
	{
		if (!is_whole || (found[-1] == ' ' && found[length] == ' '))
			return true;
		found++;
	}
	return false;
}

/* What the type alone says. */
static SfdwClass
class_by_type(SfdwFieldType type)
{
	switch (type)
	{
		case SFDW_FIELD_EMAIL:
		case SFDW_FIELD_PHONE:
		case SFDW_FIELD_ADDRESS:
		case SFDW_FIELD_LOCATION:
		case SFDW_FIELD_ENCRYPTED:
			return SFDW_CLASS_PERSON;
		case SFDW_FIELD_TEXTAREA:
		case SFDW_FIELD_URL:
		case SFDW_FIELD_PICKLIST:	/* whether it is restricted is not known */
		case SFDW_FIELD_MULTIPICKLIST:
		case SFDW_FIELD_COMBOBOX:
			return SFDW_CLASS_FREE_TEXT;
		case SFDW_FIELD_BASE64:
		case SFDW_FIELD_ANY:
			return SFDW_CLASS_NEVER;
		case SFDW_FIELD_AUTONUMBER:
			return SFDW_CLASS_ID;
		default:
			return SFDW_CLASS_NONE;
	}
}

/* What the words of the name say: the strictest of all rules that apply. */
static SfdwClass
class_by_name(const char *words)
{
	SfdwClass	result = SFDW_CLASS_NONE;
	size_t		i;

	for (i = 0; i < LENGTH_OF(name_rules); i++)
		if (has_word(words, name_rules[i].word, name_rules[i].is_whole))
			result = sfdw_class_stricter(result, name_rules[i].field_class);
	return result;
}

/* What the words of a date's name say. */
static SfdwClass
class_of_date(const char *words)
{
	size_t		i;

	for (i = 0; i < LENGTH_OF(personal_dates); i++)
		if (has_word(words, personal_dates[i], false))
			return SFDW_CLASS_PERSON;
	return SFDW_CLASS_NONE;
}

/* The class of a field that the dictionary does not have. */
SfdwClass
sfdw_class_of_custom(const char *field, SfdwFieldType type)
{
	char		words[2 * MAX_FIELD_NAME + 3];
	size_t		length = strlen(field);

	if (length > MAX_FIELD_NAME)
		return SFDW_CLASS_NONE;
	split_words(field, length, words);
	switch (type)
	{
		case SFDW_FIELD_BOOLEAN:
			return SFDW_CLASS_NONE; /* says nothing that a name could tell */
		case SFDW_FIELD_DATE:
		case SFDW_FIELD_DATETIME:
			return class_of_date(words);
		default:
			return sfdw_class_stricter(class_by_type(type),
									   class_by_name(words));
	}
}
