# Claim: an export that is compressed with gzip or zstd, or in another encoding,
# is read as the plain one is: by IMPORT, by scans, by the planner's estimate, by
# the whole job in folders and in buckets, purge included.  A file that is torn,
# damaged, or grows beyond its ratio is an error that says at which byte of what,
# and shows no value.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use Encode qw(encode);
use IO::Compress::Gzip qw($GzipError);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $python = $ENV{SFDW_PYTHON} // die 'SFDW_PYTHON does not name a Python with pyarrow';
my $canary = 'Qx7CANARY9zK';
my $home = new_home();
my $node = PostgreSQL::Test::Cluster->new('compressed');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\njit = off\nlog_error_verbosity = verbose");
$node->start;

# The bytes compressed, as a file of its own or as a part of one.
sub gzipped
{
	my ($bytes) = @_;
	my $file;
	IO::Compress::Gzip::gzip(\$bytes => \$file, -Name => 'Account.csv', -Time => 0) or die $GzipError;
	return $file;
}

sub zstandard
{
	my ($bytes) = @_;
	write_text("$home/plain", $bytes);
	system_or_bail($python, '-c', 'import sys, pyarrow; data = open(sys.argv[1], "rb").read(); '
		  . 'open(sys.argv[2], "wb").write(pyarrow.compress(data, codec="zstd", asbytes=True))',
		"$home/plain", "$home/packed");
	return slurp_file("$home/packed");
}

my %pack = ('' => sub { $_[0] }, '.gz' => \&gzipped, '.zst' => \&zstandard);

# Compress the exports of a folder in place.
sub compress_exports
{
	my ($folder, $suffix) = @_;
	for my $name (grep { /\.csv$/ } files_below($folder))
	{
		write_text("$folder/$name$suffix", $pack{$suffix}->(slurp_file("$folder/$name")));
		unlink "$folder/$name";
	}
	return;
}

# --- the forms: every one is imported, and gives the same rows
my $text = "Id,Name,CreatedDate,City\r\n" . join('', map {
	sprintf "%s,Name %d,2024-01-%02dT10:00:00.000+0000,Montr\x{e9}al \x{153}%d\r\n", 'a' . $_, $_, 1 + $_ % 28, $_ % 97
} 1 .. 20000);
my $rows = 20000;
mkdir "$home/forms" or die $!;
my %form = (
	Plain__c => [ 'utf8', '' ],
	Gzip__c => [ 'utf8', '.gz' ],
	Zstd__c => [ 'utf8', '.zst' ],
	Little__c => [ 'utf16', '' ],
	Big__c => [ 'utf16', '.gz' ],
	Windows__c => [ 'windows-1252', '.zst' ]);
my %encoded = ('utf8' => encode('UTF-8', $text), 'windows-1252' => encode('cp1252', $text));
for my $object (sort keys %form)
{
	my ($encoding, $suffix) = @{ $form{$object} };
	my $bytes = $encoding eq 'utf16'
	  ? ($suffix eq '' ? "\xff\xfe" . encode('UTF-16LE', $text) : "\xfe\xff" . encode('UTF-16BE', $text))
	  : $encoded{$encoding};
	write_text("$home/forms/$object.csv$suffix", $pack{$suffix}->($bytes));
}
# Two members, two frames: what pigz and zstd -T0 and cat make.
my $half = length($encoded{utf8}) >> 1;
write_text("$home/forms/Gzip__c.csv.gz", join('', map { gzipped($_) } substr($encoded{utf8}, 0, $half), '', substr($encoded{utf8}, $half)));
write_text("$home/forms/Zstd__c.csv.zst", join("\x50\x2a\x4d\x18\3\0\0\0abc", map { zstandard($_) } substr($encoded{utf8}, 0, $half), substr($encoded{utf8}, $half)));
# gzip under a plain file's name, as a Content-Encoding leaves it.
write_text("$home/forms/Hidden__c.csv", gzipped($encoded{utf8}));

$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE SERVER forms FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/forms/', dialect 'csv');
CREATE SCHEMA forms;
IMPORT FOREIGN SCHEMA salesforce EXCEPT (windows__c) FROM SERVER forms INTO forms;
CREATE FOREIGN TABLE forms.windows__c (id text, name text, createddate timestamptz, city text)
	SERVER forms OPTIONS (object 'Windows__c', compression 'zstd', encoding 'windows-1252');
SQL
is($node->safe_psql('postgres', "SELECT string_agg(relname || ':' || array_to_string(ftoptions, ' '), E'\\n' ORDER BY relname) FROM pg_foreign_table JOIN pg_class ON oid = ftrelid"),
	join("\n", 'big__c:object=Big__c dialect=csv compression=gzip encoding=utf16',
		'gzip__c:object=Gzip__c dialect=csv compression=gzip', 'hidden__c:object=Hidden__c dialect=csv',
		'little__c:object=Little__c dialect=csv encoding=utf16', 'plain__c:object=Plain__c dialect=csv',
		'windows__c:object=Windows__c compression=zstd encoding=windows-1252',
		'zstd__c:object=Zstd__c dialect=csv compression=zstd'),
	'IMPORT writes down how each file is stored');
my $digest = 'SELECT count(*), md5(string_agg(t::text, \'\' ORDER BY id)) FROM';
my $plain = $node->safe_psql('postgres', "$digest forms.plain__c t");
like($plain, qr/^$rows\|/, 'the plain file has all rows');
is($node->safe_psql('postgres', 'SELECT city FROM forms.plain__c LIMIT 1'), encode('UTF-8', "Montr\x{e9}al \x{153}1"), 'and its letters');
for my $object (grep { $_ ne 'Plain__c' } sort(keys %form, 'Hidden__c'))
{
	my $table = "forms.\L$object";
	is($node->safe_psql('postgres', "$digest $table t"), $plain, "$object has the same rows");
	my ($estimate) = $node->safe_psql('postgres', "EXPLAIN SELECT * FROM $table") =~ /rows=(\d+)/;
	cmp_ok(abs($estimate - $rows), '<', $rows * 0.25, "$object is estimated at $estimate rows");
}
my $explained = $node->safe_psql('postgres', 'EXPLAIN (ANALYZE, TIMING off, SUMMARY off) SELECT id FROM forms.gzip__c');
my $size = -s "$home/forms/Gzip__c.csv.gz";
like($explained, qr/Object Size: $size bytes\n.*Bytes Read: $size bytes/s, 'EXPLAIN counts the bytes of the object');
is($node->safe_psql('postgres', "SELECT count(*) FROM salesforce_fdw.sync_columns('forms.big__c')"), '0', 'sync_columns reads it too');

# --- both forms of one object: which is meant?
write_text("$home/forms/Gzip__c.csv", $encoded{utf8});
my ($state, $out, $err) = attempt($node, 'postgres', 'CREATE SCHEMA again; IMPORT FOREIGN SCHEMA salesforce LIMIT TO (gzip__c) FROM SERVER forms INTO again', user => $ENV{PGUSER} // getpwuid($<));
is($state, '42P07', 'two forms of one object are refused');
like($err, qr{"file://[^"]*/Gzip__c\.csv" and "file://[^"]*/Gzip__c\.csv\.gz"}, '... by both names');
unlink "$home/forms/Gzip__c.csv";

# --- bad input
mkdir "$home/bad" or die $!;
$node->safe_psql('postgres', <<"SQL");
CREATE SERVER bad FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/bad/', dialect 'csv');
CREATE FOREIGN TABLE gz (id text, name text) SERVER bad OPTIONS (object 'Bad', compression 'gzip');
CREATE FOREIGN TABLE gz_latin (id text, name text) SERVER bad OPTIONS (object 'Bad', compression 'gzip', encoding 'windows-1252');
CREATE FOREIGN TABLE gz_ratio (id text, name text) SERVER bad OPTIONS (object 'Bad', compression 'gzip', max_ratio '1000000');
CREATE FOREIGN TABLE zst (id text, name text) SERVER bad OPTIONS (object 'Bad', compression 'zstd');
CREATE FOREIGN TABLE plain (id text, name text) SERVER bad OPTIONS (object 'Bad');
CREATE FOREIGN TABLE none (id text, name text) SERVER bad OPTIONS (object 'Bad', compression 'none');
CREATE FOREIGN TABLE utf16 (id text, name text) SERVER bad OPTIONS (object 'Bad', encoding 'utf16');
CREATE FOREIGN TABLE gz_path (id text, name text) SERVER bad OPTIONS (path 'Bad.csv.gz');
SQL

my %file = (plain => '', none => '', utf16 => '', zst => '.zst');

# Reading this file through a table fails so, and neither client nor log sees a
# value of it.
sub refused
{
	my ($claim, $table, $bytes, $sqlstate, $where) = @_;
	my $name = 'Bad.csv' . ($file{$table} // '.gz');
	write_text("$home/bad/$name", $bytes);
	my $before = -s $node->logfile;
	my ($code, $stdout, $stderr) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT count(id), count(name) FROM $table");
	like($stderr, qr/ERROR:  $sqlstate: could not read object "file:[^"]*\/\Q$name\E": $where/, $claim);
	unlike($stdout . $stderr . substr(slurp_file($node->logfile), $before), qr/$canary/, "$claim: no value is shown");
	return;
}

my $good = "Id,Name\r\n" . join('', map { "$_,$canary $_\r\n" } 1 .. 30000);
my %whole = (gz => gzipped($good), zst => zstandard($good));
for my $table (qw(gz zst))
{
	my $length = length $whole{$table};
	for my $at (0, 1, 3, 9, 20, $length >> 1, $length - 8, $length - 1)
	{
		refused("$table: torn at byte $at", $table, substr($whole{$table}, 0, $at), '22P04',
			"byte $at of the compressed data: (gzip|zstd) file ends before its end");
	}
	refused("$table: something behind the end", $table, "$whole{$table}$canary", '22P04', "byte $length of the compressed data: data behind the end");
	refused("$table: plain text", $table, $good, '22P04', 'byte 0 of the compressed data: data is not compressed with');
	my $damaged = $whole{$table};
	substr($damaged, $length >> 1, 40) = $canary x 3;
	refused("$table: damaged", $table, $damaged, '22P04', '(record \d+, )?byte \d+ of the (de)?compressed data');
}
refused('the other compression', 'gz', $whole{zst}, '22P04', 'byte 0 of the compressed data: data is not compressed with gzip');
refused('the name says so', 'gz_path', $good, '22P04', 'byte 0 of the compressed data: data is not compressed with gzip');
refused('compressed, though the option says no', 'none', $whole{gz}, '0A000', 'header, byte 0: file is compressed with gzip');
refused('compressed twice', 'gz', gzipped($whole{gz}), '0A000', 'header, byte 0 of the decompressed data: file is compressed with gzip');
refused('a ZIP archive', 'plain', "PK\3\4$canary", '0A000', 'header, byte 0: file is a ZIP archive');
refused('a Parquet file', 'plain', "PAR1$canary", '0A000', 'header, byte 0: file is a Parquet file');
refused('an archive within gzip', 'gz', gzipped("PK\3\4$canary"), '0A000', 'header, byte 0 of the decompressed data: file is a ZIP archive');
refused('an empty text within gzip', 'gz', gzipped(''), '22P04', 'header, byte 0 of the decompressed data: file has no header');
my $bomb = gzipped("Id,Name\r\n1,$canary\r\n" . ("2,3\r\n" x 10_000_000));
refused('a bomb', 'gz', $bomb, '54000', 'byte \d+ of the compressed data: data grows to more than 250 times its size');
is($node->safe_psql('postgres', 'SELECT count(*) FROM gz_ratio'), '10000001', '... unless the option lets it');

# What is wrong with the text says which bytes it counts.
my $ragged = "Id,Name\r\n1,$canary\r\n2,$canary,3\r\n";
my $byte = index($ragged, '2,');
refused('a ragged record', 'plain', $ragged, '22P04', "record 2, byte $byte: record has 3 fields");
refused('a ragged record within gzip', 'gz', gzipped($ragged), '22P04', "record 2, byte $byte of the decompressed data: record has 3 fields");
refused('a ragged record in UTF-16', 'utf16', "\xff\xfe" . encode('UTF-16LE', $ragged), '22P04', "record 2, byte $byte of the text in UTF-8: record has 3 fields");
refused('invalid UTF-8 within gzip', 'gz', gzipped("Id,Name\r\n1,$canary\xff\r\n"), '22021', 'record 1, byte 23 of the decompressed data, column "name"');
refused('a byte that Windows-1252 has not', 'gz_latin', gzipped("Id,Name\r\n1,$canary\x81\r\n"), '22021', 'byte 23 of the decompressed data: byte that encoding windows-1252');
refused('half a pair of UTF-16', 'utf16', "\xff\xfe" . encode('UTF-16LE', "Id,Name\n1,$canary") . "\x3d\xd8" . encode('UTF-16LE', "\n"), '22021', 'byte 46: surrogate');
refused('UTF-16 cut within a character', 'utf16', "\xff\xfe" . encode('UTF-16LE', "Id,Name\n1,$canary") . "\n", '22021', 'byte 47: file ends in the middle');
refused('no UTF-16', 'utf16', $good, '22021', 'byte 0: file does not start with the byte order mark');
refused('UTF-16 that no option tells of', 'plain', "\xff\xfe" . encode('UTF-16LE', $good), '0A000', 'header, byte 0: file is encoded in UTF-16');

# --- a rescan, a LIMIT, a cursor that is left: nothing is wrong after them
write_text("$home/bad/Bad.csv.gz", $whole{gz});
is($node->safe_psql('postgres', <<'SQL'), "1|1\n90000\n30000", 'rescans and scans that stop early');
SELECT (SELECT count(*) FROM (SELECT id FROM gz LIMIT 1) t), 1;
SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT count(*) FROM (VALUES (1), (2), (3)) v (i) LEFT JOIN LATERAL (SELECT id, i FROM gz) g ON true;
BEGIN; DECLARE c CURSOR FOR SELECT * FROM gz; MOVE 5 IN c; COMMIT;
SELECT count(*) FROM gz;
SQL

# --- memory: that of a small file's scan, whatever the size (without jit, whose
# library takes more than anything here)
sub growth
{
	my ($table) = @_;
	my ($before, $after) = split /\n/, $node->safe_psql('postgres', <<"SQL");
CREATE TEMP TABLE memory (line text);
SELECT set_config('sfdw.rows', (SELECT count(*) FROM forms.plain__c)::text, false) \\g /dev/null
COPY memory FROM PROGRAM 'grep VmHWM /proc/\$PPID/status | tr -dc 0-9';
SELECT line FROM memory;
TRUNCATE memory;
SELECT set_config('sfdw.rows', (SELECT count(*) FROM $table)::text, false) \\g /dev/null
COPY memory FROM PROGRAM 'grep VmHWM /proc/\$PPID/status | tr -dc 0-9';
SELECT line FROM memory;
SQL
	return $after - $before;
}
{
	my $large = $encoded{utf8} . join('', map { substr($encoded{utf8}, 26) } 1 .. 60);
	my $limit = $ENV{SFDW_SLOW} ? 256 * 1024 : 16 * 1024;
	for my $suffix (qw(.gz .zst))
	{
		write_text("$home/forms/Large__c.csv$suffix", $pack{$suffix}->($large));
		my $kind = $suffix eq '.gz' ? 'gzip' : 'zstd';
		$node->safe_psql('postgres', "CREATE FOREIGN TABLE forms.large_$kind (id text, name text, createddate timestamptz, city text) SERVER forms OPTIONS (object 'Large__c', compression '$kind')");
		my $kb = growth("forms.large_$kind");
		cmp_ok($kb, '<', $limit, sprintf('%s: %d MB of text take %d kB', $kind, length($large) >> 20, $kb));
	}
}

# --- the whole job, in folders
for my $case ([ 'gz', '.gz', 'gzip' ], [ 'zst', '.zst', 'zstd' ])
{
	my ($database, $suffix, $compression) = @$case;
	system_or_bail('find', "$home/$_", '-mindepth', '1', '-delete') for qw(raw lake catalog);
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	make_world($node, $database, $home);
	write_exports("$home/raw", 1);
	compress_exports("$home/raw", $suffix);
	$node->safe_psql($database, <<"SQL");
ALTER FOREIGN TABLE raw.account OPTIONS (ADD compression '$compression');
ALTER FOREIGN TABLE raw.opportunity OPTIONS (ADD compression '$compression');
SET ROLE etl;
SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 'file://$home/raw/');
SQL
	($state, $out, $err) = call_run($node, $database);
	is($state, '', "$suffix: the run") or diag($err);
	is(published_rows($node, $database), expected_rows(1), "$suffix: the rows");
	is(join(' ', files_below("$home/raw")), '', "$suffix: the raw files are gone, the unread one too");
	is($node->safe_psql($database, "SELECT string_agg(key, ' ' ORDER BY key) FROM salesforce_fdw.run_inputs"),
		"Account.csv$suffix Contact.csv$suffix Opportunity.csv$suffix", "$suffix: the ledger names them");

	# A torn export ends the run, publishes nothing and is not purged.
	write_exports("$home/raw", 2);
	compress_exports("$home/raw", $suffix);
	my $torn = slurp_file("$home/raw/Opportunity.csv$suffix");
	write_text("$home/raw/Opportunity.csv$suffix", substr($torn, 0, -3));
	($state, $out, $err) = call_run($node, $database);
	is($state, '22P04', "$suffix: a torn export ends the run");
	is(published_rows($node, $database), expected_rows(1), "$suffix: yesterday's rows stay");
	is(join(' ', files_below("$home/raw")), "Account.csv$suffix Contact.csv$suffix Opportunity.csv$suffix", "$suffix: and the raw files");
	write_text("$home/raw/Opportunity.csv$suffix", $torn);
	($state, $out, $err) = call_run($node, $database, force => 1);
	is($state, '', "$suffix: the whole one is taken") or diag($err);
	is(published_rows($node, $database), expected_rows(2), "$suffix: with its rows");
}

# --- the same in a bucket, with an export of several ranges
my $server = start_s3();
my $moto = start_moto();
my $raw = 'bes/crm/salesforce/';
my $many = 60000;
s3($server, 'make', $_, 'Enabled') for qw(raw lake);
system_or_bail('find', "$home/raw", '-mindepth', '1', '-delete');
$node->safe_psql('postgres', 'CREATE DATABASE w');
make_world($node, 'w', $home, raw => "s3://raw/$raw", lake => 's3://lake/', catalog => 'glue', create_database => 1,
	server_options => s3_options($server, $moto), mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");
write_exports("$home/raw", 1, rows => $many, wide => 1);
my $stages = slurp_file("$home/raw/Opportunity.csv");
compress_exports("$home/raw", '.gz');
cmp_ok(-s "$home/raw/Opportunity.csv.gz", '>', 8 * 1024 * 1024, 'the compressed export is larger than a range');
s3($server, 'put', 'raw', "$raw$_.csv.gz", "$home/raw/$_.csv.gz") for qw(Account Opportunity Contact);
$node->safe_psql('w', <<"SQL");
ALTER FOREIGN TABLE raw.account OPTIONS (ADD compression 'gzip');
ALTER FOREIGN TABLE raw.opportunity OPTIONS (ADD compression 'gzip');
SET ROLE etl;
SELECT salesforce_fdw.alter_dataset('sales', purge => 'location', confirm => 's3://raw/$raw');
SQL
($state, $out, $err) = call_run($node, 'w');
is($state, '', 'the run over a bucket') or diag($err);
my ($first) = $stages =~ /\A[^\n]*\n[^,]*,[^,]*,([^,]*),/;
is($node->safe_psql('w', 'SELECT count(*), count(DISTINCT stage), min(stage) FILTER (WHERE opportunityid LIKE \'006000000000001%\') FROM crm.sales'),
	"$many|$many|$first", 'all rows, each once');
is(s3($server, 'list', 'raw'), '', 'and nothing is left in the raw bucket');
$node->stop;
done_testing();
