"""
What may happen: the model of the relief programme, pure, without clock, chance or I/O.

Organisations form a tree. Publishers' keys speak for subtrees of it. A fund has an owner; grants
bring numbered fen into its owner's account, allocations move them down the tree as new lots, and
payments draw them for persons, by the policy in force. Submissions are in the imperative, events,
the verdicts on them, in the past tense; each has the schema of its TOPIC. SUBMISSIONS and EVENTS
list them all.
"""
