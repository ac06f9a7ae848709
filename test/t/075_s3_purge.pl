# Claim: what cannot be deleted from a bucket exactly is refused before anything
# is published; what turns out not to be deletable leaves the run purge_pending
# with its reason, and never holds back the next day; and nothing but what a
# published run has listed is deleted.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $server = start_s3();
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('s3_purge');
$node->init;
$node->start;
s3($server, 'make', 'lake', 'Enabled');

# A database with the data set "sales", whose raw files lie in a bucket.
sub begin
{
	my ($database, $bucket, %with) = @_;
	my $key    = delete $with{key}    // $aws_key;
	my $secret = delete $with{secret} // $aws_secret;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	mkdir "$home/catalog/$database";
	make_world($node, $database, $home,
		raw => "s3://$bucket/day/", lake => "s3://lake/$database/",
		catalog => "file://$home/catalog/$database/",
		server_options => s3_options($server),
		mapping => "access_key_id '$key', secret_access_key '$secret'",
		purge => "'location'", confirm => "'s3://$bucket/day/'", %with);
	return;
}

sub export_day
{
	my ($bucket, $day) = @_;
	write_exports("$home/raw", $day);
	s3($server, 'put', $bucket, "day/$_.csv", "$home/raw/$_.csv") for qw(Account Opportunity Contact);
	return;
}

sub newest
{
	my ($database, $column) = @_;
	return value($node, $database, "SELECT $column FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1");
}

my ($state, $out, $err);

# --- a bucket that keeps no versions
s3($server, 'make', 'plain');
begin('off', 'plain');
export_day('plain', 1);
($state, $out, $err) = call_run($node, 'off');
is($state, 'SF004', 'a bucket without versions is refused') or diag($err);
like($err, qr/the bucket of server "raw_exports" keeps no versions/, '... by its reason');
is(s3($server, 'list', 'lake', 'off/'), '', '... before anything is published');
$node->safe_psql('off', q{SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', gates => '{"purge_versioning": "warn"}')});
($state, $out, $err) = call_run($node, 'off');
is($state, '', 'unless the gate only warns') or diag($err);
like($err, qr/WARNING: .*keeps no versions/, '... which it does');
is(s3($server, 'list', 'plain'), '', 'then everything is deleted');
export_day('plain', 2);
my ($fresh) = value($node, 'off', "SELECT count(*) FROM salesforce_fdw.run_inputs WHERE version_id LIKE 'null:%'");
cmp_ok($fresh, '>=', 3, 'versions there are told apart by their ETags');

# --- suspended
s3($server, 'make', 'paused', 'Enabled');
begin('suspended', 'paused');
export_day('paused', 1);
s3($server, 'versioning', 'paused', 'Suspended');
($state, $out, $err) = call_run($node, 'suspended');
is($state, 'SF004', 'suspended versioning is refused') or diag($err);
like($err, qr/versioning of the bucket of server "raw_exports" is suspended/, '... by its reason');
s3($server, 'versioning', 'paused', 'Enabled');
($state, $out, $err) = call_run($node, 'suspended');
is($state, '', 'enabled again') or diag($err);
is(s3($server, 'list', 'paused'), '', 'all is deleted');

# --- suspended after a run was published, before its purge
$node->safe_psql('suspended', q{SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '1 second')});
export_day('paused', 2);
($state, $out, $err) = call_run($node, 'suspended');
is(newest('suspended', 'state'), 'purge_pending', 'a deferred purge');
s3($server, 'versioning', 'paused', 'Suspended');
sleep 1;
($state, $out, $err) = call_run($node, 'suspended');
is(newest('suspended', 'state || reason'), 'purge_pendingunversioned', 'is not done in a bucket that keeps no versions any more')
  or diag($err);
isnt(s3($server, 'list', 'paused'), '', 'nothing is deleted');
s3($server, 'versioning', 'paused', 'Enabled');
($state, $out, $err) = call_run($node, 'suspended');
is(newest('suspended', 'state'), 'closed', 'and done when it does');

# --- legal hold on one version: it stays, the others go, the next day is published
s3($server, 'make', 'held', 'Locked');
begin('hold', 'held');
export_day('held', 1);
s3($server, 'hold', 'held', 'day/Contact.csv', 'ON');
($state, $out, $err) = call_run($node, 'hold');
like($err, qr/WARNING: .*has Object Lock/, 'Object Lock is told beforehand');
is(newest('hold', 'state'), 'purge_pending', 'a version under legal hold leaves the purge open') or diag($err);
like(s3($server, 'list', 'held'), qr/\Aday\/Contact\.csv\|\d+\|Version\|latest\z/, 'it alone is left');
is( value($node, 'hold', "SELECT purge_outcome FROM salesforce_fdw.run_inputs WHERE key = 'Contact.csv'"),
	'held', 'and written down as not deleted, and why');
export_day('held', 2);
($state, $out, $err) = call_run($node, 'hold');
is(published_rows($node, 'hold'), expected_rows(2), 'the next day is published all the same');
s3($server, 'hold', 'held', 'day/Contact.csv', 'OFF');
sleep 1;
($state, $out, $err) = call_run($node, 'hold');

# --- no right to delete versions
# (Where s3:DeleteObject is allowed, MinIO deletes versions as well.)
unless (s3_is_minio())
{
	add_s3_user($server, 'AKIASFDWREADER000001', 'readerSecret0123456789readerSecret012345');
	s3($server, 'make', 'guarded', 'Enabled');
	append_to_file("$home/policy.json", <<'JSON');
{"Version": "2012-10-17", "Statement": [
 {"Effect": "Allow", "Principal": {"AWS": ["AKIASFDWREADER000001"]},
  "Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketVersioning"], "Resource": "arn:aws:s3:::BUCKET"},
 {"Effect": "Allow", "Principal": {"AWS": ["AKIASFDWREADER000001"]},
  "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject"], "Resource": "arn:aws:s3:::BUCKET/*"}]}
JSON
	my $policy = slurp_file("$home/policy.json") =~ s/BUCKET/guarded/gr;
	append_to_file("$home/guarded.json", $policy);
	s3($server, 'rule', 'guarded', "$home/guarded.json");
	begin('rights', 'guarded');
	$node->safe_psql('rights', "ALTER USER MAPPING FOR etl SERVER raw_exports OPTIONS (SET access_key_id 'AKIASFDWREADER000001', SET secret_access_key 'readerSecret0123456789readerSecret012345')");
	export_day('guarded', 1);
	($state, $out, $err) = call_run($node, 'rights');
	is(newest('rights', 'state'), 'purge_pending', 'without s3:DeleteObjectVersion the run is published, the purge is open') or diag($err);
	like($err . value($node, 'rights', "SELECT string_agg(t::text, ' ') FROM salesforce_fdw.run_inputs t"), qr/AccessDenied|s3:DeleteObjectVersion/, '... by its reason');
	is(published_rows($node, 'rights'), expected_rows(1), 'readers have the day');
	isnt(s3($server, 'list', 'guarded'), '', 'nothing is gone');
	export_day('guarded', 2);
	($state, $out, $err) = call_run($node, 'rights');
	is(published_rows($node, 'rights'), expected_rows(2), 'the next day is not held back');
}

$node->stop;
done_testing();
