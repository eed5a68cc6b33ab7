"""Business ids: the names of the things themselves, to which everything later refers. 业务编号."""

from typing import Final

BUSINESS_IDS: Final = {
    "MakePayment": "payment",
    "SubmitRoster": "roster",
    "RecordVisit": "visit",
    "WithdrawGrant": "withdrawal",
    "ReturnAllocation": "returned",
    "IssueAllocation": "allocation",
    "RecordGrant": "grant",
    "RecordStatement": "statement",
    "ReadIdentities": "reading",
}
"""
Kind of submission → the field that names what it makes.

In order: a submission with several of these fields is about the first of them, as a payment names
its roster and its visit, and a return the allocation that it gives back.
"""
