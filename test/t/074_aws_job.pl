# Claim: the whole job on a bucket with versions and Glue: what was listed is
# read, published under its fixed key, registered, and purged: old versions,
# delete markers and an unread Contact.csv too; a newer export is left alone.
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

my $server = start_s3();
my $moto = start_moto();
my $home = new_home();
my $raw = 'bes/crm/salesforce/';

s3($server, 'make', 'raw', 'Enabled');
s3($server, 'make', 'lake', 'Enabled');

# Put a day's exports into the raw bucket.
sub export_day
{
	my ($day, %with) = @_;
	write_exports("$home/raw", $day, %with);
	s3($server, 'put', 'raw', "$raw$_.csv", "$home/raw/$_.csv") for qw(Account Opportunity Contact);
	return;
}

# The rows of the published file, read by another reader.
sub published
{
	s3($server, 'get', 'lake', 'sales/sales.parquet', "$home/published.parquet");
	my ($out) = run_command([ $ENV{SFDW_PYTHON}, '-c',
		'import sys, pyarrow.parquet as pq; t = pq.read_table(sys.argv[1]).to_pylist(); '
		. 'print("\n".join("|".join([r["accountid"], r["opportunityid"], r["stage"]]) for r in t))',
		"$home/published.parquet" ]);
	return $out;
}

# The table as Glue has it.
sub table
{
	return decode_json(glue($moto, 'get_table', '{"DatabaseName": "crm_production", "Name": "sales"}'));
}

my $node = PostgreSQL::Test::Cluster->new('aws_job');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home,
	raw => "s3://raw/$raw", lake => 's3://lake/', catalog => 'glue',
	server_options => s3_options($server, $moto),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");

# --- two days' exports, a deleted one, an unread object
export_day(1);
s3($server, 'mark', 'raw', "${raw}Contact.csv");
export_day(2);
s3($server, 'begin', 'raw', "${raw}Case.csv");
note("before:\n" . s3($server, 'list', 'raw'));

# --- Glue has no database, and may not be given one
my ($state, $out, $err) = call_run($node, 'w');
is($state, '3D000', 'a database that Glue does not have is told') or diag($err);
like($err, qr/HINT: .*create_database/, '... and how it can be made');
is( $node->safe_psql('w', "SELECT state FROM salesforce_fdw.run_status"),
	'published', 'the data are published by then');
$node->safe_psql('w', "ALTER SERVER lake OPTIONS (ADD create_database 'true')");
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'the same CALL goes on from there') or diag($err);
is(published(), expected_rows(2), 'the newest export is what was published');

# --- what Glue was told
my $table = table();
is($table->{Table}{StorageDescriptor}{Location}, 's3://lake/sales/', 'where the files are');
is( join(' ', map { "$_->{Name}:$_->{Type}" } @{ $table->{Table}{StorageDescriptor}{Columns} }),
	'accountid:string opportunityid:string stage:string created:timestamp', 'columns and types');
is($table->{Table}{Parameters}{'salesforce_fdw.dataset'}, 'sales', 'whose table it is');
my $version = $table->{Table}{VersionId};

is( $node->safe_psql('w', "SET ROLE etl; SELECT count(*), count(*) FILTER (WHERE is_delete_marker), count(*) FILTER (WHERE is_latest), count(DISTINCT version_id) FROM salesforce_fdw.object_versions('raw_exports')"),
	'7|1|3|7', 'object_versions shows all that is below the raw location');
is( $node->safe_psql('w', "SET ROLE etl; SELECT string_agg(size::text, ',') FROM salesforce_fdw.object_versions('raw_exports', 'Acc') WHERE is_latest"),
	-s "$home/raw/Account.csv", '... or below a prefix');

# --- the same again: nothing new, nothing asked of Glue
($state, $out, $err) = call_run($node, 'w');
like($err, qr/has no new input/, 'the same input is published once');
is(table()->{Table}{VersionId}, $version, 'and the table is not updated');

# --- a steward's words stay
my %input = map { $_ => $table->{Table}{$_} }
  grep { exists $table->{Table}{$_} } qw(Name StorageDescriptor PartitionKeys TableType Parameters);
$input{Description} = 'What the minister reads';
$input{StorageDescriptor}{Columns}[0]{Comment} = 'Whose account';
$input{Parameters}{steward} = 'kept';
glue($moto, 'update_table', encode_json({ DatabaseName => 'crm_production', TableInput => \%input }));
export_day(3);
($state, $out, $err) = call_run($node, 'w', before => "COMMENT ON COLUMN crm.sales.stage IS 'Where it stands';\n");
is($state, '', 'the next export') or diag($err);
$table = table();
is($table->{Table}{Description}, 'What the minister reads', 'a description is kept');
is($table->{Table}{StorageDescriptor}{Columns}[0]{Comment}, 'Whose account', 'a comment too');
is($table->{Table}{StorageDescriptor}{Columns}[2]{Comment}, 'Where it stands', 'ours is added');
is($table->{Table}{Parameters}{steward}, 'kept', 'so is a parameter');

# --- purge: everything below the raw location that published runs have listed
$node->safe_psql('w', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 's3://raw/$raw')");
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'the purge') or diag($err);
is(s3($server, 'list', 'raw'), '', 'every version and every delete marker is gone');
my $told = "SET ROLE etl; SELECT key, upload_id <> '', started > now() - interval '1 hour' FROM salesforce_fdw.unfinished_uploads('raw_exports')";
if (s3_is_minio())
{
	# Asked for a folder's uploads, it answers that there are none.
	is($node->safe_psql('w', $told), '', 'MinIO tells of unfinished uploads of one key alone');
}
else
{
	like($err, qr/WARNING: .*1 unfinished upload lies below raw location "s3:\/\/raw\/\Q$raw\E"/, 'an unfinished upload, whose parts are data too, is told');
	is( $node->safe_psql('w', "SELECT u->>'key' FROM salesforce_fdw.runs r, jsonb_array_elements(salesforce_fdw.evidence(r.run)->'purge'->'unfinished_uploads') u WHERE r.purged_at IS NOT NULL ORDER BY r.number DESC LIMIT 1"),
		'Case.csv', '... in the evidence, too');
	is($node->safe_psql('w', $told), 'Case.csv|t|t', '... and by a function');
}
export_day(4);
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'publish and purge in one CALL') or diag($err);
is(published(), expected_rows(4), 'the fourth day');
is(s3($server, 'list', 'raw'), '', 'and its raw files are gone');
note("after:\n" . s3($server, 'list', 'lake'));
note('evidence: ' . $node->safe_psql('w', 'SELECT salesforce_fdw.evidence(run) FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1'));
unlike(s3($server, 'list', 'lake'), qr/_staging/, 'no version of a staged object is left');
is(s3($server, 'uploads', 'lake'), '', 'and no upload');

# --- a table that somebody moved
$table = table();
%input = map { $_ => $table->{Table}{$_} }
  grep { exists $table->{Table}{$_} } qw(Name StorageDescriptor PartitionKeys TableType Parameters);
$input{StorageDescriptor}{Location} = 's3://elsewhere/';
glue($moto, 'update_table', encode_json({ DatabaseName => 'crm_production', TableInput => \%input }));
export_day(5);
($state, $out, $err) = call_run($node, 'w');
is($state, 'SF005', 'a location that somebody changed is refused') or diag($err);
is(table()->{Table}{StorageDescriptor}{Location}, 's3://elsewhere/', 'and left alone');
isnt(s3($server, 'list', 'raw'), '', 'no raw file is purged');

# --- the ledger and the log have no key
my $log = slurp_file($node->logfile);
unlike(ledger_text($node, 'w') . $err, qr/\Q$aws_secret\E/, 'no secret in the ledger or a message');
unlike($log =~ s/^.*CREATE USER MAPPING.*\n//mgr, qr/\Q$aws_secret\E/, 'nor in the log, but for the DDL');

$node->stop;
done_testing();
