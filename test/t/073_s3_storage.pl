# Claim: a bucket is a storage like a folder: the same checks, the same random
# histories against a model, COPY and foreign tables, odd keys, long listings;
# and an aborted write leaves no upload behind.
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $server = start_s3();
s3($server, 'make', 'lake', 'Enabled');
s3($server, 'make', 'raw', 'Enabled');
s3($server, 'make', 'plain');

my $node = PostgreSQL::Test::Cluster->new('s3_storage');
$node->init;
$node->append_conf('postgresql.conf', "session_preload_libraries = 'salesforce_fdw'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');
$node->safe_psql('postgres', slurp_file("$FindBin::RealBin/../modules/functions.sql"));
for my $name (qw(lake plain))
{
	add_s3_server($node, 'postgres', $server, name => $name,
		location => "s3://$name/a b+c=\x{40}/");
}

# --- the interface, check by check, and random histories
for my $number (1 .. $node->safe_psql('postgres', 'SELECT test_storage_check_count()'))
{
	my ($status, $out, $err) =
	  $node->psql('postgres', "SELECT test_storage_conformance('lake', $number)");
	like($out, qr/^ok: /, "check $number in a bucket with versions: $out") or diag($err);
}
my ($status, $out, $err) = $node->psql('postgres', q{SELECT test_storage_histories('lake', 60, 1)});
is($status, 0, "random histories agree with the model: $out") or diag($err);
is(s3($server, 'uploads', 'lake'), '', 'no upload is left unfinished');

# --- a bucket without versions: what is replaced is never deleted or read
$node->safe_psql('postgres', <<'SQL');
SELECT test_storage_put('plain', 'x', 'first') AS version \gset
SELECT test_storage_put('plain', 'x', 'second');
CREATE TABLE old AS SELECT :'version' AS version;
SQL
($status, $out, $err) = $node->psql('postgres',
	"\\set VERBOSITY verbose\nSELECT test_storage_get('plain', 'x', version) FROM old");
like($err, qr/ERROR:  SF001: /, 'a replaced object is superseded');
is( $node->safe_psql('postgres', "SELECT test_storage_delete('plain', '{x}', ARRAY[version])::text FROM old") =~ /deleted/ ? 1 : 0,
	0, 'and not deleted for its version');
is($node->safe_psql('postgres', "SELECT convert_from(test_storage_get('plain', 'x'), 'UTF8')"),
	'second', 'the newer one is there');

is( $node->safe_psql('postgres', <<'SQL'), 'promoted|second', 'an object is promoted there too');
SELECT test_storage_promote('plain', 'x', (SELECT version_id FROM test_storage_list('plain') WHERE key = 'x'), 'final', NULL) LIKE 'promoted%' AS promoted \gset
SELECT CASE WHEN :'promoted' THEN 'promoted' END, convert_from(test_storage_get('plain', 'final'), 'UTF8');
SQL

# --- COPY: small, in parts, aborted
add_s3_server($node, 'postgres', $server, name => 'out', location => 's3://lake/out/');
$node->safe_psql('postgres', "COPY (SELECT 1 AS one) TO 's3://lake/out/small.parquet' (FORMAT parquet)");
my $rows = 400_000;
my $query = "SELECT g AS id, md5(g::text) AS a, md5((g + 1)::text) AS b FROM generate_series(1, $rows) g";
$node->safe_psql('postgres',
	"COPY ($query) TO 's3://lake/out/large.parquet' (FORMAT parquet, compression 'none', row_group_size 100000)");
my $local = PostgreSQL::Test::Utils::tempdir();
s3($server, 'get', 'lake', 'out/large.parquet', "$local/large.parquet");
cmp_ok(-s "$local/large.parquet", '>', 2 * 8 * 1024 * 1024, 'an object of several parts');
is( $node->safe_psql('postgres', "SELECT num_rows FROM salesforce_fdw.parquet_file_metadata('s3://lake/out/large.parquet')"),
	$rows, 'its footer is read back');
my $python = $ENV{SFDW_PYTHON};
my ($sum) = run_command([ $python, '-c', 'import sys, hashlib, pyarrow.parquet as pq; t = pq.read_table(sys.argv[1]); '
	  . 'print(t.num_rows, hashlib.md5("".join(t["a"].to_pylist() + t["b"].to_pylist()).encode()).hexdigest())',
	"$local/large.parquet" ]);
is( $sum, $node->safe_psql('postgres',
		"SELECT count(*) || ' ' || md5(string_agg(a, '' ORDER BY id) || string_agg(b, '' ORDER BY id)) FROM ($query) q"),
	'another reader sees every value');
($status, $out, $err) = $node->psql('postgres',
	"COPY (SELECT id, a, b, 1 / ($rows - id) AS fails FROM ($query) q) TO 's3://lake/out/never.parquet' (FORMAT parquet, compression 'none', row_group_size 50000)");
like($err, qr/division by zero/, 'an error in the middle of an upload');
is(s3($server, 'uploads', 'lake'), '', 'its upload is aborted');
is(s3($server, 'list', 'lake', 'out/never'), '', 'and nothing is there');

# --- foreign tables: the exports in a bucket give what they give in a folder
my $data = abs_path("$FindBin::RealBin/../data/cds");
s3($server, 'put', 'raw', "bes/crm/$_.csv", "$data/$_.csv") for qw(Account Opportunity);
add_s3_server($node, 'postgres', $server, name => 'raw', location => 's3://raw/bes/crm/');
$node->safe_psql('postgres', <<"SQL");
CREATE SERVER folder FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$data/');
CREATE SCHEMA s3; CREATE SCHEMA local;
IMPORT FOREIGN SCHEMA salesforce LIMIT TO (account, opportunity) FROM SERVER raw INTO s3;
IMPORT FOREIGN SCHEMA salesforce LIMIT TO (account, opportunity) FROM SERVER folder INTO local;
SQL
for my $table (qw(account opportunity))
{
	my $values = 'count(*), string_agg(concat_ws(\',\', id, name, createddate), \';\' ORDER BY id)';
	my $rows = $node->safe_psql('postgres', "SELECT $values FROM s3.$table");
	like($rows, qr/^[1-9]\d*\|/, "$table has rows");
	is($rows, $node->safe_psql('postgres', "SELECT $values FROM local.$table"),
		"$table is the same in a bucket");
}
is( $node->safe_psql('postgres', "SELECT count(*) FROM s3.account a JOIN s3.opportunity o ON o.accountid = a.id"),
	$node->safe_psql('postgres', "SELECT count(*) FROM local.account a JOIN local.opportunity o ON o.accountid = a.id"),
	'two objects are read in one statement');

# --- errors: what AWS said, and what to do; never a key
($status, $out, $err) = $node->psql('postgres', <<'SQL');
\set VERBOSITY verbose
ALTER USER MAPPING FOR CURRENT_USER SERVER raw OPTIONS (SET secret_access_key 'wrongwrongwrongwrong');
SELECT count(*) FROM s3.account;
SQL
like($err, qr/ERROR:  28000: could not complete \w+ of "s3:\/\/raw\/bes\/crm\/.*code "SignatureDoesNotMatch", request id "/s,
	'a wrong key is told by its code');
unlike($err, qr/wrongwrong|AKIA|AWS4-HMAC/, 'and no key or signature stands in the message');
($status, $out, $err) = $node->psql('postgres', <<'SQL');
\set VERBOSITY verbose
ALTER SERVER raw OPTIONS (SET allow_local_endpoint 'false');
SELECT count(*) FROM s3.account;
SQL
like($err, qr/ERROR:  42501: .*was not sent: its endpoint is a local address/, 'a local endpoint needs leave');

$node->stop;
done_testing();
