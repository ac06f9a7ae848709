# Nothing outside a location can be named, read, written or deleted through it,
# and no location reaches the server's own folders.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use POSIX qw(mkfifo);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use StorageTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('escape');
my $own_wal = new_folder() . '/wal';
$node->init(extra => [ '-X', $own_wal ]);
$node->start;
my $outside = new_folder();
my $folder  = new_folder();
write_file("$outside/secret", 'secret');
setup_storage($node, raw => "file://$folder/");

# Links, to a file, to a folder, and one that stays inside.
symlink "$outside/secret", "$folder/link"      or die $!;
symlink $outside,          "$folder/linked"    or die $!;
symlink 'inside',          "$folder/link_in"   or die $!;
symlink 'nowhere',         "$folder/dangling"  or die $!;
write_file("$folder/inside", 'inside');
mkdir "$folder/sub" or die $!;
mkfifo("$folder/pipe", 0600) or die $!;

for my $key ('link', 'linked/secret', 'link_in', 'dangling', 'linked/new')
{
	my ($sqlstate, $out, $err) =
	  attempt($node, "SELECT test_storage_get('raw', '$key')");
	is($sqlstate, '42501', "reading $key is refused");
	like($err, qr/symbolic link/, "reading $key: the message says why");
	unlike($out . $err, qr/7365637265/, "reading $key: nothing comes out");
}
for my $key ('link', 'linked/new', 'dangling')
{
	is(sqlstate_of($node, "SELECT test_storage_put('raw', '$key', 'x')"),
		'42501', "writing $key is refused");
}
is( sqlstate_of(
		$node,
		"SELECT test_storage_promote('raw', 'inside', (SELECT version_id FROM test_storage_list('raw', 'inside')), 'linked/new', NULL)"
	),
	'42501',
	'promotion through a link is refused');
like(
	$node->safe_psql(
		'postgres',
		"SELECT test_storage_delete('raw', '{linked/secret}', '{1:2:3:4.5}')"),
	qr/failed: could not open the folder/,
	'deletion through a link fails');
is(read_file("$outside/secret"), 'secret', 'what is outside is as it was');
ok(!-e "$outside/new",    'nothing was made outside');
ok(!-e "$folder/nowhere", 'nothing was made through a dangling link');
is(listing($node, 'raw'), 'inside', 'a listing has no links and no pipes');

# Names.
for my $key (
	'../secret', "..$outside/secret", 'sub/../../x', "$outside/secret", '/',
	'', 'sub//x', 'sub/', '.', 'sub/..')
{
	for my $call ("get('raw', '$key')", "put('raw', '$key', 'x')",
		"delete('raw', ARRAY['$key'], '{x}')")
	{
		is(sqlstate_of($node, "SELECT test_storage_$call"),
			'42602', "$call is refused");
	}
}

# Not files.
is(sqlstate_of($node, "SELECT test_storage_get('raw', 'pipe')"),
	'42809', 'a pipe is refused, and nobody waits');
is(sqlstate_of($node, "SELECT test_storage_put('raw', 'pipe', 'x')"),
	'42809', 'a pipe is not replaced');
is( $node->safe_psql(
		'postgres', "SELECT test_storage_get('raw', 'sub') IS NULL"),
	't',
	'a folder is no object');
is(sqlstate_of($node, "SELECT test_storage_put('raw', 'sub', 'x')"),
	'42809', 'a folder is not replaced');

# The location may be reached through a link.
my $alias = new_folder() . '/alias';
symlink $folder, $alias or die $!;
StorageTest::add_server($node, 'alias', "file://$alias/");
is(listing($node, 'alias'), 'inside', 'a link to the location is followed');

# The server's own folders, as they are and through a link.
my $data       = $node->data_dir;
my $tablespace = new_folder();
my $wal        = new_folder();
my $parent     = $data;
$parent =~ s,/[^/]*$,,;
$node->safe_psql('postgres', "CREATE TABLESPACE elsewhere LOCATION '$tablespace'");
symlink $data, "$wal/link" or die $!;
$node->safe_psql('postgres', <<'SQL');
CREATE SERVER checked FOREIGN DATA WRAPPER salesforce_fdw
	OPTIONS (location 'file:///not/there/');
SQL
my $number = 0;
for my $path (
	$data,   "$data/base", "$data/pg_wal", $parent, '/', $tablespace,
	"$wal/link", "$wal/link/base", $own_wal, "$own_wal/archive_status")
{
	my $name = 'own' . ++$number;
	StorageTest::add_server($node, $name, $path eq '/' ? 'file:///' : "file://$path/");
	is(sqlstate_of($node, "SELECT * FROM test_storage_list('$name')"),
		'42501', "the server's own folder is refused ($number)");

	# The option is refused already, also for a folder that is to be made.
	my @urls = $path eq '/' ? ('file:///') : ("file://$path/");
	push @urls, "file://$path/none/yet/" if $path ne '/' && $path ne $parent;
	foreach my $url (@urls)
	{
		is( sqlstate_of(
				$node,
				"CREATE SERVER ours FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location '$url')"
			),
			'42501',
			"$url is refused as a location ($number)");
		is( sqlstate_of($node, "ALTER SERVER checked OPTIONS (SET location '$url')"),
			'42501', "... and when a server is altered ($number)");
	}
}

# Locations that are none.
for my $location ('file://host/x/', 'file:///x/../y/', 'file:///x//y/',
	'/x/', 'http:///', 'memory:///', 's3:///x/')
{
	my $name = 'bad' . ++$number;
	StorageTest::add_server($node, $name, $location);
	like(sqlstate_of($node, "SELECT * FROM test_storage_list('$name')"),
		qr/^(22023|0A000)$/, "location $location is refused");
}
StorageTest::add_server($node, 'gone', "file://$folder/gone/");
is(sqlstate_of($node, "SELECT * FROM test_storage_list('gone')"),
	'58P01', 'a location that is not there is an error');

$node->stop;
done_testing();
