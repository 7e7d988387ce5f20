# SPDX-License-Identifier: GPL-2.0-or-later
# What a shell is made of: expansion, arithmetic, arrays, functions, pipes, jobs, traps.
f() { local i s=0; for ((i = 0; i < $1; i++)); do ((s += i * i % 7)); done; echo $s; }
f 5000
echo "$# $1 $2" "${@:2}" ${x-unset} ${#2} ${2%% *} ${2/wo/WO} ${2^^}
declare -A m=([a]=1 [b]=2)
m[c]=3
for k in $(printf '%s\n' "${!m[@]}" | sort); do echo -n "$k=${m[$k]} "; done; echo
a=(x y "z w"); a+=(last); echo "${#a[@]}" "${a[-1]}" "${a[@]:1:2}"
[[ abc123 =~ ([a-z]+)([0-9]+) ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
echo $((1 << 40)) $((-7 / 2)) $((-7 % 3)) $((0xff ^ 0x0f)) $((9223372036854775807 + 1)) $((3 ** 30))
printf '%d %x %o %5.2f %s %q\n' 42 255 8 3.14159 str "a b'c"
seq 1 100 | while read -r n; do echo $((n * 2)); done | tail -2
echo $(echo nested $(echo twice)) {1..5} {a,b}{1,2}
trap 'echo usr1' USR1; kill -USR1 $$; trap 'echo leaving' EXIT
(exit 3); echo $?
false | true; echo "${PIPESTATUS[@]}"
for i in 3 1 2; do (sleep 0.$i; echo job $i >job.$i) & done; wait; cat job.?; rm job.?
cat <<END
here $((6 * 7)) ${a[0]}
END
read -r p q <<<"one two three"; echo "$q"
case foobar in f*r) echo matched;; *) echo not;; esac
g() { return 7; }; g; echo $?
exec 3>f.txt; echo to a file >&3; exec 3>&-; cat f.txt; rm f.txt
set -- c b a; echo "$@" | tr ' ' '\n' | sort | paste -sd,
exec 4>&2 2>/dev/null; (kill -9 $BASHPID); echo $?; exec 2>&4 4>&-
mapfile -t lines < <(printf 'l1\nl2\n'); echo "${lines[1]}"
let 'v = 5 * 3'; echo $v; shopt -s extglob; echo "${PWD##*([!/])}" | wc -c >/dev/null
coproc cat; echo co >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"
echo "$BASH_VERSION" "${BASH_VERSINFO[0]}"
