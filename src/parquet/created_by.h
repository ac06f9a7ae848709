/*-------------------------------------------------------------------------
 * created_by.h
 *		How a file says who wrote it
 *
 * The form is one that parquet-java parses: it ignores the bounds of text
 * columns in files of writers whose version it cannot tell.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_CREATED_BY_H
#define SFDW_CREATED_BY_H

/* The commit that was built, where the build knows it. */
#ifndef SFDW_BUILD
#define SFDW_BUILD "release"
#endif

#define SFDW_CREATED_BY \
	"salesforce_fdw version 1.0.0 (build " SFDW_BUILD ")"

#endif							/* SFDW_CREATED_BY_H */
