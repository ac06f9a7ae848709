# What the tests share that plant strings in raw files and look for them
# everywhere else: how they are found, in text and below folders, whatever the
# case of their letters, in part, and in the usual disguises.
package CanaryTest;
use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use IPC::Run;
use MIME::Base64;

our @EXPORT = qw(canary canary_pattern canaries_in canaries_below count_canaries);

# Kinds of canaries, by what they begin with.
my %kind_of;

# The number-th canary of a kind whose prefix is five rare letters: a word that
# is in no dictionary, and that no case or cut hides.
sub canary
{
	my ($prefix, $number) = @_;
	my $letters = '';
	for (1 .. 6) { $letters .= chr(ord('a') + $number % 26); $number = int($number / 26) + 7 * $_; }
	$kind_of{ lc $prefix } = $prefix;
	return $prefix . $letters;
}

# An extended regular expression for canaries of some prefixes: as they are, in
# hexadecimal, and in base64 at each of its three offsets.
sub canary_pattern
{
	my (@prefixes) = @_;
	my @forms = map { ("${_}[a-z]*", unpack 'H*', $_) } @prefixes;
	for my $prefix (@prefixes)
	{
		for my $offset (0 .. 2)
		{
			my $code = encode_base64(('x' x $offset) . $prefix, '');
			my $from = (0, 2, 3)[$offset];
			push @forms, quotemeta substr $code, $from, int((length($prefix) + $offset) * 8 / 6) - $from;
		}
	}
	return join '|', @forms;
}

# The different canaries in what grep is given, small letters.
sub search
{
	my ($pattern, $input, @files) = @_;
	my ($out, $err) = ('', '');
	local $ENV{LC_ALL} = 'C';
	IPC::Run::run([ 'grep', '-raoiEh', '-e', $pattern, @files ], '<', \$input, '>', \$out, '2>', \$err);
	# A server may take a file away meanwhile, and that is all that may go wrong.
	$err =~ s/^grep: .*: No such file or directory\n//mg;
	die $err if $err ne '';
	my %found = map { lc $_ => 1 } split /\n/, $out;
	return sort keys %found;
}

# ... in a text; the pattern is one of those or of the caller's own.
sub canaries_in { my ($pattern, $text) = @_; return search($pattern, $text, '-') }

# ... in the files below folders, whatever they are.
sub canaries_below { my ($pattern, @folders) = @_; return @folders ? search($pattern, '', @folders) : () }

# How many of them begin with a prefix.
sub count_canaries
{
	my ($prefix, @found) = @_;
	my $disguised = canary_pattern($prefix);
	return scalar grep { /^(?:$disguised)/i } @found;
}

1;
