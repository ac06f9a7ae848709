/*-------------------------------------------------------------------------
 * address.h
 *		What kind of network an address belongs to
 *
 * Pure.  An endpoint that a server's option names could point into the
 * machine itself or to the service that hands out its credentials.  What
 * counts is the address that a connection goes to, after names were resolved,
 * so the adapter asks for each one right before it connects; asking about the
 * option's text alone would miss a name that resolves to such an address.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_ADDRESS_H
#define SFDW_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define SFDW_ADDRESS_V4_LENGTH 4
#define SFDW_ADDRESS_V6_LENGTH 16

typedef enum SfdwAddressKind
{
	SFDW_ADDRESS_PUBLIC,
	SFDW_ADDRESS_PRIVATE,		/* RFC 1918, shared (RFC 6598), ULA: where VPC
								 * endpoints are */
	SFDW_ADDRESS_LOOPBACK,
	SFDW_ADDRESS_LINK_LOCAL,	/* 169.254/16 and fe80::/10 */
	SFDW_ADDRESS_METADATA,		/* a cloud's service for credentials */
	SFDW_ADDRESS_SPECIAL		/* unspecified, multicast, broadcast, reserved,
								 * for documentation, or of neither version */
} SfdwAddressKind;

/* An address in the order of the network. */
typedef struct SfdwAddress
{
	unsigned char bytes[SFDW_ADDRESS_V6_LENGTH];
	size_t		length;			/* of version 4 or 6 */
} SfdwAddress;

/*
 * What kind an address is.  One of version 6 that carries one of version 4
 * (mapped, compatible, translated by NAT64, 6to4, ISATAP, Teredo) is what that
 * one is, unless it is public.
 */
extern SfdwAddressKind sfdw_address_kind(const SfdwAddress *address);

/* Whether only "allow_local_endpoint" lets a connection go there. */
extern bool sfdw_address_is_local(SfdwAddressKind kind);

/* "loopback", "link-local", ...; for messages. */
extern const char *sfdw_address_kind_name(SfdwAddressKind kind);

/*
 * Read the text of an address in any form that a resolver takes for one: four
 * numbers or fewer, each decimal, octal ("0251") or hexadecimal ("0xA9"), of
 * which the last fills the rest ("169.254.43518", "2852039166"); or version 6
 * without brackets.  False for a text that is a name.
 */
extern bool sfdw_address_parse(const char *text, SfdwAddress *address);

#endif							/* SFDW_ADDRESS_H */
