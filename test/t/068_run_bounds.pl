# The memory of COPY and of a whole run is bounded by a row group, not by the
# number of rows: what a backend takes at most above an idle one.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(usleep);

# Above an idle backend: 64 MB, and a row group as it is given below.
my $limit_kb = (64 + 8) * 1024;
my $row_group = '8MB';
my $records = $ENV{SFDW_SLOW} ? 2_000 : 200_000;

die 'needs /proc' unless -r '/proc/self/status';

my $node = PostgreSQL::Test::Cluster->new('run_bounds');
$node->init;
$node->append_conf('postgresql.conf',
	"fsync = off\nshared_preload_libraries = 'salesforce_fdw'");
$node->start;
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);

# The anonymous memory of a process in kB, or 0 when it has gone.
sub anonymous_memory
{
	my ($pid) = @_;
	open(my $status, '<', "/proc/$pid/status") or return 0;
	while (<$status>) { return $1 if /^RssAnon:\s+(\d+)/; }
	return 0;
}

# Run a statement; the most memory that its backend had above an idle one.
sub peak_growth
{
	my ($user, $sql) = @_;
	my ($in, $out, $err) = ("SELECT pg_backend_pid();\n", '', '');
	my $psql = IPC::Run::start(
		[ 'psql', '-qXAt', '-U', $user, '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('w') ],
		'<', \$in, '>', \$out, '2>', \$err,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$psql->pump until $out =~ /^(\d+)\n/;
	my $pid = $1;
	my $idle = anonymous_memory($pid);
	my $peak = $idle;
	$out = '';
	$in .= "SET client_min_messages = error;\n$sql;\n\\echo done\n";
	until ($out =~ /done\n/ || $err ne '')
	{
		$psql->pump_nb;
		my $now = anonymous_memory($pid);
		$peak = $now if $now > $peak;
		usleep(2000);
	}
	$in .= "\\q\n";
	$psql->finish;
	is($err, '', "no error of $sql");
	return $peak - $idle;
}

# Within the bound; under valgrind memory is mostly valgrind's.
sub is_bounded
{
	my ($growth, $what) = @_;
	cmp_ok($growth, '<=', $ENV{SFDW_SLOW} ? 1 << 40 : $limit_kb, "$what: $growth kB");
	return;
}

my $growth = peak_growth(scalar getpwuid($<),
	"COPY (SELECT g, repeat(md5(g::text), 14) FROM generate_series(1, $records) AS g)
	 TO '$home/large.parquet' WITH (FORMAT parquet, row_group_size_bytes '$row_group')");
is_bounded($growth, 'COPY');
is( value($node, 'w',
		"SELECT num_rows, num_row_groups > 1 FROM salesforce_fdw.parquet_file_metadata('$home/large.parquet')"),
	"$records|" . ($ENV{SFDW_SLOW} ? 'f' : 't'),
	'... in more than one row group');

# 200,000 opportunities of one account: some 80 MB in the file and the table.
write_exports("$home/raw", 1);
my $account = (split /,/, (split /\r\n/, slurp_file("$home/raw/Account.csv"))[1])[0];
open(my $file, '>', "$home/raw/Opportunity.csv") or die $!;
print $file "Id,AccountId,StageName,CreatedDate\r\n";
printf $file "006%012d,%s,%s %d,2024-01-02T10:00:00.000+0000\r\n", $_, $account, 'Closed ' x 50, $_
  for 1 .. $records;
close($file);
$growth = peak_growth('etl', "CALL salesforce_fdw.run('sales')");
is_bounded($growth, 'a run');
is(value($node, 'w', "SELECT rows FROM salesforce_fdw.runs WHERE state = 'closed'"),
	$records, '... which is closed');
$node->stop;
done_testing();
