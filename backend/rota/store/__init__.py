"""SQL: the truth. The only place with SQL; Tortoise rows are the rows."""
