# What doc/migrate.md tells people to type leads from the old job, of which
# test/servers/old_job.py is a stand-in, to this extension and back: beside each
# other both publish the same values, the comparison shows exactly what was
# planted, the cut-over leaves name and place to readers, the way back works, and
# in the end no version of an export is left.
use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use DocTest;
use File::Path qw(remove_tree);
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $page = 'doc/migrate.md';
my $servers = abs_path("$FindBin::RealBin/../servers");
my $home = new_home();
my $server = start_s3();
my $moto = start_moto();
my $prefix = 'bes/crm/salesforce/';
my $call = "CALL salesforce_fdw.run('account_opportunity')";
s3($server, 'make', $_, 'Enabled') for qw(acme-raw acme-transformed);
glue($moto, 'create_database', '{"DatabaseInput": {"Name": "bes_crm_salesforce_production"}}');

# The page's SQL, on the servers of this test.
sub here
{
	my ($sql) = @_;
	my ($options, $both) = (s3_options($server), s3_options($server, $moto));
	$sql =~ s/region 'ca-central-1'(?=[^;]*catalog 'glue')/$both/g;
	$sql =~ s/region 'ca-central-1'/$options/g;
	$sql =~ s/AKIA…/$aws_key/g;
	$sql =~ s/'…'/'$aws_secret'/g;
	return $sql;
}

# A day's export: accents, a name that pandas takes for null, a missing product,
# an opportunity of no account; changes are by the number of the opportunity.
sub export_day
{
	my ($day, %change) = @_;
	my ($account, $opportunity) = ("Id,Name,CreatedDate\r\n", "Id,AccountId,Name,CreatedDate,Product_to_Add__c\r\n");
	for my $i (1 .. 9)
	{
		my $name = $i == 3 ? 'N/A' : $i % 2 ? "Sant\\xe9 $i" : "Agency $i";
		$account .= sprintf "001%012dAAA,%s,2024-01-%02dT10:00:00.000+0000\r\n", $i, $name, $i;
		my $title = $change{$i} // "Service\\u2019s $i, day $day";
		next if $title eq '';
		my $of = $i == 9 && !$change{9} ? '' : sprintf '001%012dAAA', $i;
		$opportunity .= sprintf "006%012dAAA,%s,\"%s\",2024-02-%02dT11:30:00.000+0000,%s\r\n", $i, $of, $title, $i, $i == 4 ? '' : 'GC Notify';
	}
	write_text("$home/raw/Account.csv", $account);
	write_text("$home/raw/Opportunity.csv", $opportunity);
	write_text("$home/raw/Contact.csv", "Id,LastName\r\n003000000000001AAA,Doe\r\n");
	s3($server, 'put-all', 'acme-raw', $prefix, "$home/raw", qw(Account.csv Opportunity.csv Contact.csv));
	return;
}

sub old_job
{
	my $said = '';
	my $ok = IPC::Run::run([ $ENV{SFDW_PYTHON}, "$servers/old_job.py", $server->{endpoint}, $moto->{endpoint}, 'acme-raw', 'acme-transformed',
			$prefix, 'bes_crm_salesforce_production', 'account_opportunity' ], '>&', \$said);
	ok($ok, 'the old job runs') or diag $said;
	return;
}

sub keys_in { my ($bucket, $below) = @_; return grep { /^\Q$below\E/ } @{ decode_json(s3($server, 'keys', $bucket)) } }
sub published { return grep { m{[^/]+\.parquet$} && !m{/_} } keys_in('acme-transformed', $prefix) }

# What the page has people copy, and the comparison of it.
sub compare
{
	my ($sql) = @_;
	my %from = (old => $prefix, new => 'shadow/crm/salesforce/');
	for my $side (sort keys %from)
	{
		remove_tree("$home/$side");
		mkdir "$home/$side" or die $!;
		s3($server, 'get-all', 'acme-transformed', $from{$side}, "$home/$side");
	}
	my $out = '';
	IPC::Run::run([ 'sh', '-c', 'cd "$0" && exec "$@"', $home, $ENV{SFDW_PYTHON}, "$servers/duckdb_shell.py" ], '<', \$sql, '>&', \$out) or die $out;
	return $out;
}

my $node = PostgreSQL::Test::Cluster->new('migrate');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw; CREATE ROLE etl LOGIN; CREATE SCHEMA crm AUTHORIZATION etl; GRANT salesforce_fdw_operator TO etl');

sub etl { return attempt($node, 'postgres', @_) }
sub state { return value($node, 'postgres', 'SELECT state FROM salesforce_fdw.run_status') }
sub location { return glue($moto, 'get_table', '{"DatabaseName": "bes_crm_salesforce_production", "Name": "account_opportunity"}') =~ /"Location": "([^"]*)"/ ? $1 : 'none' }
sub names { return value($node, 'postgres', 'SELECT string_agg(accountname, $$,$$ ORDER BY accountname) FROM crm.account_opportunity') }

my ($taken, $shadows);
my $nothing = "old_rows | new_rows | old_ids | new_ids\n8 | 8 | 8 | 8\nwhat | differing | records | example\n";
my %sections = (
	'Shadow weeks' => [
		sub { export_day(1); old_job(); export_day(2) },
		undef,
		sub { is(state(), 'closed', 'the shadow run'); is(location(), "s3://acme-transformed/$prefix", '... leaves the old table alone'); old_job() } ],
	'Compare' => [
		sub {
			my ($sql) = @_;
			is_shown(compare($sql), $nothing, 'on the first day every value is the same');
			is(join(' ', grep { /null|N\/A/ } names()), '', '... the nulls of pandas, too');
			export_day(3);
			is((etl($call))[0], '', 'the next day');
			export_day(3, 2 => 'Another title', 5 => '', 6 => 'And another', 9 => 'Of an account now');
			old_job();
		} ],
	'Accept' => [undef],
	'Cut over' => [
		sub { ($taken) = published(); export_day(4) },
		undef,
		sub {
			is(state(), 'closed', 'the cut-over');
			is(join(' ', published()), $taken, '... leaves the object its name');
			is(location(), "s3://acme-transformed/$prefix", '... and the table its place');
			like(names(), qr/N\/A.*Santé/, '... and texts are decoded');
			is(join(' ', grep { /\.parquet$/ } keys_in('acme-transformed', 'shadow/')), '', '... and nothing is left of the shadow weeks');
			export_day(5);
			is((etl($call))[0], '', 'the day after');
			is(join(' ', published()), $taken, '... under the same name');
		} ],
	'Way back' => [
		undef,
		sub {
			export_day(6);
			old_job();
			my ($theirs) = published();
			isnt($theirs, $taken, 'the old job publishes as before');
			export_day(7);
			is((etl($call))[0], 'SF007', '... and a CALL is refused');
			is(join(' ', published()), $theirs, '... which touches nothing');
			s3($server, 'mark', 'acme-transformed', $theirs);
		},
		sub { is(state(), 'closed', 'once its file is moved away, a CALL publishes'); is(join(' ', published()), $taken, '... under its name') } ],
	'The end of the old job' => [
		undef, undef,
		sub { is(s3($server, 'list', 'acme-raw'), '', 'no version of an export is left') } ],
);

my %seen;
for my $section (sections_of($page))
{
	my ($heading, $blocks) = @$section;
	my @sql = grep { $_->[0] eq 'sql' && $_->[1] =~ /\A-- (as|in) / } @$blocks;
	next if !@sql;
	my @steps = @{ $sections{$heading} // [] };
	$seen{$heading} = 1;
	note("== $heading");
	cmp_ok(scalar(@steps), '>=', scalar(@sql), "$heading: the test knows its blocks") or next;
	for my $i (0 .. $#$blocks)
	{
		my $block = $blocks->[$i];
		next if $block->[0] ne 'sql' || $block->[1] !~ /\A-- (as|in) /;
		my $step = shift @steps;
		$step->($block->[1]) if $step;
		my $out = $block->[1] =~ /\A-- in DuckDB/ ? compare($block->[1]) : run_shown($node, $page, $block, \&here);
		my $shown = $blocks->[ $i + 1 ];
		is_shown($out, $shown->[1], "$page line $shown->[2]: what it prints") if $shown && $shown->[0] eq 'text';
	}
	$_->() for grep { defined } @steps;
}
is(join(', ', grep { !$seen{$_} } sort keys %sections), '', 'the page has every section of the test');

$node->stop;
done_testing();
