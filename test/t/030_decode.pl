# What the decoders accept, PostgreSQL's own input functions accept too, with
# the same result; what only PostgreSQL accepts falls under a documented rule.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $count  = $ENV{SFDW_DECODE_CASES} // 1500;
my $driver = "$ENV{TESTDIR}/build/unit/driver_export";
if (!-x $driver)
{
	system('make', '-s', '-C', $ENV{TESTDIR}, 'unit-programs') == 0
	  or die 'cannot build the driver';
}
srand(1);

sub one_of { return $_[ int(rand(@_)) ]; }

sub digits { return join '', map { int(rand(10)) } 1 .. $_[0]; }

sub integer
{
	return one_of('', '-', '+') . one_of(digits(1 + int(rand(20))),
		qw(0 32767 32768 2147483647 2147483648 9223372036854775807 9223372036854775808));
}

sub number
{
	my $text = one_of('', '', '-', '+')
	  . one_of(digits(1 + int(rand(9))), '0', '', '99999', '00012');
	$text .= '.' . one_of(digits(int(rand(6))), '995', '994', '0', '')
	  if rand() < 0.6;
	$text .= one_of('e', 'E') . one_of('', '+', '-') . one_of(0 .. 9, 16, 300, 308, 309, 400, 131071, 131072, 20000)
	  if rand() < 0.4;
	return $text;
}

sub date
{
	return sprintf('%04d-%02d-%02d',
		one_of(1, 1582, 1900, 1970, 2000, 2023, 2024, 9999, int(rand(10000))),
		one_of(1 .. 12, 0, 13), one_of(1 .. 31, 28, 29, 30, 31, 0, 32));
}

sub clock
{
	my $text = sprintf('%02d:%02d:%02d', one_of(0 .. 23, 24), one_of(0 .. 59, 60), one_of(0 .. 59, 60));
	$text .= '.' . digits(one_of(1, 2, 3, 3, 3, 6, 7)) if rand() < 0.7;
	return $text;
}

sub zone
{
	return one_of('Z', '+0000', '+00:00', '-0500', '+05:30', '-15:59', '+1559', '+1600', '', '+05', ' Z', '-0330');
}

my %generate = (
	boolean => sub { return one_of(qw(True False true false TRUE FALSE 1 0 t f yes no on off tRUE 2), 'True ') },
	smallint => \&integer,
	integer => \&integer,
	bigint => \&integer,
	numeric => \&number,
	'numeric(7,2)' => \&number,
	float8 => \&number,
	date => \&date,
	time => sub { return clock() . one_of('', 'Z', 'Z', '+00', ' ') },
	timestamp => sub { return date() . one_of('T', ' ', '') . clock() . zone() },
	timestamptz => sub { return date() . one_of('T', ' ', 't') . clock() . zone() },
	uuid => sub {
		my @hex = (0 .. 9, 'a' .. 'f', 'A' .. 'F');
		return join one_of('-', '-', '-', ''),
		  map { my $n = $_; join '', map { one_of(@hex) } 1 .. $n } 8, 4, 4, 4, 12;
	});

# A changed value: some byte exchanged, put in or taken out.
sub mutate
{
	my ($text) = @_;
	my $at     = int(rand(length($text) + 1));
	my $byte   = one_of(split //, '0123456789-+.:TZ eE_xA/');
	return one_of(
		substr($text, 0, $at) . $byte . substr($text, $at),
		substr($text, 0, $at) . substr($text, $at < length($text) ? $at + 1 : $at));
}

# What PostgreSQL accepts and the decoders refuse, by the rules of decode.h.
my %stricter = (
	boolean => qr/^(?!(True|False|true|false|TRUE|FALSE|1|0)$)/,
	smallint => qr/\s/,
	integer => qr/\s/,
	bigint => qr/\s/,
	numeric => qr/\s|^[-+]?0*\.?0*e/i,
	'numeric(7,2)' => qr/\s|^[-+]?0*\.?0*e/i,
	float8 => qr/\s|0x/i,
	date => qr/^(?!\d{4}-\d\d-\d\d$)/,
	time => qr/^24:|:60|^(?!\d\d:\d\d:\d\d(\.\d{1,6})?Z?$)/,
	timestamp => qr/[T ]24:|:60|^(?!\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[-+]\d\d:?\d\d)?$)/,
	timestamptz => qr/[T ]24:|:60|^(?!\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[-+]\d\d:?\d\d)$)/,
	uuid => qr/^(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)/i);

# Run the driver over values of one type; its answers in order.
sub decode_all
{
	my ($type, @values) = @_;
	my $name = $type =~ s/[^a-z0-9]/_/gr;
	my $file = PostgreSQL::Test::Utils::tempdir() . "/$name";
	append_to_file($file, join '', map { length($_) . " $type\n$_\n" } @values);
	my @answers = split /\n/, `"$driver" decode < "$file"`;
	die "the driver failed for $type" if $? != 0 || @answers != @values;
	return @answers;
}

# An expression of PostgreSQL that gives what the driver prints.
my %expression = (
	boolean => '$1::boolean::text',
	smallint => '$1::smallint::text',
	integer => '$1::integer::text',
	bigint => '$1::bigint::text',
	numeric => '$1::numeric::text',
	'numeric(7,2)' => '$1::numeric(7,2)::text',
	float8 => '$1::float8::text',
	date => q{($1::date - '2000-01-01')::text},
	time => q{(extract(epoch FROM $1::time) * 1000000)::bigint::text},
	timestamp => q{(CASE WHEN $1 ~ '[-+][0-9]{2}:?[0-9]{2}$' AND $1 ~ ':.*:'
		THEN (extract(epoch FROM $1::timestamptz) - 946684800) * 1000000
		ELSE (extract(epoch FROM $1::timestamp) - 946684800) * 1000000 END)::bigint::text},
	timestamptz => '((extract(epoch FROM $1::timestamptz) - 946684800) * 1000000)::bigint::text',
	uuid => q{replace($1::uuid::text, '-', '')});

# How the driver's answer becomes comparable.
my %normalize = (
	numeric => '$1::numeric::text',
	'numeric(7,2)' => '$1::numeric(7,2)::text',
	float8 => '$1::float8::text');

my $node = PostgreSQL::Test::Cluster->new('decode');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'America/Toronto'\ndatestyle = 'SQL, DMY'\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE TABLE answer (type text, value text, decoded text, code int);
	CREATE FUNCTION try(expression text, value text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE result text;
	BEGIN
		EXECUTE 'SELECT ' || expression INTO result USING value;
		RETURN result;
	EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
		RETURN NULL;
	END $$;
});

my $total = 0;
for my $type (sort keys %generate)
{
	my %seen;
	while (keys %seen < $count && $total++ < 100 * $count * keys %generate)
	{
		my $value = $generate{$type}->();
		$value = mutate($value) if rand() < 0.3;
		$seen{$value} = 1;
		last if $type eq 'boolean' && keys %seen > 150;
	}
	my @values  = sort keys %seen;
	my @answers = decode_all($type, @values);
	my $copy    = '';
	for my $i (0 .. $#values)
	{
		my ($what, $result) = split / /, $answers[$i];
		$copy .= join("\t", $type, $values[$i],
			$what eq 'V' ? ($result, '\N') : ('\N', $result)) . "\n";
	}
	my $normal = $normalize{$type} // '$1';
	my $file   = PostgreSQL::Test::Utils::tempdir() . '/copy';
	unlink $file;
	append_to_file($file, $copy);
	my $rows = $node->safe_psql('postgres', qq{
		TRUNCATE answer;
		\\copy answer FROM '$file'
		SELECT value, decoded, code, theirs, try(\$x\$$normal\$x\$, decoded)
		FROM (SELECT *, try(\$x\$$expression{$type}\$x\$, value) AS theirs FROM answer) AS t;
	});
	my ($accepted, $same, $refused, $explained) = (0, 0, 0, 0);
	for my $row (split /\n/, $rows)
	{
		my ($value, $decoded, $code, $theirs, $ours) = split /\|/, $row, -1;
		if ($code eq '')
		{
			$accepted++;
			$same++ if $theirs ne '' && $theirs eq $ours;
			diag("$type \"$value\": ours $ours, theirs $theirs") if $theirs ne $ours;
		}
		elsif ($theirs ne '')
		{
			$refused++;
			if   ($value =~ $stricter{$type}) { $explained++; }
			else                              { diag("$type \"$value\": theirs alone, $theirs"); }
		}
	}
	cmp_ok($accepted, '>', 5, "$type: $accepted of " . @values . ' values are accepted');
	is($same, $accepted, "$type: with PostgreSQL's result");
	is($explained, $refused, "$type: the $refused that PostgreSQL alone accepts fall under a rule");
}

done_testing();
