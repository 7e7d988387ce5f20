-- SPDX-License-Identifier: GPL-2.0-or-later
create table t (i integer primary key, s text, r real, b blob);
with recursive c (n) as (select 1 union all select n + 1 from c where n < 5000)
insert into t select n, printf('%05d-%s', n * 7919 % 10007, hex(n)), n / 7.0, zeroblob(n % 50) from c;
create index ts on t (s);
select count(*), sum(i), round(sum(r), 6), sum(length(b)), min(s), max(s) from t;
select i, s, r from t where s between '01000' and '01030' order by s;
update t set r = -r where i % 3 = 0;
delete from t where i % 5 = 0;
select count(*), round(total(r), 6) from t;
select a.i, b.i from t a join t b on a.i = b.i * 2 where a.i < 40 order by 1;
select group_concat(x, ',') from (select distinct i % 13 as x from t order by 1);
begin; insert into t values (9999, 'rolled back', 1e300, x'00ff'); rollback;
select sum(i) over (order by i rows 3 preceding) from t limit 5;
select json_extract('{"a":[1,2.5,{"b":"c"}]}', '$.a[2].b'), 9223372036854775807 + 0, -9223372036854775808, 1e308 * 10, 0.1 + 0.2, 1.0 / 3;
select upper('abc'), instr('hello', 'l'), substr('hello', 2, 3), replace('aXbX', 'X', '-'), date(86400, 'unixepoch'), abs(-5), quote(x'01ab');
vacuum;
pragma integrity_check;
