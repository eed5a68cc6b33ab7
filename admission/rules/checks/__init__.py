"""
The checks: functions from a case to refusals, of nothing but the case.

A released check is never edited: its digest stands in the lock of every version that uses it. A
rule that changes gets a new function with a new name, in the next version.
"""
