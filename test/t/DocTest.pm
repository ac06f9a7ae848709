# What the tests of README.md and doc/*.md share: the blocks of a page, and
# running one as the user that it names.
package DocTest;
use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use File::Basename;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(blocks_of run_block);

my $source = dirname(__FILE__) . '/../..';

# The fenced blocks of a page: [language, text, line number].
sub blocks_of
{
	my ($page) = @_;
	my @blocks;
	my $number = 0;
	my $block;
	foreach my $line (split /\n/, slurp_file("$source/$page"))
	{
		$number++;
		if ($block)
		{
			if ($line eq '```') { push @blocks, $block; undef $block; }
			else { $block->[1] .= "$line\n"; }
		}
		elsif ($line =~ /^```(\w*)$/) { $block = [ $1, '', $number ]; }
	}
	die "$page: a block is not closed" if $block;
	return @blocks;
}

# Run a block of SQL, changed by $rewrite, as the user that it names in its
# first line; its errors are the test's.  A block that names none is not run.
# Returns what it printed.
sub run_block
{
	my ($node, $page, $block, $rewrite) = @_;
	my ($language, $text, $line) = @$block;
	return '' unless $text =~ /\A-- as (a superuser|\w+)(, refused)?$/m;
	my $superuser = getpwuid($<);
	my ($user, $is_refused) = ($1 eq 'a superuser' ? $superuser : $1, $2);
	my ($out, $err) = ('', '');
	my $status = $node->psql(
		'postgres', $rewrite->($text),
		stdout       => \$out,
		stderr       => \$err,
		extra_params => [ '-U', $user ]);
	if ($is_refused)
	{
		isnt($status, 0, "$page line $line, as $user, is refused");
		return $out;
	}
	is($status, 0, "$page line $line, as $user") or diag $err;
	unlike($err, qr/ERROR|refused/, '... nothing in it is refused') or diag $err;
	return $out;
}

1;
