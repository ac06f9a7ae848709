# Claim: a manifest beside what was published names run, inputs and owner, so
# that a data set whose ledger was lost or is older than reality goes on with
# what it finds, once; and one of another database replaces nothing.
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
$node->safe_psql('postgres', 'DROP DATABASE w');
$node->safe_psql('postgres', 'ALTER DATABASE w_backup RENAME TO w');
($state, $out, $err) = call_run($node, 'w');
is(sha256_of($file), $published, 'a restored backup without new input changes nothing');
is(run_day(3), '', 'the third day, by the backup\'s ledger') or diag $err;
is(events('adopts'), 1, '... adopts what the second day has published');
is(published_rows($node, 'w'), expected_rows(3), '... and publishes its own');
is(join(' ', lake_files("$home/lake")), 'sales/_manifest.json sales/sales.parquet', '... in one file');
is(join(' ', files_below("$home/raw")), '', '... and purges');

# --- the same export once more, because its purge was still to come
new_world(purge_after => "'1 day'");
is(run_day(1), '', 'the first day') or diag $err;
$node->safe_psql('postgres', 'CREATE DATABASE w_backup TEMPLATE w');
is(run_day(2), '', 'the second day') or diag $err;
$published = sha256_of($file);
$node->safe_psql('postgres', 'DROP DATABASE w');
$node->safe_psql('postgres', 'ALTER DATABASE w_backup RENAME TO w');
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'a restored backup publishes the second day again') or diag $err;
is(events('adopts'), 1, '... knowing that it was published');
is(published_rows($node, 'w'), expected_rows(2), '... with the same rows');
is(join(' ', lake_files("$home/lake")), 'sales/_manifest.json sales/sales.parquet', '... once');

# --- no ledger at all
$node->safe_psql('postgres', 'DROP DATABASE w');
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home);
is(run_day(3), '', 'a new database of the same name goes on') or diag $err;
is(events('adopts') . events('replaces'), '10', '... and knows whose the file was');

# --- another database: nothing of the first one is replaced
$published = sha256_of($file);
$node->safe_psql('postgres', 'CREATE DATABASE other');
make_world($node, 'other', $home, purge => "'location'", confirm => "'file://$home/raw/'");
is(run_day(4, 'other'), 'SF005', 'another database is refused') or diag $err;
like($err, qr/manifest names run [0-9a-f-]+ of database "w"/, '... with the owner\'s name');
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

$node->stop;
done_testing();
