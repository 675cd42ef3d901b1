"""The command line of training: what is wrong is said in one line, and every setting of the network has help."""

from __future__ import annotations

import difflib
import inspect
import re
from dataclasses import MISSING, fields
from typing import NoReturn

from docstring_parser import parse
from lightning.pytorch.cli import LightningArgumentParser

from training.errors import SettingsError
from training.networks import Settings

_NETWORK = "model.network"
_UNKNOWN = re.compile(r"unrecognized arguments?: (?P<given>.*)", re.IGNORECASE)
_NAME = re.compile(r"--[\w.+-]+")


class Arguments(LightningArgumentParser):
    """A parser that raises what it cannot read, in place of printing every option that there is."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Stop.

        Raises:
            SettingsError: with the message in one line, and the option that was probably meant.
        """
        text = " ".join(message.split())
        unknown = _UNKNOWN.search(text)
        if unknown:
            names = _NAME.findall(unknown["given"]) or [unknown["given"]]
            known = {option for action in self._actions for option in action.option_strings}
            known |= {f"--{_NETWORK}.{setting.name}" for setting in fields(Settings)}
            close = difflib.get_close_matches(names[0].partition("=")[0], known, 1)
            meant = f"; {close[0]} may be meant" if close else ""
            text = f"There is no option {', '.join(names)}{meant}"
        raise SettingsError(f"{text.rstrip('.')}. `train.py fit --help` lists what there is") from ex

    def tell_network_settings(self) -> None:
        """Give --model.network, which takes any of `Settings`, the help of each of them."""
        action = next((action for action in self._actions if action.dest == _NETWORK), None)
        if action is not None:
            action.help = network_help()


def network_help() -> str:
    """The settings of a network with their defaults, from the docstring of `Settings`."""
    told = {p.arg_name: " ".join((p.description or "").split()) for p in parse(inspect.getdoc(Settings) or "").params}
    lines = ["settings of the network, each as --model.network.NAME VALUE:"]
    for setting in fields(Settings):
        if setting.name == "classes":  # counted in the data
            continue
        factory = setting.default_factory
        default = setting.default if factory is MISSING else factory()
        lines.append(f"{setting.name}: {told[setting.name]} (default: {default})".replace("%", "%%"))
    return "; ".join(lines).replace(":;", ":")
