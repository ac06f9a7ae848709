/*-------------------------------------------------------------------------
 * detectors.h
 *		Find personal data and keys in text by pattern and checksum
 *
 * Pure.  Reads all of a text once, word by word, after folding look-alikes
 * (fold.h).  A pattern must stand alone: neither a letter nor a digit touches
 * it, so the inside of a Salesforce id, of a UUID or of a longer number is
 * never a phone number or a postal code.
 *
 * A number is read by sin, phone and card alone.  A SIN or a phone number is
 * the whole of it: no sign, no fraction but zeros (130692544.00 is nine
 * digits).  Chance hits are the price, since a number has neither grouping nor
 * a name beside it: of all numbers of nine digits one in eleven is a valid SIN,
 * of those of ten six in ten can be phone numbers.  Where numbers are amounts
 * the caller counts such hits rather than refuse them (findings.h).
 *
 * It is a tripwire, and no proof of absence: see rules.h for what each
 * detector takes and what it lets pass.
 *
 * Call order: init once, then for each text begin and next until it returns
 * false; free at the end.  The text must stay where it is until then.
 *-------------------------------------------------------------------------
 */
#ifndef SFDW_DETECTORS_H
#define SFDW_DETECTORS_H

#include "core/buffer.h"
#include "dataset/candidates.h"

/* In the order in which they are tried at a word: what has a name beside it
 * first. */
typedef enum SfdwDetector
{
	SFDW_DETECT_EMAIL,
	SFDW_DETECT_SIN,
	SFDW_DETECT_RAMQ,
	SFDW_DETECT_OHIP,
	SFDW_DETECT_BC_PHN,
	SFDW_DETECT_PRI,
	SFDW_DETECT_PASSPORT,
	SFDW_DETECT_BIRTH_DATE,
	SFDW_DETECT_PHONE,
	SFDW_DETECT_POSTAL_CODE,
	SFDW_DETECT_CIVIC_ADDRESS,
	SFDW_DETECT_CARD,
	SFDW_DETECT_IBAN,
	SFDW_DETECT_MAC,
	SFDW_DETECT_IP,
	SFDW_DETECT_URL_PASSWORD,
	SFDW_DETECT_TOKEN,
	SFDW_DETECT_AWS_KEY,
	SFDW_DETECT_NOTIFY_KEY
} SfdwDetector;

#define SFDW_DETECTORS		(SFDW_DETECT_NOTIFY_KEY + 1)

/* The longest text that is read: what PostgreSQL can hold in a value. */
#define SFDW_DETECT_LIMIT	((size_t) 1 << 30)

/* A masked shape: at most 48 characters, then "..." */
#define SFDW_SHAPE_LENGTH	48
#define SFDW_SHAPE_SIZE		(SFDW_SHAPE_LENGTH + 4)

typedef struct SfdwMatch
{
	SfdwDetector detector;
	size_t		start;			/* bytes of the text as it was given */
	size_t		end;			/* one behind */
} SfdwMatch;

/* What the text is, where that changes what a pattern means. */
typedef enum SfdwTextKind
{
	SFDW_TEXT_WORDS,			/* text that people and programs write */
	SFDW_TEXT_NUMBER			/* one number in plain decimal form */
} SfdwTextKind;

typedef struct SfdwDetection
{
	SfdwBuffer	folded;			/* holds the text when it had to be folded */
	const char *given;			/* the text as it was given */
	size_t		given_length;
	const char *text;			/* as it is read: given or folded */
	size_t		length;
	SfdwTextKind kind;
	size_t		at;				/* in text: where reading goes on */
	bool		is_folded;
	size_t		walked_given;	/* a place in given, and the same in text: */
	size_t		walked_text;	/* every later match lies behind it */
	SfdwCandidates candidates;
} SfdwDetection;

/* A detector's name in options and findings. */
extern const char *sfdw_detector_name(SfdwDetector detector);

/*
 * Whether its hits are a hint more than a finding: then "*" alone counts them,
 * and a key that names the detector decides.
 */
extern bool sfdw_detector_is_flag(SfdwDetector detector);

/* The detector of that name; false when there is none. */
extern bool sfdw_detector_by_name(const char *name, SfdwDetector *detector);

/*
 * Get ready for texts; cannot fail.  memory must outlive the detection, which
 * takes from it when a text is to be folded.
 */
extern void sfdw_detect_init(SfdwDetection *detection,
							 const SfdwMemory *memory);

/* Start to read a UTF-8 text; fails without memory and beyond the limit. */
extern bool sfdw_detect_begin(SfdwDetection *detection, const char *text,
							  size_t length, SfdwTextKind kind,
							  SfdwStatus *status);

/*
 * The next match; false at the end.  Matches come in the order in which they
 * end, and do not overlap, except that an address may begin before the end of
 * the match before it.
 */
static inline bool sfdw_detect_next(SfdwDetection *detection,
									SfdwMatch *match);

/* The same where text is left; for sfdw_detect_next only. */
extern bool sfdw_detect_rest(SfdwDetection *detection, SfdwMatch *match);

/*
 * The masked shape of bytes of a text: a for each letter, d for each digit, ASCII
 * punctuation kept, * for the rest; folded first.  Never longer than the
 * buffer, and without any character of a word.
 */
extern void sfdw_detect_shape(const char *text, size_t start, size_t end,
							  char shape[SFDW_SHAPE_SIZE]);

/*
 * Where bytes of the text as it is read lie in the text as it was given.  Asked
 * in ascending order it is quick.
 */
extern void sfdw_detect_locate(SfdwDetection *detection, size_t start,
							   size_t end, size_t *given_start,
							   size_t *given_end);

/* Give the memory back; the texts are the caller's. */
extern void sfdw_detect_free(SfdwDetection *detection);

/* Most values are told at a glance, and have nothing left. */
static inline bool
sfdw_detect_next(SfdwDetection *detection, SfdwMatch *match)
{
	return detection->at < detection->length &&
		sfdw_detect_rest(detection, match);
}

#endif							/* SFDW_DETECTORS_H */
