"""For who runs the API: is the process up, can it answer, and what does it count. These need no key and tell nothing of the data."""

from functools import cache
from typing import Literal

from alembic.config import Config
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from context_api.callers import ServicesDependency
from context_api.problems import ProblemError

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers. It says nothing of the database: a restart would not mend that."""
    return Health()


@router.get("/readyz")
async def readyz(services: ServicesDependency) -> Health:
    """The database answers and is migrated: requests may be sent here."""
    try:
        async with services.database.async_engine.connect() as connection:
            version = await connection.scalar(text("select version_num from schema_version"))
    except SQLAlchemyError as error:
        detail = "The database does not answer, or was never migrated. `crosswalk migrate` migrates it."
        raise ProblemError(503, "not-ready", detail, {"Retry-After": "2"}) from error
    if version != newest_migration():
        detail = f"The database is at migration {version}, and this version needs {newest_migration()}: `crosswalk migrate` migrates it."
        raise ProblemError(503, "not-ready", detail)
    return Health()


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(services: ServicesDependency) -> Response:
    """Counters in Prometheus' text format."""
    return Response(services.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


@cache
def newest_migration() -> str | None:
    """The migration that this version of the code was written for."""
    config = Config()
    config.set_main_option("script_location", "sql:migrations")
    return ScriptDirectory.from_config(config).get_current_head()
