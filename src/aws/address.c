/*-------------------------------------------------------------------------
 * address.c
 *		What kind of network an address belongs to
 *
 * Pure.  See address.h.
 *-------------------------------------------------------------------------
 */
#include "aws/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Addresses whose first bits are these; the first row that fits counts. */
typedef struct Network
{
	unsigned char bytes[SFDW_ADDRESS_V6_LENGTH];
	unsigned int bits;
	SfdwAddressKind kind;
} Network;

/* Version 4, by IANA's registry of special addresses. */
static const Network networks_v4[] = {
	{{169, 254, 169, 254}, 32, SFDW_ADDRESS_METADATA},
	{{169, 254, 170, 2}, 32, SFDW_ADDRESS_METADATA},
	{{169, 254, 170, 23}, 32, SFDW_ADDRESS_METADATA},
	{{100, 100, 100, 200}, 32, SFDW_ADDRESS_METADATA},
	{{168, 63, 129, 16}, 32, SFDW_ADDRESS_METADATA},
	{{192, 0, 0, 192}, 32, SFDW_ADDRESS_METADATA},
	{{169, 254}, 16, SFDW_ADDRESS_LINK_LOCAL},
	{{127}, 8, SFDW_ADDRESS_LOOPBACK},
	{{10}, 8, SFDW_ADDRESS_PRIVATE},
	{{172, 16}, 12, SFDW_ADDRESS_PRIVATE},
	{{192, 168}, 16, SFDW_ADDRESS_PRIVATE},
	{{100, 64}, 10, SFDW_ADDRESS_PRIVATE},
	{{0}, 8, SFDW_ADDRESS_SPECIAL},
	{{192, 0, 0}, 24, SFDW_ADDRESS_SPECIAL},
	{{192, 0, 2}, 24, SFDW_ADDRESS_SPECIAL},
	{{198, 18}, 15, SFDW_ADDRESS_SPECIAL},
	{{198, 51, 100}, 24, SFDW_ADDRESS_SPECIAL},
	{{203, 0, 113}, 24, SFDW_ADDRESS_SPECIAL},
	{{224}, 3, SFDW_ADDRESS_SPECIAL},	/* multicast, reserved, broadcast */
};

/* Version 6.  The service of EC2 has all of fd00:ec2::/32. */
static const Network networks_v6[] = {
	{{[15] = 1}, 128, SFDW_ADDRESS_LOOPBACK},
	{{0}, 128, SFDW_ADDRESS_SPECIAL},
	{{0xfd, 0x00, 0x0e, 0xc2}, 32, SFDW_ADDRESS_METADATA},
	{{0xfd, 0x20, 0x00, 0xce}, 32, SFDW_ADDRESS_METADATA},
	{{0xfc}, 7, SFDW_ADDRESS_PRIVATE},
	{{0xfe, 0x80}, 10, SFDW_ADDRESS_LINK_LOCAL},
	{{0xfe, 0xc0}, 10, SFDW_ADDRESS_SPECIAL},
	{{0xff}, 8, SFDW_ADDRESS_SPECIAL},
	{{0x01, 0x00}, 64, SFDW_ADDRESS_SPECIAL},
	{{0x20, 0x01, 0x0d, 0xb8}, 32, SFDW_ADDRESS_SPECIAL},
	{{0x3f, 0xff}, 20, SFDW_ADDRESS_SPECIAL},
};

/* Where addresses of version 6 carry one of version 4. */
typedef struct Carrier
{
	unsigned char bytes[SFDW_ADDRESS_V6_LENGTH];
	unsigned int bits;
	size_t		offset;			/* of the carried address */
	unsigned char flip;			/* what its bytes are combined with */
} Carrier;

static const Carrier carriers[] = {
	{{0}, 96, 12, 0},			/* compatible */
	{{[10] = 0xff, [11] = 0xff}, 96, 12, 0},	/* mapped */
	{{[8] = 0xff, [9] = 0xff}, 96, 12, 0},	/* translated, RFC 2765 */
	{{0x00, 0x64, 0xff, 0x9b}, 96, 12, 0},	/* NAT64 */
	{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, 12, 0},	/* its local range */
	{{0x20, 0x02}, 16, 2, 0},	/* 6to4 */
	{{0x20, 0x01, 0x00, 0x00}, 32, 12, 0xff},	/* Teredo: complemented */
};

/* Whether the first bits of two addresses are the same. */
static bool
has_prefix(const unsigned char *bytes, const unsigned char *prefix,
		   unsigned int bits)
{
	unsigned int whole = bits / 8;
	unsigned int rest = bits % 8;

	return memcmp(bytes, prefix, whole) == 0 &&
		(rest == 0 || ((bytes[whole] ^ prefix[whole]) >> (8 - rest)) == 0);
}

/* The kind by the first row that fits. */
static SfdwAddressKind
look_up(const unsigned char *bytes, const Network *networks, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		if (has_prefix(bytes, networks[i].bytes, networks[i].bits))
			return networks[i].kind;
	}
	return SFDW_ADDRESS_PUBLIC;
}

/* Take out the address of version 4 that one of version 6 carries. */
static bool
find_carried(const unsigned char *bytes, unsigned char *carried)
{
	/* ISATAP: any network, then 0000:5efe or 0200:5efe */
	if ((bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e &&
		bytes[11] == 0xfe)
	{
		memcpy(carried, bytes + 12, SFDW_ADDRESS_V4_LENGTH);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(carriers); i++)
	{
		if (!has_prefix(bytes, carriers[i].bytes, carriers[i].bits))
			continue;
		for (size_t k = 0; k < SFDW_ADDRESS_V4_LENGTH; k++)
			carried[k] = bytes[carriers[i].offset + k] ^ carriers[i].flip;
		return true;
	}
	return false;
}

/* What kind an address is. */
SfdwAddressKind
sfdw_address_kind(const SfdwAddress *address)
{
	unsigned char carried[SFDW_ADDRESS_V4_LENGTH];
	SfdwAddressKind kind;

	if (address->length == SFDW_ADDRESS_V4_LENGTH)
		return look_up(address->bytes, networks_v4, ARRAY_LENGTH(networks_v4));
	if (address->length != SFDW_ADDRESS_V6_LENGTH)
		return SFDW_ADDRESS_SPECIAL;
	kind = look_up(address->bytes, networks_v6, ARRAY_LENGTH(networks_v6));
	if ((kind == SFDW_ADDRESS_PUBLIC || kind == SFDW_ADDRESS_PRIVATE) &&
		find_carried(address->bytes, carried))
	{
		SfdwAddressKind inner = look_up(carried, networks_v4,
										ARRAY_LENGTH(networks_v4));

		return inner == SFDW_ADDRESS_PUBLIC ? kind : inner;
	}
	return kind;
}

/* Whether only an option lets a connection go there. */
bool
sfdw_address_is_local(SfdwAddressKind kind)
{
	return kind != SFDW_ADDRESS_PUBLIC && kind != SFDW_ADDRESS_PRIVATE;
}

/* A kind's name. */
const char *
sfdw_address_kind_name(SfdwAddressKind kind)
{
	static const char *const names[] = {
		[SFDW_ADDRESS_PUBLIC] = "public",
		[SFDW_ADDRESS_PRIVATE] = "private",
		[SFDW_ADDRESS_LOOPBACK] = "loopback",
		[SFDW_ADDRESS_LINK_LOCAL] = "link-local",
		[SFDW_ADDRESS_METADATA] = "metadata service",
		[SFDW_ADDRESS_SPECIAL] = "special",
	};

	return names[kind];
}

/* The value of a digit in a base, or -1. */
static int
digit_value(char c, unsigned int base)
{
	int			value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		value = c - 'A' + 10;
	return value < (int) base ? value : -1;
}

/* Read a number as C writes one; false without one, or beyond 32 bits. */
static bool
parse_number(const char **text, uint32_t *number)
{
	const char *at = *text;
	unsigned int base = 10;
	uint64_t	value = 0;
	const char *start;

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
	{
		base = 16;
		at += 2;
	}
	else if (at[0] == '0')
		base = 8;
	for (start = at; digit_value(*at, base) >= 0; at++)
	{
		value = value * base + (unsigned int) digit_value(*at, base);
		if (value > UINT32_MAX)
			return false;
	}
	*text = at;
	*number = (uint32_t) value;
	return at > start;
}

/* Read one to four numbers, of which the last fills the bytes that remain. */
static bool
parse_v4(const char *text, SfdwAddress *address)
{
	uint32_t	whole = 0;

	for (unsigned int i = 0; i < SFDW_ADDRESS_V4_LENGTH; i++)
	{
		uint32_t	number;
		unsigned int bits_left = 8 * (SFDW_ADDRESS_V4_LENGTH - i);

		if (!parse_number(&text, &number))
			return false;
		if (*text == '\0')
		{
			if (bits_left < 32 && number >> bits_left != 0)
				return false;
			whole |= number;
			for (unsigned int k = 0; k < SFDW_ADDRESS_V4_LENGTH; k++)
				address->bytes[k] = (unsigned char) (whole >> (24 - 8 * k));
			address->length = SFDW_ADDRESS_V4_LENGTH;
			return true;
		}
		if (*text++ != '.' || number > 255)
			return false;
		whole |= number << (bits_left - 8);
	}
	return false;
}

/* Read the text of an address. */
bool
sfdw_address_parse(const char *text, SfdwAddress *address)
{
	memset(address, 0, sizeof(*address));
	if (strchr(text, ':') == NULL)
		return parse_v4(text, address);
	address->length = SFDW_ADDRESS_V6_LENGTH;
	return inet_pton(AF_INET6, text, address->bytes) == 1;
}
