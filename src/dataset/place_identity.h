/*-------------------------------------------------------------------------
 * place_identity.h
 *		Which database this is, so that a copy of it is another one
 *
 * An identity is a JSON object of texts:
 *
 *	system_identifier	of the cluster; its standbys and its copies have it, too
 *	timeline			which a standby leaves when it is promoted, and a cluster
 *						that was restored to a point in time
 *	database_oid		which a dump, or CREATE DATABASE ... TEMPLATE, does not keep
 *	database			its name, for people: it is not compared
 *	born, inode			when a file of the data directory that nobody ever writes
 *						again was made, as the filesystem tells (null where it
 *						does not), and its number there, which counts where no
 *						time is known: a base backup is made of other files
 *
 * What has all of it is a copy of disks: a snapshot of a machine or a volume.
 * Such a copy and its original are told apart by what they do: see
 * place_owner.h.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_PLACE_IDENTITY_H
#define SFDW_PLACE_IDENTITY_H

#include "dataset/json_owner.h"

/* The identity of this database, owned by the current memory context. */
extern json_t *sfdw_identity_here(void);

/*
 * In what two identities differ ("cluster", "database", "timeline", "data
 * directory"), or NULL.  One that lacks a member differs.
 */
extern const char *sfdw_identity_difference(json_t *a, json_t *b);

/* For a message; palloc'd. */
extern char *sfdw_identity_text(json_t *identity);

/* The cluster's, as text. */
extern char *sfdw_identity_system(void);

#endif							/* SFDW_PLACE_IDENTITY_H */
