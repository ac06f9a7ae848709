/* core/marks.c: the edges of the table of combining marks. */
#include "core/marks.h"
#include "tap.h"

int
main(void)
{
	static const uint32_t marks[] = {0x0300, 0x0301, 0x036F, 0x0483, 0x0487,
	0x0591, 0x1AB0, 0x20D0, 0x302A, 0xFE0F, 0x1E8D0, 0xE0100, 0xE01EF};
	static const uint32_t others[] = {0, 'a', 0xE9, 0x02FF, 0x0370, 0x0488,
	0x0903, 0x200D, 0x20DD, 0xAC00, 0xE00FF, 0xE01F0, 0x10FFFF, 0xFFFFFFFF};
	uint32_t	count = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		TAP_OK(sfdw_mark_is_nonspacing(marks[i]), "U+%04X is a mark",
			   (unsigned) marks[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		TAP_OK(!sfdw_mark_is_nonspacing(others[i]), "U+%04X is none",
			   (unsigned) others[i]);
	for (uint32_t point = 0; point <= 0x10FFFF; point++)
		count += sfdw_mark_is_nonspacing(point);
	TAP_OK(count == 1950, "Unicode 14 has 1950 of them, not %u",
		   (unsigned) count);
	return tap_done();
}
