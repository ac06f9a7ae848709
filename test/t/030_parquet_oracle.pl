# Files of ours, read by two independent readers, hold what PostgreSQL prints.
# The comparison is test/parquet_oracle.py; its claims are counted here.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{SFDW_PYTHON};
die 'SFDW_PYTHON does not name a Python with pyarrow and DuckDB'
  unless defined $python;

my $node = PostgreSQL::Test::Cluster->new('parquet');
$node->init(extra => [ '-E', 'UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf',
	"session_preload_libraries = 'salesforce_fdw'");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');

$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGDATABASE} = 'postgres';
my $folder = PostgreSQL::Test::Utils::tempdir();
my $tables = $ENV{SFDW_SLOW} ? 14 : 40;    # under valgrind
my ($out, $err) = ('', '');
my $result =
  IPC::Run::run([ $python, 'test/parquet_oracle.py', $folder, $tables ],
	'>', \$out, '2>', \$err);
foreach my $line (split /\n/, $out)
{
	ok($1 eq 'ok', $2) if $line =~ /^(ok|not ok) \d+ - (.*)/;
	diag($line) if $line =~ /^(#|Bail out)/;
}
ok($result, 'the oracle ran to its end') or diag($err);
like($out, qr/^1\.\.\d+$/m, 'and all its claims were made');
$node->stop;
done_testing();
