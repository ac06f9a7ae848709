# What is wrong with a file is an error with an SQLSTATE that names object,
# record, byte and column, and no value of the file gets into an error message,
# whether the client's or the server log's.  Each file carries a canary;
# file_fdw, which prints what it refuses, is the control of the search.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $canary = 'Qx7CANARY9zK';
my $folder = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('bad_input');
$node->init;
$node->append_conf('postgresql.conf', 'log_error_verbosity = verbose');
$node->start;
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION salesforce_fdw;
CREATE EXTENSION file_fdw;
CREATE SERVER raw FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$folder/');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE bad (id text, name text, n integer, d date, ts timestamptz)
	SERVER raw OPTIONS (object 'Bad', dialect 'cds');
CREATE FOREIGN TABLE plain (id text, name text)
	SERVER raw OPTIONS (object 'Bad', dialect 'csv');
CREATE FOREIGN TABLE small (id text, name text)
	SERVER raw OPTIONS (object 'Bad', dialect 'cds', max_record_size '1kB');
CREATE FOREIGN TABLE typed (id text, b boolean, i2 smallint, i8 bigint, num numeric(4,1),
		f double precision, t time, u uuid, j jsonb, v varchar(5))
	SERVER raw OPTIONS (object 'Bad', dialect 'cds');
CREATE FOREIGN TABLE control (id text, name text, n integer, d date, ts timestamptz)
	SERVER files OPTIONS (filename '$folder/Bad.csv', format 'csv', header 'true');
SQL

my $header = "Id,Name,N,D,Ts\r\n";
my $good = "001,$canary,1,2024-01-15,2024-01-15T14:30:00.000+0000\r\n";
my $hits = 0;

# Write the file that the tables read.
sub write_bad
{
	my ($content) = @_;
	open(my $file, '>:raw', "$folder/Bad.csv") or die $!;
	print $file $content;
	close($file);
	return;
}

# Run a statement; returns what the client was told and what the log got.
sub run_logged
{
	my ($sql) = @_;
	my $before = -s $node->logfile;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	my $log = substr(slurp_file($node->logfile), $before);
	return ($out, $err, $log);
}

# Run the control on the same file and count the canaries that it lets out.
sub run_control
{
	my ($out, $err, $log) = run_logged('SELECT count(id), count(d) FROM control');
	my @found = "$err$log" =~ /$canary/g;
	$hits += @found;
	return;
}

# One bad file: the error has this SQLSTATE and text, and no canary.  The byte
# is that of the first place where $at stands in the file.
sub refused
{
	my ($claim, $content, $sql, $sqlstate, $where, $text) = @_;
	write_bad($content);
	my ($out, $err, $log) = run_logged($sql);
	my $url = quotemeta("file://$folder/Bad.csv");
	like($err, qr/ERROR:  $sqlstate: could not read object "$url": $where.*$text/, $claim);
	unlike("$out$err$log", qr/$canary/, "$claim: no value is shown");
	like($log, qr/$sqlstate/, "$claim: the log has the error");
	run_control();
	return;
}

# "record R, byte B", B being where $needle starts in $content, plus $plus.
sub at
{
	my ($record, $content, $needle, $plus, $column) = @_;
	my $byte = index($content, $needle);
	die "needle" if $byte < 0;
	$byte += $plus // 0;
	return "record $record, byte $byte" . (defined $column ? ", column \"$column\"" : '');
}

my $all = 'SELECT * FROM bad';
my $content;

# The header.
unlink("$folder/Bad.csv");
{
	my ($out, $err, $log) = run_logged($all);
	like($err, qr/ERROR:  58P01: .*file:\/\/\Q$folder\E\/Bad\.csv/, 'a missing file');
}
refused('an empty file', '', $all, '22P04', '', '');
refused('a duplicate header name', "Id,Name,NAME,N,D,Ts\r\n", $all, '42701',
	'', 'field "name" of column "name" twice');
refused('a duplicate header name tells both spellings', "Id,Name,NAME,N,D,Ts\r\n$good",
	$all, '42701', '(?s).*', '"Name" and "NAME"');
refused('a missing needed column', "Id,Name,N,Ts\r\n001,$canary,1,\r\n", $all, 'HV005',
	'', 'no field "d" for column "d" of foreign table "bad"');
refused('a file without its header', $good, $all, 'HV005', '', 'no field "id"');
refused('UTF-16', "\xff\xfe" . join('', map { "$_\0" } split(//, $header)), $all,
	'0A000', '', 'UTF-16');
refused('UTF-16 of the other order', "\xfe\xff" . join('', map { "\0$_" } split(//, $header)),
	$all, '0A000', '', 'UTF-16');

# Records.
$content = "$header${good}002,$canary,2\r\n";
refused('a record with too few fields', $content, $all, '22P04', at(2, $content, '002'), '');
$content = "$header${good}002,$canary,2,,,,\r\n";
refused('a record with too many fields', $content, $all, '22P04', at(2, $content, '002'), '');
$content = "$header${good}002,\"$canary,2,,\r\n003,a,1,,\r\n";
refused('an unclosed quote', $content, $all, '22P04', at(2, $content, qq("$canary), 0, 'name'), '');
$content = "$header${good}002,\"$canary\"x,2,,\r\n";
refused('text behind a closing quote', $content, $all, '22P04', at(2, $content, '"x', 1, 'name'), '');
$content = "$header${good}002,x\"$canary,2,,\r\n";
refused('a quote within an unquoted field', $content, $all, '22P04', at(2, $content, 'x"', 1, 'name'), '');
refused('a broken field that no column needs', $content, 'SELECT id FROM bad', '22P04',
	at(2, $content, 'x"', 1) . ', field 2', '');
$content = "$header${good}002,$canary\rx,2,,\r\n";
refused('a lone carriage return', $content, $all, '22P04', at(2, $content, "\rx", 0, 'name'), '');
$content = "$header${good}002,$canary\0x,2,,\r\n";
refused('a NUL', $content, $all, '2202[1-9]|22P04', at(2, $content, "\0x", 0, 'name'), '');
$content = $header . $good . '002,' . ($canary x 200) . ",2,,\r\n";
refused('a record larger than max_record_size', $content, 'SELECT * FROM small', '54000',
	'record 2, byte \d+', '');

# Text.
$content = "$header${good}002,$canary\xe9,2,,\r\n";
refused('invalid UTF-8', $content, $all, '22021', at(2, $content, "\xe9", 0, 'name'), '');
refused('invalid UTF-8 in the plain dialect', $content, 'SELECT * FROM plain', '22021',
	at(2, $content, "\xe9", 0, 'name'), '');
$content = "$header${good}002,$canary\\ud800,2,,\r\n";
refused('an escaped surrogate', $content, $all, '22021', at(2, $content, '\ud800', 0, 'name'), '');
$content = "$header${good}002,$canary\\x00,2,,\r\n";
refused('an escaped NUL', $content, $all, '22021', at(2, $content, '\x00', 0, 'name'), '');
$content = "$header${good}002,$canary\\x4,2,,\r\n";
refused('a truncated escape', $content, $all, '22P04', at(2, $content, '\x4', 0, 'name'), '');
$content = "$header${good}002,$canary\\,2,,\r\n";
refused('a backslash at the end', $content, $all, '22P04', at(2, $content, '\,', 0, 'name'), '');
$content = "$header${good}002,$canary\\q,2,,\r\n";
refused('an escape that does not exist', $content, $all, '22P04',
	at(2, $content, '\q', 0, 'name'), '');
$content = "$header${good}002,\"say \"\"$canary\"\" \\q\",2,,\r\n";
refused('an escape that does not exist, behind doubled quotes', $content, $all, '22P04',
	at(2, $content, '\q', 0, 'name'), '');

# Typed values: the bad value is the canary or stands beside it.
for my $value ($canary, '1.5', '0x10', ' 1', '1 ', '--1')
{
	$content = "$header${good}002,$canary,$value,,\r\n";
	refused("\"$value\" for an integer", $content, $all, '22P02',
		'record 2, byte \d+, column "n"', '');
}
$content = "$header${good}002,$canary,2147483648,,\r\n";
refused('a number out of range', $content, $all, '22003', 'record 2, byte \d+, column "n"', '');
for my $value ($canary, '2024-02-30', '2023-02-29', '2024-13-01', '2024-00-10', '0000-00-00',
	'01/02/2024', '20240115', '2024-01-15T00:00:00.000+0000', 'infinity', 'today')
{
	$content = "$header${good}002,$canary,2,$value,\r\n";
	refused("\"$value\" for a date", $content, $all, '2200[78]',
		'record 2, byte \d+, column "d"', '');
}
for my $value ($canary, '2024-02-30T00:00:00.000+0000', '2024-01-15T24:00:00.000+0000',
	'2024-01-15T14:30:60.000+0000', '2024-01-15T14:30:00.000', '2024-01-15',
	'2024-01-15T14:30:00.000+9999', '2024-01-15 14:30 EST', 'now')
{
	$content = "$header${good}002,$canary,2,,$value\r\n";
	refused("\"$value\" for a timestamp", $content, $all, '2200[78]',
		'record 2, byte \d+, column "ts"', '');
}
my $typed = "Id,B,I2,I8,Num,F,T,U,J,V\r\n";
my @typed = (
	[ 'b', '22P02', "$canary,,,,,,,," ], [ 'b', '22P02', 'yes,,,,,,,,' ],
	[ 'i2', '22003', ',32768,,,,,,,' ],
	[ 'i8', '22003', ',,9223372036854775808,,,,,,' ],
	[ 'num', '22P02', ",,,$canary,,,,," ], [ 'num', '22003', ',,,1000,,,,,' ],
	[ 'num', '22P02', ',,,NaN,,,,,' ], [ 'num', '22P02', ',,,Infinity,,,,,' ],
	[ 'f', '22P02', ",,,,$canary,,,," ], [ 'f', '22003', ',,,,1e400,,,,' ],
	[ 'f', '22P02', ',,,,nan,,,,' ],
	[ 't', '2200[78]', ",,,,,$canary,,," ], [ 't', '2200[78]', ',,,,,25:00:00,,,' ],
	[ 'u', '22P02', ",,,,,,$canary,," ],
	[ 'j', '22P02', ",,,,,,,\"{\"\"a\"\": $canary}\"," ],
	[ 'j', '22P02', ",,,,,,,\"{\"\"$canary\"\": \"\"\\\\u0000\"\"}\"," ],
	[ 'v', '22001', ",,,,,,,,$canary" ]);
for my $case (@typed)
{
	my ($column, $sqlstate, $fields) = @$case;
	$content = "${typed}001,$fields\r\n";
	refused("$fields refused for column $column", $content, 'SELECT * FROM typed', $sqlstate,
		"record 1, byte \\d+, column \"$column\"", '');
}
$content = "$header${good}002,$canary\\n$canary,2,,\r\n";
$node->safe_psql('postgres', "CREATE FOREIGN TABLE short (id text, name varchar(15)) SERVER raw OPTIONS (object 'Bad', dialect 'cds')");
refused('an escaped text that is too long', $content, 'SELECT * FROM short', '22001',
	at(2, $content, "$canary\\n", 0, 'name'), '');
$node->safe_psql('postgres', "CREATE FOREIGN TABLE choices (id text, name text[]) SERVER raw OPTIONS (object 'Bad', dialect 'cds')");
$content = "$header${good}002,$canary" . (';' x 10000) . ",2,,\r\n";
refused('more values than a picklist has', $content, 'SELECT * FROM choices', '54000',
	'record 2, byte \d+, column "name"', '');
# IMPORT reads the same files: what it cannot read it refuses, and it shows no
# value either.
my @headers = (
	[ 'an empty file', '', '22P04' ],
	[ 'an unclosed quote', "$header${good}002,\"$canary,2,,\r\n", '22P04' ],
	[ 'text behind a closing quote', "$header${good}002,\"$canary\"x,2,,\r\n", '22P04' ],
	[ 'a header that is not UTF-8', "Id,$canary\xe9\r\n$good", '22021' ],
	[ 'a header without an end', "Id,\"$canary" . ('x' x 300000) . "\"\r\n$good", '54000' ],
	[ 'UTF-16 without a mark', "I\0d\0", '0A000' ],
	[ 'UTF-32', "\xff\xfe\0\0I\0\0\0", '0A000' ],
	[ 'half a character of UTF-16', "\xff\xfeI\0d\0,\0" . join('', map { "$_\0" } split(//, $canary)) . "\n", '22021' ],
	[ 'a ZIP archive', "PK\3\4$canary", '0A000' ],
	[ 'a Parquet file', "PAR1$canary", '0A000' ],
	[ 'damaged gzip', "\x1f\x8b\x08$canary", '22P04', 'of the compressed data' ]);
for my $case (@headers)
{
	my ($claim, $bytes, $sqlstate, $unit) = @$case;
	my $of = $unit ? " $unit" : '';
	write_bad($bytes);
	my ($out, $err, $log) = run_logged(
		'BEGIN; CREATE SCHEMA into_it; '
		  . 'IMPORT FOREIGN SCHEMA salesforce LIMIT TO (bad) FROM SERVER raw INTO into_it; ROLLBACK');
	like($err, qr/ERROR:  $sqlstate: could not import object "[^"]*Bad\.csv": byte \d+$of: /,
		"import of $claim");
	unlike("$out$err$log", qr/$canary/, "import of $claim: no value is shown");
}

# A database of another encoding is refused before anything is there.
$node->safe_psql('postgres',
	"CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
{
	my ($status, $out, $err) = $node->psql('latin', "\\set VERBOSITY verbose\nCREATE EXTENSION salesforce_fdw");
	like($err, qr/ERROR:  0A000: cannot create extension "salesforce_fdw" in a database with encoding "LATIN1"/,
		'a database that is not UTF8');
}
cmp_ok($hits, '>', 20, "the control shows values: file_fdw let out $hits canaries");

# A column that is not needed is not looked at; one that is, is.
write_bad("$header${good}002,x,$canary,,\r\n");
is($node->safe_psql('postgres', 'SELECT count(*), count(id) FROM bad'), '2|2',
	'a value that is not needed is not decoded');

# A file that changes while it is read is an error, never a mixture.
sub change_while_read
{
	my ($claim, $command) = @_;
	write_bad($header . ("001,$canary,1,,\r\n" x 100000));
	open(my $file, '>:raw', "$folder/other") or die $!;
	print $file $header . ("002,$canary,2,,\r\n" x 100000);
	close($file);
	my $before = -s $node->logfile;
	my ($status, $out, $err) = $node->psql('postgres', <<"SQL");
\\set VERBOSITY verbose
BEGIN;
DECLARE c CURSOR FOR SELECT n FROM bad;
FETCH 1 FROM c;
\\! $command
MOVE FORWARD ALL IN c;
SQL
	like($err, qr/ERROR:  SF001: .*Bad\.csv/, $claim);
	unlike($err . substr(slurp_file($node->logfile), $before), qr/$canary/,
		"$claim: no value is shown");
	return;
}
change_while_read('a file replaced while it is read', "mv '$folder/other' '$folder/Bad.csv'");
change_while_read('a file overwritten while it is read', "cat '$folder/other' > '$folder/Bad.csv'");
change_while_read('a file that grows while it is read', "cat '$folder/other' >> '$folder/Bad.csv'");
change_while_read('a file cut off while it is read', "truncate -s 100000 '$folder/Bad.csv'");

# What is unusual and right.
write_bad("\xef\xbb\xbf\"Id\",Name,N,D,Ts\r\n$good");
is($node->safe_psql('postgres', 'SELECT id, n FROM bad'), '001|1',
	'a byte order mark is stripped');
write_bad($header);
is($node->safe_psql('postgres', 'SELECT count(*) FROM bad'), '0', 'header only: no rows');
write_bad("Id,Name,N,D,Ts");
is($node->safe_psql('postgres', 'SELECT * FROM bad'), '', 'a header without a line end: no rows');
write_bad("TS,extra,d,n,NAME,id\n,e,,7,b,\"a\"\n\n,e,,8,b,\"c\"");
is($node->safe_psql('postgres', 'SELECT id, name, n FROM bad'), "a|b|7\nc|b|8",
	'other order and case of names, an extra field, LF, a blank line, no last line end');
$node->stop;
done_testing();
