# run_maildkim.pl - cases of `dump dkim` on standard input through Perl's
# Mail::DKIM, compared with ours: pass with no pass.  Run by t/others/others.sh.
use strict;
use warnings;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

# The name server: one key, at one name.
package Zone;

sub new {
	my ($class, $case) = @_;
	return bless { %$case }, $class;
}

sub errorstring { return 'NOERROR' }

sub send {
	my ($self, $name, $type) = @_;
	my $packet = Net::DNS::Packet->new($name, $type, 'IN');
	if (lc $name eq lc $self->{name}) {
		$packet->push(answer => Net::DNS::RR->new(
			owner => $name, type => 'TXT',
			txtdata => [ $self->{key} =~ /(.{1,255})/gs ]));
	} else {
		$packet->header->rcode('NXDOMAIN');
	}
	return $packet;
}

package main;

# How Mail::DKIM 1.20230212 differs from RFC 6376: what it does, and the message
# as it would have to be for the same answer without that.
my @deviations = (
	[ 'ends no body without CRLF (section 3.4.3)',
		sub { $_[0] =~ /\r\n\z/ ? $_[0] : "$_[0]\r\n" } ],
	[ 'takes a line for a field whose name has a space, or no colon',
		\&header_cut ],
	[ 'takes base64 with more padding than belongs to it (RFC 4648)',
		\&padding_cut ],
);

# The header ends before the first line that is no field (RFC 5322 section 2.2).
sub header_cut {
	my ($header, $body) = split /\r\n\r\n/, $_[0], 2;
	my @lines = split /\r\n/, $header, -1;
	for my $i (0 .. $#lines) {
		next if $lines[$i] =~ /^[!-9;-~]+[ \t]*:|^[ \t]/;
		splice @lines, $i, 0, '';
		return join("\r\n", @lines, '', $body // '');
	}
	return $_[0];
}

# A b= or bh= that is no base64 becomes one that cannot be right.
sub padding_cut {
	my ($field, $rest) = $_[0] =~ /\A(.*?\r\n)(?![ \t])(.*)\z/s;
	my @tags = split /;/, $field;
	for my $tag (@tags) {
		my ($name, $value) = $tag =~ /^\s*(bh?)=(.*)$/s or next;
		$value =~ s/\s//g;
		$tag = " $name=AAAA" if $value =~ /=/ && length($value) % 4;
	}
	return join(';', @tags) . "\r\n" . $rest;
}

sub known {
	my ($case) = @_;
	for my $entry (@deviations) {
		my %other = (%$case, message => $entry->[1]->($case->{message}));
		return $entry->[0]
			if verify(\%other) == ($case->{result} eq 'pass' ? 1 : 0);
	}
	return undef;
}

sub verify {
	my ($case) = @_;
	Mail::DKIM::DNS::resolver(Zone->new($case));
	local $SIG{__WARN__} = sub { };	# an Algorithm without bh=
	my $passed = eval {
		my $dkim = Mail::DKIM::Verifier->new(Strict => 1);
		$dkim->PRINT($case->{message});
		$dkim->CLOSE;
		my ($first) = $dkim->signatures;
		$first && $first->result eq 'pass';
	};
	return $passed ? 1 : 0;
}

binmode STDIN;
my (%counts, %case);
while (my $line = <STDIN>) {
	chomp $line;
	my ($word, $value) = split / /, $line, 2;
	if ($word ne 'message') {
		$case{$word} = $value;
		next;
	}
	read(STDIN, $case{message}, $value) == $value or die "cut off";
	<STDIN>;
	my $theirs = verify(\%case);
	if ($case{key} =~ /k=ed25519/) {
		$counts{'not compared: it has no Ed25519 (RFC 8463)'}++;
	} elsif ($theirs == ($case{result} eq 'pass' ? 1 : 0)) {
		$counts{$theirs ? 'the same, pass' : 'the same, no pass'}++;
	} elsif (my $reason = known(\%case)) {
		$counts{"known: $reason"}++;
	} else {
		$counts{different}++;
		printf "DIFFERENT case %s: ours %s, Mail::DKIM %s\n%s\n",
			$case{case}, $case{result}, $theirs ? 'pass' : 'no pass',
			$case{message};
	}
	%case = ();
}
printf "%7d %s\n", $counts{$_}, $_
	for sort { $counts{$b} <=> $counts{$a} } keys %counts;
exit($counts{different} || !$counts{'the same, pass'} ? 1 : 0);
