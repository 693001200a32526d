"""Who leads: one row with an end, by the database's own clock."""

from rota.store.database import Connection

_NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgres": "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
}


async def try_lead(db: Connection, name: str, holder: str, ttl_ms: int) -> bool:
    """Takes or prolongs the lead until `ttl_ms` from now. False where somebody else leads."""
    now = _NOW[db.dialect]
    await db.run(
        "INSERT INTO leaders (name, holder, expires_at, term) VALUES ($1, $2, 0, 0) ON CONFLICT (name) DO NOTHING",
        name,
        "",
    )
    return bool(
        await db.run(
            f"UPDATE leaders SET term = CASE WHEN holder = $2 THEN term ELSE term + 1 END, holder = $2, expires_at = {now} + $3 "
            f"WHERE name = $1 AND (holder = $2 OR expires_at < {now})",
            name,
            holder,
            ttl_ms,
        )
    )


async def step_down(db: Connection, name: str, holder: str) -> None:
    """Gives the lead back, so that another need not wait for its end."""
    await db.run("UPDATE leaders SET expires_at = 0 WHERE name = $1 AND holder = $2", name, holder)


async def leader(db: Connection, name: str) -> str | None:
    """Who leads now."""
    rows = await db.rows(f"SELECT holder FROM leaders WHERE name = $1 AND expires_at > {_NOW[db.dialect]}", name)
    return str(rows[0]["holder"]) if rows else None


async def has_leader(db: Connection, name: str) -> bool:
    """Whether somebody leads now."""
    rows = await db.rows(f"SELECT 1 AS one FROM leaders WHERE name = $1 AND expires_at > {_NOW[db.dialect]}", name)
    return bool(rows)
