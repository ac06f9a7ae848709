# Random definitions over three files.  Whenever a change of one column's values
# changes what a query gives, the gate has named that column.  Two thousand
# queries.  The seed is said, and can be given as SFDW_SEED.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $count = $ENV{SFDW_SLOW} ? 20 : 2_000;
my $seed = $ENV{SFDW_SEED} // time;
srand $seed;
note("figure: seed $seed");

# Three objects with four columns each; values repeat, so that joins find
# something, and some are missing.
my %columns = map { my $t = $_; $t => [ map { "$t$_" } 1 .. 4 ] } qw(a b c);
my $rows = 7;
my $folder = PostgreSQL::Test::Utils::tempdir;

sub value
{
	my ($n) = @_;
	return $n % 6 == 5 ? '' : chr(ord('p') + $n % 5);
}

# The files of one folder; in the column named, every value is another one.
sub write_files
{
	my ($where, $changed) = @_;

	mkdir $where or die $!;
	for my $t (sort keys %columns)
	{
		my $text = '"' . join('","', @{ $columns{$t} }) . "\"\r\n";

		for my $row (0 .. $rows - 1)
		{
			$text .= join(',', map {
					my $v = value(($row + 1) * (ord(substr $columns{$t}[$_], 1) + 3 * ord $t));
					$v = 'canary' . ($row % 3) if ($changed // '') eq $columns{$t}[$_];
					qq("$v") } 0 .. 3) . "\r\n";
		}
		append_to_file("$where/" . uc($t) . '__c.csv', $text);
	}
}

my $node = PostgreSQL::Test::Cluster->new('gate_random');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nlog_min_messages = panic\njit = off");
$node->start;
my $sql = "CREATE EXTENSION salesforce_fdw;\n"
  . "CREATE SERVER lake FOREIGN DATA WRAPPER salesforce_fdw OPTIONS (location 'file://$folder/lake/');\n";
my @changes = map { @{ $columns{$_} } } sort keys %columns;
for my $schema ('base', @changes)
{
	write_files("$folder/$schema", $schema eq 'base' ? undef : $schema);
	$sql .= "CREATE SCHEMA $schema;\nCREATE SERVER $schema FOREIGN DATA WRAPPER salesforce_fdw"
	  . " OPTIONS (location 'file://$folder/$schema/', dialect 'csv');\n";
	for my $t (sort keys %columns)
	{
		my $list = join ', ', map { "$_ text OPTIONS (field '$_', class 'business')" } @{ $columns{$t} };
		$sql .= "CREATE FOREIGN TABLE $schema.$t ($list) SERVER $schema OPTIONS (object '" . uc($t) . "__c');\n"
		  . "CREATE VIEW $schema.v_$t AS SELECT $t" . "1 AS x, upper($t" . "2) AS y FROM $schema.$t WHERE ${t}3 <> 'p';\n";
	}
}
$node->safe_psql('postgres', $sql);
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE base.outcome (number int, query text, changed text, problem text);
CREATE FUNCTION base.digest(query text, schema text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	digest text;
BEGIN
	PERFORM set_config('search_path', schema, true);
	EXECUTE format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), ''none'')) FROM (%s) AS t', query)
	   INTO digest;
	RETURN digest;
END $$;
CREATE FUNCTION base.touched(query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	names text[];
BEGIN
	PERFORM set_config('search_path', 'base', true);
	PERFORM salesforce_fdw.create_dataset('tried', 'lake', query => query, target => 'base.tried');
	names := ARRAY(SELECT column_name FROM salesforce_fdw.lineage('tried'));
	RAISE EXCEPTION USING ERRCODE = 'TR000', MESSAGE = names::text;
EXCEPTION WHEN SQLSTATE 'TR000' THEN
	RETURN SQLERRM::text[];
END $$;
CREATE PROCEDURE base.judge(number int, query text, schemas text[]) LANGUAGE plpgsql AS $$
DECLARE
	names text[];
	before text;
	schema text;
BEGIN
	names := base.touched(query);
	before := base.digest(query, 'base');
	FOREACH schema IN ARRAY schemas LOOP
		IF base.digest(query, schema) <> before THEN
			INSERT INTO base.outcome VALUES (number, query, schema,
				CASE WHEN schema = ANY (names) THEN 'named' ELSE 'NOT NAMED' END);
		ELSIF schema = ANY (names) THEN
			INSERT INTO base.outcome VALUES (number, query, schema, 'unchanged');
		END IF;
	END LOOP;
	IF NOT EXISTS (SELECT FROM base.outcome AS o WHERE o.number = judge.number) THEN
		INSERT INTO base.outcome VALUES (number, query, NULL, 'nothing');
	END IF;
EXCEPTION WHEN OTHERS THEN
	INSERT INTO base.outcome VALUES (number, query, NULL, SQLERRM);
END $$;
SQL

my $names = 0;
sub fresh { return 'n' . ++$names }
sub pick { return $_[ rand @_ ] }

# An expression over the columns in scope (a list of "alias.column").
sub expression
{
	my ($depth, @scope) = @_;
	my $kind = $depth <= 0 || !@scope ? pick(0, 0, 0, 1) : int rand 12;
	my $next = sub { expression($depth - 1, @scope) };

	return @scope ? pick(@scope) : "'k'" if $kind == 0 || $kind == 2;
	return "'" . pick('p', 'q', 'r', '') . "'" if $kind == 1;
	return 'upper(' . $next->() . ')' if $kind == 3;
	return '(' . $next->() . ' || ' . $next->() . ')' if $kind == 4;
	return 'coalesce(' . $next->() . ', ' . $next->() . ')' if $kind == 5;
	return 'nullif(' . $next->() . ', ' . $next->() . ')' if $kind == 6;
	return 'CASE WHEN ' . predicate($depth - 1, @scope) . ' THEN ' . $next->() . ' ELSE ' . $next->() . ' END'
	  if $kind == 7;
	return 'greatest(' . $next->() . ', ' . $next->() . ')' if $kind == 8;
	return '(SELECT max(' . "$_.c1" . ') FROM (' . query($depth - 1, 1, @scope) . ") AS $_)" for ($kind == 9 ? fresh() : ());
	return '(ARRAY[' . $next->() . ', ' . $next->() . '])[1]' if $kind == 10;
	return 'salesforce_fdw.mask(' . $next->() . ', 1)';
}

sub predicate
{
	my ($depth, @scope) = @_;
	my $kind = $depth <= 0 ? int rand 3 : int rand 8;
	my $value = sub { expression($depth - 1, @scope) };

	return $value->() . ' ' . pick('=', '<', '<>', '>=', '<>') . ' ' . $value->() if $kind == 0;
	return $value->() . ' IS ' . pick('NULL', 'NOT NULL') if $kind == 1;
	return $value->() . pick(' LIKE ', ' NOT LIKE ') . "'p%'" if $kind == 2;
	return '(' . predicate($depth - 1, @scope) . pick(' AND ', ' OR ') . predicate($depth - 1, @scope) . ')' if $kind == 3;
	return 'NOT ' . predicate($depth - 1, @scope) if $kind == 4;
	return 'EXISTS (' . query($depth - 1, 1, @scope) . ')' if $kind == 5;
	return $value->() . pick(' IN (', ' NOT IN (', ' > ALL (', ' = ANY (') . query($depth - 1, 1, @scope) . ')' if $kind == 6;
	return $value->() . ' IS DISTINCT FROM ' . $value->();
}

# An item of FROM: its text, and the columns that it brings.
sub item
{
	my ($depth, $ctes, @scope) = @_;
	my $name = fresh();
	my $kind = $depth <= 0 ? int rand 2 : int rand 8;
	my $t = pick(sort keys %columns);

	return ("$t AS $name", map { "$name.$_" } @{ $columns{$t} }) if $kind == 0 || $kind == 2;
	return ("v_$t AS $name", "$name.x", "$name.y") if $kind == 1;
	if ($kind == 3 && @$ctes)
	{
		my $cte = pick(@$ctes);
		return ("$cte AS $name", "$name.c1", "$name.c2");
	}
	return ('LATERAL (' . query($depth - 1, 2, @scope) . ") AS $name", "$name.c1", "$name.c2") if $kind == 4;
	return ("unnest(ARRAY[" . expression($depth - 1, @scope) . ", 'z']) AS $name (u)", "$name.u") if $kind == 5;
	return ('LATERAL (VALUES (' . expression($depth - 1, @scope) . ", 'v'), ('w', " . expression(0, @scope)
		  . ")) AS $name (c1, c2)", "$name.c1", "$name.c2") if $kind == 6;
	return ('(' . query($depth - 1, 2) . ") AS $name", "$name.c1", "$name.c2");
}

# A query with so many columns c1, c2, ...; scope is what is around it.
sub query
{
	my ($depth, $width, @outer) = @_;
	my @list = map { my $n = $_; sub { my ($d, @s) = @_; expression($d, @s) . " AS c$n" } } 1 .. $width;

	if ($depth > 0 && rand() < 0.15)
	{
		my $operator = pick('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT');
		return '(' . query($depth - 1, $width, @outer) . ") $operator (" . query($depth - 1, $width, @outer) . ')';
	}
	my (@ctes, $with);
	if ($depth > 1 && rand() < 0.2)
	{
		my $name = fresh();
		$with = "WITH $name AS (" . query($depth - 2, 2, @outer) . ') ';
		push @ctes, $name;
	}
	my ($from, @scope) = item($depth - 1, \@ctes, @outer);
	for (1 .. ($depth > 0 ? int rand 2.5 : 0))
	{
		my ($text, @more) = item($depth - 1, \@ctes, @outer, @scope);
		my $on = sub { predicate($depth - 1, @scope, @more) };

		$from .= $text =~ /^(LATERAL|unnest)/ || rand() < 0.3 ? " CROSS JOIN $text"
		  : ' ' . pick('JOIN', 'LEFT JOIN', 'LEFT JOIN') . " $text ON " . $on->();
		push @scope, @more;
	}
	my @all = (@scope, @scope, @outer);
	my $where = rand() < 0.3 ? ' WHERE ' . predicate($depth - 1, @all) : '';
	my $kind = $depth > 0 ? int rand 6 : 5;
	if ($kind == 0)
	{
		my @group = map { pick('upper(', 'lower(', 'salesforce_fdw.mask(', 'reverse(') . pick(@scope) . ')' } 1 .. 2;
		my $value = pick('count(*)::text', 'max(' . expression($depth - 1, @scope) . ')',
			'count(DISTINCT ' . pick(@scope) . ')::text',
			'string_agg(' . pick(@scope) . ", ',' ORDER BY " . join(', ', @scope) . ')');
		my $having = rand() < 0.3 ? ' HAVING max(' . pick(@scope) . ") > 'p'" : '';
		my @out = ($value, "'g'");
		return ($with // '') . 'SELECT ' . join(', ', map { "$out[$_ - 1] AS c$_" } 1 .. $width)
		  . " FROM $from$where GROUP BY " . join(', ', @group, pick(@scope)) . $having;
	}
	if ($kind == 1)
	{
		my $window = '(PARTITION BY ' . pick(@scope) . ' ORDER BY ' . join(', ', @scope) . ')';
		return ($with // '') . 'SELECT ' . join(', ', map { ($_ == 1 ? "row_number() OVER $window\::text" : pick(@scope)) . " AS c$_" } 1 .. $width)
		  . " FROM $from$where";
	}
	my $text = ($with // '') . 'SELECT ' . ($kind == 2 ? 'DISTINCT ' : '')
	  . join(', ', map { $_->($depth - 1, @all) } @list) . " FROM $from$where";
	$text .= ' ORDER BY ' . join(', ', 1 .. $width) . ' LIMIT 3' if $kind == 3;
	return $text;
}

my $calls = '';
for my $number (1 .. $count)
{
	my $text = query(3, 2);
	redo if length $text > 4000 || $text !~ /\b(v_)?[abc] AS/;
	my @schemas = grep { my $t = substr $_, 0, 1; $text =~ /\b(v_)?$t AS/ } @changes;
	$calls .= "CALL base.judge($number, \$q\$$text\$q\$, '{" . join(',', @schemas) . "}');\n";
}
append_to_file("$folder/calls.sql", "SET client_min_messages = error;\nSET statement_timeout = '20s';\n$calls");
command_ok([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', "$folder/calls.sql" ],
	'all were tried');

is($node->safe_psql('postgres', q{SELECT number, changed, query FROM base.outcome WHERE problem = 'NOT NAMED' LIMIT 3}),
	'', 'whatever changes the output was named');
is($node->safe_psql('postgres', q{SELECT problem, query FROM base.outcome
	WHERE problem NOT IN ('NOT NAMED', 'named', 'unchanged', 'nothing') AND problem !~ 'statement timeout' LIMIT 3}),
	'', 'every query was examined and ran');
my %tally = map { split /\|/ } split /\n/,
  $node->safe_psql('postgres', 'SELECT problem, count(*) FROM base.outcome GROUP BY 1');
my $queries = $node->safe_psql('postgres', q{SELECT count(DISTINCT number) FROM base.outcome WHERE problem IN ('named', 'unchanged', 'nothing')});
note("count: $queries random definitions, $tally{named} columns changed the output and were named, "
	  . ($tally{unchanged} // 0) . ' were named and changed nothing in this data');
cmp_ok($queries, '>=', 0.98 * $count, 'nearly all of them ran in time');
cmp_ok($tally{named}, '>', $count, 'changes reached the output');
$node->stop;
done_testing();
