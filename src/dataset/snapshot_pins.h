/*-------------------------------------------------------------------------
 * snapshot_pins.h
 *		Has scans read the versions of the snapshot that holds
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_SNAPSHOT_PINS_H
#define SFDW_SNAPSHOT_PINS_H

/* Give storage/pins.h its callbacks; called once, from _PG_init. */
extern void sfdw_snapshot_pins_init(void);

#endif							/* SFDW_SNAPSHOT_PINS_H */
