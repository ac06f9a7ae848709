# What doc/audit.md has an auditor type works as that role, on the world of
# README.md after a run that has purged, and prints what the page shows; what it
# says of verify() is found when it is done.
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::RealBin;
use DocTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $page = 'doc/audit.md';
my $home = abs_path(PostgreSQL::Test::Utils::tempdir());
my $run = '';

sub at_home
{
	my ($text) = @_;
	$text =~ s{/srv/salesforce/}{$home/salesforce/}g;
	$text =~ s/'RUN'/'$run'/g;
	return $text;
}

my $node = PostgreSQL::Test::Cluster->new('audit_page');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nshared_preload_libraries = 'salesforce_fdw'");
$node->start;
mkdir $_ or die "$_: $!" for "$home/vault", "$home/salesforce", map { "$home/salesforce/$_" } qw(raw transformed catalog);
system_or_bail('python3', "$FindBin::RealBin/../gen_salesforce.py", "$home/salesforce/raw", qw(--account 30r --opportunity 40r --contact 10r --seed 1));
run_block($node, 'README.md', $_, \&at_home) for grep { $_->[0] eq 'sql' && $_->[1] !~ /^DROP/m } blocks_of('README.md');
is((attempt($node, 'postgres', "CALL salesforce_fdw.run('account_opportunity')"))[0], '', 'the raw files are purged');
$run = value($node, 'postgres', 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
$node->safe_psql('postgres', "CREATE SERVER vault FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$home/vault/'); GRANT USAGE ON FOREIGN SERVER vault TO etl, PUBLIC");

my @blocks = blocks_of($page);
my $count = 0;
for my $i (0 .. $#blocks)
{
	my ($block, $shown) = @blocks[ $i, $i + 1 ];
	next if $block->[0] ne 'sql' || $block->[1] !~ /\A-- as /;
	my $out = run_shown($node, $page, $block, \&at_home);
	$count++;
	if ($block->[1] =~ /verify/)
	{
		is($out, " item | verdict | detail \n------+---------+--------\n(0 rows)\n\n", 'nothing was changed');
		my $manifest = "$home/salesforce/transformed/bes/crm/salesforce/_manifest.json";
		write_text($manifest, slurp_file($manifest) =~ s/"rows": *\d+/"rows": 1/r);
		$node->safe_psql('postgres', "UPDATE salesforce_fdw.dataset_acceptance SET dataset = 'another'");
		$out = run_shown($node, $page, $block, \&at_home);
		$node->safe_psql('postgres', "UPDATE salesforce_fdw.dataset_acceptance SET dataset = 'account_opportunity'");
	}
	is_shown($out, $shown->[1], "$page line $shown->[2]: what it prints") if $shown && $shown->[0] eq 'text';
}
is($count, scalar(grep { $_->[0] eq 'sql' } @blocks), 'every block of the page says who types it');
cmp_ok($count, '>', 6, 'and is run');

$node->stop;
done_testing();
