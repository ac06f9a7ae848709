# salesforce_fdw: Salesforce exports as foreign tables, published as Parquet.
#
#	make && make install		build and install with the pg_config in PATH
#	make FAULTS=1			test build: fault points, in-memory storage
#	make STRICT=1			warnings as errors, as the tests build
#
# ./test/run runs every test in a private copy of the PostgreSQL installation.

ifndef srcdir
srcdir = $(if $(VPATH),$(VPATH),.)
endif

MODULE_big = salesforce_fdw
EXTENSION = salesforce_fdw
DATA = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/sql/salesforce_fdw--*.sql))
PGFILEDESC = "salesforce_fdw - Salesforce exports, published as Parquet"

# Files that know nothing of PostgreSQL: no postgres.h, memory from the caller,
# a status instead of an error.  Unit tests and fuzzers link these alone.
PURE = \
	src/aws/address.c \
	src/aws/answer.c \
	src/aws/endpoint.c \
	src/aws/error_answer.c \
	src/aws/keys_answer.c \
	src/aws/profile.c \
	src/aws/retry.c \
	src/aws/sigv4.c \
	src/aws/uri.c \
	src/aws/wipe.c \
	src/aws/xml.c \
	src/core/buffer.c \
	src/core/marks.c \
	src/core/status.c \
	src/dataset/candidates.c \
	src/dataset/checksums.c \
	src/dataset/detectors.c \
	src/dataset/fold.c \
	src/dataset/name_fold.c \
	src/dataset/name_list.c \
	src/dataset/rule_codes.c \
	src/dataset/rule_numbers.c \
	src/dataset/rule_people.c \
	src/dataset/rule_secrets.c \
	src/dataset/rules.c \
	src/dataset/words.c \
	src/export/convert.c \
	src/export/csv_scan.c \
	src/export/csv_scan_split.c \
	src/export/csv_split.c \
	src/export/decode.c \
	src/export/decode_time.c \
	src/export/dialect.c \
	src/export/dictionary.c \
	src/export/field_class.c \
	src/export/field_type.c \
	src/export/file_kind.c \
	src/export/filter.c \
	src/export/infer.c \
	src/export/inflate.c \
	src/export/inflate_gzip.c \
	src/export/inflate_zstd.c \
	src/export/record_id.c \
	src/export/text_form.c \
	src/export/unescape.c \
	src/export/utf8.c \
	src/parquet/bounds.c \
	src/parquet/chunk.c \
	src/parquet/compress.c \
	src/parquet/encoding.c \
	src/parquet/footer.c \
	src/parquet/names.c \
	src/parquet/page_dictionary.c \
	src/parquet/thrift_read.c \
	src/parquet/thrift_write.c \
	src/storage/location.c

# Files that exist in the test build only.
TEST_ONLY = src/storage/memory.c

SOURCES = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/src/*.c $(srcdir)/src/*/*.c))

ifdef FAULTS
TEST_SOURCES = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/test/modules/*.c))
OBJS = $(SOURCES:.c=.o) $(TEST_SOURCES:.c=.o)
PG_CPPFLAGS += -DSFDW_FAULTS
else
OBJS = $(patsubst %.c,%.o,$(filter-out $(TEST_ONLY),$(SOURCES)))
endif

PG_CONFIG ?= pg_config
INCLUDEDIR_SERVER := $(shell $(PG_CONFIG) --includedir-server)
PG_CPPFLAGS += -I$(srcdir)/src -isystem $(INCLUDEDIR_SERVER)
PG_CFLAGS = -fvisibility=hidden -MMD -MP
ifdef STRICT
PG_CFLAGS += -Wall -Wextra -Wno-unused-parameter \
	-Wno-missing-field-initializers -Werror
endif
SHLIB_LINK = -lcsv -lcurl -lexpat -ljansson -lz -lzstd -lsnappy -lcrypto

REGRESS = $(sort $(basename $(notdir $(wildcard $(srcdir)/test/sql/*.sql))))
REGRESS_OPTS = --inputdir=$(srcdir)/test --outputdir=.
TAP_TESTS = 1
PROVE_TESTS = $(srcdir)/test/t/*.pl

EXTRA_CLEAN = build $(OBJS:.o=.d)

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# The commit, which the Parquet files name as their writer's build.  The stamp
# changes only with it, so that a build never names another one.  git is asked
# to leave its index alone and to answer root as well: "sudo make install" then
# neither builds again nor leaves files of root's in the checkout.
GIT = GIT_OPTIONAL_LOCKS=0 git -c safe.directory='*' -C $(srcdir)
COMMIT := $(shell $(GIT) rev-parse --short HEAD 2>/dev/null || echo release)$(if \
	$(shell $(GIT) status --porcelain --untracked-files=no 2>/dev/null),_dirty)
COMMIT_STAMP = build/commit-$(COMMIT)
$(shell [ -e $(COMMIT_STAMP) ] || { mkdir -p build && rm -f build/commit-* && touch $(COMMIT_STAMP); })
src/parquet/writer.o src/parquet/writer.bc: $(COMMIT_STAMP)
src/parquet/writer.o src/parquet/writer.bc: override CPPFLAGS += -DSFDW_BUILD='"$(COMMIT)"'

# PGXS brings the flags of the compiler that built PostgreSQL; gcc before 14
# lacks this one, and clang some.
override CFLAGS := $(filter-out -Wmissing-variable-declarations,$(CFLAGS))
ifneq (,$(findstring clang,$(CC)))
override CFLAGS := $(filter-out -fexcess-precision=standard -Wimplicit-fallthrough=3 \
	-Wno-format-truncation -Wno-stringop-truncation -Wmissing-format-attribute, \
	$(CFLAGS)) -Wno-ignored-attributes -Wno-unknown-warning-option \
	-Wno-compound-token-split-by-macro
endif

-include $(OBJS:.o=.d)

# Unit tests: programs that link the pure files alone, so they are compiled
# without PostgreSQL's headers; one that reaches postgres.h does not build.
UNIT_DIR = build/unit
UNIT_CFLAGS = -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter \
	-Wno-missing-field-initializers -Werror -MMD -MP -I$(srcdir)/src \
	-I$(srcdir)/test/unit $(UNIT_EXTRA_CFLAGS)
UNIT_LIBS = -lcsv -lexpat -ljansson -lz -lzstd -lsnappy -lcrypto -lm
UNIT_PURE = $(PURE:%.c=$(UNIT_DIR)/%.o)
UNIT_TESTS = $(patsubst $(srcdir)/test/unit/%.c,$(UNIT_DIR)/%,$(wildcard $(srcdir)/test/unit/test_*.c))

$(UNIT_DIR)/%.o: $(srcdir)/%.c
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) -c -o $@ $<

# Programs that a test in another language runs.
UNIT_DRIVERS = $(patsubst $(srcdir)/test/unit/%.c,$(UNIT_DIR)/%,$(wildcard $(srcdir)/test/unit/driver_*.c))
UNIT_SCRIPTS = $(wildcard $(srcdir)/test/unit/test_*.py)

$(UNIT_DIR)/driver_%: $(srcdir)/test/unit/driver_%.c $(UNIT_PURE)
	$(CC) $(UNIT_CFLAGS) -o $@ $< $(UNIT_PURE) $(UNIT_LIBS)

$(UNIT_DIR)/test_%: $(srcdir)/test/unit/test_%.c $(UNIT_PURE)
	$(CC) $(UNIT_CFLAGS) -o $@ $< $(UNIT_PURE) $(UNIT_LIBS)

.PHONY: unit unit-programs house bench
unit-programs: $(UNIT_TESTS) $(UNIT_DRIVERS)

# The detectors alone, as they are compiled for use.
BENCH_DETECT = build/bench/detect
$(BENCH_DETECT): $(srcdir)/test/bench/detect.c $(PURE:%=$(srcdir)/%)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -I$(srcdir)/src -o $@ $^ $(UNIT_LIBS)

# Measure the installed build; BENCH has the words, such as --opportunity 1G.
bench: $(BENCH_DETECT)
	bash -c 'here=$(srcdir)/test; . $$here/lib.sh; \
		exec "$$(venv_folder)/bin/python" $(srcdir)/test/bench/bench \
		--pg-config "$(PG_CONFIG)" --s3-server "$$(versitygw_program)" \
		--detect $(BENCH_DETECT) $(BENCH)'

unit: unit-programs
	UNIT_DIR=$(UNIT_DIR) prove --exec '' $(UNIT_TESTS) $(UNIT_SCRIPTS)

-include $(UNIT_PURE:.o=.d) $(UNIT_TESTS:=.d) $(UNIT_DRIVERS:=.d)

# Fuzzers, on demand (they need clang and its libclang-rt): make fuzz, then
# build/fuzz/fuzz_NAME -max_total_time=60
FUZZ_DIR = build/fuzz
FUZZ_CC = clang-14
FUZZ_CFLAGS = -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined -I$(srcdir)/src
FUZZERS = $(patsubst $(srcdir)/test/fuzz/%.c,$(FUZZ_DIR)/%,$(wildcard $(srcdir)/test/fuzz/fuzz_*.c))

$(FUZZ_DIR)/fuzz_%: $(srcdir)/test/fuzz/fuzz_%.c $(PURE:%=$(srcdir)/%)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $^ $(UNIT_LIBS)

.PHONY: fuzz
fuzz: $(FUZZERS)

# The rules of src/README.md, checked on the sources and the built objects.
house: all
	$(srcdir)/test/house.py $(srcdir)

