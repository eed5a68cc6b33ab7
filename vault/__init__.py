"""Who it was: sealing of identities, person keys, erasure, and the record of every reading."""
