/* aws/address.c: which addresses are the machine's own, however written. */
#include "aws/address.h"
#include "tap.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define PUBLIC SFDW_ADDRESS_PUBLIC
#define PRIVATE SFDW_ADDRESS_PRIVATE
#define LOOPBACK SFDW_ADDRESS_LOOPBACK
#define LINK_LOCAL SFDW_ADDRESS_LINK_LOCAL
#define METADATA SFDW_ADDRESS_METADATA
#define SPECIAL SFDW_ADDRESS_SPECIAL
#define NAME (-1)				/* not an address */

typedef struct AddressCase
{
	const char *text;
	int			kind;
} AddressCase;

static const AddressCase cases[] = {
	{"8.8.8.8", PUBLIC}, {"52.219.1.1", PUBLIC}, {"223.255.255.255", PUBLIC},
	{"10.0.0.1", PRIVATE}, {"10.255.255.255", PRIVATE}, {"9.255.255.255", PUBLIC},
	{"11.0.0.0", PUBLIC}, {"172.15.255.255", PUBLIC}, {"172.16.0.0", PRIVATE},
	{"172.31.255.255", PRIVATE}, {"172.32.0.0", PUBLIC},
	{"192.168.0.1", PRIVATE}, {"192.167.255.255", PUBLIC},
	{"192.169.0.0", PUBLIC}, {"100.63.255.255", PUBLIC},
	{"100.64.0.0", PRIVATE}, {"100.127.255.255", PRIVATE},
	{"100.128.0.0", PUBLIC}, {"127.0.0.1", LOOPBACK},
	{"127.255.255.255", LOOPBACK}, {"126.255.255.255", PUBLIC},
	{"128.0.0.0", PUBLIC}, {"169.254.0.1", LINK_LOCAL},
	{"169.254.255.255", LINK_LOCAL}, {"169.253.255.255", PUBLIC},
	{"169.255.0.0", PUBLIC}, {"169.254.169.254", METADATA},
	{"169.254.170.2", METADATA}, {"169.254.170.23", METADATA},
	{"169.254.169.253", LINK_LOCAL}, {"100.100.100.200", METADATA},
	{"168.63.129.16", METADATA}, {"192.0.0.192", METADATA},
	{"0.0.0.0", SPECIAL}, {"0.1.2.3", SPECIAL}, {"192.0.2.1", SPECIAL},
	{"198.18.0.1", SPECIAL}, {"198.19.255.255", SPECIAL},
	{"198.20.0.0", PUBLIC}, {"198.51.100.7", SPECIAL},
	{"203.0.113.7", SPECIAL}, {"224.0.0.1", SPECIAL}, {"240.0.0.1", SPECIAL},
	{"255.255.255.255", SPECIAL},
	/* the same in other forms */
	{"2852039166", METADATA}, {"0xA9FEA9FE", METADATA}, {"0xa9fea9fe", METADATA},
	{"025177524776", METADATA}, {"0251.0376.0251.0376", METADATA},
	{"0xa9.0xfe.0xa9.0xfe", METADATA}, {"169.254.43518", METADATA},
	{"169.16689662", METADATA}, {"169.254.0xa9.0376", METADATA},
	{"127.1", LOOPBACK}, {"0x7f000001", LOOPBACK}, {"2130706433", LOOPBACK},
	{"017700000001", LOOPBACK}, {"0", SPECIAL}, {"0x0a000001", PRIVATE},
	{"4294967295", SPECIAL}, {"00251.254.1.1", LINK_LOCAL},
	/* version 6 */
	{"2600:1f18::1", PUBLIC}, {"::1", LOOPBACK}, {"::", SPECIAL},
	{"0:0:0:0:0:0:0:1", LOOPBACK}, {"fe80::1", LINK_LOCAL},
	{"febf::1", LINK_LOCAL}, {"fec0::1", SPECIAL}, {"fd00:ec2::254", METADATA},
	{"fd00:ec2::23", METADATA}, {"FD00:0EC2::253", METADATA},
	{"fd20:ce::254", METADATA}, {"fd00:ec3::1", PRIVATE}, {"fc00::1", PRIVATE},
	{"fdff::1", PRIVATE}, {"fe00::1", PUBLIC}, {"ff02::1", SPECIAL},
	{"2001:db8::1", SPECIAL}, {"100::1", SPECIAL}, {"3fff::1", SPECIAL},
	/* version 4 inside version 6 */
	{"::ffff:169.254.169.254", METADATA}, {"::ffff:a9fe:a9fe", METADATA},
	{"::ffff:127.0.0.1", LOOPBACK}, {"::ffff:10.0.0.1", PRIVATE},
	{"::ffff:8.8.8.8", PUBLIC}, {"::169.254.169.254", METADATA},
	{"::127.0.0.1", LOOPBACK}, {"::ffff:0:169.254.169.254", METADATA},
	{"64:ff9b::a9fe:a9fe", METADATA}, {"64:ff9b::808:808", PUBLIC},
	{"64:ff9b:1::7f00:1", LOOPBACK}, {"2002:a9fe:a9fe::1", METADATA},
	{"2002:7f00:1::", LOOPBACK}, {"2002:808:808::1", PUBLIC},
	{"2001::5601:5601", METADATA}, {"2001:0:1:2:3:4:80ff:fffe", LOOPBACK},
	{"2600::5efe:169.254.169.254", METADATA},
	{"2600::200:5efe:127.0.0.1", LOOPBACK},
	{"fd12::5efe:169.254.169.254", METADATA},
	/* names, and what is neither */
	{"localhost", NAME}, {"169.254.169.254.nip.io", NAME}, {"", NAME},
	{"1.2.3.4.5", NAME}, {"1.2.3.", NAME}, {".1", NAME}, {"256.1.1.1", NAME},
	{"1.2.3.256", NAME}, {"1.2.65536", NAME}, {"1.16777216", NAME},
	{"4294967296", NAME}, {"99999999999999999999", NAME}, {"0x", NAME},
	{"0x1g", NAME}, {"1.2.3.4 ", NAME}, {"-1", NAME}, {"+1", NAME},
	{"1e3", NAME}, {":::", NAME}, {"fe80::1%eth0", NAME}, {"[::1]", NAME},
	{"1::2::3", NAME}, {"12345::", NAME},
};

int
main(void)
{
	SfdwAddress odd = {{127, 0, 0, 1}, 5};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
	{
		SfdwAddress address;
		int			kind = NAME;

		if (sfdw_address_parse(cases[i].text, &address))
			kind = (int) sfdw_address_kind(&address);
		TAP_OK(kind == cases[i].kind, "\"%s\" is %s", cases[i].text,
			   cases[i].kind == NAME ? "no address" :
			   sfdw_address_kind_name((SfdwAddressKind) cases[i].kind));
	}
	TAP_OK(sfdw_address_kind(&odd) == SPECIAL, "an address of another length");
	TAP_OK(!sfdw_address_is_local(PUBLIC) && !sfdw_address_is_local(PRIVATE) &&
		   sfdw_address_is_local(LOOPBACK) && sfdw_address_is_local(LINK_LOCAL) &&
		   sfdw_address_is_local(METADATA) && sfdw_address_is_local(SPECIAL),
		   "only public and private addresses need no option");
	return tap_done();
}
