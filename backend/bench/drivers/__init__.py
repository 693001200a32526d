"""One small program for each contender; all speak the protocol of `base.py` (`base.mjs`)."""
