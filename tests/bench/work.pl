# SPDX-License-Identifier: GPL-2.0-or-later
use strict;
my (%h, @l);
$h{"k" . ($_ * 7919 % 4001)} += $_ for 1 .. 2000000;
my $n = 0;
my $t;
for my $turn (1 .. 12) {
    @l = sort { $h{$a} <=> $h{$b} || $a cmp $b } keys %h;
    my $text = join " ", map { "word$_=" . $h{$_} } @l;
    $n += $1 while $text =~ /=(\d+)5\b/g;
    ($t = $text) =~ s/(\d+)/<$1>/g;
}
my $s = 0;
for my $i (1 .. 4000000) { $s = ($s * 31 + $i) % 1000003 }
print "$l[0] $n $s ", length $t, "\n";
