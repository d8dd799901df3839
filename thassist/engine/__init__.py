"""SQL over Parquet and staged tables, behind one small interface. DuckDB is the embedded engine."""

from thassist.engine.duck import PIPES, Engine, EngineError
from thassist.engine.sqlcheck import check_condition, check_query, parsed_of

__all__ = ["PIPES", "Engine", "EngineError", "check_condition", "check_query", "parsed_of"]
