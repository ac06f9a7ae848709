# A scan's memory does not grow with the file, and errors leak nothing: neither
# memory nor file descriptors.
use strict;
use warnings FATAL => 'all';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

# What a scan may take above an idle backend.
my $limit_kb = 64 * 1024;

# Under valgrind a backend's memory is mostly valgrind's: only that it runs.
my $is_slow = $ENV{SFDW_SLOW};
my $copies = $is_slow ? 2 : 100;

die 'needs /proc' unless -r '/proc/self/status';

my $folder = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('scan_memory');
$node->init;
$node->start;

# About 200 MB: the records of a small export, many times over.
system_or_bail('python3', 'test/gen_salesforce.py', $folder, '--account', '2M', '--opportunity', '1r');
{
	open(my $in, '<:raw', "$folder/Account.csv") or die $!;
	my $header = <$in>;
	my $records = do { local $/; <$in> };
	open(my $out, '>:raw', "$folder/Big.csv") or die $!;
	print $out $header;
	print $out $records for 1 .. $copies;
	close($out);
	open($out, '>:raw', "$folder/Wide.csv") or die $!;
	print $out "Id,Text\r\n";
	print $out "$_,\"" . ('x' x (15 * 1024 * 1024)) . "\"\r\n" for 1 .. 4;
	close($out);
}
cmp_ok(-s "$folder/Big.csv", '>', $copies * 1900 * 1024, 'the file is large');
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$folder/', dialect 'cds');
CREATE SCHEMA raw;
IMPORT FOREIGN SCHEMA salesforce FROM SERVER raw INTO raw;
SQL

# The anonymous memory of a process in kB, or 0 when it has gone.
sub anonymous_memory
{
	my ($pid) = @_;
	open(my $status, '<', "/proc/$pid/status") or return 0;
	while (<$status>) { return $1 if /^RssAnon:\s+(\d+)/; }
	return 0;
}

# Run a query and return the most memory that its backend had above an idle one.
sub peak_growth
{
	my ($sql) = @_;
	my ($in, $out, $err) = ("SELECT pg_backend_pid();\n", '', '');
	my $psql = IPC::Run::start(
		[ 'psql', '-qXAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
		'<', \$in, '>', \$out, '2>', \$err,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$psql->pump until $out =~ /^(\d+)\n/;
	my $pid = $1;
	my $idle = anonymous_memory($pid);
	my $peak = $idle;
	$out = '';
	$in .= "$sql;\n\\echo done\n";
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

for my $query (
	'SELECT count(*) FROM raw.big',
	'SELECT count(big) FROM raw.big',
	'SELECT count(id), count(description), count(createddate) FROM raw.big WHERE name IS NOT NULL')
{
	my $growth = peak_growth($query);
	cmp_ok($growth, '<=', $limit_kb, "$query: $growth kB") unless $is_slow;
}
my $growth = peak_growth('SELECT sum(length(text)) FROM raw.wide');
cmp_ok($growth, '<=', 6 * 16 * 1024, "records of 15 MB: $growth kB") unless $is_slow;

# A scan stops when it is told to.
{
	my ($status, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSET enable_material = off;\nSET statement_timeout = '50ms';\n"
		  . "SELECT count(*) FROM raw.big a, raw.big b");
	like($err, qr/ERROR:  57014: /, 'a scan can be cancelled');
}

# A thousand scans that fail in one session.
{
	open(my $out, '>:raw', "$folder/Broken.csv") or die $!;
	print $out "Id,N\r\n1,1\r\n2,x\r\n";
	close($out);
}
$node->safe_psql('postgres',
	"CREATE FOREIGN TABLE raw.broken (id text, n integer) SERVER raw OPTIONS (object 'Broken')");
my $failures = <<'SQL';
DO $$
BEGIN
	FOR i IN 1 .. 1000 LOOP
		BEGIN
			PERFORM n FROM raw.broken;
			RAISE 'not refused';
		EXCEPTION WHEN invalid_text_representation THEN
			NULL;
		END;
	END LOOP;
END $$;
SQL
my $figures = "SELECT (SELECT count(*) FROM pg_ls_dir('/proc/self/fd')), substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\\s+(\\d+)');\n";
my ($before, $after) = split /\n/,
	$node->safe_psql('postgres', "$failures$failures$figures$failures$figures");
my ($files_before, $memory_before) = split /\|/, $before;
my ($files_after, $memory_after) = split /\|/, $after;
cmp_ok($files_after - $files_before, '<', 10, 'failed scans leave no file open');
cmp_ok($memory_after - $memory_before, '<', 1024, 'failed scans leave no memory behind')
  unless $is_slow;
$node->stop;
done_testing();
