# A backend that dies at any point of create, promote and delete leaves the old
# state or the new one, a listing that shows every byte that is left, and a
# rerun that finishes.  A file that was never named is never deleted.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest qw(times_ready wait_for_restart);
use StorageTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('crash');
$node->init;
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->start;
my $folder = new_folder();
my $trace  = new_folder() . '/trace';
setup_storage($node, raw => "file://$folder/");
my $aside = "$folder/.salesforce_fdw_purge.1";

sub empty_folder
{
	system_or_bail('find', $folder, '-mindepth', '1', '-delete');
	return;
}

sub version_of
{
	my ($key) = @_;
	return $node->safe_psql('postgres',
		"SELECT version_id FROM test_storage_list('raw') WHERE key = '$key'");
}

# Run SQL with a fault point armed; what became of the session.
sub attempt_at
{
	my ($number, $action, $sql) = @_;
	unlink $trace;
	my $before = times_ready($node);
	my @result = attempt($node,
		"LOAD 'salesforce_fdw'; SET salesforce_fdw.fault_at = $number; SET salesforce_fdw.fault_action = '$action'; SET salesforce_fdw.fault_trace = '$trace'; $sql"
	);
	wait_for_restart($node, $before) if $result[0] eq 'killed';
	return @result;
}

# The point that the last session reached last.
sub last_point
{
	my @lines = split /\n/, slurp_file($trace);
	my ($point) = $lines[-1] =~ /^\d+ (.*)$/;
	return $point;
}

# Kill at every point of an operation, until one run passes all of them:
# { point => state afterwards }.
sub kill_everywhere
{
	my ($prepare, $operation, $state) = @_;
	my %states;
	for (my $number = 1;; $number++)
	{
		empty_folder();
		my $sql = $operation->($prepare->());
		my ($sqlstate) = attempt_at($number, 'kill', $sql);
		last if $sqlstate eq '';
		BAIL_OUT("at point $number: $sqlstate") if $sqlstate ne 'killed';
		$states{ last_point() } = $state->();
	}
	return \%states;
}

sub contents
{
	my (@names) = @_;
	return join ' ', map { "$_=" . (read_file("$folder/$_") // '-') } @names;
}

# Create.
is_deeply(
	kill_everywhere(
		sub { write_file("$folder/f", 'old') },
		sub { "SELECT test_storage_put('raw', 'f', 'new')" },
		sub { contents('f') . '; ' . listing($node, 'raw') }),
	{
		'storage.create before' => 'f=old; f',
		'storage.create after'  => 'f=new; f'
	},
	'create: the old object or the new one, and nothing besides');

# Promote to a free name.
is_deeply(
	kill_everywhere(
		sub { mkdir "$folder/_s"; write_file("$folder/_s/x", 'new'); version_of('_s/x') },
		sub { "SELECT test_storage_promote('raw', '_s/x', '$_[0]', 'f', NULL)" },
		sub { contents('f', '_s/x') . '; ' . listing($node, 'raw') }),
	{
		'storage.promote before' => 'f=- _s/x=new; _s/x',
		'storage.promote after'  => 'f=new _s/x=-; f'
	},
	'promote to a free name: before or after');

# Promote over another; the rerun is the same call.
my ($staged, $old);
my %rerun;
is_deeply(
	kill_everywhere(
		sub {
			mkdir "$folder/_s";
			write_file("$folder/_s/x", 'new');
			write_file("$folder/f",    'old');
			($staged, $old) = (version_of('_s/x'), version_of('f'));
		},
		sub { "SELECT test_storage_promote('raw', '_s/x', '$staged', 'f', '$old')" },
		sub {
			my $state = contents('f', '_s/x') . '; ' . listing($node, 'raw');
			$rerun{ last_point() } = $node->safe_psql('postgres',
				"SELECT test_storage_promote('raw', '_s/x', '$staged', 'f', '$old')"
			) . ', ' . contents('f');
			return $state;
		}),
	{
		'storage.promote before'    => 'f=old _s/x=new; _s/x, f',
		'storage.promote seen'      => 'f=old _s/x=new; _s/x, f',
		'storage.promote exchanged' => 'f=new _s/x=old; _s/x, f',
		'storage.promote after'     => 'f=new _s/x=-; f'
	},
	'promote over a version: the old object or the new one, never none');
is_deeply(
	\%rerun,
	{
		'storage.promote before'    => 'promoted, f=new',
		'storage.promote seen'      => 'promoted, f=new',
		'storage.promote exchanged' => 'no source, f=new',
		'storage.promote after'     => 'no source, f=new'
	},
	'the rerun of it');

# Delete; the rerun deletes by the same version.
my $version;
%rerun = ();
is_deeply(
	kill_everywhere(
		sub { write_file("$folder/f", 'raw'); $version = version_of('f') },
		sub { "SELECT test_storage_delete('raw', '{f}', ARRAY['$version'])" },
		sub {
			my $state = listing($node, 'raw');
			my $same  = $state eq '' || version_of('f') eq $version;
			$rerun{ last_point() } = $node->safe_psql('postgres',
				"SELECT test_storage_delete('raw', '{f}', ARRAY['$version'])")
			  . '; ' . listing($node, 'raw') . (-e $aside ? ' folder' : '');
			return $state . ($same ? '' : ' other version');
		}),
	{
		'storage.delete before' => 'f',
		'storage.delete seen'   => 'f',
		'storage.delete moved'  => 'f (aside)',
		'storage.delete after'  => ''
	},
	'delete: a listing shows the file wherever it is, by the same version');
is_deeply(
	\%rerun,
	{
		'storage.delete before' => '{deleted}; ',
		'storage.delete seen'   => '{deleted}; ',
		'storage.delete moved'  => '{deleted}; ',
		'storage.delete after'  => '{gone}; '
	},
	'the rerun of it leaves nothing, no folder either');

# Claim: a stranger that takes the name at any moment of a deletion stays.
my %points = (1 => 'before', 2 => 'seen', 3 => 'moved', 4 => 'after');
for my $number (sort keys %points)
{
	empty_folder();
	write_file("$folder/f", 'named');
	$version = version_of('f');
	my ($sqlstate, $out) = attempt_at($number,
		"sh:echo stranger > $folder/f.part && mv $folder/f.part $folder/f",
		"SELECT test_storage_delete('raw', '{f}', ARRAY['$version'])");
	is($out, $number <= 2 ? '{gone}' : '{deleted}',
		"a stranger at \"$points{$number}\": the answer");
	is(read_file("$folder/f"), "stranger\n", "a stranger at \"$points{$number}\" stays");
	is(listing($node, 'raw'), 'f', 'and is the only version');
	ok(!-e $aside, 'nothing is left aside');
}

# Claim: a stranger that a crash left aside is put back by the next deletion of
# its key, unless the name was taken: then both stay, and both are listed.
for my $taken (0, 1)
{
	empty_folder();
	write_file("$folder/f", 'named');
	$version = version_of('f');
	mkdir $aside, 0700 or die $!;
	write_file("$aside/f", 'stranger');
	unlink "$folder/f" unless $taken;
	is( listing($node, 'raw'),
		$taken ? 'f, f (aside)' : 'f (aside)',
		"aside, name taken $taken: the listing shows all");
	is( $node->safe_psql('postgres',
			"SELECT test_storage_delete('raw', '{f}', ARRAY['1:2:3:4.5'])"),
		'{gone}',
		"aside, name taken $taken: another version is deleted");
	is( contents('f', '.salesforce_fdw_purge.1/f'),
		$taken ? 'f=named .salesforce_fdw_purge.1/f=stranger'
		: 'f=stranger .salesforce_fdw_purge.1/f=-',
		"aside, name taken $taken: where the stranger is");
}
is( $node->safe_psql('postgres', q{
		SELECT test_storage_delete('raw', array_agg(key), array_agg(version_id))
		FROM test_storage_list('raw')}),
	'{deleted,deleted}',
	'all that is listed can be deleted');
is(listing($node, 'raw'), '', 'and then nothing is left');

# Claim: a deletion of a key that has a version aside uses another folder.
empty_folder();
mkdir $aside, 0700 or die $!;
write_file("$aside/f", 'older');
write_file("$folder/f", 'newer');
is( $node->safe_psql('postgres', q{
		SELECT test_storage_delete('raw', array_agg(key), array_agg(version_id))
		FROM test_storage_list('raw') WHERE is_latest}),
	'{deleted}',
	'the current version is deleted');
is(listing($node, 'raw'), 'f (aside)', 'the one aside was not named, and stays');
is(read_file("$aside/f"), 'older', 'with its bytes');

# Claim: a file that has both names, as a crash between link and unlink leaves
# it, is deleted under both.
empty_folder();
write_file("$folder/f", 'raw');
$version = version_of('f');
mkdir $aside, 0700 or die $!;
link "$folder/f", "$aside/f" or die $!;
is(listing($node, 'raw'), 'f, f (aside)', 'both names are listed');
is( $node->safe_psql('postgres',
		"SELECT test_storage_delete('raw', '{f}', ARRAY['$version'])"),
	'{deleted}',
	'the version is deleted once');
is(listing($node, 'raw'), '', 'and is gone under both names');

# Claim: a listing that cannot tell what is aside is an error.
mkdir $_ or die $! for $aside, "$aside/f";
is(sqlstate_of($node, "SELECT * FROM test_storage_list('raw')"),
	'42809', 'a folder among the files aside is an error');

# Claim: a stranger that takes the final name during a promotion stays there.
for my $point ([ 1, 'before' ], [ 2, 'seen' ])
{
	empty_folder();
	write_file("$folder/s", 'new');
	write_file("$folder/f", 'old');
	($staged, $old) = (version_of('s'), version_of('f'));
	my ($sqlstate, $out) = attempt_at($point->[0],
		"sh:printf stranger > $folder/f.part && mv $folder/f.part $folder/f",
		"SELECT test_storage_promote('raw', 's', '$staged', 'f', '$old')");
	is($out, 'condition', "a stranger at \"$point->[1]\": the answer");
	is(contents('f', 's'), 'f=stranger s=new', 'and everything stays');
}

# And one that is written over ours in the moment of the exchange wins over it.
empty_folder();
write_file("$folder/s", 'new');
write_file("$folder/f", 'old');
($staged, $old) = (version_of('s'), version_of('f'));
my ($sqlstate, $out) = attempt_at(3,
	"sh:printf newest > $folder/f.part && mv $folder/f.part $folder/f",
	"SELECT test_storage_promote('raw', 's', '$staged', 'f', '$old')");
is($out . ' ' . contents('f', 's'), 'promoted f=newest s=-',
	'a later writer of the final name wins');

# Claim: while promotions replace a file, a reader by its name never finds it
# missing, short or mixed.
empty_folder();
write_file("$folder/f", 'a' x 100000);
my $program = <<'PERL';
my ($path, $result) = @ARGV;
my ($reads, $wrong, $stop) = (0, 0, 0);
$SIG{TERM} = sub { $stop = 1 };
while (!$stop)
{
	my $text = '';
	if (open my $file, '<', $path) { local $/; $text = <$file>; }
	if (length($text) != 100000 || $text =~ tr/a-z//c || $text ne substr($text, 0, 1) x 100000)
	{
		$wrong++;
		print STDERR "# wrong: ", length($text), " bytes\n";
	}
	$reads++;
	select(undef, undef, undef, 0.0005);
}
open my $file, '>', $result or die $!;
print $file "$reads $wrong";
PERL
my $reader = fork() // die $!;
exec($^X, '-e', $program, "$folder/f", "$trace.reads") or die $!
  if $reader == 0;
is( $node->safe_psql('postgres', q{
		DO $$
		DECLARE
			staged text;
		BEGIN
			FOR i IN 1 .. 300 LOOP
				staged := test_storage_put('raw', '_s/x',
					convert_to(repeat(chr(97 + i % 26), 100000), 'UTF8'));
				IF test_storage_promote('raw', '_s/x', staged, 'f',
					(SELECT version_id FROM test_storage_list('raw', 'f'))) <> 'promoted'
				THEN
					RAISE 'promotion % failed', i;
				END IF;
			END LOOP;
		END $$;
		SELECT count(*) FROM test_storage_list('raw')}),
	'1',
	'300 promotions');
kill 'TERM', $reader;
waitpid $reader, 0;
my ($reads, $wrong) = split / /, slurp_file("$trace.reads");
cmp_ok($reads, '>', 50, "a reader was there ($reads times)");
is($wrong, 0, 'and always found one whole version');

$node->stop;
done_testing();
