"""Every setting, in one class. This is the only file that reads the environment.

URLs choose implementations: a missing DATABASE, REDIS, OBJECTS or BROKER URL means the embedded part of that kind.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from stonks.model.errors import SettingError


class Settings(BaseSettings):
    """What a user can set, each as ``STONKS_<NAME>`` in the environment or in ``.env``."""

    model_config = SettingsConfigDict(env_prefix="STONKS_", env_file=".env", extra="forbid", frozen=True)

    data_dir: Path = Field(Path("~/.local/share/stonks"), description="Where the embedded default keeps everything.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL; unset starts an embedded one.")
    redis_url: SecretStr | None = Field(None, description="Redis or Valkey; unset starts an embedded one.")
    objects_url: str | None = Field(None, description="file:///path or s3://bucket; unset: the data directory.")
    sources_url: str | None = Field(None, description="tape:///path plays a recorded tape; unset: the bundled one.")
    edgar_contact: str | None = Field(
        None, description="Who asks, as the SEC demands of every client: a name and an e-mail address."
    )
    edgar_url: str = Field("https://www.sec.gov", description="The SEC's site: live feed, indexes and documents.")
    edgar_data_url: str = Field("https://data.sec.gov", description="The SEC's data service: submissions.")
    polygon_key: SecretStr | None = Field(None, description="Key of Polygon.io; unset leaves its sources out.")
    polygon_url: str = Field("https://api.polygon.io", description="Where Polygon.io's API is.")
    polygon_per_minute: int = Field(5, ge=1, description="Requests a minute that the plan at Polygon.io allows.")
    alpaca_key_id: SecretStr | None = Field(None, description="Key id of Alpaca's market data; unset leaves it out.")
    alpaca_secret: SecretStr | None = Field(None, description="The secret that belongs to the key id.")
    alpaca_data_url: str = Field("https://data.alpaca.markets", description="Where Alpaca's market data API is.")
    alpaca_per_minute: int = Field(180, ge=1, description="Requests a minute that the plan at Alpaca allows.")
    alpaca_feed: str = Field("iex", pattern="^(iex|sip|delayed_sip)$", description="Which trades Alpaca's bars count.")
    macro_feeds: dict[str, str] = Field(
        {"Federal Reserve": "https://www.federalreserve.gov/feeds/press_all.xml"},
        description="RSS and Atom feeds read as macro events, as JSON: publisher to URL.",
    )
    news_feeds: dict[str, str] = Field({}, description="RSS and Atom feeds read as news, as JSON: publisher to URL.")
    gdelt_query: str | None = Field(
        None, description="What GDELT's list of articles is searched for; unset: not asked."
    )
    gdelt_url: str = Field("https://api.gdeltproject.org", description="Where GDELT's API is.")
    scrape_pages: tuple[str, ...] = Field(
        (), description="Web pages read regularly, as far as their robots.txt allows, as a JSON list of URLs."
    )
    broker_url: str = Field(
        "paper:",
        description="paper: is the built-in exchange; alpaca:paper a paper account at Alpaca, alpaca:live real money.",
    )
    broker_key_id: SecretStr | None = Field(None, description="Key id of the account at Alpaca.")
    broker_secret: SecretStr | None = Field(None, description="The secret that belongs to its key id.")
    llm_url: str | None = Field(
        None,
        description="ollama://host:port/model, or openai+https://host/v1?model=NAME; unset: none is asked.",
    )
    llm_key: SecretStr | None = Field(None, description="Key that the language model's server asks for.")
    llm_context: int = Field(8192, ge=4096, description="Tokens of a prompt and its answer together.")
    llm_parallel: int = Field(1, ge=1, le=64, description="Calls to the language model at a time, in each process.")
    llm_patience: timedelta = Field(
        timedelta(minutes=2),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=4),
        description="How long the language model may take over one document or text.",
    )
    llm_tokens_per_minute: int = Field(
        1_000_000, ge=20_000, description="Tokens that the language model may be sent and asked for in any minute."
    )
    llm_tokens_per_day: int = Field(20_000_000, ge=20_000, description="The same in any day; beyond it, none is asked.")
    trading_mode: str = Field(
        "paper", pattern="^(paper|live)$", description="Whose money is meant; live takes all switches of real money."
    )
    live_trading_enabled: bool = Field(
        default=False, description="Whether real money may be traded: the second switch."
    )
    live_confirm: str | None = Field(
        None, description="The third switch, word for word: trade real money on ACCOUNT, with the account's name."
    )
    max_order_usd: int = Field(
        25_000, ge=1, description="US dollars that an entry may cost, whatever the policy allows; exits are exempt."
    )
    max_day_usd: int = Field(
        150_000, ge=1, description="US dollars that the entries of any 24 hours may cost together; exits are exempt."
    )
    alerts_url: SecretStr = Field(
        SecretStr("log:"),
        description="Channels that blanks part: log:, smtp://, sns://, webhook+https://; their rules follow a #.",
    )

    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8787, ge=0, le=65535, description="Port the API listens on; 0 takes a free one.")

    account: str = Field("paper", description="Name of the trading account.")
    starting_cash: int = Field(100_000, ge=1, description="US dollars the paper account starts with.")
    risk_tier: str = Field(
        "moderate", pattern="^(conservative|moderate|aggressive)$", description="Which policy sizes and gates."
    )
    competitive_enabled: bool = Field(default=True, description="Whether signals are propagated to related companies.")

    lease: timedelta = Field(timedelta(seconds=30), description="How long a worker may hold a job without a heartbeat.")
    high_water: int = Field(10_000, ge=1, description="Length at which a queue takes no more.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="What is logged.")

    @property
    def halt_file(self) -> Path:
        """The file whose being there halts the account, whatever else answers."""
        return self.data_dir.expanduser() / "HALT"


def read_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - pydantic checks each value
    """Return the settings of this process.

    Raises:
        SettingError: a value is wrong; the message has its name as the user wrote it.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise SettingError(f"STONKS_{name}", first["msg"]) from wrong


LIVE_BROKER = "alpaca:live"
"""The URL of the one broker that trades real money."""


def trades_live(settings: Settings) -> bool:
    """Return whether real money is traded: the broker's URL and three switches all say so, or none of them does.

    Raises:
        SettingError: they do not agree. It names the first that differs; nobody falls back to paper.
    """
    phrase = f"trade real money on {settings.account}"
    switches = (
        ("STONKS_BROKER_URL", LIVE_BROKER, settings.broker_url == LIVE_BROKER),
        ("STONKS_TRADING_MODE", "live", settings.trading_mode == "live"),
        ("STONKS_LIVE_TRADING_ENABLED", "true", settings.live_trading_enabled),
        ("STONKS_LIVE_CONFIRM", repr(phrase), settings.live_confirm == phrase),
    )
    set_ones = [name for name, _, on in switches if on or (name == "STONKS_LIVE_CONFIRM" and settings.live_confirm)]
    if not set_ones:
        return False
    for name, wanted, on in switches:
        if not on:
            raise SettingError(
                name, f"real money takes {wanted}, as {', '.join(set_ones)} mean it; set all of them or none"
            )
    if settings.account == Settings.model_fields["account"].default:
        raise SettingError("STONKS_ACCOUNT", "real money takes an account of its own: paper's books are not its books")
    return True


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What an S3 URL says; an S3 client's own places fill in what ``config`` leaves out."""

    name: str
    prefix: str
    config: dict[str, str]
    plain_http: bool


def parse_bucket(url: str) -> Bucket:
    """Return what an ``s3://key:secret@bucket/prefix?endpoint=&region=`` URL says; its scheme is not looked at.

    Raises:
        SettingError: it names no bucket, or says something else.
    """
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = options.keys() - {"endpoint", "region"}
    if unknown or not parts.hostname:
        raise SettingError("STONKS_OBJECTS_URL", f"s3://bucket?endpoint=&region= takes no {', '.join(sorted(unknown))}")
    secrets = {"access_key_id": parts.username, "secret_access_key": parts.password}
    given = {name: unquote(value) for name, value in secrets.items() if value}
    return Bucket(
        name=parts.hostname,
        prefix=parts.path.strip("/"),
        config=options | given,
        plain_http=options.get("endpoint", "").startswith("http:"),
    )
