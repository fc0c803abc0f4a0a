"""What PostgreSQL's extension citext says of its type, as `postgres_catalogue` says it of the server's.

Of the extensions' types it is the one that is used like a type of the server's own: it is cast to
text by itself, so that every function of text takes it. The others compare with themselves, and
nothing more is known of them.
"""

from __future__ import annotations

__all__ = ["CASTS", "FUNCTIONS", "OPERATORS", "TYPES"]

TYPES = """
citext S
"""

CASTS = """
bool citext=a
bpchar citext=a
citext text=i varchar=i bpchar=a
inet citext=a
text citext=a
varchar citext=a
"""

OPERATORS = """
!~ citext,citext>bool citext,text>bool
!~* citext,citext>bool citext,text>bool
!~~ citext,citext>bool citext,text>bool
!~~* citext,citext>bool citext,text>bool
< citext,citext>bool
<= citext,citext>bool
<> citext,citext>bool
= citext,citext>bool
> citext,citext>bool
>= citext,citext>bool
~ citext,citext>bool citext,text>bool
~* citext,citext>bool citext,text>bool
~~ citext,citext>bool citext,text>bool
~~* citext,citext>bool citext,text>bool
"""

FUNCTIONS = """
max citext>citext
min citext>citext
regexp_match citext,citext>_text citext,citext,text>_text
regexp_matches citext,citext>_text citext,citext,text>_text
regexp_replace citext,citext,text>text citext,citext,text,text>text
regexp_split_to_array citext,citext>_text citext,citext,text>_text
regexp_split_to_table citext,citext>text citext,citext,text>text
replace citext,citext,citext>text
split_part citext,citext,int4>text
strpos citext,citext>int4
translate citext,citext,text>text
"""
