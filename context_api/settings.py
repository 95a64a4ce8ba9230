"""What an operator may set of the API."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of the API, read from CROSSWALK_<NAME>, e.g. CROSSWALK_PUBLIC_URL."""

    model_config = SettingsConfigDict(env_prefix="CROSSWALK_", frozen=True, extra="ignore")

    public_url: str = Field(default="http://127.0.0.1:8000", description="Where callers reach the API; with https, cookies are Secure")
    max_body_bytes: int = Field(default=1_048_576, ge=1024, description="A larger request body is refused with 413")
    key_cache_seconds: float = Field(default=5.0, ge=0, le=5, description="How long a revoked key may still work")
    config: Path = Field(default=Path("crosswalk.toml"), description="Where the sources are declared, webhooks' secrets among them")
    session_secret: SecretStr | None = Field(
        default=None, description="Signs the console's cookies; without it each start makes its own, and more than one process needs it"
    )

    @property
    def secure(self) -> bool:
        """Whether callers come over HTTPS, so that cookies may be bound to it."""
        return self.public_url.startswith("https://")
