# PostgreSQL's own channels, as doc/privacy.md lists them: each shows or keeps a
# planted string as it comes, and does not with the setting that the page gives.
# Every row of that table is tried here, or said not to be.
use strict;
use warnings FATAL => 'all';
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $source = dirname(__FILE__) . '/../..';
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('channels');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_stat_statements, pgaudit'\nlog_statement = 'none'\n"
	  . "deadlock_timeout = '100ms'\nautovacuum = off\nrestart_after_crash = on\n");
$node->start;
write_exports("$home/raw", 1);
make_world($node, 'postgres', $home);
$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements; CREATE TABLE crm.copy (id int NOT NULL, name text UNIQUE); CREATE ROLE other LOGIN');

my $number = 0;
my $canary = '';

# A new planted string, which is also the one row of crm.copy.
sub plant
{
	$canary = sprintf 'Qx%04dCanaryZ', ++$number;
	$node->safe_psql('postgres', "TRUNCATE crm.copy; INSERT INTO crm.copy VALUES (1, '$canary')");
	return;
}

# SQL in a superuser's session with some settings, %s being the string: whether
# the server's log shows it, and whether the client does.
sub shown
{
	my ($sql, %settings) = @_;
	plant();
	my $before = -s $node->logfile;
	my ($out, $err) = ('', '');
	$node->psql('postgres', join('', map { "SET $_ = '$settings{$_}';\n" } sort keys %settings) . $sql =~ s/%s/$canary/gr,
		stdout => \$out, stderr => \$err, on_error_stop => 0);
	return (log => logged($before), client => "$out$err" =~ /$canary/ ? 1 : 0);
}
sub logged { my ($before) = @_; return substr(slurp_file($node->logfile), $before) =~ /$canary/ ? 1 : 0 }

# As it comes the log shows it; with a setting it does not.
sub log_is_quieted
{
	my ($name, $sql, $before, $setting, $value) = @_;
	my %loud = shown($sql, %$before);
	my %quiet = shown($sql, %$before, $setting => $value);
	is($loud{log} . $quiet{log}, '10', "$name: $setting = $value keeps it out of the log");
	return \%quiet;
}

# A value that a program sends as a parameter.
sub send_parameter
{
	my (%settings) = @_;
	plant();
	my $before = -s $node->logfile;
	my $script = "$home/parameter.sql";
	my $said = '';
	write_text($script, "SELECT :v::text;\n");
	local $ENV{PGOPTIONS} = join ' ', map { "-c $_=$settings{$_}" } sort keys %settings;
	IPC::Run::run([ 'pgbench', '-n', '-t', '1', '-M', 'extended', '-D', "v=$canary", '-f', $script, $node->connstr('postgres') ], '>&', \$said) or die $said;
	return logged($before);
}

# Two sessions that lock each other's row; what they typed holds the string.
sub deadlock
{
	my ($tracking) = @_;
	plant();
	$node->safe_psql('postgres', "INSERT INTO crm.copy VALUES (2, 'two')");
	my $before = -s $node->logfile;
	my @sessions = map { $node->background_psql('postgres', on_error_stop => 0) } 1, 2;
	for my $i (0, 1)
	{
		$sessions[$i]->query_safe("SET track_activities = $tracking; SET log_min_error_statement = panic");
		$sessions[$i]->query_safe('BEGIN; UPDATE crm.copy SET id = id WHERE id = ' . ($i + 1));
	}
	$sessions[0]->query_until(qr/begun/, "\\echo begun\nUPDATE crm.copy SET id = id WHERE id = 2 AND '$canary' <> '';\n");
	$sessions[1]->query("UPDATE crm.copy SET id = id WHERE id = 1 AND '$canary' <> ''");
	$_->quit for @sessions;
	return logged($before);
}

# A backend that dies with a statement that holds the string.
sub crash
{
	my ($tracking) = @_;
	plant();
	my $before = -s $node->logfile;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	$session->query_safe("SET track_activities = $tracking");
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_until(qr/begun/, "\\echo begun\nSELECT pg_sleep(60), '$canary';\n");
	$node->poll_query_until('postgres', "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $pid") or die;
	my $ready = times_ready($node);
	kill 'KILL', $pid;
	wait_for_restart($node, $ready);
	return logged($before);
}

# Whether a table's file holds the string once it is written out.
sub in_file
{
	my ($table) = @_;
	my $path = $node->safe_psql('postgres', "CHECKPOINT; SELECT pg_relation_filepath('$table')");
	return slurp_file($node->data_dir . "/$path") =~ /\Q$canary\E/ ? 1 : 0;
}

my %rows = (
	'error of a cast' => sub {
		my $quiet = log_is_quieted('a cast', 'SELECT name::int FROM crm.copy', {}, log_min_messages => 'fatal');
		is($quiet->{client}, 1, '... and the client still sees it');
	},
	'Failing row contains' => sub {
		for my $sql ('INSERT INTO crm.copy TABLE crm.copy', 'UPDATE crm.copy SET id = NULL')
		{
			my $quiet = log_is_quieted($sql, $sql, {}, log_error_verbosity => 'terse');
			is($quiet->{client}, 1, '... and the client still sees it');
		}
	},
	'logged statements' => sub {
		my %all = shown("SELECT '%s'", log_statement => 'all');
		my %none = shown("SELECT '%s'", log_statement => 'none', log_min_duration_statement => -1);
		my %slow = shown("SELECT '%s'", log_min_duration_statement => 0);
		is("$all{log}$slow{log}$none{log}", '110', 'statements are logged with their literals, or not');
		log_is_quieted('a statement that fails', "SELECT '%s', 1/0", {}, log_min_error_statement => 'panic');
		log_is_quieted('a statement beside a line about something else', "SELECT count(*) FROM (SELECT g FROM generate_series(1, 20000) AS g ORDER BY -g OFFSET 0) AS s WHERE '%s' <> ''",
			{ log_temp_files => 0, work_mem => '64kB' }, log_min_error_statement => 'panic');
		my %sampled = shown("SELECT '%s'", log_transaction_sample_rate => 1);
		is($sampled{log}, 1, 'so are those of a sample of transactions');
	},
	'deadlock' => sub {
		is(deadlock('on') . deadlock('off'), '10', 'a deadlock tells what was typed, unless track_activities is off');
		is(crash('on') . crash('off'), '10', 'so does a crash');
	},
	'logged parameters' => sub {
		is(send_parameter(log_min_duration_statement => 0), 1, 'a parameter is logged');
		is(send_parameter(log_min_duration_statement => 0, log_parameter_max_length => 0), 0, '... unless log_parameter_max_length is 0');
	},
	'auto_explain' => sub {
		my $query = "LOAD 'auto_explain'; SET auto_explain.log_min_duration = %d; SELECT id FROM crm.copy WHERE name = '%%s'";
		my %loud = shown(sprintf $query, 0);
		my %quiet = shown(sprintf $query, -1);
		is("$loud{log}$quiet{log}", '10', 'a plan is logged with its literals');
		my $parameter = send_parameter(session_preload_libraries => 'auto_explain', 'auto_explain.log_min_duration' => 0, 'auto_explain.log_parameter_max_length' => 0);
		is($parameter, 0, 'without parameters');
	},
	'pg_stat_activity' => sub {
		my $seen = sub {
			my ($user, $tracking) = @_;
			plant();
			my $session = $node->background_psql('postgres', extra_params => [ '-U', 'etl' ]);
			$node->safe_psql('postgres', "ALTER ROLE etl SET track_activities = $tracking");
			$session->quit;
			$session = $node->background_psql('postgres', extra_params => [ '-U', 'etl' ]);
			$session->query_safe("SELECT '$canary'");
			my ($state, $out) = attempt($node, 'postgres', "SELECT query FROM pg_stat_activity WHERE usename = 'etl' AND pid <> pg_backend_pid()", user => $user);
			$session->quit;
			return $out =~ /$canary/ ? 1 : 0;
		};
		is($seen->('etl', 'on') . $seen->('other', 'on') . $seen->('etl', 'off'), '100', 'the role itself sees what it typed, others do not, and nobody with track_activities off');
		$node->safe_psql('postgres', 'ALTER ROLE etl RESET track_activities');
	},
	'pg_stat_statements' => sub {
		my $kept = sub {
			my (%with) = @_;
			shown("SELECT pg_stat_statements_reset(); $with{sql}", 'pg_stat_statements.track_utility' => $with{utility});
			return value($node, 'postgres', "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%$canary%'");
		};
		is($kept->(sql => "SELECT '%s'", utility => 'on'), 0, 'constants of queries are replaced');
		my $mapping = "CREATE USER MAPPING FOR PUBLIC SERVER raw_exports OPTIONS (secret_access_key '%s', access_key_id 'a'); DROP USER MAPPING FOR PUBLIC SERVER raw_exports";
		is($kept->(sql => $mapping, utility => 'on') . $kept->(sql => $mapping, utility => 'off'), '10', '... those of utility statements, keys among them, with track_utility off alone');
	},
	'pgaudit' => sub {
		my %read = shown("SELECT name FROM crm.copy WHERE name = '%s'", 'pgaudit.log' => 'read');
		is($read{log}, 1, 'pgaudit logs statements');
		is(send_parameter('pgaudit.log' => 'all') . send_parameter('pgaudit.log' => 'all', 'pgaudit.log_parameter' => 'on'), '01', '... and parameters with log_parameter alone');
	},
	'EXPLAIN' => sub {
		my ($state, $out, $err) = attempt($node, 'postgres', "EXPLAIN (ANALYZE, VERBOSE) SELECT name FROM raw.account WHERE name <> 'typed'");
		like($out, qr/typed/, 'EXPLAIN shows conditions as typed');
		unlike($out . $err, qr/Name of/, '... and nothing of the file') or diag $out;
	},
	'ANALYZE' => sub {
		my $kept = sub {
			my ($table) = @_;
			return value($node, 'postgres', "SET client_min_messages = error; ANALYZE $table;
				SELECT count(*) FROM pg_stats WHERE concat(most_common_vals, histogram_bounds) LIKE '%$canary%'");
		};
		plant();
		$node->safe_psql('postgres', "INSERT INTO crm.copy VALUES (2, 'two')");
		is($kept->('crm.copy'), 1, 'ANALYZE keeps values');
		$node->safe_psql('postgres', 'ALTER TABLE crm.copy ALTER COLUMN name SET STATISTICS 0');
		is($kept->('crm.copy'), 1, '... which stay when it is told to keep none');
		$node->safe_psql('postgres', "DELETE FROM pg_statistic WHERE starelid = 'crm.copy'::regclass");
		is($kept->('crm.copy'), 0, '... until they are deleted');
		$kept->('raw.account');
		is(value($node, 'postgres', "SELECT count(*) FROM pg_stats WHERE schemaname = 'raw'"), 0, 'of foreign tables it keeps nothing');
	},
	'dead rows and WAL' => sub {
		is((call_run($node, 'postgres'))[0], '', 'a run');
		write_exports("$home/raw", 2, email => 1);
		is((call_run($node, 'postgres'))[0], 'SF003', '... and a refused one');
		$canary = 'jane.doe@example.org';
		is(value($node, 'postgres', "SELECT count(*) FROM crm.sales WHERE stage = '$canary'"), 0, 'its row is not in the table');
		is(in_file('crm.sales'), 1, '... but in its file');
		$node->safe_psql('postgres', 'VACUUM crm.sales');
		is(in_file('crm.sales'), 1, '... VACUUM frees the room and leaves the bytes');
		$node->safe_psql('postgres', 'VACUUM FULL crm.sales');
		is(in_file('crm.sales'), 0, '... VACUUM FULL does not');
	},
	'backups' => sub {
		plant();
		$node->safe_psql('postgres', "CREATE USER MAPPING FOR other SERVER raw_exports OPTIONS (access_key_id 'a', secret_access_key '$canary');
			GRANT salesforce_fdw_policy TO other; SET ROLE other; SELECT salesforce_fdw.create_key('people')");
		run_command([ 'pg_dump', '-f', "$home/dump.sql", $node->connstr('postgres') ]);
		my $dump = slurp_file("$home/dump.sql");
		like($dump, qr/secret_access_key '$canary'/, 'pg_dump has the keys of mappings');
		my $key = value($node, 'postgres', "SELECT encode(key, 'hex') FROM salesforce_fdw.pseudonym_key");
		unlike($dump, qr/\Q$key\E/, '... and not those of pseudonyms');
	},
);
# What other tests try, or none can.
my %elsewhere = (
	'temporary files' => '090_canaries.pl',
	'raw data that somebody copies' => 'whatever its copier wants',
	'core dumps' => 'a matter of the machine',
	'libraries that ship log messages' => '060_materialize.pl for workers; of such libraries there is none here',
);

my ($table) = slurp_file("$source/doc/privacy.md") =~ /^\| channel \|.*?\n\|[-|]+\n(.*?)\n\n/ms or die 'no table';
my %left = (%rows, %elsewhere);
for my $row (split /\n/, $table)
{
	my ($cell) = $row =~ /^\| (.*?) \|/;
	my ($key) = grep { $cell =~ /\Q$_\E/ } keys %left;
	ok($key, "\"$cell\" is known here") or next;
	note("== $cell");
	delete $left{$key};
	$rows{$key}->() if $rows{$key};
}
is(join(', ', sort keys %left), '', 'the page has every channel that is tried here');

$node->stop;
done_testing();
