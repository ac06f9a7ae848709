# Claim: an object that is replaced at any byte of a scan is read as it was or
# not at all, never half of it: with versions the old one to its end, without
# them an error; and a listing that is late, a body that drips and a server that
# sends blanks while it works lose nothing and double nothing.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;
use Time::HiRes qw(time);

# How many places; how large the file is; how much a request asks for.
my $places = $ENV{SFDW_SLOW} ? 2 : $ENV{SFDW_ALL} ? 500 : 15;
my $megabyte = 1024 * 1024;
my $range = 8 * $megabyte;
my $blanks = $ENV{SFDW_ALL} ? 90 : 3;

my $s3 = start_s3();
my $moto = start_moto();
my $proxy = start_faults($s3->{port});
my $folder = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('moving_objects');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nsession_preload_libraries = 'salesforce_fdw'");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');

# --- two files of the same length, each of one letter; three ranges
my $rows = 0;
{
	my @files = map { open my $file, '>', "$folder/$_.csv" or die $!; $file } qw(a b);
	print $_ "Id,Name\n" for @files;
	while (tell($files[0]) < 2.5 * $range)
	{
		for my $file (0, 1)
		{
			print { $files[$file] } join '', map { sprintf "%08d,%s\n", $rows + $_, ('a', 'b')[$file] x 91 } 1 .. 1000;
		}
		$rows += 1000;
	}
}
my $size = -s "$folder/a.csv";
my %url;
for my $bucket (qw(versions plain))
{
	s3($s3, 'make', $bucket, $bucket eq 'versions' ? 'Enabled' : ());
	add_s3_server($node, 'postgres', $proxy, name => $bucket, location => "s3://$bucket/");
	$node->safe_psql('postgres', "CREATE FOREIGN TABLE $bucket (id bigint, name text) SERVER $bucket OPTIONS (path 'Account.csv', dialect 'csv')");
	$url{$bucket} = s3($s3, 'presign', $bucket, 'Account.csv');
}

# Run SQL: its output, or its error.
sub answer
{
	my ($sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	return $status == 0 ? $out : $err;
}

# A command that replaces the object.
sub replace
{
	my ($bucket, $letter) = @_;
	return "python3 -S -E $FindBin::RealBin/../servers/put_url.py '$url{$bucket}' $folder/$letter.csv";
}

my $scan = 'SELECT count(*), min(name), max(name), sum(id) FROM';
srand(7);
for my $bucket (qw(versions plain))
{
	my ($old, $new) = qw(a b);
	system_or_bail('sh', '-c', replace($bucket, $old));
	my ($whole, $errors, @wrong) = (0, 0);
	for my $place (1 .. $places)
	{
		# The first byte of a range, the last one, and anywhere.
		my $byte = int rand $size;
		$byte -= $byte % $range if $place % 5 == 0;
		$byte += $range - 1 - $byte % $range if $place % 5 == 1 && $byte + $range < $size;
		set_rules($proxy, { match => "^GET /$bucket/Account", nth => 1 + int($byte / $range), do => 'midway', bytes => $byte % $range, command => replace($bucket, $new) });
		my $got = answer("$scan $bucket");
		my ($is_whole, $is_new) = map { $got eq sprintf '%d|%s|%s|%d', $rows, $_ x 91, $_ x 91, $rows * ($rows + 1) / 2 } $old, $new;
		my $is_error = $got =~ /ERROR:  SF001: .*no longer has the version/;
		# The first request is the planner's; what has changed by then is read as
		# it is.  After a scan that ended with an error, one of its requests may
		# arrive late and be counted: then the planner's is the second.
		push @wrong, "byte $byte: $got" unless $is_whole || $is_new && ($byte < $range || $bucket eq 'plain') || $bucket eq 'plain' && $is_error;
		push @wrong, "byte $byte: not replaced" if requests($proxy, qr/ midway$/) != 1;
		$whole++ if $is_whole || $is_new;
		$errors++ if $is_error;
		($old, $new) = ($new, $old);
		s3($s3, 'thin', $bucket) if $bucket eq 'versions' && $place % 20 == 0;
	}
	is("@wrong", '', "$bucket: replaced at any of $places bytes, nothing is mixed");
	is($whole, $places, '... and every scan ends with rows') if $bucket eq 'versions';
	cmp_ok($errors, '>=', $places / 4, '... and many scans end with an error') if $bucket eq 'plain';
	note("figure: $bucket: replaced at $places bytes: $whole scans of one object, $errors errors, " . @wrong . ' mixed');
}

# --- bodies that come slowly, or too short
my $right = answer("$scan versions");
for my $case (
	[ 'a body that drips: the same rows', qr/^\Q$right\E$/, { do => 'drip', pieces => 10, seconds => 0.3 } ],
	[ 'a body that is a byte too short: an error', qr/ERROR:  08P01: .*another range than asked for/, { do => 'short' } ])
{
	my ($what, $like, $rule) = @$case;
	set_rules($proxy, { match => '^GET /versions/Account', nth => 2, %$rule });
	like(answer("$scan versions"), $like, $what);
	is(requests($proxy, qr/ $rule->{do}$/), 1, '... having come');
}

# --- whole runs, on listings that are late
my $home = new_home();
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);
for my $day (0 .. 3)
{
	mkdir "$home/day$day";
	write_exports("$home/day$day", $day);
}
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home, raw => 's3://raw/day/', lake => 's3://lake/', catalog => 'glue', create_database => 1,
	server_options => s3_options($proxy, $moto), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
	purge => "'location'", confirm => "'s3://raw/day/'");
sub export_day { s3($s3, 'put-all', 'raw', 'day/', "$home/day$_[0]", qw(Account.csv Opportunity.csv Contact.csv)); return }
sub newest { return value($node, 'w', 'SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1') }
my %listing = (match => '^GET /raw/\?.*versions=');
sub keep_listing
{
	set_rules($proxy, { %listing, do => 'keep' });
	$node->safe_psql('w', "SET ROLE etl; SELECT count(*) FROM salesforce_fdw.object_versions('raw_exports')");
	return;
}

export_day(0);
keep_listing();
export_day(1);
set_rules($proxy, { %listing, do => 'stale', times => 1 });
my ($error, $out, $err) = call_run($node, 'w');
is($error, '', 'a listing from before the newest export: the run') or diag $err;
is(requests($proxy, qr/ stale$/), 1, '... having met it');
is(published_rows($node, 'w'), expected_rows(0), '... publishes what was listed');
my @left = split /\n/, s3($s3, 'list', 'raw');
is(scalar(grep { /\|Version\|/ } @left), 3, '... and purges that, not the newest export') or diag "@left";
set_rules($proxy);
($error, $out, $err) = call_run($node, 'w');
is($error, '', '... the next CALL') or diag $err;
is(published_rows($node, 'w'), expected_rows(1), '... publishes the newest');
is(s3($s3, 'list', 'raw'), '', '... and nothing raw is left');

export_day(2);
keep_listing();
set_rules($proxy, { %listing, do => 'stale', times => 1000 });
($error, $out, $err) = call_run($node, 'w');
is(published_rows($node, 'w'), expected_rows(2), 'listings that never change: the run publishes');
isnt(newest(), 'closed', '... and is not closed, for the listing says that something is left');
set_rules($proxy, { %listing, do => 'stale', times => 1 });
($error, $out, $err) = call_run($node, 'w');
isnt($error . newest(), 'closed', 'a listing of what is gone already is no proof either');
set_rules($proxy);
($error, $out, $err) = call_run($node, 'w');
is(newest(), 'closed', '... the CALL after it closes the run') or diag $err;
is(published_rows($node, 'w'), expected_rows(2), '... with its rows');
is(s3($s3, 'list', 'raw'), '', '... and nothing raw is left');

# --- blanks while it copies and completes
export_day(3);
set_rules($proxy, { match => '^(PUT|POST) /lake/sales/sales.parquet\?.*uploadId=', do => 'blanks', seconds => $blanks });
my $begun = time;
($error, $out, $err) = call_run($node, 'w');
is($error, '', "blanks for $blanks seconds before an answer: the run") or diag $err;
cmp_ok(time - $begun, '>=', 2 * $blanks, '... waits for it');
is(requests($proxy, qr/ blanks$/), 2, '... of the copy and of the completion, asked once each');
is(published_rows($node, 'w'), expected_rows(3), '... and publishes');
is(newest(), 'closed', '... and closes');

$node->stop;
done_testing();
