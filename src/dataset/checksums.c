/*-------------------------------------------------------------------------
 * checksums.c
 *		Check digits by which numbers are told from look-alikes
 *
 * Pure.  See checksums.h.
 *-------------------------------------------------------------------------
 */
#include "dataset/checksums.h"

/* ASCII only, whatever the locale says. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* From the right, every second digit counts twice, its own digits summed. */
bool
sfdw_checksum_luhn(const char *text, size_t length)
{
	unsigned int sum = 0;
	unsigned int seen = 0;

	while (length-- > 0)
	{
		unsigned int digit;

		if (!is_digit(text[length]))
			continue;
		digit = (unsigned int) (text[length] - '0');
		if (seen++ % 2 == 1)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return seen > 0 && sum % 10 == 0;
}

/* Letters count 10 to 35, as two digits. */
bool
sfdw_checksum_iban(const char *text, size_t length)
{
	unsigned int rest = 0;
	size_t		i;

	for (i = 0; i < length; i++)
	{
		char		c = text[(i + 4) % length];

		if (is_digit(c))
			rest = (rest * 10 + (unsigned int) (c - '0')) % 97;
		else
			rest = (rest * 100 + (unsigned int) ((c | 0x20) - 'a') + 10) % 97;
	}
	return rest == 1;
}

/* The remainders 0 and 1 have no digit. */
bool
sfdw_checksum_bc_phn(const char *digits)
{
	static const int weights[] = {2, 4, 8, 5, 10, 9, 7, 3};
	int			sum = 0;
	int			i;

	if (digits[0] != '9')
		return false;
	for (i = 0; i < 8; i++)
		sum += (digits[i + 1] - '0') * weights[i] % 11;
	return 11 - sum % 11 == digits[9] - '0';
}
