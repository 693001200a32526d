"""The one leader: records, reaps, promotes, reconciles."""
