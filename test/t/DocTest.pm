# What the tests of README.md and doc/*.md share: the blocks of a page, running
# one as the user that it names, and comparing what it prints with the page.
package DocTest;
use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use File::Basename;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(blocks_of run_block run_shown sections_of is_shown);

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

# The blocks of a page by the heading that they stand under:
# [heading, [block, ...]], in order.
sub sections_of
{
	my ($page) = @_;
	my $number = 0;
	my @headings = map { $number++; /^## (.*)/ ? [ $1, $number, [] ] : () } split /\n/, slurp_file("$source/$page");
	foreach my $block (blocks_of($page))
	{
		my ($heading) = grep { $_->[1] < $block->[2] } reverse @headings;
		push @{ $heading->[2] }, $block if $heading;
	}
	return map { [ $_->[0], $_->[2] ] } @headings;
}

# The lines of a psql session, without what only looks: rules, footers, widths,
# and where psql read the statement.
sub plain_lines
{
	my ($text) = @_;
	return grep { !/^[-+]*$/ && !/^\(\d+ rows?\)$/ }
	  map { s/^psql:\S+: //r =~ s/\s+/ /gr =~ s/^ | $//gr } split /\n/, $text;
}

# Whether psql printed what a page shows: line by line, where "…" stands for
# anything in a line, and a line of nothing else for any lines.
sub is_shown
{
	my ($got, $shown, $name) = @_;
	my $pattern = join '', map { $_ eq '…' ? '(?:.*\n)*?' : join('.*', map { quotemeta } split /…/, $_, -1) . '\n' } plain_lines($shown);
	my $text = join '', map { "$_\n" } plain_lines($got);
	like($text, qr/\A$pattern\z/, $name);
	return;
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

# The same, as a person sees it: tables with headings, and messages among them.
# Returns what was printed; the caller compares it with the page.
sub run_shown
{
	my ($node, $page, $block, $rewrite) = @_;
	my ($language, $text, $line) = @$block;
	my ($who, $is_refused) = $text =~ /\A-- as (a superuser|\w+)(, refused)?$/m or return '';
	my $user = $who eq 'a superuser' ? getpwuid($<) : $who;
	my $script = $rewrite->($text);
	my $out = '';
	IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-P', 'pager=off', '-d', $node->connstr('postgres'),
			'-U', $user, '-f', '-' ], '<', \$script, '>&', \$out);
	is($? == 0 ? 'done' : 'refused', $is_refused ? 'refused' : 'done', "$page line $line, as $user") or diag $out;
	return $out;
}

1;
