# Claim: whatever a server answers, the outcome is what is right or an error with
# a fitting SQLSTATE, soon: no crash, no endless listing, no rows that are not
# the object's, no memory that the server decides about.  And whatever it
# answers to a deletion, nothing is asked to go but what was listed, and nothing
# counts as deleted but what the answer names.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(time);

# No statement may take longer.
my $limit = 20;

my $folder = PostgreSQL::Test::Utils::tempdir();
my $log = "$folder/requests";
append_to_file($log, '');
my ($in, $port) = ('', '');
my $hostile = IPC::Run::start([ $ENV{SFDW_PYTHON}, "$FindBin::RealBin/../servers/hostile.py", $log ],
	'<', \$in, '>', \$port, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default * 10));
$hostile->pump until $port =~ /(\d+)\n/;
my $server = { endpoint => "http://127.0.0.1:$1" };

my $node = PostgreSQL::Test::Cluster->new('hostile_answers');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nstatement_timeout = '${limit}s'\nautovacuum = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw;' . slurp_file("$FindBin::RealBin/../modules/functions.sql"));

# A foreign server for a bucket, once; with below => a location below its root.
my %made;
sub bucket
{
	my ($name, $below) = @_;
	add_s3_server($node, 'postgres', $server, name => "\"$name\"", location => "s3://$name/" . ($below // ''))
	  unless $made{$name}++;
	return;
}

# Run SQL: SQLSTATE or '', output, messages; and it has not taken long.
my $slowest = 0;
sub ask
{
	my ($sql) = @_;
	truncate $log, 0;
	my $begun = time;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	my $took = time - $begun;
	$slowest = $took if $took > $slowest;
	my ($state) = $err =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5}):/;
	return ($state // ($status == 0 ? '' : 'lost'), $out, $err);
}

my $errors = 0;
my @unclear;

# The outcome must be an error of this SQLSTATE whose message is like that.
sub is_error
{
	my ($what, $sql, $sqlstate, $like) = @_;
	my ($state, $out, $err) = ask($sql);
	like($state, qr/^(?:$sqlstate)$/, "$what: an error") or diag "$out$err";
	like($err, $like, '... that says what is wrong');
	is($out, '', '... and no row');
	push @unclear, $what if $err =~ /with status \d+, code ""/;
	note("table: $what: " . ($err =~ /ERROR:  (.*)/ ? $1 : 'none'));
	$errors++;
	return $err;
}

# --- listings; they end long before the limit, or do not end
sub list { return "SET statement_timeout = '4s'; SELECT key, version_id, is_latest, is_delete_marker FROM test_storage_list('$_[0]') ORDER BY 1, 2" }
for my $case (
	[ 'same-marker', 'a marker that is repeated', '08P01', qr/the listing of "s3:\/\/same-marker\/" does not go on/ ],
	[ 'two-markers', 'two markers that are repeated', '08P01', qr/does not go on/ ],
	[ 'back-marker', 'markers that go back', '08P01', qr/does not go on/ ],
	[ 'no-marker', 'truncated, and no marker', '08P01', qr/truncated and does not say where it goes on/ ],
	[ 'bomb', 'entities in entities', '08P01', qr/document type/ ],
	[ 'file', 'an entity that is a file', '08P01', qr/document type/ ],
	[ 'cut-xml', 'XML that is cut off', '08P01|08006', qr/ListObjectVersions of "s3:\/\/cut-xml\/"/ ],
	[ 'cut-body', 'a body that is cut off', '08006', qr/ListObjectVersions of "s3:\/\/cut-body\/"/ ],
	[ 'cut-head', 'headers that are cut off', '08006', qr/ListObjectVersions of "s3:\/\/cut-head\/"/ ],
	[ 'huge', 'a listing of 100 MB', '08P01|08006', qr/longer than expected/ ],
	[ 'huge-unsaid', 'a listing of 100 MB of which it is not said', '08P01|08006', qr/longer than expected/ ],
	[ 'nul-key', 'a key with &#0;', '08P01', qr/could not read the answer to ListObjectVersions/ ],
	[ 'nul-encoded', 'a key with %00', '08P01', qr/could not read a key in the listing/ ],
	[ 'odd-encoded', 'a key with %zz', '08P01', qr/could not read a key in the listing/ ],
	[ 'many-items', 'a page of 1,001', '08P01', qr/more than 1000 items/ ],
	[ 'html', 'HTML', '08P01', qr/another one than was asked for/ ],
	[ 'nothing', 'nothing at all', '08P01|08006', qr/ListObjectVersions of "s3:\/\/nothing\/"/ ],
	[ 'other-answer', 'another answer', '08P01', qr/another one than was asked for/ ],
	[ 'size', 'a size below nothing', '08P01', qr/a number in the answer is none/ ])
{
	my ($name, $what, $sqlstate, $like) = @$case;
	bucket($name);
	my $err = is_error("list: $what", list($name), $sqlstate, $like);
	unlike($err, qr/root:|boom/, '... without what an entity would have been') if $name =~ /bomb|file/;
	if ($name =~ /huge/)
	{
		is(requests({ log => $log }, qr/^GET/), 1, '... is not asked for again');
		my @sent = slurp_file($log) =~ /^sent (\d+)$/mg;
		cmp_ok(scalar(@sent), '>=', 1, '... the client hung up');
		cmp_ok($_, '<', 40 * 1024 * 1024, "... after $_ bytes") for @sent;
	}
}
bucket('outside', 'below/');
is_error('list: a key outside of the location', list('outside'), '08P01', qr/has a key outside of what was asked for/);
bucket('no-end');
is_error('list: a listing without an end, until statement_timeout', list('no-end') =~ s/4s/1s/r, '57014', qr/statement timeout/);
bucket('only-markers');
is((ask(list('only-markers')))[1], "below/Account.csv|v1|t|f\nbelow/Opportunity.csv|m1|f|t\nbelow/Opportunity.csv|m2|t|t", 'list: delete markers are listed');
bucket('null-versions');
my $nulls = (ask(list('null-versions')))[1];
like($nulls, qr/\Aa\|null:\S+\|t\|f\na\|v1\|f\|f\nb\|null:\S+\|t\|f\z/, 'list: "null" versions are told apart by their ETags');

# --- reads: rows of the object, or an error
my $small = '3|6';
my $large = '900000|405000450000';
for my $case (
	[ 'honest', 'as it should be', $small ],
	[ 'large', 'as it should be, in several ranges', $large ],
	[ 'no-length', 'no length, and closed at the end', $small ],
	[ 'chunked', 'in chunks', $small ],
	[ 'short-length', 'a length that is too short', '08P01', qr/another range/ ],
	[ 'long-length', 'a length that is too long', '08006', qr/GetObject/ ],
	[ 'no-length-cut', 'no length, and closed before the end', '08P01', qr/another range/ ],
	[ 'bad-chunk', 'a chunk whose size is none', '08006', qr/GetObject/ ],
	[ 'large-chunk', 'a chunk without bounds', '08006', qr/GetObject/ ],
	[ 'cut-chunk', 'chunks without an end', '08006', qr/GetObject/ ],
	[ 'other-range', 'another range', '08P01', qr/another range/ ],
	[ 'other-bytes', 'another range, later', '08P01|SF001', qr/another range|no longer has/ ],
	[ 'other-total', 'another size, later', 'SF001', qr/no longer has the version/ ],
	[ 'shorter-range', 'less than asked for, later', '08P01', qr/another range/ ],
	[ 'beyond', 'a size beyond the end', '08P01', qr/GetObject of "\S+" has (?:another range|fewer bytes)/ ],
	[ 'no-bound', 'a size without bounds', '08P01', qr/another range/ ],
	[ 'whole', '200 for a range', '08P01', qr/another status/ ],
	[ 'whole-later', '200 for a range, later', '08P01|08006', qr/another status|longer than expected/ ],
	[ 'no-place', '206 without its place', '08P01', qr/another range/ ],
	[ 'multipart', 'several ranges in one', '08P01', qr/another range/ ],
	[ 'gzip', 'compressed, which is undone', $small ],
	[ 'etag', 'another ETag, later', 'SF001', qr/no longer has the version/ ],
	[ 'no-etag', 'no ETag', '08P01', qr/another range/ ],
	[ 'more', 'more than was asked for', '08P01|08006', qr/longer than expected|another range/ ],
	[ 'no-http', 'no HTTP', '08006', qr/GetObject/ ],
	[ 'cut-head', 'headers that are cut off', '08006', qr/could not complete GetObject/ ],
	[ 'headers', 'a megabyte of headers', '08P01|08006', qr/longer than expected|GetObject/ ])
{
	my ($name, $what, $expected, $like) = @$case;
	bucket($name);
	$node->safe_psql('postgres', "CREATE FOREIGN TABLE \"t_$name\" (id bigint, name text) SERVER \"$name\" OPTIONS (path 'Account.csv', dialect 'csv')");
	my $sql = "SELECT count(*), sum(id) FROM \"t_$name\"";
	if (defined $like)
	{
		is_error("read: $what", $sql, $expected, $like);
	}
	else
	{
		my ($state, $out, $err) = ask($sql);
		is($out, $expected, "read: $what") or diag $err;
	}
}

# --- deletions: what is asked for is what was named, and what counts is what is named
sub delete_sql { return "SELECT array_to_string(test_storage_delete('$_[0]', '{a,b}', '{v1,v1}'), ', ')" }
my $asked = '<Delete><Object><Key>a</Key><VersionId>v1</VersionId></Object><Object><Key>b</Key><VersionId>v1</VersionId></Object></Delete>';
for my $case (
	[ 'honest', 'as it should be', 'deleted, deleted' ],
	[ 'others', 'keys that nobody asked for', 'deleted, unknown' ],
	[ 'other-version', 'another version', 'unknown, deleted' ],
	[ 'no-version', 'a key without a version', 'unknown, deleted' ],
	[ 'omits', 'one key is omitted', 'deleted, unknown' ],
	[ 'fails', 'one key fails', 'failed: the service answered "InternalError", deleted' ],
	[ 'both', 'one key fails, and is deleted', 'failed: the service answered "InternalError", deleted' ],
	[ 'blanks', 'blanks before it', 'deleted, deleted' ],
	[ 'error', 'an error within 200', '42501', qr/AccessDenied/ ],
	[ 'html', 'HTML', '08P01', qr/DeleteObjects/ ],
	[ 'cut', 'cut off', '08P01|08006', qr/DeleteObjects/ ],
	[ 'many', 'more keys than can be asked for', '08P01', qr/more than 1000 items/ ])
{
	my ($name, $what, $expected, $like) = @$case;
	bucket($name);
	if (defined $like)
	{
		is_error("delete: $what", delete_sql($name), $expected, $like);
	}
	else
	{
		my ($state, $out, $err) = ask(delete_sql($name));
		is($out, $expected, "delete: $what") or diag $err;
	}
	my @bodies = slurp_file($log) =~ /^POST \S+\s+(.*)$/mg;
	is(join("\n", grep { $_ ne $asked } @bodies), '', '... nothing else was asked to go');
	cmp_ok(scalar(@bodies), '>=', 1, '... and that was');
	is(scalar(() = slurp_file($log) =~ /^DELETE/mg), 0, '... nor one by one');
}
my ($a, $b) = map { (split /\|/)[1] } (split /\n/, $nulls)[ 0, 2 ];
my ($state, $out, $err) = ask("SELECT array_to_string(test_storage_delete('null-versions', '{a,b}', ARRAY[\$v\$$a\$v\$, \$v\$$b\$v\$]), ', ')");
like($out, qr/^deleted, (?!deleted)/, 'delete: a "null" version goes while it is what was listed') or diag $err;
my @drops = slurp_file($log) =~ /^(DELETE .*)$/mg;
is(scalar(@drops), 1, '... alone');
like($drops[0], qr/^DELETE \/null-versions\/a\?versionId=null "0123456789abcdef0123456789abcdef"$/, '... on that condition');

# --- runs: a bucket whose listing cannot be right is not run, and not purged
my $home = new_home();
for my $case (
	[ 'twice', 'the same version twice', '08P01' ],
	[ 'two-latest', 'two versions that are the latest', '08P01' ],
	[ 'marker-latest', 'a marker and a version that are the latest', '08P01' ],
	[ 'only-markers', 'markers alone', '58P01' ])
{
	my ($name, $what, $sqlstate) = @$case;
	my $database = $name =~ s/-/_/r;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	mkdir "$home/$_/$database" for qw(lake catalog);
	make_world($node, $database, $home, raw => "s3://$name/below/", lake => "file://$home/lake/$database/", catalog => "file://$home/catalog/$database/",
		server_options => s3_options($server), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		purge => "'location'", confirm => "'s3://$name/below/'");
	truncate $log, 0;
	my ($error, $output, $messages) = call_run($node, $database);
	like($error, qr/^(?:$sqlstate)$/, "run: $what: an error") or diag $messages;
	like($messages, qr/Opportunity\.csv|listing of/, '... that says of what');
	is(join(', ', slurp_file($log) =~ /^(?:GET \S+\.csv\S*|DELETE .*|POST .*)/mg), '', '... and nothing was read, and nothing deleted');
	is(value($node, $database, 'SELECT string_agg(stage, $$,$$) FROM crm.sales'), '', '... and nothing materialized');
	note("table: run: $what: " . ($messages =~ /ERROR:  (.*)/ ? $1 : 'none'));
}

is(join(', ', @unclear), '', 'no error tells of a status and no code');
cmp_ok($slowest, '<', $limit, 'nothing took long');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'and nothing crashed');
note(sprintf 'figure: %d errors, the slowest after %.1f s', $errors, $slowest);
$node->stop;
$hostile->kill_kill;
done_testing();
