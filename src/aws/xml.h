/*-------------------------------------------------------------------------
 * xml.h
 *		Read an XML answer element by element, within limits
 *
 * Pure, but for libexpat's own memory, which is wipe.h's: whoever opens a
 * reader must free it, also after an error.
 *
 * The answer comes in pieces of any size, is never held as a whole, and is
 * refused when it has a document type (so no entity is ever declared), nests
 * deeper, is longer, or has a longer text than the limits say.  Namespaces and
 * attributes are ignored.  Nothing before the first "<" but blanks is allowed;
 * S3 sends those to keep a connection open while it works.
 *
 * Call order: open, push for each piece, finish, free.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_XML_H
#define SFDW_XML_H

#include "core/buffer.h"

/* Deeper than any answer of S3 or STS (5). */
#define SFDW_XML_MAX_DEPTH 16

/* Three times an encoded key of 1024 bytes; error messages are shorter. */
#define SFDW_XML_MAX_TEXT 8192

/* Names of elements, joined by "/". */
#define SFDW_XML_MAX_PATH 256

/* A listing of 1000 versions, each with encoded key, owner and checksums, has
 * at most about 5 MB. */
#define SFDW_XML_MAX_SIZE (16 * 1024 * 1024)

/*
 * What is told of an element when it ends: its path from the root
 * ("Error/Code") and its text, "" for one that has elements in it.  On false
 * the reader stops, and push returns false with the status that the callee
 * filled in.  Must not throw.
 */
typedef bool (*SfdwXmlHandler) (void *context, const char *path,
								const char *text, size_t length,
								SfdwStatus *status);

typedef struct SfdwXml SfdwXml;

/* NULL when there is no memory. */
extern SfdwXml *sfdw_xml_open(const SfdwMemory *memory, SfdwXmlHandler handler,
							  void *context);

/*
 * Read a piece.  SFDW_MALFORMED for what is not XML, SFDW_UNSUPPORTED for a
 * document type, SFDW_TOO_LARGE beyond the limits, SFDW_OUT_OF_MEMORY, or what
 * the handler said.  After a failure every further call fails alike.
 */
extern bool sfdw_xml_push(SfdwXml *xml, const char *data, size_t length,
						  SfdwStatus *status);

/* The answer ends here; SFDW_MALFORMED when it is not complete. */
extern bool sfdw_xml_finish(SfdwXml *xml, SfdwStatus *status);

/* Give everything back; NULL is allowed. */
extern void sfdw_xml_free(SfdwXml *xml);

#endif							/* SFDW_XML_H */
