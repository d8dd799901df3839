"""Forward migrations of the record schema: one module a revision under ``versions/``, applied by ``migrate``.

A revision holds its own frozen DDL and never imports the models. A revision that changes a table uses Alembic's
batch mode (``op.batch_alter_table``), because SQLite cannot alter most things in place.
"""
