/*-------------------------------------------------------------------------
 * definition_check.h
 *		What a definition must not be, beside other objects and its own query
 *
 * Each function raises an error that names what is wrong.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DEFINITION_CHECK_H
#define SFDW_DEFINITION_CHECK_H

#include "dataset/gate.h"

/*
 * The destination is a server of ours on which the caller has USAGE, and the
 * data set's folder overlaps neither with another's nor with a raw location.
 * The view must exist.
 */
extern void sfdw_dataset_check_folder(SfdwDataset *dataset);

/*
 * Deleting raw files is possible and was confirmed: one raw location, typed
 * exactly, that is no root, not PostgreSQL's own, no destination's, and holds
 * full exports.
 */
extern void sfdw_dataset_check_purge(SfdwDataset *dataset, SfdwGate *gate);

/*
 * Why nothing below a raw location can be purged by the data set as things are
 * now, or NULL: servers and foreign tables may have been altered since it was
 * confirmed.
 */
extern const char *sfdw_dataset_purge_obstacle(SfdwDataset *dataset,
											   const char *location);

/*
 * Names in sorted_by, accept, detectors and gates are those of the query's
 * columns, of columns that it touches, of detectors and of gates; the closest
 * one is the hint.  target is the table.
 */
extern void sfdw_dataset_check_names(SfdwDataset *dataset, SfdwGate *gate,
									 Oid target);

/*
 * The same for accept, apart: after the query was changed, reasons for
 * columns that it no longer touches may stay.
 */
extern void sfdw_dataset_check_accept(SfdwDataset *dataset, SfdwGate *gate);

#endif							/* SFDW_DEFINITION_CHECK_H */
