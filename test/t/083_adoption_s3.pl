# Claim: on buckets and Glue, too, a data set whose ledger was lost or is older
# than reality stops, and goes on with what it finds, once, when it is told to;
# one of another database replaces nothing, purges nothing and changes no table.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $s3 = start_s3();
my $moto = start_moto();
my $home = new_home();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
my $node = PostgreSQL::Test::Cluster->new('adoption_s3');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my ($state, $out, $err);
my $prefix = 'none';

sub make_database
{
	my ($database, %with) = @_;
	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $database");
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	make_world($node, $database, $home, raw => "s3://raw/$prefix/", lake => "s3://lake/$prefix/", catalog => 'glue', create_database => 1,
		server_options => s3_options($s3, $moto), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://raw/$prefix/'", %with);
	return;
}

sub run_day
{
	my ($day, $database) = @_;
	write_exports("$home/raw", $day);
	s3($s3, 'put-all', 'raw', "$prefix/", "$home/raw", qw(Account.csv Opportunity.csv Contact.csv));
	($state, $out, $err) = call_run($node, $database // 'w');
	return $state;
}

# A database of the day before, as a backup has it.
sub restore
{
	$node->safe_psql('postgres', 'DROP DATABASE w');
	$node->safe_psql('postgres', 'ALTER DATABASE w_backup RENAME TO w');
	return;
}

sub take_over
{
	($state, $out, $err) = attempt($node, 'w', "SELECT salesforce_fdw.take_over('sales', 'restored')");
	return $state;
}

sub object { my ($key) = @_; s3($s3, 'get', 'lake', "$prefix/sales/$key", "$home/object"); return slurp_file("$home/object") }
sub events { return value($node, 'w', "SELECT count(*) FROM salesforce_fdw.run_events WHERE event = '$_[0]'") }
sub raw { return s3($s3, 'list', 'raw', "$prefix/") }
sub readers_see
{
	my ($found) = run_command([ $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/lake_reader.py", 'once', 'aws',
		$s3->{endpoint}, $moto->{endpoint}, 'crm_production', 'sales' ]);
	return join ' ', sort keys %{ decode_json($found)->{stages} };
}
sub latest { return join ' ', sort map { m{^[^/]+/sales/([^|]+)\|.*latest$} ? $1 : () } split /\n/, s3($s3, 'list', 'lake', "$prefix/") }
sub table { my $table = decode_json(glue($moto, 'get_table', '{"DatabaseName": "crm_production", "Name": "sales"}'))->{Table}; return ($table->{VersionId}, $table->{Parameters}{'salesforce_fdw.run'}) }

for my $mode (qw(inplace versioned))
{
	$prefix = $mode;
	eval { glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "sales"}') };
	my %publish = (publish => "'$mode'", keep_runs => 1);
	make_database('w', %publish);
	is(run_day(1), '', "$mode: the first day") or diag $err;
	$node->safe_psql('postgres', 'CREATE DATABASE w_backup TEMPLATE w');
	is(run_day(2), '', '... and the second') or diag $err;
	is(raw(), '', '... whose raw files are purged');
	my $before = s3($s3, 'list', 'lake', "$prefix/");
	restore();
	($state, $out, $err) = call_run($node, 'w');
	is($state, 'SF007', "$mode: a restored backup is refused");
	is(s3($s3, 'list', 'lake', "$prefix/"), $before, '... and changes no object');
	is(take_over(), '', '... until it is told to go on') or diag $err;
	($state, $out, $err) = call_run($node, 'w');
	like($err, qr/has no new input/, '... without new input it has nothing to do') or diag $err;
	is(readers_see(), 'Day 2', '... readers see what they saw');
	is(run_day(3), '', '... the third day, by the ledger of the first') or diag $err;
	is(events('adopts'), 1, '... adopted what the second has published');
	is(published_rows($node, 'w'), expected_rows(3), '... and publishes its own');
	is(readers_see(), 'Day 3', '... for readers, too');
	is(raw(), '', '... and nothing raw is left');

	$node->safe_psql('postgres', 'DROP DATABASE w');
	make_database('w', %publish);
	is(run_day(4), 'SF007', "$mode: a new database of the same name is refused") or diag $err;
	is(take_over(), '', '... told to go on') or diag $err;
	is(run_day(4), '', '... it goes on') or diag $err;
	is(published_rows($node, 'w'), expected_rows(4), '... and publishes');
	is(readers_see(), 'Day 4', '... for readers, too');
	is(raw(), '', '... and purges');

	make_database('other', %publish);
	my @table = table();
	is(run_day(5, 'other'), 'SF007', "$mode: another database is refused") or diag $err;
	is(readers_see(), 'Day 4', '... readers see what they saw');
	is("@{[table()]}", "@table", '... the table is as it was');
	is(scalar(split /\n/, raw()), 3, '... and nothing is purged');
	$node->safe_psql('postgres', 'DROP DATABASE other');
	note("table: $mode: " . latest());
}

$node->stop;
done_testing();
