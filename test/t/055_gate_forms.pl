# Forms of definitions, of which some hundred reach something personal, each in
# its own way, and must be refused by name, and others are harmless and must
# pass.  What each touches, and how, was found by hand: test/gate/*.txt.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use FindBin;

my $folder = "$FindBin::Bin/../gate";
my $node = PostgreSQL::Test::Cluster->new('gate_forms');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nlog_min_messages = panic");
$node->start;
$node->safe_psql('postgres', slurp_file("$folder/forms.sql"));

# The forms of a file: [query, what is expected].
sub forms
{
	my ($file) = @_;
	my @forms;

	for my $line (split /\n/, slurp_file("$folder/$file"))
	{
		next if $line =~ /^(#|$)/;
		$line =~ /^(.*) ;;(?: (.*))?$/ or die "no expectation: $line";
		push @forms, [ $1, $2 // '' ];
	}
	return @forms;
}

# What happens to each of some queries.
sub attempts
{
	my $values = join ",\n", map { my $q = $_->[0]; $q =~ s/'/''/g; "('$q')" } @_;
	my $out = $node->safe_psql('postgres', <<"SQL");
SET client_min_messages = error;
SET search_path = f;
SET ROLE author;
SELECT f.attempt(q) FROM (VALUES $values) AS v (q)
SQL
	return split /\n/, $out, -1;
}

# Lists without an order, so that they can be compared.
sub sorted { my ($list, $between) = @_; return join $between, sort split /\Q$between\E/, $list }

my @refused = forms('refused.txt');
my @outcomes = attempts(@refused);
is(scalar @outcomes, scalar @refused, 'each form has an outcome');
my $by_column = 0;
for my $i (0 .. $#refused)
{
	my ($query, $expected) = @{ $refused[$i] };

	if ($expected =~ /^[!?] ?/)
	{
		is(substr($outcomes[$i], 0, length $expected), $expected, "refused: $query");
		next;
	}
	$by_column++;
	my ($columns) = $outcomes[$i] =~ /^refused: (.*)$/;
	is(sorted($columns // $outcomes[$i], ', '), sorted($expected, ', '), "refused: $query");
}

my @passed = forms('passed.txt');
@outcomes = attempts(@passed);
for my $i (0 .. $#passed)
{
	my ($query, $expected) = @{ $passed[$i] };
	my ($touched) = $outcomes[$i] =~ /^passed: (.*)$/;

	is(sorted($touched // $outcomes[$i], ' | '), sorted($expected, ' | '), "passes: $query");
}

cmp_ok($by_column, '>=', 300, 'forms that reach a personal column');
cmp_ok(scalar @passed, '>=', 150, 'forms that pass');
note(sprintf 'count: %d definitions refused by name, %d of them for a column; %d pass with their lineage',
	scalar @refused, $by_column, scalar @passed);
$node->stop;
done_testing();
