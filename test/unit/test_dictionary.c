/* export/dictionary.c, field_class.c, field_type.c: the data and its rules. */
#include "export/dictionary.h"
#include "tap.h"

#include <ctype.h>
#include <strings.h>

/* The order that look-ups rely on, and no entry twice. */
static void
test_order(void)
{
	int			count;
	const SfdwDictionaryField *all = sfdw_dictionary_all(&count);
	int			wrong = 0;
	int			i;

	for (i = 1; i < count; i++)
	{
		int			order = strcasecmp(all[i - 1].object, all[i].object);

		if (order == 0)
			order = strcasecmp(all[i - 1].field, all[i].field);
		if (order >= 0)
		{
			printf("# %s.%s is out of order\n", all[i].object, all[i].field);
			wrong++;
		}
	}
	TAP_OK(wrong == 0 && count > 800, "%d fields in order", count);
}

/* Every entry is found, in capitals too, and what is not there is not. */
static void
test_find(void)
{
	int			count;
	const SfdwDictionaryField *all = sfdw_dictionary_all(&count);
	int			missed = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		char		object[100];
		char		field[100];
		int			k;

		for (k = 0; (object[k] = (char) toupper(all[i].object[k])); k++)
			;
		for (k = 0; (field[k] = (char) toupper(all[i].field[k])); k++)
			;
		missed += sfdw_dictionary_find(object, field) != &all[i];
		missed += sfdw_dictionary_find(all[i].object, all[i].field) != &all[i];
		strcat(field, "_");
		missed += sfdw_dictionary_find(object, field) != NULL;
	}
	TAP_OK(missed == 0, "each field is found, in any case");
	TAP_OK(sfdw_dictionary_find("Account", "") == NULL &&
		   sfdw_dictionary_find("", "Id") == NULL &&
		   sfdw_dictionary_find("Zebra", "Id") == NULL &&
		   sfdw_dictionary_find("Accoun", "Id") == NULL &&
		   sfdw_dictionary_find("Account", "Nam") == NULL,
		   "other names are not found");
}

/* Fields that every object has, with one meaning everywhere. */
static void
test_objects(void)
{
	static const char *const objects[] = {
		"Account", "Opportunity", "Contact", "Lead", "User", "Case",
		"Campaign", "CampaignMember", "Task", "Event", "OpportunityLineItem",
		"Product2", "OpportunityContactRole", "AccountContactRelation",
	"RecordType"};
	size_t		i;

	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
	{
		const SfdwDictionaryField *created = sfdw_dictionary_find(objects[i], "createddate");
		const SfdwDictionaryField *creator = sfdw_dictionary_find(objects[i], "createdbyid");
		const SfdwDictionaryField *id = sfdw_dictionary_find(objects[i], "id");
		const SfdwDictionaryField *first;
		int			count;

		first = sfdw_dictionary_object(objects[i], &count);
		TAP_OK(first != NULL && count >= 13 &&
			   strcmp(first[count - 1].object, objects[i]) == 0 &&
			   created && created->type == SFDW_FIELD_DATETIME &&
			   created->field_class == SFDW_CLASS_SYSTEM &&
			   creator && creator->field_class == SFDW_CLASS_PERSON_REFERENCE &&
			   id && id->type == SFDW_FIELD_ID, "%s: %d fields", objects[i],
			   count);
	}
	TAP_OK(sfdw_dictionary_object("Nothing", &(int) {0}) == NULL,
		   "another object has no fields");
}

/* Classes and types as the documents state them, one line a rule. */
static void
test_entries(void)
{
	static const struct
	{
		const char *object;
		const char *field;
		const char *sql;
		const char *field_class;
	}			cases[] = {
		{"Account", "Id", "pg_catalog.text", "id"},
		{"Account", "Name", "pg_catalog.text", "free_text"},
		{"Account", "Industry", "pg_catalog.text", "controlled"},
		{"Account", "AnnualRevenue", "numeric(18,2)", "business"},
		{"Account", "NumberOfEmployees", "integer", "business"},
		{"Account", "BillingStreet", "pg_catalog.text", "person"},
		{"Account", "BillingCity", "pg_catalog.text", "indirect"},
		{"Account", "BillingLatitude", "numeric", "indirect"},
		{"Account", "BillingAddress", "pg_catalog.text", "person"},
		{"Account", "Phone", "pg_catalog.text", "person"},
		{"Account", "Website", "pg_catalog.text", "free_text"},
		{"Account", "OwnerId", "pg_catalog.text", "person_reference"},
		{"Account", "ParentId", "pg_catalog.text", "reference"},
		{"Account", "CreatedDate", "timestamp with time zone", "system"},
		{"Account", "LastActivityDate", "pg_catalog.date", "system"},
		{"Account", "IsDeleted", "boolean", "system"},
		{"Account", "CDS_Verified__c", "boolean", "controlled"},
		{"Account", "CDS_AccountNameFrench__c", "pg_catalog.text", "free_text"},
		{"Account", "PersonBirthdate", "pg_catalog.date", "person"},
		{"Opportunity", "Name", "pg_catalog.text", "free_text"},
		{"Opportunity", "Probability", "numeric", "business"},
		{"Opportunity", "CloseDate", "pg_catalog.date", "business"},
		{"Opportunity", "ContactId", "pg_catalog.text", "person_reference"},
		{"Opportunity", "Product_to_Add__c", "pg_catalog.text", "controlled"},
		{"Opportunity", "CDS_Opportunity_Number__c", "pg_catalog.text", "reference"},
		{"Opportunity", "NextStep", "pg_catalog.text", "free_text"},
		{"Contact", "Email", "pg_catalog.text", "person"},
		{"Contact", "Birthdate", "pg_catalog.date", "person"},
		{"Contact", "Title", "pg_catalog.text", "free_text"},
		{"Contact", "Id", "pg_catalog.text", "person_reference"},
		{"Contact", "CDS_Contact_ID__c", "pg_catalog.text", "person_reference"},
		{"Lead", "Company", "pg_catalog.text", "free_text"},
		{"User", "EmployeeNumber", "pg_catalog.text", "person"},
		{"User", "LastLoginDate", "timestamp with time zone", "indirect"},
		{"User", "Title", "pg_catalog.text", "indirect"},
		{"Case", "CaseNumber", "pg_catalog.text", "id"},
		{"Case", "Subject", "pg_catalog.text", "free_text"},
		{"Case", "SuppliedName", "pg_catalog.text", "person"},
		{"Task", "Subject", "pg_catalog.text", "never"},
		{"Event", "Description", "pg_catalog.text", "never"},
		{"EmailMessage", "TextBody", "pg_catalog.text", "never"},
		{"Note", "Body", "pg_catalog.text", "never"},
		{"Attachment", "Body", "pg_catalog.text", "never"},
		{"ContactHistory", "OldValue", "pg_catalog.text", "never"},
		{"LoginHistory", "SourceIp", "pg_catalog.text", "never"},
		{"Individual", "BirthDate", "pg_catalog.date", "person"},
		{"AccountContactRelation", "Roles", "pg_catalog.text[]", "controlled"},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const SfdwDictionaryField *entry =
			sfdw_dictionary_find(cases[i].object, cases[i].field);

		TAP_OK(entry != NULL &&
			   strcmp(sfdw_field_type_sql(entry->type), cases[i].sql) == 0 &&
			   strcmp(sfdw_class_name(entry->field_class),
					  cases[i].field_class) == 0, "%s.%s: %s",
			   cases[i].object, cases[i].field, cases[i].field_class);
	}
}

/* No type that must be refused has a class that passes. */
static void
test_types_and_classes(void)
{
	int			count;
	const SfdwDictionaryField *all = sfdw_dictionary_all(&count);
	int			wrong = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		bool		passes = all[i].field_class <= SFDW_CLASS_SYSTEM;
		SfdwClass	by_type = sfdw_class_of_custom("x", all[i].type);
		bool		is_text = all[i].type == SFDW_FIELD_STRING ||
			all[i].type == SFDW_FIELD_TEXTAREA;

		if (all[i].field_class == SFDW_CLASS_NONE ||
			(by_type == SFDW_CLASS_PERSON && passes) ||
			(by_type == SFDW_CLASS_NEVER && all[i].field_class != by_type) ||
			(all[i].type == SFDW_FIELD_URL && passes) ||
			(all[i].type == SFDW_FIELD_TEXTAREA && passes) ||
			(all[i].field_class == SFDW_CLASS_SYSTEM && is_text))
		{
			printf("# %s.%s\n", all[i].object, all[i].field);
			wrong++;
		}
	}
	TAP_OK(wrong == 0, "e-mail, phone, address, url and long text never pass");
}

/* Names of classes, their order, and the stricter of two. */
static void
test_classes(void)
{
	SfdwClass	found;
	int			i;
	bool		same = true;

	for (i = 1; i < SFDW_CLASS_COUNT; i++)
		same &= sfdw_class_parse(sfdw_class_name((SfdwClass) i), &found) &&
			(int) found == i &&
			sfdw_class_stricter((SfdwClass) i, (SfdwClass) (i - 1)) == found &&
			sfdw_class_stricter((SfdwClass) (i - 1), (SfdwClass) i) == found;
	TAP_OK(same, "each class has a name and a place in the order");
	TAP_OK(!sfdw_class_parse("none", &found) &&
		   !sfdw_class_parse("Person", &found) &&
		   !sfdw_class_parse("", &found), "other names are no class");
	TAP_OK(sfdw_class_stricter(SFDW_CLASS_CONTROLLED, SFDW_CLASS_FREE_TEXT) ==
		   SFDW_CLASS_FREE_TEXT, "free text is stricter than controlled");
}

/* Rules for custom fields: by name and by type. */
static void
test_custom(void)
{
	static const struct
	{
		const char *field;
		SfdwFieldType type;
		const char *field_class;
	}			cases[] = {
		{"Sector__c", SFDW_FIELD_STRING, "none"},
		{"Business_Unit__c", SFDW_FIELD_STRING, "none"},
		{"Cost_Centre__c", SFDW_FIELD_DOUBLE, "none"},
		{"Home_Email__c", SFDW_FIELD_STRING, "person"},
		{"HomeEmail__c", SFDW_FIELD_STRING, "person"},
		{"HOMEEMAIL__C", SFDW_FIELD_STRING, "person"},
		{"Courriel__c", SFDW_FIELD_STRING, "person"},
		{"Phone2__c", SFDW_FIELD_INT, "person"},
		{"SIN__c", SFDW_FIELD_INT, "person"},
		{"EmployeeSIN__c", SFDW_FIELD_STRING, "person"},
		{"Full_Name__c", SFDW_FIELD_STRING, "person"},
		{"Nom_de_famille__c", SFDW_FIELD_STRING, "person"},
		{"Birth_Date__c", SFDW_FIELD_DATE, "person"},
		{"Date_de_naissance__c", SFDW_FIELD_STRING, "person"},
		{"Email_Sent_On__c", SFDW_FIELD_DATETIME, "none"},
		{"Email_Opt_Out__c", SFDW_FIELD_BOOLEAN, "none"},
		{"Contact__c", SFDW_FIELD_STRING, "person_reference"},
		{"Contact_Name__c", SFDW_FIELD_STRING, "person"},
		{"Home_City__c", SFDW_FIELD_STRING, "indirect"},
		{"Postal_Code__c", SFDW_FIELD_STRING, "indirect"},
		{"Capacity__c", SFDW_FIELD_INT, "none"},
		{"Internal_Notes__c", SFDW_FIELD_STRING, "free_text"},
		{"Denotes__c", SFDW_FIELD_STRING, "none"},
		{"Api_Password__c", SFDW_FIELD_STRING, "never"},
		{"Anything__c", SFDW_FIELD_EMAIL, "person"},
		{"Anything__c", SFDW_FIELD_LOCATION, "person"},
		{"Anything__c", SFDW_FIELD_TEXTAREA, "free_text"},
		{"Anything__c", SFDW_FIELD_PICKLIST, "free_text"},
		{"Anything__c", SFDW_FIELD_ANY, "never"},
		{"Anything__c", SFDW_FIELD_AUTONUMBER, "id"},
		{"", SFDW_FIELD_STRING, "none"},
	};
	char		huge[1000];
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		TAP_OK(strcmp(sfdw_class_name(sfdw_class_of_custom(cases[i].field,
														   cases[i].type)),
					  cases[i].field_class) == 0, "%s (%s): %s",
			   cases[i].field, sfdw_field_type_name(cases[i].type),
			   cases[i].field_class);
	memset(huge, 'A', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	TAP_OK(sfdw_class_of_custom(huge, SFDW_FIELD_STRING) == SFDW_CLASS_NONE,
		   "a huge name");
	huge[256] = '\0';
	TAP_OK(sfdw_class_of_custom(huge, SFDW_FIELD_STRING) == SFDW_CLASS_NONE,
		   "the longest name");
}

int
main(void)
{
	test_order();
	test_find();
	test_objects();
	test_entries();
	test_types_and_classes();
	test_classes();
	test_custom();
	return tap_done();
}
