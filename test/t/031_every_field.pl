# IMPORT finds dialect and types of generated exports, and every field of every
# record is what Python reads in the raw file.
use strict;
use warnings FATAL => 'all';
use File::Temp qw(tempdir);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{SFDW_PYTHON} // 'python3';
my @sizes  = map { ("--$_->[0]", "$_->[1]r") } (
	[ account => 400 ], [ opportunity => 600 ], [ contact => 400 ], [ lead => 200 ],
	[ user => 60 ], [ case => 300 ]);
my $folder = tempdir(CLEANUP => 1);
chmod 0755, $folder or die $!;

my $node = PostgreSQL::Test::Cluster->new('every_field');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION salesforce_fdw');

# Import a folder of exports and compare each of its tables.
sub compare
{
	my ($dialect, @options) = @_;
	system($python, "$ENV{TESTDIR}/test/gen_salesforce.py", "$folder/$dialect",
		'--edge-cases', '0.1', '--seed', '7', @sizes, @options) == 0
	  or die 'the generator failed';
	$node->safe_psql('postgres', qq{
		CREATE SERVER $dialect FOREIGN DATA WRAPPER salesforce_fdw
			OPTIONS (location 'file://$folder/$dialect/');
		CREATE SCHEMA $dialect;
		IMPORT FOREIGN SCHEMA salesforce FROM SERVER $dialect INTO $dialect;
	});
	is( $node->safe_psql('postgres', qq{
			SELECT string_agg(DISTINCT option_value, ',')
			FROM information_schema.foreign_table_options
			WHERE foreign_table_schema = '$dialect' AND option_name = 'dialect'}),
		$dialect, "$dialect: IMPORT found the dialect of every file");

	for my $object (qw(Account Opportunity Contact Lead User Case))
	{
		my $table = "$dialect." . lc($object) =~ s/^(user|case)$/"$1"/r;
		my $base  = "$folder/$dialect-$object";
		$node->safe_psql('postgres', qq{
			\\copy (SELECT * FROM $table) TO '$base.csv' (FORMAT csv, HEADER, NULL '<null>')
			\\o $base.json
			SELECT json_object_agg(o.option_value, format_type(a.atttypid, a.atttypmod))
			FROM pg_attribute a, pg_options_to_table(a.attfdwoptions) o
			WHERE a.attrelid = '$table'::regclass AND a.attnum > 0
			  AND o.option_name = 'field';
		});
		my $out = '';
		my $err = '';
		my $ok  = IPC::Run::run(
			[ $python, "$ENV{TESTDIR}/test/every_field.py",
				"$folder/$dialect/$object.csv", "$base.csv", "$base.json", $dialect ],
			'>', \$out, '2>', \$err);
		chomp($out, $err);
		ok($ok && $out > 1000, "$dialect: $object, $out values") or diag($err);
	}
}

compare('cds');
compare('csv', '--raw-newlines');

# The comparison does find a difference: one letter changed in the raw file.
my $raw = slurp_file("$folder/cds/Contact.csv");
$raw =~ s/@/%/ or die 'no address to change';
unlink "$folder/cds/Contact.csv";
append_to_file("$folder/cds/Contact.csv", $raw);
command_fails_like(
	[ $python, "$ENV{TESTDIR}/test/every_field.py", "$folder/cds/Contact.csv",
		"$folder/cds-Contact.csv", "$folder/cds-Contact.json", 'cds' ],
	qr/record \d+, field \w+: the values differ/, 'a changed value is found');

done_testing();
