/*-------------------------------------------------------------------------
 * purge_uploads.c
 *		Unfinished uploads below a raw location
 *-------------------------------------------------------------------------
 */
#include "dataset/purge_uploads.h"

#include "dataset/ledger.h"
#include "utils/timestamp.h"

/* Write down what there is; NIL is written, too, as an empty list. */
static void
record(const char *dataset, SfdwStorage *storage, List *uploads)
{
	SfdwParam	params[5];
	List	   *keys = NIL;
	List	   *ids = NIL;
	List	   *times = NIL;
	ListCell   *cell;

	foreach(cell, uploads)
	{
		SfdwUpload *upload = lfirst(cell);

		keys = lappend(keys, upload->key);
		ids = lappend(ids, upload->upload_id);
		times = lappend(times, pstrdup(timestamptz_to_str(upload->started)));
	}
	params[0] = sfdw_param_text(dataset);
	params[1] = sfdw_param_text(storage->location);
	params[2] = sfdw_param_texts(keys);
	params[3] = sfdw_param_texts(ids);
	params[4] = sfdw_param_texts(times);
	(void) sfdw_ledger_write("INSERT INTO salesforce_fdw.ledger_upload"
							 " (run, location, uploads)"
							 " SELECT r.run, $2, (SELECT"
							 "   coalesce(jsonb_agg(jsonb_build_object("
							 "    'location', $2, 'key', u.key,"
							 "    'upload_id', u.id,"
							 "    'started', u.started::timestamptz)"
							 "    ORDER BY u.started), '[]')"
							 "  FROM unnest($3, $4, $5) AS u(key, id, started))"
							 " FROM salesforce_fdw.ledger_run r"
							 " WHERE r.dataset = $1 AND EXISTS (SELECT"
							 "  FROM salesforce_fdw.ledger_input i"
							 "  WHERE i.run = r.run AND i.location = $2"
							 "  AND i.purge_proved >= transaction_timestamp())"
							 " ON CONFLICT (run, location) DO UPDATE"
							 " SET at = excluded.at, uploads = excluded.uploads",
							 lengthof(params), params, NULL);
}

/* List, note, warn. */
void
sfdw_purge_note_uploads(const char *dataset, SfdwStorage *storage)
{
	bool		is_denied = false;
	List	   *uploads = sfdw_storage_uploads(storage, "", &is_denied);

	if (is_denied)
	{
		ereport(WARNING,
				errmsg("unfinished uploads below raw location \"%s\" are not known",
					   storage->location),
				errhint("Asking for them needs the permission \"s3:ListBucketMultipartUploads\"."));
		return;
	}
	record(dataset, storage, uploads);
	if (uploads != NIL)
		ereport(WARNING,
				errmsg_plural("%d unfinished upload lies below raw location \"%s\"",
							  "%d unfinished uploads lie below raw location \"%s\"",
							  list_length(uploads), list_length(uploads),
							  storage->location),
				errdetail("Their parts hold data, and are not purged."),
				errhint("See salesforce_fdw.unfinished_uploads(), and give the bucket a lifecycle rule that aborts them."));
}
