# COPY ... (FORMAT parquet) in a real cluster: beside other libraries' hooks,
# on a standby, in two-phase transactions, prepared, cancelled, killed, on a
# full disk, and where the library or the extension is missing.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $folder = PostgreSQL::Test::Utils::tempdir;
my $target = "$folder/t.parquet";
my $copy = "COPY t TO '$target' (FORMAT parquet)";

# A query that writes rows for ever, slowly enough not to burn a core.
my $endless = "SELECT i, pg_sleep(0.001)::text AS t FROM (SELECT generate_series(1, 1000000) AS i) s";

# The names in the folder; those that start with a dot too.
sub files
{
	opendir(my $handle, $folder) or die "$folder: $!";
	my @names = sort grep { !/^\.\.?$/ } readdir($handle);
	return join ' ', @names;
}

sub fresh_target
{
	unlink glob "$folder/* $folder/.[a-z]*";
}

# Whether a library of this name is installed.
sub has_library
{
	my $folder = `pg_config --pkglibdir`;
	chomp $folder;
	return -e "$folder/$_[0].so";
}

# Wait until the one COPY in progress has written something.
sub wait_for_rows
{
	my $node = shift;
	$node->poll_query_until('postgres',
		'SELECT count(*) = 1 AND max(tuples_processed) > 10 FROM pg_stat_progress_copy')
	  or die 'no COPY is in progress';
}

my $node = PostgreSQL::Test::Cluster->new('copy');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf',
	"max_prepared_transactions = 2\nlog_statement = 'none'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE TABLE t AS SELECT i, i::text AS name FROM generate_series(1, 100) i');

# Claim: without the library the format is not recognized; with the library,
# but without the extension, neither; then it is.
my ($status, $out, $err) = $node->psql('postgres', $copy);
like($err, qr/COPY format "parquet" not recognized/, 'not loaded: not recognized');
($status, $out, $err) = $node->psql('postgres', "LOAD 'salesforce_fdw'; $copy");
like($err, qr/COPY format "parquet" not recognized/, 'no extension: not recognized');
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');
($status, $out, $err) = $node->psql('postgres', $copy);
like($err, qr/not recognized/, 'extension, but a session without the library: not recognized');
is($node->safe_psql('postgres', "SELECT salesforce_fdw.copy_to('TABLE t', '$target')"),
	'100', 'copy_to() needs no preloading');
$node->append_conf('postgresql.conf', "session_preload_libraries = 'salesforce_fdw'");
$node->reload;
is($node->psql('postgres', $copy), 0, 'session_preload_libraries is enough');

# Claim: other libraries' hooks see the statement when ours is loaded first;
# in the other order everything still works.
foreach my $order ('salesforce_fdw, pg_stat_statements', 'pg_stat_statements, salesforce_fdw')
{
	$node->append_conf('postgresql.conf',
		"session_preload_libraries = ''\nshared_preload_libraries = '$order'");
	$node->restart;
	$node->safe_psql('postgres', 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
	$node->safe_psql('postgres', 'SELECT pg_stat_statements_reset()');
	fresh_target();
	$node->safe_psql('postgres', $copy) for 1 .. 2;
	is(files(), 't.parquet', "$order: the file is there");
	is( $node->safe_psql('postgres',
			"SELECT calls, rows FROM pg_stat_statements WHERE query LIKE 'COPY t TO%'"),
		'2|200', "$order: pg_stat_statements counts statements and rows");
}

{
	die 'pgaudit is not installed' unless has_library('pgaudit');
	foreach my $order ('salesforce_fdw, pgaudit, pg_stat_statements',
		'pgaudit, pg_stat_statements, salesforce_fdw')
	{
		$node->append_conf('postgresql.conf',
			"shared_preload_libraries = '$order'\npgaudit.log = 'read, write'\npgaudit.log_relation = on");
		$node->restart;
		my $start = -s $node->logfile;
		is($node->psql('postgres', $copy), 0, "$order: COPY works");
		is($node->psql('postgres', "DO \$\$ BEGIN $copy; END \$\$"), 0,
			"$order: and in a DO block");
		like(slurp_file($node->logfile, $start),
			qr/AUDIT: SESSION,\d+,\d+,READ,(SELECT|COPY),TABLE,public\.t,.*FORMAT parquet/,
			"$order: the export is in the audit log with its table");
		$node->append_conf('postgresql.conf', "pgaudit.log = 'none'");
	}
}
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'salesforce_fdw'");
$node->restart;

# Claim: the extended protocol and prepared statements run it again and again.
my $script = PostgreSQL::Test::Utils::tempdir . '/copy.sql';
append_to_file($script, "$copy;\n");
foreach my $mode ('simple', 'extended', 'prepared')
{
	fresh_target();
	$node->command_ok(
		[ 'pgbench', '-n', '-t', '5', '-M', $mode, '-f', $script, 'postgres' ],
		"five times by the $mode protocol");
	is(files(), 't.parquet', "$mode: the file is there");
}

# Claim: a COPY does not stand in the way of PREPARE TRANSACTION.
fresh_target();
$node->safe_psql('postgres',
	"BEGIN; INSERT INTO t VALUES (0, 'zero'); $copy; PREPARE TRANSACTION 'p'");
is($node->safe_psql('postgres',
		"SELECT num_rows FROM salesforce_fdw.parquet_file_metadata('$target')"),
	'101', 'the file is there when the transaction is prepared');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'p'");

# Claim: a query of several workers is written whole.
$node->safe_psql('postgres', q{
	CREATE TABLE big AS SELECT i FROM generate_series(1, 200000) i;
	ALTER TABLE big SET (parallel_workers = 2); ANALYZE big});
$node->safe_psql('postgres', qq{
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
	COPY (SELECT i FROM big WHERE i % 2 = 0) TO '$target' (FORMAT parquet)});
is($node->safe_psql('postgres',
		"SELECT num_rows FROM salesforce_fdw.parquet_file_metadata('$target')"),
	'100000', 'a parallel query is written whole');

# Claim: whatever ends a COPY early, no file is left, nor a temporary one, and
# a file that was there stays as it was.
my %ends = (
	'pg_cancel_backend' => 'SELECT pg_cancel_backend(pid) FROM pg_stat_progress_copy',
	'pg_terminate_backend' => 'SELECT pg_terminate_backend(pid) FROM pg_stat_progress_copy',);
foreach my $present (0, 1)
{
	foreach my $end (sort keys %ends)
	{
		fresh_target();
		append_to_file($target, 'yesterday') if $present;
		my $session = $node->background_psql_for_copy("COPY ($endless) TO '$target' (FORMAT parquet)");
		wait_for_rows($node);
		is( $node->safe_psql('postgres',
				q{SELECT command, type, relid FROM pg_stat_progress_copy}),
			'COPY TO|FILE|0', 'progress says what goes on') if $end eq 'pg_cancel_backend';
		$node->safe_psql('postgres', $ends{$end});
		$session->finish;
		is(files(), $present ? 't.parquet' : '', "$end leaves nothing behind");
		is(slurp_file($target), 'yesterday', 'the file that was there is untouched') if $present;
	}
}
fresh_target();
($status, $out, $err) = $node->psql('postgres',
	"SET statement_timeout = '300ms'; COPY ($endless) TO '$target' (FORMAT parquet)");
like($err, qr/canceling statement due to statement timeout/, 'statement_timeout ends it');
is(files(), '', 'statement_timeout leaves nothing behind');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_stat_progress_copy'),
	'0', 'no COPY is in progress any more');

{
	# Claim: when the disk is full (here: the file may not grow), the error
	# says so, nothing is left, and the session goes on.
	die 'prlimit is not installed' if system('command -v prlimit >/dev/null 2>&1') != 0;
	fresh_target();
	($status, $out, $err) = $node->psql('postgres', qq{
		SELECT pg_backend_pid() AS pid \\gset
		\\setenv PID :pid
		\\! prlimit --pid \$PID --fsize=1048576:
		COPY (SELECT md5(i::text) AS a FROM (SELECT generate_series(1, 200000) AS i) s)
			TO '$target' (FORMAT parquet, compression none, row_group_size 10000);
		SELECT 'still here';}, on_error_stop => 0);
	like($err, qr/could not write .*t\.parquet.*File too large/, 'a write that fails is an error');
	is(files(), '', 'and leaves nothing behind');
	like($out, qr/still here/, 'the session goes on');
}

# Claim: a standby exports, as it does with COPY.
my $backup = 'for_standby';
$node->backup($backup);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, $backup, has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', 'CREATE TABLE last ()');
$node->wait_for_catchup($standby);
fresh_target();
$standby->safe_psql('postgres', $copy);
is($standby->safe_psql('postgres',
		"SELECT num_rows FROM salesforce_fdw.parquet_file_metadata('$target')"),
	'100', 'a standby exports');
$standby->stop;

# Claim: only privileges of the extension decide; an ordinary user changes
# nothing by switching the hook.
$node->safe_psql('postgres', 'CREATE ROLE plain LOGIN; GRANT SELECT ON t TO plain');
($status, $out, $err) = $node->psql('postgres', $copy, extra_params => [ '-U', 'plain' ]);
like($err, qr/permission denied to write to storage/, 'no right to write files');
($status, $out, $err) = $node->psql('postgres',
	"SET salesforce_fdw.enable_copy_hook = off; $copy", extra_params => [ '-U', 'plain' ]);
like($err, qr/pg_write_server_files role to COPY to a file|not recognized/, 'nor with the hook off');
$node->stop;
done_testing();

# A psql that runs one statement in the background.
package PostgreSQL::Test::Cluster;

sub background_psql_for_copy
{
	my ($self, $statement) = @_;
	return IPC::Run::start(
		[ 'psql', '-X', '-d', $self->connstr('postgres'), '-c', $statement ],
		'>', \my $out, '2>', \my $err);
}
