"""Where the database is and where files go."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of the ground. Read from CROSSWALK_HOME and CROSSWALK_DATABASE_URL."""

    model_config = SettingsConfigDict(env_prefix="CROSSWALK_", frozen=True, extra="ignore")

    home: Path = Path(".crosswalk")
    database_url: str | None = None
