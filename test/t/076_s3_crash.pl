# A backend killed at any fault point of a whole run on buckets and Glue, before
# or after any effect and inside the promotion, in both publish modes, with
# small files and with files of several parts, while a raw file is replaced
# never, once or twice at that moment: the next CALLs publish the newest export,
# purge what was published, and leave no staged version and no upload; and a
# reader that asks again and again sees one whole day each time, and no day
# after a later one.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use IPC::Open2;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $server = start_s3();
my $moto = start_moto();
my $home = new_home();
my $python = $ENV{SFDW_PYTHON};
my $tool = "$FindBin::RealBin/../servers/s3tool.py";
my @lake_reader = ($python, "$FindBin::RealBin/../servers/lake_reader.py");
my @lake = ('aws', $server->{endpoint}, $moto->{endpoint}, 'crm_production', 'sales');
my @exports = qw(Account.csv Opportunity.csv Contact.csv);
my $world = 0;

# Rows that make files of several parts: 10 MB raw, 10 MB published.
my %rows = (small => 7, large => 36000);

my $node = PostgreSQL::Test::Cluster->new('s3_crash');
$node->init;
$node->append_conf('postgresql.conf', "restart_after_crash = on\nfsync = off\nlog_min_messages = log");
$node->start;
s3($server, 'make', $_, 'Enabled') for qw(raw lake);
for my $size (keys %rows)
{
	for my $day (0 .. 3)
	{
		mkdir "$home/$size$day";
		write_exports("$home/$size$day", $day, rows => $rows{$size}, wide => $size eq 'large');
	}
}
cmp_ok(-s "$home/large1/Opportunity.csv", '>', 9 * 1024 * 1024, 'large exports take more than one range');

# --- a reader that goes on and on
my $reader = open2(my $answers, my $asked, @lake_reader, 'serve', @lake);
sub begin_reading { print $asked "begin\n"; return }

# What it has seen since.
sub end_reading
{
	print $asked "end\n";
	my $answer = <$answers> // die 'the reader has ended';
	return decode_json($answer);
}

sub export_day
{
	my ($day, $size) = @_;
	s3($server, 'put-all', 'raw', "$world/", "$home/$size$day", @exports);
	return;
}

# A database and folders of its own; with a yesterday that was published.
sub new_world
{
	my ($mode, $size) = @_;
	$world++;
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS w');
	$node->safe_psql('postgres', 'CREATE DATABASE w');
	eval { glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "sales"}') };
	make_world($node, 'w', $home,
		raw => "s3://raw/$world/", lake => "s3://lake/$world/", catalog => 'glue', create_database => 1,
		server_options => s3_options($server, $moto),
		mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'",
		publish => "'$mode'", keep_runs => 1,
		purge => "'location'", confirm => "'s3://raw/$world/'");
	export_day(0, $size);
	my ($error, $out, $err) = call_run($node, 'w');
	die $err if $error ne '';
	export_day(1, $size);
	return;
}

# CALL run() with something armed at a fault point.
sub call_with
{
	my ($setting) = @_;
	my $before = times_ready($node);
	my ($state) = attempt($node, 'w',
		"LOAD 'salesforce_fdw'; $setting SET ROLE etl; CALL salesforce_fdw.run('sales');",
		user => $ENV{USER} // getpwuid($<));
	wait_for_restart($node, $before) if $state eq 'killed';
	return $state;
}

# Whether everything is as it must be when day's export is published.
sub is_complete
{
	my ($mode, $size, $day, $name) = @_;
	my @wrong;
	my $once = decode_json((run_command([ @lake_reader, 'once', @lake ]))[0]);
	push @wrong, 'the published rows are others' if join(' ', %{ $once->{stages} }) ne "Day $day $rows{$size}";
	push @wrong, 'raw versions are left' if s3($server, 'list', 'raw', "$world/") ne '';
	push @wrong, 'staged versions are left' if s3($server, 'list', 'lake', "$world/") =~ /_staging/;
	push @wrong, 'an upload is left' if s3($server, 'uploads', 'lake', "$world/") ne '';
	my $files = () = s3($server, 'list', 'lake', "$world/") =~ /\.parquet\|\d+\|Version\|latest/g;
	push @wrong, "$files files are left" if $files != 1;
	my ($state, $rows) = split /\|/, value($node, 'w', q{SELECT (SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1), (SELECT count(*) FROM crm.sales)});
	push @wrong, "the state is $state" if $state ne 'closed';
	push @wrong, "the target has $rows rows" if $rows != $rows{$size};
	diag("$name: $_") for @wrong;
	return !@wrong;
}

# The points of a clean second day.
my $trace = PostgreSQL::Test::Utils::tempdir() . '/trace';
my %points;
for my $kind ([ 'inplace', 'small' ], [ 'versioned', 'small' ], [ 'inplace', 'large' ], [ 'versioned', 'large' ])
{
	my ($mode, $size) = @$kind;
	new_world($mode, $size);
	unlink $trace;
	call_with("SET salesforce_fdw.fault_trace = '$trace';");
	ok(is_complete($mode, $size, 1, 'clean run'), "$mode, $size: a run without a crash is complete");
	$points{$mode}{$size} = [ map { s/^\d+ //r } split /\n/, slurp_file($trace) ];
	cmp_ok(scalar @{ $points{$mode}{$size} }, '>=', 25, '... with at least 25 fault points');
}
ok((grep { $_ eq 'storage.promote begun' } @{ $points{inplace}{small} }), 'the promotion has points inside');

# Whether a crash is tried: on demand all, with large files once each; everyday
# every sixth point with as many replacements in turn, and fewer otherwise.
sub is_tried
{
	my ($mode, $size, $number, $replaced) = @_;
	return $size eq 'small' || $replaced == $number % 3 if $ENV{SFDW_ALL};
	my $kinds = $size eq 'large' ? 15 : $mode eq 'versioned' ? 8 : 6;
	return 1 if $mode eq 'inplace' && $points{$mode}{$size}[ $number - 1 ] =~ /begun|copied/ && $replaced == $number % 3;
	return $number % $kinds == 0 && $replaced == $number / $kinds % 3;
}

my (@table, %seen);
my ($killed, $complete, $tried, $reads, $missing) = (0, 0, 0, 0, 0);
sub try_crash
{
	my ($mode, $size, $number, $replaced) = @_;
	my $point = $points{$mode}{$size}[ $number - 1 ];
	my $name = "$mode, $size, $number $point, replaced $replaced times";
	new_world($mode, $size);
	my $put = "SFDW_TEST_KEY=$aws_key SFDW_TEST_SECRET=$aws_secret $python $tool $server->{endpoint} put-all raw $world/";
	my $command = join '; ', (map { "$put $home/$size" . (1 + $_) . ' Account.csv Opportunity.csv' } 1 .. $replaced), 'kill -9 $PPID';
	begin_reading();
	$tried++;
	$killed++ if call_with("SET salesforce_fdw.fault_at = $number; SET salesforce_fdw.fault_action = 'sh:$command';") eq 'killed';
	my $state = value($node, 'w', q{SELECT coalesce((SELECT state FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1), 'nothing')});
	my @errors = grep { $_ ne '' } map { (call_run($node, 'w'))[0] } 1 .. 2;
	my $seen = end_reading();
	push @errors, map { 'a reader saw ' . (ref $_ ? encode_json($_) : $_) } @{ $seen->{wrong} };
	push @errors, "a reader saw @{ $seen->{order} }" if "@{ $seen->{order} }" ne "@{ $seen->{seen} }" || $seen->{order}[-1] ne 'Day ' . (1 + $replaced);
	push @errors, "a reader saw @{ $seen->{rows} } rows" if "@{ $seen->{rows} }" ne $rows{$size};
	$missing += @{ $seen->{wrong} };
	$reads += $seen->{reads};
	my $is_fine = is_complete($mode, $size, 1 + $replaced, $name) && !@errors;
	$complete++ if $is_fine;
	diag("$name: $_") for @errors;
	push @table, sprintf '%-9s %-5s %-36s %d %-14s %s', $mode, $size, "$number $point", $replaced, $state, $is_fine ? 'converged' : 'WRONG';
	return;
}
for my $mode (qw(inplace versioned))
{
	for my $size (qw(small large))
	{
		for my $number (1 .. @{ $points{$mode}{$size} })
		{
			try_crash($mode, $size, $number, $_) for grep { is_tried($mode, $size, $number, $_) } 0 .. 2;
		}
	}
}
close $asked;
waitpid $reader, 0;
is($killed, $tried, 'every point killed the backend');
is($complete, $tried, 'every rerun reached the same end');
cmp_ok($reads, '>=', 3 * $tried, 'readers read all the while');
is($missing, 0, '... and never saw a missing or partial table');
note("table: $_") for 'mode, size, point, replaced, state committed, end', @table;
note("figure: $tried crashes on buckets and Glue, $reads reads meanwhile, $missing of a missing or partial table");

$node->stop;
done_testing();
