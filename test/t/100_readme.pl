# What README.md and doc/*.md tell people to type works, in their order: on a
# fresh cluster with the settings that the README gives, as the users that it
# names, in the folders that it names (below a temporary one).  A block of SQL
# says who types it in its first line, "-- as etl"; "-- as etl, refused" must
# fail.  Blocks without that line show syntax and are not run.
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use DocTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $source = dirname(__FILE__) . '/../..';
my $home   = abs_path(PostgreSQL::Test::Utils::tempdir());

# The folders that the pages speak of, in ours.
sub at_home
{
	my ($text) = @_;
	$text =~ s{/srv/(salesforce|lake)/}{$home/$1/}g;
	return $text;
}

my $node;

my @readme = blocks_of('README.md');
my ($settings) = grep { $_->[0] eq '' && $_->[1] =~ /shared_preload_libraries/ } @readme;
my ($folders) = grep { $_->[0] eq 'sh' && $_->[1] =~ /install -d/ } @readme;
my @sql = grep { $_->[0] eq 'sql' } @readme;
my @uninstall = grep { $_->[1] =~ /^DROP/m } @sql;
my @setup = grep { $_->[1] !~ /^DROP/m } @sql;
ok($settings, 'README.md says which library to preload');
cmp_ok(scalar(@setup), '>', 3, 'README.md has SQL for the job');
cmp_ok(scalar(@uninstall), '>', 0, 'README.md has SQL to uninstall');
is(scalar(grep { $_->[1] !~ /\A-- as / && $_->[1] !~ m{s3://} } @sql), 0, 'every block of it for folders says who types it');

$node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->append_conf('postgresql.conf', $settings->[1]);
$node->start;

mkdir "$home/$_" foreach qw(salesforce lake);
my ($list) = $folders->[1] =~ /install -d -o postgres (.*)/;
mkdir at_home($_) or die "$_: $!" foreach split / /, $list;
mkdir at_home('/srv/lake/own');
sub export_raw
{
	system_or_bail('python3', "$source/test/gen_salesforce.py",
		"$home/salesforce/raw", qw(--account 310r --opportunity 420r --contact 230r --seed),
		@_);
	return;
}
export_raw(1);

run_block($node, 'README.md', $_, \&at_home) foreach @setup;
is( $node->safe_psql('postgres', 'SELECT state FROM salesforce_fdw.run_status'),
	'closed', 'the job of README.md is done');
my $published = "$home/salesforce/transformed/bes/crm/salesforce/account_opportunity.parquet";
ok(-s $published, 'the file is where it says');
$node->safe_psql('postgres', "CALL salesforce_fdw.run('account_opportunity')",
	extra_params => [ '-U', 'etl' ]);
is(join(' ', glob("$home/salesforce/raw/*")), '', 'the next CALL purges the raw folder');

# The pages, each on the next day's export.
my $day = 2;
my $count = 0;
foreach my $page (qw(doc/reading.md doc/snapshots.md doc/datasets.md doc/detectors.md doc/runs.md doc/copy.md doc/privacy.md))
{
	export_raw($day++);
	foreach my $block (grep { $_->[0] eq 'sql' } blocks_of($page))
	{
		$count++ if $block->[1] =~ /\A-- as /;
		run_block($node, $page, $block, \&at_home);
	}
}
note("$count blocks of doc/*.md were run");
cmp_ok($count, '>=', 10, 'the pages have SQL that is run');

# Links between pages lead somewhere.
foreach my $page ('README.md', map { 'doc/' . basename($_) } glob "$source/doc/*.md")
{
	my $text = slurp_file("$source/$page");
	my @missing;
	while ($text =~ /\]\(([^)#:]+)(?:#[^)]*)?\)/g)
	{
		push @missing, $1 unless -e "$source/" . dirname($page) . "/$1";
	}
	is("@missing", '', "$page: its links lead somewhere");
}

run_block($node, 'README.md', $_, \&at_home) foreach @uninstall;
is( $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_roles WHERE rolname LIKE 'salesforce%'"),
	0, 'no role is left');
is( $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_namespace WHERE nspname = 'salesforce_fdw'"),
	0, 'no schema is left');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM crm.account_opportunity'),
	'>', 300, 'the published table stays');
ok(-s $published, 'the published file stays');

$node->stop;
done_testing();
