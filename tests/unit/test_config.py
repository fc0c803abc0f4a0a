from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.config import (
    DIALECTS,
    Config,
    Environment,
    EnvironmentCycle,
    EnvironmentExists,
    LiteralPassword,
    MalformedConfig,
    NoConfig,
    Policy,
    UnknownEnvironment,
    UnknownSetting,
    UnsetVariable,
    UnusableEnvironmentName,
    WrongSetting,
    adding_environment,
    environment,
    expand,
    new_config,
    read_config,
    refuse_literal_password,
)
from schemaops.errors import SchemaOpsError
from schemaops.sql import lexer

FULL = b"""\
# The shop's databases.
dialect = "postgres"
search_path = ["shop", "public"]
default_branch = "trunk"
scratch = "$SCRATCH_URL"

[environments.production]
url = "postgresql://app:${APP_PASSWORD}@db/shop"
protected = true
after = ["staging"]
lock_timeout = "5s"
statement_timeout = "2min"

[environments.staging]
url = "$STAGING_URL"
after = "dev"
lossless = true
lock_timeout = 0

[environments.dev]
url = "sqlite:///dev.db"

[policy]
hazards = { DL01 = "refuse", LK02 = "ignore" }
"""


def test_every_setting() -> None:
    config = read_config(FULL)
    assert config == Config(
        dialect="postgres",
        search_path=("shop", "public"),
        default_branch="trunk",
        scratch="$SCRATCH_URL",
        environments={
            "production": Environment(
                "production",
                "postgresql://app:${APP_PASSWORD}@db/shop",
                protected=True,
                lossless=True,
                after=("staging",),
                lock_timeout=5_000,
                statement_timeout=120_000,
            ),
            "staging": Environment(
                "staging", "$STAGING_URL", lossless=True, after=("dev",), lock_timeout=0
            ),
            "dev": Environment("dev", "sqlite:///dev.db", follow=True),
        },
        policy=Policy({"DL01": "refuse", "LK02": "ignore"}),
    )
    assert list(config.environments) == ["production", "staging", "dev"]
    assert [one.name for one in config.rollout()] == ["dev", "staging", "production"]


def test_what_is_left_out() -> None:
    assert read_config(b'dialect = "sqlite"') == Config(dialect="sqlite")
    whole = read_config(b'dialect = "sqlite"\n[environments.dev]\nurl = "$U"\nfollow = false\n')
    assert not whole.environment("dev").follow


def test_the_dialects_are_those_of_the_sql_package() -> None:
    assert DIALECTS == lexer.DIALECTS


@pytest.mark.parametrize(
    ("old", "new", "error", "line", "said"),
    [
        ('dialect = "postgres"', 'dialect = "postgers"', WrongSetting, 2, "did you mean postgres"),
        ('dialect = "postgres"\n', "", WrongSetting, 1, "dialect is not set"),
        ('"shop", "public"', '"shop", 1', WrongSetting, 3, "a name or a list"),
        ("default_branch", "default_brnach", UnknownSetting, 4, "did you mean default_branch"),
        ("protected = true", "protcted = true", UnknownSetting, 9, "did you mean protected"),
        ("protected = true", 'protected = "yes"', WrongSetting, 9, "true or false"),
        ('"5s"', '"5 parsecs"', WrongSetting, 11, "a time such as"),
        ('"5s"', "5", WrongSetting, 11, "a time such as"),
        ("lock_timeout = 0", "lock_timeout = false", WrongSetting, 18, "a time such as"),
        ('url = "$STAGING_URL"\n', "", WrongSetting, 14, "environments.staging has no url"),
        ('after = "dev"', 'after = "devv"', UnknownEnvironment, 16, "did you mean dev"),
        ('after = "dev"', 'after = "production"', EnvironmentCycle, 10, "production after staging"),
        ("[policy]", "[polity]", UnknownSetting, 23, "did you mean policy"),
        ('"refuse"', '"forbid"', WrongSetting, 24, "policy.hazards"),
        ("[environments.dev]", '[environments."d v"]', UnusableEnvironmentName, 20, "d v"),
        ("[environments.dev]\nurl = ", "[environments]\ndev = ", WrongSetting, 21, "is a table"),
        ("[policy]", "[policy", MalformedConfig, 23, "expected"),
        ("[policy]", '[policy]\nx = "', MalformedConfig, 24, ""),
        ('"postgres"', '"sqlite"', WrongSetting, 3, "only postgres"),
        ("shop's", "shop\udcff", MalformedConfig, 1, "UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    old: str, new: str, error: type[SchemaOpsError], line: int, said: str
) -> None:
    text = FULL.decode()
    assert old in text
    data = text.replace(old, new, 1).encode(errors="surrogateescape")
    with pytest.raises(error) as raised:
        read_config(data, file="c.toml")
    assert str(raised.value.place) == f"c.toml:{line}"
    assert said in raised.value.message


def test_settings_written_inline_are_found_too() -> None:
    data = b'dialect = "sqlite"\n\nenvironments = { dev = { url = "x", protcted = true } }\n'
    with pytest.raises(UnknownSetting) as raised:
        read_config(data, file="c.toml")
    assert str(raised.value.place) == "c.toml:3"


def test_longer_circles_are_named_in_order() -> None:
    ring = b'dialect = "sqlite"\n' + b"".join(
        b'[environments.%b]\nurl = "x"\nafter = "%b"\n' % (one, other)
        for one, other in ((b"a", b"b"), (b"b", b"c"), (b"c", b"b"))
    )
    with pytest.raises(EnvironmentCycle, match="b after c after b"):
        read_config(ring)


def test_no_configuration() -> None:
    with pytest.raises(NoConfig) as raised:
        read_config(None)
    assert "schemaops init --dialect sqlite" in raised.value.hints


def test_an_unknown_environment_suggests_a_near_one() -> None:
    with pytest.raises(UnknownEnvironment, match="did you mean production"):
        read_config(FULL).environment("prodution")


def test_variables_are_expanded_only_into_what_is_returned() -> None:
    config = read_config(FULL)
    production = config.environment("production")
    secret = expand(production.url, {"APP_PASSWORD": "hunter2"})
    assert secret == "postgresql://app:hunter2@db/shop"
    assert expand("$A/x$B_1", {"A": "a", "B_1": "b"}) == "a/xb"
    with pytest.raises(UnsetVariable, match="APP_PASSWORD is not set"):
        expand(production.url, {"APP_PASSWORD": ""})
    assert "APP_PASSWORD" not in repr(config)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:hunter2@db/shop",
        "mysql+pymysql://root:hunter2@127.0.0.1:3306/shop",
        "postgresql://app:hun/ter@2@db/shop",
        "postgresql://app:hunter$TWO@db/shop",
        "postgresql://:hunter2@db/shop",
        "postgresql://db/shop?user=app&password=hunter2",
        "postgresql://db/shop?sslmode=require&PASSWORD=hunter2#x",
    ],
)
def test_a_password_in_a_url_is_refused(url: str) -> None:
    with pytest.raises(LiteralPassword) as raised:
        refuse_literal_password(url, "production")
    assert "hunter" not in raised.value.message
    assert raised.value.hints == ("schemaops env add production --url '$VARIABLE'",)
    with pytest.raises(LiteralPassword):
        adding_environment(FULL, environment("other", url))
    with pytest.raises(LiteralPassword):
        adding_environment(FULL, environment("other", "$URL", scratch=url))
    with pytest.raises(LiteralPassword):
        new_config("postgres", url)


@pytest.mark.parametrize(
    "url",
    [
        "$PRODUCTION_URL",
        "${PRODUCTION_URL}",
        "postgresql://app@db/shop",
        "postgresql://app:$APP_PASSWORD@db/shop",
        "postgresql://app:${APP_PASSWORD}@db:5432/shop?sslmode=require",
        "postgresql://db/shop?password=$APP_PASSWORD",
        "postgresql:///shop?host=/run/postgresql",
        "sqlite:///dev.db",
        "sqlite:////a:b@c/dev.db",
    ],
)
def test_a_url_without_a_password_is_not(url: str) -> None:
    refuse_literal_password(url)


def test_adding_an_environment_keeps_every_byte_that_was_there() -> None:
    for before in (FULL, FULL.rstrip(), FULL + b"\n# the end"):
        added = environment(
            "eu-west",
            "$EU_URL",
            protected=True,
            follow=True,
            lossless=False,
            after=("staging", "production"),
            scratch="$SCRATCH",
            lock_timeout=500,
            statement_timeout=0,
        )
        data = adding_environment(before, added)
        assert data.startswith(before)
        assert read_config(data).environments["eu-west"] == added
        assert tomllib.loads(data.decode())["environments"]["dev"] == {"url": "sqlite:///dev.db"}


def test_what_cannot_be_added() -> None:
    with pytest.raises(EnvironmentExists):
        adding_environment(FULL, environment("dev", "$U"))
    with pytest.raises(UnusableEnvironmentName):
        environment("a b", "$U")
    with pytest.raises(UnknownEnvironment):
        adding_environment(FULL, environment("x", "$U", after=("nothing",)))
    inline = b'dialect = "sqlite"\nenvironments = { dev = { url = "$U" } }\n'
    with pytest.raises(WrongSetting, match="inline"):
        adding_environment(inline, environment("x", "$U"))
    with pytest.raises(WrongSetting, match="not be read back"):
        adding_environment(FULL, replace(environment("x", "$U"), after=["dev"]))  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: "@" not in t))
def test_any_text_is_written_so_that_it_is_read_back(text: str) -> None:
    try:
        data = adding_environment(FULL, environment("x", text))
    except LiteralPassword:
        return
    assert read_config(data).environment("x").url == text


def test_a_new_project_begins_with_a_configuration_that_reads() -> None:
    config = read_config(new_config("mysql", "$DEV_URL", default_branch="trunk"))
    assert config == Config(
        dialect="mysql",
        default_branch="trunk",
        environments={"dev": Environment("dev", "$DEV_URL", follow=True)},
    )
    assert read_config(new_config("sqlite", None)).environments == {}
    with pytest.raises(WrongSetting):
        new_config("oracle", None)
