# Of 1,000 strings planted in columns of the raw files that may not leave (names,
# addresses, numbers of people; free text; columns without a class; a table that
# nobody reads) none is found anywhere after 200 runs that fail, each for a
# reason of its own, and one that does not: data directory with WAL, server log
# (everything logged that can be), what clients were told, statistics, plans,
# every version of every object of the lake with Parquet decoded, Glue, the
# ledger, evidence, notifications, a dump.  Names that may leave are found in
# the published table alone, and in what holds tables.  In every place the search is
# seen to find what is put there; file_fdw and COPY show what the same files
# leave elsewhere.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use CanaryRuns;
use CanaryTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use SmallDisk;
use Test::More;
use Time::HiRes qw(usleep);

# What may not leave, what may, and what is put somewhere to see it found.
my %prefix = (raw => 'Qzxvj', name => 'Xwqjz', control => 'Vkzqx');
my $pattern = canary_pattern(values %prefix);
my ($raw_count, $name_count) = (0, 0);
sub raw { return canary($prefix{raw}, $raw_count++) }
sub name { return canary($prefix{name}, $name_count++) }

# --- the files
my $home = new_home();
mkdir "$home/$_" for qw(small bad);
my @kinds = (sub { raw() . ' Tremblay' }, sub { lc(raw()) . '@example.org' }, sub { '12 rue ' . raw() . ', K1A 0B1' },
	sub { 'see 003A0000012' . raw() . ', thanks' }, sub { '613-555-' . raw() });
my $kind = 0;
sub planted { return join ',', map { my $text = $kinds[ $kind++ % @kinds ]->(); $text =~ /,/ ? "\"$text\"" : $text } 1 .. $_[0] }
my %files = (
	Account => "Id,Name,CreatedDate,Description,Site,BillingStreet,Phone,PersonEmail,LastName,Notes__c,Extra__c\r\n" . join('',
		map { sprintf "%s,%s Ltd,2024-01-%02dT10:00:00.000+0000,%s\r\n", RunTest::id_of('001', $_), name(), 1 + $_ % 28, planted(8) } 1 .. 60),
	Opportunity => "Id,AccountId,Name,CreatedDate,NextStep,Description,Secret__c\r\n" . join('',
		map { sprintf "%s,%s,%s service,2024-02-%02dT10:00:00.000+0000,%s\r\n", RunTest::id_of('006', $_), RunTest::id_of('001', 1 + $_ % 60), name(), 1 + $_ % 28, planted(3) } 1 .. 80),
	Contact => "Id,LastName,Email,MailingStreet,Phone\r\n" . join('', map { sprintf "003%012dAAA,%s\r\n", $_, planted(4) } 1 .. 70));
is($raw_count, 1000, '1,000 canaries are planted, of five kinds');
write_text("$home/raw/$_.csv", $files{$_}) for sort keys %files;
my $bad = 0;
for my $bytes (bad_files())
{
	write_text(sprintf("$home/bad/%d.csv", ++$bad), $bytes =~ s/\{r\}/raw()/ger =~ s/\{t\}/name()/ger);
}
is(count_canaries($prefix{raw}, canaries_below($pattern, "$home/raw")), 1000, 'the search finds all of them in the raw files');

# --- the servers
my $s3 = start_s3();
my $moto = start_moto();
my %faults = (s3 => start_faults($s3->{port}), glue => start_faults($moto->{port}));
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", map { "$_.csv" } sort keys %files);
s3($s3, 'put-all', 'raw', 'crm/bad/', "$home/bad", map { "$_.csv" } 1 .. $bad);

my $node = PostgreSQL::Test::Cluster->new('canaries_s3');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'salesforce_fdw, auto_explain, pg_stat_statements'
restart_after_crash = on
fsync = off
autovacuum = off
wal_compression = off
wal_keep_size = '8GB'
log_min_messages = debug1
log_min_error_statement = debug5
log_error_verbosity = verbose
log_statement = all
log_min_duration_statement = 0
log_temp_files = 0
log_lock_waits = on
auto_explain.log_min_duration = 0
auto_explain.log_analyze = on
auto_explain.log_verbose = on
auto_explain.log_triggers = on
auto_explain.log_nested_statements = on
pg_stat_statements.track = all
max_parallel_workers_per_gather = 2
CONF
my $log_start = -s $node->logfile // 0;
start_with_small_disk($node, "$home/small", 4);
my $super = $node->safe_psql('postgres', 'SELECT current_user');
my $direct = s3_options($s3, $moto);
my $behind = s3_options($faults{s3}, $faults{glue});
my $mapping = "access_key_id '$aws_key', secret_access_key '$aws_secret'";
$node->safe_psql('postgres', "CREATE TABLESPACE small LOCATION '$home/small'");
$node->safe_psql('postgres', 'CREATE DATABASE w');
sub columns { return join ', ', map { /^(\S+) (.*)$/ ? "$1 $2" : "$_ text" } @_ }
my $tables = join '', map {
	my $schema = $_;
	my $server = $schema eq 'raw' ? 'raw_exports' : 'raw_behind';
	"CREATE FOREIGN TABLE $schema.account (" . columns('id', 'name', 'createddate timestamp', qw(description site billingstreet phone personemail lastname notes__c)) . ") SERVER $server OPTIONS (object 'Account', dialect 'cds');
	CREATE FOREIGN TABLE $schema.opportunity (" . columns('id', 'accountid', 'name', 'createddate timestamp', qw(nextstep description secret__c)) . ") SERVER $server OPTIONS (object 'Opportunity', dialect 'cds');
	CREATE FOREIGN TABLE $schema.contact (" . columns(qw(id lastname email mailingstreet phone)) . ") SERVER $server OPTIONS (object 'Contact', dialect 'cds');\n" } qw(raw behind);
$tables .= join '', map { "CREATE FOREIGN TABLE raw.bad_$_ (id text OPTIONS (class 'id'), name text OPTIONS (class 'controlled'), n integer OPTIONS (class 'controlled'), d date OPTIONS (class 'controlled'),
	createddate timestamp OPTIONS (class 'system')) SERVER raw_exports OPTIONS (path 'bad/$_.csv', dialect 'cds', max_record_size '2kB');\n" } 1 .. $bad;
$node->safe_psql('w', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE EXTENSION pg_stat_statements;
CREATE ROLE etl LOGIN;
GRANT salesforce_fdw_operator TO etl;
GRANT CREATE ON TABLESPACE small TO etl;
GRANT SET ON PARAMETER log_min_messages TO etl;
CREATE SCHEMA raw AUTHORIZATION etl;
CREATE SCHEMA behind AUTHORIZATION etl;
CREATE SCHEMA crm AUTHORIZATION etl;
CREATE SERVER raw_exports FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/crm/', $direct);
CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://lake/', catalog 'glue', database 'crm_production', create_database 'true', $direct);
CREATE SERVER raw_behind FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://raw/crm/', $behind);
CREATE SERVER lake_behind FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://lake/', catalog 'glue', database 'crm_production', create_database 'true', $behind);
GRANT USAGE ON FOREIGN SERVER raw_exports, lake, raw_behind, lake_behind TO etl;
CREATE USER MAPPING FOR etl SERVER raw_exports OPTIONS ($mapping);
CREATE USER MAPPING FOR etl SERVER lake OPTIONS ($mapping);
CREATE USER MAPPING FOR etl SERVER raw_behind OPTIONS ($mapping);
CREATE USER MAPPING FOR etl SERVER lake_behind OPTIONS ($mapping);
SET ROLE etl;
$tables
-- A table of the owner's own, with names that may leave.
CREATE TABLE crm.ref AS SELECT '${\\ name()}' || g AS name, g AS n FROM generate_series(1, 10000) g;
ALTER TABLE crm.ref SET (parallel_workers = 2);
ANALYZE crm.ref;
SELECT salesforce_fdw.create_dataset('behind', destination => 'lake_behind', target => 'crm.behind',
	query => 'SELECT a.id, a.name FROM behind.account a JOIN behind.opportunity o ON o.accountid = a.id WHERE o.nextstep <> a.description',
	accept => '{"Account.Name": "x", "Account.Description": "x", "Opportunity.NextStep": "x"}');
SQL

# --- what fails
my ($tried, @wrong, @leaks) = (0);
my ($shown, $log_read) = ('', -s $node->logfile);

# What the log got since the last time.
sub logged { my $text = slurp_file($node->logfile, $log_read); $log_read += length $text; return $text }

# SQL of a user, who listens; all that the client is told is kept.
sub session
{
	my ($sql, %with) = @_;
	my ($state, $out, $err) = attempt($node, 'w', "LISTEN salesforce_fdw;\n$sql", %with);
	$shown .= "$out\n$err\n";
	return ($state, join ' ', $err =~ /((?:ERROR|FATAL|DETAIL|CONTEXT): .*)/g);
}

# The definition of a way to fail; free text that it touches is accepted.
sub define
{
	my ($way) = @_;
	my $policy = $way->{policy} ? ", $way->{policy}" : '';
	return <<"SQL";
SELECT salesforce_fdw.create_dataset('way_$tried', destination => 'lake', target => 'crm.target', query => \$q\$$way->{query}\$q\$$policy);
SELECT salesforce_fdw.alter_dataset('way_$tried', accept => (SELECT jsonb_object_agg(DISTINCT concat_ws('.', object, field), 'to see it fail'::text)
	FROM salesforce_fdw.lineage('way_$tried') WHERE class = 'free_text' AND verdict = 'refused'));
SQL
}

# Some runs are louder than the others, and a few show even their plans.
my @loud = ("SET log_min_messages = debug5; SET client_min_messages = debug2;\n") x 15;
$loud[0] .= "SET debug_print_plan = on;\n";
sub run_failing
{
	my ($way, $number) = @_;
	my $dataset = $way->{uses} // "way_$tried";
	my ($before, $settings) = (RunTest::times_ready($node), $way->{settings} // '');
	my $fault = $way->{fault} ? "fault_at = $way->{fault}" : $way->{point} ? "fault_point = '$way->{point}'" : '';
	my $as_super = $way->{admin} || $fault;
	my ($state, $err) = ('', '');
	# So that the server is soon back after a crash.
	$node->safe_psql('w', 'CHECKPOINT') if ($way->{action} // '') eq 'kill';
	if (!$way->{uses})
	{
		($state, $err) = session("SET client_min_messages = error;\n" . define($way) . ($way->{admin} ? '' : $way->{target} // ''));
		return ($state, "cannot be defined: $err") if $state ne '';
		session($way->{target}, user => $super) if $way->{admin} && $way->{target};
	}
	glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "behind"}') if $way->{is_new};
	if ($way->{rule})
	{
		my $body = $way->{rule}{body};
		local $way->{rule}{body} = $body =~ s/\{r\}/canary($prefix{raw}, 1)/ger if defined $body;
		set_rules($faults{ $way->{service} }, $way->{rule});
	}
	$settings .= " LOAD 'salesforce_fdw'; SET salesforce_fdw.$fault; SET salesforce_fdw.fault_action = '$way->{action}';" if $fault;
	$settings .= $loud[ $number / 4 % @loud ] if $number % 4 == 0;
	$settings .= ' SET ROLE etl;' if $as_super;
	($state, $err) = session("$settings\nCALL salesforce_fdw.run('$dataset', force => true);", user => $as_super ? $super : 'etl');
	wait_for_restart($node, $before) if $state eq 'killed' && ($way->{action} // '') eq 'kill';
	set_rules($_) for values %faults;
	return ($state, $err);
}

# Take away what a way to fail has made; the tables under another data set stay.
sub clear
{
	my ($way) = @_;
	my $dataset = $way->{uses} // "way_$tried";
	# What is published by then can only be finished.
	session("CALL salesforce_fdw.run('$dataset');") if $way->{uses} || $way->{fault} || $way->{point} || $way->{state} eq '57014';
	$node->safe_psql('w', <<'SQL');
SET client_min_messages = error;
SET ROLE etl;
SELECT salesforce_fdw.abandon(run, 'test') FROM salesforce_fdw.runs WHERE dataset ^@ 'way_' AND state IN ('discovered', 'materialized', 'staged', 'verified');
SELECT salesforce_fdw.drop_dataset(name) FROM salesforce_fdw.dataset WHERE name ^@ 'way_';
DROP TABLE IF EXISTS crm.target CASCADE;
DROP TABLE IF EXISTS crm.other;
DROP FUNCTION IF EXISTS crm.way() CASCADE;
DROP DOMAIN IF EXISTS crm.d;
SQL
	return;
}

for my $group (ways_to_fail())
{
	for my $way (@$group)
	{
		my $mark = length $shown;
		my $started = Time::HiRes::time();
		my ($state, $err) = run_failing($way, $tried);
		my $said = logged() . substr $shown, $mark;
		my @found = canaries_in($pattern, $said);
		push @leaks, "$way->{name}: " . join ' ', splice @found, 0, 3 if @found;
		push @wrong, "$way->{name}: " . ($state || 'fine') . ', not ' . "$way->{state}: $err" if $state !~ /^(?:$way->{state})$/;
		note(sprintf 'table: %-70s %-8s %.1f s', $way->{name}, $state || 'fine', Time::HiRes::time() - $started) if $ENV{SFDW_ALL};
		clear($way);
		$tried++;
	}
}
is(join("\n", @wrong), '', "$tried runs fail, each as it should");
is(join("\n", @leaks), '', '... and nobody is told a canary, nor the log');
cmp_ok($tried, '>=', $ENV{SFDW_ALL} ? 200 : 20, '... enough of them');
note("figure: $tried runs that fail");

# --- the tablespace of the targets that were too large, which only the server sees
my $number = 0;
sub control { return canary($prefix{control}, $number++) }
sub on_small_disk
{
	my ($kind) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/found';
	# The statement is logged, and must not be what is found.
	append_to_file("$file.pattern", $pattern);
	$node->safe_psql('w', "CHECKPOINT; COPY (SELECT 1) TO PROGRAM 'cat > $file; LC_ALL=C grep -raoiE -f $file.pattern $home/small >> $file; true'");
	return count_canaries($prefix{$kind}, canaries_in($pattern, slurp_file($file)));
}
is(on_small_disk('raw'), 0, 'no canary is in a tablespace that was full');
$node->safe_psql('w', "CREATE TABLE crm.control_small TABLESPACE small AS SELECT '${\ control()}' AS a");
cmp_ok(on_small_disk('control'), '>', 0, '... where what is put there is found');
$node->safe_psql('w', 'DROP TABLE crm.control_small; DROP TABLESPACE small');

# --- one that does not fail, and deletes the raw files
$node->safe_psql('w', "SET client_min_messages = error; SET ROLE etl; SELECT salesforce_fdw.drop_dataset('behind');");
my ($state, $err) = session(<<"SQL");
SELECT salesforce_fdw.create_dataset('services', destination => 'lake', target => 'crm.services', sorted_by => '{opportunityid}',
	query => 'SELECT o.id AS opportunityid, o.name AS service, a.name AS account, o.createddate FROM raw.opportunity o JOIN raw.account a ON a.id = o.accountid WHERE o.nextstep <> a.description',
	accept => '{"Account.Name": "x", "Account.Description": "x", "Opportunity.Name": "x", "Opportunity.NextStep": "x"}', purge => 'location', confirm => 's3://raw/crm/');
CALL salesforce_fdw.run('services');
ANALYZE crm.services;
SELECT * FROM salesforce_fdw.dry_run('services');
SELECT * FROM salesforce_fdw.check_runs();
SELECT * FROM salesforce_fdw.metrics();
SQL
is($node->safe_psql('w', q{SELECT state, rows FROM salesforce_fdw.runs WHERE dataset = 'services'}), 'closed|80', 'a run that does not fail') or diag $err;
my $left = s3($s3, 'list', 'raw');
is($left, '', '... has deleted every raw file');

# --- a backend that is killed while it sorts by what it does not publish
sub in_temporary_files { return count_canaries($prefix{raw}, canaries_below($pattern, grep { -e } $node->data_dir . '/base/pgsql_tmp')) }
s3($s3, 'put-all', 'raw', 'crm/', "$home/raw", map { "$_.csv" } sort keys %files);
$node->safe_psql('w', "SET client_min_messages = error; SET ROLE etl; SELECT salesforce_fdw.drop_dataset('services');");
session(<<'SQL');
SET client_min_messages = error;
SELECT salesforce_fdw.create_dataset('sorted', destination => 'lake', target => 'crm.sorted', accept => '{"Account.Description": "x"}',
	query => 'SELECT a.id, g AS n FROM raw.account a CROSS JOIN generate_series(1, 20000) g ORDER BY a.description, g');
SQL
for my $removes (qw(on off))
{
	$node->safe_psql('postgres', "ALTER SYSTEM SET remove_temp_files_after_crash = $removes");
	$node->reload;
	my $before = RunTest::times_ready($node);
	my ($out, $client) = ('', '');
	my $sorting = IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('w'), '-U', 'etl', '-c', "SET work_mem = '64kB'",
			'-c', "CALL salesforce_fdw.run('sorted', force => true)" ], '<', '/dev/null', '>', \$out, '2>', \$client);
	my $found = 0;
	for (1 .. 1000) { last if $found = in_temporary_files(); usleep(20_000) }
	my $pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE usename = 'etl' AND query LIKE '%sorted%'");
	kill 'KILL', $pid if $pid;
	$sorting->finish;
	cmp_ok($found, '>', 0, 'what a run sorts by is in temporary files') or diag "$out$client";
	wait_for_restart($node, $before);
	$found = in_temporary_files();
	if ($removes eq 'on') { is($found, 0, '... and gone when it was killed and the server is back') }
	else { cmp_ok($found, '>', 0, '... or left, where remove_temp_files_after_crash says so') }
	$shown .= "$out$client";
}
$node->safe_psql('postgres', 'ALTER SYSTEM RESET remove_temp_files_after_crash');
$node->stop;
$node->start;
is(in_temporary_files(), 0, '... until the next start');

# --- where it is looked for, and what may be there: nothing (''), or names
sub rows_of { my ($sql) = @_; return $node->safe_psql('w', "SET client_min_messages = error; $sql \\gexec") }
sub all_of { my ($which) = @_; return rows_of("SELECT format('SELECT v::text FROM %s AS v', c.oid::regclass) FROM pg_class c WHERE relkind IN ('r', 'v') AND $which") }
sub glue_text
{
	my $text = glue($moto, 'get_databases', '{}');
	for my $database (map { $_->{Name} } @{ decode_json($text)->{DatabaseList} })
	{
		my $tables = glue($moto, 'get_tables', encode_json({ DatabaseName => $database }));
		$text .= "\n$tables";
		for my $table (@{ decode_json($tables)->{TableList} })
		{
			my %name = (DatabaseName => $database, TableName => $table->{Name});
			$text .= glue($moto, 'get_table_versions', encode_json(\%name));
			$text .= glue($moto, 'get_column_statistics_for_table', encode_json({ %name, ColumnNames => [ map { $_->{Name} } @{ $table->{StorageDescriptor}{Columns} } ] }));
		}
	}
	return $text;
}
sub dump_text { my $file = PostgreSQL::Test::Utils::tempdir() . '/dump'; system_or_bail('pg_dumpall', '-d', $node->connstr('postgres'), '-f', $file); return slurp_file($file) }
sub in_data_directory { $node->safe_psql('w', 'CHECKPOINT'); return canaries_below($pattern, $node->data_dir) }
my @places = (
	[ 'the server log', '', sub { slurp_file($node->logfile, $log_start) } ],
	[ 'what clients were told', '', sub { $shown } ],
	[ 'notifications', '', sub { join "\n", $shown =~ /^(Asynchronous notification .*)/mg } ],
	[ 'statements and activity', '', sub { all_of(q{relname ~ '^pg_stat' AND relname !~ '^pg_statistic|^pg_stats'}) } ],
	[ 'statistics of columns', 'name', sub { all_of(q{relname ~ '^pg_statistic|^pg_stats'}) } ],
	[ 'the ledger', '', sub { all_of("relnamespace = 'salesforce_fdw'::regnamespace") } ],
	[ 'Glue', '', \&glue_text ],
	[ 'the lake', 'name', sub { s3($s3, 'text', 'lake') } ],
	[ 'a dump', 'name', \&dump_text ],
	[ 'WAL', 'name', sub { join ' ', canaries_below($pattern, $node->data_dir . '/pg_wal') } ],
	[ 'the data directory', 'name', sub { join ' ', in_data_directory() } ]);

# How many of a kind each of some places has.
sub found_in { return map { my @found = canaries_in($pattern, $_->[2]->()); $_->[0] => { map { $_ => count_canaries($prefix{$_}, @found) } keys %prefix } } @_ }
my %found = found_in(@places);
for my $place (@places)
{
	my ($name, $may) = @$place;
	is($found{$name}{raw}, 0, "$name: no canary");
	is($found{$name}{name}, 0, '... nor a name') if $may eq '';
}
cmp_ok($found{$_}{name}, '>', 100, "the search finds names in $_, where they may be") for 'the lake', 'WAL', 'the data directory';
like($shown, qr/^Asynchronous notification "salesforce_fdw" with payload ".*"closed"/m, 'there were notifications');

# --- a string that is put there is found
$node->safe_psql('w', sprintf(q{CREATE TABLE crm.control AS SELECT '%s' AS a FROM generate_series(1, 5); ANALYZE crm.control; COMMENT ON TABLE crm.control IS '%s';
	INSERT INTO salesforce_fdw.ledger_event (dataset, event, detail) VALUES ('control', 'failed', '%s');}, map { control() } 1 .. 3));
session(sprintf q{NOTIFY salesforce_fdw, '%s'; SELECT salesforce_fdw.copy_to('SELECT ''%s'' AS x FROM generate_series(1, 1000)', 's3://lake/control/c.parquet', '{"compression": "zstd"}')}, map { control() } 1 .. 2);
glue($moto, 'create_database', encode_json({ DatabaseInput => { Name => 'control', Description => control() } }));
%found = found_in(@places);
cmp_ok($found{ $_->[0] }{control}, '>', 0, "$_->[0]: what is put there is found") for @places;

# --- what the same files leave elsewhere
my $columns = join ', ', map { "$_ text" } split /,/, lc((split /\r/, $files{Account})[0]);
$node->safe_psql('w', <<"SQL");
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE crm.file ($columns) SERVER files OPTIONS (filename '$home/raw/Account.csv', format 'csv', header 'true');
CREATE TABLE crm.copied ($columns);
COPY crm.copied FROM '$home/raw/Account.csv' WITH (FORMAT csv, HEADER);
ANALYZE crm.file;
SQL
for my $sql ('SELECT description::int FROM crm.file', 'INSERT INTO crm.copied SELECT * FROM crm.file; CREATE UNIQUE INDEX ON crm.copied (description)',
	"ALTER TABLE crm.copied ALTER phone TYPE int USING 1; COPY crm.copied FROM '$home/raw/Account.csv' WITH (FORMAT csv, HEADER)",
	'CREATE TABLE crm.checked AS SELECT * FROM crm.file LIMIT 0; ALTER TABLE crm.checked ADD CHECK (length(site) < 3); INSERT INTO crm.checked SELECT * FROM crm.file')
{
	my (undef, $told) = session($sql, user => $super);
	cmp_ok(count_canaries($prefix{raw}, canaries_in($pattern, $told)), '>', 0, "PostgreSQL's own words of the same file: $sql");
}
my %is_left = map { $_ => 1 } 'the server log', 'what clients were told', 'statistics of columns', 'WAL', 'the data directory', 'a dump';
%found = found_in(grep { $is_left{ $_->[0] } } @places);
cmp_ok($found{$_}{raw}, '>', 0, "file_fdw and COPY leave $found{$_}{raw} canaries in $_") for sort keys %is_left;

$node->stop;
done_testing();
