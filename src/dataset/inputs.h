/*-------------------------------------------------------------------------
 * inputs.h
 *		The objects that a data set's query reads, and what is there of them
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_INPUTS_H
#define SFDW_INPUTS_H

#include "storage/storage.h"

/* One object; several foreign tables may read the same one. */
typedef struct SfdwInputObject
{
	Oid			server;
	char	   *key;
	char	   *relations;		/* qualified, separated by ", " */
	char	   *objects;		/* Salesforce objects, likewise; may be NULL */
	SfdwVersion *current;		/* set by sfdw_inputs_list; NULL: none */
} SfdwInputObject;

/* All versions below one server's location. */
typedef struct SfdwListing
{
	Oid			server;
	char	   *server_name;
	SfdwStorage *storage;
	List	   *versions;		/* SfdwVersion */
} SfdwListing;

/* The objects behind foreign tables (a list of Oid), each once. */
extern List *sfdw_inputs_of(List *relations);

/*
 * List the location of each server of the objects, once, with the rights of
 * user for use, and set each object's current version.  A list of SfdwListing.
 */
extern List *sfdw_inputs_list(List *objects, Oid user, SfdwStorageUse use);

/* The object that a server's key is, or NULL when it is none of them. */
extern SfdwInputObject *sfdw_inputs_find(List *objects, Oid server,
										 const char *key);

#endif							/* SFDW_INPUTS_H */
