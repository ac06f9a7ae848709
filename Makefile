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
DATA = sql/salesforce_fdw--1.0.sql
PGFILEDESC = "salesforce_fdw - Salesforce exports, published as Parquet"

# Files that know nothing of PostgreSQL: no postgres.h, memory from the caller,
# a status instead of an error.  Unit tests and fuzzers link these alone.
PURE = \
	src/core/buffer.c \
	src/core/status.c

# Files that exist in the test build only.
TEST_ONLY = src/storage/memory.c

SOURCES = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/src/*.c $(srcdir)/src/*/*.c))

ifdef FAULTS
OBJS = $(SOURCES:.c=.o)
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
SHLIB_LINK = -lcsv -ljansson -lz -lzstd -lsnappy -lcrypto

REGRESS = $(sort $(basename $(notdir $(wildcard $(srcdir)/test/sql/*.sql))))
REGRESS_OPTS = --inputdir=$(srcdir)/test --outputdir=.
TAP_TESTS = 1
PROVE_TESTS = $(srcdir)/test/t/*.pl

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

-include $(OBJS:.o=.d)
