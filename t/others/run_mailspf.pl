# run_mailspf.pl - cases of `dump spf` on standard input through Perl's Mail::SPF,
# compared with ours.  Where it says something else, it is asked again with its
# known deviations from RFC 7208 corrected (it follows RFC 4408): a difference is
# known only if it then agrees with us.  Run by t/others/others.sh.
use strict;
use warnings;
use Mail::SPF;
use Mail::SPF::Mech;	# loaded before it is corrected
use Mail::SPF::Mech::IP6;
use Net::DNS;

# The name server: the zone of a case.
package Zone;

sub new {
	my ($class, @lines) = @_;
	my $self = bless { records => {}, failing => [], error => '' }, $class;
	$self->take($_) for @lines;
	return $self;
}

sub take {
	my ($self, $line) = @_;
	if ($line =~ /^;! (\S+) (\S+)(?: (\S+))?/) {
		push @{ $self->{failing} }, [ $1, lc $2, uc($3 // '') ];
		return;
	}
	return if $line =~ /^\$/ || $line !~ /\S/;
	my ($name, $type, $data) = $line =~ /^(\S+)\s+(?:\d+\s+)?(\S+)\s+(.*)$/s
		or return;
	$name =~ s/\\([0-9]{3})/chr $1/ge;
	$name =~ s/\.$//;
	push @{ $self->{records}{lc $name}{uc $type} }, $data;
}

sub texts {
	my ($data) = @_;
	my @texts;
	while ($data =~ /"((?:[^"\\]|\\.)*)"/gs) {
		my $text = $1;
		$text =~ s/\\([0-9]{3}|.)/length $1 == 3 ? chr $1 : $1/gse;
		push @texts, $text;
	}
	return @texts;
}

sub record {
	my ($owner, $type, $data) = @_;
	my %rr = (owner => $owner, type => $type);
	if ($type eq 'TXT') {
		my @texts = texts($data);
		return bless { owner => $owner, texts => \@texts }, 'Text';
	}
	return Net::DNS::RR->new(%rr, address => $data) if $type =~ /^A/;
	$data =~ s/\.$//;
	return Net::DNS::RR->new(%rr, ptrdname => $data) if $type eq 'PTR';
	my ($preference, $host) = split ' ', $data;
	return Net::DNS::RR->new(
		%rr, preference => $preference, exchange => $host);
}

# What is below a name, itself included.
sub exists_at {
	my ($self, $name) = @_;
	return grep { $_ eq $name || $_ =~ /\.\Q$name\E$/ }
		keys %{ $self->{records} };
}

sub closest {
	my ($self, $name) = @_;
	return $self->{records}{$name} // {} if $self->exists_at($name);
	while ($name =~ s/^[^.]*\.//) {
		my $wild = $self->{records}{"*.$name"};
		return $wild if $wild;
		last if $self->exists_at($name);
	}
	return undef;
}

sub errorstring { return $_[0]->{error} }

sub send {
	my ($self, $name, $type) = @_;
	$name = lc $name;
	$self->{error} = '';
	for my $failure (@{ $self->{failing} }) {
		my ($how, $where, $which) = @$failure;
		next if $where ne $name || ($which ne '' && $which ne $type);
		$self->{error} = $how eq 'timeout' ? 'timeout' : 'SERVFAIL';
		return undef;
	}
	my $found = $self->closest($name);
	return Answer->new($found ? 'NOERROR' : 'NXDOMAIN',
		map { record($name, $type, $_) } @{ $found->{$type} // [] });
}

# What Mail::SPF asks of a packet.
package Answer;
sub new { my ($class, $code, @rr) = @_; return bless [ $code, @rr ], $class }
sub header { return $_[0] }
sub rcode { return $_[0][0] }
sub answer { my ($self) = @_; return @$self[1 .. $#$self] }

# A TXT record with any byte in it.
package Text;
sub type { return 'TXT' }
sub txtdata { return @{ $_[0]{texts} } }
sub char_str_list { return @{ $_[0]{texts} } }

package main;

# --- Mail::SPF 2.9, corrected ---

my %deviations = (
	mx => 'counts MX hosts as void lookups (4.6.4 counts terms)',
	ip6 => 'compares ip6 with the mapped form of an IPv4 address (5.6)',
	lower => 'writes macro letters small: %{S} is not escaped (7.3)',
	split => 'splits at delimiters only with digits or r (7.3)',
	letters => 'finds a macro letter that does not exist when it is reached',
	label => 'asks for names with empty or long labels (4.3: no such)',
	dns => "gives temperror when the client's PTR fails (5.5: no match)",
	digits => "takes a macro's digits of value 0 (7.1 wants above 0)",
	ptr => "counts the hosts of PTR, and %{p}, as void lookups (4.6.4)",
);
our (%fix, $uncounted, $malformed, $asked);

# around NAME CODE: CODE is called with the original and its arguments
sub around {
	my ($name, $code) = @_;
	no strict 'refs';
	no warnings 'redefine';
	my $original = \&{$name};
	*{$name} = sub { $code->($original, @_) };
}

around 'Mail::SPF::Server::count_void_dns_lookup' => sub {
	my ($original, @arguments) = @_;
	$original->(@arguments)
		if !($uncounted && ($uncounted ne 'hosts' || $asked ne 'PTR'))
		&& !($fix{label} && $malformed);
};
around 'Mail::SPF::Mech::match_in_domain' => sub {
	my ($original, @arguments) = @_;
	local $uncounted = $fix{mx} && defined $arguments[3] && 'all';
	return $original->(@arguments);
};
around 'Mail::SPF::Mech::IP6::match' => sub {
	my ($original, $mech, $server, $request) = @_;
	return 0 if $fix{ip6} && $request->ip_address->version == 4;
	return $original->($mech, $server, $request);
};
around 'Mail::SPF::Term::parse_domain_spec' => sub {
	my ($original, $term, @arguments) = @_;
	my $before = $term->{parse_text};
	$original->($term, @arguments);
	my $taken = substr $before, 0,
		length($before) - length($term->{parse_text});
	throw Mail::SPF::EInvalidMacro('digits of value 0')
		if $fix{digits} && $taken =~ /%\{[a-z]0+(?![0-9])/i;
	throw Mail::SPF::EInvalidMacro('no such letter')
		if $fix{letters} && $taken =~ /%\{[^slodiphv]/i;
	$taken = lc $taken if !$fix{lower};
	$taken =~ s/%\{([a-z])([-.+,\/_=]+)\}/%{${1}128$2}/gi if $fix{split};
	$taken =~ s/\.$//;
	$term->{domain_spec} = Mail::SPF::MacroString->new(text => $taken)
		if ($fix{lower} || $fix{split}) && $taken ne '';
};
around 'Mail::SPF::Server::dns_lookup' => sub {
	my ($original, $server, $name, @type) = @_;
	my $text = ref $name ? $name->expand : $name;
	$asked = $type[0];
	$malformed = $text =~ /^\.|\.\./ || $text =~ /[^.]{64}/;
	return Answer->new('NXDOMAIN') if $fix{label} && $malformed;
	return $original->($server, $name, @type);
};
around 'Mail::SPF::Util::valid_domain_for_ip_address' => sub {
	my ($original, @arguments) = @_;
	# of a ptr only the PTR question is the term's own, of %{p} none is
	local $uncounted = $fix{ptr} && ($arguments[5] ? 'all' : 'hosts');
	return $original->(@arguments) if !$fix{dns};
	return eval { $original->(@arguments) };
};

sub verify {
	my ($case, @fix) = @_;
	local %fix = map { $_ => 1 } @fix;
	my $result = eval {
		my $server = Mail::SPF::Server->new(
			dns_resolver => Zone->new(@{ $case->{zone} }));
		my $from = $case->{mailfrom};
		my $request = Mail::SPF::Request->new(
			versions => [1],
			scope => $from eq '' ? 'helo' : 'mfrom',
			identity => $from eq '' ? $case->{helo} : $from,
			helo_identity => $case->{helo},
			ip_address => $case->{ip});
		$server->process($request)->code;
	};
	return $result // "died: $@";
}

# The corrections that make it agree, none too many; undef: they do not.
sub reason {
	my ($case) = @_;
	my @needed = sort keys %deviations;
	return undef if verify($case, @needed) ne $case->{result};
	for my $name (sort keys %deviations) {
		my @fewer = grep { $_ ne $name } @needed;
		@needed = @fewer if verify($case, @fewer) eq $case->{result};
	}
	return join ' and ', @needed;
}

my (%counts, %case);
while (my $line = <STDIN>) {
	chomp $line;
	my ($word, $value) = split / /, $line, 2;
	if ($word ne 'zone') {
		$case{$word} = $value // '';
		next;
	}
	$case{zone} = [ map { my $l = <STDIN>; chomp $l; $l } 1 .. $value ];
	my $theirs = verify(\%case);
	if ($theirs eq $case{result}) {
		$counts{'the same'}++;
	} elsif (my $why = reason(\%case)) {
		$counts{"known: $why"}++;
	} else {
		$counts{different}++;
		printf "DIFFERENT case %s: ours %s, Mail::SPF %s\n  ip %s helo %s "
			. "mailfrom %s\n%s", $case{case}, $case{result}, $theirs,
			$case{ip}, $case{helo}, $case{mailfrom},
			join('', map { "  $_\n" } @{ $case{zone} });
	}
	%case = ();
}
printf "%7d %s\n", $counts{$_}, $_
	for sort { $counts{$b} <=> $counts{$a} } keys %counts;
printf "  %s: %s\n", $_, $deviations{$_} for sort keys %deviations;
exit($counts{different} || !$counts{'the same'} ? 1 : 0);
