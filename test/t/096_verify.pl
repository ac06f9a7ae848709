# verify(run) finds what is no longer as the ledger says, and names it: bytes,
# objects, manifests, catalog entries, raw versions that came back, and rows of
# the ledger that somebody changed; and finds nothing where nothing was changed.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use File::Copy qw(copy);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('verify');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;

# What verify says of a run but "ok", as "item subject verdict"; before it, in
# the same transaction, which is rolled back, statements of a superuser.
sub verify
{
	my ($world, $run, $before) = @_;
	$before //= '';
	return $node->safe_psql($world->{database}, "BEGIN; SET LOCAL client_min_messages = error; $before;
		SELECT DISTINCT item || ' ' || CASE WHEN item = 'ledger' THEN subject || ' ' ELSE '' END || verdict
		FROM salesforce_fdw.verify('$run') WHERE verdict <> 'ok' ORDER BY 1; ROLLBACK");
}

# How many things verify looked at.
sub items
{
	my ($world, $run) = @_;
	return $node->safe_psql($world->{database}, "SELECT string_agg(DISTINCT item, ',') FROM salesforce_fdw.verify('$run')");
}

my $found = 0;

# A tampered state: what is done, what undoes it, and what must be found.
sub tampered
{
	my ($world, $what, $expected, $do, $undo) = @_;
	my $before = ref $do ? '' : $do;

	$do->() if ref $do;
	is(verify($world, $world->{run}, $before), $expected, "$world->{database}: $what");
	$undo->() if $undo;
	$found++;
	return;
}

# Changes of the ledger, which a superuser alone could make.
sub tamper_with_ledger
{
	my ($world) = @_;
	my $run = $world->{run};
	my %changes = (
		'the number of rows' => [ "catalog differs\nevidence differs\nmanifest differs", "UPDATE salesforce_fdw.ledger_run SET rows = rows + 1 WHERE run = '$run'" ],
		'the digest of the file' => [ "manifest differs\noutput differs", "UPDATE salesforce_fdw.ledger_run SET file_sha256 = repeat('0', 64) WHERE run = '$run'" ],
		'the version of an input' => [ "evidence differs\nmanifest differs", "UPDATE salesforce_fdw.ledger_input SET version_id = 'x' WHERE run = '$run' AND is_pinned AND key = 'Account.csv'" ],
		'an input is gone' => [ "evidence differs\nmanifest differs", "DELETE FROM salesforce_fdw.ledger_input WHERE run = '$run' AND is_pinned AND key = 'Account.csv'" ],
		'the policy' => [ "evidence differs\nmanifest differs", "UPDATE salesforce_fdw.ledger_run SET definition = jsonb_set(definition, '{policy_hash}', '\"x\"') WHERE run = '$run'" ],
		'a state that it never came to' => [ 'ledger state differs', "DELETE FROM salesforce_fdw.ledger_event WHERE run = '$run' AND event = 'closed'" ],
		'a proof that was never given' => [ "evidence differs\nledger purge differs", "UPDATE salesforce_fdw.ledger_input SET purge_proved = NULL WHERE run = '$run' AND key = 'Account.csv'" ],
		'a column that was refused' => [ "evidence differs\nledger columns differs", "UPDATE salesforce_fdw.ledger_lineage SET verdict = 'refused' WHERE run = '$run' AND column_name = 'stagename'" ],
		'a claim that was never made' => [ 'owner differs', "UPDATE salesforce_fdw.ledger_owner SET claim = gen_random_uuid(), content = jsonb_set(content, '{claim}', to_jsonb(gen_random_uuid())), version_id = NULL" ],
		'a column that nobody accepted' => [ "evidence differs\nledger acceptances differs", "UPDATE salesforce_fdw.ledger_lineage SET verdict = 'accepted' WHERE run = '$run' AND column_name = 'stagename'" ],
		'evidence as it never was written' => [ 'evidence differs', "UPDATE salesforce_fdw.ledger_output SET sha256 = repeat('0', 64) WHERE run = '$run' AND kind = 'evidence'" ],
		'evidence that never was written' => [ 'evidence missing', "DELETE FROM salesforce_fdw.ledger_output WHERE run = '$run' AND kind = 'evidence'" ],
		'a finding that refuses' => [ "evidence differs\nledger findings differs", "INSERT INTO salesforce_fdw.ledger_finding (run, ordinal, kind, name, count, action) VALUES ('$run', 99, 'detector', 'email', 1, 'refuse')" ]);

	tampered($world, $_, $changes{$_}[0], $changes{$_}[1]) for sort keys %changes;
	return;
}

# --- folders
my $home = new_home();
my %folder = (database => 'folders');
$node->safe_psql('postgres', 'CREATE DATABASE folders');
make_world($node, 'folders', $home, purge => "'location'", confirm => "'file://$home/raw/'");
my ($file, $manifest, $owner, $entry) = ("$home/lake/sales/sales.parquet", "$home/lake/sales/_manifest.json", "$home/lake/sales/_owner.json", "$home/catalog/crm_production/sales.json");

# Run a day; the raw files are linked elsewhere, so that they can come back.
sub run_folders
{
	my ($day) = @_;
	write_exports("$home/raw", $day);
	for my $name (qw(Account Opportunity Contact))
	{
		unlink "$home/kept_$name.csv";
		link "$home/raw/$name.csv", "$home/kept_$name.csv" or die $!;
	}
	my ($state, $out, $err) = call_run($node, 'folders');
	is($state, '', "folders: day $day") or diag $err;
	return $node->safe_psql('folders', 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
}

# Do something to a file, and have the old one again afterwards.
sub tampered_file
{
	my ($what, $expected, $path, $do) = @_;
	my $whole = slurp_file($path);

	tampered(\%folder, $what, $expected, sub { $do->($whole) }, sub { write_text($path, $whole) });
	return;
}

my $first = run_folders(1);
my $old = slurp_file($file);
$folder{run} = run_folders(2);
is(verify(\%folder, $folder{run}), '', 'folders: nothing is wrong');
is(items(\%folder, $folder{run}), 'catalog,evidence,ledger,manifest,output,owner,purge', '... and all was looked at');
is(verify(\%folder, $first), '', '... nor with the run before');
tampered_file('a byte of the file', 'output differs', $file,
	sub { my $text = shift; substr($text, 100, 1) ^= "\x01"; write_text($file, $text) });
tampered_file('the file of the day before', 'output differs', $file, sub { write_text($file, $old) });
tampered_file('no file', 'output missing', $file, sub { unlink $file });
tampered_file('no manifest', 'manifest missing', $manifest, sub { unlink $manifest });
tampered_file('a manifest with another number of rows', 'manifest differs', $manifest,
	sub { write_text($manifest, $_[0] =~ s/"rows": \d+/"rows": 5/r) });
tampered_file('a manifest that is none', 'manifest differs', $manifest, sub { write_text($manifest, '{}') });
my $evidence = "$home/lake/sales/_evidence/$folder{run}.json";
tampered_file('no evidence', 'evidence missing', $evidence, sub { unlink $evidence });
tampered_file('evidence with another number of rows', 'evidence differs', $evidence,
	sub { write_text($evidence, $_[0] =~ s/"rows": \d+/"rows": 5/r) });
tampered_file('evidence that is none', 'evidence differs', $evidence, sub { write_text($evidence, '[]') });
tampered_file('no owner', 'owner missing', $owner, sub { unlink $owner });
tampered_file('an owner that is none', 'owner differs', $owner, sub { write_text($owner, '[]') });
tampered_file('another owner', 'owner differs', $owner, sub { write_text($owner, $_[0] =~ s/"database_oid": "\d+"/"database_oid": "5"/r) });
tampered_file('an owner of another time', 'owner differs', $owner, sub { write_text($owner, $_[0] =~ s/"claimed": "\d+/"claimed": "1999/r) });
tampered_file('no table in the catalog', 'catalog differs', $entry, sub { unlink $entry });
tampered_file('a table that lies elsewhere', 'catalog differs', $entry, sub { write_text($entry, $_[0] =~ s{/lake/sales/}{/lake/elsewhere/}gr) });
tampered_file('a column of another type', 'catalog differs', $entry, sub { write_text($entry, $_[0] =~ s/"timestamp"/"string"/r) });
tampered(\%folder, 'a raw file that came back', 'purge returned',
	sub { link "$home/kept_Contact.csv", "$home/raw/Contact.csv" or die $! }, sub { unlink "$home/raw/Contact.csv" });
tamper_with_ledger(\%folder);
is(verify(\%folder, $folder{run}), '', 'folders: nothing is wrong any more');
write_exports("$home/raw", 3);
is(verify(\%folder, $folder{run}), '', '... and new raw files are no old ones');

# --- buckets with versions, and Glue
my $s3 = start_s3();
my $moto = start_moto();
my $faults = start_faults($moto->{port});
my $bucket_home = new_home();
my %bucket = (database => 'buckets');
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
$node->safe_psql('postgres', 'CREATE DATABASE buckets');
make_world($node, 'buckets', $bucket_home, raw => 's3://raw/exports/', lake => 's3://lake/', catalog => 'glue', create_database => 1,
	purge => "'location'", confirm => "'s3://raw/exports/'", server_options => s3_options($s3, $faults),
	mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");
for my $role (qw(raw_exports lake))
{
	$node->safe_psql('buckets', "CREATE USER MAPPING FOR CURRENT_USER SERVER $role OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret')");
}
write_exports("$bucket_home/raw", 1);
s3($s3, 'put-all', 'raw', 'exports/', "$bucket_home/raw", qw(Account.csv Opportunity.csv Contact.csv));
my ($state, $out, $err) = call_run($node, 'buckets');
is($state, '', 'buckets: the run') or diag $err;
$bucket{run} = $node->safe_psql('buckets', 'SELECT run FROM salesforce_fdw.runs');
is(verify(\%bucket, $bucket{run}), '', 'buckets: nothing is wrong');
is(items(\%bucket, $bucket{run}), 'catalog,evidence,ledger,manifest,output,owner,purge', '... and all was looked at');
tamper_with_ledger(\%bucket);
s3($s3, 'put', 'raw', 'exports/Contact.csv', "$bucket_home/raw/Contact.csv");
my $version = $node->safe_psql('buckets', "SELECT version_id FROM salesforce_fdw.object_versions('raw_exports') WHERE is_latest");
is(verify(\%bucket, $bucket{run}), '', 'a newer version of a purged object is another one');
tampered(\%bucket, 'a version that was said to be purged and is there', "evidence differs\nmanifest differs\npurge returned",
	"UPDATE salesforce_fdw.ledger_input SET version_id = '$version' WHERE run = '$bucket{run}' AND key = 'Account.csv';
	 UPDATE salesforce_fdw.ledger_input SET key = 'Contact.csv' WHERE run = '$bucket{run}' AND version_id = '$version'");
tampered(\%bucket, 'another object in its place', 'output differs',
	sub { s3($s3, 'put', 'lake', 'sales/sales.parquet', "$bucket_home/raw/Account.csv") });
tampered(\%bucket, 'other evidence in its place', "evidence differs\noutput differs",
	sub { s3($s3, 'put', 'lake', "sales/_evidence/$bucket{run}.json", "$bucket_home/raw/Account.csv") });
s3($s3, 'mark', 'lake', "sales/_evidence/$bucket{run}.json");
s3($s3, 'mark', 'lake', 'sales/sales.parquet');
tampered(\%bucket, 'delete markers over both', "evidence missing\noutput missing", '');
glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "sales"}');
tampered(\%bucket, 'no table in Glue', "catalog differs\nevidence missing\noutput missing", '');

# --- rights, and what cannot be verified
$node->safe_psql('folders', 'CREATE ROLE auditor; CREATE ROLE stranger; GRANT salesforce_fdw_write TO stranger; GRANT salesforce_fdw_audit, salesforce_fdw_read TO auditor; GRANT USAGE ON FOREIGN SERVER lake, raw_exports TO auditor');
is($node->safe_psql('folders', "SET ROLE auditor; SELECT count(*) FROM salesforce_fdw.verify('$folder{run}') WHERE verdict <> 'ok'"), '0', 'an auditor verifies');
my ($status, $stdout, $stderr) = $node->psql('folders', "SET ROLE stranger; SELECT salesforce_fdw.verify('$folder{run}')");
like($stderr, qr/must be owner/, 'others do not');
($status, $stdout, $stderr) = $node->psql('folders', "SELECT salesforce_fdw.verify('00000000-0000-0000-0000-000000000000')");
like($stderr, qr/does not exist/, 'a run that is none');
note("count: $found tampered states, each found and named");
cmp_ok($found, '>=', 12, 'tampered states');
$node->stop;
done_testing();
