create table t(a integer primary key, b text, c integer);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 240000)
insert into t select i, 'row ' || (i * 7919 % 240007), i * 31 % 1009 from n;
create index tb on t(b);
create index tc on t(c);
select count(*), sum(x.a), max(y.b) from t x join t y on x.c = y.c where x.a < 2500;
select b, c from t where b like 'row 1%7' order by c, b limit 3;
update t set c = c + 1 where a % 3 = 0;
select sum(c), avg(length(b)), count(distinct c) from t;
