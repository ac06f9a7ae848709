/*-------------------------------------------------------------------------
 * text_source.h
 *		The text of an object, whatever form it is stored in
 *
 * Wraps a source (core/stream.h): what it gives is decompressed and in UTF-8,
 * as far as it was not UTF-8 already; that is checked by who reads the fields.
 * An object that is neither compressed nor in another encoding passes through
 * without being copied.
 *
 * Call order: open, next or try_next until false, close.  It belongs to the
 * memory context that was current when it was opened, and resetting that closes
 * it.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_TEXT_SOURCE_H
#define SFDW_TEXT_SOURCE_H

#include "core/status.h"
#include "core/stream.h"
#include "export/text_form.h"

typedef struct SfdwTextSource SfdwTextSource;

/* Wrap a source, which is closed with it. */
extern SfdwTextSource *sfdw_text_source_open(SfdwSource *stored,
											 const SfdwTextForm *form);

/*
 * The next block of text, never empty, valid until the following call; false at
 * the end, which is told only once the whole object was read and found right.
 * What is wrong with the data is an error that names the object and the byte.
 */
extern bool sfdw_text_source_next(SfdwTextSource *source, const char **data,
								  size_t *length);

/*
 * The same, but what is wrong with the data goes to *status, and false is
 * returned; after that the source can only be closed.  What the storage raises
 * is raised all the same.
 */
extern bool sfdw_text_source_try_next(SfdwTextSource *source,
									  const char **data, size_t *length,
									  SfdwStatus *status);

/*
 * What the offset of a failure counts, to go behind the word "byte": "" for
 * bytes of the object, else such as " of the decompressed data".  After a
 * failure of next it is about that, otherwise about the bytes that next gave.
 */
extern const char *sfdw_text_source_unit(const SfdwTextSource *source);

/* Bytes of text given so far, and bytes of the object that they have taken. */
extern uint64 sfdw_text_source_given(const SfdwTextSource *source);
extern uint64 sfdw_text_source_taken(const SfdwTextSource *source);

/* The encoding; with FIND it is known after the first next. */
extern SfdwEncoding sfdw_text_source_encoding(const SfdwTextSource *source);

/* Close both; NULL is allowed, and twice too. */
extern void sfdw_text_source_close(SfdwTextSource *source);

#endif							/* SFDW_TEXT_SOURCE_H */
