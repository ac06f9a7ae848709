# Claim: the evidence of every run that has published lies as _evidence/RUN.json in
# the data set's folder, or on the server that is named for it, and says what
# evidence(run) says: also after a purge that came to its end later, and after a
# retraction.  Where it cannot be written nothing else is held back, the CALL
# fails, and the next one writes it.  In a bucket with versions and Object Lock
# earlier states stay, and a server for evidence is never where exports are.
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

my $node = PostgreSQL::Test::Cluster->new('evidence_file');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my $json = JSON::PP->new->canonical;
my ($state, $out, $err);

sub newest { return value($node, $_[0], 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1') }

# Whether a file says what the function says.
sub same_as_ledger
{
	my ($database, $path, $run, $what) = @_;
	my $ledger = $json->decode($node->safe_psql($database, "SELECT salesforce_fdw.evidence('$run')"));
	ok(-e $path, "$what: there is a file") or return;
	is($json->encode($json->decode(slurp_file($path))), $json->encode($ledger), '... which says what evidence() says');
	return;
}

# --- folders
my $home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE folders');
make_world($node, 'folders', $home);
mkdir "$home/vault" or die $!;
sub stored { return "$home/lake/sales/_evidence/$_[0].json" }
write_exports("$home/raw", 1);
($state, $out, $err) = call_run($node, 'folders');
is($state, '', 'a run') or diag $err;
my $first = newest('folders');
same_as_ledger('folders', stored($first), $first, 'a run');
is($json->decode(slurp_file(stored($first)))->{state}, 'closed', '... that is closed');
my $written = sha256_of(stored($first));
is(value($node, 'folders', "SELECT key || ' ' || sha256 FROM salesforce_fdw.run_outputs WHERE kind = 'evidence'"),
	"sales/_evidence/$first.json $written", '... and the ledger names it');
call_run($node, 'folders');
is(value($node, 'folders', "SELECT count(*) FROM salesforce_fdw.run_outputs WHERE kind = 'evidence'"), 1, 'nothing new, nothing written');

# --- purged later on: the evidence follows
$node->safe_psql('folders', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 'file://$home/raw/', purge_after => '1 hour')");
write_exports("$home/raw", 2);
($state, $out, $err) = call_run($node, 'folders');
is($state, '', 'a run whose purge is deferred') or diag $err;
my $second = newest('folders');
same_as_ledger('folders', stored($second), $second, 'a deferred purge');
is($json->decode(slurp_file(stored($second)))->{state}, 'purge_pending', '... is pending there too');
$node->safe_psql('folders', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
call_run($node, 'folders');
same_as_ledger('folders', stored($second), $second, 'a purge that came to its end');
is($json->decode(slurp_file(stored($second)))->{state}, 'closed', '... is closed');
cmp_ok($json->decode(slurp_file(stored($second)))->{purge}{proved}, '>=', 3, '... with its proofs');
same_as_ledger('folders', stored($first), $first, 'the run before');

# --- an acceptance stands in it, and one that is repeated later on changes nothing
$node->safe_psql('folders', <<'SQL');
SET ROLE etl;
SELECT salesforce_fdw.alter_dataset('sales', target => 'crm.named', accept => '{"Account.Name": "documented"}',
	query => 'SELECT a.id AS accountid, a.name FROM raw.account a', sorted_by => '{accountid}');
SQL
write_exports("$home/raw", 21);
($state, $out, $err) = call_run($node, 'folders');
is($state, '', 'a run with a column that was accepted') or diag $err;
my $named = newest('folders');
sub acceptances { return scalar @{ $json->decode(slurp_file(stored($named)))->{policy}{acceptances} } }
is(acceptances(), 1, '... by one acceptance');
$node->safe_psql('folders', "SET ROLE etl; SELECT salesforce_fdw.accept_dataset('sales', salesforce_fdw.policy_hash('sales'), 'once more')");
same_as_ledger('folders', stored($named), $named, 'the same acceptance later on');

# --- another server, which cannot be written at first
$node->safe_psql('folders', "CREATE SERVER vault FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/vault/');
	CREATE SERVER inside FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/raw/below/');
	CREATE SERVER above FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/');
	GRANT USAGE ON FOREIGN SERVER vault, inside, above TO etl");
for my $case ([ 'nowhere', '42704', 'does not exist' ], [ 'inside', '22023', 'overlaps with raw location' ])
{
	($state, $out, $err) = attempt($node, 'folders', "SELECT salesforce_fdw.alter_dataset('sales', evidence_server => '$case->[0]')");
	is($state, $case->[1], "evidence on server $case->[0] is refused");
	like($err, qr/$case->[2]/, '... with the reason');
}
$node->safe_psql('folders', 'REVOKE USAGE ON FOREIGN SERVER vault FROM etl');
($state, $out, $err) = attempt($node, 'folders', "SELECT salesforce_fdw.alter_dataset('sales', evidence_server => 'vault')");
is($state, '42501', 'and so is a server without USAGE');
$node->safe_psql('folders', 'GRANT USAGE ON FOREIGN SERVER vault TO etl');
$node->safe_psql('folders', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', evidence_server => 'vault')");
rename "$home/vault", "$home/vault.away" or die $!;
write_text("$home/vault", 'no folder');
write_exports("$home/raw", 3);
($state, $out, $err) = call_run($node, 'folders');
isnt($state, '', 'evidence that cannot be written fails the CALL');
like($err, qr/All else is done/, '... which says that all else is done');
my $third = newest('folders');
is(value($node, 'folders', "SELECT state FROM salesforce_fdw.runs WHERE run = '$third'"), 'closed', '... and it is');
is(join(' ', files_below("$home/raw")), '', '... purge and all');
like(value($node, 'folders', 'SELECT last_error FROM salesforce_fdw.run_status'), qr/vault/, '... and run_status has the error');
write_exports("$home/raw", 4);
call_run($node, 'folders');
my $fourth = newest('folders');
is(value($node, 'folders', "SELECT state FROM salesforce_fdw.runs WHERE run = '$fourth'"), 'closed', 'newer input is not held back');
unlink "$home/vault" or die $!;
rename "$home/vault.away", "$home/vault" or die $!;
($state, $out, $err) = call_run($node, 'folders');
is($state, '', 'once it can be written') or diag $err;
same_as_ledger('folders', "$home/vault/sales/_evidence/$_.json", $_, 'the CALL writes what is missing') for $third, $fourth;
is(join(' ', grep { /$third|$fourth/ } files_below("$home/lake")), '', '... there alone');
is($node->safe_psql('folders', "SELECT verdict FROM salesforce_fdw.verify('$fourth') WHERE item = 'evidence'"), 'ok', '... where verify() finds it');
$node->safe_psql('folders', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', evidence_server => '')");
is(value($node, 'folders', 'SELECT evidence_server IS NULL FROM salesforce_fdw.dataset'), 't', 'an empty name is the destination again');
is(value($node, 'folders', "SELECT is_outdated FROM salesforce_fdw.run_status"), 'f', '... and what is published is no older for it');

# --- a raw location is not purged when evidence lies in it
$node->safe_psql('folders', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', evidence_server => 'vault')");
$node->safe_psql('folders', "ALTER SERVER vault OPTIONS (SET location 'file://$home/raw/vault/')");
mkdir "$home/raw/vault" or die $!;
write_exports("$home/raw", 5);
($state, $out, $err) = call_run($node, 'folders');
like($err, qr/overlaps with the evidence of data set "sales"/, 'a location that was moved under the exports stops the purge');
is(join(' ', grep { !/^vault/ } files_below("$home/raw")), 'Account.csv Contact.csv Opportunity.csv', '... of which nothing is deleted');
$node->safe_psql('folders', "ALTER SERVER vault OPTIONS (SET location 'file://$home/vault/')");
call_run($node, 'folders');

# --- a crash between object and record
write_exports("$home/raw", 6);
$node->psql('folders', "LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_point = 'evidence.record before'; SET salesforce_fdw.fault_action = 'error'; SET ROLE etl; CALL salesforce_fdw.run('sales')");
my $sixth = newest('folders');
isnt(value($node, 'folders', "SELECT count(*) FROM salesforce_fdw.run_outputs WHERE run = '$sixth' AND kind = 'evidence'"), 1, 'an error between object and record');
($state, $out, $err) = call_run($node, 'folders');
is($state, '', '... and the next CALL') or diag $err;
same_as_ledger('folders', "$home/vault/sales/_evidence/$sixth.json", $sixth, 'writes it again');

# --- a bucket with Object Lock: every state of it stays
my $s3 = start_s3();
my $moto = start_moto();
my $bucket_home = new_home();
$node->safe_psql('postgres', 'CREATE DATABASE buckets');
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
s3($s3, 'make', 'vault', 'Locked');
make_world($node, 'buckets', $bucket_home, raw => 's3://raw/exports/', lake => 's3://lake/', catalog => 'glue', create_database => 1,
	purge => "'location'", confirm => "'s3://raw/exports/'", server_options => s3_options($s3, $moto),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");
$node->safe_psql('buckets', "CREATE SERVER vault FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 's3://vault/audit/', " . s3_options($s3, $moto) . ");
	GRANT USAGE ON FOREIGN SERVER vault TO etl; CREATE USER MAPPING FOR etl SERVER vault OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret');
	SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', evidence_server => 'vault', purge_after => '1 hour')");
write_exports("$bucket_home/raw", 1);
s3($s3, 'put-all', 'raw', 'exports/', "$bucket_home/raw", qw(Account.csv Opportunity.csv Contact.csv));
($state, $out, $err) = call_run($node, 'buckets');
is($state, '', 'a run with a bucket for evidence') or diag $err;
my $run = newest('buckets');
$node->safe_psql('buckets', "SET ROLE etl; SELECT salesforce_fdw.alter_dataset('sales', purge_after => '0')");
($state, $out, $err) = call_run($node, 'buckets');
is($state, '', '... and its purge') or diag $err;
$node->safe_psql('buckets', "SET ROLE etl; SELECT salesforce_fdw.retract('sales', ARRAY['$run'::uuid], 'somebody asked')");
($state, $out, $err) = call_run($node, 'buckets');
is($state, '', '... and its retraction') or diag $err;
my @versions = grep { /Version/ } split /\n/, s3($s3, 'list', 'vault', '');
is(scalar(@versions), 3, 'pending, closed, retracted: three versions of its evidence');
s3($s3, 'get', 'vault', "audit/sales/_evidence/$run.json", "$bucket_home/evidence.json");
same_as_ledger('buckets', "$bucket_home/evidence.json", $run, 'the newest');
like($json->encode($json->decode(slurp_file("$bucket_home/evidence.json"))->{outputs}), qr/"deleted":"2/, '... knows that the output is gone');

$node->stop;
done_testing();
