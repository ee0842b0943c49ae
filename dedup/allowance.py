"""What a check allows before it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dedup.config import Config
from dedup.errors import ConfigError
from dedup.model import KINDS

BOILERPLATE: Final = "boilerplate"
NEVER: Final = "never"
FAIL_ON: Final = (*KINDS, BOILERPLATE, NEVER)


@dataclass(frozen=True)
class Allowance:
    """What a check allows.

    fail_on: the kinds of repeat that make it fail, BOILERPLATE for copies of that, which have to count, NEVER alone for none;
    without any, all that count. max_repeats: how many of those are allowed; None: none, or any number with a `max_ratio`.
    max_ratio: the largest share of the compared paragraphs that may stand in one of them; None: any. require_paragraphs:
    whether a check that compared nothing is no check.
    """

    fail_on: tuple[str, ...] = ()
    max_repeats: int | None = None
    max_ratio: float | None = None
    require_paragraphs: bool = False

    def __post_init__(self) -> None:
        for name in self.fail_on:
            if name not in FAIL_ON:
                raise ConfigError(f"fail_on: unknown value {name!r}; known are {', '.join(FAIL_ON)}")
        if NEVER in self.fail_on and len(set(self.fail_on)) > 1:
            raise ConfigError(f"fail_on: {NEVER} goes with nothing else; leave it out, or all others")
        if self.max_repeats is not None and self.max_repeats < 0:
            raise ConfigError(f"max_repeats: {self.max_repeats} is below 0; give the number of repeats that are allowed")
        if self.max_ratio is not None and not 0 <= self.max_ratio <= 1:
            what = f"{self.max_ratio:g} is outside 0 to 1"
            raise ConfigError(f"max_ratio: {what}; give the share of paragraphs that may repeat, such as 0.05")

    @property
    def given(self) -> bool:
        """Whether anything else is asked for than no repeats."""
        return self != Allowance()

    def check_against(self, config: Config) -> None:
        """Raise ConfigError if the check cannot fail on something that it is to fail on: it would always pass."""
        counting = {*config.kinds, *(kind for override in config.overrides for kind in override.kinds or ())}
        for name in self.fail_on:
            if name in KINDS and name not in counting:
                raise ConfigError(f"fail_on: {name} does not count, as kinds has {', '.join(config.kinds)}; name it in both")
        if BOILERPLATE in self.fail_on and not config.count_boilerplate:
            raise ConfigError(f"fail_on: {BOILERPLATE} does not count; set count_boilerplate too")
        if BOILERPLATE in self.fail_on and (config.scope == "within" or not config.boilerplate_documents):
            what = "there is none, by scope within or boilerplate_documents 0"
            raise ConfigError(f"fail_on: {BOILERPLATE}: {what}; leave one of them out")
