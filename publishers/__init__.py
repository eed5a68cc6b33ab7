"""The way in: rosters and files become signed submissions; sealing, signing, publishing."""
