"""Settings of the language model, of the key to kept credentials and of the access log. Sources are declared in crosswalk.toml."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from CROSSWALK_LANGUAGE_MODEL and the like. `..._key` is a reference to the secret, never the secret."""

    model_config = SettingsConfigDict(env_prefix="CROSSWALK_", frozen=True, extra="ignore")

    language_model: str = "claude-haiku-4-5-20251001"
    language_model_url: str = "https://api.anthropic.com"
    language_model_key: str = "env:ANTHROPIC_API_KEY"
    language_model_timeout: float = Field(default=20.0, gt=0, le=120)
    language_model_calls: int = Field(default=200, ge=0)  # in one run
    language_model_tokens: int = Field(default=500_000, ge=0)  # in one run, in and out
    credentials_key: str | None = None  # see account/sealing.py; a file below the home where nothing is said
    access_log_days: int = Field(default=365, ge=1)  # how long requests to sources are remembered
