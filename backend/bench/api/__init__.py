"""The benchmark of the API: live updates to many subscribers, pages of a large table, submits over HTTP."""
