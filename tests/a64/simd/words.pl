#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Random instruction words for every pattern of a decode table.
#
#     words.pl TABLE.decode COUNT SEED DIRECTORY
#
# Writes DIRECTORY/words.inc and DIRECTORY/stubs.inc.  General registers are limited to what
# the test program sets up: X1 is the base of loads and stores, X2 the
# post-index register, X2..X15 and XZR the rest.
use strict;
use warnings;

my ($table, $count, $seed, $dir) = @ARGV;
my %general = (DUP_gen => 'rn', INS_gen => 'rn', UMOV => 'rd', SMOV => 'rd');
my %run = (rd => 'rn:5 rd:5');
srand $seed;

sub sample {
    my ($name, @parts) = @_;
    my $word = 0;
    for (@parts) {
        if (/^[01x]+$/) {
            $word = $word << 1 | ($_ eq 'x' ? int rand 2 : $_) for split //;
            next;
        }
        my ($field, $width) = /^(\w+)(?::(\d+))?$/ or die "$name: $_";
        $width //= 1;
        my $value = int rand(1 << $width);
        if ($name =~ /multiple|single/ && $field eq 'rn') {
            $value = 1;
        } elsif ($name =~ /multiple|single/ && $field eq 'rm') {
            $value = rand() < .5 ? 2 : 31;
        } elsif ($field eq ($general{$name} // '')) {
            $value = rand() < .1 ? 31 : 2 + int rand 14;
        } elsif ($width == 5 && rand() < .3) {
            $value = int rand 4;    # so that operands are often the same
        }
        $word = $word << $width | $value;
    }
    return $word;
}

open my $in, '<', $table or die "$table: $!";
open my $words, '>', "$dir/words.inc" or die "$dir: $!";
open my $stubs, '>', "$dir/stubs.inc" or die "$dir: $!";
while (<$in>) {
    s/#.*//;
    my ($name, @parts) = split;
    next if !$name || $name =~ /^[{}]/;
    if ($name =~ /^%(\w+)/) {
        $run{$1} = "@parts";
        next;
    }
    next if $name =~ /_fix_v$/;    # floating point
    @parts = split ' ', join ' ', map { /^%(\w+)/ ? $run{$1} : $_ } @parts;
    for my $i (0 .. $#parts) {
        if ($parts[$i] eq '->') {
            splice @parts, $i;
            last;
        }
    }
    for (1 .. $count) {
        my $bits = sample($name, @parts);
        # Unallocated, but qemu-user 7.2 takes it for FMOV.
        redo if $name eq 'MOVI_etc' && ($bits & 0xbff8fc00) == 0x2f00fc00;
        my $word = sprintf '0x%08x', $bits;
        print $words "{$word, \"$name\"},\n";
        print $stubs "WORD($word)\n";
    }
}
