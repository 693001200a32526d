from tortoise import migrations
from tortoise.migrations import operations as ops

# Looked at twice a second. It holds what waits for other tasks and has a deadline, which is little or nothing. With the
# status in front, or SQLite would rather go through all that have it, by `tasks_by_status`.
INDEX = (
    "CREATE INDEX tasks_blocked_deadlines ON tasks (status, deadline_at) "
    "WHERE status = 'BLOCKED' AND deadline_at IS NOT NULL"
)


class Migration(migrations.Migration):
    dependencies = [("rota", "0012_assigned")]

    initial = False

    operations = [ops.RunSQL([INDEX])]
