"""What the front door needs to know before it opens anything."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from CROSSWALK_CONFIG and CROSSWALK_LOG_LEVEL."""

    model_config = SettingsConfigDict(env_prefix="CROSSWALK_", frozen=True, extra="ignore")

    config: Path = Path("crosswalk.toml")  # where the sources are declared
    log_level: str = "WARNING"  # INFO gives a line for each request
