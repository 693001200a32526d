"""What a database says of itself."""

from rota.store.database import Connection


async def version(db: Connection) -> str:
    """Which database this is, e.g. `SQLite 3.45.1`."""
    sql = "SELECT sqlite_version() AS version" if db.is_sqlite else "SHOW server_version"
    (row,) = await db.rows(sql)
    name = "SQLite" if db.is_sqlite else "PostgreSQL"
    return f"{name} {next(iter(row.values())).split()[0]}"


async def last_migration(db: Connection) -> str:
    """The newest of the migrations that were applied, by its name; empty where there is none."""
    rows = await db.rows("SELECT name FROM tortoise_migrations ORDER BY name DESC LIMIT 1")
    return str(rows[0]["name"]) if rows else ""
