"""What the `rota` command does, one file a group of commands; `rota/cli.py` names them all."""
