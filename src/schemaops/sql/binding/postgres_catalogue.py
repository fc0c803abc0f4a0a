"""What PostgreSQL's catalogue says of its own types, casts, operators and functions.

Facts measured on PostgreSQL 18 and held to it by a test; the parts that expressions in schemas use.
A line that begins with a space goes on with the line before.

    TYPES      name, category (! if preferred), and how it is spelled where that differs
    CASTS      from: to, with =i for an implicit cast and =a for one on assignment
    OPERATORS  operator: left,right>result
    FUNCTIONS  function: arguments>result, * after a variadic last argument, =n defaults
"""

from __future__ import annotations

__all__ = ["CASTS", "FUNCTIONS", "OPERATORS", "TYPES"]

TYPES = r"""
aclitem U
any P "any"
anyarray P
anycompatible P
anycompatiblearray P
anycompatiblemultirange P
anycompatiblenonarray P
anycompatiblerange P
anyelement P
anyenum P
anymultirange P
anynonarray P
anyrange P
bit V "bit"
bool B! boolean
box G
bpchar S
bytea U
char Z "char"
cid U
cidr I
circle G
cstring P
date D
datemultirange R
daterange R
event_trigger P
fdw_handler P
float4 N real
float8 N! double precision
gtsvector U
index_am_handler P
inet I!
int2 N smallint
int2vector A
int4 N integer
int4multirange R
int4range R
int8 N bigint
int8multirange R
int8range R
internal P
interval T!
json U
jsonb U
jsonpath U
language_handler P
line G
lseg G
macaddr U
macaddr8 U
money N
name S
numeric N
nummultirange R
numrange R
oid N!
oidvector A
path G
pg_lsn U
pg_snapshot U
point G
polygon G
record P
refcursor U
regclass N
regcollation N
regconfig N
regdictionary N
regnamespace N
regoper N
regoperator N
regproc N
regprocedure N
regrole N
regtype N
table_am_handler P
text S!
tid U
time D time without time zone
timestamp D timestamp without time zone
timestamptz D! timestamp with time zone
timetz D time with time zone
trigger P
tsm_handler P
tsmultirange R
tsquery U
tsrange R
tstzmultirange R
tstzrange R
tsvector U
txid_snapshot U
unknown X
uuid U
varbit V! bit varying
varchar S character varying
void P
xid U
xid8 U
xml U
"""

CASTS = r"""
bit bit=i int4 int8 varbit=i
bool bpchar=a int4 text=a varchar=a
box circle lseg point polygon=a
bpchar bpchar=i char=a name=i text=i varchar=i xml
bytea int2 int4 int8
char bpchar=a int4 text=i varchar=a
cidr bpchar=a inet=i text=a varchar=a
circle box point polygon
date timestamp=i timestamptz=i
daterange datemultirange
float4 float8=i int2=a int4=a int8=a numeric=a
float8 float4=a int2=a int4=a int8=a numeric=a
inet bpchar=a cidr=a text=a varchar=a
int2 bytea float4=i float8=i int4=i int8=i numeric=i oid=i regclass=i regcollation=i regconfig=i
 regdictionary=i regnamespace=i regoper=i regoperator=i regproc=i regprocedure=i regrole=i
 regtype=i
int4 bit bool bytea char float4=i float8=i int2=a int8=i money=a numeric=i oid=i regclass=i
 regcollation=i regconfig=i regdictionary=i regnamespace=i regoper=i regoperator=i regproc=i
 regprocedure=i regrole=i regtype=i
int4range int4multirange
int8 bit bytea float4=i float8=i int2=a int4=a money=a numeric=i oid=i regclass=i regcollation=i
 regconfig=i regdictionary=i regnamespace=i regoper=i regoperator=i regproc=i regprocedure=i
 regrole=i regtype=i
int8range int8multirange
interval interval=i time=a
json jsonb=a
jsonb bool float4 float8 int2 int4 int8 json=a numeric
lseg point
macaddr macaddr8=i
macaddr8 macaddr=i
money numeric=a
name bpchar=a text=i varchar=a
numeric float4=i float8=i int2=a int4=a int8=a money=a numeric=i
numrange nummultirange
oid int4=a int8=a regclass=i regcollation=i regconfig=i regdictionary=i regnamespace=i regoper=i
 regoperator=i regproc=i regprocedure=i regrole=i regtype=i
path polygon=a
pg_dependencies bytea=i text=i
pg_mcv_list bytea=i text=i
pg_ndistinct bytea=i text=i
pg_node_tree text=i
point box=a
polygon box circle path=a point
regclass int4=a int8=a oid=i
regcollation int4=a int8=a oid=i
regconfig int4=a int8=a oid=i
regdictionary int4=a int8=a oid=i
regnamespace int4=a int8=a oid=i
regoper int4=a int8=a oid=i regoperator=i
regoperator int4=a int8=a oid=i regoper=i
regproc int4=a int8=a oid=i regprocedure=i
regprocedure int4=a int8=a oid=i regproc=i
regrole int4=a int8=a oid=i
regtype int4=a int8=a oid=i
text bpchar=i char=a name=i regclass=i varchar=i xml
time interval=i time=i timetz=i
timestamp date=a time=a timestamp=i timestamptz=i
timestamptz date=a time=a timestamp=a timestamptz=i timetz=a
timetz time=a timetz=i
tsrange tsmultirange
tstzrange tstzmultirange
varbit bit=i varbit=i
varchar bpchar=i char=a name=i regclass=i text=i varchar=i xml
xid8 xid
xml bpchar=a text=a varchar=a
"""

OPERATORS = r"""
!! ,tsquery>tsquery
!~ bpchar,text>bool name,text>bool text,text>bool
!~* bpchar,text>bool name,text>bool text,text>bool
!~~ bpchar,text>bool bytea,bytea>bool name,text>bool text,text>bool
!~~* bpchar,text>bool name,text>bool text,text>bool
# ,path>int4 ,polygon>int4 bit,bit>bit box,box>box int2,int2>int2 int4,int4>int4 int8,int8>int8
 line,line>point lseg,lseg>point
## line,lseg>point lseg,box>point lseg,lseg>point point,box>point point,line>point point,lseg>point
#- jsonb,_text>jsonb
#> json,_text>json jsonb,_text>jsonb
#>> json,_text>text jsonb,_text>text
% int2,int2>int2 int4,int4>int4 int8,int8>int8 numeric,numeric>numeric
& bit,bit>bit inet,inet>inet int2,int2>int2 int4,int4>int4 int8,int8>int8 macaddr,macaddr>macaddr
 macaddr8,macaddr8>macaddr8
&& anyarray,anyarray>bool anymultirange,anymultirange>bool anymultirange,anyrange>bool
 anyrange,anymultirange>bool anyrange,anyrange>bool box,box>bool circle,circle>bool inet,inet>bool
 polygon,polygon>bool tsquery,tsquery>tsquery
&< anymultirange,anymultirange>bool anymultirange,anyrange>bool anyrange,anymultirange>bool
 anyrange,anyrange>bool box,box>bool circle,circle>bool polygon,polygon>bool
&<| box,box>bool circle,circle>bool polygon,polygon>bool
&> anymultirange,anymultirange>bool anymultirange,anyrange>bool anyrange,anymultirange>bool
 anyrange,anyrange>bool box,box>bool circle,circle>bool polygon,polygon>bool
* anymultirange,anymultirange>anymultirange anyrange,anyrange>anyrange box,point>box
 circle,point>circle float4,float4>float4 float4,float8>float8 float4,money>money
 float8,float4>float8 float8,float8>float8 float8,interval>interval float8,money>money
 int2,int2>int2 int2,int4>int4 int2,int8>int8 int2,money>money int4,int2>int4 int4,int4>int4
 int4,int8>int8 int4,money>money int8,int2>int8 int8,int4>int8 int8,int8>int8 int8,money>money
 interval,float8>interval money,float4>money money,float8>money money,int2>money money,int4>money
 money,int8>money numeric,numeric>numeric path,point>path point,point>point
*< record,record>bool
*<= record,record>bool
*<> record,record>bool
*= record,record>bool
*> record,record>bool
*>= record,record>bool
+ ,float4>float4 ,float8>float8 ,int2>int2 ,int4>int4 ,int8>int8 ,numeric>numeric
 _aclitem,aclitem>_aclitem anymultirange,anymultirange>anymultirange anyrange,anyrange>anyrange
 box,point>box circle,point>circle date,int4>date date,interval>timestamp date,time>timestamp
 date,timetz>timestamptz float4,float4>float4 float4,float8>float8 float8,float4>float8
 float8,float8>float8 inet,int8>inet int2,int2>int2 int2,int4>int4 int2,int8>int8 int4,date>date
 int4,int2>int4 int4,int4>int4 int4,int8>int8 int8,inet>inet int8,int2>int8 int8,int4>int8
 int8,int8>int8 interval,date>timestamp interval,interval>interval interval,time>time
 interval,timestamp>timestamp interval,timestamptz>timestamptz interval,timetz>timetz
 money,money>money numeric,numeric>numeric numeric,pg_lsn>pg_lsn path,path>path path,point>path
 pg_lsn,numeric>pg_lsn point,point>point time,date>timestamp time,interval>time
 timestamp,interval>timestamp timestamptz,interval>timestamptz timetz,date>timestamptz
 timetz,interval>timetz
- ,float4>float4 ,float8>float8 ,int2>int2 ,int4>int4 ,int8>int8 ,interval>interval
 ,numeric>numeric _aclitem,aclitem>_aclitem anymultirange,anymultirange>anymultirange
 anyrange,anyrange>anyrange box,point>box circle,point>circle date,date>int4 date,int4>date
 date,interval>timestamp float4,float4>float4 float4,float8>float8 float8,float4>float8
 float8,float8>float8 inet,inet>int8 inet,int8>inet int2,int2>int2 int2,int4>int4 int2,int8>int8
 int4,int2>int4 int4,int4>int4 int4,int8>int8 int8,int2>int8 int8,int4>int8 int8,int8>int8
 interval,interval>interval jsonb,_text>jsonb jsonb,int4>jsonb jsonb,text>jsonb money,money>money
 numeric,numeric>numeric path,point>path pg_lsn,numeric>pg_lsn pg_lsn,pg_lsn>numeric
 point,point>point time,interval>time time,time>interval timestamp,interval>timestamp
 timestamp,timestamp>interval timestamptz,interval>timestamptz timestamptz,timestamptz>interval
 timetz,interval>timetz
-> json,int4>json json,text>json jsonb,int4>jsonb jsonb,text>jsonb
->> json,int4>text json,text>text jsonb,int4>text jsonb,text>text
-|- anymultirange,anymultirange>bool anymultirange,anyrange>bool anyrange,anymultirange>bool
 anyrange,anyrange>bool
/ box,point>box circle,point>circle float4,float4>float4 float4,float8>float8 float8,float4>float8
 float8,float8>float8 int2,int2>int2 int2,int4>int4 int2,int8>int8 int4,int2>int4 int4,int4>int4
 int4,int8>int8 int8,int2>int8 int8,int4>int8 int8,int8>int8 interval,float8>interval
 money,float4>money money,float8>money money,int2>money money,int4>money money,int8>money
 money,money>float8 numeric,numeric>numeric path,point>path point,point>point
< anyarray,anyarray>bool anyenum,anyenum>bool anymultirange,anymultirange>bool
 anyrange,anyrange>bool bit,bit>bool bool,bool>bool box,box>bool bpchar,bpchar>bool
 bytea,bytea>bool char,char>bool circle,circle>bool date,date>bool date,timestamp>bool
 date,timestamptz>bool float4,float4>bool float4,float8>bool float8,float4>bool float8,float8>bool
 inet,inet>bool int2,int2>bool int2,int4>bool int2,int8>bool int4,int2>bool int4,int4>bool
 int4,int8>bool int8,int2>bool int8,int4>bool int8,int8>bool interval,interval>bool
 jsonb,jsonb>bool lseg,lseg>bool macaddr,macaddr>bool macaddr8,macaddr8>bool money,money>bool
 name,name>bool name,text>bool numeric,numeric>bool oid,oid>bool oidvector,oidvector>bool
 path,path>bool pg_lsn,pg_lsn>bool record,record>bool text,name>bool text,text>bool tid,tid>bool
 time,time>bool timestamp,date>bool timestamp,timestamp>bool timestamp,timestamptz>bool
 timestamptz,date>bool timestamptz,timestamp>bool timestamptz,timestamptz>bool timetz,timetz>bool
 tsquery,tsquery>bool tsvector,tsvector>bool uuid,uuid>bool varbit,varbit>bool xid8,xid8>bool
<-> box,box>float8 box,lseg>float8 box,point>float8 circle,circle>float8 circle,point>float8
 circle,polygon>float8 line,line>float8 line,lseg>float8 line,point>float8 lseg,box>float8
 lseg,line>float8 lseg,lseg>float8 lseg,point>float8 path,path>float8 path,point>float8
 point,box>float8 point,circle>float8 point,line>float8 point,lseg>float8 point,path>float8
 point,point>float8 point,polygon>float8 polygon,circle>float8 polygon,point>float8
 polygon,polygon>float8 tsquery,tsquery>tsquery
<< anymultirange,anymultirange>bool anymultirange,anyrange>bool anyrange,anymultirange>bool
 anyrange,anyrange>bool bit,int4>bit box,box>bool circle,circle>bool inet,inet>bool int2,int4>int2
 int4,int4>int4 int8,int4>int8 point,point>bool polygon,polygon>bool
<<= inet,inet>bool
<<| box,box>bool circle,circle>bool point,point>bool polygon,polygon>bool
<= anyarray,anyarray>bool anyenum,anyenum>bool anymultirange,anymultirange>bool
 anyrange,anyrange>bool bit,bit>bool bool,bool>bool box,box>bool bpchar,bpchar>bool
 bytea,bytea>bool char,char>bool circle,circle>bool date,date>bool date,timestamp>bool
 date,timestamptz>bool float4,float4>bool float4,float8>bool float8,float4>bool float8,float8>bool
 inet,inet>bool int2,int2>bool int2,int4>bool int2,int8>bool int4,int2>bool int4,int4>bool
 int4,int8>bool int8,int2>bool int8,int4>bool int8,int8>bool interval,interval>bool
 jsonb,jsonb>bool lseg,lseg>bool macaddr,macaddr>bool macaddr8,macaddr8>bool money,money>bool
 name,name>bool name,text>bool numeric,numeric>bool oid,oid>bool oidvector,oidvector>bool
 path,path>bool pg_lsn,pg_lsn>bool record,record>bool text,name>bool text,text>bool tid,tid>bool
 time,time>bool timestamp,date>bool timestamp,timestamp>bool timestamp,timestamptz>bool
 timestamptz,date>bool timestamptz,timestamp>bool timestamptz,timestamptz>bool timetz,timetz>bool
 tsquery,tsquery>bool tsvector,tsvector>bool uuid,uuid>bool varbit,varbit>bool xid8,xid8>bool
<> anyarray,anyarray>bool anyenum,anyenum>bool anymultirange,anymultirange>bool
 anyrange,anyrange>bool bit,bit>bool bool,bool>bool bpchar,bpchar>bool bytea,bytea>bool
 char,char>bool circle,circle>bool date,date>bool date,timestamp>bool date,timestamptz>bool
 float4,float4>bool float4,float8>bool float8,float4>bool float8,float8>bool inet,inet>bool
 int2,int2>bool int2,int4>bool int2,int8>bool int4,int2>bool int4,int4>bool int4,int8>bool
 int8,int2>bool int8,int4>bool int8,int8>bool interval,interval>bool jsonb,jsonb>bool
 lseg,lseg>bool macaddr,macaddr>bool macaddr8,macaddr8>bool money,money>bool name,name>bool
 name,text>bool numeric,numeric>bool oid,oid>bool oidvector,oidvector>bool pg_lsn,pg_lsn>bool
 point,point>bool record,record>bool text,name>bool text,text>bool tid,tid>bool time,time>bool
 timestamp,date>bool timestamp,timestamp>bool timestamp,timestamptz>bool timestamptz,date>bool
 timestamptz,timestamp>bool timestamptz,timestamptz>bool timetz,timetz>bool tsquery,tsquery>bool
 tsvector,tsvector>bool uuid,uuid>bool varbit,varbit>bool xid,int4>bool xid,xid>bool xid8,xid8>bool
<@ anyarray,anyarray>bool anyelement,anymultirange>bool anyelement,anyrange>bool
 anymultirange,anymultirange>bool anymultirange,anyrange>bool anyrange,anymultirange>bool
 anyrange,anyrange>bool box,box>bool circle,circle>bool jsonb,jsonb>bool lseg,box>bool
 lseg,line>bool point,box>bool point,circle>bool point,line>bool point,lseg>bool point,path>bool
 point,polygon>bool polygon,polygon>bool tsquery,tsquery>bool
<^ box,box>bool point,point>bool
= aclitem,aclitem>bool anyarray,anyarray>bool anyenum,anyenum>bool anymultirange,anymultirange>bool
 anyrange,anyrange>bool bit,bit>bool bool,bool>bool box,box>bool bpchar,bpchar>bool
 bytea,bytea>bool char,char>bool cid,cid>bool circle,circle>bool date,date>bool date,timestamp>bool
 date,timestamptz>bool float4,float4>bool float4,float8>bool float8,float4>bool float8,float8>bool
 inet,inet>bool int2,int2>bool int2,int4>bool int2,int8>bool int4,int2>bool int4,int4>bool
 int4,int8>bool int8,int2>bool int8,int4>bool int8,int8>bool interval,interval>bool
 jsonb,jsonb>bool line,line>bool lseg,lseg>bool macaddr,macaddr>bool macaddr8,macaddr8>bool
 money,money>bool name,name>bool name,text>bool numeric,numeric>bool oid,oid>bool
 oidvector,oidvector>bool path,path>bool pg_lsn,pg_lsn>bool record,record>bool text,name>bool
 text,text>bool tid,tid>bool time,time>bool timestamp,date>bool timestamp,timestamp>bool
 timestamp,timestamptz>bool timestamptz,date>bool timestamptz,timestamp>bool
 timestamptz,timestamptz>bool timetz,timetz>bool tsquery,tsquery>bool tsvector,tsvector>bool
 uuid,uuid>bool varbit,varbit>bool xid,int4>bool xid,xid>bool xid8,xid8>bool
> anyarray,anyarray>bool anyenum,anyenum>bool anymultirange,anymultirange>bool
 anyrange,anyrange>bool bit,bit>bool bool,bool>bool box,box>bool bpchar,bpchar>bool
 bytea,bytea>bool char,char>bool circle,circle>bool date,date>bool date,timestamp>bool
 date,timestamptz>bool float4,float4>bool float4,float8>bool float8,float4>bool float8,float8>bool
 inet,inet>bool int2,int2>bool int2,int4>bool int2,int8>bool int4,int2>bool int4,int4>bool
 int4,int8>bool int8,int2>bool int8,int4>bool int8,int8>bool interval,interval>bool
 jsonb,jsonb>bool lseg,lseg>bool macaddr,macaddr>bool macaddr8,macaddr8>bool money,money>bool
 name,name>bool name,text>bool numeric,numeric>bool oid,oid>bool oidvector,oidvector>bool
 path,path>bool pg_lsn,pg_lsn>bool record,record>bool text,name>bool text,text>bool tid,tid>bool
 time,time>bool timestamp,date>bool timestamp,timestamp>bool timestamp,timestamptz>bool
 timestamptz,date>bool timestamptz,timestamp>bool timestamptz,timestamptz>bool timetz,timetz>bool
 tsquery,tsquery>bool tsvector,tsvector>bool uuid,uuid>bool varbit,varbit>bool xid8,xid8>bool
>= anyarray,anyarray>bool anyenum,anyenum>bool anymultirange,anymultirange>bool
 anyrange,anyrange>bool bit,bit>bool bool,bool>bool box,box>bool bpchar,bpchar>bool
 bytea,bytea>bool char,char>bool circle,circle>bool date,date>bool date,timestamp>bool
 date,timestamptz>bool float4,float4>bool float4,float8>bool float8,float4>bool float8,float8>bool
 inet,inet>bool int2,int2>bool int2,int4>bool int2,int8>bool int4,int2>bool int4,int4>bool
 int4,int8>bool int8,int2>bool int8,int4>bool int8,int8>bool interval,interval>bool
 jsonb,jsonb>bool lseg,lseg>bool macaddr,macaddr>bool macaddr8,macaddr8>bool money,money>bool
 name,name>bool name,text>bool numeric,numeric>bool oid,oid>bool oidvector,oidvector>bool
 path,path>bool pg_lsn,pg_lsn>bool record,record>bool text,name>bool text,text>bool tid,tid>bool
 time,time>bool timestamp,date>bool timestamp,timestamp>bool timestamp,timestamptz>bool
 timestamptz,date>bool timestamptz,timestamp>bool timestamptz,timestamptz>bool timetz,timetz>bool
 tsquery,tsquery>bool tsvector,tsvector>bool uuid,uuid>bool varbit,varbit>bool xid8,xid8>bool
>> anymultirange,anymultirange>bool anymultirange,anyrange>bool anyrange,anymultirange>bool
 anyrange,anyrange>bool bit,int4>bit box,box>bool circle,circle>bool inet,inet>bool int2,int4>int2
 int4,int4>int4 int8,int4>int8 point,point>bool polygon,polygon>bool
>>= inet,inet>bool
>^ box,box>bool point,point>bool
? jsonb,text>bool
?# box,box>bool line,box>bool line,line>bool lseg,box>bool lseg,line>bool lseg,lseg>bool
 path,path>bool
?& jsonb,_text>bool
?- ,line>bool ,lseg>bool point,point>bool
?-| line,line>bool lseg,lseg>bool
?| ,line>bool ,lseg>bool jsonb,_text>bool point,point>bool
?|| line,line>bool lseg,lseg>bool
@ ,float4>float4 ,float8>float8 ,int2>int2 ,int4>int4 ,int8>int8 ,numeric>numeric
@-@ ,lseg>float8 ,path>float8
@> _aclitem,aclitem>bool anyarray,anyarray>bool anymultirange,anyelement>bool
 anymultirange,anymultirange>bool anymultirange,anyrange>bool anyrange,anyelement>bool
 anyrange,anymultirange>bool anyrange,anyrange>bool box,box>bool box,point>bool circle,circle>bool
 circle,point>bool jsonb,jsonb>bool path,point>bool polygon,point>bool polygon,polygon>bool
 tsquery,tsquery>bool
@? jsonb,jsonpath>bool
@@ ,box>point ,circle>point ,lseg>point ,polygon>point jsonb,jsonpath>bool text,text>bool
 text,tsquery>bool tsquery,tsvector>bool tsvector,tsquery>bool
@@@ tsquery,tsvector>bool tsvector,tsquery>bool
^ float8,float8>float8 numeric,numeric>numeric
^@ text,text>bool
| bit,bit>bit inet,inet>inet int2,int2>int2 int4,int4>int4 int8,int8>int8 macaddr,macaddr>macaddr
 macaddr8,macaddr8>macaddr8
|&> box,box>bool circle,circle>bool polygon,polygon>bool
|/ ,float8>float8
|>> box,box>bool circle,circle>bool point,point>bool polygon,polygon>bool
|| anycompatible,anycompatiblearray>anycompatiblearray
 anycompatiblearray,anycompatible>anycompatiblearray
 anycompatiblearray,anycompatiblearray>anycompatiblearray anynonarray,text>text bytea,bytea>bytea
 jsonb,jsonb>jsonb text,anynonarray>text text,text>text tsquery,tsquery>tsquery
 tsvector,tsvector>tsvector varbit,varbit>varbit
||/ ,float8>float8
~ ,bit>bit ,inet>inet ,int2>int2 ,int4>int4 ,int8>int8 ,macaddr>macaddr ,macaddr8>macaddr8
 bpchar,text>bool name,text>bool text,text>bool
~* bpchar,text>bool name,text>bool text,text>bool
~<=~ bpchar,bpchar>bool text,text>bool
~<~ bpchar,bpchar>bool text,text>bool
~= box,box>bool circle,circle>bool point,point>bool polygon,polygon>bool
~>=~ bpchar,bpchar>bool text,text>bool
~>~ bpchar,bpchar>bool text,text>bool
~~ bpchar,text>bool bytea,bytea>bool name,text>bool text,text>bool
~~* bpchar,text>bool name,text>bool text,text>bool
"""

FUNCTIONS = r"""
abbrev cidr>text inet>text
abs float4>float4 float8>float8 int2>int2 int4>int4 int8>int8 numeric>numeric
acldefault char,oid>_aclitem
aclexplode _aclitem>record
acos float8>float8
acosd float8>float8
acosh float8>float8
age timestamp>interval timestamp,timestamp>interval timestamptz>interval
 timestamptz,timestamptz>interval xid>int4
amvalidate oid>bool
any_value anyelement>anyelement
area box>float8 circle>float8 path>float8
array_agg anyarray>anyarray anynonarray>anyarray
array_append anycompatiblearray,anycompatible>anycompatiblearray
array_cat anycompatiblearray,anycompatiblearray>anycompatiblearray
array_dims anyarray>text
array_fill anyelement,_int4>anyarray anyelement,_int4,_int4>anyarray
array_length anyarray,int4>int4
array_lower anyarray,int4>int4
array_ndims anyarray>int4
array_position anycompatiblearray,anycompatible>int4 anycompatiblearray,anycompatible,int4>int4
array_positions anycompatiblearray,anycompatible>_int4
array_prepend anycompatible,anycompatiblearray>anycompatiblearray
array_remove anycompatiblearray,anycompatible>anycompatiblearray
array_replace anycompatiblearray,anycompatible,anycompatible>anycompatiblearray
array_reverse anyarray>anyarray
array_sample anyarray,int4>anyarray
array_shuffle anyarray>anyarray
array_sort anyarray>anyarray anyarray,bool>anyarray anyarray,bool,bool>anyarray
array_to_json anyarray>json anyarray,bool>json
array_to_string anyarray,text>text anyarray,text,text>text
array_to_tsvector _text>tsvector
array_upper anyarray,int4>int4
ascii text>int4
asin float8>float8
asind float8>float8
asinh float8>float8
atan float8>float8
atan2 float8,float8>float8
atan2d float8,float8>float8
atand float8>float8
atanh float8>float8
avg float4>float8 float8>float8 int2>numeric int4>numeric int8>numeric interval>interval
 numeric>numeric
bit bit,int4,bool>bit int4,int4>bit int8,int4>bit
bit_and bit>bit int2>int2 int4>int4 int8>int8
bit_count bit>int8 bytea>int8
bit_length bit>int4 bytea>int4 text>int4
bit_or bit>bit int2>int2 int4>int4 int8>int8
bit_xor bit>bit int2>int2 int4>int4 int8>int8
bool int4>bool jsonb>bool
bool_and bool>bool
bool_or bool>bool
box circle>box point>box point,point>box polygon>box
bpchar bpchar,int4,bool>bpchar char>bpchar name>bpchar
broadcast inet>inet
btrim bytea,bytea>bytea text>text text,text>text
bytea int2>bytea int4>bytea int8>bytea
cardinality anyarray>int4
casefold text>text
cash_words money>text
cashlarger money,money>money
cashsmaller money,money>money
cbrt float8>float8
ceil float8>float8 numeric>numeric
ceiling float8>float8 numeric>numeric
center box>point circle>point
char int4>char text>char
char_length bpchar>int4 text>int4
character_length bpchar>int4 text>int4
chr int4>text
cidr inet>cidr
circle box>circle point,float8>circle polygon>circle
clock_timestamp >timestamptz
concat any*>text
concat_ws text,any*>text
convert bytea,name,name>bytea
convert_from bytea,name>text
convert_to text,name>bytea
corr float8,float8>float8
cos float8>float8
cosd float8>float8
cosh float8>float8
cot float8>float8
cotd float8>float8
count >int8 any>int8
covar_pop float8,float8>float8
covar_samp float8,float8>float8
crc32 bytea>int8
crc32c bytea>int8
cume_dist >float8 any*>float8
current_database >name
current_query >text
current_schema >name
current_schemas bool>_name
current_setting text>text text,bool>text
current_user >name
currval regclass>int8
date timestamp>date timestamptz>date
date_add timestamptz,interval>timestamptz timestamptz,interval,text>timestamptz
date_bin interval,timestamp,timestamp>timestamp interval,timestamptz,timestamptz>timestamptz
date_part text,date>float8 text,interval>float8 text,time>float8 text,timestamp>float8
 text,timestamptz>float8 text,timetz>float8
date_subtract timestamptz,interval>timestamptz timestamptz,interval,text>timestamptz
date_trunc text,interval>interval text,timestamp>timestamp text,timestamptz>timestamptz
 text,timestamptz,text>timestamptz
datemultirange >datemultirange _daterange*>datemultirange daterange>datemultirange
daterange date,date>daterange date,date,text>daterange
decode text,text>bytea
degrees float8>float8
dense_rank >int8 any*>int8
dexp float8>float8
diagonal box>lseg
diameter circle>float8
div numeric,numeric>numeric
dlog1 float8>float8
dlog10 float8>float8
dround float8>float8
dtrunc float8>float8
encode bytea,text>text
enum_first anyenum>anyenum
enum_last anyenum>anyenum
enum_range anyenum>anyarray anyenum,anyenum>anyarray
enum_send anyenum>bytea
erf float8>float8
erfc float8>float8
every bool>bool
exp float8>float8 numeric>numeric
extract text,date>numeric text,interval>numeric text,time>numeric text,timestamp>numeric
 text,timestamptz>numeric text,timetz>numeric
factorial int8>numeric
family inet>int4
first_value anyelement>anyelement
float4 float8>float4 int2>float4 int4>float4 int8>float4 jsonb>float4 numeric>float4
float4larger float4,float4>float4
float4smaller float4,float4>float4
float8 float4>float8 int2>float8 int4>float8 int8>float8 jsonb>float8 numeric>float8
float8larger float8,float8>float8
float8smaller float8,float8>float8
floor float8>float8 numeric>numeric
format text>text text,any*>text
format_type oid,int4>text
gamma float8>float8
gcd int4,int4>int4 int8,int8>int8 numeric,numeric>numeric
gen_random_uuid >uuid
generate_series int4,int4>int4 int4,int4,int4>int4 int8,int8>int8 int8,int8,int8>int8
 numeric,numeric>numeric numeric,numeric,numeric>numeric timestamp,timestamp,interval>timestamp
 timestamptz,timestamptz,interval>timestamptz timestamptz,timestamptz,interval,text>timestamptz
generate_subscripts anyarray,int4>int4 anyarray,int4,bool>int4
get_bit bit,int4>int4 bytea,int8>int4
get_byte bytea,int4>int4
get_current_ts_config >regconfig
getdatabaseencoding >name
getpgusername >name
height box>float8
host inet>text
hostmask inet>inet
icu_unicode_version >text
initcap text>text
int2 bytea>int2 float4>int2 float8>int2 int4>int2 int8>int2 jsonb>int2 numeric>int2
int2int4_sum _int8>int8
int2larger int2,int2>int2
int2smaller int2,int2>int2
int4 bit>int4 bool>int4 bytea>int4 char>int4 float4>int4 float8>int4 int2>int4 int8>int4 jsonb>int4
 numeric>int4
int4larger int4,int4>int4
int4multirange >int4multirange _int4range*>int4multirange int4range>int4multirange
int4range int4,int4>int4range int4,int4,text>int4range
int4smaller int4,int4>int4
int8 bit>int8 bytea>int8 float4>int8 float8>int8 int2>int8 int4>int8 jsonb>int8 numeric>int8
 oid>int8
int8dec int8>int8
int8dec_any int8,any>int8
int8larger int8,int8>int8
int8multirange >int8multirange _int8range*>int8multirange int8range>int8multirange
int8range int8,int8>int8range int8,int8,text>int8range
int8smaller int8,int8>int8
interval interval,int4>interval time>interval
is_normalized text,text=1>bool
isclosed path>bool
isempty anymultirange>bool
isfinite date>bool interval>bool timestamp>bool timestamptz>bool
ishorizontal line>bool lseg>bool point,point>bool
isopen path>bool
isparallel line,line>bool lseg,lseg>bool
isperp line,line>bool lseg,lseg>bool
isvertical line>bool lseg>bool point,point>bool
json_agg anyelement>json
json_agg_strict anyelement>json
json_array_elements json>json
json_array_elements_text json>text
json_array_length json>int4
json_build_array >json any*>json
json_build_object >json any*>json
json_each json>record
json_each_text json>record
json_object _text>json _text,_text>json
json_object_agg any,any>json
json_object_agg_strict any,any>json
json_object_agg_unique any,any>json
json_object_agg_unique_strict any,any>json
json_object_keys json>text
json_populate_record anyelement,json,bool=1>anyelement
json_populate_recordset anyelement,json,bool=1>anyelement
json_strip_nulls json,bool=1>json
json_to_record json>record
json_to_recordset json>record
json_to_tsvector json,jsonb>tsvector regconfig,json,jsonb>tsvector
json_typeof json>text
jsonb_agg anyelement>jsonb
jsonb_agg_strict anyelement>jsonb
jsonb_array_elements jsonb>jsonb
jsonb_array_elements_text jsonb>text
jsonb_array_length jsonb>int4
jsonb_build_array >jsonb any*>jsonb
jsonb_build_object >jsonb any*>jsonb
jsonb_each jsonb>record
jsonb_each_text jsonb>record
jsonb_insert jsonb,_text,jsonb,bool=1>jsonb
jsonb_object _text>jsonb _text,_text>jsonb
jsonb_object_agg any,any>jsonb
jsonb_object_agg_strict any,any>jsonb
jsonb_object_agg_unique any,any>jsonb
jsonb_object_agg_unique_strict any,any>jsonb
jsonb_object_keys jsonb>text
jsonb_path_exists jsonb,jsonpath,jsonb,bool=2>bool
jsonb_path_match jsonb,jsonpath,jsonb,bool=2>bool
jsonb_path_query jsonb,jsonpath,jsonb,bool=2>jsonb
jsonb_path_query_array jsonb,jsonpath,jsonb,bool=2>jsonb
jsonb_path_query_first jsonb,jsonpath,jsonb,bool=2>jsonb
jsonb_populate_record anyelement,jsonb>anyelement
jsonb_populate_record_valid anyelement,jsonb>bool
jsonb_populate_recordset anyelement,jsonb>anyelement
jsonb_pretty jsonb>text
jsonb_set jsonb,_text,jsonb,bool=1>jsonb
jsonb_set_lax jsonb,_text,jsonb,bool,text=2>jsonb
jsonb_strip_nulls jsonb,bool=1>jsonb
jsonb_to_record jsonb>record
jsonb_to_recordset jsonb>record
jsonb_to_tsvector jsonb,jsonb>tsvector regconfig,jsonb,jsonb>tsvector
jsonb_typeof jsonb>text
justify_days interval>interval
justify_hours interval>interval
justify_interval interval>interval
lag anycompatible,int4,anycompatible>anycompatible anyelement>anyelement anyelement,int4>anyelement
last_value anyelement>anyelement
lastval >int8
lcm int4,int4>int4 int8,int8>int8 numeric,numeric>numeric
lead anycompatible,int4,anycompatible>anycompatible anyelement>anyelement
 anyelement,int4>anyelement
left text,int4>text
length bit>int4 bpchar>int4 bytea>int4 bytea,name>int4 lseg>float8 path>float8 text>int4
 tsvector>int4
lgamma float8>float8
like bytea,bytea>bool name,text>bool text,text>bool
like_escape bytea,bytea>bytea text,text>text
line point,point>line
ln float8>float8 numeric>numeric
log float8>float8 numeric>numeric numeric,numeric>numeric
log10 float8>float8 numeric>numeric
lower anymultirange>anyelement anyrange>anyelement text>text
lower_inc anymultirange>bool anyrange>bool
lower_inf anymultirange>bool anyrange>bool
lpad text,int4>text text,int4,text>text
lseg box>lseg point,point>lseg
ltrim bytea,bytea>bytea text>text text,text>text
macaddr macaddr8>macaddr
macaddr8 macaddr>macaddr8
macaddr8_set7bit macaddr8>macaddr8
make_date int4,int4,int4>date
make_interval int4,int4,int4,int4,int4,int4,float8=7>interval
make_time int4,int4,float8>time
make_timestamp int4,int4,int4,int4,int4,float8>timestamp
make_timestamptz int4,int4,int4,int4,int4,float8>timestamptz
 int4,int4,int4,int4,int4,float8,text>timestamptz
makeaclitem oid,oid,text,bool>aclitem
masklen inet>int4
max anyarray>anyarray anyenum>anyenum bpchar>bpchar bytea>bytea date>date float4>float4
 float8>float8 inet>inet int2>int2 int4>int4 int8>int8 interval>interval money>money
 numeric>numeric oid>oid pg_lsn>pg_lsn record>record text>text tid>tid time>time
 timestamp>timestamp timestamptz>timestamptz timetz>timetz xid8>xid8
md5 bytea>text text>text
min anyarray>anyarray anyenum>anyenum bpchar>bpchar bytea>bytea date>date float4>float4
 float8>float8 inet>inet int2>int2 int4>int4 int8>int8 interval>interval money>money
 numeric>numeric oid>oid pg_lsn>pg_lsn record>record text>text tid>tid time>time
 timestamp>timestamp timestamptz>timestamptz timetz>timetz xid8>xid8
min_scale numeric>int4
mod int2,int2>int2 int4,int4>int4 int8,int8>int8 numeric,numeric>numeric
mode anyelement>anyelement
money int4>money int8>money numeric>money
multirange anyrange>anymultirange
name bpchar>name text>name varchar>name
nameconcatoid name,oid>name
netmask inet>inet
network inet>cidr
nextval regclass>int8
normalize text,text=1>text
notlike bytea,bytea>bool name,text>bool text,text>bool
now >timestamptz
npoints path>int4 polygon>int4
nth_value anyelement,int4>anyelement
ntile int4>int4
num_nonnulls any*>int4
num_nulls any*>int4
numeric float4>numeric float8>numeric int2>numeric int4>numeric int8>numeric jsonb>numeric
 money>numeric numeric,int4>numeric
nummultirange >nummultirange _numrange*>nummultirange numrange>nummultirange
numnode tsquery>int4
numrange numeric,numeric>numrange numeric,numeric,text>numrange
octet_length bit>int4 bpchar>int4 bytea>int4 text>int4
oid int8>oid
oidsmaller oid,oid>oid
oidvectortypes oidvector>text
overlaps time,interval,time,interval>bool time,interval,time,time>bool time,time,time,interval>bool
 time,time,time,time>bool timestamp,interval,timestamp,interval>bool
 timestamp,interval,timestamp,timestamp>bool timestamp,timestamp,timestamp,interval>bool
 timestamp,timestamp,timestamp,timestamp>bool timestamptz,interval,timestamptz,interval>bool
 timestamptz,interval,timestamptz,timestamptz>bool
 timestamptz,timestamptz,timestamptz,interval>bool
 timestamptz,timestamptz,timestamptz,timestamptz>bool timetz,timetz,timetz,timetz>bool
overlay bit,bit,int4>bit bit,bit,int4,int4>bit bytea,bytea,int4>bytea bytea,bytea,int4,int4>bytea
 text,text,int4>text text,text,int4,int4>text
parse_ident text,bool=1>_text
path polygon>path
pclose path>path
percent_rank >float8 any*>float8
percentile_cont _float8,float8>_float8 _float8,interval>_interval float8,float8>float8
 float8,interval>interval
percentile_disc _float8,anyelement>anyarray float8,anyelement>anyelement
phraseto_tsquery regconfig,text>tsquery text>tsquery
pi >float8
plainto_tsquery regconfig,text>tsquery text>tsquery
point box>point circle>point float8,float8>point lseg>point polygon>point
polygon box>polygon circle>polygon int4,circle>polygon path>polygon
popen path>path
position bit,bit>int4 bytea,bytea>int4 text,text>int4
pow float8,float8>float8 numeric,numeric>numeric
power float8,float8>float8 numeric,numeric>numeric
querytree tsquery>text
quote_ident text>text
quote_literal anyelement>text text>text
quote_nullable anyelement>text text>text
radians float8>float8
radius circle>float8
random >float8 int4,int4>int4 int8,int8>int8 numeric,numeric>numeric
random_normal float8,float8=2>float8
range_agg anymultirange>anymultirange anyrange>anymultirange
range_intersect_agg anymultirange>anymultirange anyrange>anyrange
range_merge anymultirange>anyrange
rank >int8 any*>int8
regclass text>regclass
regexp_count text,text>int4 text,text,int4>int4 text,text,int4,text>int4
regexp_instr text,text>int4 text,text,int4>int4 text,text,int4,int4>int4
 text,text,int4,int4,int4>int4 text,text,int4,int4,int4,text>int4
 text,text,int4,int4,int4,text,int4>int4
regexp_like text,text>bool text,text,text>bool
regexp_match text,text>_text text,text,text>_text
regexp_matches text,text>_text text,text,text>_text
regexp_replace text,text,text>text text,text,text,int4>text text,text,text,int4,int4>text
 text,text,text,int4,int4,text>text text,text,text,text>text
regexp_split_to_array text,text>_text text,text,text>_text
regexp_split_to_table text,text>text text,text,text>text
regexp_substr text,text>text text,text,int4>text text,text,int4,int4>text
 text,text,int4,int4,text>text text,text,int4,int4,text,int4>text
regr_avgx float8,float8>float8
regr_avgy float8,float8>float8
regr_count float8,float8>int8
regr_intercept float8,float8>float8
regr_r2 float8,float8>float8
regr_slope float8,float8>float8
regr_sxx float8,float8>float8
regr_sxy float8,float8>float8
regr_syy float8,float8>float8
repeat text,int4>text
replace text,text,text>text
reverse bytea>bytea text>text
right text,int4>text
round float8>float8 numeric>numeric numeric,int4>numeric
row_number >int8
row_to_json record>json record,bool>json
rpad text,int4>text text,int4,text>text
rtrim bytea,bytea>bytea text>text text,text>text
scale numeric>int4
session_user >name
set_bit bit,int4,int4>bit bytea,int8,int4>bytea
set_byte bytea,int4,int4>bytea
set_masklen cidr,int4>cidr inet,int4>inet
setseed float8>void
setval regclass,int8>int8 regclass,int8,bool>int8
setweight tsvector,char>tsvector tsvector,char,_text>tsvector
sha224 bytea>bytea
sha256 bytea>bytea
sha384 bytea>bytea
sha512 bytea>bytea
sign float8>float8 numeric>numeric
similar_escape text,text>text
similar_to_escape text>text text,text>text
sin float8>float8
sind float8>float8
sinh float8>float8
slope point,point>float8
split_part text,text,int4>text
sqrt float8>float8 numeric>numeric
starts_with text,text>bool
statement_timestamp >timestamptz
stddev float4>float8 float8>float8 int2>numeric int4>numeric int8>numeric numeric>numeric
stddev_pop float4>float8 float8>float8 int2>numeric int4>numeric int8>numeric numeric>numeric
stddev_samp float4>float8 float8>float8 int2>numeric int4>numeric int8>numeric numeric>numeric
string_agg bytea,bytea>bytea text,text>text
string_to_array text,text>_text text,text,text>_text
string_to_table text,text>text text,text,text>text
strip tsvector>tsvector
strpos text,text>int4
substr bytea,int4>bytea bytea,int4,int4>bytea text,int4>text text,int4,int4>text
substring bit,int4>bit bit,int4,int4>bit bytea,int4>bytea bytea,int4,int4>bytea text,int4>text
 text,int4,int4>text text,text>text text,text,text>text
sum float4>float4 float8>float8 int2>int8 int4>int8 int8>numeric interval>interval money>money
 numeric>numeric
system_user >text
tan float8>float8
tand float8>float8
tanh float8>float8
text bool>text bpchar>text char>text inet>text name>text xml>text
textcat text,text>text
textlen text>int4
tidlarger tid,tid>tid
tidsmaller tid,tid>tid
time interval>time time,int4>time timestamp>time timestamptz>time timetz>time
timeofday >text
timestamp date>timestamp date,time>timestamp timestamp,int4>timestamp timestamptz>timestamp
timestamptz date>timestamptz date,time>timestamptz date,timetz>timestamptz timestamp>timestamptz
 timestamptz,int4>timestamptz
timetz time>timetz timestamptz>timetz timetz,int4>timetz
timezone interval,timestamp>timestamptz interval,timestamptz>timestamp interval,timetz>timetz
 text,timestamp>timestamptz text,timestamptz>timestamp text,timetz>timetz timestamp>timestamptz
 timestamptz>timestamp timetz>timetz
to_ascii text>text text,int4>text text,name>text
to_bin int4>text int8>text
to_char float4,text>text float8,text>text int4,text>text int8,text>text interval,text>text
 numeric,text>text timestamp,text>text timestamptz,text>text
to_date text,text>date
to_hex int4>text int8>text
to_json anyelement>json
to_jsonb anyelement>jsonb
to_number text,text>numeric
to_oct int4>text int8>text
to_regclass text>regclass
to_regcollation text>regcollation
to_regnamespace text>regnamespace
to_regoper text>regoper
to_regoperator text>regoperator
to_regproc text>regproc
to_regprocedure text>regprocedure
to_regrole text>regrole
to_regtype text>regtype
to_regtypemod text>int4
to_timestamp float8>timestamptz text,text>timestamptz
to_tsquery regconfig,text>tsquery text>tsquery
to_tsvector json>tsvector jsonb>tsvector regconfig,json>tsvector regconfig,jsonb>tsvector
 regconfig,text>tsvector text>tsvector
transaction_timestamp >timestamptz
translate text,text,text>text
trim_array anyarray,int4>anyarray
trim_scale numeric>numeric
trunc float8>float8 macaddr>macaddr macaddr8>macaddr8 numeric>numeric numeric,int4>numeric
ts_debug regconfig,text>record text>record
ts_delete tsvector,_text>tsvector tsvector,text>tsvector
ts_filter tsvector,_char>tsvector
ts_headline json,tsquery>json json,tsquery,text>json jsonb,tsquery>jsonb jsonb,tsquery,text>jsonb
 regconfig,json,tsquery>json regconfig,json,tsquery,text>json regconfig,jsonb,tsquery>jsonb
 regconfig,jsonb,tsquery,text>jsonb regconfig,text,tsquery>text regconfig,text,tsquery,text>text
 text,tsquery>text text,tsquery,text>text
ts_lexize regdictionary,text>_text
ts_parse oid,text>record text,text>record
ts_rank _float4,tsvector,tsquery>float4 _float4,tsvector,tsquery,int4>float4
 tsvector,tsquery>float4 tsvector,tsquery,int4>float4
ts_rank_cd _float4,tsvector,tsquery>float4 _float4,tsvector,tsquery,int4>float4
 tsvector,tsquery>float4 tsvector,tsquery,int4>float4
ts_token_type oid>record text>record
tsmultirange >tsmultirange _tsrange*>tsmultirange tsrange>tsmultirange
tsquery_phrase tsquery,tsquery,int4>tsquery
tsrange timestamp,timestamp>tsrange timestamp,timestamp,text>tsrange
tstzmultirange >tstzmultirange _tstzrange*>tstzmultirange tstzrange>tstzmultirange
tstzrange timestamptz,timestamptz>tstzrange timestamptz,timestamptz,text>tstzrange
tsvector_to_array tsvector>_text
unistr text>text
unnest anyarray>anyelement anymultirange>anyrange tsvector>record
upper anymultirange>anyelement anyrange>anyelement text>text
upper_inc anymultirange>bool anyrange>bool
upper_inf anymultirange>bool anyrange>bool
uuid_extract_timestamp uuid>timestamptz
uuid_extract_version uuid>int2
uuidv4 >uuid
uuidv7 >uuid interval>uuid
var_pop float4>float8 float8>float8 int2>numeric int4>numeric int8>numeric numeric>numeric
var_samp float4>float8 float8>float8 int2>numeric int4>numeric int8>numeric numeric>numeric
varbit varbit,int4,bool>varbit
varchar name>varchar varchar,int4,bool>varchar
variance float4>float8 float8>float8 int2>numeric int4>numeric int8>numeric numeric>numeric
version >text
websearch_to_tsquery regconfig,text>tsquery text>tsquery
width box>float8
width_bucket anycompatible,anycompatiblearray>int4 float8,float8,float8,int4>int4
 numeric,numeric,numeric,int4>int4
xid xid8>xid
xpath text,xml>_xml text,xml,_text>_xml
xpath_exists text,xml>bool text,xml,_text>bool
"""
