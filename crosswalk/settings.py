"""What the front door needs to know before it opens anything."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from CROSSWALK_CONFIG."""

    model_config = SettingsConfigDict(env_prefix="CROSSWALK_", frozen=True, extra="ignore")

    config: Path = Path("crosswalk.toml")  # where the sources are declared
