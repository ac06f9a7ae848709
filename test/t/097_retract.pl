# Claim: what a run has published can be taken back: afterwards no version of it
# is left anywhere, and readers see an accepted run, or the catalog has no table;
# the next export is published as ever; done twice, it is done once.
use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use AwsTest;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RunTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('retract');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my ($state, $out, $err);

# Publish a day in a world; its run.
sub publish
{
	my ($world, $day) = @_;
	write_exports("$world->{home}/raw", $day);
	s3($world->{s3}, 'put-all', 'raw', "$world->{name}/", "$world->{home}/raw", qw(Account.csv Opportunity.csv)) if $world->{s3};
	($state, $out, $err) = call_run($node, $world->{name});
	is($state, '', "$world->{name}: day $day is published") or diag $err;
	return $node->safe_psql($world->{name}, 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
}

# Take runs back, and say what is left of each, and what was said.
sub retract
{
	my ($world, @runs) = @_;
	($state, $out, $err) = attempt($node, $world->{name},
		"SELECT versions_left FROM salesforce_fdw.retract('sales', '{" . join(',', @runs) . "}', 'a test')");
	$out =~ s/\n/ /g;
	return $out;
}

# Versions in the lake that the ledger has as some runs'.
sub left
{
	my ($world, @runs) = @_;
	return $node->safe_psql($world->{name}, "SELECT count(*) FROM salesforce_fdw.object_versions('lake') AS v
		JOIN salesforce_fdw.run_outputs AS o USING (key, version_id) WHERE o.kind = 'published' AND o.run IN ('" . join("', '", @runs) . "')");
}

sub verified
{
	my ($world, $run) = @_;
	return $node->safe_psql($world->{name}, "SELECT string_agg(item || ' ' || verdict, ', ') FROM salesforce_fdw.verify('$run') WHERE verdict <> 'ok'");
}

# The run that readers see: the one whose version is the latest where the table lies.
sub day_seen
{
	my ($world) = @_;
	my $location = $world->{location}->();
	return 'no table' if !defined $location;
	my $run = $node->safe_psql($world->{name}, "SELECT r.run FROM salesforce_fdw.runs r WHERE EXISTS (SELECT FROM salesforce_fdw.run_outputs o
		JOIN salesforce_fdw.object_versions('lake') v USING (key, version_id)
		WHERE o.run = r.run AND o.kind = 'published' AND v.is_latest AND NOT v.is_delete_marker
		AND '$location' = o.location || regexp_replace(o.key, '[^/]*\$', ''))");
	return $run;
}

my $s3 = start_s3();
my $moto = start_moto();
my $faults = start_faults($moto->{port});
s3($s3, 'make', $_, 'Enabled') for qw(raw lake);

# Worlds: folders and buckets, in place and in versions.
my %worlds;
for my $where (qw(folder bucket))
{
	for my $publish (qw(inplace versioned))
	{
		my $name = "${where}_$publish";
		my $home = new_home();
		my $world = { name => $name, home => $home, is_bucket => $where eq 'bucket', s3 => $where eq 'bucket' ? $s3 : undef };

		$node->safe_psql('postgres', "CREATE DATABASE $name");
		if ($where eq 'folder')
		{
			make_world($node, $name, $home, publish => "'$publish'", keep_runs => 9);
			$world->{location} = sub {
				my $entry = "$home/catalog/crm_production/sales.json";
				return -e $entry ? decode_json(slurp_file($entry))->{TableInput}{StorageDescriptor}{Location} : undef;
			};
		}
		else
		{
			make_world($node, $name, $home, raw => "s3://raw/$name/", lake => "s3://lake/$name/", catalog => 'glue', create_database => 1,
				publish => "'$publish'", keep_runs => 9, server_options => s3_options($s3, $faults),
				mapping => "access_key_id '$aws_key', secret_access_key '$aws_secret'");
			$node->safe_psql($name, "CREATE USER MAPPING FOR CURRENT_USER SERVER lake OPTIONS (access_key_id '$aws_key', secret_access_key '$aws_secret')");
			glue($moto, 'delete_table', '{"DatabaseName": "crm_production", "Name": "sales"}') if $publish eq 'versioned';
			$world->{location} = sub {
				my $found = eval { decode_json(glue($moto, 'get_table', '{"DatabaseName": "crm_production", "Name": "sales"}')) };
				return defined $found ? $found->{Table}{StorageDescriptor}{Location} : undef;
			};
		}
		my @runs = map { publish($world, $_) } 1 .. 3;
		my $keeps = $where eq 'bucket' || $publish eq 'versioned';

		is(day_seen($world), $runs[2], "$name: readers see the last day");
		is(retract($world, $runs[2]), '0', '... which is taken back') or diag $err;
		is(left($world, $runs[2]), 0, '... and nothing of it is left');
		is(day_seen($world), $keeps ? $runs[1] : 'no table', '... readers see the day before, where it is kept');
		is(verified($world, $runs[2]), '', '... and verify agrees');
		is(retract($world, $runs[2]), '0', 'once more, nothing happens') or diag $err;
		is(day_seen($world), $keeps ? $runs[1] : 'no table', '... to readers either');

		if ($keeps)
		{
			is(retract($world, $runs[0]), '0', 'a day that nobody sees is taken back') or diag $err;
			is(left($world, $runs[0]), 0, '... and nothing of it is left');
			is(day_seen($world), $runs[1], '... readers see what they saw');
		}
		my $fourth = publish($world, 4);
		is(day_seen($world), $fourth, 'the next export is published as ever');
		is(verified($world, $fourth), '', '... and verified');
		is(retract($world, $runs[1], $fourth), '0 0', 'all the rest is taken back') or diag $err;
		is(left($world, @runs, $fourth), 0, '... nothing of any day is left');
		is($world->{location}->() // 'no table', 'no table', '... and the catalog has no table');
		my $again = publish($world, 5);
		is(day_seen($world), $again, 'and another one is published as ever');

		# The same bytes twice: one is taken back, the other is seen.
		($state, $out, $err) = call_run($node, $name, force => 1);
		is($state, '', 'the same is published again') or diag $err;
		my $forced = $node->safe_psql($name, 'SELECT run FROM salesforce_fdw.runs ORDER BY number DESC LIMIT 1');
		if ($forced ne $again && $keeps)
		{
			is(retract($world, $forced), '0', '... and that is taken back') or diag $err;
			is(left($world, $forced), 0, '... nothing of it is left');
			isnt(day_seen($world), 'no table', '... with rows');
		}
		$worlds{$name} = { %$world, last => $again };
	}
}

# --- what is refused
my $world = $worlds{folder_versioned};
for my $case (
	[ "'sales', '{}', 'x'", '22023' ], [ "'sales', '{NULL}', 'x'", '22004' ], [ "'sales', '{$world->{last}}', ' '", '22023' ],
	[ "'sales', '{00000000-0000-0000-0000-000000000000}', 'x'", '42704' ], [ "'unknown', '{$world->{last}}', 'x'", '42704' ])
{
	($state, $out, $err) = attempt($node, $world->{name}, "SELECT * FROM salesforce_fdw.retract($case->[0])");
	is($state, $case->[1], "refused: $case->[0]") or diag $err;
}
like($node->safe_psql($worlds{bucket_inplace}{name}, "SELECT string_agg(DISTINCT detail, ',') FROM salesforce_fdw.run_events WHERE event = 'retracted'"), qr/^a test$/, 'the reason is kept');
$node->stop;
done_testing();
