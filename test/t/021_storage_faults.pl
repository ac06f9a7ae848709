# A file that changes while it is read, a folder without rights, a full disk,
# a filesystem without the newer renames: a clear error, and nothing half done.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SmallDisk;
use StorageTest;
use Test::More;
use Time::HiRes ();

my $node = PostgreSQL::Test::Cluster->new('faults');
$node->init;
$node->start;
my $folder = new_folder();
setup_storage($node, raw => "file://$folder/");

# Claim: whatever happens to the file after its first chunk, reading it ends in
# SF001; and without that, in its bytes.
my $size = 3 * 1024 * 1024;
my %changes = (
	'replaced by rename' => 'cp FILE FILE.new && mv FILE.new FILE',
	'appended to'        => 'printf x >> FILE',
	'cut'                => 'truncate -s 1500000 FILE',
	'emptied'            => ': > FILE',
	'rewritten in place' => 'cp FILE FILE.new && cat FILE.new > FILE',
	'touched'            => 'touch FILE',
	'removed'            => 'rm FILE',
	'moved away'         => 'mv FILE FILE.moved',
	'made a link'        => 'mv FILE FILE.moved && ln -s FILE.moved FILE');
for my $change (sort keys %changes)
{
	unlink glob "$folder/*";
	write_file("$folder/f", 'x' x $size);
	(my $command = $changes{$change}) =~ s,FILE,$folder/f,g;
	is(sqlstate_of($node, "SELECT length(test_storage_get('raw', 'f', NULL, '$command'))"),
		'SF001', "a file that is $change while it is read is an error");
}
unlink glob "$folder/*";
write_file("$folder/f", 'x' x $size);
is( $node->safe_psql(
		'postgres',
		"SELECT length(test_storage_get('raw', 'f', NULL, 'true'))"),
	$size,
	'a file that stays is read whole');
my $version = $node->safe_psql('postgres',
	"SELECT version_id FROM test_storage_list('raw')");
write_file("$folder/f", 'y' x $size);
is(sqlstate_of($node, "SELECT test_storage_get('raw', 'f', '$version')"),
	'SF001', 'a version that was replaced cannot be opened');
unlink glob "$folder/*";

# Claim: without rights nothing is written or deleted, and the message says so.
write_file("$folder/f", 'f');
$version = $node->safe_psql('postgres',
	"SELECT version_id FROM test_storage_list('raw')");
chmod 0555, $folder;
for my $key ('f', 'g', 'new/g')
{
	my ($sqlstate, $out, $err) =
	  attempt($node, "SELECT test_storage_put('raw', '$key', 'x')");
	is($sqlstate, '42501', "writing $key without rights");
	like($err, qr/Permission denied/, "writing $key: the message says why");
}
is( $node->safe_psql(
		'postgres',
		"SELECT test_storage_delete('raw', '{f}', ARRAY['$version'])"),
	'{"failed: could not move the file aside: Permission denied"}',
	'deleting without rights');
is(listing($node, 'raw'), 'f', 'the file is still there');
chmod 0000, $folder;
is(sqlstate_of($node, "SELECT * FROM test_storage_list('raw')"),
	'42501', 'a listing of a closed folder is an error, not empty');
chmod 0755, $folder;
mkdir "$folder/closed", 0000 or die $!;
is(sqlstate_of($node, "SELECT * FROM test_storage_list('raw')"),
	'42501', 'so is one with a closed folder in it');
rmdir "$folder/closed";
chmod 0000, "$folder/f";
is(sqlstate_of($node, "SELECT test_storage_get('raw', 'f')"),
	'42501', 'a file that may not be read');
chmod 0644, "$folder/f";
open my $odd, '>', "$folder/\xff\xfe" or die $!;
close $odd;
is(sqlstate_of($node, "SELECT * FROM test_storage_list('raw')"),
	'22021', 'a name that no text can hold is an error, not left out');
unlink "$folder/\xff\xfe";

# Claim: files and folders made are as COPY TO makes them, whatever the umask.
$node->safe_psql('postgres', "SELECT test_storage_put('raw', 'a/b/c', 'x')");
is(sprintf('%o %o', (stat "$folder/a/b/c")[2] & 07777, (stat "$folder/a/b")[2] & 07777),
	'644 755', 'modes of what is made');

# Claim: names are as long, and folders as deep, as a listing can show.
my ($long, $deep) = ('n' x 255, join('/', ('d') x 63) . '/f');
for my $key ($long, $deep)
{
	is( $node->safe_psql('postgres', "
			SELECT test_storage_put('raw', '$key', 'x') <> '';
			SELECT test_storage_delete('raw', ARRAY[key], ARRAY[version_id])
			FROM test_storage_list('raw', '$key');"),
		"t\n{deleted}", length($key) . ' bytes of name');
}
is(sqlstate_of($node, "SELECT test_storage_put('raw', 'n$long', 'x')"),
	'42602', 'a name that is too long');
is(sqlstate_of($node, "SELECT test_storage_put('raw', 'd/d/$deep', 'x')"),
	'54000', 'folders that are too deep');

# Claim: reading and writing much can be cancelled at once.
system_or_bail('truncate', '-s', '900M', "$folder/sparse");
my $start = Time::HiRes::time();
is( sqlstate_of($node,
		"SET statement_timeout = 100; SELECT length(test_storage_get('raw', 'sparse'))"),
	'57014', 'a long read is cancelled');
is( sqlstate_of($node,
		"SET statement_timeout = 100; SELECT test_storage_put('raw', 'never', convert_to(repeat('x', 1000000), 'UTF8'), 100000)"),
	'57014', 'a long write is cancelled');
cmp_ok(Time::HiRes::time() - $start, '<', 5, 'both without delay');
unlink "$folder/sparse";
is(listing($node, 'raw'), 'a/b/c, f', 'and nothing is left of it');

# Claim: hidden names that a crash left do not stop a backend of the same number.
my $touch = "cd $folder && touch .salesforce_fdw_tmp.%1\$s.1 .salesforce_fdw_tmp.%1\$s.2";
is( $node->safe_psql('postgres', qq{
		SELECT test_storage_put('raw', 'f', 'old') <> '';
		DO \$\$ BEGIN EXECUTE format('COPY (SELECT WHERE false) TO PROGRAM %L',
			format('$touch', pg_backend_pid())); END \$\$;
		SELECT test_storage_put('raw', 'f', 'new') <> '';
		SELECT convert_from(test_storage_get('raw', 'f'), 'UTF8');}),
	"t\nt\nnew",
	'an object is replaced beside names that a crash left');
is(scalar(my @left = glob "$folder/.salesforce_fdw_tmp.*"), 2, 'which stay');
like(listing($node, 'raw'), qr/^\.salesforce_fdw_tmp\.\d+\.1, /, 'and are listed');
unlink @left;

# Claim: a thousand failures of each kind in one transaction leak no descriptor.
write_file("$folder/big", 'x' x $size);
is( $node->safe_psql('postgres', q{
	CREATE FUNCTION open_files() RETURNS bigint LANGUAGE sql AS
		$$ SELECT count(*) FROM pg_ls_dir('/proc/self/fd') $$;
	CREATE TABLE failures (sqlstate text, n int DEFAULT 1);
	CREATE TABLE opened AS SELECT open_files() n
		FROM (SELECT test_storage_get('raw', 'f')) warm;
	DO $$
	DECLARE
		call text;
	BEGIN
		FOREACH call IN ARRAY ARRAY[
			$q$test_storage_get('raw', 'f', 'none')$q$,
			$q$test_storage_get('raw', 'gone', 'none')$q$,
			$q$test_storage_get('raw', 'big', NULL, 'false')$q$,
			$q$test_storage_put('raw', '../x', 'x')$q$,
			$q$test_storage_put('raw', 'f/x', 'x')$q$,
			$q$test_storage_put('raw', 'a', 'x')$q$,
			$q$test_storage_promote('raw', 'f', 'none', 'g', NULL)$q$,
			$q$test_storage_delete('raw', '{f}', '{none}')$q$]
		LOOP
			FOR i IN 1 .. CASE WHEN call ~ 'big' THEN 400 ELSE 1000 END LOOP
				BEGIN
					EXECUTE 'SELECT ' || call;
				EXCEPTION WHEN OTHERS THEN
					INSERT INTO failures VALUES (sqlstate);
				END;
			END LOOP;
		END LOOP;
	END $$;
	SELECT sqlstate, count(*) FROM failures GROUP BY 1 ORDER BY 1;
	SELECT open_files() - n < 20 FROM opened;}),
	"42602|1000\n42809|2000\nSF001|2000\nXX000|400\nt",
	'no descriptor is left open (but some of tables)');
$node->stop;

# Claim: a full disk is an error of its own, leaves nothing, and passes.
my $small = new_folder();
my $full  = PostgreSQL::Test::Cluster->new('full');
$full->init;
start_with_small_disk($full, $small, 4);
setup_storage($full, raw => "file://$small/");
$full->safe_psql('postgres', "SELECT test_storage_put('raw', 'f', 'old')");
my $megabyte = "convert_to(repeat('x', 1048576), 'UTF8')";
for my $key ('f', 'g')
{
	my ($sqlstate, $out, $err) = attempt($full,
		"SELECT test_storage_put('raw', '$key', $megabyte, 9)");
	is($sqlstate, '53100', "writing $key on a full disk");
	like($err, qr/could not write .*No space left on device/, "writing $key: the message says why");
}
is(listing($full, 'raw'), 'f', 'nothing is left of it');
is( $full->safe_psql(
		'postgres',
		"SELECT convert_from(test_storage_get('raw', 'f'), 'UTF8')"),
	'old',
	'and what was there is there');
is(sqlstate_of($full, "SELECT test_storage_put('raw', 'g', $megabyte, 3)"),
	'', 'the disk has its space back');
$full->stop;

# Claim: where a filesystem has neither files without a name, nor renames with
# a condition, every check of the conformance program holds as well.
my $library = new_folder() . '/old_filesystem.so';
is( system('cc', '-shared', '-fPIC', '-o', $library,
		"$FindBin::RealBin/../preload/old_filesystem.c"),
	0, 'the old filesystem is built');
my $old = PostgreSQL::Test::Cluster->new('old');
$old->init;
{
	local $ENV{LD_PRELOAD} = $library;
	$old->start;
}
setup_storage($old, raw => 'file://' . new_folder() . '/');
my $checks = $old->safe_psql('postgres', 'SELECT test_storage_check_count()');
for my $number (1 .. $checks)
{
	my ($sqlstate, $out) = attempt($old, "SELECT test_storage_conformance('raw', $number)");
	is($sqlstate, '', "on an old filesystem, $out");
}
like(slurp_file($old->logfile), qr/old_filesystem: renameat2 refused/,
	'the old filesystem was used');
$old->stop;
done_testing();
