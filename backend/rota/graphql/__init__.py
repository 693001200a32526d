"""The GraphQL schema: one file a noun with its queries and mutations, their types in `types/`."""
