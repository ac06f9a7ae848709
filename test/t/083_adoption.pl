# Claim: a manifest beside what was published names run, inputs and owner, so
# that a data set whose ledger was lost or is older than reality stops, and goes
# on with what it finds, once, when it is told to; one of another database
# replaces nothing.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('adoption');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my ($state, $out, $err);
my $home;
my $file;
my $whole = 'sales/_manifest.json sales/_owner.json sales/sales.parquet';

# A new world in database w: folders, extension, data set.
sub new_world
{
	$home = new_home();
	$file = "$home/lake/sales/sales.parquet";
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w');
	make_world($node, 'w', $home, purge => "'location'", confirm => "'file://$home/raw/'", @_);
	return;
}

sub run_day
{
	my ($day, $database) = @_;
	write_exports("$home/raw", $day);
	($state, $out, $err) = call_run($node, $database // 'w');
	return $state;
}

# Put the backup of database w in its place.
sub restore
{
	$node->safe_psql('postgres', 'DROP DATABASE w');
	$node->safe_psql('postgres', 'ALTER DATABASE w_backup RENAME TO w');
	return;
}

sub take_over
{
	($state, $out, $err) = attempt($node, $_[0] // 'w', "SELECT salesforce_fdw.take_over('sales', 'restored')");
	return $state;
}

sub events
{
	my ($event) = @_;
	return value($node, 'w', "SELECT count(*) FROM salesforce_fdw.run_events WHERE event = '$event'");
}

# --- what it says
new_world();
is(run_day(1), '', 'the first day') or diag $err;
my $manifest = decode_json(slurp_file("$home/lake/sales/_manifest.json"));
my $run = value($node, 'w', 'SELECT run FROM salesforce_fdw.runs');
is($manifest->{run}, $run, 'the manifest names the run');
is($manifest->{owner}{database}, 'w', '... and its database');
is($manifest->{owner}{system_identifier}, value($node, 'w', 'SELECT system_identifier FROM pg_control_system()'), '... and cluster');
is($manifest->{output}{sha256}, sha256_of($file), '... and the bytes');
is($manifest->{output}{rows}, 7, '... and rows');
is(join(' ', map { $_->{key} } @{ $manifest->{inputs} }), 'Account.csv Opportunity.csv', '... and inputs');
is( value($node, 'w', "SELECT key FROM salesforce_fdw.run_outputs WHERE kind = 'manifest'"),
	'sales/_manifest.json', 'the ledger names the manifest');

# --- a backup of the day before: what was published since is adopted
$node->safe_psql('postgres', 'CREATE DATABASE w_backup TEMPLATE w');
is(run_day(2), '', 'the second day') or diag $err;
is(join(' ', files_below("$home/raw")), '', '... whose raw files are purged');
my $published = sha256_of($file);
my $second = value($node, 'w', 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
my $evidence = slurp_file("$home/lake/sales/_evidence/$second.json");
restore();
($state, $out, $err) = call_run($node, 'w');
is($state, 'SF007', 'a restored backup is refused') or diag $err;
is(take_over(), '', '... and told to go on') or diag $err;
like($err, qr/Run "$second", which the ledger did not have, was adopted/, '... says what it adopts');
($state, $out, $err) = call_run($node, 'w');
like($err, qr/has no new input/, '... without new input it has nothing to do');
is(sha256_of($file), $published, '... and changes nothing');
is(value($node, 'w', "SELECT run, state, is_adopted, rows, version_id IS NOT NULL FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1"), "$second|closed|t|7|t",
	'... the ledger has the second day\'s run');
is(value($node, 'w', "SELECT string_agg(DISTINCT item || ' ' || verdict, ', ') FROM salesforce_fdw.verify('$second') WHERE item <> 'catalog'"),
	'ledger ok, manifest ok, output ok, owner ok', '... which verifies');
is(run_day(3), '', 'the third day, by the backup\'s ledger') or diag $err;
is(slurp_file("$home/lake/sales/_evidence/$second.json"), $evidence, '... and leaves the evidence that the other ledger wrote as it is');
is(events('adopts'), 1, '... adopted what the second day has published');
is(published_rows($node, 'w'), expected_rows(3), '... and publishes its own');
is(join(' ', lake_files("$home/lake")), $whole, '... in one file');
is(join(' ', files_below("$home/raw")), '', '... and purges');

# --- the same export once more, because its purge was still to come
new_world(purge_after => "'1 day'");
is(run_day(1), '', 'the first day') or diag $err;
$node->safe_psql('postgres', 'CREATE DATABASE w_backup TEMPLATE w');
is(run_day(2), '', 'the second day') or diag $err;
$published = sha256_of($file);
restore();
is(take_over(), '', 'a restored backup is told to go on') or diag $err;
($state, $out, $err) = call_run($node, 'w');
like($err, qr/has no new input/, '... and knows what was published and is still there') or diag $err;
is(sha256_of($file), $published, '... so it does not publish it again');
is(join(' ', files_below("$home/raw")), 'Account.csv Contact.csv Opportunity.csv', '... and does not purge what another has published');
is(run_day(3), '', 'the third day') or diag $err;
is(published_rows($node, 'w'), expected_rows(3), '... is published');

# --- no ledger at all
$node->safe_psql('postgres', 'DROP DATABASE w');
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);
is(run_day(4), 'SF007', 'a new database of the same name is refused');
is(take_over(), '', '... told to go on') or diag $err;
is(run_day(4), '', '... goes on') or diag $err;
is(events('adopts') . events('replaces'), '10', '... and knows whose the file was');

# --- another database: nothing of the first one is replaced
$published = sha256_of($file);
$node->safe_psql('postgres', 'CREATE DATABASE other');
make_world($node, 'other', $home, purge => "'location'", confirm => "'file://$home/raw/'");
is(run_day(5, 'other'), 'SF007', 'another database is refused') or diag $err;
like($err, qr/_owner\.json" names database "w"/, '... with the owner\'s name');
is(sha256_of($file), $published, '... nothing was replaced');
is(join(' ', files_below("$home/raw")), 'Account.csv Contact.csv Opportunity.csv', '... nor purged');

# --- a manifest that was tampered with is none
write_text("$home/lake/sales/_manifest.json", '{"run": ');
is(run_day(5), '', 'a manifest that is not JSON does no harm') or diag $err;
is(decode_json(slurp_file("$home/lake/sales/_manifest.json"))->{dataset}, 'sales', '... and is written anew');

# --- a stranger's file is still a conflict
write_text($file, 'something else');
is(run_day(6), 'SF005', 'bytes that no manifest names are a conflict');
is(slurp_file($file), 'something else', '... and left alone');

# --- a run whose bytes are not there is not adopted: readers see a stranger's
write_text("$home/lake/sales/_manifest.json", slurp_file("$home/lake/sales/_manifest.json") =~ s/"run": "[^"]*"/"run": "11111111-2222-3333-4444-555555555555"/r);
is(run_day(6), 'SF007', 'a manifest of a run that the ledger does not have is refused') or diag $err;
like($err, qr/names run 11111111-2222-3333-4444-555555555555/, '... by its name');
is(take_over(), '', '... it is taken over') or diag $err;
like($err, qr/WARNING: .*cannot be adopted.*another one/s, '... but nothing to adopt');
is(run_day(6), 'SF005', '... so that the file is a conflict') or diag $err;
unlink $file;
is(run_day(6), '', '... until it is moved away') or diag $err;
is(published_rows($node, 'w'), expected_rows(6), '... and all is well');

$node->stop;
done_testing();
